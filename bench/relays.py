"""Relays on loopback that swallow mails: Postfix's smtp-sink, and one whose every answer takes a while, like a far one's."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.programs import Missing

_PATIENCE = 10.0
_GREETING = b"220 relay.example\r\n"


def program(name: str) -> str:
    """Return the path of one of Postfix's programs.

    Raises:
        Missing: it is not installed.
    """
    for folder in ("/usr/sbin", "/usr/libexec/postfix", "/usr/lib/postfix/sbin"):
        if (path := Path(folder, name)).exists():
            return str(path)
    raise Missing(f"there is no {name}: it comes with Postfix")


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def sink(*options: str) -> Iterator[int]:
    """Run smtp-sink and give its port once it has greeted."""
    port = free_port()
    account = ["-u", "nobody"] if os.geteuid() == 0 else []
    with _running([program("smtp-sink"), *account, *options, f"127.0.0.1:{port}", "1024"], port):
        yield port


@contextmanager
def far(latency: float) -> Iterator[int]:
    """Run a relay that offers pipelining and whose answers arrive `latency` seconds late; give its port."""
    port = free_port()
    with _running([sys.executable, "-m", "bench.relays", str(port), str(latency)], port):
        yield port


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await_greeting(port, process)
        yield
    finally:
        process.terminate()
        process.wait(_PATIENCE)


def _await_greeting(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Read the banner: a port that merely takes connections may be somebody else's."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        if process.poll() is not None or time.monotonic() > deadline:
            raise Missing("the relay did not start")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                if connection.recv(100).startswith(b"220 "):
                    return
        except OSError:
            time.sleep(0.02)


class _Far(asyncio.Protocol):
    """Takes everything, and answers late; commands that came together are answered together."""

    def __init__(self, latency: float) -> None:
        self._latency = latency
        self._waiting = b""
        self._in_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._answer(_GREETING)

    def data_received(self, data: bytes) -> None:
        self._waiting += data
        answers = []
        while True:
            end, length = (b"\r\n.\r\n", 5) if self._in_data else (b"\r\n", 2)
            place = self._waiting.find(end)
            if place < 0:
                break
            line, self._waiting = self._waiting[:place], self._waiting[place + length :]
            answers.append(self._reply(line))
        self._answer(b"".join(answers))

    def _reply(self, line: bytes) -> bytes:
        if self._in_data:
            self._in_data = False
            return b"250 2.0.0 taken\r\n"
        match line[:4].upper():
            case b"EHLO":
                return b"250-relay.example\r\n250-PIPELINING\r\n250-8BITMIME\r\n250 SIZE 50000000\r\n"
            case b"DATA":
                self._in_data = True
                return b"354 go on\r\n"
            case b"QUIT":
                return b"221 2.0.0 bye\r\n"
            case _:
                return b"250 2.1.0 ok\r\n"

    def _answer(self, answers: bytes) -> None:
        if answers:
            asyncio.get_running_loop().call_later(self._latency, self._transport.write, answers)


async def _serve(port: int, latency: float) -> None:
    server = await asyncio.get_running_loop().create_server(lambda: _Far(latency), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
