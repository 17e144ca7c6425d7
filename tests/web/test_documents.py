"""What frames are given is what readers get, but for what the browser must be told."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.web.preview import documents
from publisher.web.preview.documents import article_lines, html_document

STYLE = "<style>:root { color-scheme: light dark } @media (prefers-color-scheme: dark) { p { color: #ffffff } }</style>"
ISSUE = (
    '<h2 class="headline"><a href="https://notes.example/1/">One</a></h2>\n<!-- end of article 1 -->\n'
    '<h2 class="big headline">Two</h2>\n<h2 class="headline">Within</h2>\n<!-- end of article 2 -->\n'
)


def test_a_dark_frame_applies_what_is_said_for_the_dark_and_a_light_one_does_not() -> None:
    assert "@media (min-width: 0) { p" in html_document(STYLE, "dark")
    assert "@media (max-width: 0) { p" in html_document(STYLE, "light")
    assert ":root { color-scheme: dark}" in html_document(STYLE, "dark")
    assert html_document(STYLE, "reader") == STYLE


def test_colours_that_are_said_for_the_light_are_seen_there_alone() -> None:
    page = '<meta name="color-scheme" content="light dark"><link media="(prefers-color-scheme:light)">'
    assert html_document(page, "light") == page.replace("light dark", "light").replace(
        "(prefers-color-scheme:light)", "(min-width: 0)"
    )
    assert 'content="dark"' in html_document(page, "dark")


def test_what_an_article_says_about_media_queries_stays_as_it_is() -> None:
    said = (
        "<p>Write @media (prefers-color-scheme: dark) and color-scheme: light;</p><!-- (prefers-color-scheme: dark) -->"
    )
    assert html_document(said, "dark") == said


def test_links_elsewhere_open_a_page_of_their_own_and_links_within_stay() -> None:
    shown = html_document('<a href="https://notes.example/">A</a><a class="x" href="#article-1">B</a>', "light")
    assert shown.count('target="_blank" rel="noopener noreferrer"') == 1
    assert '<a class="x" href="#article-1">' in shown


def test_a_link_that_says_where_it_opens_opens_elsewhere_all_the_same() -> None:
    shown = html_document('<a target="_top" href=" https://notes.example/">A</a>', "light")
    assert shown.index("_blank") < shown.index("_top")  # of two attributes of one name browsers take the first


def test_headlines_say_the_number_of_their_article() -> None:
    shown = html_document(ISSUE, "light")
    assert '<h2 data-article="1" class="headline">' in shown
    assert '<h2 data-article="2" class="big headline">Two' in shown
    assert shown.count("data-article") == 2


def test_pages_that_do_not_say_where_articles_end_count_their_headlines() -> None:
    shown = html_document(
        ISSUE.replace("<!-- end of article 1 -->", "").replace("<!-- end of article 2 -->", ""), "light"
    )
    assert [f'data-article="{number}"' in shown for number in (1, 2, 3, 4)] == [True, True, True, False]


def test_tags_on_wanted_lines_say_their_line() -> None:
    page = "<p>\n<img alt='a > b'><a\nhref='#x'>\n<b>"
    shown = html_document(page, "light", {2})
    assert shown == "<p>\n<img data-line=\"2\" alt='a > b'><a data-line=\"2\"\nhref='#x'>\n<b>"


def test_each_article_ends_on_its_line() -> None:
    assert list(article_lines(ISSUE)) == [2, 5]


@given(st.text(alphabet="<>!-/ab\"'= \nstyle"), st.sets(st.integers(1, 5)))
def test_what_is_added_is_all_that_changes(page: str, lines: set[int]) -> None:
    shown = html_document(page, "reader", lines)
    for line in lines:
        shown = shown.replace(f' data-line="{line}"', "")
    assert shown.replace(' target="_blank" rel="noopener noreferrer"', "") == page


def test_long_pages_take_time_in_proportion(expect_linear: Callable[[Callable[[int], object], int], None]) -> None:
    def work(size: int) -> None:
        assert len(html_document("<p title='x'>\n" * size, "light", {size})) > size

    expect_linear(work, 20_000)


def test_tags_within_comments_for_outlook_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    outlook = '<!--[if mso]><a href="https://notes.example/">x</a><![endif]-->'
    assert html_document(outlook, "light") == outlook
    blind = documents._TOKEN.pattern.replace("<!--", "<!==")
    monkeypatch.setattr(documents, "_TOKEN", re.compile(blind, re.DOTALL | re.IGNORECASE))
    assert html_document(outlook, "light") != outlook
