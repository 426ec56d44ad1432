"""One page of the desk's queue: does it cost the same with a hundred times as many tips?

Rows are written by SQL straight into the file, as large as real ones, all of them one officer's;
their sealed bytes are the same few over and over, because nobody here opens them. Read through
the desk's own views, and once more through the statements alone.
"""

import os
import sqlite3
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.measuring import Beside, side_by_side, took
from bench.rows import Row
from bench.sizes import Sizes
from bot.desk.views import Views
from sealing import Officer, OfficerKeys, Role, Roster
from sealing.age import PQIdentity
from storage import SqliteDatabase
from storage.repositories import queue
from storage.repositories.tips import Status

GOAL = 1.5
PAGE = 50
CENTRE = "khon-kaen"
PUBLIC_KEY, GRANT, PART = (os.urandom(size) for size in (1216, 2750, 2750))
BATCH = 1000
FIRST_DAY = date(2026, 11, 23)
DAYS = 700


async def rows(sizes: Sizes) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="saisaat-bench-") as name:
        began_s = time.perf_counter()
        async with (
            _desk(Path(name) / "few.db", sizes.few_tips) as few,
            _desk(Path(name) / "many.db", sizes.many_tips) as many,
        ):
            set_up_s = time.perf_counter() - began_s
            by_views = await _compare(few.first, many.first, sizes.page_reads)
            deep = await _compare(few.middle, many.middle, sizes.page_reads)
            by_sql = await _compare(few.by_sql, many.by_sql, sizes.page_reads)
    much = f"{sizes.many_tips:,} tips"
    note = f"floor: {sizes.few_tips:,} tips; set-up {set_up_s:.0f} s"
    return [
        _row(f"first page of the queue, {much} (CPU)", by_views, note),
        _row(f"a page in its middle, {much} (CPU)", deep),
        _row(f"first page by SQL alone, {much} (CPU)", by_sql),
    ]


def _row(what: str, found: Beside, note: str = "") -> Row:
    ratio = 1 / found.cpu_ratio
    return Row(
        "queue", what, found.real.cpu_s * 1000, "ms", found.floor.cpu_s * 1000, ratio,
        f"≤ {GOAL}", ratio <= GOAL, note,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Desk:
    """The desk on one database, and the three ways to read a page of it."""

    database: SqliteDatabase
    views: Views
    officer: Officer
    middle_at: str

    async def first(self) -> None:
        await self._page(None)

    async def middle(self) -> None:
        await self._page(self.middle_at)

    async def by_sql(self) -> None:
        page = await self.database.read(lambda t: queue.page(t, self.officer.id, limit=PAGE))
        _check(len(page.listings))

    async def _page(self, after: str | None) -> None:
        page = await self.views.queue(self.officer, after, PAGE, None)
        _check(len(page.model_dump_json()) and len(page.tips))


def _check(tips_shown: int) -> None:
    if not tips_shown:
        raise AssertionError("an empty page measures nothing")


async def _compare(
    few: Callable[[], Awaitable[None]], many: Callable[[], Awaitable[None]], reads: int
) -> Beside:
    """Reading one page of each, in turn; the first reads warm the caches."""
    for read in (few, many) * 3:
        await read()
    return await side_by_side(reads, lambda: took(many()), lambda: took(few()))


@asynccontextmanager
async def _desk(path: Path, many: int) -> AsyncIterator[_Desk]:
    async with await SqliteDatabase.open(path):
        pass  # the migrations
    keys = OfficerKeys.generate("Officer")
    officer = Officer(
        keys.name, keys.age.recipient, keys.sign.verify_key, (Role.OFFICER,), (CENTRE,)
    )
    _fill(path, officer.id, many)
    recovery = PQIdentity.generate().recipient
    roster = Roster(1, "2026-11-01", "2027-11-01", recovery, (officer,))
    async with await SqliteDatabase.open(path) as database:
        middle = (FIRST_DAY - timedelta(days=min(many, DAYS) // 2)).isoformat()
        views = Views(database, lambda: roster)
        yield _Desk(database, views, officer, f"{middle}.{'8' * 32}")


def _fill(path: Path, officer: str, many: int) -> None:
    """Write *many* tips with one part and one grant each. Nothing is synced: it is a bench."""
    connection = sqlite3.connect(path)
    try:
        for pragma in ("synchronous=OFF", "journal_mode=OFF", "cache_size=-65536"):
            connection.execute(f"PRAGMA {pragma}")
        for first in range(0, many, BATCH):
            several = list(_tips(first, min(BATCH, many - first)))
            for table, made in _rows_of(several, officer).items():
                columns, values = next(iter(made)), [tuple(each.values()) for each in made]
                holes = ", ".join("?" * len(columns))
                connection.executemany(
                    f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({holes})",  # noqa: S608  # ours
                    values,
                )
        connection.commit()
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        connection.close()


def _tips(first: int, many: int) -> Iterator[tuple[str, str, str]]:
    """Ids, days and statuses of some tips, spread evenly."""
    statuses = tuple(Status)
    for nth in range(first, first + many):
        day = (FIRST_DAY - timedelta(days=nth % DAYS)).isoformat()
        yield os.urandom(16).hex(), day, statuses[nth % len(statuses)].value


def _rows_of(
    several: list[tuple[str, str, str]], officer: str
) -> dict[str, list[dict[str, str | int | bytes | None]]]:
    return {
        "tip": [_tip(tip_id, day, status) for tip_id, day, status in several],
        "tip_grant": [_grant(tip_id, day, status, officer) for tip_id, day, status in several],
        "part": [_part(tip_id, day) for tip_id, day, _ in several],
    }


def _tip(tip_id: str, day: str, status: str) -> dict[str, str | int | bytes | None]:
    return {
        "tip_id": tip_id,
        "locator": os.urandom(32),
        "centre": CENTRE,
        "status": status,
        "status_day": day,
        "filed_day": day,
        "version": 1,
        "claimed_by": None,
        "no_contact": 0,
        "receipt_grant_id": os.urandom(16).hex(),
        "case_recipient": PUBLIC_KEY,
        "reply_recipient": PUBLIC_KEY,
        "receipt_grant": GRANT,
    }


def _grant(tip_id: str, day: str, status: str, officer: str) -> dict[str, str | int | bytes | None]:
    return {
        "grant_id": os.urandom(16).hex(),
        "tip_id": tip_id,
        "officer": officer,
        "centre": CENTRE,
        "released": 1,
        "status": status,
        "filed_day": day,
        "granted_by": "server",
        "signature": None,
        "sealed": GRANT,
    }


def _part(tip_id: str, day: str) -> dict[str, str | int | bytes | None]:
    return {
        "part_id": os.urandom(16).hex(),
        "tip_id": tip_id,
        "seq": 1,
        "hash": os.urandom(32),
        "sealed_to": "case",
        "author": "reporter",
        "kind": "words",
        "day": day,
        "size_class": len(PART),
        "sealed": PART,
    }
