"""The words around the articles of an issue, in eight languages and in those a publication adds."""

import re
import subprocess
import sys
import tomllib
import unicodedata
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from babel.core import Locale
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from publisher.newsletter import words as module
from publisher.newsletter.languages import SHIPPED, category, forms, lookup
from publisher.newsletter.words import Words, words
from publisher.templating import BrokenTemplateError, Templates, bundled, bundled_templates

FOLDER = bundled_templates() / "email" / "words"
ENGLISH = tomllib.loads((FOLDER / "en.toml").read_text(encoding="utf-8"))
DAY = date(2026, 11, 22)
LETTERS = {"ja": "HIRAGANA KATAKANA CJK", "zh-Hans": "CJK", "ar": "ARABIC"}


def say(language: str) -> Words:
    return words(language, bundled())


@pytest.fixture
def own(tmp_path: Path) -> Any:
    """Return the words of a publication that has files of its own."""

    def with_files(language: str, **files: str) -> Words:
        folder = tmp_path / "email" / "words"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / f"{name.replace('_', '-')}.toml").write_text(content, encoding="utf-8")
        return words(language, Templates(tmp_path))

    return with_files


def without_babel(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("babel", "babel.core", "babel.dates"):
        monkeypatch.setitem(sys.modules, name, None)


def faults(tag: str, said: dict[str, Any]) -> list[str]:
    """Say where a shipped file differs from the English one in keys, and from its language's rules in forms."""
    found = [f"{tag}: {key}" for key in (set(said) - set(module._VARIANTS)) ^ set(ENGLISH)]
    for key, value in said.items():
        if isinstance(value, dict) != isinstance(ENGLISH.get(key), dict):
            found.append(f"{tag}: {key} has plural forms in one file only")
        elif isinstance(value, dict) and set(value) != set(forms(tag)):
            found.append(f"{tag}: {key} has the forms {sorted(value)}")
    return [*found, *(f"{tag}: {mistake}" for mistake in module._mistakes(said))]


@pytest.mark.parametrize("tag", SHIPPED)
def test_each_file_has_the_same_keys_with_all_forms_and_placeholders(tag: str) -> None:
    said = tomllib.loads((FOLDER / f"{tag}.toml").read_text(encoding="utf-8"))
    assert faults(tag, said) == []


def test_each_text_is_shown_somewhere() -> None:
    package = Path(module.__file__).parents[1]
    shown = "".join(
        path.read_text(encoding="utf-8")
        for folder, pattern in (
            (bundled_templates(), "**/*.html"),
            (bundled_templates(), "**/*.txt"),
            (package, "**/*.py"),
        )
        for path in sorted(folder.glob(pattern))
    )
    assert [
        key for key in ENGLISH if not re.search(f"[\"']{key}[\"']", shown) and key not in ("first_day", "months")
    ] == []


def test_each_file_belongs_to_a_shipped_language() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(SHIPPED)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"unsubscribe": None}, "unsubscribe"),
        ({"farewell": "x"}, "farewell"),
        ({"minutes": "{count}"}, "minutes has plural forms in one file only"),
        ({"minutes": {"one": "{count}", "other": "{count}"}}, "minutes has the forms ['one', 'other']"),
        ({"because": "x"}, "because lacks {title}"),
    ],
)
def test_a_file_with_a_gap_would_be_noticed(change: dict[str, Any], said: str) -> None:
    arabic = tomllib.loads((FOLDER / "ar.toml").read_text(encoding="utf-8")) | change
    found = faults("ar", {key: value for key, value in arabic.items() if value is not None})
    assert any(said in fault for fault in found)


@pytest.mark.parametrize(("tag", "scripts"), LETTERS.items())
def test_what_readers_see_is_in_their_script(tag: str, scripts: str) -> None:
    """A text left in English, or a letter of a neighbouring alphabet, would stand out."""
    for path, text in _texts(tomllib.loads((FOLDER / f"{tag}.toml").read_text(encoding="utf-8"))):
        letters = [unicodedata.name(letter) for letter in re.sub(r"\{\w+\}", "", text) if letter.isalpha()]
        assert all(name.startswith(tuple(scripts.split())) for name in letters), path


