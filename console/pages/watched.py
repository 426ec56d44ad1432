"""The audit trail in memory while the desk is unlocked: fetched and examined once, afterwards only
what is new. Nothing of it is written anywhere but what `console.audit.watch` remembers.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from console.audit import Checked, watch
from console.days import BANGKOK
from console.office import Office

WAIT_S = 1.5
"""So long a page waits for a look before it says that one is going on."""


class WatchedTrail:
    """What was found at the last look. Make it with `watched`."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._look: asyncio.Task[None] | None = None
        self.checked: Checked | None = None
        self.looked_at: datetime | None = None
        """When, in Thailand; for the screen only."""
        self.fetched = 0
        """How many entries the look that is going on has so far."""

    def __repr__(self) -> str:
        return "WatchedTrail(…)"

    async def look(self, *, again: bool = False, wait_s: float = WAIT_S) -> Checked | None:
        """What was found; looked at now where it never was, and when asked *again*. None while
        that takes longer than *wait_s*. Raises what kept the trail away."""
        if self._look is None and (again or self.checked is None):
            self._look = asyncio.create_task(self._watch())
        going_on = self._look
        if going_on is None:
            return self.checked
        done, _ = await asyncio.wait({going_on}, timeout=wait_s)
        if not done:
            return None
        if self._look is going_on:
            self._look = None
        going_on.result()
        return self.checked

    async def _watch(self) -> None:
        self.fetched = 0
        self.checked = await watch(self._office, self.checked, self._tell)
        self.looked_at = datetime.now(UTC).astimezone(BANGKOK)

    def _tell(self, n: int) -> None:
        self.fetched = n

    async def end(self) -> None:
        self.checked = None
        if self._look is not None:
            self._look.cancel()
            await asyncio.wait({self._look})


@asynccontextmanager
async def watched(office: Office) -> AsyncIterator[WatchedTrail]:
    """*office*'s trail, not looked at before a page asks; forgotten at the end."""
    trail = WatchedTrail(office)
    try:
        yield trail
    finally:
        await trail.end()
