"""Originals: a row while it is undecided, and as long as a kept file has one."""

import pytest
from sample_rows import TODAY, a_part, an_id

from storage import Database
from storage.repositories import keys, originals, parts
from storage.repositories.originals import Gone, OriginalRow
from storage.repositories.parts import NO_PREVIOUS

TIP, OTHER = an_id(), an_id()


async def told(database: Database, *, has_blob: bool) -> OriginalRow:
    part = a_part(an_id(), blob_id=an_id() if has_blob else None)
    blob_id = an_id() if has_blob else None
    row = OriginalRow(part.part_id, part.tip_id, TODAY, blob_id, an_id())
    await database.commit(lambda t: parts.append(t, part, previous=NO_PREVIOUS))
    await database.commit(lambda t: originals.add(t, row))
    return row


async def test_an_undecided_original_keeps_its_key_and_its_blob_in_use(database: Database) -> None:
    row = await told(database, has_blob=True)
    assert await database.read(lambda t: originals.get(t, row.tip_id, row.part_id)) == row
    assert await database.read(keys.in_use) == {row.key_id}
    assert await database.read(lambda t: originals.with_blob(t, row.tip_id)) == {row.part_id}
    assert row.blob_id in await database.read(parts.blob_ids)
    assert (
        await database.read(lambda t: originals.kept_of(t, row.tip_id, row.blob_id or "")) is None
    )


async def test_a_kept_file_gives_up_its_key_and_keeps_its_blob(database: Database) -> None:
    row = await told(database, has_blob=True)
    gone = await database.commit(lambda t: originals.keep(t, row.tip_id, row.part_id))
    assert gone == Gone(keys=(row.key_id or "",))
    assert await database.read(keys.in_use) == frozenset()
    found = await database.read(lambda t: originals.kept_of(t, row.tip_id, row.blob_id or ""))
    assert found == row.part_id
    assert await database.read(lambda t: originals.kept_of(t, OTHER, row.blob_id or "")) is None
    again = await database.commit(lambda t: originals.keep(t, row.tip_id, row.part_id))
    assert again == Gone()


@pytest.mark.parametrize("way", [originals.drop, parts.tombstone])
async def test_a_dropped_original_gives_up_both(database: Database, way: object) -> None:
    assert callable(way)
    row = await told(database, has_blob=True)
    gone = await database.commit(lambda t: way(t, row.tip_id, row.part_id))
    assert row.blob_id in gone.blobs
    assert gone.keys == (row.key_id,)
    assert await database.read(lambda t: originals.get(t, row.tip_id, row.part_id)) is None


async def test_kept_words_leave_no_row(database: Database) -> None:
    row = await told(database, has_blob=False)
    gone = await database.commit(lambda t: originals.keep(t, row.tip_id, row.part_id))
    assert gone == Gone(keys=(row.key_id or "",))
    assert await database.read(lambda t: originals.get(t, row.tip_id, row.part_id)) is None


async def test_a_discarded_chain_gives_up_its_originals(database: Database) -> None:
    row, other = await told(database, has_blob=True), await told(database, has_blob=True)
    gone = await database.commit(lambda t: parts.remove_all(t, row.tip_id))
    assert row.blob_id in gone.blobs
    assert gone.keys == (row.key_id,)
    assert await database.read(keys.in_use) == {other.key_id}


async def test_an_original_of_another_tip_is_out_of_reach(database: Database) -> None:
    row = await told(database, has_blob=True)
    for way in (originals.keep, originals.drop):
        assert await database.commit(lambda t, w=way: w(t, OTHER, row.part_id)) == Gone()
    assert await database.read(lambda t: originals.get(t, row.tip_id, row.part_id)) == row


async def test_what_nobody_decided_in_time_is_dropped_and_what_was_kept_stays(
    database: Database,
) -> None:
    row, kept = await told(database, has_blob=True), await told(database, has_blob=True)
    await database.commit(lambda t: originals.keep(t, kept.tip_id, kept.part_id))
    assert await database.commit(lambda t: originals.drop_undecided(t, TODAY, 9)) == Gone()
    gone = await database.commit(lambda t: originals.drop_undecided(t, "2026-11-24", 9))
    assert gone == Gone((row.blob_id or "",), (row.key_id or "",))
    found = await database.read(lambda t: originals.kept_of(t, kept.tip_id, kept.blob_id or ""))
    assert found == kept.part_id
