"""Extensions that may stand anywhere in feeds of every format: Dublin Core, RDF and places."""

from collections.abc import Iterator

from publisher.check.feed_rules import Hit
from publisher.check.xmlfeed.dates import rfc822, w3cdtf
from publisher.check.xmlfeed.grammar import ANYTHING, Element, Setting, Table, each, plain, text
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import (
    decimal,
    email,
    fraction,
    integer,
    language,
    latitude,
    longitude,
    point,
    points,
    positive,
    uri,
    uri_reference,
    web_address,
)

TEXT = text()
TEXTS = text(many=True)
ADDRESS = text(uri)
ADDRESSES = text(uri, many=True)


def _resource(node: Node, setting: Setting) -> Iterator[Hit]:
    """RDF refers by an attribute; elsewhere the element may say the address, too."""
    if setting.format == "rdf" and "rdf:resource" not in node.attributes:
        yield Hit("rdf.attribute.missing", f"<{node.name}> has no rdf:resource", *node.place)


#: A reference as RDF writes it.
RESOURCE = Element(attributes={"rdf:resource": (uri_reference,), "dc:title": ()}, visit=_resource)
RESOURCES = Element(attributes=RESOURCE.attributes, many=True, visit=_resource)

#: The system that coordinates are in.
_SYSTEM = {"srsName": ()}
_RING: Table = {"gml:LinearRing": Element({"gml:posList": text(points)}, attributes=_SYSTEM)}
_WHERE: Table = {
    "gml:Point": Element({"gml:pos": text(point)}, attributes=_SYSTEM),
    "gml:LineString": Element({"gml:posList": text(points)}, attributes=_SYSTEM),
    "gml:Polygon": Element({"gml:exterior": Element(_RING)}, attributes=_SYSTEM),
    "gml:Envelope": Element(each("gml: lowerCorner upperCorner", text(point)), attributes=_SYSTEM),
}
_PLACES: Table = {
    "geo:Point": Element(
        {"geo:lat": text(latitude), "geo:long": text(longitude), "geo:alt": text(decimal)},
        needs={"geo:lat": "", "geo:long": ""},
        many=True,
    ),
    "geo:lat": text(latitude, many=True),
    "geo:long": text(longitude, many=True),
    "geo:alt": text(decimal, many=True),
    **each("geourl: latitude", text(latitude, many=True)),
    **each("geourl: longitude", text(longitude, many=True)),
    **each("icbm: latitude", text(latitude, many=True)),
    **each("icbm: longitude", text(longitude, many=True)),
    "georss:where": Element(_WHERE, many=True),
    "georss:point": text(point, many=True),
    "georss:line": text(points, many=True),
    "georss:polygon": text(points, many=True),
    **each("georss: featureTypeTag relationshipTag featureName", TEXTS),
    "georss:elev": text(decimal, many=True),
    "georss:floor": text(integer, many=True),
    "georss:radius": text(fraction, many=True),
}

#: What may stand anywhere.
EVERYWHERE: Table = {
    **each("dc: title description type format source", TEXT),
    **each("dc: publisher contributor identifier relation coverage", TEXTS),
    "dc:language": text(language),
    "dc:rights": plain(),
    **each("dcterms: alternative audience", TEXTS),
    **each("dcterms: abstract mediator dateAccepted dateCopyrighted dateSubmitted", TEXT),
    **each("dcterms: created issued modified", text(w3cdtf)),
    "dcterms:extent": text(positive),
    "dcterms:tableOfContents": RESOURCE,
    **each(
        "dcterms: isVersionOf hasVersion isReplacedBy replaces isRequiredBy requires isPartOf hasPart isReferencedBy "
        "references isFormatOf hasFormat conformsTo",
        RESOURCES,
    ),
    **each(
        "dcterms: valid available spatial temporal accessRights accrualMethod accrualPeriodicity accrualPolicy "
        "bibliographicCitation educationLevel instructionalMethod license provenance rightsHolder",
        ANYTHING,
    ),
    **each("rdf: RDF type Description", ANYTHING),
    "rdfs:seeAlso": RESOURCES,
    **_PLACES,
    **each("opml: dateCreated dateModified", text(rfc822)),
    "opml:ownerName": TEXT,
    "opml:ownerEmail": text(email),
    "opml:ownerId": text(web_address),
}
