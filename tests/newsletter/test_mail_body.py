"""Articles' content as mail programs can show it."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article
from publisher.markup.plaintext import to_line
from publisher.markup.sanitise import clean
from publisher.newsletter.body import mail_body
from publisher.newsletter.pictures import Picture, Pictures
from publisher.newsletter.words import words
from publisher.templating import bundled

ENGLISH = words("en", bundled())


def _body(content: str, language: str = "en") -> str:
    article = Article(title="Page", url="https://notes.example/page/", content=content, language=language)
    return mail_body(article, lambda url: Pictures().of(url, article), ENGLISH)


@pytest.mark.parametrize(
    ("content", "body"),
    [
        (" ", ""),
        ("<p>a</p>", '<p class="p">a</p>'),
        ('<p id="x" style="p" class="p q" onclick="x()">a</p>', '<p class="p">a</p>'),
        ('<a href="/b?c&amp;d">a</a>', '<a href="https://notes.example/b?c&amp;d" class="link">a</a>'),
        ('<a href="javascript:x()">a</a>', "a"),
        ('<a href="/empty"></a>b', "b"),
        ('<a href="/i"><img src="/i.png" alt="i"></a>', None),
        ("<h1>a</h1><h2>b</h2><h6>c</h6>", '<h3 class="h3">a</h3><h4 class="h4">b</h4><h6 class="h4">c</h6>'),
        ("<h4>a</h4>", '<h3 class="h3">a</h3>'),
        ("<script>a</script><style>b</style><form>c</form>d", "d"),
        ("<blink>a</blink>", "a"),
        ("<section><p>a</p></section>", '<div><p class="p">a</p></div>'),
        (
            "<blockquote><p>a</p><p>b</p></blockquote>",
            '<blockquote class="quote quote-ltr"><p class="p">a</p><p class="p last">b</p></blockquote>',
        ),
        ("<pre><code class='language-x'>a\n b</code></pre>", '<pre class="pre"><code>a\n b</code></pre>'),
        ("<code>a</code>", '<code class="code">a</code>'),
        (
            "<table><tr><th>a</th></tr><tr><th>b</th><td>c</td></tr></table>d",
            (
                '<div class="wide" tabindex="0"><table class="table"><tr><th scope="col" class="th ltr">a</th></tr>'
                '<tr><th scope="row" class="th ltr">b</th><td class="td">c</td></tr></table></div>d'
            ),
        ),
        (
            '<table><tr><th align="right">a</th></tr><tr><td align="center">b</td></tr></table>',
            (
                '<div class="wide" tabindex="0"><table class="table"><tr><th align="right" scope="col" class="th right">a</th>'
                '</tr><tr><td align="center" class="td center">b</td></tr></table></div>'
            ),
        ),
        (
            "<figure><img src='a.png' alt='A\nmap'><figcaption>b</figcaption></figure>",
            (
                '<div class="figure pictured">'
                '<img src="https://notes.example/page/a.png" alt="A map" width="536" class="picture natural">'
                '<p class="caption">b</p></div>'
            ),
        ),
        (
            "<video src='v.mp4'>none</video>",
            '<a href="https://notes.example/page/v.mp4" class="link">Watch the video</a>',
        ),
        (
            "<audio><source src='a.mp3'></audio>!",
            '<a href="https://notes.example/page/a.mp3" class="link">Listen to the recording</a>!',
        ),
        (
            "<video src='v.mp4' poster='p.jpg' width='320' height='180'></video>",
            (
                '<a href="https://notes.example/page/v.mp4" class="link"><img src="https://notes.example/page/p.jpg" alt="" '
                'width="320" height="180" class="picture"><br>Watch the video</a>'
            ),
        ),
        ("<video></video>a", "a"),
        ("<video poster='p.jpg'></video>a", "a"),
        (
            "<ul><li>☑ a</li><li><p>☐ b</p></li></ul>",
            '<ul class="tasks"><li class="item">☑ a</li><li class="item"><p class="p last">☐ b</p></li></ul>',
        ),
        (
            "<ol><li>a<ul><li>b</li></ul></li></ol>",
            (
                '<ol class="list list-ltr"><li class="item">a<ul class="list list-ltr last"><li class="item">b</li></ul>'
                "</li></ol>"
            ),
        ),
        (
            "<abbr title='Estimated'>a</abbr><abbr>b</abbr><bdi>c</bdi>",
            '<span title="Estimated">a</span>b<span dir="auto">c</span>',
        ),
        ("a<wbr>b <ruby>川<rt>かわ</rt></ruby>", "a\u200bb 川(かわ)"),
        ("<ruby>川<rp>[</rp><rt>かわ</rt><rp>]</rp></ruby>", "川[かわ]"),
        ("&lt;b&gt; ]]&gt; \x07", "&lt;b&gt; ]]&gt;"),
    ],
)
def test_what_mail_programs_know_is_kept_and_the_rest_said_otherwise(content: str, body: str | None) -> None:
    written = _body(content.replace("'", '"'))
    assert written == body if body is not None else 'class="link"><img' in written


@pytest.mark.parametrize(
    ("attributes", "written"),
    [
        ("", 'width="536" class="picture natural"'),
        ('width="120"', 'width="120" class="picture"'),
        ('width="120px" height="60"', 'width="120" height="60" class="picture"'),
        ('width="4000"', 'width="536" class="picture"'),
        ('width="4000" height="2000"', 'width="536" height="268" class="picture"'),
        ('width="50%"', 'width="536" class="picture natural"'),
        ('width="0" height="9"', 'width="536" class="picture natural"'),
    ],
)
def test_every_picture_has_a_width_in_pixels(attributes: str, written: str) -> None:
    body = _body(f'<img src="/a.png" alt="" srcset="/b.png 2x" {attributes}>')
    assert body == f'<img src="https://notes.example/a.png" alt="" {written}>'


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ("", 'width="400" height="300"'),
        ('width="200"', 'width="200" height="150"'),
        ('width="800" height="9"', 'width="400" height="300"'),
    ],
)
def test_a_picture_that_was_measured_keeps_its_shape(attributes: str, size: str) -> None:
    article = Article(title="Page", url="https://notes.example/", content=f'<img src="a.png" alt="A" {attributes}>')
    body = mail_body(article, lambda _: Picture("cid:a@notes.example", 400, 300), ENGLISH)
    assert body == f'<img src="cid:a@notes.example" alt="A" {size} class="picture">'


def test_a_picture_that_is_a_link_never_goes_without_words() -> None:
    body = _body('<p><a href="/b"><img src="/a.png" alt=""></a> <a href="/b"><img src="/a.png" alt=""> b</a></p>')
    assert 'alt="Picture"' in body
    assert body.count('alt=""') == 1


def test_what_is_around_a_picture_does_not_cut_it_off() -> None:
    """In Outlook for Windows, an exact height of lines holds for pictures in them, too."""
    assert _body('<p>a <b><img src="/a.png" alt="b"></b><img src="/c.png" alt="d"></p>').startswith(
        '<p class="p pictured">'
    )


@pytest.mark.parametrize("source", ["data:image/png;base64,AA", "cid:x", "", "ftp://a.example/b.png"])
def test_pictures_that_are_not_on_the_web_leave_their_words(source: str) -> None:
    assert _body(f'a <img src="{source}" alt="A map"><img src="{source}"> b') == "a [A map] b"


def test_the_still_of_a_player_may_be_left_out() -> None:
    video = Article(
        title="Page", url="", content='<video src="https://a.example/v.mp4" poster="https://a.example/p.jpg"></video>'
    )
    assert (
        mail_body(video, lambda _: None, ENGLISH)
        == '<a href="https://a.example/v.mp4" class="link">Watch the video</a>'
    )


def test_what_has_a_side_follows_the_text() -> None:
    quote = "<blockquote>a</blockquote>"
    assert _body(quote, "ar") == '<blockquote class="quote quote-rtl">a</blockquote>'
    assert _body(f'<div dir="rtl">{quote}</div>') == f'<div dir="rtl">{_body(quote, "he")}</div>'
    assert _body('<div dir="ltr"><ul><li>a</li></ul></div>', "ar").count("list-ltr") == 1
    assert _body("<p><code>a()</code></p>", "ar") == '<p class="p"><code class="code" dir="ltr">a()</code></p>'


def test_footnotes_are_read_without_links() -> None:
    body = _body(
        '<p>a<sup><a href="#n1">1</a></sup></p><div id="n1"><sup>1</sup><p>Note <a href="#r1">↩</a></p></div>'
        '<p><a href="#part">Part</a></p>'
    )
    assert body == (
        '<p class="p">a<sup class="raised">1</sup></p><div class="note"><p class="p"><sup class="raised">1</sup> Note </p></div>'
        '<p class="p"><a href="https://notes.example/page/#part" class="link">Part</a></p>'
    )


def test_footnotes_in_a_list_are_small_too() -> None:
    body = _body(
        '<p>a<sup id="r1"><a href="#fn1">1</a></sup></p><ol><li id="fn1"><p>Note <a href="#r1">↩</a></p></li></ol>'
    )
    assert '<li class="item note"><p class="p last">Note </p></li>' in body


@pytest.mark.parametrize(
    "html",
    [
        "<table><tr>{}</tr></table>|<th>a</th>",
        '<a href="/b">{}</a>|<img src="/a.png">',
        "<ul>{}</ul>|<li>☑ a</li>",
        '{}|<blockquote><a href="https://x.com/a/status/1">b</a></blockquote>',
        '<p><a href="#1">1</a></p>{}|<div id="1"><sup>1</sup><p>a</p></div>',
    ],
)
def test_work_grows_with_the_content(html: str, expect_linear: Callable[[Callable[[int], object], int], None]) -> None:
    around, _, part = html.partition("|")
    expect_linear(lambda size: _body(around.replace("{}", part * size)), 1000)


@given(st.text(alphabet=st.sampled_from("<>/pabuldivtrhimg=\" '&;x\u0000é")))
def test_the_words_of_clean_html_stay_the_same(html: str) -> None:
    content = clean(html)
    assert to_line(_body(content)) == to_line(content)
