"""What every twin of the BlobStore port must do."""

import asyncio
import os
import tracemalloc

import pytest
from sample_rows import an_id

from storage import BlobStore, Conflict, Missing, Misuse


async def content(blobs: BlobStore, blob_id: str) -> bytes:
    return b"".join([piece async for piece in blobs.read(blob_id)])


@pytest.mark.parametrize("size", [0, 1, 262_143, 262_144, 262_145, 900_000])
async def test_a_kept_blob_is_read_back_whole(blobs: BlobStore, size: int) -> None:
    data, blob_id = os.urandom(size), an_id()
    async with blobs.writing(blob_id) as out:
        for at in range(0, size, 65_552):
            await out.write(data[at : at + 65_552])
        assert await out.keep() == size
    assert await blobs.size(blob_id) == size
    assert await content(blobs, blob_id) == data
    assert await blobs.ids() == {blob_id}


async def test_a_blob_given_in_one_large_piece_is_the_same(blobs: BlobStore) -> None:
    data, blob_id = os.urandom(3_000_001), an_id()
    async with blobs.writing(blob_id) as out:
        await out.write(data)
        await out.keep()
    assert await content(blobs, blob_id) == data


@pytest.mark.parametrize("size", [0, 10, 2_000_000])
async def test_what_is_not_kept_leaves_nothing(blobs: BlobStore, size: int) -> None:
    blob_id = an_id()
    async with blobs.writing(blob_id) as out:
        await out.write(bytes(size))

    async def fail() -> None:
        async with blobs.writing(blob_id) as out:
            await out.write(bytes(size))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await blobs.ids() == frozenset()
    with pytest.raises(Missing):
        await blobs.size(blob_id)
    async with blobs.writing(blob_id) as out:  # and the id is free
        await out.keep()


async def test_a_cancelled_upload_leaves_nothing(blobs: BlobStore) -> None:
    async def upload(begun: asyncio.Event, blob_id: str) -> None:
        async with blobs.writing(blob_id) as out:
            while True:
                await out.write(os.urandom(100_000))
                begun.set()

    for delay_s in (0, 0, 0.001, 0.005):
        begun = asyncio.Event()
        task = asyncio.create_task(upload(begun, an_id()))
        if delay_s:
            await begun.wait()
        await asyncio.sleep(delay_s)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await blobs.ids() == frozenset()


async def test_a_keep_cancelled_on_the_way_keeps_or_leaves_nothing(blobs: BlobStore) -> None:
    async def upload(blob_id: str) -> None:
        async with blobs.writing(blob_id) as out:
            await out.write(bytes(1000))
            await out.keep()

    for turns in range(12):
        blob_id = an_id()
        task = asyncio.create_task(upload(blob_id))
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        outcome = (await asyncio.gather(task, return_exceptions=True))[0]
        is_there = blob_id in await blobs.ids()
        assert is_there == (outcome is None)


async def test_no_blob_is_written_over(blobs: BlobStore) -> None:
    blob_id = an_id()
    async with blobs.writing(blob_id) as out:
        with pytest.raises(Conflict):
            async with blobs.writing(blob_id):
                raise AssertionError("two writers")
        await out.write(b"first")
        await out.keep()
    with pytest.raises(Conflict):
        async with blobs.writing(blob_id) as out:
            raise AssertionError("written over")
    assert await content(blobs, blob_id) == b"first"


async def test_a_kept_blob_takes_no_more(blobs: BlobStore) -> None:
    blob_id = an_id()
    async with blobs.writing(blob_id) as out:
        await out.keep()
        await out.write(b"more")
        with pytest.raises(Misuse):
            await out.keep()
    assert await blobs.size(blob_id) == 0


@pytest.mark.parametrize(
    "blob_id",
    ["", "..", "../" + "a" * 29, "A" * 32, "a" * 31, "a" * 33, "a" * 31 + "/", "a" * 32 + "\n"],
)
async def test_only_an_id_is_an_id(blobs: BlobStore, blob_id: str) -> None:
    with pytest.raises(Misuse):
        async with blobs.writing(blob_id):
            raise AssertionError("not an id")
    with pytest.raises(Missing):
        await blobs.size(blob_id)
    with pytest.raises(Missing):
        await content(blobs, blob_id)
    with pytest.raises(Missing):
        await blobs.destroy(blob_id)


async def test_destroyed_blobs_are_gone_and_others_stay(blobs: BlobStore) -> None:
    ids = [an_id() for _ in range(5)]
    for blob_id in ids:
        async with blobs.writing(blob_id) as out:
            await out.write(blob_id.encode())
            await out.keep()
    await blobs.destroy(ids[0], ids[1], an_id())
    await blobs.destroy(ids[0])
    await blobs.destroy()
    assert await blobs.ids() == set(ids[2:])
    with pytest.raises(Missing):
        await content(blobs, ids[0])
    assert await content(blobs, ids[4]) == ids[4].encode()


async def test_a_blob_destroyed_while_it_is_read_is_missing(blobs: BlobStore) -> None:
    blob_id = an_id()
    async with blobs.writing(blob_id) as out:
        await out.write(bytes(1_000_000))
        await out.keep()
    reading = blobs.read(blob_id)
    assert await anext(reading)
    await blobs.destroy(blob_id)
    with pytest.raises(Missing):
        await anext(reading)


async def test_memory_does_not_grow_with_the_blob(blobs: BlobStore) -> None:
    piece, blob_id = os.urandom(65_536), an_id()
    tracemalloc.start()
    try:
        async with blobs.writing(blob_id) as out:
            for _ in range(320):  # 20 MiB
                await out.write(piece)
            await out.keep()
        async for _ in blobs.read(blob_id):
            pass
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 3 * 1024 * 1024
