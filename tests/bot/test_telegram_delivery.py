"""The chat as the person sees it: one card at the bottom; what matters stays."""

import asyncio
from dataclasses import replace

import pytest

from bot.channels.telegram.errors import Away
from bot.chat import NO_CHAT, Chat
from bot.outbox import NotYet, ShutOut
from handlers.effects import Card, Erase, Row
from tests.bot.fake_clock import FakeClock
from tests.bot.telegram_house import (
    QUICK,
    RECEIPT,
    TelegramHouse,
    ask,
    letter,
    receipt,
    say,
    telegram_house,
)
from tests.fakes.telegram import (
    ERROR_500,
    RESET_AFTER,
    RESET_BEFORE,
    Rules,
    TelegramPerson,
)

MENU = ask("menu", "report", "member", "follow", "safety", screen="start", controls=())
WHO = ask("who", controls=("skip", "back", "cancel"), screen="11111111")
NEXT = ask("agency", "unknown", screen="22222222")


async def shown(house: TelegramHouse, person: TelegramPerson) -> None:
    """The first breath: greeting and menu."""
    await house.say(person, say("start_telegram"), MENU)


# --- the card --------------------------------------------------------------------------------


async def test_the_greeting_stays_and_the_menu_below_it_is_the_card() -> None:
    async with telegram_house() as house:
        person = house.person()
        delivered = await house.say(person, say("start_telegram"), MENU)
        assert delivered.count == 2
        greeting, menu = person.from_bot
        assert (greeting.rows, menu) == ([], person.card)
        assert "Telegram รู้ว่าคุณคุยกับเรา" in greeting.text
        assert delivered.chat.card == str(menu.message_id)
        assert delivered.chat.is_card_last
        assert set(delivered.chat.messages) == {str(each.message_id) for each in person.from_bot}
        assert not any(each.shows_preview for each in person.from_bot)


async def test_after_a_press_the_card_is_edited_in_place_and_nothing_is_sent() -> None:
    async with telegram_house() as house:
        person = house.person()
        await shown(house, person)
        before = [each.message_id for each in person.from_bot]
        await house.say(person, WHO)
        assert [each.message_id for each in person.from_bot] == before
        assert person.card.text.startswith("ใครเกี่ยวข้องบ้าง")
        assert len(house.fake.called("sendMessage")) == 2


async def test_after_words_the_card_moves_to_the_bottom_and_the_old_one_goes() -> None:
    async with telegram_house() as house:
        person = house.person()
        await shown(house, person)
        old = person.card
        house.hears(person, person.write("ปลัด"))
        delivered = await house.say(person, NEXT)
        assert old.is_deleted
        assert person.chat[-1] is person.card
        assert str(old.message_id) not in delivered.chat.messages


async def test_an_old_card_that_cannot_be_deleted_loses_its_buttons() -> None:
    async with telegram_house() as house:
        person = house.person()
        await shown(house, person)
        old = person.card
        house.clock.advance(49 * 3600)
        house.hears(person, person.write("ปลัด"))
        await house.say(person, NEXT)
        assert not old.is_deleted
        assert old.rows == []
        assert person.card is person.chat[-1]


async def test_the_same_card_again_is_no_failure() -> None:
    async with telegram_house() as house:
        person = house.person()
        await shown(house, person)
        assert (await house.say(person, MENU)).count == 1
        assert len(person.cards) == 1


async def test_a_card_that_the_person_deleted_is_sent_anew() -> None:
    async with telegram_house() as house:
        person = house.person()
        await shown(house, person)
        person.card.is_deleted = True
        await house.say(person, NEXT)
        assert person.card is person.chat[-1]


async def test_what_only_helps_with_a_question_goes_with_it() -> None:
    async with telegram_house() as house:
        person = house.person()
        await shown(house, person)
        await house.say(person, say("stale"), WHO)
        assert "ปุ่มนั้นเป็นของข้อก่อน" in person.card.text
        await house.say(person, NEXT)
        assert "ปุ่มนั้นเป็นของข้อก่อน" not in person.text


