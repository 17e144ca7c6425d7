"""A server that speaks SMTP as badly as it is told to, and writes down each mail it takes before it says so.

In a test: `with FaultServer(script) as server: … server.port, server.mails()`. From another process:
`python tests/delivery/faultserver.py RECORD SEED` prints its port and misbehaves at random until it is killed.
"""

import hashlib
import json
import os
import random
import socket
import ssl
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Self

FEATURES = ("PIPELINING", "SIZE 10240000", "8BITMIME", "SMTPUTF8", "DSN")
_USUAL = {
    "banner": b"220 relay.example ESMTP",
    "starttls": b"220 go ahead",
    "auth": b"235 2.7.0 welcome",
    "mail": b"250 2.1.0 ok",
    "rcpt": b"250 2.1.5 ok",
    "data": b"354 go ahead",
    "dot": b"250 2.0.0 taken",
    "rset": b"250 2.0.0 ok",
    "quit": b"221 2.0.0 bye",
}


@dataclass(frozen=True)
class Act:
    """What the server does at one stage instead of the usual."""

    #: Sent as it is, CRLF added where it does not end with LF; None for the usual reply, empty for none.
    reply: bytes | None = None
    #: What follows: it drops the connection, resets it, says nothing more, or sends `reply` for ever.
    then: Literal["go", "drop", "reset", "hang", "flood"] = "go"
    #: Seconds before the reply.
    pause: float = 0
    #: Seconds between two bytes of the reply.
    drip: float = 0
    #: For "body": how many bytes of it are read first; negative ones count from its end.
    after: int = 0
    #: For "dot": the mail is written down; None where the reply says so.
    keep: bool | None = None


#: From the stage, the number of the connection and of the mail on it (both from 0), what to do; None for the usual.
#: Stages: accept banner ehlo helo starttls handshake auth mail rcpt data body dot rset quit.
Script = Callable[[str, int, int], Act | None]


def at(stage: str, act: Act, *, mail: int | None = None, connection: int | None = None) -> Script:
    """Misbehave at one stage: always, or with one mail, or on one connection."""

    def script(now: str, on: int, number: int) -> Act | None:
        fits = now == stage and mail in (None, number) and connection in (None, on)
        return act if fits else None

    return script


def sane(_stage: str, _connection: int, _mail: int) -> Act | None:
    """Do nothing wrong."""
    return None


class _GoneError(Exception):
    """The connection ended, by whichever side."""


