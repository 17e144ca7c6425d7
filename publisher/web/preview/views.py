"""The ways to look at an issue or a feed."""

from dataclasses import dataclass
from typing import Literal

from publisher.web.preview.documents import Scheme


@dataclass(frozen=True, slots=True)
class View:
    """One frame of the page."""

    #: In addresses.
    name: str
    label: str
    #: Of the bundle or feed.
    file: str
    #: `page` shows HTML as browsers do, `text` a file line by line.
    kind: Literal["page", "text"] = "page"
    #: In pixels.
    width: int = 600
    scheme: Scheme = "light"
    images: bool = True
    #: Whether it is open from the beginning.
    open: bool = False


#: Of an issue. Mail programs show the column 600 pixels wide, the most common phones 375 or a little more.
ISSUE_VIEWS = (
    View("desktop", "Desktop", "issue.html", open=True),
    View("phone", "Phone", "issue.html", width=375, open=True),
    View("dark", "Dark", "issue.html", scheme="dark"),
    View("phone-dark", "Dark phone", "issue.html", width=375, scheme="dark"),
    View("no-images", "Images off", "issue.html", images=False),
    View("text", "Text", "issue.txt", "text", 640),
    View("web", "Web page", "web.html", width=720),
    View("source", "HTML source", "issue.html", "text", 800),
    View("mail", "Message", "issue.eml", "text", 720),
)
#: Of a feed; those of formats that it is not written in are left out.
FEED_VIEWS = (
    View("page", "Page", "html", width=760, open=True),
    View("page-dark", "Dark", "html", width=760, scheme="dark"),
    View("page-phone", "Phone", "html", width=375),
    View("atom", "Atom", "atom.xml", "text", 800, open=True),
    View("rss", "RSS", "rss.xml", "text", 800),
    View("json", "JSON", "json", "text", 800),
    View("page-source", "Page source", "html", "text", 800),
)
