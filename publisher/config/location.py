"""Where a publication's settings are."""

from pathlib import Path

from publisher.errors import UsageError

CONFIG_NAME = "publisher.toml"


def find_publication(start: Path) -> Path:
    """Return the nearest folder, from `start` upwards, that holds publisher.toml.

    Raises:
        UsageError: there is none.
    """
    for folder in (start, *start.parents):
        if (folder / CONFIG_NAME).is_file():
            return folder
    raise UsageError(
        f"no {CONFIG_NAME} in {start} or above it; name the publication's folder with -C, "
        "or make one with: publisher init DIR"
    )
