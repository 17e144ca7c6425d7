"""Pictures of an issue: which are found, what becomes of each kind, and what the author is told."""

import builtins
import os
import sys
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import ImageDraw

from publisher.article import Article, Image
from publisher.config.newsletter import COLUMN, NewsletterSettings
from publisher.config.settings import PublicationSettings, Settings
from publisher.errors import Severity
from publisher.newsletter.pictures import Picture, Pictures, prepare
from publisher.newsletter.pictures.model import UnreadablePicture, shown_size
from publisher.newsletter.pictures.raster import Raster

SITE = "https://notes.example/"
HOSTED = "https://notes.example/feeds/issues/weekly/2026-W47/images/"
ARTICLE = Article(title="Harbour", url=f"{SITE}posts/harbour/", path="articles/posts/harbour.md")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"></svg>'

Prepare = Callable[..., Pictures]


def photo(width: int, height: int) -> Pillow.Image:
    """Draw something of many colours."""
    across, down = Pillow.linear_gradient("L").resize((width, height)), Pillow.radial_gradient("L")
    return Pillow.merge("RGB", (across, down.resize((width, height)), across.transpose(Pillow.Transpose.ROTATE_180)))


def drawing(width: int, height: int, mode: str = "RGB") -> Pillow.Image:
    """Draw something of two colours."""
    image = Pillow.new(mode, (width, height), "white")
    ImageDraw.Draw(image).rectangle((width // 4, height // 4, width // 2, height // 2), fill="black")
    return image


def grain(width: int, height: int, mode: str = "L") -> Pillow.Image:
    """Draw what no format makes small."""
    return Pillow.frombytes(mode, (width, height), Random(1).randbytes(len(mode) * width * height))


def file(image: Pillow.Image, kind: str = "JPEG", **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def moving(width: int, height: int, kind: str = "GIF", *, noise: bool = False) -> bytes:
    still = grain(width, height) if noise else drawing(width, height)
    pictures = [still.rotate(45 * number) for number in range(3)]
    return file(pictures[0], kind, save_all=True, append_images=pictures[1:], duration=100)


def opened(data: bytes) -> Pillow.Image:
    image = Pillow.open(BytesIO(data))
    image.load()
    return image


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "articles/posts").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def prepared(folder: Path) -> Prepare:
    """Put files beside the article and prepare the pictures of an issue that shows them."""

    def run(
        html: str = "",
        files: Mapping[str, bytes] = {},
        *,
        images_url: str = HOSTED,
        articles: tuple[Article, ...] = (),
        **newsletter: Any,
    ) -> Pictures:
        for name, data in files.items():
            (folder / "articles/posts" / name).write_bytes(data)
        settings = Settings(publication=PublicationSettings(title="Notes", url=SITE))
        chosen = NewsletterSettings(name="weekly", **{"content": "full", **newsletter})
        return prepare(articles or (replace(ARTICLE, content=html),), folder, settings, chosen, images_url)

    return run


def told(pictures: Pictures) -> list[str]:
    assert all(problem.severity is Severity.NOTE for problem in pictures.problems)
    return [problem.message.removeprefix("the picture ") for problem in pictures.problems]


def shown(url: str) -> str:
    return f'<p><img src="{url}" alt="A harbour"></p>'


# ---------------------------------------------------------------- files that are fine


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jpg", file(photo(1072, 400))),
        ("a.png", file(drawing(1072, 400), "PNG")),
        ("a.gif", file(drawing(1072, 400), "GIF")),
        ("a.gif", moving(1072, 400)),
        ("a.jpg", file(drawing(1072, 400), "PNG")),  # the ending lies
    ],
    ids=["jpeg", "png", "gif", "animation", "png-called-jpg"],
)
def test_a_file_that_mail_programs_show_is_linked_by_its_own_address(prepared: Prepare, name: str, data: bytes) -> None:
    pictures = prepared(shown(name), {name: data})
    assert pictures.of(name, ARTICLE) == pictures.web(name, ARTICLE) == Picture(f"{ARTICLE.url}{name}", 536, 200)
    assert (pictures.files, pictures.attached, pictures.problems) == ({}, (), ())


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        ("", (300, 200)),
        ('width="150"', (150, 100)),
        ('height="100"', (150, 100)),
        ('width="150" height="999"', (150, 100)),  # the file knows its shape better
        ('width="450px"', (450, 300)),
        ('width="9000"', (536, 357)),
        ('width="0"', (300, 200)),
        ('width="50%"', (300, 200)),
    ],
)
def test_a_picture_is_as_large_as_asked_and_never_wider_than_the_column(
    prepared: Prepare, attributes: str, size: tuple[int, int]
) -> None:
    pictures = prepared(f'<img src="a.png" alt="A" {attributes}>', {"a.png": file(drawing(300, 200), "PNG")})
    assert pictures.of("a.png", ARTICLE) == Picture(f"{ARTICLE.url}a.png", *size)


