"""Officers' sealed ways into tips.

Owns the tables `tip_grant` and `earlier_grant`. A grant that is not released exists and is
withheld: its officer's queue does not show it until a clock escalates the tip to that centre. One
officer has one grant per tip.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of columns

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sealing.grants import SERVER
from storage.port import Conflict, Row, Transaction
from storage.repositories import audit


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One sealed grant. *officer* is an officer id or "recovery"; *granted_by* may be "server".
    *role* ("officer" or "registrar") is the role of those who read the tip: all grants of one tip
    have the same. A personal one is the officer's own; the others go with *centre*. *day* is what
    an officer signed, for the audit trail: the row does not keep it."""

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
    is_personal: bool = False
    day: str = ""


@dataclass(frozen=True, slots=True)
class EarlierGrant:
    """A grant whose place another took: the tip got new keys, or its reader was let in anew."""

    grant_id: str
    tip_id: str
    officer: str
    granted_by: str
    signature: bytes | None
    sealed: bytes = field(repr=False)


_EARLIER = "grant_id, tip_id, officer, granted_by, signature, sealed"
_COLUMNS = (
    "grant_id, tip_id, officer, centre, released, filed_day, sealed, granted_by, signature, role,"
    " is_personal"
)


def add(t: Transaction, grant: GrantRow, *, has_lapsed: bool = False) -> None:
    """Let an officer in by name. Raises Conflict when the officer has a released grant already,
    unless that *has_lapsed*: it is of a centre which the officer has left.

    Who has a withheld grant gets that one for their own, not *grant*: it was made at filing and
    opens the tip. Nobody here can look inside *grant*, and one that opens nothing must not take its
    place. In the place of one that has lapsed it is put, and that one is kept (`earlier`).
    """
    held = held_by(t, grant.tip_id, grant.officer)
    if held is not None and (has_lapsed or not held.released):
        if has_lapsed:
            _replace(t, held, grant)
        t.execute(
            "UPDATE tip_grant SET released = 1, is_personal = 1, centre = ?"
            " WHERE tip_id = ? AND officer = ?",
            (grant.centre if has_lapsed else held.centre, grant.tip_id, grant.officer),
        )
        _note(t, grant)
        return
    found = t.row("SELECT status FROM tip WHERE tip_id = ?", (grant.tip_id,))
    if found is None:
        raise Conflict("there is no such tip")
    insert(t, (grant,), status=found[0])


def insert(t: Transaction, grants: Sequence[GrantRow], *, status: str) -> None:
    """Write grants of a tip that stands at *status*. Raises Conflict for an id that is taken, or
    was: what readers had is kept by it."""
    for grant in grants:
        if grant.granted_by != SERVER:
            _check_never_used(t, grant.grant_id)
        t.execute(
            f"INSERT INTO tip_grant ({_COLUMNS}, status)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
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
                int(grant.is_personal),
                status,
            ),
        )
        if grant.granted_by != SERVER:
            _note(t, grant)


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


def hand_to(t: Transaction, tip_id: str, centre: str, officers: Iterable[str]) -> frozenset[str]:
    """The tip came to *centre*: those of its *officers* who have a grant, withheld or not, may use
    it as officers of that centre; who they are."""
    handed = {
        officer
        for officer in officers
        if t.execute(
            "UPDATE tip_grant SET centre = ?, released = 1 WHERE tip_id = ? AND officer = ?",
            (centre, tip_id, officer),
        )
    }
    return frozenset(handed)


def withhold(t: Transaction, tip_id: str, centre: str, *, but: str) -> int:
    """Withhold the grants of a centre that the tip has left, personal ones and that of the reader
    *but* excepted; how many."""
    return t.execute(
        "UPDATE tip_grant SET released = 0"
        " WHERE tip_id = ? AND centre = ? AND is_personal = 0 AND officer <> ?",
        (tip_id, centre, but),
    )


def replace_all(t: Transaction, tip_id: str, made: Mapping[str, GrantRow]) -> None:
    """The tip has new keys: put the grants *made* (by reader) in the place of those there are.

    Nobody here can look inside *made*, so what its reader had is kept (`earlier`). A reader for
    whom none was made has none any more, and nothing earlier.
    """
    for held in of_tip(t, tip_id):
        new = made.get(held.officer)
        if new is None:
            t.execute(
                "DELETE FROM earlier_grant WHERE tip_id = ? AND officer = ?",
                (tip_id, held.officer),
            )
            t.execute("DELETE FROM tip_grant WHERE grant_id = ?", (held.grant_id,))
            continue
        _replace(t, held, new)


def earlier(t: Transaction, tip_id: str, officer: str) -> tuple[EarlierGrant, ...]:
    """What the reader had before rekeys of the tip, in no telling order."""
    found = t.rows(
        f"SELECT {_EARLIER} FROM earlier_grant WHERE tip_id = ? AND officer = ? ORDER BY grant_id",
        (tip_id, officer),
    )
    return tuple(EarlierGrant(*row) for row in found)


def held_by(t: Transaction, tip_id: str, officer: str) -> GrantRow | None:
    """The officer's grant to the tip, also a withheld one. Who may use it is another question."""
    found = t.row(
        f"SELECT {_COLUMNS} FROM tip_grant WHERE tip_id = ? AND officer = ?", (tip_id, officer)
    )
    return row_of(found) if found else None


def row_of(row: Row) -> GrantRow:
    """A grant from the columns above, in their order."""
    grant_id, tip_id, officer, centre, released, filed_day, sealed, *rest = row
    granted_by, signature, role, is_personal = rest
    return GrantRow(
        grant_id,
        tip_id,
        officer,
        centre,
        bool(released),
        filed_day,
        sealed,
        granted_by,
        signature,
        role,
        bool(is_personal),
    )


def _replace(t: Transaction, held: GrantRow, new: GrantRow) -> None:
    """Put what is sealed in *new* in the place of what its reader *held*, which is kept. Raises
    Conflict for an id that is taken, or was."""
    t.execute(
        f"INSERT INTO earlier_grant ({_EARLIER}) VALUES (?, ?, ?, ?, ?, ?)",
        (
            held.grant_id,
            held.tip_id,
            held.officer,
            held.granted_by,
            held.signature,
            held.sealed,
        ),
    )
    _check_never_used(t, new.grant_id)
    t.execute(
        "UPDATE tip_grant SET grant_id = ?, sealed = ?, granted_by = ?, signature = ?"
        " WHERE grant_id = ?",
        (new.grant_id, new.sealed, new.granted_by, new.signature, held.grant_id),
    )


def _check_never_used(t: Transaction, grant_id: str) -> None:
    """Two grants of one id could not both be kept, and the tip would get no new keys any more: who
    is to be withdrawn next could see to that."""
    if t.row("SELECT 1 FROM earlier_grant WHERE grant_id = ?", (grant_id,)) is not None:
        raise Conflict("a grant had this id before")


def _note(t: Transaction, grant: GrantRow) -> None:
    """An officer let another one in."""
    audit.note(
        t,
        "grant",
        day=grant.day or grant.filed_day,
        officer=grant.granted_by,
        centre=audit.centre_of(t, grant.tip_id),
        tip_id=grant.tip_id,
        facts={
            "grant_id": grant.grant_id,
            "to": grant.officer,
            "sealed_hash": hashlib.sha256(grant.sealed).hexdigest(),
            "day": grant.day or None,
        },
        signature=grant.signature,
    )
