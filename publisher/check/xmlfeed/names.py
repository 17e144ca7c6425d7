"""Short names for elements and attributes: the namespaces that feeds use, each with its customary prefix."""

import re
from collections.abc import Mapping

XML = "http://www.w3.org/XML/1998/namespace"
ATOM = "http://www.w3.org/2005/Atom"
OLD_ATOM = "http://purl.org/atom/ns#"
XHTML = "http://www.w3.org/1999/xhtml"
MEDIA = "http://search.yahoo.com/mrss/"

_NAMESPACES = f"""
access http://www.bloglines.com/about/specs/fac-1.0
admin http://webns.net/mvcb/
ag http://purl.org/rss/1.0/modules/aggregation/
annotate http://purl.org/rss/1.0/modules/annotate/
app http://www.w3.org/2007/app
at http://purl.org/atompub/tombstones/1.0
atom {ATOM}
audio http://media.tangent.org/rss/1.0/
blogChannel http://backend.userland.com/blogChannelModule
cc http://web.resource.org/cc/
cf http://www.microsoft.com/schemas/rss/core/2005
company http://purl.org/rss/1.0/modules/company
content http://purl.org/rss/1.0/modules/content/
conversationsNetwork http://conversationsnetwork.org/rssNamespace-1.0/
cp http://my.theinfo.org/changed/1.0/rss/
creativeCommons http://backend.userland.com/creativeCommonsRssModule
dc http://purl.org/dc/elements/1.1/
dcterms http://purl.org/dc/terms/
email http://purl.org/rss/1.0/modules/email/
ev http://purl.org/rss/1.0/modules/event/
feedburner http://rssnamespace.org/feedburner/ext/1.0
fh http://purl.org/syndication/history/1.0
foaf http://xmlns.com/foaf/0.1/
g http://base.google.com/ns/1.0
geo http://www.w3.org/2003/01/geo/wgs84_pos#
georss http://www.georss.org/georss
geourl http://geourl.org/rss/module/
gml http://www.opengis.net/gml
icbm http://postneo.com/icbm
image http://purl.org/rss/1.0/modules/image/
indexing urn:atom-extension:indexing
itunes http://www.itunes.com/dtds/podcast-1.0.dtd
l http://purl.org/rss/1.0/modules/link/
mathml http://www.w3.org/1998/Math/MathML
media {MEDIA}
openid http://openid.net/xmlns/1.0
opensearch http://a9.com/-/spec/opensearch/1.1/
opensearch http://a9.com/-/spec/opensearchrss/1.0/
opml http://www.opml.org/spec2
rdf http://www.w3.org/1999/02/22-rdf-syntax-ns#
rdfs http://www.w3.org/2000/01/rdf-schema#
ref http://purl.org/rss/1.0/modules/reference/
reqv http://purl.org/rss/1.0/modules/richequiv/
rss090 http://my.netscape.com/rdf/simple/0.9/
rss091 http://purl.org/rss/1.0/modules/rss091#
rss1 http://purl.org/rss/1.0/
rss11 http://purl.org/net/rss1.1#
search http://purl.org/rss/1.0/modules/search/
soap http://schemas.xmlsoap.org/soap/envelope/
slash http://purl.org/rss/1.0/modules/slash/
ss http://purl.org/rss/1.0/modules/servicestatus/
str http://hacks.benhammersley.com/rss/streaming/
sub http://purl.org/rss/1.0/modules/subscription/
svg http://www.w3.org/2000/svg
sx http://feedsync.org/2007/feedsync
sy http://purl.org/rss/1.0/modules/syndication/
taxo http://purl.org/rss/1.0/modules/taxonomy/
thr http://purl.org/rss/1.0/modules/threading/
thr http://purl.org/syndication/thread/1.0
trackback http://madskills.com/public/xml/rss/module/trackback/
wfw http://wellformedweb.org/CommentAPI/
wiki http://purl.org/rss/1.0/modules/wiki/
wiki http://www.usemod.com/cgi-bin/mb.pl?ModWiki
xhtml {XHTML}
xlink http://www.w3.org/1999/xlink
xml {XML}
xrd xri://$xrd*($v*2.0)
xrds xri://$xrds
kml20 http://earth.google.com/kml/2.0
kml21 http://earth.google.com/kml/2.1
kml22 http://www.opengis.net/kml/2.2
"""
_LAST_LETTER = re.compile(r".*\w", re.DOTALL)


def _kernel(uri: str) -> str:
    """Return what is left of a namespace when case and closing punctuation, which authors get wrong, are ignored."""
    found = _LAST_LETTER.match(uri)
    return (found[0] if found else uri).lower()


_PAIRS = [line.split() for line in _NAMESPACES.strip().splitlines()]
_PREFIXES: Mapping[str, str] = {_kernel(uri): prefix for prefix, uri in _PAIRS}
#: Each namespace as it is spelled right.
KNOWN = frozenset(uri for _, uri in _PAIRS)
#: Prefixes that readers of the source expect to stand for one namespace only.
CUSTOMARY: Mapping[str, frozenset[str]] = {
    prefix: frozenset(uri for other, uri in _PAIRS if other == prefix) for prefix, _ in _PAIRS
}


def prefix_of(uri: str) -> str:
    """Return the customary prefix of a namespace, also of a nearly right one; nothing for one that is unknown."""
    return _PREFIXES.get(_kernel(uri), "")


def short(name: str, home: frozenset[str] = frozenset({""}), own: str = "") -> str:
    """Shorten a name that expat gives as `uri}local`.

    Args:
        home: prefixes, "" among them, that are left away, as they are the format's own words.
        own: a namespace that counts as home whatever its prefix.

    Returns:
        `title` at home, `dc:title` in a known namespace, `{uri}title` in any other and `{}title` in none.
    """
    uri, _, local = name.rpartition("}")
    prefix = prefix_of(uri)
    if (prefix in home and (prefix or not uri)) or (own and uri == own):
        return local
    return f"{prefix}:{local}" if prefix else f"{{{uri}}}{local}"


def local(name: str) -> str:
    """Return a short name as messages show it: without the address of a foreign namespace."""
    return name.rpartition("}")[2]
