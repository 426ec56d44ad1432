"""A whole bot in a folder, without a network: real database, real seals, cheap codes, held time."""

import hashlib
import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.alerts.raising import Counting
from bot.alerts.records import Records
from bot.evidence import Evidence, EvidenceRules
from bot.filing import Filing
from bot.following import Codes
from bot.marks import Marks
from bot.means import Means, TurnRules, random_id
from bot.notices import Notices
from bot.recall import Recall
from bot.routes import Route
from bot.screen import Screen, Screens
from bot.server_key import ServerKey
from bot.state import Drawer
from bot.stretch import Stretches, StretchRules
from bot.subscriptions import Subscriptions
from bot.throttle import Throttle, ThrottleRules
from bot.turn import Inbound, Taken, Turns
from bot.uploads import Uploads
from cleaning import Cleaner, CleaningRules
from handlers import engine
from handlers.book import Channel, load_book
from handlers.effects import Ask
from handlers.events import Choice, Event, FileRef, Media, Original, Text
from sealing import (
    Grant,
    Officer,
    OfficerKeys,
    Part,
    Place,
    Role,
    Roster,
    Summary,
    TipKeys,
    WrongKey,
    all_keys,
    open_grant,
    open_part,
    padme,
    parse_rekey,
)
from sealing.age import PQIdentity, encrypt
from sealing.stretch import Cost
from storage import Database, SqliteDatabase
from storage.blobs import FolderBlobs
from storage.forget import ForgetStore
from storage.repositories import grants, parts, tips
from storage.repositories.parts import PartRow
from tests.bot.fake_clock import FakeClock

CHEAP = Cost(memory_kib=8, time=1, lanes=1)
SOMCHAI = OfficerKeys.generate("Somchai")
MALEE = OfficerKeys.generate("Malee")
RECOVERY = PQIdentity.generate()


def officer(keys: OfficerKeys, *centres: str, conflicts: tuple[str, ...] = ()) -> Officer:
    return Officer(
        keys.name, keys.age.recipient, keys.sign.verify_key, (Role.OFFICER,), centres, conflicts
    )


ROSTER = Roster(
    1,
    "2026-11-01",
    "2027-11-01",
    RECOVERY.recipient,
    (officer(SOMCHAI, "kkn"), officer(MALEE, "region")),
)


def route(province: str | None, excluded: tuple[str, ...], is_agency_confirmed: bool) -> Route:
    return Route("kkn", ("region",))


