"""Updates are confirmed only when they are durable, and nobody waits for somebody else."""

import asyncio

from bot.errors import Unavailable
from bot.turn import Inbound
from handlers import events
from storage import StorageError
from tests.bot.telegram_house import FakeTurns, ask, telegram_house
from tests.fakes.telegram import ERROR_500, RESET_AFTER, RESET_BEFORE


def words(event: events.Event) -> str:
    assert isinstance(event, events.Text)
    return event.words


async def test_what_people_write_is_taken_in_order_and_then_confirmed() -> None:
    async with telegram_house() as house:
        one, other = house.fake.person(), house.fake.person(language_code="en")
        for nth in range(5):
            one.write(f"one {nth}")
            other.write(f"other {nth}")
        async with house.polling():
            await house.turns.until(10)
            await house.fake.settled()
        of_one = [each for each in house.turns.taken if each.person == str(one.chat_id)]
        assert [words(each.event) for each in of_one] == [f"one {nth}" for nth in range(5)]
        assert {each.language for each in of_one} == {"th"}
        assert {each.language for each in house.turns.taken} == {"th", "en"}
        assert house.fake.updates.waiting == []


async def test_killed_between_taking_and_confirming_it_comes_again_and_is_told_apart() -> None:
    async with telegram_house() as house:
        person = house.fake.person()
        person.write("first")
        async with house.polling():
            await house.turns.until(1)
        # Killed before the next getUpdates: Telegram never heard that it was taken.
        assert len(house.fake.updates.waiting) == 1
        person.write("second")
        async with house.reopened() as again, again.polling():
            await house.turns.until(2)
            await house.fake.settled()
    assert [words(each) for each in house.turns.events] == ["first", "second"]
    assert house.turns.asked == 3, "the first was offered twice, and taken once"


async def test_what_cannot_be_stored_is_not_confirmed_and_comes_again() -> None:
    failures = iter([Unavailable("away"), StorageError("away"), Unavailable("away")])

    async def meets(inbound: Inbound) -> None:
        error = next(failures, None)
        if error is not None:
            raise error

    async with telegram_house(turns=FakeTurns(meets)) as house:
        person = house.fake.person()
        person.write("a")
        person.write("b")
        async with house.polling():
            events_taken = await house.turns.until(2)
            await house.fake.settled()
        assert [words(each) for each in events_taken] == ["a", "b"]
        offsets = [offset for offset in house.fake.updates.polls if offset]
        assert offsets[0] == 700_000_001, "asked for again from the one that failed"


async def test_while_one_person_fails_the_others_are_taken_and_confirmed_once() -> None:
    async def meets(inbound: Inbound) -> None:
        if inbound.person == poor and len(house.turns.taken) < 6:
            raise Unavailable("the conversation kept moving")

    async with telegram_house(turns=FakeTurns(meets)) as house:
        unlucky, other = house.fake.person(), house.fake.person()
        poor = str(unlucky.chat_id)
        unlucky.write("held up")
        async with house.polling():
            for nth in range(6):
                other.write(f"{nth}")
                await house.turns.until(nth + 1)
            taken = await house.turns.until(7)
            await house.fake.settled()
        assert words(taken[-1]) == "held up"
        assert house.clock.slept.count(1.0) == len(house.clock.slept)  # type: ignore[attr-defined]


async def test_while_nothing_can_be_stored_we_ask_every_few_seconds() -> None:
    failures = iter([Unavailable("away")] * 6)

    async def meets(inbound: Inbound) -> None:
        for error in failures:
            raise error

    async with telegram_house(turns=FakeTurns(meets)) as house:
        house.fake.person().write("x")
        async with house.polling():
            await house.turns.until(1)
        assert house.clock.slept == [1, 2, 3, 3, 3, 3]  # type: ignore[attr-defined]


async def test_a_slow_turn_holds_up_nobody_else() -> None:
    may_go = asyncio.Event()

    async def meets(inbound: Inbound) -> None:
        if inbound.person == slow:
            await may_go.wait()

    async with telegram_house(turns=FakeTurns(meets)) as house:
        slow_one, other = house.fake.person(), house.fake.person()
        slow = str(slow_one.chat_id)
        slow_one.write("slow")
        async with house.polling():
            for nth in range(3):
                other.write(f"{nth}")
                await house.turns.until(nth + 1)
            slow_one.write("after it")
            may_go.set()
            taken = await house.turns.until(5)
            await house.fake.settled()
        assert [words(each) for each in taken[-2:]] == ["slow", "after it"]
        assert house.turns.asked == 5, "what is at work is not started twice"


