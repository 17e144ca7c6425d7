"""Type and size of a picture, from the first octets of its file. Anything may stand there: nothing in it is believed
beyond what is read, and nothing makes this raise.
"""

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

#: How much of a file is looked at: nearly all pictures say their size at once, some behind long notes of a camera.
GLANCE, LOOK = 32 * 1024, 1024 * 1024

_Size = tuple[int, int]

_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = re.compile(rb"<svg\b([^<>]{0,4000})>")
_BEFORE_SVG = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:\s{1,999}|<\?[^<>]{0,999}>|<!--(?:[^-]|-(?!-)){0,9999}-->|<!DOCTYPE[^<>\[]{0,999}>)*"
)
_LENGTH = rb"\s(%s)\s*=\s*[\"']\s*(\d{1,6}(?:\.\d{1,9})?)(?:px)?\s*[\"']"
_WIDTH, _HEIGHT = (re.compile(_LENGTH % name) for name in (b"width", b"height"))
_VIEW_BOX = re.compile(
    rb"\sviewBox\s*=\s*[\"']\s*[-+\d.e]{1,20}[\s,]{1,9}[-+\d.e]{1,20}[\s,]{1,9}"
    rb"(\d{1,6}(?:\.\d{1,9})?)[\s,]{1,9}(\d{1,6}(?:\.\d{1,9})?)\s*[\"']"
)
#: Frames of JPEG (ITU-T T.81 table B.1): SOF0 to SOF15 without DHT, JPG and DAC.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
#: JPEG markers without a segment: TEM, RST0 to RST7, SOI.
_BARE = frozenset((0x01, *range(0xD0, 0xD9)))
_SCAN, _EXIF = 0xDA, 0xE1
_ORIENTATION = 0x0112
#: Way to the boxes in which an AVIF says its size (ISO/IEC 23008-12 §6.5.3), each with the octets before its own boxes.
_WAY = ((b"meta", 4), (b"iprp", 0), (b"ipco", 0))


class Picture(NamedTuple):
    """What the head of a file tells."""

    type: str
    #: In pixels, as it is shown; None where the head does not tell.
    size: _Size | None


def picture(head: bytes) -> Picture | None:
    """Return what the first octets of a file tell of a picture: PNG, JPEG, GIF, WebP, AVIF or SVG; None for all else."""
    for media, known, measure in _KINDS:
        if known(head):
            try:
                size = measure(head)
            except (struct.error, IndexError):  # it ends too early
                size = None
            return Picture(media, size if size and min(size) > 0 else None)
    return None


def _png(head: bytes) -> _Size | None:
    """Read the header chunk, which comes first (https://www.w3.org/TR/png-3/#11IHDR)."""
    return struct.unpack_from(">II", head, 16) if head[12:16] == b"IHDR" else None


def _gif(head: bytes) -> _Size | None:
    """Read the logical screen (GIF89a §18)."""
    return struct.unpack_from("<HH", head, 6)


def _jpeg(head: bytes) -> _Size | None:
    """Walk the segments up to the frame (ITU-T T.81 §B.2.2); a camera held upright turns the picture (Exif)."""
    turned = False
    for marker, start, length in _segments(head):
        if marker == _EXIF and head[start : start + 6] == b"Exif\0\0":
            turned = _turned(head[start + 6 : start + length])
        elif marker in _FRAMES:
            height, width = struct.unpack_from(">HH", head, start + 1)
            return (height, width) if turned else (width, height)
    return None


def _segments(head: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and length of each segment's content, up to the scan."""
    at = 2
    while (at := head.find(b"\xff", at)) != -1 and at + 1 < len(head):
        marker = head[at + 1]
        if marker == 0xFF:  # filling
            at += 1
        elif marker in _BARE:
            at += 2
        elif marker in (0, _SCAN):
            return
        else:
            (length,) = struct.unpack_from(">H", head, at + 2)
            yield marker, at + 4, length - 2
            at += 2 + max(length, 2)


def _turned(exif: bytes) -> bool:
    """Say whether a camera's note (TIFF 6.0 §2, Exif 2.32 §4.6.4) has the picture lie on its side."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return False
    try:
        (start,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, start)
        for number in range(min(count, 64)):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, start + 2 + 12 * number)
            if tag == _ORIENTATION:
                return 5 <= int(value) <= 8
    except struct.error:
        pass  # a damaged note says nothing, and the picture is shown as it is
    return False


def _webp(head: bytes) -> _Size | None:
    """Read the first chunk (RFC 9649 §2.5 to §2.7)."""
    kind = head[12:16]
    if kind == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") for at in (24, 27))
        return (width + 1, height + 1) if len(head) >= 30 else None
    if kind == b"VP8L" and head[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", head, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and head[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", head, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _avif(head: bytes) -> _Size | None:
    """Return the largest extent: beside the picture itself there may be those of its tiles and of a thumbnail."""
    extents = (at for kind, at in _boxes(head, 0, len(head), _WAY) if kind == b"ispe")
    sizes = [struct.unpack_from(">II", head, at + 4) for at in extents]
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def _boxes(head: bytes, at: int, end: int, way: Sequence[tuple[bytes, int]]) -> Iterator[tuple[bytes, int]]:
    """Yield kind and start of the content of each box (ISO/IEC 14496-12 §4.2), and of those along the way."""
    while at + 8 <= end:
        length, kind = struct.unpack_from(">I4s", head, at)
        stop = min(at + length, end) if length >= 8 else end  # 0: up to the end; 1: longer than we look
        yield kind, at + 8
        if way and kind == way[0][0]:
            yield from _boxes(head, at + 8 + way[0][1], stop, way[1:])
        at = stop


def _svg(head: bytes) -> _Size | None:
    """Read width and height of the outermost element or, where they are no pixels, its view box (SVG 2 §8.2)."""
    found = _SVG.search(head)
    if found is None:
        return None
    width, height = _WIDTH.search(found[1]), _HEIGHT.search(found[1])
    if width and height:
        return round(float(width[2])), round(float(height[2]))
    box = _VIEW_BOX.search(found[1])
    return (round(float(box[1])), round(float(box[2]))) if box else None


def _is_svg(head: bytes) -> bool:
    before = _BEFORE_SVG.match(head)
    return before is not None and head.startswith(b"<svg", before.end())


_KINDS: tuple[tuple[str, Callable[[bytes], bool], Callable[[bytes], _Size | None]], ...] = (
    ("image/png", lambda head: head.startswith(_PNG), _png),
    ("image/jpeg", lambda head: head.startswith(b"\xff\xd8\xff"), _jpeg),
    ("image/gif", lambda head: head.startswith((b"GIF87a", b"GIF89a")), _gif),
    ("image/webp", lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP", _webp),
    ("image/avif", lambda head: head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"), _avif),
    ("image/svg+xml", _is_svg, _svg),
)
