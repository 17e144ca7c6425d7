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


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
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
        ('{"address": "a@b.example", "tags": "sea"}', "tags is no list of texts"),
        ('{"address": "a@b.example", "status": "gone fishing"}', "nobody knows the status gone fishing"),
        ("[" * 100_000, "is no JSON"),
    ],
)
def test_a_bad_line_of_ndjson_spoils_no_other(tmp_path: Path, line: str, message: str) -> None:
    data = f'{{"address": "ann@reader.example"}}\n{line}\n{{"address": "bob@reader.example"}}\n'
    rows = found(opened(tmp_path / "a.ndjson", data.encode()))
    assert rows == [(1, "ann@reader.example"), (2, f"! {message}"), (3, "bob@reader.example")]


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
