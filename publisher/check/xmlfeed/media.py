"""Media RSS (https://www.rssboard.org/media-rss)."""

import re
from collections.abc import Iterator

from publisher.check.feed_rules import Hit
from publisher.check.values import shown
from publisher.check.xmlfeed.everywhere import EVERYWHERE
from publisher.check.xmlfeed.grammar import Element, Setting, Table, broken, each, looks_like_html
from publisher.check.xmlfeed.html import html_in
from publisher.check.xmlfeed.tree import Node
from publisher.check.xmlfeed.values import (
    Fault,
    Kind,
    choice,
    countries,
    language,
    mime,
    play_time,
    positive,
    rate,
    true_false_folded,
    uri,
    whole,
)

#: Roles of the European Broadcasting Union, the default scheme of credits, with short forms in use.
_ROLES = frozenset(
    """actor; adaptor; anchor person; animal trainer; animator; announcer; armourer; art director; artist; performer;
    artist/performer; assistant camera; assistant chief lighting technician; assistant director; assistant producer;
    assistant visual editor; author; broadcast assistant; broadcast journalist; camera operator; carpenter; casting;
    causeur; chief lighting technician; choir; choreographer; clapper loader; commentary or commentator;
    commissioning broadcaster; composer; computer programmer; conductor; consultant; continuity checker; correspondent;
    costume designer; dancer; dialogue coach; director; director of photography; distribution company; draughtsman;
    dresser; dubber; editor; editor/producer; ensemble; executive producer; expert; fight director; floor manager;
    focus puller; foley artist; foley editor; foley mixer; graphic assistant; graphic designer; greensman; grip;
    hairdresser; illustrator; interviewed guest; interviewer; key character; key grip; key talents; leadman; librettist;
    lighting director; lighting technician; location manager; lyricist; make up artist; manufacturer; matte artist;
    music arranger; music group; musician; news reader; orchestra; participant; photographer; post; producer;
    production assistant; production company; production department; production manager; production secretary;
    programme production researcher; programme proposal; property manager; publishing company; puppeteer;
    pyrotechnician; reporter; rigger; runner; scenario; scenic operative; script supervisor; second assistant camera;
    second assistant director; second unit director; set designer; set dresser; sign language; singer; sound designer;
    sound mixer; sound recordist; special effects; stunts; subtitles; technical director; term; translation;
    transportation manager; treatment; treatment proposal; treatment/programme proposal; vision mixer; visual editor;
    visual effects; wardrobe; witness""".replace("\n    ", " ").split("; ")
)
_RATINGS = {
    "urn:simple": frozenset("adult nonadult".split()),
    "urn:mpaa": frozenset("g m nc-17 pg pg-13 r x".split()),
    "urn:v-chip": frozenset("14+ 18+ c c8 g pg tv-14 tv-g tv-ma tv-pg tv-y tv-y7 tv-y7-fv".split()),
}
_ICRA_CODE = r"(?:[nsvlocx]z [01]|(?:n[a-c]|s[a-f]|v[a-j]|l[a-c]|o[a-h]|c[a-b]|x[a-e]) 1)"
_ICRA = re.compile(rf"r \({_ICRA_CODE}(?: {_ICRA_CODE})*\)")
_HASH_LENGTHS = {"md5": 32, "sha-1": 40}


def _given(kind: Kind) -> tuple[Kind]:
    """Make a kind for attributes that may be empty, which is as good as absent."""

    def given(value: str) -> Iterator[Fault]:
        if value:
            yield from kind(value)

    return (given,)


def _adult(node: Node, _setting: Setting) -> Iterator[Hit]:
    yield Hit("media.adult", f"<{node.name}>", *node.place)


def _credit(node: Node, _setting: Setting) -> Iterator[Hit]:
    role, scheme = node.attributes.get("role", ""), node.attributes.get("scheme") or "urn:ebu"
    if role and (role not in _ROLES if scheme == "urn:ebu" else role != role.lower()):
        yield Hit("media.role", shown(role), *node.place)


def _hash(node: Node, _setting: Setting) -> Iterator[Hit]:
    length = _HASH_LENGTHS.get(node.attributes.get("algo") or "md5")
    if length is None or len(node.value) != length or not re.fullmatch("[0-9A-Za-z]+", node.value):
        yield Hit("media.hash", shown(node.value), *node.place)


