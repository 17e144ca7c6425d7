"""Tags end where browsers see them end."""

import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.markup.tokens import End, Start, Text, tokens

Grows = Callable[[Callable[[int], object], int], None]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("a<B>c</b >", [Text("a"), Start("b", {}), Text("c"), End("b")]),
        ('<a href=x title=\'y "\' ID="z>">', [Start("a", {"href": "x", "title": 'y "', "id": "z>"})]),
        ("<a b=1 b=2>", [Start("a", {"b": "1"})]),
        ("<a b = c/>", [Start("a", {"b": "c/"})]),
        ("<br/>", [Start("br", {}, closed=True)]),
        ("<br / >", [Start("br", {})]),
        ('<p a"><i>', [Start("p", {'a"': ""}), Start("i", {})]),
        ("<p =a=b>", [Start("p", {"=a": "b"})]),
        ("<p a=>b", [Start("p", {"a": ""}), Text("b")]),
        ("1 < 2 <3", [Text("1 &lt; 2 &lt;3")]),
        ("a<!-- <b> -->c", [Text("a"), Text("c")]),
        ("a<!-->b<!--->c", [Text("a"), Text("b"), Text("c")]),
        ("a<!-- b", [Text("a")]),
        ("a<!doctype html><?php b ?></ x>c", [Text("a"), Text("c")]),
        ("a<script>'<b>'<!--</script>c", [Text("a"), Text("c")]),
        ("a<style>b", [Text("a")]),
        ("<scripted>a", [Start("scripted", {}), Text("a")]),
        ("a<b", [Text("a")]),
        ("a<b c='", [Text("a")]),
        ("", []),
    ],
)
def test_html_is_parted_as_browsers_do(html: str, expected: object) -> None:
    assert list(tokens(html)) == expected


_HOSTILE = ["<", "</", "<!--", "<a ", "<a b='", '<a "', "<a =", "<script", "<script>", "<p/", "<a b=c "]


@pytest.mark.parametrize("piece", _HOSTILE)
def test_time_grows_with_length_only(piece: str, expect_linear: Grows) -> None:
    assert len(list(tokens(piece * 1_000))) <= 1_000
    expect_linear(lambda count: list(tokens(piece * count)), 25_000)


@pytest.mark.parametrize("piece", _HOSTILE)
def test_reading_takes_little_more_room_than_the_text(piece: str) -> None:
    html = piece * 25_000
    tracemalloc.start()
    try:
        for _ in tokens(html):
            pass
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 20 * len(html)


@given(st.text(alphabet="<>/!-='\"ab \n&"))
def test_no_text_holds_a_bare_bracket(html: str) -> None:
    assert not any("<" in token.html for token in tokens(html) if isinstance(token, Text))
