"""Mail addresses in header fields (RFC 5322 §3.4), read strictly and in one pass."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SIGN = re.compile(
    r"""[ \t]+|"(?:[^"\\]|\\.)*"|[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+|[<>@,:;]|\((?:[^()\\]|\\.)*\)|\[[^\[\]]*\]"""
)
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+")
_LABEL = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?")


class Unreadable(ValueError):
    """It is no list of addresses."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address with the name before it."""

    name: str
    #: What stands before and after the @.
    local: str
    domain: str


def mailboxes(value: str) -> list[Mailbox]:
    """Read an address list; groups such as `undisclosed-recipients:;` are taken apart.

    Raises:
        Unreadable: it is no list of addresses.
    """
    found: list[Mailbox] = []
    words: list[str] = []
    in_group = after_group = False
    for sign in [*_signs(value), ","]:
        if sign == ":" and words and not in_group:
            in_group, words = True, []
        elif sign == "," or (sign == ";" and in_group):
            if words:
                found.append(_mailbox(words))
            elif not after_group and not in_group:
                raise Unreadable(value)
            words, after_group, in_group = [], sign == ";", in_group and sign == ","
        else:
            words.append(sign)
            after_group = False
    if in_group:
        raise Unreadable(value)
    return found


def _signs(value: str) -> Iterator[str]:
    place = 0
    while place < len(value):
        sign = _SIGN.match(value, place)
        if not sign:
            raise Unreadable(value)
        place = sign.end()
        if not sign[0].isspace() and not sign[0].startswith("("):
            yield sign[0]


def _mailbox(words: list[str]) -> Mailbox:
    if words[-1] == ">":
        if "<" not in words:
            raise Unreadable(words)
        start = words.index("<")
        name, words = words[:start], words[start + 1 : -1]
        if any(word in ("<", ">", "@") for word in name):
            raise Unreadable(name)
        return _address(" ".join(name), words)
    return _address("", words)


def _address(name: str, words: list[str]) -> Mailbox:
    if len(words) != 3 or words[1] != "@":
        raise Unreadable(words)
    local, domain = words[0], words[2]
    if not local.startswith('"') and not all(map(_ATOM.fullmatch, local.split("."))):
        raise Unreadable(local)
    if not domain.startswith("[") and not is_domain(domain):
        raise Unreadable(domain)
    return Mailbox(name, local, domain)


def is_domain(domain: str) -> bool:
    """Tell whether a text is a domain name in ASCII (RFC 5321 §4.1.2, RFC 1035 §2.3.4)."""
    labels = domain.split(".")
    return len(domain) <= 255 and all(len(label) <= 63 and _LABEL.fullmatch(label) for label in labels)
