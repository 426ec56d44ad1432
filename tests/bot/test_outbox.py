"""Every line arrives, in order, once if the platform can tell; or it waits for the person."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from bot.chat import Chat
from bot.outbox import (
    Batch,
    Delivered,
    NotYet,
    Outbox,
    OutboxRules,
    Parcel,
    Uncertain,
    Undeliverable,
)
from bot.turn import Inbound
from bot.upkeep import Upkeep, UpkeepRules
from handlers.effects import Ask, Erase, OfficerWords, Say, SecretOnce
from handlers.events import Choice, Command, Followed, Held, Text
from storage.repositories import conversations, outbox
from storage.repositories.outbox import State
from tests.bot.test_following import officer_writes
from tests.bot.turn_house import House, Person

DAY = 24 * 3600.0


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Line:
    """A platform that remembers what it took, *at_once* parcels a call, and fails when told to."""

    taken: list[Parcel] = field(default_factory=list)
    people: set[str] = field(default_factory=set)
    failures: list[Exception] = field(default_factory=list)
    before: Callable[[Batch], object] = lambda batch: None
    at_once: int = 1
    remember: Callable[[Batch], Chat] = lambda batch: batch.chat
    came: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5), self.came:
            await self.came.wait_for(lambda: len(self.taken) >= count)

    async def deliver(self, batch: Batch) -> Delivered:
        found = self.before(batch)
        if asyncio.iscoroutine(found):
            await found
        if self.failures:
            raise self.failures.pop(0)
        now = batch.parcels[: self.at_once]
        async with self.came:
            self.taken += now
            self.people.add(batch.person)
            self.came.notify_all()
        return Delivered(len(now), self.remember(batch))

    def said(self) -> list[str]:
        return [each.intent.key for each in self.taken if isinstance(each.intent, Say | Ask)]


class LinePerson(Person):
    """Somebody on a platform: what they see is what was delivered."""

    platform: Line

    async def ask(self) -> Ask:
        return [each.intent for each in self.platform.taken if isinstance(each.intent, Ask)][-1]


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
def post(house: House, line: Line) -> Outbox:
    rules = OutboxRules(at_most_attempts=3, first_wait_s=10, longest_wait_s=60)
    return Outbox(house.means, house.turns, house.screens, {"line": line}, rules, lambda: 0.5)


def somebody(house: House, line: Line, name: str = "U-secret") -> LinePerson:
    person = LinePerson(house, name, "line", house.numbers)
    person.platform = line
    return person


async def test_lines_arrive_in_order_and_leave_nothing_behind(
    house: House, line: Line, post: Outbox
) -> None:
    await somebody(house, line).send(Followed())
    assert (await house.tables())["outbox"] >= 2
    await post.deliver_due()
    assert line.said() == ["say.start_line", "ask.menu"]
    assert line.people == {"U-secret"}
    assert "outbox" not in await house.tables()


async def test_the_contact_is_kept_only_while_something_waits(
    house: House, line: Line, post: Outbox
) -> None:
    conversation = house.means.marks.conversation("line", "U-secret")
    await somebody(house, line).send(Followed())
    row = await house.db.read(lambda t: conversations.get(t, conversation))
    assert row is not None
    assert row.contact is not None
    assert b"U-secret" not in row.contact
    await post.deliver_due()
    row = await house.db.read(lambda t: conversations.get(t, conversation))
    assert row is not None
    assert row.contact is None


async def test_what_never_arrives_is_forgotten_in_time_and_so_is_for_whom_it_was(
    house: House, line: Line, post: Outbox
) -> None:
    upkeep = Upkeep(house.means, house.turns, house.throttle, UpkeepRules(draft_days=365))
    await somebody(house, line).send(Followed())
    line.failures = [Undeliverable("blocked for now")]
    await post.deliver_due()
    house.clock.advance(house.means.rules.answer_days * DAY)
    await upkeep.once()
    assert (await house.tables())["outbox"] >= 2
    house.clock.advance(DAY)
    await upkeep.once()
    assert "outbox" not in await house.tables()


async def test_lines_nobody_came_to_deliver_let_go_of_the_contact_when_they_go(
    house: House, line: Line
) -> None:
    conversation = house.means.marks.conversation("line", "U-secret")
    upkeep = Upkeep(house.means, house.turns, house.throttle, UpkeepRules(draft_days=365))
    await somebody(house, line).send(Followed())
    house.clock.advance((house.means.rules.answer_days + 1) * DAY)
    await upkeep.once()
    assert "outbox" not in await house.tables()
    row = await house.db.read(lambda t: conversations.get(t, conversation))
    assert row is not None
    assert row.contact is None


async def test_a_failed_line_is_tried_again_later_under_the_same_key(
    house: House, line: Line, post: Outbox
) -> None:
    tried: list[str] = []
    line.before = lambda batch: tried.append(batch.parcels[0].key)
    line.failures = [TimeoutError(), ConnectionError()]
    await somebody(house, line).send(Followed())
    await post.deliver_due()
    assert line.taken == []
    house.clock.advance(11)
    await post.deliver_due()
    house.clock.advance(11)
    await post.deliver_due()
    assert line.taken == []  # the second wait is longer
    house.clock.advance(11)
    await post.deliver_due()
    assert line.said() == ["say.start_line", "ask.menu"]
    assert tried[0] == tried[1] == tried[2] != tried[3]


async def test_a_crash_after_sending_sends_again_under_the_same_key(
    house: House, line: Line, post: Outbox
) -> None:
    await somebody(house, line).send(Followed())

    async def crash(batch: Batch) -> None:
        line.taken.append(batch.parcels[0])
        raise Killed

    line.before = crash
    with pytest.raises(BaseExceptionGroup):
        await post.deliver_due()
    line.before = lambda batch: None
    again = Outbox(house.means, house.turns, house.screens, {"line": line})
    await again.deliver_due()
    assert line.taken[0].key == line.taken[1].key
    assert len({each.key for each in line.taken}) == 2


async def test_what_cannot_be_delivered_appears_at_the_next_message(
    house: House, line: Line, post: Outbox
) -> None:
    person = somebody(house, line)
    line.failures = [Undeliverable("blocked")]
    await person.send(Followed())
    await post.deliver_due()
    assert await house.db.read(lambda t: outbox.count(t, State.DEAD)) == 2
    conversation = house.means.marks.conversation("line", "U-secret")
    row = await house.db.read(lambda t: conversations.get(t, conversation))
    assert row is not None
    assert row.contact is None  # it comes with them
    house.clock.advance(10_000)
    await post.deliver_due()
    assert line.taken == []
    await person.send(Choice("start", "report"))
    await post.deliver_due()
    assert line.said() == ["say.start_line", "ask.category"]  # the older question is outdated


async def test_whoever_writes_while_delivery_is_given_up_is_answered_at_once(
    house: House, line: Line, post: Outbox
) -> None:
    person = somebody(house, line)

    async def writes(batch: Batch) -> None:
        line.before = lambda batch: None
        await person.send(Choice("start", "report"))

    line.before, line.failures = writes, [Undeliverable("there is no reply token")]
    await person.send(Followed())
    await post.deliver_due()
    assert line.said() == ["say.start_line", "ask.category"]


async def test_after_the_last_attempt_a_line_waits_for_the_person(
    house: House, line: Line, post: Outbox
) -> None:
    line.failures = [TimeoutError() for _ in range(3)]
    await somebody(house, line).send(Followed())
    for _ in range(5):
        await post.deliver_due()
        house.clock.advance(100)
    assert await house.db.read(lambda t: outbox.count(t, State.DEAD)) == 2
    assert line.failures == []


async def test_a_pause_the_platform_asks_for_is_kept_and_is_no_failed_attempt(
    house: House, line: Line, post: Outbox
) -> None:
    line.failures = [NotYet(30.0) for _ in range(5)]
    await somebody(house, line).send(Followed())
    for _ in range(5):
        await post.deliver_due()
        assert line.taken == []
        house.clock.advance(32)
    await post.deliver_due()
    assert len(line.taken) == 2


async def test_a_slow_conversation_delays_nobody_else(
    house: House, line: Line, post: Outbox
) -> None:
    gate = asyncio.Event()

    async def slow(batch: Batch) -> None:
        if batch.person == "slow":
            await gate.wait()

    line.before = slow
    await somebody(house, line, "slow").send(Followed())
    async with asyncio.TaskGroup() as group:
        running = group.create_task(post.run())
        for name in ("a", "b", "c"):
            await somebody(house, line, name).send(Followed())
        await line.until(6)
        assert line.people == {"a", "b", "c"}
        gate.set()
        await line.until(8)
        running.cancel()


async def test_a_platform_that_hangs_delays_no_other(house: House, line: Line) -> None:
    telegram, gate = Line(), asyncio.Event()

    async def hangs(batch: Batch) -> None:
        await gate.wait()

    telegram.before = hangs
    both, few = {"telegram": telegram, "line": line}, OutboxRules(at_once=2)
    for nth in range(5):
        await Person(house, f"T{nth}", "telegram", house.numbers).send(Command("start"))
    async with asyncio.TaskGroup() as group:
        post = Outbox(house.means, house.turns, house.screens, both, few)
        running = group.create_task(post.run())
        for name in ("a", "b", "c"):
            await somebody(house, line, name).send(Followed())
        await line.until(6)
        assert telegram.taken == []
        gate.set()
        await telegram.until(5)
        running.cancel()


async def test_a_pause_ends_in_time_also_while_somebody_elses_delivery_goes_on(
    house: House, line: Line, post: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, sleeps_shortly, sleep = asyncio.Event(), asyncio.Event(), house.clock.sleep
    pauses = [NotYet(5.0)]

    async def watched(wait_s: float) -> None:
        if wait_s <= 7:
            sleeps_shortly.set()
        await sleep(wait_s)

    async def platform(batch: Batch) -> None:
        if batch.person == "slow":
            await slow.wait()
        elif pauses:
            raise pauses.pop()

    line.before = platform
    monkeypatch.setattr(house.clock, "sleep", watched)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(post.run())
        await somebody(house, line, "slow").send(Followed())
        await somebody(house, line, "paused").send(Followed())
        async with asyncio.timeout(5):
            await sleeps_shortly.wait()
        house.clock.advance(7)
        await line.until(2)
        assert line.people == {"paused"}
        slow.set()
        await line.until(4)
        running.cancel()


async def test_a_receipt_is_delivered_and_shown_again_until_it_is_noted(
    house: House, line: Line, post: Outbox
) -> None:
    person = somebody(house, line)
    await person.send(Followed())
    await post.deliver_due()
    await tell_on_line(person, post)
    receipts = [each.receipt for each in line.taken if isinstance(each.intent, SecretOnce)]
    assert len(receipts) == 1
    await person.say("อะไรนะ")
    await post.deliver_due()
    receipts = [each.receipt for each in line.taken if isinstance(each.intent, SecretOnce)]
    assert len(receipts) == 2
    assert receipts[0] == receipts[1] is not None
    await person.press("noted")
    await post.deliver_due()
    tables = await house.tables()
    assert {"outbox", "conversation"} & set(tables) == set()  # who is done leaves nothing
    assert house.forget.ids() == frozenset()


async def test_officers_words_are_opened_only_on_their_way_out(
    house: House, line: Line, post: Outbox
) -> None:
    receipt = await house.person().file("เรื่อง")
    await officer_writes(house, "จำทะเบียนรถได้ไหม")
    person = somebody(house, line)
    await person.send(Followed())
    await post.deliver_due()
    await person.press("follow")
    await person.say(receipt)
    await post.deliver_due()
    (letter,) = [each.letter for each in line.taken if isinstance(each.intent, OfficerWords)]
    assert letter is not None
    assert letter.words == "จำทะเบียนรถได้ไหม"
    assert "ทะเบียน" not in repr(line.taken)


async def test_lines_of_a_draft_that_was_dropped_are_not_delivered(
    house: House, line: Line, post: Outbox
) -> None:
    person = somebody(house, line)
    await person.send(Followed())
    await post.deliver_due()
    await person.press("report")
    await person.send(Choice(await screen_of(house), "bribe"))
    await person.send(Command("cancel"))
    line.taken.clear()
    await person.send(Choice(await screen_of(house), "drop"))
    await post.deliver_due()
    assert line.said() == ["say.dropped", "ask.menu"]


async def screen_of(house: House) -> str:
    """The nonce of what the only person on the platform would see next."""
    conversation = house.means.marks.conversation("line", "U-secret")
    row = await house.db.read(lambda t: conversations.get(t, conversation))
    return house.means.open(row, "U-secret", "th").state.conversation.screen


async def tell_on_line(person: LinePerson, post: Outbox) -> None:
    await person.press("report")
    for _ in range(20):
        await post.deliver_due()
        ask = await person.ask()
        ids = [option.id for option in ask.choices]
        if ask.question == "receipt_noted":
            return
        wanted = ("send", "unsure", "skip", "unknown", "none", "done")
        await person.press(next((each for each in wanted if each in ids), ids[0]))
    raise AssertionError("never came to the receipt")


async def test_a_batch_holds_everything_that_waits_in_order(
    house: House, line: Line, post: Outbox
) -> None:
    sizes: list[int] = []
    line.before = lambda batch: sizes.append(len(batch.parcels))
    line.at_once = 5
    await somebody(house, line).send(Followed())
    await post.deliver_due()
    assert sizes == [2]
    assert line.said() == ["say.start_line", "ask.menu"]


async def test_an_uncertain_line_is_not_said_twice(house: House, line: Line, post: Outbox) -> None:
    line.failures = [Uncertain(2)]
    await somebody(house, line).send(Followed())
    for _ in range(3):
        await post.deliver_due()
        house.clock.advance(100)
    assert line.taken == []
    assert "outbox" not in await house.tables()


async def test_an_uncertain_receipt_is_sent_once_more_and_says_so(
    house: House, line: Line, post: Outbox
) -> None:
    person = somebody(house, line)
    await person.send(Followed())
    await post.deliver_due()

    def lose_receipt(batch: Batch) -> None:
        if isinstance(batch.parcels[0].intent, SecretOnce):
            tries.append(batch.parcels[0].is_uncertain)
            line.failures = [Uncertain(1)]

    tries: list[bool] = []
    line.before = lose_receipt
    await tell_on_line(person, post)
    for _ in range(3):
        await post.deliver_due()
        house.clock.advance(100)
    assert tries == [False, True]
    line.before = lambda batch: None
    await person.say("รหัสอยู่ไหน")
    await post.deliver_due()
    assert any(isinstance(each.intent, SecretOnce) for each in line.taken)


@pytest.mark.parametrize("times", [1, 3])
async def test_officers_words_that_may_not_have_arrived_come_again_when_the_person_writes(
    house: House, line: Line, post: Outbox, times: int
) -> None:
    """They are not sent again by themselves, and asking for help is enough."""
    receipt = await house.person().file("เรื่อง")
    await officer_writes(house, "จำทะเบียนรถได้ไหม")
    line.at_once = 5
    person = somebody(house, line)
    await person.send(Followed())
    await post.deliver_due()
    await person.press("follow")
    await post.deliver_due()
    await person.say(receipt)
    for _ in range(times):
        line.failures = [Uncertain(5)]
        for _ in range(3):
            await post.deliver_due()
            house.clock.advance(100)
        assert letters(line) == []
        await person.send(Command("help"))
    await post.deliver_due()
    assert letters(line) == ["จำทะเบียนรถได้ไหม"]
    assert isinstance(line.taken[-1].intent, Ask)
    await person.send(Command("help"))
    await post.deliver_due()
    assert letters(line) == ["จำทะเบียนรถได้ไหม"]
    conversation = house.means.marks.conversation("line", "U-secret")
    assert await house.db.read(lambda t: outbox.of_conversation(t, conversation)) == ()


def letters(line: Line) -> list[str]:
    return [each.letter.words for each in line.taken if each.letter is not None]


async def test_an_older_question_that_nobody_saw_is_not_worth_a_message(
    house: House, line: Line, post: Outbox
) -> None:
    person = somebody(house, line)
    await person.send(Followed())
    for nth in range(50):
        await person.say(f"อะไร {nth}")
    line.at_once = 100
    await post.deliver_due()
    assert line.said() == ["say.start_line", "say.not_understood_menu", "ask.menu"]


async def test_what_a_channel_remembers_survives_and_goes_with_the_conversation(
    house: House, line: Line
) -> None:
    line.remember = lambda batch: Chat(
        card="7", is_card_last=True, messages=(*batch.chat.messages, "7")
    )
    post = Outbox(house.means, house.turns, house.screens, {"telegram": line})
    seen: list[Chat] = []
    line.before = lambda batch: seen.append(batch.chat)
    line.at_once = 9
    for nth, words in enumerate(["สวัสดี", "อะไร"]):
        event = Inbound("telegram", "77", f"e{nth}", Text(words), message=f"m{nth}")
        await house.turns.take(event)
        await post.deliver_due()
    assert seen[1] == Chat("7", False, ("m0", "7", "m1"), (), "m1")


async def test_words_written_while_a_delivery_runs_are_not_forgotten(
    house: House, line: Line
) -> None:
    post = Outbox(house.means, house.turns, house.screens, {"telegram": line})

    async def write(batch: Batch) -> None:
        if batch.chat.said == "m0":
            await house.turns.take(Inbound("telegram", "77", "e1", Text("อีก"), message="m1"))

    line.before, line.at_once = write, 9
    line.remember = lambda batch: Chat("7", True, (*batch.chat.messages, "7"))
    seen: list[Chat] = []
    await house.turns.take(Inbound("telegram", "77", "e0", Text("สวัสดี"), message="m0"))
    await post.deliver_due()
    line.before = lambda batch: seen.append(batch.chat)
    await house.turns.take(Inbound("telegram", "77", "e2", Text("สุดท้าย"), message="m2"))
    await post.deliver_due()
    assert set(seen[0].messages) >= {"m0", "m1", "7", "m2"}


async def test_who_waits_longest_is_delivered_to_first(
    house: House, line: Line, post: Outbox
) -> None:
    """More people wait than are delivered to at once, and new ones keep coming."""
    order: list[str] = []
    line.before = lambda batch: order.append(batch.person)
    line.at_once = 9
    for nth in range(40):
        await somebody(house, line, f"{nth:02}").send(Followed())
        house.clock.advance(1)
    one_by_one = OutboxRules(at_once=1)
    await Outbox(house.means, house.turns, house.screens, {"line": line}, one_by_one).deliver_due()
    assert order == sorted(order)
    assert len(order) == 40


async def test_the_message_that_is_wiped_is_the_one_that_held_the_code(
    house: House, line: Line
) -> None:
    receipt = await house.person().file("เรื่อง")
    post = Outbox(house.means, house.turns, house.screens, {"telegram": line})
    line.at_once = 99
    for nth, event in enumerate([Command("follow"), Text(receipt), Text("ขอบคุณ")]):
        await house.turns.take(Inbound("telegram", "7", f"e{nth}", event, message=f"m{nth}"))
    await post.deliver_due()
    erased = [each.intent for each in line.taken if isinstance(each.intent, Erase)]
    assert erased == [Erase("th", "said", "m1")]


async def test_a_receipt_asked_for_while_it_is_on_its_way_is_shown_again(
    house: House, line: Line, post: Outbox
) -> None:
    person = somebody(house, line)
    await person.send(Followed())
    await post.deliver_due()

    async def asks(batch: Batch) -> None:
        if isinstance(batch.parcels[0].intent, SecretOnce):
            line.before = lambda batch: None
            await person.say("รหัสอยู่ไหน")

    line.before = asks
    await tell_on_line(person, post)
    assert sum(isinstance(each.intent, SecretOnce) for each in line.taken) == 2


async def test_a_turn_that_says_nothing_loses_nothing_of_what_waits(
    house: House, line: Line, post: Outbox
) -> None:
    person = somebody(house, line)
    line.failures = [Undeliverable("no reply token")]
    await person.send(Followed())
    await post.deliver_due()
    await person.send(Held("photo", "handle"))
    await post.deliver_due()
    assert line.taken == []
    await person.say("อะไร")
    await post.deliver_due()
    assert line.said()[0] == "say.start_line"


async def test_a_channel_may_ask_to_look_again_what_there_is_to_say(
    house: House, line: Line, post: Outbox
) -> None:
    person = somebody(house, line)

    async def writes(batch: Batch) -> None:
        line.before = lambda batch: None
        await person.send(Choice("start", "report"))

    line.before, line.failures = writes, [NotYet(0.0)]
    await person.send(Followed())
    await post.deliver_due()
    assert line.said() == ["say.start_line", "ask.category"]
