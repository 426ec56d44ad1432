"""What tips were about is counted in sealed records: as long whatever they count, and nobody's who
has the database alone."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.figures.book import FigureBook
from bot.figures.measures import shipped_measures
from bot.server_key import ServerKey
from sealing.counts import MEASURES
from storage import Conflict, SqliteDatabase
from storage.repositories import figures
from storage.repositories.figures import COUNTED, YES, Basis, Counter
from tests.bot.counters import a_book

ONE = Counter(Basis.ENDED, "2026-10", "khonkaen", "result", "substantiated", 1)
OPEN = replace(ONE, measure=COUNTED, value=YES)


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "database") as database:
        yield database


async def added(database: SqliteDatabase, book: FigureBook, *counters: Counter) -> bytes:
    """The sealed record afterwards."""
    await database.commit(lambda t: book.add(t, counters))
    found = await database.read(lambda t: figures.record(t, "2026-10", "khonkaen"))
    return found or b""


async def read(database: SqliteDatabase, book: FigureBook) -> tuple[Counter, ...]:
    return await database.read(lambda t: book.read(t, Basis.ENDED, "2026-01", "2026-12"))


async def test_what_was_added_is_read_in_order(sqlite: SqliteDatabase) -> None:
    book, elsewhere = a_book(), replace(ONE, centre="aaa", n=3)
    await added(sqlite, book, ONE, OPEN, elsewhere, ONE)
    assert await read(sqlite, book) == (elsewhere, OPEN, replace(ONE, n=2))
    await added(sqlite, book, replace(ONE, n=-2))
    assert await read(sqlite, book) == (elsewhere, OPEN)


async def test_a_record_is_as_long_and_as_new_whatever_it_counts(sqlite: SqliteDatabase) -> None:
    book = a_book()
    records = [await added(sqlite, book, ONE)]
    records.append(await added(sqlite, book, replace(ONE, n=0)))
    everything = [
        replace(ONE, measure=measure, value=value, n=999_999_999)
        for measure in MEASURES
        for value in shipped_measures().values[measure]
        if (measure, value) != ("result", "substantiated")
    ]
    records.append(await added(sqlite, book, *everything))
    assert len({len(record) for record in records}) == 1
    assert len({*records}) == 3


async def test_with_the_database_alone_nothing_of_it_is_read(sqlite: SqliteDatabase) -> None:
    sealed = await added(sqlite, a_book(), ONE)
    assert b"substantiated" not in sealed
    assert await sqlite.read(lambda t: figures.read(t, Basis.ENDED, "", "9999-12")) == ()
    assert await read(sqlite, FigureBook(ServerKey.generate())) == ()


async def test_a_record_opens_in_its_own_place_only(sqlite: SqliteDatabase) -> None:
    book = a_book()
    sealed = await added(sqlite, book, ONE)
    await sqlite.commit(lambda t: figures.put_record(t, "2026-10", "loei", sealed))
    await sqlite.commit(lambda t: figures.put_record(t, "2026-09", "khonkaen", sealed))
    assert await read(sqlite, book) == (ONE,)


@pytest.mark.parametrize("spoilt", [b"", b"\x01", b"\xff" * 2000, bytes(3000)])
async def test_a_record_that_does_not_open_is_begun_anew(
    sqlite: SqliteDatabase, spoilt: bytes
) -> None:
    book = a_book()
    await added(sqlite, book, ONE, ONE)
    await sqlite.commit(lambda t: figures.put_record(t, "2026-10", "khonkaen", spoilt))
    assert await read(sqlite, book) == ()
    await added(sqlite, book, ONE)
    assert await read(sqlite, book) == (ONE,)


async def test_nothing_comes_to_less_than_nothing(sqlite: SqliteDatabase) -> None:
    book = a_book()
    for counters in ([replace(ONE, n=-1)], [OPEN, ONE, replace(ONE, n=-2)]):
        with pytest.raises(Conflict):
            await added(sqlite, book, *counters)
    assert await read(sqlite, book) == ()
