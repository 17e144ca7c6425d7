"""Where articles stand on the site."""

from datetime import UTC, datetime
from pathlib import PurePosixPath
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.sources import addresses
from publisher.sources.addresses import build, folders, last_part, permalink, stem
from publisher.sources.base import Conventions

SITE = "https://notes.example/"
LATE = datetime(2026, 1, 31, 23, 30, tzinfo=UTC)


def address(name: str, pattern: str, section: str = "", published: datetime | None = LATE) -> str:
    return build(name, stem(name), section, published, Conventions(SITE, pattern, ZoneInfo("Europe/Berlin"), "en"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("first-post.md", "first-post"),
        ("_posts/2026-1-2-first-post.md", "first-post"),
        ("2026-11-22T10-30-first-post.md", "first-post"),
        ("2026-11-22_first-post.md", "first-post"),
        ("2026-11-22.md", "2026-11-22"),
        ("first-post/index.md", "first-post"),
        ("2026-11-22-first-post/README.md", "first-post"),
        ("2026-11-22/index.md", "2026-11-22"),
        ("index.md", "index"),
        ("a/v1.2.md", "v1.2"),
        ("2026-11-2-3-things.md", "3-things"),
    ],
)
def test_the_stem_is_the_name_without_its_date(name: str, expected: object) -> None:
    assert stem(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.md", ()),
        ("b/c/a.md", ("b", "c")),
        ("b/a/index.md", ("b",)),
        ("b/_posts/2026-11-22-a.md", ("b",)),
        ("_drafts/a.md", ()),
        ("2026/11/22/a.md", ("2026", "11", "22")),
    ],
)
def test_folders_are_part_of_the_address(name: str, expected: tuple[str, ...]) -> None:
    assert folders(name) == expected


def expect_the_parts_of_a_path(name: str) -> None:
    path = PurePosixPath(name)
    bundle = path.stem.lower() in ("index", "readme") and len(path.parts) > 1
    last, above = (path.parent.name, path.parent.parent) if bundle else (path.stem, path.parent)
    assert last.endswith(stem(name))
    assert folders(name) == tuple(part for part in above.parts if part not in ("_posts", "_drafts"))


@given(
    st.lists(st.text("aß 1.-", min_size=1).map("b{}".format) | st.just("index"), max_size=3),
    st.sampled_from((".md", ".Html")),
)
def test_names_come_apart_as_paths_do(parts: list[str], suffix: str) -> None:
    expect_the_parts_of_a_path("/".join((*parts, f"a{suffix}")))
    expect_the_parts_of_a_path("/".join((*parts, f"README{suffix}")))
    expect_the_parts_of_a_path("/".join((*parts, f".{suffix}")))


@pytest.mark.parametrize("name", ["a/b.c.md", "a/index.md", "a/b"])
def test_names_that_come_apart_elsewhere_are_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expect_the_parts_of_a_path(name)
    monkeypatch.setattr(
        addresses, "_place", lambda name: (name.split("/")[:-1], name.split("/")[-1].split(".")[0] + "x")
    )
    with pytest.raises(AssertionError):
        expect_the_parts_of_a_path(name)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("{path}/", "https://notes.example/b%20c/a/"),
        ("{path}.html", "https://notes.example/b%20c/a.html"),
        ("{year}/{month}/{day}/{slug}/", "https://notes.example/2026/02/01/a/"),
        ("{section}/{slug}", "https://notes.example/field-work/a"),
        ("ü/{slug}", "https://notes.example/%C3%BC/a"),
    ],
)
def test_the_pattern_is_filled_in_the_publications_zone(pattern: str, expected: object) -> None:
    assert address("b c/a.md", pattern, "Field work") == expected


def test_parts_without_a_value_are_left_out() -> None:
    assert address("a.md", "{section}/{year}/{month}/{slug}/", published=None) == "https://notes.example/a/"


@pytest.mark.parametrize(
    "value", ["/:categories/:title/", ":slug", "/a-:day", "/{slug}/", "/<int:a>/", "date", "Pretty", "false"]
)
def test_a_pattern_of_another_tool_is_no_address(value: str) -> None:
    assert permalink(value, SITE) == ""


@pytest.mark.parametrize("value", ["javascript:alert(1)", "mailto:ada@notes.example", "https://", "c:/a"])
def test_other_schemes_are_refused(value: str) -> None:
    with pytest.raises(ValueError, match="is no http or https address"):
        permalink(value, SITE)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://notes.example/a/b/", "b"),
        ("https://notes.example/a/b.html?c#d", "b"),
        ("https://notes.example/a/index.html", "a"),
        ("https://notes.example/%C3%BC", "ü"),
        ("https://notes.example/", ""),
        ("", ""),
    ],
)
def test_the_last_part_of_an_address(url: str, expected: object) -> None:
    assert last_part(url) == expected