def test_a_picture_that_is_shown_twice_gets_the_larger_size(prepared: Prepare) -> None:
    content = '<img src="a.png" alt="A" width="20"><img src="a.png" alt="A" width="99"><img src="/x" alt="" width="9">'
    pictures = prepared(content, {"a.png": file(drawing(300, 200), "PNG")})
    assert pictures.of("a.png", ARTICLE) == Picture(f"{ARTICLE.url}a.png", 99, 66)


@given(
    natural=st.tuples(*[st.none() | st.integers(1, 60_000)] * 2),
    asked=st.tuples(*[st.none() | st.integers(1, 9999)] * 2),
)
def test_no_size_is_nothing_or_wider_than_the_column(
    natural: tuple[int | None, int | None], asked: tuple[int | None, int | None]
) -> None:
    width, height = shown_size(natural, asked)
    assert width is None or 1 <= width <= COLUMN
    assert height is None or height >= 1
    assert width is None or height is not None or not all(natural)


def test_urls_are_understood_in_every_spelling(prepared: Prepare) -> None:
    pictures = prepared('<img src="a%20b.png?x=1&amp;y=2" alt="A">', {"a b.png": file(drawing(30, 20), "PNG")})
    spellings = ("a%20b.png?x=1&y=2", "/posts/harbour/a%20b.png?x=1&y=2", f"{ARTICLE.url}a%20b.png?x=1&y=2")
    assert {pictures.of(url, ARTICLE) for url in spellings} == {Picture(f"{ARTICLE.url}a%20b.png?x=1&y=2", 30, 20)}


# ---------------------------------------------------------------- linked copies


@pytest.mark.parametrize(
    ("name", "data", "media", "size"),
    [
        ("a.jpg", file(photo(4000, 1000)), "JPEG", (1072, 268)),
        ("a.png", file(photo(1200, 600), "PNG"), "JPEG", (1072, 536)),
        ("a.png", file(drawing(1200, 600), "PNG"), "PNG", (1072, 536)),
        ("a.webp", file(photo(300, 200), "WEBP"), "JPEG", (300, 200)),
        ("a.bmp", file(drawing(300, 200), "BMP"), "PNG", (300, 200)),
        ("a.tif", file(photo(300, 200), "TIFF"), "JPEG", (300, 200)),
        ("a.jpg", file(photo(300, 200).convert("CMYK")), "JPEG", (300, 200)),
        ("a.png", file(Pillow.new("I;16", (300, 200), 40_000), "PNG"), "PNG", (300, 200)),
        ("a.png", file(grain(1000, 1100, "RGB"), "PNG"), "JPEG", (1000, 1100)),
    ],
    ids=["wide", "photo-as-png", "drawing", "webp", "bmp", "tiff", "cmyk", "16-bit", "heavy"],
)
def test_other_files_get_a_copy_in_the_bundle(
    prepared: Prepare, name: str, data: bytes, media: str, size: tuple[int, int]
) -> None:
    pictures = prepared(shown(name), {name: data})
    ((path, copy),) = pictures.files.items()
    found = pictures.of(name, ARTICLE)
    assert found == pictures.web(name, ARTICLE)
    assert found == Picture(
        HOSTED + path.removeprefix("images/"), min(size[0], 536), round(min(size[0], 536) * size[1] / size[0])
    )
    image = opened(copy)
    assert (image.format, image.size) == (media, size)
    assert image.mode in ("L", "RGB")
    assert told(pictures) == []