@dataclass
class House:
    """Everything that runs, and ways to talk to it. `reopen` is what a restart does."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    server_key: ServerKey = field(default_factory=ServerKey.generate)
    roster: Roster = ROSTER
    rules: TurnRules = field(default_factory=TurnRules)
    stretch_rules: StretchRules = field(default_factory=StretchRules)
    throttle_rules: ThrottleRules = field(default_factory=ThrottleRules)
    evidence_rules: EvidenceRules = field(default_factory=EvidenceRules)
    cleaning: CleaningRules | None = None
    """None: nobody looks into files, which most tests need not wait for."""
    windows_s: dict[str, float] = field(
        default_factory=lambda: {"line": 3600.0, "telegram": 48 * 3600.0}
    )
    step: Any = engine.step
    wrap: Callable[[Database], Database] = lambda db: db
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    numbers: Any = field(default_factory=itertools.count)

    async def open(self) -> "House":
        enter = self.stack.enter_async_context
        self.db = self.wrap(await enter(await SqliteDatabase.open(self.folder / "db.sqlite")))
        self.forget = await enter(await ForgetStore.open(self.folder / "forget"))
        self.blobs = await enter(await FolderBlobs.open(self.folder / "blobs"))
        self.throttle = Throttle(self.clock, self.throttle_rules)
        self.stretches = Stretches(
            self.stretch_rules, clock=self.clock, is_braked=lambda: self.throttle.is_flooded
        )
        self.stack.callback(self.stretches.close)
        self.uploads = Uploads()
        web = load_book(channel=Channel("web"))
        line = web.for_channel(Channel("line", can_push=True, unsend_hours=1))
        telegram = web.for_channel(Channel("telegram", can_push=True, can_wipe=True))
        drawer, marks = Drawer(self.server_key), Marks(self.server_key)
        self.recall = Recall(self.db, self.forget, drawer, marks, self.clock, self.windows_s)
        self.means = Means(
            self.db,
            self.forget,
            self.blobs,
            drawer,
            marks,
            {"web": web, "line": line, "telegram": telegram},
            Codes(
                self.db, self.server_key, CHEAP, throttle=self.throttle, stretches=self.stretches
            ),
            Filing(
                self.server_key,
                CHEAP,
                roster=lambda: self.roster,
                route=route,
                new_id=random_id,
                stretches=self.stretches,
            ),
            self.uploads,
            self.recall,
            Notices(self.db, self.forget, drawer, self.clock, days=180),
            Subscriptions(self.db, self.forget, drawer, self.clock, days=365),
            self.clock,
            self.rules,
            step=self.step,
            raising=Counting(Records(drawer, self.forget), lambda: self.roster),
        )
        self.turns = Turns(self.means)
        self.screens = Screens(self.means)
        self.cleaner = None if self.cleaning is None else await enter(Cleaner(self.cleaning))
        self.evidence = Evidence(
            self.turns, self.blobs, self.uploads, self.clock, random_id, self.evidence_rules,
            cleaner=self.cleaner,
        )  # fmt: skip
        self.stack.callback(self.evidence.close)
        return self

    async def close(self) -> None:
        await self.stack.aclose()

    async def reopen(self) -> "House":
        """A restart: everything in memory is gone."""
        await self.close()
        self.stack = AsyncExitStack()
        return await self.open()

    def person(self, name: str = "somebody", channel: str = "web") -> "Person":
        return Person(self, name, channel, self.numbers)

    async def tables(self) -> dict[str, int]:
        """How many rows each table has, without the empty ones."""
        names = [
            "seen",
            "conversation",
            "outbox",
            "open_tip",
            "part",
            "original",
            "tip",
            "tip_grant",
            "change",
        ]
        names += ["fetch", "recall", "recall_key", "notice"]
        counts = await self.db.read(
            lambda t: [t.rows(f"SELECT count(*) FROM {each}")[0][0] for each in names]  # noqa: S608  # ours
        )
        return {name: count for name, count in zip(names, counts, strict=True) if count}

    async def tip_ids(self) -> list[str]:
        rows = await self.db.read(lambda t: t.rows("SELECT tip_id FROM tip"))
        return [tip_id for (tip_id,) in rows]

    async def summary_as(self, keys: OfficerKeys, tip_id: str) -> Summary:
        """What an officer's list would show."""
        summary = (await self.grant_of(keys, tip_id)).summary
        assert summary is not None
        return summary

    async def grant_of(self, keys: OfficerKeys, tip_id: str) -> Grant:
        rows = await self.db.read(lambda t: grants.of_tip(t, tip_id))
        (row,) = (row for row in rows if row.officer == keys.id)
        return open_grant(row.sealed, keys.age, tip_id=tip_id, grant_id=row.grant_id, to=keys.id)

    async def read_as(self, keys: OfficerKeys, tip_id: str) -> list[Part]:
        """What an officer's console would read."""
        grant = await self.grant_of(keys, tip_id)
        chain, said = await self.db.read(lambda t: (parts.chain(t, tip_id), tips.rekeys(t, tip_id)))
        pairs = all_keys(grant.keys, [parse_rekey(each) for each in said], tip_id=tip_id)
        assert len(pairs) == len(said) + 1
        return [_opened(row, pairs) for row in chain if row.sealed is not None]


def _opened(row: PartRow, pairs: Sequence[TipKeys]) -> Part:
    for pair in pairs:
        key = pair.case if row.sealed_to == "case" else pair.reply
        with suppress(WrongKey):
            assert row.sealed is not None
            return open_part(row.sealed, key, Place(row.tip_id, row.part_id, row.seq, None))
    raise AssertionError("a part that no key of the tip opens")