class FaultServer:
    """Listens on a free port of this machine until it is closed.

    Args:
        script: what it does wrong.
        features: what it offers.
        context: certificate for STARTTLS, or for TLS at once with `implicit`.
        record: file that gets one JSON line for each mail taken.
        path: of a Unix socket to listen on instead of a port.
        buffer: size of the receiving buffer in bytes, for a tiny window.
    """

    def __init__(
        self,
        script: Script = sane,
        *,
        features: tuple[str, ...] = FEATURES,
        context: ssl.SSLContext | None = None,
        implicit: bool = False,
        record: Path | None = None,
        path: Path | None = None,
        buffer: int | None = None,
    ) -> None:
        self.script, self.features, self.context, self.implicit = script, features, context, implicit
        self._record = record
        self._taken: list[dict[str, Any]] = []
        #: Every line of every connection, as it came; what is behind the 354 is no line.
        self.lines: list[bytes] = []
        #: Where the client spoke before its turn.
        self.violations: list[str] = []
        self.connections = 0
        self.quits = 0
        self._open: set[socket.socket] = set()
        self._closing = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX if path else socket.AF_INET)
        if buffer:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self._listener.bind(str(path) if path else ("127.0.0.1", 0))
        self._listener.listen(128)
        self.port = 0 if path else self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every conversation."""
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def mails(self) -> list[dict[str, Any]]:
        """Return what was taken, in order: sender, recipient, message_id, sha256, size."""
        return list(self._taken)

    def take(self, sender: str, recipient: str, data: bytes) -> None:
        """Write a mail down, before anybody hears that it was taken."""
        line = {
            "message_id": _message_id(data),
            "sender": sender,
            "recipient": recipient,
            "sha256": hashlib.sha256(data).hexdigest(),
            "size": len(data),
        }
        self._taken.append(line)
        if self._record:
            descriptor = os.open(self._record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.write(descriptor, json.dumps(line).encode() + b"\n")
            os.close(descriptor)

    def wait(self, seconds: float) -> None:
        """Wait, but not longer than this server lives."""
        if self._closing.wait(seconds):
            raise _GoneError

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                number, self.connections = self.connections, self.connections + 1
                self._threads.append(threading.Thread(target=self._serve, args=(connection, number), daemon=True))
                self._threads[-1].start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        self._open.add(connection)
        talk = _Talk(self, connection, number)
        with suppress(_GoneError, OSError):
            talk.run()
        self._open.discard(talk.socket)
        self._open.discard(connection)
        talk.socket.close()


class _Talk:
    """One connection."""

    def __init__(self, server: FaultServer, connection: socket.socket, number: int) -> None:
        self.socket = connection
        self._server = server
        self._number = number
        self._mail = 0  # of the transaction that goes on, or comes next
        self._begun = 0
        self._buffer = b""
        self._sender = self._recipient = ""
        self._started = False

    def run(self) -> None:
        self._act("accept", b"")
        if self._server.implicit:
            self._encrypt()
        self._act("banner")
        while True:
            self._command(self._line())

    def _command(self, line: bytes) -> None:
        self._server.lines.append(line)
        word = line[:4].upper().decode("latin-1")
        match word:
            case "EHLO" | "LHLO":
                self._act("ehlo", self._offer())
            case "HELO":
                self._act("helo", b"250 relay.example")
            case "STAR":
                self._act("starttls")
                self._encrypt()
            case "AUTH":
                self._act("auth")
            case "MAIL":
                self._mail, self._begun = self._begun, self._begun + 1
                self._sender = _path(line)
                self._recipient = ""
                self._started = self._act("mail").startswith(b"2")
            case "RCPT" | "DATA" if not self._started:
                self._send(b"503 5.5.1 MAIL first")
            case "RCPT":
                if self._act("rcpt").startswith(b"2"):
                    self._recipient = _path(line)
            case "DATA":
                self._data()
            case "RSET":
                self._started = False
                self._act("rset")
            case "QUIT":
                self._server.quits += 1
                self._act("quit")
                raise _GoneError
            case _:
                self._send(b"500 5.5.1 what?")

    def _offer(self) -> bytes:
        offered = list(self._server.features)
        if self._server.context and not isinstance(self.socket, ssl.SSLSocket):
            offered.append("STARTTLS")
        lines = [b"relay.example", *(feature.encode() for feature in offered)]
        return b"".join(b"250-%s\r\n" % line for line in lines[:-1]) + b"250 %s\r\n" % lines[-1]

    def _encrypt(self) -> None:
        act = self._server.script("handshake", self._number, self._mail)
        if act is not None:
            self._do(act, b"")
        assert self._server.context, "TLS needs a certificate"
        self.socket = self._server.context.wrap_socket(self.socket, server_side=True)
        self._server._open.add(self.socket)

    def _data(self) -> None:
        if not self._act("data").startswith(b"354"):
            return
        act = self._server.script("body", self._number, self._mail)
        if act is not None:
            self._part_of_the_body(act)
        body = self._body()
        self._started = False
        if not self._recipient:
            self._send(b"554 5.5.1 no valid recipients")
            return
        self._answer_the_dot(body)

    def _part_of_the_body(self, act: Act) -> None:
        if act.after < 0:
            self._buffer = self._body(leave=True)
        while len(self._buffer) < act.after:
            self._read()
        self._do(act, b"")

    def _answer_the_dot(self, body: bytes) -> None:
        act = self._server.script("dot", self._number, self._mail)
        reply = _USUAL["dot"] if act is None or act.reply is None else act.reply
        keep = act.keep if act is not None and act.keep is not None else reply.startswith(b"250")
        if keep:
            self._server.take(self._sender, self._recipient, body)
        self._do(act or Act(), _USUAL["dot"])

    def _body(self, *, leave: bool = False) -> bytes:
        while not (self._buffer.startswith(b".\r\n") or b"\r\n.\r\n" in self._buffer):
            self._read()
        body, dot, rest = (b"\r\n" + self._buffer).partition(b"\r\n.\r\n")
        if leave:
            return body[2:] + dot + rest
        self._buffer = rest
        return body[2:].replace(b"\r\n..", b"\r\n.").removeprefix(b".") + b"\r\n"

    def _line(self) -> bytes:
        while b"\n" not in self._buffer:
            self._read()
        line, _, self._buffer = self._buffer.partition(b"\n")
        if not line.endswith(b"\r"):
            self._server.violations.append(f"bare LF: {line!r}")
        if self._buffer and "PIPELINING" not in self._server.features:
            self._server.violations.append(f"behind {line!r}: {self._buffer!r}")
        return line.removesuffix(b"\r")

    def _read(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise _GoneError
        self._buffer += data

    def _act(self, stage: str, usual: bytes | None = None) -> bytes:
        usual = _USUAL[stage] if usual is None else usual
        return self._do(self._server.script(stage, self._number, self._mail) or Act(), usual)

    def _do(self, act: Act, usual: bytes) -> bytes:
        """Do what the script says, and return what was replied."""
        if act.pause:
            self._server.wait(act.pause)
        reply = usual if act.reply is None else act.reply
        if act.then == "flood":
            while True:
                self._send(reply)
        if act.drip:
            for byte in reply:
                self.socket.sendall(bytes([byte]))
                self._server.wait(act.drip)
        elif reply:
            self._send(reply)
        if act.then == "hang":
            self._server.wait(3600)
        if act.then == "reset":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if act.then != "go":
            raise _GoneError
        return reply

    def _send(self, reply: bytes) -> None:
        self.socket.sendall(reply if reply.endswith(b"\n") or not reply else reply + b"\r\n")


def _path(line: bytes) -> str:
    return line.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace")


def _message_id(data: bytes) -> str:
    head = data.partition(b"\r\n\r\n")[0]
    found = [line for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:")]
    return found[0].partition(b":")[2].strip().decode("ascii", "replace") if found else ""


def at_random(seed: int, share: float = 0.05) -> Script:
    """Misbehave now and then at every stage of a mail, in ways that a sender survives; the same seed, the same ways."""
    stages: dict[str, tuple[Act, ...]] = {
        "mail": (Act(b"451 4.3.0 later"), Act(b"", "drop"), Act(b"421 4.3.2 closing", "drop")),
        "rcpt": (
            Act(b"450 4.2.0 greylisted"),
            Act(b"452 4.5.3 too many"),
            Act(b"550 5.1.1 no such user"),
            Act(b"", "reset"),
        ),
        "data": (Act(b"451 4.3.0 later"), Act(b"554 5.6.0 no"), Act(b"", "drop"), Act(pause=0.01)),
        "body": (Act(b"", "drop", after=1), Act(b"", "reset", after=200), Act(b"", "drop", after=-1)),
        "dot": (
            Act(b"451 4.3.0 later"),
            Act(b"554 5.6.0 no"),
            Act(b"", "drop", keep=True),
            Act(b"", "drop", keep=False),
            Act(b"", "reset", keep=True),
            Act(pause=0.02),
            Act(b"250 taken", "drop"),
        ),
    }
    chance = random.Random(seed)

    def script(stage: str, _connection: int, _mail: int) -> Act | None:
        acts = stages.get(stage)
        return chance.choice(acts) if acts and chance.random() < share else None

    return script


def each_line(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the mails of a record."""
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _main(record: str, seed: str) -> None:
    with FaultServer(at_random(int(seed)) if seed != "-" else sane, record=Path(record)) as server:
        sys.stdout.write(f"{server.port}\n")
        sys.stdout.flush()
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    _main(*sys.argv[1:3])