async def test_what_matters_stays_when_the_card_moves_on() -> None:
    async with telegram_house() as house:
        person = house.person()
        await shown(house, person)
        sent = len(house.fake.called("sendMessage"))
        await house.say(person, say("reply_sent"), NEXT)
        assert len(house.fake.called("sendMessage")) == sent + 1, "the old card became the words"
        await house.say(person, WHO)
        assert "ส่งให้เจ้าหน้าที่แล้ว" in person.text
        assert len(person.cards) == 1


async def test_a_notice_without_a_question_stands_below_and_the_card_then_moves() -> None:
    async with telegram_house() as house:
        person = house.person()
        await shown(house, person)
        card = person.card
        delivered = await house.say(person, say("reply_sent"))
        assert person.card is card
        assert not delivered.chat.is_card_last
        await house.say(person, NEXT)
        assert card.is_deleted
        assert person.card is person.chat[-1]


async def test_of_two_questions_in_one_breath_only_the_newer_is_asked() -> None:
    async with telegram_house() as house:
        person = house.person()
        delivered = await house.say(person, WHO, say("reply_sent"), NEXT)
        assert delivered.count == 3
        assert "ใครเกี่ยวข้องบ้าง" not in person.text
        assert person.card.text.startswith("หน่วยงานไหน")


async def test_the_summary_is_part_of_the_card() -> None:
    async with telegram_house() as house:
        person = house.person()
        rows = (Row("what", "row.what", "told", counts={"words": 1}),)
        await house.say(person, Card("th", rows), ask("send", "send", controls=("edit", "cancel")))
        assert "ตรวจก่อนส่ง" in person.card.text
        assert person.card.labels[0] == "ส่ง"


async def test_markup_in_officers_words_is_nothing_but_words() -> None:
    async with telegram_house() as house:
        person = house.person()
        hostile = "<b>x</b> *y* [z](tg://user?id=1) \ud800 &amp; /cancel"
        await house.say(person, letter(hostile))
        (shown_letter,) = person.from_bot
        assert "<b>x</b> *y* [z](tg://user?id=1) \ufffd &amp;" in shown_letter.text
        assert all("parse_mode" not in call.params for call in house.fake.calls)


async def test_an_officers_letter_stands_alone_and_stays() -> None:
    async with telegram_house() as house:
        person = house.person()
        await house.say(person, say("officer_says"), letter("จำทะเบียนรถได้ไหม"), NEXT)
        await house.say(person, WHO)
        (found,) = [each for each in person.from_bot if "จำทะเบียนรถได้ไหม" in each.text]
        assert "26 พฤศจิกายน 2569" in found.text
        await house.say(person, letter(None))
        assert "เปิดไม่ได้แล้ว" in person.text


async def test_a_long_letter_comes_whole_in_messages_that_telegram_takes() -> None:
    async with telegram_house() as house:
        person = house.person()
        words = "😀ก็ " * 5000
        delivered = await house.say(person, letter(words), NEXT)
        assert delivered.count == 2
        said = "".join(each.text for each in person.from_bot[:-1]).partition("\n")[2]
        assert said.replace(" ", "") == words.replace(" ", "")
        assert len(person.from_bot) > 5


# --- the receipt -----------------------------------------------------------------------------


async def test_the_receipt_is_protected_stands_alone_and_survives_every_edit() -> None:
    async with telegram_house() as house:
        person = house.person()
        await shown(house, person)
        noted = ask("receipt_noted", "noted", controls=())
        delivered = await house.say(person, say("sent", days=7), receipt(), noted)
        assert delivered.count == 3
        (code,) = [each for each in person.from_bot if RECEIPT in each.text]
        assert code.is_protected
        assert code.rows == []
        assert delivered.chat.secrets == (str(code.message_id),)
        assert str(code.message_id) in delivered.chat.messages
        assert person.card is person.chat[-1]
        await house.say(person, WHO)
        assert RECEIPT in code.text


async def test_the_notification_of_a_receipt_does_not_show_it() -> None:
    async with telegram_house() as house:
        person = house.person()
        await house.say(person, receipt())
        sent = [deed for deed in person.history if deed.what == "sent" and deed.is_protected]
        assert len(sent) == 1
        assert RECEIPT not in sent[0].text


