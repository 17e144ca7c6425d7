"""The names of metadata in the worlds of Hugo, Jekyll, Pelican, Eleventy, Hexo, Zola and JSON Feed.

A name is written here in its plain form: lower case, without `-`, `_` and spaces. A dot leads into a table. The
first name that has a value wins.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

TITLE = ("title",)
PUBLISHED = tuple("date published pubdate publishdate pubdatetime datepublished publishedat created".split())
UPDATED = tuple(
    "updated lastmod modified lastmodified lastmodifiedat datemodified updatedat updateddate moddatetime".split()
)
TAGS = ("tags", "tag", "categories", "category", "keywords")
SECTION = ("section", "category")
AUTHORS = ("authors", "author")
DRAFT = ("draft",)
STATUS = ("status",)
SUMMARY = ("summary", "description", "excerpt", "subtitle")
IMAGE = tuple(
    "image cover coverimage heroimage featuredimage featureimage thumbnail ogimage header.image images".split()
)
IMAGE_ALT = ("imagealt", "coveralt", "imagecaption")
SLUG = ("slug",)
ADDRESS = ("permalink", "url", "link", "canonicalurl")
LANGUAGE = ("lang", "language", "locale")
IDENTIFIER = ("id", "guid", "uuid")
HIGHLIGHTS = ("highlights", "keypoints")
SOURCES = ("sources", "references")
ENCLOSURES = tuple(
    "enclosures attachments enclosure podcastfile podcast.file podcast.enclosure episode.file episode.enclosure".split()
)
#: Tables that hold what podcast applications are told of an episode, under the names of `EPISODE_INNER`.
EPISODE_TABLES = ("podcast", "episode", "itunes")
EPISODE_INNER = {
    "title": ("title",),
    "number": ("number", "episode"),
    "display": ("display",),
    "season": ("season",),
    "seasonname": ("seasonname",),
    "type": ("type", "episodetype"),
    "explicit": ("explicit",),
    "duration": ("duration",),
    "image": ("image", "cover"),
    "transcripts": ("transcripts", "transcript"),
    "chapters": ("chapters",),
    "persons": ("persons", "people", "person"),
    "hosts": ("hosts", "host"),
    "guests": ("guests", "guest"),
    "block": ("block",),
}
#: The same beside the article's other metadata. Some are words that mean much else: they count only where there is
#: something to play.
EPISODE_OUTER = {
    "title": ("episodetitle", "podcasttitle", "itunestitle"),
    "number": ("episodenumber", "podcastepisode", "itunesepisode", "episode"),
    "display": ("episodedisplay",),
    "season": ("seasonnumber", "podcastseason", "itunesseason", "season"),
    "seasonname": ("seasonname",),
    "type": ("episodetype", "podcasttype", "itunesepisodetype"),
    "explicit": ("podcastexplicit", "itunesexplicit", "explicit"),
    "duration": ("podcastduration", "itunesduration", "audioduration", "duration"),
    "image": ("episodeimage", "podcastimage", "itunesimage"),
    "transcripts": ("transcripts", "transcript"),
    "chapters": ("podcastchapters", "chapters"),
    "persons": ("persons", "people", "person"),
    "hosts": ("hosts", "host"),
    "guests": ("guests", "guest"),
    "block": ("podcastblock", "itunesblock"),
}

_EVERY = (TITLE, PUBLISHED, UPDATED, TAGS, SECTION, AUTHORS, DRAFT, STATUS, SUMMARY, IMAGE, IMAGE_ALT, SLUG, ADDRESS)
_KNOWN = frozenset(name for group in (*_EVERY, LANGUAGE, IDENTIFIER, HIGHLIGHTS, SOURCES, ENCLOSURES) for name in group)
_OF_EPISODES = frozenset((*EPISODE_TABLES, *(name for names in EPISODE_OUTER.values() for name in names)))
#: Tables in which Zola and Hugo keep what the others keep at the top.
_INNER = ("taxonomies", "extra", "params")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the metadata, with the name and the line its author gave it."""

    key: str
    value: object
    #: Line in the file, from 1; 0 where unknown.
    line: int = 0


@lru_cache(maxsize=1024, typed=True)  # thousands of posts share a handful of names
def plain(key: object) -> str:
    """Return the plain form of a name: `publish_date`, `Publish Date` and `publishDate` are one."""
    return re.sub(r"[-_\s]", "", str(key)).casefold()


def of_episode(key: str) -> bool:
    """Say whether a name is one that may tell of an episode."""
    return plain(key) in _OF_EPISODES


def known(key: str) -> bool:
    """Say whether a name is one of metadata, so that a first paragraph `Note: …` is none."""
    return plain(key) in _KNOWN


class Entries:
    """Metadata to be looked up by any of its names.

    Args:
        fields: metadata as its author wrote it.
        lines: line of each key of `fields`, as far as they are known.
    """

    def __init__(self, fields: Mapping[str, object], lines: Mapping[str, int]) -> None:
        self._found: dict[str, Entry] = {}
        inner = [(key, value) for key, value in fields.items() if isinstance(value, Mapping)]
        for key, value in fields.items():
            self._keep(plain(key), Entry(key, value, lines.get(key, 0)))
        for key, table in inner:
            for name, value in table.items():
                entry = Entry(f"{key}.{name}", value, lines.get(key, 0))
                self._keep(f"{plain(key)}.{plain(name)}", entry)
                if plain(key) in _INNER:
                    self._keep(plain(name), entry)

    def _keep(self, name: str, entry: Entry) -> None:
        if entry.value not in (None, "", [], {}):
            self._found.setdefault(name, entry)

    def all(self, names: tuple[str, ...]) -> Sequence[Entry]:
        """Return the entries that have a value, in the order of `names`."""
        found = self._found
        return [found[name] for name in names if name in found]

    def first(self, names: tuple[str, ...]) -> Entry | None:
        """Return the first entry of these names that has a value."""
        found = self._found
        for name in names:
            if name in found:
                return found[name]
        return None
