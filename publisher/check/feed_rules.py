"""The rules for feeds as a table: what each says, what cures it, and whether a specification forbids it.

Rules with severity ERROR name what the W3C's Feed Validation Service (https://validator.w3.org/feed/) calls an error, or
what RFC 4287, RSS 2.0, RSS 1.0, OPML 2.0 or JSON Feed 1.1 forbid; the others are advice, and what that service warns of.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from publisher.check.rule import Rule
from publisher.errors import Severity


@dataclass(frozen=True, slots=True)
class Hit:
    """One broken rule, before it is told in words."""

    rule: str
    #: What broke it; goes into the rule's message.
    what: str
    #: Line in the file, from 1; 0 where it is unknown.
    line: int = 0
    #: Column in that line, from 1; 0 where it is unknown.
    column: int = 0
    #: What would have been right; goes into the rule's cure.
    wanted: str = ""


def _advice(message: str, cure: str) -> Rule:
    return Rule(message, cure, Severity.NOTE)


def _structure(name: str) -> dict[str, Rule]:
    """Return the rules that hold for the structure of every format in XML."""
    return {
        f"{name}.element.unknown": Rule(
            "{} is unknown", "remove it, or check its spelling, its namespace and where it stands"
        ),
        f"{name}.element.missing": Rule("an element is missing: {}", "add it"),
        f"{name}.element.duplicate": Rule("{} more than once", "keep one"),
        f"{name}.element.text": Rule("there is text {}, where only elements belong", "remove it"),
        f"{name}.attribute.unknown": Rule("the attribute {} is unknown", "remove it, or check its spelling"),
        f"{name}.attribute.missing": Rule("an attribute is missing: {}", "add it"),
    }


_FILE = {
    "feed.unreadable": Rule("the file is no well-formed feed: {}", "repair it at the place named, or write it anew"),
    "feed.large": Rule(
        "the file is too large to be looked at: {}", "keep the newest entries, and put the others into archive pages"
    ),
    "feed.many": _advice("there are more than {}", "mend these, and check again; the rest was not looked at"),
    "feed.unknown": Rule("{} is no feed", "check a file of Atom, RSS, JSON Feed or OPML"),
    "feed.encoding": Rule("the encoding is wrong: {}", "write the file in UTF-8 and declare it so"),
    "feed.encoding.rare": _advice("{} is an encoding that readers may not know", "write the file in UTF-8"),
    "feed.version": Rule("{} is not XML 1.0", 'begin the file with <?xml version="1.0" encoding="utf-8"?>'),
    "feed.doctype": _advice("the file has a document type ({})", "remove the DOCTYPE; many readers refuse it"),
    "feed.entity": Rule("the entity {} is defined nowhere", "write the character itself, or its number as in &#160;"),
    "feed.namespace.blank": Rule("{} is no address of a namespace", "write an address without blanks"),
    "feed.namespace.prefix": _advice(
        "the prefix {}", "give the namespace another prefix; readers expect this for one only"
    ),
    "feed.namespace.unknown": _advice(
        "{} is a namespace that validators do not know", "check its spelling; what it holds is not looked at"
    ),
    "feed.element.bare": _advice("{} is in no namespace", "declare the namespace it belongs to"),
    "feed.element.odd": _advice("{} makes no sense there", "move it to where its specification wants it"),
    "feed.control": _advice(
        "{} has control characters, or some that could not be decoded",
        "remove them; they are shown as boxes or not at all",
    ),
    "feed.mojibake": _advice("{} seems to be encoded twice", "encode the text as UTF-8 once only"),
}

_CONTENT = {
    "content.active": _advice(
        "{}, which readers remove", "leave scripts, frames, forms and plug-ins out of the content"
    ),
    "content.long": _advice("{} is longer than a million characters", "shorten it; the rest was not looked at"),
    "content.tag": _advice("{}, which is no HTML", "use the elements of HTML; write < as &lt; where text is meant"),
    "content.bare": Rule(
        "{} is in no namespace", 'say xmlns="http://www.w3.org/1999/xhtml" on the div around the content'
    ),
    "content.handler": _advice("{}, a script", "remove the attribute"),
    "content.style": _advice("{}, which readers may refuse", "leave the look to the reader"),
    "content.javascript": _advice("{} runs a script", "link to a web address instead"),
    "content.relative": _advice(
        "{} is relative", "write absolute addresses; readers do not know the page they start from"
    ),
}

_VALUES = {
    "value.empty": _advice("{} is empty", "say something there, or leave it out"),
    "value.space": Rule("{} has white space around it", "remove the blanks and line ends"),
    "value.html": _advice(
        "{} seems to be HTML", "write plain text, with &#x3C; for a < and &#x26; for a & that is meant"
    ),
    "value.long": Rule("{} is too long", "write no more than {} characters"),
    "value.choice": Rule("{} is not allowed", "write one of: {}"),
    "value.number": Rule("{} is no such number", "write {}"),
    "value.coordinates": Rule("{} is no place", "write {}"),
    "value.place": Rule("{} has not the parts of a place", "separate street, town, region, code and country by commas"),
    "value.country": Rule("{} is no country", "write the two letters of ISO 3166, such as DE"),
    "value.currency": Rule("{} is no currency", "write the three letters of ISO 4217, such as EUR"),
    "value.language": Rule("{} is no language tag", "write a code of ISO 639, such as en or pt-BR"),
    "value.mime": Rule("{} is no media type", "write a type such as audio/mpeg"),
    "value.time": Rule("{} is no time in a recording", "write seconds, as in 12.5, or hours, as in 0:01:30"),
    "value.duration": Rule("{} is no duration", "write seconds, or hours, minutes and seconds as in 1:02:03"),
    "value.date.invalid": Rule("{} is no W3C date", "write times as 2026-01-31T12:00:00Z, or only 2026-01-31"),
    "value.date.unreal": _advice("{} is a time that does not exist", "check month, hour and minute"),
    "value.date.early": _advice("{} is long ago", "check the year; no feed is that old"),
    "value.email": Rule("{} is no mail address", "write an address such as ada@notes.example"),
    "value.email.name": _advice("{} does not say whose address it is", "write ada@notes.example (Ada Example)"),
    "value.url": Rule("{} is no web address", "write the whole address, with http:// or https:// and a host"),
    "value.uri.relative": Rule("{} is no absolute address", "write the whole address, with https://"),
    "value.uri.invalid": Rule("{} is no address", "write an address as RFC 3986 allows"),
    "value.uri.character": Rule("{} has a character that no address may have", "write {} in its place"),
    "value.uri.ascii": Rule("{} has letters beyond ASCII", "percent-encode them, and write the host in Punycode"),
    "value.uri.host": _advice("{} names no host", "write two / and a host behind https:"),
    "value.uri.scheme": _advice("{} has a scheme that nobody registered", "use a scheme that readers know"),
    "value.uri.tag": Rule("{} is no tag: URI", "write tag:notes.example,2026:name (RFC 4151)"),
    "value.uri.urn": Rule(
        "{} is no URN", "write urn:uuid: with 32 hexadecimal digits in five groups, or urn:NAME:part"
    ),
}

_ATOM = {
    "atom.namespace": Rule("{} is not the namespace of Atom", 'write xmlns="http://www.w3.org/2005/Atom"'),
    "atom.prefix": _advice(
        "the prefix {} stands for Atom or XHTML",
        "declare it as the default, without a prefix; some readers know no other",
    ),
    "atom.id.missing": Rule("{} has no id", "give it a permanent URI of its own"),
    "atom.title.missing": Rule("{} has no title", "add a title element"),
    "atom.updated.missing": Rule("{} has no updated", "add the time of its last significant change"),
    "atom.id.relative": Rule("{} is no absolute URI", "use a tag:, urn:uuid: or https: URI as id"),
    "atom.id.canonical": _advice(
        "{} can be spelled in other ways",
        "write scheme and host in small letters, a / after the host, and no needless %",
    ),
    "atom.id.duplicate": _advice("{} occurs twice", "give each entry an id of its own; one id means one article"),
    "atom.id.same": Rule("{} is that of all entries", "give each entry an id of its own"),
    "atom.updated.duplicate": _advice("{} occurs twice", "give each entry the time of its own last change"),
    "atom.date.invalid": Rule("{} is no RFC 3339 time", "write times as 2026-01-31T12:00:00Z"),
    "atom.author.missing": Rule("{} has no author, nor has its feed", "add an author with a name"),
    "atom.author.nameless": Rule("{} has no name", "add a name element to each author and contributor"),
    "atom.author.address": _advice("{} holds a mail address", "put it into an email element, or leave it out"),
    "atom.content.missing": Rule("{} has neither content nor an alternate link", "add one of the two"),
    "atom.content.untyped": _advice("{} does not say what the file is", "add its media type as type"),
    "atom.content.base64": Rule("{} is not in Base64, as its type asks for", "encode it, or give its real type"),
    "atom.summary.missing": _advice(
        "{} has neither content nor summary", "add one, so that readers have something to show"
    ),
    "atom.summary.required": Rule("{} has content that is no text, and no summary", "add a summary"),
    "atom.source.half": _advice(
        "the source is incomplete: {}", "copy id, title and updated from the feed it came from"
    ),
    "atom.element.late": Rule("{} stands behind an entry", "say what is true of the feed before its first entry"),
    "atom.text.type": Rule("{} is not allowed", "use text, html or xhtml, for content also a media type"),
    "atom.text.html": _advice("{} has markup but the type text", 'say type="html"'),
    "atom.xhtml.div": Rule("{} has the type xhtml but no div around it", "wrap it in one div of the XHTML namespace"),
    "atom.link.empty": Rule("{} has no href", "add the address or remove the link"),
    "atom.link.relative": _advice(
        "the link {} is no absolute address",
        "write the whole address, a blank in it as %20; many readers ignore xml:base",
    ),
    "atom.link.duplicate": Rule("{} has several alternate links of one type and language", "keep one of them"),
    "atom.link.rel": _advice("{} is no registered relation of a link", "use one that readers know, or a URI"),
    "atom.link.text": _advice("a link has the text {}", "leave it empty; readers show the title of what it leads to"),
    "atom.link.history": _advice("a link leads to a part of the feed's history: {}", "move it to the feed"),
    "atom.history.complete": Rule("the feed is complete and has {}", "remove the link, or <fh:complete>"),
    "atom.history.end": Rule("the history goes on beyond its end: {}", "remove the link; there is nothing beyond"),
    "atom.history.alone": _advice("{} leads to no other", "add prev-archive or next-archive"),
    "atom.history.current": _advice("{} does not lead to the feed of today", 'add a link with rel="current"'),
    "atom.self.missing": _advice("{} does not say where it is published", 'add a link with rel="self"'),
    "atom.self.type": _advice("{} is not the type of a feed", "give the feed's own type on its self link"),
    "atom.enclosure.bare": _advice("the enclosure {} lacks its type or length", "add both attributes"),
    "atom.category.term": Rule("{} has no term", "add the attribute"),
}

_RSS = {
    "rss.namespace": Rule("<rss> is in the namespace {}", "remove the xmlns attribute; RSS has no namespace"),
    "rss.version": Rule("{} is none of RSS", 'say version="2.0"'),
    "rss.version.old": _advice("{} is not RSS 2.0", 'write RSS 2.0 and say version="2.0"'),
    "rss.doctype": Rule("{} is the document type of RSS 0.91", "remove the DOCTYPE"),
    "rss.doctype.gone": Rule("{} is no longer there", "remove the DOCTYPE"),
    "rss.channel.missing": Rule("{} has no channel", "put title, link, description and the items into one channel"),
    "rss.title.missing": Rule("{} has no title", "add a title element"),
    "rss.link.missing": Rule("{} has no link", "add the address of the web site"),
    "rss.description.missing": Rule("{} has no description", "add one sentence about the feed"),
    "rss.element.bare": Rule("{} is in no namespace", "declare the namespace of the extension it belongs to"),
    "rss.attribute.foreign": _advice("the attribute {} is an extension", "readers overlook it; use an element"),
    "rss.item.empty": Rule("{} has neither title nor description", "add one of the two"),
    "rss.item.undescribed": _advice("{} has no description", "add a summary for readers that know nothing else"),
    "rss.item.early": _advice("{} stands behind an item", "say what is true of the channel before its first item"),
    "rss.date.invalid": Rule("{} is no RFC 822 date", "write dates as Sat, 31 Jan 2026 12:00:00 +0000"),
    "rss.date.weekday": Rule("{} names the wrong day of the week", "write {}"),
    "rss.date.odd": _advice(
        "{} is a date that some readers cannot read", "write dates as Sat, 31 Jan 2026 12:00:00 +0000"
    ),
    "rss.guid.missing": _advice("{} has no guid", "add one, so that readers know it again after an edit"),
    "rss.guid.duplicate": Rule("{} occurs twice", "give each item a guid of its own"),
    "rss.guid.permalink": Rule("{} is no web address but says it is one", 'add isPermaLink="false" to the guid'),
    "rss.guid.boolean": Rule("{} is no value of isPermaLink", "use true or false"),
    "rss.guid.short": _advice("{} is hardly unique", "use a URI, so that no other feed has it"),
    "rss.self.missing": _advice("{} does not say where it is published", 'add an atom:link with rel="self"'),
    "rss.author.missing": _advice("{} has no author", "add a dc:creator"),
    "rss.author.twice": _advice("{} has both author and dc:creator", "keep dc:creator only"),
    "rss.said.twice": _advice("{}, which say the same", "keep one; which one readers take is chance"),
    "rss.enclosure.incomplete": Rule("{} lacks its url, length or type", "add all three attributes"),
    "rss.enclosure.length": Rule("{} is no length of an enclosure", "write the number of bytes, or 0 if nobody knows"),
    "rss.enclosure.several": _advice("{} has several enclosures", "keep one; most readers show only one"),
    "rss.content.order": _advice("{} has content:encoded before description", "put the description first"),
    "rss.comments.undated": _advice("{} counts comments and has no lastBuildDate", "add lastBuildDate"),
    "rss.image.other": _advice("{} of the image is not that of the channel", "write the same; the image stands for it"),
    "rss.image.type": _advice("the image {} is no GIF, JPEG or PNG", "use one of these"),
    "rss.hour": Rule("{} is no hour", "write a number from 0 to 23"),
    "rss.hour.midnight": _advice("{} is midnight", "write 0"),
    "rss.skip.duplicate": Rule("{} names a time twice", "keep one"),
    "rss.textinput.name": Rule("{} is no name of a field", "begin it with a letter"),
    "rss.textinput": _advice("{} has a textInput", "remove it; readers ignore it"),
    "rss.wfw.case": _advice("{} is spelled wfw:commentRss", "write commentRss; many readers know no other"),
}

_RDF = {
    "rdf.about.duplicate": Rule("{} occurs twice", "give each thing an address of its own"),
    "rdf.mixed": Rule("{} has both text and elements", 'keep one of both, or say rdf:parseType="Literal"'),
}

_OPML = {
    "opml.version": Rule("{} is none of OPML", 'say version="2.0"'),
    "opml.outline.half": _advice("an outline is incomplete: {}", "add the attribute; readers find no feed without it"),
    "opml.outline.type": _advice("{} is no type that OPML 1 knows", "use rss or link, or write OPML 2.0"),
    "opml.outline.version": _advice("{} is no version of a feed", "use RSS1, RSS, RSS2 or scriptingNews"),
}

_APP = {
    "app.categories": Rule("{} are both here and elsewhere", "keep the href, or what is here"),
}

_EXTENSIONS = {
    "media.namespace": Rule(
        "{} is not the namespace of Media RSS", "write http://search.yahoo.com/mrss/ with the last /"
    ),
    "media.adult": _advice("{} is out of use", "use media:rating"),
    "media.group.empty": Rule("{} has no media:content", "add the files it groups, or remove the group"),
    "media.group.one": Rule("{} groups one file only", "leave the group out; it is for versions of one thing"),
    "media.newer": Rule(
        "{} is of Media RSS 1.5, which the W3C's service does not know", "leave it out where a feed has to pass there"
    ),
    "media.hash": Rule("{} is no hash", "write 32 hexadecimal digits for md5, 40 for sha-1"),
    "media.rating": Rule("{} is no rating", "use a value of its scheme, such as nonadult"),
    "media.role": Rule("{} is no role that the EBU knows", "use one in small letters, or name its scheme"),
    "itunes.category": Rule("{} is no category of Apple Podcasts", "choose one from Apple's list"),
    "itunes.category.old": _advice(
        "{} is a category that Apple gave up in 2019", "choose one from Apple's list of today"
    ),
    "itunes.keywords": _advice("{} has blanks but no commas", "separate keywords by commas"),
    "itunes.format": _advice(
        "the file {} is of no kind that Apple Podcasts plays", "use MP3, M4A, MP4, M4V, MOV, PDF or EPUB"
    ),
    "itunes.missing": _advice("a podcast lacks something: {}", "add it; Apple Podcasts asks for it"),
    "sync.history": Rule("a change is of nobody and no time: {}", "say by whom or when"),
    "sync.history.half": _advice("a change is incomplete: {}", "add it"),
    "sync.id.duplicate": Rule("{} occurs twice", "give each entry an id of its own"),
    "sync.order": Rule("times are in the wrong order: {}", "exchange since and until"),
}

_JSON = {
    "json.version": Rule("{} is no version of JSON Feed", "say https://jsonfeed.org/version/1.1"),
    "json.title.missing": Rule("{} has no title", "add a title"),
    "json.items.missing": Rule("{} has no items", "add an array of items, which may be empty"),
    "json.id.missing": Rule("{} has no id", "give each item a permanent id of its own"),
    "json.id.duplicate": Rule("{} occurs twice", "give each item an id of its own"),
    "json.id.relative": _advice("{} is no absolute URI", "use a URI, so that the id is unique in the world"),
    "json.content.missing": Rule("{} has neither content_html nor content_text", "add one of the two"),
    "json.content.empty": _advice("{} says nothing", "write what readers shall see"),
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

RULES: Mapping[str, Rule] = {
    **_FILE,
    **_CONTENT,
    **_VALUES,
    **_structure("atom"),
    **_ATOM,
    **_structure("rss"),
    **_RSS,
    **_structure("rdf"),
    **_RDF,
    **_structure("opml"),
    **_OPML,
    **_structure("app"),
    **_APP,
    **_EXTENSIONS,
    **_JSON,
}
