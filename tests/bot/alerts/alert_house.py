"""A bot with alerts in a folder: real database, real seals, held time, ways out that write down."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.alerts.alerting import Alerting, Hook
from bot.alerts.binding import Bindings, Codes
from bot.alerts.counting import Rules, Standing, Told
from bot.alerts.records import Records
from bot.alerts.saying import Saying, shipped_words
from bot.alerts.sending import Alert, Sending, SendingRules
from bot.clock import today
from bot.means import random_id
from bot.state import Draft
from handlers.effects import File, Json
from sealing import Officer, Roster
from storage import Transaction
from storage.repositories import parts, tips
from tests.bot.turn_house import ROSTER, House

NAMES = {"kkn": ("ขอนแก่น", "Khon Kaen"), "region": ("เขต 4", "Region 4")}
LATE_IN_THE_DAY = 0.999


def saying() -> Saying:
    return Saying(shipped_words(), lambda centre, language: NAMES[centre][language == "en"])


@dataclass
class Phone:
    """A way out that takes alerts, or fails as told."""

    got: list[Alert] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)

    async def send(self, alert: Alert) -> None:
        await asyncio.sleep(0)
        if self.failures:
            raise self.failures.pop(0)
        self.got.append(alert)

    def told(self, address: str) -> list[tuple[Told, ...]]:
        return [each.told for each in self.got if each.address == address]

    def texts(self, address: str) -> list[str]:
        return [saying().message(each) for each in self.got if each.address == address]


@dataclass
class SomeClocks:
    """Clocks as a test sets them, the same for every officer of a centre."""

    by_centre: dict[str, Standing] = field(default_factory=dict)

    def of_officer(self, t: Transaction, officer: Officer, today: str) -> Mapping[str, Standing]:
        return {c: self.by_centre[c] for c in officer.centres if c in self.by_centre}

    def of_held(self, t: Transaction, officer: Officer, today: str) -> int | None:
        return None

    def of_centre(self, t: Transaction, centre: str, today: str) -> Standing:
        return self.by_centre.get(centre, Standing())


@dataclass
class AlertHouse:
    """The house, and alerts in it. `reopen` is what a restart does."""

    house: House
    rules: Rules = field(default_factory=Rules)
    hooks: tuple[Hook, ...] = ()
    phone: Phone = field(default_factory=Phone)
    clocks: SomeClocks = field(default_factory=SomeClocks)
    sending_rules: SendingRules = field(default_factory=SendingRules)
    random: Callable[[], float] = lambda: LATE_IN_THE_DAY
    roster: Roster = ROSTER

    async def open(self) -> "AlertHouse":
        house = self.house
        self.records = Records(house.means.drawer, house.forget)
        self.codes = Codes(house.clock)
        db, forget, clock = house.db, house.forget, house.clock
        self.bindings = Bindings(db, forget, self.records, self.codes, random_id)
        self.sending = Sending(
            db, forget, self.records, self.bindings, clock,
            dict.fromkeys(("telegram", "line", "email", "webhook"), self.phone),
            self.sending_rules,
        )  # fmt: skip
        self.alerting = Alerting(
            db, forget, self.records, self.bindings, clock,
            roster=lambda: self.roster, new_id=random_id, rules=self.rules, hooks=self.hooks,
            clocks=self.clocks, on_lines=self.sending.ring, random=lambda: self.random(),
        )  # fmt: skip
        await self.alerting.at_start()
        return self

    async def reopen(self) -> "AlertHouse":
        await self.house.reopen()
        return await self.open()

    async def bind(
        self, who: str, address: str, channel: str = "telegram", lang: str = "th"
    ) -> None:
        code = self.codes.link(who, channel, lang)
        assert await self.bindings.bind_chat(channel, address, code) is not None

    async def file(self, **summary: Json) -> str:
        """File a tip as a turn's commit does, without the conversation before it; its id."""
        house, means = self.house, self.house.means
        draft = Draft.begin(random_id())
        told: dict[str, Json] = {"category": "embezzlement", "province": "TH-40", **summary}
        filed = await means.filing.prepare(
            draft, File({}, told, "TH-40"), today(house.clock).isoformat()
        )

        def work(t: Transaction) -> None:
            parts.append(t, filed.form, previous=filed.previous)
            tips.file(t, filed.tip, filed.grants)
            means.raising.filed(t, filed.tip.centre, filed.grants, is_urgent=filed.is_urgent)

        await house.db.commit(work)
        return filed.tip.tip_id

    async def quarter(self) -> None:
        """The next quarter of an hour: it is told, and everything due is sent."""
        self.house.clock.advance(900)
        await self.alerting.quarter()
        await self.sending.send_due()

    async def rows(self) -> dict[str, int]:
        names = ("alert_record", "alert_binding", "alert_line")
        found = await self.house.db.read(
            lambda t: [t.rows(f"SELECT count(*) FROM {n}")[0][0] for n in names]  # noqa: S608  # ours
        )
        return dict(zip(names, found, strict=True))


@asynccontextmanager
async def alert_house(folder: Path, **given: Any) -> AsyncIterator[AlertHouse]:
    house = await House(folder).open()
    made = AlertHouse(house, **given)
    try:
        yield await made.open()
    finally:
        await made.house.close()
