"""Files of people who get no mail, by their name: nobody in them is ever confirmed because nothing else was said."""

import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.audience.importing import FileRefused, ImportReport, Judge, Talk, import_files, taking
from publisher.audience.importing.naming import gets_no_mail, kind_of
from publisher.store import open_store
from publisher.store.keys import Keys

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEYS = Keys.new()
# As people trim an export; and what Mailchimp writes, but for the columns that tell the kinds apart.
TRIMMED = "Email Address,First Name,Last Name\nann@reader.example,Ann,Example\n"
RENAMED = "Email Address,MEMBER_RATING,OPTIN_TIME\nann@reader.example,1,2020-01-01 00:00:00\n"


def taken(path: Path, status: str = "", wanted: str = "auto") -> ImportReport:
    with open_store(f"sqlite:///{path.parent}/state.db", path.parent) as store:
        judge = Judge(KEYS, ["weekly"], None, "weekly", status or "confirmed", "", sure=bool(status))
        return import_files(store, judge, [path], NOW, Talk(print, lambda items, _: items, 3), format=wanted)


def written(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("subscribed_members_export_1.csv", "subscribed"),
        ("subscribed_cleaned.csv", "subscribed"),
        ("Subscribed Contacts.csv", "subscribed"),
        ("unsubscribed_x.csv", "unsubscribed"),
        ("Unsubscribed Contacts.csv", "unsubscribed"),
        ("unsubscribes.csv", "unsubscribed"),
        ("AllUnsubscribers.csv", "unsubscribed"),
        ("un-subs.csv", "unsubscribed"),
        ("nonsubscribed_members_export.csv", "nonsubscribed"),
        ("Non-Subscribed.csv", "nonsubscribed"),
        ("not subscribed.csv", "nonsubscribed"),
        ("cleaned_4.csv", "cleaned"),
        ("Cleaned Contacts.csv", "cleaned"),
        ("bounced.csv", "other"),
        ("opt-outs.csv", "other"),
        ("people.csv", ""),
        ("sun-subscribers.csv", ""),
        ("lebanon_subscribers.csv", ""),
    ],
)
def test_a_name_says_who_is_in_the_file(name: str, kind: str) -> None:
    assert kind_of(name) == kind
    assert gets_no_mail(name) == (kind not in ("", "subscribed"))


@pytest.mark.parametrize(
    "name", ["cleaned_1.csv", "unsubscribed_x.csv", "nonsubscribed_1.csv", "Unsubscribed Contacts.csv"]
)
@pytest.mark.parametrize(
    "text", [TRIMMED, "ann@reader.example\n", '{"address": "ann@reader.example"}\n', "email,status\na@b.example,\n"]
)
def test_rows_that_say_nothing_make_nobody_confirmed(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(FileRefused, match=r"by the file's name these people get no mail.*--format mailchimp.*--status"):
        taken(written(tmp_path, name, text))


def test_a_planted_import_that_reads_no_names_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "gets_no_mail", lambda _: False)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        test_rows_that_say_nothing_make_nobody_confirmed(tmp_path, "cleaned_1.csv", TRIMMED)


@pytest.mark.parametrize(
    ("text", "status", "wanted", "new"),
    [
        (TRIMMED, "unsubscribed", "auto", {"unsubscribed": 1}),
        (TRIMMED, "pending", "auto", {"pending": 1}),
        (TRIMMED, "confirmed", "auto", {"confirmed": 1}),
        (TRIMMED, "", "mailchimp", {"bounced": 1}),
        (RENAMED, "", "auto", {"bounced": 1}),
        ("email,status\nann@reader.example,confirmed\n", "", "auto", {"confirmed": 1}),
    ],
)
def test_who_says_what_they_are_is_believed(
    tmp_path: Path, text: str, status: str, wanted: str, new: dict[str, int]
) -> None:
    assert taken(written(tmp_path, "Cleaned Contacts.csv", text), status, wanted).new == new


def test_a_trimmed_export_of_mailchimp_is_refused_or_taken_as_a_whole(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for number, kind in enumerate(("subscribed", "unsubscribed", "cleaned", "nonsubscribed")):
            archive.writestr(f"{kind}_1.csv", TRIMMED.replace("ann@", f"r{number}@"))
    with pytest.raises(FileRefused, match=r"export.zip/unsubscribed_1.csv:2: "):
        taken(tmp_path / "export.zip")
    report = taken(tmp_path / "export.zip", wanted="mailchimp")
    assert report.new == {"bounced": 1, "confirmed": 1, "pending": 1, "unsubscribed": 1}


def test_a_name_that_says_nothing_is_noted(tmp_path: Path) -> None:
    (file,) = taken(written(tmp_path, "members.csv", RENAMED)).files
    assert [note.message for note in file.notes] == [
        "the file's name does not say whether its people are subscribed, as Mailchimp's do; look there",
        "columns that are left out: MEMBER_RATING",
    ]
