"""Encoded-words (RFC 2047): whether they are well-formed where they stand, and what they say."""

import binascii
import re
from collections.abc import Iterator

from publisher.check.mail.findings import MailHit
from publisher.check.mail.mime import Field

_WORD = re.compile(r"=\?([^?\s]*)\?([^?\s]*)\?([^?\s]*)\?=")
#: Anything that begins like one.
_START = re.compile(r"=\?[A-Za-z0-9_.:*+-]+\?[A-Za-z]\?")
_QUOTED = re.compile(r'"[^"]*"|<[^<>]*>')
_BETWEEN = re.compile(r"(\?=)[ \t]+(?==\?)")
_LONGEST_WORD, _LONGEST_LINE = 75, 76
#: Fields with text or names, where they may stand (RFC 2047 §5); RFC 2919 lets a List-Id begin with a phrase.
_ALLOWED = frozenset("subject from to cc bcc sender reply-to comments list-id".split())


def word_hits(field: Field) -> Iterator[MailHit]:
    """Yield what is wrong with the encoded-words of a field (rule F8)."""
    words = list(_WORD.finditer(field.value))
    if len(_START.findall(field.value)) > len(words):
        yield MailHit("mail.word", f"one in {field.name} has no end", field.line)
    if not words:
        return
    if field.name.lower() not in _ALLOWED or any(_WORD.search(one) for one in _QUOTED.findall(field.value)):
        yield MailHit("mail.word.place", field.name, field.line)
        return
    if any(len(line) > _LONGEST_LINE and _WORD.search(line) for line in field.lines):
        yield MailHit("mail.word", f"a line of {field.name} with one has more than 76 characters", field.line)
    for word in words:
        fault = _fault(word) or _glued(field.value, word)
        if fault:
            yield MailHit("mail.word", f"one in {field.name} {fault}", field.line)
            return


def _fault(word: re.Match[str]) -> str:
    if len(word[0]) > _LONGEST_WORD:
        return "has more than 75 characters"
    if not word[3]:
        return "is empty"
    try:
        _octets(word).decode(_charset(word))
    except (binascii.Error, LookupError, ValueError):
        return "says no whole characters"
    return ""


def _glued(value: str, word: re.Match[str]) -> str:
    before, after = value[: word.start()][-1:], value[word.end() :][:1]
    return "" if before in ("", " ", "\t", "(") and after in ("", " ", "\t", ")") else "is glued to its neighbour"


def decoded(value: str) -> str:
    """Return what an unstructured value says; encoded-words that are broken stay as they are."""
    return _WORD.sub(_decoded_word, _BETWEEN.sub(r"\1", value))


def _decoded_word(word: re.Match[str]) -> str:
    try:
        return _octets(word).decode(_charset(word))
    except (binascii.Error, LookupError, ValueError):
        return word[0]


def _charset(word: re.Match[str]) -> str:
    charset = word[1].partition("*")[0].lower()
    if charset not in ("utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "iso-2022-jp", "gb2312"):
        raise LookupError(charset)
    return charset


def _octets(word: re.Match[str]) -> bytes:
    if word[2] in ("B", "b"):
        return binascii.a2b_base64(word[3].encode("latin-1"), strict_mode=True)
    if word[2] in ("Q", "q"):
        return binascii.a2b_qp(word[3].replace("_", " ").encode("latin-1"), header=True)
    raise LookupError(word[2])
