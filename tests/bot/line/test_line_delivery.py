"""What is said on LINE: on a token once, uncertain never twice, a push only where it is due."""

import asyncio
import uuid
from typing import Any, cast

import pytest

from bot.channels.line import LineParts, LineRules, rendering
from bot.channels.line.api import Api, Fate
from bot.channels.line.delivering import Delivery
from bot.channels.line.pushing import may_push
from bot.channels.line.tokens import ReplyTokens
from bot.chat import NO_CHAT
from bot.errors import Unavailable
from bot.outbox import Batch, Delivered, NotYet, Uncertain, Undeliverable
from bot.turn import Inbound
from handlers.book import Channel, load_book
from handlers.effects import Document, Erase, Progress, Say
from tests.bot.fake_clock import FakeClock
from tests.bot.line.line_room import (
    CARD,
    HELLO,
    LOST,
    RECEIPT,
    Room,
    StandIn,
    ask,
    opened_room,
    parcel,
    receipt,
    until,
)
from tests.fakes.line import Fault

REPLY, PUSH = "message/reply", "message/push"


async def test_a_batch_is_one_reply_with_the_buttons_at_the_end(room: Room) -> None:
    await room.person.says("สวัสดี")
    said = await room.deliver(parcel(), parcel(CARD), parcel(ask()))
    assert isinstance(said, Delivered)
    assert said.count == 3
    kinds = [bubble.kind for bubble in await room.person.hears()]
    assert kinds == ["text", "flex", "text"]
    assert room.person.quick == ("ใช่", "ไม่ใช่", "ไม่แน่ใจ", "ย้อนกลับ", "ยกเลิก")
    assert [call.status for call in room.platform.calls] == [200]


async def test_a_tap_comes_back_as_the_choice_on_its_screen(room: Room) -> None:
    await room.person.says("สวัสดี")
    await room.deliver(parcel(ask(screen="c0ffee")))
    await room.person.taps("ไม่แน่ใจ")
    tapped = room.turns.events[-1]
    assert (tapped.screen, tapped.choice) == ("c0ffee", "embezzlement")
    assert room.person.chat[-1].text == "ไม่แน่ใจ"


# --- tokens ------------------------------------------------------------------------------------


async def test_a_token_answers_once(room: Room) -> None:
    await room.person.says("สวัสดี")
    await room.deliver(parcel())
    with pytest.raises(Undeliverable):
        await room.deliver(parcel())
    assert len(room.person.unread) == 1
    assert len(room.platform.called(REPLY)) == 1
    assert room.platform.called(PUSH) == []


async def test_without_a_message_of_theirs_nobody_is_answered(room: Room) -> None:
    with pytest.raises(Undeliverable):
        await room.deliver(parcel(), parcel(ask()))
    assert room.platform.calls == []


async def test_a_token_is_not_used_when_its_minute_is_over(room: Room) -> None:
    await room.person.says("สวัสดี")
    room.clock.advance(58)
    with pytest.raises(Undeliverable):
        await room.deliver(parcel())
    assert room.platform.calls == []


async def test_a_token_is_good_until_shortly_before(room: Room) -> None:
    await room.person.says("สวัสดี")
    room.clock.advance(56)
    await room.deliver(parcel())
    assert len(room.person.unread) == 1


async def test_each_message_of_a_burst_can_be_answered_and_the_newest_goes_first(
    room: Room,
) -> None:
    tokens = []
    for words in ("หนึ่ง", "สอง"):
        await room.person.says(words)
        room.clock.advance(1)
        tokens.append(list(room.platform.tokens)[-1])
    await room.deliver(parcel())
    await room.deliver(parcel())
    used = [call.body["replyToken"] for call in room.platform.called(REPLY)]
    assert used == tokens[::-1]
    with pytest.raises(Undeliverable):
        await room.deliver(parcel())


async def test_a_token_that_line_does_not_know_is_as_good_as_none(room: Room) -> None:
    await room.person.says("สวัสดี")
    room.platform.tokens.clear()
    with pytest.raises(Undeliverable):
        await room.deliver(parcel())


async def test_an_older_token_is_tried_when_the_newest_is_dead(room: Room) -> None:
    await room.person.says("หนึ่ง")
    room.clock.advance(1)
    await room.person.says("สอง")
    list(room.platform.tokens.values())[-1].is_used = True
    await room.deliver(parcel())
    assert [call.status for call in room.platform.called(REPLY)] == [400, 200]


async def test_a_redelivered_event_brings_no_minute_of_its_own(room: Room) -> None:
    event = room.platform.event(room.person.user_id, {"type": "follow"})
    room.clock.advance(59)
    await room.platform.post([{**event, "deliveryContext": {"isRedelivery": True}}])
    with pytest.raises(Undeliverable):
        await room.deliver(parcel())


