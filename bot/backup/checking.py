"""Is a backup whole, ours, and of a version that we know? Looked at without changing anything.

Everything in a backup is a stranger's until it proves otherwise: no link is followed, no name leads
out of the folder, nothing is read further than its size.
"""

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from bot.backup import manifest as manifests
from bot.backup.errors import BadBackup
from bot.backup.manifest import BLOBS, DATABASE, NAME, UNFINISHED, Manifest
from bot.server_key import ServerKey
from storage import copying, migrating
from storage.copying import Strange
from storage.port import Missing, NewerDatabase, StorageError


def read_manifest(folder: Path, server_key: ServerKey) -> Manifest:
    """The manifest of the backup in *folder*, proven. Raises BadBackup or NewerDatabase."""
    for each in (folder, folder / BLOBS):
        _refuse_no_folder(each)
    if folder.name.endswith(UNFINISHED):
        raise BadBackup(f"{folder}: is no whole backup: it was cut off, and was never finished.")
    try:
        raw = copying.read_small(folder / NAME, manifests.AT_MOST_BYTES)
    except Missing:
        raise BadBackup(
            f"{folder}: is no whole backup: it has no {NAME}. One that was cut off is never whole."
        ) from None
    except Strange as error:
        raise BadBackup(f"{error}.") from None
    manifest = manifests.opened(raw, server_key)
    known = len(migrating.shipped())
    if manifest.schema > known:
        raise NewerDatabase(
            f"This backup was made by a newer Saisaat: it has schema version {manifest.schema}, "
            f"and this program knows versions up to {known}. Install the newer program first."
        )
    strangers = list(_strangers(folder, manifest))
    if strangers:
        raise BadBackup(f"{_shown(strangers[0])}: is not in the manifest; it does not belong here.")
    return manifest


def check(folder: Path, server_key: ServerKey) -> tuple[Manifest, tuple[str, ...]]:
    """Read every byte of the backup in *folder*; its manifest, and what is wrong with which file.

    Raises BadBackup or NewerDatabase when not even the manifest holds.
    """
    manifest = read_manifest(folder, server_key)
    return manifest, tuple(_wrong(folder, manifest))


def _wrong(folder: Path, manifest: Manifest) -> Iterator[str]:
    is_whole = True
    for name, known in sorted(manifest.files.items()):
        try:
            copying.look_at(folder / name, known)
        except StorageError as error:
            is_whole = is_whole and name != DATABASE
            yield str(error)
    if is_whole and not _is_sound(folder / DATABASE):
        yield f"{folder / DATABASE}: is damaged inside; it was so when it was copied"


def _is_sound(database: Path) -> bool:
    address = f"file:{quote(str(database.absolute()))}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchall() == [("ok",)])
    except sqlite3.Error:
        return False


def _strangers(folder: Path, manifest: Manifest) -> Iterator[Path]:
    expected = {NAME, BLOBS, *manifest.files}
    for entry in os.scandir(folder):
        if entry.name not in expected:
            yield Path(entry.path)
    for entry in os.scandir(folder / BLOBS):
        if f"{BLOBS}/{entry.name}" not in expected:
            yield Path(entry.path)


def _shown(path: Path) -> str:
    """A stranger's name may hold anything, also what steers a terminal."""
    return "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in str(path)
    )


def _refuse_no_folder(folder: Path) -> None:
    try:
        facts = folder.lstat()
    except OSError:
        raise BadBackup(f"{folder}: is missing; this is no whole backup.") from None
    if not stat.S_ISDIR(facts.st_mode):
        raise BadBackup(f"{folder}: is not a folder of its own (a link, or a file).")
