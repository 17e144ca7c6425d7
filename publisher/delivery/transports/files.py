"""Mails as files: a Maildir that mail programs read, or a folder of `.eml` files, for trials and for others to collect."""

import hashlib
import os
import re
from pathlib import Path

from publisher.delivery.smtp.verdicts import broken
from publisher.delivery.transport import (
    Features,
    Mail,
    Outcome,
    Scope,
    Stage,
    TransportRefused,
    Verdict,
)
from publisher.delivery.transports.onebyone import OneByOne
from publisher.errors import SurroundingsError
from publisher.files import put

_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,100}")
_LF, _CRLF = b"\n", b"\r\n"


class FolderTransport(OneByOne):
    """Writes each mail as `TOKEN.eml` into a folder; the same mail once more is the same file.

    Args:
        folder: is made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def prepare(self) -> Features:
        """Make the folder."""
        _make(self._folder)
        return Features()

    def deliver(self, mail: Mail) -> Outcome:
        """Write and sync the file, then rename it into its place."""
        path = self._folder / f"{_name(mail)}.eml"
        try:
            put(path, mail.data)
        except SurroundingsError as error:
            return broken(Stage.BODY, str(error))
        return Outcome(Verdict.SENT, Stage.DOT, f"written to {path.name}")


class MaildirTransport(OneByOne):
    """Delivers into a Maildir (https://cr.yp.to/proto/maildir.html): into `tmp`, synced, renamed into `new`.

    A mail that comes a second time because nobody knew whether the first one arrived becomes no second file while the first
    is in `new`: its name tells delivery and content.

    Args:
        folder: the Maildir; is made where it is missing.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def prepare(self) -> Features:
        """Make the folders."""
        for name in ("tmp", "new", "cur"):
            _make(self._folder / name)
        return Features()

    def deliver(self, mail: Mail) -> Outcome:
        """Write a file in two steps, both durable."""
        digest = hashlib.sha256(mail.data).hexdigest()[:16]
        name = f"{_name(mail)}.{digest}.publisher"
        stage = Stage.BODY
        try:
            self._write(name, _as_delivered(mail))
            (self._folder / "tmp" / name).replace(self._folder / "new" / name)
            # From here on somebody may have read it, and moved it elsewhere.
            stage = Stage.DOT
            _sync(self._folder / "new")
        except OSError as error:
            return broken(stage, f"{self._folder}: {error.strerror or error}")
        return Outcome(Verdict.SENT, Stage.DOT, f"written to new/{name}")

    def _write(self, name: str, data: bytes) -> None:
        waiting = self._folder / "tmp" / name
        waiting.unlink(missing_ok=True)  # a torn one of a run that was killed
        descriptor = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        words = f"{folder}: {error.strerror or error}"
        raise TransportRefused(
            f"Mails cannot be written to {words}; give yourself the right to, or name another folder as url in [delivery]",
            Outcome(Verdict.DEFERRED, Stage.CONNECT, words, Scope.RUN, counted=False),
        ) from error


def _name(mail: Mail) -> str:
    """Return a name that is the delivery's own, whatever its token holds."""
    return mail.token if _TOKEN.fullmatch(mail.token) else "-".join(map(str, mail.key))


def _as_delivered(mail: Mail) -> bytes:
    """Return a mail as programs keep it on disk: lines end with LF, and the envelope stands in front (RFC 5321, 4.4)."""
    envelope = f"Return-Path: <{mail.sender}>\nDelivered-To: {mail.recipient}\n".encode()
    return envelope + mail.data.replace(_CRLF, _LF)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
