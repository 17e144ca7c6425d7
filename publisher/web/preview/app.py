"""The pages as an application: addresses, headers, and who is answered at all."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from publisher.errors import PublisherError
from publisher.publication.showing import filled, own_pictures, with_pictures
from publisher.templating import bundled
from publisher.web.preview.desk import Desk
from publisher.web.preview.documents import html_document
from publisher.web.preview.marks import Mark
from publisher.web.preview.views import FEED_VIEWS, ISSUE_VIEWS, View
from publisher.web.preview.watching import Bell, events, watch

#: The page itself runs its own script and shows its own frames; it takes nothing from anywhere else.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: A frame shows strangers' content. It belongs to the page, which scrolls it and marks places in it, and that does no
#: harm as nothing in it is ever run: scripts, forms and plug-ins are refused twice, here and by the frame's own attribute.
FRAME_POLICY = (
    "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src {images}; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_FILES = {"preview.css": "text/css", "preview.js": "text/javascript"}
_COMMON = (
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


class Guard:
    """Answers only those who ask for this machine, and tells browsers to keep the answer to themselves.

    A foreign page may let its own host name point here (DNS rebinding); its browser then still says that name.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
        app = self._app
        if len(said) != 1 or said[0] not in self._hosts:
            app = PlainTextResponse("This is a preview for the machine it runs on; ask for localhost.\n", 421)

        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_COMMON]
            await send(message)

        await app(scope, receive, guarded)


def preview_app(desk: Desk, bell: Bell, port: int, say: Callable[[str], None]) -> Starlette:
    """Return the application.

    Args:
        desk: what there is to look at.
        bell: is rung at each change.
        port: on which it is asked.
        say: is told what the author should know.
    """
    pages = _Pages(desk, bell)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(watch(desk, bell, say))
        yield
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    routes = [
        Route("/", pages.first),
        Route("/events", pages.events),
        Route("/newsletters/{name}", pages.issue),
        Route("/feeds/{name:path}", pages.feed),
        Route("/frames/newsletters/{name}/{view}", pages.issue_frame),
        Route("/frames/feeds/{view}/{name:path}", pages.feed_frame),
        Route("/pictures/{name}/{address:path}", pages.picture),
        *(Route(f"/{name}", _file(name, kind)) for name, kind in _FILES.items()),
    ]
    names = [f"{name}:{port}" for name in ("127.0.0.1", "localhost", "[::1]")]
    hosts = frozenset([*names, *(name.removesuffix(":80") for name in names)])
    guard = Middleware(Guard, hosts=hosts)
    return Starlette(
        routes=routes, middleware=[guard], lifespan=lifespan, exception_handlers={PublisherError: _unknown}
    )


async def _unknown(_: Request, error: Exception) -> Response:
    return PlainTextResponse(f"{error}\n", 404)


def _file(name: str, kind: str) -> Callable[[Request], Response]:
    def answer(_: Request) -> Response:
        return Response(bundled().text(f"preview/{name}"), media_type=kind)

    return answer


