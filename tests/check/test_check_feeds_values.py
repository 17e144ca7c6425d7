"""Each kind of value is told from what is nearly one."""

import re
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.check.xmlfeed import dates, values
from publisher.check.xmlfeed.values import Fault, Kind


def faults(kind: Kind, value: str) -> list[str]:
    return [fault.rule for fault in kind(value)]


@pytest.mark.parametrize(
    "value", ["2026-01-31T23:59:60Z", "2026-01-31T12:00:00.123456789+05:30", "1990-01-01T00:00:00Z"]
)
def test_rfc_3339_times_are_known(value: str) -> None:
    assert faults(dates.rfc3339, value) == []


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-30T12:00:00Z",
        "2026-01-31t12:00:00z",
        "2026-01-31T24:01:00Z",
        "2026-01-31 12:00Z",
        "2026-01-31T12:00:00",
        "2026-01-31T12:00:00+0100",
        "0000-01-31T12:00:00Z",
        "2026-01-31",
        "",
    ],
)
def test_other_times_are_not_rfc_3339(value: str) -> None:
    assert faults(dates.rfc3339, value) == ["atom.date.invalid"]


@pytest.mark.parametrize("value", ["2026", "2026-12", "2026-01-31", "2026-01-31T12:00Z", "2026-01-31T12:00:00.5+01:00"])
def test_w3c_dates_are_known(value: str) -> None:
    assert faults(dates.w3cdtf, value) == []


@pytest.mark.parametrize(
    "value",
    [
        "26",
        "2026-02-30",
        "2026-13-01",
        "2026-01-31T24:00Z",
        "2026-01-31T12:61Z",
        "2026-01-31T12:00:00",
        "2026-01T12:00Z",
    ],
)
def test_other_dates_are_not_of_the_w3c(value: str) -> None:
    assert faults(dates.w3cdtf, value) == ["value.date.invalid"]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (dates.w3cdtf, "2026-13"),
        (dates.w3cdtf, "2026-00"),
        (dates.rfc3339, "2026-01-31T12:60:00Z"),
        (dates.rfc822, "31 Jan 2026 25:00:00 GMT"),
        (dates.rfc822, "31 Jan 2026 12:00:61 GMT"),
    ],
)
def test_times_that_do_not_exist_and_pass_at_the_w3c_are_advised_against(kind: Kind, value: str) -> None:
    assert faults(kind, value) == ["value.date.unreal"]


def test_a_day_that_does_not_exist_is_only_advised_against_where_the_date_is_odd_anyway() -> None:
    assert faults(dates.rfc822, "30 Feb 26 12:00:00 GMT") == ["rss.date.odd", "value.date.unreal"]


def test_events_may_be_long_ago() -> None:
    assert faults(dates.iso8601, "1815-06-18") == ["value.date.early"]
    assert faults(dates.at_any_time(dates.iso8601), "1815-06-18") == []


@pytest.mark.parametrize(
    "value",
    [
        "Sat, 31 Jan 2026 12:00:00 GMT",
        "31 Jan 2026 12:00 +0100",
        "1 Feb 2026 12:00:60 Z",
        "Sat, 31 Jan 2026 12:00:00 -0330",
    ],
)
def test_rfc_822_dates_are_known(value: str) -> None:
    assert faults(dates.rfc822, value) == []


@pytest.mark.parametrize(
    "value",
    [
        "Sat, 31 Jan 26 12:00:00 EST",
        "sat, 31 jan 2026 12:00:00 gmt",
        "Sat,31 Jan 2026\n 12:00:00 +0000 (UTC)",
        "31 Jan 2026 12:00:00 A",
        "Sun, 31 Jan 2026 12:00:00 +0045",
        "Sat, 31 Jan 2026 12:00:00 +0045",
        "Sat (or so (nested)), 31(st) Jan 2026 12:00 +0000",
    ],
)
def test_dates_that_only_rfc_822_allows_are_advised_against(value: str) -> None:
    assert faults(dates.rfc822, value) == ["rss.date.odd"]


