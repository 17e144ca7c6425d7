"""The façade, and the order in which a command does things."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from publisher.publication.facade import Publication

__all__ = ["Publication"]


def __getattr__(name: str) -> Any:
    """Import the façade on first use: whether a build has anything to do is known without it."""
    if name == "Publication":
        from publisher.publication.facade import Publication

        return Publication
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
