"""URLs in feeds and mails stand on their own, and nothing else changes."""

import re
from collections.abc import Callable
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.markup import links
from publisher.markup.links import absolute, absolute_url

Grows = Callable[[Callable[[int], object], int], None]

BASE = "https://notes.example/2026/heron/?x=1"
SCHEME = r"[A-Za-z][A-Za-z0-9+.-]*:"
RELATIVE_PARTS = st.text("abc/.?#:%é \\[]@&;=,\t\u2028", max_size=20)
URLS = st.one_of(st.text(max_size=30), RELATIVE_PARTS, st.builds("https://{}".format, RELATIVE_PARTS))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("#fn1", "https://notes.example/2026/heron/?x=1#fn1"),
        ("", "https://notes.example/2026/heron/?x=1"),
        ("?q=2", "https://notes.example/2026/heron/?q=2"),
        ("wing.png", "https://notes.example/2026/heron/wing.png"),
        ("../wing.png", "https://notes.example/2026/wing.png"),
        ("/wing.png", "https://notes.example/wing.png"),
        ("//cdn.example/wing.png", "https://cdn.example/wing.png"),
        ("http://other.example/a/../b", "http://other.example/a/../b"),
        ("mailto:ada@notes.example", "mailto:ada@notes.example"),
        ("data:image/png;base64,AA==", "data:image/png;base64,AA=="),
        ("https://[2001:db8::1]:8080/x", "https://[2001:db8::1]:8080/x"),
    ],
)
def test_every_form_of_reference_is_resolved(url: str, expected: str) -> None:
    assert absolute_url(url, BASE) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/grey heron.png", "https://notes.example/grey%20heron.png"),
        ("/Fischadler-größe", "https://notes.example/Fischadler-gr%C3%B6%C3%9Fe"),
        ("/already%20encoded%7e", "https://notes.example/already%20encoded%7e"),
        ("/100%", "https://notes.example/100%25"),
        ("/a[1]|b.png", "https://notes.example/a%5B1%5D%7Cb.png"),
        ("/x#a#b", "https://notes.example/x#a%23b"),
        ('/x"y', "https://notes.example/x%22y"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://ada@bücher.example/", "https://ada@xn--bcher-kva.example/"),
        ("https://faß.example:8080/", "https://xn--fa-hia.example:8080/"),
        ("https://☃.example/", "https://xn--n3h.example/"),
        (f"https://{'ü' * 70}.example/", f"https://{'%C3%BC' * 70}.example/"),
        ("/lone\ud800surrogate", "https://notes.example/lone%EF%BF%BDsurrogate"),
    ],
)
def test_only_what_must_be_is_percent_encoded(url: str, expected: str) -> None:
    assert absolute_url(url, BASE) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("  /x\n", "https://notes.example/x"),
        ("/a\tb", "https://notes.example/ab"),
        ("..\\img\\a.png", "https://notes.example/2026/img/a.png"),
        ("/a?b\\c", "https://notes.example/a?b%5Cc"),
        ("https:x", "https://notes.example/2026/heron/x"),
        ("http:other.example/x", "http://other.example/x"),
        ("mailto:a\\b@notes.example", "mailto:a%5Cb@notes.example"),
    ],
)
def test_sloppy_references_are_read_as_browsers_read_them(url: str, expected: str) -> None:
    assert absolute_url(url, BASE) == expected


@pytest.mark.parametrize("url", ["http://[", "http://", "https://[::1", "http://h\u2100st/"])
def test_a_malformed_url_is_no_url(url: str) -> None:
    assert absolute_url(url, BASE) == ""


def test_a_relative_reference_to_nothing_is_no_url() -> None:
    assert absolute_url("wing.png", "") == ""


def test_all_url_attributes_become_absolute() -> None:
    html = '<a href="#n">n</a><video poster="p.jpg" src="/v.mp4"></video><blockquote cite="?c">c</blockquote>'
    assert absolute(html, BASE) == (
        '<a href="https://notes.example/2026/heron/?x=1#n">n</a>'
        '<video poster="https://notes.example/2026/heron/p.jpg" src="https://notes.example/v.mp4"></video>'
        '<blockquote cite="https://notes.example/2026/heron/?c">c</blockquote>'
    )


