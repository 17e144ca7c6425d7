"""What cleaning keeps, changes and drops."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.markup import balance, wellformed
from publisher.markup.balance import DEPTH, VOID
from publisher.markup.characters import legal
from publisher.markup.sanitise import clean

Grows = Callable[[Callable[[int], object], int], None]

_NAMES = (
    "a b i em p div span ul ol li dl dt dd table tbody tr td th caption pre code h1 h2 img br hr iframe svg math script"
    " style select textarea title template details summary ruby rt rp video source input form main button font nobr"
    " object embed center body html head frameset plaintext xmp noscript foreignObject annotation-xml mi col colgroup"
).split()
_ATTRIBUTES = (
    "",
    " href=x",
    ' href="javascript:alert(1)"',
    " href=&#1;java&#x81;script&colon;alert(1)",
    " src='a.png'",
    " src=data:text/html,x",
    ' id="1"',
    " class=language-a",
    ' title="<b>"',
    " onerror=alert(1)",
    " type=checkbox",
    ' style="x"',
)
_TAGS = st.builds(
    "<{}{}{}{}>".format,
    st.sampled_from(("", "/")),
    st.sampled_from(_NAMES),
    st.sampled_from(_ATTRIBUTES),
    st.sampled_from(("", "/", " /")),
)
_SCRAPS = tuple("\n| |<|>|&|&lt;|&#1;|&#x81;|\x01|<!--|-->|<![CDATA[|]]>|<!x|'|\"|</|=".split("|"))
_SOUP = st.lists(st.one_of(_TAGS, st.sampled_from(_SCRAPS), st.text(max_size=3)), max_size=40).map("".join)


class Seen(HTMLParser):
    """Collects the elements and attributes of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update((key, value or "") for key, value in attrs)


@given(_SOUP)
@example("<pre>\n\n\nx")
@example("<a><table><a>x")
@example("<table><div>x<tr><td><a><p>")
def test_cleaning_twice_is_cleaning_once(html: str) -> None:
    once = clean(html)
    assert clean(once) == once
    assert legal(once) == once


@given(_SOUP)
def test_nothing_active_survives(html: str) -> None:
    seen = Seen(clean(html))
    assert not seen.names & {
        "script",
        "style",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "form",
        "input",
        "base",
        "link",
    }
    assert not any(key.startswith("on") or key in ("style", "target", "rel") for key, _ in seen.attributes)
    links = [value for key, value in seen.attributes if key in ("href", "src", "cite", "poster")]
    assert not any(
        re.match(r"\s*(javascript|data|vbscript):", re.sub(r"[\x00-\x20]", "", link), re.IGNORECASE) for link in links
    )


@pytest.mark.parametrize(
    "html",
    [
        '<h2>a</h2><p>b <em>c</em><br>d</p><hr><blockquote cite="https://notes.example/"><p>e</p></blockquote>',
        '<ol start="3"><li value="4">a</li></ol><dl><dt>a</dt><dd>b</dd></dl>',
        '<table><caption>a</caption><thead><tr><th scope="col" colspan="2">b</th></tr></thead><tbody><tr><td align="right" rowspan="2">c</td></tr></tbody></table>',
        '<figure><picture><source srcset="a.webp 2x" type="image/webp"><img src="a.png" alt="b" width="20" height="10"></picture><figcaption>c</figcaption></figure>',
        '<video src="a.mp4" controls="" poster="a.png" width="1" height="1"></video><audio src="/a.mp3" controls=""></audio>',
        '<details open=""><summary>a</summary>b</details>',
        '<p lang="ar" dir="rtl" id="fn-1">مرحبا <time datetime="2026-01-31">a</time> <abbr title="b">c</abbr></p>',
        '<pre><code class="language-python">a ]]&gt; &lt;b&gt;\n</code></pre>',
        "<p><del>a</del><ins>b</ins><sup>c</sup><sub>d</sub><mark>e</mark><kbd>f</kbd><samp>g</samp><var>h</var><q>i</q></p>",
        "<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>",
        '<a href="mailto:a@notes.example" title="b">c</a><a href="tel:+49">d</a><a href="/e?f=1&amp;copy=2#g">h</a>',
    ],
)
def test_what_an_article_is_made_of_stays(html: str) -> None:
    assert clean(html) == html


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p style="a" onclick="b" class="c" data-d="e">f</p>', "<p>f</p>"),
        ("a<script>b</script><style>c</style><!-- d -->e", "ae"),
        ('<a href="javascript:b" rel="nofollow" target="_blank">a</a>', "<a>a</a>"),
        ('<blockquote cite="javascript:b">a</blockquote>', "<blockquote>a</blockquote>"),
        ('<img src="a.png" srcset="a.png 1x, data:image/png;base64,b 2x">', '<img src="a.png">'),
        ('<code class="hl language-c x">a</code>', '<code class="language-c">a</code>'),
        (
            '<table><tr><th align=" CENTER">a</th></tr></table>',
            '<table><tbody><tr><th align="center">a</th></tr></tbody></table>',
        ),
        (
            '<td align="justify">a</td><table align="right"><tr align="right"><td align="char">b</table>',
            "a<table><tbody><tr><td>b</td></tr></tbody></table>",
        ),
        ("<center>a</center><main>b</main>", "<div>a</div><div>b</div>"),
        ("<tt>a</tt><strike>b</strike><font>c</font>", "<code>a</code><s>b</s>c"),
        ("<svg><title>a</title><svg/><svg></svg></svg>b", "b"),
        ("<textarea><p>a</textarea>b", "b"),
        ("<math><mi>x</mi></math>", "x"),
        ("a&#0;b&#xFFFE;c&#31;d", "a\ufffdbcd"),
    ],
)
def test_what_acts_or_looks_is_dropped(html: str, expected: object) -> None:
    assert clean(html) == expected


