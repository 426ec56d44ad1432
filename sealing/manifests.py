"""What lies in a folder that was taken out of the desk: each file's path, size and SHA-256, and the
officer's signature over the whole list.

Pure: the folder itself is its caller's. A list has one spelling (canonical JSON, paths in order),
so that its hash names one folder and no other.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from sealing import canonical
from sealing.canonical import Fields
from sealing.errors import Malformed
from sealing.signing import Statement, statement

SCHEMA = 1
AT_MOST_BYTES = 16 * 1024 * 1024
PATH_AT_MOST = 1024
_HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file of the folder: *path* from its top, with / between; *size* in bytes; *sha256* hex."""

    path: str = field(repr=False)  # it may hold a name that a stranger gave
    size: int
    sha256: str

    def __post_init__(self) -> None:
        if not is_path(self.path):
            raise ValueError("a path stays inside its folder and is spelled in one way")
        if self.size < 0 or not canonical.is_hex(self.sha256, _HASH_BYTES):
            raise ValueError("a listed file has a size and a SHA-256 in lowercase hex")


@dataclass(frozen=True, slots=True)
class Manifest:
    """All files of one folder, but the list itself and its signature, in the order of their paths.

    *officer* took it out of the desk, for the reason in the note *reason_part_id*. Both are None in
    a folder that was opened with the recovery key, away from any desk: nobody signs that one.
    """

    tip_id: str
    day: str
    officer: str | None
    reason_part_id: str | None
    files: tuple[ListedFile, ...]

    def __post_init__(self) -> None:
        if not canonical.is_id(self.tip_id) or not canonical.is_day(self.day):
            raise ValueError("a manifest names a tip and a day")
        if (self.officer is None) != (self.reason_part_id is None):
            raise ValueError("an officer has a reason, and a reason is an officer's")
        if not all(each is None or canonical.is_id(each) for each in self._ids()):
            raise ValueError("an id is 32 lowercase hex digits")
        paths = [each.path for each in self.files]
        if any(one >= two for one, two in pairwise(paths)):
            raise ValueError("each path once, in order")

    def _ids(self) -> tuple[str | None, ...]:
        return (self.officer, self.reason_part_id)


def make_manifest(
    *,
    tip_id: str,
    day: str,
    officer: str | None,
    reason_part_id: str | None,
    files: Iterable[ListedFile],
) -> Manifest:
    """The manifest of *files* in any order. Raises ValueError for a path that comes twice."""
    in_order = sorted(files, key=lambda each: each.path)
    return Manifest(tip_id, day, officer, reason_part_id, tuple(in_order))


def write_manifest(manifest: Manifest) -> bytes:
    """The one spelling of *manifest*."""
    return canonical.write(
        {
            "schema": SCHEMA,
            "tip_id": manifest.tip_id,
            "day": manifest.day,
            "officer": manifest.officer,
            "reason_part_id": manifest.reason_part_id,
            "files": [
                {"path": each.path, "size": each.size, "sha256": each.sha256}
                for each in manifest.files
            ],
        }
    )


def read_manifest(data: bytes) -> Manifest:
    """The manifest in *data* (≤ 16 MiB). Raises Malformed, NewerFormat."""
    fields = Fields(canonical.read(data, AT_MOST_BYTES))
    fields.schema(SCHEMA)
    try:
        manifest = Manifest(
            tip_id=fields.id("tip_id"),
            day=fields.day("day"),
            officer=fields.text_or_none("officer"),
            reason_part_id=fields.text_or_none("reason_part_id"),
            files=tuple(map(_file, fields.objects("files"))),
        )
    except ValueError:
        raise Malformed("not a manifest of one folder") from None
    fields.done()
    return manifest


def manifest_statement(
    *, tip_id: str, day: str, officer: str, reason_part_id: str, manifest: bytes
) -> Statement:
    """*officer* took the tip out of the desk for the reason in that note; *manifest* (its bytes)
    lists what lay in the folder then."""
    return statement(
        "manifest",
        tip_id=tip_id,
        day=day,
        officer=officer,
        reason_part_id=reason_part_id,
        manifest_hash=hashlib.sha256(manifest).hexdigest(),
    )


def is_path(text: str) -> bool:
    """Whether *text* is the path of a file inside a folder: no way up or out, no character that a
    terminal or `sha256sum -c` would take for another."""
    pieces = text.split("/")
    return (
        0 < len(text) <= PATH_AT_MOST
        and text.isprintable()
        and "\\" not in text
        and not any(piece in ("", ".", "..") for piece in pieces)
    )


def _file(value: dict[str, object]) -> ListedFile:
    fields = Fields(value)
    listed = ListedFile(fields.text("path"), fields.number("size"), fields.text("sha256"))
    fields.done()
    return listed
