"""The formats of feeds: how their files end, and what servers call them."""

from publisher.config.kinds import Format

#: How the file of a format ends.
SUFFIXES: dict[Format, str] = {"atom": ".atom.xml", "rss": ".rss.xml", "json": ".json"}
#: Media type of a format.
MEDIA_TYPES: dict[Format, str] = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}
