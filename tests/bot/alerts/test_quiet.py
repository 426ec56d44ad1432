"""When an officer is left in peace, over midnight and on whole days."""

from datetime import date

import pytest

from bot.alerts.quiet import QUARTER_S, QUARTERS, Moment, Quiet, next_quarter_s
from tests.bot.fake_clock import NOON_23_NOVEMBER_2026

MONDAY = date(2026, 11, 23)
SATURDAY = date(2026, 11, 28)


def at(hour: int, minute: int = 0, day: date = MONDAY) -> Moment:
    return Moment(day, hour * 4 + minute // 15)


@pytest.mark.parametrize(
    ("hours", "quiet", "not_quiet"),
    [
        ("20:00-07:00", [(20, 0), (23, 45), (0, 0), (6, 45)], [(7, 0), (12, 0), (19, 45)]),
        ("12:15-13:30", [(12, 15), (13, 15)], [(12, 0), (13, 30), (0, 0)]),
        ("00:00-00:00", [], [(0, 0), (12, 0)]),
        ("", [], [(0, 0), (23, 45)]),
    ],
)
def test_quiet_hours_hold_also_over_midnight(
    hours: str, quiet: list[tuple[int, int]], not_quiet: list[tuple[int, int]]
) -> None:
    wish = Quiet(hours)
    assert [each for each in quiet if not wish.holds(at(*each))] == []
    assert [each for each in not_quiet if wish.holds(at(*each))] == []


def test_a_quiet_day_is_quiet_all_day() -> None:
    wish = Quiet("20:00-07:00", ("sat", "sun"))
    assert wish.holds(at(12, day=SATURDAY))
    assert not wish.holds(at(12))
    assert wish.waking(at(0, day=SATURDAY)) == ()


def test_waking_quarters_are_those_left_of_the_day() -> None:
    assert Quiet("20:00-07:00").waking(at(19, 30)) == (78, 79)
    assert len(Quiet().waking(at(0))) == QUARTERS


@pytest.mark.parametrize(
    "hours", ["7-20", "20:10-07:00", "24:00-07:00", "20:00–07:00", "๒๐:00-07:00", " "]
)
def test_other_hours_than_quarters_are_refused(hours: str) -> None:
    with pytest.raises(ValueError, match="hours"):
        Quiet(hours)


@pytest.mark.parametrize("days", [("saturday",), ("sat", "sat"), ("",)])
def test_other_days_are_refused(days: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="days"):
        Quiet("", days)


def test_quarters_are_those_of_the_wall_clock_in_thailand() -> None:
    noon = NOON_23_NOVEMBER_2026
    assert Moment.at(noon) == at(12)
    assert Moment.at(noon + 899.9) == at(12)
    assert Moment.at(noon + 12 * 3600) == Moment(date(2026, 11, 24), 0)
    for late in (0.0, 0.1, 450.0, 899.99):
        assert next_quarter_s(noon + late) == noon + QUARTER_S
