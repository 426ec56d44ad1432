"""Numbers that a rule ties: what the one has, the other has too, so the difference of two large
ones is a number of tips, and may be of few. Pure.

What ended within a week was acknowledged within it; and a piece of information is told by members
alone, and has no category (data/figures.toml). Each table is safe by itself (`suppressing`); here
it is decided whether it is beside the others.
"""

from collections.abc import Collection, Mapping, Sequence

from bot.figures.measures import TIMES, UNLISTED, Measures
from bot.figures.suppressing import Cell, suppressed

ACKNOWLEDGED, ENDED = TIMES


def may_be_told(
    within: int, later: int, ended: Sequence[Cell] | None, soon: Collection[str], k: int
) -> bool:
    """Whether it may be told that so many were acknowledged *within* a time and so many *later*,
    beside the cells of *ended*, of which the values *soon* cannot have been acknowledged later."""
    if within < k or later < k or ended is None:
        return False
    so_soon = [cell for cell in ended if not set(soon).isdisjoint(cell.values)]
    spare = 0 if any(cell.is_together for cell in so_soon) else k
    return within >= sum(cell.n for cell in so_soon) + spare


def tables_beside_each_other(
    counts: Mapping[str, Mapping[str, int]], measures: Measures, k: int
) -> Mapping[str, tuple[Cell, ...]]:
    """What may be shown of *counts*, by measure; one that says too much beside another is left out.

    The time to acknowledge is two numbers, up to its first bound and more: more of them would have
    more differences from the time to end.
    """
    full = {
        measure: _put_together(
            {value: counts.get(measure, {}).get(value, 0) for value in values},
            measures.together.get(measure, ()),
        )
        for measure, values in measures.values.items()
    }
    found = {measure: suppressed(values, k) for measure, values in full.items()}
    shown = {
        measure: cells
        for measure, cells in found.items()
        if cells is not None and measure != ACKNOWLEDGED
    }
    for (measure, value), (other, implied) in measures.implies:
        told = _told_alone(shown.get(other, ()), implied)
        if told is None or told - full[measure][value] < k:
            shown.pop(measure, None)
    if ACKNOWLEDGED in full:
        first, *more = full[ACKNOWLEDGED]
        within = full[ACKNOWLEDGED][first]
        later = sum(full[ACKNOWLEDGED].values()) - within
        if may_be_told(within, later, shown.get(ENDED), measures.ended_by(first), k):
            shown[ACKNOWLEDGED] = (Cell((first,), within), Cell(tuple(more), later))
    return {m: _named(cells, measures.together.get(m, ())) for m, cells in shown.items()}


def _told_alone(cells: Sequence[Cell], value: str) -> int | None:
    """The number of *value*, where the *cells* tell it; nothing but a mistake is unlisted."""
    return next((cell.n for cell in cells if {value} == {*cell.values} - {UNLISTED}), None)


def _put_together(counts: Mapping[str, int], values: Sequence[str]) -> Mapping[str, int]:
    """*counts* with all of *values* counted as the first of them."""
    if not values:
        return counts
    whole = {values[0]: sum(counts[value] for value in values)}
    return {value: whole.get(value, n) for value, n in counts.items() if value not in values[1:]}


def _named(cells: tuple[Cell, ...], values: tuple[str, ...]) -> tuple[Cell, ...]:
    """*cells* that name all of *values* where the first of them is named."""
    if not values:
        return cells
    return tuple(
        Cell(
            tuple(each for v in cell.values for each in (values if v == values[0] else (v,))),
            cell.n,
        )
        for cell in cells
    )
