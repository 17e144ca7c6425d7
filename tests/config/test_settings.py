"""publisher.toml: defaults that work, and every mistake at once with line, path and cure."""

from contextlib import suppress
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.config.load import load_settings, parse_settings
from publisher.config.location import find_publication
from publisher.errors import ProblemsError, SurroundingsError, UsageError

SMALLEST = b'[publication]\ntitle = "Field Notes"\nurl = "https://notes.example"\n'


def problems(text: str) -> list[str]:
    with pytest.raises(ProblemsError) as raised:
        parse_settings(text.encode())
    return [str(problem) for problem in raised.value.problems]


def test_title_and_url_are_enough() -> None:
    settings = parse_settings(SMALLEST)
    assert settings.publication.url == "https://notes.example/"
    assert settings.feeds_url == "https://notes.example/feeds/"
    assert settings.host == "notes.example"
    assert settings.zone == ZoneInfo("UTC")
    assert [source.path for source in settings.sources] == ["articles"]
    assert [(feed.name, feed.per, feed.formats, feed.content, feed.limit) for feed in settings.feeds] == [
        ("all", None, ("atom", "rss", "json"), "full", 50),
        (None, "tag", ("atom", "rss", "json"), "full", 50),
    ]
    assert settings.newsletters == ()


def test_every_key_of_the_design_is_known() -> None:
    settings = parse_settings(
        SMALLEST
        + b"""
feeds_url = "https://feeds.example/"
author = { name = "Ada Example", email = "ada@notes.example" }
timezone = "Europe/Berlin"
authority = "notes.example,2026"
[[sources]]
path = "articles"
[[feeds]]
name = "all"
formats = ["atom"]
content = "summary"
limit = 50
[[feeds]]
per = "tag"
[[newsletters]]
name = "weekly"
schedule = "0 8 * * MON"
from = "Field Notes <letters@notes.example>"
list_id = "weekly.notes.example"
[delivery]
url = "smtp://relay.notes.example:587"
username = "letters"
password = { env = "PUBLISHER_SMTP_PASSWORD" }
[web]
url = "https://notes.example/letters/"
[state]
url = "sqlite:///.publisher/state.db"
"""
    )
    assert settings.feeds_url == "https://feeds.example/"
    assert settings.newsletters[0].sender == "Field Notes <letters@notes.example>"


def test_all_mistakes_are_told_at_once_with_their_lines() -> None:
    assert problems(
        '[publication]\ntitel = "x"\nurl = "notes"\n[[feeds]]\nname = "All"\nlimit = 0\n[[newsletter]]\n'
    ) == [
        "publisher.toml:1: publication.title: is missing; it is required",
        "publisher.toml:3: publication.url: 'notes' is no absolute http or https address, such as https://notes.example/",
        "publisher.toml:2: publication.titel: is no known key; did you mean title?",
        "publisher.toml:5: feeds[0].name: 'All' is no name: use up to 80 of a-z, 0-9 and -, for example weekly-letter",
        "publisher.toml:6: feeds[0].limit: 0 is too small; write at least 1",
        "publisher.toml:7: newsletter: is no known key; did you mean newsletters?",
    ]


HEAD = SMALLEST.decode()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEAD + 'timezone = "Mars/Olympus"\n', "publication.timezone: 'Mars/Olympus' is no IANA time zone"),
        (HEAD + 'timezone = "/etc/passwd"\n', "is no IANA time zone"),
        (HEAD + 'authority = "notes.example"\n', "is no tag authority (RFC 4151)"),
        (HEAD + 'permalink = "{title}/"\n', "needs {path} or {slug}"),
        (HEAD + 'permalink = "news/"\n', "needs {path} or {slug}"),
        (HEAD + 'language = "english!"\n', "publication.language"),
        (HEAD + 'feeds_url = "https://notes.example/?f"\n', "has neither ? nor #"),
        (HEAD + "author = { nam = 'Ada' }\n", "publication.author.nam: is no known key; did you mean name?"),
        (HEAD + "[[feeds]]\nlimit = 3\n", 'feeds[0]: needs either name = "…" or per = "tag"'),
        (HEAD + '[[feeds]]\nname = "a"\nper = "tag"\n', "needs either"),
        (
            HEAD + '[[feeds]]\nname = "a"\n[[feeds]]\nname = "a"\n',
            "publisher.toml:7: feeds[1].name: 'a' is defined twice; keep one",
        ),
        (HEAD + '[[feeds]]\nname = "a"\nformats = ["atm"]\n', "feeds[0].formats[0]: 'atm' is no choice here"),
        (HEAD + '[[feeds]]\nname = "a"\nformats = []\n', "feeds[0].formats"),
        (HEAD + '[[newsletters]]\nname = "w"\nschedule = "weekly"\n', "is no cron expression"),
        (HEAD + '[[newsletters]]\nname = "w"\nfrom = "nobody"\n', "newsletters[0].from: 'nobody' is no mail address"),
        (
            HEAD + '[[newsletters]]\nname = "w"\n[[newsletters]]\nname = "w"\n',
            "publisher.toml:7: newsletters[1].name: 'w' is defined twice; keep one",
        ),
        (HEAD + '[[newsletters]]\nname = "../up"\n', "is no name"),
        (HEAD + "sources = []\n", "sources"),
        (HEAD + '[[sources]]\npath = " "\n', "sources[0].path: ' ' is no folder"),
        (
            HEAD + '[delivery]\nurl = "http://relay"\n',
            "delivery.url: 'http://relay' is no way to deliver, such as smtp://",
        ),
        (HEAD + '[state]\nurl = "mysql://db"\n', "state.url: 'mysql://db' is no database"),
        ("title =\n", "publisher.toml:1: is not TOML"),
        ("[publication\n", "is not TOML"),
        ('title = "', "is not TOML"),
        ("", "publication: is missing"),
        ("publication = 3\n", "publisher.toml:1: publication: 3 is no table; write [publication]"),
        ("zzz = 3\n" + HEAD, "zzz: is no known key; known here: bounces, check, delivery, dkim, feeds"),
    ],
)
def test_each_mistake_has_one_clear_sentence(text: str, words: str) -> None:
    assert any(words in problem for problem in problems(text)), problems(text)


