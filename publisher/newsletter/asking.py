"""The words of the public pages, and the mail that asks the owner of an address whether they want a newsletter."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from publisher.markup.characters import line
from publisher.newsletter.languages import lookup
from publisher.newsletter.mail.addresses import split_mailbox
from publisher.newsletter.mail.headers import mailbox_field, text_field
from publisher.newsletter.wording import direction
from publisher.templating import BrokenTemplateError, Templates

_FOLDER = "web/words"
_LAST_RESORT = "en"
_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class PageWords:
    """Texts by key, as those of issues are."""

    language: str
    #: `ltr` or `rtl`.
    direction: str
    _texts: Mapping[str, str] = field(repr=False)

    def __call__(self, key: str, /, **values: str) -> str:
        """Return a text with its values; nothing in a value is looked for."""
        return _PLACEHOLDER.sub(lambda found: values[found[1]], self._texts[key])


def page_words(language: str, templates: Templates) -> PageWords:
    """Return the words of the public pages, in English where no file says them.

    Args:
        language: BCP 47.
        templates: looked in for `web/words/TAG.toml`, the publication's own before a shipped one.

    Raises:
        BrokenTemplateError: a file is no TOML, or has a key or placeholder that English has not.
    """
    texts, used = _read(_LAST_RESORT, templates), _LAST_RESORT
    for tag in reversed(lookup(language)):
        if tag != _LAST_RESORT and _there(tag, templates):
            texts, used = _merged(texts, tag, templates), tag
    return PageWords(used, direction(used), texts)


def _there(tag: str, templates: Templates) -> bool:
    try:
        templates.text(f"{_FOLDER}/{tag}.toml")
    except BrokenTemplateError:
        return False
    return True


def _merged(english: Mapping[str, str], tag: str, templates: Templates) -> dict[str, str]:
    own = _read(tag, templates)
    for key, text in own.items():
        if key not in english or not set(_PLACEHOLDER.findall(text)) <= set(_PLACEHOLDER.findall(english[key])):
            name = f"{_FOLDER}/{tag}.toml"
            raise BrokenTemplateError(name, ValueError(f"{key} is not said, or has a placeholder that is not filled"))
    return {**english, **own}


def _read(tag: str, templates: Templates) -> dict[str, str]:
    name = f"{_FOLDER}/{tag}.toml"
    try:
        said = tomllib.loads(templates.text(name))
    except tomllib.TOMLDecodeError as problem:
        raise BrokenTemplateError(name, problem) from problem
    return {key: line(str(text)) for key, text in said.items()}


@dataclass(frozen=True, slots=True)
class Question:
    """What a mail that asks is made of; nothing of it was written by whoever filled in the form but the address."""

    #: Title of the newsletter.
    title: str
    #: `From`: a mailbox.
    sender: str
    postal_address: str
    recipient: str
    #: Where the owner of the address confirms.
    link: str
    at: datetime


def question_mail(question: Question, say: PageWords, templates: Templates) -> bytes:
    """Return the mail, the same bytes each time; it is no list mail and carries no List-Unsubscribe."""
    name, sender = split_mailbox(question.sender)
    subject = say("mail_subject", title=question.title)
    # Not by EmailMessage, which decodes what looks like an encoded-word, a line end within it too (CVE-2024-6923).
    own = (
        mailbox_field("From", name, sender),
        mailbox_field("To", "", question.recipient),
        text_field("Subject", subject),
    )
    values = {"say": say, "title": question.title, "link": question.link, "postal_address": question.postal_address}
    mail = EmailMessage(policy=SMTP)
    token = sha256(f"{question.link} {question.recipient}".encode()).hexdigest()[:32]
    mail["Date"] = format_datetime(question.at.astimezone(UTC))
    mail["Message-ID"] = f"<confirm.{token}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    text, html = (templates.render(f"web/confirm.{kind}", values).strip() + "\n" for kind in ("txt", "html"))
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail.set_boundary(f"confirm-{token}")
    return "\r\n".join([*own, ""]).encode() + mail.as_bytes()
