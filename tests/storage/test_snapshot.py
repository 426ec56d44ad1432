"""What leaves with a copy of the database, and what never does."""

import asyncio
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sample_rows import (
    TODAY,
    a_conversation,
    a_line,
    a_notice,
    a_part,
    a_subscription,
    an_id,
    file_one,
)

from storage import Misuse, NewerDatabase, SqliteDatabase, Transaction, Unavailable, migrating
from storage.repositories import (
    conversations,
    notices,
    open_tips,
    originals,
    outbox,
    parts,
    settings,
    subscriptions,
)
from storage.repositories.originals import OriginalRow
from storage.snapshot import STAYS, TRAVELS, SqliteSource, settings_in


@contextmanager
def opened(copy: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"file:{copy}?immutable=1", uri=True)) as connection:
        yield connection


def tables(copy: Path) -> dict[str, list[tuple[object, ...]]]:
    with opened(copy) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}").fetchall(), key=repr)  # noqa: S608  # the schema's own names
            for (name,) in names
        }


async def test_every_table_is_said_to_leave_or_to_stay(tmp_path: Path) -> None:
    async with await SqliteDatabase.open(tmp_path / "s.db"):
        pass
    with opened(tmp_path / "s.db") as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert {name for (name,) in found} == TRAVELS.keys() | STAYS
    assert not TRAVELS.keys() & STAYS
    talking = {"seen", "conversation", "outbox", "open_tip", "fetch", "recall", "recall_key"}
    contacts = {"notice", "subscription", "alert_record", "alert_binding", "alert_line"}
    assert talking | contacts <= STAYS


async def test_filed_tips_leave_whole_and_whoever_speaks_or_is_spoken_to_stays(
    tmp_path: Path,
) -> None:
    tip_id, other = an_id(), an_id()
    blobs = [an_id() for _ in range(4)]
    async with await SqliteDatabase.open(tmp_path / "s.db") as database:

        def fill(t: Transaction) -> None:
            file_one(t, "one", "two", tip_id=tip_id)
            settings.put(t, "server_key_check", "c" * 32)
            told = a_part(tip_id, 1, blob_id=blobs[0])
            parts.append(t, told, previous=bytes(32))
            draft = a_part(other, 1, blob_id=blobs[1])
            parts.append(t, draft, previous=bytes(32))
            open_tips.touch(t, other, TODAY)
            decided = OriginalRow(told.part_id, tip_id, TODAY, blobs[2], None)
            undecided = OriginalRow(draft.part_id, tip_id, TODAY, blobs[3], an_id())
            originals.add(t, decided)
            originals.add(t, undecided)
            row = a_conversation()
            conversations.create(t, row)
            outbox.add(t, a_line(row.conversation))
            notices.add(t, a_notice(tip_id))
            subscriptions.add(t, a_subscription())

        await database.commit(fill)
        snapshot = SqliteSource(tmp_path / "s.db").snapshot(tmp_path / "copy.db")
    assert snapshot.schema == len(migrating.shipped())
    assert set(snapshot.blobs) == {blobs[0], blobs[2]}
    before, after = tables(tmp_path / "s.db"), tables(tmp_path / "copy.db")
    assert all(not after[name] for name in STAYS)
    assert all(before[name] for name in ("conversation", "outbox", "notice", "subscription"))
    whole = TRAVELS.keys() - {"part", "original"}
    assert {name: after[name] for name in whole} == {name: before[name] for name in whole}
    assert [row[1] for row in after["part"]] == [tip_id]
    assert [len(before[name]) for name in ("part", "original")] == [2, 2]
    assert settings_in(tmp_path / "copy.db")["server_key_check"] == "c" * 32
    assert (tmp_path / "copy.db").stat().st_mode & 0o777 == 0o600


async def test_a_copy_is_a_database_that_opens_with_the_very_same_schema(tmp_path: Path) -> None:
    async with await SqliteDatabase.open(tmp_path / "s.db"):
        SqliteSource(tmp_path / "s.db").snapshot(tmp_path / "copy.db")
    made = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
    with opened(tmp_path / "s.db") as one, opened(tmp_path / "copy.db") as other:
        assert one.execute(made).fetchall() == other.execute(made).fetchall()
        for pragma in ("page_size", "auto_vacuum"):
            asked = f"PRAGMA {pragma}"
            assert one.execute(asked).fetchall() == other.execute(asked).fetchall()
        assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    async with await SqliteDatabase.open(tmp_path / "copy.db") as copy:
        await copy.commit(lambda t: settings.put(t, "works", "yes"))


