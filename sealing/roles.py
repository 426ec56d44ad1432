"""What an officer may be, which roles go together, and who counts as what.

Owns the one answer to "may this person act as …?": a lead is an officer who may do more, and an
auditor who is also something that is audited is no auditor. Pure tables; who belongs to which
centre is the roster's affair.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What an officer may do."""

    OFFICER = "officer"  # reads and answers the tips of their centres
    LEAD = "lead"  # an officer who also gives out, takes and extends the tips of their centres
    REGISTRAR = "registrar"  # reads applications to the network, issues and revokes member codes
    ADMIN = "admin"  # looks after the roster
    AUDITOR = "auditor"  # sees figures and the audit trail, never contents
    FIGURES = "figures"  # sees figures only


@dataclass(frozen=True, slots=True)
class Mix:
    """Two roles that one person should not have. A *refused* one is never signed; the others are
    signed by an admin who says so, for small centres have few people."""

    one: Role
    other: Role
    is_refused: bool


MIXES = (
    *(Mix(Role.AUDITOR, each, True) for each in (Role.OFFICER, Role.LEAD, Role.REGISTRAR)),
    Mix(Role.AUDITOR, Role.ADMIN, True),
    *(Mix(Role.ADMIN, each, False) for each in (Role.OFFICER, Role.LEAD)),
    *(Mix(Role.REGISTRAR, each, False) for each in (Role.OFFICER, Role.LEAD)),
)


def mixes_of(roles: Iterable[Role]) -> tuple[Mix, ...]:
    """What in *roles* should not be one person's, in the order of the table."""
    held = frozenset(roles)
    return tuple(mix for mix in MIXES if {mix.one, mix.other} <= held)


def acts_as(roles: Iterable[Role], role: Role) -> bool:
    """Whether somebody with *roles* may do what *role* does.

    A refused mix can only stand in a roster that another program signed, or an earlier release. It
    takes nobody's tips away; what it takes away is the audit.
    """
    held = frozenset(roles)
    if role is Role.AUDITOR and any(mix.is_refused for mix in mixes_of(held)):
        return False
    return role in held or (role is Role.OFFICER and Role.LEAD in held)