def _texts(said: dict[str, Any]) -> list[tuple[str, str]]:
    flat = [(key, value) for key, value in said.items() if isinstance(value, str)]
    return flat + [(key, form) for key, value in said.items() if isinstance(value, dict) for form in value.values()]


def test_french_signs_stand_behind_spaces_that_do_not_break() -> None:
    for key, text in _texts(tomllib.loads((FOLDER / "fr.toml").read_text(encoding="utf-8"))):
        assert not re.search(r"(?<![\u00a0\u202f])[:;!?»]|«(?![\u00a0\u202f])", text), key


@pytest.mark.parametrize("tag", SHIPPED)
@given(count=st.integers(0, 999_999))
def test_plural_forms_are_those_of_the_unicode_repository(tag: str, count: int) -> None:
    assert category(tag, count) == Locale.parse(tag, sep="-").plural_form(count)
    assert category(tag, count) in set(forms(tag))


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "مدة القراءة: دقيقة واحدة"),
        (2, "مدة القراءة: دقيقتان"),
        (3, "مدة القراءة: 3 دقائق"),
        (11, "مدة القراءة: 11 دقيقة"),
        (103, "مدة القراءة: 103 دقائق"),
    ],
)
def test_arabic_counts_in_six_forms(count: int, text: str) -> None:
    assert say("ar")("minutes", count=count) == text


@pytest.mark.parametrize("tag", SHIPPED)
@given(day=st.dates(date(1000, 1, 1)))
def test_dates_are_those_of_the_unicode_repository_but_for_the_first_of_the_month(tag: str, day: date) -> None:
    expected = format_date(day, "long", locale=Locale.parse({"en": "en-GB"}.get(tag, tag), sep="-"))
    if day.day == 1:
        expected = {"fr": expected.replace("1", "1er", 1), "pt": expected.replace("1", "1º", 1)}.get(tag, expected)
    assert say(tag).date(day) == expected


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("en", "22 November 2026"),
        ("de", "22. November 2026"),
        ("fr", "22 novembre 2026"),
        ("es", "22 de noviembre de 2026"),
        ("pt", "22 de novembro de 2026"),
        ("ja", "2026年11月22日"),
        ("zh-Hans", "2026年11月22日"),
        ("ar", "22 نوفمبر 2026"),
    ],
)
def test_dates_of_shipped_languages_need_no_babel(tag: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    without_babel(monkeypatch)
    assert say(tag).date(DAY) == text
    assert say(tag).date(datetime(2026, 11, 22, 23, 59, tzinfo=UTC)) == text


def test_a_program_that_speaks_shipped_languages_loads_no_babel() -> None:
    program = (
        "import sys, datetime\n"
        "from publisher.newsletter.words import words\n"
        "from publisher.templating import bundled\n"
        f"for tag in {tuple(SHIPPED)}: words(tag, bundled()).date(datetime.date(2026, 11, 1))\n"
        "sys.exit('babel' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("asked", "used", "direction"),
    [
        ("de-AT", "de", "ltr"),
        ("PT-br", "pt", "ltr"),
        ("zh", "zh-Hans", "ltr"),
        ("zh-CN", "zh-Hans", "ltr"),
        ("zh-hans-sg", "zh-Hans", "ltr"),
        ("zh-TW", "en", "ltr"),
        ("zh-Hant", "en", "ltr"),
        ("zh-Hant-CN", "en", "ltr"),
        ("ja-JP", "ja", "ltr"),
        ("ar-EG", "ar", "rtl"),
        ("ar-Latn", "en", "ltr"),
        ("de-Latn-CH-1901", "de", "ltr"),
        ("it", "en", "ltr"),
        ("he", "en", "ltr"),
        ("", "en", "ltr"),
    ],
)
def test_the_nearest_language_speaks(asked: str, used: str, direction: str) -> None:
    found = say(asked)
    assert (found.language, found.direction) == (used, direction)
    assert found("unsubscribe") == say(used)("unsubscribe")


@given(st.text(max_size=20))
def test_no_tag_leads_out_of_the_folder(language: str) -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9-]+", tag) for tag in lookup(language))


