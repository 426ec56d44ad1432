"""What this console saw of the audit trail, beside what it sees now. Pure.

Kept of a trail that was found whole: the server's key, and the hash of the last entry of each day
and of the newest one. One hash vouches for every entry before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sealing import DayHead, Entry


@dataclass(frozen=True, slots=True)
class SeenTrail:
    """*hashes*: number of an entry → its hash, as seen here; *server_key* as it was first seen, 64
    hex digits, "" before the first look."""

    server_key: str = ""
    hashes: Mapping[int, bytes] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The number of the newest entry ever seen here; 0 for none."""
        return max(self.hashes, default=0)


def rewritten_at(entries: Sequence[Entry], seen: SeenTrail) -> int | None:
    """The number of the first entry that is known here with another hash; None: all are the same.

    What was altered is that entry or one before it, back to the known one before.
    """
    shown = {entry.seq: entry for entry in entries}
    found = (n for n in sorted(seen.hashes) if n in shown and shown[n].hash != seen.hashes[n])
    return next(found, None)


def newly_seen(entries: Sequence[Entry], heads: Sequence[DayHead], server_key: str) -> SeenTrail:
    """What to keep of a trail that was found whole."""
    hashes = {head.seq: head.head for head in heads}
    if entries:
        hashes[entries[-1].seq] = entries[-1].hash
    return SeenTrail(server_key, hashes)