async def test_a_clock_that_is_wrong_silences_nobody(room: Room) -> None:
    for off_s in (-7200, 7200):
        person = room.platform.person()
        event = room.platform.event(person.user_id, {"type": "follow"})
        await room.platform.post([{**event, "timestamp": event["timestamp"] + off_s * 1000}])
        await room.deliver(parcel(), person=person)
        assert len(person.unread) == 1


async def test_tokens_of_those_who_went_are_forgotten(room: Room) -> None:
    tokens = room.line._delivery._tokens  # that it is empty is the promise
    crowd = [room.platform.person() for _ in range(30)]
    async with room.platform.together():
        for person in crowd:
            await person.says("สวัสดี")
    assert len(tokens) == 30
    room.clock.advance(61)
    await room.person.says("สวัสดี")
    assert len(tokens) == 1
    await room.person.blocks()
    assert len(tokens) == 0


# --- uncertain ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [Fault.RESET_BEFORE, Fault.RESET_AFTER])
async def test_a_reply_without_an_answer_is_uncertain_and_not_sent_again(
    fault: Fault, room: Room
) -> None:
    await room.person.says("สวัสดี")
    room.platform.faults.next(fault, path=REPLY)
    with pytest.raises(Uncertain) as unsure:
        await room.deliver(parcel(), parcel(ask()))
    assert unsure.value.count == 2
    await asyncio.sleep(0.05)
    assert len(room.person.unread) == (2 if fault is Fault.RESET_AFTER else 0)
    assert len(room.platform.calls) == (1 if fault is Fault.RESET_AFTER else 0)


async def test_a_reply_that_takes_too_long_is_uncertain() -> None:
    async with opened_room(LineRules(call_s=0.1)) as room:
        await room.person.says("สวัสดี")
        room.platform.faults.slow_s = 0.3
        room.platform.faults.next(Fault.SLOW, path=REPLY)
        with pytest.raises(Uncertain):
            await room.deliver(parcel())


async def test_a_failure_that_said_nothing_is_made_good_on_the_same_token(room: Room) -> None:
    await room.person.says("สวัสดี")
    room.platform.faults.next(Fault.SERVER_ERROR, path=REPLY)
    await room.deliver(parcel())
    assert [bubble.text for bubble in room.person.unread] == [
        room.book.words.text("th", "say.dropped")
    ]


async def test_a_failure_that_may_have_spoken_is_uncertain_and_heard_once(room: Room) -> None:
    await room.person.says("สวัสดี")
    room.platform.faults.next(Fault.SERVER_ERROR_AFTER, path=REPLY)
    with pytest.raises(Uncertain):
        await room.deliver(parcel())
    assert len(room.person.unread) == 1


async def test_line_failing_twice_is_uncertain(room: Room) -> None:
    await room.person.says("สวัสดี")
    room.platform.faults.next(Fault.SERVER_ERROR, count=2, path=REPLY)
    with pytest.raises(Uncertain):
        await room.deliver(parcel())
    assert len(room.platform.called(REPLY)) == 2


async def test_an_odd_answer_of_200_means_sent(room: Room) -> None:
    await room.person.says("สวัสดี")
    room.platform.faults.next(Fault.ODD_ANSWER, path=REPLY)
    assert (await room.deliver(parcel())).count == 1


async def test_a_rate_limit_is_waited_for_and_keeps_the_token(room: Room) -> None:
    await room.person.says("สวัสดี")
    room.platform.faults.next(Fault.RATE_LIMIT, path=REPLY)
    with pytest.raises(NotYet):
        await room.deliver(parcel())
    await room.deliver(parcel())
    assert len(room.person.unread) == 1


async def test_a_host_that_is_not_there_uses_no_token_up(room: Room) -> None:
    await room.person.says("สวัสดี")
    api = room.line._delivery._api  # the only way to move a host under a client
    right, api._client.configuration._base_path = room.platform.api_url, "http://127.0.0.1:1"
    with pytest.raises(Unavailable):
        await room.deliver(parcel())
    api._client.configuration._base_path = right
    await room.deliver(parcel())
    assert len(room.person.unread) == 1


async def test_a_wrong_access_token_says_nothing_and_keeps_the_token(room: Room) -> None:
    await room.person.says("สวัสดี")
    right, room.platform.access_token = room.platform.access_token, "another"
    with pytest.raises(Unavailable):
        await room.deliver(parcel())
    room.platform.access_token = right
    await room.deliver(parcel())
    assert len(room.person.unread) == 1


