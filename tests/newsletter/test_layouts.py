"""The three layouts of an issue and its web page: how they are built, and how a publication changes a part of them."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from publisher import Publication

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
WORDS = "The gauge at the old bridge rose by forty centimetres overnight, and nobody in the town was surprised. "
MSO_START = '<!--[if mso]><table role="presentation" width="600" cellpadding="0" cellspacing="0" border="0" align="center"><tr><td><![endif]-->'


def make(folder: Path, newsletter: str = "", articles: int = 3, publication: str = "") -> Path:
    """Make a publication and an issue of it, and return the bundle's folder."""
    (folder / "articles").mkdir(parents=True, exist_ok=True)
    for number in range(1, articles + 1):
        head = f"title: Article {number:03}\ndate: 2026-11-22T08:{articles - number:02}:00Z\nsummary: {WORDS * 2}"
        lead = f"image: https://notes.example/{number}.jpg\nauthors: [Ada Example, Ben Example]"
        text = f"---\n{head}\n{lead}\nsources: [https://office.example/]\n---\n## Deeper\n\n{WORDS}\n"
        (folder / "articles" / f"{number}.md").write_text(text, encoding="utf-8")
    (folder / "publisher.toml").write_text(
        '[publication]\ntitle = "Field Notes"\nurl = "https://notes.example/"\ndescription = "Rivers."\n'
        f'authority = "notes.example,2026"\n{publication}\n[[feeds]]\nname = "all"\n'
        f'[[newsletters]]\nname = "weekly"\npostal_address = "1 Sample Street"\n{newsletter}\n',
        encoding="utf-8",
    )
    return folder / Publication.load(folder).issue("weekly", NOW).folder


def tree(bundle: Path, name: str = "issue.html") -> Any:
    return etree.fromstring((bundle / name).read_bytes(), etree.HTMLParser(encoding="utf-8"))


def texts(root: Any, path: str) -> list[str]:
    return [" ".join("".join(element.itertext()).split()) for element in root.xpath(path)]


def test_a_digest_has_contents_and_summaries(tmp_path: Path) -> None:
    root = tree(make(tmp_path))
    assert texts(root, "//h2") == ["Article 001", "Article 002", "Article 003"]
    pages = root.xpath("//ol//a/@href")
    assert [page.rpartition("#")[2] for page in pages] == ["article-1", "article-2", "article-3"]
    assert all(page.startswith("https://notes.example/") for page in pages)
    assert "Deeper" not in texts(root, "//h3")
    assert len(root.xpath("//img[@class='lead natural']")) == 3


def test_a_letter_has_one_article_whole_and_lines_of_the_others(tmp_path: Path) -> None:
    root = tree(make(tmp_path, 'layout = "letter"'))
    assert texts(root, "//h2") == ["Article 001", "Article 002", "Article 003"]
    assert texts(root, "//h3") == ["Deeper", "Sources"]
    assert texts(root, "//p[@class='label last']") == ["Also in this issue"]
    assert [cell.get("class") for cell in root.xpath("//td[@lang]")] == [
        "cell article opening ltr",
        "cell brief ltr",
        "cell brief ltr",
    ]
    alone = tree(make(tmp_path / "alone", 'layout = "letter"', articles=1))
    assert texts(alone, "//p[@class='label last']") == []


def test_a_list_has_a_line_of_each(tmp_path: Path) -> None:
    root = tree(make(tmp_path, 'layout = "list"'))
    assert texts(root, "//h2/a") == ["Article 001", "Article 002", "Article 003"]
    assert {cell.get("class") for cell in root.xpath("//td[@lang]")} == {"cell brief ltr"}
    assert root.xpath("//img") == []


@pytest.mark.parametrize("layout", ["digest", "letter", "list"])
@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_mail_has_the_same_frame(tmp_path: Path, layout: str, language: str) -> None:
    bundle = make(tmp_path, f'layout = "{layout}"\nlanguage = "{language}"')
    html, root = (bundle / "issue.html").read_text(encoding="utf-8"), tree(bundle)
    way = {"en": "ltr", "ar": "rtl"}[language]
    assert html.startswith("<!DOCTYPE html>\n<html ")
    assert [(each.get("lang"), each.get("dir")) for each in root.xpath("/html | //div[@role]")] == [(language, way)] * 2
    assert {table.get("role") for table in root.iter("table")} == {"presentation"}
    assert len(root.xpath("//h1")) == 1
    assert html.count(MSO_START) == html.count("<!--[if mso]></td></tr></table><![endif]-->") == 1
    assert html.index('<div class="preheader"') < html.index("<table")
    assert [style.get("data-premailer") for style in root.iter("style")] == [None]
    assert all(image.get("width") and image.get("alt") is not None for image in root.iter("img"))
    assert all("underline" in link.get("style") for link in root.xpath("//a[@href][not(img)]"))
    assert all(
        "exactly" in each.get("style") for each in root.xpath("//*[contains(@style, 'line-height:2')][not(self::img)]")
    )


