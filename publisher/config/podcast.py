"""What makes a feed a podcast, in Apple's terms (https://podcasters.apple.com/support/823-podcast-requirements) and in
those of Podcasting 2.0 (https://podcastindex.org/namespace/1.0).
"""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator

from publisher.config.kinds import Line, Mailbox, Table, WebUrl, Words

_APPLE = """
Arts: Books, Design, Fashion & Beauty, Food, Performing Arts, Visual Arts
Business: Careers, Entrepreneurship, Investing, Management, Marketing, Non-Profit
Comedy: Comedy Interviews, Improv, Stand-Up
Education: Courses, How To, Language Learning, Self-Improvement
Fiction: Comedy Fiction, Drama, Science Fiction
Government
Health & Fitness: Alternative Health, Fitness, Medicine, Mental Health, Nutrition, Sexuality
History
Kids & Family: Education for Kids, Parenting, Pets & Animals, Stories for Kids
Leisure: Animation & Manga, Automotive, Aviation, Crafts, Games, Hobbies, Home & Garden, Video Games
Music: Music Commentary, Music History, Music Interviews
News: Business News, Daily News, Entertainment News, News Commentary, Politics, Sports News, Tech News
Religion & Spirituality: Buddhism, Christianity, Hinduism, Islam, Judaism, Religion, Spirituality
Science: Astronomy, Chemistry, Earth Sciences, Life Sciences, Mathematics, Natural Sciences, Nature, Physics, \
Social Sciences
Society & Culture: Documentary, Personal Journals, Philosophy, Places & Travel, Relationships
Sports: Baseball, Basketball, Cricket, Fantasy Sports, Football, Golf, Hockey, Rugby, Running, Soccer, Swimming, \
Tennis, Volleyball, Wilderness, Wrestling
Technology
True Crime
TV & Film: After Shows, Film History, Film Interviews, Film Reviews, TV Reviews
"""
#: Apple's categories with their subcategories (https://podcasters.apple.com/support/1691-apple-podcasts-categories).
CATEGORIES: Mapping[str, Sequence[str]] = {
    above: below.split(", ") if below else ()
    for above, _, below in (line.partition(": ") for line in _APPLE.strip().splitlines())
}
_WHOLE = [*CATEGORIES, *(f"{above} > {below}" for above, all_below in CATEGORIES.items() for below in all_below)]
_SPELLING = {name.casefold(): name for name in _WHOLE}
# A subcategory alone says which category it is in: no two share a name.
_SPELLING |= {name.partition(" > ")[2].casefold(): name for name in _WHOLE if " > " in name}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _category(value: str) -> str:
    """Return one of Apple's categories as Apple spells it: `Technology`, `Arts > Books`."""
    words = " > ".join(" ".join(part.split()) for part in value.split(">")).casefold()
    if words in _SPELLING:
        return _SPELLING[words]
    alike = get_close_matches(words, _SPELLING, n=1, cutoff=0.5)
    meant = _SPELLING[alike[0]] if alike else "Society & Culture > Documentary"
    raise ValueError(f"is no category of Apple's, such as {meant}")


def _address(value: str) -> str:
    if "<" in value:
        raise ValueError("is more than a mail address; write it without a name, such as ada@notes.example")
    return value


def _guid(value: str) -> str:
    if not _UUID.fullmatch(value.lower()):
        raise ValueError("is no UUID, such as 9b024349-ccf0-5f69-a609-6b82873eab3c")
    return value.lower()


def _cover(value: str) -> str:
    """Take what Apple takes; where the name does not say, the picture is believed."""
    if re.search(r"\.(?:avif|bmp|gif|heic|ico|svg|tiff?|webp)$", urlsplit(value).path, re.IGNORECASE):
        raise ValueError("is neither JPEG nor PNG; podcast directories take no other")
    return value


Category = Annotated[str, AfterValidator(_category)]
Address = Annotated[Mailbox, AfterValidator(_address)]
Guid = Annotated[str, AfterValidator(_guid)]
Cover = Annotated[WebUrl, AfterValidator(_cover)]


class OwnerSettings(Table):
    """Whom directories write to. It stands in the feed, for all to read."""

    name: Line = Field(description="The owner's name.")
    email: Address = Field(description="The owner's address, published in the feed.")


class FundingSettings(Table):
    """A way to support the show."""

    url: WebUrl = Field(description="Where readers can give.")
    text: Words = Field(description="What the link says.")


class PersonSettings(Table):
    """Somebody who is regularly in the show. An episode that names people of its own replaces them all."""

    name: Words = Field(description="Their name.")
    role: Line | None = Field(default=None, description="What they do, such as `guest`; a host where absent.")
    group: Line | None = Field(default=None, description="Such as `writing`; the cast where absent.")
    url: WebUrl | None = Field(default=None, description="A page about them.")
    image: WebUrl | None = Field(default=None, description="A picture of them.")


class PodcastSettings(Table):
    """What podcast directories ask of a show. Written into the feed's RSS file; see podcasts.md."""

    image: Cover = Field(description="The cover: JPEG or PNG, square, from 1400 to 3000 pixels a side.")
    categories: tuple[Category, ...] = Field(
        description="One or two of Apple's, the foremost first: `Technology`, `Arts > Books`.",
        min_length=1,
        max_length=2,
        strict=False,
    )
    author: Line | None = Field(default=None, description="Who makes it; the publication's author where absent.")
    owner: OwnerSettings | None = Field(
        default=None, description="Whom directories write to, to see that the show is yours; some ask for it."
    )
    explicit: bool = Field(default=False, description="Whether it is for adults only.")
    type: Literal["episodic", "serial"] = Field(
        default="episodic", description="Newest first, or to be heard from the beginning."
    )
    complete: bool = Field(default=False, description="Whether no further episode will ever come.")
    block: bool = Field(default=False, description="Whether directories shall leave it out.")
    new_feed_url: WebUrl | None = Field(default=None, description="Where the show has moved to, for applications.")
    guid: Guid | None = Field(
        default=None,
        description="The show's UUID for ever. Where absent it is made of the address of the RSS file: write it down here "
        "before that changes, or when the show comes from elsewhere.",
    )
    locked: bool | None = Field(default=None, description="Whether other hosts are to refuse to import the show.")
    medium: Literal["podcast", "music", "video", "film", "audiobook", "newsletter", "blog", "course"] = Field(
        default="podcast", description="What the episodes are."
    )
    funding: tuple[FundingSettings, ...] = Field(default=(), strict=False, description="Ways to support the show.")
    persons: tuple[PersonSettings, ...] = Field(
        default=(), strict=False, description="Who is regularly in it; a host is to be among them."
    )

    @field_validator("categories")
    @classmethod
    def _each_once(cls, categories: tuple[str, ...]) -> tuple[str, ...]:
        if len({*categories}) < len(categories):
            raise ValueError(f"names {categories[0]} twice; name another one, or this one alone")
        return categories
