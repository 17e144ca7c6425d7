"""What authors write of an episode, in a table or beside the rest, in YAML, TOML and JSON, and what is wrong with it."""

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article, Chapters, Enclosure, Episode, Image, Person, Transcript
from publisher.errors import Severity
from publisher.sources import markdown, records, values
from publisher.sources.base import Body, Conventions, Document, Reading
from publisher.sources.keys import EPISODE_INNER, EPISODE_OUTER
from publisher.sources.mediatypes import guessed
from publisher.sources.metadata import assemble
from publisher.sources.writer import to_markdown

CONVENTIONS = Conventions("https://notes.example/", "{path}/", ZoneInfo("UTC"), "en")
NESTED = """---
title: The tide gate
date: 2026-01-31
enclosure: gate.mp3
podcast:
  number: 12
  season: {number: 2, name: The coast}
  duration: "1:02:03"
  explicit: no
  type: Bonus
  title: Gate
  display: Ch.3
  image: cover.jpg
  transcripts:
    - gate.vtt
    - {url: gate.de.srt, language: de, rel: captions}
  chapters: gate.json
  persons:
    - Ada Example
    - {name: Bob Example, role: guest, group: cast, url: https://bob.example/, img: bob.png}
  block: true
---
"""
FLAT = """+++
title = "The tide gate"
date = 2026-01-31
enclosure = "gate.mp3"
episode = 12
season = 2
season_name = "The coast"
duration = "1:02:03"
explicit = false
episode_type = "bonus"
episode_title = "Gate"
episode_display = "Ch.3"
episode_image = "cover.jpg"
transcript = ["gate.vtt", { url = "gate.de.srt", lang = "de", rel = "captions" }]
chapters = "gate.json"
people = ["Ada Example"]
guests = [{ name = "Bob Example", group = "cast", href = "https://bob.example/", image = "bob.png" }]
podcast_block = true
+++
"""
WHOLE = Episode(
    title="Gate",
    number=12,
    display="Ch.3",
    season=2,
    season_name="The coast",
    type="bonus",
    explicit=False,
    duration=3723,
    image=Image("cover.jpg"),
    transcripts=(
        Transcript("gate.vtt", "text/vtt"),
        Transcript("gate.de.srt", "application/x-subrip", "de", "captions"),
    ),
    chapters=Chapters("gate.json"),
    persons=(Person("Ada Example"), Person("Bob Example", "guest", "cast", "https://bob.example/", "bob.png")),
    block=True,
)
FILE = {"date": "2026-01-31", "enclosure": "gate.mp3"}


def read(text: str) -> Article:
    found = markdown.read(Document("gate.md", "gate.md", text), CONVENTIONS)
    assert found.problems == ()
    return found.articles[0]


def reading(fields: dict[str, Any]) -> Reading:
    return assemble(fields, Body(), Document("a.md", "a.md", ""), CONVENTIONS, dict.fromkeys(fields, 7))


def episode(fields: dict[str, Any]) -> Episode | None:
    found = reading({**FILE, **fields})
    assert found.problems == ()
    return found.articles[0].episode


@pytest.mark.parametrize(
    "text", [NESTED, NESTED.replace("podcast:", "episode:"), NESTED.replace("podcast:", "itunes:"), FLAT]
)
def test_a_table_and_flat_names_tell_the_same_episode(text: str) -> None:
    assert read(text).episode == WHOLE


def test_a_record_may_hold_an_episode() -> None:
    text = """{"id": "gate", "title": "The tide gate", "date_published": "2026-01-31", "content_text": "x",
        "attachments": [{"url": "gate.mp3", "mime_type": "audio/mpeg", "duration_in_seconds": 3723.4}],
        "episode": 12, "podcast": {"season": 2, "chapters": {"url": "gate.json", "type": "application/json"}}}"""
    found = records.read_json(Document("gate.json", "gate.json", text), CONVENTIONS)
    assert found.problems == ()
    assert found.articles[0].enclosures == (Enclosure("gate.mp3", "audio/mpeg", duration=3723),)
    assert found.articles[0].episode == Episode(number=12, season=2, chapters=Chapters("gate.json"))


def test_an_imported_episode_is_written_so_that_it_reads_the_same() -> None:
    article = read(NESTED.replace("explicit: no", "explicit: false"))
    shown = replace(article, image=Image("gate.png", "A gate", 640, 480, "image/png"))
    assert read(to_markdown(shown, CONVENTIONS)) == shown
    assert read(to_markdown(replace(shown, episode=Episode()), CONVENTIONS)).episode in (None, Episode())


def test_words_that_mean_much_else_count_only_where_there_is_something_to_play() -> None:
    recipe = {"date": "2026-01-31", "duration": "45 min read", "people": "4", "season": "winter", "chapters": [1, 2]}
    assert reading(recipe).problems == ()
    assert reading(recipe).articles[0].episode is None
    assert reading({**recipe, "enclosure": "card.pdf"}).articles[0].episode is None
    assert len(reading({**recipe, **FILE}).problems) == 3
    assert reading({"date": "2026-01-31", "podcast": {"number": 3}}).articles[0].episode == Episode(number=3)


