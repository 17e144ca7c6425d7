"""From broken rules to findings: whose article, how often, in which words, and which the publication does not want."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from publisher.check.clients import rules as client_rules
from publisher.check.finding import Finding
from publisher.check.mail.rules import RULES
from publisher.check.rule import Rule
from publisher.errors import Problem

#: Of one rule in one article, so many are told by themselves; the last of them counts the others.
_EACH = 3
#: More broken rules than these help nobody, and looking for them takes time.
_ENOUGH = 10_000


@dataclass(frozen=True, slots=True)
class MailHit:
    """One broken rule of a mail, before it is told in words."""

    rule: str
    #: What broke it; goes into the rule's message.
    what: str = ""
    #: Line in the file, from 1; 0 where it is unknown.
    line: int = 0
    #: Number of the article in the mail, from 1; 0 for what stands around the articles.
    article: int = 0
    #: Names of the mail programs that it concerns; empty where it concerns all.
    clients: tuple[str, ...] = ()
    #: How the rule reads, for rules that are not in the table.
    words: Rule | None = None


def told(hits: Iterable[MailHit], path: str, titles: Mapping[int, str] = {}, *, lines: bool = True) -> list[Finding]:
    """Put hits into words.

    Args:
        hits: what was found in one file.
        path: its name.
        titles: titles of the articles by their numbers in the mail.
        lines: whether the hits' lines are lines of that file.

    Returns:
        The findings in their order. Where an article breaks a rule often, the first few and a count of the others.
    """
    groups: dict[tuple[str, int], list[MailHit]] = {}
    for number, hit in enumerate(hits):
        groups.setdefault((hit.rule, hit.article), []).append(hit)
        if number >= _ENOUGH:
            break
    return [
        _finding(hit if lines else replace(hit, line=0), path, titles, more)
        for group in groups.values()
        for hit, more in _first(group)
    ]


def _first(group: list[MailHit]) -> Iterator[tuple[MailHit, int]]:
    for number, hit in enumerate(group[:_EACH], start=1):
        yield hit, len(group) - _EACH if number == _EACH else 0


def _finding(hit: MailHit, path: str, titles: Mapping[int, str], more: int) -> Finding:
    rule = hit.words or RULES[hit.rule]
    message = rule.message.format(hit.what) + (f", and {more} more like it" if more > 0 else "")
    article = titles.get(hit.article, f"article {hit.article}") if hit.article else ""
    return Finding(hit.rule, Problem(path, message, rule.cure, hit.line, rule.severity), article, hit.clients)


def without(findings: Iterable[Finding], ignored: Collection[str]) -> list[Finding]:
    """Return the findings whose rules the publication wants to hear of."""
    return [finding for finding in findings if finding.rule not in ignored]


def known_rules() -> Collection[str]:
    """Return the names of all rules of mails: those that `[check] ignore` may hold."""
    return RULES.keys() | client_rules()