async def test_what_line_refuses_is_said_in_plain_text(room: Room, monkeypatch: Any) -> None:
    monkeypatch.setattr(rendering, "LABEL_GRAPHEMES", 500)
    monkeypatch.setattr(rendering, "label", lambda *_: "ยาว" * 50)
    await room.person.says("สวัสดี")
    await room.deliver(parcel(CARD), parcel(ask()))
    assert [call.status for call in room.platform.called(REPLY)] == [400, 200]
    card, asked = room.person.unread
    assert (card.kind, asked.kind) == ("text", "text")
    assert "ตรวจก่อนส่ง" in card.text
    assert room.person.quick == ()


# --- push --------------------------------------------------------------------------------------


async def test_a_receipt_whose_reply_was_uncertain_is_pushed_once(room: Room) -> None:
    said = receipt(is_uncertain=True, is_retry=True)
    await room.deliver(said)
    (heard,) = await room.person.hears()
    assert heard.is_pushed
    assert RECEIPT in heard.text
    (call,) = room.platform.called(PUSH)
    assert uuid.UUID(str(call.retry_key)).version == 4
    assert said.key not in str(call.retry_key).replace("-", "")
    await room.deliver(said)  # the process was killed before it could write down that it was sent
    assert [call.status for call in room.platform.called(PUSH)] == [200, 409]
    assert room.person.unread == []
    assert room.platform.quota.used == 1


async def test_a_receipt_that_comes_too_late_for_its_token_is_pushed(room: Room) -> None:
    """They pressed “send”, and a large file took longer than the token lives."""
    await room.deliver(receipt())
    (heard,) = await room.person.hears()
    assert heard.is_pushed


async def test_news_is_pushed_while_more_than_the_reserve_is_left(room: Room) -> None:
    news = parcel(Say("th", "say.news"))
    room.platform.quota.at_most = 22
    await room.deliver(news)
    await room.deliver(parcel(Say("th", "say.news")))
    with pytest.raises(Undeliverable):
        await room.deliver(parcel(Say("th", "say.news")))
    assert room.platform.quota.used == 2
    await room.deliver(receipt())  # this is what the reserve is for
    assert room.platform.quota.used == 3


async def test_news_is_pushed_when_line_does_not_say_what_is_left(room: Room) -> None:
    room.platform.faults.next(Fault.SERVER_ERROR, count=2, path="/quota")
    await room.deliver(parcel(Say("th", "say.news")))
    assert room.platform.quota.used == 1


async def test_an_uncertain_receipt_goes_on_a_token_if_there_is_one(room: Room) -> None:
    await room.person.says("สวัสดี")
    await room.deliver(receipt(is_uncertain=True))
    assert not room.person.unread[0].is_pushed
    assert room.platform.quota.used == 0


async def test_lost_evidence_is_pushed_with_the_question_that_follows_it(room: Room) -> None:
    assert (await room.deliver(parcel(LOST), parcel(ask()))).count == 2
    assert all(bubble.is_pushed for bubble in room.person.unread)
    assert room.platform.quota.used == 1
    assert room.person.quick[0] == "ใช่"


@pytest.mark.parametrize(
    "fault",
    [Fault.RESET_AFTER, Fault.SERVER_ERROR, Fault.SERVER_ERROR_AFTER, Fault.RESET_BEFORE],
)
async def test_a_push_that_failed_is_tried_again_under_the_same_key(
    fault: Fault, room: Room
) -> None:
    said = parcel(LOST)
    room.platform.faults.next(fault, path=PUSH)
    with pytest.raises(Unavailable):
        await room.deliver(said)
    await room.deliver(said)
    assert len(room.person.unread) == 1
    assert room.platform.quota.used == 1
    keys = {call.retry_key for call in room.platform.called(PUSH)}
    assert len(keys) == 1


async def test_another_push_never_hides_behind_an_accepted_key(room: Room) -> None:
    first, second = parcel(LOST), parcel(ask())
    await room.deliver(first)
    await room.deliver(first, second)
    assert [call.status for call in room.platform.called(PUSH)] == [200, 200]
    assert room.person.quick[0] == "ใช่"