def test_a_copy_is_twice_as_wide_as_it_is_shown(prepared: Prepare) -> None:
    pictures = prepared('<img src="a.jpg" alt="A" width="100">', {"a.jpg": file(photo(4000, 2000))})
    ((path, copy),) = pictures.files.items()
    assert pictures.of("a.jpg", ARTICLE) == Picture(HOSTED + path.removeprefix("images/"), 100, 50)
    assert opened(copy).size == (200, 100)


def test_a_heavy_file_that_no_copy_makes_lighter_stays_as_it_is(prepared: Prepare) -> None:
    files = {
        "dense.png": file(grain(600, 600, "RGBA"), "PNG", optimize=True),
        "wasteful.png": file(drawing(900, 900, "RGBA"), "PNG", compress_level=0),
    }
    pictures = prepared("".join(map(shown, files)), files)
    assert min(map(len, files.values())) > 1_000_000
    assert pictures.of("dense.png", ARTICLE) == Picture(f"{ARTICLE.url}dense.png", 536, 536)
    assert [path.partition("-")[0] for path in pictures.files] == ["images/wasteful"]


def test_without_an_archive_a_picture_that_needs_a_copy_is_linked_and_told(prepared: Prepare) -> None:
    files = {
        "a.jpg": file(photo(4000, 1000)),
        "a.webp": file(photo(30, 20), "WEBP"),
        "a.tif": file(photo(3, 2), "TIFF"),
    }
    pictures = prepared("".join(map(shown, files)), files, images_url="")
    assert pictures.files == {}
    assert [pictures.of(name, ARTICLE) for name in files] == [
        Picture(f"{ARTICLE.url}a.jpg", 536, 134),
        Picture(f"{ARTICLE.url}a.webp", 30, 20),
        None,
    ]
    no_place = "and there is no place on the web for a better copy"
    assert told(pictures) == [
        f"{ARTICLE.url}a.jpg is 4000 pixels wide, {no_place}",
        f"{ARTICLE.url}a.webp is of type image/webp, {no_place}",
        f"{ARTICLE.url}a.tif is of type image/tiff, {no_place}",
    ]


# ---------------------------------------------------------------- attached


def test_attached_pictures_are_as_wide_as_they_are_shown(prepared: Prepare) -> None:
    files = {"a.jpg": file(photo(4000, 1000)), "b.png": file(drawing(300, 200), "PNG"), "c.gif": moving(90, 60)}
    content = f'{shown("a.jpg")}<img src="b.png" alt="B" width="150">{shown("c.gif")}'
    pictures = prepared(content, files, images="attach")
    assert [(one.type, opened(one.data).size) for one in pictures.attached] == [
        ("image/jpeg", (536, 134)),
        ("image/png", (150, 100)),
        ("image/gif", (90, 60)),
    ]
    for name, one in zip(files, pictures.attached, strict=True):
        found = pictures.of(name, ARTICLE)
        assert found
        assert found.url == f"cid:{one.cid}" == f"cid:{one.name}@notes.example"
        assert (found.width, found.height) == opened(one.data).size
        assert pictures.files[f"images/{one.name}"] == one.data
    assert pictures.attached[2].data == files["c.gif"]
    assert told(pictures) == []


