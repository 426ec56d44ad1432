"""Secrets of the platforms in files of the secrets folder: one secret a file, mode 0600.

A file is the best place for a token: no copy of the configuration, no `ps`, no shell history shows
it, and systemd can guard it (LoadCredential=telegram-token:…). Refuses to know what a secret is
good for, and never says a word of it: what is wrong is told by the key and the path.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from bot.config_errors import ConfigError, Problem

SECRET_FILES: Mapping[tuple[str, ...], str] = {
    ("telegram", "token"): "telegram-token",
    ("telegram", "webhook_secret"): "telegram-webhook-secret",
    ("line", "channel_secret"): "line-channel-secret",
    ("line", "channel_access_token"): "line-access-token",
    ("alerts", "telegram_token"): "alerts-telegram-token",
    ("alerts", "line_channel_secret"): "alerts-line-channel-secret",
    ("alerts", "line_access_token"): "alerts-line-access-token",
    ("alerts", "email", "password"): "alerts-email-password",
}
"""(section, …, key) → the file of the secrets folder that may hold it instead."""

_AT_MOST_FILE_BYTES = 4096


def found(folder: Path, *, is_credential: bool) -> dict[tuple[str, ...], str]:
    """Read every secret file that is in *folder*; *is_credential*: systemd guards the folder.

    Raises ConfigError with every file that is there and cannot be used.
    """
    secrets, problems = dict[tuple[str, ...], str](), list[Problem]()
    for place, name in SECRET_FILES.items():
        read = _read(folder / name, _named(place), is_credential)
        if isinstance(read, Problem):
            problems.append(read)
        elif read is not None:
            secrets[place] = read
    if problems:
        raise ConfigError(problems)
    return secrets


def one(folder: Path, name: str, key: str, *, is_credential: bool) -> str:
    """The secret in the file *name* of the secrets folder, which *key* of the configuration names.

    Raises ConfigError: it is missing, or cannot be used.
    """
    read = _read(folder / name, key, is_credential)
    if read is None:
        read = Problem(key, f"{folder / name} is missing.", "Write the secret alone into it.")
    if isinstance(read, Problem):
        raise ConfigError([read])
    return read


def given_twice(places: Iterable[tuple[str, ...]], folder: Path) -> Iterator[Problem]:
    """Say for each of *places* that key and file both give it: which of them is stale?"""
    for place in places:
        path = folder / SECRET_FILES[place]
        fix = f"Remove it from the configuration or the environment, or remove {path}."
        yield Problem(_named(place), f"is given twice: here and in {path}.", fix)


def _read(path: Path, key: str, is_credential: bool) -> str | Problem | None:
    try:
        with path.open("rb", buffering=0) as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                return Problem(key, f"{path} is not a plain file.", "Put a text file there.")
            if facts.st_mode & 0o077 and not is_credential:
                says = f"{path} can be read by other users of this machine."
                return Problem(key, says, f"Run: chmod 600 {path}")
            return _text(file.read(_AT_MOST_FILE_BYTES + 1) or b"", path, key)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        says = f"{path} cannot be read ({type(error).__name__})."
        fix = "Let the user that runs the bot own the file and its folder."
        return Problem(key, says, fix)


def _text(raw: bytes, path: Path, key: str) -> str | Problem:
    fix = "Write the secret alone into it, on one line."
    if len(raw) > _AT_MOST_FILE_BYTES:
        return Problem(key, f"{path} is too long for a secret.", fix)
    try:
        text = raw.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        return Problem(key, f"{path} is not written in UTF-8.", fix)
    return text or Problem(key, f"{path} is empty.", fix)


def _named(place: tuple[str, ...]) -> str:
    return f"[{'.'.join(place[:-1])}] {place[-1]}"
