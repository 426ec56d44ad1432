"""Which clock runs, its last day, and when a tip climbs: the rule by itself."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.clocks import Clock, Lengths, Standing, climb_day, due_day, running

LENGTHS = Lengths(7, 15, 90, 7)
DAYS = st.dates(date(2026, 1, 1), date(2028, 1, 1)).map(date.isoformat)
STATUSES = (
    "received", "screening", "accepted", "declined", "referred", "in_progress", "closed",
)  # fmt: skip


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    filed = draw(DAYS)
    later = st.none() | DAYS.filter(lambda day: day >= filed)
    return Standing(
        draw(st.sampled_from(STATUSES)), filed, draw(st.booleans()), draw(later), draw(later),
        draw(later),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "due"),
    [
        ("received", "2026-11-30"),
        ("screening", "2026-12-08"),
        ("accepted", "2027-02-21"),
        ("referred", "2027-02-21"),
        ("in_progress", "2027-02-21"),
        ("declined", None),
        ("closed", None),
        ("a status of a later release", None),
    ],
)
def test_each_status_has_its_clock_counted_from_the_day_of_filing(
    status: str, due: str | None
) -> None:
    assert due_day(Standing(status, "2026-11-23"), LENGTHS) == due


def test_an_application_has_the_first_clock_only() -> None:
    assert running(Standing("received", "2026-11-23", is_application=True)) is Clock.ACKNOWLEDGE
    for status in STATUSES[1:]:
        assert running(Standing(status, "2026-11-23", is_application=True)) is None


def test_a_promised_day_stands_whatever_step_follows_and_shortens_nothing() -> None:
    received = Standing("received", "2026-11-23", until_day="2026-12-20")
    assert due_day(received, LENGTHS) == "2026-12-20"
    assert due_day(Standing("screening", "2026-11-23", until_day="2026-12-20"), LENGTHS) == (
        "2026-12-20"
    )
    assert due_day(Standing("accepted", "2026-11-23", until_day="2026-12-20"), LENGTHS) == (
        "2027-02-21"
    )


def test_a_reopened_tip_begins_again() -> None:
    reopened = Standing("in_progress", "2026-11-23", reopened_day="2027-05-01")
    assert due_day(reopened, LENGTHS) == "2027-07-30"


@given(standings())
def test_a_tip_climbs_only_after_its_day_and_never_within_the_grace(standing: Standing) -> None:
    due, climbs = due_day(standing, LENGTHS), climb_day(standing, LENGTHS)
    assert (due is None) == (climbs is None) == (running(standing) is None)
    if due is None or climbs is None:
        return
    assert climbs > due >= standing.filed_day
    assert due >= (standing.until_day or "")
    if standing.climbed_day is not None:
        grace = timedelta(days=LENGTHS.again_days)
        assert date.fromisoformat(climbs) >= date.fromisoformat(standing.climbed_day) + grace
