"""The words of the public pages: complete in each language, and changed by the publication's own."""

import re
import tomllib
from pathlib import Path

import pytest

from publisher.newsletter.asking import page_words
from publisher.newsletter.languages import SHIPPED
from publisher.templating import BrokenTemplateError, Templates, bundled_templates

WORDS = bundled_templates() / "web" / "words"
ENGLISH = tomllib.loads((WORDS / "en.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", SHIPPED)
def test_each_shipped_language_says_everything_with_the_same_placeholders(language: str) -> None:
    own = tomllib.loads((WORDS / f"{language}.toml").read_text(encoding="utf-8"))
    assert own.keys() == ENGLISH.keys()
    for key, text in own.items():
        assert set(re.findall(r"\{\w+\}", text)) == set(re.findall(r"\{\w+\}", ENGLISH[key])), key
    say = page_words(language, Templates())
    assert say.language == language
    assert say.direction == ("rtl" if language == "ar" else "ltr")


def test_a_publication_has_words_of_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "web" / "words"
    folder.mkdir(parents=True)
    (folder / "nl.toml").write_text('subscribe = "Aanmelden"\n', encoding="utf-8")
    say = page_words("nl-BE", Templates(tmp_path))
    assert (say.language, say("subscribe"), say("save")) == ("nl", "Aanmelden", "Save")


@pytest.mark.parametrize("line", ['subscrib = "x"', 'subscribe = "{name}"', "subscribe ="])
def test_a_file_of_words_with_a_mistake_is_named(tmp_path: Path, line: str) -> None:
    folder = tmp_path / "web" / "words"
    folder.mkdir(parents=True)
    (folder / "nl.toml").write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(BrokenTemplateError, match=r"web/words/nl\.toml"):
        page_words("nl", Templates(tmp_path))


def test_values_are_never_looked_into() -> None:
    say = page_words("en", Templates())
    assert say("subscribe_heading", title="{title} {x}") == "Subscribe to {title} {x}"
