"""Searching files for what is left of bytes that were destroyed."""

from collections.abc import Collection, Mapping
from pathlib import Path

STEP = 64
BLOCK = 12
"""Eight random bytes would do; by chance twelve are in no file."""


def residue(secrets: Collection[bytes], files: Mapping[str, bytes]) -> set[str]:
    """The names of those *files* in which a piece of any of *secrets* lies, wherever it was cut:
    every piece of 75 bytes or more is found. Give random bytes only, such as ciphertext; what is
    alike at the beginning of all files of one format is not looked at."""
    places = range(STEP, max(map(len, secrets)), STEP)
    blocks = {each[n : n + BLOCK] for each in secrets for n in places if n + BLOCK <= len(each)}
    return {
        name
        for name, content in files.items()
        if any(content[n : n + BLOCK] in blocks for n in range(len(content)))
    }


def files_in(*folders: Path) -> dict[str, bytes]:
    """Every file in *folders* and below, by its path."""
    found = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in found}
