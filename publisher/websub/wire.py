"""A connection to a hub; the only module of this program that opens one.

http.client is enough for that, and does neither more nor less than it is told: it heeds no proxy variables, follows no
redirect by itself and reads no body that nobody asks for.
"""

import ssl
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import (  # noqa: TID251 -- a hub is told of changes over the network
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    RemoteDisconnected,
)
from ipaddress import ip_address
from socket import SHUT_RDWR
from threading import Thread
from typing import TypeVar
from urllib.parse import urlsplit

from publisher.markup.links import absolute_url

T = TypeVar("T")

AGENT = "publisher-feeds"
REDIRECTS = 3
#: Redirects that keep a POST a POST (RFC 9110 §15.4.8 and §15.4.9).
_KEEPING = frozenset({307, 308})


@dataclass(frozen=True, slots=True)
class Reply:
    """What a hub answered."""

    status: int
    #: The usual words for the status; the hub's own could hold anything.
    phrase: str
    #: The Retry-After header, empty where there is none.
    retry_after: str


class Refused(Exception):
    """The hub leads to where nobody follows; another try would end alike."""


class Unreachable(Exception):
    """No answer came. The words are a clause about the hub and hold nothing it has sent."""


class Wire:
    """One connection at a time: to the hub, and from there to wherever it redirects."""

    def __init__(self, hub: str, step: float) -> None:
        self._hub = hub
        self._step = step
        self._connection: HTTPConnection | None = None
        self._origin = ("", "")
        self._hub_is_public = False
        self._is_cut = False

    def close(self) -> None:
        """Close what is open."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def post(self, form: bytes, seconds: float) -> Reply:
        """Post a form to the hub, and to where it redirects.

        Args:
            form: URL-encoded.
            seconds: how long the whole may take.

        Raises:
            Refused: it redirects to where nobody follows.
            Unreachable: no answer came; the wire is of no use any more.
        """
        answer = _started(lambda: self._followed(form))
        try:
            response = answer.result(timeout=seconds)
        except (OSError, HTTPException) as error:
            self._cut()
            answer.add_done_callback(lambda _: self.close())
            raise Unreachable(why(error)) from error
        return Reply(response.status, _phrase(response.status), response.getheader("Retry-After", ""))

    def _cut(self) -> None:
        """Make a post that nobody waits for any more come to its end."""
        self._is_cut = True
        if self._connection is not None and self._connection.sock is not None:
            with suppress(OSError):
                self._connection.sock.shutdown(SHUT_RDWR)

    def _followed(self, form: bytes) -> HTTPResponse:
        url = self._hub
        for _ in range(1 + REDIRECTS):
            response = self._request(url, form)
            if response.status not in _KEEPING:
                return response
            url = redirected(url, response.getheader("Location", ""))
        raise Refused(f"it redirects more than {REDIRECTS} times")

    def _request(self, url: str, form: bytes) -> HTTPResponse:
        parts = urlsplit(url)
        connection = self._connected(parts.scheme, parts.netloc)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": AGENT}
        try:
            if connection.sock is None:
                connection.connect()
                self._inspect(connection, url)
            connection.request("POST", f"{parts.path or '/'}{parts.query and '?'}{parts.query}", form, headers)
            response = connection.getresponse()
        except BaseException:
            connection.close()
            raise
        # The status says it all: a body is not waited for. Only after an empty one is the connection fit for more.
        if response.length == 0:
            response.read()
        else:
            connection.close()
        return response

    def _connected(self, scheme: str, netloc: str) -> HTTPConnection:
        """Return the connection to a server; what it was connected to before is closed."""
        if self._connection is not None and self._origin == (scheme, netloc):
            return self._connection
        self.close()
        if scheme == "https":
            context = ssl.create_default_context()
            self._connection = HTTPSConnection(netloc, timeout=self._step, context=context)
        else:
            self._connection = HTTPConnection(netloc, timeout=self._step)
        self._origin = (scheme, netloc)
        return self._connection

    def _inspect(self, connection: HTTPConnection, url: str) -> None:
        """Look at who took the call, before anything is said.

        The settings may name a hub on a private network, but no public hub may send this machine into one.
        """
        if self._is_cut:
            raise TimeoutError
        public = is_public(connection.sock.getpeername()[0])
        if url == self._hub:
            self._hub_is_public = public
        elif self._hub_is_public and not public:
            raise Refused("it redirects into a private network")


def _started(work: Callable[[], T]) -> Future[T]:
    """Do something in a thread of its own.

    Nothing else ends the lookup of a name, or a hub that sends one byte now and then, each before its step is over.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 -- raised again where it is waited for
            done.set_exception(error)

    Thread(target=run, name="websub", daemon=True).start()
    return done


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public Internet (RFC 6890)."""
    return ip_address(address).is_global


def redirected(url: str, location: str) -> str:
    """Return where a redirect leads.

    Args:
        url: what was asked for.
        location: the answer's Location, which is hostile until proven otherwise.

    Raises:
        Refused: to no web address, or from an encrypted one to one that is not.
    """
    target = absolute_url(location, url)
    try:
        parts = urlsplit(target)
        named = bool(parts.hostname and parts.hostname.encode("idna")) and parts.port != 0
    except ValueError:
        named = False
    if not named or "@" in parts.netloc or parts.scheme not in ("http", "https"):
        raise Refused("it redirects to what is no web address")
    if urlsplit(url).scheme == "https" and parts.scheme == "http":
        raise Refused("it redirects to an address without encryption")
    return target


def why(error: Exception) -> str:
    """Say why there was no answer, in words that hold nothing the hub has sent."""
    match error:
        case TimeoutError():
            return "it did not answer in time"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not to be trusted: {error.verify_message.rstrip('.')}"
        case ssl.SSLError():
            return f"it speaks no proper TLS ({error.reason})"
        case RemoteDisconnected():
            return "it hung up without an answer"
        case OSError():
            return f"it cannot be reached ({error.strerror or type(error).__name__})"
    return "its answer is no HTTP"


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else ""
