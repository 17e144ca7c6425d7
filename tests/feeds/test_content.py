"""What of an article's HTML browsers know and feed readers do not takes a form that both show alike."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.feeds.content import settled
from publisher.feeds.plain import JOINER, looks_like_markup, unmistakable
from publisher.markup.sanitise import clean

PLAYER = "https://cdn.example/a%20talk.mp3"


def test_ordinary_html_stays_as_it_is() -> None:
    html = '<p>An <a href="https://a.example/">ordinary</a> ünïcode <bdi>post</bdi> ﷺ 🦩</p>'
    assert settled(html) == html


def test_a_forced_direction_becomes_the_characters_it_stands_for() -> None:
    html = settled(clean('<p><bdo dir="rtl" lang="en">abc <bdo dir="ltr">d</bdo></bdo></p>'))
    assert html == '<p><bdi dir="rtl" lang="en">\u202eabc <bdi dir="ltr">\u202dd\u202c</bdi>\u202c</bdi></p>'


@pytest.mark.parametrize(
    "html",
    [
        f'<audio controls src="{PLAYER}"></audio>',
        f'<video src="{PLAYER}" controls poster="https://cdn.example/p.png"></video>',
        f'<audio controls><source src="{PLAYER}"><source src="https://cdn.example/b.ogg"></audio>',
    ],
)
def test_a_player_is_followed_by_a_link_to_its_file(html: str) -> None:
    found = settled(clean(html))
    assert found.endswith(f'> <a href="{PLAYER}">a talk.mp3</a>')
    assert "controls" not in found


@pytest.mark.parametrize("inner", ['<video src="https://cdn.example/v.mp4"></video>', "<audio></audio>"])
def test_a_player_within_a_link_or_without_a_file_is_followed_by_none(inner: str) -> None:
    html = clean(f'<p><a href="https://a.example/">{inner}</a></p>')
    assert settled(html) == html


def test_a_file_without_a_name_is_called_by_its_host() -> None:
    html = settled(clean('<audio src="https://cdn.example/?a=1&amp;b=2"></audio>'))
    assert html.endswith('<a href="https://cdn.example/?a=1&amp;b=2">cdn.example</a>')


def test_noncharacters_vanish_and_lost_characters_are_referred_to() -> None:
    assert settled("<p>a\ufdd0b\ufdef\U0001fffe\U0010ffff ﷺ \ufffd</p>") == "<p>ab ﷺ &#xFFFD;</p>"


tags = st.sampled_from(
    '<p> </p> <bdo> <bdo\tdir="rtl"> </bdo> <audio> </audio> <video\tcontrols\tsrc="/v"> </video> <source\tsrc="a>b">'
    ' <a\thref="/x"> </a> x & \ufffd \ufdd0 " \' < >'.replace("\t", "\u00a0").split(" ")
)


@given(st.lists(tags, max_size=12).map(lambda parts: "".join(parts).replace("\u00a0", " ")))
def test_what_is_settled_is_as_clean_as_before(html: str) -> None:
    once = settled(clean(html))
    assert clean(once).replace("\ufffd", "&#xFFFD;") == once
    assert not re.search("<bdo| controls|\ufffd|\ufdd0", once)
    assert once.count("<audio") + once.count("<video") == once.count("</audio") + once.count("</video")


def test_long_hostile_content_takes_linear_time(expect_linear: Callable[[Callable[[int], object], int], None]) -> None:
    for part in ('<audio src="', "<bdo", "<audio>", '<bdo a="', "</a>", "<source src="):
        expect_linear(lambda size, part=part: settled(part * size), 4000)  # type: ignore[misc]


@pytest.mark.parametrize("text", ["AT&T", "a < b", "1 <2", "Q & A", "1 && 2", "&é", "–"])
def test_ordinary_text_is_no_markup(text: str) -> None:
    assert not looks_like_markup(text)
    assert unmistakable(text) == text


@pytest.mark.parametrize("text", ["&copy", "&amp;", "&#38;", "&#x26;", "R&D2", "<b", "</b>", "<!--", "<?php", "&apos"])
def test_text_that_looks_like_markup_is_parted_by_joiners_in_attributes(text: str) -> None:
    assert looks_like_markup(text)
    assert unmistakable(text).replace(JOINER, "") == text
    assert not looks_like_markup(unmistakable(text))
