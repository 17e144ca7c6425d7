"""The rules for feeds as a table: what each says, what cures it, and whether a specification forbids it.

Rules with severity ERROR name what RFC 4287, RSS 2.0 or JSON Feed 1.1 call invalid; the others are advice.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from publisher.errors import Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    #: Clause with {} for what the rule was broken by.
    message: str
    #: Clause that says what to do.
    cure: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Hit:
    """One broken rule, before it is told in words."""

    rule: str
    #: What broke it; goes into the rule's message.
    what: str
    #: Line in the file, from 1; 0 where it is unknown.
    line: int = 0


def _advice(message: str, cure: str) -> Rule:
    return Rule(message, cure, Severity.NOTE)


_FILE = {
    "feed.unreadable": Rule("the file is no well-formed feed: {}", "repair it at the line named, or write it anew"),
    "feed.unknown": Rule("{} is neither Atom, RSS 2.0 nor JSON Feed", "check a file of one of these formats"),
    "feed.doctype": _advice("the file has a document type ({})", "remove the DOCTYPE; many readers refuse it"),
    "feed.control": _advice("{} has control characters", "remove them; they are shown as boxes or not at all"),
}

_CONTENT = {
    "content.active": _advice(
        "{}, which readers remove", "leave scripts, frames, forms and plug-ins out of the content"
    ),
    "content.handler": _advice("{}, a script", "remove the attribute"),
    "content.javascript": _advice("{} runs a script", "link to a web address instead"),
    "content.relative": _advice(
        "{} is relative", "write absolute addresses; readers do not know the page they start from"
    ),
}

_ATOM = {
    "atom.id.missing": Rule("{} has no id", "give it a permanent URI of its own"),
    "atom.title.missing": Rule("{} has no title", "add a title element"),
    "atom.updated.missing": Rule("{} has no updated", "add the time of its last significant change"),
    "atom.id.relative": Rule("{} is no absolute URI", "use a tag:, urn:uuid: or https: URI as id"),
    "atom.id.duplicate": Rule("{} occurs twice with one updated", "give each entry an id of its own"),
    "atom.date.invalid": Rule("{} is no RFC 3339 time", "write times as 2026-01-31T12:00:00Z"),
    "atom.author.missing": Rule("{} has no author, nor has its feed", "add an author with a name"),
    "atom.author.nameless": Rule("a person of {} has no name", "add a name element to each author and contributor"),
    "atom.content.missing": Rule("{} has neither content nor an alternate link", "add one of the two"),
    "atom.summary.missing": _advice(
        "{} has neither content nor summary", "add one, so that readers have something to show"
    ),
    "atom.element.duplicate": Rule("{} more than once", "keep one"),
    "atom.text.type": Rule("{} is no type of a text", "use text, html or xhtml"),
    "atom.text.html": _advice("{} has markup but the type text", 'say type="html"'),
    "atom.xhtml.div": Rule("{} has the type xhtml but no div around it", "wrap it in one div of the XHTML namespace"),
    "atom.link.empty": Rule("a link of {} has no href", "add the address or remove the link"),
    "atom.link.relative": _advice(
        "the link {} is no absolute address",
        "write the whole address, a blank in it as %20; many readers ignore xml:base",
    ),
    "atom.link.duplicate": Rule("{} has several alternate links of one type and language", "keep one of them"),
    "atom.self.missing": _advice("{} does not say where it is published", 'add a link with rel="self"'),
    "atom.enclosure.bare": _advice("an enclosure of {} lacks its type or length", "add both attributes"),
    "atom.category.term": Rule("a category of {} has no term", "add the attribute"),
}

_RSS = {
    "rss.version": _advice("{} is not RSS 2.0", 'write RSS 2.0 and say version="2.0"'),
    "rss.channel.missing": Rule("{} has no channel", "put title, link, description and the items into one channel"),
    "rss.title.missing": Rule("{} has no title", "add a title element"),
    "rss.link.missing": Rule("{} has no link", "add the address of the web site"),
    "rss.description.missing": Rule("{} has no description", "add one sentence about the feed"),
    "rss.item.empty": Rule("{} has neither title nor description", "add one of the two"),
    "rss.item.undescribed": _advice("{} has no description", "add a summary for readers that know nothing else"),
    "rss.date.invalid": Rule("{} is no RFC 822 date", "write dates as Sat, 31 Jan 2026 12:00:00 +0000"),
    "rss.guid.missing": _advice("{} has no guid", "add one, so that readers know it again after an edit"),
    "rss.guid.duplicate": Rule("{} occurs twice", "give each item a guid of its own"),
    "rss.guid.permalink": Rule("{} is no web address but says it is one", 'add isPermaLink="false" to the guid'),
    "rss.guid.boolean": Rule("{} is no value of isPermaLink", "use true or false"),
    "rss.link.relative": Rule(
        "{} is no absolute address", "write the whole address, with https://, a blank in it as %20"
    ),
    "rss.self.missing": _advice("{} does not say where it is published", 'add an atom:link with rel="self"'),
    "rss.author.missing": _advice("{} has no author", "add a dc:creator"),
    "rss.author.address": Rule("the author {} is no mail address", "use dc:creator for names without an address"),
    "rss.author.twice": _advice("{} has both author and dc:creator", "keep dc:creator only"),
    "rss.enclosure.incomplete": Rule("an enclosure of {} lacks its url, length or type", "add all three attributes"),
    "rss.enclosure.length": Rule("{} is no length of an enclosure", "write the number of bytes"),
    "rss.enclosure.several": _advice("{} has several enclosures", "keep one; most readers show only one"),
    "rss.element.duplicate": Rule("{} more than once", "keep one"),
    "rss.title.html": _advice("the title {} has HTML markup", "write plain text, with &#x3C; for a < that is meant"),
    "rss.content.order": _advice("{} has content:encoded before description", "put the description first"),
}

_JSON = {
    "json.version": Rule("{} is no version of JSON Feed", "say https://jsonfeed.org/version/1.1"),
    "json.title.missing": Rule("{} has no title", "add a title"),
    "json.items.missing": Rule("{} has no items", "add an array of items, which may be empty"),
    "json.id.missing": Rule("{} has no id", "give each item a permanent id of its own"),
    "json.id.duplicate": Rule("{} occurs twice", "give each item an id of its own"),
    "json.id.relative": _advice("{} is no absolute URI", "use a URI, so that the id is unique in the world"),
    "json.content.missing": Rule("{} has neither content_html nor content_text", "add one of the two"),
    "json.type": Rule("{} has the wrong type", "see https://www.jsonfeed.org/version/1.1/"),
    "json.date.invalid": Rule("{} is no RFC 3339 time", "write times as 2026-01-31T12:00:00Z"),
    "json.url.relative": Rule(
        "{} is no absolute address", "write the whole address, with https://, a blank in it as %20"
    ),
    "json.self.missing": _advice("{} does not say where it is published", "add its feed_url"),
    "json.author.missing": _advice("{} has no author, nor has its feed", "add authors"),
    "json.author.empty": Rule("an author of {} is empty", "add a name, url or avatar"),
    "json.attachment.incomplete": Rule("an attachment of {} lacks its url or mime_type", "add both"),
    "json.title.html": _advice("the title {} is escaped as HTML", "write plain text"),
}

RULES: Mapping[str, Rule] = _FILE | _CONTENT | _ATOM | _RSS | _JSON
