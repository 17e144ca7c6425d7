"""The posts that every contender gets: made from a seed, so the same ones on each machine and in each run."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

#: The clock of every contender that has one.
AS_OF = datetime(2026, 11, 22, 8, tzinfo=UTC)
BETWEEN_POSTS = timedelta(hours=4)
SITE = "https://notes.example/"
TITLE = "Field Notes"
AUTHORS = ("Ada Example", "Ben Sample", "Chloé Specimen")
WORDS = """
    about above across after again along always among anchor answer around autumn beach because before bench between
    beyond birch board border bottle bread breeze bridge bright bring brook build canal candle careful carry cattle chalk
    change cheese church circle clear clock cloud coast copper corner cotton count cousin cover crane creek crowd current
    daily dance dawn dozen draw drift early earth east engine evening every farmer ferry field first floor flour follow
    forest garden gate gather gentle glass grain granite green ground harbour harvest heavy hedge hill hold horse hour
    inland island journal keep kettle ladder lake lamp large later leave ledger letter light linen listen little lively
    long loose lower maple margin market meadow measure metal middle mill minute mist morning mountain narrow nearly neat
    never north notice ocean often older open orchard other outside oven paper path pebble pencil people pepper picture
    plain plank plant pocket point pond porch pottery quarry quiet rain reach ready reed remember rest ridge river road
    roof rope rough round rye sail salt sand season second seldom shade sharp shed sheep shelf shore short signal silver
    since slate slow small smoke snow soft south spring square stable station steady steam steep stone storm straw stream
    street strong sugar summer supper table tall tea thick thread through tide timber tower town track trade train travel
    trout turn twelve under until upper valley village visit voyage wagon walk wall warm watch water weather west wheat
    wheel where while white wide willow wind window winter wood wool work yard year yellow café naïve façade
""".split()
TAGS = tuple(
    """
    almanac angling archives baking barley bees birds boats botany brewing bridges butterflies canals carpentry charts
    cider coastline commons cooking dialect dyeing farming ferries fossils geology grafting hedgerows herbs history
    journeys kites lighthouses maps masonry meteorology mills moorland music orchards pottery railways recipes rivers
    sailing seasons spinning tides trees walking weaving
    """.split()
)


@dataclass(frozen=True, slots=True)
class Post:
    """What one post says, before it is spelled as one of the contenders wants it."""

    #: File name without its suffix, and the last part of its address.
    slug: str
    title: str
    published: datetime
    tags: tuple[str, ...]
    author: str
    #: Absent in two posts of three.
    summary: str | None
    #: Markdown, about 600 words.
    body: str


def posts(count: int) -> Iterator[Post]:
    """Give posts, oldest first; the newest is a few hours old at `AS_OF`."""
    chance = random.Random(20261122)  # noqa: S311 - nothing here is secret
    for number in range(count):
        title = _phrase(chance, 3, 7)
        yield Post(
            slug=f"note-{number:05}",
            title=title,
            published=AS_OF - BETWEEN_POSTS * (count - number),
            tags=tuple(sorted(chance.sample(TAGS, chance.choice((2, 3))))),
            author=chance.choice(AUTHORS),
            summary=_sentence(chance) if number % 3 == 0 else None,
            body="\n\n".join(_blocks(chance)) + "\n",
        )


def _phrase(chance: random.Random, least: int, most: int) -> str:
    return " ".join(chance.choices(WORDS, k=chance.randint(least, most))).capitalize()


def _sentence(chance: random.Random) -> str:
    words = chance.choices(WORDS, k=chance.randint(8, 18))
    words[0] = words[0].capitalize()
    words[4] += ","
    return " ".join(words) + "."


def _paragraph(chance: random.Random) -> str:
    """Give four sentences with the marks that people use within a line."""
    one, two, three, four = (_sentence(chance) for _ in range(4))
    link = f"[{_phrase(chance, 2, 3).lower()}](https://www.example/{chance.choice(WORDS)}/?page={chance.randint(1, 99)}&view=all)"
    return (
        f"{one} *{_phrase(chance, 2, 4)}* & {link} – {two}\n"
        f"“{three}” **{_phrase(chance, 1, 3)}** in `{chance.choice(WORDS)}_{chance.choice(WORDS)}`. {four}"
    )


def _blocks(chance: random.Random) -> Iterator[str]:
    """Give an opening and three sections: prose, a list, a quotation or a program in each."""
    yield _paragraph(chance)
    for section in range(3):
        yield f"## {_phrase(chance, 2, 5)}"
        yield _paragraph(chance)
        mark = "1." if section == 1 else "-"
        yield "\n".join(f"{mark} {_phrase(chance, 6, 12)}" for _ in range(5))
        yield (
            f"![{_phrase(chance, 2, 4)}](/images/{section}.jpg)"
            if section == 2
            else f"> {_sentence(chance)}\n> {_sentence(chance)}"
        )
        if section == 0:
            yield "\n".join(
                [
                    "```python",
                    *(f"{word} = {word[::-1]!r} if 1 < 2 else None" for word in chance.sample(WORDS, 5)),
                    "```",
                ]
            )
    yield f"{_paragraph(chance)} See [the other page](../{chance.choice(WORDS)}/)."
