"""The list of all feeds as OPML 2.0 (http://opml.org/spec2.opml): one file that feed readers import."""

import re
from collections.abc import Sequence
from email.utils import format_datetime
from html import escape

from lxml import etree

from publisher.config.settings import Settings
from publisher.feeds.document import NEVER, feed_authors
from publisher.feeds.offers import Offer
from publisher.markup.characters import line

# What HTML does not allow as it stands (https://html.spec.whatwg.org/#parse-errors); `this & that` is no such thing.
_MEANING_MORE = re.compile(r"<|&(?![\s&]|\Z)")
#: What the groups are called, in their order.
_GROUPS = {
    "": "Feeds",
    "sections": "Sections",
    "tags": "Tags",
    "authors": "Authors",
    "languages": "Languages",
    "issues": "Newsletters",
}


def opml(offers: Sequence[Offer], settings: Settings) -> bytes:
    """Return the list of a publication's feeds, in groups, each once.

    The specification knows one kind of subscription, `rss`, whatever the format; the address is that of the Atom file,
    else RSS, else JSON Feed. The author's mail address stays out, as it does everywhere else.

    Args:
        offers: at least one, as an outline must not be empty; in the order in which readers shall see them.
        settings: the publication's.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    _add(head, "title", _as_html(line(settings.publication.title)))
    updated = max(offer.updated for offer in offers)
    if updated > NEVER:
        for name in ("dateCreated", "dateModified"):
            _add(head, name, format_datetime(updated))
    _add(head, "ownerName", _as_html(feed_authors(settings)[0].name))
    body = etree.SubElement(root, "body")
    for kind, label in _GROUPS.items():
        members = [offer for offer in offers if offer.kind == kind]
        if members:
            group = etree.SubElement(body, "outline", text=label)
            group.extend([_subscription(offer) for offer in members])
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _subscription(offer: Offer) -> etree._Element:
    form = next(form for form in ("atom", "rss", "json") if form in offer.formats)
    attributes = {
        "type": "rss",
        "text": _as_html(offer.title),
        "title": _as_html(offer.title),
        "description": _as_html(offer.subtitle),
        "language": offer.language,
        # The specification names versions of RSS alone.
        "version": "RSS" if form == "rss" else "",
        "xmlUrl": offer.url(form),
        "htmlUrl": offer.page_url,
    }
    return etree.Element("outline", {name: value for name, value in attributes.items() if value})


def _as_html(text: str) -> str:
    """Return plain text for those who take it for HTML, as the specification lets them and feed validators do."""
    return escape(text, quote=False) if _MEANING_MORE.search(text) else text


def _add(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text
