"""Which roles a route is for. One table; a route that is not in it is for nobody.

It is the outer wall only: of which centre, and for whose tips, is asked where the deed is done.
"""

from collections.abc import Mapping

from bot.desk.errors import Forbidden
from sealing import Officer, Role

PREFIX = "/desk/v1"
"""What stands before every route."""
OPEN = frozenset({"POST /challenge", "POST /sign-in"})
"""For anybody: nobody is signed in yet."""

_ANYBODY = frozenset(Role)
_READERS = frozenset({Role.OFFICER, Role.LEAD, Role.REGISTRAR})
_REGISTRARS = frozenset({Role.REGISTRAR})
_ADMINS = frozenset({Role.ADMIN})
_WATCHERS = frozenset({Role.LEAD, Role.AUDITOR, Role.ADMIN})

MAY: Mapping[str, frozenset[Role]] = {
    "POST /sign-out": _ANYBODY,
    "GET /me": _ANYBODY,
    "GET /roster": _ANYBODY,
    "GET /centres": _ANYBODY,
    "GET /sessions": _ANYBODY,
    "POST /sessions/end": _ANYBODY,
    "GET /tips": _READERS,
    "GET /standings": _READERS,
    "GET /tips/{tip_id}": _READERS,
    "GET /tips/{tip_id}/blobs/{blob_id}": _READERS,
    "POST /tips/{tip_id}/claim": _READERS,
    "POST /tips/{tip_id}/release": _READERS,
    "POST /tips/{tip_id}/assign": _READERS,
    "POST /tips/{tip_id}/parts": _READERS,
    "POST /tips/{tip_id}/status": _READERS,
    "POST /tips/{tip_id}/move": _READERS,
    "POST /tips/{tip_id}/extend": _READERS,
    "POST /tips/{tip_id}/hold": _READERS,
    "POST /tips/{tip_id}/unhold": _READERS,
    "POST /tips/{tip_id}/withdraw": _READERS,
    "POST /tips/{tip_id}/openings": _READERS,
    "POST /tips/{tip_id}/openings/{opening_id}/approval": _READERS,
    "POST /tips/{tip_id}/handovers": _READERS,
    "POST /tips/{tip_id}/handovers/{handover_id}/approval": _READERS,
    "POST /tips/{tip_id}/grants": _READERS | _ADMINS,
    "GET /recovery/tips": _ADMINS,
    "GET /alerts": _ANYBODY,
    "POST /alerts/links": _ANYBODY,
    "POST /alerts/email": _ANYBODY,
    "POST /alerts/email/confirm": _ANYBODY,
    "POST /alerts/places/{binding_id}/remove": _ANYBODY,
    "POST /alerts/wishes": _ANYBODY,
    "POST /alerts/test": _ANYBODY,
    "GET /cards": _ANYBODY,
    "POST /cards": _REGISTRARS,
    "GET /campaigns": _REGISTRARS,
    "POST /campaigns": _REGISTRARS,
    "POST /campaigns/{campaign_id}/stop": _REGISTRARS,
    "GET /members/terms": _REGISTRARS,
    "POST /members/codes": _REGISTRARS,
    "POST /members/states": _REGISTRARS,
    "GET /members/counts": _REGISTRARS,
    "GET /members/record": _REGISTRARS | {Role.AUDITOR},
    "GET /figures": _WATCHERS | {Role.FIGURES},
    "GET /audit": _WATCHERS,
    "GET /audit/days": _WATCHERS,
    "POST /audit/days/{day}/signatures": _WATCHERS,
}
"""Route → the roles it is for. A route that is for officers is for leads too."""


def methods_of(path: str) -> tuple[str, ...]:
    """The methods of *path*, as the application names it."""
    routes = (route.partition(" ") for route in sorted({*MAY, *OPEN}))
    return tuple(method for method, _, its_path in routes if its_path == path)


def check(officer: Officer, route: str) -> None:
    """Raises Forbidden unless *route* ("GET /tips") is for one of *officer*'s roles."""
    roles = MAY.get(route, frozenset())
    if any(map(officer.has, roles)):
        return
    if roles == _ADMINS:
        raise Forbidden("not_admin", "Only an admin may do this.")
    if roles == _WATCHERS:
        raise Forbidden("not_auditor", "Only an auditor may see the audit trail.")
    if Role.REGISTRAR in roles and Role.OFFICER not in roles:
        raise Forbidden("not_registrar", "Only a registrar of that centre may do this.")
    raise Forbidden("not_your_role", "Your role in the roster is not one that does this.")
