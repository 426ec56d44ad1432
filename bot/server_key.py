"""The server key: one secret of the deployment, from which every other keyed thing is derived.

It lives in a file outside the database and the data folder (mode 0600, or a systemd credential),
beside the deployment's salt. Whoever has a copy of the database but not this file can neither
look for a receipt nor tell whose a conversation is. Losing it loses every receipt, so a backup
carries key and salt sealed to recovery.

The file is one line of text after comments: `saisaat-server-key-1 KEY SALT`, both 64 hex digits.
"""

import os
import stat
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import ServerKeyUnusable
from sealing.errors import Malformed
from sealing.server_keys import AT_MOST_BYTES, read_server_key, write_server_key

KEY_BYTES = 32


class Purpose(StrEnum):
    """What a derived key is for; the text is part of the derivation and never changes."""

    CONVERSATION_IDS = "conversation ids"
    SEEN_MARKS = "seen marks"
    MESSAGE_MARKS = "message marks"
    DRAWER = "drawer"
    PEPPER = "pepper"
    FORM_NONCES = "form nonces"
    DESK_TOKENS = "desk tokens"
    AUDIT_HEADS = "audit heads"
    FIGURES = "figures"
    PUBLIC_QUARTERS = "public quarters"
    BACKUPS = "backups"
    CHECK = "check"


class ServerKey:
    """The deployment's key and salt. Neither shows in repr, in errors, or by pickling."""

    __slots__ = ("_key", "_salt")

    def __init__(self, key: bytes, salt: bytes) -> None:
        if len(key) != KEY_BYTES or len(salt) != KEY_BYTES:
            raise ValueError("a server key and its salt are 32 bytes each")
        self._key = bytes(key)
        self._salt = bytes(salt)

    @classmethod
    def generate(cls, random: Callable[[int], bytes] = os.urandom) -> Self:
        return cls(random(KEY_BYTES), random(KEY_BYTES))

    @classmethod
    def read(cls, path: Path, *, is_credential: bool = False) -> Self:
        """Read the key file; *is_credential*: systemd guards it, its mode bits show an ACL mask.

        Raises ServerKeyUnusable: missing, readable by others, or not a server key.
        """
        return cls(*_parse(_read_guarded(path, is_credential), path))

    def write_new(self, path: Path) -> None:
        """Write the file, synced, mode 0600. Raises FileExistsError: a key is never overwritten."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(path, flags, 0o600), "wb") as out:
            os.fchmod(out.fileno(), 0o600)  # the umask may have taken bits away
            out.write(self.file)
            out.flush()
            os.fsync(out.fileno())
        _sync_folder(path.parent)

    @property
    def file(self) -> bytes:
        """What stands in the file: to be written, or sealed to recovery for a backup."""
        return write_server_key(self._key, self._salt)

    def derive(self, purpose: Purpose) -> bytes:
        """Return the 32-byte key for *purpose* (HKDF-SHA256); one tells nothing of another."""
        info = b"saisaat server key 1: " + purpose.value.encode()
        return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=self._salt, info=info).derive(
            self._key
        )

    @property
    def pepper(self) -> bytes:
        """The secret that stretching a code needs besides the code."""
        return self.derive(Purpose.PEPPER)

    @property
    def salt(self) -> bytes:
        """The deployment's salt for stretching codes (32 bytes; kept with the key)."""
        return self._salt

    @property
    def check(self) -> str:
        """A value (32 hex digits) that tells this key from another and gives nothing away."""
        return self.derive(Purpose.CHECK)[:16].hex()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ServerKey) and (self._key, self._salt) == (other._key, other._salt)

    def __hash__(self) -> int:
        return hash((self._key, self._salt))

    def __repr__(self) -> str:
        return "ServerKey(hidden)"

    def __reduce__(self) -> str | tuple[object, ...]:
        raise TypeError("a server key is never pickled")


def _read_guarded(path: Path, is_credential: bool) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode):
                raise ServerKeyUnusable(f"{path}: the server key is not a plain file.")
            if facts.st_mode & 0o077 and not is_credential:
                raise ServerKeyUnusable(
                    f"{path}: other users of this machine may read the server key. "
                    f"Run: chmod 600 {path}"
                )
            return file.read(AT_MOST_BYTES + 1) or b""
    except FileNotFoundError:
        raise ServerKeyUnusable(
            f"{path}: there is no server key here. Put the key of this deployment back; "
            "for a new deployment `saisaat init` makes one."
        ) from None
    except OSError as error:
        raise ServerKeyUnusable(
            f"{path}: the server key cannot be read ({type(error).__name__}). "
            "Let the user that runs the bot own the file and its folder."
        ) from None


def _parse(raw: bytes, path: Path) -> tuple[bytes, bytes]:
    try:
        return read_server_key(raw)
    except Malformed:
        says = "this is not a Saisaat server key, or it is damaged. "
    # Outside the handler: the error keeps no piece of the file.
    raise ServerKeyUnusable(f"{path}: {says}Put the file back from the sealed backup.")


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
