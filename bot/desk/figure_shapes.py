"""What goes over the wire of figures."""

from typing import Annotated

from pydantic import Field

from bot.desk.fields import AnswerBody

Month = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$", examples=["2026-10"])]


class CellAnswer(AnswerBody):
    """So many tips have one of *values*; of more than one it is not said which."""

    values: tuple[str, ...]
    n: int


class TableAnswer(AnswerBody):
    """The tips of a period by one measure: category, teller, kind, result, acknowledged, ended."""

    measure: str
    cells: tuple[CellAnswer, ...]


class IntakeAnswer(AnswerBody):
    """So many tips were filed in the months from *first* to *last*; nothing was told of fewer than
    *k* when that was decided. *schema* says how it is written."""

    schema_: Annotated[int, Field(alias="schema")]
    first: str
    last: str
    k: int
    n: int


class EndedAnswer(IntakeAnswer):
    """So many tips were ended first in these months; of *not_counted* nobody said more. A measure
    of which too few are known has no table."""

    not_counted: int
    tables: tuple[TableAnswer, ...]


class CentreFiguresAnswer(AnswerBody):
    """One centre's figures, oldest first. Months of which too few tips are known are told together
    with later ones, once there are enough."""

    centre: str
    intake: tuple[IntakeAnswer, ...]
    ended: tuple[EndedAnswer, ...]


class FiguresAnswer(AnswerBody):
    """Figures of the officer's centres. *k*: nothing is told of fewer tips in periods to come.
    *until* is the last month that is over."""

    k: int
    until: str
    centres: tuple[CentreFiguresAnswer, ...]
