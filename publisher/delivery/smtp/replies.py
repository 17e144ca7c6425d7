"""Replies of a relay, out of whatever bytes it sends (RFC 5321, section 4.2): small, complete and well-formed, or none."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from publisher.delivery.transport import LONGEST_REPLY

# Section 4.5.3.1.5 promises 512 bytes a line; some relays put links and ids behind that.
LONGEST_LINE = 2048
MOST_LINES = 100
MOST_BYTES = 65536

# Of a refusal the code counts, whatever is in its text: who takes it for no answer asks again for days.
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])([^\x00\r\n]*|(?<=[45]..[ -])[^\n]*))?", re.DOTALL)
# RFC 3463, section 2: every line of a reply may repeat it.
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?= |$)")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]+@[^\s<>()\[\],;:\"]+")


@dataclass(frozen=True, slots=True)
class Reply:
    """One complete reply."""

    code: int
    #: What stands behind the code, a line each.
    lines: tuple[bytes, ...]

    @property
    def words(self) -> str:
        """Return code and text as one printable line of at most 500 characters."""
        return _words(self.code, self.lines)

    @property
    def is_policy(self) -> bool:
        """Whether it refuses for good by a policy of the relay's, and by nothing about the reader (RFC 3463, section 3.8)."""
        return self.code >= 500 and bool(self.lines) and self.lines[0].lstrip().startswith(b"5.7.")


@lru_cache(maxsize=64)  # many relays say the same to each mail
def _words(code: int, lines: tuple[bytes, ...]) -> str:
    texts = [line.decode("utf-8", "replace").strip() for line in lines]
    enhanced = _ENHANCED.match(texts[0])
    if enhanced and len(texts) > 1:
        texts[1:] = [text.removeprefix(enhanced[0]).strip() for text in texts[1:]]
    return printable(" ".join([str(code), *filter(None, texts)]))


@lru_cache(maxsize=64)
def _alone(line: bytes) -> Reply | None:
    """Return the reply that a line is, with its end; None where it is none, or not all of one."""
    parts = _LINE.fullmatch(line[:-2]) if line.endswith(b"\r\n") else None
    return None if parts is None or parts[2] == b"-" else Reply(int(parts[1]), (parts[3] or b"",))


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that are no reply; nothing behind them can be trusted."""

    #: What is wrong with them.
    words: str


def printable(text: str) -> str:
    """Return a text for a log: one line, nothing that moves a cursor, no address, at most 500 characters.

    Relays repeat addresses, and not only the one that was asked for; whoever is erased must not be found in another's reply.
    """
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    return _ADDRESS.sub("…", text)[:LONGEST_REPLY].rstrip()


class ReplyReader:
    """Cuts bytes into replies. It never raises, and never holds more than a reply may have."""

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[bytes] = []
        self._code = b""
        self._size = 0
        self._spoilt = False

    @property
    def begun(self) -> bool:
        """Whether a part of a reply was read."""
        return bool(self._rest or self._lines)

    def feed(self, data: bytes) -> Iterator[Reply | Garbage]:
        """Yield the replies that are complete with these bytes; after `Garbage` there are no more.

        What is not taken from the iterator is lost with it: take all, or drop the connection.
        """
        self._rest += data
        start = 0
        while not self._spoilt:
            end = self._rest.find(b"\n", start, start + LONGEST_LINE)
            if end < 0:
                break
            line, start = self._rest[start : end + 1], end + 1
            found = self._take(line)
            if found is not None:
                yield found
        self._rest = b"" if self._spoilt else self._rest[start:]
        if len(self._rest) >= LONGEST_LINE:
            yield self._spoil("a line without end")

    def _take(self, line: bytes) -> Reply | Garbage | None:
        if not self._lines and (alone := _alone(line)) is not None:
            return alone
        if not line.endswith(b"\r\n"):
            return self._spoil("a line that ends with a bare line feed")
        parts = _LINE.fullmatch(line[:-2])
        if parts is None:
            return self._spoil(f"no reply: {line[:60].decode('ascii', 'replace')}")
        code, more, text = parts.groups(b"")
        if self._lines and code != self._code:
            return self._spoil("a reply with two codes")
        self._code = code
        self._lines.append(text)
        self._size += len(line)
        if more == b"-":
            full = len(self._lines) >= MOST_LINES or self._size > MOST_BYTES
            return self._spoil("a reply without end") if full else None
        reply = Reply(int(code), tuple(self._lines))
        self._lines, self._size = [], 0
        return reply

    def _spoil(self, words: str) -> Garbage:
        self._spoilt, self._rest, self._lines = True, b"", []
        return Garbage(printable(words))
