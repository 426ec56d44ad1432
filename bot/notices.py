"""Who asked to be told of news of a tip: the one lasting link from a tip to an account.

Owns that link from asking to forgetting. Nobody can search it for an account: whom a row is for is
known only by opening it, with the server key and the row's own key of the forget store. It dies,
key first, when the tip is closed, when the person says stop or shuts the bot out, and when it is
old. Refuses to know what is said to them and when.

Law: nothing that outlives a row leads from an account to its tip. So what marks that somebody was
told (the event's id) hangs on a secret inside the seal, and dies with it.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from bot.clock import Clock, today
from bot.state import Drawer
from sealing import SealingError
from storage import Database, Transaction
from storage.forget import ForgetStore
from storage.repositories import notices, tips
from storage.repositories.notices import NoticeRow
from storage.repositories.tips import Status, TipRow

AT_A_TIME = 200


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom to tell, and in which language if their conversation begins anew."""

    channel: str
    person: str = field(repr=False)
    language: str
    secret: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    def event_id(self, part_id: str) -> str:
        """The same whenever the same news is told again. Part ids lie open in the database: made
        of them alone, its mark would show for days which account was told of which tip."""
        return "news:" + hashlib.sha256(f"{self.secret}:{part_id}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands with a tip. Over: nobody can ask to be told of it any more."""

    own: NoticeRow | None
    accounts: int
    is_over: bool

    @property
    def notice(self) -> str | None:
        """What the engine hears: "on", "off", or None where nothing can be asked for."""
        if self.own is not None:
            return "on"
        return None if self.is_over else "off"


class Notices:
    """The contacts of whoever asked to be told. *days* is how long one is kept at most."""

    def __init__(
        self, db: Database, forget: ForgetStore, drawer: Drawer, clock: Clock, *, days: int
    ) -> None:
        self._db = db
        self._forget = forget
        self._drawer = drawer
        self._clock = clock
        self._days = days
        self._looking = asyncio.Lock()

    @property
    def last_day(self) -> str:
        """The last day of a notice that is asked for today."""
        return (today(self._clock) + timedelta(days=self._days)).isoformat()

    async def make(self, notice_id: str, tip_id: str, addressee: Addressee) -> NoticeRow:
        """A row for *addressee*, to be written in a commit; its key is on disk. Raises
        StorageError."""
        kept = await self._forget.keep()
        body = {
            "channel": addressee.channel,
            "person": addressee.person,
            "language": addressee.language,
            "secret": addressee.secret,
        }
        contact = self._drawer.seal_notice(kept.key, notice_id, body)
        return NoticeRow(notice_id, tip_id, kept.key_id, self.last_day, contact)

    def open(self, row: NoticeRow) -> Addressee | None:
        """Whom *row* is for; None when its key is gone."""
        key = self._forget.get(row.key_id)
        if key is None:
            return None
        try:
            body = self._drawer.open_notice(key, row.notice_id, row.contact)
        except SealingError:
            return None
        return Addressee(
            str(body["channel"]), str(body["person"]), str(body["language"]), str(body["secret"])
        )

    async def standing(self, tip_id: str, channel: str, person: str) -> Standing:
        """How *person* stands with a filed tip. An unknown tip is over."""
        tip, rows = await self._db.read(lambda t: (tips.get(t, tip_id), notices.of_tip(t, tip_id)))
        own = next(iter(self._of_person(rows, channel, person)), None)
        return Standing(own, len(rows), is_over(tip))

    async def of_person(self, channel: str, person: str) -> tuple[NoticeRow, ...]:
        """Every row of *person*. Looks into each there is, one asker at a time and off the loop:
        that nobody can search for an account costs this."""
        async with self._looking:
            rows = await self._db.read(notices.all_of_them)
            return await asyncio.to_thread(self._of_person, rows, channel, person)

    async def forget(self, *rows: NoticeRow) -> None:
        """Forget rows, the keys first."""
        if rows:
            await self._forget.destroy(*(row.key_id for row in rows))
            await self._db.commit(lambda t: notices.remove(t, *(row.notice_id for row in rows)))

    async def forget_person(self, channel: str, person: str) -> None:
        """Forget every row of *person*: they can't be told any more."""
        await self.forget(*await self.of_person(channel, person))

    async def forget_old(self) -> None:
        """Forget what is older than it may be, and rows whose key a crash already took. Upkeep
        calls this."""
        day = today(self._clock).isoformat()
        while rows := await self._db.read(lambda t: notices.expired(t, day, AT_A_TIME)):
            await self.forget(*rows)
        keys = await self._db.read(notices.keys)
        shut = [notice_id for notice_id, key_id in keys if self._forget.get(key_id) is None]
        if shut:
            await self._db.commit(lambda t: notices.remove(t, *shut))

    def _of_person(
        self, rows: Sequence[NoticeRow], channel: str, person: str
    ) -> tuple[NoticeRow, ...]:
        opened: Iterable[tuple[NoticeRow, Addressee | None]] = (
            (row, self.open(row)) for row in rows
        )
        return tuple(
            row
            for row, whom in opened
            if whom is not None and (whom.channel, whom.person) == (channel, person)
        )


def is_over(tip: TipRow | None) -> bool:
    """Whether there is nothing more to be told of *tip*: closed, or its teller wants silence."""
    return tip is None or tip.no_contact or tip.status is Status.CLOSED


def announce(t: Transaction, tip_id: str, part_id: str, *, status: Status | None = None) -> bool:
    """Inside the commit that adds an officer's part: it is news; whether anybody is to be told. A
    closing *status* is the last news there is."""
    return notices.announce(t, tip_id, part_id, is_last=status is Status.CLOSED) > 0
