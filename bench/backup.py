"""A backup of a deployment of honest size, beside a plain copy of the same files.

The floor copies the database and every blob one by one and syncs each file and folder, as a backup
does; it hashes nothing, leaves no row out, and would not be one moment. Both run in a process of
their own, in turn, and read from memory what the first round read from the disk.
"""

import os
import shutil
import statistics
import tempfile
from pathlib import Path

from bench.house import a_config
from bench.measured import Measured
from bench.rows import Row
from bench.sizes import MIB, Sizes
from bot import pins
from bot.config import Config
from bot.server_key import ServerKey
from sealing import OfficerKeys
from storage import SqliteDatabase, Transaction

GOAL = 0.5
GOAL_MIB = 64.0
BLOBS = 100
GRANTS = 5
PUBLIC_KEY, GRANT, PART = (os.urandom(size) for size in (1216, 2750, 2750))
BATCH = 500


async def rows(sizes: Sizes) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="saisaat-bench-") as name:
        home = Path(name)
        config = a_config(home, OfficerKeys.generate("Registrar"))
        await _fill(config, sizes)
        size = _size(config.storage.database) + _size(config.storage.blobs)
        async with Measured("bench.backing", str(home / "server" / "config.toml")) as backing:
            rounds = []
            for number in range(sizes.backups + 1):
                real = await backing.ask(f"take {home / f'backup-{number}'}")
                floor = await backing.ask(f"copy {home / f'copy-{number}'}")
                rounds.append((real, floor))
                for each in ("backup", "copy"):
                    shutil.rmtree(home / f"{each}-{number}")
    measured = rounds[1:]  # the first one reads the disk
    real_s = statistics.median(real["wall_s"] for real, _ in measured)
    floor_s = statistics.median(floor["wall_s"] for _, floor in measured)
    ratio = statistics.median(floor["wall_s"] / real["wall_s"] for real, floor in measured)
    rise = max(real["rise_bytes"] for real, _ in rounds) / MIB
    return [
        Row(
            "backup",
            f"a backup of {size / 1e6:,.0f} MB",
            size / MIB / real_s,
            "MiB/s",
            size / MIB / floor_s,
            ratio,
            f"≥ {GOAL}",
            ratio >= GOAL,
            "floor: plain copies, synced",
        ),
        Row(
            "backup",
            "memory rise, peak",
            rise,
            "MiB",
            goal=f"≤ {GOAL_MIB:.0f} MiB",
            is_met=rise <= GOAL_MIB,
        ),
    ]


async def _fill(config: Config, sizes: Sizes) -> None:
    """Filed tips, as large as real ones, and blobs that some of their parts name."""
    blob_ids = [os.urandom(16).hex() for _ in range(BLOBS)]
    for blob_id in blob_ids:
        (config.storage.blobs / blob_id).write_bytes(os.urandom(sizes.backup_blob_bytes // BLOBS))
    key = ServerKey.read(config.server_key)
    async with await SqliteDatabase.open(config.storage.database) as database:
        await database.commit(lambda t: pins.pin(t, key, config.limits.stretch_cost))
        for at in range(0, sizes.backup_tips, BATCH):
            many = min(BATCH, sizes.backup_tips - at)
            given = blob_ids[at : at + many]
            await database.commit(lambda t, many=many, given=given: _add(t, many, given))  # type: ignore[misc]  # bound at once


def _add(t: Transaction, many: int, blob_ids: list[str]) -> None:
    for number in range(many):
        tip_id = os.urandom(16).hex()
        t.execute(
            "INSERT INTO tip (tip_id, locator, centre, status, status_day, filed_day, version,"
            " no_contact, receipt_grant_id, case_recipient, reply_recipient, receipt_grant)"
            " VALUES (?, ?, 'khon-kaen', 'received', '2026-11-23', '2026-11-23', 1, 0, ?, ?, ?, ?)",
            (tip_id, os.urandom(32), os.urandom(16).hex(), PUBLIC_KEY, PUBLIC_KEY, GRANT),
        )
        for officer in range(GRANTS):
            t.execute(
                "INSERT INTO tip_grant (grant_id, tip_id, officer, centre, released, status,"
                " filed_day, granted_by, sealed)"
                " VALUES (?, ?, ?, 'khon-kaen', 1, 'received', '2026-11-23', 'server', ?)",
                (os.urandom(16).hex(), tip_id, f"{officer:032x}", GRANT),
            )
        for seq in (1, 2):
            blob_id = blob_ids[number] if seq == 1 and number < len(blob_ids) else None
            t.execute(
                "INSERT INTO part (part_id, tip_id, seq, hash, sealed_to, author, kind, day,"
                " size_class, blob_id, sealed)"
                " VALUES (?, ?, ?, ?, 'case', 'reporter', 'words', '2026-11-23', 1024, ?, ?)",
                (os.urandom(16).hex(), tip_id, seq, bytes(32), blob_id, PART),
            )


def _size(path: Path) -> int:
    files = [path] if path.is_file() else list(path.iterdir())
    return sum(each.stat().st_size for each in files)
