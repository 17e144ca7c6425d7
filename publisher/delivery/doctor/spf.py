"""SPF (RFC 7208): who may send in a domain's name, as receivers read it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from publisher.delivery.doctor.answers import Kind, Lookup, Standing, txt_line
from publisher.delivery.doctor.finding import Finding, error, note, ok, warning
from publisher.delivery.doctor.hosts import spf_mechanism

RULE = "dns.spf"
#: RFC 7208 §4.6.4: receivers give up beyond so many questions, and beyond so many without an answer.
MOST_LOOKUPS, MOST_VOIDS = 10, 2
#: The doctor itself asks no more than this, whatever the records say.
_PATIENCE = 40
_TERM = re.compile(
    r"(?P<sign>[-+~?]?)(?P<name>all|include|a|mx|ptr|ip4|ip6|exists)(?::(?P<value>[^/]+|[0-9A-Fa-f:.]+))?"
    r"(?P<length>(?:/\d{1,3})?(?://\d{1,3})?)",
    re.IGNORECASE,
)
_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)")
_IP = re.compile(r"(?P<sign>[-+~?]?)ip[46]:(?P<network>[0-9A-Fa-f:.]+(?:/\d{1,3})?)", re.IGNORECASE)
_NEEDS_NAME = frozenset({"include", "exists"})
_ASKS = frozenset({"include", "a", "mx", "ptr", "exists"})


@dataclass(slots=True)
class Reading:
    """What became of reading a domain's record and those that it includes."""

    lookups: int = 0
    voids: int = 0
    #: The sign of the record's own `all`; empty where it has none.
    all: str = ""
    #: It has the mechanism ptr.
    asks_ptr: bool = False
    faults: list[str] = field(default_factory=list)
    #: Names of which nobody knows what the DNS says, and why.
    silent: list[str] = field(default_factory=list)
    networks: list[IPv4Network | IPv6Network] = field(default_factory=list)


def spf_findings(domain: str, lookup: Lookup, relay: tuple[str, ...], host: str) -> Iterator[Finding]:
    """Judge a domain's SPF record.

    Args:
        domain: that of the envelope's sender.
        lookup: asks the DNS.
        relay: addresses of the relay; empty where they are unknown or private.
        host: the relay's name or address, for the record that is proposed; empty where there is none.
    """
    answer = lookup(domain, "TXT")
    if answer.is_silent:
        yield note(RULE, f"the SPF record of {domain} was not seen: {answer.reason}")
        return
    records = _records(answer.values)
    if not records:
        yield _missing(domain, host)
    elif len(records) > 1:
        yield error(RULE, f"{domain} has {len(records)} SPF records, which counts as none", "join them into one")
    else:
        yield from _judged(domain, read_spf(domain, records[0], lookup), relay)


def proposed(domain: str, host: str) -> str:
    """Return the record for a domain whose mails leave through a relay, as a line of a zone file; empty for none."""
    mechanism = spf_mechanism(host)
    return txt_line(domain, f"v=spf1 {mechanism} ~all") if mechanism else ""


def _missing(domain: str, host: str) -> Finding:
    what, line = f"{domain} has no SPF record", proposed(domain, host)
    if line:
        return error(RULE, what, f"add a TXT record: {line.partition(' IN TXT ')[2]}", line)
    return note(
        RULE,
        f"{what}, and from which address {host} sends on is not seen from here",
        "if it sends on to other receivers, add a TXT record that names that address, with ip4: or ip6:",
    )


def read_spf(domain: str, record: str, lookup: Lookup) -> Reading:
    """Read a record and all that it includes, as receivers do who find no match before the end."""
    reading = Reading()
    _read(domain, record, lookup, reading, (domain,))
    return reading


def _records(values: tuple[str, ...]) -> list[str]:
    return [value for value in values if value.lower() == "v=spf1" or value.lower().startswith("v=spf1 ")]


def _read(domain: str, record: str, lookup: Lookup, reading: Reading, path: tuple[str, ...]) -> None:
    redirect = ""
    has_all = False
    for term in record.split()[1:]:
        modifier = _MODIFIER.fullmatch(term)
        if modifier:
            redirect = modifier[2] if modifier[1].lower() == "redirect" else redirect
            continue
        if term.lower().lstrip("+-~?").startswith(("ip4:", "ip6:")):
            _network(term, path, reading)
            continue
        found = _TERM.fullmatch(term)
        if not found or (found["name"].lower() in _NEEDS_NAME and not found["value"]):
            reading.faults.append(f'{path[-1]} says "{term[:60]}", which is no part of an SPF record')
            continue
        name = found["name"].lower()
        if name == "all":
            has_all = True
            if len(path) == 1:
                reading.all = found["sign"] or "+"
        elif name in _ASKS:
            _ask(name, found["value"] or domain, lookup, reading, path)
    if redirect and not has_all:
        _follow(redirect, lookup, reading, path, is_redirect=True)


def _network(term: str, path: tuple[str, ...], reading: Reading) -> None:
    found = _IP.fullmatch(term)
    try:
        network = ip_network(found["network"] if found else "", strict=False)
    except ValueError:
        reading.faults.append(f'{path[-1]} says "{term[:60]}", which is no address')
        return
    if found and found["sign"] in ("", "+"):
        reading.networks.append(network)


