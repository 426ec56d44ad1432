"""What a second officer may have to agree to: kept in one manner, each kind in its own table.

A row is added with its entry of the audit trail and changes once, when a second officer approves.
Refuses to know who may do what.
"""

# ruff: noqa: S608  # what is put into SQL here are names that this package's own modules give

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from storage.port import Conflict, Transaction
from storage.repositories import audit

Row = TypeVar("Row", bound="SecondedRow")


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondedRow:
    """*officer* does something to the tip; the note *reason_part_id*, at *seq* of its chain, says
    why. It is open on *open_day* only; None: it waits for a second officer."""

    tip_id: str
    reason_part_id: str
    seq: int
    officer: str
    day: str
    signature: bytes = field(repr=False)
    open_day: str | None = None
    approved_by: str | None = None
    approved_day: str | None = None
    approval: bytes | None = field(default=None, repr=False)


_SHARED = (
    *("tip_id", "reason_part_id", "seq", "officer", "day", "signature"),
    *("open_day", "approved_by", "approved_day", "approval"),
)


@dataclass(frozen=True, slots=True)
class SecondedTable(Generic[Row]):
    """The table *name* of one kind, which is also what the trail calls it.

    *columns* are those of its own, the id first; *what* gives a row's values of them, *read* makes
    a row of all columns by name. In the trail an approval is called *approval*, and the officer who
    is agreed with *asker*.
    """

    name: str
    columns: tuple[str, ...]
    what: Callable[[Row], Mapping[str, str | None]]
    read: Callable[..., Row]
    approval: str
    asker: str

    def add(self, t: Transaction, row: Row) -> None:
        """Keep what nobody has approved. Raises Conflict when its id is taken."""
        what = self.what(row)
        kept = {
            **what,
            "tip_id": row.tip_id,
            "reason_part_id": row.reason_part_id,
            "seq": row.seq,
            "officer": row.officer,
            "day": row.day,
            "signature": row.signature,
            "open_day": row.open_day,
        }
        t.execute(
            f"INSERT INTO {self.name} ({', '.join(kept)}) VALUES ({', '.join('?' * len(kept))})",
            tuple(kept.values()),
        )
        audit.note(
            t,
            self.name,
            day=row.day,
            officer=row.officer,
            centre=audit.centre_of(t, row.tip_id),
            tip_id=row.tip_id,
            facts={
                **what,
                "reason_part_id": row.reason_part_id,
                "seq": row.seq,
                "day": row.day,
            },
            signature=row.signature,
        )

    def approve(
        self, t: Transaction, row: Row, officer: str, *, day: str, signature: bytes, open_day: str
    ) -> None:
        """A second *officer* approves: it is open on *open_day*. Raises Conflict when it does not
        wait for one any more."""
        what = self.what(row)
        if not t.execute(
            f"UPDATE {self.name}"
            " SET open_day = ?, approved_by = ?, approved_day = ?, approval = ?"
            f" WHERE {self.columns[0]} = ? AND open_day IS NULL",
            (open_day, officer, day, signature, what[self.columns[0]]),
        ):
            raise Conflict(f"the {self.name} waits for nobody")
        audit.note(
            t,
            self.approval,
            day=day,
            officer=officer,
            centre=audit.centre_of(t, row.tip_id),
            tip_id=row.tip_id,
            facts={**what, self.asker: row.officer, "day": day},
            signature=signature,
        )

    def get(self, t: Transaction, tip_id: str, row_id: str) -> Row | None:
        """The one of that id, if it is of this tip."""
        found = self._read(t, f"{self.columns[0]} = ? AND tip_id = ?", row_id, tip_id)
        return found[0] if found else None

    def of_tip(self, t: Transaction, tip_id: str) -> tuple[Row, ...]:
        """All of the tip, in the order of their reasons."""
        return self._read(t, "tip_id = ? ORDER BY seq", tip_id)

    def _read(self, t: Transaction, which: str, *values: str) -> tuple[Row, ...]:
        names = (*self.columns, *_SHARED)
        found = t.rows(f"SELECT {', '.join(names)} FROM {self.name} WHERE {which}", values)
        return tuple(self.read(**dict(zip(names, row, strict=True))) for row in found)
