"""What is told to need no mending is what mending would not change."""

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.markup import balance, sanitise, wellformed
from publisher.markup.characters import legal
from publisher.markup.markdown import to_html
from publisher.markup.sanitise import clean
from publisher.markup.wellformed import BOXES, well_formed

Grows = Callable[[Callable[[int], object], int], None]

_POST = """\
# Tides {#tides}

Water *rises*, **falls** & ~~stops~~: `a < b`, [more](/more/?a=1&b=2 "All of it"), <https://notes.example/>.[^1]\\
A line “ends”.

- one
- [ ] two
- [x] three
    1. four

      five

> A quote
>
> ![A "map"](map.png)

| a | b |
|:--|---|
| c | d |

high
: water

<!-- more -->

```python
if a < b:
    pass
```

***

[^1]: A note.
"""

_ATTRIBUTES = (
    *[""] * 6,
    ' href="x"',
    ' href="javascript:alert(1)"',
    ' href="java&#x81;script:alert(1)"',
    ' id="a b"',
    ' class="language-a b"',
    ' title="&lt;b&gt; &amp;amp; \xa0"',
    ' style="x" onclick="y"',
    ' cite="&#1;x:y"',
    ' lang="a" lang="b"',
)
_PICTURES = (
    "a.png",
    "/a&b.png",
    "https://notes.example/a.png",
    "http://[",
    "//[",
    " a",
    "",
    "ftp://a",
    "data:a",
    "a:b",
)
_SIDES = ("", ' width="1"', ' height="1"', ' width="20"', ' alt="a &amp; b"', ' width="&#49;"', ' height="0px"')
_TEXTS = "a| |\n|&amp;|&amp;lt;|&copy|&#1;|&#10;|&#13;|&#x81;|\xa0|é|>|\n<!-- a-b -->|<br />|am|p;|&|#1|;".split("|")
_CHILDREN = wellformed._CHILDREN


def _element(name: str, attribute: str, inner: str) -> str:
    return f"<{name}{attribute}>{inner}</{name}>"


@st.composite
def _trees(draw: st.DrawFn, parent: str = "/", depth: int = 4) -> str:
    """Draw HTML that is nested as it should, but for a tag in fifty."""
    pieces: list[str] = []
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(sorted(_CHILDREN[parent])))
        if draw(st.integers(0, 50)) == 0:
            name = draw(st.sampled_from(("a", "div", "p", "li", "td", "table", "ruby", "h1", "pre", "center")))
        attribute = draw(st.sampled_from(_ATTRIBUTES))
        if f"/{name}" not in _CHILDREN or depth == 0:
            pieces.append(draw(st.sampled_from((*_TEXTS, *BOXES, _picture(draw)))))
        else:
            pieces.append(_element(name, attribute, draw(_trees(f"/{name}", depth - 1))))
            pieces.append(draw(st.sampled_from(("", "\n", *_TEXTS))))
    return "".join(pieces)


def _picture(draw: st.DrawFn) -> str:
    src, *sides = draw(st.sampled_from(_PICTURES)), draw(st.sampled_from(_SIDES)), draw(st.sampled_from(_SIDES))
    return f'<img src="{src}"{"".join(sides)}>'


def check_mending_changes_nothing(html: str) -> None:
    """The sanitiser gives back the same for both, and cleaning that again changes nothing."""
    mended = sanitise._cleaner.clean(sanitise._balanced(html))
    once, stays = sanitise._cleaned(html)
    assert once == mended
    if stays and legal(once) == once:
        assert legal(sanitise._cleaner.clean(sanitise._balanced(once))) == once


@given(_trees())
@example("<pre>\n\nx</pre>")
@example("<table>\n<tbody><tr><td>a</td>b</tr></tbody></table>")
@example('<p><img src="http://[" alt="a"></p>')
@example("&am<!-- a -->p;")
def test_mending_well_formed_html_changes_nothing(html: str) -> None:
    html = legal(html)
    if well_formed(html):
        check_mending_changes_nothing(html)
    assert clean(clean(html)) == clean(html)


@pytest.mark.parametrize("child", ["div", "li", "p", "table"])
def test_a_wrong_rule_would_be_found(monkeypatch: pytest.MonkeyPatch, child: str) -> None:
    html = f"<p>a<{child}>b</{child}>c</p>"
    assert not well_formed(html)
    monkeypatch.setitem(_CHILDREN, "/p", _CHILDREN["/p"] | {child})
    monkeypatch.setattr(wellformed, "_MOVING", re.compile("(?!)"))
    assert well_formed(html)
    with pytest.raises(AssertionError):
        check_mending_changes_nothing(html)


