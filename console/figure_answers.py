"""Figures as the desk answers them, parsed at the door. Form only: whether a desk counts rightly
nobody but the desk can tell."""

from typing import Annotated

from msgspec import Meta

from console.answers import Count, Label
from console.records import Record

Month = Annotated[str, Meta(pattern=r"\A[0-9]{4}-(0[1-9]|1[0-2])\Z")]
CELLS_AT_MOST = 200
TABLES_AT_MOST = 30
PERIODS_AT_MOST = 2_000
CENTRES_AT_MOST = 2_000


class Cell(Record):
    """So many tips have one of *values*; of more than one it is not said which."""

    values: Annotated[tuple[Label, ...], Meta(min_length=1, max_length=CELLS_AT_MOST)]
    n: Count


class Table(Record):
    """The tips of a period by one measure. No value stands in two cells."""

    measure: Label
    cells: Annotated[tuple[Cell, ...], Meta(max_length=CELLS_AT_MOST)]

    def __post_init__(self) -> None:
        values = [value for cell in self.cells for value in cell.values]
        if len({*values}) != len(values):
            raise ValueError


class _Period(Record):
    """Months that are told together, from *first* to *last*; *n* tips."""

    first: Month
    last: Month
    n: Count

    def __post_init__(self) -> None:
        if self.first > self.last:
            raise ValueError


class Intake(_Period):
    """Tips that were filed."""


class EndedPeriod(_Period):
    """Tips that were ended first; of *not_counted* nobody said what they were."""

    not_counted: Count = 0
    tables: Annotated[tuple[Table, ...], Meta(max_length=TABLES_AT_MOST)] = ()

    def table(self, measure: str) -> Table | None:
        """None where too few tips are known."""
        return next((table for table in self.tables if table.measure == measure), None)


class CentreFigures(Record):
    """One centre's periods, as the desk orders them."""

    centre: Label
    intake: Annotated[tuple[Intake, ...], Meta(max_length=PERIODS_AT_MOST)] = ()
    ended: Annotated[tuple[EndedPeriod, ...], Meta(max_length=PERIODS_AT_MOST)] = ()


class NetworkFigures(Record):
    """What the desk tells of this officer's centres. *k*: nothing is told of fewer tips; *until*:
    the last month that is over."""

    k: Count
    until: Month
    centres: Annotated[tuple[CentreFigures, ...], Meta(max_length=CENTRES_AT_MOST)] = ()
