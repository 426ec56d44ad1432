"""Is this the folder that was taken out of the desk? Every file there and whole, nothing more than
was listed, the list signed by an officer of a roster.

Offline, and read only. Owns what can be found to differ (`Deviation`, keys of the words
`exportcheck.…`). A folder from somebody else is hostile: no link is followed, nothing but ordinary
files inside it is read, piece by piece.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from console.errors import Mistaken
from console.export_folder import MANIFEST, SIGNATURE, UNFINISHED
from console.findings import Signers
from sealing import (
    ListedFile,
    Malformed,
    Manifest,
    NewerFormat,
    manifest_statement,
    read_manifest,
)
from sealing.manifests import AT_MOST_BYTES

_PIECE = 1024 * 1024
_SIGNATURE_AT_MOST = 1024


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that is not as it was left; *params* fill in its words."""

    name: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        return f"exportcheck.{self.name}"


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of it. *signature*: "signed", "former" (by who is in the roster no more),
    "by_recovery" (nobody signs that), "unchecked" (no roster to judge by), else "" and a deviation
    says why."""

    deviations: tuple[Deviation, ...]
    manifest: Manifest | None = None
    signature: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether all files are as listed; who listed them is another question."""
        return self.manifest is not None and not self.deviations


def check_export(folder: Path, signers: Signers | None) -> Checked:
    """What differs in *folder*, by the keys of *signers*. Raises Mistaken when it is no folder."""
    if not folder.is_dir():
        raise Mistaken("exportcheck.no_folder", path=folder)
    if not os.path.lexists(folder / MANIFEST):
        return Checked((Deviation("no_manifest"),))
    raw = small_file(folder / MANIFEST, AT_MOST_BYTES)
    try:
        manifest = read_manifest(raw or b"")
    except NewerFormat:
        return Checked((Deviation("newer_manifest"),))
    except Malformed:
        return Checked((Deviation("bad_manifest"),))
    said = _signature(folder, manifest, raw or b"", signers)
    signature = "" if isinstance(said, Deviation) else said
    found = [*([said] if isinstance(said, Deviation) else []), *_files(folder, manifest)]
    return Checked(tuple(found), manifest, signature)


def small_file(path: Path, at_most: int) -> bytes | None:
    """What lies at *path*; None when it is no ordinary file, cannot be read, or is longer."""
    try:
        with os.fdopen(open_ordinary(path), "rb") as source:
            size = os.fstat(source.fileno()).st_size
            data = source.read(size + 1) if size <= at_most else b""
    except OSError:
        return None
    return data if len(data) == size else None


def _signature(
    folder: Path, manifest: Manifest, raw: bytes, signers: Signers | None
) -> str | Deviation:
    """How the list is signed, or what is wrong with that."""
    if manifest.officer is None or manifest.reason_part_id is None:
        is_there = os.path.lexists(folder / SIGNATURE)
        return Deviation("extra", {"path": SIGNATURE}) if is_there else "by_recovery"
    if not os.path.lexists(folder / SIGNATURE):
        return Deviation("unsigned")
    try:
        text = (small_file(folder / SIGNATURE, _SIGNATURE_AT_MOST) or b"").decode("ascii")
        signature = bytes.fromhex(text.removesuffix("\n"))
    except ValueError:
        return Deviation("forged")
    if f"{signature.hex()}\n" != text:  # one spelling
        return Deviation("forged")
    if signers is None:
        return "unchecked"
    statement = manifest_statement(
        tip_id=manifest.tip_id,
        day=manifest.day,
        officer=manifest.officer,
        reason_part_id=manifest.reason_part_id,
        manifest=raw,
    )
    judged = signers.judge(manifest.officer, statement, signature)
    return judged if judged in ("signed", "former") else Deviation(judged)


def _files(folder: Path, manifest: Manifest) -> Iterator[Deviation]:
    left = {each.path: each for each in manifest.files}
    for path, is_ordinary in _found(folder):
        if path in (MANIFEST, SIGNATURE):
            continue
        one = left.pop(path, None)
        if path == UNFINISHED:
            yield Deviation("unfinished")
        elif one is None:
            yield Deviation("extra", {"path": path})
        elif not is_ordinary:
            yield Deviation("not_a_file", {"path": path})
        elif (deviation := _compared(folder / path, one)) is not None:
            yield deviation
    for path in left:
        yield Deviation("missing", {"path": path})


def _found(folder: Path) -> Iterator[tuple[str, bool]]:
    """Every file below *folder*, and whatever else is no folder: its path, and whether it is an
    ordinary file. A folder with nothing in it is nothing."""
    waiting = [""]
    while waiting:
        top = waiting.pop()
        try:
            entries = sorted(os.scandir(folder / top), key=lambda entry: entry.name)
        except OSError:
            yield top, False
            continue
        for entry in entries:
            path = f"{top}/{entry.name}" if top else entry.name
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            else:
                yield path, entry.is_file(follow_symlinks=False)


def _compared(path: Path, listed: ListedFile) -> Deviation | None:
    digest, size = hashlib.sha256(), 0
    try:
        handle = open_ordinary(path)
        with os.fdopen(handle, "rb") as source:
            while piece := source.read(_PIECE):
                digest.update(piece)
                size += len(piece)
                if size > listed.size:  # however long it is, no more of it is read
                    break
            if size != listed.size:
                size = os.fstat(source.fileno()).st_size
    except OSError:
        return Deviation("unreadable", {"path": listed.path})
    if size != listed.size:
        return Deviation("resized", {"path": listed.path, "size": size, "listed": listed.size})
    if digest.hexdigest() != listed.sha256:
        return Deviation("altered", {"path": listed.path})
    return None


def open_ordinary(path: Path) -> int:
    """A handle of the ordinary file there: not through a link, and without waiting for a pipe.
    Raises OSError."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError("not an ordinary file")
    return handle
