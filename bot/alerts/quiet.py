"""When an officer is left in peace: some hours of each day, and whole days of the week. Pure.

Time is told in quarters of an hour, which is all that alerts know: 0 to 95, in Thailand.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime

from bot.clock import BANGKOK

QUARTER_S = 15 * 60
QUARTERS = 24 * 60 * 60 // QUARTER_S
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"([01][0-9]|2[0-3]):(00|15|30|45)-([01][0-9]|2[0-3]):(00|15|30|45)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A quarter of an hour of a *day*; *number* from 0 to 95."""

    day: date
    number: int

    @classmethod
    def at(cls, epoch_s: float) -> "Moment":
        """The quarter of an hour that *epoch_s* is in."""
        here = datetime.fromtimestamp(epoch_s, BANGKOK)
        return cls(here.date(), (here.hour * 60 + here.minute) // 15)


@dataclass(frozen=True, slots=True)
class Quiet:
    """*hours* as "20:00-07:00" (over midnight too; "" for none) and whole *days* ("sat").

    Raises ValueError for anything else: quarters of an hour only, for alerts know no other time.
    """

    hours: str = ""
    days: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.hours and not _HOURS.fullmatch(self.hours):
            raise ValueError("not hours")
        if len(set(self.days)) != len(self.days) or not set(self.days) <= set(DAYS):
            raise ValueError("not days")

    def holds(self, moment: Moment) -> bool:
        """Whether *moment* is quiet. The hours of one evening go on after midnight."""
        if DAYS[moment.day.weekday()] in self.days:
            return True
        found = _HOURS.fullmatch(self.hours)
        if found is None:
            return False
        begin, end = _number(found[1], found[2]), _number(found[3], found[4])
        if begin <= end:
            return begin <= moment.number < end
        return moment.number >= begin or moment.number < end

    def waking(self, moment: Moment) -> tuple[int, ...]:
        """The quarters of *moment*'s day, from it on, that are not quiet."""
        later = (Moment(moment.day, number) for number in range(moment.number, QUARTERS))
        return tuple(each.number for each in later if not self.holds(each))


def next_quarter_s(epoch_s: float) -> float:
    """When the next quarter of an hour begins, after *epoch_s*. (Thailand's offset is whole hours,
    so that it is one there too.)"""
    return epoch_s - epoch_s % QUARTER_S + QUARTER_S


def _number(hours: str, minutes: str) -> int:
    return int(hours) * 4 + int(minutes) // 15
