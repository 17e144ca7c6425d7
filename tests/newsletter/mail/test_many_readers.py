"""An issue for very many readers: what is kept in memory does not grow with them."""

import tracemalloc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from publisher.newsletter.mail import Envelope, Reader, Skeleton, message
from publisher.newsletter.slots import ADDRESS, NAME, PREFERENCES, UNSUBSCRIBE

ENVELOPE = Envelope(
    sender="Field Notes <letters@notes.example>",
    reply_to="",
    subject="Weekly #1: Rivers",
    date=datetime(2026, 11, 23, 8, tzinfo=UTC),
    list_id="weekly.notes.example",
    list_name="Field Notes Weekly",
    key="2026-W48",
)
FRAME = f"{NAME} {ADDRESS} {UNSUBSCRIBE} {PREFERENCES}\n"
WORDS = "The river has risen at the old mill, and nobody was surprised.\n"
EML = message(ENVELOPE, WORDS * 150 + FRAME, f"<p>{WORDS}</p>" * 250 + FRAME)
#: A mail to many, and ten times as many.
FEW, MANY = 500, 5000


def readers(count: int) -> Iterator[Reader]:
    """Yield readers one by one, as they come from a file."""
    for number in range(count):
        yield Reader(
            address=f"reader{number}@reader.example",
            name=f"Reader {number}",
            unsubscribe=f"https://notes.example/leave?t={number}",
            preferences=f"https://notes.example/mine?t={number}",
        )


def peak(count: int, mails: Callable[[int], int]) -> int:
    """Return the most memory that was in use at once, in bytes."""
    tracemalloc.start()
    try:
        assert mails(count) > count * len(WORDS)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def to_a_sink(count: int) -> int:
    """Make a mail for each reader, and forget it."""
    skeleton = Skeleton.read(EML)
    return sum(len(skeleton.message(reader)) for reader in readers(count))


def kept(count: int) -> int:
    """Make all mails first, as a careless program does."""
    skeleton = Skeleton.read(EML)
    return sum(map(len, [skeleton.message(reader) for reader in readers(count)]))


def expect_constant_memory(mails: Callable[[int], int]) -> None:
    """Demand that ten times the readers take no more memory, but for what Python itself remembers meanwhile."""
    mails(2)  # what is compiled or loaded at first use
    assert peak(MANY, mails) < peak(FEW, mails) + len(EML)


def test_ten_times_the_readers_take_the_same_memory() -> None:
    expect_constant_memory(to_a_sink)


def test_mails_that_are_kept_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "MANY", FEW * 2)
    with pytest.raises(AssertionError):
        expect_constant_memory(kept)
