"""Feeds are known by what is in them, whatever they are called; the exit status says whether there is an error."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Invoke = Callable[..., Result]
RSS = (
    '<rss version="2.0"><channel>{}<link>https://notes.example/</link><description>Birds</description></channel></rss>'
)
GOOD, BAD = RSS.format("<title>Field Notes</title>"), RSS.format("")
JSON = '{{"version": "{}", "title": "Field Notes", "items": []}}'


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def huge(path: Path) -> None:
    """Make a file that claims 5 GiB and holds nothing."""
    path.touch()
    os.truncate(path, 5 * 2**30)


@pytest.mark.parametrize("name", ["a.xml", "a.atom", "a.rss", "a.rdf", "a.opml", "a.XML", "a.feed", "a"])
def test_a_feed_of_any_name_ends_with_1_exactly_when_it_has_an_error(
    name: str, tmp_path: Path, cli_invoke: Invoke
) -> None:
    path = tmp_path / name
    path.write_text(GOOD, encoding="utf-8")
    assert cli_invoke("check", path).exit_code == 0
    path.write_text(BAD, encoding="utf-8")
    told = cli_invoke("check", path)
    assert told.exit_code == 1
    assert "[rss.title.missing]" in told.stdout


@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_hides_no_feed(codec: str, tmp_path: Path, cli_invoke: Invoke) -> None:
    path = tmp_path / "a.feed"
    path.write_text(BAD, encoding=codec)
    assert "[rss.title.missing]" in cli_invoke("check", path).stdout


@pytest.mark.parametrize("name", ["a.json", "a.feed"])
def test_a_json_feed_of_any_name_is_checked(name: str, tmp_path: Path, cli_invoke: Invoke) -> None:
    path = tmp_path / name
    path.write_text(JSON.format("https://jsonfeed.org/version/1.1"), encoding="utf-8")
    assert cli_invoke("check", path).exit_code == 0
    path.write_text(JSON.format("https://jsonfeed.org/version/2"), encoding="utf-8")
    told = cli_invoke("check", path)
    assert told.exit_code == 1
    assert "[json.version]" in told.stdout


@pytest.mark.parametrize("name", ["big.atom", "big.json", "big.html", "big.eml", "big.md", "big"])
def test_a_huge_file_is_refused_unread(name: str, tmp_path: Path, cli_invoke: Invoke) -> None:
    huge(tmp_path / name)
    told = cli_invoke("check", tmp_path / name)
    assert told.exit_code == 1
    assert f"{name}: the file is too large: 5.0 GiB, at most 64 MiB are read; split it" in told.stdout


@pytest.mark.parametrize("name", ["endless.xml", "endless.md", "endless"])
def test_a_link_to_a_device_is_refused_unread(name: str, tmp_path: Path, cli_invoke: Invoke) -> None:
    endless(tmp_path / name)
    told = cli_invoke("check", tmp_path / name)
    assert told.exit_code == 1
    assert f"{name}: cannot be read (no ordinary file)" in told.stdout


def check_each_feed_once(site: Path, cli_invoke: Invoke) -> None:
    assert cli_invoke("check", site / "feeds").stdout.count("[rss.title.missing]") == 2
    assert cli_invoke("check").stdout.count("[rss.title.missing]") == 2


def test_a_folder_is_looked_at_once_wherever_links_lead(
    site: Path, cli_invoke: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("feeds/a.xml", "feeds/tags/b.xml", "elsewhere/c.xml"):
        (site / name).parent.mkdir(exist_ok=True)
        (site / name).write_text(BAD, encoding="utf-8")
    (site / "feeds" / "loop").symlink_to(".")
    (site / "feeds" / "out").symlink_to("../elsewhere")
    check_each_feed_once(site, cli_invoke)
    # Following them is seen.
    monkeypatch.setattr(Path, "is_symlink", lambda _: False)
    with pytest.raises(AssertionError):
        check_each_feed_once(site, cli_invoke)


def test_a_link_that_is_named_is_followed_and_so_is_one_to_a_feed(
    site: Path, tmp_path: Path, cli_invoke: Invoke
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "bad").write_text(BAD, encoding="utf-8")
    (tmp_path / "elsewhere" / "a.xml").symlink_to("../bad")
    (tmp_path / "named").symlink_to("elsewhere")
    assert cli_invoke("check", tmp_path / "named").stdout.count("[rss.title.missing]") == 1


# ---------------------------------------------------------------- what a file is, by its place

HTML = "<!doctype html><title>Owls</title><article><h1>Owls</h1><p>They hunt at night.</p></article>"


def test_an_article_in_html_is_judged_as_an_article(site: Path, cli_invoke: Invoke) -> None:
    path = site / "articles" / "2026-11-20-owls.html"
    path.write_text(HTML, encoding="utf-8")
    assert cli_invoke("check", path).output == ""
    path.write_text(HTML.replace("<title>", "<meta name=date content=soon><title>"), encoding="utf-8")
    assert "[article]" in cli_invoke("check", path).stdout
    (site / "owls.html").write_text(HTML, encoding="utf-8")
    assert "[html." in cli_invoke("check", site / "owls.html").stdout


@pytest.mark.parametrize("name", ["all.html", "issues/weekly.html", "issues/weekly/2026-W47.html"])
def test_a_page_of_feeds_is_no_mail(name: str, site: Path, cli_invoke: Invoke) -> None:
    cli_invoke("issue", "weekly")
    cli_invoke("build")
    told = cli_invoke("check", site / "feeds" / name)
    assert told.exit_code == 0
    assert (
        told.stdout
        == f"note: {site}/feeds/{name}: is a page, which no rule is about; check the feed beside it, or the issue that it is the page of [file]\n"
    )


def test_files_of_a_bundle_are_judged_as_such(site: Path, cli_invoke: Invoke) -> None:
    bundle = site / cli_invoke("issue", "weekly").stdout.strip()
    for name in ("web.html", "issue.txt"):
        assert "error" not in cli_invoke("check", bundle / name).stdout
    page = bundle / "web.html"
    page.write_text(page.read_text(encoding="utf-8").replace('rel="canonical"', 'rel="alternate"'), encoding="utf-8")
    told = cli_invoke("check", page)
    assert {rule for rule in ("web.canonical", "bundle.file.changed") if f"[{rule}]" in told.stdout} == {
        "web.canonical",
        "bundle.file.changed",
    }
    assert "[html." not in told.stdout
    assert "issue.txt" not in told.stdout


# ---------------------------------------------------------------- the publication's own files


@pytest.mark.parametrize("name", ["publisher.toml", "publisher.lock"])
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "is no ordinary file"),
        (endless, "is no ordinary file"),
        (huge, "is too large: 5.0 GiB, at most "),
    ],
)
def test_settings_and_promises_that_are_no_fair_files_end_with_4(
    name: str, make: Callable[[Path], object], said: str, site: Path, cli_invoke: Invoke
) -> None:
    (site / name).unlink(missing_ok=True)
    make(site / name)
    told = cli_invoke("build")
    assert told.exit_code == 4
    assert f"{name}: cannot be read: {said}" in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert not (site / "feeds").exists()
