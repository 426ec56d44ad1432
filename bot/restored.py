"""When this server was made of a backup, kept for officers: what is missing has a plain reason.

Owns the setting that says it: two days. The audit trail has the entry that is signed.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from storage.port import Transaction
from storage.repositories import settings

RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Restored:
    """Made on *day*, of a backup of *backup_day* (ISO days)."""

    day: str
    backup_day: str


def note(t: Transaction, day: date, backup_day: str) -> None:
    """The server was made of a backup today, *day*."""
    settings.put(t, RESTORED, f"{day.isoformat()} {backup_day}")


def lately(t: Transaction, today: date, days: int) -> Restored | None:
    """The last restore, if it was within *days* before *today*."""
    restored = last(t)
    if restored is None:
        return None
    is_late = date.fromisoformat(restored.day) < today - timedelta(days=days)
    return None if is_late else restored


def last(t: Transaction) -> Restored | None:
    """The last restore; None for a server that never came out of a backup.

    Whatever was over on its day may have been told of before, in a way that no backup holds: it
    must not be told anew.
    """
    noted = settings.get(t, RESTORED)
    return None if noted is None else Restored(*noted.split(" "))
