"""Whoever connects and asks for nothing keeps nobody else from the pages."""

import asyncio
from collections.abc import Awaitable, Callable
from socket import AF_INET, SOCK_STREAM, socket

import pytest

from publisher.web.pages import serving
from tests.web.pages.conftest import Office

REQUEST = b"GET /letters/ HTTP/1.1\r\nHost: notes.example\r\n\r\n"
BEGUN = b"GET /letters/ HTTP/1.1\r\nX-Slow: "
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def during(office: Office, check: Callable[[int], Awaitable[None]]) -> None:
    """Serve the pages at a port while something is tried there."""

    async def served() -> None:
        with socket(AF_INET, SOCK_STREAM) as listener:
            listener.bind(("127.0.0.1", 0))
            listener.listen()
            server = serving.server_of(office.app, ())
            running = asyncio.create_task(server.serve(sockets=[listener]))
            try:
                async with asyncio.timeout(20):
                    await check(listener.getsockname()[1])
            finally:
                server.should_exit = True
                await running

    asyncio.run(served())


async def connected(port: int) -> Connection:
    return await asyncio.open_connection("127.0.0.1", port)


async def answered(one: Connection) -> bytes:
    one[1].write(REQUEST)
    return await one[0].readline()


async def end(*all_of_them: Connection) -> None:
    for _, writer in all_of_them:
        writer.close()
        await writer.wait_closed()


def test_connections_that_say_nothing_make_room_for_others(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "_MOST_WAITING", 20)
    monkeypatch.setattr(serving, "_MOST_AT_ONCE", 40)

    async def check(port: int) -> None:
        first = await connected(port)
        assert await answered(first) == b"HTTP/1.1 200 OK\r\n"
        idle = [await connected(port) for _ in range(60)]
        assert await idle[0][0].read() == b""  # the oldest is ended
        last = await connected(port)
        assert await answered(last) == b"HTTP/1.1 200 OK\r\n"
        assert await answered(idle[-1]) == b"HTTP/1.1 200 OK\r\n"
        await end(first, *idle, last)

    during(sqlite_office, check)


@pytest.mark.parametrize(("begun", "before"), [(b"", 0), (BEGUN, 0), (BEGUN, 1)])
def test_a_request_has_a_time_to_come_in(
    sqlite_office: Office, monkeypatch: pytest.MonkeyPatch, begun: bytes, before: int
) -> None:
    monkeypatch.setattr(serving, "_PATIENCE", 0.2)

    async def check(port: int) -> None:
        slow = await connected(port)
        for _ in range(before):
            slow[1].write(REQUEST)
            await slow[0].readuntil(b"</html>\n")
        ended = asyncio.create_task(slow[0].read())
        slow[1].write(begun)
        while begun and not ended.done():  # more of the head gives it no more time
            slow[1].write(b"x")
            await asyncio.sleep(0.02)
        assert await ended == b""
        await end(slow)

    during(sqlite_office, check)
