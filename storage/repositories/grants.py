"""Officers' sealed ways into tips.

Owns the table `tip_grant`. A grant that is not released exists and is withheld: its officer's queue
does not show it until a clock escalates the tip to that centre. One officer has one grant per tip.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of columns

from collections.abc import Sequence
from dataclasses import dataclass, field

from storage.port import Conflict, Row, Transaction


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One sealed grant. *officer* is an officer id or "recovery"; *granted_by* may be "server".
    *role* ("officer" or "registrar") is the role of those who read the tip: all grants of one tip
    have the same."""

    grant_id: str
    tip_id: str
    officer: str
    centre: str
    released: bool
    filed_day: str
    sealed: bytes = field(repr=False)
    granted_by: str = "server"
    signature: bytes | None = None
    role: str = "officer"


_COLUMNS = (
    "grant_id, tip_id, officer, centre, released, filed_day, sealed, granted_by, signature, role"
)


def add(t: Transaction, grant: GrantRow) -> None:
    """Let an officer in. Raises Conflict when the officer has a released grant already.

    Who has a withheld grant gets that one, not *grant*: it was made at filing and opens the tip.
    Nobody here can look inside *grant*, and one that opens nothing must not take its place.
    """
    if t.execute(
        "UPDATE tip_grant SET released = 1 WHERE tip_id = ? AND officer = ? AND released = 0",
        (grant.tip_id, grant.officer),
    ):
        return
    found = t.row("SELECT status FROM tip WHERE tip_id = ?", (grant.tip_id,))
    if found is None:
        raise Conflict("there is no such tip")
    insert(t, (grant,), status=found[0])


def insert(t: Transaction, grants: Sequence[GrantRow], *, status: str) -> None:
    """Write grants of a tip that stands at *status*."""
    for grant in grants:
        t.execute(
            f"INSERT INTO tip_grant ({_COLUMNS}, status) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                grant.grant_id,
                grant.tip_id,
                grant.officer,
                grant.centre,
                int(grant.released),
                grant.filed_day,
                grant.sealed,
                grant.granted_by,
                grant.signature,
                grant.role,
                status,
            ),
        )


def of_tip(t: Transaction, tip_id: str) -> tuple[GrantRow, ...]:
    """Every grant of the tip, withheld ones too."""
    found = t.rows(f"SELECT {_COLUMNS} FROM tip_grant WHERE tip_id = ?", (tip_id,))
    return tuple(row_of(row) for row in found)


def of_officer(t: Transaction, tip_id: str, officer: str) -> GrantRow | None:
    """The officer's released grant to the tip; None alike for a withheld one and an unknown tip."""
    found = t.row(
        f"SELECT {_COLUMNS} FROM tip_grant WHERE tip_id = ? AND officer = ? AND released = 1",
        (tip_id, officer),
    )
    return row_of(found) if found else None


def role_of(t: Transaction, tip_id: str) -> str | None:
    """The role of those who read the tip; None when nobody does."""
    found = t.row("SELECT role FROM tip_grant WHERE tip_id = ? LIMIT 1", (tip_id,))
    return None if found is None else str(found[0])


def release(t: Transaction, tip_id: str, centre: str) -> int:
    """Stop withholding the grants of one centre's officers (the tip escalates); how many."""
    return t.execute(
        "UPDATE tip_grant SET released = 1 WHERE tip_id = ? AND centre = ? AND released = 0",
        (tip_id, centre),
    )


def row_of(row: Row) -> GrantRow:
    """A grant from the columns above, in their order."""
    grant_id, tip_id, officer, centre, released, *rest = row
    return GrantRow(grant_id, tip_id, officer, centre, bool(released), *rest)
