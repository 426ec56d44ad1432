"""Months are told together until there are enough, and what was told stays as it was."""

import asyncio
import json
import tempfile
from collections import Counter as Tally
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from fake_clock import FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import restored
from bot.figures.measures import Measures
from bot.figures.periods import Periods, last_over, month_after
from bot.figures.suppressing import suppressed
from storage import Database, SqliteDatabase
from storage.repositories import figures
from storage.repositories.figures import COUNTED, NO, YES, Basis, Counter, Period
from tests.bot.counters import a_book

K = 5
BOOK = a_book()
MEASURES = Measures({"result": ("good", "bad", "unlisted")}, {})
MONTHS = [f"{year}-{month:02}" for year in (2026, 2027) for month in range(1, 13)]


@dataclass
class Office:
    """A database, and a day that a test sets."""

    database: Database
    clock: FakeClock

    def on(self, day: str) -> None:
        noon = datetime.fromisoformat(f"{day}T05:00:00").replace(tzinfo=UTC)
        self.clock.advance(noon.timestamp() - self.clock.now_s())

    async def make(self, k: int = K, measures: Measures = MEASURES) -> None:
        await Periods(self.database, self.clock, BOOK, measures, k).make()

    async def end(self, month: str, *results: str, centre: str = "loei") -> None:
        """Tips that ended; an empty result: nobody said what it was."""
        counters = [
            Counter(Basis.ENDED, month, centre, measure, value, 1)
            for result in results
            for measure, value in (
                ((COUNTED, YES), ("result", result)) if result else ((COUNTED, NO),)
            )
        ]
        await self.database.commit(lambda t: BOOK.add(t, counters))

    async def file(self, month: str, n: int) -> None:
        await self.database.commit(
            lambda t: [figures.take_in(t, f"{month}-01", "loei") for _ in range(n)]
        )

    async def periods(self, basis: Basis = Basis.ENDED) -> list[Period]:
        found = await self.database.read(
            lambda t: figures.periods(t, basis, ["loei", "udon"], "0000-01", "9999-12")
        )
        return list(found)

    async def spans(self, basis: Basis = Basis.ENDED) -> list[tuple[str, str, int]]:
        return [(p.first, p.last, json.loads(p.said)["n"]) for p in await self.periods(basis)]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with await SqliteDatabase.open(tmp_path / "database") as database:
        office = Office(database, FakeClock())
        office.on("2027-12-15")
        yield office


@pytest.mark.parametrize(
    ("day", "over"),
    [
        ("2026-12-01", "2026-10"),
        ("2026-12-02", "2026-11"),
        ("2026-12-31", "2026-11"),
        ("2027-01-01", "2026-11"),
        ("2027-01-02", "2026-12"),
        ("2027-03-01", "2027-01"),
    ],
)
def test_a_month_is_over_once_no_officers_day_can_be_in_it(day: str, over: str) -> None:
    assert last_over(date.fromisoformat(day)) == over


@given(st.dates(date(1999, 1, 1), date(2999, 1, 1)))
def test_the_month_after_is_the_next_there_is(day: date) -> None:
    following = (day.replace(day=1) + timedelta(days=32)).isoformat()[:7]
    assert month_after(day.isoformat()[:7]) == following


async def test_after_a_restore_no_month_is_told_anew(office: Office) -> None:
    """March was told after the backup, with tips that are lost: the difference would be they."""
    for month in ("2026-01", "2026-03"):
        await office.end(month, *["good"] * 10)
        await office.file(month, 6)
    office.on("2026-02-10")
    await office.make()
    kept = await office.periods(), await office.periods(Basis.FILED)
    office.on("2026-04-20")
    await office.database.commit(lambda t: restored.note(t, date(2026, 4, 20), "2026-03-30"))
    await office.make()
    assert (await office.periods(), await office.periods(Basis.FILED)) == kept
    await office.end("2026-04", *["bad"] * 10)
    await office.file("2026-04", 6)
    await office.end("2026-05", *["bad"] * 10, centre="udon")
    office.on("2026-06-10")
    await office.make()
    spans = [("2026-01", "2026-01", 10), ("2026-04", "2026-04", 10), ("2026-04", "2026-05", 10)]
    assert await office.spans() == spans
    assert await office.spans(Basis.FILED) == [("2026-01", "2026-01", 6), ("2026-04", "2026-04", 6)]


async def test_few_tips_are_told_with_later_ones(office: Office) -> None:
    await office.end("2026-01", *["good"] * 6)
    await office.end("2026-04", *["bad"] * 5)
    await office.make()
    (period,) = await office.periods()
    assert (period.first, period.last) == ("2026-01", "2026-04")
    said = json.loads(period.said)
    cells = suppressed({"good": 6, "bad": 5, "unlisted": 0}, K)
    assert cells is not None
    assert said == {
        "schema": 1,
        "k": K,
        "n": 11,
        "not_counted": 0,
        "tables": [
            {
                "measure": "result",
                "cells": [{"n": each.n, "values": list(each.values)} for each in cells],
            }
        ],
    }


