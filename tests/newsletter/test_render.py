"""An issue rendered: its layouts, its size, its slots, inlined once."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from premailer import Premailer

from publisher.article import Article, Author, Citation, Image
from publisher.config.settings import Settings
from publisher.newsletter import Issue, next_issue, shortening
from publisher.newsletter import render as rendering
from publisher.newsletter.inline import InliningError, Styles
from publisher.newsletter.pictures import Picture, Pictures
from publisher.newsletter.places import FeedPlace, Places
from publisher.newsletter.render import RESERVE, Rendering, render
from publisher.newsletter.shortening import TooLarge
from publisher.newsletter.sizes import LARGEST_HTML, LARGEST_STYLE
from publisher.newsletter.slots import ADDRESS, NAME, PREFERENCES, SLOTS, UNSUBSCRIBE
from publisher.templating import BrokenTemplateError, Templates, bundled

NOW = datetime(2026, 11, 23, 8, 5, tzinfo=ZoneInfo("Europe/Berlin"))
PLACES = Places(
    "https://notes.example/feeds/issues/weekly/2026-W48.html",
    "https://notes.example/feeds/issues/weekly.html",
    "https://notes.example/feeds/issues/weekly/2026-W48/images/",
    (FeedPlace("Issues", "https://notes.example/feeds/issues/weekly.atom.xml", "application/atom+xml"),),
)
RICH = (
    '<h2>Floods</h2><p>A <a href="/x">gauge</a> in <b>spring</b>.</p><blockquote><p>High.</p></blockquote>'
    "<pre><code>level = 3</code></pre><ul><li>One</li><li>Two</li></ul>"
    "<table><thead><tr><th>Day</th><th>Level</th></tr></thead><tbody><tr><td>1</td><td>3</td></tr></tbody></table>"
)


def make_article(number: int = 1, **values: Any) -> Article:
    """Return an article, older than those with lower numbers."""
    standard: dict[str, Any] = {
        "id": f"tag:notes.example,2026:{number}",
        "title": f"About {number}",
        "url": f"https://notes.example/{number}/",
        "authors": (Author("Ada Example"),),
        "summary": f"All of {number} in a sentence.",
        "content": f"<p>All of <b>{number}</b> at length.</p>",
        "published": NOW - timedelta(minutes=number),
    }
    return Article(**(standard | values))


def make_settings(**newsletter: Any) -> Settings:
    return Settings.model_validate(
        {
            "publication": {"title": "Field Notes", "url": "https://notes.example/", "timezone": "Europe/Berlin"},
            "newsletters": [{"name": "weekly", "title": "Field Notes Weekly", **newsletter}],
        }
    )


def make_issue(articles: tuple[Article, ...], given: Settings) -> Issue:
    ids = [article.id for article in articles]
    issue = next_issue(articles, (), given.newsletters[0], given.publication, given.zone, NOW, only=ids)
    assert issue is not None
    return issue


def draw(
    *articles: Article,
    templates: Templates | None = None,
    pictures: Pictures = Pictures(),  # noqa: B008
    places: Places = PLACES,
    **newsletter: Any,
) -> Rendering:
    """Render an issue with these articles."""
    given = make_settings(**newsletter)
    issue = make_issue(articles, given)
    return render(issue, given, given.newsletters[0], templates or bundled(), pictures, places)


def _titles(html: str) -> list[str]:
    tree = etree.fromstring(html.encode(), etree.HTMLParser(encoding="utf-8"))
    found = tree.xpath("//h2[contains(@class, 'headline')] | //ul/li/a[starts-with(@name, 'article-')]")
    return [" ".join("".join(element.itertext()).split()) for element in found]


# ---------------------------------------------------------------- layouts


@pytest.mark.parametrize(
    ("layout", "content", "at_length", "in_a_sentence"),
    [("digest", "full", 3, 0), ("digest", "summary", 0, 3), ("letter", "summary", 1, 2), ("list", "full", 0, 3)],
)
def test_a_layout_shows_contents_summaries_or_lines(
    layout: str, content: str, at_length: int, in_a_sentence: int
) -> None:
    drawn = draw(*map(make_article, (1, 2, 3)), layout=layout, content=content)
    for form in (drawn.html, drawn.text, drawn.web):
        assert form.count("at length.") == at_length
        assert len(re.findall("All of [123] in a sentence", form.split("</head>")[-1])) >= in_a_sentence
    for page in (drawn.html, drawn.web):
        assert _titles(page) == ["About 1", "About 2", "About 3"]
    assert drawn.problems == ()


def test_an_article_without_content_is_shown_by_its_summary() -> None:
    drawn = draw(make_article(content=" "), content="full")
    assert "All of 1 in a sentence." in drawn.html
    assert "All of 1 in a sentence." in drawn.text


def test_dates_and_words_are_in_the_newsletters_language() -> None:
    drawn = draw(make_article(), make_article(2), language="de")
    assert 'lang="de"' in drawn.html
    for form in (drawn.html, drawn.text, drawn.web):
        assert "23. November 2026" in form
        assert "In this issue" not in form


def test_the_frame_has_its_places() -> None:
    drawn = draw(make_article(), make_article(2))
    assert PLACES.web_url in drawn.html
    assert PLACES.web_url in drawn.text
    assert f'<link rel="canonical" href="{PLACES.web_url}">' in drawn.web
    assert PLACES.archive_url in drawn.web
    assert PLACES.feeds[0].url in drawn.web
    alone = draw(make_article(), make_article(2), places=Places())
    assert "feeds/issues" not in alone.html + alone.text + alone.web


def test_pictures_are_shown_as_they_were_prepared() -> None:
    article = make_article(
        content='<p><img src="a.png" alt="A"><img src="b.svg" alt="Bends"></p>', image=Image("lead.jpg", "Fog")
    )
    base = article.url
    pictures = Pictures(
        in_mail={
            (base, f"{base}a.png"): Picture("cid:a@notes.example", 100, 50),
            (base, f"{base}lead.jpg"): Picture("https://cdn.example/lead.jpg", 536, 300),
        },
        on_page={(base, f"{base}a.png"): Picture("https://notes.example/a-small.png", 100, 50)},
    )
    drawn = draw(article, pictures=pictures, content="full")
    images = etree.HTML(drawn.html).findall(".//img")
    assert [(image.get("src"), image.get("width"), image.get("height")) for image in images] == [
        ("https://cdn.example/lead.jpg", "536", "300"),
        ("cid:a@notes.example", "100", "50"),
    ]
    assert "Bends" in drawn.html
    assert "cid:" not in drawn.web
    assert "https://notes.example/a-small.png" in drawn.web


def test_the_lead_picture_is_shown_once() -> None:
    article = make_article(content='<p><img src="lead.jpg?a&amp;b" alt="Fog"></p>', image=Image("lead.jpg?a&b", "Fog"))
    for content in ("full", "summary"):
        assert draw(article, content=content).html.count("<img") == 1


# ---------------------------------------------------------------- slots


def test_slots_are_where_the_templates_ask_for_them_and_never_on_the_page() -> None:
    drawn = draw(make_article())
    assert drawn.html.count(UNSUBSCRIBE) == drawn.text.count(UNSUBSCRIBE) == 1
    assert drawn.html.count(PREFERENCES) == drawn.text.count(PREFERENCES) == 1
    assert "@@" not in drawn.web
    assert ".invalid" not in drawn.web


def test_a_template_can_name_the_reader(tmp_path: Path) -> None:
    own = _with(
        tmp_path, "_footer.html", "<p>Dear {{ reader.name }}, to {{ reader.address }}: {{ reader.unsubscribe }}</p>"
    )
    drawn = draw(make_article(), templates=own)
    assert f"Dear {NAME}, to {ADDRESS}: {UNSUBSCRIBE}" in drawn.html
    assert "Dear" not in drawn.web or "Dear ," in drawn.web


_TOKENS = st.lists(st.sampled_from([*SLOTS, "@@", "@", "ADDRESS", "NAME", "&#64;", "x", "/"]), max_size=8).map("".join)


def expect_no_slot_from_articles(words: str, named: Callable[[str], str]) -> None:
    """Demand that the slots found are those of the frame."""
    assert not any(slot in named(words) for slot in SLOTS)


@pytest.mark.whole
@settings(settings.get_profile("costly"))
@given(_TOKENS)
def test_no_article_can_ask_for_a_readers_own_values(words: str) -> None:
    trap = f"https://stranger.example/?{words}"
    article = make_article(
        title=f"Go {words}",
        summary=words,
        content=f'<p><img src="{trap}" alt="{words}"><a href="{trap}">{words}</a></p>',
        highlights=(words,),
        authors=(Author(words),),
        sources=(Citation(words, trap),),
    )
    drawn = draw(article, content="full")
    slots = rendering._Slots(make_issue((article,), make_settings()))
    expect_no_slot_from_articles(words, lambda text: slots.named(text, "email/digest.html"))
    for form in (drawn.html, drawn.text):
        assert [form.count(slot) for slot in SLOTS] == [1, 1, 0, 0]


@pytest.mark.parametrize("words", ["@@ADDRESS@@", "@@@@NAME@@@@", f"x{UNSUBSCRIBE}@@"])
def test_a_slot_left_in_an_article_is_seen(words: str) -> None:
    def wrong(text: str) -> str:
        return text.replace(f"{UNSUBSCRIBE} ", "").replace("@@NAME@@", "NAME")

    with pytest.raises(AssertionError):
        expect_no_slot_from_articles(words.replace("@@@@NAME", "@@@@NAME"), wrong)


@pytest.mark.parametrize("slot", [*SLOTS, "@@@@NAME@@@@", "@@NAM@@NAME@@E@@"])
def test_an_address_that_looks_like_a_slot_still_leads_to_its_page(slot: str) -> None:
    url = f"https://notes.example/{slot}/x"
    content = f'<p><a href="{url}?a">a</a> <img src="{url}.png" alt="b" width="50" height="50"></p>'
    article = make_article(url=url, content=content, image=Image(f"{url}.jpg"), sources=(Citation("c", f"{url}?c"),))
    drawn = draw(article, content="full")
    for form in (drawn.html, drawn.web):
        links = [unquote(found) for found in re.findall(r'(?:href|src)="([^"]+)"', form)]
        assert {url, f"{url}?a", f"{url}.png", f"{url}.jpg", f"{url}?c"} <= {*links}
    assert url in unquote(drawn.text)
    assert [drawn.html.count(slot) for slot in SLOTS] == [drawn.text.count(slot) for slot in SLOTS] == [1, 1, 0, 0]


@pytest.mark.parametrize("changed", ["reader.address | upper", "reader.preferences | urlencode"])
@pytest.mark.parametrize(("name", "file"), [("_footer.html", "digest.html"), ("_closing.txt", "digest.txt")])
def test_a_template_that_changes_a_readers_own_value_is_refused(
    changed: str, name: str, file: str, tmp_path: Path
) -> None:
    mistake = rf"template email/{file}: it changes one of the reader's own values; write them as they are"
    own = _with(tmp_path, name, f"<p>{{{{ reader.unsubscribe }}}} {{{{ {changed} }}}}</p>")
    with pytest.raises(BrokenTemplateError, match=mistake):
        draw(make_article(), templates=own)


@pytest.mark.parametrize("source", ["", "\n", "<!-- nothing -->", "{# nothing #}"])
def test_a_template_without_html_is_told_in_words(source: str, tmp_path: Path) -> None:
    with pytest.raises(InliningError, match=r"the mail is empty; compare your templates in email/"):
        draw(make_article(), templates=_with(tmp_path, "digest.html", source))


def test_a_style_sheet_that_is_too_long_is_told_in_words(tmp_path: Path) -> None:
    own = _with(tmp_path, "style.css", ".p{color:red}" * 3000)
    with pytest.raises(InliningError, match=r"email/style\.css has 39,000 bytes, more than the 32,768"):
        draw(make_article(), templates=own)


# ---------------------------------------------------------------- size


def _many(count: int, **values: Any) -> Iterator[Article]:
    return (make_article(number, **values) for number in range(1, count + 1))


_SENTENCES = "A sentence of some words. " * 30
_LARGE: dict[str, tuple[list[Article], dict[str, Any]]] = {
    "200 articles": (list(_many(200, summary=_SENTENCES, content=RICH * 5)), {}),
    "1,000 articles": (list(_many(1000, summary=_SENTENCES)), {}),
    "20 articles in full": (list(_many(20, content=RICH * 30)), {"content": "full"}),
    "a letter": ([make_article(content=RICH * 800), *_many(9)][:1], {"layout": "letter"}),
    "a letter with neighbours": (
        [make_article(0, content=RICH * 800), *_many(40, summary=_SENTENCES)],
        {"layout": "letter"},
    ),
    "a letter with many neighbours": (list(_many(500, summary=_SENTENCES)), {"layout": "letter"}),
    "a long list": (list(_many(500, summary=_SENTENCES)), {"layout": "list"}),
    "Japanese": (list(_many(60, title="日本の川" * 30, summary="川の水位です。" * 90)), {"language": "ja"}),
    "a Japanese letter": ([make_article(content="<p>川の水位です。</p>" * 15_000)], {"layout": "letter"}),
    "tables": ([make_article(content=f"<table>{'<tr><td>1</td><td>2</td></tr>' * 4000}</table>")], {"content": "full"}),
    "long titles": (list(_many(40, title="Title " * 900)), {}),
    "long names": (list(_many(40, authors=(Author("Ada " * 1000),), highlights=("x" * 4000,) * 9)), {}),
    "long addresses": (list(_many(90, url=f"https://notes.example/{'x' * 1900}")), {}),
    "many sources": (list(_many(30, sources=(Citation("x" * 200, "https://a.example/"),) * 40)), {}),
}


def expect_a_fitting_mail(drawn: Rendering) -> None:
    """Demand that the HTML part is small enough even for readers with long addresses, and that it is whole."""
    filled = drawn.html
    for slot in SLOTS:
        filled = filled.replace(slot, "x" * RESERVE)
    assert len(filled.encode()) <= LARGEST_HTML
    assert filled.endswith("</html>\n")
    assert [problem.message for problem in drawn.problems if "more than 100,000 bytes" in problem.message]


@pytest.mark.parametrize("name", _LARGE)
def test_a_large_issue_is_shortened_by_rule(name: str) -> None:
    articles, newsletter = _LARGE[name]
    drawn = draw(*articles, **newsletter)
    expect_a_fitting_mail(drawn)
    shown = _titles(drawn.html)
    assert shown
    urls = [article.url for article in articles[: len(shown)]]
    for form in (drawn.html, drawn.text):
        places = [form.find(url) for url in urls]
        assert -1 not in places
    assert len(_titles(drawn.web)) == len(articles)
    if len(shown) < len(articles):
        more = re.compile(rf"(?<![0-9]){len(articles) - len(shown)} ?(more articles|件)")
        assert more.search(drawn.html)
        assert more.search(drawn.text)


_TOPIC = "What the gauge at the old bridge says about spring and autumn"
_PATH = "what-the-gauge-at-the-old-bridge-says"


def _ordinary(count: int, **values: Any) -> list[Article]:
    """Return articles whose titles and addresses have 60 characters each."""
    return [
        make_article(
            number,
            title=f"{number} {_TOPIC}"[:60],
            url=f"https://notes.example/{number}/{_PATH}"[:60].ljust(60, "x"),
            summary=_SENTENCES,
            content=RICH,
            **values,
        )
        for number in range(1, count + 1)
    ]


def expect_every_link(drawn: Rendering, articles: list[Article]) -> None:
    """Demand each article's title and link, in the articles' order, in both parts of the mail."""
    for form, link in ((drawn.html, '"{}"'), (drawn.text, "{}\n")):
        places = [form.find(link.format(article.url)) for article in articles]
        assert -1 not in places
        assert places == sorted(places)
    assert _titles(drawn.html) == [article.title for article in articles]
    assert re.findall("<!-- end of article ([0-9]+) -->", drawn.html) == [str(n + 1) for n in range(len(articles))]
    assert "more articles" not in drawn.html + drawn.text


@pytest.mark.parametrize("layout", ["digest", "letter", "list"])
def test_two_hundred_articles_keep_a_link_each(layout: str) -> None:
    articles = _ordinary(200)
    for content in ("summary", "full"):
        drawn = draw(*articles, layout=layout, content=content)
        expect_a_fitting_mail(drawn)
        expect_every_link(drawn, articles)


def test_a_missing_link_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortening, "_as_titles", lambda sections, _: sections)
    articles = _ordinary(200)
    with pytest.raises(AssertionError):
        expect_every_link(draw(*articles), articles)


def test_as_many_as_fit_keep_a_link() -> None:
    drawn = draw(*_ordinary(1000))
    assert 280 < len(_titles(drawn.html)) < 400
    assert f"{1000 - len(_titles(drawn.html))} more articles are on the web page of this issue." in drawn.html


def test_what_has_room_keeps_its_words() -> None:
    tree = etree.HTML(draw(*_ordinary(120)).html)
    lines = tree.findall(".//h2")
    assert len(lines) > 50
    assert len(tree.findall(".//p[@class='gist']")) == len(lines)
    assert len(tree.findall(".//ul/li")) == 120 - len(lines)


@pytest.mark.parametrize(("count", "layout"), [(200, "digest"), (300, "digest"), (200, "letter"), (200, "list")])
def test_titles_share_one_cell_below_words_that_say_what_they_are(count: int, layout: str) -> None:
    drawn = draw(*_ordinary(count), layout=layout)
    tree = etree.HTML(drawn.html)
    (cell,) = tree.xpath("//td[ul/li/a[@name]]")
    assert cell.get("class") == "cell brief ltr"
    assert tree.xpath("//ol") == []
    label = "In this issue" if count == 300 else "Also in this issue"
    assert tree.xpath("//p[starts-with(@class, 'label')]/text()") == [label]
    assert drawn.text.count("In this issue\n") + drawn.text.count("Also in this issue\n") == 1
    assert f"\n\n{label}\n\n" in drawn.text
    assert "\n\n\n" not in drawn.text


def test_lines_are_not_listed_as_contents() -> None:
    drawn = draw(*_ordinary(60))
    tree = etree.HTML(drawn.html)
    summaries, lines = (len(tree.xpath(f"//td[contains(@class, '{name}')]/h2")) for name in ("article", "brief"))
    assert min(lines, summaries) > 0
    assert len(tree.xpath("//ol/li")) == summaries
    (label,) = tree.xpath("//td[@class='cell also ltr']/p/text()")
    assert label == "Also in this issue"
    following = tree.xpath("//td[@class='cell also ltr']/following::a[@name][1]/@name")
    assert following == [f"article-{summaries + 1}"]
    contents = drawn.text.split("In this issue", 1)[1].split("____", 1)[0]
    assert len(re.findall(r"^\d+\.", contents, re.MULTILINE)) == summaries
    assert drawn.text.count("Also in this issue") == 1


def test_a_title_in_another_language_says_so() -> None:
    articles = _ordinary(200)
    articles[150] = replace(articles[150], title="نهر طويل يروي حكاية المدينة", language="ar")
    articles[151] = replace(articles[151], url="")
    drawn = draw(*articles)
    item, plain = etree.HTML(drawn.html).xpath("//li[a[@lang] or a[not(@href)]]")
    assert dict(item[0].attrib) | {"style": ""} == {
        "name": "article-151",
        "class": "entry-link",
        "href": articles[150].url,
        "lang": "ar",
        "dir": "rtl",
        "style": "",
    }
    assert "".join(plain.itertext()) == articles[151].title
    assert f"\n152. {articles[151].title}\n153. " in drawn.text
    ours = draw(*_ordinary(200, language="ar"), language="ar").html
    assert '<ul class="contents contents-rtl"' in ours
    assert etree.HTML(ours).xpath("//li/a[@lang]") == []


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ("{{ section.title }}", "", "title"),
        ("{{ section.url }}", PLACES.web_url, "link"),
        ("<!-- end of article {{ section.number }} -->", "", "end"),
    ],
)
def test_a_title_that_is_lost_is_missed(old: str, new: str, lost: str, tmp_path: Path) -> None:
    own = _with(tmp_path, "_titles.html", bundled().text("email/_titles.html").replace(old, new))
    with pytest.raises(InliningError, match=rf"article \d+ of the mail, '\d+ What the gauge .*', lost its {lost}"):
        draw(*_ordinary(200), templates=own)


def test_few_drafts_are_drawn_until_an_issue_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, plain = [], Templates.render

    def counted(self: Templates, name: str, values: Any) -> str:
        drawn.append((name, len(values.get("sections", ()))))
        return plain(self, name, values)

    monkeypatch.setattr(Templates, "render", counted)
    draw(*_ordinary(1000))
    drafts = [count for name, count in drawn if name == "email/digest.html"]
    assert len(drafts) <= 12
    assert max(drafts) < 1000


def test_much_of_the_room_is_used() -> None:
    articles, newsletter = _LARGE["a letter"]
    assert len(draw(*articles, **newsletter).html.encode()) > 85_000
    articles, newsletter = _LARGE["20 articles in full"]
    assert len(draw(*articles, **newsletter).html.encode()) > 85_000


def test_an_issue_that_is_cut_is_seen() -> None:
    articles, newsletter = _LARGE["20 articles in full"]
    drawn = draw(*articles, **newsletter)
    with pytest.raises(AssertionError):
        expect_a_fitting_mail(replace(drawn, html=drawn.html[:1000]))
    with pytest.raises(AssertionError):
        expect_a_fitting_mail(replace(drawn, html=drawn.html.replace("<p", "<p>" + "x" * 20_000 + "</p><p", 1)))


@pytest.mark.parametrize("layout", ["digest", "letter", "list"])
def test_a_small_issue_is_not_touched(layout: str) -> None:
    drawn = draw(*_many(20), layout=layout)
    assert drawn.problems == ()
    assert len(drawn.html.encode()) < 60_000


@settings(max_examples=8)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from(["word ", "日本の", "a&b<c> ", "é"])), min_size=1, max_size=30
    ),
    st.sampled_from(["digest", "letter", "list"]),
)
def test_any_issue_fits_and_its_size_is_known_before(sizes: list[tuple[int, str]], layout: str) -> None:
    articles = [
        make_article(number, title=words * (1 + size), content=RICH * size, summary=words * size * 9)
        for number, (size, words) in enumerate(sizes)
    ]
    told: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        inline = Styles.inline

        def measured(self: Styles, html: str, *rest: Any) -> str:
            result = inline(self, html, *rest)
            told.append(self.size(html) - len(result.encode()))
            return result

        patch.setattr(Styles, "inline", measured)
        drawn = draw(*articles, layout=layout, content="full")
    assert told == [0]
    assert len(drawn.html.encode()) <= LARGEST_HTML


def _with(folder: Path, name: str, text: str) -> Templates:
    (folder / "email").mkdir(exist_ok=True)
    (folder / "email" / name).write_text(text, encoding="utf-8")
    return Templates(folder)


def test_what_a_template_adds_when_inlined_makes_room_once_more(tmp_path: Path) -> None:
    head = bundled().text("email/_head.html")
    own = _with(tmp_path, "_head.html", f"{head}\n<style>a {{ letter-spacing: 0px; word-spacing: 0px }}</style>")
    articles, newsletter = _LARGE["200 articles"]
    drawn = draw(*articles, templates=own, **newsletter)
    expect_a_fitting_mail(drawn)
    assert "word-spacing" in drawn.html


def test_a_size_told_wrong_lets_no_large_mail_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    size = Styles.size
    monkeypatch.setattr(Styles, "size", lambda self, html: size(self, html) - 10_000)
    articles, newsletter = _LARGE["20 articles in full"]
    expect_a_fitting_mail(draw(*articles, **newsletter))


def test_a_frame_that_leaves_no_room_is_told_in_words(tmp_path: Path) -> None:
    own = _with(tmp_path, "_colophon.html", "<p>A very long footer.</p>" * 4000)
    with pytest.raises(
        TooLarge, match=r"^the mail has \d+,\d+ bytes even with its articles as short as can be, and only"
    ):
        draw(make_article(), templates=own)


def test_without_a_page_nothing_is_left_out() -> None:
    with pytest.raises(
        TooLarge, match=r"send fewer articles in an issue, let its page show the rest \(archive = true\)"
    ):
        draw(*_many(900), places=Places())
    drawn = draw(*_many(60, summary=_SENTENCES), places=Places())
    assert len(_titles(drawn.html)) == 60


def test_the_kept_styles_are_small_enough() -> None:
    styles = re.findall("<style>(.*?)</style>", draw(make_article()).html, re.DOTALL)
    assert 1000 < sum(len(style.encode()) for style in styles) <= LARGEST_STYLE


# ---------------------------------------------------------------- once, and in time


@pytest.mark.parametrize("articles", [list(_many(3)), _LARGE["200 articles"][0]], ids=["small", "large"])
def test_premailer_runs_once_an_issue(articles: list[Article], monkeypatch: pytest.MonkeyPatch) -> None:
    runs, transform = [], Premailer.transform

    def counted(self: Any, *args: Any, **options: Any) -> Any:
        runs.append(self)
        return transform(self, *args, **options)

    monkeypatch.setattr(Premailer, "transform", counted)
    draw(*articles)
    assert len(runs) == 1


def test_rendering_takes_linear_time(expect_linear: Callable[[Callable[[int], object], int], None]) -> None:
    expect_linear(lambda count: draw(*_many(count, content=RICH)), 25)


def test_the_same_issue_is_the_same_bytes() -> None:
    articles, newsletter = _LARGE["20 articles in full"]
    assert draw(*articles, **newsletter) == draw(*articles, **newsletter)


# ---------------------------------------------------------------- no tracking


def expect_no_tracking(html: str, known: set[str]) -> None:
    """Demand that every address is an article's, the publication's or a slot of the reader's own two pages."""
    urls = set(re.findall(r"""(?:href|src|background|action|srcset)="([^"]*)"|url\(([^)]*)\)""", html))
    addresses = {one or other for one, other in urls}
    assert addresses <= known | {UNSUBSCRIBE, PREFERENCES}
    assert {slot for slot in SLOTS if slot in html} == {UNSUBSCRIBE, PREFERENCES}
    assert not re.search(r'(?:width|height)="[01]"', html)


_KNOWN = {
    "https://notes.example/",
    "https://notes.example/1/",
    "https://notes.example/x",
    PLACES.web_url,
    PLACES.archive_url,
}


def test_there_is_no_pixel_and_no_rewritten_link() -> None:
    html = draw(make_article(content=RICH), content="full").html
    expect_no_tracking(html, _KNOWN)


@pytest.mark.parametrize(
    "added",
    [
        '<img src="https://count.example/open.gif" alt="" width="1" height="1">',
        '<a href="https://count.example/?to=https://notes.example/1/">x</a>',
        f'<a href="https://notes.example/?reader={ADDRESS}">x</a>',
        '<td style="background:url(https://count.example/open.gif)">',
    ],
)
def test_tracking_is_seen(added: str) -> None:
    html = draw(make_article(content=RICH), content="full").html
    with pytest.raises(AssertionError):
        expect_no_tracking(html.replace("</body>", f"{added}</body>"), _KNOWN)