class _Pages:
    """What is answered; rendering is done in threads, so that saves are noticed meanwhile."""

    def __init__(self, desk: Desk, bell: Bell) -> None:
        self._desk = desk
        self._bell = bell

    async def first(self, _: Request) -> Response:
        """Lead to the first newsletter or, without one, to the first feed."""
        contents = await run_in_threadpool(self._desk.contents)
        if contents.newsletters:
            return RedirectResponse(f"/newsletters/{quote(contents.newsletters[0][0])}")
        if contents.feeds:
            return RedirectResponse(f"/feeds/{quote(contents.feeds[0].name)}")
        failure = contents.failure or "There is neither a newsletter nor a feed; add [[feeds]] to publisher.toml."
        return await run_in_threadpool(self._page, "", contents.title, (), (), failure, {})

    async def events(self, request: Request) -> Response:
        """Tell the page of changes, as long as it listens."""
        told = events(self._desk, self._bell, request.query_params.get("known", ""))
        return StreamingResponse(told, media_type="text/event-stream")

    async def issue(self, request: Request) -> Response:
        """Show the next issue of a newsletter, with all that is wrong with it."""
        return await run_in_threadpool(self._issue_page, request.path_params["name"])

    def _issue_page(self, name: str) -> Response:
        try:
            issue = self._desk.issue(name)
        except PublisherError as error:
            return self._page(f"/newsletters/{quote(name)}", name, (), (), str(error), {})
        views = [(view, f"/frames/newsletters/{quote(name)}/{view.name}") for view in ISSUE_VIEWS]
        shown = tuple((view, url) for view, url in views if view.file in issue.files)
        head = {"subject": issue.subject, "sender": issue.sender, "preheader": issue.preheader, "note": issue.note}
        return self._page(f"/newsletters/{quote(name)}", issue.title, shown, issue.marks, issue.failure, head)

    async def feed(self, request: Request) -> Response:
        """Show a feed, with all that is wrong with it."""
        return await run_in_threadpool(self._feed_page, request.path_params["name"])

    def _feed_page(self, name: str) -> Response:
        try:
            feed = self._desk.feed(name)
        except PublisherError as error:
            return self._page(f"/feeds/{quote(name)}", name, (), (), str(error), {})
        shown = tuple((v, f"/frames/feeds/{v.name}/{quote(name)}") for v in FEED_VIEWS if v.file in feed.files)
        return self._page(f"/feeds/{quote(name)}", feed.title, shown, feed.marks, feed.failure, {"feed": name})

    def _page(
        self,
        place: str,
        title: str,
        views: tuple[tuple[View, str], ...],
        marks: tuple[Mark, ...],
        failure: str,
        head: Mapping[str, str],
    ) -> Response:
        version, contents = self._desk.version, self._desk.contents()
        values = {
            "version": version,
            "contents": contents,
            "place": place,
            "title": title,
            "views": views,
            "marks": marks,
            "errors": sum(mark.severity == "error" for mark in marks),
            "failure": contents.failure or failure,
            "head": {"subject": "", "sender": "", "preheader": "", "note": "", "feed": "", **head},
        }
        html = bundled().render("preview/page.html", values)
        return HTMLResponse(html, headers={"Content-Security-Policy": PAGE_POLICY})

    async def issue_frame(self, request: Request) -> Response:
        """Show an issue in one way."""
        return await run_in_threadpool(self._issue_frame, request.path_params["name"], request.path_params["view"])

    def _issue_frame(self, name: str, wanted: str) -> Response:
        issue = self._desk.issue(name)
        view = next((view for view in ISSUE_VIEWS if view.name == wanted), None)
        if view is None or view.file not in issue.files:
            return _frame(bundled().render("preview/gone.html", {}), images=False)
        text = issue.files[view.file].decode(errors="replace")
        if view.kind == "text":
            return _text_frame(text if view.name == "mail" else filled(text), view)
        pictures = {
            address: f"/pictures/{quote(name)}/{quote(address, safe='')}" for address in own_pictures(issue.files)
        }
        lines = {mark.line for mark in issue.marks if mark.file == view.file}
        html = with_pictures(html_document(filled(text), view.scheme, lines), pictures)
        return _frame(html, images=view.images)

    async def feed_frame(self, request: Request) -> Response:
        """Show a feed in one way."""
        return await run_in_threadpool(self._feed_frame, request.path_params["name"], request.path_params["view"])

    def _feed_frame(self, name: str, wanted: str) -> Response:
        feed = self._desk.feed(name)
        view = next((view for view in FEED_VIEWS if view.name == wanted), None)
        if view is None or view.file not in feed.files:
            return _frame(bundled().render("preview/gone.html", {}), images=False)
        text = feed.files[view.file].decode(errors="replace")
        return _text_frame(text, view) if view.kind == "text" else _frame(html_document(text, view.scheme), images=True)

    async def picture(self, request: Request) -> Response:
        """Show a picture that the issue brings along."""
        issue = await run_in_threadpool(self._desk.issue, request.path_params["name"])
        found = own_pictures(issue.files).get(request.path_params["address"])
        if found is None:
            return PlainTextResponse("There is no such picture.\n", 404)
        return Response(found.data, media_type=found.type, headers={"Content-Security-Policy": _policy(images=False)})


def _text_frame(text: str, view: View) -> Response:
    values = {"title": view.label, "lines": text.split("\n"), "plain": view.name == "text"}
    return _frame(bundled().render("preview/text.html", values), images=False)


def _frame(html: str, *, images: bool) -> Response:
    return HTMLResponse(html, headers={"Content-Security-Policy": _policy(images=images)})


def _policy(*, images: bool) -> str:
    return FRAME_POLICY.format(images="http: https: data:" if images else "'none'")
