"""Elements are closed where browsers close them, and in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.markup.balance import DEPTH, VOID, Balance, TooDeep
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
    with pytest.raises(TooDeep, match="more than 100"):
        balanced("<div>" * (DEPTH + 1))


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
