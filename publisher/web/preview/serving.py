"""Serving the pages on this machine, and only there."""

import errno
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from socket import AF_INET, SO_REUSEADDR, SOCK_STREAM, SOL_SOCKET, socket
from types import FrameType

import uvicorn

from publisher.errors import SurroundingsError
from publisher.web.preview.app import preview_app
from publisher.web.preview.desk import Desk
from publisher.web.preview.watching import Bell

HOST = "127.0.0.1"
#: How far beyond a taken port a free one is looked for.
_NEXT = 20


class _Server(uvicorn.Server):
    """A server whose open pages do not keep it from ending."""

    def __init__(self, config: uvicorn.Config, bell: Bell) -> None:
        super().__init__(config)
        self._bell = bell

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Let those go who wait for changes, then end."""
        self._bell.close()
        super().handle_exit(sig, frame)


def serve(
    folder: Path,
    clock: Callable[[], datetime],
    *,
    port: int,
    ready: Callable[[str], None],
    say: Callable[[str], None],
) -> None:
    """Serve the preview of a publication until the process is told to stop.

    Args:
        folder: the publication's; nothing is written to it.
        clock: tells the present, aware.
        port: on 127.0.0.1; 0 takes any that is free.
        ready: is called with the address once browsers can ask for it.
        say: is told what the author should know.

    Raises:
        SurroundingsError: the port is taken or refused.
    """
    desk, bell = Desk(folder, clock), Bell()
    with _listening(port) as listener:
        taken: int = listener.getsockname()[1]
        app = preview_app(desk, bell, taken, say)
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=2,
        )
        ready(f"http://{HOST}:{taken}/")
        with suppress(KeyboardInterrupt):  # it ends in good order, and then raises what made it end
            _Server(config, bell).run(sockets=[listener])


def _listening(port: int) -> socket:
    try:
        return _bound(port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            message = f"port {port} is refused: {error.strerror or error}; choose another one with --port"
            raise SurroundingsError(message) from error
        others = (other for other in range(port + 1, min(port + _NEXT, 65_535)) if _is_free(other))
        choice = next(others, 0)  # 0: the system chooses
        message = f"port {port} is taken; choose another one with: publisher preview --port {choice}"
        raise SurroundingsError(message) from error


def _bound(port: int) -> socket:
    listener = socket(AF_INET, SOCK_STREAM)
    try:
        listener.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)  # a preview that just ended does not hold its port for minutes
        listener.bind((HOST, port))
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _is_free(port: int) -> bool:
    try:
        _bound(port).close()
    except OSError:
        return False
    return True
