"""Facts as one tidy table: a row for each, ids for programs and names for people side by side."""

from collections.abc import Iterable, Mapping

from console.answers import TreeCentre
from console.calm import calm_line
from console.csv_cells import written
from console.figures.facts import Fact
from console.figures.naming import centre_name, measure_name, values_name
from console.figures.periods import say_span
from console.words import Words

COLUMNS = (
    *("scope", "basis", "centre", "centre_name", "first_month", "last_month", "months_name"),
    *("measure", "measure_name", "values", "values_name", "tips"),
)
MARK = "\ufeff"
TOGETHER = "|"
"""Between the ids of values that are told only together."""


def rows_of(
    facts: Iterable[Fact], words: Words, centres: Mapping[str, TreeCentre]
) -> list[dict[str, str | int]]:
    """A row for each fact; its keys are `COLUMNS`."""
    return [
        dict(
            zip(
                COLUMNS,
                (
                    *(fact.scope.value, fact.basis.value),
                    *(fact.centre, calm_line(centre_name(words, centres, fact.centre))),
                    *(fact.first, fact.last, say_span(words, fact.first, fact.last)),
                    *(fact.measure, measure_name(words, fact.measure)),
                    *(TOGETHER.join(fact.values), values_name(words, fact.measure, fact.values)),
                    fact.n,
                ),
                strict=True,
            )
        )
        for fact in facts
    ]


def as_csv(facts: Iterable[Fact], words: Words, centres: Mapping[str, TreeCentre]) -> bytes:
    """UTF-8 with a byte-order mark: without it Excel shows Thai as something else."""
    rows = rows_of(facts, words, centres)
    return (MARK + written([COLUMNS, *(tuple(row.values()) for row in rows)])).encode()
