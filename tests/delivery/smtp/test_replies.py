"""Replies out of whatever a relay sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.delivery.smtp.replies import LONGEST_LINE, MOST_BYTES, MOST_LINES, Garbage, Reply, ReplyReader

_LINES = st.sampled_from(
    [
        b"250 ok\r\n",
        b"250-more\r\n",
        b"354 go\r\n",
        b"250\r\n",
        b"550-no\r\n",
        b"250 bare\n",
        b"\r",
        b"\n",
        b"hello\r\n",
        b"\xff\x00",
    ]
)
_ANYTHING = st.one_of(st.binary(max_size=4000), st.lists(_LINES, max_size=40).map(b"".join))


def _read(*pieces: bytes) -> list[Reply | Garbage]:
    reader = ReplyReader()
    return [found for piece in pieces for found in reader.feed(piece)]


@given(st.lists(_ANYTHING, max_size=5))
def test_no_bytes_make_it_raise_or_hold_more_than_a_reply_may_have(pieces: list[bytes]) -> None:
    reader = ReplyReader()
    found = []
    for piece in pieces:
        found += list(reader.feed(piece))
        assert len(reader._rest) <= LONGEST_LINE
        assert sum(map(len, reader._lines)) <= MOST_BYTES + LONGEST_LINE
        assert len(reader._lines) <= MOST_LINES
    assert all(isinstance(reply, Reply) for reply in found[:-1])


@given(st.lists(_LINES, max_size=30).map(b"".join), st.data())
def test_where_the_bytes_are_cut_makes_no_difference(data: bytes, cuts: st.DataObject) -> None:
    places = sorted(cuts.draw(st.lists(st.integers(0, len(data)), max_size=6)))
    pieces = [data[start:end] for start, end in zip([0, *places], [*places, len(data)], strict=True)]
    assert _read(*pieces) == _read(data)


def test_a_reply_of_several_lines_is_one_line_of_words() -> None:
    (reply,) = _read(b"550-5.1.1 The reader\r\n550-5.1.1 is\r\n550 5.1.1 unknown\x1b[31m\r\n")
    assert isinstance(reply, Reply)
    assert reply.words == "550 5.1.1 The reader is unknown [31m"


def test_a_reply_may_be_a_code_alone() -> None:
    assert _read(b"250\r\n354\r\n") == [Reply(250, (b"",)), Reply(354, (b"",))]


@pytest.mark.parametrize(
    "data",
    [
        b"250 ok\n",
        b"25 ok\r\n",
        b"2500 ok\r\n",
        b"650 ok\r\n",
        b"150 ok\r\n",
        b"250_ok\r\n",
        b"250 o\rk\r\n",
        b"250 \0\r\n",
        b"\r\n",
    ],
)
def test_what_is_not_a_well_formed_line_is_garbage_and_the_last_that_is_read(data: bytes) -> None:
    assert [type(found) for found in _read(b"220 hi\r\n", data, b"250 ok\r\n")] == [Reply, Garbage]


@pytest.mark.parametrize("text", [b"no\x00such \x1b[31muser", b"nicht gef\xfcnden", b"one\rtwo", b"\xff\xfe"])
@pytest.mark.parametrize("code", [450, 550])
def test_a_refusal_is_one_whatever_its_text_holds(code: int, text: bytes) -> None:
    refused, after = _read(b"%d-%s\r\n%d %s\r\n250 ok\r\n" % (code, text, code, text))
    assert isinstance(refused, Reply)
    assert refused.code == code
    assert refused.words.isprintable()
    assert after == Reply(250, (b"ok",))


@pytest.mark.parametrize("data", [b"250-more\r\n" * 101, b"250-" + b"x" * 2048, (b"250-" + b"x" * 2000 + b"\r\n") * 40])
def test_a_reply_that_is_too_long_is_garbage(data: bytes) -> None:
    assert [type(found) for found in _read(data)] == [Garbage]


def test_words_are_cut_at_five_hundred_characters() -> None:
    (reply,) = _read(b"250 " + b"x" * 2000 + b"\r\n")
    assert isinstance(reply, Reply)
    assert len(reply.words) == 500
