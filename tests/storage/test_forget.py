"""The forget store: kept before told, gone before told, whatever moment the process dies at."""

# ruff: noqa: ASYNC240  # these tests look at the file while nothing else runs

import asyncio
import os
import stat
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import ForgetStore, InUse, Unavailable, forget
from storage.forget import HEADER, SLOT_BYTES, Kept


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "forget"


async def test_a_kept_key_is_there_after_reopening(path: Path) -> None:
    async with await ForgetStore.open(path) as store:
        kept = [await store.keep() for _ in range(5)]
    async with await ForgetStore.open(path) as store:
        assert store.ids() == {one.key_id for one in kept}
        assert [store.get(one.key_id) for one in kept] == [one.key for one in kept]
        assert store.get("0" * 32) is None


async def test_keys_and_ids_are_random_and_long(path: Path) -> None:
    async with await ForgetStore.open(path) as store:
        kept = await asyncio.gather(*(store.keep() for _ in range(100)))
    assert len({one.key for one in kept} | {one.key_id for one in kept}) == 200
    assert {(len(one.key), len(one.key_id)) for one in kept} == {(32, 32)}


async def test_a_destroyed_key_is_nowhere_in_the_file(path: Path) -> None:
    async with await ForgetStore.open(path) as store:
        kept = await asyncio.gather(*(store.keep() for _ in range(300)))
        gone, left = kept[:200], kept[200:]
        assert all(one.key in path.read_bytes() for one in kept)
        await store.destroy(*(one.key_id for one in gone))
        content = path.read_bytes()
        for one in gone:
            assert one.key not in content
            assert bytes.fromhex(one.key_id) not in content
            assert store.get(one.key_id) is None
        assert all(one.key in content for one in left)
    async with await ForgetStore.open(path) as store:
        assert store.ids() == {one.key_id for one in left}


async def test_destroying_twice_or_nothing_is_no_error(path: Path) -> None:
    async with await ForgetStore.open(path) as store:
        kept = await store.keep()
        await store.destroy(kept.key_id, kept.key_id, "0" * 32)
        await store.destroy(kept.key_id)
        await store.destroy()
        assert store.ids() == frozenset()


async def test_slots_are_used_again_and_do_not_tell_who_came_first(path: Path) -> None:
    async with await ForgetStore.open(path) as store:
        kept = [await store.keep() for _ in range(40)]
        size = path.stat().st_size
        content = path.read_bytes()
        places = [content.index(one.key) for one in kept]
        assert places not in (sorted(places), sorted(places, reverse=True))
        for one in kept:
            await store.destroy(one.key_id)
            await store.keep()
        assert path.stat().st_size == size


async def test_many_callers_share_one_sync_and_none_returns_before_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await ForgetStore.open(path) as store:
        old = await asyncio.gather(*(store.keep() for _ in range(32)))
        contents: list[bytes] = []
        monkeypatch.setattr(forget, "_sync", lambda _: contents.append(path.read_bytes()))
        kept = await asyncio.gather(*(store.keep() for _ in range(64)))
        await asyncio.gather(*(store.destroy(one.key_id) for one in old))
        assert len(contents) == 2
        assert all(one.key in contents[0] for one in kept)
        assert not any(one.key in contents[1] for one in old)