async def test_a_used_up_quota_keeps_everything_and_is_counted(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    room.platform.quota.at_most = 0
    for _ in range(2):
        with pytest.raises(Undeliverable):
            await room.deliver(parcel(LOST), parcel(ask()))
    assert room.person.unread == []
    assert room.line.quota_refusals == 2
    assert '"line_quota_used_up"' in capsys.readouterr().err
    await room.person.says("สวัสดี")
    await room.deliver(parcel(LOST), parcel(ask()))
    assert len(room.person.unread) == 2, "replies cost nothing"


async def test_a_push_that_comes_too_fast_waits(room: Room) -> None:
    room.platform.pushes_a_second = 0
    with pytest.raises(NotYet):
        await room.deliver(parcel(LOST))
    assert room.line.quota_refusals == 0


async def test_an_account_that_is_gone_is_undeliverable(room: Room) -> None:
    del room.platform.people[room.person.user_id]
    with pytest.raises(Undeliverable):
        await room.deliver(parcel(LOST))


async def test_what_line_has_no_means_for_is_done_without_a_call(room: Room) -> None:
    nothing = (parcel(Erase("th")), parcel(Progress("th", 1, 9)), parcel(Document("th", "leaflet")))
    assert (await room.deliver(*nothing)).count == 3
    assert room.platform.calls == []


async def test_cancelling_a_delivery_passes_through(room: Room) -> None:
    await room.person.says("สวัสดี")
    room.platform.faults.next(Fault.SLOW, path=REPLY)
    room.platform.faults.slow_s = 0.3
    task = asyncio.create_task(room.deliver(parcel()))
    await until(lambda: not room.platform.faults._planned[0].left)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_people_are_answered_side_by_side(room: Room) -> None:
    crowd = [room.platform.person() for _ in range(32)]
    await asyncio.gather(*(person.says("สวัสดี") for person in crowd))
    room.platform.faults.slow_s = 0.3
    room.platform.faults.next(Fault.SLOW, count=len(crowd), path=REPLY)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await asyncio.gather(*(room.deliver(parcel(), person=person) for person in crowd))
    assert loop.time() - begun < 3
    assert all(len(person.unread) == 1 for person in crowd)


async def test_no_call_begins_that_the_outbox_would_cut_off() -> None:
    clock, book = FakeClock(), load_book(channel=Channel("line", can_push=True))

    class Slow:
        calls = 0

        async def reply(self, *_: Any) -> Fate:
            self.calls += 1
            clock.advance(11)
            return Fate.DEAD_TOKEN

    api, tokens = Slow(), ReplyTokens(clock, 3, 8)
    parts = LineParts(StandIn(), clock, lambda: book, "secret", "token")
    delivery = Delivery(parts, cast(Api, api), tokens)
    for number in range(3):
        tokens.keep("U1", f"token {number}", int(clock.now_s() * 1000) + number, is_again=False)
    with pytest.raises(Unavailable):
        await delivery.deliver(Batch("U1", "th", (parcel(),), NO_CHAT))
    assert api.calls == 1
    assert [token.text for token in tokens.take("U1")] == ["token 1", "token 0"]


def test_only_news_that_was_asked_for_is_a_notice_worth_a_push() -> None:
    others = ("say.sent", "say.notify_on", "say.notify_off", "say.status")
    quiet = (HELLO, ask(), CARD, *(Say("th", key) for key in others))
    assert not any(may_push(parcel(each)) for each in quiet)
    for news in ("say.news", "say.news_last"):
        assert may_push(parcel(Say("th", news)))


# --- what they send meanwhile --------------------------------------------------------------------


async def test_an_answer_waits_for_what_is_just_being_sent(room: Room) -> None:
    """Else it would go out on the newer message's token, and leave that one without an answer."""
    going_on = asyncio.Event()

    async def slow(inbound: Inbound) -> None:
        await going_on.wait()

    room.turns.before = slow
    sent = asyncio.create_task(room.person.says("เล่าจบแล้ว"))
    await until(lambda: room.turns.begun)
    delivery = asyncio.create_task(room.deliver(parcel()))
    await asyncio.sleep(0.05)
    assert not delivery.done()
    assert room.platform.called(REPLY) == []
    going_on.set()
    with pytest.raises(NotYet) as again:
        await delivery
    assert again.value.wait_s == 0  # look again: the newer answer may be there by now
    await sent
    await room.deliver(parcel())
    assert len(room.platform.called(REPLY)) == 1


async def test_an_answer_does_not_wait_for_a_flood_without_end(room: Room) -> None:
    await room.person.says("สวัสดี")
    never = asyncio.Event()

    async def stuck(inbound: Inbound) -> None:
        await never.wait()

    room.turns.before = stuck
    sent = asyncio.create_task(room.person.says("อีก"))
    await until(lambda: len(room.turns.begun) == 2)
    rules = LineRules()
    for _ in range(rules.joins_at_most):
        with pytest.raises(NotYet):
            await room.deliver(parcel())
    assert (await room.deliver(parcel())).count == 1
    never.set()
    await sent
