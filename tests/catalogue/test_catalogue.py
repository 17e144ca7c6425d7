"""What is published: ids are kept, first dates are kept, clashes are named, and mistakes take nothing away."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article, Status
from publisher.catalogue import Catalogue, Confirmed, Lock, Remembered, compile_catalogue
from publisher.errors import Problem, Severity

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def article(path: str, **changes: object) -> Article:
    name = path.removesuffix(".md")
    values: dict[str, object] = {
        "title": name.title(),
        "url": f"https://notes.example/{name}/",
        "content": f"<p>About {name}.</p>",
        "published": NOW - timedelta(days=1),
        "path": path,
        "slug": name,
    }
    return Article(**{**values, **changes})  # type: ignore[arg-type]


def nothing(_ids: frozenset[str]) -> Mapping[str, Remembered]:
    return {}


def everything_of(of: Catalogue) -> dict[str, Any]:
    known = {a.id: Remembered(a, ("all", "tags/x")) for a in of.articles}
    return {"remember": lambda wanted: {i: known[i] for i in wanted}}


EMPTY = Lock()


def catalogue(
    found: Sequence[Article], lock: Lock = EMPTY, problems: Sequence[Problem] = (), now: datetime = NOW, **more: object
) -> Catalogue:
    values: dict[str, object] = {"authority": "notes.example,2026", "zone": ZoneInfo("UTC"), "remember": nothing}
    return compile_catalogue(found, problems, lock, now=now, **{**values, **more})  # type: ignore[arg-type]


def ids(of: Catalogue) -> list[str]:
    return [a.id for a in of.articles]


def test_an_id_is_minted_from_authority_day_and_slug() -> None:
    made = catalogue([article("first.md")])
    assert ids(made) == ["tag:notes.example,2026:2026-11-21/first"]
    assert made.lock.authority == "notes.example,2026"


def test_the_day_in_an_id_is_the_publications_own() -> None:
    late = article("first.md", published=datetime(2026, 11, 21, 23, 30, tzinfo=UTC))
    assert ids(catalogue([late], zone=ZoneInfo("Europe/Berlin"))) == ["tag:notes.example,2026:2026-11-22/first"]


def test_two_articles_of_one_day_and_slug_get_two_ids() -> None:
    made = catalogue([article("a/x.md", slug="x"), article("b/x.md", slug="x", title="Other")])
    assert sorted(ids(made)) == ["tag:notes.example,2026:2026-11-21/x", "tag:notes.example,2026:2026-11-21/x-2"]


def test_the_locks_authority_outlives_the_settings() -> None:
    first = catalogue([article("a.md")])
    second = catalogue([article("a.md"), article("b.md")], first.lock, authority="moved.example,2030")
    assert all(i.startswith("tag:notes.example,2026:") for i in ids(second))


@pytest.mark.parametrize(
    "changes",
    [
        {"path": "renamed.md", "slug": "renamed"},
        {"title": "Another title"},
        {"content": "<p>Rewritten.</p>"},
        {"url": "https://moved.example/x/"},
        {"published": NOW - timedelta(days=9)},
        {"title": "Another title", "content": "<p>Rewritten.</p>", "published": NOW - timedelta(days=9)},
        {"path": "renamed.md", "title": "Another title"},
        {"path": "renamed.md", "content": "<p>Rewritten.</p>"},
        {"path": "renamed.md", "published": NOW - timedelta(days=2)},
        {"path": "renamed.md", "title": "Another title", "published": NOW - timedelta(days=1)},
    ],
)
def test_an_article_keeps_its_id_and_first_date(changes: dict[str, object]) -> None:
    first = catalogue([article("a.md"), article("b.md")])
    second = catalogue([replace(article("a.md"), **changes), article("b.md")], first.lock)  # type: ignore[arg-type]
    assert sorted(ids(second)) == sorted(ids(first))
    assert [a.published for a in second.articles] == [a.published for a in first.articles]


def test_files_that_swap_names_take_their_ids_along() -> None:
    first = catalogue([article("a.md"), article("b.md")])
    second = catalogue([replace(article("a.md"), path="b.md"), replace(article("b.md"), path="a.md")], first.lock)
    assert {a.title: a.id for a in second.articles} == {a.title: a.id for a in first.articles}


def test_a_new_file_under_a_renamed_files_old_name_is_a_new_article() -> None:
    first = catalogue([article("a.md")])
    second = catalogue(
        [replace(article("a.md"), path="old.md"), article("a.md", title="New", content="New")], first.lock
    )
    assert {a.title: a.id for a in second.articles}["A"] == ids(first)[0]
    assert len(set(ids(second))) == 2


def test_a_removed_file_stays_with_its_readers_until_that_is_confirmed() -> None:
    first = catalogue([article("a.md"), article("b.md")])
    second = catalogue([article("b.md")], first.lock, **everything_of(first))
    assert second.articles == first.articles
    assert second.lock == first.lock
    (problem,) = second.problems
    assert problem.message == '"A" was published and is gone; readers keep it until that is confirmed'
    assert problem.cure == "bring it back, or run: publisher build --withdraw a.md"


LEAVE = [
    Confirmed(frozenset({"a.md"})),
    Confirmed(frozenset({"tag:notes.example,2026:2026-11-21/a"})),
    Confirmed(everything=True),
    Confirmed(always=True),
]


@pytest.mark.parametrize("confirmed", LEAVE)
@pytest.mark.parametrize("drafted", [False, True])
def test_a_confirmed_withdrawal_is_remembered_for_good(confirmed: Confirmed, drafted: bool) -> None:
    first = catalogue([article("a.md"), article("b.md")])
    left = [article("b.md"), *([article("a.md", status=Status.DRAFT)] if drafted else [])]
    later = NOW + timedelta(days=1)
    second = catalogue(left, first.lock, now=later, confirmed=confirmed, **everything_of(first))
    assert [a.path for a in second.articles] == ["b.md"]
    assert [(p.path, p.withdrawn, p.feeds) for p in second.withdrawn] == [("a.md", later, ("all", "tags/x"))]
    assert second.problems == ()
    third = catalogue(left, second.lock, now=later + timedelta(days=1), remember=lambda _: pytest.fail("asked"))
    assert third.lock == second.lock
    assert third.problems == ()


def test_a_withdrawn_article_says_so_itself() -> None:
    first = catalogue([article("a.md")])
    second = catalogue([article("a.md", status=Status.WITHDRAWN)], first.lock, **everything_of(first))
    assert not second.articles
    assert not second.problems
    assert [p.path for p in second.withdrawn] == ["a.md"]


def test_an_article_that_comes_back_is_told_as_changed() -> None:
    first = catalogue([article("a.md")])
    second = catalogue([], first.lock, confirmed=Confirmed(always=True), **everything_of(first))
    back = NOW + timedelta(days=5)
    third = catalogue([article("a.md")], second.lock, now=back)
    assert ids(third) == ids(first)
    assert [(a.published, a.updated) for a in third.articles] == [(first.articles[0].published, back)]
    assert third.withdrawn == ()
    assert catalogue([article("a.md")], third.lock, now=back + timedelta(days=1)).articles == third.articles


def test_another_article_in_a_withdrawn_ones_file_is_a_new_one() -> None:
    first = catalogue([article("a.md")])
    second = catalogue([], first.lock, confirmed=Confirmed(always=True), **everything_of(first))
    other = article("a.md", title="Quite another", content="<p>Nothing in common.</p>")
    third = catalogue([other], second.lock)
    assert ids(third) != ids(first)
    assert third.withdrawn == second.withdrawn


def test_a_time_of_update_neither_comes_early_nor_goes_back() -> None:
    soon = NOW + timedelta(days=1)
    first = catalogue([article("a.md", updated=soon)])
    second = catalogue([article("a.md", updated=soon)], first.lock, now=soon)
    third = catalogue([article("a.md")], second.lock, now=soon)
    assert [a.updated for made in (first, second, third) for a in made.articles] == [None, soon, soon]


def test_an_article_that_says_another_id_keeps_the_one_readers_know() -> None:
    first = catalogue([article("a.md")])
    second = catalogue([article("a.md", id="urn:other")], first.lock)
    assert ids(second) == ids(first)
    assert [a.path for a in second.renamed] == ["a.md"]
    assert "says another id than readers know it by; it keeps tag:notes.example,2026" in str(second.problems[0])


def test_a_new_id_is_taken_by_force_and_the_old_one_withdrawn() -> None:
    first = catalogue([article("a.md")])
    forced = Confirmed(new_ids=True)
    second = catalogue([article("a.md", id="urn:other")], first.lock, confirmed=forced, **everything_of(first))
    assert ids(second) == ["urn:other"]
    assert [p.id for p in second.withdrawn] == ids(first)
    assert second.problems == ()


def test_a_new_date_of_publication_is_noted() -> None:
    first = catalogue([article("a.md")])
    second = catalogue([article("a.md", published=NOW - timedelta(days=3))], first.lock)
    assert [(p.severity, p.path) for p in second.problems] == [(Severity.NOTE, "a.md")]
    assert "readers keep the first, 2026-11-21T12:00:00+00:00" in second.problems[0].message


def test_an_own_id_is_taken_as_it_is() -> None:
    assert ids(catalogue([article("a.md", id="urn:uuid:0")])) == ["urn:uuid:0"]


def test_another_systems_id_becomes_a_tag() -> None:
    assert ids(catalogue([article("a.md", id="local:42")])) == ["tag:notes.example,2026:id/42"]


def test_an_id_of_two_files_is_an_error_that_names_both() -> None:
    made = catalogue([article("a.md", id="urn:x"), article("b.md", id="urn:x"), article("c.md")])
    assert [a.title for a in made.articles] == ["C"]
    assert [str(p) for p in made.problems] == [
        "a.md: has the same id as b.md: urn:x; give one of them another id, or none",
        "b.md: has the same id as a.md: urn:x; give one of them another id, or none",
    ]


def test_an_id_stays_with_the_file_it_was_promised_for() -> None:
    first = catalogue([article("a.md", id="urn:x")])
    second = catalogue([article("a.md", id="urn:x"), article("copy.md", id="urn:x", title="Copy")], first.lock)
    assert [a.title for a in second.articles] == ["A"]
    assert [p.path for p in second.problems] == ["copy.md"]


def test_records_of_one_file_with_one_id_are_named_by_line() -> None:
    made = catalogue([article("n.ndjson", id="urn:x", line=1), article("n.ndjson", id="urn:x", line=2, title="Z")])
    assert "n.ndjson:1: has the same id as n.ndjson:2" in str(made.problems[0])


def test_of_two_equal_files_one_is_published_and_the_other_named() -> None:
    made = catalogue([article("a.md"), replace(article("a.md"), path="copy.md")])
    assert [a.path for a in made.articles] == ["a.md"]
    assert [str(p) for p in made.problems] == ["copy.md: says the same as a.md; remove one of them"]


def test_a_copy_of_a_published_article_is_named_and_the_promised_file_stays() -> None:
    first = catalogue([article("m.md")])
    second = catalogue([replace(article("m.md"), path="a.md"), article("m.md")], first.lock)
    assert [a.path for a in second.articles] == ["m.md"]
    assert [p.path for p in second.problems] == ["a.md"]


def test_drafts_and_future_articles_are_in_no_output() -> None:
    soon, later = (article(f"{n}.md", published=NOW + timedelta(days=n)) for n in (1, 2))
    made = catalogue([article("draft.md", status=Status.DRAFT), later, soon, article("undated.md", published=None)])
    assert made.articles == ()
    assert [a.path for a in made.scheduled] == ["1.md", "2.md", "undated.md"]
    assert [a.path for a in made.drafts] == ["draft.md"]
    assert not made.lock.promises


def test_an_article_appears_when_its_time_has_come() -> None:
    due = article("a.md", published=NOW)
    assert catalogue([due], now=NOW - timedelta(seconds=1)).articles == ()
    assert len(catalogue([due]).articles) == 1


def test_the_order_is_newest_first_and_then_by_id() -> None:
    made = catalogue([article("b.md"), article("c.md", published=NOW), article("a.md")])
    assert [a.path for a in made.articles] == ["c.md", "a.md", "b.md"]


def test_an_unreadable_article_stays_as_readers_know_it() -> None:
    first = catalogue([article("a.md"), article("b.md")])
    broken = Problem("a.md", "is empty")
    second = catalogue([article("b.md")], first.lock, [broken], **everything_of(first))
    assert second.articles == first.articles
    assert second.lock == first.lock
    assert second.problems == (broken,)


@pytest.mark.parametrize(("path", "broken"), [("articles", 2), ("articles/a.md", 1), ("articles/a", 0), ("art", 0)])
def test_an_unreadable_folder_concerns_all_in_it(path: str, broken: int) -> None:
    first = catalogue([article("articles/a.md"), article("articles/b.md")])
    second = catalogue([], first.lock, [Problem(path, "x")])
    assert len([p for p in second.problems if "cannot be read" in p.message]) == broken
    assert len([p for p in second.problems if "is gone" in p.message]) == 2 - broken


def test_a_note_is_no_excuse_for_a_file_that_is_gone() -> None:
    first = catalogue([article("a.md")])
    note = Problem("a.md", "x", severity=Severity.NOTE)
    assert "is gone" in catalogue([], first.lock, [note]).problems[1].message


def test_a_published_article_that_becomes_a_draft_stays_until_that_is_confirmed() -> None:
    first = catalogue([article("a.md")])
    second = catalogue([article("a.md", status=Status.DRAFT)], first.lock, **everything_of(first))
    assert second.articles == first.articles
    assert "is a draft again" in second.problems[0].message


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-2, 2), st.sampled_from(["", "urn:x", "urn:y"]))))
def test_ids_are_always_unique_and_a_second_look_changes_nothing(made: list[tuple[str, int, str]]) -> None:
    found = [
        article(f"{n}.md", slug=slug, published=NOW + timedelta(days=days), id=own, title=slug)
        for n, (slug, days, own) in enumerate(made)
    ]
    first = catalogue(found)
    second = catalogue(found, first.lock)
    assert len(set(ids(first))) == len(first.articles)
    assert second.articles == first.articles
    assert second.lock == first.lock


def test_an_id_copied_into_another_file_stays_where_it_was() -> None:
    """Nobody takes the id of a file that has not changed, whether that file writes its id down or not."""
    first = catalogue([article("a.md")])
    second = catalogue([article("a.md"), article("copy.md", id=first.articles[0].id, title="Copy")], first.lock)
    assert [(a.title, a.id) for a in second.articles] == [("A", first.articles[0].id)]
    assert [p.path for p in second.problems] == ["copy.md"]


def test_a_renamed_file_may_write_its_old_id_down() -> None:
    first = catalogue([article("a.md")])
    second = catalogue([article("b.md", id=first.articles[0].id)], first.lock)
    assert ids(second) == ids(first)
    assert second.problems == ()


def test_a_file_that_was_dated_anew_and_then_renamed_and_retitled_keeps_its_id() -> None:
    first = catalogue([article("a.md")])
    dated = NOW - timedelta(days=3)
    second = catalogue([article("a.md", published=dated)], first.lock)
    assert second.lock.promises[ids(first)[0]].date == dated
    third = catalogue([article("b.md", published=dated, content=article("a.md").content)], second.lock)
    assert ids(third) == ids(first)
    assert [a.published for a in third.articles] == [a.published for a in first.articles]


def test_another_article_does_not_get_the_id_of_a_withdrawn_one() -> None:
    first = catalogue([article("a.md", id="urn:x:a")])
    second = catalogue([], first.lock, confirmed=Confirmed(always=True), **everything_of(first))
    third = catalogue([article("z.md", id="urn:x:a")], second.lock)
    assert third.articles == ()
    assert [p.message for p in third.problems] == ['has the id of "A", which was withdrawn: urn:x:a']
    back = catalogue([replace(article("a.md", id="urn:x:a"), path="z.md")], second.lock)
    assert ids(back) == ["urn:x:a"]
