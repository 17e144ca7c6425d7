"""A news text as a sequence of blocks: lines, lists and posts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from publisher.sources.newswire.posts import POST_LINES, Post, join, signature, words
from publisher.sources.newswire.shapes import Item, bare, indent, item, links, opens_a_block, without_links, wordless


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: a paragraph, or a heading."""

    line: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a section."""

    line: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A list."""

    items: tuple[str, ...]
    #: Numbered from one.
    ordered: bool = False


Block = Text | Heading | Listing | Post


def blocks(lines: Iterable[str]) -> list[Block]:
    """Take a text apart.

    Args:
        lines: the text's lines; the space before a line may say that it continues one of a list.
    """
    stanzas = [list(group) for blank, group in groupby(lines, key=_blank) if not blank]
    # The first line opens the story; it is no part of a post that follows.
    stanzas = join(_parted(stanzas[:1]) + stanzas[1:])
    spaced = _spaced(stanzas)
    if spaced and any(map(_headed_paragraph, stanzas)):
        stanzas = [part for stanza in stanzas for part in (_parted([stanza]) if _heads(stanza) else [stanza])]
    return list(_listed(piece for stanza in stanzas for piece in _pieces(stanza, spaced=spaced)))


def _blank(line: str) -> bool:
    return not line.strip()


def _parted(stanzas: Iterable[list[str]]) -> list[list[str]]:
    """Part the first line of each stanza from the others."""
    return [part for stanza in stanzas for part in (stanza[:1], stanza[1:]) if part]


def _spaced(stanzas: Sequence[Sequence[str]]) -> bool:
    """Whether blank lines part the paragraphs: one stands alone below the first line, and no two stand together."""
    alone = any(len(stanza) == 1 and _paragraphs(stanza) for stanza in stanzas[1:])
    return alone and all(_together(stanza) <= 1 for stanza in stanzas)


def _together(stanza: Sequence[str]) -> int:
    """Return how many paragraphs stand together in a stanza; the posts in it, with all above them, count as one."""
    pairs = enumerate(zip(stanza, ["", *stanza], strict=False), 1)
    end = max((end for end, (line, above) in pairs if signature(line.strip(), above.strip())), default=0)
    return _paragraphs(stanza[end:]) + bool(end)


def _paragraphs(lines: Iterable[str]) -> int:
    return sum(isinstance(piece, Text) and not bare(piece.line) for piece in _plain(lines))


def _headed_paragraph(stanza: Sequence[str]) -> bool:
    return len(stanza) == 2 and _heads(stanza) and _paragraphs(stanza) == 1


def _heads(stanza: Sequence[str]) -> bool:
    return bare(stanza[0].strip()) and not any(map(wordless, stanza[1:2]))


def _pieces(stanza: Sequence[str], *, spaced: bool) -> Iterator[Text | Item | Post]:
    pending: list[str] = []
    above = ""
    only_posts = signature(stanza[-1].strip(), "") is not None and not any(bare(line.strip()) for line in stanza)
    for line in stanza:
        found = signature(line.strip(), above)
        above = line.strip()
        lines = [*pending, found.text] if found and found.text else pending
        last = [each.strip() for each in lines[-POST_LINES:]]
        count = words(last, spaced=spaced, set_off=only_posts) if found else 0
        if not found or not count:
            pending.append(line)
            continue
        yield from _plain(lines[:-count])
        yield Post(tuple(each.strip() for each in lines[-count:]), found)
        pending = []
    yield from _plain(pending)


def _plain(lines: Iterable[str]) -> Iterator[Text | Item]:
    """Read lines that hold no post; an indented line, or one that is only an address, continues the list above it."""
    last: Item | None = None
    for line in lines:
        if last and not item(line) and _continues(line, last):
            last = replace(last, text=f"{last.text} {line.strip()}", line=f"{last.line} {line.strip()}")
            continue
        if last:
            yield last
        last = item(line)
        if not last:
            yield Text(line.strip())
    if last:
        yield last


def _continues(line: str, last: Item) -> bool:
    alone = any(links(line)) and not without_links(line).strip()
    return alone or indent(line) > last.indent


def _listed(pieces: Iterable[Text | Item | Post]) -> Iterator[Block]:
    """Gather what follows each other in a list; numbers that do not count from one are text, and so is dialogue."""
    above: Text | Item | Post | None = None
    for kind, group in groupby(pieces, key=_kind):
        run = list(group)
        items = [piece for piece in run if isinstance(piece, Item)]
        counted = kind != "numbers" or [one.number for one in items] == list(range(1, max(len(items), 2) + 1))
        spoken = kind == "dashes" and not (isinstance(above, Text) and opens_a_block(above.line))
        above = run[-1]
        if spoken or not counted:
            yield from (Text(one.line) for one in items)
        elif items:
            yield Listing(tuple(one.text for one in items), ordered=kind == "numbers")
        else:
            yield from (piece for piece in run if not isinstance(piece, Item))


def _kind(piece: Text | Item | Post) -> str:
    if isinstance(piece, Item):
        return "numbers" if piece.number is not None else "dashes" if piece.line.startswith("–") else "marks"
    return "other"
