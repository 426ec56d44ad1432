"""Originals of parts: what was sent before something was taken out, where the person may decide.

Owns the table `original`. A row is there while the person has not decided (*key_id*), and for a
file's original that is kept, as long as its part. Refuses to know what was taken out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from storage.port import Transaction


@dataclass(frozen=True, slots=True)
class OriginalRow:
    """One original, of *day*: *key_id* names a key of the forget store until it is decided;
    *blob_id* is a file's blob (words lie inside their part)."""

    part_id: str
    tip_id: str
    day: str
    blob_id: str | None
    key_id: str | None


@dataclass(frozen=True, slots=True)
class Gone:
    """What may be destroyed once the commit is durable: blobs, and keys of the forget store."""

    blobs: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    @classmethod
    def all(cls, each: "Iterable[Gone]") -> "Gone":
        every = tuple(each)
        return cls(
            tuple(blob for gone in every for blob in gone.blobs),
            tuple(key for gone in every for key in gone.keys),
        )


_COLUMNS = "part_id, tip_id, day, blob_id, key_id"


def add(t: Transaction, original: OriginalRow) -> None:
    """Note an original that waits for a decision, or a file's that is kept."""
    t.execute(
        f"INSERT INTO original ({_COLUMNS}) VALUES (?, ?, ?, ?, ?)",  # noqa: S608  # our own columns
        (original.part_id, original.tip_id, original.day, original.blob_id, original.key_id),
    )


def keep(t: Transaction, tip_id: str, part_id: str) -> Gone:
    """It is kept: its key is given away inside the tip, and needed here no more."""
    original = get(t, tip_id, part_id)
    if original is None:
        return Gone()
    if original.blob_id is None:
        return drop(t, tip_id, part_id)
    t.execute("UPDATE original SET key_id = NULL WHERE part_id = ?", (part_id,))
    return Gone(keys=_there(original.key_id))


def drop(t: Transaction, tip_id: str, part_id: str) -> Gone:
    """It is to be destroyed, or goes with its part. Silent when there is none."""
    original = get(t, tip_id, part_id)
    if original is None:
        return Gone()
    t.execute("DELETE FROM original WHERE part_id = ?", (part_id,))
    return Gone(_there(original.blob_id), _there(original.key_id))


def drop_all(t: Transaction, tip_id: str) -> Gone:
    """Every original of a tip that is discarded."""
    found = t.rows("SELECT blob_id, key_id FROM original WHERE tip_id = ?", (tip_id,))
    t.execute("DELETE FROM original WHERE tip_id = ?", (tip_id,))
    return Gone.all(Gone(_there(blob_id), _there(key_id)) for blob_id, key_id in found)


def drop_undecided(t: Transaction, before: str, limit: int) -> Gone:
    """Drop some originals from before that day that nobody ever decided about. Empty: none left."""
    found = t.rows(
        "SELECT tip_id, part_id FROM original WHERE day < ? AND key_id IS NOT NULL"
        " ORDER BY day LIMIT ?",
        (before, limit),
    )
    return Gone.all(drop(t, tip_id, part_id) for tip_id, part_id in found)


def get(t: Transaction, tip_id: str, part_id: str) -> OriginalRow | None:
    """The original of this part, if it is this tip's."""
    found = t.row(
        f"SELECT {_COLUMNS} FROM original WHERE part_id = ? AND tip_id = ?",  # noqa: S608  # our own columns
        (part_id, tip_id),
    )
    return OriginalRow(*found) if found else None


def with_blob(t: Transaction, tip_id: str) -> frozenset[str]:
    """The parts of this tip whose file lies there in both versions."""
    found = t.rows(
        "SELECT part_id FROM original WHERE tip_id = ? AND blob_id IS NOT NULL", (tip_id,)
    )
    return frozenset(part_id for (part_id,) in found)


def kept_of(t: Transaction, tip_id: str, blob_id: str) -> str | None:
    """The part whose kept original *blob_id* is; None when it is none that may be seen."""
    found = t.row(
        "SELECT part_id FROM original WHERE tip_id = ? AND blob_id = ? AND key_id IS NULL",
        (tip_id, blob_id),
    )
    return None if found is None else str(found[0])


def _there(value: str | None) -> tuple[str, ...]:
    return () if value is None else (value,)
