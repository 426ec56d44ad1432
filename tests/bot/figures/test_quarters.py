"""Quarters, as they are written, and when one is due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.figures.quarters import Quarter, newest_due


def test_a_quarter_has_its_months_and_its_neighbours() -> None:
    last = Quarter.parse("2026-Q4")
    assert last.months == ("2026-10", "2026-11", "2026-12")
    assert (str(last.before), str(last.next)) == ("2026-Q3", "2027-Q1")
    assert (last.first_day, last.last_day) == (date(2026, 10, 1), date(2026, 12, 31))


@given(st.dates(date(2001, 1, 1), date(2900, 1, 1)), st.integers(1, 365))
def test_what_is_due_is_over_for_long_enough_and_the_next_is_not(day: date, after: int) -> None:
    due = newest_due(day, after)
    assert day - due.last_day > timedelta(days=after)
    assert day - due.next.last_day <= timedelta(days=after)


@pytest.mark.parametrize(
    "text",
    ["", "2026-Q5", "2026-Q0", "2026-q3", "2026Q3", "26-Q3", "1999-Q1", "2026-Q3\n", " 2026-Q3",
     "๒๕๖๙-Q3", "２０２６-Q3", "9999-Q4", "2026-Q3.json", "../2026-Q3", "2026-Q33"],
)  # fmt: skip
def test_nothing_else_is_a_quarter(text: str) -> None:
    with pytest.raises(ValueError, match="quarter"):
        Quarter.parse(text)
