"""One article from its metadata and its body: every name authors use, every mistake at once."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import TypeVar
from urllib.parse import quote

from publisher.article import Article, Author, Image, Status
from publisher.errors import Problem, Severity
from publisher.markup.characters import line
from publisher.markup.removed import removed
from publisher.markup.sanitise import clean
from publisher.markup.slugs import slug
from publisher.sources import addresses, dates, keys, values
from publisher.sources.base import Body, Conventions, Document, Reading
from publisher.sources.episodes import episode
from publisher.sources.keys import Entries, Entry
from publisher.sources.summaries import opening, shortened

#: Length of a message, which may quote what an author wrote, in characters.
MESSAGE = 240
#: How many tags an article may have.
MOST_TAGS = 100

_UNSEEN = frozenset("draft drafts future hidden pending private review scheduled unlisted unpublished wip".split())
_SEEN = frozenset("complete completed done final live public publish published released".split())
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
#: Signs of a URI (RFC 3986 §2), `%` among them: what is escaped already stays.
_ASCII = "!#$%&'()*+,-./:;=?@[]_~"
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+", re.ASCII)
# What URIs of these schemes have to look like; a slip in one makes it a name like any other.
_FORMS = {
    "http": (
        _WEB := re.compile(
            r"https?://(?:[^\s<>\"{}|\\^`/?#\[\]]+|\[[0-9a-f:.]+\](?::\d+)?)(?:[/?#][^\s<>\"{}|\\^`]*)?",
            re.ASCII | re.IGNORECASE,
        )
    ),
    "https": _WEB,
    # RFC 4151 §2.1.
    "tag": re.compile(
        r"tag:(?:[A-Za-z0-9._-]+@)?[a-z0-9]+(?:[.-][a-z0-9]+)*,[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?:[^\s<>\"{}|\\^`]*",
        re.ASCII,
    ),
    # RFC 8141 §2 and RFC 9562 §4.
    "urn": re.compile(
        rf"urn:(?:uuid:{_UUID.pattern}|(?!uuid:)[a-z0-9][a-z0-9-]{{0,30}}[a-z0-9]:[^\s<>\"{{}}|\\^`]+)",
        re.ASCII | re.IGNORECASE,
    ),
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_ENCLOSURE = "write a table with url, type and length, such as {url: talk.mp3, type: audio/mpeg, length: 1234}"
_SOURCE = "write a list of texts, or of tables with text and url"

_T = TypeVar("_T")


def assemble(
    fields: Mapping[str, object],
    body: Body,
    document: Document,
    conventions: Conventions,
    lines: Mapping[str, int] | None = None,
) -> Reading:
    """Make an article of metadata and body; mistakes in either are problems, told all at once.

    Args:
        fields: metadata under any of the names in `sources.keys`.
        body: what the format found outside the metadata.
        document: the file.
        conventions: what holds where the article is silent.
        lines: line in the file of each key of `fields`.

    Returns:
        The article and its notes, or no article and everything that is wrong with it.
    """
    return _Assembly(Entries(fields, lines or {}), body, document, conventions).reading()


class _Assembly:
    """Asks for each part of an article in turn and notes what is wrong with it."""

    def __init__(self, entries: Entries, body: Body, document: Document, conventions: Conventions) -> None:
        self._entries = entries
        self._body = body
        self._document = document
        self._conventions = conventions
        self._problems: list[Problem] = []

    def reading(self) -> Reading:
        article = self._article()
        if not self._problems:
            return Reading((article,))
        problems = tuple(sorted(self._problems, key=lambda problem: problem.line))
        if any(problem.severity is Severity.ERROR for problem in self._problems):
            return Reading((), problems)
        return Reading((article,), problems)

    def _article(self) -> Article:
        status = self._status()
        published = self._published(status)
        url = self._given_url()
        title = self._text(keys.TITLE) or line(self._body.title)
        own = self._slug(url, title)
        section = self._section()
        content = clean(self._body.content) if self._body.content else ""
        if lost := self._body.removed or removed(self._body.content):
            cure = "leave it out, or link to a page that has it"
            self._note(f"has {lost}, which readers do not get", cure, severity=Severity.NOTE)
        return Article(
            id=self._value(keys.IDENTIFIER, _identifier, "write text, such as id: my-first-post") or "",
            title=title or self._made_title(own),
            url=url or addresses.build(self._document.name, own, section, published, self._conventions),
            summary=self._summary(content),
            content=content,
            highlights=self._tuple(keys.HIGHLIGHTS, values.lines, "write a list of texts") or self._body.highlights,
            authors=self._authors(),
            tags=self._tags(),
            section=section,
            language=self._language(),
            published=published,
            updated=self._updated(published),
            image=self._image(),
            enclosures=(files := self._tuple(keys.ENCLOSURES, values.enclosures, _ENCLOSURE)),
            episode=episode(self._entries, files, self._read),
            sources=self._tuple(keys.SOURCES, values.citations, _SOURCE) or self._body.sources,
            status=status,
            path=self._document.path,
            line=self._body.line,
            slug=own,
            body_digest=self._body.digest or sha256(content.encode()).hexdigest(),
            unread=self._body.unread,
        )

    def _note(self, message: str, cure: str, place: int = 0, severity: Severity = Severity.ERROR) -> None:
        told = shortened(message, MESSAGE)
        self._problems.append(Problem(self._document.path, told, cure, place or self._body.line, severity))

    def _read(self, entry: Entry, convert: Callable[[object], _T], cure: str = "", *, vital: bool = True) -> _T | None:
        """Convert one value; a mistake is noted and gives None."""
        try:
            return convert(entry.value)
        except ValueError as error:
            severity = Severity.ERROR if vital else Severity.NOTE
            self._note(f"{entry.key} {error}", cure, entry.line, severity)
            return None

    def _value(self, names: tuple[str, ...], convert: Callable[[object], _T], cure: str = "") -> _T | None:
        """Return the first of several values that says something."""
        for entry in self._entries.all(names):
            if found := self._read(entry, convert, cure):
                return found
        return None

    def _text(self, names: tuple[str, ...]) -> str:
        cure = f"write text on one line, such as {names[0]}: Some words"
        return self._value(names, values.text, cure) or ""

    def _tuple(self, names: tuple[str, ...], convert: Callable[[object], Iterator[_T]], cure: str) -> tuple[_T, ...]:
        found = (self._tuple_of(entry, convert, cure) for entry in self._entries.all(names))
        return next(filter(None, found), ())

    def _tuple_of(self, entry: Entry, convert: Callable[[object], Iterator[_T]], cure: str) -> tuple[_T, ...]:
        return self._read(entry, lambda value: tuple(convert(value)), cure) or ()

    def _status(self) -> Status:
        in_drafts = "_drafts" in self._document.name.split("/")[:-1]
        if self._text(keys.STATUS).lower() == Status.WITHDRAWN.value:
            return Status.WITHDRAWN
        said = [self._draft(), self._stated(), self._withheld()]  # a list: each notes its own mistakes
        return Status.DRAFT if in_drafts or any(said) else Status.PUBLISHED

    def _draft(self) -> bool:
        entry = self._entries.first(keys.DRAFT)
        answer = values.flag(entry.value) if entry else False
        if entry and answer is None:
            self._note(f"{entry.key} is neither true nor false", "write draft: true or draft: false", entry.line)
        return bool(answer)

    def _stated(self) -> bool:
        """Whether `status` says that nobody may see it; a word nobody knows must not publish by accident."""
        word = self._text(keys.STATUS).lower()
        if word and word not in _UNSEEN | _SEEN:
            entry = self._entries.first(keys.STATUS)
            self._note(
                f'status is "{word}"',
                "write status: draft, status: published or status: withdrawn",
                entry.line if entry else 0,
            )
        return word in _UNSEEN

    def _withheld(self) -> bool:
        entry = self._entries.first(("published",))
        return entry is not None and values.flag(entry.value) is False

    def _published(self, status: Status) -> datetime | None:
        entries = [
            entry
            for entry in self._entries.all(keys.PUBLISHED)
            if values.flag(entry.value) is None and not dates.moving(entry.value)
        ]
        if entries:
            return self._read(entries[0], lambda value: dates.moment(value, self._conventions.zone))
        found = self._dated_name() or self._conventions.published
        if found is None and status is Status.PUBLISHED:
            cure = "add date: 2026-01-31 to its metadata, or begin the file's name with the date"
            self._note("has no publication date", cure)
        return found

    def _dated_name(self) -> datetime | None:
        """Return the date in the permalink or, failing that, in the file's path."""
        given = [str(entry.value) for entry in self._entries.all(keys.ADDRESS) if isinstance(entry.value, str)]
        names = (*given, self._document.name)
        found = (dates.from_name(name, self._conventions.zone) for name in names)
        return next(filter(None, found), None)

    def _updated(self, published: datetime | None) -> datetime | None:
        entry = self._entries.first(keys.UPDATED)
        if entry is None or dates.moving(entry.value):
            return None
        updated = self._read(entry, lambda value: dates.moment(value, self._conventions.zone))
        return updated if updated and (published is None or updated > published) else None

    def _given_url(self) -> str:
        cure = "write a whole address, or a path below the site such as /first-steps/"
        site = self._conventions.url
        return self._value(keys.ADDRESS, lambda value: addresses.permalink(_pattern(value), site), cure) or ""

    def _slug(self, url: str, title: str) -> str:
        # A file of many records has one name: there the title tells them apart.
        named = title if self._body.line else ""
        given = self._text(keys.SLUG) or (url and addresses.last_part(url)) or named
        return slug(given or addresses.stem(self._document.name))

    def _made_title(self, own: str) -> str:
        words = own if self._body.line else addresses.stem(self._document.name)
        title = line(re.sub(r"[-_]+", " ", words)) or own
        return title[:1].upper() + title[1:]

    def _summary(self, content: str) -> str:
        said = [entry for entry in self._entries.all(keys.SUMMARY) if str(entry.value).lower() not in ("true", "false")]
        for entry in said:
            if text := self._read(entry, values.text, "write text, such as summary: In two sentences"):
                return text
        return line(self._body.summary) or (opening(content) if content else "")

    def _section(self) -> str:
        if entry := self._entries.first(keys.SECTION):
            first = entry.value[0] if isinstance(entry.value, list | tuple) else entry.value
            return self._read(Entry(entry.key, first, entry.line), values.text, "write section: News") or ""
        return ""

    def _tags(self) -> tuple[str, ...]:
        tags: dict[str, str] = {}
        for entry in self._entries.all(keys.TAGS):
            for tag in self._tuple_of(entry, values.tags, "write tags: [one, two]"):
                tags.setdefault(tag.casefold(), tag)
        if len(tags) > MOST_TAGS:
            # Each has a feed in which each is told: time and space grow with the square.
            cure = f"keep those by which readers look for it; the first {MOST_TAGS} are used"
            self._note(f"has {len(tags)} tags", cure, severity=Severity.NOTE)
        return tuple(tags.values())[:MOST_TAGS]

    def _authors(self) -> tuple[Author, ...]:
        cure = "write author: Ada Example, or a list of names"
        for entry in self._entries.all(keys.AUTHORS):
            convert = partial(values.authors, several=keys.plain(entry.key).endswith("authors"))
            if found := self._tuple_of(entry, convert, cure):
                return found
        return (self._conventions.author,) if self._conventions.author else ()

    def _language(self) -> str:
        said = self._text(keys.LANGUAGE).partition(".")[0].replace("_", "-")
        if not said or _LANGUAGE.fullmatch(said):
            return said or self._conventions.language
        entry = self._entries.first(keys.LANGUAGE)
        cure = f"it is taken as {self._conventions.language}; write a tag such as lang: de or lang: pt-BR"
        self._note(f'"{said}" is no language', cure, entry.line if entry else 0, Severity.NOTE)
        return self._conventions.language

    def _image(self) -> Image | None:
        alt = self._text(keys.IMAGE_ALT)
        cure = "the article is used without it; write an address such as image: cover.jpg"
        for entry in self._entries.all(keys.IMAGE):
            if found := self._read(entry, lambda value: values.image(value, alt), cure, vital=False):
                return found
        return None


def _pattern(value: object) -> str:
    """Return an address as text; Eleventy's tables and false say nothing of one."""
    return "false" if isinstance(value, Mapping | bool) else values.text(value)


def _identifier(value: object) -> str:
    """Return a URI in its ASCII form, a UUID as a URN (RFC 9562 §4), and mark all else as local to the publication."""
    said = values.text(value)
    if _UUID.fullmatch(said):
        return f"urn:uuid:{said.lower()}"
    form = _FORMS.get(said.partition(":")[0].lower(), _URI)
    return quote(said, safe=_ASCII) if not said or form.fullmatch(said) else f"local:{quote(said, safe='')}"
