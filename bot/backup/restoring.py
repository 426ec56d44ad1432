"""A new deployment out of a backup: into a new folder only, and nothing is believed unread.

Laws: every file is hashed while it is copied, so what was checked is what is in place; the folder
gets its name when all of it is there and synced. The restored trail says that it was restored, in
an entry that the server signs: consoles that saw more than the backup holds can tell it from theft.
No tip is destroyed sooner than a notice after its restore: a hold may be lost that kept it.
"""

import asyncio
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot import pins, restored
from bot.auditing import audit_key
from bot.backup.checking import read_manifest
from bot.backup.errors import BadBackup
from bot.backup.manifest import (
    BLOBS,
    CONFIG,
    DATABASE,
    REGISTRY,
    ROSTER,
    UNFINISHED,
    Manifest,
)
from bot.backup.settings import for_a_new_home
from bot.config_rules import is_inside
from bot.deployment import CONFIG as CONFIG_FILE
from bot.deployment import DATA, FORGET, SERVER_KEY
from bot.errors import Misconfigured
from bot.server_key import ServerKey
from sealing import RESTORE, SERVER, restore_statement
from sealing.audit import NO_ENTRY_BEFORE
from storage import SqliteDatabase, Transaction, copying
from storage.folders import sync_folder
from storage.port import Missing
from storage.repositories import audit, expiry
from storage.snapshot import settings_in

_CONFIG_AT_MOST_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Restored:
    """A deployment made of a backup: its configuration, where its server key is, what the backup
    held, and how many entries its audit trail had then."""

    config: Path
    server_key: Path
    manifest: Manifest
    entries: int


def restore(
    source: Path, target: Path, secrets: Path, given_key: Path | None, day: date
) -> Restored:
    """Make the new folder *target* out of the backup in *source*. Blocks.

    The server key is *given_key*, or lies in *secrets* already. Raises Misconfigured or
    StorageError: there is no such folder then, and *secrets* is as it was.
    """
    source, target, secrets = source.absolute(), target.absolute(), secrets.absolute()
    _refuse_places(source, target, secrets)
    kept_key = secrets / SERVER_KEY
    server_key = _server_key(kept_key, given_key)
    manifest = read_manifest(source, server_key)
    unfinished = target.with_name(target.name + UNFINISHED)
    if unfinished.exists():
        raise Misconfigured(f"{unfinished}: an unfinished restore is there. Remove it first.")
    try:
        entries = _filled(source, unfinished, secrets, manifest, server_key, day)
        if not kept_key.exists():
            secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
            server_key.write_new(kept_key)
        os.rename(unfinished, target)
        sync_folder(target.parent)
    except BaseException as error:
        with suppress(OSError):
            shutil.rmtree(unfinished)
        if isinstance(error, OSError):
            raise copying.told(error, target) from error
        raise
    return Restored(target / CONFIG_FILE, kept_key, manifest, entries)


def _refuse_places(source: Path, target: Path, secrets: Path) -> None:
    if target.exists() or target.is_symlink():
        raise Misconfigured(f"{target}: is there already. Name a new folder.")
    if not target.parent.is_dir():
        raise Misconfigured(f"{target.parent}: is missing.")
    if is_inside(target, source):
        raise Misconfigured(f"{target}: lies inside the backup. Name a folder elsewhere.")
    if is_inside(secrets, target / DATA) or is_inside(secrets, source):
        raise Misconfigured(
            f"{secrets}: lies inside the data or the backup. A copy of the data must not hold the "
            "server key: name a folder elsewhere with --secrets."
        )
    if secrets.is_dir() and secrets.stat().st_mode & 0o077:
        raise Misconfigured(
            f"{secrets}: other users of this machine may look into it. Run: chmod 700 {secrets}"
        )


def _server_key(kept: Path, given: Path | None) -> ServerKey:
    if given is None and not kept.exists():
        raise Misconfigured(
            f"{kept}: there is no server key here. Put the server's own key there, or name it with "
            "--server-key. If it is lost too, the holder of the recovery key gets it out of the "
            "backup, offline: saisaat-console recovery server-key BACKUP --key … --out server.key"
        )
    key = ServerKey.read(kept if given is None else given)
    if given is not None and kept.exists() and ServerKey.read(kept) != key:
        raise Misconfigured(
            f"{kept}: another server key is there already, perhaps of another deployment. Name "
            "another folder with --secrets."
        )
    return key


def _filled(
    source: Path,
    target: Path,
    secrets: Path,
    manifest: Manifest,
    server_key: ServerKey,
    day: date,
) -> int:
    data, blobs = target / DATA, target / DATA / BLOBS
    for each in (target, data, blobs, target / FORGET):
        each.mkdir(mode=0o700)
        each.chmod(0o700)
    places = {DATABASE: data / DATABASE, ROSTER: target / ROSTER, REGISTRY: target / REGISTRY}
    for name, known in manifest.files.items():
        blob = name.removeprefix(f"{BLOBS}/")
        place = blobs / blob if blob != name else places.get(name)
        if place is not None:
            _copy(source / name, place, known)
    _copy(source / CONFIG, target / CONFIG_FILE, manifest.files[CONFIG])
    text = copying.read_small(target / CONFIG_FILE, _CONFIG_AT_MOST_BYTES)
    (target / CONFIG_FILE).unlink()
    copying.write_new(target / CONFIG_FILE, for_a_new_home(text, secrets))
    pinned = settings_in(data / DATABASE).get(pins.KEY_CHECK)
    if pinned != server_key.check:
        raise BadBackup(f"{source / DATABASE}: is not the database of this server key.")
    entries = asyncio.run(_noted(data / DATABASE, manifest, server_key, day))
    for each in (blobs, data, target / FORGET, target):
        sync_folder(each)
    return entries


def _copy(source: Path, target: Path, known: copying.Known) -> None:
    try:
        copying.copy(source, target, known)
    except (Missing, copying.Strange) as error:
        raise BadBackup(f"{error}. Nothing was restored.") from None


async def _noted(database: Path, manifest: Manifest, server_key: ServerKey, day: date) -> int:
    """Bring the database up to date and write the restore into its trail; how many entries it had
    before."""

    def work(t: Transaction) -> int:
        restored.note(t, day, manifest.day)
        expiry.give_notice(t, day.isoformat())
        return note_restore(t, manifest.day, server_key, day)

    async with await SqliteDatabase.open(database) as opened:
        return await opened.commit(work)


def note_restore(t: Transaction, backup_day: str, server_key: ServerKey, day: date) -> int:
    """Add the entry, signed by the server; how many there are before it."""
    last = audit.newest(t)
    entries, head = (0, NO_ENTRY_BEFORE) if last is None else (last.seq, last.hash)
    said = restore_statement(day=day.isoformat(), backup_day=backup_day, entries=entries, head=head)
    audit.note(
        t,
        RESTORE,
        day=day.isoformat(),
        officer=SERVER,
        facts={"day": day.isoformat(), "backup_day": backup_day, "entries": entries},
        signature=audit_key(server_key).sign(said),
    )
    return entries