@pytest.mark.parametrize(
    "value",
    [
        "Sat, 31 Feb 2026 12:00:00 GMT",
        "Saturday, 31 Jan 2026 12:00:00 GMT",
        "31 Jan 2026",
        "Sat, 31 Jan 2026 12:00:00 +01:00",
        "Sat, 31 Jan 2026 12:00:00",
        "",
    ],
)
def test_other_dates_are_not_rfc_822(value: str) -> None:
    assert faults(dates.rfc822, value) == ["rss.date.invalid"]


def test_a_wrong_weekday_is_told_with_the_right_one() -> None:
    assert list(dates.rfc822("Sun, 31 Jan 2026 12:00:00 GMT")) == [Fault("rss.date.weekday", "Sat")]


URIS = {
    "https://notes.example/a?b=c#d": [],
    "ftp://notes.example/a": [],
    "mailto:ada@notes.example": [],
    "tag:notes.example,2026-01-31:a/b": [],
    "tag:ada@notes.example,2026:": [],
    "urn:uuid:12345678-1234-1234-1234-1234567890ab": [],
    "urn:isbn:0451450523": [],
    "/a": ["value.uri.relative"],
    "https:/a": ["value.uri.host"],
    "https:a": ["value.uri.host"],
    "http:a": ["value.uri.relative"],
    "http:///a": ["value.uri.relative"],
    "": ["value.uri.relative"],
    "https://notes.example/a b": ["value.uri.character"],
    "https://notes.example/a[]": ["value.uri.character"],
    "https://notes.example/\xe9": ["value.uri.ascii"],
    "heron:grey": ["value.uri.scheme"],
    "tag:notes.example,26:a": ["value.uri.tag"],
    "urn:uuid:1": ["value.uri.urn"],
    "urn:a": ["value.uri.urn"],
}


@pytest.mark.parametrize("value", URIS)
def test_addresses_are_told_from_what_is_none(value: str) -> None:
    assert faults(values.uri, value) == URIS[value]


@pytest.mark.parametrize("value", ["", "/a", "?a=b:c", "//notes.example/a", "#a", "https://[::1]:80/", "a%20b"])
def test_references_may_be_relative(value: str) -> None:
    assert faults(values.uri_reference, value) == []


def test_an_iri_may_have_letters_of_all_scripts() -> None:
    assert faults(values.iri, "https://n\xf6tes.example/h\xe9ron") == []
    assert faults(values.iri_reference, "h\xe9ron") == []


MAILS = {
    "ada@notes.example": [],
    "ada+b'c@notes.example": [],
    "ada@notes.example (Ada Example)": [],
    "Ada Example <ada@notes.example>": [],
    "ada@example": [],
    "ada": ["value.email"],
    "ada@": ["value.email"],
    "Ada (mailto:ada@notes.example)": ["value.email"],
    "(" * 10_000: ["value.email"],
}


@pytest.mark.parametrize("value", MAILS, ids=lambda value: value[:20])
def test_mail_addresses_are_told_from_names(value: str) -> None:
    assert faults(values.email, value) == MAILS[value]


@pytest.mark.parametrize(
    ("value", "rules"),
    [
        ("mailto:ada%40notes.example%20%28Ada%29", []),
        ("ada@notes.example", ["value.email.name"]),
        ("Ada, ada@notes.example", ["value.email.name"]),
        ("mailto:Ada%20%3Cada%40notes.example%3E?subject=x", ["value.email.name"]),
        ("Ada Example", ["value.email"]),
    ],
)
def test_a_mailbox_names_its_owner(value: str, rules: list[str]) -> None:
    assert faults(values.mailbox, value) == rules


