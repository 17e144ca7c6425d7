"""Findings with the places where they show: which file, which line, which article of the issue."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from publisher.check import Finding
from publisher.errors import Problem, Severity
from publisher.markup.characters import line as one_line
from publisher.web.preview.documents import article_lines


@dataclass(frozen=True, slots=True)
class Mark:
    """One finding, as the page lists it."""

    #: `error` or `note`.
    severity: str
    #: Name of the rule; empty for what is wrong with an article's own file.
    rule: str
    message: str
    cure: str
    #: File, line and column, as commands say them.
    place: str
    #: Mail programs that it concerns; empty for all.
    clients: tuple[str, ...] = ()
    #: File of the issue or feed in which the line is; empty where it is in neither.
    file: str = ""
    #: From 1; 0 where the whole file is meant.
    line: int = 0
    #: Number of the article in the issue, from 1; 0 where it is about none.
    article: int = 0


def marks(
    findings: Iterable[Finding],
    problems: Iterable[Problem],
    files: Mapping[str, bytes],
    articles: Sequence[tuple[str, str]] = (),
) -> tuple[Mark, ...]:
    """Return everything that is wrong: errors first, then in the order of the issue.

    Args:
        findings: in the files.
        problems: of the publication's articles.
        files: of the issue or feed, by name.
        articles: title and file of each in the issue, in its order; the file is empty where nobody knows it.
    """
    ends = list(article_lines(files.get("issue.html", b"").decode(errors="replace")))
    numbers = {said: number for number, (title, path) in enumerate(articles, 1) for said in (one_line(title), path)}
    numbers.pop("", None)
    found = [_mark(finding, files, numbers, ends) for finding in findings]
    found += [_said(problem, article=numbers.get(problem.path, 0)) for problem in problems]
    return tuple(
        sorted(dict.fromkeys(found), key=lambda mark: (mark.severity != Severity.ERROR.value, mark.article, mark.line))
    )


def _mark(finding: Finding, files: Mapping[str, bytes], numbers: Mapping[str, int], ends: Sequence[int]) -> Mark:
    problem = finding.problem
    file = next((name for name in files if problem.path == name or problem.path.endswith(f"/{name}")), "")
    article = numbers.get(finding.article, 0)
    if not article and file == "issue.html" and problem.line:
        article = bisect_left(ends, problem.line) + 1
        article = article if article <= len(ends) else 0  # the footer
    return _said(problem, finding.rule, finding.clients, file, article=article)


def _said(problem: Problem, rule: str = "", clients: tuple[str, ...] = (), file: str = "", *, article: int) -> Mark:
    place = ":".join(str(part) for part in (problem.path, problem.line, problem.column) if part)
    line = problem.line if file else 0
    return Mark(problem.severity.value, rule, problem.message, problem.cure, place, clients, file, line, article)
