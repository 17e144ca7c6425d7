"""Values of metadata, in the many shapes authors give them, as the parts of an article."""

import mimetypes
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from urllib.parse import quote

from publisher.article import Author, Citation, Enclosure, Image
from publisher.markup.characters import line
from publisher.markup.links import absolute_url

_SEPARATOR = re.compile(r"[,;\n]")
_MAIL = re.compile(r"(?P<name>[^<>]*?)\s*<(?P<address>[^<>\s]+)>")
_WEB = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MARKDOWN_LINK = re.compile(r"\[(?P<text>[^\[\]]+)\]\((?P<url>https?://[^\s()]+)\)")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:;\s*[\w.+-]+=[\w.+\"-]+)*", re.ASCII)
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Of an author: the last three are WordPress's and Docusaurus's.
_NAMES = ("name", "display_name", "login", "key")
_TRUE = frozenset(("true", "yes", "on", "1"))
_FALSE = frozenset(("false", "no", "off", "0"))
# What the standard library calls these changes with its version; bytes must not.
_TYPES = {
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".m4v": "video/mp4",
    ".mp3": "audio/mpeg",
    ".mp4": "video/mp4",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/opus",
    ".wav": "audio/wav",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".epub": "application/epub+zip",
    ".zip": "application/zip",
}
_KNOWN_TYPES = mimetypes.MimeTypes()  # the built-in table alone: the machine's own differ


