"""A quarter's page out of its counters: suppressed, and safe beside every other page. Pure.

Laws: each table is suppressed by `bot.figures.suppressing`, with the same k, and counts the very
same tips, those of which it was said what they were; one that counts others is left out. The time
to acknowledge is tied to the time to end by a rule (what ended within a week was not acknowledged
later), so it is shown only where the two numbers beside each other are far enough apart to say
nothing of few.
"""

from collections.abc import Iterable, Mapping

from bot.figures.page import QuarterPage, ShownTable
from bot.figures.quarters import Quarter
from bot.figures.suppressing import Cell, suppressed
from bot.figures.tables import ACKNOWLEDGED, Counted, InTime, Table, Tables
from bot.figures.tied import ENDED, may_be_told


def make_page(
    quarter: Quarter, counted: Iterable[Counted], tables: Tables, *, k: int, previous: bytes
) -> QuarterPage:
    """The page of *quarter* out of what was *counted*; *previous*: the hash of the page before."""
    counted = tuple(counted)
    total = sum(each.n for each in counted if each.is_a_tip)
    if total < k:
        return QuarterPage(quarter, k, previous, None, ())
    cells = {
        table.id: _cells(table.counts(counted), total, k)
        for table in tables.all
        if table.measure != ACKNOWLEDGED
    }
    shown = []
    for table in tables.all:
        if table.measure == ACKNOWLEDGED:
            counts = table.counts(counted)
            within, later = total - counts[table.other], counts[table.other]
            is_theirs = sum(counts.values()) == total
            ended = cells[ENDED] if is_theirs else None
            found = _acknowledged(table, within, later, ended, tables.in_time, k)
        else:
            found = cells[table.id]
        shown.append(ShownTable(table.id, table.title, table.values, found))
    return QuarterPage(quarter, k, previous, total, tuple(shown))


def _cells(counts: Mapping[str, int], total: int, k: int) -> tuple[Cell, ...] | None:
    """None too where these are not the tips that the page is about."""
    return suppressed(counts, k) if sum(counts.values()) == total else None


def _acknowledged(
    table: Table,
    within: int,
    later: int,
    ended: tuple[Cell, ...] | None,
    in_time: InTime,
    k: int,
) -> tuple[Cell, ...] | None:
    """Both numbers, or None where one of them, or what is between them and those that ended so
    soon, is few."""
    if not may_be_told(within, later, ended, in_time.ended, k):
        return None
    numbers = {value: later if value == table.other else within for value in table.values}
    return tuple(Cell((value,), n) for value, n in numbers.items())
