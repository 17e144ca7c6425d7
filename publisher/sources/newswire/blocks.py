"""A news text as a sequence of blocks: lines, lists and posts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from publisher.sources.newswire.posts import POST_LINES, Post, join, signature, words
from publisher.sources.newswire.shapes import Item, indent, item, links, without_links


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
    stanzas = join([stanza for stanza in (*_parted(stanzas[:1]), *stanzas[1:]) if stanza])
    spaced = _spaced(stanzas)
    return list(_listed(piece for stanza in stanzas for piece in _pieces(stanza, spaced=spaced)))


def _blank(line: str) -> bool:
    return not line.strip()


def _parted(first: Iterable[list[str]]) -> Iterator[list[str]]:
    for stanza in first:
        yield from (stanza[:1], stanza[1:])


def _spaced(stanzas: Sequence[Sequence[str]]) -> bool:
    """Whether blank lines part the paragraphs: most stanzas hold no post, and those have one line beside their list."""
    plain = [stanza for stanza in stanzas if not _signed(stanza)]
    return 2 * len(plain) > len(stanzas) and all(
        sum(isinstance(piece, Text) for piece in _plain(stanza)) <= 1 for stanza in plain
    )


def _signed(stanza: Sequence[str]) -> bool:
    return any(signature(line.strip(), above.strip()) for line, above in zip(stanza, ["", *stanza], strict=False))


def _pieces(stanza: Sequence[str], *, spaced: bool) -> Iterator[Text | Item | Post]:
    pending: list[str] = []
    above = ""
    for line in stanza:
        found = signature(line.strip(), above)
        above = line.strip()
        lines = [*pending, found.text] if found and found.text else pending
        count = words([each.strip() for each in lines[-POST_LINES:]], spaced=spaced) if found else 0
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
    """Gather what follows each other in a list; numbers that do not count from one are text."""
    for kind, group in groupby(pieces, key=_kind):
        run = list(group)
        items = [piece for piece in run if isinstance(piece, Item)]
        if kind == "numbers" and [one.number for one in items] != list(range(1, max(len(items), 2) + 1)):
            yield from (Text(one.line) for one in items)
        elif items:
            yield Listing(tuple(one.text for one in items), ordered=kind == "numbers")
        else:
            yield from (piece for piece in run if not isinstance(piece, Item))


def _kind(piece: Text | Item | Post) -> str:
    if isinstance(piece, Item):
        return "marks" if piece.number is None else "numbers"
    return "other"
