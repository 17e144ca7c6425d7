"""All that the DNS must say for the mails of a publication, and the records to paste there."""

from collections.abc import Iterator, Sequence

from publisher.delivery.doctor import dmarc, spf
from publisher.delivery.doctor.answers import Lookup
from publisher.delivery.doctor.dkim import SigningKey, dkim_findings
from publisher.delivery.doctor.finding import Finding
from publisher.delivery.doctor.hosts import addresses, mx_findings, optional_findings, ptr_findings
from publisher.delivery.doctor.senders import Senders


def dns_findings(senders: Senders, keys: Sequence[SigningKey], host: str, lookup: Lookup) -> Iterator[Finding]:
    """Judge what the DNS says.

    Args:
        senders: in whose names mails leave.
        keys: that sign.
        host: the relay's; empty where none takes the mails.
        lookup: asks the DNS.
    """
    if not senders.known:
        return
    relay = addresses(host, lookup) if "." in host or ":" in host else ()
    for domain in senders.return_domains:
        yield from spf.spf_findings(domain, lookup, relay, host)
    for key in keys:
        yield from dkim_findings(key, lookup(key.name, "TXT"))
    signing = tuple(dict.fromkeys(key.domain for key in keys))
    for domain in senders.domains:
        policy = dmarc.discover(domain, lookup)
        yield from dmarc.dmarc_findings(domain, policy, lookup)
        for back in dict.fromkeys(one.return_domain for one in senders.known if one.domain == domain):
            yield from dmarc.alignment_findings(dmarc.Passing(domain, back, signing), policy, lookup)
        yield from mx_findings(domain, "answers", lookup)
        yield from optional_findings(domain, lookup, policy)
    for domain in senders.return_domains:
        if domain not in senders.domains:
            yield from mx_findings(domain, "bounces", lookup)
    yield from ptr_findings(relay, lookup)


def needed_records(senders: Senders, keys: Sequence[SigningKey], host: str) -> tuple[str, ...]:
    """Return the records that the DNS must have, as lines of a zone file; where others are there, SPF is joined to theirs."""
    lines = [line for domain in senders.return_domains if (line := spf.proposed(domain, host))]
    lines += [key.line for key in keys if key.line]
    lines += [dmarc.proposed(domain) for domain in senders.domains]
    return tuple(lines)
