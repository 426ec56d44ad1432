"""Shredding: nothing of the tip stays in any table, nor a byte of it in any file."""

import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from residue import files_in, residue
from sample_rows import (
    TODAY,
    a_grant,
    a_handover,
    a_notice,
    a_part,
    an_id,
    an_opening,
    file_one,
)

from sealing.audit import read_entry
from storage import Database, SqliteDatabase, Transaction
from storage.repositories import (
    audit,
    grants,
    notices,
    originals,
    parts,
    shredding,
    tips,
)
from storage.repositories.handovers import HANDOVERS
from storage.repositories.openings import OPENINGS
from storage.repositories.originals import OriginalRow
from storage.repositories.tips import NewTip, Status

KEPT = {"shredded", "shredded_change"}
"""Tables that name a tip after it was destroyed; docs/limits.md says so of each."""
NEVER = {"open_tip"}
"""Tables that name a tip only before it is filed."""


def a_full_tip(t: Transaction, dice: random.Random | None = None) -> tuple[NewTip, list[bytes]]:
    """A tip with a row in every table that can name one, held once and ended; and what was sealed
    for it."""
    dice = dice or random.Random(1)
    secrets: list[bytes] = []

    def sealed() -> bytes:
        secrets.append(dice.randbytes(dice.choice([80, 200, 500, 900, 1100, 4000])))
        return secrets[-1]

    tip = file_one(
        t, case_recipient=sealed(), reply_recipient=sealed(), receipt_grant=sealed(),
        receipt_recipient=sealed(),
    )  # fmt: skip
    for reader in ("officer", "recovery", "leaver"):
        grants.insert(t, [a_grant(tip, reader, sealed=sealed())], status="received")
    previous = parts.NO_PREVIOUS
    for seq in range(1, dice.randrange(3, 6)):
        part = a_part(tip.tip_id, seq, sealed=sealed(), blob_id=an_id())
        parts.append(t, part, previous=previous)
        previous = part.hash
        originals.add(t, OriginalRow(part.part_id, tip.tip_id, TODAY, an_id(), an_id()))
    OPENINGS.add(t, an_opening(tip.tip_id))
    HANDOVERS.add(t, a_handover(tip.tip_id))
    notices.add(t, a_notice(tip.tip_id, contact=sealed()))
    new = {each: a_grant(tip, each, sealed=sealed()) for each in ("officer", "recovery")}
    grants.replace_all(t, tip.tip_id, new)
    tips.rekey(
        t, tip.tip_id, "officer", 1, withdrawn="leaver", recipients=(sealed(), sealed()),
        rekey=sealed(), day=TODAY, part_id=an_id(), signature=os.urandom(64),
    )  # fmt: skip
    for version, is_held in ((2, True), (3, False)):
        tips.set_held(
            t, tip.tip_id, "officer", version, is_held=is_held, day=TODAY, part_id=an_id(),
            signature=os.urandom(64),
        )  # fmt: skip
    tips.set_status(
        t, tip.tip_id, "officer", 4, status=Status.CLOSED, day=TODAY, part_id=an_id(),
        signature=os.urandom(64),
    )  # fmt: skip
    return tip, secrets


def tables_with_tips(t: Transaction) -> set[str]:
    found = t.rows(
        "SELECT m.name FROM sqlite_master AS m, pragma_table_info(m.name) AS c"
        " WHERE m.type = 'table' AND c.name = 'tip_id'"
    )
    return {name for (name,) in found}


def rows_of(t: Transaction, tip_id: str) -> dict[str, int]:
    return {
        table: t.rows(f"SELECT count(*) FROM {table} WHERE tip_id = ?", (tip_id,))[0][0]  # noqa: S608
        for table in tables_with_tips(t)
    }


