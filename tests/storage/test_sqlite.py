"""What the SQLite twin promises beyond the port: durability, privacy of its files, one sync."""

import asyncio
import logging
import os
import random
import sqlite3
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sample_rows import a_conversation, a_line, an_id

from storage import Misuse, SqliteDatabase, Transaction, Unavailable
from storage.repositories import conversations, outbox, seen, settings

CANARY = "a-canary-nobody-may-see"


def putting(name: str, value: str = "1") -> Callable[[Transaction], None]:
    return lambda t: settings.put(t, name, value)


async def test_sixty_four_callers_share_one_commit(sqlite: SqliteDatabase) -> None:
    statements: list[str] = []
    await sqlite._connections[0].set_trace_callback(statements.append)
    before = sqlite.commits
    await asyncio.gather(*(sqlite.commit(putting(f"{n}")) for n in range(64)))
    assert sqlite.commits - before == statements.count("COMMIT") <= 2
    assert statements.count("SAVEPOINT work") == 64


async def test_callers_that_keep_coming_share_commits(sqlite: SqliteDatabase) -> None:
    async def caller() -> None:
        for _ in range(20):
            await sqlite.commit(lambda t: seen.mark(t, os.urandom(16), "2026-11-23"))

    before = sqlite.commits
    await asyncio.gather(*(caller() for _ in range(64)))
    assert sqlite.commits - before <= 64 * 20 / 8


@pytest.mark.parametrize(
    ("pragma", "value"),
    [
        ("journal_mode", "wal"),
        ("synchronous", 2),  # FULL
        ("secure_delete", 1),  # ON, not FAST
        ("foreign_keys", 1),
        ("temp_store", 2),  # MEMORY
        ("mmap_size", 0),
        ("auto_vacuum", 0),
        ("page_size", 4096),
    ],
)
async def test_every_connection_has_the_settings_that_promises_rest_on(
    sqlite: SqliteDatabase, pragma: str, value: str | int
) -> None:
    for connection in sqlite._connections:
        answer = await connection.run(lambda raw: raw.execute(f"PRAGMA {pragma}").fetchall())
        # A connection that never maps anything answers mmap_size with 0 or with nothing.
        assert answer in ([(value,)], [] if value == 0 else None)


async def test_only_the_owner_can_open_the_files(tmp_path: Path) -> None:
    path = tmp_path / "saisaat.db"
    path.touch(0o644)
    path.chmod(0o644)
    old = os.umask(0)
    try:
        async with await SqliteDatabase.open(path) as database:
            await database.commit(putting("n"))
            modes = {
                name: stat.S_IMODE(os.stat(tmp_path / name).st_mode)
                for name in os.listdir(tmp_path)
            }
    finally:
        os.umask(old)
    assert modes == dict.fromkeys(["saisaat.db", "saisaat.db-wal", "saisaat.db-shm"], 0o600)


async def test_a_locked_database_is_unavailable_and_then_serves_again(
    sqlite: SqliteDatabase, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "saisaat.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        outcomes = await asyncio.gather(
            *(sqlite.commit(lambda t, n=n: settings.put(t, f"{n}", "1")) for n in range(3)),
            return_exceptions=True,
        )
        assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
        other.execute("ROLLBACK")
    finally:
        other.close()
    await sqlite.commit(lambda t: settings.put(t, "later", "1"))
    assert await sqlite.read(lambda t: t.rows("SELECT name FROM setting")) == [("later",)]


async def test_truncating_says_when_a_foreign_reader_prevents_it(
    sqlite: SqliteDatabase, tmp_path: Path
) -> None:
    await sqlite.commit(lambda t: settings.put(t, "n", "1"))
    other = sqlite3.connect(tmp_path / "saisaat.db", isolation_level=None)
    try:
        other.execute("BEGIN")
        other.execute("SELECT * FROM setting").fetchall()
        await sqlite.commit(lambda t: settings.put(t, "n", "2"))
        with pytest.raises(Unavailable):
            await sqlite.truncate_log()
    finally:
        other.close()
    await sqlite.truncate_log()
    assert (tmp_path / "saisaat.db-wal").stat().st_size == 0


