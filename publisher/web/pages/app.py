"""The public pages as an application: addresses and headers, and who asks."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from publisher.audience.signup import network_of
from publisher.errors import PublisherError
from publisher.web.pages.desk import Answer, Desk
from publisher.web.pages.forms import Unreadable, read_form

#: The pages have a style sheet inside, and forms to where they came from; nothing else is loaded, and nobody frames them.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_COMMON = (
    (b"content-security-policy", POLICY.encode()),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"x-robots-tag", b"noindex"),
)

Form = Mapping[str, str] | None


class Guarded:
    """Puts the headers on whatever is answered, also where a program's mistake is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_COMMON]
            await send(message)

        await self._app(scope, receive, guarded)


def pages_app(desk: Desk, root: str | None = None, failed: Callable[[Exception], None] = lambda _: None) -> Guarded:
    """Return the application.

    Args:
        desk: says what is answered.
        root: below which path requests come; that of [web] url where None.
        failed: is told why a request could not be carried out.
    """
    assert desk.settings.web is not None
    base = f"/{(urlsplit(desk.settings.web.url).path if root is None else root).strip('/')}".rstrip("/")
    doors = _Doors(desk)
    routes = [
        Route(f"{base}/", doors.first),
        Route(f"{base}/subscribe", doors.subscribe, methods=["POST"]),
        *(
            Route(f"{base}/{letter}/{{token}}", doors.through(answer), methods=["GET", "POST"])
            for letter, answer in (("c", desk.confirm), ("u", desk.unsubscribe), ("p", desk.preferences))
        ),
    ]

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        answer = await run_in_threadpool(desk.gone, error.status_code)
        return _response(answer, error.headers)

    async def unreadable(_: Request, error: Exception) -> Response:
        assert isinstance(error, Unreadable)
        return _response(await run_in_threadpool(desk.failed, error.status), {"Connection": "close"})

    async def broken(_: Request, error: Exception) -> Response:
        failed(error)
        return _response(await run_in_threadpool(desk.failed, 503), {"Retry-After": "60"})

    handlers: Any = {HTTPException: refused, Unreadable: unreadable, PublisherError: broken}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False  # a redirect would name the host that was asked for, whatever it is
    return Guarded(app)


class _Doors:
    """What is behind each address; the work is done in threads, as the database waits for disks."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def first(self, _: Request) -> Response:
        """Show the forms."""
        return _response(await run_in_threadpool(self._desk.first))

    async def subscribe(self, request: Request) -> Response:
        """Take a form."""
        network = network_of(request.client.host if request.client else "")
        return _response(await run_in_threadpool(self._desk.subscribe, await read_form(request), network))

    @staticmethod
    def through(answer: Callable[[str, Form], Answer]) -> Callable[[Request], Any]:
        """Return what shows a page of one reader, or takes its form."""

        async def asked(request: Request) -> Response:
            form = await read_form(request) if request.method == "POST" else None
            return _response(await run_in_threadpool(answer, request.path_params["token"], form))

        return asked


def _response(answer: Answer, headers: Mapping[str, str] | None = None) -> Response:
    return HTMLResponse(answer.html, answer.status, headers)
