"""The table of what works where: how it is distilled, what it says, and how its columns are chosen."""

import json
from pathlib import Path
from typing import Any

import pytest

from publisher.check.clients import DEFAULT, UnknownClient, chosen, distil, known_clients
from publisher.check.clients.distil import TABLE, written
from publisher.check.clients.distil import distil as distilled
from publisher.check.clients.support import spoken, table

#: Where the newest version is not the last one in alphabetical order, and the verdicts differ: feature, client, verdict of
#: the newest version by the order of the data, verdict of the one that sorts last.
NEWEST = [
    tuple(line.split()) for line in Path(__file__).with_name("newest.txt").read_text(encoding="utf-8").splitlines()
]

SMALL: dict[str, Any] = {
    "last_update_date": "2026-05-13 14:45:41 +0000",
    "data": [
        {
            "slug": "css-gap",
            "title": "Words that are not ours",
            "notes_by_num": {"1": "Words that are not ours"},
            "stats": {
                "outlook": {
                    "macos": {"2011": "n", "2016": "y", "16.80": "a #1"},
                    "windows": {"2007": "n", "2019": "n #2"},
                },
                "gmail": {"ios": {"2020-02": "y", "2024-01": "u"}, "android": {}},
            },
        },
        {"slug": "amp", "title": "Other words", "stats": {"gmail": {"ios": {"2020-02": "y"}}}},
    ],
}


def test_the_newest_version_is_the_last_in_the_file() -> None:
    assert distilled(SMALL) == {
        "date": "2026-05-13",
        "clients": ["gmail/ios", "outlook/macos", "outlook/windows"],
        "features": {"amp": "y--", "css-gap": "uan"},
    }


def test_sorting_versions_as_text_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_text(stats: Any) -> list[tuple[str, str]]:
        return [(f"{a}/{b}", max(v.items())[1][0]) for a, p in stats.items() for b, v in p.items() if v]

    monkeypatch.setattr(distil, "_newest", by_text)
    assert distilled(SMALL)["features"]["css-gap"] == "uyn"


def test_no_words_of_others_are_taken() -> None:
    assert b"ords" not in written(distilled(SMALL))


@pytest.mark.parametrize("value", ["", "maybe", "#1"])
def test_an_unknown_degree_is_refused(value: str) -> None:
    document = {"last_update_date": "2026-05-13", "data": [{"slug": "amp", "stats": {"gmail": {"ios": {"1": value}}}}]}
    with pytest.raises(ValueError, match="gmail/ios"):
        distilled(document)


@pytest.mark.parametrize(("feature", "client", "newest", "sorted_last"), NEWEST)
def test_the_table_has_the_verdict_of_the_newest_version(
    feature: str, client: str, newest: str, sorted_last: str
) -> None:
    column = next(one.column for one in table().clients if one.key == client)
    assert table().features[feature][column] == newest != sorted_last


def test_there_are_86_such_verdicts() -> None:
    assert len(NEWEST) == 86


def test_the_table_is_what_the_script_writes() -> None:
    data = TABLE.read_bytes()
    assert written(json.loads(data)) == data
    assert {len(row) for row in table().features.values()} == {len(table().clients)}
    assert set("".join(table().features.values())) == set("yanu-")


def test_the_notice_names_both_holders_both_licences_and_the_date() -> None:
    notice = TABLE.with_name("NOTICE").read_text(encoding="utf-8")
    for words in ("2019 HTeuMeuLeu", "Avi Goldman", "Andrew Powell", "caniemail 2.0.2", table().date):
        assert words in notice
    assert notice.count("MIT License") == 2
    assert "permission notice shall be included" in " ".join(notice.split())


# ---------------------------------------------------------------- choosing


def test_each_client_has_a_name_to_show_and_two_to_choose_it_by() -> None:
    clients = table().clients
    assert len({one.name for one in clients}) == len({one.choice for one in clients}) == len(clients) == 48
    assert {one.choice for one in clients} <= set(known_clients())
    assert len(known_clients()) == len(set(known_clients())) == 48 + 21


def test_every_known_name_chooses_somebody() -> None:
    assert all(chosen([name]) for name in known_clients())


def test_without_a_choice_it_is_what_most_readers_use() -> None:
    assert chosen(()) == chosen(DEFAULT)
    assert {one.family for one in chosen(())} == {"gmail", "apple-mail", "outlook", "yahoo", "thunderbird"}


@pytest.mark.parametrize(
    ("names", "keys"),
    [
        (["outlook-windows"], ["outlook/windows"]),
        (["outlook-com", "thunderbird-macos"], ["outlook/outlook-com", "thunderbird/macos"]),
        (["outlook-windows-mail"], ["outlook/windows-mail"]),
        (["yahoo", "yahoo-web"], ["yahoo/android", "yahoo/desktop-webmail", "yahoo/ios"]),
    ],
)
def test_names_choose_families_or_single_clients(names: list[str], keys: list[str]) -> None:
    assert [one.key for one in chosen(names)] == keys


def test_what_is_retired_is_chosen_by_its_own_name_only() -> None:
    assert "outlook/windows-mail" not in {one.key for one in chosen(["outlook"])}


@pytest.mark.parametrize(
    ("name", "hint"),
    [("gmial", "did you mean gmail?"), ("Outlok", "did you mean outlook?"), ("xyzzy", "fastmail, free")],
)
def test_an_unknown_name_is_told_with_the_nearest_known_one(name: str, hint: str) -> None:
    with pytest.raises(UnknownClient) as caught:
        chosen(["gmail", name])
    assert str(caught.value).startswith(f'no mail program is called "{name}"; ')
    assert hint in str(caught.value)
    assert caught.value.name == name


def test_a_family_is_named_whole_when_all_of_it_is_affected() -> None:
    row = table().features["css-display-grid"]
    gmail, windows = chosen(["gmail"]), chosen(["outlook-windows"])
    assert spoken(gmail, gmail, row) == ("Gmail",)
    assert spoken(gmail[1:], gmail, row) == ("Gmail (web)", "Gmail (iOS)", "Gmail (mobile web)")
    assert spoken(gmail[1:], gmail, row, gmail[:1]) == ("Gmail",)
    assert spoken(windows, windows, row) == ("Outlook (Windows)",)


def test_clients_of_which_nothing_is_known_spoil_no_family() -> None:
    thunderbird = chosen(["thunderbird"])
    row = table().features["css-at-media"]
    assert [row[one.column] for one in thunderbird] == ["n", "-"]
    assert spoken(thunderbird[:1], thunderbird, row) == ("Thunderbird",)
