"""Articles as Markdown files, for what is imported from elsewhere: reading such a file gives the same article."""

from collections.abc import Iterator, Mapping

from publisher.article import Article
from publisher.sources import markdown
from publisher.sources.base import Conventions, Document
from publisher.sources.writer import prose
from publisher.sources.writer.frontmatter import to_yaml

# Any name does: what a name may tell, its date and slug, is in the metadata.
_NAME = "article.md"


def to_markdown(article: Article, conventions: Conventions) -> str:
    """Return a Markdown file with YAML front matter whose reading, under the same conventions, gives an equal article.

    Prose is written as Markdown, block by block; a block that Markdown cannot express stays HTML.

    Args:
        article: its content sanitised; an HTML without line ends between its blocks is written as one line.
        conventions: under which the file will be read. The address is left to them where they make the same one.

    Raises:
        ValueError: no file would give this article: its content is not sanitised, its address not absolute, a text
            in it has line ends.
    """
    for text in _files(article):
        reading = markdown.read(Document(_NAME, _NAME, text), conventions)
        if reading.articles == (article,):
            return text
    raise ValueError(f"no Markdown file gives this article: {article.title}")


def _files(article: Article) -> Iterator[str]:
    """Yield files that may give the article, the handsomest first."""
    addresses: list[Mapping[str, object]] = [{"slug": article.slug, "url": article.url}]
    if article.slug:
        addresses.insert(0, {"slug": article.slug})
    for body in (prose.to_markdown(article.content) if article.content else "", prose.raw(article.content)):
        for address in addresses:
            yield f"---\n{to_yaml(article, address)}---\n\n{body}"
