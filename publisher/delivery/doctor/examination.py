"""The whole examination: facts are gathered here, and handed to those who judge."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from publisher.config.secrets import SecretMissing, read_secret
from publisher.config.settings import Settings
from publisher.delivery.doctor.answers import Lookup
from publisher.delivery.doctor.configuration import configuration_findings
from publisher.delivery.doctor.dkim import SigningKey
from publisher.delivery.doctor.domain import dns_findings, needed_records
from publisher.delivery.doctor.endpoint import endpoint_findings, unseen, visit
from publisher.delivery.doctor.finding import Finding, error, note
from publisher.delivery.doctor.machine import (
    cron_findings,
    cron_lines,
    place_findings,
    places,
    room_findings,
    rooms,
    target_findings,
    zone_findings,
)
from publisher.delivery.doctor.message import message_findings
from publisher.delivery.doctor.relay import relay_findings
from publisher.delivery.doctor.resolver import live, offline, zone_file
from publisher.delivery.doctor.senders import Senders, relay_host, senders_of
from publisher.delivery.doctor.state import state_findings
from publisher.delivery.smtp.probe import probe
from publisher.delivery.transports import relay_of
from publisher.errors import PublisherError, UsageError
from publisher.files import STATE_FOLDER
from publisher.newsletter.mail.dkim import Signer
from publisher.newsletter.schedule import Period, period
from publisher.store import Store

#: How long the relay, and each request to the public pages, may take, in seconds.
_RELAY_SECONDS, _PAGE_SECONDS = 30.0, 10.0
_SQLITE = "sqlite:///"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be looked at, and how."""

    #: Opens no connection and asks no name server.
    offline: bool = False
    #: A zone file that answers instead of name servers.
    zone: Path | None = None
    #: A delivered mail.
    message: Path | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found."""

    findings: tuple[Finding, ...]
    #: All DNS records that the publication needs, as lines of a zone file.
    records: tuple[str, ...]


def examine(
    folder: Path, settings: Settings, open_store: Callable[[], Store], now: datetime, wanted: Wanted
) -> Examination:
    """Look at everything that could keep mails from arriving. Nothing is sent, and nothing is changed.

    Args:
        folder: the publication's.
        settings: of publisher.toml.
        open_store: opens the database; raises `StoreMissing` where there is none.
        now: the clock.
        wanted: what is to be looked at.

    Raises:
        UsageError: the zone file or the mail cannot be read.
    """
    senders, host = senders_of(settings), relay_host(settings)
    lookup = _lookup(wanted, senders)
    secrets, keys, findings = _secrets(folder, settings)
    findings += configuration_findings(settings, senders, secrets, _periods(settings, now))
    findings += _relay(folder, settings, now, secrets, offline=wanted.offline)
    findings += dns_findings(senders, keys, host, lookup)
    findings += _endpoint(settings, now, offline=wanted.offline)
    findings += _machine(folder, settings)
    findings += state_findings(open_store, folder, now)
    if wanted.message:
        findings += message_findings(wanted.message, lookup)
    return Examination(tuple(dict.fromkeys(findings)), needed_records(senders, keys, host))


def records(folder: Path, settings: Settings) -> tuple[str, ...]:
    """Return all DNS records that a publication needs, as lines of a zone file."""
    _, keys, _ = _secrets(folder, settings)
    return needed_records(senders_of(settings), keys, relay_host(settings))


def _lookup(wanted: Wanted, senders: Senders) -> Lookup:
    if wanted.zone:
        return zone_file(wanted.zone, tuple(dict.fromkeys((*senders.domains, *senders.return_domains))))
    return offline if wanted.offline else live()


def _secrets(folder: Path, settings: Settings) -> tuple[dict[str, str], tuple[SigningKey, ...], list[Finding]]:
    """Read all secrets; return what is wrong with each, the keys that sign, and what is wrong with those."""
    faults: dict[str, str] = {}
    named = {
        "delivery.password": settings.delivery.password if settings.delivery else None,
        "state.password": settings.state.password,
        "state.keys": settings.state.keys,
    }
    for place, secret in named.items():
        if secret is not None:
            faults[place] = _read(secret, folder, place)[1]
    keys, found = [], []
    for number, one in enumerate(settings.dkim, 1):
        place = f"dkim.{number}.key"
        pem, faults[place] = _read(one.key, folder, place)
        record = ""
        try:
            record = Signer(one.domain, one.selector, pem.encode()).record if pem else ""
        except UsageError as mistake:
            found.append(error("config.dkim", str(mistake)))
        except PublisherError as lacking:
            found.append(note("config.dkim", str(lacking)))
        keys.append(SigningKey(one.domain.lower(), one.selector, record))
    return faults, tuple(keys), found


def _read(secret: dict[str, str], folder: Path, place: str) -> tuple[str, str]:
    """Return a secret, and what is wrong with it."""
    try:
        return read_secret(secret, folder, place), ""
    except SecretMissing as fault:
        return "", str(fault)


def _periods(settings: Settings, now: datetime) -> dict[str, Period | None]:
    found: dict[str, Period | None] = {}
    for newsletter in settings.newsletters:
        try:
            found[newsletter.name] = period(newsletter.schedule, settings.zone, now)
        except UsageError:
            found[newsletter.name] = None
    return found


def _relay(
    folder: Path, settings: Settings, now: datetime, secrets: dict[str, str], *, offline: bool
) -> Iterator[Finding]:
    delivery = settings.delivery
    if delivery is None:
        return
    if not delivery.url.startswith(("smtp:", "smtps:", "lmtp:")):
        yield from target_findings(delivery, folder)
    elif offline:
        yield note("smtp.connect", f"{delivery.url} was not looked at: the doctor works offline")
    elif not secrets.get("delivery.password"):
        password = _read(delivery.password, folder, "delivery.password")[0] if delivery.password else ""
        yield from relay_findings(probe(relay_of(delivery, password, folder, settings.host), _RELAY_SECONDS), now)


def _endpoint(settings: Settings, now: datetime, *, offline: bool) -> Iterator[Finding]:
    if settings.web is None:
        return
    if offline:
        yield unseen(settings.web.url)
        return
    visits = tuple(visit(settings.web.url, method, _PAGE_SECONDS) for method in ("GET", "POST"))
    yield from endpoint_findings(settings.web.url, visits, now)


def _machine(folder: Path, settings: Settings) -> Iterator[Finding]:
    url = settings.state.url
    database = folder / url.removeprefix(_SQLITE) if url.startswith(_SQLITE) else None
    yield from place_findings(places(folder, database), os.geteuid())
    whole = folder.absolute()
    yield from room_findings(rooms((whole / STATE_FOLDER, whole / "issues")))
    yield from zone_findings(settings.publication.timezone)
    yield from cron_findings(cron_lines(), whole, is_needed=bool(settings.newsletters))
