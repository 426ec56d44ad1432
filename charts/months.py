"""Columns and lines over months: one frame, two ways to fill it.

Across, all is in hundredths of the width; down, in pixels. Of the names under the months as many
are shown as stand beside each other in the narrowest drawing; where the page gives `ROOMY` pixels,
its style sheet shows more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import SubElement

from charts.amounts import Amount, Column, Under, drawn, known, said
from charts.bars import RISE
from charts.scale import ticks
from charts.svg import OVER, SERIES, Drawing, number, percent
from charts.text import LINE, NARROWEST, clipped, lines_of, plain, width

ROOMY = 520
TALL = 180
STEPS_AT_MOST = 4
SWATCH, INDENT = 12, 20
FILLED = 0.72
FILLED_AT_MOST = 24
"""Of a month's room, how much its columns take; and hundredths of the whole at most."""
APART = 6
STRIDES = (1, 2, 3, 6, 12, 24, 60, 120)
DASHES = ("", "7 4", "2 3", "9 3 2 3", "4 2", "1 2")
WIDE = "chart-wide"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the months stand: from *left* hundredths on, *slot* each; nought is at *floor*."""

    left: float
    slot: float
    floor: float
    top: int

    def height(self, reach: float) -> float:
        return TALL * reach / self.top

    def middle(self, n: int) -> float:
        return self.left + self.slot * (n + 0.5)


def columns(
    ident: str,
    title: str,
    about: str,
    series: Sequence[str],
    months: Sequence[Column],
    *,
    stacked: bool = False,
) -> str:
    """A column for each of *series* (≤ 6 are told apart), beside each other or *stacked*."""
    drawing = Drawing(ident, title, about)
    reaches = [
        sum(map(drawn, month.amounts)) if stacked else max(map(drawn, month.amounts), default=0)
        for month in months
    ]
    frame, bottom = _frame(drawing, series, months, max(reaches, default=0))
    for n, month in enumerate(months):
        filled = min(frame.slot * FILLED, FILLED_AT_MOST)
        wide = filled / (1 if stacked else max(len(month.amounts), 1))
        x, below = frame.middle(n) - filled / 2, 0.0
        for m, amount in enumerate(month.amounts):
            high = frame.height(drawn(amount))
            if high:
                paint = drawing.untold() if isinstance(amount, Under) else drawing.series(m)
                hint = _hint(series, month, m)
                y = frame.floor - below - high
                drawing.rect(percent(x), y, percent(wide), high, paint, hint)
            if stacked:
                below += high
            else:
                x += wide
    drawing.line("0", frame.floor, "100%", frame.floor, "chart-axis")
    return drawing.finish(bottom)


def lines(
    ident: str, title: str, about: str, series: Sequence[str], months: Sequence[Column]
) -> str:
    """A line for each of *series*, broken where nothing is known; what is not told is a hatched
    piece of its month."""
    drawing = Drawing(ident, title, about)
    reach = max((drawn(each) for month in months for each in month.amounts), default=0)
    frame, bottom = _frame(drawing, series, months, reach, as_lines=True)
    drawing.line("0", frame.floor, "100%", frame.floor, "chart-axis")
    for m in range(max((len(month.amounts) for month in months), default=0)):
        _line(drawing, frame, m, [_at(month, m) for month in months])
        for n, month in enumerate(months):
            _point(drawing, frame, (m, n), _at(month, m), _hint(series, month, m))
    return drawing.finish(bottom)


def _frame(
    drawing: Drawing,
    series: Sequence[str],
    months: Sequence[Column],
    reach: float,
    *,
    as_lines: bool = False,
) -> tuple[Frame, float]:
    """The names of the series above, the ticks at the left, the months below."""
    y = _legend(drawing, series, as_lines) if len(series) > 1 else 0.0
    marks = ticks(reach, STEPS_AT_MOST)
    names = [name for month in months for name in (plain(month.label), _era_name(month))]
    half = max(map(width, names), default=0) / 2
    left = 100 * max(max(width(f"{tick:,}") for tick in marks) + APART, half) / NARROWEST
    right = 100 * half / NARROWEST
    floor = y + LINE + TALL
    slot = (100 - left - right) / max(len(months), 1)
    frame = Frame(left, slot, floor, marks[-1])
    for tick in marks:
        line = floor - frame.height(tick)
        if tick:
            drawing.line("0", line, "100%", line)
        drawing.text("0", line - RISE, f"{tick:,}", kind="chart-tick")
    return frame, _names(drawing, frame, months)


def _legend(drawing: Drawing, series: Sequence[str], as_lines: bool) -> float:
    y = 0.0
    for n, name in enumerate(series):
        if as_lines:
            _stroke_of(drawing, n, "0", y + LINE / 2, str(SWATCH + 4), y + LINE / 2)
        else:
            drawing.rect("0", y + 4, str(SWATCH), SWATCH, drawing.series(n))
        for line in lines_of(name, NARROWEST - INDENT):
            drawing.text(str(INDENT), y + LINE - RISE - 1, line)
            y += LINE
    return y + APART


def _names(drawing: Drawing, frame: Frame, months: Sequence[Column]) -> float:
    """The names of the months and, where one begins, of the era; where all of that ends."""
    y = frame.floor + LINE - RISE + 2
    widest = max((width(plain(month.label)) for month in months), default=0)
    narrow = _stride(widest, frame.slot, NARROWEST, STRIDES)
    roomy = _stride(widest, frame.slot, ROOMY, [each for each in STRIDES if narrow % each == 0])
    for n, month in enumerate(months):
        if n % roomy == 0:
            kind = "chart-tick" if n % narrow == 0 else f"chart-tick {WIDE}"
            one = drawing.text(percent(frame.middle(n)), y, month.label, anchor="middle", kind=kind)
            if n % narrow:
                one.set("display", "none")
    return _eras(drawing, frame, months, y + LINE) + APART


def _eras(drawing: Drawing, frame: Frame, months: Sequence[Column], y: float) -> float:
    """The era with most months is named first: a single month at the edge gives way to it."""
    begins = [
        n for n in range(len(months)) if months[n].era and months[n].era != _era(months, n - 1)
    ]
    ends = [*begins[1:], len(months)]
    longest_first = sorted(
        zip(begins, ends, strict=False), key=lambda era: (era[0] - era[1], era[0])
    )
    shown: list[tuple[float, float]] = []
    for wide, kind in ((NARROWEST, "chart-tick"), (ROOMY, f"chart-tick {WIDE}")):
        taken = [(at - 100 * half / wide, at + 100 * half / wide) for at, half in shown]
        for begin, _ in longest_first:
            name, middle = _era_name(months[begin]), frame.middle(begin)
            half = (width(name) + APART) / 2
            at, until = middle - 100 * half / wide, middle + 100 * half / wide
            if not any(at < other_until and other < until for other, other_until in taken):
                one = drawing.text(percent(middle), y, name, anchor="middle", kind=kind)
                if wide == ROOMY:
                    one.set("display", "none")
                taken.append((at, until))
                shown.append((middle, half))
    return y if begins else y - LINE


def _era_name(month: Column) -> str:
    return clipped(month.era, NARROWEST / 3)


def _era(months: Sequence[Column], n: int) -> str:
    return months[n].era if n >= 0 else ""


def _stride(widest: float, slot: float, wide: int, strides: Sequence[int]) -> int:
    """Each how manieth name fits beside the next when the drawing is *wide* pixels."""
    room = slot * wide / 100
    return next((each for each in strides if each * room >= widest + APART), strides[-1])


def _line(drawing: Drawing, frame: Frame, m: int, amounts: Sequence[Amount]) -> None:
    for n in range(1, len(amounts)):
        one, other = amounts[n - 1], amounts[n]
        if known(one) and known(other):
            _stroke_of(
                drawing,
                m,
                percent(frame.middle(n - 1)),
                frame.floor - frame.height(drawn(one)),
                percent(frame.middle(n)),
                frame.floor - frame.height(drawn(other)),
            )


def _stroke_of(drawing: Drawing, m: int, x1: str, y1: float, x2: str, y2: float) -> None:
    m %= len(SERIES)
    place = {"x1": x1, "y1": number(y1), "x2": x2, "y2": number(y2), "stroke-width": "2.5"}
    one = SubElement(
        drawing.root, "line", {**place, "class": f"chart-l{m + 1}", "stroke": SERIES[m]}
    )
    if DASHES[m]:
        one.set("stroke-dasharray", DASHES[m])


def _point(drawing: Drawing, frame: Frame, at: tuple[int, int], amount: Amount, hint: str) -> None:
    m, n = at
    high, x = frame.height(drawn(amount)), frame.middle(n)
    if isinstance(amount, Under) and high:
        wide = frame.slot * FILLED
        drawing.rect(
            percent(x - wide / 2), frame.floor - high, percent(wide), high, drawing.untold(), hint
        )
    elif known(amount):
        m %= len(SERIES)
        place = {"cx": percent(x), "cy": number(frame.floor - high), "r": "3.5"}
        colour = {"class": f"chart-s{m + 1} chart-dot", "fill": SERIES[m], "stroke": OVER}
        SubElement(SubElement(drawing.root, "circle", {**place, **colour}), "title").text = hint


def _at(month: Column, m: int) -> Amount:
    return month.amounts[m] if m < len(month.amounts) else None


def _hint(series: Sequence[str], month: Column, m: int) -> str:
    of = f", {series[m]}" if m < len(series) and len(series) > 1 else ""
    return plain(f"{month.label} {month.era}{of}: {said(_at(month, m))}")
