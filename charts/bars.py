"""Bars lying down: a name above each, so that long Thai names have the whole width of a phone."""

from collections.abc import Sequence
from dataclasses import dataclass

from charts.amounts import Bar, drawn, said
from charts.scale import ticks
from charts.svg import Drawing, percent
from charts.text import LINE, NARROWEST, lines_of, plain, width

STEPS_AT_MOST = 5
THICK, GAP, BESIDE, INSET = 16, 10, 6, 4
RISE = 4
"""Pixels from a line's middle down to where its letters stand."""


def bars(ident: str, title: str, about: str, rows: Sequence[Bar]) -> str:
    """As many bars as there are *rows*, from a common nought, with the number at each."""
    drawing = Drawing(ident, title, about)
    marks = _ticks(max((drawn(row.amount) for row in rows), default=0))
    blocks = [_Block.of(row, marks[-1]) for row in rows]
    bottom = sum(block.height for block in blocks)
    for tick in marks:
        x = percent(100 * tick / marks[-1])
        drawing.line(x, 0, x, bottom, "chart-grid" if tick else "chart-axis")
    y = 0.0
    for block in blocks:
        block.draw(drawing, y)
        y += block.height
    for tick in marks:
        anchor = "start" if not tick else "end" if tick == marks[-1] else "middle"
        place = percent(100 * tick / marks[-1])
        drawing.text(place, bottom + LINE - RISE, f"{tick:,}", anchor=anchor, kind="chart-tick")
    return drawing.finish(bottom + LINE + RISE)


@dataclass(frozen=True, slots=True)
class _Block:
    """A bar, *part* of the width, with its name above; what does not fit beside it, below."""

    row: Bar
    part: float
    name: tuple[str, ...]
    says: str
    place: str

    @classmethod
    def of(cls, row: Bar, top: int) -> "_Block":
        says, part = plain(row.says) or said(row.amount), drawn(row.amount) / top
        reach, takes = part * NARROWEST, width(says) + BESIDE
        fits_within = takes + BESIDE <= reach and not row.is_untold
        place = "beside" if reach + takes <= NARROWEST else "within" if fits_within else "below"
        return cls(row, part, lines_of(row.label, NARROWEST - INSET), says, place)

    @property
    def height(self) -> float:
        return (len(self.name) + len(self._below)) * LINE + THICK + GAP

    def draw(self, drawing: Drawing, y: float) -> None:
        for line in self.name:
            drawing.text("0", y + LINE - RISE - 1, line, dx=INSET)
            y += LINE
        if self.part:
            paint = drawing.untold() if self.row.is_untold else drawing.series(0)
            hint = f"{plain(self.row.label)}: {self.says}"
            drawing.rect("0", y, percent(100 * self.part), THICK, paint, hint)
        end, middle = percent(100 * self.part), y + THICK / 2 + RISE + 1
        if self.place == "beside":
            drawing.text(end, middle, self.says, dx=BESIDE, kind="chart-value")
        elif self.place == "within":
            one = drawing.text(
                end, middle, self.says, anchor="end", dx=-BESIDE, kind="chart-within"
            )
            one.set("fill", "#ffffff")
        y += THICK
        for line in self._below:
            drawing.text("0", y + LINE - RISE - 1, line, dx=INSET, kind="chart-value")
            y += LINE

    @property
    def _below(self) -> tuple[str, ...]:
        return lines_of(self.says, NARROWEST - INSET) if self.place == "below" else ()


def _ticks(top: float) -> tuple[int, ...]:
    """As many as stand beside each other in the narrowest drawing."""
    for at_most in range(STEPS_AT_MOST, 1, -1):
        marks = ticks(top, at_most)
        apart = NARROWEST / (len(marks) - 1)
        if width(f"{marks[-1]:,}") * 1.5 + BESIDE <= apart or len(marks) == 2:
            return marks
    return ticks(top, 1)
