"""Records in JSON: one, a list, a feed, or one a line."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Author, Citation, Enclosure, Image, Status
from publisher.errors import Severity
from publisher.sources import records
from publisher.sources.base import Conventions, Document, Reading

CONVENTIONS = Conventions(url="https://notes.example/", permalink="{path}/", zone=ZoneInfo("UTC"), language="en")
GUIDE = Path(__file__).parents[2] / "docs" / "records.md"
RECORD = {"id": "gate", "title": "Gate", "content_html": "<p>Text.</p>", "date_published": "2026-01-31T08:30:00Z"}


def read(text: str) -> Reading:
    return records.read_json(Document("articles/a.json", "a.json", text), CONVENTIONS)


def lines(text: str) -> Reading:
    return records.read_ndjson(Document("articles/a.ndjson", "a.ndjson", text), CONVENTIONS)


def one(**changes: object) -> Reading:
    return read(json.dumps(RECORD | changes))


def told(reading: Reading) -> list[str]:
    return [str(problem) for problem in reading.problems]


def test_the_example_in_the_documentation_is_read_without_a_problem() -> None:
    found = re.search("```json\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    reading = read(found[1] if found else "")
    assert told(reading) == []
    article = reading.articles[0]
    assert article.highlights
    assert article.sources
    assert article.enclosures


def test_the_documentation_names_every_key() -> None:
    assert set(re.findall(r"`(\w+)`", GUIDE.read_text(encoding="utf-8"))) >= records.NAMES


def test_every_key_has_its_place() -> None:
    article = one(
        url="https://notes.example/g/",
        summary="Short",
        image="/a.jpg",
        date_modified="2026-02-01T08:30:00Z",
        authors=[{"name": "Ada Example", "url": "https://notes.example/ada"}],
        tags=["sea", "steel"],
        language="de",
        attachments=[{"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9, "title": "Sound"}],
        section="Coast",
        highlights=["One", "Two"],
        sources=[{"text": "Report", "url": "https://notes.example/r"}, "Minutes, https://notes.example/m"],
        draft=True,
        _extension={"a": 1},
    ).articles[0]
    assert (article.id, article.title, article.url) == ("local:gate", "Gate", "https://notes.example/g/")
    assert (article.content, article.summary) == ("<p>Text.</p>\n", "Short")
    assert (article.image, article.language, article.section) == (Image("/a.jpg"), "de", "Coast")
    assert article.published == datetime(2026, 1, 31, 8, 30, tzinfo=UTC)
    assert article.updated == datetime(2026, 2, 1, 8, 30, tzinfo=UTC)
    assert article.authors == (Author("Ada Example", "https://notes.example/ada"),)
    assert (article.tags, article.highlights) == (("sea", "steel"), ("One", "Two"))
    assert article.enclosures == (Enclosure("/a.mp3", "audio/mpeg", 9, "Sound"),)
    assert article.sources == (
        Citation("Report", "https://notes.example/r"),
        Citation("Minutes", "https://notes.example/m"),
    )
    assert (article.status, article.line, article.slug) == (Status.DRAFT, 1, "g")


def test_second_names_count_where_the_first_are_missing() -> None:
    article = one(
        external_url="https://other.example/x", banner_image="/b.jpg", author={"name": "Bo Example"}
    ).articles[0]
    assert (article.url, article.image) == ("https://other.example/x", Image("/b.jpg"))
    assert article.authors == (Author("Bo Example"),)


@pytest.mark.parametrize(
    ("content", "html"),
    [
        ({"content_html": "<p>a</p><p>b</p>"}, "<p>a</p>\n<p>b</p>\n"),
        ({"content_html": None, "content_markdown": "*a*"}, "<p><em>a</em></p>\n"),
        (
            {"content_html": "", "content_text": "a < b\nc\n \t\n\nd &amp;"},
            "<p>a &lt; b<br>\nc</p>\n<p>d &amp;amp;</p>\n",
        ),
        ({"content_html": "<b>a</b>", "content_text": "b"}, "<b>a</b>\n"),
        ({"content_html": ""}, ""),
    ],
)
def test_content_may_be_html_markdown_or_text(content: dict[str, object], html: str) -> None:
    assert one(**content).articles[0].content == html


def test_a_record_without_a_title_is_called_after_its_first_words() -> None:
    article = one(title=None, content_html="<p>" + "Steel and air. " * 20 + "</p>").articles[0]
    assert article.title.startswith("Steel and air. Steel")
    assert (article.title[-1], len(article.title) <= 80) == ("…", True)


def test_a_feed_and_a_list_give_each_record_with_its_line() -> None:
    items: list[dict[str, object]] = [{**RECORD, "id": number} for number in (1, "two", 3.5)]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Notes", "authors": [{"x": [[]]}], "items": items}
    for value in (items, feed):
        text = json.dumps(value, indent=1)
        articles = read(text).articles
        assert [article.id for article in articles] == ["local:1", "local:two", "local:3.5"]
        assert [text.split("\n")[article.line - 1].strip() for article in articles] == ["{"] * 3


@pytest.mark.parametrize("text", ["[]", '{"items": [ ]}', " [\n] "])
def test_no_records_are_no_articles(text: str) -> None:
    assert read(text) == Reading()


def test_a_bad_record_is_named_and_the_others_are_read() -> None:
    reading = read(json.dumps([RECORD, {"title": "B"}, 5, RECORD | {"id": 4, "date_published": "soon"}], indent=0))
    assert len(reading.articles) == 1
    accepted = "write it as 2026-01-31, 2026-01-31 08:30 or 2026-01-31T08:30:00+01:00"
    assert told(reading) == [
        'articles/a.json:8: record 2: has no id; give it an "id" of its own that never changes',
        'articles/a.json:11: record 3: is no JSON object; write each record as { "id": …, "title": …, "content_html": … }',
        f'articles/a.json:12: record 4: date_published is no date: "soon"; {accepted}',
    ]


@pytest.mark.parametrize("bad", [None, True, "", [], {}])
def test_an_id_is_text_or_a_number(bad: object) -> None:
    assert "has no id" in told(one(id=bad))[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"content_html": 5}, "content_html is no text"),
        ({"content_text": ["a"]}, "content_text is no text"),
        ({"title": {"a": 1}}, "title is no text"),
        ({"authors": [5, {"url": "x"}]}, "authors needs a name"),
        ({"tags": {"a": 1}}, "tags is no text and no list of texts"),
        ({"attachments": [{"mime_type": "a/b"}]}, "attachments needs a url"),
        ({"draft": "perhaps"}, "draft is neither true nor false"),
        ({"date_published": 1767225600}, "date_published is no date"),
    ],
)
def test_a_wrong_value_is_a_problem_that_names_its_key(change: dict[str, object], message: str) -> None:
    reading = one(**change)
    assert reading.articles == ()
    assert reading.problems[0].message.startswith(message)
    assert reading.problems[0].line == 1


def test_an_unknown_key_is_noted_once_with_what_may_be_meant() -> None:
    reading = read(json.dumps([RECORD | {"titel": "x", "zzz": 1}, RECORD | {"id": 2, "titel": "y", "lang": "de"}]))
    assert len(reading.articles) == 2
    assert [problem.severity for problem in reading.problems] == [Severity.NOTE] * 2
    assert told(reading) == [
        'articles/a.json:1: the key "titel" is not known and was left out; did you mean "title"?',
        'articles/a.json:1: the key "zzz" is not known and was left out; extensions have names that begin with _',
    ]


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ('{"id": 1,\n "title": }', "is no JSON: expecting value in column 11", 2),
        ("[" * 100_000, "is nested too deeply", 0),
        ('{"id": NaN}', "is no JSON: NaN is no JSON", 0),
        ('{"id": 1' + "0" * 5000 + "}", "is no JSON: a number has too many digits", 0),
    ],
    ids=["cut", "deep", "nan", "huge"],
)
def test_what_is_no_json_is_a_problem_with_its_line(text: str, message: str, line: int) -> None:
    problem = read(text).problems[0]
    assert problem.message.lower().startswith(message.lower())
    assert problem.line == line


def test_of_html_nested_too_deeply_the_text_is_kept() -> None:
    for depth in (150, 400):
        found = one(content_html="<div>" * depth + "Text.", title="").articles[0]
        assert (found.title, "Text." in found.content) == ("Text.", True)


def test_each_line_is_a_record_and_a_bad_one_leaves_the_others() -> None:
    good = json.dumps(RECORD)
    reading = lines(f"{good}\n\n{{bad\n5\n{json.dumps(RECORD | {'id': 2, 'x': 1})}\n")
    assert [article.line for article in reading.articles] == [1, 5]
    assert [(problem.line, problem.severity) for problem in reading.problems] == [
        (3, Severity.ERROR),
        (4, Severity.ERROR),
        (5, Severity.NOTE),
    ]
    assert "record" not in reading.problems[0].message


def test_records_with_line_separators_in_their_text_stay_whole() -> None:
    assert len(lines(json.dumps(RECORD | {"title": "a\u2028b\u0085c"}, ensure_ascii=False)).articles) == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(records.NAMES)), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(records.NAMES)), VALUES, max_size=6))
def test_any_record_is_an_article_or_a_problem(value: dict[str, object]) -> None:
    reading = read(json.dumps(RECORD | value))
    assert reading.articles or any(problem.severity is Severity.ERROR for problem in reading.problems)


@given(st.text(max_size=200))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    assert read(text).articles == ()
    assert lines(text).articles == ()