async def test_a_full_disk_loses_nothing_acknowledged_and_halves_nothing(
    sqlite: SqliteDatabase,
) -> None:
    def both(t: Transaction, n: int, size: int) -> None:
        settings.put(t, f"a{n}", "x" * size)
        settings.put(t, f"b{n}", "x" * size)

    await sqlite.commit(lambda t: both(t, 0, 10))
    await sqlite._connections[0].run(lambda raw: raw.execute("PRAGMA max_page_count=60").fetchall())
    sizes = dict(enumerate([100, 50_000, 100, 400_000, 100, 50_000, 100], start=1))
    outcomes = await asyncio.gather(
        *(sqlite.commit(lambda t, n=n: both(t, n, sizes[n])) for n in sizes),
        return_exceptions=True,
    )
    assert isinstance(outcomes[2 + 1], Unavailable)
    names = {name for (name,) in await sqlite.read(lambda t: t.rows("SELECT name FROM setting"))}
    for n, outcome in zip(sizes, outcomes, strict=True):
        assert outcome is None or isinstance(outcome, Unavailable)
        assert {f"a{n}", f"b{n}"} & names == ({f"a{n}", f"b{n}"} if outcome is None else set())
    await sqlite._connections[0].run(
        lambda raw: raw.execute("PRAGMA max_page_count=9999").fetchall()
    )
    await sqlite.commit(lambda t: both(t, 9, 400_000))


