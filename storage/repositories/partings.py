"""How a tip that was an officer's came to be theirs no more, if they are to be told.

Owns no table. Each is one look, and finds as little for whom a tip never was as for a tip that
never was: nobody can tell by the time it takes. Refuses to know who is in the roster.
"""

# ruff: noqa: S608  # what is put into SQL here are the columns that `tips` lists

from storage.port import Transaction
from storage.repositories.tips import CHANGES, ChangeRow, change_of


def by_move(t: Transaction, tip_id: str, officer: str) -> ChangeRow | None:
    """The last move of the tip away from the centre of *officer*'s grant, which is withheld by now,
    or after the tip had climbed there; None for whom it was always withheld, and whose it is."""
    found = t.row(
        f"{CHANGES} WHERE tip_id = ? AND kind = 'move' AND EXISTS (SELECT 1 FROM tip_grant AS g"
        " WHERE g.tip_id = change.tip_id AND g.officer = ? AND g.released = 0"
        " AND (g.centre = change.from_centre OR EXISTS (SELECT 1 FROM change AS climb"
        " WHERE climb.tip_id = g.tip_id AND climb.kind = 'escalate'"
        " AND climb.to_centre = g.centre AND climb.version < change.version)))"
        " ORDER BY version DESC LIMIT 1",
        (tip_id, officer),
    )
    return None if found is None else change_of(found)


def by_withdrawal(t: Transaction, tip_id: str, officer: str) -> ChangeRow | None:
    """The last rekey that shut *officer* out; None for who was let in again, or never out."""
    found = t.row(
        f"{CHANGES} WHERE tip_id = ? AND kind = 'rekey' AND to_officer = ?"
        " AND NOT EXISTS (SELECT 1 FROM tip_grant AS g"
        " WHERE g.tip_id = change.tip_id AND g.officer = change.to_officer)"
        " ORDER BY version DESC LIMIT 1",
        (tip_id, officer),
    )
    return None if found is None else change_of(found)
