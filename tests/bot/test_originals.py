"""Two versions are sealed; the answer gives one key away or destroys it; nothing waits for ever."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bot.clock import today
from bot.desk.errors import Forbidden, NotFound
from bot.desk.opening import OpeningDesk
from bot.means import random_id
from bot.turn import Inbound
from bot.upkeep import Upkeep, UpkeepRules
from handlers.effects import Ask, Option
from handlers.events import Choice, Edited, Media, Text, Unsent
from handlers.kinds.base import Here
from handlers.screens import draw, question_on_screen
from sealing import (
    Kind,
    OriginalFile,
    OriginalKey,
    Part,
    SealedWords,
    WrongKey,
    open_grant,
    open_words,
)
from sealing.age import PQIdentity, decrypt
from sealing.grants import RECOVERY
from storage import Database, StorageError, Transaction
from storage.repositories import conversations, grants, parts
from tests.bot.test_following import following
from tests.bot.test_turn import telling
from tests.bot.turn_house import MALEE, ROSTER, SOMCHAI, House, Person
from tests.bot.turn_house import RECOVERY as RECOVERY_KEY

PHONE = "โทรหาผม 081-234-5678"
HIDDEN = "โทรหาผม [เอาเบอร์โทรศัพท์ออก]"
SENT, CLEANED = b"\xff\xd8 taken at 16.44, 102.83 " * 40, b"\xff\xd8 a road " * 60
DAY = 24 * 3600.0


@dataclass
class Told:
    """What officers read of the only tip."""

    parts: list[Part]

    @property
    def keys(self) -> Mapping[str, OriginalKey]:
        return {part.key.of: part.key for part in self.parts if part.key is not None}

    def one(self, kind: Kind) -> Part:
        (part,) = (each for each in self.parts if each.kind is kind)
        return part


async def read(house: House) -> Told:
    (tip_id,) = await house.tip_ids()
    return Told(await house.read_as(SOMCHAI, tip_id))


async def send(person: Person) -> None:
    """From wherever the report is to the receipt."""
    ids = [option.id for option in (await person.ask()).choices]
    if "done" in ids:
        await person.press("done")
    await person.tell_on()
    await person.press("send")


async def every_key(house: House) -> list[PQIdentity]:
    """Every key that anybody has who may read the tip, recovery and the officers above too."""
    (tip_id,) = await house.tip_ids()
    rows = await house.db.read(lambda t: grants.of_tip(t, tip_id))
    readers = {SOMCHAI.id: SOMCHAI.age, MALEE.id: MALEE.age, RECOVERY: RECOVERY_KEY}
    found = [*readers.values()]
    for row in rows:
        opened = open_grant(
            row.sealed, readers[row.officer], tip_id=tip_id, grant_id=row.grant_id, to=row.officer
        )
        assert opened.case is not None
        found += [opened.case, opened.reply]
    return found


async def test_what_a_person_takes_out_is_out_for_every_key_there_is(house: House) -> None:
    person = await telling(house)
    await person.say(PHONE)
    waiting = house.forget.ids()
    await person.decide("hide")
    assert len(house.forget.ids()) == len(waiting) - 1
    await send(person)
    told = await read(house)
    part = told.one(Kind.WORDS)
    assert (part.words, part.found) == (HIDDEN, ("phone",))
    assert told.keys == {}
    assert isinstance(part.original, SealedWords)
    for key in await every_key(house):
        with pytest.raises(WrongKey):
            decrypt(part.original.data, key)
    assert "original" not in await house.tables()


async def test_what_a_person_leaves_in_opens_with_the_key_that_is_in_the_tip(house: House) -> None:
    person = await telling(house)
    await person.say(PHONE)
    await person.decide("leave")
    await send(person)
    told = await read(house)
    part = told.one(Kind.WORDS)
    key = told.keys[part.part_id]
    assert key.is_answered
    assert isinstance(part.original, SealedWords)
    assert open_words(part.original, key, tip_id=part.tip_id) == PHONE
    assert len(house.forget.ids()) == 2  # of the receipt and of the conversation that shows it


async def test_who_never_answers_sends_words_as_they_are_marked_and_files_cleaned(
    house: House,
) -> None:
    person = await telling(house)
    await person.say(PHONE)
    await person.send_cleaned(SENT, CLEANED)
    assert len(await house.blobs.ids()) == 2
    await send(person)
    told = await read(house)
    words, file = told.one(Kind.WORDS), told.one(Kind.FILE)
    assert list(told.keys) == [words.part_id]
    assert not told.keys[words.part_id].is_answered
    assert file.found == ("place", "time")
    assert file.file is not None
    assert file.file.sha256 == hashlib.sha256(CLEANED).hexdigest()
    assert await house.blobs.ids() == {file.file.blob_id}
    assert "original" not in await house.tables()


async def test_a_file_kept_as_sent_opens_and_the_desk_hands_it_out(house: House) -> None:
    person = await telling(house)
    await person.send_cleaned(SENT, CLEANED, "voice")
    await person.decide("whole")
    await send(person)
    told = await read(house)
    part = told.one(Kind.FILE)
    assert isinstance(part.original, OriginalFile)
    key = told.keys[part.part_id]
    blob_id = part.original.blob_id
    sealed = b"".join([chunk async for chunk in house.blobs.read(blob_id)])
    assert decrypt(sealed, key.identity)[: part.original.size] == SENT
    desk = OpeningDesk(house.db, lambda: ROSTER, house.clock)
    with pytest.raises(Forbidden, match="reason"):
        await desk.check_blob(ROSTER.officers[0], part.tip_id, blob_id)
    for key_of_tip in await every_key(house):
        with pytest.raises(WrongKey):
            decrypt(sealed, key_of_tip)


async def test_the_desk_hands_out_no_original_that_is_not_decided(house: House) -> None:
    receipt = await house.person().file("เรื่อง")
    person = await following(house, receipt)
    await person.press("answer")
    file = await person.upload_cleaned(SENT, CLEANED)
    await person.send(Media(file))
    assert file.original is not None
    (tip_id,) = await house.tip_ids()
    desk = OpeningDesk(house.db, lambda: ROSTER, house.clock)
    await desk.check_blob(ROSTER.officers[0], tip_id, file.blob_id)
    with pytest.raises(NotFound):
        await desk.check_blob(ROSTER.officers[0], tip_id, file.original.blob_id)


@pytest.mark.parametrize("way", ["done", "cancel"])
async def test_the_end_of_an_answer_settles_what_was_found_in_it(house: House, way: str) -> None:
    receipt = await house.person().file("เรื่อง")
    person = await following(house, receipt)
    await person.press("answer")
    await person.say(PHONE)
    await person.send_cleaned(SENT, CLEANED)
    await person.press(way)
    told = await read(house)
    (words,) = (part for part in told.parts if part.found == ("phone",))
    assert list(told.keys) == [words.part_id]
    assert len(await house.blobs.ids()) == 1
    assert "original" not in await house.tables()


async def test_an_answer_nobody_finished_loses_its_originals_after_some_days(house: House) -> None:
    person = house.person()
    receipt = await person.file("เรื่อง")
    await person.press("noted")
    person = await following(house, receipt)
    await person.press("answer")
    await person.say(PHONE)
    await person.send_cleaned(SENT, CLEANED)
    upkeep = Upkeep(house.means, house.turns, house.throttle, UpkeepRules(round_s=300))
    await upkeep.once()
    assert len(await house.blobs.ids()) == 2
    house.clock.advance(8 * DAY)
    await upkeep.once()
    assert house.forget.ids() == frozenset()
    assert len(await house.blobs.ids()) == 1
    assert "original" not in await house.tables()
    told = await read(house)
    assert told.keys == {}
    assert HIDDEN in [part.words for part in told.parts]


@pytest.mark.parametrize("drop", [Unsent, lambda part_id: Edited(part_id, "ไม่มีเบอร์แล้ว")])
async def test_taking_words_back_destroys_both_versions(
    house: House, drop: Callable[[str], Any]
) -> None:
    person = await telling(house)
    part_id = (await person.say(PHONE)).parts[0]
    before = house.forget.ids()
    await person.send(drop(part_id))
    assert len(house.forget.ids()) == len(before) - 1
    assert "original" not in await house.tables()


async def test_starting_over_destroys_both_versions_of_a_file(house: House) -> None:
    person = await telling(house)
    await person.send_cleaned(SENT, CLEANED, "voice")
    await person.press("done")
    await person.press("back")
    await person.press("start_over")
    assert await house.blobs.ids() == frozenset()
    assert "original" not in await house.tables()
    assert len(house.forget.ids()) == 1


async def test_a_dropped_draft_takes_originals_with_it(house: House) -> None:
    person = await telling(house)
    await person.say(PHONE)
    await person.send_cleaned(SENT, CLEANED)
    await person.press("cancel")
    await person.press("drop")
    assert await house.blobs.ids() == frozenset()
    assert len(house.forget.ids()) == 1  # of the conversation that began after it
    assert "original" not in await house.tables()


async def test_who_asks_to_be_forgotten_is_with_undecided_originals_too(house: House) -> None:
    person = await telling(house)
    await person.say(PHONE)
    await person.send_cleaned(SENT, CLEANED)
    assert await house.turns.forget_person("web", person.name)
    assert house.forget.ids() == frozenset()
    assert await house.blobs.ids() == frozenset()


async def test_a_restart_keeps_what_is_not_decided_yet(house: House) -> None:
    person = await telling(house)
    await person.say(PHONE)
    await person.send_cleaned(SENT, CLEANED, "voice")
    await house.reopen()
    upkeep = Upkeep(house.means, house.turns, house.throttle, UpkeepRules(round_s=300))
    await upkeep.at_start()
    await person.decide("leave")
    await person.decide("whole")
    await send(person)
    assert len((await read(house)).keys) == 2


async def test_the_same_answer_delivered_twice_decides_once(house: House) -> None:
    person = await telling(house)
    await person.say(PHONE)
    ask = await person.ask()
    tap = Choice(ask.screen, ask.choices[1].id)
    assert (await person.send(tap, "tap 1")).is_fresh
    assert not (await person.send(tap, "tap 1")).is_fresh
    await person.send(tap, "tap 2")
    await send(person)
    told = await read(house)
    assert [part.kind for part in told.parts].count(Kind.KEY) == 1


async def test_a_seed_whose_key_is_gone_leaves_the_original_shut(house: House) -> None:
    person = await telling(house)
    await person.say(PHONE)
    rows = await house.db.read(lambda t: t.rows("SELECT key_id FROM original"))
    await house.forget.destroy(*(key_id for (key_id,) in rows))
    await person.decide("leave")
    await send(person)
    told = await read(house)
    assert told.keys == {}
    assert told.one(Kind.WORDS).words == HIDDEN


async def test_a_change_to_what_was_filed_goes_as_sent_with_its_key_and_the_old_one_goes(
    house: House,
) -> None:
    person = house.person("U1", "line")
    take = house.turns.take
    for number, event in enumerate((Choice("start", "report"), Text(f"{PHONE} " * 3))):
        await take(Inbound("line", "U1", f"e{number}", event, message=f"m{number}"))
    state = await state_of(house, person)
    for step in range(12):
        if state.flow == "receipt":
            break
        ids = [option.id for option in state.options]
        offered = ("send", "unsure", "unknown", "skip", "none", "done")
        choice = next((each for each in offered if each in ids), ids[0])
        await take(Inbound("line", "U1", f"s{step}", Choice(state.screen, choice)))
        state = await state_of(house, person)
    before = await read(house)
    (old,) = (part for part in before.parts if part.kind is Kind.WORDS)
    assert list(before.keys) == [old.part_id]
    edited = Inbound("line", "U1", "edit", Edited(None, "เปลี่ยนเป็น 089-999-9999"), message="m1")
    await take(edited)
    after = await read(house)
    (new,) = (part for part in after.parts if part.kind is Kind.WORDS)
    assert new.part_id != old.part_id
    assert isinstance(new.original, SealedWords)
    words = open_words(new.original, after.keys[new.part_id], tip_id=new.tip_id)
    assert words == "เปลี่ยนเป็น 089-999-9999"
    assert "original" not in await house.tables()


@dataclass
class Shown:
    """Where a conversation of a pushing channel stands."""

    flow: str
    screen: str
    options: tuple[Option, ...]


async def state_of(house: House, person: Person) -> Shown:
    conversation = house.means.marks.conversation(person.channel, person.name)
    row = await house.db.read(lambda t: conversations.get(t, conversation))
    talk = house.means.open(row, person.name, "th").state.conversation
    book = house.means.books[person.channel]
    here = Here(book, talk, question_on_screen(book, talk), today(house.clock), random_id)
    asks = [each for each in draw(here, talk)[1] if isinstance(each, Ask)]
    return Shown(talk.flow, talk.screen, asks[-1].choices)


class Failing:
    """A database that refuses to commit while told to."""

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.is_failing = False
        self.read, self.close, self.truncate_log = inner.read, inner.close, inner.truncate_log

    async def commit(self, work: Callable[[Transaction], Any]) -> Any:
        if self.is_failing:
            raise StorageError("refused")
        return await self._inner.commit(work)


async def test_a_turn_that_was_not_stored_leaves_no_key_and_no_file(tmp_path: Any) -> None:
    house = await House(tmp_path, wrap=Failing).open()
    person = await telling(house)
    before = house.forget.ids()
    file = await person.upload_cleaned(SENT, CLEANED, "voice")
    assert isinstance(house.db, Failing)
    house.db.is_failing = True
    with pytest.raises(StorageError):
        await person.send(Media(file))
    with pytest.raises(StorageError):
        await person.say(PHONE)
    house.db.is_failing = False
    assert house.forget.ids() == before
    assert await house.blobs.ids() == frozenset()
    await house.close()


async def test_a_cleaned_file_nobody_told_of_is_destroyed_in_both_versions(house: House) -> None:
    person = await telling(house)
    await person.upload_cleaned(SENT, CLEANED)
    upkeep = Upkeep(house.means, house.turns, house.throttle, UpkeepRules(round_s=300))
    house.clock.advance(timedelta(hours=2).total_seconds())
    await upkeep.once()
    assert await house.blobs.ids() == frozenset()


async def test_no_undecided_seed_shows_in_a_repr(house: House) -> None:
    person = await telling(house)
    await person.say(PHONE)
    (tip_id,) = (row[0] for row in await house.db.read(lambda t: t.rows("SELECT tip_id FROM part")))
    (row,) = await house.db.read(lambda t: parts.chain(t, tip_id))
    assert "081" not in repr(row)
