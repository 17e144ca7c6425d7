"""An issue as HTML mail, as text and as web page, from the templates in `email/`."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.markup.plaintext import WIDTH, wrap
from publisher.newsletter.inline import inline
from publisher.newsletter.issue import Issue
from publisher.newsletter.slots import UNSUBSCRIBE
from publisher.newsletter.view import values
from publisher.templating import Templates


@dataclass(frozen=True, slots=True)
class Rendering:
    """The three forms of an issue, as text with LF."""

    #: The mail's HTML part, styles inlined, with the unsubscribe slot.
    html: str
    #: The mail's text part, in 72 columns, with the unsubscribe slot.
    text: str
    #: A page for browsers, without slots.
    web: str


def render(issue: Issue, settings: Settings, newsletter: NewsletterSettings, templates: Templates) -> Rendering:
    """Render an issue.

    Raises:
        BrokenTemplateError: a template of the publication has a mistake.
        InliningError: the HTML lost an article or its frame.
    """
    asked = _placeholder(issue)
    shown = {**values(issue, settings, newsletter), "unsubscribe": asked}
    html = templates.render("email/issue.html", shown).strip()
    inlined = inline(html, templates.render("email/style.css", shown), shown["sections"], asked)
    return Rendering(
        html=_with_slots(inlined, asked),
        text=_with_slots(_text(shown, templates), asked),
        web=templates.render("email/web.html", shown).strip() + "\n",
    )


def _placeholder(issue: Issue) -> str:
    """Return an address that no article of the issue can hold, as it depends on all of them."""
    return f"https://unsubscribe.invalid/{sha256(repr(issue).encode('utf-8', 'surrogatepass')).hexdigest()}"


def _with_slots(rendered: str, asked: str) -> str:
    """Put the slot where the templates ask for it and nowhere else.

    A link or picture of an article that held it would carry each reader's own address to strangers.
    """
    return rendered.replace(UNSUBSCRIBE, UNSUBSCRIBE.replace("@", "")).replace(asked, UNSUBSCRIBE)


def _text(shown: Mapping[str, Any], templates: Templates) -> str:
    text = templates.render("email/issue.txt", {**shown, "fill": _fill, "width": WIDTH})
    return "\n".join(line.rstrip() for line in text.strip().split("\n")) + "\n"


def _fill(text: str, first: str = "") -> str:
    return "\n".join(wrap(text, first=first))
