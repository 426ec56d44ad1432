"""One bar that is the whole, and its parts: of a hundred, how many."""

from collections.abc import Sequence

from charts.amounts import Bar, drawn, known, said
from charts.bars import RISE
from charts.svg import Drawing, percent
from charts.text import LINE, NARROWEST, lines_of, plain

THICK, SWATCH, INDENT = 26, 12, 20


def share(ident: str, title: str, about: str, parts: Sequence[Bar]) -> str:
    """The *parts* of a whole side by side, named below. Where one of them is not told, no part of a
    hundred is said of any: it would tell the one."""
    drawing = Drawing(ident, title, about)
    whole = sum(drawn(part.amount) for part in parts)
    hundredths = parts_of_hundred([part.amount for part in parts])
    drawing.rect("0", 0, "100%", THICK, {"class": "chart-frame", "fill": "none", "stroke": "none"})
    at = 0.0
    for n, part in enumerate(parts):
        reach = 100 * drawn(part.amount) / whole if whole else 0
        if reach:
            hint = f"{plain(part.label)}: {part.says or said(part.amount)}"
            drawing.rect(percent(at), 0, percent(reach), THICK, _paint(drawing, n, part), hint)
        at += reach
    y = float(THICK + 8)
    for n, part in enumerate(parts):
        drawing.rect("0", y + 4, str(SWATCH), SWATCH, _paint(drawing, n, part))
        says = part.says or said(part.amount)
        of = f" ({hundredths[n]} %)" if hundredths else ""
        # The number first: a long name may be cut, a number never.
        for line in lines_of(f"{says}{of} {plain(part.label)}", NARROWEST - INDENT):
            drawing.text(str(INDENT), y + LINE - RISE - 1, line)
            y += LINE
    return drawing.finish(y + RISE)


def parts_of_hundred(amounts: Sequence[object]) -> tuple[int, ...]:
    """Whole hundredths that add up to 100 (largest remainder first); empty where an amount is not
    told or there is nothing to share."""
    numbers = [
        float(drawn(each)) if isinstance(each, int | float) and known(each) else None
        for each in amounts
    ]
    told = [each for each in numbers if each is not None]
    whole = sum(told)
    if not whole or len(told) < len(numbers):
        return ()
    exact = [100 * each / whole for each in told]
    parts = [int(each) for each in exact]
    by_rest = sorted(range(len(exact)), key=lambda n: (parts[n] - exact[n], n))
    for n in by_rest[: 100 - sum(parts)]:
        parts[n] += 1
    return tuple(parts)


def _paint(drawing: Drawing, n: int, part: Bar) -> dict[str, str]:
    return drawing.untold() if part.is_untold else drawing.series(n)
