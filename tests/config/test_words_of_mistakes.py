"""A mistake in publisher.toml is told in the author's words, on one line, with the line it is on, and in short."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic_core import ErrorDetails

from publisher.config import load
from publisher.config.load import Place, parse_settings
from publisher.config.settings import Settings
from publisher.errors import Problem, ProblemsError

HEAD = '[publication]\ntitle = "Field Notes"\nurl = "https://notes.example/"\n'
FEED = '[[feeds]]\nname = "all"\n'
SHOW = FEED + '[feeds.podcast]\nimage = "https://notes.example/cover.jpg"\ncategories = ["News"]\n'
#: What pydantic would say of tuples, patterns and Python's types.
PYDANTIC = ("input should", "tuple", "dictionary", "instance", "pattern", "after validation", "string ", "integer")
#: All but half characters, which UTF-8 cannot hold.
CHARACTERS = st.characters(exclude_categories=["Cs"])
#: One of each kind of value that TOML knows, right or wrong.
VALUES = ["3", "-1", "0x" + "f" * 5000, "1.5", "nan", "true", '""', '"two\\nlines"', '"\\u0000"', f'"{"x" * 20000}"']
VALUES += ["[]", "[1]", '["", "\\t"]', "[[1]]", "[{}]", "{}", "{ a = 1 }", "1979-05-27", "07:32:00"]


def told(text: str) -> list[Problem]:
    try:
        parse_settings(text.encode())
    except ProblemsError as error:
        return list(error.problems)
    return []


def expect_plain(problem: Problem) -> None:
    """Expect one short line with a place, in words of ours."""
    said = str(problem)
    assert len(said.splitlines()) == 1
    assert len(said) < 1000
    assert problem.line > 0
    assert not [word for word in PYDANTIC if word in said.lower()]


def as_toml(text: str) -> str:
    """Write a text on one line, each character by its number."""
    return '"' + "".join(f"\\U{ord(character):08x}" for character in text) + '"'


def keys(model: type[BaseModel] = Settings, above: Place = ()) -> Iterator[Place]:
    """Give the place of each key, lists of tables as the tables they hold."""
    tables = load._table_models(model)
    for name, info in model.model_fields.items():
        key = info.alias or name
        yield (*above, key)
        if key in tables:
            yield from keys(tables[key], (*above, key))


def document(place: Place, value: str) -> str:
    """Write the value under a key that nothing else is written under, in a publication that is otherwise fine."""
    *tables, key = (str(part) for part in place)
    lists = {"sources", "feeds", "newsletters", "dkim", "funding", "persons"}
    head = "" if tables == ["publication"] or place == ("publication",) else HEAD
    headers = [".".join(tables[: length + 1]) for length in range(len(tables))]
    written = [f"[[{h}]]" if h.rpartition(".")[2] in lists else f"[{h}]" for h in headers]
    return "\n".join([f"{key} = {value}" * (not tables), head, *written, f"{key} = {value}" * bool(tables), ""])


@pytest.mark.parametrize("place", list(keys()), ids=".".join)
def test_whatever_stands_under_a_key_is_told_in_plain_words(place: Place) -> None:
    refused = [problem for value in VALUES for problem in told(document(place, value))]
    assert refused
    for problem in refused:
        expect_plain(problem)
        assert "what belongs here" not in problem.message


def test_pydantics_own_words_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def its_own(mistake: ErrorDetails, place: Place) -> tuple[str, str]:
        return mistake["msg"].lower(), ""

    monkeypatch.setattr(load, "_clauses", its_own)
    for value in ("[]", "3", '"atom"'):
        (problem,) = told(HEAD + FEED + f"formats = {value}\n")
        with pytest.raises(AssertionError):
            expect_plain(problem)


def test_a_kind_of_mistake_that_nobody_foresaw_is_told_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "_CLAUSES", {})
    (problem,) = told(HEAD + FEED + "limit = true\n")
    assert str(problem) == (
        "publisher.toml:6: feeds[0].limit: true is not what belongs here; see docs/configuration.md"
    )


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (FEED + "formats = []\n", 6, "formats: is empty; name at least one"),
        (FEED + 'formats = "atom"\n', 6, """formats: 'atom' is no list; write formats = ["atom"]"""),
        (FEED + "tags = 3\n", 6, 'tags: 3 is no list; write tags = ["…"]'),
        (FEED + "tags = 'a \"b\"'\n", 6, 'is no list; write tags = ["…"]'),
        (FEED + "podcast = true\n", 6, "podcast: true is no table; write [feeds.podcast] and its keys below"),
        ('[feeds]\nname = "all"\n', 4, "feeds: is no list; write [[feeds]] and its keys below"),
        (SHOW + "funding = [1]\n", 9, "funding[0]: 1 is no table; write [[feeds.podcast.funding]]"),
        ('language = "english_US"\n', 4, "language: 'english_US' is no language, such as en or pt-BR"),
        ("rights = 2026-01-31\n", 4, "rights: 2026-01-31 is no text; write text in quotes"),
        ('icon = "https://notes.example/\\n"\n', 4, "has a line break; write it on one line"),
        ("[syndication]\nttl = true\n", 5, "ttl: true is no whole number; write one without quotes, such as 10"),
        ("[syndication]\ntombstone_days = 36501\n", 5, "tombstone_days: 36501 is too big; write at most 36500"),
        ("[syndication]\ngzip = 1\n", 5, "gzip: 1 is neither true nor false; write one of them, without quotes"),
        ('[syndication]\nwithdrawals = "no"\n', 5, 'is no choice here; write "ask" or "accept"'),
        ('[syndication]\nhub = "https://hub.example/\\u0000"\n', 5, "has a control character"),
        ('[state]\nurl = "sqlite:///\\u0000.db"\n', 5, "has a control character"),
        ('[delivery]\nurl = "smtp://relay.example\\u0000"\n', 5, "has a control character"),
        (f'[[sources]]\npath = "{"p/" * 2500}"\n', 5, "is too long; a path has at most 1000 bytes"),
        (f'[[sources]]\npath = "{"é" * 128}"\n', 5, "is too long; a path has at most 1000 bytes"),
        ('[[newsletters]]\nname = "w"\nlist_id = "weekly"\n', 6, "is no list id (RFC 2919)"),
        ('[[newsletters]]\nname = "w"\nfrom = "A\\u0000 <a@notes.example>"\n', 6, "has a control character"),
    ],
)
def test_each_mistake_says_what_is_wrong_and_what_to_do(text: str, line: int, words: str) -> None:
    (problem,) = told(HEAD + text)
    assert words in str(problem)
    assert problem.line == line


def test_a_title_with_a_line_break_is_told_on_one_line() -> None:
    (problem,) = told('[publication]\ntitle = """\nField\nNotes"""\nurl = "https://notes.example/"\n')
    assert str(problem) == (
        "publisher.toml:2: publication.title: 'Field\\nNotes' has a line break; write it on one line"
    )


BELOW = """\
[[feeds]]
name = "first"
podcast.categories = ["News"]
podcast.image = "cover"

