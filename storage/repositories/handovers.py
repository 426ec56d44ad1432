"""Hand-overs of tips to other bodies: what was written, for whom, by whom; never what is in it.

Owns the table `handover`. A row is added with its entry of the audit trail and changes once, when a
second officer approves. Refuses to know who may hand over what.
"""

# ruff: noqa: S608  # what is put into SQL here is this module's own list of columns

from dataclasses import dataclass, field

from storage.port import Conflict, Transaction
from storage.repositories import audit


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """*officer* hands the tip over to *body* in a *form* ("redacted", "full") as a file whose
    unsealed bytes have that *sha256*; the note *reason_part_id*, at *seq* of the tip's chain, says
    why. It may leave on *open_day* only; None: it waits for a second officer."""

    handover_id: str
    tip_id: str
    body: str
    form: str
    sha256: str
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
    "handover_id, tip_id, body, form, sha256, reason_part_id, seq, officer, day, signature,"
    " open_day, approved_by, approved_day, approval"
)


def add(t: Transaction, handover: HandoverRow) -> None:
    """Keep a hand-over that nobody has approved. Raises Conflict when its id is taken."""
    t.execute(
        f"INSERT INTO handover ({_COLUMNS})"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, NULL)",
        (
            handover.handover_id,
            handover.tip_id,
            handover.body,
            handover.form,
            handover.sha256,
            handover.reason_part_id,
            handover.seq,
            handover.officer,
            handover.day,
            handover.signature,
            handover.open_day,
        ),
    )
    audit.note(
        t,
        "handover",
        day=handover.day,
        officer=handover.officer,
        centre=audit.centre_of(t, handover.tip_id),
        tip_id=handover.tip_id,
        facts={
            **_what(handover),
            "reason_part_id": handover.reason_part_id,
            "seq": handover.seq,
            "day": handover.day,
        },
        signature=handover.signature,
    )


def approve(
    t: Transaction,
    handover: HandoverRow,
    officer: str,
    *,
    day: str,
    signature: bytes,
    open_day: str,
) -> None:
    """A second *officer* approves: it may leave on *open_day*. Raises Conflict when it does not
    wait for one any more."""
    if not t.execute(
        "UPDATE handover SET open_day = ?, approved_by = ?, approved_day = ?, approval = ?"
        " WHERE handover_id = ? AND open_day IS NULL",
        (open_day, officer, day, signature, handover.handover_id),
    ):
        raise Conflict("the hand-over waits for nobody")
    audit.note(
        t,
        "handover-approval",
        day=day,
        officer=officer,
        centre=audit.centre_of(t, handover.tip_id),
        tip_id=handover.tip_id,
        facts={**_what(handover), "giver": handover.officer, "day": day},
        signature=signature,
    )


def get(t: Transaction, tip_id: str, handover_id: str) -> HandoverRow | None:
    """The hand-over, if it is of this tip."""
    found = t.row(
        f"SELECT {_COLUMNS} FROM handover WHERE handover_id = ? AND tip_id = ?",
        (handover_id, tip_id),
    )
    return None if found is None else HandoverRow(*found)


def of_tip(t: Transaction, tip_id: str) -> tuple[HandoverRow, ...]:
    """Every hand-over of the tip, in the order of their reasons."""
    found = t.rows(f"SELECT {_COLUMNS} FROM handover WHERE tip_id = ? ORDER BY seq", (tip_id,))
    return tuple(HandoverRow(*row) for row in found)


def _what(handover: HandoverRow) -> dict[str, str | int]:
    return {
        "handover_id": handover.handover_id,
        "body": handover.body,
        "form": handover.form,
        "sha256": handover.sha256,
    }
