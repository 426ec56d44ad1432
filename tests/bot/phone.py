"""A phone on a platform that pushes, and an officer at the desk, for tests of what goes between."""

import base64
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.clock import today
from bot.desk import shapes
from bot.desk.deeds import Deeds
from bot.outbox import Batch, Delivered, Outbox, Parcel
from bot.turn import Taken
from handlers.effects import Ask, Say
from handlers.events import Command, Event
from sealing import Author, Kind, Part, part_statement, seal_part, status_statement
from sealing.age import PQRecipient
from storage.repositories import parts, tips
from tests.bot.counters import some_counting
from tests.bot.turn_house import SOMCHAI, House, Person


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass
class Platform:
    """Takes whatever is delivered, and fails when told to."""

    taken: list[tuple[str, Parcel]] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    async def deliver(self, batch: Batch) -> Delivered:
        if self.failures:
            raise self.failures.pop(0)
        self.taken += [(batch.person, parcel) for parcel in batch.parcels]
        return Delivered(len(batch.parcels), batch.chat)


class Phone(Person):
    """Somebody who sees what was delivered to them."""

    platform: Platform
    post: Outbox
    looked_at: int = 0
    code: str = ""

    async def send(self, event: Event, event_id: str | None = None) -> Taken:
        taken = await super().send(event, event_id)
        await self.post.deliver_due()
        return taken

    async def ask(self) -> Ask:
        return [each.intent for each in self.parcels if isinstance(each.intent, Ask)][-1]

    @property
    def parcels(self) -> list[Parcel]:
        return [parcel for person, parcel in self.platform.taken if person == self.name]

    @property
    def receipt(self) -> str:
        return [each.receipt for each in self.parcels if each.receipt is not None][-1]

    def said(self) -> list[str]:
        """What was said since this was looked at last, as keys."""
        new = self.parcels[self.looked_at :]
        self.looked_at = len(self.parcels)
        return [each.intent.key for each in new if isinstance(each.intent, Say | Ask)]

    async def choices(self) -> list[str]:
        return [option.id for option in (await self.ask()).choices]

    async def file(self, *words: str) -> str:
        """Tell and send; the receipt."""
        await self.send(Command("report"))
        await self.tell_on(*words)
        await self.press("send")
        return self.receipt

    async def agree(self) -> None:
        """On the receipt's screen or at a followed tip: ask to be told, and agree."""
        await self.press("notify")
        await self.press("agree")

    async def follow(self, receipt: str) -> None:
        await self.send(Command("follow"))
        await self.say(receipt)


@dataclass
class Officer:
    """Somchai's console, as the desk's own deeds hear it."""

    house: House
    on_news: Callable[[], None] = lambda: None

    @property
    def deeds(self) -> Deeds:
        house = self.house
        return Deeds(house.db, lambda: house.roster, house.clock, some_counting(), self.on_news)

    async def write(self, tip_id: str, words: str = "จำทะเบียนรถได้ไหม") -> None:
        part = await self._part(tip_id, words, Kind.MESSAGE)
        await self.deeds.add_part(self._me, tip_id, shapes.NewPart.model_validate(part))

    async def note(self, tip_id: str) -> None:
        part = await self._part(tip_id, "บันทึก", Kind.NOTE)
        await self.deeds.add_part(self._me, tip_id, shapes.NewPart.model_validate(part))

    async def set_status(self, tip_id: str, status: str) -> None:
        sentence = await self._part(tip_id, "สถานะใหม่", Kind.STATUS)
        tip = await self.house.db.read(lambda t: tips.get(t, tip_id))
        assert tip is not None
        statement = status_statement(
            tip_id=tip_id, version=tip.version, status=status, day=self._day, officer=SOMCHAI.id,
            sentence_part_id=sentence["part_id"],
        )  # fmt: skip
        body = {"version": tip.version, "status": status, "day": self._day, "sentence": sentence}
        signed = {**body, "signature": b64(SOMCHAI.sign.sign(statement))}
        new = shapes.NewStatus.model_validate(signed)
        await self.deeds.set_status(self._me, tip_id, new)

    @property
    def _me(self) -> Any:
        return self.house.roster.officer(SOMCHAI.id)

    @property
    def _day(self) -> str:
        return today(self.house.clock).isoformat()

    async def _part(self, tip_id: str, words: str, kind: Kind) -> dict[str, Any]:
        tip, head = await self.house.db.read(lambda t: (tips.get(t, tip_id), parts.head(t, tip_id)))
        assert tip is not None
        place: dict[str, Any] = {
            "tip_id": tip_id, "part_id": os.urandom(16).hex(), "seq": head.seq + 1,
            "previous": head.hash, "day": self._day, "kind": kind, "officer": SOMCHAI.id,
        }  # fmt: skip
        is_note = kind is Kind.NOTE
        recipient = PQRecipient.from_raw(tip.case_recipient if is_note else tip.reply_recipient)
        sealed = seal_part(Part(**place, author=Author.OFFICER, words=words), recipient)
        statement = part_statement(**place, sealed_hash=sealed.hash)
        return {
            "part_id": place["part_id"], "seq": place["seq"], "sealed": b64(sealed.data),
            "sealed_to": "case" if is_note else "reply", "kind": kind, "day": self._day,
            "signature": b64(SOMCHAI.sign.sign(statement)),
        }  # fmt: skip
