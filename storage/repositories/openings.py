"""Openings of what identifies: exports of tips, and originals of files, each for a reason.

Owns the table `opening`. A row is added with its entry of the audit trail and changes once, when a
second officer approves. Refuses to know who may open what.
"""

# ruff: noqa: S608  # what is put into SQL here is this module's own list of columns

from dataclasses import dataclass, field
from typing import Any

from sealing.openings import Opens
from storage.port import Conflict, Transaction
from storage.repositories import audit


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """*officer* opens the tip's export, or the original of the part *part_id*; the note
    *reason_part_id*, at *seq* of the tip's chain, says why. It is open on *open_day* only; None: it
    waits for a second officer."""

    opening_id: str
    tip_id: str
    opens: Opens
    part_id: str | None
    reason_part_id: str
    seq: int
    officer: str
    day: str
    signature: bytes = field(repr=False)
    open_day: str | None = None
    approved_by: str | None = None
    approved_day: str | None = None
    approval: bytes | None = field(default=None, repr=False)


_COLUMNS = (
    "opening_id, tip_id, opens, part_id, reason_part_id, seq, officer, day, signature, open_day,"
    " approved_by, approved_day, approval"
)


def add(t: Transaction, opening: OpeningRow) -> None:
    """Keep an opening that nobody has approved. Raises Conflict when its id is taken."""
    t.execute(
        f"INSERT INTO opening ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
        (
            opening.opening_id,
            opening.tip_id,
            opening.opens.value,
            opening.part_id,
            opening.reason_part_id,
            opening.seq,
            opening.officer,
            opening.day,
            opening.signature,
            opening.open_day,
        ),
    )
    audit.note(
        t,
        "opening",
        day=opening.day,
        officer=opening.officer,
        centre=audit.centre_of(t, opening.tip_id),
        tip_id=opening.tip_id,
        facts={
            "opening_id": opening.opening_id,
            "opens": opening.opens.value,
            "part_id": opening.part_id,
            "reason_part_id": opening.reason_part_id,
            "seq": opening.seq,
            "day": opening.day,
        },
        signature=opening.signature,
    )


def approve(
    t: Transaction, opening: OpeningRow, officer: str, *, day: str, signature: bytes, open_day: str
) -> None:
    """A second *officer* approves: it is open on *open_day*. Raises Conflict when it does not wait
    for one any more."""
    if not t.execute(
        "UPDATE opening SET open_day = ?, approved_by = ?, approved_day = ?, approval = ?"
        " WHERE opening_id = ? AND open_day IS NULL",
        (open_day, officer, day, signature, opening.opening_id),
    ):
        raise Conflict("the opening waits for nobody")
    audit.note(
        t,
        "approval",
        day=day,
        officer=officer,
        centre=audit.centre_of(t, opening.tip_id),
        tip_id=opening.tip_id,
        facts={
            "opening_id": opening.opening_id,
            "opens": opening.opens.value,
            "part_id": opening.part_id,
            "opener": opening.officer,
            "day": day,
        },
        signature=signature,
    )


def get(t: Transaction, tip_id: str, opening_id: str) -> OpeningRow | None:
    """The opening, if it is of this tip."""
    found = t.row(
        f"SELECT {_COLUMNS} FROM opening WHERE opening_id = ? AND tip_id = ?", (opening_id, tip_id)
    )
    return None if found is None else _row(*found)


def of_tip(t: Transaction, tip_id: str) -> tuple[OpeningRow, ...]:
    """Every opening of the tip, in the order of their reasons."""
    found = t.rows(f"SELECT {_COLUMNS} FROM opening WHERE tip_id = ? ORDER BY seq", (tip_id,))
    return tuple(_row(*row) for row in found)


def _row(opening_id: str, tip_id: str, opens: str, *rest: Any) -> OpeningRow:
    return OpeningRow(opening_id, tip_id, Opens(opens), *rest)