async def test_no_table_keeps_a_row_of_it_and_none_is_forgotten_here(
    sqlite: SqliteDatabase,
) -> None:
    """A new table that names tips fails this until somebody says what becomes of its rows."""
    tip, _ = await sqlite.commit(a_full_tip)
    other, _ = await sqlite.commit(a_full_tip)
    before = await sqlite.read(lambda t: rows_of(t, tip.tip_id))
    assert {table for table, rows in before.items() if not rows} == KEPT | NEVER
    untouched = await sqlite.read(lambda t: rows_of(t, other.tip_id))
    await sqlite.commit(lambda t: shredding.shred(t, tip.tip_id, day=TODAY))
    after = await sqlite.read(lambda t: rows_of(t, tip.tip_id))
    assert {table for table, rows in after.items() if rows} == KEPT
    assert await sqlite.read(lambda t: rows_of(t, other.tip_id)) == untouched


async def test_what_lies_outside_the_database_is_named_to_be_destroyed(database: Database) -> None:
    tip, _ = await database.commit(a_full_tip)

    def look(t: Transaction) -> tuple[set[str], set[str]]:
        rows = [originals.get(t, tip.tip_id, part.part_id) for part in parts.chain(t, tip.tip_id)]
        kept = [row for row in rows if row is not None]
        blobs = {part.blob_id for part in parts.chain(t, tip.tip_id) if part.blob_id is not None}
        keys = {row.key_id for row in kept if row.key_id is not None}
        keys |= {row.key_id for row in notices.of_tip(t, tip.tip_id)}
        return blobs | {row.blob_id for row in kept if row.blob_id is not None}, keys

    blobs, keys = await database.read(look)
    gone = await database.commit(lambda t: shredding.shred(t, tip.tip_id, day=TODAY))
    assert (set(gone.blobs), set(gone.keys)) == (blobs, keys)
    assert not await database.read(parts.blob_ids) & blobs


async def test_the_trail_says_that_when_and_why_and_nothing_more(database: Database) -> None:
    tip, _ = await database.commit(a_full_tip)
    await database.commit(lambda t: shredding.shred(t, tip.tip_id, day="2030-01-05"))
    newest = await database.read(audit.newest)
    assert newest is not None
    entry = read_entry(newest.data)
    told = (entry.deed, entry.officer, entry.centre, entry.tip_id, entry.day)
    assert told == ("shred", "server", tip.centre, tip.tip_id, "2030-01-05")
    assert entry.facts == {"why": "retention"}


async def test_what_officers_signed_that_let_it_be_is_kept(database: Database) -> None:
    tip, _ = await database.commit(a_full_tip)
    changes = await database.read(lambda t: tips.changes(t, tip.tip_id))
    await database.commit(lambda t: shredding.shred(t, tip.tip_id, day="2030-01-05"))
    kept = await database.read(lambda t: shredding.get(t, tip.tip_id))
    assert kept is not None
    assert kept.day == "2030-01-05"
    assert kept.changes == changes[-2:]  # the hold's end, and the ending
    assert await database.read(lambda t: shredding.get(t, an_id())) is None


@pytest.mark.parametrize("seed", range(3))
async def test_no_byte_of_it_stays_in_the_files_in_whatever_order_tips_go(
    tmp_path: Path, seed: int
) -> None:
    """Pages are rebuilt and freed around it by others that come, change and go."""
    dice = random.Random(seed)
    folder = tmp_path / "data"
    folder.mkdir()
    path = folder / "saisaat.db"
    alive: list[tuple[NewTip, list[bytes]]] = []
    gone: list[bytes] = []
    async with await SqliteDatabase.open(path) as database:
        for _ in range(10):
            alive += await database.commit(lambda t: [a_full_tip(t, dice) for _ in range(12)])
            dice.shuffle(alive)
            doomed = [alive.pop() for _ in range(dice.randrange(3, len(alive)))]

            def shred(t: Transaction, which: Sequence[NewTip]) -> None:
                for tip in which:
                    shredding.shred(t, tip.tip_id, day=TODAY)

            await database.commit(lambda t, d=doomed: shred(t, [tip for tip, _ in d]))
            gone += [secret for _, secrets in doomed for secret in secrets]
        assert gone
        await database.truncate_log()
        files = files_in(folder)
        # The search finds what is there: whatever was told in the tips that live.
        for tip, _ in alive[:3]:
            chain = await database.read(lambda t, which=tip: parts.chain(t, which.tip_id))
            assert all(residue([part.sealed or b""], files) for part in chain)
        assert residue(gone, files) == set()
