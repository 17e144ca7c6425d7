"""Draws the pictures of the sample publications: `python tests/samples/draw.py` writes them again, byte for byte.

Each sheet is 100 wide and 50 high, whatever its pixels are. The formats are mixed on purpose: most are PNG, and there is
a WebP, a GIF that moves and a PNG wider than any mail program needs, for which an issue must make copies.
"""

import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).resolve().parent
#: Drawn so many times larger, then made smaller: edges become smooth.
_SHARP = 2
_COLOURS = 48

SKY, NIGHT, DUSK, SAND = "#cfe3ee", "#1d2b45", "#f3c9a5", "#ecdcb9"
WATER, DEEP, GRASS, PINE = "#5f9dbd", "#2f6d8f", "#8fb574", "#3f6b4f"
STONE, SLATE, BRICK, RUST = "#b9b2a5", "#59616b", "#b5573f", "#8a3d2c"
CREAM, YOLK, WHITE, INK = "#f7f0df", "#e9b44c", "#ffffff", "#2b2f36"
GLASS = "#00000000"
ROSE, PLUM, TEAL, LEAF = "#d98c8c", "#6b4a6e", "#2f7f79", "#5d8f4a"


class Sheet:
    """A ground to draw on."""

    def __init__(self, ground: str, width: int = 1072, ratio: float = 0.5) -> None:
        self._unit = width * _SHARP / 100
        size = (width * _SHARP, round(width * ratio) * _SHARP)
        self._image = Image.new("RGBA", size, ground)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, left: float, top: float, width: float, height: float, colour: str, *, round_: float = 0) -> None:
        corners = self._scaled([(left, top), (left + width, top + height)])
        self._draw.rounded_rectangle(corners, round_ * self._unit, colour)

    def disc(self, x: float, y: float, radius: float, colour: str, *, flat: float = 1) -> None:
        corners = self._scaled([(x - radius, y - radius * flat), (x + radius, y + radius * flat)])
        self._draw.ellipse(corners, colour)

    def shape(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        self._draw.polygon(self._scaled(points), colour)

    def line(self, points: Sequence[tuple[float, float]], colour: str, width: float) -> None:
        self._draw.line(self._scaled(points), colour, round(width * self._unit), joint="curve")

    def wave(self, top: float, height: float, length: float, colour: str, *, shift: float = 0) -> None:
        """Fill all below a wavy line: a hill, a shore, water."""
        line = [(x, top + height * math.sin((x + shift) * 2 * math.pi / length)) for x in range(-2, 104, 2)]
        self.shape([*line, (104, 60), (-4, 60)], colour)

    def finished(self) -> Image.Image:
        width, height = self._image.size
        small = self._image.resize((width // _SHARP, height // _SHARP), Image.Resampling.LANCZOS)
        if small.getpixel((0, 0)) == (0, 0, 0, 0):
            return small
        return small.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)

    def _scaled(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        return [(x * self._unit, y * self._unit) for x, y in points]


Scene = Callable[[Sheet], None]


def house(sheet: Sheet, x: float, base: float, width: float, wall: str, roof: str) -> None:
    height = width * 0.8
    sheet.box(x, base - height, width, height, wall)
    sheet.shape([(x - 1, base - height), (x + width / 2, base - height * 1.7), (x + width + 1, base - height)], roof)
    sheet.box(x + width * 0.38, base - height * 0.55, width * 0.24, height * 0.55, roof)


def tree(sheet: Sheet, x: float, base: float, size: float, leaf: str = PINE) -> None:
    sheet.box(x - size * 0.06, base - size * 0.4, size * 0.12, size * 0.4, RUST)
    for level in range(3):
        half, top = size * (0.36 - level * 0.08), base - size * (0.62 + level * 0.24)
        sheet.shape([(x - half, top + size * 0.36), (x, top), (x + half, top + size * 0.36)], leaf)


def bridge(sheet: Sheet) -> None:
    sheet.wave(24, 4, 70, GRASS)
    for x in (6, 16, 74, 86):
        house(sheet, x, 20.5, 9, CREAM, BRICK)
    sheet.wave(33, 0.6, 17, WATER)
    sheet.box(0, 20, 100, 5, STONE)
    for x in (10, 30, 50, 70, 90):
        sheet.disc(x, 33, 8, WATER)
        sheet.box(x - 11.5, 24, 3, 14, STONE)
    sheet.wave(37, 0.6, 23, DEEP)


def ferry(sheet: Sheet) -> None:
    sheet.disc(78, 12, 5, YOLK)
    sheet.wave(26, 2, 90, PINE)
    sheet.wave(32, 0.7, 15, WATER)
    sheet.shape([(28, 30), (72, 30), (66, 37), (34, 37)], BRICK)
    sheet.box(38, 23, 24, 7, WHITE, round_=0.8)
    sheet.box(46, 16, 6, 7, SLATE)
    for x in (40, 46, 52, 58):
        sheet.box(x, 25, 3, 2.6, DEEP)
    sheet.wave(37, 0.8, 19, DEEP)


def market(sheet: Sheet) -> None:
    sheet.box(0, 38, 100, 12, STONE)
    for left, stripe in ((6, BRICK), (37, TEAL), (68, YOLK)):
        sheet.box(left + 1, 18, 1, 22, SLATE)
        sheet.box(left + 24, 18, 1, 22, SLATE)
        sheet.box(left, 31, 26, 8, RUST)
        for part in range(6):
            sheet.box(left + part * 4.33, 13, 4.33, 7, stripe if part % 2 else WHITE)
        for part in range(5):
            sheet.disc(left + 3.5 + part * 4.8, 30, 2, (BRICK, LEAF, YOLK, PLUM, ROSE)[part])


def bus(sheet: Sheet) -> None:
    sheet.wave(30, 3, 80, GRASS)
    sheet.box(0, 38, 100, 12, SLATE)
    sheet.box(22, 14, 56, 24, TEAL, round_=3)
    for x in range(26, 74, 10):
        sheet.box(x, 18, 8, 8, SKY, round_=0.8)
    sheet.box(22, 29, 56, 2, CREAM)
    for x in (34, 66):
        sheet.disc(x, 38, 5, INK)
        sheet.disc(x, 38, 2, STONE)


def school(sheet: Sheet) -> None:
    sheet.wave(40, 1, 120, GRASS)
    sheet.box(20, 20, 60, 21, BRICK)
    sheet.shape([(40, 20), (50, 9), (60, 20)], RUST)
    sheet.disc(50, 16, 2.4, CREAM)
    for x in (24, 33, 62, 71):
        sheet.box(x, 25, 5, 8, SKY)
    sheet.box(46, 29, 8, 12, CREAM)
    tree(sheet, 10, 42, 18)
    tree(sheet, 90, 42, 15)


def library(sheet: Sheet) -> None:
    sheet.box(0, 0, 100, 50, PLUM)
    colours = (BRICK, TEAL, YOLK, CREAM, LEAF, ROSE, DEEP)
    for row in range(3):
        base = 15 + row * 16
        x = 3.0 + row
        for number in range(26):
            width, height = 2.2 + (number * 7 + row) % 3 * 0.7, 8 + (number * 5 + row * 3) % 5
            sheet.box(x, base - height, width, height, colours[(number * 3 + row) % len(colours)])
            x += width + (0.4 if number % 6 else 3)
            if x > 94:
                break
        sheet.box(0, base, 100, 1.4, RUST)


def mill(sheet: Sheet) -> None:
    sheet.wave(30, 3, 100, GRASS, shift=20)
    house(sheet, 44, 38, 24, CREAM, BRICK)
    sheet.wave(39, 0.6, 14, WATER)
    for spoke in range(8):
        angle = spoke * math.pi / 4 + 0.2
        sheet.line([(36, 32), (36 + 10 * math.cos(angle), 32 + 10 * math.sin(angle))], RUST, 1.2)
    for part in range(24):
        angle = part * math.pi / 12
        sheet.disc(36 + 10 * math.cos(angle), 32 + 10 * math.sin(angle), 1.3, RUST)
    sheet.disc(36, 32, 2, INK)
    sheet.wave(42, 0.5, 11, DEEP)


def bread(sheet: Sheet) -> None:
    sheet.box(0, 33, 100, 17, RUST)
    for x, size in ((24, 11), (50, 14), (77, 10)):
        sheet.disc(x, 31, size, "#c98a4b", flat=0.6)
        for cut in (-0.45, 0, 0.45):
            sheet.line([(x + size * cut - 2, 29), (x + size * cut + 2, 24.5)], CREAM, 1)


def pitch(sheet: Sheet) -> None:
    for part in range(10):
        sheet.box(part * 10, 0, 10, 50, GRASS if part % 2 else LEAF)
    for line in (
        [(50, 0), (50, 50)],
        [(0, 12), (14, 12), (14, 38), (0, 38)],
        [(100, 12), (86, 12), (86, 38), (100, 38)],
    ):
        sheet.line(line, WHITE, 0.7)
    sheet.disc(50, 25, 9, WHITE)
    sheet.disc(50, 25, 8.3, GRASS)
    sheet.disc(64, 20, 2, INK)
    sheet.disc(63.6, 19.6, 1.5, WHITE)


def stars(sheet: Sheet) -> None:
    for number in range(90):
        sheet.disc(number * 61.8 % 100, number * 37.3 % 36, 0.18 + number % 3 * 0.14, CREAM)
    sheet.disc(80, 11, 5, CREAM)
    sheet.disc(77.6, 10, 4.4, NIGHT)
    sheet.wave(38, 4, 110, "#14203a")
    sheet.shape([(44, 37), (47, 27), (53, 27), (56, 37)], SLATE)
    sheet.line([(47, 28), (60, 19)], STONE, 2.4)


def bicycle(sheet: Sheet) -> None:
    sheet.box(0, 40, 100, 10, STONE)
    for x in (36, 64):
        sheet.disc(x, 32, 9, INK)
        sheet.disc(x, 32, 7.8, CREAM)
    frame = [(36, 32), (46, 32), (59, 20), (43, 20), (36, 32)]
    sheet.line(frame, BRICK, 1.3)
    sheet.line([(46, 32), (42, 17)], BRICK, 1.3)
    sheet.line([(64, 32), (58, 15), (54, 14)], BRICK, 1.3)
    sheet.box(38.5, 15.5, 8, 1.8, INK, round_=0.9)


def heron(sheet: Sheet) -> None:
    sheet.wave(36, 0.8, 21, WATER)
    for x in range(4, 30, 5):
        sheet.line([(x, 44), (x + 1, 22 + x % 4)], LEAF, 0.7)
        sheet.box(x + 0.3, 19 + x % 4, 1.5, 5, RUST, round_=0.7)
    sheet.line([(54, 26), (54, 42)], INK, 0.6)
    sheet.line([(58, 26), (58, 42)], INK, 0.6)
    sheet.disc(57, 23, 8, SLATE, flat=0.55)
    sheet.line([(63, 21), (67, 15), (64, 9), (68, 6)], STONE, 1.8)
    sheet.shape([(68, 4.8), (76, 7), (68, 7.2)], YOLK)
    sheet.disc(68, 6, 1.5, STONE)


def apples(sheet: Sheet) -> None:
    sheet.box(0, 36, 100, 14, RUST)
    sheet.box(16, 24, 68, 16, "#c98a4b")
    for number in range(7):
        x, y = 22 + number * 9.3, 22 - number % 2 * 2
        sheet.disc(x, y, 5, BRICK if number % 3 else LEAF)
        sheet.line([(x, y - 4), (x + 1.2, y - 7)], INK, 0.6)
    for y in (28, 34):
        sheet.box(16, y, 68, 1, RUST)


def rain(sheet: Sheet) -> None:
    heights = (9, 14, 11, 7, 13, 18, 24, 29, 34, 21, 12, 8)
    for line in range(4):
        sheet.box(8, 42 - line * 10, 86, 0.3, STONE)
    for number, height in enumerate(heights):
        sheet.box(10 + number * 7, 42 - height, 4.6, height, DEEP if height > 20 else WATER)
    sheet.box(8, 42, 86, 0.6, INK)


def orchard(sheet: Sheet) -> None:
    sheet.wave(30, 3, 90, GRASS)
    for x in range(8, 100, 14):
        sheet.box(x - 0.7, 30, 1.4, 10, RUST)
        sheet.disc(x, 26, 6, LEAF)
        for dx, dy in ((-3, -1), (1, -3), (3, 2)):
            sheet.disc(x + dx, 26 + dy, 0.9, BRICK)


def lamp(sheet: Sheet, glow: float = 1) -> None:
    for x, top in ((2, 20), (20, 26), (66, 24), (84, 18)):
        sheet.box(x, top, 15, 40, "#16213a")
        sheet.box(x + 4, top + 5, 3, 4, YOLK)
    sheet.disc(50, 15, 4 + 5 * glow, "#3a4468")
    sheet.disc(50, 15, 3.4, YOLK if glow else SLATE)
    sheet.box(49.4, 19, 1.2, 26, STONE)
    sheet.box(46, 43, 8, 2, STONE)


def queue(sheet: Sheet) -> None:
    for number, colour in enumerate((TEAL, TEAL, TEAL, YOLK, STONE, STONE)):
        sheet.box(6 + number * 13, 18, 10, 12, colour, round_=1.2)
        if number:
            sheet.line([(3 + number * 13, 24), (6 + number * 13, 24)], INK, 0.6)
    sheet.line([(82, 24), (92, 24)], INK, 0.8)
    sheet.shape([(91, 22), (95, 24), (91, 26)], INK)
    sheet.line([(50, 32), (50, 40), (11, 40), (11, 32)], BRICK, 0.8)
    sheet.shape([(9, 33), (11, 30), (13, 33)], BRICK)


def latency(sheet: Sheet) -> None:
    for line in range(4):
        sheet.box(6, 44 - line * 12, 90, 0.3, STONE)
    before = [(6 + x, 40 - 0.3 * x - (9 if x % 21 == 14 else 0) - (6 if x > 70 else 0)) for x in range(0, 90, 7)]
    after = [(6 + x, 41 - 0.05 * x - x % 3 * 0.4) for x in range(0, 90, 7)]
    sheet.line(before, BRICK, 1)
    sheet.line(after, TEAL, 1)
    sheet.box(6, 44, 90, 0.6, INK)


def lantern(sheet: Sheet) -> None:
    sheet.wave(40, 2, 80, "#14203a")
    for x, size in ((16, 5), (38, 7), (62, 6), (84, 8)):
        sheet.line([(x, 0), (x, 18 - size)], STONE, 0.3)
        sheet.disc(x, 18, size, BRICK, flat=1.15)
        sheet.disc(x, 18, size * 0.55, YOLK, flat=1.6)
        sheet.box(x - size * 0.4, 17 - size * 1.2, size * 0.8, 1, INK)
        sheet.box(x - size * 0.4, 18 + size * 1.05, size * 0.8, 1, INK)


def tea(sheet: Sheet) -> None:
    sheet.shape([(26, 26), (50, 4), (74, 26)], SLATE)
    sheet.shape([(43, 10.4), (50, 4), (57, 10.4), (53, 9), (50, 11.5), (47, 9)], WHITE)
    for level, colour in enumerate((GRASS, LEAF, GRASS, LEAF, PINE)):
        sheet.wave(22 + level * 6, 2, 64, colour, shift=level * 17)


def pier(sheet: Sheet) -> None:
    sheet.disc(22, 14, 6, BRICK)
    sheet.wave(26, 0.5, 30, WATER)
    sheet.box(46, 24, 54, 2, RUST)
    for x in range(50, 100, 9):
        sheet.box(x, 26, 1.4, 14, RUST)
    sheet.box(80, 8, 1, 16, INK)
    sheet.disc(80.5, 8, 2, YOLK)
    sheet.shape([(14, 30), (36, 30), (32, 34), (18, 34)], INK)
    sheet.shape([(25, 29), (25, 18), (34, 29)], CREAM)


def palms(sheet: Sheet) -> None:
    sheet.disc(80, 12, 6, YOLK)
    sheet.wave(36, 2, 100, "#d8bd86")
    for x, base, size in ((20, 38, 26), (34, 40, 20), (62, 39, 24)):
        sheet.line([(x, base), (x + 2, base - size * 0.6), (x + 1, base - size)], RUST, 1.2)
        for leaf in range(7):
            angle = math.pi * (leaf / 6)
            tip = (x + 1 + 8 * math.cos(angle), base - size - 2 - 5 * math.sin(angle) + abs(leaf - 3) * 1.5)
            sheet.line([(x + 1, base - size), tip], PINE, 1.4)
    sheet.wave(44, 0.6, 20, WATER)


def gate(sheet: Sheet) -> None:
    sheet.box(10, 12, 80, 34, "#d9b98a")
    for x in range(10, 90, 8):
        sheet.box(x, 8, 4, 5, "#d9b98a")
    for x, size in ((28, 6), (50, 10), (72, 6)):
        sheet.disc(x, 46 - size * 2, size, TEAL if size == 10 else DEEP)
        sheet.box(x - size, 46 - size * 2, size * 2, size * 2, TEAL if size == 10 else DEEP)
    sheet.box(0, 46, 100, 4, RUST)


def dhow(sheet: Sheet) -> None:
    sheet.wave(34, 0.8, 18, WATER)
    sheet.shape([(30, 33), (74, 31), (66, 39), (38, 39)], RUST)
    sheet.line([(50, 33), (52, 8)], INK, 0.8)
    sheet.shape([(36, 29), (66, 6), (58, 30)], CREAM)
    sheet.wave(39, 0.7, 13, DEEP)


def still(sheet: Sheet) -> None:
    sheet.box(0, 62, 100, 13, RUST)
    for x, colour in ((10, TEAL), (56, YOLK)):
        sheet.box(x, 30, 34, 24, INK, round_=2)
        sheet.box(x + 2, 32, 30, 20, colour)
        sheet.box(x - 3, 56, 40, 6, SLATE, round_=1)
    sheet.disc(50, 37, 13, INK)
    sheet.shape([(46, 30), (46, 44), (58, 37)], WHITE)


def logo(sheet: Sheet) -> None:
    sheet.disc(50, 50, 46, CREAM)
    sheet.disc(50, 50, 40, DEEP)
    sheet.line([(18, 56), (34, 48), (50, 56), (66, 48), (82, 56)], WHITE, 7)


def stamp(sheet: Sheet) -> None:
    sheet.box(6, 6, 88, 88, CREAM, round_=16)
    sheet.box(12, 12, 76, 76, BRICK, round_=12)
    sheet.disc(50, 46, 22, CREAM)


def seal(sheet: Sheet) -> None:
    sheet.disc(50, 50, 46, CREAM)
    sheet.shape([(50, 10), (60, 40), (90, 50), (60, 60), (50, 90), (40, 60), (10, 50), (40, 40)], TEAL)


#: File below this folder; what it shows; its ground; its width in pixels.
PICTURES: tuple[tuple[str, Scene, str, int], ...] = (
    ("digest/static/bridge.png", bridge, SKY, 1072),
    ("digest/static/ferry.jpg", ferry, SKY, 800),
    ("digest/static/market.png", market, CREAM, 1072),
    ("digest/static/bus.png", bus, SKY, 1072),
    ("digest/static/school.png", school, SKY, 800),
    ("digest/static/library.png", library, CREAM, 1600),
    ("digest/static/mill.png", mill, DUSK, 1072),
    ("digest/static/bread.png", bread, CREAM, 1072),
    ("digest/static/pitch.png", pitch, GRASS, 800),
    ("digest/static/stars.png", stars, NIGHT, 1072),
    ("digest/static/bicycle.png", bicycle, DUSK, 1072),
    ("digest/static/heron.webp", heron, SKY, 1000),
    ("digest/static/apples.png", apples, SAND, 800),
    ("digest/static/rain.png", rain, WHITE, 1072),
    ("digest/static/orchard.png", orchard, SKY, 1072),
    ("letter/static/queue.png", queue, CREAM, 1072),
    ("letter/static/latency.png", latency, WHITE, 1072),
    ("japanese/static/lantern.png", lantern, NIGHT, 1072),
    ("japanese/static/tea.jpg", tea, SKY, 800),
    ("japanese/static/pier.png", pier, DUSK, 1072),
    ("arabic/static/palms.png", palms, DUSK, 1072),
    ("arabic/static/gate.png", gate, SKY, 1072),
    ("arabic/static/dhow.webp", dhow, SKY, 1072),
)
#: Signs above the titles, twice as large as shown.
SIGNS: tuple[tuple[str, Scene], ...] = (
    ("digest/static/logo.png", logo),
    ("japanese/static/logo.png", stamp),
    ("arabic/static/logo.png", seal),
)


def draw(folder: Path) -> None:
    """Write all pictures below a folder."""
    for name, scene, ground, width in PICTURES:
        sheet = Sheet(ground, width)
        scene(sheet)
        _write(sheet.finished(), folder / name)
    for name, scene in SIGNS:
        sheet = Sheet(GLASS, 112, ratio=1)
        scene(sheet)
        _write(sheet.finished(), folder / name)
    sheet = Sheet(SAND, 480, ratio=0.75)
    still(sheet)
    _write(sheet.finished(), folder / "letter/elsewhere/still.png")
    frames = []
    for glow in (1.0, 0.4, 0.0, 0.4):
        sheet = Sheet(NIGHT, 536)
        lamp(sheet, glow)
        frames.append(sheet.finished())
    frames[0].save(folder / "digest/static/lamp.gif", save_all=True, append_images=frames[1:], duration=600, loop=0)


def _write(image: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    match path.suffix:
        case ".jpg":
            image.convert("RGB").save(path, quality=72, optimize=True, progressive=True)
        case ".webp":
            image.convert("RGB").save(path, lossless=True)
        case _:
            image.save(path, optimize=True)


if __name__ == "__main__":
    draw(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
