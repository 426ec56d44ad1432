"""Words that come in a burst are taken together, and it is as if each had come alone."""

import pytest

from bot.turn import Inbound
from handlers.conversation import Conversation
from handlers.events import Choice, Command, Event, Text, Unsent
from sealing import Kind
from storage.repositories import conversations
from tests.bot.turn_house import SOMCHAI, House

WORDS = ("เห็นรถขนปูน", "วันต่อมาเห็นอีก", "คนขับคนเดิม", "มีคนถ่ายรูปไว้", "จบแล้ว ไม่มีอะไรอีก")


def inbound(event: Event, name: str, person: str = "7") -> Inbound:
    return Inbound("telegram", person, name, event, message=f"m-{name}")


def burst(*words: str) -> list[Inbound]:
    return [inbound(Text(each), f"{nth}") for nth, each in enumerate(words)]


async def talk(house: House, person: str = "7") -> conversations.Conversation:
    conversation = house.means.marks.conversation("telegram", person)
    row = await house.db.read(lambda t: conversations.get(t, conversation))
    assert row is not None
    return row


async def press(house: House, choice: str) -> None:
    state = house.means.open(await talk(house), "7", "th").state
    screen = state.conversation.screen
    await house.turns.take(inbound(Choice(screen, choice), f"press {choice} on {screen}"))


async def to_story(house: House) -> None:
    await house.turns.take(inbound(Command("report"), "report"))
    for choice in ("bribe", "unsure", "unknown", "skip"):
        await press(house, choice)


async def told(house: House) -> list[str | None]:
    """Send, and read as an officer."""
    for choice in ("done", "forgotten", "none", "skip", "send"):
        await press(house, choice)
    (tip_id,) = await house.tip_ids()
    parts = await house.read_as(SOMCHAI, tip_id)
    return [part.words for part in parts if part.kind is Kind.WORDS]


async def test_a_burst_of_words_is_one_commit_and_every_word_is_there(house: House) -> None:
    await to_story(house)
    before = (await talk(house)).version
    assert await house.turns.take_first(burst(*WORDS)) == len(WORDS)
    assert (await talk(house)).version == before + 1
    assert await told(house) == list(WORDS)


async def test_a_burst_that_comes_again_changes_nothing(house: House) -> None:
    await to_story(house)
    await house.turns.take_first(burst(*WORDS))
    again = burst(*WORDS)
    while again:
        del again[: await house.turns.take_first(again)]
    assert await told(house) == list(WORDS)


async def test_a_burst_of_which_some_was_taken_before_adds_the_rest_once(house: House) -> None:
    await to_story(house)
    every = burst(*WORDS)
    await house.turns.take_first(every[:1])
    await house.turns.take(every[2])
    left = every
    while left:
        left = left[await house.turns.take_first(left) :]
    assert sorted(map(str, await told(house))) == sorted(WORDS)


async def test_a_burst_stops_before_what_is_no_plain_word(house: House) -> None:
    await to_story(house)
    mixed = [*burst(*WORDS[:2]), inbound(Command("help"), "help"), *burst(*WORDS[2:])[2:]]
    assert await house.turns.take_first(mixed) == 2


@pytest.mark.parametrize(
    "words",
    [
        ("อะไร", "หรือ", "ยักยอก", "ไม่แน่ใจ"),
        (WORDS[0], "เล่าจบแล้ว", "3 ส.ค. 69", "ไม่มี"),
        ("ย้อนกลับ", "ข้าม", WORDS[1], WORDS[2], "😱", "2"),
        ("ช่วยเหลือ", WORDS[0], "ความปลอดภัย", WORDS[1]),
        ("081-234-5678", WORDS[0], "โทร 089 999 9999"),
    ],
)
async def test_together_or_one_by_one_it_comes_to_the_same(
    house: House, words: tuple[str, ...]
) -> None:
    for person in ("7", "8"):
        await house.turns.take(inbound(Command("report"), "report", person))
        for nth, choice in enumerate(("bribe", "unsure", "unknown", "skip")):
            state = house.means.open(await talk(house, person), person, "th").state
            tap = Choice(state.conversation.screen, choice)
            await house.turns.take(inbound(tap, f"tap {nth}", person))
    left = [inbound(Text(each), f"{nth}", "7") for nth, each in enumerate(words)]
    while left:
        left = left[await house.turns.take_first(left) :]
    for nth, each in enumerate(words):
        await house.turns.take(inbound(Text(each), f"{nth}", "8"))
    together, alone = [
        house.means.open(await talk(house, person), person, "th").state.conversation
        for person in ("7", "8")
    ]
    assert _shape(together) == _shape(alone)


def _shape(conversation: Conversation) -> object:
    """A conversation without its random names."""
    told = {
        key: (each.value, each.ids, [part.media for part in each.parts], each.is_settled)
        for key, each in conversation.told.items()
    }
    kinds = [finding.kinds for finding in conversation.findings]
    return conversation.flow, conversation.asked, conversation.aside, told, kinds


async def test_words_beyond_what_a_question_takes_are_one_burst_too(house: House) -> None:
    await to_story(house)
    most = house.means.books["telegram"].limits.parts_at_most
    many = [inbound(Text(f"ข้อความ {nth}"), f"{nth}") for nth in range(most + 20)]
    rounds = 0
    while many:
        many = many[await house.turns.take_first(many[:16]) :]
        rounds += 1
    assert rounds <= (most + 20) // 16 + 2


async def test_a_burst_is_answered_once(house: House) -> None:
    await to_story(house)
    conversation = house.means.marks.conversation("telegram", "7")
    await house.turns.take_first(burst(*WORDS))
    rows = await house.db.read(
        lambda t: t.rows(
            "SELECT count(*) FROM outbox WHERE conversation = ? AND intent LIKE '%asked%'",
            (conversation,),
        )
    )
    assert rows == [(1,)]


@pytest.mark.parametrize("nth", range(len(WORDS)))
async def test_each_message_of_a_burst_can_be_taken_back(house: House, nth: int) -> None:
    await to_story(house)
    await house.turns.take_first(burst(*WORDS))
    taken_back = Inbound("telegram", "7", "unsent", Unsent(None), message=f"m-{nth}")
    await house.turns.take(taken_back)
    assert await told(house) == [each for at, each in enumerate(WORDS) if at != nth]


async def test_the_chat_remembers_every_message_of_a_burst(house: House) -> None:
    await to_story(house)
    await house.turns.take_first(burst(*WORDS))
    chat = house.means.open(await talk(house), "7", "th").state.chat
    assert chat.messages[-len(WORDS) :] == tuple(f"m-{nth}" for nth in range(len(WORDS)))