@pytest.mark.parametrize("code", ["&#1;", "&#x81;", "\x01", "&#127;", "&Tab;", "&NewLine;", "&#xd800;"])
def test_no_illegal_character_hides_a_scheme(code: str) -> None:
    assert "javascript:" not in clean(f'<a href="java{code}script:alert(1)">a</a>')


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            '<iframe src="https://v.example/a?b=1&amp;c=2" title="A < B"></iframe>',
            '<p><a href="https://v.example/a?b=1&amp;c=2">A &lt; B</a></p>',
        ),
        (
            "<p>a<iframe src=//v.example/b></iframe>c",
            '<p>a</p><p><a href="https://v.example/b">https://v.example/b</a></p>c',
        ),
        ("<iframe src=https://v.example/ />a", '<p><a href="https://v.example/">https://v.example/</a></p>a'),
        (
            '<object data="https://v.example/a.pdf">b</object>',
            '<p><a href="https://v.example/a.pdf">https://v.example/a.pdf</a></p>b',
        ),
        ("<embed src=https://v.example/>", '<p><a href="https://v.example/">https://v.example/</a></p>'),
        ("<iframe src=javascript:a></iframe>b", "b"),
        ("<iframe></iframe>b", "b"),
    ],
)
def test_an_embedded_page_becomes_a_link(html: str, expected: object) -> None:
    assert clean(html) == expected


def test_check_boxes_become_characters() -> None:
    html = '<ul><li><input disabled="" type="checkbox"/>\na</li><li><input type=checkbox checked>b</li></ul><input value="c">'
    assert clean(html) == "<ul><li>☐ \na</li><li>☑ b</li></ul>"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<img src="a.gif" width="1" height="1">', ""),
        ("<img src=a.gif width=0 height=1px alt=b>", ""),
        ("<img src=a.gif width=1 height=20>", '<img src="a.gif" width="1" height="20">'),
        ('<img src="data:image/gif;base64,a" alt="b &lt; c">', "b &lt; c"),
        ("<img alt=b>", "b"),
    ],
)
def test_tracking_pixels_vanish_and_pictures_without_address_leave_their_words(html: str, expected: object) -> None:
    assert clean(html) == expected


def test_of_what_nests_too_deeply_the_text_is_kept() -> None:
    cleaned = clean("<div>" * 300 + "a<p>b</p>" + "</div>" * 300 + "c")
    assert cleaned.count("<div>") == cleaned.count("</div>") == DEPTH
    assert re.sub("<[^>]*>", "", cleaned).split() == ["a", "b", "c"]


def depth(html: str) -> int:
    """Return how deep the deepest element is."""
    deepest = now = 0
    for slash, name in re.findall("<(/?)([a-z0-9]+)", html):
        if name not in VOID:
            now += -1 if slash else 1
            deepest = max(deepest, now)
    return deepest


@given(_SOUP, st.integers(1, 6))
@example("<table><td>" * 3, 5)
@example("<ruby><rt><b><ruby>a</rt>b", 3)
def test_any_nesting_ends_at_the_limit(html: str, limit: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(balance, "DEPTH", limit)
        patch.setattr(wellformed, "DEPTH", limit)
        once = clean(html)
        assert clean(once) == once
    assert depth(once) <= limit


def test_deep_tables_lose_their_cells_and_no_word() -> None:
    cleaned = clean("<table><td>a " * 200)
    assert depth(cleaned) <= DEPTH
    assert re.sub("<[^>]*>", "", cleaned).split() == ["a"] * 200
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<b id=1><p>",
        "<b><div></b>",
        "<span><div></span>",
        "<svg>",
        "<li>x",
        "<!--",
        "<img '",
        "</b>",
        "<a b=c>",
        "<span></b>",
        "<table><td>",
        "<p>a</p>",
    ],
)
def test_hostile_tags_cost_no_more_than_others(piece: str, expect_linear: Grows) -> None:
    expect_linear(lambda count: clean(piece * count), 10_000)  # all of it above the size of ordinary posts


@pytest.mark.parametrize("piece", ["&", "&amp;", "&copy;abcdefghabcdefgh", "\xa0", "é&", "a&amp;b "])
def test_hostile_text_costs_no_more_than_other(piece: str, expect_linear: Grows) -> None:
    """A million `&` took the sanitiser six seconds, half a megabyte of `&copy;` between words nineteen."""
    assert len(clean(piece * 20_000)) >= 20_000
    expect_linear(lambda count: clean(piece * count), 50_000)


def test_text_in_one_piece_would_cost_more(monkeypatch: pytest.MonkeyPatch, expect_linear: Grows) -> None:
    monkeypatch.setattr(balance, "_LONGEST_TEXT", 1 << 30)
    with pytest.raises(AssertionError):
        expect_linear(lambda count: clean("\xa0" * count), 40_000)


@pytest.mark.parametrize("tag", ['<a href="{}">', "<a title={}>", "<img src=a alt='{}'>", "<img src=data:{} alt=b>"])
def test_hostile_values_cost_no_more_than_others(tag: str, expect_linear: Grows) -> None:
    assert len(clean(tag.format("&amp;" * 100_000))) < 100
    expect_linear(lambda count: clean(tag.format("&amp;\xa0" * count)), 50_000)
