"""Tips' clocks: by when each is due, which climb now, and how many are late where.

Owns the table `clock_length` and of `tip` the columns due_day, climb_day and climbed_to. They are
kept true in the commit of every change (`reset`), so what is near or late is a range of an index
and never a look at every tip. The rule itself is `handlers.clocks`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from handlers.clocks import Lengths, Standing, climb_day, due_day
from storage.port import Transaction

OTHERS = ""
"""The lengths of a centre that the configuration does not name."""
APPLICATIONS = "registrar"
"""The role of those who read applications to join the network."""


@dataclass(frozen=True, slots=True)
class ClockCounts:
    """One centre's tips with a clock: how many *running*, how many of those *overdue*, the nearest
    day that is not over, and how many overdue ones of centres below *climbed* here (and no
    higher)."""

    overdue: int
    nearest: str | None
    running: int
    climbed: int


def put_lengths(t: Transaction, lengths: Mapping[str, Lengths]) -> bool:
    """Keep to *lengths* (by centre; OTHERS too) from now on, and set every tip's day by them;
    whether anything was different until now."""
    if lengths_by_centre(t) == lengths:
        return False
    t.execute("DELETE FROM clock_length")
    for centre, each in lengths.items():
        t.execute(
            "INSERT INTO clock_length"
            " (centre, acknowledge_days, screening_days, feedback_days, again_days)"
            " VALUES (?, ?, ?, ?, ?)",
            (
                centre,
                each.acknowledge_days,
                each.screening_days,
                each.feedback_days,
                each.again_days,
            ),
        )
    for (tip_id,) in t.rows("SELECT tip_id FROM tip"):
        reset(t, tip_id)
    return True


def lengths_by_centre(t: Transaction) -> Mapping[str, Lengths]:
    """What `put_lengths` was given last."""
    found = t.rows(
        "SELECT centre, acknowledge_days, screening_days, feedback_days, again_days"
        " FROM clock_length"
    )
    return {centre: Lengths(*days) for centre, *days in found}


def reset(t: Transaction, tip_id: str) -> None:
    """Set the tip's days by what it and its changes say now. For every commit that files a tip,
    changes its status or centre, gives it time, lets it climb or opens it again."""
    centre, standing = _standing(t, tip_id)
    lengths = _lengths_of(t, centre)
    due = None if lengths is None else due_day(standing, lengths)
    climbs = None if lengths is None else climb_day(standing, lengths)
    t.execute(
        "UPDATE tip SET due_day = ?, climb_day = ? WHERE tip_id = ?",
        (due, climbs, tip_id),
    )


def climbing(t: Transaction, today: str, limit: int) -> tuple[str, ...]:
    """Tips that are to climb *today* or were before, the longest waiting first."""
    found = t.rows(
        "SELECT tip_id FROM tip WHERE climb_day <= ? ORDER BY climb_day LIMIT ?", (today, limit)
    )
    return tuple(tip_id for (tip_id,) in found)


def is_climbing(t: Transaction, tip_id: str, today: str) -> bool:
    """Whether the tip is (still) to climb *today*."""
    return (
        t.row("SELECT 1 FROM tip WHERE tip_id = ? AND climb_day <= ?", (tip_id, today)) is not None
    )


def climb_later(t: Transaction, tip_id: str, day: str | None) -> None:
    """The tip cannot climb now: look again on *day*, or never while its clock stays as it is."""
    t.execute("UPDATE tip SET climb_day = ? WHERE tip_id = ?", (day, tip_id))


def again_days(t: Transaction, centre: str) -> int:
    """How long a tip of *centre* stays with one more centre before it climbs to the next."""
    lengths = _lengths_of(t, centre)
    return 0 if lengths is None else lengths.again_days


def counts(t: Transaction, today: str, role: str = "officer") -> Mapping[str, ClockCounts]:
    """How the clocks stand on *today* in each centre that has tips for readers of *role*, or to
    which some have climbed. Counts and days; never which tip."""
    centres = {*_centres(t, _NEXT_CENTRE, role), *_centres(t, _NEXT_CLIMBED, role)}
    return {centre: _counted(t, role, centre, today) for centre in sorted(centres)}


_NEXT_CENTRE = "SELECT min(centre) FROM tip WHERE role = ? AND centre > ?"
_NEXT_CLIMBED = "SELECT min(climbed_to) FROM tip WHERE role = ? AND climbed_to > ?"


def _centres(t: Transaction, next_one: str, role: str) -> set[str]:
    """Each centre there is in an index, by one look at it for each."""
    found, last = set[str](), ""
    while (row := t.row(next_one, (role, last))) is not None and row[0] is not None:
        last = row[0]
        found.add(last)
    return found


def _counted(t: Transaction, role: str, centre: str, today: str) -> ClockCounts:
    def number(sql: str) -> int:
        row = t.row(sql, (role, centre, today))
        return 0 if row is None else int(row[0])

    overdue = number("SELECT count(*) FROM tip WHERE role = ? AND centre = ? AND due_day < ?")
    left = number("SELECT count(*) FROM tip WHERE role = ? AND centre = ? AND due_day >= ?")
    climbed = number("SELECT count(*) FROM tip WHERE role = ? AND climbed_to = ? AND due_day < ?")
    nearest = t.row(
        "SELECT min(due_day) FROM tip WHERE role = ? AND centre = ? AND due_day >= ?",
        (role, centre, today),
    )
    return ClockCounts(overdue, None if nearest is None else nearest[0], overdue + left, climbed)


def _lengths_of(t: Transaction, centre: str) -> Lengths | None:
    for name in (centre, OTHERS):
        found = t.row(
            "SELECT acknowledge_days, screening_days, feedback_days, again_days"
            " FROM clock_length WHERE centre = ?",
            (name,),
        )
        if found is not None:
            return Lengths(*found)
    return None


def _standing(t: Transaction, tip_id: str) -> tuple[str, Standing]:
    """The tip's centre, and what its clock depends on."""
    ((centre, role, status, filed_day),) = t.rows(
        "SELECT centre, role, status, filed_day FROM tip WHERE tip_id = ?", (tip_id,)
    )
    reopened = until = climbed = None
    for kind, day, until_day in t.rows(
        "SELECT kind, day, until_day FROM change WHERE tip_id = ? ORDER BY version", (tip_id,)
    ):
        if kind == "reopen":
            reopened, until = day, None
        elif kind == "extend":
            until = max(until_day, until or "")
        elif kind == "escalate":
            climbed = day
    standing = Standing(status, filed_day, role == APPLICATIONS, reopened, until, climbed)
    return centre, standing
