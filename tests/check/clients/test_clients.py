"""What is told of a mail's HTML: one finding a feature, with the mail programs that do not show it."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree

from publisher import Publication
from publisher.check.clients import ClientHit, UnknownClient, degradations, hits, known_clients, rules
from publisher.errors import Severity

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs" / "clients.md"
_NOW = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)


def parsed(html: str | bytes) -> etree._Element:
    data = html if isinstance(html, bytes) else html.encode()
    return etree.fromstring(data, etree.HTMLParser(encoding="utf-8", huge_tree=True))


def mail(body: str, css: str = "") -> etree._Element:
    return parsed(f"<!DOCTYPE html>\n<html lang=en>\n<head><style>{css}</style></head>\n<body>{body}</body></html>")


def only(found: list[ClientHit], rule: str) -> ClientHit:
    """Give the finding of a rule, of which there has to be one."""
    (hit,) = [one for one in found if one.rule == rule]
    return hit


# ---------------------------------------------------------------- findings in words


@pytest.mark.parametrize(
    ("body", "css", "expected"),
    [
        (
            "<div style='display: flex'>a</div>",
            "",
            (
                "error client.css-display-flex:4: display: flex does not work in Outlook (Windows): "
                "the parts stand below each other; lay it out with a table"
            ),
        ),
        (
            "<img src='https://notes.example/a.svg' alt=a>",
            "",
            (
                "error client.image-svg:4: a picture of the format SVG does not work in Gmail (web) and Gmail (mobile web): "
                "the picture stays empty; use a PNG, JPEG or GIF"
            ),
        ),
        (
            "<img src='data:image/png;base64,AAAA' alt=a>",
            "",
            (
                "error client.image-base64:4: a picture in a data: address does not work in Gmail: "
                "the picture stays empty; link to it with https, or attach it"
            ),
        ),
        (
            "<p style='color: rgb(0 0 0 / 50%)'>a</p><p style='color: rgb(0 0 0 / 50%)'>b</p>",
            "",
            (
                "error client.css-rgb.space:4: rgb() without commas (2 times) does not work in Gmail, Outlook (Windows) and "
                "Yahoo Mail: the colour is lost, in Gmail the whole style where it has no commas; write colours as #rrggbb"
            ),
        ),
        (
            "<p style='margin: 0 0 -4px'>a</p>",
            "",
            (
                "note client.css-margin.negative:4: a negative margin does not work in Gmail, Outlook and Yahoo Mail: "
                "the element is not moved; use none or positive margins"
            ),
        ),
        (
            "",
            "\n@media screen { @media (max-width: 480px) { .a { color: #000000 } } }",
            (
                "error client.css-at-media.nested:4: @media within another rule does not work in Gmail and Outlook: "
                "all rules of that style element are dropped; keep at-rules beside each other"
            ),
        ),
        (
            "<video src=a></video>",
            "",
            (
                "error client.html-video:4: <video> does not work in Gmail, Outlook (Android), Outlook (iOS), Outlook.com, "
                "Outlook (Windows) and Yahoo Mail: it cannot be played; link to it from a picture"
            ),
        ),
    ],
)
def test_a_finding_says_what_where_to_whom_and_what_to_do(body: str, css: str, expected: str) -> None:
    told = [f"{one.severity.value} {one.rule}:{one.line}: {one.message}; {one.cure}" for one in hits(mail(body, css))]
    assert [line for line in told if line.split(":")[0] == expected.split(":", maxsplit=1)[0]] == [expected]


def test_a_feature_is_told_once_with_its_first_place_and_its_count() -> None:
    root = mail("<p>a</p>\n<p id=first style='float: left'>b</p>\n" + "<p style='float: right'>c</p>\n" * 40)
    hit = only(list(hits(root)), "client.css-float")
    assert (hit.line, hit.count, hit.element.get("id"), hit.severity) == (5, 41, "first", Severity.NOTE)
    assert (hit.clients, hit.degree) == (("Outlook (Windows)",), "n")


def test_errors_come_first_and_each_rule_is_known() -> None:
    root = mail("<p style='float: left; position: absolute; margin: -1px'>a</p><svg></svg><marquee>b</marquee>")
    found = list(hits(root))
    assert [one.severity for one in found] == [Severity.ERROR] * 2 + [Severity.NOTE] * 3
    assert {one.rule for one in found} <= rules()


def test_only_the_chosen_mail_programs_are_asked() -> None:
    root = mail("<div style='display: flex'>a</div>")
    assert [one.clients for one in hits(root, ["outlook-windows"])] == [("Outlook (Windows)",)]
    assert list(hits(root, ["apple-mail", "gmail"])) == []


def test_an_unknown_mail_program_is_told() -> None:
    with pytest.raises(UnknownClient, match="did you mean thunderbird"):
        list(hits(mail("<p>a</p>"), ["tunderbird"]))


def test_a_plain_mail_has_no_findings_for_any_mail_program() -> None:
    assert list(hits(mail("<p style='color: #000000'>a</p>"), known_clients())) == []


def test_who_drops_kept_styles_is_not_reached_by_what_is_in_them() -> None:
    kept = only(list(hits(mail("<p>a</p>", ".a { position: absolute }"), ["gmail"])), "client.css-position")
    inline = only(list(hits(mail("<p style='position: absolute'>a</p>"), ["gmail"])), "client.css-position")
    single = list(hits(mail("<p style='color: #000000'>a</p>", ".a { position: absolute }"), ["gmail-mobile-web"]))
    assert kept.clients == inline.clients == ("Gmail",)
    assert single == []


def test_what_conditional_comments_keep_from_outlook_does_not_fail_there() -> None:
    flexible = "<div style='display: flex'>a</div>"
    assert list(hits(mail(f"<!--[if !mso]><!-->{flexible}<!--<![endif]-->"), ["outlook"])) == []
    assert [one.rule for one in hits(mail(flexible), ["outlook"])] == ["client.css-display-flex"]


def test_refinements_are_told_apart_and_as_notes() -> None:
    root = mail("<td style='border-radius: 4px'>a</td>", "@media (max-width: 480px) { .a { color: #000000 } }")
    assert list(hits(root)) == []
    found = list(degradations(root))
    assert {one.severity for one in found} == {Severity.NOTE}
    assert {"client.css-border-radius", "client.css-at-media"} <= {one.rule for one in found}
    assert {one.cure for one in found} == {""}


# ---------------------------------------------------------------- speed


@pytest.mark.parametrize(
    "piece",
    [
        "<p style='color: #{n:06x}; margin: 0 auto'>a</p>",
        "<div style='display: none'><picture><source>",
        "<style>.a{n} .b, .c:not(.d) > p { color: rgb(0 0 0) }</style>",
        "<a href='#b'>c</a><!--[if !mso]><!-->",
    ],
)
def test_work_grows_with_the_size_of_the_mail(
    piece: str, expect_linear: Callable[[Callable[[int], object], int], None]
) -> None:
    def work(size: int) -> object:
        return list(
            hits(mail("".join(piece.replace("{n}", str(n)).replace("{n:06x}", f"{n:06x}") for n in range(size))))
        )

    assert work(2)
    expect_linear(work, 400)


@pytest.mark.parametrize("piece", ["(", "a{", "@media{", "rgb(0 ", "a:{", ":not(", "a,", "/**/", "a:b;", "&{", "> "])
def test_work_grows_with_the_size_of_hostile_css(
    piece: str, expect_linear: Callable[[Callable[[int], object], int], None]
) -> None:
    def work(size: int) -> object:
        return list(degradations(mail(f"<p style='color: {piece * size}'>a</p>", f".a {piece * size}")))

    assert work(2)
    expect_linear(work, 3000)


# ---------------------------------------------------------------- the bundled templates


ARTICLE = """+++
title = "Article {number}"
summary = "One."
published = 2026-11-22T08:0{number}:00Z
highlights = ["First.", "Second."]
[[sources]]
text = "A source"
url = "https://notes.example/source/"
+++

