"""Bounces that follow no standard: Exim's and qmail's own forms, what flufl.bounce finds in prose, automatic answers."""

import logging
import re
from email import message_from_bytes

from publisher.audience.bounces.kinds import Recipient
from publisher.audience.bounces.mail import MOST_PARTS, Part, walk

#: What is looked at of prose, in bytes: reports begin with what they have to say.
_PROSE = 65_536
# Of a field that is searched, in characters.
_SHORT = 200
#: qmail-send bounce message format (QSBMF), https://cr.yp.to/proto/qsbmf.txt: the first line of the first paragraph.
_QMAIL = re.compile(r"\A\s*Hi\. This is the ")
_QMAIL_END = re.compile(r"^--- ", re.MULTILINE)
_QMAIL_RECIPIENT = re.compile(r"^<([^<>\n]{1,320})>:[ \t]*\n((?:[ \t]*\S[^\n]*\n?){0,20})", re.MULTILINE)
_SILENCE = logging.NullHandler()
_NESTING = re.compile(rb"boundary|message/", re.IGNORECASE)
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n")
#: RFC 3834 §5; older programs' own fields; and subjects of those that have none.
_ANSWERED = re.compile(r"auto-(?:replied|notified)", re.IGNORECASE)
_ANSWERERS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-vacation",
    "x-tmda-confirm",
    "x-delivery-agent",
    "x-choicemail-registration-request",
)
_ANSWER_SUBJECT = re.compile(
    r"(?:auto(?:matic|matische|matisch)? ?(?:reply|response|antwort)|autoreply|out of (?:the )?office|abwesen|"
    r"r[ée]ponse automatique|absence du bureau|respuesta autom[áa]tica|risposta automatica|automatisch antwoord|"
    r"vacation (?:reply|message))",
    re.IGNORECASE,
)
#: Who writes in a mail server's name: the local part, or the name that stands for it.
_SERVER = re.compile(
    r"(?:.*[\s<\"]|)(?:mailer[-_ ]?daemon|postmaster|ndr|mail (?:delivery|administrator)|.*delivery (?:sub)?system)\b",
    re.IGNORECASE,
)
_FAILURE_SUBJECT = re.compile(
    r".*(?:undeliver|not (?:be )?deliver|non-?deliver|deliver\w* (?:status|notification|fail|error|problem)|returned mail|"
    r"returned to sender|mail (?:system )?(?:error|failure|failed)|failure notice|non remis|unzustellbar|mislukt)",
    re.IGNORECASE,
)


def structured(mail: Part) -> tuple[Recipient, ...]:
    """Return whom Exim or qmail says a mail did not reach; none where it is not of theirs."""
    text = prose(mail)
    failed = [address.strip() for value in mail.values("x-failed-recipients") for address in value.split(",")]
    if any(failed):
        return tuple(
            Recipient("failed", "", _beside(text, address), (address,)) for address in failed if "@" in address
        )
    if _QMAIL.match(text):
        before = _QMAIL_END.split(text, maxsplit=1)[0]
        return tuple(
            Recipient("failed", "", " ".join(found[2].split()).replace("#", " "), (found[1],))
            for found in _QMAIL_RECIPIENT.finditer(before)
        )
    return ()


def is_answer(mail: Part) -> bool:
    """Say whether a program answered in a reader's name: away, or asking who writes."""
    if _from_server(mail):
        return False
    fields = {name for name, _ in mail.fields}
    return bool(
        _ANSWERED.match(mail.value("auto-submitted"))
        or fields.intersection(_ANSWERERS)
        or mail.value("precedence").lower() == "auto_reply"
        or _ANSWER_SUBJECT.match(mail.value("subject"))
    )


def guessed(raw: bytes) -> tuple[Recipient, ...]:
    """Return whom a mail did not reach, as flufl.bounce (the extra `bounces`) finds it in prose; none without it."""
    try:
        from flufl.bounce import all_failures  # noqa: PLC0415 # an extra
    except ImportError:
        return ()
    raw = raw[:_PROSE]
    # Python's parser follows parts as deep as they go.
    if len(_NESTING.findall(raw)) > MOST_PARTS:
        return ()
    # What it stumbles over goes to no log: there are addresses in it.
    logger = logging.getLogger("flufl.bounce")
    logger.propagate = False
    logger.addHandler(_SILENCE)
    try:
        message = message_from_bytes(raw)
        if not message["from"]:  # which one of its detectors cannot do without
            del message["from"]
            message["from"] = "mailer-daemon"
        passing, lasting = all_failures(message)
    except Exception:  # noqa: BLE001 # guesses of others at mails of strangers
        return ()
    text = raw.decode("latin-1")
    return tuple(
        Recipient(action, "", _beside(text, address), (address,), formal=False)
        for action, found in (("failed", lasting), ("delayed", passing - lasting))
        for address in sorted(name.decode("ascii", "replace") for name in found)
    )


def noticed(mail: Part) -> tuple[Recipient, ...]:
    """Return a failure of nobody in particular where a mail server says no more than that; none where it is no such mail."""
    if _from_server(mail) and _FAILURE_SUBJECT.match(mail.value("subject")[:_SHORT]):
        return (Recipient("failed", "", "a notice without particulars", (), formal=False),)
    return ()


def _from_server(mail: Part) -> bool:
    return mail.value("return-path") == "<>" or _SERVER.match(mail.value("from")[:_SHORT]) is not None


def prose(mail: Part) -> str:
    """Return the text that a person would read first."""
    for part in walk(mail):
        if part.type == "text/plain":
            return part.text[:_PROSE].replace("\r\n", "\n")
    return ""


def _beside(text: str, address: str) -> str:
    """Return what is said of an address: from where it stands at the start of a line to the end of the paragraph."""
    found = re.search(rf"^[ \t]*<?{re.escape(address)}>?", text, re.MULTILINE | re.IGNORECASE)
    if found is None:
        return ""
    return " ".join(_PARAGRAPH_END.split(text[found.end() : found.end() + 2000], maxsplit=1)[0].lstrip(": ").split())
