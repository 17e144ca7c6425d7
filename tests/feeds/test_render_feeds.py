"""A publication's feeds as files: which there are, and that the same articles give the same bytes anywhere."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import publisher
from publisher.article import Article
from publisher.check.feeds import check_feed
from publisher.config.settings import Settings
from publisher.feeds import FeedFile
from publisher.templating import Templates

Files = dict[str, bytes]
Render = Callable[..., Files]
RenderAll = Callable[..., list[FeedFile]]
PACKAGE = str(Path(publisher.__file__).resolve().parents[1])
ENDINGS = (".atom.xml", ".rss.xml", ".json", ".html")


def test_every_feed_has_its_formats_a_page_and_a_style_sheet(files: Files) -> None:
    names = ("all", "tags/birds", "tags/c-and-d", "tags/c-plus-plus", "tags/python")
    assert sorted(files) == sorted([*(name + ending for name in names for ending in ENDINGS), "feed.css", "feeds.opml"])


def test_feeds_of_tags_hold_the_articles_of_the_tag(files: Files) -> None:
    assert b'<title type="text">Field Notes &amp; Co: birds</title>' in files["tags/birds.atom.xml"]
    assert files["tags/birds.atom.xml"].count(b"<entry>") == 2
    assert files["tags/python.rss.xml"].count(b"<item>") == 1


@pytest.mark.parametrize(("name", "href"), [("all", "feed.css"), ("tags/birds", "../feed.css")])
def test_feeds_name_their_style_sheet_from_where_they_are(files: Files, name: str, href: str) -> None:
    for ending in (".atom.xml", ".rss.xml"):
        assert f'<?xml-stylesheet type="text/css" href="{href}"?>'.encode() in files[name + ending][:200]


def test_only_chosen_formats_are_written(
    render: Render, plain: Article, make_settings: Callable[..., Settings]
) -> None:
    files = render((plain,), make_settings({"name": "all", "formats": ["rss", "rss"]}))
    assert sorted(files) == ["all.html", "all.rss.xml", "feed.css", "feeds.opml"]


def test_no_path_is_yielded_twice(
    render_all: RenderAll, plain: Article, make_settings: Callable[..., Settings]
) -> None:
    tags = ("C", "C++", "C#", "c", "foo bar", "foo-bar", "foo_bar", "…", "***")
    made = make_settings({"name": "all", "formats": ["atom", "json", "atom"]}, {"per": "tag"})
    paths = [file.path for file in render_all((replace(plain, tags=tags),), made)]
    assert len(paths) == len(set(paths))
    assert len(paths) == 3 + 8 * 4 + 2


def test_a_limit_keeps_the_newest(render: Render, plain: Article, make_settings: Callable[..., Settings]) -> None:
    older = replace(plain, id="tag:notes.example,2026:older", title="Older")
    files = render((plain, older), make_settings({"name": "all", "limit": 1}))
    assert b"A grey heron" in files["all.json"]
    assert b"Older" not in files["all.json"]


def test_an_empty_publication_has_valid_feeds(render: Render) -> None:
    files = render(())
    assert sorted(files) == ["all.atom.xml", "all.html", "all.json", "all.rss.xml", "feed.css", "feeds.opml"]
    assert [
        found for path in files if path.endswith((".xml", ".json")) for found in check_feed(files[path], path)
    ] == []
    assert b"<updated>1990-01-01T00:00:00Z</updated>" in files["all.atom.xml"]


def test_feeds_served_elsewhere_say_so(render: Render, plain: Article, make_settings: Callable[..., Settings]) -> None:
    files = render((plain,), make_settings(feeds_url="https://feeds.example/notes"))
    assert b'"https://feeds.example/notes/all.json"' in files["all.json"]


def test_a_publication_may_bring_its_own_page(
    render_all: RenderAll, tmp_path: Path, plain: Article, make_settings: Callable[..., Settings]
) -> None:
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed" / "page.html").write_text("{{ feed.title }}: {{ entries[0][1] }}", encoding="utf-8")
    made = render_all((plain,), make_settings({"name": "all"}), Templates(tmp_path))
    pages = {file.path: file.data for file in made}
    assert pages["all.html"] == b"Field Notes &amp; Co: A grey heron"


PROGRAM = """
import sys
sys.path.insert(0, {here!r})
from conftest import PLAIN, TORTURE, TWIN, rendered
from hashlib import sha256
for path, data in rendered((TORTURE, PLAIN, TWIN)).items():
    print(path, sha256(data).hexdigest())
"""


def test_the_same_articles_give_the_same_bytes_anywhere(tmp_path: Path) -> None:
    """Hash seed, time zone, locale and folder leave no trace."""
    surroundings = [
        {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "2", "TZ": "Pacific/Kiritimati", "LC_ALL": "de_DE.UTF-8"},
        {"PYTHONHASHSEED": "3", "TZ": "America/Lima", "LC_ALL": "no_SUCH", "PYTHONUTF8": "0"},
    ]
    program = PROGRAM.format(here=str(Path(__file__).parent))
    printed = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": PACKAGE, **each},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for each in surroundings
    ]
    assert printed[0].count("\n") > 20
    assert len(set(printed)) == 1
