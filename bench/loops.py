"""Small programs to measure against: what the files alone cost, and a feedgen loop of the kind one writes in an evening.

A program of its own, `loops.py NAME FOLDER`, so that it pays for its own imports and for no others.
"""

import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

SITE = "https://notes.example/"
LIMIT = 50


def read(folder: Path) -> None:
    """Read every file once: no build that starts from nothing can be faster."""
    for path in sorted((folder / "articles").iterdir()):
        path.read_bytes()


def stat(folder: Path) -> None:
    """Ask for the status of every file: no build that notices every change can be faster."""
    for path in sorted((folder / "articles").iterdir()):
        path.stat()


def feedgen(folder: Path) -> None:
    """Write the newest posts of all and of each tag as Atom and RSS; HTML goes out as Markdown made it, unchecked."""
    import pyromark  # noqa: PLC0415 - only this loop pays for it
    import yaml  # noqa: PLC0415

    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for path in sorted((folder / "articles").iterdir()):
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        post = {**yaml.load(front, yaml.CSafeLoader), "url": f"{SITE}{path.stem}/", "body": body}
        for name in ("all", *post["tags"]):
            groups[name].append(post)
    rendered: dict[str, str] = {}
    for name, posts in groups.items():
        newest = sorted(posts, key=lambda post: post["date"], reverse=True)[:LIMIT]
        for post in newest:
            rendered.setdefault(post["url"], pyromark.html(post["body"]))
        _write(folder / "feeds", name, newest, rendered)


def _write(folder: Path, name: str, posts: list[dict[str, Any]], rendered: dict[str, str]) -> None:
    from feedgen.feed import FeedGenerator  # noqa: PLC0415

    feed = FeedGenerator()
    feed.id(f"{SITE}feeds/{name}")
    feed.title(name)
    feed.description(name)
    feed.link(href=SITE)
    for post in posts:
        entry = feed.add_entry(order="append")
        entry.id(post["url"])
        entry.link(href=post["url"])
        entry.title(post["title"])
        entry.author(name=post["author"])
        entry.content(rendered[post["url"]], type="html")
        entry.published(post["date"])
        entry.updated(post["date"])
        for tag in post["tags"]:
            entry.category(term=tag)
    folder.mkdir(exist_ok=True)
    feed.atom_file(str(folder / f"{name}.atom.xml"))
    feed.rss_file(str(folder / f"{name}.rss.xml"))


if __name__ == "__main__":
    {"read": read, "stat": stat, "feedgen": feedgen}[sys.argv[1]](Path(sys.argv[2]))
