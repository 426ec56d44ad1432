"""The manifest of a backup: what it holds, to the byte, signed by the server it was taken of.

    # Saisaat backup
    format 1
    day 2026-11-26
    schema 17
    server <the server key's check value>
    gone <blob id>                         no more there when it was to be copied
    file <sha256> <size> <name>
    # signature <base64>

Refuses to know where files lie: names are of a fixed few, so none can lead out of the folder.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bot.backup.errors import BadBackup
from bot.server_key import Purpose, ServerKey
from sealing import Forged, SigningKey, Unsigned
from sealing.canonical import is_day
from sealing.signed_text import sign_text, split_text, verify_text
from storage.copying import Known

NAME = "manifest"
UNFINISHED = ".unfinished"  # behind the name of a folder that is not whole yet
DATABASE, CONFIG, ROSTER, REGISTRY = "saisaat.db", "config.toml", "roster.toml", "registry.toml"
SEALED_KEY, BLOBS = "server-key.age", "blobs"
NEEDED = frozenset({DATABASE, CONFIG, ROSTER, SEALED_KEY})
AT_MOST_BYTES = 256 * 1024 * 1024
_KIND = "backup"
_FORMAT = "1"
_TITLE = "# Saisaat backup"
_FILE = re.compile(
    r"file ([0-9a-f]{64}) (0|[1-9][0-9]{0,15}) "
    r"(saisaat\.db|config\.toml|roster\.toml|registry\.toml|server-key\.age|blobs/[0-9a-f]{32})"
)
_GONE = re.compile(r"gone ([0-9a-f]{32})")
_HEAD = re.compile(r"day (\S{10})\nschema ([1-9][0-9]{0,5})\nserver ([0-9a-f]{32})")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup of *day* holds: each file by its name, and the blobs that were *gone* when
    they were to be copied. *server* is the check value of its server key."""

    day: str
    schema: int
    server: str
    files: Mapping[str, Known] = field(repr=False)
    gone: tuple[str, ...] = field(default=(), repr=False)

    @property
    def blobs(self) -> Mapping[str, Known]:
        """The files that are blobs, by their ids."""
        start = f"{BLOBS}/"
        return {
            name.removeprefix(start): known
            for name, known in self.files.items()
            if name.startswith(start)
        }

    @property
    def total_bytes(self) -> int:
        return sum(known.size for known in self.files.values())

    def signed(self, server_key: ServerKey) -> bytes:
        """The manifest as it is stored."""
        lines = [
            *(_TITLE, f"format {_FORMAT}"),
            *(f"day {self.day}", f"schema {self.schema}", f"server {self.server}"),
            *(f"gone {blob_id}" for blob_id in sorted(self.gone)),
            *(f"file {k.sha256} {k.size} {name}" for name, k in sorted(self.files.items())),
        ]
        body = "\n".join(lines).encode("ascii") + b"\n"
        return sign_text(_KIND, body, _key(server_key))


def opened(raw: bytes, server_key: ServerKey) -> Manifest:
    """The manifest in *raw*, which the holder of *server_key* must have signed; nothing in it
    counts before. Raises BadBackup."""
    try:
        body, signature = split_text(raw)
        verify_text(_KIND, body, signature, _key(server_key).verify_key)
    except Unsigned:
        raise BadBackup(f"{NAME}: is not signed, or was cut off.") from None
    except Forged:
        if f"\nserver {server_key.check}\n".encode() not in raw:
            raise BadBackup(
                f"{NAME}: this backup is of another server, or this is not its server key."
            ) from None
        raise BadBackup(f"{NAME}: was altered; nothing in this folder can be trusted.") from None
    return _parsed(body.decode("ascii", "replace").removesuffix("\n").split("\n"))


def _key(server_key: ServerKey) -> SigningKey:
    return SigningKey.from_seed(server_key.derive(Purpose.BACKUPS))


def _parsed(lines: list[str]) -> Manifest:
    if lines[1:2] != [f"format {_FORMAT}"]:
        raise BadBackup(f"{NAME}: was made by another version of Saisaat. Use that one.")
    head = _HEAD.fullmatch("\n".join(lines[2:5]))
    if head is None or not is_day(head[1]):
        raise BadBackup(f"{NAME}: is not as this program writes one.")
    rest = lines[5:]
    gone = [found[1] for line in rest if (found := _GONE.fullmatch(line))]
    files = dict(_files(rest))
    if len(gone) + len(files) != len(rest) or not files.keys() >= NEEDED:
        raise BadBackup(f"{NAME}: is not as this program writes one.")
    return Manifest(head[1], int(head[2]), head[3], files, tuple(gone))


def _files(lines: list[str]) -> Iterator[tuple[str, Known]]:
    for line in lines:
        if found := _FILE.fullmatch(line):
            yield found[3], Known(int(found[2]), found[1])