def test_names_make_a_list() -> None:
    assert say("en").names(()) == ""
    assert say("en").names(("Ada",)) == "Ada"
    assert say("en").names(("Ada", "Ben")) == "Ada and Ben"
    assert say("en").names(("Ada", "Ben", "Cleo")) == "Ada, Ben and Cleo"
    assert say("ja").names(("春香", "健一", "美咲")) == "春香、健一、美咲"
    assert say("ar").names(("ليلى", "عمر", "سارة")) == "ليلى، عمر وسارة"


@pytest.mark.parametrize(
    ("last", "names"), [("Inés", "Ada e Inés"), ("Hilda", "Ada e Hilda"), ("Iago", "Ada y Iago"), ("Ben", "Ada y Ben")]
)
def test_spanish_names_do_not_run_into_each_other(last: str, names: str) -> None:
    assert say("es").names(("Ada", last)) == names


def test_another_language_can_have_a_second_and(own: Any) -> None:
    hill = ("Ada", "Inés")
    assert own("it", it='and = " e "\nand_before_i = " ed "').names(hill) == "Ada ed Inés"
    # What went with the words of before does not stay with others.
    assert own("es", es='and = " & "').names(hill) == "Ada & Inés"
    assert own("es", es='and = " y "\nunsubscribe = "Baja"').names(hill) == "Ada e Inés"
    assert say("fr").names(hill) == "Ada et Inés"
    with pytest.raises(BrokenTemplateError, match=r"and_before_i has \{name\}, which has no value there"):
        own("it", it='and_before_i = "{name}"')


@given(st.text(max_size=30))
def test_a_value_is_shown_as_it_is(value: str) -> None:
    assert say("en")("because", title=value) == f"You get this mail because you subscribed to {value}."


@pytest.mark.parametrize("value", ["{count}", "{title.__class__}", "{0}", "%s", "\\1", "{"])
def test_nothing_in_a_value_is_looked_for(value: str) -> None:
    assert say("en")("on_the_web", name=value, count=5, title="T") == f"{value} on the web"


def test_asking_for_what_is_not_there_is_told() -> None:
    with pytest.raises(ValueError, match="there are no words for 'unsubscibe'; did you mean unsubscribe"):
        say("en")("unsubscibe")
    with pytest.raises(ValueError, match="the words for 'because' need a value for 'title'"):
        say("en")("because")
    with pytest.raises(ValueError, match="the words for 'minutes' need a value for 'count'"):
        say("en")("minutes")


