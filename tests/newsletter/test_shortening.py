"""How an issue that is too large is shortened: by rule, and never in the middle of a thought."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.article import Citation
from publisher.markup.plaintext import to_line
from publisher.newsletter import shortening, view
from publisher.newsletter.shortening import Ladder, Shortened, note, shortened_body
from publisher.newsletter.view import Lead, Section, as_line
from publisher.templating import trusted

_LIST = "<h3>A</h3><p>one two</p><h3>B</h3><ul><li>a</li><li>b</li></ul>"
_TABLE = (
    '<div class="wide"><table><thead><tr><th>x</th></tr></thead>'
    "<tbody><tr><td>1</td></tr><tr><td>2</td></tr></tbody></table></div>"
)


@pytest.mark.parametrize(
    ("html", "limit", "beginning"),
    [
        (_LIST, len(_LIST), _LIST),
        (_LIST, 50, "<h3>A</h3><p>one two</p>"),  # the heading alone would promise something
        (_LIST, 53, "<h3>A</h3><p>one two</p><h3>B</h3><ul><li>a</li></ul>"),
        (_LIST, 0, "<h3>A</h3><p>one two</p>"),
        (_TABLE, len(_TABLE) - 1, _TABLE.replace("<tr><td>2</td></tr>", "")),
        (_TABLE, 0, _TABLE.replace("<tr><td>2</td></tr>", "")),
        ("<pre>a\nb\nc</pre><p>x</p>", 5, "<pre>a\nb\nc</pre>"),
        ("<blockquote><p>a</p><p>b</p></blockquote>", 36, "<blockquote><p>a</p></blockquote>"),
        ("loose <b>bold</b> text<p>a</p>", 25, "loose <b>bold</b> text"),
        ("loose <b>bold</b> text<p>a</p>", 10, "loose <b>bold</b> text"),
        ("<p>a</p><p>c</p>loose <b>bold</b><p>b</p>", 30, "<p>a</p>"),
        ("<ul><li>a</li><li>b</li></ul>after", 20, "<ul><li>a</li></ul>"),
        ("<p>a</p><div>loose text <b>bold</b><p>b</p></div>", 30, "<p>a</p>"),
        ("nothing but words", 3, "nothing but words"),
        ("<div>loose <b>bold</b><p>a</p></div><p>b</p>", 30, "<div>loose <b>bold</b></div>"),
        ("<h3>a</h3><h4>b</h4>", 3, "<h3>a</h3><h4>b</h4>"),
    ],
)
def test_a_body_ends_after_a_whole_block(html: str, limit: int, beginning: str) -> None:
    assert shortened_body(html, limit) == beginning


_BLOCKS = st.recursive(
    st.text(alphabet="ab é日&<", max_size=30).map(lambda words: f"<p>{re.sub('[&<]', '&amp;', words)}</p>"),
    lambda inner: st.builds(
        lambda name, parts: (
            f"<{name}>{''.join(f'<li>{part}</li>' for part in parts)}</{name}>"
            if name == "ul"
            else f"<{name}>{''.join(parts)}</{name}>"
        ),
        st.sampled_from(["blockquote", "div", "ul"]),
        st.lists(inner, min_size=1, max_size=4),
    ),
    max_leaves=12,
)


def expect_a_beginning(html: str, limit: int, shorten: Callable[[str, int], str]) -> None:
    """Demand whole tags, the text's own beginning at a paragraph's end, and no more bytes than allowed."""
    short = shorten(html, limit)
    paragraphs = [_words(paragraph) for paragraph in _tree(html).iter("p")]
    kept = [_words(paragraph) for paragraph in _tree(short).iter("p")]
    assert kept == paragraphs[: len(kept)]
    assert kept
    assert len(short.encode()) <= limit or len(kept) == 1
    assert _whole(_tree(short)) == short


def _tree(html: str) -> etree._Element:
    return etree.fromstring(f"<html><body>{html}</body></html>", etree.HTMLParser())


def _whole(tree: etree._Element) -> str:
    return etree.tostring(tree[0], method="html", encoding="unicode").removeprefix("<body>").removesuffix("</body>")


def _words(element: etree._Element) -> str:
    return "".join(map(str, element.itertext()))


@given(st.lists(_BLOCKS, min_size=1, max_size=6).map("".join), st.integers(0, 400))
def test_any_body_ends_at_a_paragraphs_end(html: str, limit: int) -> None:
    expect_a_beginning(html, limit, shortened_body)


@pytest.mark.parametrize(
    "wrong",
    [lambda html, limit: html[:limit], lambda html, _: html, lambda *_: "", lambda html, _: html.replace("two", "")],
    ids=["cut", "whole", "nothing", "gap"],
)
def test_a_wrong_way_to_shorten_is_seen(wrong: Callable[[str, int], str]) -> None:
    with pytest.raises((AssertionError, etree.ParserError)):
        expect_a_beginning("<p>one</p><p>two</p><p>three</p>", 24, wrong)


def test_shortening_takes_linear_time(expect_linear: Callable[[Callable[[int], object], int], None]) -> None:
    expect_linear(lambda size: shortened_body("<ul><li>some words</li></ul>" * size, 10 * size), 4000)


def test_shortening_takes_linear_time_however_deep(
    expect_linear: Callable[[Callable[[int], object], int], None],
) -> None:
    def nested(paragraphs: int) -> str:  # nearly as deep as content may be
        return "<blockquote>" * 90 + "<p>some words</p>" * paragraphs + "</blockquote>" * 90

    expect_linear(lambda paragraphs: shortened_body(nested(paragraphs), 10 * paragraphs), 3000)


def test_a_body_is_read_no_further_than_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    read, may_end = [], shortening._may_end

    def noted(piece: re.Match[str], open_: Sequence[str]) -> bool:
        read.append(piece)
        return may_end(piece, open_)

    monkeypatch.setattr(shortening, "_may_end", noted)
    assert len(shortened_body("<p>some words</p>" * 10_000, 170)) == 170
    assert len(read) < 50


def make_section(number: int = 1, body: str = "<p>Text</p>", **values: object) -> Section:
    """Return a section with something in each of its fields."""
    standard: dict[str, object] = {
        "title": f"Title {number}",
        "url": f"https://notes.example/{number}/",
        "host": "notes.example",
        "authors": "Ada Example",
        "date": "22 November 2026",
        "minutes": 1,
        "image": Lead("https://notes.example/a.jpg", "A", 536, 300),
        "highlights": ("One", "Two", "Three", "Four"),
        "summary": "word " * 80,
        "body": trusted(body),
        "text": "",
        "sources": (Citation("Yearbook"),),
        "language": "en",
        "direction": "ltr",
        "start": "left",
        "form": "full",
        "complete": True,
    }
    return Section(number=number, **(standard | values))  # type: ignore[arg-type]


def _weight(shown: Shortened) -> int:
    """Weigh sections as a template might: what a form shows, and a frame for each."""
    return sum(
        len(section.title) * 2
        + (50 if section.form == "title" else 200 + len(section.authors))
        + len(section.shown.body)
        + len(section.shown.summary)
        + 20 * len(section.highlights)
        + 50 * len(section.sources)
        + (100 if section.image else 0)
        for section in shown.sections
    )


def _ladder(count: int = 6, *, letter: bool = False, omits: bool = True) -> Ladder:
    sections = tuple(
        make_section(number, "<p>paragraph</p>" * (3000 if number == 2 else 900)) for number in range(1, count + 1)
    )
    if letter:
        sections = (sections[0], *map(as_line, sections[1:]))
    return Ladder(sections, letter=letter, omits=omits)


def test_what_fits_stays_as_it_is() -> None:
    whole = (make_section(1), make_section(2))
    assert Ladder(whole, letter=False, omits=True).fitting(_weight, 100_000) == Shortened(whole)


def test_the_longest_article_is_shortened_first() -> None:
    shown = _ladder().fitting(_weight, 110_000)
    assert [section.complete for section in shown.sections] == [True, False, True, True, True, True]
    assert shown.sections[1].form == "full"
    assert 10_000 < len(shown.sections[1].body) < 48_000


def test_articles_turn_into_summaries_from_the_longest_and_last() -> None:
    ladder = Ladder(
        tuple(make_section(number, f"<p>{'x' * 20_000}</p>") for number in range(1, 7)), letter=False, omits=True
    )
    shown = ladder.fitting(_weight, 90_000)
    assert [section.form for section in shown.sections] == ["full"] * 4 + ["summary"] * 2
    assert all(section.body == "" for section in shown.sections[4:])


def test_each_rung_is_as_light_as_the_one_before_or_lighter() -> None:
    ladder = _ladder()
    weights = [_weight(ladder.rung(rung)) for rung in range(ladder._ends[-1] + 1)]
    assert weights == sorted(weights, reverse=True)
    assert len(set(weights)) > 30


def test_the_steps_come_in_the_order_of_what_readers_miss_least() -> None:
    ladder, seen = _ladder(3), []
    for rung in range(ladder._ends[-1] + 1):
        shown = ladder.rung(rung)
        last = shown.sections[-1]
        looks = (last.form, len(last.summary.split()) // 5, len(last.highlights), len(last.sources), bool(last.image))
        if looks not in seen:
            seen.append(looks)
    assert seen == [
        ("full", 16, 4, 1, True),
        ("summary", 16, 4, 1, True),
        ("summary", 12, 4, 1, True),
        ("summary", 8, 4, 1, True),
        ("summary", 5, 4, 1, True),
        ("summary", 5, 3, 1, True),
        ("summary", 5, 0, 1, True),
        ("summary", 5, 0, 0, True),
        ("summary", 5, 0, 0, False),
        ("line", 5, 0, 0, False),
        ("line", 2, 0, 0, False),
        ("title", 0, 0, 0, False),
    ]


def test_a_letter_keeps_its_article_before_its_neighbours_lose_a_word() -> None:
    ladder = _ladder(200, letter=True)
    shown = ladder.fitting(_weight, 50_000)
    assert shown.sections[0].complete
    lines = [section for section in shown.sections[1:] if section.form == "line"]
    assert 50 < len(lines) < 190
    assert {len(section.summary.split()) for section in lines} == {12}
    assert {section.form for section in shown.sections[1 + len(lines) :]} == {"title"}
    alone = Ladder((make_section(1, "<p>paragraph</p>" * 20_000), as_line(make_section(2))), letter=True, omits=True)
    letter, other = alone.fitting(_weight, 60_000).sections
    assert 48_000 < len(letter.body) < 60_000
    assert other.summary


def test_a_letter_is_shortened_before_a_neighbour_is_left_out() -> None:
    sections = (make_section(1, "<p>paragraph</p>" * 20_000), *(as_line(make_section(n)) for n in range(2, 300)))
    ladder = Ladder(sections, letter=True, omits=True)
    assert 10_000 < len(ladder.fitting(_weight, 60_000).sections[0].body) < 48_000
    assert ladder.fitting(_weight, 60_000).omitted == 0
    left_out = ladder.fitting(_weight, 20_000)
    assert left_out.omitted > 0
    assert len(left_out.sections[0].body) > 10_000


def test_all_are_titles_before_one_is_left_out() -> None:
    ladder, count = _ladder(60), 60
    for rung in range(ladder._ends[-1] + 1):
        shown = ladder.rung(rung)
        assert not shown.omitted or {section.form for section in shown.sections} == {"title"}
        titles = [section.form == "title" for section in shown.sections]
        assert titles == sorted(titles)
        count = min(count, len(shown.sections))
    assert count == 1


def test_what_is_left_out_is_on_a_page_or_not_left_out() -> None:
    shown = _ladder(200).fitting(_weight, 6000)
    assert shown.omitted == 200 - len(shown.sections) > 100
    assert [section.number for section in shown.sections] == list(range(1, len(shown.sections) + 1))
    alone = _ladder(200, omits=False).fitting(_weight, 6000)
    assert (alone.omitted, len(alone.sections)) == (0, 200)


def test_a_beginning_that_says_less_than_the_summary_is_not_shown() -> None:
    body = f"<p>Hello!</p><p>{'x' * 99_990}</p>"
    ladder = Ladder((make_section(1, body),), letter=False, omits=True)
    assert {ladder.rung(rung).sections[0].form for rung in range(2, 40)} == {"summary"}
    told = Ladder((make_section(1, body, summary="Short"),), letter=False, omits=True).rung(6).sections[0]
    assert to_line(told.body) == "Hello!"


def test_an_article_that_says_too_much_loses_before_its_neighbours_do() -> None:
    babble = make_section(2, title="T" * 900, summary="word " * 9000, highlights=("x" * 900,) * 90)
    many = make_section(3, sources=(Citation("x" * 900),) * 90)
    neighbours = make_section(1), make_section(4)
    shown = (
        Ladder((neighbours[0], babble, many, neighbours[1]), letter=False, omits=True).fitting(_weight, 5000).sections
    )
    assert (shown[0], shown[3]) == neighbours
    assert (len(shown[1].title), len(shown[1].summary.split()), len(shown[1].highlights)) == (200, 60, 3)
    assert (shown[2].highlights, shown[2].sources) == (("One", "Two", "Three"), ())
    assert shown[1].body == shown[2].body == babble.body


def test_long_names_are_shortened_too() -> None:
    section = make_section(1, title="T" * 5000, authors="A" * 5000)
    ladder = Ladder((section,), letter=False, omits=True)
    last = ladder.rung(ladder._ends[-1]).sections[0]
    line = next(
        shown for rung in range(ladder._ends[-1], 0, -1) if (shown := ladder.rung(rung).sections[0]).form == "line"
    )
    assert (len(line.title), len(line.authors)) == (200, 80)
    assert (len(last.title), last.form) == (100, "title")


def test_the_author_is_told_what_was_shortened() -> None:
    ladder = _ladder(200)
    whole = ladder.rung(0).sections
    problem = note(whole, ladder.fitting(_weight, 6000), "issues/weekly/1/issue.html", 6000)
    assert str(problem).startswith("issues/weekly/1/issue.html: all of it would be more than 6,000 bytes, so of 200 ")
    assert re.search(r"it shows \d+ by their titles, \d+ on the web page alone; send", str(problem))
    problem = note(whole, ladder.fitting(_weight, 40_000), "issue.html", 40_000)
    assert re.search(r"it shows \d+ in a line each, \d+ by their titles; send", str(problem))
    problem = note(whole, ladder.fitting(_weight, 150_000), "issue.html", 150_000)
    assert "it shows 200 by their summaries" in str(problem)
    assert note(whole, Shortened(whole), "issue.html", 20_000) is None
    pictureless = Shortened(tuple(replace(section, image=None) for section in whole))
    assert "200 without all highlights, sources or pictures" in str(note(whole, pictureless, "issue.html", 1))


def test_the_manual_says_the_same_figures() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "newsletters.md").read_text(encoding="utf-8")
    said = " ".join(page.split("## When an issue is too large\n", 1)[1].split("\n## ", 1)[0].split())
    for sentence in (
        f"more than {shortening._IMMODERATE:,} characters beside its text",
        "Words of summaries: {} stay, then {}, then {}.".format(*shortening._SUMMARY_WORDS),
        f"a title and {view._LINE} words, then {shortening._LINE_WORDS}.",
        f"Titles beyond {shortening._TITLE} characters, and names beyond {shortening._AUTHORS}.",
        f"then titles beyond {shortening._TITLE_ALONE} characters",
        f"until it has {shortening._LETTER:,} bytes",
        f"down to {shortening._LETTER_LEAST:,} bytes before others are left to the web page",
    ):
        assert sentence in said


def test_searching_asks_for_few_sizes() -> None:
    asked = []

    def size(shown: Shortened) -> int:
        asked.append(len(shown.sections))
        return _weight(shown)

    ladder = _ladder(500)
    shown = ladder.fitting(size, 20_000)
    assert len(asked) <= 14
    assert shown is ladder.rung(ladder._ends[-1] - len(shown.sections) + 1)


@pytest.mark.parametrize(("step", "limit"), [("_omit", 6000), ("_as_titles", 20_000)])
def test_every_step_is_needed(step: str, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _weight(_ladder(200, omits=step == "_omit").fitting(_weight, limit)) <= limit
    monkeypatch.setattr(shortening, step, lambda sections, _: sections)
    assert _weight(_ladder(200, omits=step == "_omit").fitting(_weight, limit)) > limit