TRUE_AND_FALSE: list[tuple[Kind, str, str]] = [
    (values.whole, "0 -0 17 +5", "-1 1.5 x 1_000"),
    (values.positive, "1 007 +5", "0 -1 1.5"),
    (values.integer, "0 -5 +5", "1.5 x"),
    (values.decimal, "1 1. -1.5 +2", ".5 x 1e5"),
    (values.fraction, "1 1.5", "-1 x"),
    (values.quantity, "1 1.5kg 5gb", "kg -1"),
    (values.duration, "5 1:05 1:02:03", "1:5 1:60 x -1"),
    (values.play_time, "now 5 5.5 0:01:30.5 1:30", "+17sec soon"),
    (values.number_list, "1 1,2", "1; ,"),
    (values.latitude, "90 -90 45.5 .5 1e1", "91 x nan inf"),
    (values.longitude, "180 -180", "181"),
    (values.percentage, "0 100", "101 -1"),
    (values.up_to(144), "1 144", "0 145 99999999999999999999"),
    (values.language, "en en-GB zh-Hans x-heron eng DE", "english en_GB q xq 1"),
    (values.country, "DE GB", "de XQ DEU"),
    (values.mime, 'audio/mpeg a/b;c=d a/b;c="d" application/x+xml', "audio a/ /b a/b;c a/b;c="),
    (
        values.web_address,
        "https://a.example/ HTTP://a.example http://1.2.3.4:80/x",
        "https://a/ ftp://a.example/ /a http://a.example?b",
    ),
]


@pytest.mark.parametrize(("kind", "right", "wrong"), TRUE_AND_FALSE, ids=[right for _, right, _ in TRUE_AND_FALSE])
def test_values_are_told_from_what_is_nearly_one(kind: Kind, right: str, wrong: str) -> None:
    assert [value for value in right.split() if faults(kind, value)] == []
    assert [value for value in wrong.split() if not faults(kind, value)] == []


@pytest.mark.parametrize("value", ["45.26 -71.92", "45.26,-71.92"])
def test_a_point_has_two_coordinates(value: str) -> None:
    assert faults(values.point, value) == []


@pytest.mark.parametrize("value", ["45.26, -71.92", "45.26  -71.92", "45.26", "45.26 -71.92 0", "a b"])
def test_a_point_has_one_sign_between_its_coordinates(value: str) -> None:
    assert faults(values.point, value) == ["value.coordinates"]


@pytest.mark.parametrize(
    ("value", "right"), [("1 2 3 4", True), ("1,2 3,4 5,6", False), ("1 2", False), ("1 2 3", False)]
)
def test_a_line_has_pairs_of_coordinates(value: str, right: bool) -> None:
    assert (faults(values.points, value) == []) is right


KINDS = [
    *(kind for kind, _, _ in TRUE_AND_FALSE),
    *(dates.rfc822, dates.rfc3339, dates.w3cdtf, dates.iso8601, dates.iso8601_day),
    *(values.uri, values.iri, values.uri_reference, values.iri_reference, values.email, values.mailbox),
    *(values.point, values.points, values.countries, values.rate, values.filled, values.plain_email),
]


@given(st.sampled_from(KINDS), st.text(max_size=30) | st.text("0123456789-+:.,/@<>() TZabtagurn%[]", max_size=40))
def test_any_value_is_judged_without_a_crash(kind: Kind, value: str) -> None:
    assert all(isinstance(fault, Fault) for fault in kind(value))


LONG = ["1", " ", "(", "a@", "a.", ":", "1 1 ", "%", "a;a=", "(a)", "-", "/."]


@pytest.mark.parametrize("piece", LONG)
def test_long_values_take_time_in_proportion(
    piece: str, expect_linear: Callable[[Callable[[int], object], int], None]
) -> None:
    def work(size: int) -> list[Iterator[Fault]]:
        return [kind_of(f"{start}{piece * size}!") for kind_of in map(listed, KINDS) for start in ("", "Sat, ", "a/")]

    expect_linear(work, 2000)


def listed(kind: Kind) -> Callable[[str], Iterator[Fault]]:
    return lambda value: iter(list(kind(value)))


def test_a_kind_that_backtracks_would_be_found(expect_linear: Callable[[Callable[[int], object], int], None]) -> None:
    planted = re.compile(r"\d+\d*x")

    with pytest.raises(AssertionError):
        expect_linear(lambda size: planted.fullmatch("1" * size + "!"), 3000)
