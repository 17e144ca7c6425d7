"""The bundle of an issue, from articles to bytes."""

import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from publisher.article import Article, Author, Citation, Image
from publisher.config.settings import Settings
from publisher.errors import SurroundingsError, UsageError
from publisher.markup.characters import line
from publisher.markup.plaintext import columns
from publisher.markup.sanitise import clean
from publisher.newsletter import (
    MANIFEST,
    SENT,
    UNSUBSCRIBE,
    Issue,
    ManifestError,
    next_issue,
    read_past,
)
from publisher.newsletter import bundle as bundling
from publisher.newsletter.bundle import render_bundle
from publisher.newsletter.manifest import Unreadable, read
from publisher.newsletter.pictures import prepare
from publisher.newsletter.slots import PREFERENCES
from publisher.templating import Templates, bundled

BERLIN = ZoneInfo("Europe/Berlin")
AUTHORITY = "notes.example,2026"
#: A Monday, five minutes after the newsletter is due.
NOW = datetime(2026, 11, 23, 8, 5, tzinfo=BERLIN)


def make_article(name: str, days: float = 1, **values: Any) -> Article:
    """Return an article published some days before NOW."""
    standard: dict[str, Any] = {
        "id": f"tag:notes.example,2026:{name}",
        "title": f"About {name}",
        "url": f"https://notes.example/{name}/",
        "authors": (Author("Ada Example"),),
        "summary": f"All of {name} in a sentence.",
        "content": f"<p>All of <b>{name}</b> in a sentence.</p>",
        "published": NOW - timedelta(days=days),
    }
    return Article(**(standard | values))


def make_settings(newsletter: dict[str, Any] | None = None, **publication: Any) -> Settings:
    """Return settings of a publication with one newsletter, `weekly`."""
    return Settings.model_validate(
        {
            "publication": {
                "title": "Field Notes",
                "url": "https://notes.example/",
                "timezone": "Europe/Berlin",
                **publication,
            },
            "newsletters": [{"name": "weekly", "title": "Field Notes Weekly", **(newsletter or {})}],
        }
    )


def make_issue(articles: tuple[Article, ...], settings: Settings) -> Issue:
    """Return the first issue with all these articles."""
    ids = [article.id for article in articles]
    issue = next_issue(articles, (), settings.newsletters[0], settings.publication, settings.zone, NOW, only=ids)
    assert issue is not None
    return issue


#: Rich, plain, and written from right to left.
ARTICLES = (
    make_article(
        "rivers",
        title="Rivers & <maps>",
        authors=(Author("Ada Example"), Author("Ben Example"), Author("Cleo Example")),
        content='<p>See <a href="/office?a=1&amp;b=2">the office</a>.</p><h2>Later</h2>'
        '<p><img src="gauge.png" alt="A gauge"></p>',
        highlights=("One & two", "Three"),
        image=Image("lead.jpg", "Fog"),
        sources=(Citation("Yearbook", "https://office.example/yearbook.pdf"), Citation("Interview")),
    ),
    make_article("gauges", days=2),
    make_article("arabic", days=3, title="نهر", language="ar", content="<p>نهر طويل</p>", authors=()),
)


def _bundle(articles: tuple[Article, ...] = ARTICLES, content: str = "full", **values: Any) -> dict[str, bytes]:
    newsletter = {"content": content, **values.pop("newsletter", {})}
    settings = make_settings(newsletter, **values)
    return dict(
        render_bundle(
            make_issue(articles, settings), settings, settings.newsletters[0], bundled(), AUTHORITY, Path()
        ).files
    )


def _tree(html: bytes) -> Any:
    return etree.fromstring(html, etree.HTMLParser(encoding="utf-8"))


