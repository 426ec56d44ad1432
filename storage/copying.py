"""Copying files so that they are known afterwards: bytes, hash and name, made durable.

Owns one file at a time, read once: what is hashed is what is written. Refuses to know what is in
it. Nothing is ever followed through a link or written over, and a copy's times say the day only.
"""

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from storage.blobs import CHUNK_BYTES, midnight_s
from storage.port import Missing, StorageError, Unavailable


class Strange(StorageError):
    """A file is not what it was said to be: a link, a folder, too long, or of another hash."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a file is: its size in bytes and its SHA-256 (hex)."""

    size: int
    sha256: str


def copy(source: Path, target: Path, wanted: Known | None = None) -> Known:
    """Copy *source* to the new file *target* (mode 0600), synced but for its name; blocks.

    Raises Missing, Unavailable (also: the disk is full), and Strange when it is not the *wanted*
    one: *target* is gone again then.
    """
    read = _opened(source)
    try:
        written = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            known = _poured(read, written, None if wanted is None else wanted.size)
            if wanted is not None and known != wanted:
                raise Strange(f"{source}: was altered")
            _finished(written, os.fstat(read).st_mtime)
        except BaseException:
            target.unlink(missing_ok=True)
            raise
        finally:
            os.close(written)
    except OSError as error:
        raise told(error, target) from error
    finally:
        os.close(read)
    return known


def look_at(source: Path, wanted: Known) -> None:
    """Read *source* and compare. Raises Missing, Strange or Unavailable."""
    read = _opened(source)
    try:
        if _poured(read, None, wanted.size) != wanted:
            raise Strange(f"{source}: was altered")
    except OSError as error:
        raise told(error, source) from error
    finally:
        os.close(read)


def settle(path: Path) -> Known:
    """Sync a file that was written otherwise, give it the day's time, and say what it is."""
    file = _opened(path)
    try:
        known = _poured(file, None, None)
        _finished(file, os.fstat(file).st_mtime)
    except OSError as error:
        raise told(error, path) from error
    finally:
        os.close(file)
    return known


def write_new(path: Path, data: bytes) -> Known:
    """Write a small new file (mode 0600), synced. Raises Unavailable."""
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(path, flags, 0o600), "wb") as out:
            out.write(data)
            out.flush()
            _finished(out.fileno(), os.fstat(out.fileno()).st_mtime)
    except OSError as error:
        raise told(error, path) from error
    return Known(len(data), hashlib.sha256(data).hexdigest())


def read_small(path: Path, at_most_bytes: int) -> bytes:
    """A whole file that must be short. Raises Missing, Strange or Unavailable."""
    file = _opened(path)
    with os.fdopen(file, "rb") as source:
        data = source.read(at_most_bytes + 1)
    if len(data) > at_most_bytes:
        raise Strange(f"{path}: is too long")
    return data


def told(error: OSError, path: Path) -> Unavailable:
    """What an operator is told of *error*."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Unavailable(f"{path.parent}: the disk is full.")
    return Unavailable(f"{path}: {error.strerror or type(error).__name__}.")


def _opened(path: Path) -> int:
    """A plain file, never through a link, never waiting for a pipe."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        file = os.open(path, flags)
    except FileNotFoundError as error:
        raise Missing(f"{path}: is missing") from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise Strange(f"{path}: is a link") from error
        raise told(error, path) from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise Strange(f"{path}: is not a plain file")
    return file


def _poured(read: int, written: int | None, at_most: int | None) -> Known:
    """Hash all there is to read, and write it; stops early at more than *at_most* bytes."""
    digest, size, piece = hashlib.sha256(), 0, bytearray(4 * CHUNK_BYTES)
    view = memoryview(piece)
    while got := os.readv(read, [view]):
        digest.update(view[:got])
        size += got
        if at_most is not None and size > at_most:
            break
        if written is not None:
            _write(written, view[:got])
    return Known(size, digest.hexdigest())


def _write(file: int, left: memoryview) -> None:
    while left:
        left = left[os.write(file, left) :]


def _finished(file: int, moment_s: float) -> None:
    os.fchmod(file, 0o600)
    day_s = midnight_s(moment_s)
    os.utime(file, (day_s, day_s))
    os.fsync(file)
