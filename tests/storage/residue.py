"""Searching files for what is left of bytes that were destroyed."""

from collections.abc import Iterable, Mapping
from pathlib import Path

STEP = 64
BLOCK = 12
"""Eight random bytes would do; by chance twelve are in no file."""


def residue(secrets: Iterable[bytes], files: Mapping[str, bytes]) -> set[str]:
    """The names of those *files* in which a piece of any of *secrets* lies, wherever it was cut:
    every piece of 75 bytes or more is found. Give random bytes only, such as ciphertext."""
    blocks = {
        secret[n : n + BLOCK] for secret in secrets for n in range(0, len(secret) - BLOCK + 1, STEP)
    }
    return {
        name
        for name, content in files.items()
        if any(content[n : n + BLOCK] in blocks for n in range(len(content)))
    }


def files_in(*folders: Path) -> dict[str, bytes]:
    """Every file in *folders* and below, by its path."""
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in found}
