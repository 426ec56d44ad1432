"""Openings and hand-overs: each kept with an entry of the trail, and approved once."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sample_rows import TODAY, a_handover, an_id, an_opening, file_one

from sealing import Entry, Opens, read_entry
from storage import Database
from storage.port import Conflict
from storage.repositories import audit
from storage.repositories.handovers import HANDOVERS
from storage.repositories.openings import OPENINGS, OpeningRow
from storage.repositories.seconded import SecondedRow, SecondedTable

SECOND, SIGNED = an_id(), b"s" * 64
Make = Callable[..., Any]


def an_opened_original(tip_id: str, **given: Any) -> OpeningRow:
    return an_opening(tip_id, opens=Opens.ORIGINAL, part_id=an_id(), **given)


EACH = pytest.mark.parametrize(
    ("table", "make", "asker"),
    [
        (OPENINGS, an_opening, "opener"),
        (OPENINGS, an_opened_original, "opener"),
        (HANDOVERS, a_handover, "giver"),
    ],
)


async def kept(database: Database, table: SecondedTable[Any], row: SecondedRow) -> None:
    await database.commit(lambda t: table.add(t, row))


async def approved(database: Database, table: SecondedTable[Any], row: SecondedRow) -> None:
    await database.commit(
        lambda t: table.approve(t, row, SECOND, day=TODAY, signature=SIGNED, open_day=TODAY)
    )


async def trail(database: Database) -> list[Entry]:
    return [read_entry(each.data) for each in await database.read(audit.page)]


@EACH
async def test_it_comes_back_as_it_was_for_its_own_tip_in_the_order_of_the_reasons(
    database: Database, table: SecondedTable[Any], make: Make, asker: str
) -> None:
    tip, other = await database.commit(lambda t: (file_one(t), file_one(t)))
    first, later = make(tip.tip_id, seq=2, open_day=TODAY), make(tip.tip_id, seq=9)
    for row in (later, first):
        await kept(database, table, row)
    row_id = table.what(first)[table.columns[0]] or ""
    assert await database.read(lambda t: table.of_tip(t, tip.tip_id)) == (first, later)
    assert await database.read(lambda t: table.get(t, tip.tip_id, row_id)) == first
    assert await database.read(lambda t: table.get(t, other.tip_id, row_id)) is None
    assert await database.read(lambda t: table.of_tip(t, other.tip_id)) == ()
    with pytest.raises(Conflict):
        await kept(database, table, first)


@EACH
async def test_it_is_approved_once_and_the_trail_says_who_agreed_with_whom(
    database: Database, table: SecondedTable[Any], make: Make, asker: str
) -> None:
    tip = await database.commit(file_one)
    row = make(tip.tip_id)
    await kept(database, table, row)
    await approved(database, table, row)
    now = replace(row, open_day=TODAY, approved_by=SECOND, approved_day=TODAY, approval=SIGNED)
    assert await database.read(lambda t: table.of_tip(t, tip.tip_id)) == (now,)
    with pytest.raises(Conflict):
        await approved(database, table, row)
    what = {name: fact for name, fact in table.what(row).items() if fact is not None}
    done, agreed = await trail(database)
    assert (done.deed, done.officer, done.signature) == (table.name, row.officer, row.signature)
    assert done.facts == {
        **what, "reason_part_id": row.reason_part_id, "seq": row.seq, "day": TODAY,
    }  # fmt: skip
    assert (agreed.deed, agreed.officer, agreed.signature) == (table.approval, SECOND, SIGNED)
    assert agreed.facts == {**what, asker: row.officer, "day": TODAY}


@EACH
async def test_what_is_open_already_waits_for_nobody(
    database: Database, table: SecondedTable[Any], make: Make, asker: str
) -> None:
    tip = await database.commit(file_one)
    row = make(tip.tip_id, open_day=TODAY)
    await kept(database, table, row)
    with pytest.raises(Conflict):
        await approved(database, table, row)
    assert await database.read(lambda t: table.of_tip(t, tip.tip_id)) == (row,)
    assert len(await trail(database)) == 1
