"""What the settings alone tell: whether all is there that sending needs, and whether it fits together."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.delivery.doctor.finding import Finding, error, note, ok, warning
from publisher.delivery.doctor.senders import Senders, domain_of
from publisher.errors import UsageError
from publisher.newsletter.mail.addresses import split_mailbox
from publisher.newsletter.schedule import Period

#: Hosts from which one-click addresses can be tried out, but not used.
LOOPBACK = ("localhost", "127.0.0.1", "::1")
#: Of templates/init/publisher.toml.
_AUTHOR, _STREET = "Ada Example", "1 Sample Street"


def configuration_findings(
    settings: Settings, senders: Senders, secrets: Mapping[str, str], periods: Mapping[str, Period | None]
) -> Iterator[Finding]:
    """Judge the settings.

    Args:
        settings: of publisher.toml.
        senders: as they name them.
        secrets: dotted paths of the secrets that they name, each with what is wrong with it, empty where nothing is.
        periods: of each newsletter, the period that holds now; None where its schedule has no dates.
    """
    if not settings.newsletters:
        yield note("config.newsletter", "no newsletter is defined", "add [[newsletters]] with a name to publisher.toml")
    yield from _samples(settings)
    yield from _delivery(settings)
    yield from _web(settings)
    for place, fault in senders.faults:
        yield error("config.address", f"{place}: {fault}")
    for place, fault in secrets.items():
        yield error("config.secret", fault) if fault else ok("config.secret", f"{place} is there")
    for newsletter in settings.newsletters:
        yield from _newsletter(newsletter, settings, senders)
        yield from _schedule(newsletter, periods.get(newsletter.name))
    if not settings.dkim and settings.newsletters:
        yield note(
            "config.dkim",
            "nothing signs here, which is well if your relay does",
            "prove that it covers both unsubscribe fields: publisher doctor --message FILE.eml; see docs/dkim.md",
        )


def _samples(settings: Settings) -> Iterator[Finding]:
    """Name what `publisher init` laid down and nobody has changed since."""
    author = settings.publication.author
    if author is not None and author.name == _AUTHOR:
        cure = "write your own name, or take author away"
        yield note("config.sample", f"author is {_AUTHOR}, as publisher init had it", cure)
    for newsletter in settings.newsletters:
        if _STREET in newsletter.postal_address:
            what = f"the postal address of {newsletter.name} is {_STREET}, as publisher init had it"
            yield note("config.sample", what, "write your own, which readers and the law ask for")


def _delivery(settings: Settings) -> Iterator[Finding]:
    delivery = settings.delivery
    if delivery is None:
        if settings.newsletters:
            cure = 'add url = "smtp://…" to [delivery] in publisher.toml'
            yield error("config.delivery", "no way to deliver is set", cure)
        return
    if delivery.url.startswith(("maildir:", "folder:")):
        yield note(
            "config.delivery", "mails are put into a folder here and reach nobody", "set a relay as [delivery] url"
        )
    else:
        yield ok("config.delivery", "a way to deliver is set")
    if delivery.return_path is None:
        yield warning(
            "config.return-path",
            "bounces go to the newsletter's own address and do not name the reader",
            "set return_path in [delivery] to a mailbox that [bounces] path reads",
        )
    elif settings.bounces.path is None:
        yield note(
            "config.bounces", "nothing reads the bounces", "set path in [bounces], or run: publisher bounces PATH"
        )
    if delivery.unsubscribe is None:
        return
    try:
        split_mailbox(delivery.unsubscribe)
    except UsageError as mistake:
        yield error("config.address", f"delivery.unsubscribe: {mistake}")


def _web(settings: Settings) -> Iterator[Finding]:
    if settings.web is None:
        if settings.newsletters:
            yield error(
                "config.web",
                "readers cannot unsubscribe with one click, and large receivers refuse such mails (RFC 8058)",
                'add url = "https://…" to [web] in publisher.toml',
            )
        return
    parts = urlsplit(settings.web.url)
    if parts.hostname in LOOPBACK:
        yield warning(
            "config.web", f"{settings.web.url} is reachable from this machine alone", "set the public address"
        )
    elif parts.scheme != "https":
        yield error("config.web", f"{settings.web.url} is not encrypted, and RFC 8058 wants https", "write https://")
    else:
        yield ok("config.web", f"readers unsubscribe at {settings.web.url}")


def _newsletter(newsletter: NewsletterSettings, settings: Settings, senders: Senders) -> Iterator[Finding]:
    name = newsletter.name
    if not newsletter.postal_address.strip():
        yield warning(
            "config.postal-address",
            f"{name} has no postal address, which the law of many countries asks for",
            "set postal_address in its [[newsletters]]",
        )
    sender = next((one for one in senders.known if one.newsletter == name), None)
    if sender is None:
        return
    if newsletter.sender is None:
        cure = "set from in its [[newsletters]] to an address that takes answers"
        yield warning("config.from", f"{name} comes from {sender.address}, which nobody chose", cure)
    list_id = newsletter.list_id or f"{name}.{settings.host}"
    if not _are_related(list_id.lower(), sender.domain):
        yield warning(
            "config.list-id",
            f"the list id {list_id} of {name} is not below {sender.domain}, where its mails come from (RFC 2919 §2)",
            "set list_id before the first issue is sent; later it must not change",
        )
    for key in settings.dkim:
        if not f".{sender.domain}".endswith(f".{key.domain.lower()}"):
            yield error(
                "config.dkim",
                f"[[dkim]] {key.domain} cannot sign for {sender.domain}, where {name} comes from",
                f"take a key of {sender.domain} or of a domain above it",
            )
    yield from _answers(newsletter)


def _are_related(list_id: str, domain: str) -> bool:
    """Return whether one is below the other, or both below one domain of two labels."""
    shared = domain.split(".")[-2:]
    return list_id.split(".")[-len(shared) :] == shared


def _answers(newsletter: NewsletterSettings) -> Iterator[Finding]:
    for key, mailbox in (("from", newsletter.sender), ("reply_to", newsletter.reply_to)):
        try:
            address = split_mailbox(mailbox)[1] if mailbox else ""
        except UsageError as mistake:
            if key == "reply_to":  # the sender's was told already
                yield error("config.address", f"newsletters.{newsletter.name}.reply_to: {mistake}")
            continue
        if domain_of(address).endswith((".invalid", ".localhost", ".local")):
            yield error(
                "config.address", f"{newsletter.name} has {address}, which no receiver can reach", f"correct {key}"
            )


def _schedule(newsletter: NewsletterSettings, period: Period | None) -> Iterator[Finding]:
    name, rule = newsletter.name, "config.schedule"
    if period is None:
        yield error(rule, f"the schedule {newsletter.schedule} of {name} never comes", "correct schedule")
        return
    hours = (period.end - period.start).total_seconds() / 3600
    if hours < 1:
        yield warning(
            rule, f"{name} is due every {round(hours * 60)} minutes", "correct schedule, if that is not meant"
        )
    else:
        yield ok(rule, f"{name} is next due at {period.end:%Y-%m-%d %H:%M} ({period.end.tzname()})")
