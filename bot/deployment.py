"""A new deployment: its folder, its configuration, its server key. Made once, never over another.

No other key is born on the server: the admin's, the officers' and the recovery key are made on
machines that are not this one.

    DIR/config.toml    0600   from the example, with real paths
    DIR/data/          0700   database and sealed files: what a backup copies
    DIR/forget/        0700   keys of what will be forgotten: never in a backup
    D/server.key       0600   the server key and the salt
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from bot.config_rules import is_inside
from bot.errors import Misconfigured
from bot.server_key import ServerKey

CONFIG, DATA, FORGET, SERVER_KEY = "config.toml", "data", "forget", "server.key"
_EXAMPLE_SECRETS = 'folder = "/etc/saisaat/secrets"'


@dataclass(frozen=True, slots=True)
class Made:
    """Where the new deployment is."""

    config: Path
    server_key: Path


def example() -> str:
    """Return the documented configuration that ships with the program."""
    return (files("bot") / "data" / "config.example.toml").read_text(encoding="utf-8")


def make(folder: Path, secrets: Path) -> Made:
    """Make the deployment *folder*, and the server key in *secrets*.

    Raises Misconfigured: something is in the way; nothing was made. An OSError on the way leaves
    no configuration: what is there then is empty folders, or a key that nothing uses yet.
    """
    folder, secrets = folder.absolute(), secrets.absolute()
    obstacles = list(_obstacles(folder, secrets))
    if obstacles:
        raise Misconfigured("\n".join(obstacles))
    for each in (folder, folder / DATA, folder / DATA / "blobs", folder / FORGET, secrets):
        _make_folder(each)
    made = Made(folder / CONFIG, secrets / SERVER_KEY)
    ServerKey.generate().write_new(made.server_key)
    _write_new(made.config, _config_text(secrets))
    return made


def _obstacles(folder: Path, secrets: Path) -> Iterator[str]:
    if is_inside(secrets, folder / DATA):
        yield (
            f"{secrets}: is inside the data folder. A copy of the data must not hold the server "
            "key: name a folder elsewhere with --secrets."
        )
    for path in (folder, secrets):
        if not str(path).isprintable():
            yield "The path contains a line break or an invisible character. Choose another name."
        elif path.exists() and not path.is_dir():
            yield f"{path}: is a file. Name a folder."
        elif path.is_dir() and path.stat().st_mode & 0o077:
            yield f"{path}: other users of this machine may look into it. Run: chmod 700 {path}"
    for path in (folder / CONFIG, folder / DATA, folder / FORGET):
        if _is_there(path):
            yield f"{path}: is there already. Name another folder; nothing is ever overwritten."
    if _is_there(secrets / SERVER_KEY):
        yield (
            f"{secrets / SERVER_KEY}: a server key is there already, perhaps of another "
            "deployment. Name another folder with --secrets."
        )


def _is_there(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _make_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def _config_text(secrets: Path) -> str:
    text = example()
    if text.count(_EXAMPLE_SECRETS) != 1:
        raise AssertionError("the example no longer names its folder of secrets")
    return text.replace(_EXAMPLE_SECRETS, f"folder = {_toml_string(str(secrets))}")


def _toml_string(text: str) -> str:
    """Quote *text*; a JSON string is a TOML basic string but for the control character DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _write_new(path: Path, text: str) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "w", encoding="utf-8") as out:
        os.fchmod(out.fileno(), 0o600)
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
