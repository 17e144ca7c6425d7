"""Copies of pictures: upright, in the colours of screens, without what a camera noted; and tests that would notice."""

from collections.abc import Callable
from io import BytesIO
from random import Random
from typing import Any

import pytest
from PIL import Image, ImageCms, features

from publisher.newsletter.pictures import raster
from publisher.newsletter.pictures.model import Encoded, UnreadablePicture
from publisher.newsletter.pictures.raster import Raster

#: Exif tags: orientation, camera, the block of the place; in it, the latitude.
ORIENTATION, MODEL, GPS, LATITUDE = 0x0112, 0x0110, 0x8825, 2
RED, BLUE = (220, 20, 20), (20, 20, 220)
SECRET = b"Sample Camera 9"


def file(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def two_colours(top: tuple[int, int, int] = RED, below: tuple[int, int, int] = BLUE) -> Image.Image:
    image = Image.new("RGB", (60, 40), below)
    image.paste(top, (0, 0, 60, 20))
    return image


def noted(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MODEL] = orientation, SECRET.decode()
    exif.get_ifd(GPS)[LATITUDE] = (53.0, 32.0, 7.0)
    return exif


def held_upright() -> bytes:
    """Give a picture that was taken with the camera on its side: stored lying, to be turned a quarter clockwise."""
    lying = two_colours().transpose(Image.Transpose.ROTATE_90)
    return file(lying, "JPEG", exif=noted(6), quality=95)


def near(pixel: Any, colour: tuple[int, int, int], tolerance: int = 12) -> bool:
    return all(abs(one - other) <= tolerance for one, other in zip(pixel, colour, strict=False))


def expect_upright(data: bytes) -> None:
    decoded = Raster(data)
    assert decoded.facts.size == (60, 40)
    image = opened(decoded.encoded(60).data)
    assert image.size == (60, 40)
    assert near(image.getpixel((30, 5)), RED)
    assert near(image.getpixel((30, 35)), BLUE)


def expect_silent(data: bytes) -> None:
    copy = Raster(data).encoded(60).data
    image = opened(copy)
    assert SECRET not in copy
    assert not image.getexif()
    assert {"exif", "icc_profile", "comment", "xmp", "photoshop", "Author"}.isdisjoint(image.info)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_copy_stands_upright_however_the_camera_was_held(orientation: int) -> None:
    backwards = raster._TURNS.get(orientation)
    undone = {
        Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
        Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
    }
    stored = two_colours().transpose(undone.get(backwards, backwards)) if backwards is not None else two_colours()
    data = file(stored, "JPEG", exif=noted(orientation), quality=95)
    assert Raster(data).facts.plain is (orientation == 1)
    expect_upright(data)


def test_the_test_of_uprightness_would_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    data = held_upright()
    expect_upright(data)
    monkeypatch.setattr(raster, "_TURNS", {})
    with pytest.raises(AssertionError):
        expect_upright(data)


@pytest.mark.parametrize(
    "data",
    [
        held_upright(),
        file(two_colours(), "JPEG", comment=SECRET, xmp=b"<x:xmpmeta/>" + SECRET),
        file(two_colours(), "PNG", exif=noted(1)),
        file(two_colours(), "WEBP", exif=noted(1), xmp=SECRET),
        file(two_colours(), "TIFF", exif=noted(1)),
    ],
    ids=["jpeg", "jpeg-comment", "png", "webp", "tiff"],
)
def test_a_copy_says_nothing_of_camera_and_place(data: bytes) -> None:
    assert SECRET in data
    assert Raster(data).facts.tells
    expect_silent(data)


def test_the_test_of_silence_would_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    data = file(two_colours(), "JPEG", exif=noted(1))
    expect_silent(data)

    def chatty(image: Image.Image) -> Encoded:
        return Encoded(file(image, "JPEG", exif=noted(1)), "image/jpeg")

    monkeypatch.setattr(raster, "_jpeg", chatty)
    with pytest.raises(AssertionError):
        expect_silent(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_an_ordinary_file_says_nothing_more_than_the_picture(kind: str) -> None:
    facts = Raster(file(two_colours(), kind)).facts
    assert (facts.tells, facts.plain, facts.moving) == (False, True, False)


# ---------------------------------------------------------------- colours


def swapped_profile() -> bytes:
    """Give the sRGB profile with red and blue in each other's place: who ignores it shows the wrong ones."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = int.from_bytes(profile[128:132])
    at = {bytes(profile[132 + 12 * n : 136 + 12 * n]): 132 + 12 * n for n in range(count)}
    red, blue = at[b"rXYZ"], at[b"bXYZ"]
    profile[red + 4 : red + 12], profile[blue + 4 : blue + 12] = (
        profile[blue + 4 : blue + 12],
        profile[red + 4 : red + 12],
    )
    return bytes(profile)


def expect_srgb(data: bytes) -> None:
    image = opened(Raster(data).encoded(60).data)
    assert near(image.getpixel((30, 5)), RED)
    assert near(image.getpixel((30, 35)), BLUE)


@pytest.mark.skipif(not features.check("littlecms2"), reason="this Pillow knows no profiles of colours")
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_colours_are_converted_by_the_profile(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = file(two_colours(top=BLUE, below=RED), kind, icc_profile=swapped_profile())
    expect_srgb(data)
    monkeypatch.setattr(raster, "_in_srgb", lambda image, _: image)
    with pytest.raises(AssertionError):
        expect_srgb(data)


@pytest.mark.parametrize("profile", [b"no profile", swapped_profile()[:300]])
def test_a_broken_profile_is_ignored(profile: bytes) -> None:
    expect_srgb(file(two_colours(), "PNG", icc_profile=profile))


def test_a_profile_of_another_kind_of_picture_is_ignored() -> None:
    grey = Image.new("L", (60, 40), 90)
    copy = opened(Raster(file(grey, "PNG", icc_profile=swapped_profile())).encoded(60).data)
    assert copy.getpixel((3, 3)) == 90


@pytest.mark.parametrize(
    ("image", "pixel"),
    [
        (two_colours().convert("CMYK"), RED),
        (two_colours().convert("P"), RED),
        (two_colours().convert("1", dither=Image.Dither.NONE), (0, 0, 0)),
        (Image.new("I;16", (60, 40), 40_000), (156, 156, 156)),
        (Image.new("I", (60, 40), 40_000), (156, 156, 156)),
    ],
    ids=["cmyk", "palette", "bilevel", "16-bit", "32-bit"],
)
def test_all_layouts_of_pixels_come_to_the_screen(image: Image.Image, pixel: tuple[int, int, int]) -> None:
    copy = opened(Raster(file(image, "TIFF")).encoded(60).data).convert("RGB")
    assert near(copy.getpixel((30, 5)), pixel, 40)


# ---------------------------------------------------------------- PNG or JPEG


def transparent(mode: str) -> Image.Image:
    image = two_colours().convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize(image.size).point(lambda value: 255 if value > 128 else 0))
    return image.convert(mode)


def see_through() -> bytes:
    palette = two_colours().quantize(2)
    return file(palette, "PNG", transparency=palette.getpixel((3, 3)))


@pytest.mark.parametrize(
    "data",
    [
        file(transparent("RGBA"), "PNG"),
        file(transparent("LA"), "PNG"),
        see_through(),
        file(transparent("RGBA"), "WEBP"),
    ],
    ids=["rgba", "grey", "palette", "webp"],
)
def test_what_shines_through_goes_on_shining_through(data: bytes) -> None:
    made = Raster(data).encoded(30)
    assert made.type == "image/png"
    assert opened(made.data).mode == "RGBA"
    assert opened(made.data).getpixel((15, 2))[3] == 0  # type: ignore[index]


def test_transparency_that_nothing_uses_is_dropped() -> None:
    image = Image.merge(
        "RGB", [Image.linear_gradient("L"), Image.radial_gradient("L"), Image.linear_gradient("L").rotate(90)]
    )
    image.putalpha(255)
    assert Raster(file(image, "PNG")).encoded(200).type == "image/jpeg"


def test_a_grey_photograph_is_no_drawing() -> None:
    grain = Image.frombytes("L", (300, 300), Random(1).randbytes(90_000))
    clouds = grain.resize((900, 900), Image.Resampling.BICUBIC)
    assert Raster(file(clouds, "PNG")).encoded(900).type == "image/jpeg"
    assert Raster(file(two_colours(), "PNG")).encoded(60).type == "image/png"


def test_copies_are_never_interlaced_or_progressive() -> None:
    photo = file(Image.radial_gradient("L"), "JPEG", progressive=True)
    assert "progressive" in opened(photo).info
    assert "progressive" not in opened(Raster(photo).encoded(100).data).info


@pytest.mark.skipif(".avif" not in Image.registered_extensions(), reason="this Pillow knows no AVIF")
def test_avif_becomes_what_all_show() -> None:
    data = file(two_colours(), "AVIF", exif=noted(1))
    assert Raster(data).facts.type == "image/avif"
    expect_silent(data)


@pytest.mark.parametrize(("orientation", "size"), [(1, (1072, 715)), (6, (1072, 1608))])
def test_a_large_photograph_is_decoded_no_larger_than_needed(orientation: int, size: tuple[int, int]) -> None:
    photo = Raster(file(Image.linear_gradient("L").resize((6000, 4000)), "JPEG", exif=noted(orientation)))
    assert set(photo._image.size) == {3000, 2000}
    assert set(photo.facts.size) == {6000, 4000}
    assert opened(photo.encoded(1072).data).size == size


def test_several_pictures_in_one_jpeg_are_one_picture() -> None:
    data = file(two_colours(), "MPO", save_all=True, append_images=[two_colours()])
    assert (Raster(data).facts.type, Raster(data).facts.moving) == ("image/jpeg", False)


@pytest.mark.parametrize("fault", [SyntaxError, MemoryError, KeyError, ZeroDivisionError])
def test_whatever_a_decoder_raises_is_one_clear_word(
    fault: Callable[[], Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = Raster(file(two_colours(), "PNG"))

    def breaks(*_: object, **__: object) -> None:
        raise fault()

    monkeypatch.setattr(Image.Image, "resize", breaks)
    with pytest.raises(UnreadablePicture, match="cannot be converted"):
        decoded.encoded(20)
    monkeypatch.setattr(Image, "open", breaks)
    with pytest.raises(UnreadablePicture, match="is damaged"):
        Raster(file(two_colours(), "PNG"))


@pytest.mark.parametrize("note", [b"Exif\0\0MM\0*\0\0\xff\xff" + b"\xff" * 30, b"Exif\0\0XX" + b"\xff" * 30])
def test_damaged_notes_of_a_camera_do_no_harm(note: bytes) -> None:
    expect_upright(file(two_colours(), "JPEG", exif=note, quality=95))


def test_only_what_browsers_believe_turns_a_picture() -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    expect_upright(file(two_colours(), "JPEG", xmp=xmp, quality=95))


def test_a_tiff_stands_upright_too() -> None:
    expect_upright(file(two_colours().transpose(Image.Transpose.ROTATE_90), "TIFF", exif=noted(6)))
