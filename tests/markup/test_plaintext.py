"""HTML as plain text."""

import re
from collections import Counter
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
        letters(re.sub(r"^\[\d+\] \S+$|\[A map\]|\[A|map\]", "", to_text(html), flags=re.MULTILINE)),
    )
    # Row by row, the heads of a table are said again, and before what stands beside them.
    assert line == text if "<th>" not in html else Counter(line) <= Counter(text)


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
        (
            "<p>x</p><pre><code>if a:\n\n\n    b &lt; c\n</code></pre><p>y</p>",
            "x\n\n    if a:\n\n\n        b < c\n\ny\n",
        ),
        ("<pre> </pre>", ""),
        ("<ul><li><pre>a\n  b</pre></li></ul>", "-     a\n        b\n"),
        ("<pre><pre>a</pre>b</pre>", "    ab\n"),
        ("<table><tr><th>A</th><th>B</th></tr><tr><td><p>1</p></td><td>2</td></tr></table>", "A  B\n-  -\n1  2\n"),
        ("<table><tr><td>a<pre>b\n c</pre></td><td>d</td></tr></table>", "a\n\n    b\n     c\n\nd\n"),
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
        ('<pre>see <a href="https://a.example/">a</a></pre>', "    see a\n\n[1] https://a.example/\n"),
        (
            '<table><tr><td><a href="https://a.example/">A</a></td><td>b</td></tr></table>',
            "A [1]  b\n\n[1] https://a.example/\n",
        ),
    ],
)
def test_links_are_numbered_and_listed(html: str, text: str) -> None:
    assert to_text(html) == text


def test_wide_characters_take_two_columns_and_closing_signs_start_no_line() -> None:
    assert to_text("日本語日本語。日本", width=12) == "日本語日本\n語。日本\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("日本語「日本」日本", ["日本語", "「日本」", "日本"]),
        ("日本語人々っ子", ["日本語", "人々っ子"]),
        ("全文（ABC）です", ["全文", "（ABC）", "です"]),
        ("日本, 日本. 日本", ["日本, 日", "本. 日本"]),
        ("한국어 신문은 매일", ["한국어", "신문은", "매일"]),
    ],
)
def test_lines_break_as_east_asian_readers_expect(text: str, lines: list[str]) -> None:
    assert wrap(text, 8) == lines


def test_brackets_and_small_signs_never_stand_at_the_wrong_end() -> None:
    text = "「水位」（すいい）は、川の水面の高さ。ちょっと、きょうの「水位」は？" * 20
    lines = wrap(text, 20)
    assert "".join(lines) == text
    assert all(line[0] not in "、。」）？ょっ" and line[-1] not in "「（" for line in lines)
    # Cut without these rules, lines would start with such signs.
    assert any(text[at] in "、。」）？ょっ" for at in range(0, len(text), 10))


def test_blanks_at_which_no_line_breaks_stay() -> None:
    assert wrap("Les sources\u00a0: «\u202fles\u202f\u202fautres\u202f»", 14) == [
        "Les sources\u00a0:",
        "«\u202fles\u202fautres\u202f»",
    ]
    assert to_text("<p>a&nbsp;</p><p>&nbsp;</p><p>b &nbsp; c</p>") == "a\n\nb c\n"


def test_signs_of_a_typist_do_not_start_a_line() -> None:
    assert wrap("une eau ! Quoi ? « Non » ; oui", 9) == ["une eau !", "Quoi ?", "« Non » ;", "oui"]
    assert wrap("; a", 9) == ["; a"]
    assert wrap(f"https://notes.example/ ! https://notes.example/{'漢' * 9} ;", 22)[:2] == [
        "https://notes.example/",
        "!",
    ]


def test_the_number_of_a_link_stays_beside_its_words() -> None:
    html = '<p>one two <a href="https://a.example/">three</a> and <a href="https://b.example/">四五 </a>six</p>'
    assert to_text(html, 14).split("\n\n")[0] == "one two\nthree [1] and\n四五 [2] six"
    assert to_text('<p>日本語日本<a href="https://a.example/">語日本語</a>日</p>', 14).split("\n")[:2] == [
        "日本語日本語日",
        "本語 [1]日",
    ]


def test_an_address_stays_whole_and_its_bracket_beside_it() -> None:
    address = f"https://notes.example/{'a' * 30}"
    assert to_text(f"例例例例例({address})例", width=12) == f"例例例例例\n({address})\n例\n"


_RIVERS = (
    "<table><caption>Rivers</caption><thead><tr><th>River</th><th>Length in km</th><th>Mouth</th></tr></thead>"
    "<tbody><tr><th>Elbe</th><td>1,094</td><td>Cuxhaven</td></tr><tr><td>淀川</td><td>75</td><td>大阪</td></tr></tbody></table>"
)


