"""A message can be taken back or changed while the platform lets people, and not a moment longer
does anything lead from it to what it became."""

import pytest

from bot.turn import Inbound, Taken
from bot.upkeep import Upkeep
from handlers.events import Choice, Command, Edited, Event, Text, Unsent
from sealing import Kind
from storage.repositories import conversations, recalls
from tests.bot.turn_house import SOMCHAI, House

HOUR_S = 3600


async def send(house: House, event: Event, event_id: str, message: str | None = None) -> Taken:
    return await house.turns.take(Inbound("line", "U-1", event_id, event, message=message))


async def screen(house: House) -> str:
    conversation = house.means.marks.conversation("line", "U-1")
    row = await house.db.read(lambda t: conversations.get(t, conversation))
    return house.means.open(row, "U-1", "th").state.conversation.screen


async def tell(house: House, words: str = "เห็นรถขนปูน") -> None:
    """Up to the review, the words as message "m-1"."""
    steps = ["bribe", "unsure", "unknown", "skip", None, "forgotten", "none", "skip"]
    await send(house, Command("report"), "start")
    for nth, choice in enumerate(steps):
        if choice is None:
            await send(house, Text(words), "told", "m-1")
            choice = "done"
        await send(house, Choice(await screen(house), choice), f"step {nth}")


async def file(house: House) -> str:
    await tell(house)
    await send(house, Choice(await screen(house), "send"), "send")
    (tip_id,) = await house.tip_ids()
    return tip_id


async def words_of(house: House, tip_id: str) -> list[str | None]:
    parts = await house.read_as(SOMCHAI, tip_id)
    return [part.words for part in parts if part.kind is Kind.WORDS]


async def test_words_of_a_draft_are_taken_back(house: House) -> None:
    await tell(house)
    await send(house, Unsent(None), "unsent", "m-1")
    rows = await house.db.read(lambda t: t.rows("SELECT sealed FROM part"))
    assert rows == [(None,)]


async def test_words_of_a_filed_tip_are_taken_back_within_the_window(house: House) -> None:
    tip_id = await file(house)
    assert await words_of(house, tip_id) == ["เห็นรถขนปูน"]
    house.clock.advance(HOUR_S - 60)
    await send(house, Unsent(None), "unsent", "m-1")
    assert await words_of(house, tip_id) == []


async def test_words_of_a_filed_tip_are_changed_within_the_window(house: House) -> None:
    tip_id = await file(house)
    await send(house, Edited(None, "เห็นรถขนทราย"), "edit", "m-1")
    assert await words_of(house, tip_id) == ["เห็นรถขนทราย"]
    await send(house, Edited(None, "เห็นรถขนหิน"), "edit again", "m-1")
    assert await words_of(house, tip_id) == ["เห็นรถขนหิน"]
    parts = await house.read_as(SOMCHAI, tip_id)
    assert {part.question for part in parts if part.kind is Kind.WORDS} == {"what"}


async def test_after_the_window_nothing_is_found_and_nothing_is_left(house: House) -> None:
    tip_id = await file(house)
    house.clock.advance(HOUR_S + 1)
    await send(house, Unsent(None), "unsent", "m-1")
    assert await words_of(house, tip_id) == ["เห็นรถขนปูน"]
    house.clock.advance(HOUR_S / 30)
    await Upkeep(house.means, house.turns, house.throttle).once()
    tables = await house.tables()
    assert {"recall", "recall_key"} & set(tables) == set()


async def test_the_key_of_the_map_is_destroyed_with_its_time(house: House) -> None:
    await file(house)
    ((key_id, _),) = await house.db.read(recalls.keys)
    assert house.forget.get(key_id) is not None
    house.clock.advance(HOUR_S + HOUR_S / 30)
    await house.recall.forget_old()
    assert house.forget.get(key_id) is None


async def test_a_restart_forgets_in_time_too(house: House) -> None:
    await file(house)
    await house.reopen()
    house.clock.advance(HOUR_S + HOUR_S / 30)
    await house.recall.forget_old()
    assert await house.db.read(recalls.keys) == ()


async def test_the_map_names_neither_message_nor_tip(house: House) -> None:
    tip_id = await file(house)
    rows = await house.db.read(lambda t: t.rows("SELECT mark, secret FROM recall"))
    assert rows
    for row in rows:
        for value in row:
            assert b"m-1" not in value
            assert tip_id.encode() not in value
            assert bytes.fromhex(tip_id) not in value


@pytest.mark.parametrize("other", ["m-2", "U-1", ""])
async def test_another_message_leads_nowhere(house: House, other: str) -> None:
    tip_id = await file(house)
    await send(house, Unsent(None), "unsent", other)
    assert await words_of(house, tip_id) == ["เห็นรถขนปูน"]


async def test_somebody_elses_message_leads_nowhere(house: House) -> None:
    tip_id = await file(house)
    await house.turns.take(Inbound("line", "U-2", "unsent", Unsent(None), message="m-1"))
    assert await words_of(house, tip_id) == ["เห็นรถขนปูน"]


async def test_a_restart_goes_on_with_the_key_that_was_given_out(house: House) -> None:
    await tell(house)
    before = await house.db.read(recalls.keys)
    await house.reopen()
    await send(house, Text("อีกเรื่อง"), "more", "m-2")
    assert await house.db.read(recalls.keys) == before
    await send(house, Unsent(None), "unsent", "m-1")
    rows = await house.db.read(lambda t: t.rows("SELECT 1 FROM part WHERE sealed IS NULL"))
    assert len(rows) == 1
