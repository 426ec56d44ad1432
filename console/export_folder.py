"""The folder that a tip is taken out into: new, 0700, its files 0600, nothing overwritten, and a
manifest of all of it at the end.

Owns how files come to lie there. A file bears its name only when it is whole and synced, and is
hashed while it is written, never read again. The folder says that it is unfinished, in a file of
its own, until its manifest is there: whoever finds it after a crash can tell.
"""

import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from console.errors import Mistaken, Unreachable
from console.folder import why
from console.previews.drawing import Drawing
from console.previews.passing import Passing
from sealing import (
    ListedFile,
    Manifest,
    OfficerKeys,
    make_manifest,
    manifest_statement,
    write_manifest,
)

MANIFEST = "MANIFEST.json"
SIGNATURE = "MANIFEST.sig"
SUMS = "SHA256SUMS"
UNFINISHED = "UNFINISHED.txt"
_PART = ".part"


class ExportFolder:
    """A new folder at *path*, and what was written into it. Paths are relative, with / between."""

    def __init__(self, path: Path, unfinished: str) -> None:
        """Makes the folder; *unfinished* is what it says of itself until `finish`. Raises Mistaken
        for one that is there already, Unreachable."""
        self.path = make_new_folder(path)
        self._listed: list[ListedFile] = []
        keep_new(self.path / UNFINISHED, unfinished.encode("utf-8", "replace"))

    def keep(self, name: str, data: bytes) -> None:
        """*data* at *name*. Raises Mistaken or Unreachable."""
        with self.writing(name) as out:
            out.write(data)

    async def keep_file(
        self,
        named: Callable[[tuple[str, ...]], str],
        pieces: AsyncIterator[bytes],
        drawing: Drawing,
    ) -> tuple[str, ...]:
        """What *pieces* bring; what it may do to whoever opens it (`previews.HAZARDS`), of which
        *named* makes its name. Nothing stays there unless they end without an error."""
        with self.writing(named(())) as out:
            hazards = await out.take_in(pieces, drawing)
            out.path = self.path / named(hazards)
        return hazards

    @contextmanager
    def writing(self, name: str) -> Iterator["Writing"]:
        """What is written within lies at *name* afterwards, whole and listed; nothing does after an
        error."""
        path = self.path / name
        self._make_folders(path.parent)
        with written(path) as out:
            yield out
        listed = out.path.relative_to(self.path).as_posix()
        self._listed.append(ListedFile(listed, out.size, out.digest.hexdigest()))

    def finish(
        self, *, tip_id: str, day: str, by: OfficerKeys | None, reason: str | None
    ) -> Manifest:
        """Lists all files, in a manifest and for `sha256sum -c`; signed by the officer *by*, if an
        officer took them out, for the *reason* in that note. The folder is finished then."""
        sums = "".join(f"{each.sha256}  {each.path}\n" for each in self._in_order())
        self.keep(SUMS, sums.encode("utf-8"))
        officer = None if by is None else by.id
        manifest = make_manifest(
            tip_id=tip_id, day=day, officer=officer, reason_part_id=reason, files=self._listed
        )
        listed = write_manifest(manifest)
        if by is not None and reason is not None:
            statement = manifest_statement(
                tip_id=tip_id, day=day, officer=by.id, reason_part_id=reason, manifest=listed
            )
            keep_new(self.path / SIGNATURE, f"{by.sign.sign(statement).hex()}\n".encode())
        keep_new(self.path / MANIFEST, listed)
        with _said(self.path / UNFINISHED):
            (self.path / UNFINISHED).unlink()
        return manifest

    def _in_order(self) -> list[ListedFile]:
        return sorted(self._listed, key=lambda each: each.path)

    def _make_folders(self, folder: Path) -> None:
        for each in (*reversed(folder.parents), folder):
            if self.path in each.parents and not each.is_dir():
                make_new_folder(each)


class Writing:
    """A file that is being written: how long it is so far, its SHA-256, and the *path* it will have
    once it is whole."""

    def __init__(self, handle: int, path: Path) -> None:
        self._out = os.fdopen(handle, "wb")
        self.path = path
        self.size = 0
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> None:
        self._out.write(data)
        self.digest.update(data)
        self.size += len(data)

    async def take_in(self, pieces: AsyncIterator[bytes], drawing: Drawing) -> tuple[str, ...]:
        """Write what *pieces* bring; what that may do to whoever opens it, as far as *drawing*
        looks into it."""
        passing = Passing(drawing)
        async for piece in pieces:
            self.write(piece)
            passing.feed(piece)
        return await passing.hazards()

    def end(self) -> None:
        """All of it is on the disk now, and nothing more comes."""
        if not self._out.closed:
            self._out.flush()
            os.fsync(self._out.fileno())
            self._out.close()

    def drop(self) -> None:
        with suppress(OSError):
            self._out.close()


def make_new_folder(path: Path) -> Path:
    """A folder that was not there, 0700. Raises Mistaken or Unreachable."""
    with _said(path):
        path.mkdir(mode=0o700)
        path.chmod(0o700)
    return path


def own_folder(home: Path | None, name: str) -> Path:
    """The folder *name* in the officer's own, made where it is not there yet. Raises Mistaken or
    Unreachable."""
    if home is None:
        raise Mistaken("folder.missing", path="–")
    folder = home / name
    return folder if folder.is_dir() else make_new_folder(folder)


def keep_new(path: Path, data: bytes) -> None:
    """*data* in a file that was not there, 0600, whole. Raises Mistaken or Unreachable."""
    with written(path) as out:
        out.write(data)


@contextmanager
def written(path: Path) -> Iterator[Writing]:
    """A file under another name until it is whole, 0600."""
    beside = path.with_name(f".{path.name[:100]}{_PART}")
    with _said(path):
        if path.exists():
            raise FileExistsError
        out = Writing(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), path)
        try:
            yield out
            out.end()
            _settle(beside, out.path)
        finally:
            out.drop()
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def _settle(beside: Path, path: Path) -> None:
    """Under its own name, if nobody took it meanwhile."""
    try:
        os.link(beside, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if path.exists():
            raise FileExistsError from None
        beside.rename(path)


@contextmanager
def _said(path: Path) -> Iterator[None]:
    """What the disk refuses, in plain words."""
    try:
        yield
    except FileExistsError:
        raise Mistaken("export.exists", path=path) from None
    except OSError as error:
        raise Unreachable("export.unwritable", path=path, why=why(error)) from error
