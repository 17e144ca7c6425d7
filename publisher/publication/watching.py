"""Letting somebody watch long work."""

from collections.abc import Iterable, Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Watch(Protocol):
    """Passes items on one by one while somebody may watch."""

    def __call__(self, items: Iterable[T], label: str, /) -> Iterator[T]:
        """Yield the items; `label` says what is being done with them."""


def unwatched(items: Iterable[T], _label: str) -> Iterator[T]:
    """Pass items on with nobody watching."""
    return iter(items)
