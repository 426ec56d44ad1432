"""Files and folders: are they there, whose are they, and who else could read them."""

import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from bot.config_sections import Config
from bot.doctor.findings import Finding

_LOOK_AT_MOST = 2000  # files of one folder; a wrong mode is a habit and shows early


def config_file(path: Path) -> Iterator[Finding]:
    """Look whether others may write the configuration: they could send tips elsewhere."""
    mode = path.stat().st_mode
    if mode & 0o022:
        yield Finding.problem("config", f"others may change {path}.", f"Run: chmod go-w {path}")
    folder = path.resolve().parent
    if folder.stat().st_mode & 0o022 and not folder.stat().st_mode & stat.S_ISVTX:
        yield Finding.problem(
            "config", f"others may replace files in {folder}.", f"Run: chmod go-w {folder}"
        )


def folders(config: Config) -> Iterator[Finding]:
    """Look at every folder that holds something of ours, and at the files in it."""
    owner = _who_should_own(config)
    if owner == 0:
        yield Finding.warning(
            "owner", "everything belongs to root.", "Run the bot as a user of its own."
        )
    wanted = {
        "data": config.storage.data_folder,
        "blobs": config.storage.blobs,
        "forget store": config.storage.forget.parent,
    }
    for name, folder in wanted.items():
        yield from _folder(name, folder, owner)
    if not config.secrets.is_credential:
        yield from _folder("secrets", config.secrets.folder, owner)


def _who_should_own(config: Config) -> int:
    """The user that runs the bot: us, or the owner of the data when root asks on its behalf."""
    if os.geteuid() != 0:
        return os.geteuid()
    try:
        return config.storage.data_folder.stat().st_uid
    except OSError:
        return 0


def _folder(name: str, folder: Path, owner: int) -> Iterator[Finding]:
    try:
        facts = folder.stat()
        names = list(islice(os.scandir(folder), _LOOK_AT_MOST))
    except FileNotFoundError:
        yield Finding.problem(
            name,
            f"{folder} is missing.",
            f"If it lies on a disk of its own, mount that first: an empty folder hides what was "
            f"told. Only for a new deployment run: mkdir -m 700 {folder}",
        )
        return
    except OSError as error:
        yield Finding.problem(
            name, f"{folder} cannot be opened ({type(error).__name__}).",
            "Let the user that runs the bot own it.",
        )  # fmt: skip
        return
    found = list(_loose(name, folder, facts, owner))
    for entry in names:
        found += _loose(name, Path(entry.path), entry.stat(follow_symlinks=False), owner)
    yield from found[:5]
    if len(found) > 5:
        yield Finding.problem(
            name, f"{len(found) - 5} more files in {folder} have a wrong mode or owner.",
            f"Run: chmod -R go= {folder}",
        )  # fmt: skip
    if not found:
        yield Finding.ok(name, f"{folder} is there, and for its owner only.")


def _loose(name: str, path: Path, facts: os.stat_result, owner: int) -> Iterator[Finding]:
    if stat.S_ISLNK(facts.st_mode):
        return
    if facts.st_uid != owner:
        yield Finding.problem(
            name, f"{path} belongs to another user than the one that runs the bot.",
            f"Run: chown that user {path}; or run the doctor as that user.",
        )  # fmt: skip
    if facts.st_mode & 0o077:
        mode = 700 if stat.S_ISDIR(facts.st_mode) else 600
        yield Finding.problem(
            name, f"other users of this machine may look into {path}.",
            f"Run: chmod {mode} {path}",
        )  # fmt: skip
