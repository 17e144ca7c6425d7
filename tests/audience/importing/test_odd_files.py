"""Files as people have them: other encodings, other separators, bad rows, and what is no list at all."""

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.audience.importing.csvrows import rows as csv_rows
from publisher.audience.importing.fields import Fields, RowRefused, is_true, moment, status_word
from publisher.audience.importing.inputs import FileRefused, delimiter_of, inputs
from publisher.audience.importing.reading import Opened, look
from publisher.errors import UsageError

TABLE = "email,name\nann@reader.example,Ännchen\nbob@reader.example,Bob\n"


def opened(path: Path, data: bytes, wanted: str = "auto") -> Opened:
    path.write_bytes(data)
    (source,) = inputs(path)
    return look(source, wanted)


def found(file: Opened) -> list[tuple[int, str]]:
    return [(line, row.address if isinstance(row, Fields) else f"! {row.message}") for line, row in file.rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends_are_found_out(tmp_path: Path, encoding: str, sign: str, end: str) -> None:
    file = opened(tmp_path / "a.csv", TABLE.replace(",", sign).replace("\n", end).encode(encoding))
    rows = list(file.rows())
    assert [(line, row.address, row.name) for line, row in rows if isinstance(row, Fields)] == [
        (2, "ann@reader.example", "Ännchen"),
        (3, "bob@reader.example", "Bob"),
    ]
    assert any("Windows-1252" in note.message for note in file.notes) == (encoding == "cp1252")


def test_what_is_not_utf8_far_behind_is_noticed(tmp_path: Path) -> None:
    many = "".join(f"reader{number}@reader.example,Reader\n" for number in range(5000))
    file = opened(tmp_path / "a.csv", f"email,name\n{many}zoe@reader.example,Zoë\n".encode("cp1252"))
    *_, (line, zoe) = file.rows()
    assert isinstance(zoe, Fields)
    assert (line, zoe.name) == (5002, "Zoë")


def test_excels_separator_line_is_no_header(tmp_path: Path) -> None:
    assert found(opened(tmp_path / "a.csv", b"sep=;\r\nemail;name\r\nann@reader.example;A\r\n")) == [
        (3, "ann@reader.example")
    ]


def test_a_plain_list_of_addresses_needs_no_header(tmp_path: Path) -> None:
    file = opened(tmp_path / "a.txt", b"ann@reader.example\n\nbob@reader.example\n")
    assert found(file) == [(1, "ann@reader.example"), (3, "bob@reader.example")]
    assert "names no columns" in file.notes[0].message


def test_the_column_of_addresses_may_stand_anywhere(tmp_path: Path) -> None:
    file = opened(tmp_path / "a.csv", b"Ort,E-Mail-Adresse,Name\nKiel,ann@reader.example,Ann\n")
    assert found(file) == [(2, "ann@reader.example")]
    assert [note.message for note in file.notes] == ["columns that are left out: Ort"]


def test_a_bad_row_spoils_no_other(tmp_path: Path) -> None:
    lines = [
        "email,name",
        '"ann@reader.example"x,Ann',
        "bob@reader.example,B,C,D",
        '"cat@reader.example,Cat',
        "dan@reader.example",
        "eve@reader.example,Eve,",
    ]
    assert found(opened(tmp_path / "a.csv", "\n".join(lines).encode())) == [
        (2, "! a quotation mark ends a cell, and the cell goes on behind it"),
        (3, "! there are 4 cells, and 2 in the first row"),
        (4, "! a quotation mark is opened and not closed"),
        (5, "dan@reader.example"),
        (6, "eve@reader.example"),
    ]


def test_an_open_quotation_mark_swallows_no_large_file(tmp_path: Path) -> None:
    many = "".join(f"reader{number}@reader.example,Reader\n" for number in range(5000))
    rows = found(opened(tmp_path / "a.csv", f'email,name\n"oops@reader.example,O\n{many}'.encode()))
    assert rows[0] == (2, "! a quotation mark is opened and not closed")
    assert rows[1:] == [(number + 3, f"reader{number}@reader.example") for number in range(5000)]


@pytest.mark.parametrize(
    ("cell", "behind"),
    [
        ('"' + "x\n" * 1000 + '"', 1003),
        ('"' + "x\n" * 3, 6),
        ("x" * 200_000, 3),
        ("x" * 3_000_000, 3),
        ('"x\n' + "x" * 3_000_000 + '\n"', 5),
    ],
)
def test_a_cell_that_goes_on_and_on_is_named_once(tmp_path: Path, cell: str, behind: int) -> None:
    rows = found(opened(tmp_path / "a.csv", f"email,name\nbig@reader.example,{cell}\nann@reader.example,A\n".encode()))
    assert ([line for line, _ in rows], rows[-1][1]) == ([2, behind], "ann@reader.example")
    words = (
        "a quotation mark is opened" if cell.startswith('"') else "a cell is" if len(cell) < 2**20 else "the line is"
    )
    assert rows[0][1].startswith(f"! {words}")


def test_behind_a_quotation_mark_that_was_given_up_rows_of_several_lines_are_read(tmp_path: Path) -> None:
    data = 'name,email\n"x\n' + "y\n" * 200 + '"Ann\nExample",ann@reader.example\n'
    *_, (line, ann) = opened(tmp_path / "a.csv", data.encode()).rows()
    assert isinstance(ann, Fields)
    assert (line, ann.name) == (203, "Ann\nExample")


@given(st.lists(st.lists(st.text(alphabet="ab,;\n\r\"' =x", max_size=6), min_size=2, max_size=4), max_size=8))
def test_rows_are_what_the_csv_module_wrote(table: list[list[str]]) -> None:
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(table)
    assert [cells for _, cells in csv_rows(iter(io.StringIO(out.getvalue(), newline="")), ",")] == table


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    try:
        file = opened(tmp_path_factory.mktemp("any") / "a.csv", b"email,status\n" + data)
    except FileRefused:
        return
    assert all(line >= 2 for line, _ in file.rows())


@given(st.text(alphabet='",\nab@', max_size=2000))
def test_reading_ends_whatever_quotation_marks_there_are(text: str) -> None:
    import io

    assert sum(1 for _ in csv_rows(iter(io.StringIO(text, newline="")), ",")) <= text.count("\n") + 1


@pytest.mark.parametrize(
    ("data", "wanted", "message"),
    [
        (b"", "auto", "is empty"),
        (b"\n\n", "auto", "is empty"),
        (b"name,town\nAnn,Kiel\n", "auto", "call the one with addresses email"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "auto", "is no text file"),
        (TABLE.encode("utf-16")[:-1], "auto", "is damaged: not all of it is UTF-16"),
        (b"a,email" * 200_000, "auto", ":1: the line is longer than 1048576 characters"),
        (TABLE.encode(), "substack", "this is no Substack export"),
        (b'"email,name\n', "auto", ":1: a quotation mark is opened and not closed"),
    ],
)
def test_what_is_no_list_says_so(tmp_path: Path, data: bytes, wanted: str, message: str) -> None:
    with pytest.raises(FileRefused, match=message):
        opened(tmp_path / "a.csv", data, wanted)


def test_what_cannot_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        inputs(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="is no ordinary file"):
        inputs(tmp_path)
    with pytest.raises(UsageError, match="standard input is not read here"):
        inputs(Path("-"))


def test_spreadsheets_and_other_archives_are_named(tmp_path: Path) -> None:
    for name, member, message in (("a.xlsx", "xl/workbook.xml", "is a spreadsheet"), ("a.zip", "a.txt", "no CSV file")):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr(member, "x")
        with pytest.raises(FileRefused, match=message):
            inputs(tmp_path / name)


def test_a_locked_archive_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.csv", TABLE)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1  # the flags of the member, in the directory
    path.write_bytes(data)
    with pytest.raises(FileRefused, match="is encrypted"):
        inputs(path)


def test_each_of_two_members_of_one_name_is_read(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("a.csv", "b.csv"):
            archive.writestr(name, f"email\n{name[0]}@reader.example\n")
    path = tmp_path / "a.zip"
    path.write_bytes(path.read_bytes().replace(b"b.csv", b"a.csv"))
    assert [found(look(source)) for source in inputs(path)] == [[(2, "a@reader.example")], [(2, "b@reader.example")]]


def test_the_directory_of_an_archive_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for number in range(5):
            archive.writestr(f"{number}.csv", TABLE)
    opened_archives = []

    class Counted(zipfile.ZipFile):
        def __init__(self, path: Path) -> None:
            opened_archives.append(path)
            super().__init__(path)

    monkeypatch.setattr("publisher.audience.importing.inputs.ZipFile", Counted)
    assert [len(found(look(source))) for source in inputs(tmp_path / "a.zip")] == [2] * 5
    assert opened_archives == [tmp_path / "a.zip"]


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.csv", TABLE)
    path.write_bytes(path.read_bytes().replace(b"Bob", b"Rob", 1))
    (source,) = inputs(path)
    with pytest.raises(FileRefused, match="cannot be unpacked"):
        look(source)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "is no JSON"),
        ("[1]", "is no JSON object"),
        ('{"address": 5}', "address is no text"),
        ('{"address": "a@b.example", "address": "b@b.example"}', "address stands there twice"),
        ('{"address": "a@b.example", "status": "confirmed", "status": "odd"}', "nobody knows the status odd"),
        ('{"address": "a@b.example", "tags": "sea"}', "tags is no list of texts"),
        ('{"address": "a@b.example", "status": "gone fishing"}', "nobody knows the status gone fishing"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_a_bad_line_of_ndjson_spoils_no_other(tmp_path: Path, line: str, message: str) -> None:
    data = f'{{"address": "ann@reader.example"}}\n{line}\n{{"address": "bob@reader.example"}}\n'
    rows = found(opened(tmp_path / "a.ndjson", data.encode()))
    assert rows == [(1, "ann@reader.example"), (2, f"! {message}"), (3, "bob@reader.example")]


def test_a_line_of_ndjson_that_goes_on_and_on_is_named_once(tmp_path: Path) -> None:
    long = f'{{"address": "big@reader.example", "name": "{"x" * 3_000_000}"}}'
    rows = found(opened(tmp_path / "a.ndjson", f'{long}\n{{"address": "ann@reader.example"}}\n'.encode()))
    assert rows == [(1, "! is longer than 1048576 characters"), (2, "ann@reader.example")]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('"status": "unsubscribed", "status": "confirmed"', ("unsubscribed", "")),
        ('"status": "confirmed", "status": "bounced", "status": "SPAMMY"', ("complained", "")),
        ('"status": "", "status": "pending"', ("pending", "")),
        ('"status": null, "status": null', ("", "")),
        ('"name": "A", "status": "unsubscribed", "name": "B"', ("unsubscribed", "A")),
        ('"more": {"address": 1, "address": 2}', ("", "")),
        ('"address": "ann@reader.example"', ("", "")),
    ],
)
def test_a_stop_wins_over_a_go_where_a_line_of_ndjson_says_both(
    tmp_path: Path, line: str, said: tuple[str, str]
) -> None:
    ((_, row),) = opened(tmp_path / "a.ndjson", f'{{"address": "ann@reader.example", {line}}}\n'.encode()).rows()
    assert isinstance(row, Fields)
    assert (row.address, row.status, row.name) == ("ann@reader.example", *said)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2026-11-22T08:00:00Z", "2026-11-22T08:00:00.000000Z"),
        ("2026-11-22T08:00:00.123456Z", "2026-11-22T08:00:00.123456Z"),
        ("2026-11-22 08:00:00", "2026-11-22T08:00:00.000000Z"),
        ("2026-11-22T10:00:00+02:00", "2026-11-22T08:00:00.000000Z"),
        ("2026-11-22 08:00:00.5 +0000 UTC", "2026-11-22T08:00:00.500000Z"),
        ("2026-11-22", "2026-11-22T00:00:00.000000Z"),
        ("  ", None),
    ],
)
def test_times_are_read_in_many_forms(text: str, kept: str | None) -> None:
    assert moment(text) == kept


@pytest.mark.parametrize("text", ["yesterday", "2026-02-30T08:00:00Z", "22/11/2026 8:00", "0001-01-01T00:00:00+14:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(RowRefused, match="is no time that can be read"):
        moment(text)


def test_words_of_other_programs_are_understood() -> None:
    assert [status_word(word) for word in (" Subscribed", "CLEANED", "blocklisted", "")] == [
        "confirmed",
        "bounced",
        "suppressed",
        "",
    ]
    assert (is_true("TRUE"), is_true(" no "), is_true("")) == (True, False, False)
    with pytest.raises(RowRefused, match="neither true nor false"):
        is_true("perhaps")


def test_the_separator_is_looked_for_outside_of_quotation_marks() -> None:
    assert delimiter_of('"a,b,c,d";email;name\n') == ";"
