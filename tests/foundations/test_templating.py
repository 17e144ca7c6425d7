"""Templates: ours unless the publication has its own; article text is data in them."""

import re
from pathlib import Path

import pytest

from publisher import templating
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
    [
        "{{ missing }}",
        "{% if %}",
        "{{ x.__class__.__mro__ }}",
        "{{ 1 / 0 }}",
        "{{ 'a' + 1 }}",
        "{{ range(10 ** 9) }}",
        "{{ 'a' * 10 ** 10 }}",
        "{{ 10 ** 7 * 'a' }}",
        "{{ [1] * 10 ** 7 }}",
        "{{ 10 ** (10 ** 7) }}",
        "{{ 2 ** 600000 * 2 ** 600000 }}",
    ],
)
def test_a_broken_template_is_named(own: Path, source: str) -> None:
    (own / "page.html").write_text(source, encoding="utf-8")
    with pytest.raises(PublisherError, match=r"template page\.html"):
        Templates(own).render("page.html", {"x": 1})


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ("\n{{ missing }}", "part.html:2"),
        ("\n\n{% if %}", "part.html:3"),
        ('{% include "none.html" %}', "part.html:1"),
        ("{% macro m() %}\n{{ 1 / 0 }}{% endmacro %}{{ m() }}", "part.html:2"),
        ("{{ fail() }}", "part.html:1"),
        (b"<p>\n\xe9", "part.html:2"),
    ],
)
def test_a_broken_part_is_named_and_not_what_includes_it(own: Path, part: str | bytes, place: str) -> None:
    (own / "part.html").write_bytes(part if isinstance(part, bytes) else part.encode())
    (own / "page.html").write_text('<p>\n</p>\n\n{% include "part.html" %}', encoding="utf-8")

    def fail() -> None:
        raise ValueError("there are no words for that")

    with pytest.raises(PublisherError, match=rf"^template {re.escape(place)}: "):
        Templates(own).render("page.html", {"fail": fail})


@pytest.mark.parametrize(
    ("source", "written"),
    [("{{ 2 * 3 }}", "6"), ("{{ 'a' * 3 }}", "aaa"), ("{{ 3 * 'a' }}", "aaa"), ("{{ 2 ** 0.5 * 0 }}", "0.0")],
)
def test_templates_can_multiply(own: Path, source: str, written: str) -> None:
    (own / "page.txt").write_text(source, encoding="utf-8")
    assert Templates(own).render("page.txt", {}) == written


def test_a_template_that_writes_without_end_is_stopped(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templating, "_LONGEST", 1000)
    loop = "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}"
    (own / "page.txt").write_text(loop, encoding="utf-8")
    with pytest.raises(PublisherError, match=r"template page\.txt: it writes more than 1,000 characters"):
        Templates(own).render("page.txt", {})


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
