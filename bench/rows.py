"""What a bench found: rows of figures beside floor and goal, and how they are printed."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. *floor* is what was measured beside it in the same unit, *ratio* what the goal
    speaks of; *is_met* is None where there is no goal."""

    bench: str
    what: str
    value: float
    unit: str
    floor: float | None = None
    ratio: float | None = None
    goal: str = ""
    is_met: bool | None = None
    note: str = ""


HEADINGS = ("bench", "figure", "measured", "floor", "ratio", "goal", "", "")
WIDTHS = (9, 50, 14, 12, 6, 10, 7, 0)
RIGHT = (2, 3, 4)


def heading() -> str:
    return f"{_line(HEADINGS)}\n{'─' * 119}"


def shown(row: Row) -> str:
    """*row* as a line of the table."""
    mark = {True: "met", False: "NOT met", None: ""}[row.is_met]
    return _line(
        (
            row.bench,
            row.what,
            f"{_number(row.value)} {row.unit}",
            "" if row.floor is None else f"{_number(row.floor)} {row.unit}",
            "" if row.ratio is None else f"{row.ratio:.2f}",
            row.goal,
            mark,
            row.note,
        )
    )


def _line(cells: Iterable[str]) -> str:
    made = (
        cell.rjust(width) if nth in RIGHT else cell.ljust(width)
        for nth, (cell, width) in enumerate(zip(cells, WIDTHS, strict=True))
    )
    return " ".join(made).rstrip()


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