def test_levels_of_headings_follow_each_other(tmp_path: Path) -> None:
    levels = [int(heading.tag[1]) for heading in tree(make(tmp_path, 'content = "full"')).xpath("//h1|//h2|//h3|//h4")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_twenty_summaries_stay_small(tmp_path: Path) -> None:
    bundle = make(tmp_path, articles=20)
    assert tree(bundle).xpath("count(//img)") == 20
    assert (bundle / "issue.html").stat().st_size < 60_000


def test_the_web_page_is_worth_linking_to(tmp_path: Path) -> None:
    bundle = make(tmp_path, 'layout = "letter"', publication='language = "de"')
    root = tree(bundle, "web.html")
    (canonical,) = root.xpath("//link[@rel='canonical']/@href")
    named = dict(zip(root.xpath("//meta[@property]/@property"), root.xpath("//meta[@property]/@content"), strict=True))
    (title,) = texts(root, "//title")
    assert (named["og:url"], named["og:title"], named["og:type"]) == (canonical, title, "article")
    assert named["og:image"] == "https://notes.example/1.jpg"
    assert named["article:published_time"].startswith("2026-11-")
    assert root.xpath("//meta[@name='description']/@content") == [named["og:description"]]
    feeds = root.xpath("//link[@rel='alternate']/@href")
    assert "https://notes.example/feeds/all.atom.xml" in feeds
    assert root.xpath("string(//body/a[1]/@href)") == "#" + root.xpath("string(//main/@id)")
    assert len(root.xpath("//main/article[@id]")) == 3
    assert root.xpath("//footer//a[contains(@href, 'issues/weekly')]")
    assert "invalid" not in (bundle / "web.html").read_text(encoding="utf-8")


def test_contents_of_the_web_page_lead_within_it(tmp_path: Path) -> None:
    assert tree(make(tmp_path), "web.html").xpath("//nav//a/@href") == ["#article-1", "#article-2", "#article-3"]


def test_without_an_archive_nothing_leads_to_it(tmp_path: Path) -> None:
    bundle = make(tmp_path, "archive = false")
    assert tree(bundle).xpath("//ol//a") == []
    assert tree(bundle, "web.html").xpath("//link[@rel='canonical']") == []
    assert "issues/weekly" not in (bundle / "issue.html").read_text(encoding="utf-8")


def test_a_publication_changes_one_part_and_keeps_the_others(tmp_path: Path) -> None:
    own = tmp_path / "templates" / "email"
    own.mkdir(parents=True)
    (own / "_masthead.html").write_text('<h1 class="title">{{ title | upper }}</h1>\n', encoding="utf-8")
    for name in ("issue.html", "web.html"):
        root = tree(make(tmp_path), name)
        assert texts(root, "//h1") == ["FIELD NOTES"]
        assert texts(root, "//h2") == ["Article 001", "Article 002", "Article 003"]


def test_logo_and_footer_are_those_of_the_settings(tmp_path: Path) -> None:
    logo = '{ url = "https://notes.example/logo.png", width = 120, height = 40 }'
    look = f'look = {{ accent = "#b3541e", footer = ["By hand."], logo = {logo} }}'
    bundle = make(tmp_path, look)
    for name in ("issue.html", "web.html"):
        root = tree(bundle, name)
        (image,) = root.xpath("//img[@class='logo']")
        assert (image.get("alt"), image.get("width"), image.get("height")) == ("Field Notes", "120", "40")
        assert "By hand." in texts(root, "//p[@class='small']")
    assert "#b3541e" in (bundle / "issue.html").read_text(encoding="utf-8")


def test_words_of_ours_within_an_article_say_which_language_they_are(tmp_path: Path) -> None:
    root = tree(make(tmp_path, 'language = "de"'))
    assert {(each.get("lang"), each.get("dir")) for each in root.xpath("//p[@class='more']")} == {("de", "ltr")}
    assert {cell.get("lang") for cell in root.xpath("//td[@lang]")} == {"en"}
