"""What every mail of an issue says alike, beside its bundle: frozen with its readers, so that a mail sent again has the same bytes."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

from publisher.audience.links import KeyGone, Links
from publisher.audience.tokens import delivery_token, leave_token, verp
from publisher.config.delivery import DeliverySettings, WebSettings
from publisher.config.newsletter import NewsletterSettings
from publisher.config.secrets import read_secret
from publisher.config.settings import Settings
from publisher.delivery.transport import Mail, is_plain
from publisher.errors import PublisherError, UsageError
from publisher.newsletter.mail import Reader, Skeleton
from publisher.newsletter.mail.addresses import split_mailbox
from publisher.newsletter.mail.dkim import SignedSkeleton, Signer
from publisher.store.keys import Keys


class TermsGone(PublisherError):
    """A mail of an issue cannot be made again as it was: a key or the bundle is not what it was."""


class NotSetUp(PublisherError):
    """The settings do not say yet how mail leaves."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Frozen with an issue."""

    #: `url` of [web].
    web: str
    #: Fingerprints of the key that signs links, and of the one that tokens are made with.
    links: str
    tokens: str
    #: Envelope sender: of all mails, or with a token of each where it takes bounces apart.
    sender: str
    verp: bool
    #: Mailbox that takes readers off; empty for none.
    unsubscribe: str
    #: Signatures: domain, selector, and the digest of the record in the DNS.
    dkim: tuple[tuple[str, str, str], ...] = ()

    @classmethod
    def load(cls, said: Mapping[str, Any]) -> Self:
        """Return what `dump` gave."""
        return cls(**{**said, "dkim": tuple((str(d), str(s), str(r)) for d, s, r in said["dkim"])})

    def dump(self) -> dict[str, Any]:
        """Return it as values of JSON."""
        return asdict(self)


def expect_set_up(settings: Settings) -> tuple[DeliverySettings, WebSettings]:
    """Return the settings without which nothing can leave.

    Raises:
        NotSetUp: some are missing; the message has the lines to add.
    """
    if settings.delivery is None:
        raise NotSetUp(
            "publisher.toml does not say how mail leaves; add, with your relay:\n\n"
            '[delivery]\nurl = "smtp://relay.example:587"\nusername = "letters"\n'
            'password = { env = "PUBLISHER_SMTP_PASSWORD" }\n\n'
            'or, to try it without a relay, url = "maildir:out"'
        )
    if settings.web is None:
        raise NotSetUp(
            "publisher.toml does not say where readers unsubscribe, and no mail leaves without; add:\n\n"
            f'[web]\nurl = "{settings.publication.url}letters/"'
        )
    return settings.delivery, settings.web


def terms_of(settings: Settings, newsletter: NewsletterSettings, keys: Keys, signers: Sequence[Signer]) -> Terms:
    """Return the terms on which an issue leaves now.

    Raises:
        NotSetUp: the settings do not say how mail leaves, or readers cannot unsubscribe where they say.
        UsageError: a mailbox in the settings cannot be used.
    """
    delivery, web = expect_set_up(settings)
    if not web.url.startswith("https://"):
        raise NotSetUp(
            f"publisher.toml: [web] url is {web.url}, and readers unsubscribe there by one click, which mail programs do over "
            "https: alone (RFC 8058); give the address with https:"
        )
    _, own = split_mailbox(newsletter.sender or f"newsletter@{settings.host}")
    terms = Terms(
        web=web.url,
        links=Links(web.url, keys).fingerprint,
        tokens=keys.fingerprint,
        sender=split_mailbox(delivery.return_path)[1] if delivery.return_path else own,
        verp=delivery.return_path is not None,
        unsubscribe=split_mailbox(delivery.unsubscribe)[1] if delivery.unsubscribe else "",
        dkim=tuple((signer.domain, signer.selector, _digest(signer)) for signer in signers),
    )
    for key, mailbox in (("return_path", terms.sender if terms.verp else ""), ("unsubscribe", terms.unsubscribe)):
        if mailbox:
            _expect_room(key, mailbox, keys)
    return terms


