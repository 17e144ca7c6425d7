"""Rules for the pictures of a mail: where they come from, how large they are, and what stands in their place."""

from collections.abc import Collection, Iterator
from urllib.parse import unquote

from lxml import etree

from publisher.check.mail.findings import MailHit
from publisher.check.mail.links import scheme_of
from publisher.check.mail.page import Page
from publisher.check.values import line_of, shown

#: Pixels of the widest picture that fits the column of a mail.
_WIDEST = 600
#: Letters of a mail that says something besides its pictures.
_FEW_LETTERS = 100


def picture_hits(page: Page, attached: Collection[str] | None = None) -> Iterator[MailHit]:
    """Yield the broken rules of all pictures.

    Args:
        page: the HTML.
        attached: Content-IDs of the mail's other parts; None where the mail is not at hand.
    """
    pictures = [element for element in page.elements if element.tag == "img"]
    for picture in pictures:
        # Around the articles, only templates can have put it there; authors may have taken over what others wrote.
        if not page.articles[picture] and {picture.get("width"), picture.get("height")} <= {"0", "1"}:
            yield MailHit("html.image.tracking", shown(picture.get("src", "")), *page.place(picture))
        for rule, what in (*_shape_faults(picture), *_source_faults(picture, attached)):
            yield MailHit(rule, what, *page.place(picture))
    shown_ids = {_content_id(picture) for picture in pictures}
    styles = page.data.decode("utf-8", "replace")
    for name in sorted(set(attached or ()) - shown_ids):
        if f"cid:{name}" not in styles:  # backgrounds show pictures, too
            yield MailHit("mail.attachment.unused", shown(name))
    if pictures and sum(map(str.isalnum, page.read)) < _FEW_LETTERS:
        yield MailHit("html.image.only", "", line_of(pictures[0]))


def _shape_faults(picture: etree._Element) -> Iterator[tuple[str, str]]:
    source = shown(picture.get("src", "").strip())
    width, height = (picture.get(name, "").strip() for name in ("width", "height"))
    if picture.get("alt") is None:
        yield "html.image.alt", source
    if not width.isdecimal():
        yield "html.image.width", source
    elif len(width) > 4 or int(width) > _WIDEST:
        yield "html.image.wide", f"{source} is {width[:9]} pixels wide"
    if not height.isdecimal():
        yield "html.image.height", source
    if "1" in (width, height) or "0" in (width, height):
        yield "html.image.pixel", source


def _source_faults(picture: etree._Element, attached: Collection[str] | None) -> Iterator[tuple[str, str]]:
    source = picture.get("src", "").strip()
    scheme = scheme_of(source)
    if scheme == "http":
        yield "html.image.insecure", shown(source)
    elif scheme not in ("https", "cid"):
        yield "html.image.source", shown(source)
    elif scheme == "cid" and attached is not None and _content_id(picture) not in attached:
        yield "html.image.missing", shown(source)


def _content_id(picture: etree._Element) -> str:
    return unquote(picture.get("src", "").strip()[len("cid:") :])  # RFC 2392 §2
