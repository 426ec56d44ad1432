"""The adversary: has every page that was ever published, knows the method and k, and counts.

What comes back are findings: sets of tips that are known to be some and fewer than k. All of it is
exact reasoning about whole numbers:

- of each value, which counts another quarter could have had that was published as the same cells
  (`possible`, which test_adversary.py holds against trying every table there is);
- of each two groups of different tables of a page, the bounds of their overlap (Fréchet), and of
  how the tips ended and were acknowledged, which a rule ties;
- of every two pages that speak of one quarter, whatever k they have: each difference of unions of
  their cells.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from math import comb

from bot.figures.page import QuarterPage, ShownTable, read_page
from bot.figures.suppressing import Cell, suppressed
from tests.bot.figures.test_suppressing import Method, tables

TRIES = 5000
UNIONS_OF = 8
"""Of as many cells of a table every union is looked at; of more, unions of up to three."""


@dataclass(frozen=True, slots=True)
class Known:
    """That so many tips (one of *numbers*) of *quarter* are *who*."""

    quarter: str
    who: str
    numbers: tuple[int, ...]


def singled_out(pages: Iterable[bytes], method: Method = suppressed) -> list[Known]:
    """Every set of tips that *pages*, all that were ever published by *method*, show to be few."""
    read = [read_page(each) for each in pages]
    found = [known for page in read for known in _of_page(page, method)]
    by_quarter: dict[str, list[QuarterPage]] = {}
    for page in read:
        by_quarter.setdefault(str(page.quarter), []).append(page)
    for versions in by_quarter.values():
        found += _between(versions)
    return found


def tried(cells: tuple[Cell, ...], value: str, k: int, method: Method) -> set[int]:
    """The same for any *method*, by trying each way in which the cell's number may be divided;
    empty where those are too many to try."""
    (cell,) = [each for each in cells if value in each.values]
    if comb(cell.n + len(cell.values) - 1, cell.n) > TRIES:
        return set()
    others = {each.values[0]: each.n for each in cells if not each.is_together}
    found = set()
    for divided in tables(len(cell.values), cell.n):
        counts = {**others, **dict(zip(cell.values, divided, strict=True))}
        if set(method(counts, k) or ()) == set(cells):
            found.add(counts[value])
    return found


def possible(cells: tuple[Cell, ...], value: str, k: int) -> set[int]:
    """Each count that *value* may have, where *cells* are shown of its table and *k* is known."""
    (cell,) = [each for each in cells if value in each.values]
    if not cell.is_together:
        return {cell.n}
    others = [each.n for each in cells if each is not cell]
    members, found = len(cell.values), set[int]()
    for taken in range(members):
        small = members - taken
        for most in range(k, min([cell.n, *(n - 1 for n in others)]) + 1) if taken else (0,):
            rest = cell.n - taken * most
            if not 0 <= rest <= small * (k - 1):
                continue
            can_stand = k <= rest <= (small - 1) * (k - 1)
            if can_stand == bool(taken) and (taken or others):
                continue
            if taken:
                found.add(most)
            low = max(0, rest - (small - 1) * (k - 1))
            found |= set(range(low, min(k - 1, rest) + 1))
    return found


def _of_page(page: QuarterPage, method: Method) -> Iterator[Known]:
    k, quarter = page.k, str(page.quarter)
    if page.total is None:
        return
    tables = {table.id: table for table in page.tables if table.cells is not None}
    for table in tables.values():
        cells = table.cells or ()
        for value in table.labels:
            is_ours = method is suppressed
            numbers = possible(cells, value, k) if is_ours else tried(cells, value, k, method)
            if numbers and all(1 <= n < k for n in numbers):
                yield Known(quarter, f"{table.id} {value}", tuple(sorted(numbers)))
    for one, other in combinations(tables.values(), 2):
        yield from _overlaps(page, one, other)
    if "ended" in tables and "acknowledged" in tables:
        yield from _tied(page, tables["ended"], tables["acknowledged"])


def _overlaps(page: QuarterPage, one: ShownTable, other: ShownTable) -> Iterator[Known]:
    total = page.total or 0
    for mine in _unions(one.cells or ()):
        for theirs in _unions(other.cells or ()):
            low, high = max(0, mine.n + theirs.n - total), min(mine.n, theirs.n)
            yield from _few(page, f"{mine.values} and {theirs.values}", low, high)


def _tied(page: QuarterPage, ended: ShownTable, acknowledged: ShownTable) -> Iterator[Known]:
    """What ended within 7 days was not acknowledged later."""
    (later,) = [each.n for each in acknowledged.cells or () if "later" in each.values]
    cells = ended.cells or ()
    (soon,) = [cell for cell in cells if "7" in cell.values]
    total = page.total or 0
    at_once = [n for n in possible(cells, "7", page.k) if later <= total - n]
    if at_once and all(1 <= n < page.k for n in at_once):
        yield Known(str(page.quarter), "ended 7, tied", tuple(sorted(at_once)))
    for union in _unions(cells):
        lows, highs = [], []
        for n in at_once:
            room = union.n - (n if "7" in union.values else 0)
            elsewhere = total - n - room
            lows.append(max(0, later - elsewhere))
            highs.append(min(later, room))
        yield from _few(page, f"{union.values} later", min(lows), max(highs))
        in_time = [union.n - n for n in (*highs, *lows)]
        yield from _few(page, f"{union.values} in time", min(in_time), max(in_time))
    assert soon.n  # a page that shows a cell of none is broken before this


def _few(page: QuarterPage, who: str, low: int, high: int) -> Iterator[Known]:
    if low >= 1 and high < page.k:
        yield Known(str(page.quarter), who, (low, high))


def _between(versions: list[QuarterPage]) -> Iterator[Known]:
    """What every two pages that speak of one quarter tell together."""
    if len(versions) < 2:
        return
    k = max(page.k for page in versions)
    by_table: dict[str, dict[frozenset[str], set[int]]] = {}
    for page in versions:
        if page.total is not None:
            by_table.setdefault("", {}).setdefault(frozenset(), set()).add(page.total)
        for table in page.tables:
            for union in _unions(table.cells or ()):
                sets = by_table.setdefault(table.id, {})
                sets.setdefault(frozenset(union.values), set()).add(union.n)
    for table_id, sets in by_table.items():
        for larger, numbers in sets.items():
            for smaller, fewer in sets.items():
                if smaller <= larger:
                    apart = {abs(n - m) for n in numbers for m in fewer}
                    for n in sorted(apart & set(range(1, k))):
                        who = f"{table_id} {sorted(larger - smaller)}"
                        yield Known(str(versions[0].quarter), who, (n,))


def _unions(cells: tuple[Cell, ...]) -> Iterator[Cell]:
    at_most = len(cells) if len(cells) <= UNIONS_OF else 3
    for size in range(1, at_most + 1):
        for some in combinations(cells, size):
            values = tuple(value for cell in some for value in cell.values)
            yield Cell(values, sum(cell.n for cell in some))