def text(value: object) -> str:
    """Return one line of text, from text or a number.

    Raises:
        ValueError: it is neither; here as below, the message is a clause that says what is expected.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is no text")
    return line(str(value))


def flag(value: object) -> bool | None:
    """Return what `true`, `yes`, `on`, `1` and their opposites say; None for anything else."""
    word = str(value).strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def texts(value: object, separator: re.Pattern[str] = _SEPARATOR) -> Iterator[str]:
    """Yield the lines of a list, or of text with separators.

    Raises:
        ValueError: it is neither, or something in it is no text.
    """
    for item in value if isinstance(value, list | tuple) else _parted(value, separator):
        if item is not None and (found := text(item)):
            yield found


def _parted(value: object, separator: re.Pattern[str]) -> list[str]:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError("is no text and no list of texts")
    return separator.split(str(value))


def tags(value: object) -> Iterator[str]:
    """Yield tags, without a leading `#`; a list in a list, as Hexo has for paths of categories, is taken apart.

    Raises:
        ValueError: it is neither text nor a list of texts.
    """
    items = value if isinstance(value, list | tuple) else [*texts(value)]
    for item in items:
        for tag in texts([*map(_label, item)] if isinstance(item, list | tuple) else [_label(item)]):
            if bare := tag.lstrip("#").strip():
                yield bare


def _label(tag: object) -> object:
    """Return the words of a tag; Docusaurus knows tables with label and permalink."""
    return next((tag[key] for key in ("label", "name") if tag.get(key)), tag) if isinstance(tag, Mapping) else tag


def lines(value: object) -> Iterator[str]:
    """Yield the lines of a list, or of text with one a line."""
    return texts(value, re.compile("\n"))


def authors(value: object, *, several: bool) -> Iterator[Author]:
    """Yield authors: names, `Name <mail>`, tables with name, url and email, or a list of these.

    Args:
        value: as its author wrote it.
        several: whether a text may hold several names, parted by semicolons, else by commas (Pelican's `Authors`).

    Raises:
        ValueError: it is something else.
    """
    if isinstance(value, str) and several:
        value = re.split(r"[;\n]" if ";" in value else r"[,\n]", value)
    for item in value if isinstance(value, list | tuple) else [value]:
        if (found := _author(item)).name:
            yield found


def _author(value: object) -> Author:
    if isinstance(value, Mapping):
        url, email = (text(value.get(key) or "") for key in ("url", "email"))
        name = next((text(value[key]) for key in _NAMES if value.get(key)), "")
        if not name:
            raise ValueError("needs a name")
        return Author(name, address(url), email)
    if found := _MAIL.fullmatch(text(value)):
        return Author(found["name"].strip(" \"'") or found["address"], email=found["address"])
    return Author(text(value))


def address(value: str) -> str:
    """Return an absolute web address with everything quoted that must be; empty for anything else."""
    return absolute_url(value, "") if re.match("https?:", value, re.IGNORECASE) else ""


def reference(value: object) -> str:
    """Return an address that may be relative, quoted.

    Raises:
        ValueError: it is no text, or has a scheme other than http and https.
    """
    found = text(value)
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", found) and not address(found):
        raise ValueError("is no http or https address")
    return quoted(found)


def quoted(url: str) -> str:
    """Return an address with all that RFC 3986 §2 forbids in percent notation; what is quoted stays as it is."""
    return _STRAY_PERCENT.sub("%25", quote(url, safe="!#$%&'()*+,/:;=?@~"))


def image(value: object, alt: str) -> Image | None:
    """Return the lead image of an address, a table with one (`url`, `src`, `path`, `image`, …) or a list of these.

    Raises:
        ValueError: it is something else.
    """
    if isinstance(value, list | tuple):
        return image(value[0], alt) if value else None
    if isinstance(value, Mapping):
        url = next((value[key] for key in ("url", "src", "path", "image", "feature") if value.get(key)), None)
        described = next((value[key] for key in ("alt", "caption") if value.get(key)), alt)
        return image(url, text(described)) if isinstance(url, str) else None
    if value is None or flag(value) is not None:
        return None
    return Image(reference(value), alt)


def citations(value: object) -> Iterator[Citation]:
    """Yield sources: texts with or without a web address, or tables with text (or title, name) and url.

    Raises:
        ValueError: it is no list of these.
    """
    for item in value if isinstance(value, list | tuple) else _items(value):
        if isinstance(item, Mapping):
            words = next((text(item[key]) for key in ("text", "title", "name") if item.get(key)), "")
            url = address(text(item.get("url") or ""))
            found = Citation(words or url, url)
        else:
            found = citation(text(item))
        if found.text:
            yield found


def _items(value: object) -> list[object]:
    return [value] if isinstance(value, Mapping) else list(lines(value))


def citation(words: str) -> Citation:
    """Take the first web address out of a line of text: `The report, https://notes.example/report`."""
    if found := _MARKDOWN_LINK.search(words):
        rest = words[: found.start()] + found["text"] + words[found.end() :]
        return Citation(line(rest), address(found["url"]))
    if not (found := _WEB.search(words)):
        return Citation(line(words))
    url = _bare(found[0])
    rest = f"{words[: found.start()].rstrip(' <([')} {words[found.start() + len(url) :].lstrip(' >)].,;')}"
    return Citation(line(rest).strip(" ,;:|-–—") or url, address(url))


def _bare(url: str) -> str:
    """Leave out the punctuation that ends a sentence, and a bracket that the address did not open."""
    while url[-1] in ".,;:!?'*]" or (url[-1] == ")" and url.count("(") < url.count(")")):
        url = url[:-1]
    return url


def enclosures(value: object) -> Iterator[Enclosure]:
    """Yield enclosures: addresses or tables with url, type, length (or size_in_bytes) and title, or a list of these.

    Raises:
        ValueError: it is something else, or a type is neither given nor told by the address.
    """
    for item in value if isinstance(value, list | tuple) else [value]:
        table = item if isinstance(item, Mapping) else {"url": item}
        if not table.get("url"):
            raise ValueError("needs a url")
        url = reference(table["url"])
        size = next((table[key] for key in ("length", "size_in_bytes") if table.get(key) is not None), None)
        media = text(table.get("type") or table.get("mime_type") or _guessed(url))
        if not _MEDIA_TYPE.fullmatch(media):
            raise ValueError(f"needs a media type for {url}")
        yield Enclosure(url, media.lower(), _size(size), text(table.get("title") or ""))


def _guessed(url: str) -> str:
    path = re.split("[?#]", url)[0].lower()
    return _TYPES.get(PurePosixPath(path).suffix) or _KNOWN_TYPES.guess_type(path)[0] or ""


def _size(value: object) -> int | None:
    if value is None:
        return None
    digits = text(value)
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 16):
        raise ValueError("has a length that is no number of octets")
    return int(digits)
