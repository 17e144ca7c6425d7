"""From the articles of an issue to its pictures: which file, which form, which note."""

from collections.abc import Iterable
from pathlib import Path

from publisher.article import Article
from publisher.config.newsletter import NewsletterSettings
from publisher.config.settings import Settings
from publisher.newsletter.pictures.fitting import Fitting, Use
from publisher.newsletter.pictures.mentions import Mention, in_mail, mentions
from publisher.newsletter.pictures.model import IN_ITS_PLACE, PARTLY, UNSHOWN, Picture, Pictures, Size, shown_size
from publisher.newsletter.pictures.notes import Notes
from publisher.sources.media import find, media_candidates
from publisher.sources.mediatypes import guessed


def prepare(
    articles: Iterable[Article], folder: Path, settings: Settings, newsletter: NewsletterSettings, images_url: str = ""
) -> Pictures:
    """Make the pictures of an issue fit for mail programs; the rules are those of this package's docstring.

    Args:
        articles: of the issue, in its order.
        folder: the publication's; nothing outside it is opened.
        settings: the publication's.
        newsletter: decides which pictures the mail shows, and whether they are linked or attached.
        images_url: address at which the bundle's `images/` will be found, ending in a slash; empty where nowhere.

    Returns:
        The pictures. The same arguments and files give the same bytes, with the same version of Pillow.
    """
    preparing = _Preparing(folder, settings, newsletter, images_url)
    for number, article in enumerate(articles):
        for mention in mentions(article):
            preparing.add(article, mention, mailed=in_mail(mention, number, newsletter))
    return preparing.pictures()


class _Preparing:
    """Takes one picture after the other, and remembers what has been made of those before."""

    def __init__(self, folder: Path, settings: Settings, newsletter: NewsletterSettings, images_url: str) -> None:
        self._folder = folder
        self._site_url = settings.publication.url
        self._attaches = newsletter.images == "attach"
        self._notes = Notes(folder)
        self._fitting = Fitting(settings.host, images_url, self._notes, attaches=self._attaches)
        self._in_mail: dict[tuple[str, str], Picture | None] = {}
        self._on_page: dict[tuple[str, str], Picture] = {}
        self._fitted: dict[tuple[Path, str, Size], tuple[Picture | None, Picture]] = {}

    def pictures(self) -> Pictures:
        """Return all that was made so far."""
        attached = tuple(self._fitting.attached.values())
        return Pictures(self._in_mail, self._on_page, self._fitting.files, attached, tuple(self._notes))

    def add(self, article: Article, mention: Mention, *, mailed: bool) -> None:
        """Find a picture and decide how it is shown.

        Args:
            article: shows it.
            mention: where it does.
            mailed: whether the mail may show it; where not, it is only measured, for the web page.
        """
        measured, looked = find(media_candidates(mention.url, article, self._folder, self._site_url), self._folder)
        key = (article.url, mention.url)
        natural = (measured.width, measured.height) if measured else mention.said
        self._on_page[key] = Picture(mention.url, *shown_size(natural, mention.asked))
        if not mailed:
            return
        if not mention.described:
            cure = "say what it shows" if mention.lead else 'say what it shows, or write alt="" where it is decoration'
            self._notes.add(article, mention, "has no alt text", cure)
        if measured is None:
            self._in_mail[key] = self._elsewhere(article, mention)
            return
        path = looked[-1]
        case = (path, mention.url, mention.asked)
        if case not in self._fitted:
            use = Use(article, mention, path, measured.type or guessed(path.name), self._on_page[key])
            self._fitted[case] = self._fitting.fit(use)
        self._in_mail[key], self._on_page[key] = self._fitted[case]

    def _elsewhere(self, article: Article, mention: Mention) -> Picture | None:
        """Return a picture that is not in the publication's folder."""
        media_type = guessed(mention.url)
        if mention.url.startswith(self._site_url):
            what = "lies neither beside the article nor in the site's folder, and is linked all the same"
            self._notes.add(article, mention, what, "correct its name, or put the file there")
        elif self._attaches and media_type not in UNSHOWN:
            what = "is not in the publication's folder; it is loaded from the web and not attached"
            self._notes.add(article, mention, what, "put a copy into the folder and link to that")
        if media_type in UNSHOWN:
            self._notes.add(article, mention, f"is {UNSHOWN[media_type]} do not show", IN_ITS_PLACE)
            return None
        if media_type in PARTLY:
            self._notes.add(article, mention, f"is {PARTLY[media_type]} does not show", "use JPEG, PNG or GIF")
        return Picture(mention.url, *shown_size(mention.said, mention.asked))
