"""Files that lie here are measured, files elsewhere are not looked for, and no file can do harm."""

import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publisher.article import Article, Enclosure, Episode, Image
from publisher.errors import Severity
from publisher.sources import media
from publisher.sources.media import Measured, cover_fault, measure, media_candidates, with_measures
from publisher.sources.media.pictures import LOOK, picture

SITE = "https://notes.example/"


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IEND", b"")


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\x00\x00\x00;"


def jpeg(width: int, height: int, *segments: bytes, frame: int = 0xC0) -> bytes:
    start = struct.pack(">BBHBHHB", 0xFF, frame, 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8" + b"".join(segments) + start + b"\xff\xda"


def segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def exif(orientation: int, order: str = ">") -> bytes:
    mark = {">": b"MM\x00\x2a", "<": b"II\x2a\x00"}[order]
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    return segment(0xE1, b"Exif\0\0" + mark + struct.pack(f"{order}IH", 8, 1) + entry)


def riff(kind: bytes, data: bytes) -> bytes:
    body = b"WEBP" + kind + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def webp(width: int, height: int) -> bytes:
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return riff(b"VP8X", b"\x10\0\0\0" + sides)


def webp_lossy(width: int, height: int) -> bytes:
    return riff(b"VP8 ", b"\x10\x02\x00\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(8))


def webp_lossless(width: int, height: int) -> bytes:
    return riff(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14) + bytes(8))


def box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + kind + data


def avif(width: int, height: int) -> bytes:
    extents = (box(b"ispe", struct.pack(">III", 0, *sides)) for sides in ((width // 2, height // 2), (width, height)))
    inner = box(b"hdlr", bytes(24)) + box(b"iprp", box(b"ipco", b"".join(extents)) + box(b"ipma", bytes(8)))
    return box(b"ftyp", b"avif\0\0\0\0mif1") + box(b"meta", bytes(4) + inner) + box(b"mdat", bytes(9))


def svg(width: int, height: int) -> bytes:
    return f'<?xml version="1.0"?>\n<!-- a - b -->\n<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"/>'.encode()


def svg_sized(width: int, height: int) -> bytes:
    return f'<svg stroke-width="9" width="{width}px" height=\'{height}.2\' viewBox="0 0 1 1"></svg>'.encode()


MAKERS = [
    pytest.param(png, "image/png", id="png"),
    pytest.param(gif, "image/gif", id="gif"),
    pytest.param(jpeg, "image/jpeg", id="jpeg"),
    pytest.param(webp, "image/webp", id="webp"),
    pytest.param(webp_lossy, "image/webp", id="webp-lossy"),
    pytest.param(webp_lossless, "image/webp", id="webp-lossless"),
    pytest.param(avif, "image/avif", id="avif"),
    pytest.param(svg, "image/svg+xml", id="svg"),
    pytest.param(svg_sized, "image/svg+xml", id="svg-sized"),
]
Maker = Callable[[int, int], bytes]


def article(**fields: object) -> Article:
    told = {"title": "T", "url": f"{SITE}heron/", "path": "articles/heron.md", **fields}
    return Article(**told)  # type: ignore[arg-type]


# ---------------------------------------------------------------- pictures


@pytest.mark.parametrize(("make", "kind"), MAKERS)
def test_a_picture_tells_its_type_and_size(make: Maker, kind: str, tmp_path: Path) -> None:
    assert picture(make(640, 480)) == (kind, (640, 480))
    (tmp_path / "a.jpg").write_bytes(make(640, 480))
    assert measure(tmp_path / "a.jpg") == Measured(len(make(640, 480)), kind, 640, 480)


@pytest.mark.parametrize(("make", "kind"), MAKERS)
def test_a_picture_that_ends_early_never_raises_and_invents_nothing(make: Maker, kind: str) -> None:
    whole = make(640, 480)
    for end in range(len(whole)):
        found = picture(whole[:end])
        assert found is None or (found.type == kind and found.size in (None, (640, 480), (320, 240)))


@given(st.binary(max_size=600), st.sampled_from([make.values[0] for make in MAKERS]), st.integers(0, 64))
@example(b"\xff" * 600, jpeg, 2)
@example(b"\0\0\0\x0cmeta\0\0\0\0" * 50, avif, 20)
@example(b"<svg " * 100, svg, 0)
def test_random_octets_behind_any_beginning_never_raise(noise: bytes, make: Maker, kept: int) -> None:
    found = picture(make(64, 48)[:kept] + noise)
    assert found is None or found.size is None or min(found.size) > 0


@pytest.mark.parametrize(
    "piece", [b"\xff\xe1\x00\x02", b"\xff", b"\0\0\0\x0cmeta\0\0\0\0", b"<svg ", b"<!--", b"\0\0\0\x08free", b" "]
)
@pytest.mark.parametrize(
    "start", [b"\xff\xd8\xff", avif(2, 2)[:24], b"<svg ", b"GIF8", b""], ids=["jpeg", "avif", "svg", "gif", "none"]
)
def test_hostile_pictures_cost_no_more_than_their_length(
    start: bytes, piece: bytes, expect_linear: Callable[[Callable[[int], object], int], None]
) -> None:
    assert LOOK <= 1024 * 1024
    expect_linear(lambda size: picture(start + piece * size), 20_000)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("order", ["<", ">"])
def test_a_camera_held_upright_turns_the_picture(orientation: int, order: str) -> None:
    found = picture(jpeg(640, 480, exif(orientation, order), frame=0xC2))
    assert found is not None
    assert found.size == ((480, 640) if orientation >= 5 else (640, 480))


def test_the_size_may_stand_behind_long_notes(tmp_path: Path) -> None:
    notes = [segment(0xE2, bytes(65000))] * 4
    (tmp_path / "a.jpg").write_bytes(jpeg(640, 480, *notes))
    found = measure(tmp_path / "a.jpg")
    assert found is not None
    assert (found.width, found.height) == (640, 480)


@pytest.mark.parametrize(
    "note",
    [
        b"\xff\xff\xff",
        b"\xff\xd0\xff\x01",
        segment(0xE1, b"Exif\0\0ZZ"),
        segment(0xE1, b"Exif\0\0MM\0\x2a\0\0\0\xff"),
        segment(0xE1, b"Exif\0\0II\x2a\0\x08\0\0\0\x09\0\x0f\x01"),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/"),
    ],
    ids=["filling", "bare", "no-order", "nowhere", "cut", "other"],
)
def test_odd_notes_of_a_camera_are_passed_over(note: bytes) -> None:
    assert picture(jpeg(640, 480, note)) == ("image/jpeg", (640, 480))


def test_a_photograph_without_a_frame_has_no_size() -> None:
    assert picture(b"\xff\xd8\xff\xe0\0\x02\xff\xda") == ("image/jpeg", None)
    assert picture(jpeg(640, 480, b"\xff\x00")) == ("image/jpeg", None)


def test_a_table_of_huffman_codes_is_no_frame() -> None:
    assert picture(jpeg(640, 480, segment(0xC4, b"\x00\x00\x07\x00\x07" + bytes(12)))) == ("image/jpeg", (640, 480))


@pytest.mark.parametrize("text", [b"<html><svg/></html>", b"%PDF-1.7", b"", b"<?xml version='1.0'?><rss/>"])
def test_what_is_no_picture_is_none(text: bytes) -> None:
    assert picture(text) is None


def test_a_drawing_in_other_units_has_the_size_of_its_view_box() -> None:
    assert picture(b'<svg width="100%" height="5em" viewBox="-1,0 30 20.4">') == ("image/svg+xml", (30, 20))
    assert picture(b'<svg width="100%">') == ("image/svg+xml", None)


# ---------------------------------------------------------------- where files lie


@pytest.mark.parametrize(
    ("url", "path", "place"),
    [
        ("gate.png", "articles/heron.md", "articles/gate.png"),
        ("./a%20b/gate.png?v=1#x", "articles/heron.md", "articles/a b/gate.png"),
        ("gate.png", "articles/heron/index.md", "articles/heron/gate.png"),
        ("gate.png", "heron.md", "gate.png"),
        ("../img/gate.png", "articles/heron.md", "img/gate.png"),
        ("/img/gate.png", "articles/heron.md", "static/img/gate.png"),
        (f"{SITE}img/gate.png", "articles/heron.md", "public/img/gate.png"),
        ("https://notes.example/img/gate.png", "articles/heron.md", "img/gate.png"),
        (f"{SITE}heron/gate.png", "articles/heron.md", "articles/gate.png"),
        (f"{SITE}heron/gate.png", "articles/heron.md", "assets/heron/gate.png"),
    ],
)
def test_a_file_is_found_beside_the_article_or_in_the_sites_folder(
    url: str, path: str, place: str, tmp_path: Path
) -> None:
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_bytes(png(640, 480))
    found, problems, consulted = with_measures(article(image=Image(url, "Gate"), path=path), tmp_path, SITE)
    assert (found.image, problems) == (Image(url, "Gate", 640, 480, "image/png"), ())
    assert consulted[-1] == tmp_path / place


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example/gate.png",
        "//cdn.example/gate.png",
        "../../gate.png",
        "/../gate.png",
        "%2e%2e/%2e%2e/gate.png",
        "..%2f..%2fgate.png",
        ".git/gate.png",
        "/.publisher/gate.png",
        "gate%00.png",
        "gate%0A.png",
        "",
        "#gate",
        "x" * 5000,
    ],
)
def test_nothing_outside_the_folder_and_nothing_hidden_is_looked_at(url: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for place in (tmp_path, home / ".git", home / ".publisher", home / "articles" / ".git"):
        place.mkdir(parents=True, exist_ok=True)
        (place / "gate.png").write_bytes(png(640, 480))
    given_article = article(image=Image(url))
    found, problems, consulted = with_measures(given_article, home, SITE)
    assert (found, problems) == (given_article, ())
    assert all(path.is_relative_to(home) and ".." not in path.parts for path in consulted)


def planted(tmp_path: Path) -> tuple[Path, Article]:
    """Lay a picture outside the folder, with a link to it and one to its folder inside."""
    home = tmp_path / "home"
    (home / "articles").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "gate.png").write_bytes(png(640, 480))
    (home / "articles" / "link.png").symlink_to(tmp_path / "secret" / "gate.png")
    (home / "articles" / "linked").symlink_to(tmp_path / "secret")
    files = (Enclosure("link.png", "image/png", 1), Enclosure("linked/gate.png", "image/png", 1))
    return home, article(image=Image("link.png"), enclosures=files)


def test_links_that_lead_out_of_the_folder_lead_nowhere(tmp_path: Path) -> None:
    home, linked = planted(tmp_path)
    assert with_measures(linked, home, SITE)[0] == linked


def test_a_reader_that_followed_links_would_be_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, linked = planted(tmp_path)
    monkeypatch.setattr("os.path.realpath", os.path.abspath)
    assert with_measures(linked, home, SITE)[0] != linked


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "gate.png").write_bytes(png(640, 480))
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "link.png").symlink_to(tmp_path / "gate.png")
    found, _, _ = with_measures(article(image=Image("link.png")), tmp_path, SITE)
    assert found.image == Image("link.png", "", 640, 480, "image/png")


