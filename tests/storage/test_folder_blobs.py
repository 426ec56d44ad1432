"""What the folder of blobs promises beyond the port."""

# ruff: noqa: ASYNC240  # these tests look at the folder while nothing else runs

import asyncio
import os
import stat
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sample_rows import an_id

from storage import FolderBlobs, Unavailable
from storage.blobs import midnight_s


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
async def store(folder: Path) -> AsyncIterator[FolderBlobs]:
    async with await FolderBlobs.open(folder) as opened:
        yield opened


async def test_times_say_the_day_and_no_more_also_after_reading(
    store: FolderBlobs, folder: Path
) -> None:
    blob_id = an_id()
    async with store.writing(blob_id) as out:
        await out.write(b"sealed")
        await out.keep()
    async for _ in store.read(blob_id):
        pass
    times = os.stat(folder / blob_id)
    assert times.st_mtime_ns % (86_400 * 10**9) == 0
    assert times.st_atime_ns == times.st_mtime_ns


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-23T16:59:59", "2026-11-23"),  # 23:59:59 in Thailand
        ("2026-11-23T17:00:00", "2026-11-24"),
        ("2026-11-23T23:59:59", "2026-11-24"),
        ("2026-11-24T00:00:00", "2026-11-24"),
    ],
)
def test_the_day_is_the_day_in_thailand(moment: str, day: str) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp()
    shown = datetime.fromtimestamp(midnight_s(at), UTC)
    assert shown.isoformat() == f"{day}T00:00:00+00:00"


async def test_only_the_owner_can_open_blobs(folder: Path) -> None:
    old = os.umask(0)
    try:
        async with await FolderBlobs.open(folder) as store, store.writing("a" * 32) as out:
            assert [
                stat.S_IMODE(os.stat(folder / name).st_mode) for name in os.listdir(folder)
            ] == [0o600]
            await out.keep()
        assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700
        assert stat.S_IMODE(os.stat(folder / ("a" * 32)).st_mode) == 0o600
    finally:
        os.umask(old)


async def test_opening_removes_what_a_crash_left_half_written(folder: Path) -> None:
    folder.mkdir()
    (folder / ("a" * 32)).write_bytes(b"kept")
    (folder / ("b" * 32 + ".half")).write_bytes(b"half")
    async with await FolderBlobs.open(folder) as store:
        assert await store.ids() == {"a" * 32}
    assert os.listdir(folder) == ["a" * 32]


async def test_kept_means_synced_file_then_name_then_folder(
    store: FolderBlobs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[str] = []
    real_sync, real_rename = os.fsync, os.rename

    def sync(file: int) -> None:
        happened.append(f"sync {Path(os.readlink(f'/proc/self/fd/{file}')).name}")
        real_sync(file)

    def rename(old: Path, new: Path) -> None:
        happened.append(f"rename {old.name} {new.name}")
        real_rename(old, new)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "rename", rename)
    async with store.writing("a" * 32) as out:
        await out.write(b"sealed")
        await out.keep()
        half = "a" * 32 + ".half"
        assert happened == [f"sync {half}", f"rename {half} {'a' * 32}", "sync blobs"]
    await store.destroy("a" * 32)
    assert happened[3:] == ["sync blobs"]


async def test_a_full_disk_is_said_and_leaves_nothing(
    store: FolderBlobs, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    async def upload(*, is_cut_off: bool) -> None:
        async with store.writing(an_id()) as out:
            for _ in range(2 if is_cut_off else 10):
                await out.write(bytes(200_000))
            if is_cut_off:
                raise ZeroDivisionError
            await out.keep()

    monkeypatch.setattr(os, "writev", full)
    with pytest.raises(Unavailable, match="No space"):
        await upload(is_cut_off=False)
    with pytest.raises(ZeroDivisionError):  # the first error stays the one that is seen
        await upload(is_cut_off=True)
    assert os.listdir(folder) == []


async def test_a_disk_that_takes_little_at_a_time_gets_every_byte(
    store: FolderBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    real_write = os.writev

    def a_little(file: int, pieces: list[bytes]) -> int:
        return real_write(file, [b"".join(pieces)[:700]])

    monkeypatch.setattr(os, "writev", a_little)
    pieces = [os.urandom(size) for size in (3, 0, 1_000, 64_000, *[5] * 1_300)]
    async with store.writing("a" * 32) as out:
        await out.write(*pieces[:4])
        for piece in pieces[4:]:
            await out.write(piece)
        assert await out.keep() == sum(map(len, pieces))
    assert b"".join([piece async for piece in store.read("a" * 32)]) == b"".join(pieces)


async def test_the_loop_goes_on_while_the_disk_works(
    store: FolderBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = threading.Event()
    real_sync = os.fsync

    def slow(file: int) -> None:
        assert gate.wait(5)
        real_sync(file)

    async def keep() -> None:
        async with store.writing(an_id()) as out:
            await out.keep()

    monkeypatch.setattr(os, "fsync", slow)
    task = asyncio.create_task(keep())
    await asyncio.sleep(0.02)
    assert not task.done()
    gate.set()
    await task
