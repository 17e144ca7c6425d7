"""In whose names mails leave: what the settings say of each newsletter, as values."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.errors import UsageError
from publisher.newsletter.mail.addresses import split_mailbox


@dataclass(frozen=True, slots=True)
class Sender:
    """In whose name a newsletter leaves."""

    newsletter: str
    #: The address readers see.
    address: str
    #: Its domain, in ASCII and lower case; receivers judge by it (RFC 9989).
    domain: str
    #: That of the envelope's sender, by which SPF judges (RFC 7208 §2.4).
    return_domain: str


@dataclass(frozen=True, slots=True)
class Senders:
    """All of them, and what is wrong with the others."""

    known: tuple[Sender, ...]
    #: Where in the settings, and what.
    faults: tuple[tuple[str, str], ...]

    @property
    def domains(self) -> tuple[str, ...]:
        """Return the domains that readers see, each once."""
        return tuple(dict.fromkeys(sender.domain for sender in self.known))

    @property
    def return_domains(self) -> tuple[str, ...]:
        """Return the domains that bounces go to, each once."""
        return tuple(dict.fromkeys(sender.return_domain for sender in self.known))


def senders_of(settings: Settings) -> Senders:
    """Return in whose names the newsletters leave."""
    known, faults = [], []
    returns = settings.delivery.return_path if settings.delivery else None
    for newsletter in settings.newsletters:
        try:
            address = split_mailbox(sender_mailbox(newsletter, settings))[1]
        except UsageError as mistake:
            faults.append((f"newsletters.{newsletter.name}.from", str(mistake)))
            continue
        try:
            back = split_mailbox(returns)[1] if returns else address
        except UsageError as mistake:
            faults.append(("delivery.return_path", str(mistake)))
            back = address
        known.append(Sender(newsletter.name, address, domain_of(address), domain_of(back)))
    return Senders(tuple(known), tuple(dict.fromkeys(faults)))


def sender_mailbox(newsletter: NewsletterSettings, settings: Settings) -> str:
    """Return From of a newsletter's mails, as the settings or their defaults have it."""
    return newsletter.sender or f"newsletter@{settings.host}"


def domain_of(address: str) -> str:
    """Return the domain of an address, in lower case."""
    return address.rpartition("@")[2].lower()


def relay_host(settings: Settings) -> str:
    """Return the host that takes the mails; empty where none does."""
    if settings.delivery is None or not settings.delivery.url.startswith(("smtp:", "smtps:", "lmtp:")):
        return ""
    return urlsplit(settings.delivery.url).hostname or ""
