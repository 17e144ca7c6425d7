"""The relaxed canonical forms of fields and bodies (RFC 6376 §3.4.2, §3.4.4): what signatures are made of.

They forgive what some servers do to mails on their way: fields folded elsewhere, blanks doubled or put at the ends of
lines, empty lines at the end of the body.
"""

import re

_BLANKS = re.compile(rb"[\t ]+")


def relaxed_field(field: bytes) -> bytes:
    """Return the canonical form of a header field, without a CRLF at its end.

    Args:
        field: as it stands in the header, folded or not, without the CRLF at its end.
    """
    name, _, value = field.partition(b":")
    return name.rstrip(b"\t ").lower() + b":" + _BLANKS.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")


def relaxed_lines(piece: bytes) -> bytes:
    """Return the canonical form of a piece of a body, empty lines at its end among it.

    A body may be brought into its canonical form piece by piece where no piece but the last ends in a blank that goes on,
    or ends its line, in the next one.

    Args:
        piece: with CRLF line ends.
    """
    return _BLANKS.sub(b" ", piece).replace(b" \r\n", b"\r\n")


def relaxed_body(body: bytes) -> bytes:
    """Return the canonical form of a whole body, or of the last of its pieces where that is not all empty lines.

    Args:
        body: with CRLF line ends.
    """
    lines = relaxed_lines(body).removesuffix(b" ").rstrip(b"\r\n")
    return lines + b"\r\n" if lines else b""
