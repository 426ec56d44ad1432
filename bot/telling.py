"""Telling people that there is news, once it is durable that there is.

The desk's own commit says in each notice's row that there is news (`bot.notices.announce`). This
takes one turn for each such row, then clears it, or forgets the row where it was the last news. So
a death anywhere in between tells later, under the same event id, and nobody is told twice. Owns no
words and no delivery: what is said and how it gets there is the engine's and the outbox's affair.
"""

import asyncio

from bot.clock import today
from bot.closures import closure
from bot.errors import BotError
from bot.logs import logger
from bot.means import Means
from bot.turn import Inbound, Turns
from bot.waking import Alarm
from handlers.events import News
from storage import StorageError, Transaction
from storage.repositories import notices, tips
from storage.repositories.notices import NoticeRow

AT_ONCE = 16
IDLE_S = 60.0
"""A turn that failed is tried again after so long; news of this process is told at once."""


class Telling:
    """Tells until it is cancelled; `tell_due` does one round."""

    def __init__(self, means: Means, turns: Turns) -> None:
        self._means = means
        self._turns = turns
        self._alarm = Alarm(means.clock)

    def ring(self) -> None:
        """There is news: the desk calls this once its commit is durable."""
        self._alarm.ring()

    async def run(self) -> None:
        """Tell whatever there is to tell, for ever. A database that is away is asked again."""
        while True:
            self._alarm.clear()
            try:
                await self.tell_due()
            except StorageError as error:
                logger().warning("telling_waits", error=type(error).__name__)
            await self._alarm.sleep(IDLE_S)

    async def tell_due(self) -> None:
        """Tell everybody who was not told yet, a few at once; each is tried once."""
        after = ""
        while rows := await self._due(after):
            after = rows[-1].notice_id
            async with asyncio.TaskGroup() as group:
                for row in rows:
                    group.create_task(self._guarded(row))

    async def _due(self, after: str) -> tuple[NoticeRow, ...]:
        return await self._means.db.read(lambda t: notices.due(t, after, AT_ONCE))

    async def _guarded(self, row: NoticeRow) -> None:
        """Tell one; a failure of ours delays this one only."""
        try:
            await self._tell(row)
        except (StorageError, BotError) as error:
            logger().warning("telling_failed", error=type(error).__name__)

    async def _tell(self, row: NoticeRow) -> None:
        means, part_id = self._means, row.news
        whom = means.notices.open(row)
        if whom is not None and part_id is not None:
            event_id = whom.event_id(part_id)
            news = News(row.is_last and await self._may_say(row.tip_id))
            await self._turns.take(
                Inbound(whom.channel, whom.person, event_id, news, whom.language)
            )
        if whom is None or row.is_last:
            await means.notices.forget(row)
        elif part_id is not None:
            await means.db.commit(lambda t: notices.told(t, row.notice_id, part_id))

    async def _may_say(self, tip_id: str) -> bool:
        """Whether the tip's ending can be said yes or no to."""
        rule, day = self._means.rules.reopening, today(self._means.clock)

        def look(t: Transaction) -> str | None:
            tip = tips.get(t, tip_id)
            return None if tip is None else closure(t, tip, rule, day)

        return await self._means.db.read(look) == "open"
