"""Counters that only count, and periods that are said once."""

from dataclasses import replace

import pytest

from storage import Conflict, Database
from storage.repositories import figures
from storage.repositories.figures import Basis, Counter, Period

ONE = Counter(Basis.ENDED, "2026-10", "khonkaen", "result", "substantiated", 1)
SAID = Period(Basis.ENDED, "khonkaen", "2026-09", "2026-10", "{}")


async def counted(database: Database, first: str = "2026-01", last: str = "2026-12") -> list[int]:
    return [c.n for c in await database.read(lambda t: figures.read(t, Basis.ENDED, first, last))]


async def test_a_counter_grows_and_shrinks_and_nothing_is_no_counter(database: Database) -> None:
    await database.commit(lambda t: figures.add(t, [ONE, replace(ONE, n=4)]))
    assert await database.read(lambda t: figures.read(t, Basis.ENDED, "2026-10", "2026-10")) == (
        replace(ONE, n=5),
    )
    await database.commit(lambda t: figures.add(t, [replace(ONE, n=-5)]))
    assert await counted(database) == []


async def test_months_and_bases_are_apart(database: Database) -> None:
    others = [replace(ONE, month="2026-09"), replace(ONE, basis=Basis.FILED)]
    await database.commit(lambda t: figures.add(t, [ONE, *others]))
    assert await counted(database, "2026-10", "2026-10") == [1]
    assert await counted(database) == [1, 1]


async def test_no_counter_comes_to_less_than_nothing(database: Database) -> None:
    with pytest.raises(Conflict):
        await database.commit(lambda t: figures.add(t, [replace(ONE, n=-1)]))
    await database.commit(lambda t: figures.add(t, [ONE]))
    with pytest.raises(Conflict):
        await database.commit(lambda t: figures.add(t, [replace(ONE, n=-2)]))
    assert await counted(database) == [1]


async def test_a_period_is_said_once(database: Database) -> None:
    await database.commit(lambda t: figures.add_period(t, SAID))
    with pytest.raises(Conflict):
        await database.commit(lambda t: figures.add_period(t, replace(SAID, said="[]")))
    found = await database.read(
        lambda t: figures.periods(t, Basis.ENDED, ["khonkaen", "loei"], "2026-10", "2026-12")
    )
    assert found == (SAID,)


@pytest.mark.parametrize(
    ("first", "last", "is_there"),
    [
        ("2026-08", "2026-08", False),
        ("2026-08", "2026-09", True),
        ("2026-10", "2026-10", True),
        ("2026-11", "2027-01", False),
    ],
)
async def test_a_period_is_found_where_it_reaches_into(
    database: Database, first: str, last: str, is_there: bool
) -> None:
    await database.commit(lambda t: figures.add_period(t, SAID))
    found = await database.read(
        lambda t: figures.periods(t, Basis.ENDED, ["khonkaen"], first, last)
    )
    assert bool(found) is is_there


async def test_it_is_known_up_to_when_all_was_said(database: Database) -> None:
    later = replace(SAID, first="2026-11", last="2026-11")
    elsewhere = replace(SAID, centre="loei", last="2026-09")
    await database.commit(
        lambda t: [figures.add_period(t, each) for each in (SAID, later, elsewhere)]
    )
    ends = await database.read(lambda t: figures.ends(t, Basis.ENDED))
    assert ends == {"khonkaen": "2026-11", "loei": "2026-09"}
    assert await database.read(lambda t: figures.ends(t, Basis.FILED)) == {}
