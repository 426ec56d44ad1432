"""The day on which an ended tip is destroyed."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.retention import Rule, expire_day

RULE = Rule(closed_days=100, fuzz_days=10, notice_days=14)
ENDED = "2026-01-01"

days = st.dates(date(2026, 1, 1), date(2030, 1, 1))


@pytest.mark.parametrize("status", ["received", "screening", "accepted", "referred", "in_progress"])
def test_an_open_tip_has_no_day_and_one_referred_elsewhere_is_open(status: str) -> None:
    assert expire_day(RULE, status, ENDED, ENDED, lambda below: 0) is None


def test_where_nothing_is_to_be_destroyed_there_is_no_day() -> None:
    assert expire_day(Rule(0, 10, 14), "closed", ENDED, ENDED, lambda below: 0) is None


@given(ended=days, today=days, drawn=st.integers(0, 10))
def test_no_day_is_too_early_nor_later_than_the_chance_allows(
    ended: date, today: date, drawn: int
) -> None:
    told = expire_day(RULE, "declined", ended.isoformat(), today.isoformat(), lambda below: drawn)
    assert told is not None
    day = date.fromisoformat(told)
    first = max(ended + timedelta(days=100), today + timedelta(days=14))
    assert day - first == timedelta(days=drawn)


def test_every_day_of_the_chance_can_be_drawn_and_none_beyond() -> None:
    asked: list[int] = []
    expire_day(RULE, "closed", ENDED, ENDED, lambda below: asked.append(below) or 0)
    assert asked == [11]
