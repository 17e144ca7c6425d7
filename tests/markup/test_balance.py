"""Elements are closed where browsers close them, and in order."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.markup import balance, sanitise
from publisher.markup.balance import DEPTH, LONGEST_VALUE, VOID, Balance
from publisher.markup.tokens import Start, Text, tokens


def balanced(html: str) -> str:
    balance = Balance()
    for token in tokens(html):
        if isinstance(token, Text):
            balance.text(token.html)
        elif isinstance(token, Start):
            balance.start(token.name, token.attributes)
        else:
            balance.end(token.name)
    return balance.finish()


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<p>a<b>b<ul><li>c", "<p>a<b>b</b></p><ul><li>c</li></ul>"),
        ("<ul><li>a<li>b<ul><li>c</ul><li>d</ul>", "<ul><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ul>"),
        ("<dl><dt>a<dd>b<dt>c</dl>", "<dl><dt>a</dt><dd>b</dd><dt>c</dt></dl>"),
        (
            "<table><thead><tr><th>a<tbody><tr><td>b<td>c<tr><td>d</table>e",
            "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>b</td><td>c</td></tr><tr><td>d</td></tr></tbody></table>e",
        ),
        ("<ruby>a<rp>(<rt>b<rp>)</ruby>", "<ruby>a<rp>(</rp><rt>b</rt><rp>)</rp></ruby>"),
        ("<a>1<a>2", "<a>1</a><a>2</a>"),
        ("<b>a<i>b</b>c</i>", "<b>a<i>b</i></b>c"),
        ("<span><div></span>a</div>b", "<span><div>a</div>b</span>"),
        ("<div><table><tr><td>a</div>b</table>", "<div><table><tr><td>ab</td></tr></table></div>"),
        ("<ul><li>a<ul></li>b</ul>c</ul>", "<ul><li>a<ul>b</ul>c</li></ul>"),
        (
            "<table><tr><td><table></td>a</table>b</table>",
            "<table><tr><td><table>a</table>b</td></tr></table>",
        ),
        ("a</p></div></x>", "a"),
        ("<br><hr>a<img src='\"'>", '<br><hr>a<img src="&quot;">'),
        ("<pre>\n\n\na\n\nb</pre>\nc", "<pre>a\n\nb</pre>\nc"),
    ],
)
def test_tags_are_balanced(html: str, expected: object) -> None:
    assert balanced(html) == expected


def test_a_hundred_elements_may_nest() -> None:
    assert balanced("<div>" * DEPTH).count("</div>") == DEPTH
    assert balanced("<div>" * (DEPTH + 1) + "a") == "<div>" * DEPTH + "a" + "</div>" * DEPTH


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<b>a<i>b</i>c</b>d", "<b>abc</b>d"),
        ("<b>a<p>b</p>c</b>d", "<b>a b c</b>d"),
        ("<ul><li>a<li>b<ul><li>c</ul>d</ul>e", "<ul>a b c d</ul>e"),
        ("<div><div>a<br>b</div>c</div>d", "<div>a<br>b c</div>d"),
        ("<b>a<b>b<b>c</b></b></b></b>d", "<b>abc</b>d"),
        ("<pre><p>\n\na</pre>", "<pre>a</pre>"),
    ],
)
def test_of_what_is_too_deep_the_text_stays(monkeypatch: pytest.MonkeyPatch, html: str, expected: object) -> None:
    monkeypatch.setattr(balance, "DEPTH", 1)
    assert balanced(html) == expected


def test_a_value_without_end_is_left_out() -> None:
    longest = "a" * LONGEST_VALUE
    assert balanced(f'<a title="{longest}" href="{longest}a">b</a>') == f'<a title="{longest}">b</a>'


@given(st.lists(st.sampled_from("a b;& &amp; &copy &#10; \n é".split(" "))), st.integers(1, 6))
def test_a_long_text_is_parted_where_no_reference_is(pieces: list[str], length: int) -> None:
    text = "".join(pieces)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(balance, "_LONGEST_TEXT", length)
        patch.setattr(balance, "_STRETCH", re.compile(balance._STRETCH.pattern.replace("4096", str(length)), re.DOTALL))
        parted = balanced(f"<b>{text}</b>")
    assert sanitise._cleaner.clean(parted) == sanitise._cleaner.clean(f"<b>{text}</b>")
    assert ("<!---->" in parted) <= (len(text) > length)


@given(
    st.lists(
        st.sampled_from(
            "<p> </p> <b> </b> <li> </li> <ul> </ul> <table> </table> <td> <tr> </div> <div> <a> <br> x".split()
        )
    )
)
def test_every_element_is_closed_once_and_in_order(pieces: list[str]) -> None:
    open_names: list[str] = []
    for token in tokens(balanced("".join(pieces))):
        if isinstance(token, Start) and token.name not in VOID:
            open_names.append(token.name)
        elif not isinstance(token, Start | Text):
            assert open_names.pop() == token.name
    assert open_names == []
