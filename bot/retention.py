"""Retention: tips whose time is over are destroyed, and nothing of them stays.

What is destroyed: every row that belongs to the tip, its blobs, and the keys of the forget store
that its rows named; the residue in the database's log goes at the end of the same round of upkeep.
What stays: the audit trail, which says that it was destroyed, when and why; and counters, which
name no tip. Keys that officers hold, exports and older backups are beyond this (docs/limits.md).

Laws: one tip, one commit, which looks again whether its time is over and nobody holds it back; so
a tip is destroyed once, whatever is killed and however often, or in how many processes, this runs.
The commit goes first: killed behind it, blobs and keys are orphans that nothing leads to, and the
next start sweeps them. What could not be destroyed now is tried again in the next round. After a
leap of the clock nothing is destroyed before a notice has passed.
"""

from datetime import date

from bot.clock import Clock, today
from bot.logs import logger
from storage import Database, ForgetStore, StorageError, Transaction
from storage.blobs import BlobStore
from storage.repositories import expiry, shredding
from storage.repositories.originals import Gone

AT_A_TIME = 200


class Retention:
    """Destroys what is due."""

    def __init__(
        self,
        database: Database,
        blobs: BlobStore,
        forget: ForgetStore,
        clock: Clock,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._forget = forget
        self._clock = clock
        self._owed = Gone()
        self._noted: date | None = None

    async def once(self) -> int:
        """Destroy everything whose day has come; how many tips. Safe at any time."""
        day, shredded = today(self._clock), 0
        await self._draw(day)
        await self._settle_debts()
        while due := await self._database.read(lambda t: expiry.due(t, day.isoformat(), AT_A_TIME)):
            for tip_id in due:
                shredded += await self._shred(tip_id, day)
            await self._settle_debts()
        if shredded:
            logger().info("tips_shredded", count=shredded)
        return shredded

    async def _draw(self, day: date) -> None:
        if day != self._noted:
            if await self._database.commit(lambda t: expiry.note_day(t, day.isoformat())):
                logger().warning("days_of_destruction_drawn_anew")
            self._noted = day
        while await self._database.commit(
            lambda t: expiry.draw_lacking(t, day.isoformat(), AT_A_TIME)
        ):
            pass

    async def _shred(self, tip_id: str, day: date) -> bool:
        """Whether the tip was (still) to be destroyed."""
        gone = await self._database.commit(lambda t: self._shredded(t, tip_id, day.isoformat()))
        if gone is not None:
            self._owed = Gone.all((self._owed, gone))
        return gone is not None

    def _shredded(self, t: Transaction, tip_id: str, day: str) -> Gone | None:
        if not expiry.is_due(t, tip_id, day):
            return None
        return shredding.shred(t, tip_id, day=day)

    async def _settle_debts(self) -> None:
        """Keys first: they are small, and without them an original's bytes are noise."""
        try:
            await self._forget.destroy(*self._owed.keys)
            await self._blobs.destroy(*self._owed.blobs)
        except StorageError as error:
            logger().warning("shredding_waits", error=type(error).__name__)
        else:
            self._owed = Gone()
