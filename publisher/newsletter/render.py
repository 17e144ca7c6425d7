"""An issue as HTML mail, as text and as web page, from the templates in `email/`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.errors import Problem
from publisher.markup.plaintext import WIDTH, wrap
from publisher.newsletter.inline import styles
from publisher.newsletter.issue import Issue
from publisher.newsletter.pictures import Pictures
from publisher.newsletter.places import Places
from publisher.newsletter.shortening import Ladder, Shortened, TooLarge, note
from publisher.newsletter.sizes import LARGEST_HTML
from publisher.newsletter.slots import ADDRESS, NAME, PREFERENCES, TOKEN, UNSUBSCRIBE
from publisher.newsletter.view import ReaderSlots, Section, sections, values, with_text
from publisher.templating import BrokenTemplateError, Templates

#: Bytes kept free for what a reader's own value may be longer than its slot: no line of a header, and so no address to
#: unsubscribe at, is longer than 998 octets (RFC 5322 §2.1.1).
RESERVE = 1000


@dataclass(frozen=True, slots=True)
class Rendering:
    """The three forms of an issue, as text with LF."""

    #: The mail's HTML part, styles inlined, with slots.
    html: str
    #: The mail's text part, in 72 columns, with slots.
    text: str
    #: A page for browsers, without slots.
    web: str
    #: What was shortened, and why.
    problems: tuple[Problem, ...] = ()


def render(
    issue: Issue,
    settings: Settings,
    newsletter: NewsletterSettings,
    templates: Templates,
    pictures: Pictures = Pictures(),  # noqa: B008 - frozen
    places: Places = Places(),  # noqa: B008 - frozen
) -> Rendering:
    """Render an issue. A mail that would be larger than `LARGEST_HTML` is shortened by rule; the web page never is.

    Args:
        issue: what is in it, its articles within the limits of `limits`.
        settings: the publication's.
        newsletter: whose issue it is.
        templates: those in `email/`.
        pictures: how the pictures of its articles are shown.
        places: addresses around it.

    Raises:
        BrokenTemplateError: a template of the publication has a mistake.
        InliningError: the HTML lost an article or its frame.
        TooLarge: the mail stays too large however much its articles are shortened.
    """
    slots = _Slots(issue)
    given = values(issue, settings, newsletter, templates, places)
    whole = sections(issue.articles, newsletter, given["say"], settings.zone, pictures.of)
    mail = _Mail({**given, "reader": slots.reader}, newsletter.layout, templates, slots)
    html, shown = mail.fitting(whole)
    page = sections(issue.articles, newsletter, given["say"], settings.zone, pictures.web)
    shortened = note(whole, shown, f"issues/{issue.newsletter}/{issue.key}/issue.html", LARGEST_HTML)
    return Rendering(
        html=slots.named(html, f"email/{newsletter.layout}.html"),
        text=slots.named(mail.text(shown), f"email/{newsletter.layout}.txt"),
        web=_page({**given, "reader": ReaderSlots()}, page, templates),
        problems=(shortened,) if shortened else (),
    )


class _Slots:
    """Stand-ins for the slots that no article of the issue can hold, as they depend on all of them."""

    def __init__(self, issue: Issue) -> None:
        key = sha256(repr(issue).encode("utf-8", "surrogatepass")).hexdigest()
        self.reader = ReaderSlots(
            unsubscribe=f"https://unsubscribe.invalid/{key}",
            preferences=f"https://preferences.invalid/{key}",
            address=f"address-{key[:24]}",
            name=f"name-{key[:24]}",
        )
        reader = self.reader
        self._tokens = {
            reader.unsubscribe: UNSUBSCRIBE,
            reader.preferences: PREFERENCES,
            reader.address: ADDRESS,
            reader.name: NAME,
        }
        self._key = key[:24]
        #: The one to unsubscribe at is the first.
        self.placeholders = tuple(self._tokens)

    def named(self, rendered: str, template: str) -> str:
        """Put the slots where the templates ask for them and nowhere else.

        A link or picture of an article that held one would carry each reader's own address to strangers.

        Args:
            rendered: with the stand-ins.
            template: what it was rendered from.

        Raises:
            BrokenTemplateError: a stand-in was changed, and no reader's own value can be put there.
        """
        safe = TOKEN.sub(r"\1", rendered)
        for placeholder, token in self._tokens.items():
            safe = safe.replace(placeholder, token)
        if self._key in safe.lower():
            mistake = "it changes one of the reader's own values; write them as they are, such as {{ reader.address }}"
            raise BrokenTemplateError(template, ValueError(mistake))
        return safe

    def reserved(self, html: str) -> int:
        """Return how many bytes more than now readers' own values may take."""
        return sum(html.count(placeholder) * (RESERVE - len(placeholder)) for placeholder in self.placeholders)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A mail that was to fit, as far as it came."""

    shown: Shortened
    #: Bytes that it was told to have, with its styles inlined.
    told: int
    #: Styles inlined; empty where that was not worth it.
    html: str
    #: Bytes that it has.
    size: int


class _Mail:
    """The HTML part of an issue, rendered as often as it takes to fit."""

    def __init__(self, given: Mapping[str, Any], layout: str, templates: Templates, slots: _Slots) -> None:
        self._given = given
        self._layout = layout
        self._templates = templates
        self._slots = slots
        self._styles = styles(templates.render("email/style.css", given))

    def fitting(self, whole: Sequence[Section]) -> tuple[str, Shortened]:
        """Return the HTML, styles inlined, and what it shows."""
        archive = bool(self._given["web_url"])
        ladder = Ladder(tuple(whole), letter=self._layout == "letter", omits=archive)
        attempt = self._attempt(ladder, LARGEST_HTML)
        if attempt.html and attempt.size > LARGEST_HTML:
            # Only a template of the publication's own can grow beyond what was told: once more, with room for it.
            attempt = self._attempt(ladder, LARGEST_HTML - (attempt.size - attempt.told))
        if attempt.size > LARGEST_HTML:
            raise TooLarge(attempt.size, LARGEST_HTML, archive=archive)
        return attempt.html, attempt.shown

    def _attempt(self, ladder: Ladder, room: int) -> _Attempt:
        """Shorten the issue until it is told to fit, and inline its styles."""
        shown = ladder.fitting(self._size, room)
        drawn = self._html(shown)
        told = self._told(drawn)
        if told > room:
            return _Attempt(shown, told, "", max(told + LARGEST_HTML - room, len(drawn)))
        html = self._styles.inline(drawn, shown.sections, self._slots.placeholders)
        return _Attempt(shown, told, html, len(html.encode()) + self._slots.reserved(html))

    def text(self, shown: Shortened) -> str:
        """Return the text part, with the same articles."""
        listed = tuple(with_text(section.shown) for section in shown.sections)
        given = {**self._given, "sections": listed, "omitted": shown.omitted, "fill": _fill, "width": WIDTH}
        text = self._templates.render(f"email/{self._layout}.txt", given)
        return "\n".join(line.rstrip() for line in text.strip().split("\n")) + "\n"

    def _html(self, shown: Shortened) -> str:
        """Return the mail before its styles are inlined."""
        listed = tuple(section.shown for section in shown.sections)
        given = {**self._given, "sections": listed, "omitted": shown.omitted}
        return self._templates.render(f"email/{self._layout}.html", given).strip()

    def _size(self, shown: Shortened) -> int:
        # Titles and links must be in it: what has so much of them is not drawn.
        least = sum(len(section.title) + len(section.url) for section in shown.sections)
        return least if least > LARGEST_HTML else self._told(self._html(shown))

    def _told(self, html: str) -> int:
        """Return how many bytes a mail will have once its styles are inlined."""
        # Inlining takes hardly anything away: what is so large before is not parsed.
        return len(html) if len(html) > 2 * LARGEST_HTML else self._styles.size(html) + self._slots.reserved(html)


def _page(given: Mapping[str, Any], page: Sequence[Section], templates: Templates) -> str:
    listed = tuple(section.shown for section in page)
    return templates.render("email/web.html", {**given, "sections": listed, "omitted": 0}).strip() + "\n"


def _fill(text: str, first: str = "") -> str:
    return "\n".join(wrap(text, first=first))
