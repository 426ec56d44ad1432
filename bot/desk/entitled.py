"""Who is entitled to a tip: whoever holds a released grant and still belongs to its centre."""

from sealing import Officer, Role
from storage.repositories.grants import GrantRow


def entitled(officer: Officer, grant: GrantRow) -> bool:
    """Whether *officer*, by the roster of today, may use the *grant* that the database holds.

    A grant made at filing goes with the centre: who left it loses it. One that a colleague made is
    the officer's own. Both need the role.
    """
    if Role.OFFICER not in officer.roles or grant.officer != officer.id or not grant.released:
        return False
    return grant.signature is not None or grant.centre in officer.centres
