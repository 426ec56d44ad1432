"""Periods: what can be asked for, what came before, how they are said."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.figures.periods import (
    Period,
    months_between,
    parse_period,
    periods,
    say_period,
    say_span,
)
from console.words import words_for

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("typed", "first", "last"),
    [
        ("12m", "2025-12", "2026-11"),
        ("2026-Q4", "2026-10", "2026-12"),
        ("2569-Q1", "2026-01", "2026-03"),
        ("2026", "2026-01", "2026-12"),
        ("2569", "2026-01", "2026-12"),
        ("FY2027", "2026-10", "2027-09"),
        ("FY2570", "2026-10", "2027-09"),
        ("2025-11..2026-01", "2025-11", "2026-01"),
        ("2568-11..2569-01", "2025-11", "2026-01"),
        ("all", "2000-01", "2200-12"),
    ],
)
def test_a_period_is_read_in_either_era(typed: str, first: str, last: str) -> None:
    found = parse_period(typed, TODAY)
    assert found is not None
    assert (found.first, found.last) == (first, last)
    assert parse_period(found.id, TODAY) == found


@pytest.mark.parametrize(
    "typed",
    ["", "2026-Q5", "26", "0000", "9999", "FY", "2026-13..2026-14", "2026-02..2026-01", "１２m",
     "2026-00..2026-05", "<b>", "2026-Q4\n", "1999", "2199-12..2201-01"],
)  # fmt: skip
def test_anything_else_is_none(typed: str) -> None:
    assert parse_period(typed, TODAY) is None


@given(st.text(max_size=20))
def test_no_text_raises(typed: str) -> None:
    parse_period(typed, TODAY)


@pytest.mark.parametrize(
    ("typed", "before"),
    [
        ("2026-Q1", Period("2025-Q4", "2025-10", "2025-12")),
        ("2026", Period("2025-01..2025-12", "2025-01", "2025-12")),
        ("12m", Period("2024-12..2025-11", "2024-12", "2025-11")),
        ("all", None),
    ],
)
def test_as_many_months_come_before(typed: str, before: Period | None) -> None:
    found = parse_period(typed, TODAY)
    assert found is not None
    assert found.before == before


def test_what_is_offered_is_said_and_can_be_asked_for() -> None:
    offered = periods(TODAY)
    for language in ("th", "en"):
        names = [say_period(words_for(language), each) for each in offered]
        assert len(set(names)) == len(names)
    assert [each.id for each in offered[:4]] == ["12m", "all", "2026-Q4", "2026-Q3"]
    assert offered[-3].id == "FY2027"
    assert all(parse_period(each.id, TODAY) == each for each in offered)


def test_periods_are_said_in_the_era_of_the_language() -> None:
    thai, english = words_for("th"), words_for("en")
    quarter = Period("2026-Q4", "2026-10", "2026-12")
    assert say_period(thai, quarter) == "ไตรมาส 4 พ.ศ. 2569 (ต.ค.–ธ.ค. 2569)"
    assert say_period(english, quarter) == "Q4 2026 (Oct–Dec 2026)"
    assert say_span(thai, "2025-11", "2026-01") == "พ.ย. 2568–ม.ค. 2569"
    assert say_span(english, "2026-05", "2026-05") == "May 2026"


def test_months_between_are_all_of_them() -> None:
    assert months_between("2025-11", "2026-02") == ("2025-11", "2025-12", "2026-01", "2026-02")
