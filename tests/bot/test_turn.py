"""A turn happens wholly or not at all, and once."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from bot.errors import Unavailable
from bot.locks import Crowded
from bot.means import TurnRules
from bot.pace import AT_ONCE, Pace
from handlers.effects import Say
from handlers.events import Choice, Followed, Text
from storage import Conflict, Database, SqliteDatabase, Transaction
from storage import Unavailable as DiskUnavailable
from storage.repositories import conversations
from tests.bot.turn_house import SOMCHAI, House, Person


async def telling(house: House, name: str = "somebody") -> Person:
    """A person who is asked what happened."""
    person = house.person(name)
    await person.press("report")
    for _ in range(20):
        ask = await person.ask()
        if ask.question == "what":
            return person
        ids = [option.id for option in ask.choices]
        if ask.question == "province":
            await person.press("unsure")
        else:
            await person.press(next((i for i in ("skip", "unknown") if i in ids), ids[0]))
    raise AssertionError("never asked what happened")


async def words_told(house: House, person: Person) -> list[str | None]:
    """File what *person* told, and read it as an officer would."""
    await person.press("done")
    for _ in range(10):
        ask = await person.ask()
        if ask.question == "send":
            break
        ids = [option.id for option in ask.choices]
        await person.press(next(i for i in ("skip", "none", "done") if i in ids))
    await person.press("send")
    (tip_id,) = await house.tip_ids()
    return [p.words for p in await house.read_as(SOMCHAI, tip_id) if p.words is not None]


class BadDisk:
    """A database that fails, or is overtaken, just when a turn commits."""

    def __init__(self, inner: Database) -> None:
        self.inner = inner
        self.before: list[Callable[[], Any]] = []
        self.read, self.close, self.truncate_log = inner.read, inner.close, inner.truncate_log

    async def commit(self, work: Callable[[Transaction], Any]) -> Any:
        if self.before:
            found = self.before.pop(0)()
            if asyncio.iscoroutine(found):
                await found
        return await self.inner.commit(work)


def raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.fixture
async def disk(house: House) -> BadDisk:
    bad = BadDisk(house.db)
    object.__setattr__(house.means, "db", bad)
    return bad


async def test_the_greeting_is_shown_without_storing_anything(house: House) -> None:
    screen = await house.person().screen()
    assert not screen.is_begun
    assert screen.intents
    assert await house.tables() == {}
    assert house.forget.ids() == frozenset()


async def test_a_first_message_is_taken_and_leaves_a_screen(house: House) -> None:
    person = house.person()
    assert (await person.send(Followed())).is_fresh
    assert (await person.screen()).is_begun


async def test_a_redelivered_event_does_nothing_more(house: House) -> None:
    person = await telling(house)
    assert (await person.say("เห็นเขาเอาปูนไป", "event A")).is_fresh
    before = await house.tables()
    assert not (await person.say("เห็นเขาเอาปูนไป", "event A")).is_fresh
    assert await house.tables() == before


async def test_one_event_delivered_many_times_at_once_happens_once(house: House) -> None:
    person = await telling(house)
    taken = await asyncio.gather(*(person.say("ครั้งเดียว", "event A") for _ in range(20)))
    assert sum(each.is_fresh for each in taken) == 1
    assert await words_told(house, person) == ["ครั้งเดียว"]


async def test_the_same_event_id_of_another_person_is_another_event(house: House) -> None:
    one, other = house.person("one"), house.person("other")
    assert (await one.send(Followed(), "1")).is_fresh
    assert (await other.send(Followed(), "1")).is_fresh


async def test_messages_of_one_person_sent_at_once_are_all_kept(house: House) -> None:
    person = await telling(house)
    said = [f"ข้อความที่ {number}" for number in range(12)]
    await asyncio.gather(*(person.say(each) for each in said))
    assert sorted(filter(None, await words_told(house, person))) == sorted(said)
    assert house.turns.at_work == 0


async def test_people_who_write_at_once_share_a_commit(house: House) -> None:
    house.turns._pace = Pace(lambda: 0.0)  # as on a machine that is fast enough
    people = [await telling(house, f"person {nth}") for nth in range(2 * AT_ONCE)]
    assert isinstance(house.db, SqliteDatabase)
    before = house.db.commits
    taken = await asyncio.gather(*(person.say("เห็นกับตา") for person in people))
    assert all(each.parts for each in taken)
    assert house.db.commits == before + 1


async def test_a_turn_whose_commit_fails_leaves_nothing(house: House, disk: BadDisk) -> None:
    person = await telling(house)
    before, keys = await house.tables(), house.forget.ids()
    disk.before.append(raising(DiskUnavailable("the disk is full")))
    with pytest.raises(DiskUnavailable):
        await person.say("หายไหม", "event A")
    assert await house.tables() == before
    assert house.forget.ids() == keys
    assert (await person.say("หายไหม", "event A")).is_fresh
    assert await words_told(house, person) == ["หายไหม"]


async def test_a_first_turn_whose_commit_fails_leaves_no_key(house: House, disk: BadDisk) -> None:
    disk.before.append(raising(DiskUnavailable("the disk is full")))
    with pytest.raises(DiskUnavailable):
        await house.person().send(Followed())
    assert house.forget.ids() == frozenset()


async def test_who_was_overtaken_decides_again_on_what_is_there_now(
    house: House, disk: BadDisk
) -> None:
    person = await telling(house)
    conversation = house.means.marks.conversation("web", "somebody")

    async def overtake() -> None:
        def touch(t: Transaction) -> None:
            row = conversations.get(t, conversation)
            assert row is not None
            conversations.save(t, row)

        await disk.inner.commit(touch)

    disk.before += [overtake, overtake]
    assert (await person.say("ยังอยู่")).is_fresh
    assert await words_told(house, person) == ["ยังอยู่"]


async def test_who_is_always_overtaken_is_told_so_at_last(house: House, disk: BadDisk) -> None:
    person = await telling(house)
    disk.before += [raising(Conflict("moved"))] * house.rules.at_most_tries
    with pytest.raises(Unavailable):
        await person.say("…ช้าไป", "event A")
    assert (await person.say("…ช้าไป", "event A")).is_fresh


async def test_too_many_waiting_events_of_one_person_are_turned_away(tmp_path: Any) -> None:
    house = await House(tmp_path, rules=TurnRules(at_most_waiting=3)).open()
    flooder, calm = house.person("flooder"), house.person("calm")
    flood = [flooder.send(Followed()) for _ in range(40)]
    *found, other = await asyncio.gather(*flood, calm.send(Followed()), return_exceptions=True)
    assert sum(isinstance(each, Crowded) for each in found) == 36
    assert not isinstance(other, BaseException)
    assert house.turns.at_work == 0
    await house.close()


async def test_a_stale_button_changes_nothing(house: House) -> None:
    person = await telling(house)
    await person.send(Choice("an old screen", "done"))
    assert (await person.ask()).question == "what"
    assert "say.stale" in [i.key for i in (await person.screen()).intents if isinstance(i, Say)]


async def test_a_person_elsewhere_with_the_same_name_is_somebody_else(house: House) -> None:
    await telling(house)
    assert not (await house.person(channel="line").screen()).is_begun


async def test_nothing_of_the_person_is_in_an_error_or_a_repr(house: House) -> None:
    from bot.turn import Inbound

    shown = repr(Inbound("web", "U1234", "E5678", Text("ความลับ")))
    assert not any(secret in shown for secret in ("U1234", "E5678", "ความลับ"))


async def test_a_conversation_survives_a_restart(house: House) -> None:
    person = await telling(house)
    await person.say("ก่อนปิดเครื่อง")
    await house.reopen()
    await person.say("หลังเปิดเครื่อง")
    assert await words_told(house, person) == ["ก่อนปิดเครื่อง", "หลังเปิดเครื่อง"]
