"""What is said about one mail: its commands with the parameters that the relay offers, and its body with dots quoted."""

import re
from dataclasses import dataclass

from publisher.delivery.transport import Mail, Outcome, Scope, Stage, Verdict

# A path stands between angle brackets on one line (RFC 5321, section 4.1.2); quoted local parts that hold more are as good
# as unknown, and whatever ends a command early is an attack.
_NO_PATH = re.compile(r"[\x00-\x20\x7f<>\ud800-\udfff]")
# RFC 3461, section 4: xtext.
_NO_XTEXT = re.compile(r"[^!-*,-<>-~]")
# RFC 3461, section 5.4.
_LONGEST_ENVELOPE_ID = 100
_BYTES_BEYOND_ASCII = "the relay does not take bytes beyond ASCII (8BITMIME), and the message has some"


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a relay offered behind EHLO."""

    pipelining: bool = False
    eight_bit: bool = False
    smtputf8: bool = False
    dsn: bool = False
    #: It knows the parameter SIZE= (RFC 1870) …
    sizes: bool = False
    #: … and takes so many bytes; None where it does not say.
    size: int | None = None


def unfit(mail: Mail, abilities: Abilities) -> Outcome | None:
    """Return why a mail cannot go to this relay at all, without asking it; None where it can."""
    return _unfit_address(mail) or _unfit_for(mail, abilities) or _unfit_message(mail)


def _unfit_address(mail: Mail) -> Outcome | None:
    for stage, address in ((Stage.MAIL, mail.sender), (Stage.RCPT, mail.recipient)):
        if _NO_PATH.search(address):
            return Outcome(Verdict.FAILED, stage, "the address holds characters that SMTP cannot carry")
    return None if mail.recipient else Outcome(Verdict.FAILED, Stage.RCPT, "there is no address")


def _unfit_for(mail: Mail, abilities: Abilities) -> Outcome | None:
    if needs_smtputf8(mail) and not abilities.smtputf8:
        return Outcome(Verdict.FAILED, Stage.MAIL, "the relay does not take addresses beyond ASCII (SMTPUTF8)")
    if abilities.size is not None and len(mail.data) > abilities.size:
        # Of one issue, all are about as large: none of its readers shall be lost for a limit of the relay's.
        words = f"the message has {len(mail.data)} bytes, the relay takes {abilities.size}"
        return Outcome(Verdict.DEFERRED, Stage.MAIL, words, Scope.ISSUE, counted=False)
    if not (mail.plain or abilities.eight_bit or mail.data.isascii()):
        return Outcome(Verdict.DEFERRED, Stage.MAIL, _BYTES_BEYOND_ASCII, Scope.ISSUE, counted=False)
    return None


def _unfit_message(mail: Mail) -> Outcome | None:
    if mail.plain or _only_crlf(mail.data):
        return None
    words = "the message has a line that does not end with CRLF; make the issue again"
    return Outcome(Verdict.DEFERRED, Stage.BODY, words, Scope.ISSUE, counted=False)


def needs_smtputf8(mail: Mail) -> bool:
    """Whether an address of the envelope or the header goes beyond ASCII."""
    return mail.smtputf8 or not (mail.recipient.isascii() and mail.sender.isascii())


def mail_command(mail: Mail, abilities: Abilities) -> bytes:
    """Return MAIL FROM with the parameters that are offered and needed."""
    words = [f"MAIL FROM:<{mail.sender}>"]
    if abilities.sizes:
        words.append(f"SIZE={len(mail.data)}")
    if abilities.eight_bit and not (mail.plain or mail.data.isascii()):
        words.append("BODY=8BITMIME")
    if needs_smtputf8(mail):
        words.append("SMTPUTF8")
    if abilities.dsn:
        words.append("RET=HDRS")
        if 0 < len(mail.token) <= _LONGEST_ENVELOPE_ID:
            words.append(f"ENVID={xtext(mail.token)}")
    return " ".join(words).encode() + b"\r\n"


def rcpt_command(mail: Mail, abilities: Abilities) -> bytes:
    """Return RCPT TO, asking for notices of failure and delay where the relay sends such."""
    words = [f"RCPT TO:<{mail.recipient}>"]
    if abilities.dsn:
        words.append("NOTIFY=FAILURE,DELAY")
        if mail.recipient.isascii():
            words.append(f"ORCPT=rfc822;{xtext(mail.recipient)}")
    return " ".join(words).encode() + b"\r\n"


def xtext(text: str) -> str:
    """Return a text as a parameter's value (RFC 3461, section 4); what is beyond ASCII has no place in it.

    >>> xtext("ada+news=1@notes.example")
    'ada+2Bnews+3D1@notes.example'
    """
    return _NO_XTEXT.sub(lambda found: f"+{ord(found[0]) & 0xFF:02X}", text)


def body(data: bytes, *, plain: bool = False) -> tuple[bytes, bytes]:
    """Return a message with its dots quoted (RFC 5321, section 4.5.2), and what ends it.

    Args:
        data: the message.
        plain: no line of it begins with a dot.
    """
    if not plain and b"\r\n." in data:
        data = data.replace(b"\r\n.", b"\r\n..")
    if data.startswith(b"."):
        data = b"." + data
    return data, b".\r\n" if data.endswith(b"\r\n") or not data else b"\r\n.\r\n"


def _only_crlf(data: bytes) -> bool:
    """Whether every CR and LF is a part of CRLF: a bare one lets receivers see different mails (SMTP smuggling).

    `splitlines` takes CR, LF and CRLF as one end each, so the lines and two bytes for each end make up the whole only
    where every end is CRLF. This costs half of counting them.
    """
    lines = data.splitlines()
    ends = len(lines) if data.endswith((b"\r", b"\n")) else len(lines) - 1
    return not data or sum(map(len, lines)) + 2 * ends == len(data)
