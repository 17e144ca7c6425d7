"""Where answers and bounces go, who the relay is, and what else the DNS may say about mail."""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address, ip_network

from publisher.delivery.doctor.answers import Answer, Kind, Lookup, Standing
from publisher.delivery.doctor.dmarc import Policy
from publisher.delivery.doctor.finding import Finding, error, note, ok, warning

_ADDRESSES: tuple[Kind, ...] = ("A", "AAAA")
#: Seen from here alone: this machine, and private networks (RFC 1918, RFC 4193).
_INNER = tuple(map(ip_network, ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))


def mx_findings(domain: str, what: str, lookup: Lookup) -> Iterator[Finding]:
    """Say whether a domain takes mail (RFC 5321 §5.1, RFC 7505).

    Args:
        domain: of an address.
        what: goes there, such as `answers`.
        lookup: asks the DNS.
    """
    rule = "dns.mx"
    answer = lookup(domain, "MX")
    if answer.is_silent:
        yield note(rule, f"where {domain} takes mail was not seen: {answer.reason}")
        return
    hosts = [value.partition(" ")[2] for value in answer.values]
    if answer.standing is Standing.ABSENT:
        if _has_address(domain, lookup) is False:
            cure = f"add an MX record: {domain}. IN MX 10 and the name of your mail server"
            yield error(rule, f"{domain} takes no mail, so {what} are lost, and some receivers refuse its mails", cure)
        else:
            yield warning(rule, f"{domain} has no MX record; {what} go to its own address", "add an MX record")
    elif hosts in ([""], ["."]):
        yield error(rule, f"{domain} says that it takes no mail (RFC 7505), so {what} are lost", "name a mail server")
    else:
        lost = [host for host in hosts if _has_address(host, lookup) is False]
        for host in lost:
            yield error(rule, f"{host}, which takes mail for {domain}, has no address", "correct the MX record")
        if not lost:
            yield ok(rule, f"{hosts[0]} takes mail for {domain}")


def _has_address(host: str, lookup: Lookup) -> bool | None:
    """Return whether a host has an address; None where nobody knows."""
    answers = [lookup(host, kind) for kind in _ADDRESSES]
    if any(answer.standing is Standing.FOUND for answer in answers):
        return True
    return None if any(answer.is_silent for answer in answers) else False


def _is_inner(host: str) -> bool:
    """Say whether a relay is this machine or in a private network: what its address is outside is not seen from here."""
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")  # RFC 6761 §6.3
    return any(address in network for network in _INNER)


def spf_mechanism(host: str) -> str:
    """Return what names a relay in an SPF record (RFC 7208 §5); empty where its address outside is not seen from here.

    Args:
        host: its name or address; empty where none takes the mails, which then leave like those of the domain itself.
    """
    if _is_inner(host):
        return ""
    try:
        return f"ip{ip_address(host).version}:{host}"
    except ValueError:
        return f"a:{host}" if "." in host else "mx"


def addresses(host: str, lookup: Lookup) -> tuple[str, ...]:
    """Return the public addresses of a host."""
    try:
        found = [str(ip_address(host))]
    except ValueError:
        found = [one for kind in _ADDRESSES for one in lookup(host, kind).values]
    return tuple(one for one in found if ip_address(one).is_global)


def ptr_findings(relay: Sequence[str], lookup: Lookup) -> Iterator[Finding]:
    """Say whether the relay's public addresses lead back to a name, and that to them (RFC 1912 §2.1)."""
    rule = "dns.ptr"
    for one in relay:
        answer = lookup(ip_address(one).reverse_pointer, "PTR")
        if answer.is_silent:
            yield note(rule, f"the name of the relay's address {one} was not seen: {answer.reason}")
        elif not any(one in addresses(name, lookup) for name in answer.values):
            yield note(
                rule,
                f"the relay's address {one} does not lead to a name and back, and receivers distrust mails from such",
                "if mails leave from it, have its owner set a PTR record",
            )
        else:
            yield ok(rule, f"the relay's address {one} is {answer.values[0]}")


def optional_findings(domain: str, lookup: Lookup, policy: Policy) -> Iterator[Finding]:
    """Judge what nobody has to have: TLS-RPT (RFC 8460), MTA-STS (RFC 8461), BIMI."""
    for rule, name, start in (
        ("dns.tls-rpt", f"_smtp._tls.{domain}", "v=TLSRPTv1"),
        ("dns.mta-sts", f"_mta-sts.{domain}", "v=STSv1"),
        ("dns.bimi", f"default._bimi.{domain}", "v=BIMI1"),
    ):
        answer = lookup(name, "TXT")
        if answer.standing is Standing.FOUND:
            yield from _optional(rule, name, start, answer, policy)


def _optional(rule: str, name: str, start: str, answer: Answer, policy: Policy) -> Iterator[Finding]:
    records = [value for value in answer.values if value.startswith(start)]
    if len(records) != 1:
        yield warning(rule, f"{name} has {len(records)} records that start with {start}", "leave one, or none")
    elif rule == "dns.bimi" and policy.place and policy.tag("p") == "none":
        yield note(rule, f"{name} names a sign, but none is shown as long as DMARC only watches (p=none)")
    else:
        yield ok(rule, f"{name} is there")