def test_what_is_no_ordinary_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "loop.png").symlink_to(tmp_path / "loop.png")
    assert [measure(tmp_path / name) for name in ("pipe.png", "folder.png", "loop.png", "none.png")] == [None] * 4


@given(st.text(max_size=40), st.sampled_from(["articles/a.md", "a.md", "/elsewhere/a.md", "../a.md", ""]))
def test_no_address_leads_out_of_the_folder(url: str, path: str) -> None:
    for candidate in media_candidates(url, article(path=path), Path("/home"), SITE):
        assert candidate.is_relative_to("/home")
        assert ".." not in candidate.parts


# ---------------------------------------------------------------- what readers are told


def test_an_enclosure_gets_its_true_length(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "talk.mp3").write_bytes(bytes(1234))
    found, problems, _ = with_measures(article(enclosures=(Enclosure("talk.mp3", "audio/mpeg"),)), tmp_path, SITE)
    assert (found.enclosures, problems) == ((Enclosure("talk.mp3", "audio/mpeg", 1234),), ())


def test_a_length_that_is_not_true_is_mended_and_told(tmp_path: Path) -> None:
    (tmp_path / "talk.mp3").write_bytes(bytes(1234))
    told = article(enclosures=(Enclosure("/talk.mp3", "audio/mpeg", 99),), line=7)
    found, (problem,), _ = with_measures(told, tmp_path, SITE)
    assert found.enclosures[0].length == 1234
    assert str(problem) == (
        "articles/heron.md:7: the enclosure /talk.mp3 has 1234 octets, and not 99; its true length is used; "
        "leave length out"
    )
    assert problem.severity is Severity.NOTE


