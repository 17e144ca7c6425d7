"""Each program's export is recognised, and says what that program meant."""

import json
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest

from publisher.audience.importing.fields import Fields, RowRefused
from publisher.audience.importing.inputs import inputs
from publisher.audience.importing.reading import NAMES, Opened, look

SAMPLES = Path(__file__).parent / "samples"
EARLY = "2023-01-02T03:04:05Z"


def opened(name: str, *, labels: bool = False) -> Opened:
    (source,) = inputs(SAMPLES / name)
    return look(source, labels=labels)


def people(rows: Iterable[tuple[int, Fields | RowRefused]]) -> dict[str, Fields]:
    found = {}
    for line, row in rows:
        assert isinstance(row, Fields), (line, row)
        found[row.address.partition("@")[0]] = row
    return found


@pytest.mark.parametrize(
    ("name", "title", "statuses"),
    [
        ("subscribed_members_export.csv", "Mailchimp", ["confirmed", "confirmed"]),
        ("unsubscribed_members_export.csv", "Mailchimp", ["unsubscribed"]),
        ("cleaned_members_export.csv", "Mailchimp", ["bounced"]),
        ("substack.csv", "Substack", ["confirmed", "unsubscribed"]),
        ("ghost.csv", "Ghost", ["confirmed", "unsubscribed", "unsubscribed"]),
        ("listmonk.csv", "listmonk", ["confirmed", "unsubscribed", "suppressed"]),
        (
            "buttondown.csv",
            "Buttondown",
            ["confirmed", "pending", "unsubscribed", "bounced", "complained", "confirmed"],
        ),
        ("own.csv", "CSV", ["confirmed", "bounced"]),
        ("own.ndjson", "NDJSON", ["confirmed", "bounced"]),
    ],
)
def test_who_wants_mail_is_known_in_each_format(name: str, title: str, statuses: list[str]) -> None:
    file = opened(name)
    assert file.title == title
    assert [row.status for row in people(file.rows()).values()] == statuses


def test_mailchimp_says_when_and_from_where_people_agreed() -> None:
    ann, bob = people(opened("subscribed_members_export.csv").rows()).values()
    assert (ann.name, ann.consent_at, ann.consent_source) == (
        "Ann Example",
        "2024-03-01 09:05:10",
        "Mailchimp, from 198.51.100.7",
    )
    assert (bob.consent_at, bob.consent_source, bob.name) == ("2023-01-02 03:04:05", "Mailchimp", "")


def test_rows_keep_their_lines_behind_a_cell_of_two_lines() -> None:
    assert [line for line, _ in opened("subscribed_members_export.csv").rows()] == [2, 4]


def test_why_somebody_left_is_kept() -> None:
    (cat,) = people(opened("unsubscribed_members_export.csv").rows()).values()
    assert (cat.changed_at, cat.reason) == ("2024-05-06 07:08:09", "unsubscribed at Mailchimp: too many mails")
    assert people(opened("buttondown.csv").rows())["cat"].reason == "too many"
    assert people(opened("listmonk.csv").rows())["cat"].reason == "blocklisted in listmonk"


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("subscribed_members_export.csv", ("sea", "news, big")),
        ("ghost.csv", ("sea", "dawn")),
        ("buttondown.csv", ("sea", " dawn")),
    ],
)
def test_labels_of_others_are_interests_only_if_wanted(name: str, tags: tuple[str, ...]) -> None:
    plain, labelled = opened(name), opened(name, labels=True)
    assert people(plain.rows())["ann"].tags == ()
    assert people(labelled.rows())["ann"].tags == tags
    assert sum("ags" in str(note) or "labels" in str(note) or "TAGS" in str(note) for note in plain.notes) == 1


def test_our_own_formats_say_the_same() -> None:
    one, other = people(opened("own.csv").rows())["ann"], people(opened("own.ndjson").rows())["ann"]
    assert one == other
    assert one == Fields(
        "ann@reader.example",
        "weekly",
        "Ann Example",
        "confirmed",
        "de",
        "monthly",
        ("sea", "a, b"),
        "2024-03-01T09:00:00Z",
        "paper form",
        "2024-03-01T09:00:00Z",
        "2024-03-02T09:00:00Z",
        "",
    )


def test_a_zip_file_is_read_as_it_comes(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for kind in ("subscribed", "unsubscribed", "cleaned"):
            archive.write(SAMPLES / f"{kind}_members_export.csv", f"audience/{kind}_members_export_1.csv")
        archive.writestr("__MACOSX/._x.csv", b"\0")
        archive.writestr("readme.txt", "nothing")
    files = [look(source) for source in inputs(tmp_path / "export.zip")]
    statuses = {name: row.status for file in files for name, row in people(file.rows()).items()}
    assert statuses == {"ann": "confirmed", "bob": "confirmed", "cat": "unsubscribed", "dan": "bounced"}
    assert files[0].source.place == f"{tmp_path}/export.zip/audience/subscribed_members_export_1.csv"


def test_the_order_and_the_case_of_columns_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_text(
        "LABELS,Subscribed-To Emails,EMAIL,created_at\n,true,ann@reader.example,2024-03-01\n", encoding="utf-8"
    )
    (source,) = inputs(path)
    file = look(source)
    assert file.title == "Ghost"
    assert people(file.rows())["ann"].consent_at == "2024-03-01"


@pytest.mark.parametrize(
    ("kind", "left", "status"),
    [
        ("Churned", "", "confirmed"),
        ("past_due", "", "confirmed"),
        ("", "", ""),
        ("odd", "2024-05-06", "unsubscribed"),
        ("odd", "", "! nobody knows the type odd"),
    ],
)
def test_a_type_of_buttondown_that_nobody_knows_confirms_nobody(
    tmp_path: Path, kind: str, left: str, status: str
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        f"email,type,creation_date,unsubscription_date\nann@reader.example,{kind},2024,{left}\n", encoding="utf-8"
    )
    (source,) = inputs(path)
    ((_, row),) = look(source).rows()
    assert (row.status if isinstance(row, Fields) else f"! {row.message}") == status


def test_every_format_can_be_named() -> None:
    assert set(NAMES) == {"csv", "ndjson", "mailchimp", "substack", "ghost", "listmonk", "buttondown"}
    (source,) = inputs(SAMPLES / "substack.csv")
    assert look(source, "csv").title == "CSV"
    assert json.loads((SAMPLES / "own.ndjson").read_text(encoding="utf-8").splitlines()[0])["address"]
