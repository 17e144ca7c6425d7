"""Templates: ours unless the publication has its own; article text is data in them."""

from pathlib import Path

import pytest

from publisher.errors import PublisherError
from publisher.templating import Templates, bundled, trusted


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "page.html").write_text("<p>{{ x }}</p>", encoding="utf-8")
    (tmp_path / "page.txt").write_text("{{ x }}\n", encoding="utf-8")
    return tmp_path


def test_html_is_escaped_and_text_is_not(own: Path) -> None:
    templates = Templates(own)
    assert templates.render("page.html", {"x": "<b>&"}) == "<p>&lt;b&gt;&amp;</p>"
    assert templates.render("page.txt", {"x": "<b>&"}) == "<b>&\n"


def test_only_trusted_html_passes_as_it_is(own: Path) -> None:
    assert Templates(own).render("page.html", {"x": trusted("<b>1</b>")}) == "<p><b>1</b></p>"


def test_template_code_in_a_value_stays_text(own: Path) -> None:
    assert Templates(own).render("page.txt", {"x": "{{ 7 * 7 }}"}) == "{{ 7 * 7 }}\n"


def test_the_publications_own_template_comes_first(own: Path) -> None:
    (own / "feed").mkdir()
    (own / "feed" / "feed.css").write_text("mine", encoding="utf-8")
    assert Templates(own).text("feed/feed.css") == "mine"
    assert bundled().text("feed/feed.css") != "mine"


@pytest.mark.parametrize(
    "source",
    ["{{ missing }}", "{% if %}", "{{ x.__class__.__mro__ }}", "{{ 1 / 0 }}", "{{ 'a' + 1 }}", "{{ range(10 ** 9) }}"],
)
def test_a_broken_template_is_named(own: Path, source: str) -> None:
    (own / "page.html").write_text(source, encoding="utf-8")
    with pytest.raises(PublisherError, match=r"template page\.html"):
        Templates(own).render("page.html", {"x": 1})


def test_a_template_in_another_encoding_is_named(own: Path) -> None:
    (own / "page.html").write_bytes(b"\xe9")
    with pytest.raises(PublisherError, match=r"template page\.html"):
        Templates(own).render("page.html", {})
    with pytest.raises(PublisherError, match=r"template page\.html"):
        Templates(own).text("page.html")


def test_a_missing_template_is_named(own: Path) -> None:
    with pytest.raises(PublisherError, match="template nothing"):
        Templates(own).render("nothing.html", {})
    with pytest.raises(PublisherError, match="template nothing"):
        Templates(own).text("nothing.css")


def test_a_template_cannot_read_outside_its_folders(own: Path) -> None:
    (own.parent / "secret.txt").write_text("secret", encoding="utf-8")
    with pytest.raises(PublisherError):
        Templates(own).text("../secret.txt")


def test_what_changes_is_seen_by_the_next_templates(own: Path) -> None:
    first = Templates(own)
    assert first.render("page.txt", {"x": 1}) == "1\n"
    (own / "page.txt").write_text("{{ x }}, changed\n", encoding="utf-8")
    assert first.render("page.txt", {"x": 1}) == "1\n"
    assert Templates(own).render("page.txt", {"x": 1}) == "1, changed\n"
