"""Files that want to harm are told to be no feeds: without a traceback, a file opened, or time out of proportion."""

import json
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from publisher.check import feed_values, feeds, jsonfeed, xmlfeed
from publisher.check.feed_rules import Hit
from publisher.check.feeds import check_feed
from publisher.check.json_places import Places
from publisher.check.xmlfeed import tree
from publisher.check.xmlfeed.tree import Node
from publisher.errors import Problem, Severity

ATOM = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Notes</title>%b</feed>'
RSS = b'<rss version="2.0"><channel><title>Notes</title>%b</channel></rss>'
XHTML = b'<entry><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">%b</div></content></entry>'


def rules(data: bytes) -> list[str]:
    return [found.rule for found in check_feed(data, "feed")]


def test_entities_that_would_fill_the_memory_are_refused() -> None:
    levels = "".join(f'<!ENTITY {name} "{f"&{below};" * 20}">' for below, name in pairwise("abcdefgh"))
    bomb = f'<!DOCTYPE rss [<!ENTITY a "{"x" * 1000}">{levels}]><rss version="2.0">&h;</rss>'
    (found,) = check_feed(bomb.encode(), "feed")
    assert found.rule == "feed.unreadable"
    assert "amplification" in found.problem.message


def test_no_other_file_is_read() -> None:
    doctype = '<!DOCTYPE rss SYSTEM "file:///etc/passwd" [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    told = check_feed(f'{doctype}<rss version="2.0"><channel><title>&a;</title></channel></rss>'.encode(), "feed")
    assert "root:" not in str(told)
    assert told[0].rule == "feed.doctype"


@pytest.mark.parametrize(
    "data",
    [
        b"\0" * 100,
        b"\xff\xfe\xff\xfe\x00",
        b"\xfe\xff\0<",
        b"\0\0\0<\0\0\0",
        b"<rss \xff/>",
        b"<" * 1000,
        b"<a>" * 10_000,
        b"<?xml version='1.0' encoding='rot13'?><rss/>",
        b"<?xml version='1.0' encoding='unicode_escape'?><rss>\\d</rss>",
        b"<?xml version='1.0' encoding='utf-7'?><rss/>",
        b"<?xml version='1.0' encoding='utf-16'?><rss/>",
        b"<!DOCTYPE rss [<!ENTITY a '&a;'>]><rss>&a;</rss>",
        b"<!DOCTYPE rss [<!ENTITY % a SYSTEM 'x'> %a;]><rss/>",
        b"<rss xmlns:a='}'/>",
        b"<rss xmlns:xml='x'/>",
        b'{"items": "\xff"}',
        b'{"items": [NaN, 1e999, "\\ud800"], "title": "\\ud800", "version": "\\ud800"}',
        b'\xff\xfe{\x00"\x00',
        b"[" * 5000,
        b'{"a":' * 5000,
    ],
    ids=lambda data: str(data[:40]),
)
def test_what_is_no_feed_has_an_error(data: bytes) -> None:
    assert any(found.problem.severity is Severity.ERROR for found in check_feed(data, "feed"))