def test_each_candidate_of_a_srcset_becomes_absolute() -> None:
    html = '<img srcset="a.png 1x, data:image/png;base64,AA,BB 2x,/b,c.png 3x,d.png, http://[ 4x">'
    assert absolute(html, BASE) == (
        '<img srcset="https://notes.example/2026/heron/a.png 1x, data:image/png;base64,AA,BB 2x, '
        'https://notes.example/b,c.png 3x, https://notes.example/2026/heron/d.png">'
    )


@pytest.mark.parametrize("tag", ['<a href="">', '<a href=" ">', '<a href="http://[">', '<a srcset=", ,">'])
def test_an_attribute_without_a_url_is_left_out(tag: str) -> None:
    assert absolute(tag, BASE) == "<a>"


@pytest.mark.parametrize(
    "html",
    [
        'Write <code>&lt;a href="x"&gt;</code> with href="x" in it',
        '<p title="a href=" class="b">x</p>',
        '<p title="x src=&quot;y&quot;" data-src="z">a > b</p>',
        '<a href="https://notes.example/?a&amp;b" title="1 > 0">x</a>',
        "<b>5 &lt; 6</b><br><hr>",
    ],
)
def test_everything_else_stays_as_it_is(html: str) -> None:
    assert absolute(html, BASE) == html


def test_references_in_values_are_decoded_and_encoded_again() -> None:
    assert absolute('<a href="?a=1&amp;b=&quot;2&quot;">x</a>', BASE) == (
        '<a href="https://notes.example/2026/heron/?a=1&amp;b=%222%22">x</a>'
    )


@given(URLS)
def test_any_text_becomes_an_ascii_url_that_stays(url: str) -> None:
    made = absolute_url(url, BASE)
    assert made.isascii()
    assert not set(made) & set(' "<>\\^`{|}')
    assert absolute_url(made, BASE) == made or not made


PIECES = (
    "a b c1 x.png .. . / / / // ? # : %41 % %4 ; é [ \\\\ & = @ ~ _ - , ' ( * + ! .a a. ... http: https://"
    " https://other.example HTTP:// mailto: 8080 \t \n"
).split(" ")
PLAIN = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
BASES = st.one_of(
    st.sampled_from([BASE, "https://notes.example", "http://notes.example:80/x//y/../z/./w;p?q;r#f", "mailto:a@b", ""]),
    PLAIN.map("https://notes.example/{}".format),
)


def check_short_cuts(url: str, base: str) -> None:
    """A plain URL comes out as if it were none."""
    assert absolute_url(url, base) == links._resolved(url, base)


@given(st.one_of(PLAIN, PLAIN.map("https://notes.example/{}".format)), BASES)
def test_the_short_cut_leads_to_the_same_place(url: str, base: str) -> None:
    check_short_cuts(url, base)


@pytest.mark.parametrize("url", ["../a", "a/./b", "mailto:a", "a;"])
def test_a_wrong_short_cut_would_be_found(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    check_short_cuts(url, BASE)
    wider = links._PLAIN_RELATIVE.pattern.replace(r"[\w~", r"[\w.:;~").replace("[\\w.~", "[\\w.:;~")
    monkeypatch.setattr(links, "_PLAIN_RELATIVE", re.compile(wider, re.ASCII))
    with pytest.raises(AssertionError):
        check_short_cuts(url, BASE)


@given(st.text(max_size=40), URLS, URLS)
def test_html_is_rewritten_once_and_its_text_never(text: str, link: str, picture: str) -> None:
    shown = escape(text, quote=False)
    html = f'<p>{shown}<a href="{escape(link)}">{shown}</a><img srcset="{escape(picture)} 2x"></p>'
    made = absolute(html, BASE)
    assert absolute(made, BASE) == made
    assert made.count(shown) >= 2


def test_hostile_lists_of_pictures_cost_no_more_than_others(expect_linear: Grows) -> None:
    expect_linear(lambda count: absolute(f'<img srcset="{"," * 2 * count}{" ," * count}x">', BASE), 25_000)