[[feeds]]
name = "all"
formats = [
    "rss",
]

[ feeds . "podcast" ] # the show
image = "https://notes.example/cover.jpg"
categories = ["News"]
author = \"\"\"
[[feeds]]
author = 3\"\"\"

[feeds.podcast.owner]
name = "Ada"
email = "nobody"

[[feeds.podcast.funding]]
url = "https://notes.example/"
text = "Give"

[[feeds.podcast.funding]]
text = "Give"
'url' = "x"
"""
LINES = {
    "feeds[0].podcast.image": 4,
    "feeds[1].podcast.author": 15,
    "feeds[1].podcast.owner.email": 21,
    "feeds[1].podcast.funding[1].url": 29,
}


def lines() -> dict[str, int]:
    return {problem.message.partition(": ")[0]: problem.line - 3 for problem in told(HEAD + BELOW)}


def test_a_mistake_below_a_table_of_a_list_has_its_own_line() -> None:
    assert lines() == LINES


def test_a_wrong_line_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without_numbers:
        without_numbers.setattr(load, "_below", lambda newest, parts: tuple(parts))
        assert lines() != LINES
    monkeypatch.setattr(load, "_flat", lambda found: found[0])
    assert lines() != LINES


def test_each_table_that_comes_again_has_its_line() -> None:
    again = told(HEAD + FEED * 3 + '[[feeds]]\nper = "tag"\n' * 2 + '[[newsletters]]\nname = "w"\n' * 2)
    assert [(problem.line, problem.message) for problem in again] == [
        (7, "feeds[1].name: 'all' is defined twice"),
        (9, "feeds[2].name: 'all' is defined twice"),
        (13, "feeds[4].per: 'tag' is defined twice"),
        (17, "newsletters[1].name: 'w' is defined twice"),
    ]


@given(st.text(CHARACTERS), st.text(CHARACTERS))
def test_a_key_or_a_value_never_breaks_a_line_or_fills_the_screen(key: str, value: str) -> None:
    written = [as_toml(text) for text in (key, value)]
    problems = told(f"{HEAD}{written[0]} = 1\nlanguage = 1\n[web]\nurl = {written[1]}\n")
    assert problems
    for problem in problems:
        expect_plain(problem)


@pytest.mark.parametrize(
    "text", ["x" * 20000, "x\n" * 20000, "\u2028" * 900, "\x85" * 900], ids=["long", "n", "ls", "nel"]
)
def test_only_the_beginning_of_a_long_key_or_value_is_repeated(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    written = as_toml(text)
    wrong = f"{HEAD}{written} = 1\nlanguage = {written}\n[a.{written}]\n"
    problems = [*told(wrong), *told(f"{wrong}[a.{written}]\n")]
    # The key, the value, and that the table comes twice; not the unknown table above.
    assert sum("…" in str(problem) for problem in problems) == 3
    for problem in problems:
        expect_plain(problem)
    monkeypatch.setattr(load, "_shortened", lambda text, length=0: text)
    with pytest.raises(AssertionError):
        expect_plain(told(wrong)[0])


def test_a_number_of_the_relays_password_is_never_repeated() -> None:
    problems = told(HEAD + '[delivery]\nurl = "smtp://relay.example"\npassword = 271828\n')
    assert problems
    assert "271828" not in "".join(map(str, problems))


@pytest.mark.parametrize("url", ["smtp://letters:hun/ter2@relay.example", "letters:hun ter2@relay.example"])
def test_a_password_in_what_is_no_address_is_never_repeated(url: str) -> None:
    (problem,) = told(HEAD + f'[delivery]\nurl = "{url}"\n')
    assert "ter2" not in str(problem)


@pytest.mark.parametrize("language", ["de", "pt-BR", "zh-Hant-TW", "gsw"])
def test_a_language_is_a_code(language: str) -> None:
    assert parse_settings(f'{HEAD}language = "{language}"\n'.encode()).publication.language == language


def test_the_longest_path_that_file_systems_take_is_no_mistake() -> None:
    path = "/".join(["é" * 127] * 3 + ["a" * 235])
    assert parse_settings(f'{HEAD}[[sources]]\npath = "{path}"\n'.encode()).sources[0].path == path
    assert told(f'{HEAD}[[sources]]\npath = "{path}a"\n')
