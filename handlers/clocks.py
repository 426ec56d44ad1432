"""Which clock runs for a tip, the last day it leaves, and when the tip climbs.

Days are counted from the day of filing, or of the last reopening; nothing here reads what day it
is. Laws: a closed or declined tip has no clock, and an application to join the network only the
first; a day that an officer promised in an extension stands, whatever step follows, until the tip
is closed or its reporter opens it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Clock(StrEnum):
    """What the officers still owe the reporter."""

    ACKNOWLEDGE = "acknowledge"
    SCREENING = "screening"  # the result of it
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class Lengths:
    """The days that a centre's officers have for each clock, and how long the tip then stays with
    one more centre before it climbs to the next."""

    acknowledge_days: int
    screening_days: int
    feedback_days: int
    again_days: int

    def of(self, clock: Clock) -> int:
        """The days of *clock*."""
        return {
            Clock.ACKNOWLEDGE: self.acknowledge_days,
            Clock.SCREENING: self.screening_days,
            Clock.FEEDBACK: self.feedback_days,
        }[clock]


@dataclass(frozen=True, slots=True)
class Standing:
    """What a tip's clock depends on. *reopened_day* is the last day on which its reporter opened it
    again; *until_day* the latest day of its extensions since then; *climbed_day* the day on which
    it last climbed. Days are ISO dates."""

    status: str
    filed_day: str
    is_application: bool = False
    reopened_day: str | None = None
    until_day: str | None = None
    climbed_day: str | None = None


_CLOCKS: Mapping[str, Clock] = {
    "received": Clock.ACKNOWLEDGE,
    "screening": Clock.SCREENING,
    "accepted": Clock.FEEDBACK,
    "referred": Clock.FEEDBACK,
    "in_progress": Clock.FEEDBACK,
}


def running(standing: Standing) -> Clock | None:
    """The clock that runs, or None."""
    clock = _CLOCKS.get(standing.status)
    return None if standing.is_application and clock is not Clock.ACKNOWLEDGE else clock


def due_day(standing: Standing, lengths: Lengths) -> str | None:
    """The last day of the clock that runs; None when none does."""
    clock = running(standing)
    if clock is None:
        return None
    begun = standing.reopened_day or standing.filed_day
    return max(_after(begun, lengths.of(clock)), standing.until_day or "")


def climb_day(standing: Standing, lengths: Lengths) -> str | None:
    """The first day on which the tip climbs to the next centre, unless somebody acts before: the
    day after its clock ran out, and never sooner after the last climb than its grace."""
    due = due_day(standing, lengths)
    if due is None:
        return None
    since = standing.climbed_day
    return max(_after(due, 1), "" if since is None else _after(since, lengths.again_days))


def _after(day: str, days: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
