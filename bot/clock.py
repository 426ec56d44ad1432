"""Time as an argument: whatever needs a clock takes one, so that a test can hold it still.

Days are days in Thailand. Nothing that outlives a conversation may carry more than a day, so most
of the program asks for `today` and only schedules ask for `now_s`.
"""

import asyncio
import time
from datetime import date, datetime, timedelta, timezone
from typing import Protocol

# A fixed offset, not a ZoneInfo: Thailand knows no summer time, and a slim machine no tzdata.
BANGKOK = timezone(timedelta(hours=7))
# By which a day that an officer signed may differ: a console's clock is a little off at midnight.
DAY_MAY_DIFFER = timedelta(days=1)


class Clock(Protocol):
    """Where the time comes from."""

    def now_s(self) -> float:
        """Seconds since 1970 (UTC); may jump when the machine's clock is set."""

    def monotonic_s(self) -> float:
        """Seconds from an unknown start; never goes back."""

    async def sleep(self, wait_s: float) -> None:
        """Return after *wait_s* seconds of this clock."""


def today(clock: Clock) -> date:
    """The day it is in Thailand."""
    return day_of(clock.now_s())


def day_of(epoch_s: float) -> date:
    """The day in Thailand at *epoch_s*."""
    return datetime.fromtimestamp(epoch_s, BANGKOK).date()


class SystemClock:
    """The machine's clock."""

    def now_s(self) -> float:
        return time.time()

    def monotonic_s(self) -> float:
        return time.monotonic()

    async def sleep(self, wait_s: float) -> None:
        await asyncio.sleep(wait_s)
