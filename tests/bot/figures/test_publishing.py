"""Quarters are published once, in order, whatever is killed; and stay what they were."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from fake_clock import FakeClock

from bot import restored
from bot.clock import today
from bot.errors import AlteredQuarter
from bot.figures.book import FigureBook
from bot.figures.page import NO_PAGE_BEFORE, read_page
from bot.figures.publishing import (
    FigureRules,
    PublicQuarters,
    Publishing,
    quarters_key,
)
from bot.figures.quarters import Quarter
from bot.figures.tables import Tables, tables_of
from bot.server_key import ServerKey
from handlers.routing import Centre, Centres
from storage import Conflict, Database, SqliteDatabase, Transaction
from storage.repositories import public_quarters
from storage.repositories.figures import COUNTED, NO, Basis, Counter
from tests.bot.figures.network import CENTRES, KEY, Tip, count, month
from tests.bot.test_auditing import Killed, Mortal

DAY_S = 86_400.0
TABLES = tables_of(CENTRES)
RULES = FigureRules(is_public=True, after_days=30)
ON_TIME = date(2026, 10, 31)
"""The third quarter of 2026 has been over for more than thirty days."""


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "saisaat.db") as opened:
        yield opened


def clock_on(day: date) -> FakeClock:
    clock = FakeClock()
    clock.advance((day - today(clock)).days * DAY_S)
    return clock


def publishing(
    database: object, clock: FakeClock, rules: FigureRules = RULES, tables: Tables = TABLES
) -> Publishing:
    return Publishing(database, KEY, clock, tables, rules)  # type: ignore[arg-type]  # or a Mortal


async def stored(database: Database) -> dict[str, bytes]:
    """Every page there is, each checked."""
    shown = PublicQuarters(database, quarters_key(KEY).verify_key)
    found = {}
    for quarter in await shown.quarters():
        published = await shown.get(quarter)
        assert published is not None
        found[str(quarter)] = published.data
    return found


def many(quarter: str, n: int = 40, **said: str) -> list[Tip]:
    return [replace(Tip(month(quarter, place % 3)), **said) for place in range(n)]


async def test_a_quarter_is_published_when_it_is_due_and_not_before(
    database: SqliteDatabase,
) -> None:
    await database.commit(lambda t: count(t, many("2026-Q3")))
    clock = clock_on(ON_TIME - timedelta(days=1))
    await publishing(database, clock).publish_due()
    assert list(await stored(database)) == ["2026-Q2"]
    clock.advance(DAY_S)
    await publishing(database, clock).publish_due()
    page = read_page((await stored(database))["2026-Q3"])
    assert page.total == 40


async def test_nothing_is_published_unless_the_operator_decides(database: SqliteDatabase) -> None:
    await database.commit(lambda t: count(t, many("2026-Q3")))
    await publishing(database, clock_on(ON_TIME), FigureRules()).publish_due()
    assert await stored(database) == {}


async def test_the_first_quarter_depends_on_the_day_and_not_on_what_was_counted(
    database: SqliteDatabase,
) -> None:
    """Else the first page said that something ended in its quarter."""
    await database.commit(lambda t: count(t, many("2025-Q1")))
    await publishing(database, clock_on(ON_TIME)).publish_due()
    assert list(await stored(database)) == ["2026-Q3"]


async def test_after_a_restore_no_quarter_that_was_over_is_published_anew(
    database: SqliteDatabase,
) -> None:
    """The backup is older than its page: made anew, it would not be the one that people keep."""
    clock = clock_on(ON_TIME)
    await publishing(database, clock).publish_due()
    clock.advance(100 * DAY_S)
    await database.commit(lambda t: restored.note(t, today(clock), "2026-11-20"))
    before = await stored(database)
    await publishing(database, clock).publish_due()
    assert await stored(database) == before
    clock.advance(100 * DAY_S)
    await publishing(database, clock).publish_due()
    after = await stored(database)
    assert list(after) == ["2027-Q1", "2026-Q3"]
    assert read_page(after["2027-Q1"]).previous == read_page(before["2026-Q3"]).hash


async def test_a_restored_server_that_never_published_begins_with_what_is_over_later(
    database: SqliteDatabase,
) -> None:
    clock = clock_on(ON_TIME)
    await database.commit(lambda t: restored.note(t, today(clock), "2026-09-01"))
    await publishing(database, clock).publish_due()
    assert await stored(database) == {}
    clock.advance(95 * DAY_S)
    await publishing(database, clock).publish_due()
    assert list(await stored(database)) == ["2026-Q4"]


async def test_what_was_missed_is_made_up_for_without_a_gap(database: SqliteDatabase) -> None:
    clock = clock_on(ON_TIME)
    await publishing(database, clock).publish_due()
    clock.advance(400 * DAY_S)
    await publishing(database, clock).publish_due()
    pages = await stored(database)
    assert list(pages) == ["2027-Q3", "2027-Q2", "2027-Q1", "2026-Q4", "2026-Q3"]
    previous = NO_PAGE_BEFORE
    for data in reversed(pages.values()):
        page = read_page(data)
        assert page.previous == previous
        previous = page.hash


async def test_an_old_page_never_changes(database: SqliteDatabase) -> None:
    """Whatever is counted late, and whatever k, centres and names are today."""
    await database.commit(lambda t: count(t, [*many("2026-Q3"), *many("2026-Q3", centre="loei")]))
    clock = clock_on(ON_TIME)
    await publishing(database, clock).publish_due()
    before = await stored(database)
    await database.commit(lambda t: count(t, many("2026-Q3", 25, category="land")))
    fewer = Centres((Centre("headquarters", name_th="ใหม่", name_en="New"),))
    clock.advance(92 * DAY_S)
    changed = publishing(database, clock, replace(RULES, k=15), tables_of(fewer))
    await changed.publish_due()
    await changed.publish_due()
    after = await stored(database)
    assert {**after, **before} == after
    assert [read_page(after[each]).k for each in ("2026-Q3", "2026-Q4")] == [10, 15]
    named = next(each for each in read_page(after["2026-Q3"]).tables if each.id == "centre")
    assert named.labels["loei"].th == "เลย"


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3])
async def test_killed_around_any_commit_each_quarter_is_published_once(
    database: SqliteDatabase, at: int, is_after: bool
) -> None:
    for quarter in ("2026-Q3", "2026-Q4", "2027-Q1"):
        await database.commit(lambda t, quarter=quarter: count(t, many(quarter)))
    clock = clock_on(ON_TIME)
    await publishing(database, clock).publish_due()
    first = await stored(database)
    clock.advance(280 * DAY_S)
    with pytest.raises(Killed):
        await publishing(Mortal(database, at=at, is_after=is_after), clock).publish_due()
    so_far = await stored(database)
    assert len(so_far) == len(first) + at - (not is_after)
    await publishing(database, clock).publish_due()
    after = await stored(database)
    assert {**after, **so_far} == after
    assert list(after) == ["2027-Q2", "2027-Q1", "2026-Q4", "2026-Q3"]
    assert [read_page(after[each]).total for each in after] == [None, 40, 40, 40]


async def test_two_processes_publish_a_quarter_once(database: SqliteDatabase) -> None:
    clock = clock_on(ON_TIME)
    one, other = publishing(database, clock), publishing(database, clock)
    await one.publish_due()
    before = await stored(database)
    await other.publish_due()
    assert await stored(database) == before
    row = await database.read(lambda t: public_quarters.get(t, "2026-Q3"))
    assert row is not None
    with pytest.raises(Conflict):
        await database.commit(lambda t: public_quarters.add(t, row))


@pytest.mark.parametrize("column", ["page", "signature", "quarter"])
async def test_an_altered_page_is_never_shown(database: SqliteDatabase, column: str) -> None:
    await database.commit(lambda t: count(t, many("2026-Q3")))
    await publishing(database, clock_on(ON_TIME)).publish_due()
    row = await database.read(lambda t: public_quarters.get(t, "2026-Q3"))
    assert row is not None
    to = {
        "page": row.page.replace(b'"total":40', b'"total":41'),
        "signature": bytes(64),
        "quarter": "2026-Q2",
    }[column]
    sql = f"UPDATE public_quarter SET {column} = ?"  # noqa: S608  # one of three names
    assert await database.commit(lambda t: t.execute(sql, (to,))) == 1
    shown = PublicQuarters(database, quarters_key(KEY).verify_key)
    (quarter,) = await shown.quarters()
    with pytest.raises(AlteredQuarter):
        await shown.get(quarter)


async def test_a_quarter_of_few_looks_like_one_of_none(database: SqliteDatabase) -> None:
    await publishing(database, clock_on(ON_TIME)).publish_due()
    await database.commit(lambda t: count(t, many("2026-Q4", 9)))
    await publishing(database, clock_on(ON_TIME + timedelta(days=92))).publish_due()
    pages = [read_page(each) for each in (await stored(database)).values()]
    assert [(page.total, page.tables) for page in pages] == [(None, ()), (None, ())]


async def test_no_page_of_another_key_is_believed(database: SqliteDatabase) -> None:
    await publishing(database, clock_on(ON_TIME)).publish_due()
    other = quarters_key(ServerKey(b"o" * 32, b"s" * 32)).verify_key
    with pytest.raises(AlteredQuarter):
        await PublicQuarters(database, other).get(Quarter.parse("2026-Q3"))


@pytest.mark.parametrize("bad", [{"k": 9}, {"k": 0}, {"after_days": 0}])
def test_no_rule_goes_below_the_floor(bad: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="at least 10"):
        FigureRules(**bad)  # type: ignore[arg-type]  # numbers only


async def test_tips_of_which_nothing_was_said_are_in_no_table(database: SqliteDatabase) -> None:
    """An older console ends tips uncounted: they have times only, so the times are of others."""
    first, uncounted = month("2026-Q3"), [(COUNTED, NO), ("acknowledged", "7"), ("ended", "30")]
    others = [Counter(Basis.ENDED, first, "khonkaen", *value, 3) for value in uncounted]

    def both(t: Transaction) -> None:
        count(t, [*many("2026-Q3"), *many("2026-Q3", category="land", ended="90")])
        FigureBook(KEY).add(t, others)

    await database.commit(both)
    await publishing(database, clock_on(ON_TIME)).publish_due()
    page = read_page((await stored(database))["2026-Q3"])
    assert page.total == 80
    assert {table.id for table in page.tables if table.cells is None} == {"ended", "acknowledged"}


async def test_a_record_that_cannot_be_read_is_no_small_number(database: SqliteDatabase) -> None:
    """What one centre's tips were about is lost: then it is not told of the others either."""
    await database.commit(lambda t: count(t, [*many("2026-Q3"), *many("2026-Q3", centre="loei")]))
    sql = "UPDATE figure_record SET sealed = ? WHERE centre = ?"
    await database.commit(lambda t: t.execute(sql, (b"damaged", "loei")))
    await publishing(database, clock_on(ON_TIME)).publish_due()
    page = read_page((await stored(database))["2026-Q3"])
    assert page.total == 80
    untold = {table.id for table in page.tables if table.cells is None}
    assert untold >= {"category", "teller", "result"}
    assert "centre" not in untold