async def test_a_key_is_not_handed_out_while_the_sync_lasts(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await ForgetStore.open(path) as store:
        gate = threading.Event()
        monkeypatch.setattr(forget, "_sync", lambda _: gate.wait(5))
        keeping = asyncio.create_task(store.keep())
        await asyncio.sleep(0.02)  # and the loop is not blocked, or the gate would never open
        assert not keeping.done()
        assert store.ids() == frozenset()
        gate.set()
        assert (await keeping).key_id in store.ids()


@pytest.mark.parametrize("moment", ["waiting", "taken", "syncing"])
async def test_a_cancelled_keep_leaves_no_key(
    path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    async with await ForgetStore.open(path) as store:
        gate = threading.Event()
        with monkeypatch.context() as patched:
            if moment == "taken":
                store._thread.submit(gate.wait, 5)
            else:
                patched.setattr(forget, "_sync", lambda _: gate.wait(5))
            keeping = asyncio.create_task(store.keep())
            await asyncio.sleep(0 if moment == "waiting" else 0.02)
            keeping.cancel()
            with pytest.raises(asyncio.CancelledError):
                await keeping
            gate.set()
            await store.destroy("0" * 32)
        other = await store.keep()
        assert store.ids() == {other.key_id}
        assert _slots_in_use(path) == 1


async def test_a_cancelled_destroy_is_carried_out_with_the_next_sync(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await ForgetStore.open(path) as store:
        kept, gate = await store.keep(), threading.Event()
        with monkeypatch.context() as patched:
            patched.setattr(forget, "_sync", lambda _: gate.wait(5))
            busy = asyncio.create_task(store.keep())
            await asyncio.sleep(0.02)
            destroying = asyncio.create_task(store.destroy(kept.key_id))
            await asyncio.sleep(0)
            destroying.cancel()
            with pytest.raises(asyncio.CancelledError):
                await destroying
            gate.set()
            await busy
        await store.keep()
        assert kept.key not in path.read_bytes()


async def test_a_failing_disk_keeps_nothing_and_forgetting_can_be_asked_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: int) -> None:
        raise OSError(28, "No space left on device")

    async with await ForgetStore.open(path) as store:
        kept = await store.keep()
        with monkeypatch.context() as patched:
            patched.setattr(forget, "_sync", failing)
            with pytest.raises(Unavailable, match="No space"):
                await store.keep()
            with pytest.raises(Unavailable):
                await store.destroy(kept.key_id)
            assert store.get(kept.key_id) is None
        await store.destroy(kept.key_id)
        assert _slots_in_use(path) == 0
        again = await store.keep()
        assert store.ids() == {again.key_id}


@pytest.mark.parametrize("is_keeping", [True, False])
def test_a_slot_torn_at_any_byte_holds_no_key_and_is_cleaned(path: Path, is_keeping: bool) -> None:
    """A keep or a destroy of which only the first bytes, or only the last, reached the disk."""

    async def make() -> tuple[Kept, Kept]:
        async with await ForgetStore.open(path) as store:
            return await store.keep(), await store.keep()

    async def ids() -> frozenset[str]:
        async with await ForgetStore.open(path) as store:
            return store.ids()

    torn, other = asyncio.run(make())
    whole = path.read_bytes()
    start = whole.index(bytes.fromhex(torn.key_id))
    record, free = whole[start : start + SLOT_BYTES], bytes(SLOT_BYTES)
    old, new = (free, record) if is_keeping else (record, free)
    for cut in range(1, SLOT_BYTES):
        for half in (new[:cut] + old[cut:], old[:cut] + new[cut:]):
            path.write_bytes(whole[:start] + half + whole[start + SLOT_BYTES :])
            expected = {other.key_id} | ({torn.key_id} if half == record else set())
            assert asyncio.run(ids()) == expected
            if half != record:
                assert path.read_bytes()[start : start + SLOT_BYTES] == free


@given(cut=st.integers(0, 64 + 64 * 256), is_zeros=st.booleans())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_store_cut_off_while_it_was_made_opens(path: Path, cut: int, is_zeros: bool) -> None:
    path.write_bytes(bytes(cut) if is_zeros else (HEADER + bytes(64 * 256))[:cut])

    async def use() -> None:
        async with await ForgetStore.open(path) as store:
            kept = await store.keep()
        async with await ForgetStore.open(path) as store:
            assert store.ids() == {kept.key_id}

    asyncio.run(use())


async def test_a_foreign_file_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"somebody's diary" * 10)
    with pytest.raises(Unavailable, match="not a forget store"):
        await ForgetStore.open(path)
    assert path.read_bytes() == b"somebody's diary" * 10
    with pytest.raises(Unavailable):
        await ForgetStore.open(path / "below a file")


async def test_a_second_opener_is_refused_until_the_first_closes(path: Path) -> None:
    async with await ForgetStore.open(path) as store:
        kept = await store.keep()
        with pytest.raises(InUse):
            await ForgetStore.open(path)
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", KEEPER, path, stderr=asyncio.subprocess.PIPE
        )
        _, errors = await child.communicate()
        assert b"InUse" in errors
    async with await ForgetStore.open(path) as store:
        assert store.get(kept.key_id) == kept.key


async def test_only_the_owner_can_open_the_file(path: Path) -> None:
    old = os.umask(0)
    try:
        await (await ForgetStore.open(path)).close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    finally:
        os.umask(old)
    path.chmod(0o644)
    await (await ForgetStore.open(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_closed_store_refuses(path: Path) -> None:
    store = await ForgetStore.open(path)
    await store.close()
    await store.close()
    with pytest.raises(Unavailable):
        await store.keep()


def test_a_key_is_not_in_any_repr() -> None:
    kept = Kept("ab" * 16, b"a very secret key of thirty-two.")
    assert "secret" not in f"{kept!r} {kept}"


KEEPER = """
import asyncio, sys
from storage import ForgetStore

async def main():
    async with await ForgetStore.open(sys.argv[1]) as store:
        async def caller():
            while True:
                kept = await store.keep()
                print("kept", kept.key_id, kept.key.hex(), flush=True)
                if kept.key[0] % 2:
                    print("destroying", kept.key_id, kept.key.hex(), flush=True)
                    await store.destroy(kept.key_id)
                    print("destroyed", kept.key_id, kept.key.hex(), flush=True)
        await asyncio.gather(*(caller() for _ in range(8)))

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 17, 300])
async def test_a_killed_process_leaves_every_kept_key_and_no_destroyed_one(
    path: Path, lines: int
) -> None:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KEEPER, path, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    told = [await child.stdout.readline() for _ in range(lines)]
    child.kill()
    told += (await child.stdout.read()).splitlines(keepends=True)
    assert await child.wait() == -9
    keys: dict[str, dict[str, bytes]] = {"kept": {}, "destroying": {}, "destroyed": {}}
    for line in told:
        if line.endswith(b"\n"):
            word, key_id, key = line.decode().split()
            keys[word][key_id] = bytes.fromhex(key)
    async with await ForgetStore.open(path) as store:
        for key_id in keys["kept"].keys() - keys["destroying"].keys():
            assert store.get(key_id) == keys["kept"][key_id]
        content = path.read_bytes()
        for key_id, destroyed in keys["destroyed"].items():
            assert store.get(key_id) is None
            assert destroyed not in content


def _slots_in_use(path: Path) -> int:
    content = path.read_bytes()[len(HEADER) :]
    return sum(any(content[at : at + SLOT_BYTES]) for at in range(0, len(content), SLOT_BYTES))