@pytest.mark.parametrize(
    "html",
    [
        "<a>a<b>b<a>c</a></b></a>",
        "<p><b>a</p><p>b</b></p>",
        "&am<!-- a -->p;",
        "<b>" * 101 + "</b>" * 101,
        "<title>a</title>",
        "<center>a</center>",
    ],
)
def test_a_wrong_answer_would_be_found(monkeypatch: pytest.MonkeyPatch, html: str) -> None:
    assert not well_formed(html)
    check_mending_changes_nothing(html)
    monkeypatch.setattr(sanitise, "well_formed", lambda _: True)
    with pytest.raises(AssertionError):
        check_mending_changes_nothing(html)


@pytest.mark.parametrize(
    ("rule", "html"),
    [
        ("_MOVING", "<pre>&#10;&#10;a</pre>"),
        ("_PICTURE", '<p><img alt="a"></p>'),
        ("_PICTURE", '<p><img src="a.png" width="1" height="1"></p>'),
    ],
)
def test_a_missing_rule_would_be_found(monkeypatch: pytest.MonkeyPatch, rule: str, html: str) -> None:
    assert not well_formed(html)
    monkeypatch.setattr(wellformed, rule, re.compile("<img[^>]*>" if rule == "_PICTURE" else "(?!)"))
    assert well_formed(html)
    with pytest.raises(AssertionError):
        check_mending_changes_nothing(html)


def test_what_the_markdown_engine_writes_needs_no_mending(monkeypatch: pytest.MonkeyPatch) -> None:
    html = to_html(_POST)
    expected = sanitise._cleaner.clean(sanitise._balanced(html))
    monkeypatch.setattr(sanitise, "_balanced", pytest.fail)
    assert clean(html) == clean(clean(html)) == expected
    assert "☐ " in expected
    assert "☑ " in expected


@pytest.mark.parametrize(
    "html",
    [
        "",
        "1 > 0 &amp; so on",
        '<p id="a">b <em>c</em><br>d<br/>e<br /></p>\n<hr>',
        "<ul>\n<li>a<ul><li>b</li></ul></li>\n</ul>",
        "<table>\n<thead><tr><th>a</th></tr></thead>\n<tbody><tr><td><p>b</p></td></tr></tbody></table>c",
        "<!-- a --><p>b</p>\n<!-- more-->\nc",
        '<img alt="a" src="https://notes.example/a?b=1&amp;c=2" width="640" height="20">',
        "<figure><a><img src='a.png'></a></figure>".replace("'", '"'),
        "<div>" * balance.DEPTH + "</div>" * balance.DEPTH,
    ],
)
def test_plain_html_is_well_formed(html: str) -> None:
    assert well_formed(html)


@pytest.mark.parametrize(
    "html",
    [
        "<",
        "a < b",
        "<p>",
        "</p>",
        "<P></P>",
        "<p a=b></p>",
        "<p a='b'></p>",
        '<p a="<"></p>',
        "<p><p></p></p>",
        "<p><ul></ul></p>",
        "<b><i></b></i>",
        "<li>a</li>",
        "<a><b><a></a></b></a>",
        "<table><tr><td>a</td></tr></table>",
        "<table><tbody>a</tbody></table>",
        "<table><tbody><tr><td>a</td> b</tr></tbody></table>",
        "<table/>a</table>",
        "<pre>\na</pre>",
        "<pre>&#10;&#10;a</pre>",
        "<pre><!-- a -->\nb</pre>",
        "a<!-- b -->c",
        "<!-- a -- b -->",
        "<script></script>",
        "<video></video>",
        "<center></center>",
        '<input type="checkbox">',
        '<img alt="a">',
        '<img src="data:a">',
        '<img src="a&colon;b">',
        '<img src="a.png" width="1" height="1">',
        '<img width="1" src="a.png" height="1">',
        "<br></br>",
        "<p" + ' a=""' * 9 + "></p>",
        f'<p title="{"a" * (balance.LONGEST_VALUE + 1)}"></p>',
        "<div>" * 101 + "</div>" * 101,
        "a" * 70_000,
    ],
)
def test_in_doubt_html_is_mended(html: str) -> None:
    assert not well_formed(html)


@pytest.mark.parametrize(
    "piece", ["<", "<!--", "<p ", '<p a="', "<table> ", "<pre ", '<img a=""', '<img src="a"', "<!-- - ", "<a>", "<b>"]
)
def test_telling_takes_time_by_length_alone(piece: str, monkeypatch: pytest.MonkeyPatch, expect_linear: Grows) -> None:
    monkeypatch.setattr(wellformed, "_LONGEST", 1 << 30)
    assert not well_formed(piece * 1_000)
    expect_linear(lambda count: well_formed(piece * count), 25_000)