def _expect_room(key: str, mailbox: str, keys: Keys) -> None:
    try:
        verp(mailbox, delivery_token(keys, 0, 0))
    except ValueError as error:
        raise UsageError(f"delivery.{key}: {error}") from None


def read_signers(settings: Settings, folder: Path) -> tuple[Signer, ...]:
    """Return what signs mails, with their private keys.

    Raises:
        SecretMissing: a key is not where the settings say.
        UsageError: a key or its name cannot be used.
        SurroundingsError: the package cryptography is missing.
    """
    return tuple(
        Signer(one.domain, one.selector, read_secret(one.key, folder, f"dkim[{number}].key").encode())
        for number, one in enumerate(settings.dkim)
    )


def _digest(signer: Signer) -> str:
    return sha256(signer.record.encode()).hexdigest()[:16]


class Mailing:
    """Makes each reader's mail of one issue; the same reader's is the same bytes each time.

    Args:
        eml: the bundle's issue.eml.
        place: names it in messages.
        newsletter: name of the newsletter.
        issue_id: of the issue in the ledger.
        terms: frozen with it.
        keys: the publication's.
        signers: all that the settings have.

    Raises:
        TermsGone: a key that was used is not there any more.
        BrokenMessage: issue.eml is none.
    """

    def __init__(
        self,
        eml: bytes,
        place: str,
        newsletter: str,
        issue_id: int,
        terms: Terms,
        *,
        keys: Keys,
        signers: Sequence[Signer],
    ) -> None:
        if keys.fingerprint != terms.tokens:
            raise TermsGone("the publication's keys are not those this issue began with; put .publisher/keys.json back")
        try:
            self._links = Links(terms.web, keys).with_key(terms.links)
        except KeyGone as error:
            raise TermsGone(str(error)) from None
        self._write = _signed(Skeleton.read(eml, place), terms, signers).write
        # What is the same for all is looked at once; `Skeleton.read` has seen to its characters and line ends.
        self._quiet = b"\r\n." not in eml and not eml.startswith(b".")
        self._newsletter = newsletter
        self._issue = issue_id
        self._terms = terms
        self._keys = keys

    def mail(self, subscription: int, address: str, name: str, *, smtputf8: bool, message_id: str = "") -> Mail:
        """Return one reader's mail.

        Args:
            subscription: its id.
            address: of the reader.
            name: of the reader; empty where unknown.
            smtputf8: whether the relay takes addresses beyond ASCII.
            message_id: what is before @ in the Message-ID; the delivery's token where empty.

        Raises:
            ReaderRefused: the mail cannot go to this reader.
        """
        terms, token = self._terms, delivery_token(self._keys, self._issue, subscription)
        leave = leave_token(self._keys, self._issue, subscription) if terms.unsubscribe else ""
        reader = Reader(
            address=address,
            name=name,
            unsubscribe=self._links.unsubscribe(self._newsletter, subscription),
            preferences=self._links.preferences(self._newsletter, subscription),
            mailto=f"mailto:{verp(terms.unsubscribe, leave)}" if leave else "",
            message_id=message_id or token,
        )
        written = self._write(reader, smtputf8=smtputf8)
        return Mail(
            (self._issue, subscription),
            verp(terms.sender, token) if terms.verp else terms.sender,
            address,
            written.data,
            smtputf8=not address.isascii(),
            token=token,
            plain=self._quiet and is_plain(written.own),
        )


def _signed(skeleton: Skeleton, terms: Terms, signers: Sequence[Signer]) -> Skeleton | SignedSkeleton:
    known = {(signer.domain, signer.selector, _digest(signer)): signer for signer in signers}
    gone = [wanted for wanted in terms.dkim if wanted not in known]
    if gone:
        domain, selector, _ = gone[0]
        raise TermsGone(
            f"the key {selector}._domainkey.{domain} that signs this issue is not in [[dkim]] any more; put it back until "
            "the issue is done, so that a mail sent again has the same bytes"
        )
    if not terms.dkim:
        return skeleton
    first, *others = (known[wanted] for wanted in terms.dkim)
    return first.compile(skeleton, *others)
