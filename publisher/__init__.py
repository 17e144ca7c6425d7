"""Turns article records into Atom, RSS and JSON feeds and into HTML email newsletters.

From Python: `Publication.load(path)` gives an object on which each command of the command line is one method.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from publisher.publication import Publication

__all__ = ["Publication"]


def __getattr__(name: str) -> Any:
    """Import the façade on first use: the command line's `--help` needs none of it."""
    if name == "Publication":
        from publisher.publication import Publication

        return Publication
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
