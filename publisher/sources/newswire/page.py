"""The blocks of a news text as HTML. The text is plain: whatever looks like markup stays the characters it is."""

from collections.abc import Iterable
from html import escape

from publisher.sources.newswire.blocks import Block, Heading, Listing
from publisher.sources.newswire.posts import Post, Signature
from publisher.sources.newswire.shapes import links


def html(blocks: Iterable[Block]) -> str:
    """Return the HTML of the blocks, each on lines of its own."""
    return "".join(f"{_block(block)}\n" for block in blocks)


def _block(block: Block) -> str:
    if isinstance(block, Post):
        return _post(block)
    if isinstance(block, Listing):
        tag = "ol" if block.ordered else "ul"
        return "\n".join([f"<{tag}>", *(f"<li>{_linked(item)}</li>" for item in block.items), f"</{tag}>"])
    tag = "h2" if isinstance(block, Heading) else "p"
    return f"<{tag}>{_linked(block.line)}</{tag}>"


def _post(post: Post) -> str:
    cite = f' cite="{escape(post.url)}"' if post.url else ""
    words = "<br>".join(map(_linked, post.lines))
    return f"<blockquote{cite}>\n<p>{words}</p>\n<p>{_signature(post.signature, post.url)}</p>\n</blockquote>"


def _signature(signature: Signature, url: str) -> str:
    when = escape(signature.when, quote=False)
    if signature.posted:
        when = f'<time datetime="{signature.posted.isoformat()}">{when}</time>'
    author = f"<cite>{escape(signature.author, quote=False)}</cite>"
    if not url:
        return f"— {author}, {when}" if when else f"— {author}"
    return f'— {author}, <a href="{escape(url)}">{when}</a>' if when else f'— <a href="{escape(url)}">{author}</a>'


def _linked(text: str) -> str:
    """Escape a text and make its addresses links."""
    pieces, end = [], 0
    for link in links(text):
        words = escape(text[link.start : link.end], quote=False)
        pieces += [escape(text[end : link.start], quote=False), f'<a href="{escape(link.url)}">{words}</a>']
        end = link.end
    return "".join([*pieces, escape(text[end:], quote=False)])
