"""Fonts for the menu's picture: found among Debian's, never shipped with the program.

Thai vowels and tone marks are placed by a shaping engine (raqm with fribidi); without one they sit
on each other, so there is no picture without it.
"""

import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from PIL import ImageFont, features

from bot.errors import Misconfigured


class NoFont(Misconfigured):
    """The machine cannot draw Thai; the text names the package to install."""


@dataclass(frozen=True, slots=True)
class Fonts:
    """A bold font for Thai and one for Latin letters."""

    thai: Path
    latin: Path

    def of(self, line: str, size: int) -> ImageFont.FreeTypeFont:
        """The font for *line*, *size* pixels high."""
        path = self.thai if any("\u0e00" <= letter <= "\u0e7f" for letter in line) else self.latin
        return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.RAQM)


def find(known: Any = None) -> Fonts:
    """Return the first pair of *known* (default: data/fonts.toml) that is there. Raises NoFont."""
    if known is None:
        text = (files("bot") / "setup" / "data" / "fonts.toml").read_text(encoding="utf-8")
        known = tomllib.loads(text)["font"]
    if not (features.check("raqm") and features.check("fribidi")):
        raise NoFont(
            "Thai cannot be drawn without a shaping engine. Run: apt-get install libfribidi0"
        )
    for each in known:
        fonts = Fonts(Path(each["thai"]), Path(each["latin"]))
        if fonts.thai.is_file() and fonts.latin.is_file() and stacks_marks(fonts):
            return fonts
    raise NoFont(f"There is no Thai font here. Run: apt-get install {known[0]['package']}")


def stacks_marks(fonts: Fonts) -> bool:
    """Tell whether a tone mark stands above a vowel sign, not on it; some fonts cannot."""
    with_tone, without = (fonts.of(word, 100).getbbox(word) for word in ("ที่", "ที"))
    return with_tone[1] < without[1]