def expect_display_sizes(prepared: Prepare) -> None:
    pictures = prepared(shown("a.jpg"), {"a.jpg": file(photo(1000, 500))}, images="attach")
    found = pictures.of("a.jpg", ARTICLE)
    assert found
    assert [opened(one.data).size for one in pictures.attached] == [(found.width, found.height)]


def test_the_test_of_display_sizes_would_notice(prepared: Prepare, monkeypatch: pytest.MonkeyPatch) -> None:
    expect_display_sizes(prepared)
    fitting = Raster.encoded
    monkeypatch.setattr(Raster, "encoded", lambda self, width: fitting(self, 2 * width))
    with pytest.raises(AssertionError):
        expect_display_sizes(prepared)


def test_attached_pictures_do_not_say_where_they_were_taken(prepared: Prepare) -> None:
    exif = Pillow.Exif()
    exif[0x0110] = "Sample Camera 9"
    exif.get_ifd(0x8825)[2] = (53.0, 32.0, 7.0)
    data = file(photo(300, 200), exif=exif)
    (attached,) = prepared(shown("a.jpg"), {"a.jpg": data}, images="attach").attached
    assert b"Sample Camera 9" in data
    assert b"Sample Camera 9" not in attached.data
    assert not opened(attached.data).getexif()
    plain = file(photo(300, 200))
    assert [one.data for one in prepared(shown("b.jpg"), {"b.jpg": plain}, images="attach").attached] == [plain]


def test_the_web_page_never_shows_what_is_attached_to_a_mail(prepared: Prepare) -> None:
    files = {"a.jpg": file(photo(4000, 1000)), "b.png": file(drawing(300, 200), "PNG")}
    hosted = prepared("".join(map(shown, files)), files, images="attach")
    assert [hosted.web(name, ARTICLE) for name in files] == [
        Picture(f"{HOSTED}{hosted.attached[0].name}", 536, 134),
        Picture(f"{ARTICLE.url}b.png", 300, 200),
    ]
    alone = prepared("".join(map(shown, files)), files, images="attach", images_url="")
    assert alone.attached == hosted.attached
    assert alone.web("a.jpg", ARTICLE) == Picture(f"{ARTICLE.url}a.jpg", 536, 134)


def test_each_file_is_attached_once_whoever_shows_it(prepared: Prepare, folder: Path) -> None:
    (folder / "static").mkdir()
    (folder / "static/logo.png").write_bytes(file(drawing(300, 200), "PNG"))
    others = tuple(
        replace(ARTICLE, url=f"{SITE}posts/{n}/", path=f"articles/posts/{n}.md", content=shown("/logo.png"))
        for n in "ab"
    )
    twin = {"twin.png": file(drawing(300, 200), "PNG"), "logo.png": file(drawing(300, 200), "PNG")}
    pictures = prepared(files=twin, articles=(*others, replace(ARTICLE, content=shown("logo.png"))), images="attach")
    assert len(pictures.attached) == len(pictures.files) == 1
    assert {pictures.of("/logo.png", one) for one in others} == {pictures.of("logo.png", ARTICLE)}


def test_pictures_elsewhere_are_never_attached(prepared: Prepare) -> None:
    away = "https://elsewhere.example/a.jpg"
    pictures = prepared(f'<img src="{away}" alt="A" width="900" height="300">', images="attach")
    assert pictures.of(away, ARTICLE) == Picture(away, 536, 179)
    assert told(pictures) == [f"{away} is not in the publication's folder; it is loaded from the web and not attached"]