async def test_a_fault_of_ours_is_given_up_and_the_person_is_told() -> None:
    async def meets(inbound: Inbound) -> None:
        if isinstance(inbound.event, events.Text) and inbound.event.words == "poison":
            raise ZeroDivisionError

    async with telegram_house(turns=FakeTurns(meets)) as house:
        person = house.person()
        person.write("poison")
        person.write("after it")
        async with house.polling():
            taken = await house.turns.until(2)
            await house.fake.settled()
        assert words(taken[-1]) == "after it"
        assert house.turns.asked == 1 + house.parts.rules.at_most_tries + 1
        assert "ขัดข้องชั่วคราว" in person.text


async def test_an_odd_update_in_the_middle_sinks_neither_batch_nor_loop() -> None:
    async with telegram_house() as house:
        person = house.fake.person()
        person.write("before")
        for odd in (
            {"message": {"message_id": "ten"}},
            {"message": None, "edited_message": 7},
            {"callback_query": {"id": "1"}},
            {"message": {"message_id": 1, "date": 1, "chat": {"id": 9, "type": "private"}}},
            {"brand_new_thing": {"x": 1}},
            {"message": [[[]]]},
        ):
            house.fake.inject(odd, 9)
        person.write("after")
        async with house.polling():
            async with asyncio.timeout(10):
                await house.fake.settled()
        said = [each.words for each in house.turns.events if isinstance(each, events.Text)]
        assert said == ["before", "after"]


async def test_telegram_away_is_asked_again_later_and_later() -> None:
    async with telegram_house() as house:
        house.fake.faults.next("getUpdates", RESET_BEFORE, 2)
        house.fake.faults.next("getUpdates", ERROR_500, 2)
        house.fake.faults.next("getUpdates", RESET_AFTER)
        house.fake.person().write("x")
        async with house.polling():
            await house.turns.until(1)
            await house.fake.settled()
        assert house.clock.slept[:5] == [1, 2, 4, 8, 16]  # type: ignore[attr-defined]


async def test_a_webhook_left_behind_is_taken_away_and_nothing_is_dropped() -> None:
    async with telegram_house() as house:
        house.fake.person().write("x")
        house.fake.updates.webhook.url = "http://127.0.0.1:9/"
        async with house.polling():
            await house.turns.until(1)
        assert house.fake.updates.webhook.url == ""


async def test_an_other_poller_is_waited_for_and_not_fought() -> None:
    async with telegram_house() as house, house.reopened() as rival:
        async with house.polling():
            await house.fake.updates.polled.wait()
            async with rival.polling():
                async with asyncio.timeout(10):
                    await house.clock.has_slept.wait()  # type: ignore[attr-defined]
                house.fake.person().write("x")
                await house.turns.until(1)
                await house.fake.settled()
        assert house.clock.slept[0] == 1  # type: ignore[attr-defined]


async def test_a_number_that_starts_anew_after_a_quiet_week_is_not_missed() -> None:
    async with telegram_house() as house:
        house.fake.person().write("x")
        async with house.polling():
            await house.turns.until(1)
            await house.fake.settled()
            polls = len(house.fake.updates.polls)
            async with asyncio.timeout(10):
                while len(house.fake.updates.polls) < polls + 1:
                    house.fake.updates.polled.clear()
                    await house.fake.updates.polled.wait()
            house.fake.updates._last_id = 5000
            house.fake.person().write("y")
            assert len(await house.turns.until(2)) == 2


async def test_a_pressed_button_is_answered_whatever_became_of_the_turn() -> None:
    tries = iter([Unavailable("away")])

    async def meets(inbound: Inbound) -> None:
        if isinstance(inbound.event, events.Choice):
            for error in tries:
                raise error

    async with telegram_house(turns=FakeTurns(meets)) as house:
        person = house.person()
        await house.say(
            person, ask("menu", "report", "member", "follow", screen="start", controls=())
        )
        person.tap("แจ้งเบาะแส")
        async with house.polling():
            taken = await house.turns.until(2)
            await house.fake.settled()
        assert taken[-1] == events.Choice("start", "report")
        assert len(person.toasts) == 2, "once when it failed, once when it was taken"
        house.fake.clock.advance(3600)
        person.press(person.card, "start:report")
        house.fake.faults.next("answerCallbackQuery", RESET_BEFORE)
        async with house.polling():
            await house.turns.until(3)
            await house.fake.settled()