async def test_a_month_that_is_not_over_is_not_told(office: Office) -> None:
    office.on("2026-05-01")
    await office.end("2026-04", *["good"] * 20)
    await office.make()
    assert await office.periods() == []
    office.on("2026-05-02")
    await office.make()
    assert await office.spans() == [("2026-04", "2026-04", 20)]


async def test_intake_needs_fewer_than_what_was_ended(office: Office) -> None:
    await office.file("2026-01", K)
    await office.end("2026-01", *["good"] * (2 * K - 1))
    await office.make()
    assert await office.spans(Basis.FILED) == [("2026-01", "2026-01", K)]
    assert await office.spans() == []


async def test_centres_have_periods_of_their_own(office: Office) -> None:
    await office.end("2026-01", *["good"] * 10)
    await office.end("2026-02", *["good"] * 10, centre="udon")
    await office.end("2026-01", *["good"] * 9, centre="udon")
    await office.make()
    assert [(p.centre, p.first, p.last) for p in await office.periods()] == [
        ("loei", "2026-01", "2026-01"),
        ("udon", "2026-01", "2026-02"),
    ]


async def test_of_tips_that_nobody_counted_only_the_number_is_told(office: Office) -> None:
    await office.end("2026-01", *[""] * 8, "good", "bad", "bad")
    await office.make()
    (period,) = await office.periods()
    said = json.loads(period.said)
    assert (said["n"], said["not_counted"], said["tables"]) == (11, 8, [])


async def test_what_was_told_stays_though_k_and_values_change(office: Office) -> None:
    await office.end("2026-01", *["good"] * 12)
    await office.make()
    before = await office.periods()
    await office.end("2026-02", *["good"] * 24)
    more = Measures({"result": ("good", "bad", "new", "unlisted")}, {})
    await office.make(k=12, measures=more)
    after = await office.periods()
    assert after[:1] == before
    assert json.loads(after[1].said)["k"] == 12


async def test_two_at_once_make_the_same(office: Office) -> None:
    await office.end("2026-01", *["good"] * 12)
    one, two = (Periods(office.database, office.clock, BOOK, MEASURES, K) for _ in range(2))
    due = await office.database.read(lambda t: one._due(t, "2027-11"))
    await two.make()
    made = await office.periods()
    assert tuple(made) == due
    await one.make()
    assert await office.periods() == made


endings = st.lists(
    st.tuples(
        st.sampled_from(MONTHS[:12]),
        st.sampled_from(["loei", "udon"]),
        st.sampled_from(["good", "bad", ""]),
        st.integers(1, 9),
    ),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(endings=endings, looks=st.lists(st.sampled_from(MONTHS[1:12]), max_size=4))
def test_however_often_one_looks_periods_part_the_months(
    endings: list[tuple[str, str, str, int]], looks: list[str]
) -> None:
    asyncio.run(_parted(endings, looks))


async def _parted(endings: list[tuple[str, str, str, int]], looks: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with await SqliteDatabase.open(Path(folder) / "database") as database:
            office = Office(database, FakeClock())
            left = sorted(endings)
            for look in [*sorted(looks), "2028-01"]:
                while left and left[0][0] < look:  # what ends later is not counted yet
                    month, centre, result, n = left.pop(0)
                    await office.end(month, *[result] * n, centre=centre)
                office.on(f"{look}-02")
                await office.make()
            truth = Tally[tuple[str, str, str]]()
            for month, centre, result, n in endings:
                truth[centre, month, result] += n
            for centre in ("loei", "udon"):
                mine = [each for each in await office.periods() if each.centre == centre]
                _check_parted(centre, mine, truth)


def _check_parted(centre: str, periods: list[Period], truth: Tally[tuple[str, str, str]]) -> None:
    for one, two in pairwise(periods):
        assert two.first == month_after(one.last)
    in_a_period = 0
    for period in periods:
        said = json.loads(period.said)
        inside = dict.fromkeys(("good", "bad", ""), 0)
        for (where, month, result), n in truth.items():
            if where == centre and period.first <= month <= period.last:
                inside[result] += n
        assert said["n"] == sum(inside.values()) >= 2 * K
        assert said["not_counted"] == inside[""]
        for cell in (cell for table in said["tables"] for cell in table["cells"]):
            assert cell["n"] >= K
            assert cell["n"] == sum(inside.get(value, 0) for value in cell["values"])
        in_a_period += said["n"]
    whole = sum(n for (where, *_), n in truth.items() if where == centre)
    assert whole - in_a_period < 2 * K
