"""Metadata at the top of a file, in every format."""

import re
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from publisher.markup.characters import legal
from publisher.sources import blocks, frontmatter, yaml_events
from publisher.sources.frontmatter import FrontMatterError, split

Grows = Callable[[Callable[[int], object], int], None]
LOADERS = [yaml.BaseLoader, getattr(yaml, "CBaseLoader", yaml.BaseLoader)]
NEVER = re.compile("(?!)")
# Near the border of what is simple YAML, on both sides.
SCRAPS = (
    "a", "b c", "1.10", "08:30", "null", "Null", "~", "é", "²", "ß", "😀", "x\u200dy", " ", "  ", ": ", ":", "-", "- ", "#",
    " #", "\\", "\\ud83d\\ude00", "[", "]", "{", "}", "?", "!", "&a", "*a", "|", ">", "%", "@", "`", "<<", ",", ", ", "'",
    '"', "''", '""', "'a'", '"b c"', "\u2028", "\xa0", "\ufeff", "\t", "\u3000", "\n", "\n  ",
)  # fmt: skip
VALUE = st.lists(st.sampled_from(SCRAPS), max_size=4).map("".join)
ITEM = st.sampled_from(("a", "b c", "'d'", '"e"', "null", "08:30")) | VALUE
YAML = st.lists(
    st.builds(
        "{}:{}".format,
        st.sampled_from(("title", "a-b", "T1")),
        st.sampled_from(("", " ", "  ")).flatmap(
            lambda blank: st.one_of(
                VALUE.map(blank.__add__),
                st.builds("{0}{1}{2}{1}".format, st.just(blank), st.sampled_from("'\""), VALUE),
                st.lists(ITEM, max_size=3).map(lambda items: f"{blank}[{', '.join(items)}]"),
                st.lists(
                    st.builds("{}-{}{}".format, st.sampled_from(("", "  ")), st.sampled_from((" ", "  ", "")), ITEM)
                ).map(lambda items: "\n".join((blank, *items))),
            )
        ),
    ),
    max_size=3,
).map("\n".join)


@pytest.mark.parametrize(
    ("text", "fields", "body", "body_line"),
    [
        ("---\ntitle: A\ntags: [a, b]\n---\nbody\n", {"title": "A", "tags": ["a", "b"]}, "body\n", 5),
        ("---\ntitle: A\n...\nbody", {"title": "A"}, "body", 4),
        ("\n\n---  \ntitle: A\n--- \n\nbody", {"title": "A"}, "\nbody", 6),
        ("---\n---\nbody", {}, "body", 3),
        ("---\n# only a comment\n---", {}, "", 4),
        ("---yaml\ntitle: A\n---\nbody", {"title": "A"}, "body", 4),
        (
            "+++\ntitle = 'A'\n[taxonomies]\ntags = ['a']\n+++\nbody",
            {"title": "A", "taxonomies": {"tags": ["a"]}},
            "body",
            6,
        ),
        ("+++\ndraft = true\nversion = 1.10\n+++\n", {"draft": True, "version": "1.10"}, "", 5),
        ("---toml\ntitle = 'A'\n---\nbody", {"title": "A"}, "body", 4),
        (
            '{\n  "title": "A",\n  "draft": false,\n  "n": 1.10\n}\n\nbody',
            {"title": "A", "draft": False, "n": "1.10"},
            "\nbody",
            6,
        ),
        ('{ "title": "A" } body', {"title": "A"}, " body", 1),
        ("{}\nbody", {}, "body", 2),
        ('---json\n{ "title": "A" }\n---\nbody', {"title": "A"}, "body", 4),
        (
            "title: A\ndate: 2015-01-02\ntags:\n- a\n- b\n---\nbody",
            {"title": "A", "date": "2015-01-02", "tags": ["a", "b"]},
            "body",
            7,
        ),
        ("Title: A: b\nDate: 2015-01-02\n\nbody", {"Title": "A: b", "Date": "2015-01-02"}, "body", 4),
        ("Title: A\nTags: a,\n      b\nbody", {"Title": "A", "Tags": "a,\nb"}, "body", 4),
        (
            "Title: A\nSummary:\n    b\n    c\nTags: d\nTags: e",
            {"Title": "A", "Summary": "b\nc", "Tags": "d\ne"},
            "",
            7,
        ),
        ("Note: this is text\n\nbody", {}, "Note: this is text\n\nbody", 1),
        ("A title\n---\nbody", {}, "A title\n---\nbody", 1),
        ("{% include a %}\nbody", {}, "{% include a %}\nbody", 1),
        ("{{< a >}}", {}, "{{< a >}}", 1),
        ("https://notes.example/", {}, "https://notes.example/", 1),
        ("", {}, "", 1),
        ("\n \n", {}, "\n \n", 1),
    ],
)
def test_metadata_and_body_are_parted(text: str, fields: dict[str, object], body: str, body_line: int) -> None:
    parts = split(text)
    assert (parts.fields, parts.body, parts.body_line) == (fields, body, body_line)


