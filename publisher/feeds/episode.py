"""What is heard and seen of an entry, as every format shows it: absolute URLs and legal characters."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from publisher.article import Chapters, Enclosure, Episode, Image, Person, Transcript
from publisher.feeds.content import text, web_url
from publisher.markup.characters import line
from publisher.sources.mediatypes import guessed, plays


def entry_episode(episode: Episode, base: str) -> Episode:
    """Return an episode as feeds show it; files without a web address are left out.

    Args:
        episode: an article's.
        base: the absolute URL of the article's page.
    """
    chapters = web_url(episode.chapters.url, base) if episode.chapters else ""
    return replace(
        episode,
        title=_line(episode.title),
        display=_line(episode.display),
        season_name=_line(episode.season_name),
        image=entry_image(episode.image, base),
        transcripts=tuple(
            Transcript(url, _line(found.type), _line(found.language), found.rel)
            for found in episode.transcripts
            if (url := web_url(found.url, base))
        ),
        chapters=Chapters(chapters, _line(episode.chapters.type)) if episode.chapters and chapters else None,
        persons=tuple(
            Person(name, _line(found.role), _line(found.group), web_url(found.url, base), web_url(found.image, base))
            for found in episode.persons
            if (name := _line(found.name))
        ),
    )


def entry_image(image: Image | None, base: str) -> Image | None:
    """Return a picture with its absolute URL and its type; None where it has no web address."""
    address = web_url(image.url, base) if image else ""
    if not image or not address:
        return None
    media = image.type or guessed(address)
    return replace(image, url=address, alt=_line(image.alt), type=media if media.startswith("image/") else "")


def foremost(files: Sequence[Enclosure]) -> Enclosure:
    """Return the file that stands for all others where there is room for one: what is heard, then what has a length."""
    return min(files, key=lambda file: (not plays(file.type), not file.length))


def timed(enclosures: Sequence[Enclosure], episode: Episode | None) -> tuple[Enclosure, ...]:
    """Return an entry's files, the duration of the episode with that which is heard: the first of sound or film."""
    first = next((number for number, file in enumerate(enclosures) if plays(file.type)), None)
    if first is None or episode is None or episode.duration is None:
        return tuple(enclosures)
    heard = replace(enclosures[first], duration=episode.duration)
    return (*chain(enclosures[:first], (heard,), enclosures[first + 1 :]),)


def _line(value: str) -> str:
    return text(line(value))
