"""Migrations: once each, whole or not at all, and never on a newer database."""

import asyncio
import sqlite3
import sys
from pathlib import Path

import pytest

from handlers.clocks import Lengths
from handlers.retention import Rule
from storage import NewerDatabase, SqliteDatabase, Transaction
from storage.migrating import Migration, shipped
from storage.repositories import clocks, expiry, figures, grants, outbox, tips
from storage.sqlite import in_dialect

FIRST = Migration(1, "0001_first", "CREATE TABLE a (n INTEGER NOT NULL PRIMARY KEY);\n")
SECOND = Migration(
    2,
    "0002_second",
    "-- A remark; with a semicolon\nALTER TABLE a ADD COLUMN words TEXT;\n"
    "CREATE TABLE b (\n  n INTEGER NOT NULL PRIMARY KEY\n);\nINSERT INTO b (n) VALUES (7);\n",
)


async def test_each_migration_is_applied_once(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    for migrations in ((FIRST,), (FIRST,), (FIRST, SECOND), (FIRST, SECOND)):
        async with await SqliteDatabase.open(path, migrations=migrations) as database:
            rows = await database.read(lambda t: t.rows("SELECT version FROM schema_version"))
            assert rows == [(len(migrations),)]
    async with await SqliteDatabase.open(path, migrations=(FIRST, SECOND)) as database:
        assert await database.read(lambda t: t.rows("SELECT n FROM b")) == [(7,)]


async def test_a_newer_database_is_refused_with_a_sentence_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await (await SqliteDatabase.open(path, migrations=(FIRST, SECOND))).close()
    before = path.read_bytes()
    with pytest.raises(NewerDatabase, match=r"version 2.*up to 1.*Install the newer program"):
        await SqliteDatabase.open(path, migrations=(FIRST,))
    assert path.read_bytes() == before
    with pytest.raises(NewerDatabase):
        await SqliteDatabase.open(path, migrations=())


async def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    broken = Migration(2, "0002_broken", "CREATE TABLE b (n INTEGER PRIMARY KEY);\nBROKEN;\n")
    await (await SqliteDatabase.open(path, migrations=(FIRST,))).close()
    with pytest.raises(Exception, match="syntax error"):
        await SqliteDatabase.open(path, migrations=(FIRST, broken))
    async with await SqliteDatabase.open(path, migrations=(FIRST, SECOND)) as database:
        assert await database.read(lambda t: t.rows("SELECT n FROM b")) == [(7,)]


async def test_two_that_start_together_migrate_once(tmp_path: Path) -> None:
    opened = await asyncio.gather(
        *(SqliteDatabase.open(tmp_path / "a.db") for _ in range(3)), return_exceptions=True
    )
    for database in opened:
        assert isinstance(database, SqliteDatabase), repr(database)
        await database.close()


KILLED_AT = """
import os, signal, sys
from pathlib import Path
from storage import migrating
from storage.sqlite import _migrate, _opened

connection = _opened(Path(sys.argv[1]), 5.0, is_reader=False)
left = int(sys.argv[2])
def trace(statement):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
connection.set_trace_callback(trace)
_migrate(connection, migrating.shipped())
"""


@pytest.mark.parametrize("statement", [2, 5, 12, 21, 22])
async def test_a_process_killed_while_migrating_can_start_again(
    tmp_path: Path, statement: int
) -> None:
    path = tmp_path / "a.db"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", KILLED_AT, path, str(statement)
    )
    assert await child.wait() == -9
    plain = sqlite3.connect(path)
    assert plain.execute("SELECT name FROM sqlite_master").fetchall() == []
    plain.close()
    async with await SqliteDatabase.open(path) as database:
        rows = await database.read(lambda t: t.rows("SELECT version FROM schema_version"))
        assert rows == [(len(shipped()),)]


