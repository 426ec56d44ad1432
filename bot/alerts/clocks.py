"""How tips' clocks stand, for alerts: by what an officer may read, or of a whole centre.

An application's clock is near, never urgent: only tips' clocks count as run out.
"""

from collections.abc import Mapping
from datetime import date

from bot.alerts.counting import Standing
from sealing import Officer, Role
from storage.port import Transaction
from storage.repositories import clocks, open_counts


class TipClocks:
    """`bot.alerts.alerting.Clocks`."""

    def of_officer(self, t: Transaction, officer: Officer, today: str) -> Mapping[str, Standing]:
        return {centre: _of_officer(t, officer, centre, today) for centre in officer.centres}

    def of_held(self, t: Transaction, officer: Officer, today: str) -> int | None:
        roles = readers_roles(officer)
        day = open_counts.nearest_held(t, officer.id, officer.centres, roles, today)
        return _days(day, today)

    def of_centre(self, t: Transaction, centre: str, today: str) -> Standing:
        found = clocks.counts(t, today).get(centre)
        if found is None:
            return Standing()
        return Standing(found.overdue + found.climbed, _days(found.nearest, today))


def readers_roles(officer: Officer) -> tuple[Role, ...]:
    """The roles of *officer* for which grants are made."""
    return tuple(role for role in (Role.OFFICER, Role.REGISTRAR) if officer.has(role))


def _of_officer(t: Transaction, officer: Officer, centre: str, today: str) -> Standing:
    roles = readers_roles(officer)
    days = [
        day
        for role in roles
        if (day := open_counts.nearest(t, officer.id, centre, today, role)) is not None
    ]
    late = Role.OFFICER in roles
    overdue = open_counts.overdue(t, officer.id, centre, today) if late else 0
    return Standing(overdue, _days(min(days, default=None), today))


def _days(day: str | None, today: str) -> int | None:
    """How many days from *today* until *day*."""
    return None if day is None else (date.fromisoformat(day) - date.fromisoformat(today)).days