def test_yaml_scalars_stay_the_text_they_are() -> None:
    text = "---\na: yes\nb: 1.10\nc: 2024\nd: 2015-01-02 03:04\ne: 0o17\nf: ~\ng: null\nh: ''\ni: '~'\nj:\n---\n"
    assert split(text).fields == {
        "a": "yes", "b": "1.10", "c": "2024", "d": "2015-01-02 03:04", "e": "0o17",
        "f": None, "g": None, "h": "", "i": "~", "j": None,
    }  # fmt: skip


def test_yaml_has_lists_tables_and_long_texts() -> None:
    text = "---\na:\n  b: [c, {d: e}]\nf: |\n  g\n  h\ni: >\n  j\n  k\nl: !!str m\n---\n"
    assert split(text).fields == {"a": {"b": ["c", {"d": "e"}]}, "f": "g\nh\n", "i": "j k\n", "l": "m"}


@pytest.mark.parametrize(
    "text",
    [
        "---\na: b\nc:\n  a: d\n---\n",
        '\n{\n"a": "b", "c": {\n"a": "d"}}\n',
        "+++\na = 'b'\n[c]\na = 'd'\n+++\n",
        "title: x\na: b\nc: d\n",
    ],
)
def test_each_key_has_its_line(text: str) -> None:
    lines = text.split("\n")
    places = split(text).lines
    assert {"a", "c"} <= set(places)
    assert all(key in lines[number - 1] for key, number in places.items())


@pytest.mark.parametrize(
    ("text", "line", "message", "cure"),
    [
        ("\n---\ntitle: A\n\nbody", 2, "--- opens is never closed", "write a line --- below"),
        ("+++\ntitle = 'A'\n", 1, "[+]{3} opens is never closed", "write a line [+]{3} below"),
        (
            "---\na: b\ntitle: One: two\n---\n",
            3,
            "mapping values are not allowed",
            'put the value in quotes, such as title: "One: two"',
        ),
        ("title: One: two\n---\n", 1, "mapping values are not allowed", "in quotes"),
        ("---\na:\n\tb: c\n---\n", 3, "cannot start any token", "indent with spaces, YAML allows no tabs"),
        ("---\na: b\ntitle: 'it's'\n---\n", 3, "no YAML", "'' stands for '"),
        ("---\na: b\ntitle: 'open\nc: d\n---\n", 3, "unexpected end of stream", "each is closed"),
        ("---\ntitle: @a\n---\n", 2, "cannot start any token", "in quotes"),
        ("---\ntitle: {{ a }}\n---\n", 2, "a bracket where a key belongs", "in quotes"),
        ("---\na: &b c\nd: *b\n---\n", 3, r"\*b would be a YAML alias", "in quotes"),
        ("---\ntitle: !wow a\n---\n", 2, "!wow would be a YAML tag", "in quotes"),
        ("---\n- a\n---\n", 2, "no list of key: value lines", "title: My title"),
        ("---\ntext\n---\n", 2, "no list of key: value lines", "title: My title"),
        ("---\na: b\n--- c\nd: e\n---\n", 2, "no list of key: value lines", "title: My title"),
        ("---\n%YAML 9.9\n---\n", 2, "no YAML", "in quotes"),
        ("---\na: [b\n---\n", 2, "no YAML", "in quotes"),
        ("+++\na = 'b'\ntitle = One\n+++\n", 3, "no TOML: invalid value", "text in quotes"),
        ("+++\na = 'b'\nc = '''d\n+++\n", 3, "no TOML: expected", "text in quotes"),
        ("+++\na = 'b'\na = 'c'\n+++\n", 3, "no TOML: cannot overwrite", "text in quotes"),
        ('\n{"a": "b",\n"c": d}', 3, "no JSON: expecting value", "quotes, commas and braces"),
        ("---json\n[]\n---", 2, "no JSON object", '{ "title"'),
        ("---json\n\n---", 2, "no JSON: expecting value", "quotes"),
    ],
)
def test_a_mistake_names_its_line_and_its_cure(text: str, line: int, message: str, cure: str) -> None:
    with pytest.raises(FrontMatterError, match=message) as caught:
        split(text)
    assert caught.value.line == line
    assert caught.value.cure.count(cure.replace("[+]{3}", "+++")) == 1


