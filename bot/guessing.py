"""When somebody was last seen guessing codes: one day, kept for officers.

Owns the setting that says it. It names nobody, and no code: many wrong tries in one window, over
all conversations, raise the alarm (`bot.throttle`), and all that is kept of that is the day.
"""

from datetime import date, timedelta

from storage.port import Transaction
from storage.repositories import settings

GUESSING_DAY = "guessing_day"


def note(t: Transaction, day: date) -> None:
    """The alarm went off on *day*."""
    settings.put(t, GUESSING_DAY, day.isoformat())


def last_day(t: Transaction, today: date, days: int) -> date | None:
    """The day of the last alarm, if it was within *days* before *today*."""
    noted = settings.get(t, GUESSING_DAY)
    if noted is None:
        return None
    day = date.fromisoformat(noted)
    return day if day >= today - timedelta(days=days) else None