async def test_shown_again_the_older_receipt_goes() -> None:
    async with telegram_house() as house:
        person = house.person()
        await house.say(person, receipt())
        await house.say(person, receipt())
        assert len([each for each in person.from_bot if RECEIPT in each.text]) == 1
        assert len(house.chats[person.chat_id].secrets) == 1


@pytest.mark.parametrize("method", ["sendMessage", "editMessageText", "deleteMessages"])
@pytest.mark.parametrize("fault", [RESET_AFTER, RESET_BEFORE, ERROR_500])
async def test_whatever_breaks_a_receipt_never_stands_there_twice(method: str, fault: str) -> None:
    async with telegram_house() as house:
        person = house.person()
        await house.say(person, receipt("1" * 32))
        house.fake.faults.next(method, fault)
        for _ in range(4):
            try:
                await house.say(person, receipt("1" * 32, is_retry=True))
                break
            except Away:
                continue
        await house.say(person, receipt("1" * 32))
        assert len([each for each in person.from_bot if RECEIPT in each.text]) == 1


async def test_a_receipt_whose_time_is_over_says_so() -> None:
    async with telegram_house() as house:
        person = house.person()
        await house.say(person, receipt(code=None))
        assert "หมดเวลาแสดงแล้ว" in person.text


# --- wiping ------------------------------------------------------------------------------------


async def test_the_wipe_takes_both_sides_in_hundreds_and_the_goodbye_stays() -> None:
    async with telegram_house(rules=Rules(chat_burst=1000, all_burst=1000)) as house:
        person = house.person()
        for message in person.chat:
            house.hears(person, message.message_id)
        await shown(house, person)
        for nth in range(230):
            house.hears(person, person.write(f"{nth}"))
        delivered = await house.say(person, Erase("th"), say("goodbye_telegram"), MENU)
        assert person.chat[0].text.startswith("ลบข้อความในห้องนี้ทั้งสองฝ่ายแล้ว")
        assert len(person.chat) == 2
        sizes = [len(call.params["message_ids"]) for call in house.fake.called("deleteMessages")]
        assert sizes == [100, 100, 33]
        assert set(delivered.chat.messages) == {str(each.message_id) for each in person.chat}


@pytest.mark.parametrize("refuses", [True, False])
async def test_what_is_too_old_to_delete_is_passed_over_and_the_rest_goes(refuses: bool) -> None:
    async with telegram_house(rules=Rules(refuses_old_deletes=refuses)) as house:
        person = house.person()
        old = [person.write(f"old {nth}") for nth in range(7)]
        house.clock.advance(48 * 3600)
        new = [person.write(f"new {nth}") for nth in range(60)]
        for number in (*old, 424242, *new):
            house.hears(person, number)
        delivered = await house.say(person, Erase("th"))
        assert delivered.count == 1
        assert delivered.chat.messages == ()
        left = [each.text for each in person.chat]
        assert not any(text.startswith("new") for text in left)
        assert len(house.fake.called("deleteMessages")) < 25


async def test_only_the_receipt_or_only_what_was_just_said_can_be_wiped() -> None:
    async with telegram_house() as house:
        person = house.person()
        await house.say(person, receipt(), MENU)
        await house.say(person, Erase("th", "receipt"))
        assert RECEIPT not in person.text
        assert house.chats[person.chat_id].secrets == ()
        assert len(person.cards) == 1
        code = person.write("mkm7-k3m9-qxd4-ftb2-x")
        house.hears(person, code)
        await house.say(person, Erase("th", "said", str(code)), say("member_ok"), NEXT)
        assert not any("mkm7" in each.text for each in person.chat)


async def test_a_file_and_its_caption_are_one_message_to_delete() -> None:
    async with telegram_house() as house:
        person = house.person()
        number = person.photo(b"p", caption="x")
        chat = Chat(messages=(str(number), f"{number}:caption", "nonsense"))
        house.chats[person.chat_id] = chat
        await house.say(person, Erase("th"))
        (call,) = house.fake.called("deleteMessages")
        assert call.params["message_ids"] == [number]


# --- failures ----------------------------------------------------------------------------------


