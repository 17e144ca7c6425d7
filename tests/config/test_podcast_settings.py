"""A show is described in Apple's terms, and what Apple would refuse is refused here."""

from typing import Any

import pytest
from pydantic import ValidationError

from publisher.config.load import parse_settings
from publisher.config.podcast import CATEGORIES, PodcastSettings
from publisher.errors import ProblemsError

SHOW = {"image": "https://notes.example/cover.jpg", "categories": ["Technology"]}


def made(**fields: Any) -> PodcastSettings:
    return PodcastSettings.model_validate({**SHOW, **fields})


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Technology", "Technology"),
        ("Arts > Books", "Arts > Books"),
        ("arts>books", "Arts > Books"),
        ("Personal Journals", "Society & Culture > Personal Journals"),
        ("health  & fitness", "Health & Fitness"),
    ],
)
def test_a_category_takes_apples_spelling(said: str, meant: str) -> None:
    assert made(categories=[said]).categories == (meant,)


@pytest.mark.parametrize(
    ("said", "meant"),
    [("Tecnology", "Technology"), ("Arts > Boks", "Arts > Books"), ("?", "")],
)
def test_a_category_apple_does_not_have_is_refused_with_one_it_has(said: str, meant: str) -> None:
    with pytest.raises(ValidationError, match=f"is no category of Apple's, such as {meant}"):
        made(categories=[said])


def test_apple_has_110_categories_and_no_two_subcategories_share_a_name() -> None:
    below = [name for names in CATEGORIES.values() for name in names]
    assert (len(CATEGORIES), len(below), len({*below, *CATEGORIES})) == (19, 91, 110)


@pytest.mark.parametrize(
    "wrong",
    [
        {"categories": []},
        {"categories": ["Arts", "News", "History"]},
        {"categories": ["News", "news"]},
        {"image": "https://notes.example/cover.webp"},
        {"image": "cover.jpg"},
        {"guid": "9b024349"},
        {"owner": {"name": "Ada", "email": "Ada <ada@notes.example>"}},
        {"type": "weekly"},
        {"medium": "mixed"},
        {"explicit": "yes"},
        {"funding": [{"url": "https://notes.example/", "text": "x" * 129}]},
        {"colour": "blue"},
    ],
    ids=str,
)
def test_what_directories_would_refuse_is_refused(wrong: dict[str, Any]) -> None:
    assert made().type == "episodic"
    with pytest.raises(ValidationError):
        made(**wrong)


def test_a_guid_is_written_in_lower_case() -> None:
    assert made(guid="9B024349-CCF0-5F69-A609-6B82873EAB3C").guid == "9b024349-ccf0-5f69-a609-6b82873eab3c"


TOML = """\
[publication]
title = "Field Notes"
url = "https://notes.example/"

[[feeds]]
{feed}

[feeds.podcast]
image = "https://notes.example/cover.jpg"
categories = ["{category}"]
"""


@pytest.mark.parametrize(
    ("feed", "category", "words"),
    [
        ('per = "tag"', "News", 'a podcast needs a feed with a name = "…"'),
        ('name = "all"\nformats = ["atom"]', "News", 'a podcast needs "rss" among its formats'),
        ('name = "all"', "Nws", "is no category of Apple's, such as News"),
        ('name = "all"', 'News", "Arts", "Music', "has 3 entries"),
        ('name = "all"', 'Arts", "arts', "names Arts twice"),
    ],
)
def test_a_mistake_names_its_place(feed: str, category: str, words: str) -> None:
    with pytest.raises(ProblemsError) as caught:
        parse_settings(TOML.format(feed=feed, category=category).encode())
    (problem,) = caught.value.problems
    assert words in problem.message
    assert problem.line >= 5


def test_a_show_has_up_to_two_categories() -> None:
    assert made(categories=["News", "Arts > Books"]).categories == ("News", "Arts > Books")


def test_a_show_is_part_of_its_feed() -> None:
    settings = parse_settings(TOML.format(feed='name = "all"', category="News").encode())
    assert settings.feeds[0].podcast == made(categories=["News"])
