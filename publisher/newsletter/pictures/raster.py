"""The one home of Pillow: pictures decoded, and encoded so that every mail program shows them.

Files may be hostile: whatever a decoder stumbles over is an `UnreadablePicture`, and nothing is decoded that would fill
the memory.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from PIL import Image, ImageCms, UnidentifiedImageError

from publisher.newsletter.pictures.model import WIDEST, Encoded, Facts, UnreadablePicture

#: The most pixels that are decoded.
MOST_PIXELS = 50_000_000
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "AVIF", "BMP", "TIFF")
_MOVING = ("PNG", "GIF", "WEBP", "AVIF")
#: Layouts of pixels that every mail program knows.
_PLAIN = frozenset(("1", "L", "LA", "P", "PA", "RGB", "RGBA"))
_QUALITY = 82
#: Width in pixels from which copies are made that look as if made from the whole.
_ENOUGH = WIDEST * 3 // 2
#: Pictures of so few colours are drawings, which JPEG blurs, or grey photographs, which are far larger as PNG.
_FEW_COLOURS = 256
_ORIENTATION = 0x0112
#: What turns a picture upright, by its orientation (Exif 2.32 §4.6.4).
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_LYING = (5, 6, 7, 8)
#: What a file says of itself only so that it can be shown.
_TECHNICAL = frozenset(
    "adobe adobe_transform aspect background chromaticity compression default_image disposal dpi duration extension gamma"
    " interlace jfif jfif_density jfif_unit jfif_version loop progression progressive srgb timestamp transparency"
    " version".split()
)


class Raster:
    """A decoded picture; of a moving one, its first frame. `facts` is what the file tells of it."""

    def __init__(self, data: bytes) -> None:
        """Decode a file.

        Raises:
            UnreadablePicture: it is none that Pillow knows, damaged, or too large.
        """
        try:
            with _quiet():
                self._read(data)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise UnreadablePicture(f"has more than {MOST_PIXELS // 1_000_000} million pixels") from None
        except UnidentifiedImageError:
            raise UnreadablePicture("is no picture that can be read, such as PNG or JPEG") from None
        except Exception:  # noqa: BLE001 - decoders raise whatever they stumble over
            raise UnreadablePicture("is damaged") from None

    def _read(self, data: bytes) -> None:
        Image.init()
        image = Image.open(BytesIO(data), formats=[name for name in _FORMATS if name in Image.OPEN])
        if image.width * image.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        media_type = "image/jpeg" if image.format == "MPO" else Image.MIME[image.format or ""]
        width, height = image.size
        if media_type == "image/jpeg":  # it alone can be decoded at half its size and less
            image.draft(None, (1, _ENOUGH) if _orientation(image) in _LYING else (_ENOUGH, 1))
        image.load()
        orientation = _orientation(image)
        self.facts = Facts(
            media_type,
            (height, width) if orientation in _LYING else (width, height),
            moving=image.format in _MOVING and bool(getattr(image, "is_animated", False)),
            plain=image.mode in _PLAIN and orientation == 1,
            tells=not _TECHNICAL.issuperset(image.info),
        )
        self._ratio = width / height if orientation in _LYING else height / width
        self._image: Image.Image = image.transpose(_TURNS[orientation]) if orientation != 1 else image

    def encoded(self, width: int) -> Encoded:
        """Return the picture as PNG where it is transparent or a drawing, else as JPEG; in sRGB, and without notes.

        Args:
            width: of the new file, in pixels, at most its own.

        Raises:
            UnreadablePicture: its pixels are of a kind that cannot be brought to a screen.
        """
        try:
            with _quiet():
                return self._encode(width)
        except Exception:  # noqa: BLE001 - as above
            raise UnreadablePicture("cannot be converted") from None

    def _encode(self, width: int) -> Encoded:
        image = _for_screens(self._image)
        drawn = self.facts.type != "image/jpeg" and image.mode != "RGBA" and bool(image.getcolors(_FEW_COLOURS))
        size = width, max(1, round(width * self._ratio))
        if image.size != size:
            image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        image.info = {}  # Pillow would write profile and comments from there
        if image.mode == "RGBA":
            return _png(image)
        jpeg = _jpeg(image)
        if drawn and len((png := _png(image)).data) <= 2 * len(jpeg.data):
            return png
        return jpeg


def _png(image: Image.Image) -> Encoded:
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return Encoded(file.getvalue(), "image/png")


def _jpeg(image: Image.Image) -> Encoded:
    file = BytesIO()
    image.save(file, "JPEG", quality=_QUALITY, optimize=True)
    return Encoded(file.getvalue(), "image/jpeg")


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what Pillow says of odd files to itself, and have it refuse those that would fill the memory."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        yield


def _orientation(image: Image.Image) -> int:
    """Return how the camera was held. `getexif` believes XMP, too, which browsers do not."""
    exif = Image.Exif()
    try:
        exif.load(image.info.get("exif", b""))
        found = exif.get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - a damaged note says nothing, and the picture is shown as it is
        return 1
    return found if found in _TURNS else 1


def _for_screens(image: Image.Image) -> Image.Image:
    """Return a copy in 8 bits a channel and in sRGB: `L`, `RGB`, or `RGBA` where something shines through."""
    profile = image.info.get("icc_profile")
    if image.mode.startswith("I"):  # 16 bits a pixel; some versions of Pillow would cut off the upper ones
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    elif image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode not in ("L", "CMYK"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    image = _in_srgb(image, profile) if profile else image
    if image.mode == "RGBA" and image.getchannel("A").getextrema()[0] == 255:
        return image.convert("RGB")
    return image.convert("RGB") if image.mode == "CMYK" else image.copy()


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Convert colours by the picture's profile (ICC.1); one that is broken, or of another kind of picture, is ignored."""
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        return ImageCms.profileToProfile(image, own, ImageCms.createProfile("sRGB"), outputMode=mode) or image
    except (ImageCms.PyCMSError, ImportError, OSError, ValueError):
        return image
