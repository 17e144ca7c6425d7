"""Kinds of values: what an element's text or an attribute may say. Each kind yields the rules a value breaks."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import unquote


class Fault(NamedTuple):
    """A rule that a value breaks."""

    rule: str
    #: What would have been right, for the rule's cure.
    wanted: str = ""


Kind = Callable[[str], Iterator[Fault]]

# ---------------------------------------------------------------- addresses

_CHARACTERS = r"[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]"
_FORBIDDEN = re.compile(r"[^0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#\x80-\U0010ffff]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_ABSOLUTE = re.compile(rf"[a-zA-Z][0-9a-zA-Z+.\-]*:(?://)?{_CHARACTERS}+")
_REFERENCE = re.compile(
    rf"(?:[a-zA-Z][0-9a-zA-Z+.\-]*:)?/{{0,2}}(?:(?:[^@/?#\[\]]*@)?\[[0-9A-Fa-f:.]+\])?{_CHARACTERS}*"
)
_HOST = re.compile(r"(?:https?|ftp)://[^/]", re.IGNORECASE)
#: Schemes whose addresses name a host; the W3C's service forgets the first when it looks for one.
_HOSTED = {"https": "value.uri.host", "http": "", "ftp": ""}
_SCHEME = re.compile(r"([a-zA-Z]+):")
_URN = re.compile(r"urn:[a-z0-9][a-z0-9-]{1,31}:(?:[a-z0-9()+,.:=@;$_!*'\-]|%[0-9a-f]{2})+", re.IGNORECASE)
_UUID = re.compile(r"urn:uuid:[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}", re.IGNORECASE)
#: RFC 4151 §2.1.
_TAG = re.compile(
    r"tag:(?:[a-z0-9._\-]+@)?[a-z0-9.\-]+,\d{4}(?:-\d\d(?:-\d\d)?)?:[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*"
    r"(?:#[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*)?",
    re.ASCII,
)
_DOTTED = r"(?:[a-z0-9\-]+\.)+[a-z0-9][a-z0-9\-]*"
_WEB = re.compile(rf"https?://{_DOTTED}(?::\d+)?(?:/.*)?", re.IGNORECASE | re.ASCII | re.DOTALL)
#: From the registry at https://www.iana.org/assignments/uri-schemes/ what may stand in a feed.
_SCHEMES = frozenset(
    """aaa aaas about acct acap cap cid crid data dav dict dns example fax feed file ftp geo git go gopher h323 http
    https iax icap im imap info ipfs ipp iris jabber ldap ldaps magnet mailto mid modem msrp mtqp mupdate news nfs nntp
    opaquelocktoken pop pres prospero rsync rtmp rtsp rtsps service sftp shttp sip sips sms snmp spotify ssh tag tel
    telnet tftp thismessage tip tv urn vemmi wais web ws wss xmpp""".split()
)


def uri(value: str) -> Iterator[Fault]:
    """An absolute URI in ASCII, as RSS wants it."""
    yield from _address(value, _ABSOLUTE, "value.uri.relative")


def uri_reference(value: str) -> Iterator[Fault]:
    """A URI in ASCII, which may be relative."""
    yield from _address(value, _REFERENCE, "value.uri.invalid")


def iri(value: str) -> Iterator[Fault]:
    """An absolute IRI (RFC 3987), as Atom wants it."""
    yield from _address(_NOT_ASCII.sub("a", value), _ABSOLUTE, "value.uri.relative")


def iri_reference(value: str) -> Iterator[Fault]:
    """An IRI (RFC 3987), which may be relative."""
    yield from _address(_NOT_ASCII.sub("a", value), _REFERENCE, "value.uri.invalid")


def web_address(value: str) -> Iterator[Fault]:
    """An http or https address with a full host name."""
    if not _WEB.fullmatch(value) or not _ABSOLUTE.fullmatch(value):
        yield Fault("value.url")


def _address(value: str, form: re.Pattern[str], otherwise: str) -> Iterator[Fault]:
    start = value[:4].lower()
    if start == "tag:":
        yield from _unless(_TAG.fullmatch(value), "value.uri.tag")
    elif start == "urn:":
        named = _UUID if value[:9].lower() == "urn:uuid:" else _URN
        yield from _unless(named.fullmatch(value), "value.uri.urn")
    elif not form.fullmatch(value):
        if forbidden := _FORBIDDEN.search(value):
            yield Fault("value.uri.character", f"%{ord(forbidden[0]):02X}")
        else:
            yield Fault("value.uri.ascii" if form.fullmatch(_NOT_ASCII.sub("a", value)) else otherwise)
    elif (rule := _HOSTED.get((value.partition(":")[0] if ":" in value else "").lower())) is not None:
        yield from _unless(_HOST.match(value), rule or otherwise)
    elif (scheme := _SCHEME.match(value)) and scheme[1].lower() not in _SCHEMES:
        yield Fault("value.uri.scheme")


def _unless(right: object, rule: str, wanted: str = "") -> Iterator[Fault]:
    if not right:
        yield Fault(rule, wanted)


# ---------------------------------------------------------------- numbers


#: One coordinate.
_NUMBER = r"[-+]?\d++(?:\.\d*+)?"


def _matching(pattern: str, rule: str, wanted: str = "") -> Kind:
    form = re.compile(pattern, re.ASCII)

    def kind(value: str) -> Iterator[Fault]:
        yield from _unless(form.fullmatch(value), rule, wanted)

    return kind


whole = _matching(r"\s*+(?:\+?\d+|-0+)\s*+", "value.number", "a whole number, 0 or more")
positive = _matching(r"\s*+\+?0*+[1-9]\d*+\s*+", "value.number", "a whole number above 0")
integer = _matching(r"\s*+(?:[+-]?\d++)?\s*+", "value.number", "a whole number")
decimal = _matching(r"[+-]?\d++(?:\.\d*+)?", "value.number", "a number such as 12.5")
fraction = _matching(r"\d++(?:\.\d*+)?", "value.number", "a number such as 12.5, 0 or more")
quantity = _matching(r"\d++(?:\.\d*+)?\s*+\w*+", "value.number", "a number such as 12.5, a unit may follow")
#: Media RSS wants a number, and writes "29.97 fps" with a unit in practice.
rate = _matching(r"(?s)\d.*", "value.number", "a number such as 12.5")
duration = _matching(r"\d+(?::[0-5]\d(?::[0-5]\d)?)?", "value.duration")
#: RFC 2326 §3.6 wants seconds or hours; what follows them, as in "12:05", is not looked at.
play_time = _matching(r"(?s)(?:now|\d).*", "value.time")
point = _matching(
    rf"{_NUMBER}[ ,]{_NUMBER}",
    "value.coordinates",
    "latitude and longitude, as in 45.26 -71.92",
)
points = _matching(
    rf"{_NUMBER}\s++{_NUMBER}(?:\s++{_NUMBER}\s++{_NUMBER})+",
    "value.coordinates",
    "pairs of latitude and longitude, all with blanks between",
)
number_list = _matching(r"\d+(?:,\s*\d+)*", "value.number", "whole numbers with commas between")
line_list = _matching(r"(?:\d+(?:,\s*\d+)*)?", "value.number", "line numbers with commas between")


def _between(low: float, high: float) -> Kind:
    def kind(value: str) -> Iterator[Fault]:
        found = re.fullmatch(r"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d{1,3})?", value, re.ASCII)
        yield from _unless(found and low <= float(value) <= high, "value.number", f"a number from {low} to {high}")

    return kind


def up_to(highest: int) -> Kind:
    """A whole number above 0 and no higher than given."""

    def kind(value: str) -> Iterator[Fault]:
        found = re.fullmatch(r"\+?\d{1,12}", value, re.ASCII)
        yield from _unless(found and 0 < int(value) <= highest, "value.number", f"a whole number from 1 to {highest}")

    return kind


latitude = _between(-90, 90)
longitude = _between(-180, 180)
percentage = _between(0, 100)


# ---------------------------------------------------------------- words


def filled(value: str) -> Iterator[Fault]:
    """Text that is there."""
    yield from _unless(value, "value.empty")


def choice(*values: str, fold: bool = False) -> Kind:
    """One of several words; with `fold` in capitals or not."""
    allowed, wanted = frozenset(values), ", ".join(values)

    def kind(value: str) -> Iterator[Fault]:
        yield from _unless((value.lower() if fold else value) in allowed, "value.choice", wanted)

    return kind


yes_no = choice("yes", "no")
true_false = choice("true", "false")
true_false_folded = choice("true", "false", fold=True)


def longest(most: int) -> Kind:
    """Text of no more than so many characters."""

    def kind(value: str) -> Iterator[Fault]:
        yield from _unless(len(value) <= most, "value.long", str(most))

    return kind


_NAME = r"[^\s()<>,;:\\\"/\[\]?=]+"
mime = _matching(rf'{_NAME}/{_NAME}(?:\s*;\s*{_NAME}=(?:"(?:\\"|[^"\\])*"|{_NAME}))*', "value.mime")


# ---------------------------------------------------------------- people

_MAIL = rf"[a-z0-9_\-+.']+@{_DOTTED}"
_ADDRESS = re.compile(_MAIL, re.IGNORECASE | re.ASCII)
_SIMPLE = re.compile(r"[\w.%+\-]+@[A-Za-z][\w.\-]+")
#: No mailbox is longer (RFC 5321 §4.5.3.1), its name included; it bounds the work, too.
_LONGEST_MAIL = 500
_PARTS = re.compile(r"(?:[^<>]*<([^<>]*)>|([^()]*?))\s*(?:\([^()]*\)\s*)*")


def email(value: str) -> Iterator[Fault]:
    """A mail address, a name may stand around it: `ada@notes.example (Ada)` or `Ada <ada@notes.example>`."""
    parts = _PARTS.fullmatch(value[:_LONGEST_MAIL])
    yield from plain_email((parts[1] or parts[2] or "").strip() if parts else value)


def plain_email(value: str) -> Iterator[Fault]:
    """A mail address and nothing else, as Atom wants it (RFC 4287 §3.2.3)."""
    yield from _unless(_ADDRESS.fullmatch(value) or _SIMPLE.fullmatch(value), "value.email")


def mailbox(value: str) -> Iterator[Fault]:
    """A mail address with a name in brackets, as RSS wants it."""
    address = unquote(value.removeprefix("mailto:")) if value.startswith("mailto:") else value
    if address.find("@") > 0 and not address.endswith(")"):
        yield Fault("value.email.name")
    else:
        yield from email(address)


# ---------------------------------------------------------------- languages

#: ISO 639-1, and what private use is called. Codes of three letters are too many to name: ISO 639-3 has thousands.
_LANGUAGES = frozenset(
    """aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
    en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja
    jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb
    nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq
    sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo x xh xx yi yo za zh
    zu""".split()
)
_CODE = re.compile(r"[a-z]{3}")


def language(value: str) -> Iterator[Fault]:
    """A language tag (RFC 5646) that begins with a code of ISO 639."""
    code = value.partition("-")[0].lower()
    yield from _unless(code in _LANGUAGES or _CODE.fullmatch(code), "value.language")


_COUNTRIES = frozenset(
    """ad ae af ag ai al am an ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by bz
    ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et fi fj fk fm fo fr ga
    gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke
    kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo mp mq mr ms mt mu
    mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa
    sb sc sd se sg sh si sj sk sl sm sn so sr ss st sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug um
    us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw""".split()
)


def country(value: str) -> Iterator[Fault]:
    """A country by its two capitals (ISO 3166-1)."""
    yield from _unless(value.isupper() and value.lower() in _COUNTRIES, "value.country")


def countries(value: str) -> Iterator[Fault]:
    """Countries with blanks between, in capitals or not."""
    for code in value.split(" "):
        yield from country(code.upper())