def test_a_sound_file_alone_makes_no_episode() -> None:
    assert episode({}) is None
    assert episode({"podcast": "yes", "episode": ""}) is None


def test_a_table_may_name_the_file_itself() -> None:
    article = read("---\ndate: 2026-01-31\npodcast:\n  file: gate.mp3\n  number: 3\n---\n")
    assert (article.enclosures, article.episode) == ((Enclosure("gate.mp3", "audio/mpeg"),), Episode(number=3))


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("3723", 3723),
        (61, 61),
        (3722.6, 3723),
        ("62:03", 3723),
        ("1:02:03", 3723),
        ("01:02:03.4", 3723),
        ("1h 2m 3s", 3723),
        ("PT1H2M3S", 3723),
        ("45 min", 2700),
        ("90s", 90),
    ],
)
def test_a_duration_has_many_shapes(said: object, seconds: int) -> None:
    assert episode({"duration": said}) == Episode(duration=seconds)


@pytest.mark.parametrize("said", ["soon", "1:2:3:4", "-3", "PT", "5 min read", True, [1], "9" * 40])
def test_what_is_no_duration_is_refused(said: object) -> None:
    with pytest.raises(ValueError, match="is no"):
        values.seconds(said)


@pytest.mark.parametrize(
    ("fields", "message", "cure"),
    [
        ({"episode": "twelve"}, "episode is no whole number from 1", "episode: 12"),
        ({"episode": 0}, "episode is no whole number from 1", "episode: 12"),
        ({"podcast": {"number": -1}}, "podcast.number is no whole number from 1", "episode: 12"),
        ({"season": {"name": "x"}}, "season is no text", "season: 2"),
        ({"duration": "long"}, 'duration "long" is no duration', "1:02:03"),
        ({"explicit": "maybe"}, "explicit is neither true nor false", "explicit: true"),
        ({"podcast": {"type": "whole"}}, 'podcast.type is "whole"', "full, trailer or bonus"),
        ({"transcript": "talk.xyz"}, "transcript needs a media type for talk.xyz", "{url, type, language}"),
        ({"transcript": {"type": "text/vtt"}}, "transcript needs a url", "talk.vtt"),
        ({"transcript": {"url": "a.vtt", "lang": "german!"}}, 'transcript has a language "german!"', "{url, type"),
        ({"chapters": [{"startTime": 0}]}, "chapters is a list", "talk.json"),
        ({"people": [{"role": "guest"}]}, "people needs a name", "names"),
        ({"people": [{"name": "Ada", "url": "mailto:a@b.example"}]}, "people is no http or https address", "names"),
        ({"episode_display": "x" * 33}, "episode_display has more than 32 characters", "a few words"),
        ({"podcast": {"sesson": 2}}, "podcast.sesson is not known and was left out", "did you mean season?"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_never_loses_the_article(
    fields: dict[str, Any], message: str, cure: str
) -> None:
    found = reading({**FILE, **fields})
    assert [(p.message, p.line, p.severity) for p in found.problems] == [(message, 7, Severity.NOTE)]
    assert cure in found.problems[0].cure
    assert len(found.articles) == 1


def test_what_is_wrong_takes_nothing_else_with_it() -> None:
    found = reading({**FILE, "episode": "twelve", "season": 2})
    assert found.articles[0].episode == Episode(season=2)


@pytest.mark.parametrize(("said", "meant"), [("clean", False), ("no", False), (True, True), ("Yes", True)])
def test_explicit_takes_what_apple_once_took(said: object, meant: bool) -> None:
    assert episode({"explicit": said}) == Episode(explicit=meant)


def test_chapters_in_another_form_keep_their_type() -> None:
    found = episode({"chapters": {"url": "gate.xml", "type": "application/Xml"}})
    assert found is not None
    assert found.chapters == Chapters("gate.xml", "application/xml")


@pytest.mark.parametrize(
    ("name", "media"),
    [
        ("a.MP3?x=1.png", "audio/mpeg"),
        ("a.m4a#t", "audio/mp4"),
        ("a.srt", "application/x-subrip"),
        ("a.xyz", ""),
        ("a", ""),
    ],
)
def test_media_types_are_told_by_our_own_table(name: str, media: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mimetypes.guess_type", lambda *_: pytest.fail("the machine was asked"))
    assert guessed(name) == media


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["url", "name", "type", "number"]), inner)
    ),
    max_leaves=6,
)
names = st.sampled_from(sorted({"podcast", *(name for group in EPISODE_OUTER.values() for name in group)}))


@given(st.dictionaries(names, junk | st.dictionaries(st.sampled_from(sorted(EPISODE_INNER)), junk), max_size=5))
def test_nothing_that_may_stand_there_loses_an_article_or_raises(fields: dict[str, Any]) -> None:
    found = reading({**FILE, **fields})
    assert len(found.articles) == 1
    assert {problem.severity for problem in found.problems} <= {Severity.NOTE}
