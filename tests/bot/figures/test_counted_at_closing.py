"""Whatever happens to tips in whatever order, the counters say what a recount would."""

import asyncio
import tempfile
from collections import Counter as Tally
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.figures.counting import Uncountable
from bot.figures.measures import UNLISTED
from sealing import Counts
from storage import Conflict, SqliteDatabase, Transaction
from storage.repositories import queue, tips
from storage.repositories.figures import COUNTED, INTAKE, NO, YES, Basis, Counter
from storage.repositories.tips import Status
from tests.bot.counters import a_book, some_counting
from tests.storage.sample_rows import a_grant, a_tip, an_id, file_one

BOOK = a_book()
COUNTING = some_counting(BOOK)
FIRST_DAY = date(2026, 10, 20)
RESULTS = ("substantiated", "withdrawn", "made-up")

Counted = Tally[tuple[str, str, str, str]]


@dataclass
class Known:
    """One tip as a recount would know it."""

    tip_id: str
    filed: date
    centre: str = "khonkaen"
    status: Status = Status.RECEIVED
    acknowledged: date | None = None
    first: tuple[date, str] | None = None
    counts: Counts | None = None
    is_application: bool = False
    took: tuple[int, int] | None = None


def truth(known: list[Known]) -> Counted:
    """Counted from the start, of everything that happened."""
    found = Counted()
    for tip in known:
        if tip.first is None or tip.is_application:
            continue
        day, centre = tip.first
        said = {COUNTED: NO if tip.counts is None else YES}
        if tip.counts is not None:
            assert tip.took is not None
            said |= {"acknowledged": days(tip.took[0]), "ended": days(tip.took[1])}
            said |= tip.counts.by_measure()
            said["result"] = UNLISTED if tip.counts.result == "made-up" else tip.counts.result
        for measure, value in said.items():
            found[day.isoformat()[:7], centre, measure, value] += 1
    return found


def days(n: int) -> str:
    return next((str(bound) for bound in (7, 15, 30, 90) if n <= bound), "more")


async def counted(database: SqliteDatabase, basis: Basis = Basis.ENDED) -> Counted:
    rows = await database.read(lambda t: BOOK.read(t, basis, "", "9999-12"))
    return Counted({(c.month, c.centre, c.measure, c.value): c.n for c in rows})


def some_counts(result: str) -> Counts:
    return Counts.new(category="bribe", kind="case", result=result, teller="citizen")


def end(t: Transaction, tip: Known, day: date, status: Status, counts: Counts | None) -> None:
    """End the tip as the desk does, telling what was counted before if that is still to be."""
    listing = queue.seen_by(t, tip.tip_id, "officer")
    assert listing is not None
    COUNTING.ending(t, listing, status, day.isoformat(), counts, counts and tip.counts)
    tips.set_status(
        t,
        tip.tip_id,
        "officer",
        listing.version,
        status=status,
        day=day.isoformat(),
        part_id=an_id(),
        signature=None,
        counted=None if counts is None else (counts.hash(tip.tip_id), bytes(64)),
    )
    if tip.first is None:
        tip.first = day, tip.centre
        tip.took = ((tip.acknowledged or day) - tip.filed).days, (day - tip.filed).days
    tip.acknowledged = tip.acknowledged or day
    tip.status = status
    tip.counts = tip.counts if counts is None else counts


