"""Limits that hold before an article's content is parsed for a mail: parsers of HTML give up without a word.

libxml2 and premailer lose what is nested too deeply, and take their time over what is too long. An article beyond a
limit is shown by its summary; its neighbours never notice.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from html import unescape

from publisher.article import Article
from publisher.errors import Problem, Severity
from publisher.markup.sanitise import clean
from publisher.newsletter.wording import excerpt, one_line, shortened

#: Bytes of an article's content, in UTF-8.
LONGEST_CONTENT = 512 * 1024
#: Elements within each other. From 255 on, parsers lose the rest of the mail.
DEEPEST = 100
#: Elements in an article.
MOST_ELEMENTS = 20_000
#: Characters of an article's address; mail programs and browsers follow no longer ones.
LONGEST_ADDRESS = 2000

#: Characters of the content that an excerpt is taken from.
_BEGINNING = 20_000
_TAGS = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)")
_ANY_TAG = re.compile(r"<[^<>]*>?")
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


def within_limits(articles: Iterable[Article]) -> tuple[tuple[Article, ...], tuple[Problem, ...]]:
    """Return all articles, those beyond a limit without what is beyond it, and a note on each of these."""
    kept, problems = [], []
    for given in articles:
        # Whoever made the article, its tags stay within it: cleaning what is clean costs little and changes nothing.
        article = given
        if not (beyond := _beyond(given.content)):
            article = replace(given, content=clean(given.content))
        else:
            article = replace(given, content="", summary=given.summary or _excerpt(given.content))
            told = f"the content of {_name(given)} {beyond}, so mails show its summary"
            problems.append(_note(given, told, "divide the article, or simplify its HTML"))
        if len(given.url) > LONGEST_ADDRESS:
            article = replace(article, url="")
            told = f"the address of {_name(given)} has {len(given.url):,} characters, so mails do not link to it"
            problems.append(_note(given, told, f"give it a url of at most {LONGEST_ADDRESS:,}"))
        kept.append(article)
    return tuple(kept), tuple(problems)


def _name(article: Article) -> str:
    return repr(shortened(one_line(article.title), 80))


def _note(article: Article, told: str, cure: str) -> Problem:
    place = article.path or article.id or shortened(article.url, 80)
    return Problem(place, told, cure, article.line, Severity.NOTE)


def _beyond(content: str) -> str:
    """Say which limit the content passes; empty where it passes none."""
    # A character takes at most four bytes, so most articles need no counting.
    size = len(content) if len(content) * 4 <= LONGEST_CONTENT else len(content.encode("utf-8", "surrogatepass"))
    if size > LONGEST_CONTENT:
        return f"has {size:,} bytes, more than the {LONGEST_CONTENT:,} that fit"
    elements, deepest = _elements(content)
    if elements > MOST_ELEMENTS:
        return f"has {elements:,} elements, more than the {MOST_ELEMENTS:,} that fit"
    return f"is nested {deepest:,} deep, deeper than {DEEPEST}" if deepest > DEEPEST else ""


def _elements(content: str) -> tuple[int, int]:
    """Count the elements of sanitised HTML, in which all are closed, and how deep they are nested."""
    elements = depth = deepest = 0
    for closing, name in _TAGS.findall(content):
        if closing:
            depth -= 1
            continue
        elements += 1
        if name.lower() not in _VOID:
            depth += 1
            deepest = max(deepest, depth)
    return elements, deepest


def _excerpt(content: str) -> str:
    return excerpt(unescape(_ANY_TAG.sub(" ", content[:_BEGINNING])))