async def test_what_went_through_before_a_failure_is_reported_and_not_said_twice() -> None:
    async with telegram_house() as house:
        person = house.person()
        house.fake.faults.next("editMessageText", ERROR_500)
        delivered = await house.say(person, say("sent", days=7), receipt(), MENU)
        assert delivered.count == 1
        again = await house.say(person, receipt("0" * 31 + "1"), MENU)
        assert again.count == 2
        assert person.text.count("ส่งแล้ว ขอบคุณ") == 1
        assert person.text.count(RECEIPT) == 1


@pytest.mark.parametrize("how", ["block", "delete_account"])
async def test_who_is_gone_is_not_tried_again(how: str) -> None:
    async with telegram_house() as house:
        person = house.person()
        getattr(person, how)()
        for what in (say("reply_sent"), receipt(), Erase("th")):
            house.chats[person.chat_id] = Chat(messages=("101",))
            with pytest.raises(ShutOut):
                await house.say(person, what)


async def test_who_never_wrote_is_not_tried_again() -> None:
    async with telegram_house() as house:
        person = house.fake.person()
        house.chats[person.chat_id] = NO_CHAT
        with pytest.raises(ShutOut):
            await house.say(person, MENU)


async def test_a_pause_for_one_chat_delays_no_other() -> None:
    async with telegram_house() as house:
        one, other = house.person(), house.person()
        house.fake.floods.order_pause(one.chat_id, 40)
        with pytest.raises(NotYet) as asked:
            await house.say(one, MENU)
        assert asked.value.wait_s == 40
        calls = len(house.fake.calls)
        with pytest.raises(NotYet):
            await house.say(one, MENU)
        assert len(house.fake.calls) == calls, "while it waits Telegram is not even asked"
        assert (await house.say(other, MENU)).count == 1
        house.clock.advance(41)
        assert (await house.say(one, MENU)).count == 1


async def test_when_many_chats_are_told_to_pause_everybody_pauses() -> None:
    async with telegram_house() as house:
        people = [house.person() for _ in range(4)]
        house.fake.floods.order_pause(None, 7)
        for person in people[:3]:
            with pytest.raises(NotYet):
                await house.say(person, MENU)
        calls = len(house.fake.calls)
        with pytest.raises(NotYet):
            await house.say(people[3], MENU)
        assert len(house.fake.calls) == calls
        house.clock.advance(8)
        assert (await house.say(people[3], MENU)).count == 1


async def test_when_nobody_listens_it_is_no_failed_attempt() -> None:
    async with telegram_house() as house:
        person = house.person()
        house.parts = replace(house.parts, api_url="http://127.0.0.1:9")
        async with house.reopened() as cut_off:
            with pytest.raises(NotYet):
                await cut_off.say(person, MENU)


async def test_a_delivery_that_takes_long_reports_what_it_has_done() -> None:
    async with telegram_house(ours=replace(QUICK, breath_s=-1)) as house:
        person = house.person()
        parcels = (say("sent", days=7), receipt(), MENU)
        assert (await house.say(person, *parcels)).count == 1
        assert (await house.say(person, *parcels[1:])).count == 1


async def test_a_chat_that_is_too_fast_is_put_off_and_no_other_waits() -> None:
    async with telegram_house(
        clock=FakeClock(), ours=replace(QUICK, chat_burst=1, wait_s=1)
    ) as house:
        fast, other = house.person(), house.person()
        await house.say(fast, MENU)
        waiting = asyncio.create_task(house.say(fast, NEXT))
        await asyncio.sleep(0)
        assert (await house.say(other, MENU)).count == 1
        assert not waiting.done()
        with pytest.raises(NotYet):
            await house.say(fast, WHO)
        house.clock.advance(1)
        assert (await waiting).count == 1


async def test_nobody_is_written_to_faster_than_telegram_takes() -> None:
    tight = Rules(chat_burst=3, all_burst=8, all_per_s=8)
    ours = replace(QUICK, chat_burst=2, all_per_s=6, all_burst=2)
    async with telegram_house(rules=tight, ours=ours) as house:
        people = [house.person() for _ in range(5)]
        for nth in range(12):
            for person in people:
                while True:
                    try:
                        await house.say(person, ask("who", screen=f"{nth:08x}", controls=("back",)))
                        break
                    except NotYet as pause:
                        house.clock.advance(pause.wait_s)
        assert {call.status for call in house.fake.calls} <= {200, 400}
        assert not [call for call in house.fake.calls if call.status == 429]