def test_what_is_beyond_the_budget_is_linked(prepared: Prepare) -> None:
    noise = grain(530, 530, "RGB")
    files = {f"{n}.png": file(noise.rotate(90 * n), "PNG", compress_level=n // 4) for n in range(6)}
    pictures = prepared("".join(map(shown, files)), files, images="attach")
    assert [one.name.partition("-")[0] for one in pictures.attached] == ["0", "1", "2", "3", "4"]
    assert sum(len(one.data) for one in pictures.attached) <= 5_000_000
    assert pictures.of("5.png", ARTICLE) == Picture(f"{ARTICLE.url}5.png", 530, 530)
    assert told(pictures) == [f"{ARTICLE.url}5.png is loaded from the web: with it, more than 5 MB would be attached"]


def test_files_that_no_page_shows_in_the_end_are_left_out(prepared: Prepare) -> None:
    files = {f"{name}.jpg": file(photo(4000, height)) for name, height in (("a", 900), ("b", 800), ("c", 700))}
    linked = prepared("".join(map(shown, files)), files)
    (a, b) = (linked.of(name, ARTICLE) for name in ("a.jpg", "b.jpg"))
    assert a
    assert b
    kept = linked.used_in(f'<img src="{a.url}">', f'<img src="{b.url}">')
    assert [f"{HOSTED}{name.removeprefix('images/')}" for name in kept.files] == [a.url, b.url]
    attached = prepared("".join(map(shown, files)), files, images="attach")
    first = attached.of("a.jpg", ARTICLE)
    assert first
    kept = attached.used_in(f'<img src="{first.url}">')
    assert [f"cid:{one.cid}" for one in kept.attached] == [first.url]
    assert list(kept.files) == [f"images/{kept.attached[0].name}"]
    assert kept.of("a.jpg", ARTICLE) == first


# ---------------------------------------------------------------- kinds with rules of their own


def test_an_animation_that_is_too_large_becomes_its_first_frame_and_says_so(prepared: Prepare) -> None:
    files = {"a.gif": moving(1200, 600), "b.gif": moving(900, 900, noise=True), "c.webp": moving(90, 60, "WEBP")}
    pictures = prepared("".join(map(shown, files)), files)
    assert len(pictures.files) == 3
    assert not any(getattr(opened(copy), "is_animated", False) for copy in pictures.files.values())
    weight = -(-len(files["b.gif"]) // 100_000) / 10
    assert told(pictures) == [
        f"{ARTICLE.url}a.gif moves, but is 1200 pixels wide: its first frame is shown",
        f"{ARTICLE.url}b.gif moves, but has {weight} MB: its first frame is shown",
        f"{ARTICLE.url}c.webp moves, but is of type image/webp: its first frame is shown",
    ]


def test_svg_is_never_in_mails_and_stays_on_the_page(prepared: Prepare) -> None:
    away = "https://elsewhere.example/badge.svg?x=1"
    content = shown("a.svg") + shown("called.png") + shown(away)
    pictures = prepared(content, {"a.svg": SVG, "called.png": SVG})
    assert [pictures.of(url, ARTICLE) for url in ("a.svg", "called.png", away)] == [None] * 3
    assert pictures.web("a.svg", ARTICLE) == Picture(f"{ARTICLE.url}a.svg", 300, 200)
    assert pictures.web(away, ARTICLE) == Picture(away)
    assert told(pictures) == [
        f"{url} is SVG, which Gmail and others do not show"
        for url in (f"{ARTICLE.url}a.svg", f"{ARTICLE.url}called.png", away)
    ]


@pytest.mark.parametrize(
    ("ending", "kept", "note"),
    [
        ("webp", True, ["is WebP, which Outlook for Windows does not show"]),
        ("avif", True, ["is AVIF, which Outlook for Windows does not show"]),
        ("heic", False, ["is HEIC, which most mail programs do not show"]),
        ("jpg", True, []),
        ("", True, []),
    ],
)
def test_pictures_elsewhere_are_judged_by_their_names(
    prepared: Prepare, ending: str, kept: bool, note: list[str]
) -> None:
    away = f"http://elsewhere.example/a.{ending}"
    pictures = prepared(shown(away))
    assert pictures.of(away, ARTICLE) == (Picture(away) if kept else None)
    assert told(pictures) == [f"{away} {what}" for what in note]


@pytest.mark.parametrize("url", ["data:image/png;base64,iVBORw0KGgo=", "cid:a@b", "http://[", "", "javascript:x()"])
def test_what_is_not_on_the_web_is_left_out(prepared: Prepare, url: str) -> None:
    pictures = prepared(f'<img src="{url}" alt="A">', {}, images="attach")
    if url:
        assert (pictures.of(url, ARTICLE), pictures.web(url, ARTICLE)) == (None, None)
    assert (pictures.in_mail, pictures.attached, pictures.problems) == ({}, (), ())


# ---------------------------------------------------------------- what is missing, damaged, hostile


def test_a_missing_file_is_told_with_article_and_line(prepared: Prepare, folder: Path) -> None:
    (folder / ARTICLE.path).write_text("---\ntitle: Harbour\n---\n\n![A](away.jpg)\n", encoding="utf-8")
    pictures = prepared(shown("away.jpg"))
    (problem,) = pictures.problems
    assert (problem.path, problem.line) == (ARTICLE.path, 5)
    assert str(problem) == (
        f"articles/posts/harbour.md:5: the picture {ARTICLE.url}away.jpg lies neither beside the article nor in the site's"
        " folder, and is linked all the same; correct its name, or put the file there"
    )
    assert pictures.of("away.jpg", ARTICLE) == Picture(f"{ARTICLE.url}away.jpg")


@pytest.mark.parametrize("images", ["link", "attach"])
@pytest.mark.parametrize("written", ["away.jpg", "/away.jpg", f"{SITE}away.jpg"])
@pytest.mark.parametrize(
    ("layout", "content", "seen"),
    [("digest", "full", True), ("letter", "full", True), ("digest", "summary", False), ("list", "full", False)],
)
def test_a_missing_file_is_told_wherever_it_would_be_seen(
    prepared: Prepare, images: str, written: str, layout: str, content: str, seen: bool
) -> None:
    for lead in (False, True):
        article = replace(ARTICLE, content="" if lead else shown(written), image=Image(written, "A") if lead else None)
        pictures = prepared(articles=(article,), layout=layout, content=content, images=images)
        wanted = layout != "list" if lead else seen
        assert ["lies neither beside the article nor" in note for note in told(pictures)] == [True] * wanted


def test_an_article_that_knows_its_line_keeps_it(prepared: Prepare) -> None:
    pictures = prepared(articles=(replace(ARTICLE, line=7, content=shown("away.jpg") * 2),))
    assert [problem.line for problem in pictures.problems] == [7]


def test_missing_alt_text_is_told_once_and_decoration_is_none_of_it(prepared: Prepare) -> None:
    lead = replace(ARTICLE, image=Image("lead.png"), content='<img src="a.png"><img src="b.png" alt="">')
    files = dict.fromkeys(("lead.png", "a.png", "b.png"), file(drawing(30, 20), "PNG"))
    pictures = prepared(files=files, articles=(lead,))
    assert told(pictures) == [f"{ARTICLE.url}{name} has no alt text" for name in ("lead.png", "a.png")]


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("cut.jpg", file(photo(300, 200))[:2000], "is damaged"),
        ("cut.png", file(photo(300, 200), "PNG")[:2000], "is damaged"),
        ("text.png", b"no picture", "is no picture that can be read, such as PNG or JPEG"),
        ("empty.jpg", b"", "is no picture that can be read, such as PNG or JPEG"),
        ("a.heic", b"\0\0\0\x18ftypheic", "is HEIC, which most mail programs do not show"),
    ],
)
@pytest.mark.parametrize("way", ["link", "attach"])
def test_a_damaged_file_gets_one_note(prepared: Prepare, name: str, data: bytes, what: str, way: str) -> None:
    pictures = prepared(shown(name), {name: data}, images=way)
    assert told(pictures) == [f"{ARTICLE.url}{name} {what}"]
    assert pictures.attached == ()
    found = pictures.of(name, ARTICLE)
    assert (found.url if found else None) == (None if name == "a.heic" else f"{ARTICLE.url}{name}")


def test_a_picture_that_cannot_be_converted_is_linked_and_told(
    prepared: Prepare, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise UnreadablePicture("cannot be converted")

    monkeypatch.setattr(Raster, "encoded", fails)
    pictures = prepared(shown("a.jpg"), {"a.jpg": file(photo(3000, 1500))}, images="attach")
    assert told(pictures) == [f"{ARTICLE.url}a.jpg cannot be converted"]
    assert pictures.of("a.jpg", ARTICLE) == Picture(f"{ARTICLE.url}a.jpg", 536, 268)


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it is large."""
    data = file(Pillow.new("1", (width, 1)), "PNG")
    header = data[12:20] + height.to_bytes(4) + data[24:29]
    return data[:12] + header + zlib.crc32(header).to_bytes(4) + data[33:]


@pytest.mark.parametrize(("width", "height"), [(8_000, 8_000), (10_000, 10_000), (60_000, 60_000)])
def test_a_picture_of_too_many_pixels_is_never_decoded(prepared: Prepare, width: int, height: int) -> None:
    pictures = prepared(shown("a.png"), {"a.png": bomb(width, height)})
    assert told(pictures) == [f"{ARTICLE.url}a.png has more than 50 million pixels"]
    found = pictures.of("a.png", ARTICLE)
    assert found == Picture(f"{ARTICLE.url}a.png", 536, 536)


def test_a_huge_file_is_never_read(prepared: Prepare, folder: Path) -> None:
    with (folder / "articles/posts/a.jpg").open("wb") as out:
        out.write(file(photo(30, 20)))
        out.truncate(21 * 2**20)
    pictures = prepared(shown("a.jpg"))
    assert told(pictures) == [f"{ARTICLE.url}a.jpg is too large: 21.0 MiB, at most 20 MiB are read"]
    assert pictures.of("a.jpg", ARTICLE) == Picture(f"{ARTICLE.url}a.jpg", 30, 20)


def test_links_and_paths_that_lead_out_of_the_folder_lead_nowhere(
    prepared: Prepare, tmp_path_factory: Any, folder: Path
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.png"
    secret.write_bytes(file(drawing(30, 20), "PNG"))
    (folder / "articles/posts/link.png").symlink_to(secret)
    os.mkfifo(folder / "articles/posts/pipe.png")
    climbing = f"{'../' * 9}{str(secret).lstrip('/')}"
    pictures = prepared(shown("link.png") + shown("pipe.png") + shown(climbing), images="attach")
    assert pictures.attached == ()
    assert [what.partition(" ")[2].partition(",")[0] for what in told(pictures)] == [
        "lies neither beside the article nor in the site's folder"
    ] * 3


@given(st.binary(max_size=300), st.sampled_from(["PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP"]), st.randoms())
def test_no_file_makes_it_raise(tmp_path_factory: Any, noise: bytes, kind: str, random: Random) -> None:
    data = bytearray(file(photo(40, 30), kind))
    for _ in range(random.randrange(1, 9)):
        data[random.randrange(len(data))] = random.randrange(256)
    at = random.randrange(len(data))
    decoded: Raster | None = None
    with suppress(UnreadablePicture):
        decoded = Raster(bytes(data[:at]) + noise + bytes(data[at:]))
        decoded.encoded(20)
    assert decoded is None or decoded.facts.type.startswith("image/")


# ---------------------------------------------------------------- which pictures are worked on


@pytest.mark.parametrize(
    ("settings", "worked_on"),
    [
        ({"content": "full"}, ["1-lead", "1-body", "2-lead", "2-body"]),
        ({"content": "summary"}, ["1-lead", "2-lead"]),
        ({"layout": "letter", "content": "summary"}, ["1-lead", "1-body"]),
        ({"layout": "list"}, []),
    ],
)
def test_only_the_pictures_that_the_mail_shows_are_worked_on(
    prepared: Prepare, settings: dict[str, str], worked_on: list[str]
) -> None:
    names = ["1-lead", "1-body", "2-lead", "2-body"]
    files = {f"{name}.jpg": file(photo(2000, 1000 + n)) for n, name in enumerate(names)}
    articles = tuple(
        replace(ARTICLE, url=f"{SITE}posts/{n}/", image=Image(f"{n}-lead.jpg", "A"), content=shown(f"{n}-body.jpg"))
        for n in (1, 2)
    )
    pictures = prepared(files=files, articles=articles, **settings)
    assert [path.removeprefix("images/").rpartition("-")[0] for path in pictures.files] == worked_on
    for article, name in zip((articles[0], articles[0], articles[1], articles[1]), names, strict=True):
        measured = pictures.of(f"{name}.jpg", article)
        assert measured
        assert (measured.width, measured.url.startswith(HOSTED)) == (536, name in worked_on)


def test_an_address_nobody_prepared_is_linked(prepared: Prepare) -> None:
    poster = "https://i.video.example/vi/abc/hqdefault.jpg"
    assert prepared("").of(poster, ARTICLE) == Pictures().of(poster, ARTICLE) == Picture(poster)
    assert Pictures().of("b.svg", ARTICLE) is None


def test_the_poster_of_a_video_is_a_picture(prepared: Prepare) -> None:
    pictures = prepared('<video src="v.mp4" poster="p.jpg"></video>', {"p.jpg": file(photo(2000, 1000))})
    found = pictures.of("p.jpg", ARTICLE)
    assert found
    assert (found.url.startswith(HOSTED), found.width, found.height) == (True, 536, 268)


# ---------------------------------------------------------------- without Pillow


@pytest.fixture
def without_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "publisher.newsletter.pictures.raster", raising=False)
    real = builtins.__import__

    def refusing(name: str, *arguments: Any, **options: Any) -> Any:
        if name.partition(".")[0] == "PIL":
            raise ImportError(name)
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", refusing)


@pytest.mark.usefixtures("without_pillow")
@pytest.mark.parametrize("way", ["link", "attach"])
def test_without_pillow_all_is_measured_and_one_note_says_what_would_need_it(prepared: Prepare, way: str) -> None:
    files = {
        "a.jpg": file(photo(4000, 1000)),
        "b.webp": file(photo(300, 200), "WEBP"),
        "c.png": file(drawing(90, 60), "PNG"),
    }
    pictures = prepared("".join(map(shown, files)) + shown("d.svg"), {**files, "d.svg": SVG}, images=way)
    assert [pictures.of(name, ARTICLE) for name in ("a.jpg", "b.webp", "d.svg")] == [
        Picture(f"{ARTICLE.url}a.jpg", 536, 134),
        Picture(f"{ARTICLE.url}b.webp", 300, 200),
        None,
    ]
    assert [one.data for one in pictures.attached] == ([files["c.png"]] if way == "attach" else [])
    assert [(problem.message, problem.cure) for problem in pictures.problems][1:] == [
        (
            (
                "pictures need a copy that mail programs show well, and Pillow is not installed:"
                f" {ARTICLE.url}a.jpg is 4000 pixels wide, and 1 more"
            ),
            "pip install 'publisher-feeds[images]'",
        )
    ]


# ---------------------------------------------------------------- the same everywhere


def test_the_same_files_give_the_same_bytes(prepared: Prepare) -> None:
    files = {"a.jpg": file(photo(4000, 1000)), "b.png": file(drawing(1200, 600, "RGBA"), "PNG")}
    one, other = (prepared("".join(map(shown, files)), files, images="attach") for _ in range(2))
    assert one == other


def test_the_work_grows_with_the_pictures(expect_linear: Callable[..., None], prepared: Prepare, folder: Path) -> None:
    data = file(photo(1200, 600))
    expect_linear(
        lambda count: prepared(
            "".join(shown(f"{n}.jpg") for n in range(count)), {f"{n}.jpg": data for n in range(count)}
        ),
        10,
    )