async def test_lines_that_waited_before_they_knew_their_channel_are_still_due(
    tmp_path: Path,
) -> None:
    path, columns = tmp_path / "a.db", "conversation, channel, key_id, version, touched_day, state"
    async with await SqliteDatabase.open(path, migrations=shipped()[:4]) as database:

        def earlier(t: Transaction) -> None:
            t.execute(
                f"INSERT INTO conversation ({columns}) VALUES (?, 'telegram', 'k', 1, ?, x'00')",  # noqa: S608  # our own columns
                (b"c", "2026-11-23"),
            )
            for outbox_id, conversation in (("line", b"c"), ("orphan", b"gone")):
                t.execute(
                    "INSERT INTO outbox (outbox_id, conversation, position, state, attempts,"
                    " not_before, expires_day, intent) VALUES (?, ?, 1, 'ready', 0, 5, ?, '{}')",
                    (outbox_id, conversation, "2026-11-23"),
                )

        await database.commit(earlier)
    async with await SqliteDatabase.open(path) as database:
        (line,) = await database.read(lambda t: outbox.due(t, "telegram", 5, 10))
        assert (line.outbox_id, line.conversation) == ("line", b"c")


async def test_grants_made_before_there_were_applications_are_officers(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    before = next(m.number for m in shipped() if "grants_for_a_role" in m.name) - 1
    async with await SqliteDatabase.open(path, migrations=shipped()[:before]) as database:

        def earlier(t: Transaction) -> None:
            t.execute(
                "INSERT INTO tip (tip_id, locator, centre, status, status_day, filed_day, version,"
                " no_contact, receipt_grant_id, case_recipient, reply_recipient, receipt_grant)"
                " VALUES ('t', x'01', 'kkn', 'received', ?, ?, 1, 0, 'r', x'02', x'03', x'04')",
                ("2026-11-23", "2026-11-23"),
            )
            t.execute(
                "INSERT INTO tip_grant (grant_id, tip_id, officer, centre, released, status,"
                " filed_day, granted_by, sealed)"
                " VALUES ('g', 't', 'o', 'kkn', 1, 'received', ?, 'server', x'05')",
                ("2026-11-23",),
            )

        await database.commit(earlier)
    async with await SqliteDatabase.open(path) as database:
        assert await database.read(lambda t: grants.role_of(t, "t")) == "officer"
        (grant,) = await database.read(lambda t: grants.of_tip(t, "t"))
        assert (grant.role, grant.sealed) == ("officer", b"\x05")
        assert await database.read(lambda t: grants.role_of(t, "no such tip")) is None


async def test_changes_and_grants_of_before_tips_could_move_are_read_as_they_were(
    tmp_path: Path,
) -> None:
    all_now = shipped()
    before = [migration.name[5:] for migration in all_now].index("moves")
    tip_id, officer = "1" * 32, "a" * 32

    def write(t: Transaction) -> None:
        t.execute(
            "INSERT INTO tip (tip_id, locator, centre, status, status_day, filed_day, version,"
            " claimed_by, no_contact, receipt_grant_id, case_recipient, reply_recipient,"
            " receipt_grant) VALUES (?, X'01', 'kkn', 'received', '2026-11-23', '2026-11-23', 2, ?,"
            " 0, 'r', X'02', X'03', X'04')",
            (tip_id, officer),
        )
        t.execute(
            "INSERT INTO change (tip_id, version, kind, officer, day, signature)"
            " VALUES (?, 2, 'claim', ?, '2026-11-23', X'05')",
            (tip_id, officer),
        )
        for grant_id, to, by, signature in (
            ("2" * 32, officer, "server", None),
            ("3" * 32, "b" * 32, officer, b"signed"),
        ):
            t.execute(
                "INSERT INTO tip_grant (grant_id, tip_id, officer, centre, released, status,"
                " filed_day, granted_by, signature, sealed) VALUES (?, ?, ?, 'kkn', 1, 'received',"
                " '2026-11-23', ?, ?, X'06')",
                (grant_id, tip_id, to, by, signature),
            )

    async with await SqliteDatabase.open(tmp_path / "a.db", migrations=all_now[:before]) as old:
        await old.commit(write)
    async with await SqliteDatabase.open(tmp_path / "a.db") as new:
        (change,) = await new.read(lambda t: tips.changes(t, tip_id))
        assert (change.kind, change.officer, change.signature) == ("claim", officer, b"\x05")
        assert (change.from_centre, change.to_centre) == (None, None)
        rows = await new.read(lambda t: grants.of_tip(t, tip_id))
        assert {row.officer: row.is_personal for row in rows} == {officer: False, "b" * 32: True}


async def test_tips_of_before_the_receipts_recipient_was_kept_are_read_without_one(
    tmp_path: Path,
) -> None:
    all_now = shipped()
    before = [migration.name[5:] for migration in all_now].index("rekeys")

    def write(t: Transaction) -> None:
        t.execute(
            "INSERT INTO tip (tip_id, locator, centre, status, status_day, filed_day, version,"
            " no_contact, receipt_grant_id, case_recipient, reply_recipient, receipt_grant)"
            " VALUES ('t', x'01', 'kkn', 'received', '2026-11-23', '2026-11-23', 2, 0, 'r',"
            " x'02', x'03', x'04')"
        )
        t.execute(
            "INSERT INTO change (tip_id, version, kind, day) VALUES ('t', 2, 'stop', '2026-11-23')"
        )

    async with await SqliteDatabase.open(tmp_path / "a.db", migrations=all_now[:before]) as old:
        await old.commit(write)
    async with await SqliteDatabase.open(tmp_path / "a.db") as new:
        tip = await new.read(lambda t: tips.get(t, "t"))
        assert tip is not None
        assert (tip.receipt_grant, tip.receipt_recipient) == (b"\x04", None)
        (change,) = await new.read(lambda t: tips.changes(t, "t"))
        assert change.rekey is None
        assert await new.read(lambda t: tips.rekeys(t, "t")) == ()


async def test_what_older_rekeys_said_and_every_change_before_them_is_kept(tmp_path: Path) -> None:
    all_now = shipped()
    before = [migration.name[5:] for migration in all_now].index("retention")

    def write(t: Transaction) -> None:
        t.execute(
            "INSERT INTO tip (tip_id, locator, centre, status, status_day, filed_day, version,"
            " no_contact, receipt_grant_id, case_recipient, reply_recipient, receipt_grant)"
            " VALUES ('t', x'01', 'kkn', 'closed', '2026-11-23', '2026-11-23', 3, 0, 'r',"
            " x'02', x'03', x'04')"
        )
        t.execute(
            "INSERT INTO change (tip_id, version, kind, status, officer, day, part_id, signature)"
            " VALUES ('t', 2, 'status', 'closed', 'o', '2026-11-23', 'p', x'07')"
        )
        t.execute(
            "INSERT INTO change (tip_id, version, kind, officer, day, to_officer, rekey)"
            " VALUES ('t', 3, 'rekey', 'o', '2026-11-24', 'w', x'0a0b')"
        )

    async with await SqliteDatabase.open(tmp_path / "a.db", migrations=all_now[:before]) as old:
        await old.commit(write)
    async with await SqliteDatabase.open(tmp_path / "a.db") as new:
        ended, rekeyed = await new.read(lambda t: tips.changes(t, "t"))
        assert (ended.status, ended.part_id, ended.signature, ended.rekey) == (
            "closed", "p", b"\x07", None,
        )  # fmt: skip
        assert (rekeyed.to_officer, rekeyed.rekey) == ("w", b"\x0a\x0b")
        assert await new.read(lambda t: tips.rekeys(t, "t")) == (b"\x0a\x0b",)
        tip = await new.read(lambda t: tips.get(t, "t"))
        assert tip is not None
        assert (tip.expire_day, tip.is_held) == (None, False)
        await new.commit(lambda t: expiry.put_rule(t, Rule(100, 5, 3)))
        assert await new.commit(lambda t: expiry.draw_lacking(t, "2026-11-24", 10)) == 1


def test_forgettable_columns_stand_behind_a_filler() -> None:
    for migration in shipped():
        for statement in migration.statements:
            assert ("-- forgettable" in statement) == ("filler BLOB" in in_dialect(statement))


def test_a_statement_without_its_end_is_noticed() -> None:
    with pytest.raises(ValueError, match="semicolon"):
        _ = Migration(1, "0001_a", "CREATE TABLE a (n INTEGER PRIMARY KEY)\n").statements


async def test_tips_of_before_there_were_clocks_get_their_day_when_the_lengths_are_known(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.db"
    before = next(m.number for m in shipped() if m.name.endswith("_clocks")) - 1
    async with await SqliteDatabase.open(path, migrations=shipped()[:before]) as database:

        def earlier(t: Transaction) -> None:
            for tip_id, role in (("t", "officer"), ("u", "registrar")):
                t.execute(
                    "INSERT INTO tip (tip_id, locator, centre, status, status_day, filed_day,"
                    " version, no_contact, receipt_grant_id, case_recipient, reply_recipient,"
                    " receipt_grant) VALUES (?, ?, 'kkn', 'screening', ?, ?, 2, 0, 'r', x'02',"
                    " x'03', x'04')",
                    (tip_id, tip_id.encode(), "2026-11-24", "2026-11-23"),
                )
                t.execute(
                    "INSERT INTO tip_grant (grant_id, tip_id, officer, centre, released, status,"
                    " filed_day, granted_by, sealed, role)"
                    " VALUES (?, ?, 'o', 'kkn', 1, 'screening', ?, 'server', x'05', ?)",
                    (tip_id, tip_id, "2026-11-23", role),
                )

        await database.commit(earlier)
    async with await SqliteDatabase.open(path) as database:
        lengths = {clocks.OTHERS: Lengths(7, 15, 90, 7)}
        assert await database.commit(lambda t: clocks.put_lengths(t, lengths))
        found = [await database.read(lambda t, tip=tip: tips.get(t, tip)) for tip in "tu"]
        # An application, as the second one is, has the first clock only.
        assert [tip and tip.due_day for tip in found] == ["2026-12-08", None]
        counted = await database.read(lambda t: clocks.counts(t, "2026-12-09"))
        assert {centre: each.overdue for centre, each in counted.items()} == {"kkn": 1}


async def test_tips_of_before_there_were_counters_are_counted_where_they_were(
    tmp_path: Path,
) -> None:
    """Filed to the first centre, ended at the one that ended them first; of what, nobody said."""
    all_now = shipped()
    before = [migration.name[5:] for migration in all_now].index("figures")
    tip_columns = (
        "tip_id, locator, centre, status, status_day, filed_day, version, no_contact,"
        " receipt_grant_id, case_recipient, reply_recipient, receipt_grant, role"
    )

    def write(t: Transaction) -> None:
        for tip_id, centre, filed, role in (
            ("open", "kkn", "2026-09-30", "officer"),
            ("moved", "loei", "2026-10-01", "officer"),
            ("reopened", "loei", "2026-10-02", "officer"),
            ("applied", "kkn", "2026-10-03", "registrar"),
        ):
            t.execute(
                f"INSERT INTO tip ({tip_columns})"  # noqa: S608  # our own columns
                " VALUES (?, ?, ?, 'closed', ?, ?, 9, 0, ?, X'02', X'03', X'04', ?)",
                (tip_id, tip_id.encode(), centre, filed, filed, tip_id, role),
            )
        for tip_id, version, kind, status, day, frm in (
            ("moved", 2, "move", None, "2026-10-05", "kkn"),
            ("moved", 3, "status", "closed", "2026-11-05", None),
            ("reopened", 2, "status", "declined", "2026-10-31", None),
            ("reopened", 3, "reopen", "in_progress", "2026-11-01", None),
            ("reopened", 4, "move", None, "2026-11-01", "udn"),
            ("reopened", 5, "status", "closed", "2026-11-02", None),
            ("applied", 2, "status", "declined", "2026-11-02", None),
        ):
            t.execute(
                "INSERT INTO change (tip_id, version, kind, status, day, from_centre)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (tip_id, version, kind, status, day, frm),
            )

    async with await SqliteDatabase.open(tmp_path / "a.db", migrations=all_now[:before]) as old:
        await old.commit(write)
    async with await SqliteDatabase.open(tmp_path / "a.db") as new:

        async def counted(basis: figures.Basis) -> set[tuple[str, str, str, int]]:
            found = await new.read(lambda t: figures.read(t, basis, "", "9999-12"))
            return {(each.month, each.centre, each.value, each.n) for each in found}

        assert await counted(figures.Basis.FILED) == {
            ("2026-09", "kkn", "all", 1),
            ("2026-10", "kkn", "all", 1),
            ("2026-10", "udn", "all", 1),
        }
        assert await counted(figures.Basis.ENDED) == {
            ("2026-11", "loei", "no", 1),
            ("2026-10", "udn", "no", 1),
        }
        changes = await new.read(lambda t: tips.changes(t, "reopened"))
        assert [change.counts_hash for change in changes] == [None] * 4
