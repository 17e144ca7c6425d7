"""Posts from social networks, quoted in a text: their words, then a line `— Name (@handle) March 3, 2026`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from publisher.sources.newswire.shapes import bare, day, item, links, opens_a_block, without_links, wordless

#: What can be one post where no blank line tells where it begins.
_POST_CHARACTERS = 280
#: No post has more lines.
POST_LINES = 40

_SIGNED = r"(?P<name>[^@—―]{1,80}?)\s*\((?P<handle>@[\w.@-]{1,100})\)[\s,·|:]*"
_OWN_LINE = re.compile(rf"(?P<dash>—|―|–|--|-|&mdash;|&ndash;)\s*{_SIGNED}(?P<when>.*)")
_LINE_END = re.compile(rf"(?P<text>.+?)\s*(?:—|―|–|--|&mdash;|&ndash;)\s*{_SIGNED}(?P<when>.+)")


@dataclass(frozen=True, slots=True)
class Signature:
    """Who posted, when and where."""

    #: Name and account as written: `Name (@handle)`.
    author: str
    #: When, as written.
    when: str = ""
    #: The address beside the name; empty where there is none.
    url: str = ""
    #: Words of the post on the same line.
    text: str = ""

    @property
    def posted(self) -> date | None:
        """The day of the post, where it can be read."""
        return day(self.when)


@dataclass(frozen=True, slots=True)
class Post:
    """A quoted post."""

    lines: tuple[str, ...]
    signature: Signature

    @property
    def url(self) -> str:
        """The address of the post: beside the name, else the first one with a scheme in its words, else the first."""
        text = " ".join(self.lines)
        found = list(links(text))
        whole = [link for link in found if text[link.start :].startswith(link.url)]
        return self.signature.url or next((link.url for link in whole + found), "")


def signature(line: str, above: str) -> Signature | None:
    """Read a line as the last of a post.

    Args:
        line: the line, without the space around it.
        above: the line above it, blank ones left out; empty where there is none.
    """
    if "@" not in line:
        return None
    if found := _OWN_LINE.fullmatch(line):
        if found["dash"] in "-–" and (item(above) or above.endswith(":") or opens_a_block(above)):
            return None  # one of a list
        made = _signature(found, "")
        return made if made.posted or not made.when or _short_date(made.when) else None
    if not item(line) and (found := _LINE_END.fullmatch(line)):
        made = _signature(found, found["text"])
        return made if made.posted else None
    return None


def _signature(found: re.Match[str], text: str) -> Signature:
    when = found["when"]
    url = next((link.url for link in links(when)), "")
    return Signature(f"{found['name']} ({found['handle']})", without_links(when).strip(" ,·|()[]<>"), url, text)


def _short_date(text: str) -> bool:
    """Whether a text can be a date in words this program does not know."""
    return len(text) <= 40 and any(character.isdigit() for character in text)


def join(stanzas: Sequence[Sequence[str]]) -> list[list[str]]:
    """Put the end of a post, which stands alone after a blank line, back to the words it belongs to.

    Args:
        stanzas: the lines of a text, parted where blank lines stand.
    """
    joined: list[list[str]] = []
    for stanza in reversed(stanzas):
        if joined and len(joined[-1]) < POST_LINES and _ends_post(joined[-1], stanza[-1].strip()):
            joined[-1] = [*stanza, *joined[-1]]
        else:
            joined.append(list(stanza))
    return joined[::-1]


def _ends_post(stanza: Sequence[str], above: str) -> bool:
    """Whether a stanza is the end of a post that began above: a signature, with nothing but topics and links before."""
    if above.endswith((":", "：")) or item(above) or signature(above, ""):
        return False
    if first := signature(stanza[0].strip(), above):
        return not first.text
    for line, following in pairwise(stanza):
        if not wordless(line) or bare(above):
            return False
        if signature(following.strip(), line):
            return True
    return False


def words(lines: Sequence[str], *, spaced: bool, set_off: bool) -> int:
    """Return how many lines, counted from the last, are the words of the post that ends there.

    Where nothing tells, the last line is, with those above it as long as there are no words in it but topics and links.

    Args:
        lines: what stands above the signature, up to a blank line or the post before.
        spaced: whether blank lines part the paragraphs of this text, so that lines that stand together are one post.
        set_off: whether there are blank lines around them, with nothing between but posts and, maybe, a paragraph. Then
            a few lines are one post, as they are below an introduction that ends with a colon.
    """
    first = max((index + 1 for index, line in enumerate(lines) if line.endswith((":", "："))), default=0)
    whole = lines[first:]
    few = len(" ".join(whole)) <= _POST_CHARACTERS
    if not whole or spaced or (few and (set_off or first)):
        return len(whole)
    count = 1
    while count < len(whole) and wordless(" ".join(whole[-count:])):
        count += 1
    return count