def test_a_table_that_fits_stands_in_columns() -> None:
    assert to_text(_RIVERS).split("\n") == [
        "Rivers",
        "",
        "River  Length in km  Mouth",
        "-----  ------------  --------",
        "Elbe          1,094  Cuxhaven",
        "淀川             75  大阪",
        "",
    ]


def test_a_wide_table_is_told_row_by_row() -> None:
    assert to_text(_RIVERS, 24).split("\n") == [
        "Rivers",
        "",
        "- River: Elbe",
        "  Length in km: 1,094",
        "  Mouth: Cuxhaven",
        "- River: 淀川",
        "  Length in km: 75",
        "  Mouth: 大阪",
        "",
    ]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<tr><th>Height</th><td>3 m</td></tr>", "Height  3 m\n"),
        (f"<tr><th>Height</th><td>{'high ' * 5}</td></tr>", "Height: high high high\n  high high\n"),
        (f"<tr><td>{'high ' * 3}</td><td>low low low</td></tr>", "high high high | low\n  low low\n"),
        ("<tr><td>only</td></tr><tr><td>one column</td></tr>", "only\none column\n"),
        ("<tr><td colspan=2>all</td></tr><tr><td>a</td><td>b</td></tr>", "all\na  b\n"),
        ("<tr><th>A</th><th>B</th></tr>", "A  B\n"),
        ("<tr><td></td></tr>", ""),
        (
            (
                "<tr><th>Day</th><th>Speaker</th></tr><tr><td rowspan=2>Mon</td><td>Ada Example of Leipzig</td></tr>"
                "<tr><td>Ben Example</td></tr>"
            ),
            "- Day: Mon\n  Speaker: Ada Example\n    of Leipzig\n- Day: Mon\n  Speaker: Ben Example\n",
        ),
        (
            (
                "<tr><th>A</th><th>Filled by nobody ever</th><th></th></tr><tr><td>1</td><td></td><td>2</td></tr>"
                "<tr><td>3</td><td></td><td>4</td></tr>"
            ),
            "- A: 1\n  Filled by nobody\n    ever:\n  2\n- A: 3\n  4\n",
        ),
        ("stray<tr>text<td>a</td></tr>", "stray text a\n"),
        ("<tr><td colspan=999999999 rowspan=999999999>a</td><td>b</td></tr>", "a | b\n"),
        ("<tr><td>a</td><td>b<br>c</td></tr>", "a  b c\n"),
        (f"<tr>{'<td>a</td>' * 13}</tr>", "a | a | a | a | a | a\n  | a | a | a | a | a |\n  a | a\n"),
    ],
)
def test_tables_of_all_kinds_can_be_read(html: str, text: str) -> None:
    assert to_text(f"<table>{html}</table>", 24) == text


def test_a_table_around_other_blocks_is_no_table() -> None:
    html = "<table><tr><td><ul><li>a</li></ul></td><td><table><tr><th>b</th><td>c</td></tr></table></td></tr></table>"
    assert to_text(html) == "- a\n\nb  c\n"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ruby>漢字<rt>かんじ</rt></ruby>", "漢字(かんじ)\n"),
        ("<ruby>漢字<rp>（</rp><rt>かんじ</rt><rp>）</rp></ruby>", "漢字（かんじ）\n"),
        ("<ruby>漢字<rt>(かんじ</rt>)</ruby>", "漢字(かんじ)\n"),
        ("<ul><li>☑ done</li><li> <b>☐ open</b></li><li>other</li></ul>", "☑ done\n☐ open\n- other\n"),
        ("She said <q>yes</q>.", "She said “yes”.\n"),
    ],
)
def test_what_a_browser_adds_is_written(html: str, text: str) -> None:
    assert to_text(html) == text


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


@pytest.mark.parametrize(
    "piece",
    [
        "<table>",
        "<table><tr><td>a</td></tr></table>",
        "<tr><td rowspan=9999 colspan=3>a</td></tr>",
        "<tr><td rowspan=9999>a</td><td>b</td></tr>",
        f"<tr><th>{'head ' * 9}</th><th>b</th></tr>",
        "<td>a</td>",
        "<caption>a</caption>",
        "<a href=https://a.example/>a",
        "<q>",
        "<ruby>a<rt>",
        "a&nbsp;",
        "「",
        "! ",
        "« ",
        "a ! ",
        "。",
        "漢、",
        "<li>",
    ],
)
def test_a_hostile_table_or_text_takes_time_by_length_alone(piece: str, expect_linear: Grows) -> None:
    expect_linear(lambda count: to_text(clean(f"<table><tr><th>x</th></tr>{piece * count}")), 1_500)
    expect_linear(lambda count: to_text(clean(piece * count)), 1_500)


def test_long_words_repeat_in_no_row() -> None:
    heads = f"<tr><th>{'head ' * 200}</th><th>b</th></tr><tr><td rowspan=2000>{'deep ' * 200}</td><td>c</td></tr>"
    html = f"<table>{heads}{'<tr><td>d</td></tr>' * 2000}</table>"
    assert len(to_text(html)) < len(html)
