"""Where mails lie that came back: a Maildir, or an mbox that is only read.

A Maildir (https://cr.yp.to/proto/maildir.html): mails in `new`, and those in `cur` that nobody has seen, are read. What was
understood goes to `cur` with the flag S (seen), what was not with the flag F (flagged), where a mail program shows it.
An mbox (RFC 4155): all mails, each time; who reads remembers their digests. It is locked while it is read.
"""

import fcntl
import os
import re
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO, Protocol

from publisher.errors import SurroundingsError, UsageError

#: What is kept of a mail, in bytes: reports stand before what they give back.
LARGEST = 262_144
_PIECE = 65_536
#: For how long somebody else may write to an mbox, in seconds.
PATIENCE = 10.0
_INFO = ":2,"
#: Who sent it and when; a sentence of a letter may begin with From, too.
_FROM = re.compile(rb"From .{0,500}\d\d?:\d\d")


@dataclass(frozen=True, slots=True)
class Found:
    """A mail in a mailbox."""

    #: For people: its file, or the mbox and the mail's number in it.
    place: str
    #: SHA-256 of the whole mail, in hexadecimal digits.
    digest: str
    #: Its beginning.
    raw: bytes
    #: Why it cannot be read, in words; empty where it can.
    fault: str = ""
    #: Its file in a Maildir.
    path: Path | None = None


class Mailbox(Protocol):
    """Gives mails and is told which were understood."""

    def mails(self) -> Iterator[Found]:
        """Give each mail that may be new; what goes away meanwhile is left out."""
        ...

    def settle(self, mail: Found, *, understood: bool) -> None:
        """Put a mail where it is seen that it was read, or that somebody should read it."""
        ...


def open_mailbox(path: Path) -> Mailbox:
    """Open a mailbox.

    Raises:
        UsageError: there is none.
    """
    if (path / "new").is_dir() and (path / "cur").is_dir():
        return Maildir(path)
    if path.is_dir():
        raise UsageError(f"{path} is no Maildir: it has no folders new and cur")
    if not path.exists():
        raise UsageError(f"{path} is missing; name a Maildir (a folder with new and cur) or an mbox file")
    if not path.is_file():
        raise UsageError(f"{path} is no mailbox; name a Maildir (a folder with new and cur) or an mbox file")
    return Mbox(path)


@dataclass(frozen=True, slots=True)
class Maildir:
    """A folder with a file for each mail."""

    path: Path

    def mails(self) -> Iterator[Found]:
        """Give the mails in `new`, and those in `cur` without the flag S; oldest names first."""
        for folder in ("new", "cur"):
            for path in sorted((self.path / folder).iterdir()):
                seen = folder == "cur" and "S" in path.name.partition(_INFO)[2]
                if not seen and not path.name.startswith(".") and (mail := _read(path)) is not None:
                    yield mail

    def settle(self, mail: Found, *, understood: bool) -> None:
        """Move a mail to `cur`, seen or flagged; one that somebody else moved meanwhile stays where it is."""
        assert mail.path is not None
        name, _, flags = mail.path.name.partition(_INFO)
        flags = "".join(sorted(set(flags) | {"S" if understood else "F"}))
        target = self.path / "cur" / f"{name}{_INFO}{flags}"
        if target != mail.path and not target.exists():
            with suppress(FileNotFoundError):
                mail.path.rename(target)


@dataclass(frozen=True, slots=True)
class Mbox:
    """A file of mails, one behind the other."""

    path: Path

    def mails(self) -> Iterator[Found]:
        """Give every mail.

        Raises:
            UsageError: the file is no mbox.
            SurroundingsError: somebody else keeps it locked.
        """
        with self.path.open("rb") as file, _locked(file, self.path):
            yield from _mails(file, self.path)

    def settle(self, mail: Found, *, understood: bool) -> None:
        """Leave the file as it is."""


@dataclass(slots=True)
class _Gathering:
    """A mail, piece by piece."""

    kept: bytearray = field(default_factory=bytearray)
    digest: "_Hash" = field(default_factory=sha256)

    def add(self, piece: bytes) -> None:
        self.digest.update(piece)
        if (room := LARGEST - len(self.kept)) > 0:
            self.kept += piece[:room]

    def found(self, place: str, path: Path | None = None) -> Found:
        return Found(place, self.digest.hexdigest(), bytes(self.kept), path=path)


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def _read(path: Path) -> Found | None:
    """Read a mail's file; None where it went away."""
    mail = _Gathering()
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                return _refused(path, "is no ordinary file")
            while piece := file.read(_PIECE):
                mail.add(piece)
    except FileNotFoundError:
        return None
    except OSError as error:
        return _refused(path, f"cannot be read: {error.strerror or error}")
    return mail.found(str(path), path)


def _refused(path: Path, fault: str) -> Found:
    name = path.name.partition(_INFO)[0]  # stays the same when it is flagged
    return Found(str(path), sha256(os.fsencode(name)).hexdigest(), b"", fault, path)


def _mails(file: IO[bytes], path: Path) -> Iterator[Found]:
    """Cut at lines behind an empty one that begin with `From ` and have a time of day (RFC 4155)."""
    mail: _Gathering | None = None
    number, fresh, empty = 0, True, True
    while piece := file.readline(_PIECE):
        if fresh and empty and _FROM.match(piece):
            if mail is not None:
                yield mail.found(f"{path}, mail {number}")
            mail, number = _Gathering(), number + 1
        elif mail is None:
            if piece.strip():
                raise UsageError(
                    f"{path} is no mbox: it does not begin with a line such as From MAILER-DAEMON Sun Nov 22 08:00:00 2026"
                )
        else:
            mail.add(piece)
        empty, fresh = fresh and not piece.strip(b"\r\n"), piece.endswith(b"\n")
    if mail is not None:
        yield mail.found(f"{path}, mail {number}")


@contextmanager
def _locked(file: IO[bytes], path: Path) -> Iterator[None]:
    """Keep others from writing, as mail servers do: fcntl(2)."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            break
        except OSError:
            if time.monotonic() >= deadline:
                raise SurroundingsError(f"{path}: another program keeps it locked; try again later") from None
            time.sleep(0.05)
    try:
        yield
    finally:
        fcntl.lockf(file, fcntl.LOCK_UN)
