"""Taking a backup while the bot serves, in a process of its own.

Laws: the database comes first, then what its rows name, so no row is without its file but of a tip
that was destroyed meanwhile, and such a file is named. Everything is synced before the folder gets
its name; a folder that is not whole is called `.unfinished`. Nothing of the deployment is written.
"""

import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path

from bot import pins
from bot.backup import manifest as manifests
from bot.backup.checking import read_manifest
from bot.backup.errors import BadBackup
from bot.backup.manifest import (
    BLOBS,
    CONFIG,
    DATABASE,
    NAME,
    REGISTRY,
    ROSTER,
    SEALED_KEY,
    UNFINISHED,
    Manifest,
)
from bot.backup.settings import without_secrets
from bot.config import Config
from bot.config_rules import is_inside
from bot.errors import Misconfigured
from bot.roster import read as read_roster
from bot.server_key import ServerKey
from bot.signed_files import Seen
from sealing import seal_server_key
from storage import copying
from storage.blobs import midnight_s
from storage.copying import Known
from storage.folders import sync_folder
from storage.port import Missing
from storage.snapshot import BlobSource, FolderSource, Snapshot, SqliteSource, settings_in

COPIES_AT_ONCE = 4
_ROSTER_KIND = "roster"
_REGISTRY_AT_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Taken:
    """A whole backup: where it is and what is in it. So many blobs were *linked* to those of an
    older one; *lost* are ids of blobs that rows name although nothing destroyed them."""

    folder: Path
    manifest: Manifest
    linked: int
    lost: tuple[str, ...] = field(default=(), repr=False)


def take(config_file: Path, config: Config, folder: Path, since: Path | None, day: date) -> Taken:
    """Make the backup *folder*, which must not be there yet.

    Blobs that the backup *since* holds are hard-linked out of it where they can be. Raises
    Misconfigured or StorageError: there is no such folder then. Blocks.
    """
    folder = folder.absolute()
    _refuse_places(config, folder)
    server_key = ServerKey.read(config.server_key, is_credential=config.secrets.is_credential)
    older = _Older() if since is None else _older(since, server_key)
    unfinished = folder.with_name(folder.name + UNFINISHED)
    try:
        unfinished.mkdir(mode=0o700)
        unfinished.chmod(0o700)
    except FileExistsError:
        raise Misconfigured(
            f"{unfinished}: an unfinished backup is there. If no other backup runs now, remove it "
            "and start again."
        ) from None
    try:
        taken = _filled(config_file, config, server_key, unfinished, older, day)
        os.rename(unfinished, folder)
        sync_folder(folder.parent)
    except BaseException as error:
        with suppress(OSError):
            shutil.rmtree(unfinished)
        if isinstance(error, OSError):
            raise copying.told(error, folder) from error
        raise
    return Taken(folder, taken.manifest, taken.linked, taken.lost)


@dataclass(frozen=True, slots=True)
class _Older:
    """An older backup whose blobs may be linked."""

    folder: Path | None = None
    blobs: Mapping[str, Known] = field(default_factory=dict)


def _refuse_places(config: Config, folder: Path) -> None:
    storage = config.storage
    if folder.exists() or folder.is_symlink():
        raise Misconfigured(f"{folder}: is there already. Name a new folder.")
    if not folder.parent.is_dir():
        raise Misconfigured(
            f"{folder.parent}: is missing. If it lies on a disk of its own, mount that first."
        )
    ours = (storage.data_folder, storage.blobs, storage.forget.parent, config.secrets.folder)
    if any(is_inside(folder, each) for each in ours):
        raise Misconfigured(
            f"{folder}: lies inside a folder of the deployment. Name one elsewhere, best on "
            "another disk."
        )


def _older(since: Path, server_key: ServerKey) -> _Older:
    return _Older(since.absolute(), read_manifest(since, server_key).blobs)