@pytest.mark.parametrize(
    "deep",
    [
        lambda n: "---\na: " + "[" * n + "\n---\n",
        lambda n: "---\n" + "? " * n + "\n---\n",
        lambda n: "+++\na = " + "[" * n + "\n+++\n",
        lambda n: '{"a": ' + "[" * n,
        lambda n: "---json\n" + '{"a": ' * n + "\n---\n",
    ],
    ids=range(5),
)
def test_deep_metadata_is_refused_at_once(deep: Callable[[int], str], expect_linear: Grows) -> None:
    def work(count: int) -> None:
        with pytest.raises(FrontMatterError, match=r"nested too deeply|where a key belongs"):
            split(deep(count))

    expect_linear(work, 25_000)


def test_metadata_that_is_set_in_ever_deeper_is_refused() -> None:
    with pytest.raises(FrontMatterError, match="nested too deeply"):
        split("---\n" + "\n".join(" " * depth + "a:" for depth in range(900)) + "\n---\n")


def test_huge_numbers_are_only_text() -> None:
    assert split('{"a": ' + "1" * 10_000 + "}").fields == {"a": "1" * 10_000}


@given(
    st.sampled_from(("---\n", "+++\n", "{", "title: ", "---json\n")),
    st.text(),
    st.sampled_from(("\n---\n", "\n+++\n", "}", "\n\n")),
)
def test_any_text_is_parted_or_refused(start: str, text: str, end: str) -> None:
    try:
        parts = split(legal(start + text + end))
    except FrontMatterError as error:
        told: tuple[object, ...] = (error.line, error.message, error.cure)
    else:
        told = (parts.body_line, "parted", all(isinstance(key, str) for key in parts.fields))
    assert all(told)


@given(st.text())
def test_text_below_metadata_is_kept(body: str) -> None:
    parts = split(legal(f"---\ntitle: A\n---\n{body}"))
    assert (parts.fields, parts.body) == ({"title": "A"}, legal(body))


@given(st.text(st.characters(exclude_categories=())))
def test_no_character_makes_a_quoted_value_unreadable(value: str) -> None:
    quoted = value.replace("\\", "").replace('"', "")
    assert "a" in split(legal(f'---\na: "{quoted}"\n---\n')).fields


def test_yaml_understands_the_escapes_of_json() -> None:
    assert split('---\ntitle: "\\ud83d\\ude00 \\u00fc"\n---\n').fields == {"title": "😀 ü"}


def test_a_huge_number_in_toml_is_told_in_plain_words() -> None:
    with pytest.raises(FrontMatterError, match="no TOML: a number has too many digits"):
        split(f"+++\nweight = {'9' * 5000}\n+++\n")


def expect_the_same_from_a_parser(block: str) -> None:
    """Expect what is read of simple YAML at once to be what PyYAML reads, in C and in Python."""
    found = blocks._simple(block, 2)
    if found is None:
        return
    for loader in LOADERS:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(yaml_events, "_Loader", loader)
            patch.setattr(blocks, "_simple", lambda *_: None)
            fields, places = blocks.from_yaml(block.split("\n"), 2)
        assert [*found[0].items()] == [*fields.items()]
        assert found[1] == places


@given(YAML)
def test_simple_yaml_is_read_as_a_parser_would(block: str) -> None:
    expect_the_same_from_a_parser(block)