Some `code`, **strong** and *slanted*, x<sup>2</sup> and [a link](https://notes.example/b/).[^1]

    x = 1

- one
- two

> Quoted.

| a | b |
|---|---|
| 1 | 2 |

<figure><img src="https://notes.example/a.png" alt="A" width="600" height="300"><figcaption>A</figcaption></figure>

## Part

---

<dl><dt>a</dt><dd>b</dd></dl>

[^1]: A footnote.
"""
NEWSLETTER = """
[publication]
title = "Field Notes"
url = "https://notes.example/"

[[newsletters]]
name = "weekly"
from = "Field Notes <letters@notes.example>"
list_id = "weekly.notes.example"
postal_address = "Field Notes, 1 Sample Street, Exampleton"
layout = "{layout}"
content = "{content}"
"""
LAYOUTS = [("digest", "summary"), ("digest", "full"), ("letter", "full"), ("list", "summary")]


@pytest.fixture
def issue(tmp_path: Path) -> Callable[[str, str], etree._Element]:
    """Make the HTML of an issue with the bundled templates."""

    def make(layout: str, content: str) -> etree._Element:
        (tmp_path / "articles").mkdir()
        for number in range(1 if layout == "letter" else 3):
            text = ARTICLE.replace("{number}", str(number))
            (tmp_path / "articles" / f"article-{number}.md").write_text(text, encoding="utf-8")
        settings = NEWSLETTER.replace("{layout}", layout).replace("{content}", content)
        (tmp_path / "publisher.toml").write_text(settings, encoding="utf-8")
        return parsed(Publication.load(tmp_path).preview("weekly", _NOW).files["issue.html"])

    return make


@pytest.mark.parametrize(("layout", "content"), LAYOUTS)
def test_what_the_bundled_templates_make_breaks_nowhere(
    layout: str, content: str, issue: Callable[[str, str], etree._Element]
) -> None:
    assert [hit.message for hit in hits(issue(layout, content))] == []


def test_the_news_of_this_project_break_nowhere(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "articles", tmp_path / "articles")
    for name in ("publisher.toml", "publisher.lock"):
        shutil.copy(ROOT / name, tmp_path / name)
    root = parsed(Publication.load(tmp_path).preview("news", _NOW).files["issue.html"])
    assert len(list(root.iter("h2"))) > 3
    assert [hit.message for hit in hits(root)] == []


@pytest.mark.parametrize(("layout", "content"), LAYOUTS)
def test_each_refinement_of_the_bundled_templates_is_listed_in_the_docs(
    layout: str, content: str, issue: Callable[[str, str], etree._Element]
) -> None:
    rows = {
        row.split("`")[1]: row for row in DOCS.read_text(encoding="utf-8").splitlines() if row.startswith("| `client.")
    }
    for hit in degradations(issue(layout, content)):
        assert hit.rule in rows
        assert [name for name in hit.clients if name not in rows[hit.rule]] == []


def test_a_template_that_breaks_would_be_noticed(issue: Callable[[str, str], etree._Element]) -> None:
    root = issue("digest", "full")
    next(root.iter("table")).set("style", "display: flex; color: oklch(0.4 0.1 250)")
    assert {"client.css-display-flex", "client.css-modern-color"} <= {one.rule for one in hits(root)}


def test_the_docs_name_every_mail_program_and_the_date_of_the_data() -> None:
    page = DOCS.read_text(encoding="utf-8")
    assert [name for name in known_clients() if f"`{name}`" not in page] == []
    assert "2026-05-13" in page
