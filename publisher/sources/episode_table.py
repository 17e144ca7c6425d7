"""An episode as the table of metadata that an author would write, and back: for records and for files we write."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from publisher.article import Chapters, Episode, Image, Person, Transcript


def to_table(episode: Episode) -> dict[str, Any]:
    """Return all that is told of an episode, ready for YAML or JSON; what is not told is left out."""
    table: dict[str, Any] = _told(asdict(episode))
    return table if episode.block else {name: value for name, value in table.items() if name != "block"}


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _told(each) for key, each in value.items() if each is not None and each not in ("", ())}
    return [_told(each) for each in value] if isinstance(value, tuple) else value


def from_table(table: Mapping[str, Any]) -> Episode:
    """Return the episode of what `to_table` made.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: the table is damaged.
    """
    image, chapters = table.get("image"), table.get("chapters")
    parts = {
        "image": Image(**image) if image else None,
        "chapters": Chapters(**chapters) if chapters else None,
        "transcripts": tuple(Transcript(**each) for each in table.get("transcripts", ())),
        "persons": tuple(Person(**each) for each in table.get("persons", ())),
    }
    return Episode(**{**table, **parts})
