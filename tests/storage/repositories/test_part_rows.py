"""Parts: a chain that only grows at its end, and tombstones that keep their place."""

import asyncio
from dataclasses import replace

import pytest
from sample_rows import a_chain, a_part, an_id

from storage import Conflict, Database, Misuse
from storage.repositories import parts
from storage.repositories.originals import Gone
from storage.repositories.parts import NO_PREVIOUS, ChainMoved, Head, PartRow


async def told(database: Database, tip_id: str, length: int) -> list[PartRow]:
    chain = a_chain(tip_id, length)
    for part, previous in chain:
        await database.commit(lambda t, p=part, h=previous: parts.append(t, p, previous=h))
    return [part for part, _ in chain]


async def test_a_chain_comes_back_in_order_and_whole(database: Database) -> None:
    tip_id, other = an_id(), an_id()
    chain = await told(database, tip_id, 12)
    await told(database, other, 2)
    assert await database.read(lambda t: parts.chain(t, tip_id)) == tuple(chain)
    assert await database.read(lambda t: parts.head(t, tip_id)) == Head(12, chain[-1].hash)
    assert await database.read(lambda t: parts.head(t, an_id())) == Head(0, NO_PREVIOUS)
    full = a_part(tip_id, 13, blob_id=an_id(), officer=an_id(), signature=bytes(64))
    await database.commit(lambda t: parts.append(t, full, previous=chain[-1].hash))
    assert await database.read(lambda t: parts.get(t, tip_id, full.part_id)) == full


@pytest.mark.parametrize("seq", [0, 1, 2, 4, 5])
async def test_a_part_that_is_not_the_next_one_is_refused(database: Database, seq: int) -> None:
    tip_id = an_id()
    chain = await told(database, tip_id, 2)
    for previous in (chain[-1].hash, chain[0].hash, NO_PREVIOUS):
        with pytest.raises(ChainMoved) as caught:
            await database.commit(
                lambda t, h=previous: parts.append(t, a_part(tip_id, seq), previous=h)
            )
        assert caught.value.head == Head(2, chain[-1].hash)


async def test_a_part_that_names_another_previous_is_refused(database: Database) -> None:
    tip_id = an_id()
    chain = await told(database, tip_id, 2)
    for previous in (chain[0].hash, NO_PREVIOUS, b""):
        with pytest.raises(ChainMoved):
            await database.commit(
                lambda t, h=previous: parts.append(t, a_part(tip_id, 3), previous=h)
            )
    assert await database.read(lambda t: parts.chain(t, tip_id)) == tuple(chain)


async def test_of_many_parts_that_race_for_one_place_one_wins(database: Database) -> None:
    tip_id = an_id()
    outcomes = await asyncio.gather(
        *(
            database.commit(lambda t: parts.append(t, a_part(tip_id), previous=NO_PREVIOUS))
            for _ in range(16)
        ),
        return_exceptions=True,
    )
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, ChainMoved) for outcome in outcomes) == 15


async def test_a_part_id_is_used_once(database: Database) -> None:
    part = a_part(an_id())
    await database.commit(lambda t: parts.append(t, part, previous=NO_PREVIOUS))
    again = replace(part, tip_id=an_id())
    with pytest.raises(Conflict):
        await database.commit(lambda t: parts.append(t, again, previous=NO_PREVIOUS))


async def test_a_part_without_bytes_or_hash_is_refused(database: Database) -> None:
    for broken in (a_part(an_id(), hash=b"short"), replace(a_part(an_id()), sealed=None)):
        with pytest.raises(Misuse):
            await database.commit(lambda t, p=broken: parts.append(t, p, previous=NO_PREVIOUS))


async def test_a_tombstone_keeps_its_place_and_hash_and_nothing_else(database: Database) -> None:
    tip_id, blob_id = an_id(), an_id()
    first = a_part(tip_id, blob_id=blob_id)
    second = a_part(tip_id, 2)
    await database.commit(lambda t: parts.append(t, first, previous=NO_PREVIOUS))
    await database.commit(lambda t: parts.append(t, second, previous=first.hash))
    found = await database.read(lambda t: parts.with_blob(t, tip_id, blob_id))
    assert found == first

    async def tombstone() -> Gone:
        return await database.commit(lambda t: parts.tombstone(t, tip_id, first.part_id))

    assert await tombstone() == Gone((blob_id,))
    assert await tombstone() == Gone()
    chain = await database.read(lambda t: parts.chain(t, tip_id))
    assert chain == (replace(first, sealed=None, blob_id=None), second)
    assert [part.is_tombstone for part in chain] == [True, False]
    third = a_part(tip_id, 3)
    await database.commit(lambda t: parts.append(t, third, previous=second.hash))


async def test_a_part_of_another_tip_is_out_of_reach(database: Database) -> None:
    tip_id, other = an_id(), an_id()
    part = a_part(tip_id, blob_id=an_id())
    await database.commit(lambda t: parts.append(t, part, previous=NO_PREVIOUS))
    assert await database.read(lambda t: parts.get(t, other, part.part_id)) is None
    assert await database.read(lambda t: parts.with_blob(t, other, part.blob_id or "")) is None
    assert await database.commit(lambda t: parts.tombstone(t, other, part.part_id)) == Gone()
    assert await database.read(lambda t: parts.get(t, tip_id, part.part_id)) == part


async def test_a_discarded_chain_is_gone_and_names_its_blobs(database: Database) -> None:
    tip_id, blobs = an_id(), [an_id(), an_id()]
    previous = NO_PREVIOUS
    for seq, blob_id in enumerate([*blobs, None], start=1):
        part = a_part(tip_id, seq, blob_id=blob_id)
        await database.commit(lambda t, p=part, h=previous: parts.append(t, p, previous=h))
        previous = part.hash
    (other,) = await told(database, an_id(), 1)
    assert await database.read(parts.blob_ids) == set(blobs)
    gone = await database.commit(lambda t: parts.remove_all(t, tip_id))
    assert set(gone.blobs) == set(blobs)
    assert await database.read(lambda t: parts.chain(t, tip_id)) == ()
    assert await database.read(lambda t: parts.chain(t, other.tip_id)) == (other,)
    assert await database.read(parts.blob_ids) == frozenset()