def test_a_publication_adds_a_language_without_babel(own: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    without_babel(monkeypatch)
    months = "januari februari maart april mei juni juli augustus september oktober november december".split()
    found = own(
        "nl-BE",
        nl=f'months = {months}\nunsubscribe = "Afmelden"\n'
        'omitted = { one = "Nog één artikel.", other = "Nog {count} artikelen." }',
    )
    assert (found.language, found("unsubscribe"), found("preferences")) == ("nl", "Afmelden", "Preferences")
    assert found.date(DAY) == "22 november 2026"
    assert [found("omitted", count=count) for count in (1, 2)] == ["Nog één artikel.", "Nog 2 artikelen."]
    assert found("minutes", count=1) == "1 min read"


def test_babel_knows_the_dates_and_plurals_of_an_added_language(own: Any) -> None:
    found = own("pl", pl='omitted = { one = "1 artykuł", few = "{count} artykuły", other = "{count} artykułów" }')
    assert found.date(DAY) == "22 listopada 2026"
    assert [found("omitted", count=count) for count in (1, 3, 5)] == ["1 artykuł", "3 artykuły", "5 artykułów"]
    assert found("minutes", count=0) == "0 min read"  # an English text by English rules


def test_without_babel_other_languages_have_figures_for_dates(monkeypatch: pytest.MonkeyPatch) -> None:
    assert say("it").date(DAY) == "22 novembre 2026"
    assert say("zh-TW").date(DAY) == "2026年11月22日"
    assert say("qqq").date(DAY) == "2026-11-22"
    assert category("qqq", 1) == "one"
    without_babel(monkeypatch)
    assert say("it").date(DAY) == "2026-11-22"
    assert category("pl", 3) == "other"


def test_a_publication_changes_single_words(own: Any) -> None:
    found = own("de-AT", de='unsubscribe = "Abmelden"', de_AT='past_issues = "Archiv"')
    assert (found.language, found("unsubscribe"), found("past_issues")) == ("de-AT", "Abmelden", "Archiv")
    assert found("preferences") == "Einstellungen"
    assert found.date(DAY) == "22. November 2026"
    assert own("de")("past_issues") == "Frühere Ausgaben"


def test_a_publication_changes_what_is_said_in_the_last_resort(own: Any) -> None:
    found = own("it", en='unsubscribe = "Leave"')
    assert (found.language, found("unsubscribe")) == ("en", "Leave")


def test_traditional_characters_can_be_added(own: Any) -> None:
    assert own("zh-TW", zh_Hant='unsubscribe = "取消訂閱"')("unsubscribe") == "取消訂閱"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("unsubscribe = " + "[" * 5000, r"template email/words/nl\.toml: its values are nested too deeply"),
        ("unsubscribe = ", r"template email/words/nl\.toml: Invalid value \(at end of document\)"),
        ('unsubscibe = "x"', r"nl\.toml: 'unsubscibe' is no key of such a file; did you mean unsubscribe\?"),
        ('because = "Omdat."', r"nl\.toml: because lacks \{title\}"),
        ('because = "{title} {reader}"', r"because has \{reader\}, which has no value there"),
        ('because = "{title.x}"', r"because lacks \{title\}, and because has \{title\.x\}"),
        ("unsubscribe = 1", "unsubscribe is no text on one line"),
        ('unsubscribe = ""', "unsubscribe is no text on one line"),
        ('unsubscribe = "a\\nb"', "unsubscribe is no text on one line"),
        ('unsubscribe = "a\\u202eb"', "unsubscribe is no text on one line"),
        ('unsubscribe = { other = "x" }', "unsubscribe is one text and has no plural forms"),
        ('minutes = { one = "{count}" }', "minutes needs the form other"),
        (
            'minutes = { others = "{count}", other = "{count}" }',
            r"minutes\.others is no plural form; did you mean other",
        ),
        ('minutes = { one = "een", other = "veel" }', r"minutes\.other lacks \{count\}"),
        ('minutes = { one = { a = 1 }, other = "{count}" }', r"minutes\.one is no text"),
        ('months = ["jan"]', "months is no list of twelve names"),
        ('a = 1\nunsubscribe = ""', "'a' is no key of such a file, and unsubscribe is no text"),
    ],
)
def test_a_mistake_in_a_file_is_told_with_its_name(own: Any, content: str, said: str) -> None:
    with pytest.raises(BrokenTemplateError, match=said):
        own("nl", nl=content)


def test_a_date_without_months_is_told(own: Any) -> None:
    with pytest.raises(BrokenTemplateError, match=r"email/words/nl\.toml: date puts .* months is absent"):
        own("nl", nl='date = "{day} {month} {year}"')


def test_the_examples_of_the_documentation_work(own: Any) -> None:
    page = (Path(__file__).parents[2] / "docs" / "newsletters.md").read_text(encoding="utf-8")
    files = dict(re.findall(r"```toml\n# templates/email/words/([\w-]+)\.toml\n(.*?)```", page, re.DOTALL))
    assert set(files) == {"en-US", "nl"}
    american, dutch = own("en-US", **{"en-US": files["en-US"]}), own("nl-NL", nl=files["nl"])
    assert american.date(DAY) == "November 22, 2026"
    assert (dutch.date(DAY), dutch("minutes", count=1)) == ("22 november 2026", "1 minuut leestijd")


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / "email" / "words").mkdir(parents=True)
    (tmp_path / "email" / "words" / "nl.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(BrokenTemplateError, match=r"email/words/nl\.toml"):
        words("nl", Templates(tmp_path))


def test_a_copy_of_the_shipped_file_changes_nothing(own: Any) -> None:
    assert own("fr", fr="\ufeff" + (FOLDER / "fr.toml").read_text(encoding="utf-8")) == say("fr")
