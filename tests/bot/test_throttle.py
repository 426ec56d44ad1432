"""Guessing is slow, remembering is bounded, and nobody locks another person out."""

import pytest

from bot.stretch import StretchRules
from bot.throttle import Throttle, ThrottleRules
from tests.bot.fake_clock import FakeClock

MINUTE = 60.0


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def test_four_wrong_tries_lock_nobody_and_the_fifth_does(clock: FakeClock) -> None:
    throttle = Throttle(clock)
    for _ in range(4):
        throttle.wrong(b"one")
    assert not throttle.is_locked(b"one")
    throttle.wrong(b"one")
    assert throttle.is_locked(b"one")
    assert not throttle.is_locked(b"another")


def test_wrong_tries_older_than_the_window_no_longer_count(clock: FakeClock) -> None:
    throttle = Throttle(clock)
    for _ in range(20):
        throttle.wrong(b"slow")
        assert not throttle.is_locked(b"slow")
        clock.advance(4 * MINUTE)


def test_each_lock_lasts_twice_as_long_as_the_one_before_up_to_a_day(clock: FakeClock) -> None:
    throttle = Throttle(clock)
    lasted = []
    for _ in range(9):
        for _ in range(5):
            throttle.wrong(b"guesser")
        waited = 0.0
        while throttle.is_locked(b"guesser"):
            clock.advance(MINUTE)
            waited += MINUTE
        lasted.append(waited / MINUTE)
    assert lasted == [15, 30, 60, 120, 240, 480, 960, 1440, 1440]


def test_the_table_is_bounded_and_forgets_the_longest_idle_first(clock: FakeClock) -> None:
    throttle = Throttle(clock, ThrottleRules(at_most_conversations=10))
    for _ in range(5):
        throttle.wrong(b"locked")
    for number in range(1000):
        throttle.wrong(number.to_bytes(4, "big"))
        throttle.wrong(b"busy")
    assert throttle.conversations == 10
    assert throttle.is_locked(b"busy")
    assert not throttle.is_locked(b"locked")


def test_many_wrong_tries_by_many_people_raise_one_alarm_per_window(clock: FakeClock) -> None:
    throttle = Throttle(clock, ThrottleRules(alarm_wrong_tries=100))
    for number in range(99):
        throttle.wrong(number.to_bytes(4, "big"))
    assert throttle.alarms == 0
    throttle.wrong(b"last")
    assert throttle.alarms == 1
    for number in range(99):
        clock.advance(MINUTE)
        throttle.wrong(number.to_bytes(4, "big"))
    assert throttle.alarms == 1


def test_how_long_a_lock_still_lasts(clock: FakeClock) -> None:
    throttle = Throttle(clock)
    assert throttle.locked_s(b"one") == 0
    for _ in range(5):
        throttle.wrong(b"one")
    clock.advance(4 * MINUTE)
    assert throttle.locked_s(b"one") == 11 * MINUTE
    clock.advance(11 * MINUTE)
    assert throttle.locked_s(b"one") == 0


def test_many_wrong_tries_by_anybody_put_the_brake_on_for_a_window_and_lock_nobody(
    clock: FakeClock,
) -> None:
    throttle = Throttle(clock, ThrottleRules(brake_wrong_tries=50))
    for number in range(49):
        throttle.wrong(number.to_bytes(4, "big"))
    assert not throttle.is_flooded
    clock.advance(14 * MINUTE)
    throttle.wrong(b"last")
    assert throttle.is_flooded
    assert not any(throttle.is_locked(number.to_bytes(4, "big")) for number in range(49))
    assert not throttle.is_locked(b"somebody else")
    clock.advance(MINUTE)
    assert not throttle.is_flooded


def test_as_many_wrong_tries_in_a_longer_time_are_no_flood(clock: FakeClock) -> None:
    throttle = Throttle(clock, ThrottleRules(brake_wrong_tries=50))
    for number in range(500):
        throttle.wrong(number.to_bytes(4, "big"))
        assert not throttle.is_flooded
        clock.advance(MINUTE)


def test_the_brake_stays_on_for_as_long_as_the_braked_flood_goes_on(clock: FakeClock) -> None:
    rules = ThrottleRules()
    throttle, gap_s = Throttle(clock, rules), StretchRules().gap_s
    for number in range(rules.brake_wrong_tries):
        throttle.wrong(number.to_bytes(4, "big"))
    for number in range(4 * int(rules.window_s / gap_s)):
        assert throttle.is_flooded
        clock.advance(gap_s)
        throttle.wrong(number.to_bytes(4, "big"))
    assert throttle.alarms >= 4
