"""The address that takes readers off with one click, tried with a token that nobody has: it must refuse, and do nothing.

The one client of web servers in this room. It follows no redirect, reads no body and heeds no proxy variables, as the
receivers do that press the button (RFC 8058 §3.1).
"""

import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection  # noqa: TID251 -- asks for the public pages
from ipaddress import ip_address
from socket import SHUT_RDWR
from threading import Timer
from urllib.parse import urlsplit

from publisher.delivery.doctor.configuration import LOOPBACK
from publisher.delivery.doctor.finding import Finding, error, note, ok, warning

#: A token that was never signed: too short to be one.
TOKEN = "the-doctor-looks-in"  # noqa: S105 -- nobody's
#: What the button posts (RFC 8058 §3.1).
_FORM = "List-Unsubscribe=One-Click"
_CLOCK = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Visit:
    """What a request met."""

    method: str
    #: 0 where there was no answer.
    status: int = 0
    #: When the server says it is; None where it does not.
    date: datetime | None = None
    #: Why there was no answer, a clause.
    reason: str = ""


def visit(url: str, method: str, seconds: float, ca: str | None = None) -> Visit:
    """Ask for the one-click address with a token that nobody has.

    Args:
        url: of [web], which ends in a slash.
        method: `GET` or `POST`.
        seconds: how long all of it may take.
        ca: a file of certificates to trust instead of the system's.
    """
    parts = urlsplit(f"{url}u/{TOKEN}")
    try:
        connection = _connection(parts.scheme, parts.netloc, seconds, ca)
    except (OSError, ValueError) as fault:
        return Visit(method, reason=_why(fault))
    timer = Timer(seconds, _cut, (connection,))
    timer.daemon = True
    timer.start()
    try:
        connection.connect()
        if (
            parts.hostname not in LOOPBACK
            and not ip_address(connection.sock.getpeername()[0].partition("%")[0]).is_global
        ):
            return Visit(method, reason="its name leads into a private network, where no receiver can reach it")
        headers = {"User-Agent": "publisher-feeds", "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, parts.path, _FORM if method == "POST" else None, headers)
        response = connection.getresponse()
        return Visit(method, response.status, _moment(response.getheader("Date", "")))
    except (OSError, HTTPException, ValueError) as fault:
        return Visit(method, reason=_why(fault))
    finally:
        timer.cancel()
        connection.close()


def _connection(scheme: str, netloc: str, seconds: float, ca: str | None) -> HTTPConnection:
    if scheme == "https":
        return HTTPSConnection(netloc, timeout=seconds, context=ssl.create_default_context(cafile=ca))
    return HTTPConnection(netloc, timeout=seconds)


def _cut(connection: HTTPConnection) -> None:
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(SHUT_RDWR)


def _moment(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.utcoffset() is not None else None


def _why(fault: Exception) -> str:
    """Say why there was no answer, in words that hold nothing the server has sent."""
    match fault:
        case TimeoutError():
            return "it did not answer in time"
        case ssl.SSLCertVerificationError():
            return f"its certificate is not to be trusted: {fault.verify_message.rstrip('.')}"
        case ssl.SSLError():
            return f"it speaks no proper TLS ({fault.reason})"
        case OSError():
            return f"it cannot be reached ({fault.strerror or type(fault).__name__})"
    return "its answer is no HTTP"


def endpoint_findings(url: str, visits: tuple[Visit, ...], now: datetime) -> Iterator[Finding]:
    """Judge the address that takes readers off.

    Args:
        url: of [web].
        visits: what requests with a made-up token met.
        now: the clock.
    """
    rule, place = "web.one-click", f"{url}u/"
    silent = next((one.reason for one in visits if one.reason), "")
    if silent:
        yield error(
            rule, f"{place}: {silent}", "start the public pages with: publisher web; and lead your web server there"
        )
        return
    for one in visits:
        what = f"{one.method} {place} with a made-up token"
        if one.status // 100 == 3:
            yield error(
                rule, f"{what} redirects ({one.status}), and receivers do not follow", "set [web] url to the end"
            )
        elif one.status // 100 == 2:
            yield error(
                rule, f"{what} is answered as if it were good ({one.status})", "lead the address to: publisher web"
            )
        elif one.status != 404:
            cure = "see that nothing before the pages asks for a login, a cookie or another method"
            yield error(rule, f"{what} is answered with {one.status} and not with 404", cure)
        else:
            yield ok(rule, f"{what} is refused, as it should be")
    date = next((one.date for one in visits if one.date), None)
    if date is not None and abs(date - now) > _CLOCK:
        minutes = round(abs(date - now).total_seconds() / 60)
        cure = "set the wrong one; timedatectl shows whether this machine asks a time server"
        yield warning("machine.clock", f"this machine's clock is {minutes:,} minutes off that of {url}", cure)


def unseen(url: str) -> Finding:
    """Return what is said where nobody was asked."""
    return note("web.one-click", f"{url}u/ was not looked at: the doctor works offline")
