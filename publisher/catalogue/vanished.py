"""A folder that lost everything at once was hardly emptied on purpose: a disk is not mounted, a checkout went wrong."""

from collections.abc import Iterable, Sequence

from publisher.catalogue.lock import Promise
from publisher.errors import Problem


def emptied_sources(
    sources: Sequence[str], paths: Iterable[str], promises: Sequence[Promise], present: Iterable[str]
) -> list[Problem]:
    """Name the source folders in which not one file is left though articles of theirs were published.

    Args:
        sources: the folders, relative to the publication's.
        paths: of all files found in them, readable or not.
        promises: what was published.
        present: ids found anywhere: what was moved to another source is not lost.
    """
    found, known = set(paths), set(present)
    return [
        Problem(source, f"is empty, but {len(lost)} published articles were in it", CURE)
        for source in sources
        if not any(_within(path, source) for path in found)
        and (lost := [p for p in promises if _within(p.path, source) and p.id not in known])
    ]


CURE = "put them back; if readers shall lose them all, remove their lines from publisher.lock"


def _within(path: str, source: str) -> bool:
    return source in (".", path) or path.startswith(f"{source}/")