def _words(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def test_the_bundle_has_its_files_and_their_hashes() -> None:
    bundle = _bundle()
    assert list(bundle) == ["issue.html", "issue.txt", "issue.eml", "web.html", MANIFEST]
    manifest = json.loads(bundle.pop(MANIFEST))
    assert manifest["files"] == {name: hashlib.sha256(data).hexdigest() for name, data in bundle.items()}
    assert [article["id"] for article in manifest["articles"]] == [article.id for article in ARTICLES]
    assert (manifest["format"], manifest["newsletter"], manifest["key"], manifest["number"]) == (
        1,
        "weekly",
        "2026-W48",
        1,
    )
    assert manifest["subject"] == "Field Notes Weekly #1: Rivers & <maps>"
    assert manifest["date"] == "2026-11-23T07:00:00Z"
    assert set(manifest["versions"]) == {"publisher-feeds", "premailer", "cssutils", "lxml", "jinja2"}


def test_the_same_instant_in_another_zone_is_the_same_bundle() -> None:
    elsewhere = tuple(replace(a, published=a.published and a.published.astimezone(UTC), path="b.md") for a in ARTICLES)
    assert _bundle(elsewhere) == _bundle()


def test_the_mail_holds_the_html_and_the_text() -> None:
    bundle = _bundle()
    mail: Any = message_from_bytes(bundle["issue.eml"], policy=default)
    assert [part.get_payload(decode=True).replace(b"\r\n", b"\n") for part in mail.iter_parts()] == [
        bundle["issue.txt"],
        bundle["issue.html"],
    ]
    assert str(mail["From"]) == "Field Notes Weekly <newsletter@notes.example>"
    assert mail["List-Id"] == "Field Notes Weekly <weekly.notes.example>"


def test_sender_and_list_can_be_set() -> None:
    bundle = _bundle(
        newsletter={
            "from": "Ada <ada@letters.example>",
            "reply_to": "re@letters.example",
            "list_id": "l.letters.example",
        }
    )
    mail = message_from_bytes(bundle["issue.eml"], policy=default)
    assert str(mail["From"]) == "Ada <ada@letters.example>"
    assert str(mail["Reply-To"]) == "re@letters.example"
    assert mail["List-Id"] == "Field Notes Weekly <l.letters.example>"


@pytest.mark.parametrize("host", ["[::1]", "127.0.0.1", "127.0.0.1:8000"])
def test_a_host_that_is_no_mail_domain_is_told_in_words(host: str) -> None:
    with pytest.raises(UsageError, match=r"no domain name for a mail; give the newsletter from"):
        _bundle(url=f"http://{host}/")


def test_a_domain_has_one_form_wherever_it_stands() -> None:
    own = {"from": "Ada <ada@faß.example>"}
    for bundle in (_bundle(url="https://faß.example/"), _bundle(url="https://faß.example/", newsletter=own)):
        mail = message_from_bytes(bundle["issue.eml"], policy=default)
        assert str(mail["From"]).partition("@")[2].rstrip(">") == "xn--fa-hia.example"
        assert b"https://xn--fa-hia.example/" in bundle["issue.html"]
        assert b"fass.example" not in b"".join(bundle.values())


@pytest.mark.parametrize("content", ["full", "summary"])
def test_html_text_and_page_show_the_same_articles(content: str) -> None:
    bundle = _bundle(content=content)
    text = bundle["issue.txt"].decode()
    for name in ("issue.html", "web.html"):
        tree = _tree(bundle[name])
        assert [_words(title) for title in tree.iter("h2")] == ["Rivers & <maps>", "About gauges", "نهر"]
        assert [_words(title) for title in tree.iter("h1")] == ["Field Notes Weekly"]
        shown = _words(tree.find("body"))
        assert "Ada Example, Ben Example and Cleo Example · 22 November 2026 · 1 min read" in shown
        assert "20 November 2026 · 1 min read" in shown
        assert "At a glance One & two Three" in shown
        assert "Sources Yearbook Interview" in shown
        feeds = "https://notes.example/feeds/issues/weekly.atom.xml"  # a link of the page alone
        for address in {a.get("href") for a in tree.iter("a")} - {None, UNSUBSCRIBE, feeds}:
            assert address in text or "#article" in address
    for words in ("Rivers & <maps>", "About gauges", "نهر", "- One & two", "- Three", "- Yearbook\n  https://office"):
        assert words in text


def test_whole_articles_or_summaries_are_shown() -> None:
    full, summary = _bundle(content="full"), _bundle(content="summary")
    assert b"the office [1]" in full["issue.txt"]
    assert b"[1] https://notes.example/office?a=1&b=2" in full["issue.txt"]
    assert b"All of rivers in a sentence." not in full["issue.txt"]
    assert b"All of rivers in a sentence." in summary["issue.txt"]
    assert b"the office" not in summary["issue.html"]


def test_the_text_part_is_narrow_and_says_first_what_it_is() -> None:
    text = _bundle(newsletter={"postal_address": "12 Mill Lane\n\nLeipzig"}, description="On rivers.")[
        "issue.txt"
    ].decode()
    assert text.startswith("Field Notes Weekly: issue 1, 23 November 2026\n\nOn rivers.\n\nIn this issue\n")
    assert text.endswith("\n\nField Notes\n12 Mill Lane\nLeipzig\n")
    for words, address in (
        ("Read in the browser", "https://notes.example/feeds/issues/weekly/2026-W48.html"),
        ("Past issues", "https://notes.example/feeds/issues/weekly.html"),
        ("Field Notes on the web", "https://notes.example/"),
        ("Unsubscribe", UNSUBSCRIBE),
        ("Preferences", PREFERENCES),
    ):
        assert f"\n\n{words}:\n{address}\n\n" in text
    assert "\n\n\n" not in text
    assert all(columns(row) <= 72 for row in text.splitlines())


def test_the_slot_is_in_both_parts_of_the_mail_and_not_on_the_page() -> None:
    bundle = _bundle(newsletter={"postal_address": "12 Mill Lane"})
    assert [
        bundle[name].count(UNSUBSCRIBE.encode()) for name in ("issue.html", "issue.txt", "issue.eml", "web.html")
    ] == [1, 1, 3, 0]
    assert b"12 Mill Lane" in bundle["issue.html"]


def test_an_article_cannot_ask_for_the_readers_own_address() -> None:
    trap = f"https://stranger.example/?{UNSUBSCRIBE}"
    article = make_article(
        "trap",
        title=f"Go to {UNSUBSCRIBE}",
        content=f'<p><img src="{trap}" alt="x"><a href="{trap.replace("@", "&#64;")}">x</a></p>',
        highlights=(trap,),
        sources=(Citation("Source", trap),),
    )
    settings = make_settings({"content": "full"})
    bundle = dict(
        render_bundle(
            make_issue((article,), settings), settings, settings.newsletters[0], bundled(), AUTHORITY, Path()
        ).files
    )
    assert [bundle[name].count(UNSUBSCRIBE.encode()) for name in ("issue.html", "issue.txt", "issue.eml")] == [1, 1, 3]


def test_the_text_part_says_what_the_lead_picture_shows() -> None:
    article = make_article("heron", image=Image("https://notes.example/heron.png", "A heron on one leg"))
    settings = make_settings()
    bundle = dict(
        render_bundle(
            make_issue((article,), settings), settings, settings.newsletters[0], bundled(), AUTHORITY, Path()
        ).files
    )
    assert "\n\n[A heron on one leg]\n\n" in bundle["issue.txt"].decode()


def test_a_name_written_from_the_right_leaves_the_date_whole() -> None:
    article = make_article("gate", language="ar", authors=(Author("ليلى مثال"),))
    settings = make_settings()
    bundle = dict(
        render_bundle(
            make_issue((article,), settings), settings, settings.newsletters[0], bundled(), AUTHORITY, Path()
        ).files
    )
    byline = etree.HTML(bundle["issue.html"].decode()).xpath("//p[starts-with(@class, 'byline')]")[0]
    assert [part.get("dir") for part in byline] == ["auto"] * 3
    assert byline[1].text == "22 November 2026"


def test_every_layout_table_is_marked_and_every_style_is_one() -> None:
    tree = _tree(_bundle()["issue.html"])
    assert all(table.get("role") == "presentation" for table in tree.iter("table"))
    assert all(":" in element.get("style") for element in tree.iter() if element.get("style") is not None)
    assert all(picture.get("width").isdecimal() and picture.get("alt") for picture in tree.iter("img"))


def test_the_lead_picture_is_shown_once() -> None:
    article = make_article("a", content='<p><img src="lead.jpg?a&amp;b" alt=""></p>', image=Image("lead.jpg?a&b"))
    assert _bundle((article,))["issue.html"].count(b"<img") == 1
    assert _bundle((article,), content="summary")["issue.html"].count(b"<img") == 1
    assert b"<img" not in _bundle((replace(article, image=Image("data:x")),), content="summary")["issue.html"]


def test_one_article_needs_no_contents() -> None:
    bundle = _bundle(ARTICLES[:1])
    assert b"In this issue" not in bundle["issue.html"] + bundle["issue.txt"] + bundle["web.html"]


def test_direction_follows_the_language() -> None:
    tree = _tree(_bundle(language="he")["issue.html"])
    assert (tree.get("lang"), tree.get("dir")) == ("he", "rtl")
    cells = [(cell.get("lang"), cell.get("dir")) for cell in tree.iter("td") if cell.get("lang")]
    assert cells == [("en", "ltr"), ("en", "ltr"), ("ar", "rtl")]


def test_an_article_without_summary_is_shown_by_its_beginning() -> None:
    text = _bundle((make_article("a", summary="", content=f"<p>{'word ' * 200}</p>"),), content="summary")[
        "issue.txt"
    ].decode()
    assert "word…" in text


def test_bare_articles_are_shown_too() -> None:
    bare = make_article(
        "a",
        url="tag:a",
        title="T",
        summary="",
        content="",
        authors=(),
        published=None,
        sources=(Citation("", "https://a.example/"),),
    )
    bundle = _bundle((bare,))
    assert b"1 min read" in bundle["issue.txt"]
    assert b'href="tag:' not in bundle["issue.html"]
    assert json.loads(bundle[MANIFEST])["articles"][0]["published"] is None


_LINES = st.text(max_size=60)
_HOSTILE = [
    "<div>",
    '<p style="p">',
    '<a href="http://[',
    '<a href="/é ü">',
    "<!--[if mso]>",
    "<table>",
    "{{ x }}",
    "<style>@import url(x)</style>",
    "]]>",
    "&#0;",
    "<base href=x>",
]
_SIGNS = list("<>/\"'&;:!-[]{}%=# abpiémgx日\x00\x0b\u202e\ud800")
_FRAGMENTS = st.lists(st.sampled_from(_SIGNS + _HOSTILE), max_size=40).map("".join)


@pytest.mark.whole
@settings(settings.get_profile("costly"))
@given(_LINES, _FRAGMENTS, _LINES, _LINES)
def test_no_article_can_break_the_bundle(title: str, content: str, words: str, address: str) -> None:
    hostile = make_article(
        "hostile",
        title=title or "x",
        content=clean(content),
        summary=words,
        highlights=(words,),
        authors=(Author(words),),
        sources=(Citation(words, f"https://a.example/{line(address)}"),),
        image=Image(address, words),
    )
    bundle = _bundle((hostile, *ARTICLES))
    mail = message_from_bytes(bundle["issue.eml"], policy=default)
    assert not mail.defects
    assert b"About gauges" in bundle["issue.html"]
    assert bundle["issue.html"].count(UNSUBSCRIBE.encode()) == 1
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", bundle["issue.txt"].decode())


def test_a_publications_own_template_is_checked(tmp_path: Path) -> None:
    (tmp_path / "email").mkdir()
    (tmp_path / "email" / "style.css").write_text(".title { color: #123456 }", encoding="utf-8")
    settings = make_settings()
    bundle = dict(
        render_bundle(
            make_issue(ARTICLES, settings), settings, settings.newsletters[0], Templates(tmp_path), AUTHORITY, Path()
        ).files
    )
    assert b"color:#123456" in bundle["issue.html"]


def _put(folder: Path, key: str, manifest: object, *, sent: bool = False) -> Path:
    home = folder / key
    home.mkdir(parents=True)
    (home / MANIFEST).write_text(manifest if isinstance(manifest, str) else json.dumps(manifest), encoding="utf-8")
    if sent:
        (home / SENT).write_text("{}", encoding="utf-8")
    return home / MANIFEST


def test_past_issues_are_read_back(tmp_path: Path) -> None:
    manifest = json.loads(_bundle()[MANIFEST])
    _put(tmp_path, "2026-W48", {**manifest, "number": 2})
    _put(tmp_path, "2026-W47", {**manifest, "key": "2026-W47"}, sent=True)
    first, second = read_past(tmp_path)
    assert (first.key, first.number, first.sent) == ("2026-W47", 1, True)
    assert (second.key, second.number, second.sent) == ("2026-W48", 2, False)
    assert second.article_ids == tuple(article.id for article in ARTICLES)
    assert second.since == datetime.fromisoformat(manifest["since"])
    assert read_past(tmp_path / "absent") == ()


def expect_damaged(path: Path, reason: str) -> None:
    """Demand that a manifest is refused with its path, the reason and the cure."""
    with pytest.raises(ManifestError, match=f"{re.escape(str(path))}.*{reason}.*restore it"):
        read_past(path.parents[1])


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [("{", "is no JSON"), ("[" * 100_000, "is no JSON"), ("[]", "is damaged"), ("7", "is damaged"), ({}, "is damaged")],
)
def test_what_is_no_manifest_is_named_with_its_cure(tmp_path: Path, manifest: object, reason: str) -> None:
    expect_damaged(_put(tmp_path, "2026-W48", manifest), reason)


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"format": 2}, "has the format 2, which is unknown"),
        ({"since": "2026-11-16T08:00:00"}, "since has no time zone"),
        ({"since": "soon"}, "is damaged"),
        ({"date": None}, "date is no text"),
        ({"date": "0001-01-01T00:00:00+23:59"}, "is damaged"),
        ({"key": "../k"}, "belongs into a folder called ../k"),
        ({"number": float("inf")}, "number is no number of an issue"),
        ({"number": 1e400}, "number is no number of an issue"),
        ({"number": True}, "number is no number of an issue"),
        ({"number": 0}, "number is no number of an issue"),
        ({"number": 10**12}, "number is no number of an issue"),
        ({"articles": [{}]}, "is damaged"),
        ({"articles": ["a"]}, "is damaged"),
        ({"articles": 1}, "is damaged"),
        ({"given": 1}, "is damaged"),
        ({"files": []}, "is damaged"),
        ({"files": {"issue.txt": 1}}, "is damaged"),
        ({"files": {"../issue.txt": "00"}}, "names ../issue.txt outside the bundle"),
        ({"files": {"/etc/passwd": "00"}}, "names /etc/passwd outside the bundle"),
    ],
)
def test_a_damaged_manifest_is_named_with_its_cure(tmp_path: Path, said: dict[str, object], reason: str) -> None:
    expect_damaged(_put(tmp_path, "2026-W48", {**json.loads(_bundle()[MANIFEST]), **said}), reason)


