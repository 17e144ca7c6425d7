"""Findings are told with the place where the author sees them."""

from dataclasses import replace

from publisher.check import Finding
from publisher.errors import Problem, Severity
from publisher.web.preview.marks import Mark, marks

HTML = b"<h2>One</h2>\n<p>x</p>\n<!-- end of article 1 -->\n<p>y</p>\n<!-- end of article 2 -->\n<p>footer</p>\n"
FILES = {"issue.html": HTML, "issue.txt": b"One\nTwo\n"}
ARTICLES = (("One", "articles/one.md"), ("Two\nlines", "articles/two.md"))
NOTE = Problem("issues/weekly/2026-W47/issue.html", "a link leads nowhere", "remove it", 4, Severity.NOTE)


def told(*findings: Finding, problems: tuple[Problem, ...] = ()) -> list[Mark]:
    return list(marks(findings, problems, FILES, ARTICLES))


def test_a_finding_in_the_html_has_its_file_line_and_article() -> None:
    (mark,) = told(Finding("html.link.empty", NOTE))
    assert (mark.file, mark.line, mark.article) == ("issue.html", 4, 2)
    assert mark.place == "issues/weekly/2026-W47/issue.html:4"


def test_what_stands_behind_the_last_article_is_in_none() -> None:
    (mark,) = told(Finding("html.link.empty", replace(NOTE, line=6)))
    assert (mark.line, mark.article) == (6, 0)


def test_the_first_line_of_an_article_is_the_one_after_the_end_of_the_last() -> None:
    found = [told(Finding("x", replace(NOTE, line=line)))[0].article for line in (1, 3, 4, 5)]
    assert found == [1, 1, 2, 2]


def test_a_finding_in_another_file_keeps_its_line() -> None:
    (mark,) = told(Finding("text.line", replace(NOTE, path="issue.txt", line=2)))
    assert (mark.file, mark.line, mark.article) == ("issue.txt", 2, 0)


def test_a_problem_of_an_article_is_shown_at_its_headline() -> None:
    (mark,) = told(problems=(Problem("articles/two.md", "its picture is missing", "", 7, Severity.NOTE),))
    assert (mark.file, mark.line, mark.article, mark.place) == ("", 0, 2, "articles/two.md:7")


def test_a_finding_that_names_its_article_is_in_that_article() -> None:
    (mark,) = told(
        Finding("text.lost", replace(NOTE, path="issue.txt", line=0), article="Two lines", clients=("Gmail",))
    )
    assert (mark.file, mark.line, mark.article, mark.clients) == ("issue.txt", 0, 2, ("Gmail",))


def test_an_article_that_is_not_in_the_issue_has_no_place_there() -> None:
    (mark,) = told(problems=(Problem("articles/three.md", "has no title"),))
    assert (mark.article, mark.severity) == (0, "error")


def test_errors_come_first_and_nothing_is_told_twice() -> None:
    error = replace(NOTE, severity=Severity.ERROR, message="a script")
    found = told(Finding("a", NOTE), Finding("b", error), Finding("a", NOTE))
    assert [mark.message for mark in found] == ["a script", "a link leads nowhere"]
