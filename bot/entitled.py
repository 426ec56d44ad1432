"""Who is entitled to a tip: whoever holds a released grant, still has the role that it was made
for, and still belongs to its centre."""

from sealing import Officer, Role
from storage.repositories.grants import GrantRow


def entitled(officer: Officer, grant: GrantRow) -> bool:
    """Whether *officer*, by the roster of today, may use the *grant* that the database holds.

    A grant made at filing or by a move goes with the centre: who left it loses it. One that a
    colleague gave to the officer by name is their own. Both need the role that reads such a tip: an
    officer's for a tip, a registrar's for an application to join the network, and no other will do.
    """
    if grant.officer != officer.id or not grant.released or not has_role(officer, grant.role):
        return False
    return grant.is_personal or grant.centre in officer.centres


def has_role(officer: Officer, role: str) -> bool:
    """Whether *officer* reads what *role* reads, the name of one as the database holds it."""
    return officer.has(Role(role))