SHAPES: dict[str, Callable[[int], bytes]] = {
    "entries": lambda size: ATOM % (b"<entry><id>a</id></entry>" * size),
    "nameless items": lambda size: RSS % (b"<item><description>&lt;script&gt;</description></item>" * size),
    "one long item": lambda size: RSS % (b"<item>" + b"<description>&lt;script&gt;</description>" * size + b"</item>"),
    "unknown elements": lambda size: RSS % (b"<heron/>" * size),
    "namespaces": lambda size: RSS % b"".join(b'<a:b xmlns:a="https://a.example/%d"/>' % n for n in range(size)),
    "attributes": lambda size: RSS % (b"<item " + b"".join(b'a%d="" ' % n for n in range(size)) + b"/>"),
    "xhtml": lambda size: ATOM % (XHTML % (b"<p>x</p>" * size)),
    "lines": lambda size: RSS % (b"<item/>\n" * size),
    "outlines": lambda size: b'<opml version="2.0"><head/><body>' + b"<outline/>" * size + b"</body></opml>",
    "things": lambda size: (
        b'<a:RDF xmlns:a="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' + b"<x/>" * size + b"</a:RDF>"
    ),
    "json": lambda size: json.dumps({"version": "1", "items": [{"id": "a"}] * size}).encode(),
    "skipped entities": lambda size: b"<!DOCTYPE rss SYSTEM 'x'>" + RSS % (b"&a;" * size),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_large_files_take_time_in_proportion(
    shape: str, expect_linear: Callable[[Callable[[int], object], int], None]
) -> None:
    expect_linear(lambda size: check_feed(SHAPES[shape](size), "feed"), 1000)


def test_a_rule_that_compares_all_with_all_would_be_found(
    monkeypatch: pytest.MonkeyPatch, expect_linear: Callable[[Callable[[int], object], int], None]
) -> None:
    def planted(root: Node) -> Iterator[Hit]:
        yield from (Hit("", "") for one in root.tree() for other in root.tree() if one.name == other.name == "")

    monkeypatch.setattr(xmlfeed, "_everywhere", planted)
    with pytest.raises(AssertionError):
        expect_linear(lambda size: check_feed(SHAPES["entries"](size), "feed"), 200)


def test_outlines_may_nest_as_deep_as_any_document() -> None:
    nested = b'<outline text="a">' * 190 + b"</outline>" * 190
    assert rules(b'<opml version="2.0"><head/><body>' + nested + b"</body></opml>") == []


@pytest.mark.parametrize(
    "data",
    [
        RSS % (b"<a/>" * 500),
        RSS % (b'<a b="" c="" d="" e=""/>' * 100),
        RSS % b"".join(b'<a xmlns:b="x:%d"/>' % number for number in range(250)),
        b'{"items": [' + b"[]," * 250 + b"0]}",
    ],
    ids=["elements", "attributes", "namespaces", "json"],
)
def test_a_file_with_more_parts_than_any_feed_is_refused(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "_MOST", 500)
    monkeypatch.setattr(jsonfeed, "_MOST", 500)
    (found,) = check_feed(data, "feed")
    assert found.rule == "feed.unreadable"
    assert "more than 500 " in found.problem.message


def test_a_file_larger_than_any_feed_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "xml_hits", None)
    (found,) = check_feed(RSS % (b"x" * 20_000_000), "feed")
    assert (found.rule, found.problem.severity) == ("feed.large", Severity.ERROR)


def test_looking_stops_with_a_note_when_there_is_too_much_to_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "_ENOUGH", 5)
    told = check_feed(SHAPES["unknown elements"](50), "feed")
    assert [found.rule for found in told] == ["rss.element.unknown"] * 5 + ["feed.many"]
    assert told[-1].problem.severity is Severity.NOTE


def test_of_long_html_only_the_beginning_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feed_values, "_LONGEST", 20)
    assert [hit.rule for hit in feed_values.html_hits("x" * 20 + "<script>", "it")] == ["content.long"]
    assert [hit.rule for hit in feed_values.html_hits("<script>" + "x" * 12, "it")] == ["content.active"]


def test_a_thousand_findings_of_a_rule_are_enough() -> None:
    assert rules(SHAPES["unknown elements"](5000)).count("rss.element.unknown") == 1000


def test_a_place_is_told_as_line_and_column() -> None:
    problem = Problem("feed.xml", "it is wrong", line=3, column=7)
    assert str(problem) == "feed.xml:3:7: it is wrong"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (1, 1)),
        (("title",), (1, 2)),
        (("items",), (2, 2)),
        (("items", 0), (3, 3)),
        (("items", 0, "id"), (3, 4)),
        (("items", 1), (5, 3)),
        (("items", 1, "tags"), (5, 13)),
        (("items", 1, "tags", 0), (5, 22)),
        (("items", 1, "url"), (5, 3)),
        (("items", 7), (2, 2)),
    ],
)
def test_a_part_of_a_json_document_is_found(path: tuple[str | int, ...], place: tuple[int, int]) -> None:
    text = '{"title": "a,{[\\"",\n "items": [\n  {"id": 1},\n  5,\n  {"id": 2, "tags": ["x", "y"]}]}'
    assert json.loads(text)["items"][1] == 5
    places = Places(text.replace("  5,\n", "\n"))
    assert places.of(*path) == place


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b'<rss version="2.0">\n<channel>\n  <ttl>x</ttl></channel></rss>', (3, 3)),
        ('<rss version="2.0">\n<channel>ä<ttl>x</ttl></channel></rss>'.encode(), (2, 11)),
        ('<rss version="2.0">\r\n<channel>ä<ttl>x</ttl></channel></rss>'.encode("utf-16"), (2, 11)),
    ],
    ids=["lines", "letters", "another encoding"],
)
def test_columns_count_characters(data: bytes, place: tuple[int, int]) -> None:
    (found,) = (one for one in check_feed(data, "feed") if one.rule == "value.number")
    assert (found.problem.line, found.problem.column) == place


def test_a_byte_that_cannot_be_decoded_is_told_with_its_place() -> None:
    data = '<rss version="2.0">\n<channel>ä'.encode() + b"\xff</channel></rss>"
    (found,) = (one for one in check_feed(data, "feed") if one.rule == "feed.encoding")
    assert (found.problem.line, found.problem.column) == (2, 11)