def test_a_picture_that_is_something_else_than_its_name_says_keeps_its_true_type(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(jpeg(64, 48))
    told = article(image=Image("/a.png"), enclosures=(Enclosure("/a.png", "image/png"),))
    found, _, _ = with_measures(told, tmp_path, SITE)
    assert found.image == Image("/a.png", "", 64, 48, "image/jpeg")
    assert found.enclosures[0].type == "image/jpeg"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (
            "https://cdn.example/talk.mp3",
            "has no length; write how many octets it has: {url: https://cdn.example/talk.mp3",
        ),
        ("talk.mp3", "has no length and lies neither beside the article nor in the site's folder; put it there"),
    ],
)
def test_a_length_that_nobody_knows_is_asked_for(url: str, words: str, tmp_path: Path) -> None:
    told = article(enclosures=(Enclosure(url, "audio/mpeg"),))
    found, (problem,), _ = with_measures(told, tmp_path, SITE)
    assert (found, problem.severity) == (told, Severity.NOTE)
    assert words in str(problem)
    with_length = article(enclosures=(Enclosure(url, "audio/mpeg", 5),))
    assert with_measures(with_length, tmp_path, SITE)[:2] == (with_length, ())


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "talk.mp3").touch()
    _, (problem,), _ = with_measures(article(enclosures=(Enclosure("/talk.mp3", "audio/mpeg"),)), tmp_path, SITE)
    assert problem.message == "the enclosure /talk.mp3 is empty"


