"""Destroying a tip: every row that belongs to it, in one commit with the entry that says so.

Owns the tables `shredded` and `shredded_change`: that a tip was destroyed, on which day, and what
officers had signed that let it be. Nothing is left of what was told, noted, granted or promised;
the audit trail keeps what it said of the tip. Blobs and keys are destroyed by the caller once the
commit is durable; until then nothing leads to them any more.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of tables and columns

from dataclasses import dataclass

from sealing.grants import SERVER
from storage.port import Transaction
from storage.repositories import audit, notices, parts, tips
from storage.repositories.originals import Gone
from storage.repositories.tips import ChangeKind, ChangeRow, Status

RETENTION = "retention"
"""Why: the time for which ended tips are kept is over."""

# Those without anything that is destroyed outside the database; `tip` last, for the others name it.
_TABLES = ("opening", "handover", "tip_grant", "earlier_grant", "rekey", "change", "tip")
_CHANGE = "tip_id, version, kind, status, officer, day, part_id, signature"


@dataclass(frozen=True, slots=True)
class Shredded:
    """A tip that was destroyed on *day*. *changes*: its ending, and the lifting of its last hold,
    as their officers signed them."""

    tip_id: str
    day: str
    changes: tuple[ChangeRow, ...] = ()


def shred(t: Transaction, tip_id: str, *, day: str, why: str = RETENTION) -> Gone:
    """Delete the filed tip and all that belongs to it; what is to be destroyed after the commit."""
    centre, changes = audit.centre_of(t, tip_id), tips.changes(t, tip_id)
    gone = Gone.all((parts.remove_all(t, tip_id), Gone(keys=notices.remove_all_of(t, tip_id))))
    for table in _TABLES:
        t.execute(f"DELETE FROM {table} WHERE tip_id = ?", (tip_id,))
    t.execute("INSERT INTO shredded (tip_id, day) VALUES (?, ?)", (tip_id, day))
    for kind in (ChangeKind.STATUS, ChangeKind.UNHOLD):
        last = next((change for change in reversed(changes) if change.kind is kind), None)
        if last is not None:
            _keep(t, last)
    audit.note(
        t, "shred", day=day, officer=SERVER, centre=centre, tip_id=tip_id, facts={"why": why}
    )
    return gone


def get(t: Transaction, tip_id: str) -> Shredded | None:
    """What is known of a tip that was destroyed; None for any other."""
    found = t.row("SELECT day FROM shredded WHERE tip_id = ?", (tip_id,))
    if found is None:
        return None
    rows = t.rows(
        f"SELECT {_CHANGE} FROM shredded_change WHERE tip_id = ? ORDER BY version", (tip_id,)
    )
    changes = tuple(
        ChangeRow(
            tip_id,
            version,
            ChangeKind(kind),
            None if status is None else Status(status),
            *rest,
        )
        for _, version, kind, status, *rest in rows
    )
    return Shredded(tip_id, found[0], changes)


def _keep(t: Transaction, change: ChangeRow) -> None:
    t.execute(
        f"INSERT INTO shredded_change ({_CHANGE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            change.tip_id,
            change.version,
            change.kind.value,
            None if change.status is None else change.status.value,
            change.officer,
            change.day,
            change.part_id,
            change.signature,
        ),
    )
