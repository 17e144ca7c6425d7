"""publisher.lock reads back what it wrote, merges line by line, and says what a bad merge did."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.catalogue.lock import Lock, Promise, dump, parse
from publisher.errors import ProblemsError

words = st.text(st.characters(exclude_categories=["Cs"]))
ids = st.text(st.characters(exclude_categories=["Cs", "Z", "C"]), min_size=1)
times = st.datetimes(datetime(1000, 1, 1), datetime(9990, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 # bounds
promises = st.builds(
    Promise,
    id=ids,
    published=times,
    path=words,
    title=words,
    content=words,
    date=st.none() | times,
    withdrawn=st.none() | times,
    feeds=st.lists(words).map(tuple),
    pages=st.dictionaries(words, st.integers(1, 900)),
)
LINE = (
    b'{"id": "tag:notes.example,2026:a", "published": "2026-01-01T00:00:00Z", "path": "a.md", "title": "A", '
    b'"content": "00"}\n'
)


@given(words, st.lists(promises))
def test_what_is_written_reads_back(authority: str, made: list[Promise]) -> None:
    lock = Lock(authority, {p.id: p for p in made})
    assert parse(dump(lock)) == lock


def test_lines_are_sorted_whatever_the_order_of_articles() -> None:
    made = [Promise(i, datetime(2026, 1, 1, tzinfo=UTC), "a.md", "A", "00") for i in ("b", "a")]
    forward, backward = (Lock("x,2026", {p.id: p for p in order}) for order in (made, made[::-1]))
    assert dump(forward) == dump(backward)


def test_a_line_that_both_sides_of_a_merge_wrote_counts_once() -> None:
    assert len(parse(b'{"authority": "x,2026"}\n' + LINE + LINE).promises) == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<<<<<<< ours\n" + LINE, "publisher.lock:1: holds the mark of an unfinished merge; keep the lines of both"),
        (LINE + b"nonsense\n", "publisher.lock:2: is no line of a lock"),
        (b"[1]\n", "is no line of a lock"),
        (b'{"id": "a"}\n', "is no line of a lock"),
        (b'{"authority": 3}\n', "is no line of a lock"),
        (LINE.replace(b'"tag:notes.example,2026:a"', b"5"), "is no line of a lock"),
        (LINE.replace(b"00Z", b"00"), "is no line of a lock"),
        (LINE.replace(b"2026-01-01T00:00:00Z", b"0001-01-01T00:00:00+10:00"), "is no line of a lock"),
        (b"[" * 100_000, "is no line of a lock"),
        (b"\xff\xfe\x00\n", "is no line of a lock"),
        (LINE + LINE.replace(b"2026-01-01T", b"2025-01-01T"), "promises tag:notes.example,2026:a a second time"),
        (b'{"authority": "x,2026"}\n{"authority": "y,2026"}\n', "publisher.lock:2: names two authorities"),
    ],
)
def test_damage_is_named_with_its_line(data: bytes, words: str) -> None:
    with pytest.raises(ProblemsError) as raised:
        parse(data)
    assert words in str(raised.value)


def test_empty_lines_do_no_harm() -> None:
    assert parse(b"\n" + LINE + b"\n\n").promises


@pytest.mark.parametrize(
    "member",
    [
        b'"pages": {"all": -1}',
        b'"pages": {"all": 0}',
        b'"pages": {"all": 1.5}',
        b'"pages": {"all": true}',
        b'"pages": {"all": "1"}',
        b'"pages": [1]',
        b'"withdrawn": "9999-12-31T23:59:59Z"',
        b'"updated": "0001-01-01T00:00:00Z"',
        b'"id": "a b"',
        b'"id": ""',
        b'"id": "\\ud800"',
    ],
)
def test_what_no_build_writes_is_refused_with_its_line(member: bytes) -> None:
    with pytest.raises(ProblemsError, match=r"publisher\.lock:1: is no line of a lock"):
        parse(LINE.replace(b"}", b", " + member + b"}"))


def test_an_archive_has_not_many_more_pages_than_there_are_articles() -> None:
    with pytest.raises(ProblemsError, match=r"publisher\.lock:1: names page 5000 of an archive"):
        parse(LINE.replace(b"}", b', "pages": {"all": 5000}}'))
