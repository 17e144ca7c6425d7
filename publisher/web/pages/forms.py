"""What browsers and mail programs post, read with care: it comes from strangers."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

#: Of a whole body, in bytes; and of fields in it.
LARGEST, _MOST_FIELDS = 16_384, 20
#: For how long a body may take to come, in seconds.
PATIENCE = 15


class Unreadable(Exception):
    """A body is no form."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answered with {status}")
        #: Of HTTP.
        self.status = status


async def read_form(request: Request) -> Mapping[str, str]:
    """Return the fields of a posted form, the first of each name: urlencoded or multipart (RFC 8058 §3.2 has both).

    Raises:
        Unreadable: it is too large, too slow, or no form.
    """
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _body(request)
    except TimeoutError:
        raise Unreadable(408) from None
    except ClientDisconnect:
        raise Unreadable(400) from None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    fields = await _parts(request, body) if kind == "multipart/form-data" else _pairs(body)
    return dict(reversed(fields))


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST:
            raise Unreadable(413)
    return bytes(body)


def _pairs(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise Unreadable(400) from None


async def _parts(request: Request, body: bytes) -> list[tuple[str, str]]:
    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await MultiPartParser(request.headers, once(), max_files=0, max_fields=_MOST_FIELDS).parse()
    except (MultiPartException, FormParserError, KeyError, LookupError, ValueError):
        raise Unreadable(400) from None
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
