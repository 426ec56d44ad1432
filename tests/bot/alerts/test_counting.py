"""What is told at a quarter of an hour: everything counted once, and nobody can count back."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerts.counting import (
    CALLED,
    LARGEST,
    Counts,
    Outcome,
    Record,
    Rules,
    Standing,
    Told,
    Wishes,
    at_quarter,
)
from bot.alerts.quiet import QUARTERS, Moment, Quiet

DAY = date(2026, 11, 23)
NOON = Moment(DAY, 48)
NIGHT = Moment(DAY, 92)
ALWAYS = Rules()
NIGHTS = Rules(Quiet("20:00-07:00"))
TODAY = replace(Record(), day=DAY.isoformat())


def heads() -> float:
    return 0.0


def tails() -> float:
    return 0.999


def counted(**counts: int) -> Record:
    return TODAY.raised("kkn", Counts(**counts))


def quarter(
    record: Record,
    clocks: dict[str, Standing] | None = None,
    moment: Moment = NOON,
    rules: Rules = ALWAYS,
    random: Callable[[], float] = tails,
) -> tuple[Outcome, Record]:
    outcome = at_quarter(record, clocks or {}, moment, rules, random)
    return outcome, outcome.after(record)


def test_what_grew_is_told_once() -> None:
    outcome, after = quarter(counted(new=3, urgent=1, answers=2))
    assert outcome.told == (Told("kkn", 3, 1, 2),)
    assert quarter(after)[0].told == ()


def test_nothing_grown_is_nothing_told() -> None:
    assert quarter(Record())[0].told == ()


def test_what_is_counted_while_it_is_told_is_kept_for_the_next() -> None:
    outcome, _ = quarter(counted(new=3))
    after = outcome.after(counted(new=4))
    assert quarter(after)[0].told == (Told("kkn", 1),)


def test_duress_fear_and_a_clock_that_ran_out_are_told_in_the_same_bytes() -> None:
    """Somebody forced or afraid, or a plain tip while a coin tells of a clock."""
    clocks = {"kkn": Standing(overdue=0, nearest_days=7)}
    urgent, _ = quarter(counted(new=1, urgent=1), clocks)
    held = replace(counted(new=1), held={"kkn": 1})
    late, _ = quarter(held, {"kkn": Standing(overdue=1, nearest_days=7)}, random=heads)
    assert urgent.told == late.told == (Told("kkn", 1, 1, nearest_days=7),)


def test_a_clock_that_ran_out_shows_in_no_nearest_clock_and_waits_for_its_coin() -> None:
    held = replace(counted(new=1), held={"kkn": 5})
    outcome, after = quarter(held, {"kkn": Standing(overdue=5, nearest_days=3)}, random=tails)
    assert outcome.told == (Told("kkn", 1, 0, nearest_days=3),)
    assert after.held == {"kkn": 5}


def test_once_a_day_clocks_that_ran_out_are_told_though_nothing_grew() -> None:
    clocks, told, called = {"kkn": Standing(overdue=2)}, [], []
    record = Record()
    for number in range(QUARTERS):
        outcome, record = quarter(record, clocks, Moment(DAY, number), NIGHTS, random=lambda: 0.5)
        told += outcome.told
        called += [number] if outcome.told else []
    assert told == [Told("kkn", 0, 1)]
    assert 28 <= called[0] < 80, "in quiet hours"
    tomorrow = Moment(DAY + timedelta(days=1), 95)
    assert quarter(record, clocks, tomorrow, ALWAYS)[0].told == (Told("kkn", 0, 1),)


def test_after_the_day_was_called_some_clocks_may_still_be_held() -> None:
    """Else whoever saw that alert would know: what is urgent later today is about who reported."""
    record = replace(TODAY, held={"kkn": 4}, call=48)
    outcome, after = quarter(record, {"kkn": Standing(overdue=4)}, random=tails)
    assert outcome.told == (Told("kkn", 0, 1),)
    assert after.held == {"kkn": 3}
    later, _ = quarter(after.raised("kkn", Counts(new=1)), {"kkn": Standing(4)}, random=heads)
    assert later.told == (Told("kkn", 1, 3),)


def test_a_clock_that_officers_dealt_with_is_held_no_more() -> None:
    record = replace(counted(new=1), held={"kkn": 4})
    outcome, after = quarter(record, {"kkn": Standing(overdue=1)}, random=heads)
    assert outcome.told == (Told("kkn", 1, 1),)
    assert after.held == {"kkn": 0}


@pytest.mark.parametrize(("days", "is_told"), [(0, True), (2, True), (3, False)])
def test_a_near_clock_is_told_of_once_a_day(days: int, is_told: bool) -> None:
    clocks, record, told = {"kkn": Standing(0, days)}, Record(), []
    for number in range(QUARTERS):
        outcome, record = quarter(record, clocks, Moment(DAY, number))
        told += outcome.told
    assert told == ([Told("kkn", nearest_days=days)] if is_told else [])


def test_quiet_hours_hold_everything_back_and_end_in_one_alert() -> None:
    record, told = counted(new=1, urgent=1), []
    for number in range(80, QUARTERS):
        outcome, record = quarter(record, {}, Moment(DAY, number), NIGHTS)
        told += outcome.told
        record = record.raised("kkn", Counts(new=1))
    for number in range(28):
        tomorrow = Moment(DAY + timedelta(days=1), number)
        outcome, record = quarter(record, {}, tomorrow, NIGHTS)
        told += outcome.told
    assert told == []
    outcome, record = quarter(record, {}, Moment(DAY + timedelta(days=1), 28), NIGHTS)
    assert outcome.told == (Told("kkn", 17, 1),)


def test_who_chose_so_hears_the_urgent_in_quiet_hours_and_the_others_with_it() -> None:
    chosen = replace(counted(new=2), wishes=Wishes(breaks_quiet=True))
    outcome, after = quarter(chosen, {}, NIGHT, NIGHTS)
    assert outcome.told == ()
    outcome, _ = quarter(after.raised("kkn", Counts(new=1, urgent=1)), {}, NIGHT, NIGHTS)
    assert outcome.told == (Told("kkn", 3, 1),)


def test_who_is_woken_by_the_urgent_may_be_woken_by_a_clock_too() -> None:
    """Else an alert in the night would always be about who reported."""
    begins = Moment(DAY, 0)
    wakes = replace(Record(), wishes=Wishes(breaks_quiet=True))
    outcome, _ = quarter(wakes, {"kkn": Standing(overdue=1)}, begins, NIGHTS, random=heads)
    assert outcome.told == (Told("kkn", 0, 1),)
    sleeps, _ = quarter(Record(), {"kkn": Standing(overdue=1)}, begins, NIGHTS, random=heads)
    assert sleeps.told == ()
    assert sleeps.call == 28


def test_an_officers_own_quiet_counts_instead_of_the_usual_one() -> None:
    own = replace(counted(new=1), wishes=Wishes(quiet=Quiet("")))
    assert quarter(own, {}, NIGHT, NIGHTS)[0].told == (Told("kkn", 1),)


def test_applications_are_counted_by_themselves() -> None:
    assert quarter(counted(applications=2))[0].told == (Told("kkn", applications=2),)


counts = st.builds(
    Counts, *(st.integers(0, LARGEST) for _ in ("new", "urgent", "answers", "applications"))
)
records = st.builds(
    Record,
    st.builds(
        Wishes,
        st.none() | st.sampled_from([Quiet(), Quiet("20:00-07:00", ("sat",))]),
        st.booleans(),
        st.sampled_from(["th", "en"]),
    ),
    st.fixed_dictionaries({"kkn": counts, "region": counts}),
    st.fixed_dictionaries({"kkn": st.integers(0, 9), "region": st.integers(0, LARGEST)}),
    st.just("2026-11-23"),
    st.integers(0, CALLED),
)


@given(records)
def test_a_record_comes_back_as_it_was(record: Record) -> None:
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record


@given(records, records)
def test_a_record_is_as_long_whatever_it_counts(one: Record, other: Record) -> None:
    other = replace(other, wishes=one.wishes)
    assert len(json.dumps(one.to_json())) == len(json.dumps(other.to_json()))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"wishes": None},
        {"wishes": {}, "centres": []},
        Record().to_json() | {"centres": {"k": 1}},
    ],
)
def test_what_is_no_record_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"record|hours|days|base"):
        Record.from_json(body)


def coins(draws: list[float]) -> Callable[[], float]:
    endless: Iterator[float] = (draws[nth % len(draws)] for nth in range(10**9))
    return lambda: next(endless)


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 4)), min_size=1, max_size=150
    ),
    st.booleans(),
    st.lists(st.floats(0, 0.999), min_size=1, max_size=7),
)
def test_everything_counted_is_told_exactly_once_and_no_clock_twice_a_day(
    days: list[tuple[int, bool, int]], breaks: bool, draws: list[float]
) -> None:
    record = replace(Record(), wishes=Wishes(breaks_quiet=breaks))
    random, told, filed, urgent = coins(draws), list[Told](), 0, 0
    late_by_day: dict[date, int] = {}
    for nth, (new, is_urgent, overdue) in enumerate(days):
        day = DAY + timedelta(days=nth // QUARTERS)
        late_by_day.setdefault(day, overdue)
        record = record.raised("kkn", Counts(new, new if is_urgent else 0))
        filed, urgent = filed + new, urgent + (new if is_urgent else 0)
        clocks = {"kkn": Standing(late_by_day[day])}
        moment = Moment(day, nth % QUARTERS)
        outcome, record = quarter(record, clocks, moment, NIGHTS, random)
        told += outcome.told
    left = record.counts["kkn"]
    assert sum(each.new for each in told) + left.new == filed
    of_people = urgent - left.urgent
    told_urgent = sum(each.urgent for each in told)
    assert of_people <= told_urgent <= of_people + sum(late_by_day.values())
