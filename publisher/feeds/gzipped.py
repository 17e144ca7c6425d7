"""Compressed siblings of feed files, for servers that hand them out as they are."""

import struct
import zlib

# Magic, deflate, no flags (so no name), no time, slowest compression, unknown system (RFC 1952 §2.3).
_HEADER = struct.pack("<4BIBB", 0x1F, 0x8B, 8, 0, 0, 2, 255)


def compressed(data: bytes) -> bytes:
    """Return data in the gzip format (RFC 1952), for a file beside it with `.gz` at the end of its name.

    The same data give the same bytes at any time and on any system; another implementation of zlib may compress in
    another way.
    """
    deflate = zlib.compressobj(level=9, wbits=-zlib.MAX_WBITS)
    body = deflate.compress(data) + deflate.flush()
    return _HEADER + body + struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
