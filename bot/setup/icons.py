"""The menu's icons, drawn by plain shapes on a square of 100 × 100 units; known by shape alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PIL.ImageDraw import ImageDraw

_LINE = 7.0


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours of a tile: what is drawn, what it is drawn on, and one accent."""

    line: str
    ground: str
    accent: str


@dataclass(frozen=True, slots=True)
class _Pen:
    """Draws in units of the icon's square."""

    canvas: ImageDraw
    ink: Ink
    unit: float

    def box(self, x: float, y: float, x2: float, y2: float, fill: str, radius: float = 0) -> None:
        at = (self._u(x), self._u(y), self._u(x2), self._u(y2))
        self.canvas.rounded_rectangle(at, self._u(radius), fill=fill)

    def disc(self, x: float, y: float, radius: float, fill: str) -> None:
        at = (self._u(x - radius), self._u(y - radius), self._u(x + radius), self._u(y + radius))
        self.canvas.ellipse(at, fill=fill)

    def shape(self, points: Sequence[tuple[float, float]], fill: str) -> None:
        self.canvas.polygon([(self._u(x), self._u(y)) for x, y in points], fill=fill)

    def stroke(self, points: Sequence[tuple[float, float]], fill: str, wide: float = _LINE) -> None:
        at = [(self._u(x), self._u(y)) for x, y in points]
        self.canvas.line(at, fill=fill, width=round(self._u(wide)), joint="curve")
        for x, y in points:
            self.disc(x, y, wide / 2, fill)

    def _u(self, value: float) -> float:
        return value * self.unit


def _report(pen: _Pen) -> None:
    """A speech bubble with an exclamation mark."""
    ink = pen.ink
    pen.box(6, 10, 94, 76, ink.line, 16)
    pen.shape([(24, 70), (24, 96), (50, 74)], ink.line)
    pen.box(45.5, 22, 54.5, 51, ink.ground, 4.5)
    pen.disc(50, 62, 5.5, ink.accent)


def _follow(pen: _Pen) -> None:
    """A magnifying glass with a plus sign."""
    ink = pen.ink
    pen.stroke([(64, 64), (90, 90)], ink.line, 13)
    pen.disc(42, 42, 37, ink.line)
    pen.disc(42, 42, 28, ink.ground)
    pen.stroke([(42, 28), (42, 56)], ink.line, 8)
    pen.stroke([(28, 42), (56, 42)], ink.line, 8)


def _member(pen: _Pen) -> None:
    """A key."""
    ink = pen.ink
    pen.box(40, 44, 95, 56, ink.line, 5)
    pen.box(72, 50, 81, 72, ink.line, 3)
    pen.box(86, 50, 95, 68, ink.line, 3)
    pen.disc(28, 50, 24, ink.line)
    pen.disc(28, 50, 11, ink.ground)


def _safety(pen: _Pen) -> None:
    """A shield with a tick."""
    ink = pen.ink
    shield = [(50, 4), (90, 18), (90, 50), (82, 70), (68, 86), (50, 97), (32, 86), (18, 70)]
    pen.shape([*shield, (10, 50), (10, 18)], ink.line)
    pen.stroke([(31, 50), (45, 64), (70, 36)], ink.ground, 9)


def _learn(pen: _Pen) -> None:
    """An open book."""
    ink = pen.ink
    pen.shape([(4, 20), (50, 32), (50, 90), (4, 78)], ink.line)
    pen.shape([(96, 20), (50, 32), (50, 90), (96, 78)], ink.line)
    pen.stroke([(50, 34), (50, 88)], ink.ground, 5)
    for y in (40, 54):
        pen.stroke([(14, y - 4), (39, y + 3)], ink.ground, 5)
        pen.stroke([(86, y - 4), (61, y + 3)], ink.ground, 5)


def _help(pen: _Pen) -> None:
    """A question mark in a circle."""
    ink = pen.ink
    pen.disc(50, 50, 46, ink.line)
    hook: list[tuple[float, float]] = [
        (35, 38),
        (39, 28),
        (50, 23),
        (62, 28),
        (65, 38),
        (60, 47),
        (51, 53),
        (50, 62),
    ]
    pen.stroke(hook, ink.ground, 9)
    pen.disc(50, 77, 6, ink.accent)


def _real_bot(pen: _Pen) -> None:
    """A bot's face with a badge that has a tick."""
    ink = pen.ink
    pen.stroke([(44, 14), (44, 26)], ink.line, 6)
    pen.disc(44, 11, 7, ink.line)
    pen.box(8, 24, 80, 82, ink.line, 14)
    pen.disc(30, 48, 7, ink.ground)
    pen.disc(58, 48, 7, ink.ground)
    pen.stroke([(30, 65), (52, 65)], ink.ground, 6)
    pen.disc(76, 76, 23, ink.ground)
    pen.disc(76, 76, 19, ink.accent)
    pen.stroke([(67, 76), (74, 83), (86, 69)], ink.line, 6)


def _language(pen: _Pen) -> None:
    """A globe."""
    ink = pen.ink
    pen.disc(50, 50, 45, ink.line)
    pen.disc(50, 50, 38, ink.ground)
    at = [value * pen.unit for value in (30, 8, 70, 92)]
    pen.canvas.ellipse(at, outline=ink.line, width=round(6 * pen.unit))
    pen.box(46.5, 8, 53.5, 92, ink.line)
    pen.box(8, 46.5, 92, 53.5, ink.line)
    pen.stroke([(17, 29), (83, 29)], ink.line, 6)
    pen.stroke([(17, 71), (83, 71)], ink.line, 6)


def _drawn(draw: Callable[[_Pen], None]) -> Callable[[ImageDraw, Ink, float], None]:
    return lambda canvas, ink, unit: draw(_Pen(canvas, ink, unit))


ICONS: Mapping[str, Callable[[ImageDraw, Ink, float], None]] = {
    "report": _drawn(_report),
    "follow": _drawn(_follow),
    "member": _drawn(_member),
    "learn": _drawn(_learn),
    "safety": _drawn(_safety),
    "real_bot": _drawn(_real_bot),
    "help": _drawn(_help),
    "language": _drawn(_language),
}
