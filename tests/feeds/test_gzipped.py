"""Compressed siblings: the same data, the same bytes."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.feeds.gzipped import compressed


@given(st.binary(max_size=5000))
def test_every_program_unpacks_what_was_packed(data: bytes) -> None:
    assert gzip.decompress(compressed(data)) == data
    assert zlib.decompress(compressed(data), wbits=zlib.MAX_WBITS | 16) == data


def expect_timeless(data: bytes) -> None:
    """Demand a header without time, name and operating system (RFC 1952 §2.3)."""
    assert data[:10] == b"\x1f\x8b\x08\x00" + bytes(4) + b"\x02\xff"


def test_the_header_says_nothing_of_time_and_place() -> None:
    expect_timeless(compressed(b"<feed/>"))


def test_a_header_with_a_time_would_be_noticed() -> None:
    with pytest.raises(AssertionError):
        expect_timeless(gzip.compress(b"<feed/>", mtime=1))


def test_a_feed_gets_much_smaller(files: dict[str, bytes]) -> None:
    data = files["all.atom.xml"]
    assert len(compressed(data)) < len(data) / 2
