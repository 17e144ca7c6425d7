"""How an issue that is too large for a mail is shortened: by rule, step by step, and never in the middle of a thought.

Gmail cuts a mail off after about 102 kB. Each step takes a little of what readers miss least, from the longest articles
first; what it leaves is whole: blocks, sentences' beginnings with `…`, titles with their links. Before an article is left
to the web page, all others have given up everything but these.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from publisher.errors import Problem, PublisherError, Severity
from publisher.markup.balance import VOID
from publisher.markup.plaintext import to_line
from publisher.newsletter.view import Section, as_line, as_title
from publisher.newsletter.wording import few_words, shortened
from publisher.templating import trusted

Sections = tuple[Section, ...]

#: Weights that bodies are shortened to, in bytes of their HTML: each a tenth less than the one before.
_WEIGHTS = tuple(int(100_000 * 0.9**step) for step in range(36))
#: In a letter the article is what readers wait for: it keeps this much of its HTML before its neighbours lose anything,
_LETTER = 48_000
#: and this much before one of them is left out.
_LETTER_LEAST = 10_000
_SUMMARY_WORDS = (60, 40, 25)
_LINE_WORDS = 12
_HIGHLIGHTS = (3, 0)
#: Characters of all that an article says beside its body; few say more.
_IMMODERATE = 5000
#: Characters of titles and of the names of authors, and of titles that stand alone.
_TITLE, _AUTHORS = 200, 80
_TITLE_ALONE = 100

#: Between these and what follows them, a body may end.
_BLOCKS = frozenset("blockquote div dl dt dd h3 h4 h5 h6 hr li ol p pre table tbody tfoot thead tr ul".split())
#: Blocks of which a part says as much as its size: they may end between any two blocks in them.
_ENTERED = frozenset("blockquote body dd div dl li ol table tbody ul".split())
#: They promise something below them.
_HEADINGS = frozenset("dt h3 h4 h5 h6 hr thead".split())
#: A tag, its sign and its name apart, or a text.
_PIECE = re.compile(r"""(</?)([a-z][a-z0-9]*+)(?:[^>"']++|"[^"]*+"|'[^']*+')*+>|[^<]++""")


class TooLarge(PublisherError):
    """The mail stays too large whatever is left out."""

    def __init__(self, size: int, limit: int, archive: bool) -> None:
        super().__init__(
            f"the mail has {size:,} bytes even with its articles as short as can be, and only {limit:,} are shown "
            "everywhere; send fewer articles in an issue"
            + ("" if archive else ", let its page show the rest (archive = true),")
            + " or shorten email/style.css and what your templates add"
        )


@dataclass(frozen=True, slots=True)
class Shortened:
    """The articles of an issue as far as they fit."""

    sections: Sections
    #: How many articles are left to the web page.
    omitted: int = 0


@dataclass(frozen=True, slots=True)
class _Step:
    #: How far it can go.
    levels: int
    #: Takes sections and a level from 1, and returns lighter ones.
    take: Callable[[Sections, int], Sections]


class Ladder:
    """All ways to shorten an issue, each rung lighter than the one before; rung 0 changes nothing.

    Args:
        sections: all articles, as the layout shows them.
        letter: whether the first article is what the issue is about.
        omits: whether there is a page that shows what is left out.
    """

    def __init__(self, sections: Sections, *, letter: bool, omits: bool) -> None:
        self._count = len(sections)
        self._steps = _steps(sections, letter, omits)
        self._ends = tuple(accumulate(step.levels for step in self._steps))
        #: The sections before each step.
        self._before = [sections]
        self._rungs: dict[int, Shortened] = {}

    def fitting(self, size: Callable[[Shortened], int], limit: int) -> Shortened:
        """Return the highest rung whose size is within a limit; where none is, the last."""
        whole, last = self.rung(0), self._ends[-1]
        if size(whole) <= limit:
            return whole
        rung = bisect_left(range(last), True, key=lambda index: size(self.rung(index)) <= limit)
        return self.rung(rung)

    def rung(self, index: int) -> Shortened:
        """Return the sections after so many levels of the steps: for the same rung, the same object."""
        if index not in self._rungs:
            self._rungs[index] = self._taken(index)
        return self._rungs[index]

    def _taken(self, index: int) -> Shortened:
        place = bisect_left(self._ends, index) if index else 0
        while len(self._before) <= place:
            step = self._steps[len(self._before) - 1]
            self._before.append(step.take(self._before[-1], step.levels) if step.levels else self._before[-1])
        level = index - (self._ends[place - 1] if place else 0)
        sections = self._steps[place].take(self._before[place], level) if level else self._before[place]
        return Shortened(sections, self._count - len(sections))


def _steps(sections: Sections, letter: bool, omits: bool) -> tuple[_Step, ...]:
    heavy = [weight for weight in _WEIGHTS if weight >= _LETTER]
    middle = [weight for weight in _WEIGHTS if _LETTER_LEAST <= weight < _LETTER]
    light = [weight for weight in _WEIGHTS if weight < _LETTER_LEAST]
    details = (
        _Step(sum(section.form == "full" for section in sections), _as_summaries),
        _Step(len(_SUMMARY_WORDS), _shorter_summaries),
        _Step(len(_HIGHLIGHTS), _fewer_highlights),
        _each(lambda section: replace(section, sources=())),
        _each(lambda section: replace(section, image=None)),
    )
    titles = (
        _each(_shorter_line),
        _each(_shorter_names),
        _Step(len(sections) - letter, _as_titles),
        _each(_shorter_title),
    )
    omission = _Step(len(sections) - 1 if omits else 0, _omit)
    if letter:
        return (_each(_moderate), _bodies(heavy), *titles, _bodies(middle), omission, _bodies(light), *details)
    bodies = _bodies(heavy + middle + light)
    return (_each(_moderate), bodies, *details, _Step(len(sections), _as_lines), *titles, omission)


def _each(take: Callable[[Section], Section]) -> _Step:
    return _Step(1, lambda given, _: tuple(map(take, given)))


def _bodies(weights: Sequence[int]) -> _Step:
    return _Step(len(weights), lambda given, level: tuple(_lighter(section, weights[level - 1]) for section in given))


def _moderate(section: Section) -> Section:
    """Bring an article that says far more beside its body than others back to their measure, so that they lose nothing."""
    sources = sum(len(source.text) + len(source.url) for source in section.sources)
    said = (
        len(section.title) + len(section.authors) + len(section.summary) + sum(map(len, section.highlights)) + sources
    )
    if said <= _IMMODERATE:
        return section
    return replace(
        _shorter_names(section),
        summary=few_words(section.summary, _SUMMARY_WORDS[0]),
        highlights=tuple(few_words(point, _SUMMARY_WORDS[1]) for point in section.highlights[: _HIGHLIGHTS[0]]),
        sources=section.sources if sources <= _IMMODERATE // 2 else (),
    )


def _lighter(section: Section, weight: int) -> Section:
    body = shortened_body(section.body, weight) if section.form == "full" else section.body
    if body == section.body:
        return section
    # A beginning that says less than the summary is none.
    told = len(to_line(body)) >= len(section.summary)
    return replace(section, body=trusted(body), complete=False) if told else _as_summary(section)


def _as_summary(section: Section) -> Section:
    return replace(section, form="summary", body="", complete=False)


def _as_summaries(sections: Sections, count: int) -> Sections:
    """Show the longest articles by their summaries; of two as long, the later one."""
    bodies = (section for section in sections if section.form == "full")
    chosen = {
        section.number for section in sorted(bodies, key=lambda section: (-len(section.body), -section.number))[:count]
    }
    return tuple(_as_summary(section) if section.number in chosen else section for section in sections)


def _shorter_summaries(sections: Sections, level: int) -> Sections:
    return tuple(
        replace(section, summary=few_words(section.summary, _SUMMARY_WORDS[level - 1])) for section in sections
    )


def _fewer_highlights(sections: Sections, level: int) -> Sections:
    return tuple(replace(section, highlights=section.highlights[: _HIGHLIGHTS[level - 1]]) for section in sections)


def _as_lines(sections: Sections, count: int) -> Sections:
    """Show the last articles by a line each."""
    kept = len(sections) - count
    return (*sections[:kept], *(replace(as_line(section), complete=False) for section in sections[kept:]))


def _shorter_line(section: Section) -> Section:
    return replace(section, summary=few_words(section.summary, _LINE_WORDS)) if section.form == "line" else section


def _as_titles(sections: Sections, count: int) -> Sections:
    """Show the last articles by their titles."""
    kept = len(sections) - count
    return (*sections[:kept], *map(as_title, sections[kept:]))


def _shorter_names(section: Section) -> Section:
    return replace(section, title=shortened(section.title, _TITLE), authors=shortened(section.authors, _AUTHORS))


def _shorter_title(section: Section) -> Section:
    return replace(section, title=shortened(section.title, _TITLE_ALONE)) if section.form == "title" else section


def _omit(sections: Sections, count: int) -> Sections:
    return sections[: len(sections) - count]


def note(whole: Sections, shown: Shortened, issue: str, limit: int) -> Problem | None:
    """Return what became of the issue, for its author; None where all is shown.

    Args:
        whole: the sections as the layout shows them.
        shown: what is left of them.
        issue: path of the issue's mail.
        limit: bytes of a mail.
    """
    if shown == Shortened(whole):
        return None
    pairs = tuple(zip(whole, shown.sections, strict=False))
    counts = {
        "by their beginning": sum(after.form == "full" and after.body != before.body for before, after in pairs),
        "by their summaries": sum(before.form == "full" and after.form == "summary" for before, after in pairs),
        "in a line each": sum(before.form != "line" and after.form == "line" for before, after in pairs),
        "by their titles": sum(after.form == "title" for _, after in pairs),
        "with fewer words": sum(_reworded(before, after) for before, after in pairs),
        "without all highlights, sources or pictures": sum(_reduced(before, after) for before, after in pairs),
        "on the web page alone": shown.omitted,
    }
    told = ", ".join(f"{count} {how}" for how, count in counts.items() if count)
    return Problem(
        issue,
        f"all of it would be more than {limit:,} bytes, so of {len(whole)} articles it shows {told}",
        "send fewer articles in an issue to show more of each",
        severity=Severity.NOTE,
    )


def _reworded(before: Section, after: Section) -> bool:
    return (before.title, before.authors) != (after.title, after.authors) or (
        before.form == after.form != "full" and before.summary != after.summary
    )


def _reduced(before: Section, after: Section) -> bool:
    kept = (before.highlights, before.sources, before.image) == (after.highlights, after.sources, after.image)
    return not after.brief and not kept


def shortened_body(html: str, limit: int) -> str:
    """Return as many whole blocks from the start of an article's body as fit, and at least the first.

    Lists end between items, tables between rows, quotes between paragraphs; no paragraph, row or block of code is
    divided, and no heading comes last.

    Args:
        html: what `mail_body` returned.
        limit: bytes of the result in UTF-8; a first block that is larger stays whole.
    """
    if len(html.encode()) <= limit:
        return html
    end, closing = _end(html, limit)
    return f"{html[:end].rstrip()}{closing}" if end else html


def _end(html: str, limit: int) -> tuple[int, str]:
    """Return where the last beginning of a body that fits ends, else the first one, and the end tags that it lacks.

    The body is read no further than that, so that a long one costs no more than a short one. Where it cannot be
    divided, the end is 0.
    """
    end, closing, size = 0, "", 0
    open_: list[str] = []
    for piece, said in _pieces(html, open_):
        if said and _may_end(piece, open_):
            lacking = "".join(f"</{name}>" for name in reversed(open_))
            fits = size + len(lacking) <= limit
            if fits or not end:
                end, closing = piece.start(), lacking
            if not fits:
                break
        size += len(piece[0].encode())
    return end, closing


def _may_end(piece: re.Match[str], open_: Sequence[str]) -> bool:
    """Say whether a body may end before a tag: where blocks meet, and nowhere inside of one that stays whole."""
    tag, name = piece.groups()
    return (name in _ENTERED if tag == "</" else name in _BLOCKS) and _ENTERED.issuperset(open_)


def _pieces(html: str, open_: list[str]) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield tags and texts, each with whether anything is said since a heading, or a block that holds others, began.

    Args:
        html: in which all elements are closed.
        open_: empty; holds the names of the elements that each piece is in.
    """
    said = False
    for piece in _PIECE.finditer(html):
        yield piece, said
        tag, name = piece.groups()
        if tag == "</":
            open_.pop()
            if name in _BLOCKS and name not in _ENTERED and _ENTERED.issuperset(open_):
                said = name not in _HEADINGS
        elif tag and name not in VOID:
            open_.append(name)
            said = said and name not in _ENTERED
        elif name == "hr":
            said = False
        else:
            said = said or name == "img" or not (name or piece[0].isspace())