def _filled(
    config_file: Path,
    config: Config,
    server_key: ServerKey,
    folder: Path,
    older: _Older,
    day: date,
) -> Taken:
    source = SqliteSource(config.storage.database)
    snapshot = source.snapshot(folder / DATABASE)
    settings = settings_in(folder / DATABASE)
    cost = config.limits.stretch_cost
    pins.compare(settings.get(pins.KEY_CHECK), settings.get(pins.STRETCH_COST), server_key, cost)
    roster = read_roster(config.roster, Seen.of(_ROSTER_KIND, settings.get))
    files = {
        DATABASE: copying.settle(folder / DATABASE),
        ROSTER: copying.write_new(folder / ROSTER, roster.signed),
        CONFIG: copying.write_new(folder / CONFIG, _config_text(config_file)),
        SEALED_KEY: copying.write_new(
            folder / SEALED_KEY, seal_server_key(server_key.file, roster.roster.recovery)
        ),
    }
    with suppress(Missing):  # a deployment need not have one
        registry = copying.read_small(config.registry.file.resolve(), _REGISTRY_AT_MOST_BYTES)
        files[REGISTRY] = copying.write_new(folder / REGISTRY, registry)
    blobs = _Blobs(FolderSource(config.storage.blobs), folder / BLOBS, older)
    blobs.copy(snapshot)
    files |= {f"{BLOBS}/{blob_id}": known for blob_id, known in blobs.copied.items()}
    made = Manifest(
        day.isoformat(), snapshot.schema, server_key.check, files, tuple(sorted(blobs.gone))
    )
    copying.write_new(folder / NAME, made.signed(server_key))
    for each in (folder / BLOBS, folder):
        sync_folder(each)
        day_s = midnight_s(each.stat().st_mtime)
        os.utime(each, (day_s, day_s))
    return Taken(folder, made, blobs.linked, source.still_named(blobs.gone))


def _config_text(path: Path) -> bytes:
    text = copying.read_small(path.resolve(), manifests.AT_MOST_BYTES)
    return without_secrets(text, path.resolve().parent)


class _Blobs:
    """The blobs of a snapshot on their way into a backup."""

    def __init__(self, source: BlobSource, target: Path, older: _Older) -> None:
        self._source = source
        self._target = target
        self._older = older
        self.copied: dict[str, Known] = {}
        self.gone: list[str] = []
        self.linked = 0

    def copy(self, snapshot: Snapshot) -> None:
        self._target.mkdir(mode=0o700)
        self._target.chmod(0o700)
        with ThreadPoolExecutor(COPIES_AT_ONCE, thread_name_prefix="backup") as threads:
            try:
                for blob_id, known in _in_turn(threads, self._one, snapshot.blobs):
                    if known is None:
                        self.gone.append(blob_id)
                    else:
                        self.copied[blob_id] = known
            except BaseException:
                threads.shutdown(cancel_futures=True)
                raise

    def _one(self, blob_id: str) -> Known | None:
        """Link or copy one; None when it is no more there."""
        older = self._older.blobs.get(blob_id)
        if older is not None and self._link(blob_id, older):
            return older
        try:
            return self._source.copy(blob_id, self._target / blob_id)
        except Missing:
            return None

    def _link(self, blob_id: str, older: Known) -> bool:
        """Whether the older backup's own copy could be taken: blobs are never changed."""
        if self._older.folder is None or not self._source.has(blob_id):
            return False
        before = self._older.folder / BLOBS / blob_id
        try:
            facts = before.lstat()
            if facts.st_size != older.size or before.is_symlink():
                return False
            os.link(before, self._target / blob_id, follow_symlinks=False)
        except OSError:  # another disk, or too many names: it is copied
            return False
        self.linked += 1
        return True


def _in_turn(
    threads: ThreadPoolExecutor, work: Callable[[str], Known | None], ids: Iterable[str]
) -> Iterator[tuple[str, Known | None]]:
    ids = tuple(ids)
    return zip(ids, threads.map(partial(work), ids), strict=True)


def newest_in(folder: Path) -> Path | None:
    """The newest whole backup in *folder*, by its name; None when there is none."""
    try:
        found = sorted(each for each in folder.iterdir() if (each / NAME).is_file())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadBackup(f"{folder}: {error.strerror or type(error).__name__}.") from None
    whole = [each for each in found if not each.name.endswith(UNFINISHED)]
    return whole[-1] if whole else None
