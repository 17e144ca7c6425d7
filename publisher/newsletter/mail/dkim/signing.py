"""Signing the mail of an issue for each of its readers, and single mails."""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from publisher.errors import SurroundingsError, UsageError
from publisher.newsletter.mail.addresses import ascii_domain
from publisher.newsletter.mail.dkim.relaxed import relaxed_body, relaxed_field, relaxed_lines
from publisher.newsletter.mail.headers import token_field
from publisher.newsletter.mail.reader import Reader
from publisher.newsletter.mail.skeleton import Skeleton, Written

#: Signed also where there is none: nobody on the way has a reason to add one.
_ALWAYS = ("From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID")
#: Signed where there is one. RFC 8058 §4 demands both fields about unsubscribing, RFC 6376 §5.4.1 recommends List-*.
_WHERE_PRESENT = (
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Archive",
    "List-Post",
    "Auto-Submitted",
    "Feedback-ID",
    "CFBL-Address",
)
_SELECTOR = re.compile(r"(?!.{64})[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
#: Characters of a signature in one line, beside the fold and `b=`.
_ROOM = 72
#: Octets of one string in a TXT record (RFC 1035 §3.3).
_STRING = 255


class Signer:
    """Signs for one domain, with one private key.

    Attributes:
        domain: which answers for the mails, in ASCII.
        selector: tells the domain's keys apart.
        algorithm: `rsa-sha256` or `ed25519-sha256`.
        name: of the TXT record where receivers look for the public key.
        record: what that record is to say (RFC 6376 §3.6.1, RFC 8463 §4.2).
    """

    def __init__(self, domain: str, selector: str, private_key_pem: bytes) -> None:
        """Read the private key.

        Args:
            domain: that of the sender's address, or one above it.
            selector: small letters, digits, hyphens and dots, such as `2026-11`.
            private_key_pem: in PEM (PKCS #8), without a password: RSA of 2048 to 4096 bits, or Ed25519.

        Raises:
            UsageError: domain, selector or key cannot be used.
            SurroundingsError: the package cryptography is not installed.
        """
        try:
            from publisher.newsletter.mail.dkim.keys import load_key
        except ModuleNotFoundError as error:
            raise SurroundingsError(
                'cryptography is missing, which signatures need: pip install "publisher-feeds[dkim]"'
            ) from error
        if not _SELECTOR.fullmatch(selector):
            raise UsageError(
                f"{selector or 'an empty name'} is no selector of a DKIM key; use up to 63 small letters, digits and "
                "hyphens, as in 2026-11"
            )
        self.domain = ascii_domain(domain).lower()
        self.selector = selector
        self.name = f"{selector}._domainkey.{self.domain}"
        self.key = load_key(private_key_pem, self.name)
        self.algorithm = self.key.algorithm
        self.record = f"v=DKIM1; k={self.key.kind}; p={b64encode(self.key.public).decode('ascii')}"

    def zone_line(self) -> str:
        """Return the TXT record as a line of a zone file (RFC 1035 §5.1)."""
        strings = [f'"{self.record[start : start + _STRING]}"' for start in range(0, len(self.record), _STRING)]
        return f"{self.name}. IN TXT ( {' '.join(strings)} )"

    def compile(
        self,
        skeleton: Skeleton,
        *others: "Signer",
        signed: datetime | None = None,
        expires: datetime | None = None,
    ) -> "SignedSkeleton":
        """Return the mail of an issue, ready to be signed for each reader.

        Args:
            skeleton: the mail of the issue.
            others: sign it, too, each in a field of its own: a key of the other kind (RFC 8463 §3).
            signed: tells receivers when it was signed (`t=`). Give the same on each retry, or it has other bytes.
            expires: tells receivers when to take the signatures no more (`x=`).

        Raises:
            UsageError: a signer's domain does not answer for the sender's.
        """
        moments = (("t", signed), ("x", expires))
        return SignedSkeleton(skeleton, (self, *others), [_moment(tag, moment) for tag, moment in moments if moment])


class SignedSkeleton:
    """The mail of an issue, ready to be signed for each reader; made by `Signer.compile`."""

    def __init__(self, skeleton: Skeleton, signers: Sequence[Signer], tags: Sequence[str]) -> None:
        """Hash what is the same for all readers.

        Args:
            skeleton: the mail of the issue.
            signers: each adds a field.
            tags: what the signatures say beside the tags that all have.

        Raises:
            UsageError: a signer's domain does not answer for the sender's.
        """
        # So that blanks around a reader's value end where it does; publisher.newsletter.mail.mime writes it so.
        assert all(segment.endswith(b"\r\n") for segment in skeleton.segments)
        assert all(segment.startswith(b"=") for segment in skeleton.segments[1:])
        *segments, last = skeleton.segments
        first, *rest = [*map(relaxed_lines, segments), relaxed_body(last)]
        self._skeleton = skeleton
        self._begun = sha256(first)
        self._rest = tuple(rest)
        names, same = _covered(skeleton.fields, skeleton.own)
        self._same = b"".join(relaxed_field(field) + b"\r\n" for field in same)
        self._stamps = [_stamp(signer, skeleton.fields, [*tags, f"h={names}"]) for signer in signers]

    def message(self, reader: Reader, *, smtputf8: bool = False) -> bytes:
        """Return the reader's own mail: the fields of the signatures, then what `Skeleton.message` gives.

        Args:
            reader: whose.
            smtputf8: whether the server takes a local part beyond ASCII.

        Raises:
            ReaderRefused: the mail cannot go to this reader.
        """
        return self.write(reader, smtputf8=smtputf8).data

    def write(self, reader: Reader, *, smtputf8: bool = False) -> Written:
        """Return the same, and what of it is the reader's own."""
        filled = self._skeleton.fill(reader, smtputf8=smtputf8)
        body = self._begun.copy()
        for value, segment in zip(filled.values, self._rest, strict=True):
            body.update(relaxed_lines(value) + segment)
        own = [relaxed_field(filled.fields[place]) + b"\r\n" for place in self._skeleton.own]
        header = b"".join([self._same, *own])
        hashed = b64encode(body.digest())
        return self._skeleton.joined(filled, *[stamp.field(header, hashed) for stamp in self._stamps])


def signed(mail: bytes, signers: Sequence[Signer]) -> bytes:
    """Return a single mail with a signature of each signer in front; the same bytes each time.

    Args:
        mail: with CRLF at the end of each line, and the fields of its header folded with blanks.
        signers: who sign; none leaves it as it is.

    Raises:
        UsageError: a signer's domain does not answer for the sender's.
    """
    head, _, body = mail.partition(b"\r\n\r\n")
    fields = tuple(re.split(rb"\r\n(?! )", head))
    names, covered = _covered(fields, ())
    header = b"".join(relaxed_field(field) + b"\r\n" for field in covered)
    hashed = b64encode(sha256(relaxed_body(body)).digest())
    stamps = [_stamp(signer, fields, [f"h={names}"]).field(header, hashed) for signer in signers]
    return b"\r\n".join([*stamps, mail])


@dataclass(frozen=True, slots=True)
class _Stamp:
    """What one signer adds to each mail of an issue."""

    #: The field up to the hash of the body.
    head: bytes
    #: The same in its canonical form.
    canonical: bytes
    sign: Callable[[bytes], bytes]

    def field(self, header: bytes, hashed: bytes) -> bytes:
        """Return the field, folded in lines of at most 76 characters, without the CRLF at its end.

        Args:
            header: the fields it covers, in their canonical forms.
            hashed: the hash of the body, in base64.
        """
        # RFC 6376 §3.7: the field itself is signed, too, as it is without its signature.
        signature = b64encode(self.sign(b"%b%b bh=%b; b=" % (header, self.canonical, hashed)))
        lines = [signature[start : start + _ROOM] for start in range(0, len(signature), _ROOM)]
        return b"%b\r\n bh=%b;\r\n b=%b" % (self.head, hashed, b"\r\n ".join(lines))


def _stamp(signer: Signer, fields: Sequence[bytes], tags: Sequence[str]) -> _Stamp:
    sender = _sender_domain(fields)
    # What DMARC calls alignment (RFC 7489 §3.1.1), in its form that needs no list of public suffixes.
    if not f".{sender}".endswith(f".{signer.domain}"):
        raise UsageError(
            f"{signer.domain} cannot sign for {sender}, where the sender's address is; take a key of {sender} or of a "
            "domain above it"
        )
    standard = ["v=1", f"a={signer.algorithm}", "c=relaxed/relaxed", f"d={signer.domain}", f"s={signer.selector}"]
    head = token_field("DKIM-Signature", f"{'; '.join([*standard, *tags])};").encode("ascii")
    return _Stamp(head, relaxed_field(head), signer.key.sign)


def _covered(fields: Sequence[bytes], places: Sequence[int]) -> tuple[str, list[bytes]]:
    """Return the names of the fields that are signed, and those of the fields that are the same for all readers.

    The readers' own, at `places`, are named last. A name stands there once more than its field is in the header, so that no second
    one can be added (RFC 6376 §8.15).
    """
    own = [_name(fields[place]) for place in places]
    names = {name.lower(): name for name in (*_ALWAYS, *_WHERE_PRESENT)}
    groups, same = [], []
    for key in [*(key for key in names if key not in own), *own]:
        # RFC 6376 §5.4.2: from the last to the first.
        found = [field for field in reversed(fields) if _name(field) == key]
        if found or names[key] in _ALWAYS:
            groups.append(":".join([names[key]] * (len(found) + 1)))
        if key not in own:
            same += found
    return ": ".join(groups), same


def _name(field: bytes) -> str:
    return field.partition(b":")[0].decode("ascii").lower()


def _sender_domain(fields: Sequence[bytes]) -> str:
    (sender,) = (field for field in fields if _name(field) == "from")
    return relaxed_field(sender).rpartition(b"@")[2].rstrip(b">").decode("ascii").lower()


def _moment(tag: str, moment: datetime) -> str:
    assert moment.utcoffset() is not None
    return f"{tag}={int(moment.timestamp())}"
