"""What every file needs that the admin signs and the bot uses: the newest one ever seen, remembered
in the database, and what to tell an operator about one that is refused.

The roster and the registry are such files. Refuses to know what is in them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sealing import (
    Forged,
    Malformed,
    NewerFormat,
    RolledBack,
    SealingError,
    Unsigned,
)
from storage.port import Transaction
from storage.repositories import settings


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest file of its kind that was ever in use here: its version, and SHA-256 (hex) of its
    bytes."""

    version: int = 0
    hash: str | None = None

    @classmethod
    def of(cls, kind: str, get: Callable[[str], str | None]) -> Self:
        """Read it out of the settings."""
        return cls(int(get(version_setting(kind)) or 0), get(_hash_setting(kind)))

    def is_other(self, version: int, hash: str) -> bool:
        """Whether a file of that version and hash is another than was in use under that version."""
        return version == self.version and hash != (self.hash or hash)


def remember(t: Transaction, kind: str, version: int, hash: str) -> None:
    """Keep that this file was in use. Raises Conflict: a newer one was."""
    settings.raise_to(t, version_setting(kind), version)
    settings.put(t, _hash_setting(kind), hash)


def version_setting(kind: str) -> str:
    """The setting that holds the highest version of *kind* ("roster", "registry")."""
    return f"{kind}_version"


def _hash_setting(kind: str) -> str:
    return f"{kind}_hash"


@dataclass(frozen=True, slots=True)
class Advice:
    """How to mend a file of one kind: how it is signed, and what to do about a broken one."""

    sign: str
    make_again: str
    ask_again: str

    def about(self, error: SealingError) -> str:
        """What is wrong with a file that was refused with *error*, and what to do."""
        return next(says for kind, says in self._refusals.items() if isinstance(error, kind))

    @property
    def _refusals(self) -> Mapping[type[SealingError], str]:
        return {
            Unsigned: f"is not signed. Have the admin sign it: {self.sign}.",
            Forged: (
                "is not signed by the admin key of this server, or was changed afterwards. Ask the "
                "admin for it again, and compare the key in [roster] admin_key by telephone."
            ),
            RolledBack: (
                "is older than one that was in use before. Somebody may have put it back: ask the "
                "admin for the newest."
            ),
            NewerFormat: "was made by a newer Saisaat. Update this one.",
            Malformed: (
                "is signed but cannot be used: something in it is not as it must be. "
                f"{self.make_again}"
            ),
            SealingError: f"cannot be used. {self.ask_again}",
        }


class Unreadable(Exception):
    """The file cannot be read; the text says why and what to do. *is_missing*: it is not there."""

    def __init__(self, says: str, *, is_missing: bool = False) -> None:
        super().__init__(says)
        self.is_missing = is_missing


def bytes_of(path: Path, at_most: int) -> bytes:
    """The file, and one byte more than *at_most* at most. Raises Unreadable."""
    try:
        with path.open("rb") as file:
            return file.read(at_most + 1)
    except FileNotFoundError:
        raise Unreadable("is not there.", is_missing=True) from None
    except OSError as error:
        says = f"cannot be read ({type(error).__name__}). Let the user that runs the bot read it."
        raise Unreadable(says) from None
