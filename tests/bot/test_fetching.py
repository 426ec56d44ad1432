"""A file that a platform still holds comes here once, or its sender hears that it did not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from bot.evidence import CutOff
from bot.fetching import Arriving, Fetching, FetchRules, Gone, NotReady, TooBig
from bot.turn import Inbound, Taken
from handlers.effects import Ask, Say
from handlers.events import Choice, Command, Event, Held, Text, Unsent
from handlers.saying import plain
from sealing import Kind
from storage.repositories import conversations, fetches, outbox
from tests.bot.turn_house import SOMCHAI, House

PHOTO = b"\xff\xd8\xff" + b"road" * 20_000
RULES = FetchRules(at_most_attempts=3, first_wait_s=10, quiet_s=0)


@dataclass
class Platform:
    """Holds files by handle; fails when told to, an error for each opening."""

    files: dict[str, bytes] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    cut_after: int | None = None
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, handle: str) -> None:
        """Return once *handle* was asked for."""
        async with asyncio.timeout(5), self.asked:
            await self.asked.wait_for(lambda: handle in self.opened)

    def __post_init__(self) -> None:
        self.gate.set()

    @asynccontextmanager
    async def open(self, handle: str) -> AsyncIterator[Arriving]:
        async with self.asked:
            self.opened.append(handle)
            self.asked.notify_all()
        if self.failures:
            raise self.failures.pop(0)
        yield Arriving("image/jpeg", None, self._chunks(self.files[handle]))

    async def _chunks(self, data: bytes) -> AsyncIterator[bytes]:
        await self.gate.wait()
        for at in range(0, len(data), 10_000):
            if self.cut_after is not None and at >= self.cut_after:
                raise ConnectionResetError
            yield data[at : at + 10_000]


@dataclass
class Phone:
    """Somebody on LINE; what the turn wants said is read straight from the outbox."""

    house: House
    platform: Platform
    fetching: Fetching
    name: str = "U-secret"
    sent: int = 0

    async def send(self, event: Event, message: str | None = None) -> Taken:
        self.sent += 1
        name = message or f"message {self.sent}"
        inbound = Inbound("line", self.name, f"event {self.sent}", event, message=name)
        return await self.house.turns.take(inbound)

    async def send_photo(self, handle: str, data: bytes = PHOTO) -> Taken:
        self.platform.files[handle] = data
        return await self.send(Held("photo", handle), message=handle)

    async def said(self) -> list[str]:
        """What waits to be said, as keys; said is said."""
        return [key for key, _ in await self._lines()]

    async def texts(self) -> list[str]:
        return [text for _, text in await self._lines()]

    async def _lines(self) -> list[tuple[str, str]]:
        means = self.house.means
        conversation = means.marks.conversation("line", self.name)
        row = await self.house.db.read(lambda t: conversations.get(t, conversation))
        assert row is not None
        key = means.forget.get(row.key_id)
        rows = await self.house.db.read(
            lambda t: t.rows("SELECT outbox_id FROM outbox WHERE key_id IS NULL ORDER BY position")
        )
        lines = await self.house.db.read(lambda t: outbox.of_conversation(t, conversation))
        found = []
        for line in lines:
            opened = means.lines.open(line, key)
            if opened is not None and isinstance(opened.intent, Say | Ask):
                words = means.books["line"].words
                found.append((opened.intent.key, plain(words, opened.intent)))
                self.last = opened.intent
        await self.house.db.commit(lambda t: outbox.remove(t, *(row[0] for row in rows)))
        return found

    async def walk_to_leads(self) -> None:
        await self.send(Command("report"))
        for _ in range(30):
            await self.said()
            ask = self.last
            assert isinstance(ask, Ask)
            if ask.question == "leads":
                return
            ids = [option.id for option in ask.choices]
            wanted = ("unsure", "skip", "unknown", "done", "forgotten")
            await self.send(Choice(ask.screen, next((w for w in wanted if w in ids), ids[0])))
        raise AssertionError("never came to the evidence")

    async def press(self, choice: str) -> None:
        await self.said()
        ask = self.last
        assert isinstance(ask, Ask)
        await self.send(Choice(ask.screen, choice))

    async def to_review(self) -> None:
        """On from the evidence to the last look."""
        for _ in range(5):
            await self.said()
            ask = self.last
            assert isinstance(ask, Ask)
            if ask.question == "send":
                return
            ids = [option.id for option in ask.choices]
            await self.press(next(w for w in ("done", "none", "skip") if w in ids))


@pytest.fixture
def platform() -> Platform:
    return Platform()


@pytest.fixture
def phone(house: House, platform: Platform) -> Phone:
    fetching = Fetching(
        house.means, house.turns, house.evidence, {"line": platform}, RULES, lambda: 0.5
    )
    return Phone(house, platform, fetching)


async def test_a_photo_is_answered_when_it_is_here_and_not_before(
    house: House, phone: Phone
) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo 1")
    assert await phone.said() == []
    assert (await house.tables())["fetch"] == 1
    await phone.fetching.fetch_due()
    assert await phone.texts() == ["(7/8) ได้รับรูป 1 รูปแล้ว ส่งเพิ่มได้อีก หรือกด “ส่งครบแล้ว” เพื่อไปต่อ"]
    tables = await house.tables()
    assert "fetch" not in tables
    assert tables["part"] == 1


async def test_an_album_is_one_answer(house: House, phone: Phone) -> None:
    await phone.walk_to_leads()
    for nth in range(5):
        await phone.send_photo(f"photo {nth}", PHOTO + bytes([nth]))
    await phone.fetching.fetch_due()
    assert await phone.texts() == ["(7/8) ได้รับรูป 5 รูปแล้ว ส่งเพิ่มได้อีก หรือกด “ส่งครบแล้ว” เพื่อไปต่อ"]
    assert (await house.tables())["part"] == 5


async def test_a_photo_sent_first_of_all_opens_a_report(house: House, phone: Phone) -> None:
    await phone.send_photo("photo")
    assert await phone.said() == ["say.start_line", "ask.category"]
    await phone.fetching.fetch_due()
    assert await phone.said() == ["say.kept_as_evidence", "ask.category"]


async def test_sending_waits_for_what_is_on_its_way(house: House, phone: Phone) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    await phone.send(Text("ทะเบียน กข 1234"))
    await phone.to_review()
    await phone.press("send")
    assert await phone.said() == []  # the receipt is the answer
    assert "tip" not in await house.tables()
    await phone.fetching.fetch_due()
    assert (await house.tables())["tip"] == 1
    assert "say.sent" in await phone.said()
    (tip_id,) = await house.tip_ids()
    parts = await house.read_as(SOMCHAI, tip_id)
    assert [part.kind for part in parts] == [Kind.WORDS, Kind.FILE, Kind.FORM]


async def test_a_file_lost_while_sending_waits_is_said_and_nothing_is_sent(
    house: House, phone: Phone, platform: Platform
) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    await phone.to_review()
    await phone.press("send")
    await phone.said()
    platform.failures = [Gone("deleted")]
    await phone.fetching.fetch_due()
    assert await phone.said() == ["say.lost_gone", "say.coach.what", "ask.send"]
    tables = await house.tables()
    assert "tip" not in tables
    assert "fetch" not in tables


async def test_a_failed_download_is_tried_again_and_kept_once(
    house: House, phone: Phone, platform: Platform
) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    platform.cut_after = 40_000
    await phone.fetching.fetch_due()
    assert await phone.said() == []
    platform.cut_after = None
    house.clock.advance(12)
    await phone.fetching.fetch_due()
    assert await phone.said() == ["ask.go_on"]
    assert len(await house.blobs.ids()) == 1


async def test_after_the_last_attempt_the_person_is_asked_to_send_it_again(
    house: House, phone: Phone, platform: Platform
) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    platform.failures = [CutOff(), TimeoutError(), OSError()]
    for _ in range(3):
        await phone.fetching.fetch_due()
        house.clock.advance(100)
    said = await phone.texts()
    assert said[0] == "รูปมาไม่ถึงเรา ส่งใหม่อีกครั้งได้ไหม ข้อความอื่นอยู่ครบ"
    assert await house.blobs.ids() == frozenset()
    assert "fetch" not in await house.tables()


async def test_a_file_that_the_platform_cannot_move_is_said_with_its_limit(
    phone: Phone, platform: Platform
) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    platform.failures = [TooBig(20 * 1024 * 1024)]
    await phone.fetching.fetch_due()
    assert "20 MB" in (await phone.texts())[0]


async def test_a_file_still_being_worked_on_is_no_failed_attempt(
    house: House, phone: Phone, platform: Platform
) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    platform.failures = [NotReady(5.0) for _ in range(10)]
    for _ in range(11):
        await phone.fetching.fetch_due()
        house.clock.advance(7)
    assert await phone.said() == ["ask.go_on"]


async def test_a_file_that_never_gets_ready_is_given_up(
    house: House, phone: Phone, platform: Platform
) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    platform.failures = [NotReady(60.0) for _ in range(100)]
    for _ in range(20):
        await phone.fetching.fetch_due()
        house.clock.advance(62)
    assert (await phone.said())[0] == "say.lost_failed"
    assert "fetch" not in await house.tables()


async def test_who_waits_long_hears_that_it_is_still_coming(
    house: House, phone: Phone, platform: Platform
) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    platform.gate.clear()
    said = asyncio.Event()
    house.turns.on_lines = said.set
    async with asyncio.TaskGroup() as group:
        running = group.create_task(phone.fetching.fetch_due())
        await platform.until("photo")
        house.clock.advance(21)
        await asyncio.wait_for(said.wait(), 5)
        assert await phone.said() == ["say.still_fetching", "ask.leads"]
        platform.gate.set()
        await running
    assert (await house.tables())["part"] == 1


async def test_a_message_taken_back_before_its_file_came_leaves_nothing(
    house: House, phone: Phone
) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    await phone.send(Unsent(None), message="photo")
    assert "fetch" not in await house.tables()
    await phone.fetching.fetch_due()
    assert await phone.said() == ["say.unsent_done", "ask.leads"]
    assert await house.blobs.ids() == frozenset()


async def test_a_message_taken_back_while_its_file_comes_leaves_nothing(
    house: House, phone: Phone, platform: Platform
) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    platform.gate.clear()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(phone.fetching.fetch_due())
        await platform.until("photo")
        await phone.send(Unsent(None), message="photo")
        platform.gate.set()
        await running
    assert await house.blobs.ids() == frozenset()
    assert "part" not in await house.tables()


async def test_a_message_taken_back_after_its_file_came_leaves_a_tombstone(
    house: House, phone: Phone
) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    await phone.fetching.fetch_due()
    await phone.send(Unsent(None), message="photo")
    assert await house.blobs.ids() == frozenset()
    rows = await house.db.read(lambda t: t.rows("SELECT sealed FROM part"))
    assert rows == [(None,)]


async def test_a_draft_that_is_dropped_takes_its_jobs_along(house: House, phone: Phone) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    await phone.send(Command("cancel"))
    await phone.press("drop")
    assert "fetch" not in await house.tables()
    await phone.fetching.fetch_due()
    assert await house.blobs.ids() == frozenset()


async def test_a_restart_fetches_what_was_not_fetched_yet(
    house: House, phone: Phone, platform: Platform
) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("photo")
    await house.reopen()
    again = Fetching(house.means, house.turns, house.evidence, {"line": platform}, RULES)
    await again.fetch_due()
    assert (await house.tables())["part"] == 1


async def test_one_person_holds_two_places_at_most(
    house: House, phone: Phone, platform: Platform
) -> None:
    await phone.walk_to_leads()
    for nth in range(6):
        await phone.send_photo(f"photo {nth}")
    other = Phone(house, platform, phone.fetching, "U-other")
    await other.walk_to_leads()
    await other.send_photo("other's")
    platform.gate.clear()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(phone.fetching.fetch_due())
        await platform.until("other's")
        assert sum(handle != "other's" for handle in platform.opened) <= 2
        platform.gate.set()
        await running
    assert await house.db.read(fetches.count) == 0


async def test_where_a_file_is_lies_sealed(house: House, phone: Phone) -> None:
    await phone.walk_to_leads()
    await phone.send_photo("handle-canary")
    (row,) = await house.db.read(lambda t: fetches.due(t, 2**40, 10))
    assert b"canary" not in row.secret
    assert b"U-secret" not in row.secret
    assert row.fetch_id not in {
        part for (part,) in await house.db.read(lambda t: t.rows("SELECT part_id FROM part"))
    }
