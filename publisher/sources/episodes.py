"""What metadata tells podcast applications of an article, in a table of its own or beside the rest."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Protocol, TypeVar

from publisher.article import Chapters, Enclosure, Episode, EpisodeType, Person, Transcript
from publisher.sources import values
from publisher.sources.keys import EPISODE_INNER, EPISODE_OUTER, EPISODE_TABLES, Entries, Entry, plain
from publisher.sources.mediatypes import guessed, plays

#: Lengths that Podcasting 2.0 asks to keep to, in characters.
DISPLAY, NAME = 32, 128

#: A BCP 47 tag.
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")

_TYPES: Mapping[str, EpisodeType] = {"full": "full", "trailer": "trailer", "bonus": "bonus"}
_WITHOUT = "the episode is used without it; write "
# The last two are enclosures.
_INNER = frozenset((*(name for names in EPISODE_INNER.values() for name in names), "file", "enclosure"))

_T = TypeVar("_T")


class Read(Protocol):
    """Converts the value of an entry; a mistake is noted and gives None."""

    def __call__(
        self, entry: Entry, convert: Callable[[object], _T], cure: str = "", *, vital: bool = True
    ) -> _T | None:
        """Convert, with the cure of a mistake, and whether the article is lost with the value."""


def episode(entries: Entries, enclosures: Sequence[Enclosure], read: Read) -> Episode | None:
    """Return what podcast applications are told of an article; None where nobody says that it is an episode.

    A mistake is never vital: an article that cannot be numbered is still worth hearing.

    Args:
        entries: the article's metadata.
        enclosures: its files. Where none is sound or film, only the tables of `EPISODE_TABLES` count.
        read: converts and notes.
    """
    tables = [
        found for name in EPISODE_TABLES if (found := entries.first((name,))) and isinstance(found.value, Mapping)
    ]
    audible = any(plays(file.type) for file in enclosures)
    if not tables and not audible:
        return None
    asked = _Asked([*_inside(tables, read)], entries if audible else None, read)
    return asked.episode() if asked.says_something() else None


def _inside(tables: Sequence[Entry], read: Read) -> Iterator[tuple[str, Entry]]:
    """Yield the entries of tables by their plain names, and note names that nobody knows."""
    for table in tables:
        assert isinstance(table.value, Mapping)
        for key, value in table.value.items():
            entry = Entry(f"{table.key}.{key}", value, table.line)
            if plain(key) in _INNER:
                yield plain(key), entry
            else:
                alike = get_close_matches(plain(key), sorted(_INNER), n=1)
                read(entry, _unknown, f"did you mean {alike[0]}?" if alike else "", vital=False)


def _unknown(_: object) -> None:
    raise ValueError("is not known and was left out")


class _Asked:
    """Asks for each part of an episode in turn."""

    def __init__(self, inside: Sequence[tuple[str, Entry]], entries: Entries | None, read: Read) -> None:
        self._inside = inside
        self._entries = entries
        self._read = read

    def _all(self, part: str) -> Iterator[Entry]:
        names = EPISODE_INNER[part]
        yield from (entry for name in names for found, entry in self._inside if found == name and _says(entry.value))
        for entry in self._entries.all(EPISODE_OUTER[part]) if self._entries else ():
            if not (isinstance(entry.value, Mapping) and plain(entry.key) in EPISODE_TABLES):
                yield entry

    def says_something(self) -> bool:
        return any(True for part in EPISODE_INNER for _ in self._all(part))

    def _one(self, part: str, convert: Callable[[object], _T], cure: str) -> _T | None:
        entry = next(self._all(part), None)
        return self._read(entry, convert, _WITHOUT + cure, vital=False) if entry else None

    def _several(self, part: str, convert: Callable[[object], Iterator[_T]], cure: str) -> tuple[_T, ...]:
        return self._one(part, lambda value: tuple(convert(value)), cure) or ()

    def episode(self) -> Episode:
        season, name = self._one("season", _season, "a number, such as season: 2") or (None, "")
        return Episode(
            title=self._one("title", values.text, "text") or "",
            number=self._one("number", _ordinal, "a number, such as episode: 12"),
            display=self._one("display", _short(DISPLAY), "a few words") or "",
            season=season,
            season_name=self._one("seasonname", _short(NAME), "a few words") or name,
            type=self._one("type", _type, "full, trailer or bonus") or "full",
            explicit=self._one("explicit", _explicit, "explicit: true or explicit: false"),
            duration=self._one("duration", values.seconds, 'duration: "1:02:03", or a number of seconds'),
            image=self._one("image", lambda value: values.image(value, ""), "an address, such as image: cover.jpg"),
            transcripts=self._several("transcripts", _transcripts, "transcript: talk.vtt, or {url, type, language}"),
            chapters=self._one("chapters", _chapters, "the address of a file, such as chapters: talk.json"),
            persons=(
                *self._persons("persons", ""),
                *self._persons("hosts", "host"),
                *self._persons("guests", "guest"),
            ),
            block=self._one("block", _flag, "block: true or block: false") or False,
        )

    def _persons(self, part: str, role: str) -> tuple[Person, ...]:
        return self._several(
            part, lambda value: _persons(value, role), "names, or tables with name, role, url and image"
        )


def _says(value: object) -> bool:
    return value not in (None, "", [], {})


def _ordinal(value: object) -> int:
    digits = values.text(value)
    if not re.fullmatch("0*[1-9][0-9]{0,8}", digits):
        raise ValueError("is no whole number from 1")
    return int(digits)


def _season(value: object) -> tuple[int, str]:
    if isinstance(value, Mapping):
        return _ordinal(value.get("number")), _short(NAME)(value.get("name") or "")
    return _ordinal(value), ""


def _short(limit: int) -> Callable[[object], str]:
    def convert(value: object) -> str:
        words = values.text(value)
        if len(words) > limit:
            raise ValueError(f"has more than {limit} characters")
        return words

    return convert


def _type(value: object) -> EpisodeType:
    word = values.text(value).lower()
    if word not in _TYPES:
        raise ValueError(f'is "{word}"')
    return _TYPES[word]


def _explicit(value: object) -> bool:
    # Before 2019 Apple took yes, no and clean.
    return False if str(value).strip().lower() == "clean" else _flag(value)


def _flag(value: object) -> bool:
    if (said := values.flag(value)) is None:
        raise ValueError("is neither true nor false")
    return said


def _tables(value: object) -> Iterator[Mapping[str, object]]:
    """Yield the tables of a list or a single one; an address stands for a table with it."""
    for item in value if isinstance(value, list | tuple) else [value]:
        yield item if isinstance(item, Mapping) else {"url": item}


def _first(table: Mapping[str, object], *names: str) -> str:
    return next((values.text(table[name]) for name in names if table.get(name)), "")


def _file(table: Mapping[str, object]) -> str:
    if not (url := _first(table, "url", "src", "file")):
        raise ValueError("needs a url")
    return values.reference(url)


def _transcripts(value: object) -> Iterator[Transcript]:
    for table in _tables(value):
        url = _file(table)
        if not (media := _first(table, "type", "mime_type") or guessed(url)):
            raise ValueError(f"needs a media type for {url}")
        language = _first(table, "language", "lang")
        if language and not LANGUAGE.fullmatch(language):
            raise ValueError(f'has a language "{language}"')
        captions = _first(table, "rel").lower() == "captions"
        yield Transcript(url, media.lower(), language, "captions" if captions else "")


def _chapters(value: object) -> Chapters:
    if isinstance(value, list | tuple):
        raise ValueError("is a list")
    table = next(_tables(value))
    url = _file(table)
    media = _first(table, "type", "mime_type") or guessed(url)
    # What all podcast applications write and read is JSON, whatever the file is called.
    return Chapters(url) if media in ("", "application/json") else Chapters(url, media.lower())


def _persons(value: object, role: str) -> Iterator[Person]:
    items = re.split(r"[,;\n]", value) if isinstance(value, str) else value
    for item in items if isinstance(items, list | tuple) else [items]:
        table = item if isinstance(item, Mapping) else {"name": item}
        if not (name := _first(table, "name")):
            raise ValueError("needs a name")
        yield Person(
            _short(NAME)(name),
            _first(table, "role") or role,
            _first(table, "group"),
            _optional(table, "url", "href", "link"),
            _optional(table, "image", "img", "picture"),
        )


def _optional(table: Mapping[str, object], *names: str) -> str:
    return values.reference(found) if (found := _first(table, *names)) else ""
