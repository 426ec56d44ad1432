"""When ended tips are destroyed, and which are held back from it.

Owns of `tip` the columns expire_day and is_held. A day is drawn in the commit that ends a tip or
lifts its hold, and anew in one that brings words to a tip whose day is near; where the rule itself
changes, the days go and are drawn anew, some at a time. What an expired tip leaves is for
`shredding`; the rule is `handlers.retention`.
"""

# ruff: noqa: S608  # what is put into SQL here is this module's own condition

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from handlers.retention import Rule, expire_day
from storage.port import Transaction
from storage.repositories import settings

Draw = Callable[[int], int]

_RULE = "retention"
_DAY = "retention_day"
# By its day it would be enough; what cannot be undone asks for the reasons again.
_IS_DUE = "expire_day <= ? AND is_held = 0 AND status IN ('closed', 'declined')"


@dataclass(frozen=True, slots=True)
class ExpiryCounts:
    """How many tips are *held*, how many *due* to be destroyed, and how many more are *soon*."""

    held: int
    due: int
    soon: int


def put_rule(t: Transaction, rule: Rule) -> bool:
    """Keep to *rule* from now on, for tips that ended before too: their days are to be drawn anew
    (`draw_lacking`). Whether it was another one until now."""
    if rule_of(t) == rule:
        return False
    settings.put(t, _RULE, f"{rule.closed_days} {rule.fuzz_days} {rule.notice_days}")
    _forget_days(t)
    return True


def rule_of(t: Transaction) -> Rule | None:
    """What `put_rule` was given last."""
    said = settings.get(t, _RULE)
    return None if said is None else Rule(*map(int, said.split()))


def reset(t: Transaction, tip_id: str, today: str, draw: Draw = secrets.randbelow) -> None:
    """Draw the tip's day, or take it away, by how it stands now. For every commit that changes its
    status or whether it is held."""
    rule = rule_of(t)
    found = t.row("SELECT status, status_day, is_held FROM tip WHERE tip_id = ?", (tip_id,))
    if found is None:
        return
    status, status_day, is_held = found
    day = None if rule is None or is_held else expire_day(rule, status, status_day, today, draw)
    t.execute("UPDATE tip SET expire_day = ? WHERE tip_id = ?", (day, tip_id))


def put_off(t: Transaction, tip_id: str, today: str, draw: Draw = secrets.randbelow) -> None:
    """Draw the tip's day anew where it is nearer than the notice: somebody wrote to it, and nothing
    is to be destroyed that nobody had the time to read. Of a tip without a day, nothing happens."""
    rule = rule_of(t)
    if rule is None:
        return
    told = _told(rule, today)
    if t.row("SELECT 1 FROM tip WHERE tip_id = ? AND expire_day < ?", (tip_id, told)):
        reset(t, tip_id, today, draw)


def give_notice(t: Transaction, today: str) -> None:
    """Every day that is nearer than the notice is to be drawn anew (`draw_lacking`)."""
    rule = rule_of(t)
    if rule is not None:
        t.execute(
            "UPDATE tip SET expire_day = NULL WHERE expire_day >= '' AND expire_day < ?",
            (_told(rule, today),),
        )


def note_day(t: Transaction, today: str) -> bool:
    """What day it is. Whether days are drawn anew because it is not one that follows the last: a
    clock that was set wrong destroys nothing overnight, nor does the end of a long silence, in
    which nobody could hold a tip back."""
    rule, before = rule_of(t), settings.get(t, _DAY)
    if before == today:
        return False
    settings.put(t, _DAY, today)
    if before is None or rule is None:
        return False
    passed = (date.fromisoformat(today) - date.fromisoformat(before)).days
    if 0 <= passed <= max(rule.notice_days, 1):
        return False
    if passed > 0:
        give_notice(t, today)
    else:  # days drawn while the clock was ahead may lie years away
        _forget_days(t)
    return True


def draw_lacking(t: Transaction, today: str, limit: int, draw: Draw = secrets.randbelow) -> int:
    """Draw a day for some ended tips that have none; how many. None: every one has its day, or the
    rule is that nothing is destroyed."""
    rule = rule_of(t)
    if rule is None or not rule.closed_days:
        return 0
    lacking = t.rows(
        "SELECT tip_id FROM tip WHERE expire_day IS NULL AND is_held = 0"
        " AND status IN ('closed', 'declined') LIMIT ?",
        (limit,),
    )
    for (tip_id,) in lacking:
        reset(t, tip_id, today, draw)
    return len(lacking)


def due(t: Transaction, today: str, limit: int) -> tuple[str, ...]:
    """Tips that are to be destroyed *today* or were before, in no telling order within a day."""
    found = t.rows(
        f"SELECT tip_id FROM tip WHERE {_IS_DUE} ORDER BY expire_day LIMIT ?", (today, limit)
    )
    return tuple(tip_id for (tip_id,) in found)


def is_due(t: Transaction, tip_id: str, today: str) -> bool:
    """Whether the tip is (still) to be destroyed: it is ended, nobody holds it back, and its day
    has come."""
    found = t.row(f"SELECT 1 FROM tip WHERE {_IS_DUE} AND tip_id = ?", (today, tip_id))
    return found is not None


def counts(t: Transaction, today: str, soon: str) -> ExpiryCounts:
    """How it stands on *today*, with what falls due up to the day *soon*. Never which tips."""

    def number(sql: str, *params: str) -> int:
        return int(t.rows(sql, params)[0][0])

    return ExpiryCounts(
        held=number("SELECT count(*) FROM tip WHERE is_held = 1"),
        due=number("SELECT count(*) FROM tip WHERE expire_day <= ?", today),
        soon=number(
            "SELECT count(*) FROM tip WHERE expire_day > ? AND expire_day <= ?", today, soon
        ),
    )


def _forget_days(t: Transaction) -> None:
    t.execute("UPDATE tip SET expire_day = NULL WHERE expire_day >= ''")


def _told(rule: Rule, today: str) -> str:
    """The first day on which something may be destroyed of which nobody heard before *today*."""
    return (date.fromisoformat(today) + timedelta(days=rule.notice_days)).isoformat()