async def test_a_copy_is_one_moment_while_a_writer_goes_on(tmp_path: Path) -> None:
    """Two tables always change in one commit: a copy that has them apart saw half of one. And
    the writer was not held up: it committed while copies were being made."""
    async with await SqliteDatabase.open(tmp_path / "s.db") as database:
        bulk = os.urandom(4000)

        def fill(t: Transaction) -> None:
            tip = file_one(t, "one")
            for seq in range(1, 400):
                row = a_part(tip.tip_id, seq, sealed=bulk)
                parts.append(t, row, previous=parts.head(t, tip.tip_id).hash)

        await database.commit(fill)
        done, copies = threading.Event(), list[tuple[str, str]]()
        committed: list[int] = []

        def copy() -> None:
            try:
                for number in range(5):
                    path = tmp_path / f"copy{number}.db"
                    began = database.commits
                    SqliteSource(tmp_path / "s.db").snapshot(path)
                    committed.append(database.commits - began)
                    found = settings_in(path)
                    with opened(path) as made:
                        left = made.execute("SELECT max(again_days) FROM clock_length").fetchone()
                    copies.append((str(left[0] or 0), found.get("right", "0")))
            finally:
                done.set()

        copying = asyncio.create_task(asyncio.to_thread(copy))
        number = 0
        while not done.is_set():
            number += 1
            value = str(number)

            def both(t: Transaction, value: str = value) -> None:
                t.execute("DELETE FROM clock_length")
                t.execute("INSERT INTO clock_length VALUES ('', 1, 1, 1, ?)", (int(value),))
                settings.put(t, "right", value)

            await database.commit(both)
        await copying
    assert all(left == right for left, right in copies)
    assert len({left for left, _ in copies}) > 1
    assert any(committed)  # a short copy may fit between two syncs of a slow disk


async def test_what_was_committed_before_is_in_the_copy_though_it_lies_in_the_log(
    tmp_path: Path,
) -> None:
    async with await SqliteDatabase.open(tmp_path / "s.db") as database:
        await database.commit(lambda t: settings.put(t, "name", "newest"))
        assert (tmp_path / "s.db-wal").read_bytes()
        SqliteSource(tmp_path / "s.db").snapshot(tmp_path / "copy.db")
    assert settings_in(tmp_path / "copy.db")["name"] == "newest"


async def test_no_residue_of_what_was_deleted_comes_along(tmp_path: Path) -> None:
    needle = b"what was deleted " * 40
    async with await SqliteDatabase.open(tmp_path / "s.db") as database:
        tip_id = an_id()
        row = a_part(tip_id, 1, sealed=needle)
        await database.commit(lambda t: parts.append(t, row, previous=bytes(32)))
        await database.commit(lambda t: parts.remove_all(t, tip_id))
        assert needle[:40] in (tmp_path / "s.db-wal").read_bytes()  # so it could have come
        SqliteSource(tmp_path / "s.db").snapshot(tmp_path / "copy.db")
    assert needle[:40] not in (tmp_path / "copy.db").read_bytes()
    assert not [name for name in os.listdir(tmp_path) if name.startswith("copy.db-")]


async def test_a_blob_that_is_gone_but_named_was_lost_and_one_no_longer_named_was_destroyed(
    tmp_path: Path,
) -> None:
    lost, destroyed, tip_id = an_id(), an_id(), an_id()
    async with await SqliteDatabase.open(tmp_path / "s.db") as database:
        row = a_part(tip_id, 1, blob_id=lost)
        await database.commit(lambda t: parts.append(t, row, previous=bytes(32)))
        assert SqliteSource(tmp_path / "s.db").still_named([lost, destroyed]) == (lost,)


async def test_a_newer_schema_is_refused_and_so_is_a_table_that_no_list_names(
    tmp_path: Path,
) -> None:
    for name, change, refusal in (
        ("newer.db", "UPDATE schema_version SET version = 9999", NewerDatabase),
        ("other.db", "CREATE TABLE stranger (id TEXT)", Misuse),
    ):
        async with await SqliteDatabase.open(tmp_path / name):
            pass
        with closing(sqlite3.connect(tmp_path / name, isolation_level=None)) as connection:
            connection.execute(change)
        with pytest.raises(refusal):
            SqliteSource(tmp_path / name).snapshot(tmp_path / f"copy of {name}")


def test_what_is_no_database_of_ours_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    (tmp_path / "text.db").write_text("no database at all " * 100)
    for name in ("missing.db", "empty.db", "text.db"):
        with pytest.raises(Unavailable):
            SqliteSource(tmp_path / name).snapshot(tmp_path / f"copy of {name}")
    assert not (tmp_path / "missing.db").exists()


async def test_a_long_copy_keeps_no_commit_waiting_behind_the_emptying_of_the_log(
    tmp_path: Path,
) -> None:
    async with await SqliteDatabase.open(tmp_path / "s.db", busy_wait_s=30.0) as database:
        await database.commit(lambda t: settings.put(t, "name", "before"))
        with closing(sqlite3.connect(tmp_path / "s.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM setting").fetchone() == (1,)
            await database.commit(lambda t: settings.put(t, "name", "after"))
            async with asyncio.timeout(20.0):  # less than what anything else would be waited for
                emptying = asyncio.create_task(database.truncate_log())
                await asyncio.sleep(0)
                await database.commit(lambda t: settings.put(t, "name", "later"))
                with pytest.raises(Unavailable, match="a reader holds the log"):
                    await emptying
            reader.execute("COMMIT")
        await database.truncate_log()
        assert not (tmp_path / "s.db-wal").read_bytes()
