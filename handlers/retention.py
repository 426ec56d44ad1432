"""How long ended tips are kept, and on which day each is destroyed.

The day is drawn, so that whoever only sees when something was destroyed cannot count back to the
day on which it ended. Nothing here reads what day it is, or makes chance. Laws: an open tip has no
such day; none falls sooner than the configuration's notice from the day it was drawn on, so that
neither a shorter time nor the end of a hold destroys anything overnight.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

ENDED = frozenset({"closed", "declined"})
"""The statuses of a tip that nobody works on any more. One referred elsewhere is not among them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Ended tips are kept *closed_days* (0: for ever), and up to *fuzz_days* more; whenever a day
    is drawn, it lies *notice_days* ahead at least."""

    closed_days: int
    fuzz_days: int
    notice_days: int


def expire_day(
    rule: Rule, status: str, status_day: str, today: str, draw: Callable[[int], int]
) -> str | None:
    """The day on which a tip is destroyed that came to *status* on *status_day*; None: never, as
    things stand. *draw* gives a number from 0 to below the one it is given. Days are ISO dates."""
    if not rule.closed_days or status not in ENDED:
        return None
    kept = date.fromisoformat(status_day) + timedelta(days=rule.closed_days)
    told = date.fromisoformat(today) + timedelta(days=rule.notice_days)
    return (max(kept, told) + timedelta(days=draw(rule.fuzz_days + 1))).isoformat()