@pytest.mark.parametrize("is_swallowed", [False, True])
async def test_a_transaction_that_sqlite_drops_takes_its_whole_group_along(
    sqlite: SqliteDatabase, is_swallowed: bool
) -> None:
    def dropping(t: Transaction) -> None:
        settings.put(t, "before", "1")
        t.execute("ROLLBACK")  # as SQLite itself does when the disk fails
        try:
            settings.put(t, "after", "1")
        except Unavailable:
            if not is_swallowed:
                raise

    outcomes = await asyncio.gather(
        sqlite.commit(lambda t: settings.put(t, "first", "1")),
        sqlite.commit(dropping),
        sqlite.commit(lambda t: settings.put(t, "last", "1")),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert await sqlite.read(lambda t: t.rows("SELECT name FROM setting")) == []
    await sqlite.commit(lambda t: settings.put(t, "again", "1"))


async def test_neither_values_nor_errors_reach_the_debug_log(
    sqlite: SqliteDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(t: Transaction, words: str) -> None:
        settings.put(t, words, words)
        raise ValueError(words)

    with caplog.at_level(logging.DEBUG):
        with pytest.raises(ValueError, match=CANARY):
            await sqlite.commit(lambda t: failing(t, CANARY))
        await sqlite.commit(lambda t: settings.put(t, CANARY, CANARY))
        await sqlite.read(lambda t: settings.get(t, CANARY))
    assert "executing" in caplog.text  # aiosqlite does log
    assert CANARY not in caplog.text


async def test_a_database_that_cannot_be_opened_leaves_no_thread(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    (tmp_path / "no.db").write_bytes(b"this is no database" * 300)
    for path in (tmp_path / "no.db", tmp_path / "no folder" / "a.db", tmp_path):
        with pytest.raises(Unavailable):
            await SqliteDatabase.open(path)
    for thread in set(threading.enumerate()) - before:
        await asyncio.to_thread(thread.join, 5)
        assert not thread.is_alive()


async def test_a_program_that_never_closes_its_database_still_ends(tmp_path: Path) -> None:
    program = """
import asyncio, sys
from storage import SqliteDatabase

async def main():
    kept.append(await SqliteDatabase.open(sys.argv[1]))
    raise SystemExit(3)

kept = []
asyncio.run(main())
"""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, tmp_path / "a.db", stderr=asyncio.subprocess.DEVNULL
    )
    assert await asyncio.wait_for(child.wait(), 20) == 3


async def test_opening_reader_after_writer_keeps_the_locks(
    sqlite: SqliteDatabase, tmp_path: Path
) -> None:
    """Another process that comes and goes must not take the log away."""
    await sqlite.commit(putting("n"))
    visit = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT 1 FROM setting')"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", visit, tmp_path / "saisaat.db"
    )
    assert await child.wait() == 0
    assert {"saisaat.db-wal", "saisaat.db-shm"} <= set(os.listdir(tmp_path))
    await sqlite.commit(putting("n", "2"))


async def test_nothing_spills_into_the_temp_folder(sqlite: SqliteDatabase, tmp_path: Path) -> None:
    """Savepoints and sorters far beyond SQLite's 64 KiB spill threshold."""
    held: set[str] = set()

    def work(t: Transaction) -> None:
        for n in range(300):
            settings.put(t, f"{n % 50}", os.urandom(2000).hex())
        t.rows("SELECT * FROM setting ORDER BY value || 'x'")
        held.update(os.readlink(f"/proc/self/fd/{fd}") for fd in _open_files())

    await sqlite.commit(work)
    await asyncio.gather(*(sqlite.commit(work) for _ in range(3)))
    assert any(name.endswith("saisaat.db") for name in held)
    assert not [name for name in held if "etilqs" in name]


def _open_files() -> list[str]:
    return [fd for fd in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{fd}")]


WRITER = """
import asyncio, sys
from storage import SqliteDatabase
from storage.repositories import settings

async def main():
    async with await SqliteDatabase.open(sys.argv[1]) as database:
        async def caller(name):
            for n in range(100_000):
                def both(t):
                    settings.put(t, f"a {name} {n}", "x" * 500)
                    settings.put(t, f"b {name} {n}", "x" * 500)
                await database.commit(both)
                print(f"{name} {n}", flush=True)
        await asyncio.gather(*(caller(name) for name in range(8)))

asyncio.run(main())
"""


@pytest.mark.parametrize("seed", range(3))
async def test_a_killed_process_leaves_all_or_nothing(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "saisaat.db"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, path, stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    lines = [await child.stdout.readline() for _ in range(random.Random(seed).randrange(1, 400))]
    child.kill()
    lines += (await child.stdout.read()).splitlines(keepends=True)
    assert await child.wait() == -9
    async with await SqliteDatabase.open(path) as database:
        rows = await database.read(lambda t: t.rows("SELECT name FROM setting"))
        assert await database.read(lambda t: t.rows("PRAGMA integrity_check")) == [("ok",)]
    first = {name[2:] for (name,) in rows if name.startswith("a")}
    assert first == {name[2:] for (name,) in rows if name.startswith("b")}
    assert {line.decode().strip() for line in lines if line.endswith(b"\n")} <= first


@pytest.mark.parametrize("seed", range(4))
async def test_forgotten_bytes_leave_every_file(tmp_path: Path, seed: int) -> None:
    """secure_delete alone fails this: rebuilt b-tree pages keep old copies of cells."""
    dice = random.Random(seed)
    canary = CANARY.encode()
    async with await SqliteDatabase.open(tmp_path / "saisaat.db") as database:
        doomed: list[bytes] = []

        def tell(t: Transaction) -> None:
            for _ in range(60):
                is_doomed = dice.random() < 0.5
                word = canary if is_doomed else b"some other conversation"
                body = word * dice.choice([1, 3, 20, 45, 130, 400])
                new = a_conversation(state=body, contact=body[:600])
                conversations.create(t, new)
                outbox.add(t, a_line(new.conversation, intent=body.decode(), secret=body))
                t.execute(
                    "INSERT INTO part (part_id, tip_id, seq, hash, sealed_to, author, kind, day,"
                    " size_class, sealed) VALUES (?, ?, 1, ?, 'case', 'a', 'k', ?, 1, ?)",
                    (an_id(), new.conversation.hex()[:32], bytes(32), new.touched_day, body),
                )
                if is_doomed:
                    doomed.append(new.conversation)

        def forget(t: Transaction, how_many: int) -> None:
            dice.shuffle(doomed)
            for conversation in [doomed.pop() for _ in range(min(how_many, len(doomed)))]:
                conversations.forget(t, conversation, 1)
                outbox.remove_all_of(t, conversation)
                tip_id = conversation.hex()[:32]
                if dice.random() < 0.5:
                    t.execute("DELETE FROM part WHERE tip_id = ?", (tip_id,))
                else:
                    t.execute("UPDATE part SET sealed = NULL WHERE tip_id = ?", (tip_id,))

        for _ in range(12):
            await database.commit(tell)
            await database.commit(lambda t: forget(t, 15))
        assert any(canary in content for content in _contents(tmp_path).values())
        await database.commit(lambda t: forget(t, 10_000))
        await database.truncate_log()
        assert [name for name, content in _contents(tmp_path).items() if canary in content] == []


def _contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


async def test_a_work_cannot_use_its_transaction_elsewhere(sqlite: SqliteDatabase) -> None:
    kept: list[Transaction] = []
    await sqlite.commit(kept.append)
    with pytest.raises((Misuse, Unavailable)):
        settings.put(kept[0], "n", "1")