def _ask(name: str, target: str, lookup: Lookup, reading: Reading, path: tuple[str, ...]) -> None:
    """Do what one mechanism asks receivers to do."""
    if name == "include":
        _follow(target, lookup, reading, path, is_redirect=False)
        return
    reading.lookups += 1
    if name == "ptr":
        reading.asks_ptr = True
    if name == "ptr" or "%" in target or reading.lookups > _PATIENCE:
        return  # who sends decides what is asked
    if name == "mx":
        _hosts(target, lookup, reading)
    else:
        _addresses(target, lookup, reading)


def _hosts(target: str, lookup: Lookup, reading: Reading) -> None:
    answer = lookup(target, "MX")
    _note(target, answer.standing, answer.reason, reading)
    for value in answer.values[:10]:
        for kind in _ADDRESSES:
            reading.networks += [ip_network(one) for one in lookup(value.partition(" ")[2], kind).values]


def _addresses(target: str, lookup: Lookup, reading: Reading) -> None:
    answers = [lookup(target, kind) for kind in _ADDRESSES]
    for answer in answers:
        reading.networks += [ip_network(one) for one in answer.values]
    if not any(answer.values for answer in answers):
        silent = next((answer for answer in answers if answer.is_silent), answers[0])
        _note(target, silent.standing, silent.reason, reading)


_ADDRESSES: tuple[Kind, ...] = ("A", "AAAA")


def _note(name: str, standing: Standing, reason: str, reading: Reading) -> None:
    if standing is Standing.ABSENT:
        reading.voids += 1
    elif standing is not Standing.FOUND:
        reading.silent.append(f"{name}: {reason}")


def _follow(target: str, lookup: Lookup, reading: Reading, path: tuple[str, ...], *, is_redirect: bool) -> None:
    """Read the record of another domain, which counts as one question and those that it asks."""
    reading.lookups += 1
    name = target.lower().rstrip(".")
    if "%" in name or reading.lookups > _PATIENCE:
        return
    if name in path:
        reading.faults.append(f"{path[-1]} includes {name}, which is already being read")
        return
    answer = lookup(name, "TXT")
    _note(name, answer.standing, answer.reason, reading)
    if answer.is_silent:
        return
    records = _records(answer.values)
    if len(records) != 1:
        what = "no SPF record" if not records else f"{len(records)} SPF records"
        reading.faults.append(f"{path[-1]} includes {name}, which has {what}: receivers refuse to go on")
        return
    # What `all` of an included record says is of no consequence; that of a redirect stands for our own (RFC 7208 §6.1).
    if is_redirect and len(path) == 1:
        inner = Reading(reading.lookups, reading.voids)
        _read(name, records[0], lookup, inner, (name,))
        reading.lookups, reading.voids, reading.all = inner.lookups, inner.voids, inner.all
        reading.asks_ptr |= inner.asks_ptr
        reading.faults += inner.faults
        reading.silent += inner.silent
        reading.networks += inner.networks
    else:
        _read(name, records[0], lookup, reading, (*path, name))


def _judged(domain: str, reading: Reading, relay: tuple[str, ...]) -> Iterator[Finding]:
    found = [*_broken(domain, reading), *_ends(domain, reading)]
    yield from found
    if reading.silent:
        yield note(RULE, f"SPF of {domain} was read in part only: {reading.silent[0]}")
    covered = [one for one in relay if any(ip_address(one) in network for network in reading.networks)]
    if covered:
        yield ok(RULE, f"SPF of {domain} covers the relay's address {covered[0]}")
    elif relay:
        yield note(
            RULE,
            f"SPF of {domain} does not name the relay's address {relay[0]}; whether it names the one that mails leave "
            "from, a delivered mail shows",
            "look at one with: publisher doctor --message FILE.eml",
        )
    if not found:
        yield ok(RULE, f"{domain} has an SPF record with {reading.lookups} of {MOST_LOOKUPS} look-ups")


def _broken(domain: str, reading: Reading) -> Iterator[Finding]:
    for fault in dict.fromkeys(reading.faults):
        yield error(RULE, fault, "correct the record: with this mistake it counts as none")
    if reading.lookups > MOST_LOOKUPS:
        yield error(
            RULE,
            f"SPF of {domain} asks {reading.lookups} questions, more than the {MOST_LOOKUPS} that receivers ask",
            "take out includes that no mail needs any more, or write their networks as ip4: and ip6:",
        )
    if reading.voids > MOST_VOIDS:
        yield error(
            RULE,
            f"SPF of {domain} names {reading.voids} domains that do not exist, and receivers give up at more than "
            f"{MOST_VOIDS}",
            "take them out",
        )


def _ends(domain: str, reading: Reading) -> Iterator[Finding]:
    if reading.asks_ptr:
        yield warning(
            RULE, f"SPF of {domain} asks for ptr, which is slow and to be avoided (RFC 7208 §5.5)", "take it out"
        )
    if reading.all == "+":
        yield error(RULE, f"SPF of {domain} ends in +all, which lets everybody send in its name", "end it in ~all")
    elif reading.all not in ("-", "~") and not reading.silent:
        what = "in ?all" if reading.all else "without all"
        yield warning(RULE, f"SPF of {domain} ends {what}, which says nothing of other senders", "end it in ~all")