def test_what_is_looked_for_is_told_also_where_nothing_is_found(tmp_path: Path) -> None:
    _, _, consulted = with_measures(article(image=Image("gate.png")), tmp_path, SITE)
    assert tmp_path / "articles/gate.png" in consulted
    assert tmp_path / "static/heron/gate.png" in consulted
    (tmp_path / "static/heron").mkdir(parents=True)
    (tmp_path / "static/heron/gate.png").write_bytes(png(64, 48))
    found, _, _ = with_measures(article(image=Image("gate.png")), tmp_path, SITE)
    assert found.image == Image("gate.png", "", 64, 48, "image/png")


def test_an_article_without_files_costs_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(media, "_Measuring", lambda *_: pytest.fail("it was measured"))
    plain = article()
    found, problems, consulted = with_measures(plain, tmp_path, SITE)
    assert found is plain
    assert (problems, consulted) == ((), ())


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda: png(1400, 1400), ""),
        (lambda: jpeg(3000, 3000), ""),
        (lambda: png(1399, 1399), "has 1399 × 1399 pixels"),
        (lambda: png(3001, 3001), "has 3001 × 3001 pixels"),
        (lambda: png(1400, 1500), "has 1400 × 1500 pixels"),
        (lambda: webp(1400, 1400), "is neither JPEG nor PNG"),
    ],
    ids=["least", "most", "small", "large", "oblong", "webp"],
)
def test_a_cover_that_directories_refuse_is_told(make: Callable[[], bytes], fault: str, tmp_path: Path) -> None:
    (tmp_path / "cover.png").write_bytes(make())
    told = article(episode=Episode(image=Image("/cover.png")))
    found, problems, _ = with_measures(told, tmp_path, SITE)
    assert found.episode is not None
    assert found.episode.image is not None
    assert found.episode.image.width
    assert [problem.message for problem in problems] == ([f"the cover /cover.png {fault}"] if fault else [])
    assert all("square JPEG or PNG of 1400 to 3000" in problem.cure for problem in problems)


def test_a_cover_elsewhere_is_judged_by_its_name_alone() -> None:
    assert cover_fault(Image("https://cdn.example/cover.webp")) == "is neither JPEG nor PNG"
    assert [cover_fault(Image(f"https://cdn.example/cover{end}")) for end in (".jpg", "", ".png?x=1")] == [""] * 3
