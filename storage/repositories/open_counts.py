"""How many open tips an officer may read or holds, and how their clocks stand. Never which.

Owns no table: it reads ranges of the indexes by which queues and clocks are read. Everything is by
the officer's own grants, centres and roles: who is shut out of a tip, or has left its centre,
learns from no count that there is one.
"""

# ruff: noqa: S608  # what is put into SQL here is this module's own

from collections.abc import Collection, Mapping, Sequence

from storage.port import Transaction
from storage.repositories.tips import Status

OPEN = tuple(status for status in Status if status is not Status.CLOSED)


def by_status(
    t: Transaction, officer: str, centre: str, roles: Sequence[str]
) -> Mapping[Status, int]:
    """Of *centre*, the tips for readers of *roles* that *officer* may read now."""
    marks = ", ".join("?" for _ in roles)
    return {
        status: _number(
            t,
            "SELECT count(*) FROM tip_grant WHERE officer = ? AND released = 1 AND status = ?"
            f" AND centre = ? AND role IN ({marks})",
            (officer, status.value, centre, *roles),
        )
        for status in OPEN
    }


def held(t: Transaction, officer: str, centres: Collection[str], roles: Collection[str]) -> int:
    """The open tips that *officer* claimed and, being of *centres* in *roles*, may read."""
    return len(_held(t, officer, centres, roles))


def overdue(t: Transaction, officer: str, centre: str, today: str, role: str = "officer") -> int:
    """The tips for readers of *role* that lie at *centre*, or climbed there, whose clock ran out
    before *today* and which *officer* may read."""
    return sum(
        _number(
            t,
            f"SELECT count(*) FROM tip WHERE role = ? AND {place} = ? AND due_day < ?"
            f" AND {_MAY_READ}",
            (role, centre, today, officer),
        )
        for place in _PLACES
    )


def nearest(
    t: Transaction, officer: str, centre: str, today: str, role: str = "officer"
) -> str | None:
    """The nearest day, from *today* on, by which one of the tips at *centre* is due that *officer*
    may read."""
    found = t.row(
        "SELECT due_day FROM tip WHERE role = ? AND centre = ? AND due_day >= ?"
        f" AND {_MAY_READ} ORDER BY due_day LIMIT 1",
        (role, centre, today, officer),
    )
    return None if found is None else str(found[0])


def nearest_held(
    t: Transaction, officer: str, centres: Collection[str], roles: Collection[str], today: str
) -> str | None:
    """The nearest day, from *today* on, by which one of these is due."""
    days = (day for day in _held(t, officer, centres, roles) if day is not None and day >= today)
    return min(days, default=None)


def _held(
    t: Transaction, officer: str, centres: Collection[str], roles: Collection[str]
) -> list[str | None]:
    """By when each of them is due, if a clock runs."""
    found = [
        row
        for status in OPEN
        for row in t.rows(
            "SELECT g.centre, g.is_personal, g.role, tip.due_day"
            " FROM tip_grant AS g JOIN tip ON tip.tip_id = g.tip_id"
            " WHERE g.officer = ? AND g.released = 1 AND g.status = ? AND tip.claimed_by = ?",
            (officer, status.value, officer),
        )
    ]
    return [
        day
        for centre, is_personal, role, day in found
        if role in roles and (is_personal or centre in centres)
    ]


_PLACES = ("centre", "climbed_to")
_MAY_READ = (
    "EXISTS (SELECT 1 FROM tip_grant AS g"
    " WHERE g.tip_id = tip.tip_id AND g.officer = ? AND g.released = 1)"
)


def _number(t: Transaction, sql: str, params: Sequence[str]) -> int:
    ((number,),) = t.rows(sql, tuple(params))
    return int(number)