@pytest.mark.parametrize(
    "block",
    [
        "",
        "title: A post\ndate: 2026-01-31T08:30:00Z\ntags: [a, 'b c', \"d\"]\nauthor: Ada Example",
        "title: \"One: two\"  \nslug: 'it is #1'\nsummary:\nempty: \nnone: null\ntags:\n  - a: b\n".replace(
            ": b", ":b"
        ),
        "tags:\n- a\n- 'b'\ntitle: again\ntitle: twice",
    ],
)
def test_what_most_posts_have_is_simple(block: str) -> None:
    assert blocks._simple(block, 2) is not None
    expect_the_same_from_a_parser(block)


@pytest.mark.parametrize(
    ("careful", "hasty", "block"),
    [
        (":#", ":", "a: b #c"),
        (r"(?::(?=\S)", "(?::", "a: b: c"),
        (r"\\", "", r'a: "b\u0020c"'),
        (r"\u2028\u2029", "", "a: b\u2028c"),
        (r"\ufeff", "", "a: b\ufeffc"),
        (r"[^\W_]", ".", "a: @b"),
        (r"[^\W_]", ".", "a: *b"),
        ('",]*+', '"]*+', 'a: ["b,c"]'),
        (r"(?P=margin)-", "[ ]*-", "a:\n  - b\n    - c"),
        (r"[ ]++(?P<text>", "[ ]*+(?P<text>", "a:b"),
        (r"(?:\n|\Z)", r"(?:\n\s*|\Z)", "a: b\n  c: d"),
    ],
)
def test_a_hastier_reading_of_yaml_is_found_out(
    careful: str, hasty: str, block: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect_the_same_from_a_parser(block)
    assert careful in blocks._SIMPLE.pattern
    monkeypatch.setattr(blocks, "_SIMPLE", re.compile(blocks._SIMPLE.pattern.replace(careful, hasty), re.VERBOSE))
    with pytest.raises((AssertionError, FrontMatterError)):
        expect_the_same_from_a_parser(block)


def expect_the_same_line_by_line(text: str) -> None:
    def told() -> object:
        try:
            return split(text)
        except FrontMatterError as error:
            return error.line, error.message, error.cure

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frontmatter, "_FENCED", NEVER)
        careful = told()
    assert told() == careful


FENCED_LINES = st.sampled_from(
    ("---", "--- ", "...", "...\xa0", "--- a", "a: b", "a:", "- c", " ", "", "text", "+++", "\x0c---")
)


@given(st.lists(FENCED_LINES).map("\n".join), st.sampled_from(("", "---\n", "\n---\n")))
def test_fences_are_found_at_once_as_line_by_line(text: str, start: str) -> None:
    expect_the_same_line_by_line(legal(start + text))


@pytest.mark.parametrize(
    ("hasty", "text"),
    [
        (r"(\n*)---[^\S\n]*\n(.*?\n)---[^\S\n]*\n", "---\na: b\n...\nc\n---\n"),
        (r"(\s*)---[^\S\n]*\n((?:(?!---)[^\n]*\n)*)---\n", " \n ---\na: b\n---\n"),
        (r"(\n*)---[^\S\n]*\n((?:(?!---)[^\n]*\n)*)---", "---\na: b\n--- c\nd: e\n---\n"),
    ],
)
def test_fences_found_too_hastily_are_found_out(hasty: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    expect_the_same_line_by_line(text)
    monkeypatch.setattr(frontmatter, "_FENCED", re.compile(hasty, re.DOTALL))
    with pytest.raises(AssertionError):
        expect_the_same_line_by_line(text)


@pytest.mark.parametrize(
    "long",
    [
        lambda n: "---\n" + "a: b\n" * n,
        lambda n: "---\na: [b" + " " * n + "\n---\n",
        lambda n: "---\na: b" + ":b" * n + "# \n---\n",
        lambda n: "---\na: [" + "b, " * n + "\n---\n",
        lambda n: "---\na:\n" + "- b\n" * n + "-\n---\n",
    ],
    ids=range(5),
)
def test_long_metadata_takes_no_longer_than_it_is(long: Callable[[int], str], expect_linear: Grows) -> None:
    def work(count: int) -> None:
        expect_told(long(count))

    expect_linear(work, 25_000)


def expect_told(text: str) -> None:
    try:
        told = split(text).body_line
    except FrontMatterError as error:
        told = error.line
    assert told
