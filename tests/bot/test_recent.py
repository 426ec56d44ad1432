"""A row is remembered between two messages, and never believed more than its version."""

from dataclasses import replace
from typing import Any

from bot.recent import Recent
from handlers.events import Text
from storage import Transaction
from storage.repositories import conversations
from storage.repositories.conversations import Conversation
from tests.bot.test_turn import telling, words_told
from tests.bot.turn_house import House, Person

DROP = "ลบทั้งหมด"


class Counting:
    """A database that counts reads."""

    def __init__(self, inner: Any) -> None:
        self.inner, self.commit, self.reads = inner, inner.commit, 0

    async def read(self, work: Any) -> Any:
        self.reads += 1
        return await self.inner.read(work)


async def row_of(house: House, person: Person) -> Conversation:
    mark = house.means.marks.conversation(person.channel, person.name)
    row = await house.db.read(lambda t: conversations.get(t, mark))
    assert row is not None
    return row


async def test_the_second_message_of_a_burst_is_taken_without_a_read(house: House) -> None:
    person = await telling(house)
    counting = Counting(house.db)
    object.__setattr__(house.means, "db", counting)
    await person.say("หนึ่ง")
    await person.say("สอง")
    assert counting.reads == 0
    object.__setattr__(house.means, "db", house.db)
    assert await words_told(house, person) == ["หนึ่ง", "สอง"]


async def test_what_is_remembered_is_the_row_in_the_database(house: House) -> None:
    person = await telling(house)
    await person.say("หนึ่ง")
    row = await row_of(house, person)
    assert house.turns._recent.take(row.conversation) == row


async def test_a_row_that_somebody_else_wrote_over_is_read_anew(house: House) -> None:
    person = await telling(house)
    await person.say("หนึ่ง")
    row = await row_of(house, person)
    await house.db.commit(lambda t: conversations.save(t, row))  # as another process would
    await person.say("สอง")
    assert await words_told(house, person) == ["หนึ่ง", "สอง"]


async def test_words_redelivered_after_others_do_nothing_more(house: House) -> None:
    person = await telling(house)
    await person.say("หนึ่ง", "event A")
    await person.say("สอง")
    before = await house.tables()
    assert not (await person.say("หนึ่ง", "event A")).is_fresh
    assert await house.tables() == before
    assert await words_told(house, person) == ["หนึ่ง", "สอง"]


async def test_a_redelivered_farewell_destroys_no_newer_draft(house: House) -> None:
    """Its key would go before the commit that finds the event taken."""
    person = await telling(house)
    await person.say("เรื่องแรก")
    await person.press("cancel")
    assert (await person.say(DROP, "event A")).is_fresh
    person = await telling(house)
    await person.say("เรื่องที่สอง")
    await person.press("cancel")
    keys = house.forget.ids()
    assert not (await person.say(DROP, "event A")).is_fresh
    assert house.forget.ids() == keys
    await person.press("back")
    assert await words_told(house, person) == ["เรื่องที่สอง"]


async def test_a_redelivered_code_is_not_tried_again(house: House) -> None:
    person = house.person()
    await person.send(Text("4821-0937-5512-7048-3391-0665"), "event A")
    tried = 0
    real = house.means.codes.check

    async def check(*a: Any, **k: Any) -> Any:
        nonlocal tried
        tried += 1
        return await real(*a, **k)

    object.__setattr__(house.means.codes, "check", check)
    await person.send(Text("4821-0937-5512-7048-3391-0665"), "event A")
    assert tried == 0
    await person.send(Text("4821-0937-5512-7048-3391-0665"), "event B")
    assert tried == 1


async def test_a_forgotten_conversation_is_not_remembered(house: House) -> None:
    person = await telling(house)
    await person.say("หนึ่ง")
    assert len(house.turns._recent)
    assert await house.turns.forget_person(person.channel, person.name)
    assert not len(house.turns._recent)
    assert not (await person.screen()).is_begun


async def test_a_conversation_forgotten_by_another_process_begins_afresh(house: House) -> None:
    person = await telling(house)
    await person.say("หนึ่ง")
    row = await row_of(house, person)
    await house.forget.destroy(row.key_id)

    def forget(t: Transaction) -> None:
        conversations.forget(t, row.conversation, row.version)

    await house.db.commit(forget)
    assert (await person.say("สอง")).is_fresh
    assert (await row_of(house, person)).version == 1


def test_only_so_many_are_remembered_the_oldest_forgotten_first() -> None:
    recent = Recent(at_most=2)
    row = Conversation(b"1", "web", "key", b"state", "2026-11-23")
    for name in (b"1", b"2", b"1", b"3"):
        recent.keep(replace(row, conversation=name), 2)
    assert len(recent) == 2
    assert recent.take(b"2") is None
    assert recent.take(b"1") == replace(row, version=2)
    assert recent.take(b"1") is None
