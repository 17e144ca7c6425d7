"""An issue as one mail (RFC 5322); the same issue gives the same bytes every time.

The mail in a bundle goes to nobody yet: it names no recipient, its Message-ID is the issue's, and slots stand where each
reader's own values come. Those are `To`, `Message-ID` and `List-Unsubscribe` in the header, and tokens in the parts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from publisher.errors import UsageError
from publisher.markup.characters import legal
from publisher.newsletter.mail.addresses import ascii_domain, split_mailbox
from publisher.newsletter.mail.headers import (
    address_field,
    date_field,
    list_field,
    list_id_field,
    text_field,
    token_field,
)
from publisher.newsletter.mail.mime import Attachment, Fill, alternatives
from publisher.newsletter.mail.reader import Reader, digest, filler, own_fields
from publisher.newsletter.slots import UNSUBSCRIBE

#: The mail to nobody says so.
NOBODY = b"To: undisclosed-recipients:;"
#: The slot in the header.
LEAVE = f"List-Unsubscribe: <{UNSUBSCRIBE}>".encode("ascii")
#: Exactly so (RFC 8058 §3.1).
ONE_CLICK = b"List-Unsubscribe-Post: List-Unsubscribe=One-Click"
_LIST_ID_CHARACTERS = 255


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the header of an issue says."""

    #: Mailbox of the sender.
    sender: str
    #: Mailbox for answers; empty for the sender's.
    reply_to: str
    subject: str
    date: datetime
    #: Identifier of the list (RFC 2919), without angle brackets; constant for ever.
    list_id: str
    #: What readers know the list as.
    list_name: str
    #: Key of the issue's period.
    key: str
    #: Web address of past issues; empty for none.
    archive_url: str = ""


def message(
    envelope: Envelope,
    text: str,
    html: str,
    attached: Sequence[Attachment] = (),
    reader: Reader | None = None,
    *,
    smtputf8: bool = False,
) -> bytes:
    """Return the mail: CRLF line ends, ASCII only, lines of at most 76 characters but for unbreakable header words.

    Args:
        envelope: what the header says.
        text: of the text part, with slots.
        html: of the HTML part, with slots.
        attached: pictures that the HTML names by `cid:`.
        reader: fills the slots; without one they stand as they are.
        smtputf8: whether the server takes a local part beyond ASCII, which `To` then holds as UTF-8 (RFC 6532).

    Raises:
        ReaderRefused: the mail cannot go to this reader.
        UsageError: the sender's address, the list's identifier or an address of the list cannot stand in a mail.
    """
    issue = _issue_id(envelope)
    if reader is None:
        to, message_id, leave = NOBODY, f"Message-ID: <{issue}>".encode("ascii"), LEAVE
        fills: tuple[Fill, Fill] = (str.encode, str.encode)
    else:
        to, message_id, leave = own_fields(reader, issue, smtputf8=smtputf8)
        fills = filler(reader, markup=False), filler(reader, markup=True)
    content_type, body = alternatives(_ended(text), _ended(html), attached, fills)
    fields = [
        address_field("From", envelope.sender).encode("ascii"),
        to,
        *([address_field("Reply-To", envelope.reply_to).encode("ascii")] if envelope.reply_to else []),
        text_field("Subject", envelope.subject).encode("ascii"),
        date_field(envelope.date).encode("ascii"),
        message_id,
        list_id_field(envelope.list_name, _list_id(envelope)).encode("ascii"),
        leave,
        ONE_CLICK,
        *([list_field("List-Archive", [envelope.archive_url]).encode("ascii")] if envelope.archive_url else []),
        token_field("List-Post", "NO").encode("ascii"),  # an announcement: RFC 2369 §3.4
        token_field("Auto-Submitted", "auto-generated").encode("ascii"),  # RFC 3834 §5.2
        token_field("MIME-Version", "1.0").encode("ascii"),
        content_type.encode("ascii"),
    ]
    return b"\r\n".join([*fields, b"", body])


def _ended(content: str) -> str:
    """Return legal text that ends in a line end: parsers disagree about a soft line break at the end of a part."""
    return legal(content).removesuffix("\n") + "\n"


def _issue_id(envelope: Envelope) -> str:
    """Return the issue's Message-ID, without angle brackets: of the list and the period, at the sender's domain."""
    domain = split_mailbox(envelope.sender)[1].rpartition("@")[2]
    return f"{digest(f'{_list_id(envelope)}/{envelope.key}')}.issue@{domain}"


def _list_id(envelope: Envelope) -> str:
    list_id = ascii_domain(envelope.list_id)
    if len(list_id) > _LIST_ID_CHARACTERS or "." not in list_id:
        raise UsageError(
            f'{envelope.list_id} is no list id (RFC 2919); give one as in list_id = "weekly.notes.example"'
        )
    return list_id
