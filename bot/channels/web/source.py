"""This program's own source, as its licence promises to everybody who uses it over a network.

Packed from the files that are running, so a changed program hands out the changed source. Only the
program's own rooms and only the kinds of files a program is made of: never data, never secrets.
"""

import gzip
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

ROOMS = ("bot", "handlers", "sealing", "storage")
KINDS = frozenset({".py", ".html", ".css", ".toml", ".csv", ".sql", ".txt", ".md"})
BESIDE = ("LICENSE", "README.md", "pyproject.toml", "Makefile", "config.example.toml")


def packed(version: str) -> bytes:
    """The source as a .tar.gz; the same bytes for the same files."""
    root = Path(__file__).resolve().parents[3]
    name = f"saisaat-{version or 'source'}"
    tar_bytes = io.BytesIO()
    with tarfile.open(fileobj=tar_bytes, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for path in _files(root):
            data = path.read_bytes()
            entry = tarfile.TarInfo(f"{name}/{path.relative_to(root).as_posix()}")
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return gzip.compress(tar_bytes.getvalue(), mtime=0)


def _files(root: Path) -> Iterator[Path]:
    for room in ROOMS:
        yield from sorted(
            path
            for path in (root / room).rglob("*")
            if path.suffix in KINDS and path.is_file() and not path.is_symlink()
        )
    # Beside an installed package lie other people's files; beside a checkout, ours.
    if (root / "pyproject.toml").is_file():
        yield from (root / each for each in BESIDE if (root / each).is_file())
