"""Articles' content as mail programs can show it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.article import Article
from publisher.markup.plaintext import to_line
from publisher.markup.sanitise import clean
from publisher.newsletter.body import mail_body


def _body(content: str) -> str:
    return mail_body(Article(title="Page", url="https://notes.example/page/", content=content))


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
            '<blockquote class="quote"><p class="p">a</p><p class="p last">b</p></blockquote>',
        ),
        ("<pre><code class='language-x'>a\n b</code></pre>", '<pre class="pre"><code>a\n b</code></pre>'),
        ("<code>a</code>", '<code class="code">a</code>'),
        (
            "<table><tr><th>a</th></tr><tr><th>b</th><td>c</td></tr></table>d",
            (
                '<div class="wide"><table class="table"><tr><th class="th" scope="col">a</th></tr>'
                '<tr><th class="th" scope="row">b</th><td class="td">c</td></tr></table></div>d'
            ),
        ),
        (
            "<figure><img src='a.png' alt='A\nmap'><figcaption>b</figcaption></figure>",
            (
                '<div class="figure"><img src="https://notes.example/page/a.png" alt="A map" class="picture" width="536">'
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
        ("<video></video>a", "a"),
        ("&lt;b&gt; ]]&gt; \x07", "&lt;b&gt; ]]&gt;"),
    ],
)
def test_what_mail_programs_know_is_kept_and_the_rest_said_otherwise(content: str, body: str | None) -> None:
    written = _body(content.replace("'", '"'))
    assert written == body if body is not None else 'class="link"><img' in written


@pytest.mark.parametrize(
    ("attributes", "written"),
    [
        ("", 'class="picture" width="536"'),
        ('width="120"', 'width="120" class="sized"'),
        ('width="120px"', 'width="120" class="sized"'),
        ('width="4000"', 'width="536" class="sized"'),
        ('width="50%"', 'width="536" class="picture"'),
        ('width="0"', 'width="536" class="picture"'),
    ],
)
def test_every_picture_has_a_width_in_pixels(attributes: str, written: str) -> None:
    assert written in _body(f'<img src="/a.png" alt="" srcset="/b.png 2x" {attributes}>')


@pytest.mark.parametrize("source", ["data:image/png;base64,AA", "cid:x", "", "ftp://a.example/b.png"])
def test_pictures_that_are_not_on_the_web_leave_their_words(source: str) -> None:
    assert _body(f'a <img src="{source}" alt="A map"><img src="{source}"> b') == "a [A map] b"


def test_footnotes_are_read_without_links() -> None:
    body = _body(
        '<p>a<sup><a href="#n1">1</a></sup></p><div id="n1"><sup>1</sup><p>Note <a href="#r1">↩</a></p></div>'
        '<p><a href="#part">Part</a></p>'
    )
    assert body == (
        '<p class="p">a<sup class="raised">1</sup></p><div><p class="p"><sup class="raised">1</sup> Note </p></div>'
        '<p class="p"><a href="https://notes.example/page/#part" class="link">Part</a></p>'
    )


@given(st.text(alphabet=st.sampled_from("<>/pabuldivtrhimg=\" '&;x\u0000é")))
def test_the_words_of_clean_html_stay_the_same(html: str) -> None:
    content = clean(html)
    assert to_line(_body(content)) == to_line(content)
