"""Feeds are known by what is in them, whatever they are called; the exit status says whether there is an error."""

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
