"""The parts of a news text: which blocks are title, standfirst, highlights, headings and sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from publisher.article import Citation
from publisher.markup.characters import line as one_line
from publisher.sources import values
from publisher.sources.base import Body
from publisher.sources.newswire.blocks import Block, Heading, Listing, Text
from publisher.sources.newswire.page import html
from publisher.sources.newswire.shapes import HIGHLIGHTS, SOURCES, authors, bare, dateline, headed, links
from publisher.sources.summaries import shortened

#: Longest title made from a standfirst, in characters.
TITLE_CHARACTERS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the metadata has already; the text keeps its own."""

    highlights: bool = False
    sources: bool = False


def body(blocks: Sequence[Block], given: Given) -> Body:
    """Put each block of a news text in its place; none is lost and none stands in two, but for title and standfirst."""
    rest, sources, tail = (blocks, (), ()) if given.sources else _sources(blocks)
    rest, highlights, place = (rest, (), -1) if given.highlights else _highlights(rest)
    placed = _with_headings(rest, _opening(rest, place))
    content = [*placed, *_with_headings(tail)]
    standfirst = next((one.line for one in content if isinstance(one, Text) and not dateline(one.line)), "")
    heading = next((one.line for one in content[max(place, 0) :] if isinstance(one, Heading)), "")
    return Body(
        content=html(content),
        title=heading or shortened(standfirst, TITLE_CHARACTERS),
        summary=standfirst,
        highlights=highlights,
        sources=sources,
    )


def _sources(blocks: Sequence[Block]) -> tuple[Sequence[Block], tuple[Citation, ...], Sequence[Block]]:
    """Take the last block headed "Sources" out; after it only paragraphs may follow.

    Returns:
        What stands before it, the citations, what stands after it.
    """
    for index in range(len(blocks) - 2, -1, -1):
        heading, listing, tail = blocks[index], blocks[index + 1], blocks[index + 2 :]
        if isinstance(heading, Text) and headed(heading.line, SOURCES) and isinstance(listing, Listing):
            if all(isinstance(one, Text) for one in _with_headings(tail)):
                return blocks[:index], tuple(map(citation, listing.items)), tail
            break
    return blocks, (), ()


def citation(line: str) -> Citation:
    """Read a line of the sources: its words, without the address, and the address."""
    link = next(links(line), None)
    if link is None or line[: link.start].endswith("]("):
        return values.citation(line)
    if not values.address(link.url):
        return Citation(one_line(line))
    before, after = line[: link.start], line[link.end :]
    if before.endswith("（") and after.startswith("）"):
        before, after = before[:-1], after[1:]
    return values.citation(f"{before}<{link.url}>{after}")


def _highlights(blocks: Sequence[Block]) -> tuple[Sequence[Block], tuple[str, ...], int]:
    """Take the first block headed "At a Glance" out.

    Returns:
        What is left, the points, how many blocks stand before it (none where there is no such block: -1).
    """
    for index, (heading, listing) in enumerate(pairwise(blocks)):
        if isinstance(heading, Text) and headed(heading.line, HIGHLIGHTS) and isinstance(listing, Listing):
            return [*blocks[:index], *blocks[index + 2 :]], tuple(map(one_line, listing.items)), index
    return blocks, (), -1


def _opening(blocks: Sequence[Block], place: int) -> int:
    """Return how many blocks are no headings whatever they look like: the standfirst, and a byline below it."""
    second = blocks[1] if len(blocks) > 1 else None
    if place == 0 and not (isinstance(second, Text) and bare(second.line)):
        return 0  # below the highlights, a line with a paragraph below it is a heading
    byline = isinstance(second, Text) and all(" " in name for name in authors(second.line) or ("",))
    return 1 + byline


def _with_headings(blocks: Sequence[Block], start: int = 0) -> list[Block]:
    """Make headings of the bare lines that have something below them."""
    last = len(blocks) - 1
    return [
        Heading(one.line) if isinstance(one, Text) and start <= index < last and bare(one.line) else one
        for index, one in enumerate(blocks)
    ]
