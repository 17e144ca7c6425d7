"""A blog's folder of several hundred posts, as its generator left it, becomes feeds: nothing crashes, nothing is lost."""

import json
import random
from calendar import timegm
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import feedparser
import pytest

from publisher import Publication
from publisher.errors import Severity

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TITLES = [
    "Hello: world",
    "日本語の記事",
    "مرحبا بالعالم",
    "Tom & Jerry <3",
    "C++ \"quoted\" 'text'",
    "100 % 🎉",
    "It’s 2024",
]
BODIES = [
    "Plain text.\n\n- one\n- two\n",
    '```xml\n<![CDATA[ x ]]>\n```\n\n{% highlight ruby %}x{% endhighlight %} {{< figure src="a.png" >}}\n',
    '![photo](photo.jpg) and ![other](/img/o.png)\n\n<iframe src="https://video.example/1"></iframe>\n',
    "Bell \x07, vertical tab \x0b, NUL-free, soft\xadhyphen, \u2028 separators \ufffe.\n",
    "عربي و עברית\n\n> 引用\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
    "<script>alert(1)</script><div onclick=x>[a](javascript:alert(1))</div>\n<!-- more -->\nRest[^1].\n\n[^1]: Note.\n",
    "# Heading\n\nSetext\n======\n\n" + "word " * 700 + "\n",
]

Post = tuple[str, str, str, datetime]


def yaml_post(n: int, title: str, body: str, when: datetime, rng: random.Random) -> tuple[str, str]:
    """Give name and text as Jekyll, Hugo, Hexo and Eleventy authors write them."""
    quoted = json.dumps(title, ensure_ascii=False)
    date = rng.choice([f"{when:%Y-%m-%d %H:%M:%S %z}", when.isoformat(), f"{when:%a, %d %b %Y %H:%M:%S %z}"])
    head = f"---\nlayout: post\ntitle: {quoted}\ndate: {date}\ntags: [a, 'b c', 日本]\ncomments: true\n---\n"
    return f"_posts/{when:%Y-%m-%d}-post-{n}.markdown", head + body


def toml_post(n: int, title: str, body: str, when: datetime, _rng: random.Random) -> tuple[str, str]:
    """Give name and text as Hugo and Zola authors write them: page bundles with images beside."""
    head = f'+++\ntitle = {json.dumps(title, ensure_ascii=False)}\ndate = {when.isoformat()}\n[taxonomies]\ntags = ["x"]\n+++\n'
    return f"blog/post-{n}/index.md", head + body


def pelican_post(n: int, title: str, body: str, when: datetime, _rng: random.Random) -> tuple[str, str]:
    head = f"Title: {title}\nDate: {when.astimezone(UTC):%Y-%m-%d %H:%M:%S}\nCategory: News\nTags: a, b c\nSlug: post-{n}\n\n"
    return f"content/news/post-{n}.md", head + body


def blog(folder: Path, count: int) -> dict[str, Post]:
    """Write a blog and return what must be found in its feeds, by file."""
    rng = random.Random(7)
    expected = {}
    for n in range(count):
        zone = timezone(timedelta(minutes=rng.choice([0, 60, -480, 345])))
        when = datetime(2010, 1, 1, tzinfo=UTC) + timedelta(seconds=rng.randrange(500_000_000))
        title, body = f"{rng.choice(TITLES)} {n}", rng.choice(BODIES)
        write: Callable[..., tuple[str, str]] = (yaml_post, toml_post, pelican_post)[n % 3]
        name, text = write(n, title, body, when.astimezone(zone), rng)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        (path.parent / "photo.jpg").write_bytes(b"\xff\xd8\xff\x00")
        expected[name] = (title, name, body, when)
    return expected


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Post], dict[str, str]]:
    folder = tmp_path_factory.mktemp("blog")
    (folder / "publisher.toml").write_text(
        '[publication]\ntitle = "Old Blog"\nurl = "https://old.example/"\n[[feeds]]\nname = "all"\nlimit = 1000\n',
        encoding="utf-8",
    )
    expected = blog(folder / "articles", 420)
    broken = {
        "_posts/2020-01-01-broken.md": b"---\ntitle: a: b: c\n---\nx",
        "blog/empty/index.md": b"",
        "content/binary.md": b"\x00\x01\x02",
        "content/undated.md": b"No date at all.\n",
    }
    for name, data in broken.items():
        (folder / "articles" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "articles" / name).write_bytes(data)
    report = Publication.load(folder).build(NOW)
    errors = [problem for problem in report.problems if problem.severity is Severity.ERROR]
    named = {problem.path.removeprefix("articles/"): str(problem) for problem in errors}
    assert set(named) == set(broken)
    return folder, expected, named


def test_every_readable_post_is_in_the_feeds_with_its_own_date_and_title(
    built: tuple[Path, dict[str, Post], dict[str, str]],
) -> None:
    folder, expected, _ = built
    wanted = sorted((title, when.replace(microsecond=0)) for title, _, _, when in expected.values())
    items = json.loads((folder / "feeds" / "all.json").read_bytes())["items"]
    assert sorted((i["title"], datetime.fromisoformat(i["date_published"])) for i in items) == wanted
    for name in ("all.atom.xml", "all.rss.xml"):
        parsed = feedparser.parse((folder / "feeds" / name).read_bytes())
        assert not parsed.bozo, parsed.get("bozo_exception")
        found = [(e.title, datetime.fromtimestamp(timegm(e.published_parsed), UTC)) for e in parsed.entries]
        assert sorted((t, w) for t, w in found) == wanted


def test_no_script_and_no_relative_address_reaches_a_reader(
    built: tuple[Path, dict[str, Post], dict[str, str]],
) -> None:
    items = json.loads((built[0] / "feeds" / "all.json").read_bytes())["items"]
    content = "".join(item["content_html"] for item in items)
    for unwanted in ("<script", "onclick", '="javascript:', 'src="photo.jpg"', 'href="#', "<iframe"):
        assert unwanted not in content
    assert "https://video.example/1" in content


def test_each_feed_passes_its_own_checks(built: tuple[Path, dict[str, Post], dict[str, str]]) -> None:
    publication = Publication.load(built[0])
    findings = publication.check(
        [built[0] / "feeds" / f"all{suffix}" for suffix in (".atom.xml", ".rss.xml", ".json")], NOW
    )
    assert [f for f in findings if f.problem.severity.value == "error"] == []