def _rating(node: Node, _setting: Setting) -> Iterator[Hit]:
    scheme = node.attributes.get("scheme") or "urn:simple"
    if scheme in _RATINGS:
        right = node.value in _RATINGS[scheme]
    elif scheme == "urn:icra":
        right = bool(_ICRA.fullmatch(node.value))
    else:
        yield from broken(scheme, (uri,), "scheme", node.place)
        return
    if not right:
        yield Hit("media.rating", f"{shown(node.value)} in {scheme}", *node.place)


def _restriction(node: Node, _setting: Setting) -> Iterator[Hit]:
    kind = node.attributes.get("type") or ""
    if kind == "country":
        yield from broken(node.value, (countries,), node.name, node.place)
    elif kind == "uri":
        yield from broken(node.value, (uri,), node.name, node.place)
    elif not kind and node.value not in ("", "all", "none"):
        yield from broken(node.value, (choice("all", "none"),), node.name, node.place)


def _title(node: Node, setting: Setting) -> Iterator[Hit]:
    if node.attributes.get("type") == "html":
        yield from html_in(node, setting)
    elif looks_like_html(node.value):
        yield Hit("value.html", f"the {node.name} {shown(node.value)}", *node.place)


def _group(node: Node, _setting: Setting) -> Iterator[Hit]:
    versions = len(node.all("media:content"))
    if versions < 2:
        yield Hit("media.group.one" if versions else "media.group.empty", f"<{node.name}>", *node.place)


def _newer(node: Node, _setting: Setting) -> Iterator[Hit]:
    yield Hit("media.newer", f"<{node.name}>", *node.place)


_SIZE = {"height": _given(positive), "width": _given(positive)}
_TEXT_TYPE = _given(choice("plain", "html"))

#: What describes a file, and may stand at every level above it, too.
MEDIA: Table = {
    "media:adult": Element(kinds=(true_false_folded,), exact=True, visit=_adult),
    "media:category": Element(attributes={"label": (), "scheme": _given(uri)}, many=True, plain=True),
    "media:copyright": Element(attributes={"url": _given(uri)}, plain=True),
    "media:credit": Element(attributes={"role": (), "scheme": _given(uri)}, many=True, visit=_credit),
    "media:description": Element(attributes={"type": _TEXT_TYPE}, visit=_title),
    "media:title": Element(attributes={"type": _TEXT_TYPE}, visit=_title),
    "media:keywords": Element(many=True),
    "media:hash": Element(attributes={"algo": _given(choice("md5", "sha-1"))}, many=True, visit=_hash),
    "media:player": Element({}, attributes={"url": (uri,), **_SIZE}, needs={"@url": ""}, many=True),
    "media:rating": Element(attributes={"scheme": ()}, many=True, visit=_rating),
    "media:restriction": Element(
        attributes={"relationship": (choice("allow", "deny"),), "type": _given(choice("country", "uri"))},
        needs={"@relationship": ""},
        many=True,
        visit=_restriction,
    ),
    "media:text": Element(
        attributes={"type": _TEXT_TYPE, "lang": _given(language), "start": _given(play_time), "end": _given(play_time)},
        many=True,
        visit=_title,
    ),
    "media:thumbnail": Element(
        attributes={"url": (uri,), "time": _given(play_time), **_SIZE}, needs={"@url": ""}, many=True
    ),
    **each(
        "media: backLinks comments community embed license location peerLink price responses rights scenes status "
        "statistics subTitle tags",
        Element(many=True, free=True, visit=_newer),
    ),
}

_CONTENT = Element(
    {**EVERYWHERE, **MEDIA},
    attributes={
        **dict.fromkeys(("bitrate", "duration", "framerate", "samplingrate"), _given(rate)),
        "channels": _given(whole),
        "expression": _given(choice("sample", "full", "nonstop")),
        "fileSize": _given(positive),
        "isDefault": _given(true_false_folded),
        "lang": _given(language),
        "medium": _given(choice("image", "audio", "video", "document", "executable")),
        "type": _given(mime),
        "url": _given(uri),
        **_SIZE,
    },
    many=True,
)

#: Files, which belong to an item or entry.
MEDIA_IN_ITEMS: Table = {
    "media:content": _CONTENT,
    "media:group": Element({**MEDIA, "media:content": _CONTENT}, many=True, visit=_group),
}