@dataclass
class Person:
    """Somebody talking to the bot."""

    house: House
    name: str
    channel: str
    numbers: Any

    async def send(self, event: Event, event_id: str | None = None) -> Taken:
        event_id = event_id or f"event {next(self.numbers)}"
        return await self.house.turns.take(Inbound(self.channel, self.name, event_id, event))

    async def screen(self) -> Screen:
        return await self.house.screens.show(self.channel, self.name)

    async def ask(self) -> Ask:
        """The question that stands on the screen."""
        asks = [each for each in (await self.screen()).intents if isinstance(each, Ask)]
        return asks[-1]

    async def press(self, choice: str, event_id: str | None = None) -> Taken:
        return await self.send(Choice((await self.ask()).screen, choice), event_id)

    async def say(self, words: str, event_id: str | None = None) -> Taken:
        return await self.send(Text(words), event_id)

    async def upload(self, data: bytes, media: str = "photo") -> FileRef:
        async def chunks() -> AsyncIterator[bytes]:
            for at in range(0, len(data), 50_000):
                yield data[at : at + 50_000]

        found = await self.house.evidence.receive(
            self.channel, self.name, chunks(), mime="image/jpeg", name="รูป.jpg", media=media
        )
        assert isinstance(found, FileRef), found
        return found

    async def send_file(self, data: bytes, media: str = "photo") -> Taken:
        return await self.send(Media(await self.upload(data, media)))

    async def upload_cleaned(self, sent: bytes, cleaned: bytes, media: str = "photo") -> FileRef:
        """A file as the cleaner hands it on: cleaned, and as it was sent under a key of its own."""
        house, file = self.house, await self.upload(cleaned, media)
        one_off, blob_id = PQIdentity.generate(), house.means.new_id()
        async with house.blobs.writing(blob_id) as out:
            await out.write(encrypt(sent.ljust(padme(len(sent)), b"\0"), one_off.recipient))
            await out.keep()
        place = await house.turns.place_for_file(self.channel, self.name, "th")
        assert place is not None
        now_s = house.clock.monotonic_s()
        house.uploads.arrived(
            file.blob_id, place.conversation, place.tip_id, file.size, now_s, blob_id
        )
        digest = hashlib.sha256(sent).hexdigest()
        original = Original(blob_id, len(sent), digest, one_off.seed, ("place", "time"))
        return replace(file, original=original, details="cleaned")

    async def send_cleaned(self, sent: bytes, cleaned: bytes, media: str = "photo") -> Taken:
        return await self.send(Media(await self.upload_cleaned(sent, cleaned, media)))

    async def decide(self, verb: str) -> Taken:
        """Press the button about what was found: hide, leave, clean or whole."""
        ask = await self.ask()
        choice = next(o.id for o in ask.choices if o.id.startswith(f"{verb}."))
        return await self.send(Choice(ask.screen, choice))

    async def tell(self, *words: str) -> None:
        """From the first screen to the review, saying *words* when asked what happened."""
        await self.press("report")
        await self.tell_on(*words)

    async def tell_on(self, *words: str) -> None:
        """From the report's first question to the review."""
        for _ in range(40):
            ask = await self.ask()
            ids = [option.id for option in ask.choices]
            if ask.question == "send":
                return
            if ask.question == "what":
                for each in words:
                    await self.say(each)
                await self.press("done")
            elif ask.question == "category":
                await self.press(ids[0])
            elif ask.question == "province":
                await self.say("ขอนแก่น")
                if (await self.ask()).question == "province":
                    await self.press("yes")
            else:
                offered = ("skip", "unknown", "none", "dont_know", "done", "unsure")
                await self.press(next((each for each in offered if each in ids), ids[0]))
        raise AssertionError("the report never came to its end")

    async def file(self, *words: str) -> str:
        """Tell and send; the receipt."""
        await self.tell(*words)
        await self.press("send")
        receipt = (await self.screen()).receipt
        assert receipt is not None
        return receipt
