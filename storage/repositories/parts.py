"""The sealed parts of a tip: one chain per tip, appended to and never rewritten.

Owns the table `part`. A part is added only behind the part that its seal names as previous; what is
unsent leaves a tombstone, which keeps its place and hash. Refuses to know what a part says.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of columns

from dataclasses import dataclass, field

from storage.port import Conflict, Misuse, Transaction
from storage.repositories import audit, originals
from storage.repositories.originals import Gone

NO_PREVIOUS = bytes(32)


@dataclass(frozen=True, slots=True)
class PartRow:
    """One sealed part. *sealed* is None in a tombstone; *hash* is the SHA-256 of the sealed bytes.

    *size_class* is the padded size in bytes, of the blob when there is one.
    """

    part_id: str
    tip_id: str
    seq: int
    hash: bytes
    sealed: bytes | None = field(repr=False)
    sealed_to: str
    author: str
    kind: str
    day: str
    size_class: int
    blob_id: str | None = None
    officer: str | None = None
    signature: bytes | None = None

    @property
    def is_tombstone(self) -> bool:
        """Whether its words were taken back."""
        return self.sealed is None


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends: the next part is *seq* + 1 and names *hash* as its previous."""

    seq: int
    hash: bytes


class ChainMoved(Conflict):
    """Another part was appended first; *head* is where the chain ends now."""

    def __init__(self, head: Head) -> None:
        super().__init__("the tip has newer parts")
        self.head = head


_COLUMNS = (
    "part_id, tip_id, seq, hash, sealed, sealed_to, author, kind, day, size_class,"
    " blob_id, officer, signature"
)


def head(t: Transaction, tip_id: str) -> Head:
    """The end of the tip's chain; (0, 32 zero bytes) when it has no part."""
    found = t.row(
        "SELECT seq, hash FROM part WHERE tip_id = ? ORDER BY seq DESC LIMIT 1", (tip_id,)
    )
    return Head(*found) if found else Head(0, NO_PREVIOUS)


def append(t: Transaction, part: PartRow, *, previous: bytes) -> None:
    """Add *part* behind the part whose hash is *previous*. Raises ChainMoved."""
    end = head(t, part.tip_id)
    if (part.seq, previous) != (end.seq + 1, end.hash):
        raise ChainMoved(end)
    if len(part.hash) != len(NO_PREVIOUS) or part.sealed is None:
        raise Misuse("a new part has sealed bytes and their hash")
    t.execute(
        f"INSERT INTO part ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            part.part_id,
            part.tip_id,
            part.seq,
            part.hash,
            part.sealed,
            part.sealed_to,
            part.author,
            part.kind,
            part.day,
            part.size_class,
            part.blob_id,
            part.officer,
            part.signature,
        ),
    )
    if part.officer is not None:
        audit.note(
            t,
            "part",
            day=part.day,
            officer=part.officer,
            centre=audit.centre_of(t, part.tip_id),
            tip_id=part.tip_id,
            facts={
                "part_id": part.part_id,
                "seq": part.seq,
                "previous": previous.hex(),
                "sealed_hash": part.hash.hex(),
                "kind": part.kind,
                "day": part.day,
            },
            signature=part.signature,
        )


def tombstone(t: Transaction, tip_id: str, part_id: str) -> Gone:
    """Take the part's bytes away, keeping its place, and its original; what is to be destroyed
    after the commit.

    Silent when there is no such part or it is a tombstone already.
    """
    part = get(t, tip_id, part_id)
    if part is None:
        return Gone()
    t.execute("UPDATE part SET sealed = NULL, blob_id = NULL WHERE part_id = ?", (part_id,))
    blobs = () if part.blob_id is None else (part.blob_id,)
    return Gone.all((Gone(blobs), originals.drop(t, tip_id, part_id)))


def get(t: Transaction, tip_id: str, part_id: str) -> PartRow | None:
    """The part, if it is this tip's."""
    found = t.row(
        f"SELECT {_COLUMNS} FROM part WHERE part_id = ? AND tip_id = ?", (part_id, tip_id)
    )
    return PartRow(*found) if found else None


def chain(t: Transaction, tip_id: str) -> tuple[PartRow, ...]:
    """Every part of the tip in order, tombstones too."""
    found = t.rows(f"SELECT {_COLUMNS} FROM part WHERE tip_id = ? ORDER BY seq", (tip_id,))
    return tuple(PartRow(*row) for row in found)


def of_kind(t: Transaction, tip_id: str, kind: str) -> tuple[PartRow, ...]:
    """The tip's parts of one kind, in order."""
    found = t.rows(
        f"SELECT {_COLUMNS} FROM part WHERE tip_id = ? AND kind = ? ORDER BY seq", (tip_id, kind)
    )
    return tuple(PartRow(*row) for row in found)


def with_blob(t: Transaction, tip_id: str, blob_id: str) -> PartRow | None:
    """The part of this tip that carries *blob_id*."""
    found = t.row(
        f"SELECT {_COLUMNS} FROM part WHERE tip_id = ? AND blob_id = ?", (tip_id, blob_id)
    )
    return PartRow(*found) if found else None


def remove_all(t: Transaction, tip_id: str) -> Gone:
    """Delete the whole chain (a discarded draft); what is to be destroyed after the commit."""
    blobs = t.rows("SELECT blob_id FROM part WHERE tip_id = ? AND blob_id IS NOT NULL", (tip_id,))
    t.execute("DELETE FROM part WHERE tip_id = ?", (tip_id,))
    told = Gone(tuple(blob_id for (blob_id,) in blobs))
    return Gone.all((told, originals.drop_all(t, tip_id)))


def blob_ids(t: Transaction) -> frozenset[str]:
    """Every blob that a part or an original carries; a blob not among them is an orphan."""
    found = t.rows(
        "SELECT blob_id FROM part WHERE blob_id IS NOT NULL"
        " UNION SELECT blob_id FROM original WHERE blob_id IS NOT NULL"
    )
    return frozenset(blob_id for (blob_id,) in found)
