"""The rich menu's picture: eight tiles, each an icon and at most two lines of words.

Drawn for eyes that tell few colours apart: dark blue on white, one tile white on dark blue, and
every icon known by its shape. LINE takes a PNG of at most 1 MB, 800 to 2500 pixels wide.
"""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

from bot.setup.fonts import Fonts
from bot.setup.icons import ICONS, Ink

WIDTH, HEIGHT = 2500, 1686
COLUMNS, ROWS = 4, 2
AT_MOST_BYTES = 1024 * 1024

_NAVY, _WHITE, _GROUND, _AMBER, _SKY = "#12304f", "#ffffff", "#dfe7ef", "#e69f00", "#56b4e9"
_GAP = 18
_RADIUS = 48
_ICON = 330
_ABOVE_ICON = 70
_FINE = 4  # icons are drawn so many times larger, then made smaller: smooth edges
_LETTERS = 116
_LEAST_LETTERS = 60
_LINE_STEP = 1.42
_COLOURS = 64


def draw(tiles: Sequence[tuple[str, str]], fonts: Fonts) -> bytes:
    """Draw *tiles* (icon name, words), left to right, top to bottom, and return the PNG."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), _GROUND)
    for place, (icon, words) in enumerate(tiles):
        row, column = divmod(place, COLUMNS)
        left, right = (column * WIDTH // COLUMNS, (column + 1) * WIDTH // COLUMNS)
        top, bottom = (row * HEIGHT // ROWS, (row + 1) * HEIGHT // ROWS)
        box = (left + _GAP, top + _GAP, right - _GAP, bottom - _GAP)
        _tile(picture, box, icon, words, fonts, is_first=place == 0)
    out = io.BytesIO()
    picture.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    png = out.getvalue()
    if len(png) > AT_MOST_BYTES:
        raise AssertionError("the menu's picture is larger than LINE takes")
    return png


def _tile(
    picture: Image.Image, box: tuple[int, int, int, int], icon: str, words: str, fonts: Fonts,
    *, is_first: bool,
) -> None:  # fmt: skip
    ink = Ink(_WHITE, _NAVY, _AMBER) if is_first else Ink(_NAVY, _WHITE, _SKY)
    canvas = ImageDraw.Draw(picture)
    canvas.rounded_rectangle(box, _RADIUS, fill=ink.ground)
    lines = words.split("\n")
    letters = _size(lines, fonts, box[2] - box[0] - 4 * _GAP)
    middle, top = (box[0] + box[2]) // 2, box[1] + _ABOVE_ICON
    picture.paste(_icon(icon, ink), (middle - _ICON // 2, top))
    words_at = (top + _ICON + box[3]) / 2  # the middle of what is left below the icon
    for number, line in enumerate(lines):
        y = words_at + letters * _LINE_STEP * (number - (len(lines) - 1) / 2)
        canvas.text((middle, y), line, fill=ink.line, font=fonts.of(line, letters), anchor="mm")


def _size(lines: Sequence[str], fonts: Fonts, wide: int) -> int:
    """The largest size of letters at which every line fits."""
    for size in range(_LETTERS, _LEAST_LETTERS, -2):
        if all(fonts.of(line, size).getlength(line) <= wide for line in lines):
            return size
    raise AssertionError("a tile's words are too long for the menu's picture")


def _icon(name: str, ink: Ink) -> Image.Image:
    large = Image.new("RGB", (_ICON * _FINE, _ICON * _FINE), ink.ground)
    ICONS[name](ImageDraw.Draw(large), ink, _ICON * _FINE / 100)
    return large.resize((_ICON, _ICON), Image.Resampling.LANCZOS)
