"""Forgotten means gone: with every key there is, nothing reopens what was discarded."""

import shutil
from pathlib import Path

from bot.clock import today
from storage import SqliteDatabase, Transaction
from storage.repositories import conversations
from tests.bot.test_turn import telling
from tests.bot.turn_house import House


async def discard(house: House) -> None:
    person = await telling(house)
    await person.say("เรื่องที่จะทิ้ง")
    await person.send_file(b"a photo" * 1000)
    await person.press("cancel")
    await person.press("drop")


async def test_discarding_deletes_parts_blobs_and_keys(house: House) -> None:
    await discard(house)
    tables = await house.tables()
    assert not {"part", "open_tip", "tip"} & tables.keys()
    assert await house.blobs.ids() == frozenset()
    assert len(house.forget.ids()) == 1  # of the conversation that began after it


async def test_an_old_copy_reopens_nothing_once_the_draft_was_discarded(
    house: House, tmp_path: Path
) -> None:
    person = await telling(house)
    await person.say("เรื่องที่จะทิ้ง")
    await house.db.truncate_log()
    shutil.copy(tmp_path / "db.sqlite", tmp_path / "stolen.sqlite")
    await person.press("cancel")
    await person.press("drop")
    async with await SqliteDatabase.open(tmp_path / "stolen.sqlite") as stolen:
        conversation = house.means.marks.conversation("web", "somebody")
        row = await stolen.read(lambda t: conversations.get(t, conversation))
        assert row is not None
        assert house.forget.get(row.key_id) is None
        assert house.means.open(row, "somebody", "th").key is None


async def test_a_crash_between_key_and_commit_leaves_the_draft_gone(house: House) -> None:
    person = await telling(house)
    await person.say("เรื่องที่จะทิ้ง")
    conversation = house.means.marks.conversation("web", "somebody")
    row = await house.db.read(lambda t: conversations.get(t, conversation))
    assert row is not None
    await house.forget.destroy(row.key_id)  # …and the process is killed here
    await house.reopen()
    assert not (await person.screen()).is_begun
    await person.press("report")
    assert (await person.ask()).question == "category"


async def test_a_conversation_is_forgotten_key_first_and_only_if_still_stale(house: House) -> None:
    await telling(house)
    conversation = house.means.marks.conversation("web", "somebody")
    day = today(house.clock).isoformat()
    assert not await house.turns.forget_if(conversation, lambda row: row.touched_day < day)
    assert await house.turns.forget_if(conversation, lambda row: row.touched_day == day)
    assert house.forget.ids() == frozenset()

    def find(t: Transaction) -> object:
        return conversations.get(t, conversation)

    assert await house.db.read(find) is None


async def test_a_person_can_be_forgotten_at_once_with_parts_files_and_keys(house: House) -> None:
    person = await telling(house)
    await person.say("เรื่อง")
    await person.send_file(b"photo")
    assert await house.turns.forget_person("web", "somebody")
    assert set(await house.tables()) == {"seen"}
    assert await house.blobs.ids() == frozenset()
    assert house.forget.ids() == frozenset()
    assert not await house.turns.forget_person("web", "somebody")


async def test_forgetting_a_person_who_has_filed_leaves_the_tip(house: House) -> None:
    await house.person().file("เรื่อง")
    await house.turns.forget_person("web", "somebody")
    tables = await house.tables()
    assert tables["tip"] == 1
    assert tables["part"] == 2
    assert house.forget.ids() == frozenset()
