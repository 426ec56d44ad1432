"""What a move to another centre does to who may read and act.

From the move on, the new centre's officers can read and act. Those of the centre that the tip left
still read it and can leave notes, until an officer of the new centre claims it or is given it: so
nobody loses a tip to a centre that cannot open it. With that their grants are withheld, as before
an escalation; moving the tip back gives them again. A centre to which the tip had climbed loses it
at once where it is not above the new one: it has no part in it any more. Who was let in by name
keeps that.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.entitled import entitled
from sealing import RECOVERY, Officer, Role, Roster
from storage.port import Transaction
from storage.repositories import grants, partings, tips
from storage.repositories.grants import GrantRow
from storage.repositories.tips import ChangeKind, ChangeRow


def readers_of(roster: Roster, centre: str, role: Role) -> frozenset[str]:
    """The ids of those of *centre* who read tips for *role*."""
    return frozenset(officer.id for officer in roster.of_centre(centre, role))


def left_centres(changes: Sequence[ChangeRow]) -> frozenset[str]:
    """The centres that the tip has left since it was last claimed."""
    left = set[str]()
    for change in changes:
        if change.kind is ChangeKind.MOVE:
            left |= {change.from_centre or ""}
            left -= {change.to_centre}
        elif change.kind in (ChangeKind.CLAIM, ChangeKind.ASSIGN):
            left.clear()
    return frozenset(left)


def is_left_behind(t: Transaction, tip_id: str, grant: GrantRow) -> bool:
    """Whether *grant* is of a centre that the tip was moved from and whose successor has not taken
    it up yet: good for reading and for notes."""
    return not grant.is_personal and grant.centre in left_centres(tips.changes(t, tip_id))


def take_up(t: Transaction, tip_id: str, left: frozenset[str]) -> None:
    """The new centre claimed the tip: withhold it from the centres that it *left*."""
    for centre in left:
        grants.withhold(t, tip_id, centre, but=RECOVERY)


def leave_climbed(
    t: Transaction, tip_id: str, changes: Sequence[ChangeRow], line: Sequence[str]
) -> None:
    """The tip goes to a centre whose *line* is that one and those above, after *changes*: withhold
    it from centres that it had climbed to elsewhere."""
    climbed = {change.to_centre for change in changes if change.kind is ChangeKind.ESCALATE}
    for centre in climbed - {None, *line} - left_centres(changes):
        grants.withhold(t, tip_id, centre or "", but=RECOVERY)


def away(t: Transaction, officer: Officer, tip_id: str) -> ChangeRow | None:
    """The move that took the tip from *officer*, who could read it before; None when there is none,
    and for whom it was always withheld."""
    move = partings.by_move(t, tip_id, officer.id)
    grant = None if move is None else grants.held_by(t, tip_id, officer.id)
    if grant is None or not entitled(officer, replace(grant, released=True)):
        return None
    return move
