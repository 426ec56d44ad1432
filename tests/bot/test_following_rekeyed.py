"""A reporter whose tip got new keys notices nothing: every answer is read, none is lost."""

import asyncio

import pytest

from bot.following import open_letter, reply_keys
from bot.screen import Screen
from bot.state import Following
from handlers.effects import OfficerWords
from sealing import Place, WrongKey, open_part
from sealing.age import PQIdentity
from storage.repositories import conversations, parts, tips
from tests.bot.rekeyed import withdraw
from tests.bot.test_following import following, officer_writes
from tests.bot.turn_house import SOMCHAI, House, Person


def read(screen: Screen) -> list[str | None]:
    """The officers' words on *screen*, in order; None for what could not be opened."""
    shown = [intent.part_id for intent in screen.intents if isinstance(intent, OfficerWords)]
    letters = screen.letters
    return [letters[each].words if each in letters else None for each in shown]


async def told_to(house: House) -> list[str | None]:
    (tip_id,) = await house.tip_ids()
    return [part.words for part in await house.read_as(SOMCHAI, tip_id) if part.words]


async def test_a_receipt_reads_every_officers_words_old_and_new(house: House) -> None:
    receipt = await house.person().file("เรื่องแรก")
    await officer_writes(house, "ก่อน", part_id="1" * 32)
    await withdraw(house, SOMCHAI)
    await officer_writes(house, "ระหว่าง", part_id="2" * 32)
    await withdraw(house, SOMCHAI)
    await officer_writes(house, "หลัง", part_id="3" * 32)
    assert read(await (await following(house, receipt)).screen()) == ["ก่อน", "ระหว่าง", "หลัง"]


async def test_what_is_answered_later_is_sealed_to_the_new_keys_alone(house: House) -> None:
    receipt = await house.person().file("เรื่องแรก")
    (tip_id,) = await house.tip_ids()
    old = await house.grant_of(SOMCHAI, tip_id)
    await withdraw(house, SOMCHAI)
    person = await following(house, receipt)
    await person.press("answer")
    await person.say("คำตอบใหม่")
    assert await told_to(house) == ["เรื่องแรก", "why", "คำตอบใหม่"]
    newest = (await house.db.read(lambda t: parts.chain(t, tip_id)))[-1]
    assert newest.sealed is not None
    assert old.case is not None
    with pytest.raises(WrongKey):
        open_part(newest.sealed, old.case, Place(tip_id, newest.part_id, newest.seq, None))


async def test_a_conversation_that_is_open_goes_on_over_new_keys(house: House) -> None:
    receipt = await house.person().file("เรื่องแรก")
    await officer_writes(house, "ก่อน", part_id="1" * 32)
    person = await following(house, receipt)
    await withdraw(house, SOMCHAI)
    assert read(await person.screen()) == ["ก่อน"], "what is on the screen stays readable"
    await person.press("answer")
    await person.say("คำตอบ")
    await person.send_file(b"picture" * 99)
    await person.press("done")
    await officer_writes(house, "หลัง", part_id="2" * 32)
    assert await told_to(house) == ["เรื่องแรก", "ก่อน", "why", "คำตอบ", "หลัง"]
    state = await state_of(house, person)
    rekeys = await house.db.read(lambda t: tips.rekeys(t, state.tip_id))
    row = await house.db.read(lambda t: parts.get(t, state.tip_id, "2" * 32))
    assert row is not None
    letter = open_letter(row, reply_keys(state, rekeys))
    assert letter is not None
    assert letter.words == "หลัง", "with what the conversation kept before the keys were new"


async def state_of(house: House, person: Person) -> Following:
    conversation = house.means.marks.conversation(person.channel, person.name)
    row = await house.db.read(lambda t: conversations.get(t, conversation))
    found = house.means.open(row, person.name, "th").state.following
    assert found is not None
    return found


async def test_answers_and_new_keys_at_the_same_moment_lose_nothing(house: House) -> None:
    receipt = await house.person().file("เรื่องแรก")
    person = await following(house, receipt)
    await person.press("answer")
    answers = [person.say(f"คำตอบ {number}") for number in range(6)]
    await asyncio.gather(*answers, withdraw(house, SOMCHAI))
    told = await told_to(house)
    assert {f"คำตอบ {number}" for number in range(6)} <= set(told)


async def test_a_grant_that_opens_nothing_costs_only_the_letters_of_its_time(house: House) -> None:
    """An officer's console makes the receipt's new grant: a broken one shuts nobody out."""
    receipt = await house.person().file("เรื่องแรก")
    await officer_writes(house, "ก่อน", part_id="1" * 32)
    await withdraw(house, SOMCHAI, receipt=PQIdentity.generate().recipient)
    await officer_writes(house, "เปิดไม่ได้", part_id="2" * 32)
    person = await following(house, receipt)
    assert read(await person.screen()) == ["ก่อน", None]
    await withdraw(house, SOMCHAI)
    await officer_writes(house, "หลัง", part_id="3" * 32)
    assert read(await (await following(house, receipt, "again")).screen()) == ["ก่อน", None, "หลัง"]


async def test_where_the_reply_key_stayed_all_is_read_with_it(house: House) -> None:
    receipt = await house.person().file("เรื่องแรก")
    await withdraw(house, SOMCHAI, knows_receipt=False)
    await officer_writes(house, "หลัง", part_id="1" * 32)
    assert read(await (await following(house, receipt)).screen()) == ["หลัง"]


@pytest.mark.parametrize("said", [b"", b"{}", b"\xff" * 100])
def test_a_rekey_that_is_none_leaves_the_other_keys(said: bytes) -> None:
    first = PQIdentity.generate()
    state = Following("ab" * 16, first.seed, receipt_seed=PQIdentity.generate().seed)
    assert reply_keys(state, [said]) == (first,)


async def test_a_restart_in_between_loses_nothing(house: House) -> None:
    receipt = await house.person().file("เรื่องแรก")
    await officer_writes(house, "ก่อน", part_id="1" * 32)
    await withdraw(house, SOMCHAI)
    again = await house.reopen()
    await officer_writes(again, "หลัง", part_id="2" * 32)
    assert read(await (await following(again, receipt)).screen()) == ["ก่อน", "หลัง"]
