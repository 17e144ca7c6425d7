"""From bytes to text, as XML 1.0 Appendix F says, and what was wrong on the way."""

import re
from collections.abc import Iterator

from publisher.check.feed_rules import Hit

_DECLARATION = re.compile(
    r"<\?xml\s+version\s*=\s*[\"']([^\"'<>]{1,40})[\"'](?:\s+encoding\s*=\s*[\"']([-A-Za-z0-9._]{1,60})[\"'])?"
)
#: First bytes, the family they belong to, and how many of them are a byte order mark.
_MARKS = (
    (b"\x00\x00\xfe\xff", "utf-32-be", 4),
    (b"\xff\xfe\x00\x00", "utf-32-le", 4),
    (b"\xfe\xff", "utf-16-be", 2),
    (b"\xff\xfe", "utf-16-le", 2),
    (b"\xef\xbb\xbf", "utf-8", 3),
    (b"\x00\x00\x00<", "utf-32-be", 0),
    (b"<\x00\x00\x00", "utf-32-le", 0),
    (b"\x00<\x00?", "utf-16-be", 0),
    (b"<\x00?\x00", "utf-16-le", 0),
)
_UTF_16 = {"utf-16", "iso-10646-ucs-2", "csunicode", "ucs-2"}
_UTF_32 = {"utf-32", "iso-10646-ucs-4", "csucs4", "ucs-4"}
#: Names by which each family may be declared; without a byte order mark the name may say which byte comes first.
_FAMILIES = {"utf-8": {"utf-8"}, "utf-16-be": _UTF_16, "utf-16-le": _UTF_16, "utf-32-be": _UTF_32, "utf-32-le": _UTF_32}
#: What readers know; other encodings are worth a word.
_COMMON = frozenset(
    """utf-8 utf8 utf-16 us-ascii ascii iso-8859-1 iso-8859-2 iso-8859-7 iso-8859-15 euc-jp koi8-r shift_jis
    windows-1250 windows-1251 windows-1252 windows-1254 windows-1255 windows-1256 gb18030""".split()
)
#: Codecs of Python that are no encodings of files, and those that need a sign of their own.
_NEVER = ("utf-16", "utf-32", "utf_16", "utf_32", "utf-7", "unicode", "raw", "idna", "punycode", "undefined", "mbcs")
_HEAD = 1024


def decode(data: bytes) -> tuple[str, list[Hit]]:
    """Decode a file.

    Returns:
        The text, without a byte order mark, and the broken rules.
    """
    family, mark = next(((name, size) for start, name, size in _MARKS if data.startswith(start)), ("", 0))
    head = data[mark : mark + _HEAD].decode(family or "latin-1", "replace")
    declaration = _DECLARATION.match(head)
    version, declared = (declaration[1], declaration[2] or "") if declaration else ("1.0", "")
    hits = list(_declared(version, declared, family, marked=bool(mark)))
    codec = family or _codec(declared) or "utf-8"
    try:
        text = data[mark:].decode(codec)
    except UnicodeDecodeError as error:
        hits.append(_undecodable(data[mark:], codec, error))
        # Latin-1 knows every byte: the rest can be judged all the same.
        text = data[mark:].decode(codec if family else "latin-1", "replace")
    return text, hits


def _declared(version: str, declared: str, family: str, *, marked: bool) -> Iterator[Hit]:
    name = declared.lower()
    if version != "1.0":
        yield Hit("feed.version", f"XML {version}", 1, 1)
    ordered = "" if marked else family[:6] + family[7:]
    if family and name and name not in {*_FAMILIES[family], ordered}:
        yield Hit("feed.encoding", f"{declared} is declared, but the file is in {family}", 1, 1)
    elif family and not name and not marked:
        yield Hit("feed.encoding", f"the file is in {family} and does not say so", 1, 1)
    elif name and not family and (not _codec(name) or name.startswith(("utf-16", "utf-32", "ucs", "iso-10646"))):
        yield Hit("feed.encoding", f"{declared} is declared, which the file is not in or nobody knows", 1, 1)
    elif name and not family and name not in _COMMON:
        yield Hit("feed.encoding.rare", declared, 1, 1)


def _codec(name: str) -> str:
    """Return the name if it is that of a text encoding; UTF-16 and UTF-32 without their signs are none."""
    if name.lower().startswith(_NEVER):
        return ""
    try:
        b"a".decode(name or "none")
    except (LookupError, UnicodeError):
        return ""
    return name


def _undecodable(data: bytes, codec: str, error: UnicodeDecodeError) -> Hit:
    before = data[: error.start].decode(codec, "replace")
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    return Hit("feed.encoding", f"a byte is no {codec}", line, column)
