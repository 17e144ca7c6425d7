"""Asking the DNS: live, from a zone file, or not at all. The one home of dnspython here."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.PTR
import dns.rdtypes.ANY.TXT
import dns.resolver
import dns.tokenizer
import dns.zonefile

from publisher.delivery.doctor.answers import ABSENT, Answer, Kind, Lookup, Standing, failed, unknown
from publisher.errors import UsageError
from publisher.files import read_file

#: How long one question may take, in seconds, and how many names one may lead to.
_SECONDS, _CHAIN = 5.0, 8
_LARGEST = 16 * 2**20
#: Lines that are put before a zone file, so that one without them is read, too.
_DEFAULTS = "$TTL 3600\n$ORIGIN {origin}.\n"


def offline(_name: str, _kind: Kind) -> Answer:
    """Ask nobody."""
    return unknown("the doctor works offline")


def live(servers: tuple[str, ...] = (), port: int = 53, seconds: float = _SECONDS) -> Lookup:
    """Return what asks the name servers of this machine.

    Args:
        servers: asked instead; addresses.
        port: of these.
        seconds: how long one question may take.
    """
    try:
        resolver = dns.resolver.Resolver(configure=not servers)
    except dns.resolver.NoResolverConfiguration:
        return lambda _name, _kind: failed("this machine has no name servers; look at /etc/resolv.conf")
    if servers:
        resolver.nameservers, resolver.port = list(servers), port
    resolver.timeout, resolver.lifetime = seconds / 2, seconds
    return remembered(lambda name, kind: _asked(resolver, name, kind))


def remembered(lookup: Lookup) -> Lookup:
    """Return what asks each question once; after three that nobody answered, it does not wait for more."""
    known: dict[tuple[str, Kind], Answer] = {}
    silent: list[str] = []

    def ask(name: str, kind: Kind) -> Answer:
        key = (name.lower().rstrip("."), kind)
        if key not in known:
            known[key] = lookup(*key) if len(silent) < 3 else failed(silent[-1])
            if known[key].standing is Standing.FAILED:
                silent.append(known[key].reason)
            elif known[key].standing is not Standing.UNKNOWN:
                silent.clear()
        return known[key]

    return ask


def _asked(resolver: dns.resolver.Resolver, name: str, kind: Kind) -> Answer:
    try:
        found = resolver.resolve(f"{name}.", kind, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return ABSENT
    except dns.resolver.NoNameservers:
        return failed("the name servers refuse or fail to answer")
    except dns.exception.Timeout:
        return failed("no name server answers in time")
    except (dns.exception.DNSException, UnicodeError):
        return failed("that is no name the DNS can hold")
    except OSError as error:
        return failed(f"no name server can be reached: {error.strerror or error}")
    return Answer(Standing.FOUND, tuple(sorted(map(_value, found))))


def _value(data: dns.rdata.Rdata) -> str:
    if isinstance(data, dns.rdtypes.ANY.TXT.TXT):
        # RFC 7208 §3.3, RFC 6376 §3.6.2.2: strings are joined without anything between them.
        return b"".join(data.strings).decode("utf-8", "replace")
    if isinstance(data, dns.rdtypes.ANY.MX.MX):
        return f"{data.preference} {_plain(data.exchange)}"
    if isinstance(data, dns.rdtypes.ANY.PTR.PTR):
        return _plain(data.target)
    return data.to_text()


def _plain(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower() if name != dns.name.root else ""


def zone_file(path: Path, origins: tuple[str, ...]) -> Lookup:
    """Return what answers from a zone file (RFC 1035 §5); of names that it does not cover, nobody knows.

    Args:
        path: the file.
        origins: domains that it covers if it has no SOA record; names without a dot at their end are below the first.

    Raises:
        UsageError: the file cannot be read, or is no zone file.
    """
    try:
        text = read_file(path, _LARGEST).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from error
    try:
        reading = _Reading(_DEFAULTS.format(origin=origins[0] if origins else "invalid") + text)
    except (dns.exception.DNSException, ValueError, IndexError) as error:
        raise UsageError(f"{path}: is no zone file (RFC 1035): {_mistake(error)}") from error
    covered = reading.tops or [dns.name.from_text(origin) for origin in origins]
    return _from_zone(reading.records, lambda name: any(name.is_subdomain(top) for top in covered))


class _Reading(dns.zonefile.RRsetsReaderTransaction):
    """Takes what a zone file says; one in which not all stands that a server needs will do."""

    def __init__(self, text: str) -> None:
        super().__init__(dns.zonefile.RRSetsReaderManager(), True, False)  # type: ignore[no-untyped-call]
        self.tops: list[dns.name.Name] = []
        self.records: dict[tuple[dns.name.Name, dns.rdatatype.RdataType], list[dns.rdata.Rdata]] = {}
        dns.zonefile.Reader(dns.tokenizer.Tokenizer(text), dns.rdataclass.IN, self).read()

    def add(self, name: dns.name.Name, _ttl: int, data: dns.rdata.Rdata) -> None:
        if data.rdtype == dns.rdatatype.SOA:
            self.tops.append(name)
        self.records.setdefault((name, data.rdtype), []).append(data)


def _mistake(error: Exception) -> str:
    """Return the parser's words; the line that it names is the mistake's or the one behind it."""
    place, _, words = str(error).partition(": ")
    number = place.rpartition(":")[2]
    return f"about line {int(number) - _DEFAULTS.count(chr(10))}: {words}" if number.isdecimal() else str(error)


def _from_zone(
    records: Mapping[tuple[dns.name.Name, dns.rdatatype.RdataType], Sequence[dns.rdata.Rdata]],
    covers: Callable[[dns.name.Name], bool],
) -> Lookup:
    def ask(name: str, kind: Kind) -> Answer:
        try:
            place = dns.name.from_text(name)
        except (dns.exception.DNSException, UnicodeError):
            return failed("that is no name the DNS can hold")
        for _ in range(_CHAIN):
            if not covers(place):
                return unknown("the zone file does not cover it")
            found = records.get((place, dns.rdatatype.from_text(kind)))
            if found:
                return Answer(Standing.FOUND, tuple(sorted(map(_value, found))))
            alias = records.get((place, dns.rdatatype.CNAME), ())
            if not alias:
                return ABSENT
            place = alias[0].target  # type: ignore[attr-defined] # as CNAME has it
        return failed("it leads from name to name without end")

    return ask