@pytest.mark.whole
@settings(settings.get_profile("costly"))
@given(
    st.sampled_from(["format", "key", "number", "date", "since", "url", "articles", "files", "subject", "given"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    ),
)
def test_whatever_a_manifest_says_it_is_read_or_refused_in_words(name: str, value: object) -> None:
    said = json.dumps({**json.loads(_bundle()[MANIFEST]), name: value}).encode()
    assert _told(said).startswith(("number ", "is ", "has ", "names "))


def _told(manifest: bytes) -> str:
    try:
        return f"number {read(manifest).number}"
    except Unreadable as error:
        return str(error)


def test_an_unreadable_manifest_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "2026-W48" / MANIFEST).mkdir(parents=True)
    with pytest.raises(SurroundingsError, match="cannot be read"):
        read_past(tmp_path)


def test_of_what_is_not_shown_no_picture_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where an article is too much for a mail, its summary stands, and nothing is said of pictures in its content."""
    long = make_article("long", content='<p><img src="/hidden.png" alt="a"></p>' + "<p>words</p>" * 50_000)
    short = make_article("short", 2, content='<p><img src="/seen.png" alt="a"></p>')
    settings = make_settings({"content": "full"})
    issue = make_issue((long, short), settings)

    def told() -> list[str]:
        bundle = render_bundle(issue, settings, settings.newsletters[0], bundled(), AUTHORITY, tmp_path)
        return [re.sub(r"[\d,]+ bytes", "N bytes", problem.message).split(" lies ")[0] for problem in bundle.problems]

    too_much = "the content of 'About long' has N bytes, more than the 524,288 that fit, so mails show its summary"
    assert told() == [too_much, "the picture https://notes.example/seen.png"]
    monkeypatch.setattr(bundling, "prepare", lambda _, *rest: prepare(issue.articles, *rest))
    assert told()[1:] == ["the picture https://notes.example/hidden.png", "the picture https://notes.example/seen.png"]