steps = st.lists(
    st.tuples(
        st.sampled_from(["end", "end uncounted", "reopen", "screen", "move", "wait", "file"]),
        st.integers(0, 7),
        st.sampled_from(RESULTS),
    ),
    min_size=5,
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(steps=steps)
def test_counters_are_what_a_recount_would_find(steps: list[tuple[str, int, str]]) -> None:
    asyncio.run(_play(steps))


async def _play(steps: list[tuple[str, int, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with await SqliteDatabase.open(Path(folder) / "database") as database:
            story = Story(database)
            for act, number, result in steps:
                await story.step(act, number, result)
            assert await counted(database) == truth(story.known)
            filed = Counted()
            for tip in story.known:
                if not tip.is_application:
                    filed[tip.filed.isoformat()[:7], "khonkaen", INTAKE, "all"] += 1
            assert await counted(database, Basis.FILED) == filed


@dataclass
class Story:
    database: SqliteDatabase
    day: date = FIRST_DAY
    known: list[Known] = field(default_factory=list)

    async def step(self, act: str, number: int, result: str) -> None:
        if act == "wait":
            self.day += timedelta(days=number)
        elif act == "file" or not self.known:
            await self.file(is_application=number == 7)
        else:
            tip = self.known[number % len(self.known)]
            await self.database.commit(lambda t: self.act(t, act, tip, result))

    async def file(self, is_application: bool) -> None:
        def work(t: Transaction) -> Known:
            new = a_tip(filed_day=self.day.isoformat())
            role = "registrar" if is_application else "officer"
            tips.file(t, new, [a_grant(new, "officer", role=role)])
            return Known(new.tip_id, self.day, is_application=is_application)

        self.known.append(await self.database.commit(work))

    def act(self, t: Transaction, act: str, tip: Known, result: str) -> None:
        day = self.day.isoformat()
        row = tips.get(t, tip.tip_id)
        assert row is not None
        if act.startswith("end") and tip.status not in tips.ENDS:
            is_open = tip.first is None or tip.first[0].isoformat()[:7] == day[:7]
            may = act == "end" and is_open and not tip.is_application
            status = Status.CLOSED if result == "substantiated" else Status.DECLINED
            end(t, tip, self.day, status, some_counts(result) if may else None)
        elif act == "reopen" and tip.status in tips.ENDS:
            tips.reopen(t, tip.tip_id, row.version, day=day, part_id=an_id())
            tip.status = Status.IN_PROGRESS
        elif act == "screen" and tip.status is Status.RECEIVED:
            tips.set_status(
                t, tip.tip_id, "officer", row.version, status=Status.SCREENING, day=day,
                part_id=an_id(), signature=None,
            )  # fmt: skip
            tip.status, tip.acknowledged = Status.SCREENING, self.day
        elif act == "move":
            to = "loei" if tip.centre == "khonkaen" else "khonkaen"
            tips.move(
                t, tip.tip_id, "officer", row.version, to_centre=to, day=day, part_id=an_id(),
                signature=None,
            )  # fmt: skip
            tip.centre = to


# --- one by one


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "database") as database:
        yield database


async def ended(database: SqliteDatabase, tip: Known, day: str, counts: Counts | None) -> None:
    await database.commit(lambda t: end(t, tip, date.fromisoformat(day), Status.CLOSED, counts))


async def filed(database: SqliteDatabase, **given: str) -> Known:
    tip = await database.commit(lambda t: file_one(t, "officer", filed_day="2026-10-20", **given))
    return Known(tip.tip_id, date(2026, 10, 20))


async def results(database: SqliteDatabase) -> Mapping[tuple[str, str], int]:
    found = await counted(database)
    return {(month, v): n for (month, _, measure, v), n in found.items() if measure == "result"}


async def test_a_result_that_is_corrected_in_its_month_is_counted_once(
    sqlite: SqliteDatabase,
) -> None:
    tip = await filed(sqlite)
    await ended(sqlite, tip, "2026-11-02", some_counts("substantiated"))
    await ended(sqlite, tip, "2026-11-30", some_counts("withdrawn"))
    assert await results(sqlite) == {("2026-11", "withdrawn"): 1}


async def test_nothing_is_counted_of_a_tip_whose_month_is_over(sqlite: SqliteDatabase) -> None:
    tip = await filed(sqlite)
    await ended(sqlite, tip, "2026-11-30", some_counts("substantiated"))
    with pytest.raises(Uncountable):
        await ended(sqlite, tip, "2026-12-01", some_counts("withdrawn"))
    await ended(sqlite, tip, "2026-12-01", None)
    assert await results(sqlite) == {("2026-11", "substantiated"): 1}


async def test_what_was_counted_before_must_be_told_as_it_was(sqlite: SqliteDatabase) -> None:
    tip = await filed(sqlite)
    right = some_counts("substantiated")
    await ended(sqlite, tip, "2026-11-02", right)
    for wrong in (None, some_counts("substantiated"), some_counts("withdrawn")):
        tip.counts = wrong
        with pytest.raises(Uncountable):
            await ended(sqlite, tip, "2026-11-03", some_counts("partly"))
    tip.counts = right
    await ended(sqlite, tip, "2026-11-03", some_counts("partly"))
    assert await results(sqlite) == {("2026-11", "partly"): 1}


async def test_nothing_was_counted_before_the_first_ending(sqlite: SqliteDatabase) -> None:
    tip = await filed(sqlite)
    tip.counts = some_counts("substantiated")
    with pytest.raises(Uncountable):
        await ended(sqlite, tip, "2026-11-02", some_counts("partly"))
    assert await counted(sqlite) == {}


async def test_a_value_that_was_not_listed_then_goes_off_as_it_was_counted(
    sqlite: SqliteDatabase,
) -> None:
    tip = await filed(sqlite)
    await ended(sqlite, tip, "2026-11-02", some_counts("substantiated"))

    def renamed(t: Transaction) -> None:
        one = Counter(Basis.ENDED, "2026-11", "khonkaen", "result", "substantiated", -1)
        BOOK.add(t, [one, replace(one, value=UNLISTED, n=1)])

    await sqlite.commit(renamed)
    await ended(sqlite, tip, "2026-11-03", some_counts("partly"))
    assert await results(sqlite) == {("2026-11", "partly"): 1}


async def test_it_is_all_or_nothing(sqlite: SqliteDatabase) -> None:
    """What is refused or lost after counting leaves no counter."""
    tip = await filed(sqlite)

    def too_late(t: Transaction) -> None:
        end(t, tip, date(2026, 11, 2), Status.CLOSED, some_counts("partly"))
        raise Conflict("somebody was first")

    with pytest.raises(Conflict):
        await sqlite.commit(too_late)
    assert await counted(sqlite) == {}
