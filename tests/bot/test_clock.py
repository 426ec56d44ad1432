"""Days are Thai days."""

from datetime import date

from bot.clock import SystemClock, day_of, today
from tests.bot.fake_clock import FakeClock

ONE_MINUTE_TO_MIDNIGHT_IN_THAILAND = 1_795_453_140.0


def test_the_day_turns_at_midnight_in_thailand() -> None:
    clock = FakeClock(ONE_MINUTE_TO_MIDNIGHT_IN_THAILAND)
    assert today(clock) == date(2026, 11, 23)
    clock.advance(60)
    assert today(clock) == date(2026, 11, 24)


def test_the_machines_clock_tells_the_same_day_both_ways() -> None:
    clock = SystemClock()
    before, now, after = day_of(clock.now_s()), today(clock), day_of(clock.now_s())
    assert before <= now <= after
