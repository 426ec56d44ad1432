"""The ZIP of a hand-off: written in one pass, the same bytes for the same contents.

Nothing of this machine is in it: every time is the first of 1980, every owner nobody, no comment,
no extra field, no compression (its output changes with the library's release). Its manifest lists
what is in it and is signed by the officer; neither names the tip.
"""

import base64
import hashlib
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from sealing import JSON, SigningKey, canonical
from sealing.handovers import contents_statement

MANIFEST = "MANIFEST.json"
SUMS = "SHA256SUMS"
SCHEMA = 1
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_MODE = 0o100600 << 16
_UNIX = 3
_PIECE = 256 * 1024

Write = Callable[[bytes], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file in the ZIP."""

    name: str
    size: int
    sha256: str


@dataclass
class Bundle:
    """A ZIP on its way to *write*. Files are added in the order in which they lie in it."""

    write: Write = field(repr=False)
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._digest = hashlib.sha256()
        self._zip = zipfile.ZipFile(_Sink(self._out), "w", zipfile.ZIP_STORED)

    def add(self, name: str, data: bytes) -> None:
        """One file, whole."""
        with self._zip.open(_info(name, len(data)), "w") as member:
            for at in range(0, len(data), _PIECE):
                member.write(data[at : at + _PIECE])
        self.entries.append(Entry(name, len(data), hashlib.sha256(data).hexdigest()))

    async def add_pieces(self, name: str, size: int, pieces: AsyncIterator[bytes]) -> None:
        """One file of *size* bytes, piece by piece."""
        digest = hashlib.sha256()
        with self._zip.open(_info(name, size), "w") as member:
            async for piece in pieces:
                digest.update(piece)
                member.write(piece)
        self.entries.append(Entry(name, size, digest.hexdigest()))

    def finish(self, key: SigningKey) -> str:
        """Add the manifest, signed with *key*, and end; the SHA-256 of all that was written."""
        sums = "".join(f"{each.sha256}  {each.name}\n" for each in self.entries)
        manifest = signed_manifest(tuple(self.entries), key)
        self.add(SUMS, sums.encode())
        self.add(MANIFEST, manifest)
        self._zip.close()
        return self._digest.hexdigest()

    def _out(self, data: bytes) -> None:
        self._digest.update(data)
        self.write(data)


def signed_manifest(entries: tuple[Entry, ...], key: SigningKey) -> bytes:
    """The list of *entries*, and the officer's signature over it."""
    files: list[JSON] = [{"name": e.name, "size": e.size, "sha256": e.sha256} for e in entries]
    listing: dict[str, JSON] = {"schema": SCHEMA, "files": files}
    digest = hashlib.sha256(canonical.write(listing)).hexdigest()
    signature = key.sign(contents_statement(listing_sha256=digest))
    signed = {"signed_by": str(key.verify_key), "signature": base64.b64encode(signature).decode()}
    return json.dumps({**listing, **signed}, ensure_ascii=False, indent=1).encode() + b"\n"


def _info(name: str, size: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _LONG_AGO)
    info.create_system, info.external_attr = _UNIX, _MODE
    info.file_size = size  # beyond 4 GB the format needs to know before
    return info


class _Sink:
    """What `zipfile` writes to where nothing can be sought."""

    def __init__(self, write: Write) -> None:
        self._write = write

    def write(self, data: bytes) -> int:
        self._write(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held here."""

    def close(self) -> None:
        """Whoever gave the way out closes it."""