@pytest.mark.parametrize(
    "table",
    [
        '[delivery]\nurl = "smtp://relay.example"\npassword = "hunter2"\n',
        '[delivery]\nurl = "smtp://relay.example"\npassword = { value = "hunter2" }\n',
        '[delivery]\nurl = "smtp://letters:hunter2@relay.example"\n',
        '[delivery]\nurl = "smpt://letters:hunter2@relay.example"\n',
        '[state]\nurl = "postgresql://letters:hunter2@db.example/state"\n',
        '[web]\nurl = "https://letters:hunter2@notes.example/"\n',
    ],
)
def test_a_secret_in_the_settings_is_refused_and_never_repeated(table: str) -> None:
    assert "hunter2" not in "".join(problems(HEAD + table))


def test_a_file_in_another_encoding_is_named_with_its_line() -> None:
    with pytest.raises(ProblemsError, match=r"publisher\.toml:2: is not UTF-8 text; save it as UTF-8"):
        parse_settings(b'[publication]\ntitle = "\xe9"\n')


def test_a_byte_order_mark_does_no_harm() -> None:
    assert parse_settings(b"\xef\xbb\xbf" + SMALLEST).publication.title == "Field Notes"


@given(st.text())
def test_no_text_is_ever_a_crash(text: str) -> None:
    with suppress(ProblemsError):
        assert parse_settings(text.encode("utf-8", "surrogatepass")).publication.title


def test_the_nearest_publication_above_is_found(tmp_path: Path) -> None:
    (tmp_path / "publisher.toml").write_bytes(SMALLEST)
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert find_publication(tmp_path / "a" / "b") == tmp_path


def test_no_publication_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="publisher init DIR"):
        find_publication(tmp_path)
    with pytest.raises(UsageError, match="publisher init DIR"):
        load_settings(tmp_path)


def test_a_folder_in_the_settings_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "publisher.toml").mkdir()
    with pytest.raises(SurroundingsError, match="cannot be read"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    "pattern", ["/{path}/", "{path}/", "news/{year}/{month}/{day}/{slug}.html", "{section}/{slug}"]
)
def test_a_permalink_is_a_pattern_below_the_site(pattern: str) -> None:
    settings = parse_settings(SMALLEST + f'permalink = "{pattern}"\n'.encode())
    assert settings.publication.permalink == pattern.removeprefix("/")


@pytest.mark.parametrize(
    ("given", "kept"), [("articles/", "articles"), ("./posts", "posts"), (".", "."), ("a//b", "a/b")]
)
def test_a_source_has_one_name_however_it_is_written(given: str, kept: str) -> None:
    assert parse_settings(SMALLEST + f'[[sources]]\npath = "{given}"\n'.encode()).sources[0].path == kept


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://Notes.Example", "https://notes.example/"),
        ("https://münchen.example/straße", "https://xn--mnchen-3ya.example/stra%C3%9Fe/"),
        ("https://faß.example/", "https://xn--fa-hia.example/"),  # with IDNA 2003 it were another domain, fass.example
        ("https://☃.example:80/", "https://xn--n3h.example:80/"),
        ("http://notes.example:8080/a%20b/", "http://notes.example:8080/a%20b/"),
        ("http://[::1]:80/", "http://[::1]:80/"),
    ],
)
def test_an_address_is_kept_in_its_ascii_form(given: str, kept: str) -> None:
    assert parse_settings(f'[publication]\ntitle = "T"\nurl = "{given}"\n'.encode()).publication.url == kept


@pytest.mark.parametrize(
    "given", ["https://", "https://[", "https://a..b/", "https://me@notes.example/", "https://x:99999/"]
)
def test_what_is_no_address_is_refused(given: str) -> None:
    assert "publication.url" in problems(f'[publication]\ntitle = "T"\nurl = "{given}"\n')[0]


@pytest.mark.parametrize("value", ["[" * 5000, "{b=" * 3000, "9" * 5000])
def test_what_python_cannot_read_is_one_problem(value: str) -> None:
    with pytest.raises(ProblemsError, match="nests too deeply or holds a huge number"):
        parse_settings(f"a = {value}".encode())


def test_a_file_in_the_folders_place_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "site").write_text("a", encoding="utf-8")
    with pytest.raises(UsageError, match=r"no publisher\.toml here"):
        load_settings(tmp_path / "site")
