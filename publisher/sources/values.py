"""Values of metadata, in the many shapes authors give them, as the parts of an article."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from urllib.parse import quote

from publisher.article import Author, Citation, Enclosure, Image
from publisher.markup.characters import line
from publisher.markup.links import absolute_url
from publisher.sources.mediatypes import guessed

_SEPARATOR = re.compile(r"[,;\n]")
_MAIL = re.compile(r"(?P<name>[^<>]*?)\s*<(?P<address>[^<>\s]+)>")
_WEB = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MARKDOWN_LINK = re.compile(r"\[(?P<text>[^\[\]]+)\]\((?P<url>https?://[^\s()]+)\)")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:;\s*[\w.+-]+=[\w.+\"-]+)*", re.ASCII)
_CLOCK = re.compile(r"(?:(?:(?P<hours>\d{1,3}):)?(?P<minutes>\d{1,4}):)?(?P<seconds>\d{1,7}(?:\.\d{1,9})?)", re.ASCII)
_UNITS = re.compile(
    r"(?=.*\d)(?:(?P<hours>\d{1,3})\s*h)?\s*(?:(?P<minutes>\d{1,5})\s*m(?:in)?)?\s*"
    r"(?:(?P<seconds>\d{1,7}(?:\.\d{1,9})?)\s*s)?",
    re.ASCII,
)
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Of an author: the last three are WordPress's and Docusaurus's.
_NAMES = ("name", "display_name", "login", "key")
_TRUE = frozenset(("true", "yes", "on", "1"))
_FALSE = frozenset(("false", "no", "off", "0"))


def text(value: object) -> str:
    """Return one line of text, from text or a number.

    Raises:
        ValueError: it is neither; here as below, the message is a clause that says what is expected.
    """
    if isinstance(value, str):
        return line(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
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
    for tag in texts([label for item in items for label in _labels(item)]):
        if bare := tag.lstrip("#").strip():
            yield bare


def _labels(item: object) -> Sequence[object]:
    return [*map(_label, item)] if isinstance(item, list | tuple) else [_label(item)]


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
    said = text(value)
    if "<" in said and (found := _MAIL.fullmatch(said)):
        return Author(found["name"].strip(" \"'") or found["address"], email=found["address"])
    return Author(said)


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
        found = image(url, text(described)) if isinstance(url, str) else None
        width, height, media = (value.get(key) for key in ("width", "height", "type"))
        return found and replace(found, width=_pixels(width), height=_pixels(height), type=_picture_type(media))
    if value is None or flag(value) is not None:
        return None
    url = reference(value)
    return Image(url, alt) if url else None


def _pixels(value: object) -> int | None:
    """Return a number of pixels; what is none, such as Hugo's `50%`, is no mistake of an address."""
    digits = str(value).strip().removesuffix("px")
    return int(digits) if re.fullmatch("[1-9][0-9]{0,5}", digits) else None


def _picture_type(value: object) -> str:
    media = str(value).lower()
    return media if media.startswith("image/") and _MEDIA_TYPE.fullmatch(media) else ""


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
    """Yield enclosures: addresses, or tables with url and all else that is known, or a list of these.

    Beside its own names, a table may have those of JSON Feed's attachments.

    Raises:
        ValueError: it is something else, or a type is neither given nor told by the address.
    """
    for item in value if isinstance(value, list | tuple) else [value]:
        table = item if isinstance(item, Mapping) else {"url": item}
        if not table.get("url"):
            raise ValueError("needs a url")
        url = reference(table["url"])
        size = next((table[key] for key in ("length", "size_in_bytes") if table.get(key) is not None), None)
        media = text(table.get("type") or table.get("mime_type") or guessed(url))
        if not _MEDIA_TYPE.fullmatch(media):
            raise ValueError(f"needs a media type for {url}")
        lasting = next((table[key] for key in ("duration", "duration_in_seconds") if table.get(key)), None)
        yield Enclosure(url, media.lower(), _size(size), text(table.get("title") or ""), seconds(lasting or 0))


def _size(value: object) -> int | None:
    if value is None:
        return None
    digits = text(value)
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 16):
        raise ValueError("has a length that is no number of octets")
    return int(digits)


def seconds(value: object) -> int | None:
    """Return a duration in whole seconds, of a number of them, `1:02:03`, `62:03`, `1h 2m 3s` or `PT1H2M3S`.

    Returns:
        The seconds; None where there are none, as of `0:00`.

    Raises:
        ValueError: it is no duration.
    """
    said = text(value).lower()
    if found := _CLOCK.fullmatch(said) or _UNITS.fullmatch(said.removeprefix("pt")):
        hours, minutes, rest = (float(found[name] or 0) for name in ("hours", "minutes", "seconds"))
        return round(hours * 3600 + minutes * 60 + rest) or None
    raise ValueError(f'"{said}" is no duration')
