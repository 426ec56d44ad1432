"""Who asked to be sent new knowledge cards: an account and an audience, and nothing else.

Owns that from asking to forgetting. Nobody can search the database for an account: whom a row is
for is known only by opening it, with the server key and the row's own key of the forget store. It
dies, key first, when the person says stop or shuts the bot out, and when it is old. Refuses to know
cards, campaigns and tips.

Law: nothing leads from a subscription to a conversation or a tip. Ids are random, and what marks
that somebody was sent a card (the event's id) hangs on a secret inside the seal, and dies with it.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.clock import Clock, today
from bot.state import Drawer
from sealing import SealingError
from storage import Database
from storage.forget import ForgetStore
from storage.repositories import subscriptions
from storage.repositories.subscriptions import SubscriptionRow

AT_A_TIME = 200
OPENED_AT_A_TIME = 500
"""Rows read and opened in one go while an account is searched for the first time."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Whom to send to, and in which language if their conversation begins anew. One account has
    one *secret*, however many audiences it asked for, so that no campaign reaches it twice."""

    channel: str
    person: str = field(repr=False)
    language: str
    secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    def event_id(self, campaign_id: str) -> str:
        """The same whenever the same campaign comes by again; nobody can make it, or know it
        again, without opening the row."""
        return "card:" + hashlib.sha256(f"{self.secret}:{campaign_id}".encode()).hexdigest()


class Subscriptions:
    """The contacts of whoever asked for cards. *days* is how long one is kept at most."""

    def __init__(
        self, db: Database, forget: ForgetStore, drawer: Drawer, clock: Clock, *, days: int
    ) -> None:
        self._db = db
        self._forget = forget
        self._drawer = drawer
        self._clock = clock
        self._days = days
        self._looking = asyncio.Lock()
        self._key = secrets.token_bytes(32)
        self._whose: dict[str, dict[str, bytes]] = {}
        """By channel, a keyed digest of the account by subscription: each row is opened once for
        searching. In memory only, under a key of this process, and no longer than the row."""

    @property
    def last_day(self) -> str:
        """The last day of a subscription that is asked for today."""
        return (today(self._clock) + timedelta(days=self._days)).isoformat()

    async def make(
        self, subscription_id: str, audience: str, subscriber: Subscriber
    ) -> SubscriptionRow:
        """A row for *subscriber*, to be written in a commit; its key is on disk. Raises
        StorageError."""
        kept = await self._forget.keep()
        body = {
            "person": subscriber.person,
            "language": subscriber.language,
            "secret": subscriber.secret,
        }
        contact = self._drawer.seal_subscription(kept.key, subscription_id, body)
        return SubscriptionRow(
            subscription_id, subscriber.channel, audience, kept.key_id, self.last_day, contact
        )

    def open(self, row: SubscriptionRow) -> Subscriber | None:
        """Whom *row* is for; None when its key is gone."""
        key = self._forget.get(row.key_id)
        if key is None:
            return None
        try:
            body = self._drawer.open_subscription(key, row.subscription_id, row.contact)
        except SealingError:
            return None
        return Subscriber(
            row.channel, str(body["person"]), str(body["language"]), str(body["secret"])
        )

    async def of_person(self, channel: str, person: str) -> tuple[SubscriptionRow, ...]:
        """Every row of *person*. The first search opens each row there is, off the loop, one
        asker at a time: that nobody can search for an account costs this."""
        wanted = self._digest(channel, person)
        async with self._looking:
            ids = await self._db.read(lambda t: subscriptions.ids(t, channel))
            whose = self._whose.setdefault(channel, {})
            unknown = [each for each in ids if each not in whose]
            for at in range(0, len(unknown), OPENED_AT_A_TIME):
                rows = await self._rows(unknown[at : at + OPENED_AT_A_TIME])
                whose |= await asyncio.to_thread(self._digests, rows)
            if len(whose) > len(ids):
                self._whose[channel] = {each: whose[each] for each in ids if each in whose}
            mine = [each for each in ids if whose.get(each) == wanted]
        return await self._rows(mine)

    async def _rows(self, ids: Sequence[str]) -> tuple[SubscriptionRow, ...]:
        if not ids:
            return ()
        rows = await self._db.read(lambda t: [subscriptions.get(t, each) for each in ids])
        return tuple(row for row in rows if row is not None)

    async def forget(self, *rows: SubscriptionRow) -> None:
        """Forget rows, the keys first."""
        if rows:
            await self._forget.destroy(*(row.key_id for row in rows))
            ids = [row.subscription_id for row in rows]
            await self._db.commit(lambda t: subscriptions.remove(t, *ids))

    async def forget_person(self, channel: str, person: str) -> None:
        """Forget every row of *person*: nothing can be sent to them any more."""
        await self.forget(*await self.of_person(channel, person))

    async def forget_old(self) -> None:
        """Forget what is older than it may be, and rows whose key a crash already took. Upkeep
        calls this."""
        day = today(self._clock).isoformat()
        while rows := await self._db.read(lambda t: subscriptions.expired(t, day, AT_A_TIME)):
            await self.forget(*rows)
        keys = await self._db.read(subscriptions.keys)
        shut = [each for each, key_id in keys if self._forget.get(key_id) is None]
        if shut:
            await self._db.commit(lambda t: subscriptions.remove(t, *shut))

    def _digests(self, rows: Sequence[SubscriptionRow]) -> dict[str, bytes]:
        opened = ((row, self.open(row)) for row in rows)
        return {
            row.subscription_id: b"" if whom is None else self._digest(whom.channel, whom.person)
            for row, whom in opened
        }

    def _digest(self, channel: str, person: str) -> bytes:
        text = f"{channel}:{person}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(text, key=self._key, digest_size=16).digest()
