"""A server that was made anew out of a backup: what its trail says, beside what is known here.

A restore looks like theft of the trail's end, and is like it: what came after the backup is gone.
The server says so in an entry that its key signs, and whoever has that key could say so too. So a
restore explains to a person what does not fit, and is never taken for granted: it is accepted once
somebody has asked the operator, by another way, and told this console the number that they said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from console.watching import SeenTrail
from sealing import (
    RESTORE,
    SERVER,
    Entry,
    SealingError,
    VerifyKey,
    restore_statement,
)


@dataclass(frozen=True, slots=True)
class Restored:
    """One restore, on *day* and from a backup of *backup_day* that held so many *entries*; *seq*
    is the entry that says so."""

    seq: int
    day: str
    backup_day: str
    entries: int


def read_restore(entry: Entry, server_key: VerifyKey) -> Restored | None:
    """What an entry of the deed `restore` says; None when it is not signed by *server_key* for its
    very place in the trail."""
    facts = entry.facts
    day, backup_day, entries = (facts.get(name) for name in ("day", "backup_day", "entries"))
    is_sound = isinstance(day, str) and isinstance(backup_day, str)
    if not is_sound or entries != entry.seq - 1 or entry.officer != SERVER:
        return None
    said = restore_statement(
        day=str(day), backup_day=str(backup_day), entries=entry.seq - 1, head=entry.previous
    )
    try:
        server_key.verify(said, entry.signature or b"")
    except SealingError:
        return None
    return Restored(entry.seq, str(day), str(backup_day), entry.seq - 1)


def restores(entries: Sequence[Entry], server_key: VerifyKey) -> tuple[Restored, ...]:
    """Every restore that the trail tells of and that the server signed, oldest first."""
    found = (read_restore(each, server_key) for each in entries if each.deed == RESTORE)
    return tuple(each for each in found if each is not None)


def is_new(restored: Restored, entries: Sequence[Entry], seen: SeenTrail) -> bool:
    """Whether this console has not taken the restore into its memory yet."""
    shown = {entry.seq: entry.hash for entry in entries}
    known = (n for n, digest in seen.hashes.items() if shown.get(n) == digest)
    return restored.seq > max(known, default=0)


def before(seen: SeenTrail, restored: Restored) -> SeenTrail:
    """What of the memory a restore leaves standing: the entries that the backup held."""
    kept = {n: digest for n, digest in seen.hashes.items() if n < restored.seq}
    return SeenTrail(seen.server_key, kept)
