"""What articles embed and mails cannot play or load: players and posts of other sites, known by the links left of them.

The sanitiser turns an embedded frame into a paragraph that holds nothing but a link; posts of social networks come as
quotes that end with a link to the post, to be drawn by a script that no mail runs.
"""

import re
from dataclasses import dataclass

from lxml import etree


@dataclass(frozen=True, slots=True)
class Player:
    """A video or a recording on another site."""

    #: Address of the page that plays it.
    url: str
    #: Key of the words for it: `watch_video` or `listen`.
    words: str
    #: A still of the video, where its address is known without asking; else empty.
    still: str = ""
    #: The still's size in pixels.
    width: int = 0
    height: int = 0


#: Address of the frame; what it is; address of the page, where it differs.
_FRAMES = (
    (r"(?:www\.)?youtube(?:-nocookie)?\.com/embed/(?!videoseries)([\w-]{11})", "watch_video", "www.youtube.com/watch?v={}"),
    (r"(?:www\.)?youtube(?:-nocookie)?\.com/embed/videoseries\?list=([\w-]+)", "watch_video", "www.youtube.com/playlist?list={}"),
    (r"player\.vimeo\.com/video/(\d+)\?(?:.*&)?h=([0-9a-f]+)", "watch_video", "vimeo.com/{}/{}"),
    (r"player\.vimeo\.com/video/(\d+)", "watch_video", "vimeo.com/{}"),
    (r"(?:www|geo)\.dailymotion\.com/embed/video/(\w+)", "watch_video", "www.dailymotion.com/video/{}"),
    (r"(?:www\.)?archive\.org/embed/([\w.-]+)", "watch_video", "archive.org/details/{}"),
    # PeerTube runs on hosts of any name.
    (r"([\w.-]+)/videos/embed/([\w-]{20,40})", "watch_video", "{}/videos/watch/{}"),
    (r"open\.spotify\.com/embed/(episode|show|track|album|playlist)/(\w+)", "listen", "open.spotify.com/{}/{}"),
    (r"(w\.soundcloud\.com/player/.*)", "listen", "{}"),
)  # fmt: skip
_PLAYERS = tuple(
    (re.compile(rf"https?://{frame}(?:[/?&#].*)?", re.ASCII), words, page) for frame, words, page in _FRAMES
)
_YOUTUBE = "https://www.youtube.com/watch?v="
#: Of the stills that every video there has, the largest.
_YOUTUBE_STILL, _YOUTUBE_WIDTH, _YOUTUBE_HEIGHT = "https://i.ytimg.com/vi/{}/hqdefault.jpg", 480, 360

_POST = re.compile(
    r"https?://(?:(?:mobile\.)?(?:twitter|x)\.com/\w+/status/\d+"
    r"|bsky\.app/profile/[^/]+/post/\w+"
    r"|(?:www\.)?instagram\.com/(?:p|reel|tv)/[\w-]+"
    r"|(?:www\.)?threads\.(?:net|com)/@?[\w.]+/post/[\w-]+"
    r"|(?:www\.)?tiktok\.com/@[\w.-]+/video/\d+"
    r"|(?:www\.)?facebook\.com/[^/]+/(?:posts|videos)/\w+"
    r"|(?:www\.)?linkedin\.com/(?:posts|feed/update)/[\w:%-]+"
    r"|(?:www\.)?reddit\.com/r/\w+/comments/\w+"
    # Mastodon runs on hosts of any name.
    r"|[\w.-]+/@[\w.@-]+/\d{6,})(?:[/?#].*)?",
    re.ASCII,
)


def player(url: str) -> Player | None:
    """Return what an embedded frame plays; None where that is not known."""
    for pattern, words, page in _PLAYERS:
        if found := pattern.fullmatch(url):
            address = f"https://{page.format(*found.groups())}"
            if address.startswith(_YOUTUBE):
                still = _YOUTUBE_STILL.format(found[1])
                return Player(address, words, still, _YOUTUBE_WIDTH, _YOUTUBE_HEIGHT)
            return Player(address, words)
    return None


def only_link(paragraph: etree._Element) -> etree._Element | None:
    """Return the link that is all a paragraph holds, as the sanitiser leaves it of an embedded frame."""
    if len(paragraph) != 1 or paragraph[0].tag != "a" or len(paragraph[0]):
        return None
    around = f"{paragraph.text or ''}{paragraph[0].tail or ''}"
    return None if around.strip() else paragraph[0]


def is_post(quote: etree._Element) -> bool:
    """Say whether a quote is a post of a social network: its last words are a link to the post there."""
    link = next(iter(quote.xpath("(.//a)[last()]")), None)
    if link is None or not _POST.fullmatch(link.get("href") or ""):
        return False
    after = link
    while after is not quote:
        if (after.tail or "").strip() or after.getnext() is not None:
            return False
        after = after.getparent()
    return True
