"""Players and posts of other sites, as they come out of the sanitiser."""

import pytest

from publisher.article import Article
from publisher.markup.sanitise import clean
from publisher.newsletter.body import mail_body
from publisher.newsletter.embeds import player
from publisher.newsletter.pictures import Picture
from publisher.newsletter.words import words
from publisher.templating import bundled


def _body(html: str, language: str = "en") -> str:
    article = Article(title="Page", url="https://notes.example/page/", content=clean(html))
    return mail_body(article, Picture, words(language, bundled()))


@pytest.mark.parametrize(
    ("frame", "page", "kind"),
    [
        (
            "https://www.youtube.com/embed/abc-EFG_123?start=5",
            "https://www.youtube.com/watch?v=abc-EFG_123",
            "watch_video",
        ),
        (
            "https://www.youtube-nocookie.com/embed/abc-EFG_123",
            "https://www.youtube.com/watch?v=abc-EFG_123",
            "watch_video",
        ),
        (
            "https://www.youtube.com/embed/videoseries?list=PL12_a",
            "https://www.youtube.com/playlist?list=PL12_a",
            "watch_video",
        ),
        ("https://player.vimeo.com/video/123456", "https://vimeo.com/123456", "watch_video"),
        ("https://player.vimeo.com/video/123456?dnt=1&h=0a1b2c", "https://vimeo.com/123456/0a1b2c", "watch_video"),
        ("https://geo.dailymotion.com/embed/video/x8abcd", "https://www.dailymotion.com/video/x8abcd", "watch_video"),
        ("https://archive.org/embed/river-1953", "https://archive.org/details/river-1953", "watch_video"),
        (
            "https://tube.example/videos/embed/9c9de5e8-0a1e-484a-b099-e80766180a6d?title=0",
            "https://tube.example/videos/watch/9c9de5e8-0a1e-484a-b099-e80766180a6d",
            "watch_video",
        ),
        ("https://open.spotify.com/embed/episode/4rOoJ6Eg", "https://open.spotify.com/episode/4rOoJ6Eg", "listen"),
        ("https://w.soundcloud.com/player/?url=x", "https://w.soundcloud.com/player/?url=x", "listen"),
    ],
)
def test_players_are_known_by_their_frames(frame: str, page: str, kind: str) -> None:
    known = player(frame)
    assert known is not None
    assert (known.url, known.words) == (page, kind)


@pytest.mark.parametrize(
    "frame",
    [
        "https://maps.example/embed?q=1",
        "https://youtube.com.example/embed/abc-EFG_123",
        "https://www.youtube.com/embed/short",
        "",
    ],
)
def test_other_frames_are_not(frame: str) -> None:
    assert player(frame) is None


def test_a_video_becomes_its_linked_still() -> None:
    assert _body('<iframe src="https://www.youtube.com/embed/abc-EFG_123" title="A day at the lock"></iframe>') == (
        '<p class="p pictured"><a href="https://www.youtube.com/watch?v=abc-EFG_123" class="link">'
        '<img src="https://i.ytimg.com/vi/abc-EFG_123/hqdefault.jpg" alt="" width="480" height="360" class="picture"><br>'
        "Watch the video: A day at the lock</a></p>"
    )


def test_without_a_still_it_becomes_a_link_in_words() -> None:
    html = '<figure><iframe src="https://player.vimeo.com/video/1"></iframe><figcaption>Lock</figcaption></figure>'
    assert _body(html) == (
        '<div class="figure"><p class="p"><a href="https://vimeo.com/1" class="link">Watch the video</a></p>'
        '<p class="caption">Lock</p></div>'
    )


def test_players_are_named_in_the_language_of_the_newsletter() -> None:
    say = words("de", bundled())
    assert f">{say('listen')}</a>" in _body('<audio src="/a.mp3"></audio>', "de")
    title = "Am Wehr"
    html = f'<iframe src="https://player.vimeo.com/video/1" title="{title}"></iframe>'
    assert f"{say('labelled', label=say('watch_video'))} {title}</a>" in _body(html, "de")


def test_a_frame_of_anything_else_stays_the_link_it_was() -> None:
    body = _body('<iframe src="https://maps.example/embed" title="The valley"></iframe>')
    assert body == '<p class="p"><a href="https://maps.example/embed" class="link">The valley</a></p>'


def test_a_sentence_around_a_link_is_no_player() -> None:
    body = _body('<p>See <a href="https://player.vimeo.com/video/1">this</a></p>')
    assert "Watch" not in body


@pytest.mark.parametrize(
    "post",
    [
        "https://twitter.com/ada/status/123?ref_src=x",
        "https://x.com/ada/status/123",
        "https://bsky.app/profile/ada.example/post/3kabc",
        "https://www.instagram.com/p/Cabc_-1/",
        "https://www.threads.net/@ada/post/C1",
        "https://www.tiktok.com/@ada/video/123",
        "https://www.reddit.com/r/rivers/comments/1abc/high_water/",
        "https://social.example/@ada/112233445566",
        "https://social.example/@ada@other.example/112233445566/embed",
    ],
)
def test_posts_of_social_networks_are_cards(post: str) -> None:
    html = f'<blockquote class="x"><p>High water.</p>— Ada <a href="{post}">1 May</a></blockquote>'
    assert _body(html).startswith('<blockquote class="post">')
    assert _body(f"<blockquote><a href='{post}'><div>A post</div><div>by Ada</div></a></blockquote>").count("post") > 1


@pytest.mark.parametrize(
    "quote",
    [
        "<p>a</p>",
        '<p>a</p><a href="https://notes.example/@ada/">Ada</a>',
        '<a href="https://x.com/ada/status/123">Ada</a> said so, and more.',
        '<p><a href="https://x.com/ada/status/123">Ada</a></p><p>said so</p>',
    ],
)
def test_other_quotes_are_quotes(quote: str) -> None:
    assert _body(f"<blockquote>{quote}</blockquote>").startswith('<blockquote class="quote quote-ltr">')
