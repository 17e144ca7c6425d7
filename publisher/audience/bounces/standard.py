"""Reports as the standards have them: delivery status (RFC 3464, RFC 6533), feedback (RFC 5965), receipts (RFC 8098)."""

import re
from dataclasses import replace

from publisher.audience.bounces.kinds import Kind, Reading, Recipient
from publisher.audience.bounces.mail import DEEPEST, Part, decode, fields, parse, walk

_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_TYPES = ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "text/rfc822")
_RECEIPT = "message/disposition-notification"
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])", re.ASCII)
_BLOCK_END = re.compile(r"(?:\r?\n[ \t]*){2,}")
_HEXADECIMAL = re.compile(r"\+([0-9A-F]{2})|\\x\{([0-9A-Fa-f]{1,6})\}")
#: How many recipients of one report are looked at.
_MOST = 200
#: Which say where a mail went: the address we sent it to comes first.
_ADDRESSES = ("original-recipient", "x-original-recipient", "final-recipient", "x-actual-recipient")

#: RFC 5965 §3.1 and §7.3, RFC 6650 §4.
_COMPLAINTS = {"abuse": "called junk", "fraud": "called a fraud", "miscategorized": "called junk"}
_LEAVING = {"opt-out": "asked to be taken off", "opt-out-list": "asked to be taken off"}
_LONGEST_TYPE = 30


def recipients(mail: Part) -> tuple[Recipient, ...]:
    """Return what a mail says of each recipient in a part that is made for programs; none where it has no such part."""
    for into_mails in (False, True):
        found = [
            recipient
            for part in walk(mail, into_mails=into_mails)
            for recipient in (_of_status(part) if part.type in _STATUS_TYPES else _rejected(part))
        ]
        if found:
            return tuple(found[:_MOST])
    return ()


def feedback(mail: Part) -> Reading | None:
    """Return what a report of feedback says; None where the mail is none."""
    report = next((part for part in walk(mail) if part.type == "message/feedback-report"), None)
    if report is None:
        return None
    kind = dict(fields(report.text.lstrip())).get("feedback-type", "").strip().lower()
    if kind in _COMPLAINTS:
        return Reading(Kind.COMPLAINT, _COMPLAINTS[kind])
    if kind in _LEAVING:
        return Reading(Kind.UNSUBSCRIBE, _LEAVING[kind])
    named = (
        kind
        if kind.isascii() and kind.replace("-", "").isalpha() and len(kind) <= _LONGEST_TYPE
        else "of no known type"
    )
    return Reading(Kind.IGNORED, f"feedback: {named}")


def is_receipt(mail: Part) -> bool:
    """Say whether a mail tells that another was displayed or deleted."""
    return any(part.type == _RECEIPT for part in walk(mail))


def returned(mail: Part) -> tuple[Part, ...]:
    """Return the mails, or their headers, that a mail gives back."""
    found = [part for part in walk(mail) if part.type in _RETURNED_TYPES]
    return tuple(parse(part.body.lstrip(b"\r\n")) for part in found[:DEEPEST])


def status_fields(mail: Part) -> tuple[tuple[str, str], ...]:
    """Return all fields that are made for programs, such as Original-Envelope-Id, of all recipients."""
    types = (*_STATUS_TYPES, _RECEIPT, "message/feedback-report")
    return tuple(field for part in walk(mail, into_mails=True) if part.type in types for field in _all_fields(part))


def status_in(text: str) -> str:
    """Return the first status code in a text; empty where there is none."""
    found = _STATUS.search(text)
    return found[1] if found else ""


def _all_fields(part: Part) -> tuple[tuple[str, str], ...]:
    return tuple(field for block in _blocks(part) for field in block)


def _blocks(part: Part) -> list[tuple[tuple[str, str], ...]]:
    text = decode(part.body).strip()
    return [fields(block) for block in _BLOCK_END.split(text, _MOST)]


def _of_status(part: Part) -> list[Recipient]:
    """Read each block that speaks of a recipient; the first one, of the whole mail, has none of these fields."""
    return [
        _recipient(named)
        for block in _blocks(part)
        # The first of two equal fields counts.
        if (named := dict(reversed(block))).keys() & {"action", "status", "final-recipient"}
    ]


def _rejected(part: Part) -> list[Recipient]:
    """Read a receipt of a mail that a program threw away unseen: a full mailbox, or a filter (RFC 8098 §3.2.6, RFC 5429)."""
    named = dict(fields(part.text.strip())) if part.type == _RECEIPT else {}
    mode, _, kind = named.get("disposition", "").lower().partition(";")
    if not (mode.startswith("automatic-action") and kind.strip().startswith("deleted")):
        return []
    return [replace(_recipient(named), action="failed", diagnostic="thrown away unseen")]


def _recipient(named: dict[str, str]) -> Recipient:
    diagnostic = named.get("diagnostic-code", "")
    kind, sign, said = diagnostic.partition(";")
    return Recipient(
        action=re.split(r"[^a-z]", named.get("action", "").lower(), maxsplit=1)[0],
        status=status_in(named.get("status", "")),
        diagnostic=said.strip() if sign and len(kind.split()) <= 1 else diagnostic,
        addresses=tuple(dict.fromkeys(filter(None, (_address(named[name]) for name in _ADDRESSES if name in named)))),
    )


def _address(value: str) -> str:
    """Return the address of `rfc822; ann@notes.example`, also in angle brackets or without its type."""
    kind, sign, address = value.partition(";")
    text = (address if sign else kind).strip().strip("<>").strip()
    if kind.strip().lower() in ("rfc822", "utf-8") and "@" in text:
        text = _HEXADECIMAL.sub(_decoded, text)
    return text if "@" in text else ""


def _decoded(found: re.Match[str]) -> str:
    """Undo xtext (RFC 3461 §4) and the encoding of utf-8 addresses (RFC 6533 §3), where a character comes out of it."""
    if found[2] is None:
        # A tag such as +AB is no xtext: of all characters only these two must be encoded.
        return {"2B": "+", "3D": "="}.get(found[1], found[0])
    point = int(found[2], 16)
    return chr(point) if 0x20 <= point <= 0x10FFFF and not 0xD800 <= point <= 0xDFFF else found[0]
