"""HTML as plain text."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from publisher.markup.plaintext import columns, to_line, to_text, wrap
from publisher.markup.sanitise import clean

Grows = Callable[[Callable[[int], object], int], None]

_TAGS = "p div ul ol li blockquote table tr td th a b sup h1 h3 dl dt dd figure code details summary span".split()
_WORDS = st.sampled_from(
    [
        "word ",
        "日本語、",
        "a" * 100,
        f"https://notes.example/{'b' * 90}",
        " \n ",
        "&amp;",
        "&nbsp;",
        "e\u0301",
        "👩‍👩‍👧",
        "&lt;p&gt;",
        "\u200b",
        "<br>",
        "<hr>",
        '<img src="/a.png" alt="A map">',
    ]
)
_ATTRIBUTES = {"a": ' href="https://notes.example/a"', "ol": ' start="9"', "li": ' value="x"'}


def _element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda tag, parts: f"<{tag}{_ATTRIBUTES.get(tag, '')}>{''.join(parts)}</{tag}>",
        st.sampled_from(_TAGS),
        st.lists(inner, max_size=3),
    )


_HTML = st.lists(st.recursive(_WORDS, _element, max_leaves=12), max_size=4).map("".join)


@given(_HTML, st.integers(20, 80))
def test_only_addresses_are_wider_than_the_page(html: str, width: int) -> None:
    for line in to_text(html, width).splitlines():
        assert columns(line) <= width or "https://" in line


@given(_HTML)
def test_blank_lines_stand_alone_and_only_inside(html: str) -> None:
    text = to_text(html)
    assert "\n\n\n" not in text
    assert text == "" or (text.strip("\n") + "\n" == text)


@given(st.text())
def test_any_text_can_be_read(html: str) -> None:
    to_text(html)
    assert to_line(html) == " ".join(to_line(html).split())


@given(_HTML)
def test_every_word_of_the_line_is_in_the_text(html: str) -> None:
    def letters(text: str) -> str:
        return "".join(character for character in text if character.isalpha())

    line, text = (
        letters(to_line(html)),
        letters(re.sub(r"\[\d+\] \S+$|\[A map\]|\[A|map\]", "", to_text(html), flags=re.MULTILINE)),
    )
    assert line == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("<p> </p>", ""),
        ("plain", "plain\n"),
        ("<p>One &amp; <b>two</b>\n three</p><p>Four</p>", "One & two three\n\nFour\n"),
        ("<h1>Top</h1><h2>日本</h2><p>x</p>", "Top\n===\n\n日本\n----\n\nx\n"),
        ("<h2></h2><p>x</p>", "x\n"),
        ("a<br>b<br><br>c", "a\nb\n\nc\n"),
        ("<p>a</p><hr><p>b</p>", "a\n\n* * *\n\nb\n"),
        ("<ul><li>a</li><li></li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c\n"),
        ("<ul><li><p>a</p><p>b</p></li><li><p>c</p></li></ul>", "- a\n\n  b\n\n- c\n"),
        ('<ol start="9"><li>a</li><li>b<p>c</p></li><li value="3">d</li></ol>', "9. a\n10. b\n\n    c\n\n3. d\n"),
        ('<ol start="x"><li>a</li></ol>', "1. a\n"),
        ("<li>alone</li>", "- alone\n"),
        ("<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc\n"),
        ("<blockquote><ul><li>a</li></ul></blockquote>", "> - a\n"),
        ("<p>x</p><pre><code>if a:\n\n\n    b &lt; c\n</code></pre><p>y</p>", "x\n\nif a:\n\n\n    b < c\n\ny\n"),
        ("<pre> </pre>", ""),
        ("<ul><li><pre>a\n  b</pre></li></ul>", "- a\n    b\n"),
        ("<pre><pre>a</pre>b</pre>", "ab\n"),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td><p>1</p></td><td>2</td></tr></table>", "A | B\n1 | 2\n"),
        ("<table><tr><td>a<pre>b\n c</pre></td></tr></table>", "a\n\nb\n c\n"),
        ("<dl><dt>a</dt><dd>b</dd></dl>", "a\n    b\n"),
        ('<p><img src="a.png" alt="A map"><img src="b.png"></p>', "[A map]\n"),
        ("x<sup>2</sup> and 4<sup>th</sup>", "x^2 and 4th\n"),
        ("soft\u00adhyphen<!-- gone --> here<script>gone</script><style>gone</style>!", "softhyphen here!\n"),
    ],
)
def test_blocks_are_laid_out(html: str, text: str) -> None:
    assert to_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            '<a href="https://a.example/">A</a>, <a href="https://b.example/">B</a>, <a href="https://a.example/">C</a>',
            "A [1], B [2], C [1]\n\n[1] https://a.example/\n[2] https://b.example/\n",
        ),
        ('<a href="https://a.example/">https://a.example/</a>', "https://a.example/\n"),
        ('<a href="mailto:ada@notes.example">ada@notes.example</a>', "ada@notes.example\n"),
        ('<a href="#top">Top</a><a href="https://a.example/"></a>', "Top\n"),
        ('<a href="https://a.example/"><p>Block</p></a>', "Block\n\n[1]\n\n[1] https://a.example/\n"),
        ('<a href="https://a.example/"><img src="x"></a>', "[1]\n\n[1] https://a.example/\n"),
        ('<pre>see <a href="https://a.example/">a</a></pre>', "see a\n\n[1] https://a.example/\n"),
    ],
)
def test_links_are_numbered_and_listed(html: str, text: str) -> None:
    assert to_text(html) == text


def test_wide_characters_take_two_columns_and_closing_signs_start_no_line() -> None:
    assert to_text("日本語日本語。日本", width=12) == "日本語日本\n語。日本\n"


def test_an_address_stays_whole_and_its_bracket_beside_it() -> None:
    address = f"https://notes.example/{'a' * 30}"
    assert to_text(f"例例例例例({address})例", width=12) == f"例例例例例\n({address})\n例\n"


def test_joined_characters_are_not_parted() -> None:
    assert to_text("👩‍👩‍👧" * 3, width=4) == "👩‍👩‍👧\n" * 3


def test_deep_lists_stop_moving_to_the_right() -> None:
    text = to_text("<ul><li>" * 90 + "deep" + "</li></ul>" * 90)
    assert text.endswith("deep\n")
    assert columns(text.splitlines()[-1]) <= 72


def test_wrapped_lines_hang() -> None:
    assert wrap("one two three", 9, first="1. ") == ["1. one", "   two", "   three"]
    assert wrap("one two", 6, first="> ", rest="> ") == ["> one", "> two"]
    assert wrap("   ") == []


def test_blocks_become_blanks_on_one_line() -> None:
    assert to_line("<p>One<br>two</p><ul><li>three</li></ul><img alt='x'>fo<b>ur</b>") == "One two three four"


@given(
    st.lists(st.one_of(_HTML, st.sampled_from(["<p title='\"<b>&quot;'>", "&amp;lt;b&gt;", "&nbsp;&copy;"]))).map(
        "".join
    )
)
def test_the_line_has_the_words_a_parser_finds(html: str) -> None:
    cleaned = clean(html)
    tree = etree.fromstring(f"<html><body>{cleaned}</body></html>".encode(), etree.HTMLParser(encoding="utf-8"))
    found = "".join(map(str, tree.itertext())).replace("\u200b", "")
    assert "".join(to_line(cleaned).split()) == "".join(found.split())


@pytest.mark.parametrize("piece", ["<", "<a ", '<a b="', '<a b="c"', "&", "</"])
def test_reading_a_line_takes_time_by_length_alone(piece: str, expect_linear: Grows) -> None:
    assert len(to_line(piece * 1_000)) <= 1_000 * len(piece)
    expect_linear(lambda count: to_line(piece * count), 25_000)


@pytest.mark.parametrize("word", ["[", "(", "x", "a**b", "e\u0301", "\u0301", "漢", "http:/", "a\u200d", "https://a"])
def test_endless_words_cost_no_more_than_others(word: str, expect_linear: Grows) -> None:
    """Fifty thousand brackets took twenty seconds, as many accents a minute and a half."""
    expect_linear(lambda count: to_text(f"<p>{word * count}</p>"), 10_000)
