"""Who asked is told that there is news, and nothing of it; and is forgotten once it is over."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.outbox import Outbox, ShutOut, Undeliverable
from bot.stretch import StretchRules
from bot.telling import Telling
from bot.turn import Inbound
from bot.upkeep import Upkeep
from handlers.events import Blocked, Choice, Command, Followed, News, Text
from storage import Unavailable
from storage.repositories import conversations, notices
from tests.bot.phone import Officer, Phone, Platform
from tests.bot.turn_house import House

DAY_S = 24 * 3600.0


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Town:
    """People with phones, an officer, and what tells the one what the other did."""

    house: House
    platform: Platform = field(default_factory=Platform)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        """What a start wires."""
        house = self.house
        channels = {"line": self.platform, "telegram": self.platform}
        self.post = Outbox(house.means, house.turns, house.screens, channels)
        self.telling = Telling(house.means, house.turns)
        self.officer = Officer(house, self.telling.ring)
        self.upkeep = Upkeep(house.means, house.turns, house.throttle)

    async def restart(self) -> None:
        await self.house.reopen()
        self.open()
        await self.upkeep.at_start()

    def phone(self, name: str = "U-secret", channel: str = "line") -> Phone:
        phone = Phone(self.house, name, channel, self.house.numbers)
        phone.platform, phone.post = self.platform, self.post
        return phone

    async def tell(self) -> None:
        """Tell what there is to tell, and deliver it."""
        await self.telling.tell_due()
        await self.post.deliver_due()

    async def rows(self) -> int:
        return await self.house.db.read(notices.count)

    async def tip_id(self) -> str:
        (tip_id,) = await self.house.tip_ids()
        return tip_id


@pytest.fixture
def town(house: House) -> Town:
    return Town(house)


@pytest.fixture
async def told(town: Town) -> Phone:
    """Somebody who filed, asked to be told, noted the receipt and left."""
    phone = town.phone()
    phone.code = await phone.file("เห็นเขาเอาปูนไป")
    await phone.agree()
    await phone.press("noted")
    phone.said()
    return phone


# --- asking ----------------------------------------------------------------------------------


async def test_nothing_is_kept_before_they_agree(town: Town) -> None:
    phone = town.phone()
    await phone.file("เรื่อง")
    keys = town.house.forget.ids()
    await phone.press("notify")
    assert (await phone.ask()).key == "ask.notify"
    await phone.press("no")
    await phone.press("notify")
    await phone.say("ยังไม่แน่ใจ")
    assert await town.rows() == 0
    assert town.house.forget.ids() == keys


async def test_who_agrees_is_kept_sealed_and_sees_the_receipt_again(town: Town) -> None:
    phone = town.phone()
    receipt = await phone.file("เรื่อง")
    phone.said()
    await phone.agree()
    assert "say.notify_on" in phone.said()
    assert phone.receipt == receipt
    assert "notify" not in await phone.choices()
    (row,) = await town.house.db.read(notices.all_of_them)
    assert row.tip_id == await town.tip_id()
    assert b"U-secret" not in row.contact
    whom = town.house.means.notices.open(row)
    assert whom is not None
    assert (whom.channel, whom.person, whom.language) == ("line", "U-secret", "th")
    assert "U-secret" not in repr(whom)


async def test_a_button_pressed_twice_is_one_notice(town: Town) -> None:
    phone = town.phone()
    await phone.file("เรื่อง")
    await phone.press("notify")
    pressed = Choice((await phone.ask()).screen, "agree")
    for event_id in ("one", "one", "two"):
        await phone.send(pressed, event_id)
    assert await town.rows() == 1


async def test_asking_again_keeps_one_notice_for_longer(town: Town, told: Phone) -> None:
    (before,) = await town.house.db.read(notices.all_of_them)
    town.house.clock.advance(DAY_S)
    await told.follow(told.code)
    screen = (await told.ask()).screen
    await told.send(Choice(screen, "notify"))  # not offered, for it is on
    assert "stop_notify" in await told.choices()
    await town.house.turns.take(Inbound("line", "U-secret", "again", Choice(screen, "agree")))
    assert await town.rows() == 1
    await told.press("stop_notify")
    await told.agree()
    (after,) = await town.house.db.read(notices.all_of_them)
    assert after.notice_id != before.notice_id
    assert after.expires_day > before.expires_day


async def test_on_one_screen_and_on_the_other_it_is_one_notice(town: Town, house: House) -> None:
    phone = town.phone()
    receipt = await phone.file("เรื่อง")
    await phone.agree()
    (before,) = await house.db.read(notices.all_of_them)
    house.clock.advance(DAY_S / 2)
    deeds_of_another_chat = town.phone("U-secret", "telegram")
    await deeds_of_another_chat.follow(receipt)
    assert "notify" in await deeds_of_another_chat.choices()  # another chat, another notice
    await deeds_of_another_chat.agree()
    assert await town.rows() == 2
    assert before in await house.db.read(notices.all_of_them)


async def test_a_second_account_with_the_receipt_has_its_own_notice(
    town: Town, told: Phone
) -> None:
    other = town.phone("U-other")
    await other.follow(told.code)
    assert "notify" in await other.choices()
    await other.agree()
    await town.officer.write(await town.tip_id())
    other.said()
    await town.tell()
    assert (told.said(), other.said()) == (["say.news"], ["say.news"])
    await other.say("หยุดแจ้งเตือน")
    assert await town.rows() == 1
    await town.officer.write(await town.tip_id())
    other.said()
    await town.tell()
    assert (told.said(), other.said()) == (["say.news"], [])


async def test_only_so_many_accounts_are_told_of_one_tip(town: Town, told: Phone) -> None:
    for number in range(5):
        other = town.phone(f"U-{number}")
        await other.follow(told.code)
        other.said()
        await other.agree()
    assert "say.notify_not" in other.said()
    assert await town.rows() == 5


async def test_a_web_session_is_not_offered_what_cannot_reach_it(house: House) -> None:
    person = house.person()
    receipt = await person.file("เรื่อง")
    assert [each.id for each in (await person.ask()).choices] == ["noted"]
    await person.press("noted")
    await person.press("follow")
    await person.say(receipt)
    assert "notify" not in [each.id for each in (await person.ask()).choices]


async def test_when_too_much_is_asked_nothing_is_kept_and_it_is_said(tmp_path: Path) -> None:
    house = await House(tmp_path, stretch_rules=StretchRules(look_ups_waiting=0)).open()
    town, gate = Town(house), asyncio.Event()
    phone, loop = town.phone(), asyncio.get_running_loop()
    await phone.file("เรื่อง")
    hold = asyncio.create_task(
        house.stretches.look_up(
            "web", b"x", lambda: asyncio.run_coroutine_threadsafe(gate.wait(), loop).result()
        )
    )
    await asyncio.sleep(0)
    keys = house.forget.ids()
    phone.said()
    await phone.agree()
    assert "say.notify_busy" in phone.said()
    assert await town.rows() == 0
    assert house.forget.ids() == keys
    gate.set()
    await hold
    await phone.agree()
    assert await town.rows() == 1
    await house.close()


async def test_a_tip_that_closes_while_somebody_agrees_keeps_nobody(town: Town) -> None:
    phone = town.phone()
    receipt = await phone.file("เรื่อง")
    await phone.press("noted")
    await phone.follow(receipt)
    await phone.press("notify")
    find, tip_id = town.house.means.notices.standing, await town.tip_id()

    async def closed_just_then(*args: str) -> object:
        found = await find(*args)
        if not found.is_over:
            await town.officer.set_status(tip_id, "closed")
        return found

    town.house.means.notices.standing = closed_just_then  # type: ignore[method-assign,assignment]  # between looking and committing
    keys = town.house.forget.ids()
    phone.said()
    await phone.press("agree")
    assert "say.notify_not" in phone.said()
    assert await town.rows() == 0
    assert town.house.forget.ids() == keys


# --- telling ---------------------------------------------------------------------------------


async def test_an_officers_message_is_told_once_and_not_what_it_says(
    town: Town, told: Phone
) -> None:
    await town.officer.write(await town.tip_id())
    await town.tell()
    await town.tell()
    assert told.said() == ["say.news"]


async def test_a_change_of_status_is_news_and_a_note_among_officers_is_none(
    town: Town, told: Phone
) -> None:
    tip_id = await town.tip_id()
    await town.officer.note(tip_id)
    await town.tell()
    assert told.said() == []
    await town.officer.set_status(tip_id, "screening")
    await town.tell()
    assert told.said() == ["say.news"]


async def test_who_did_not_ask_hears_nothing(town: Town) -> None:
    phone = town.phone()
    await phone.file("เรื่อง")
    await phone.press("noted")
    phone.said()
    await town.officer.write(await town.tip_id())
    await town.tell()
    assert phone.said() == []


async def test_news_leads_to_the_words_by_the_receipt_alone(town: Town, told: Phone) -> None:
    await town.officer.write(await town.tip_id(), "จำทะเบียนรถได้ไหม")
    await town.tell()
    told.said()
    await told.say(told.code)
    letters = [each.letter.words for each in told.parcels if each.letter is not None]
    assert letters == ["จำทะเบียนรถได้ไหม"]
    assert "stop_notify" in await told.choices()


async def test_a_report_in_progress_is_not_disturbed_by_news(
    town: Town, told: Phone, house: House
) -> None:
    await told.send(Command("report"))
    before, asked = await told.ask(), await house.tables()
    await town.officer.write(await town.tip_id())
    await town.tell()
    assert await told.ask() == before
    told.said()
    await told.press("bribe")
    assert told.said() == ["ask.province"]
    assert (await house.tables())["conversation"] == asked["conversation"]


async def test_news_makes_no_draft_younger(town: Town, told: Phone, house: House) -> None:
    await told.send(Command("report"))
    await told.press("bribe")
    house.clock.advance(3 * DAY_S)
    await town.officer.write(await town.tip_id())
    await town.tell()
    conversation = house.means.marks.conversation("line", "U-secret")
    row = await house.db.read(lambda t: conversations.get(t, conversation))
    assert row is not None
    assert row.touched_day == "2026-11-23"


async def test_telling_who_is_not_here_leaves_no_conversation(
    town: Town, told: Phone, house: House
) -> None:
    house.clock.advance(8 * DAY_S)
    await town.upkeep.once()
    await town.officer.write(await town.tip_id())
    assert "conversation" not in await house.tables()
    await town.telling.tell_due()
    assert (await house.tables())["conversation"] == 1
    await town.post.deliver_due()
    assert told.said() == ["say.news"]
    assert {"conversation", "outbox"} & set(await house.tables()) == set()
    assert len(house.forget.ids()) == 1  # the notice's
    await told.say("สวัสดี")
    assert told.said()[0] == "say.start_line"


async def test_the_desk_wakes_who_tells_and_a_database_away_is_asked_again(
    town: Town, told: Phone, house: House
) -> None:
    came, taken = asyncio.Event(), house.turns.take
    failures = [Unavailable("away")]

    async def take(inbound: Inbound) -> object:
        assert isinstance(inbound.event, News)
        if failures:
            came.set()
            raise failures.pop()
        found = await taken(inbound)
        came.set()
        return found

    house.turns.take = take  # type: ignore[method-assign,assignment]  # the first try fails
    await town.officer.write(await town.tip_id())
    running = asyncio.create_task(town.telling.run())
    await asyncio.wait_for(came.wait(), 5)
    came.clear()
    await town.officer.write(await town.tip_id())
    await asyncio.wait_for(came.wait(), 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    house.turns.take = taken  # type: ignore[method-assign]  # as it was
    await town.tell()
    assert told.said() == ["say.news"]


# --- crashes ---------------------------------------------------------------------------------


async def test_a_death_between_the_officers_commit_and_the_telling_tells_later(
    town: Town, told: Phone
) -> None:
    await town.officer.write(await town.tip_id())
    await town.restart()
    await town.tell()
    assert told.said() == ["say.news"]


@pytest.mark.parametrize("status", [None, "closed"])
async def test_a_death_between_telling_and_noting_it_tells_nobody_twice(
    town: Town, told: Phone, status: str | None
) -> None:
    tip_id = await town.tip_id()
    await (
        town.officer.write(tip_id) if status is None else town.officer.set_status(tip_id, status)
    )
    taken = town.house.turns.take

    async def killed(inbound: Inbound) -> None:
        await taken(inbound)
        raise Killed

    town.house.turns.take = killed  # type: ignore[method-assign,assignment]  # right behind the turn's commit
    with pytest.raises(BaseExceptionGroup):
        await town.telling.tell_due()
    await town.restart()
    await town.tell()
    await town.tell()
    assert told.said() == ["say.news" if status is None else "say.news_last"]
    assert await town.rows() == (1 if status is None else 0)


async def test_a_death_between_key_and_row_leaves_a_row_that_goes(
    town: Town, told: Phone, house: House
) -> None:
    (row,) = await house.db.read(notices.all_of_them)
    await house.forget.destroy(row.key_id)
    await town.officer.write(row.tip_id)
    await town.tell()
    assert told.said() == []
    assert await town.rows() == 0


async def test_a_row_whose_key_is_gone_is_swept_although_there_is_no_news(
    town: Town, told: Phone, house: House
) -> None:
    (row,) = await house.db.read(notices.all_of_them)
    await house.forget.destroy(row.key_id)
    assert await town.rows() == 1
    await town.upkeep.once()
    assert await town.rows() == 0


async def test_a_turn_that_is_killed_before_its_commit_keeps_nobody(
    town: Town, house: House
) -> None:
    phone = town.phone()
    await phone.file("เรื่อง")
    await phone.press("notify")
    pressed, keys = Choice((await phone.ask()).screen, "agree"), house.forget.ids()
    commit = house.db.commit

    async def away(work: object) -> None:
        raise Unavailable("the disk is full")

    house.db.commit = away  # type: ignore[method-assign,assignment]  # nothing can be stored
    with pytest.raises(Unavailable):
        await phone.send(pressed)
    house.db.commit = commit  # type: ignore[method-assign]  # as it was
    assert await town.rows() == 0
    assert house.forget.ids() == keys


# --- forgetting ------------------------------------------------------------------------------


async def test_closing_tells_one_last_time_and_forgets(
    town: Town, told: Phone, house: House
) -> None:
    (row,) = await house.db.read(notices.all_of_them)
    await town.officer.set_status(row.tip_id, "closed")
    await town.tell()
    assert told.said() == ["say.news_last"]
    assert await town.rows() == 0
    assert house.forget.get(row.key_id) is None
    await told.follow(told.code)
    assert "notify" not in await told.choices()


@pytest.mark.parametrize("words", ["หยุดแจ้งเตือน", "Stop notifications", "เลิกแจ้งเตือน"])
async def test_saying_stop_needs_no_receipt_and_takes_the_account_from_every_tip(
    town: Town, told: Phone, words: str
) -> None:
    await told.file("อีกเรื่อง")
    await told.agree()
    await told.press("noted")
    rows = await town.house.db.read(notices.all_of_them)
    assert len(rows) == 2
    told.said()
    await told.say(words)
    assert "say.notify_off" in told.said()
    assert await town.rows() == 0
    assert [town.house.forget.get(row.key_id) for row in rows] == [None, None]


async def test_stop_says_the_same_to_who_never_asked(town: Town, told: Phone) -> None:
    stranger = town.phone("U-stranger")
    await stranger.send(Followed())
    for phone in (told, stranger):
        phone.said()
        await phone.say("หยุดแจ้งเตือน")
    assert told.said()[-2:] == stranger.said() == ["say.notify_off", "ask.menu"]


async def test_stopping_on_the_receipts_screen_shows_the_receipt_again(town: Town) -> None:
    phone = town.phone()
    receipt = await phone.file("เรื่อง")
    await phone.agree()
    shown = len([each for each in phone.parcels if each.receipt == receipt])
    await phone.say("หยุดแจ้งเตือน")
    assert len([each for each in phone.parcels if each.receipt == receipt]) == shown + 1
    assert await town.rows() == 0
    assert "notify" in await phone.choices()


async def test_wanting_no_more_contact_forgets_every_account_of_the_tip(
    town: Town, told: Phone
) -> None:
    other = town.phone("U-other")
    await other.follow(told.code)
    await other.agree()
    await other.press("stop")
    await other.press("stop")
    assert await town.rows() == 0
    assert {"notify", "stop_notify"} & set(await other.choices()) == set()
    await other.follow(told.code)
    assert "notify" not in await other.choices()


async def test_a_key_is_gone_before_the_commit_that_removes_its_row(
    town: Town, told: Phone, house: House
) -> None:
    (row,) = await house.db.read(notices.all_of_them)
    seen, commit = list[bool](), house.db.commit

    async def watched(work: object) -> object:
        seen.append(house.forget.get(row.key_id) is None)
        return await commit(work)  # type: ignore[arg-type]  # whatever it is

    house.db.commit = watched  # type: ignore[method-assign,assignment]  # looks round before it
    await house.turns.take(Inbound("line", "U-secret", "stop", Text("หยุดแจ้งเตือน")))
    assert seen == [True]


async def test_who_blocks_the_bot_is_forgotten(town: Town, told: Phone) -> None:
    await town.phone("U-stranger").send(Blocked())
    assert await town.rows() == 1
    await told.send(Blocked())
    assert await town.rows() == 0
    assert told.said() == []


async def test_who_turns_out_to_have_blocked_the_bot_is_forgotten(town: Town, told: Phone) -> None:
    await town.officer.write(await town.tip_id())
    town.platform.failures = [ShutOut("blocked")]
    await town.tell()
    assert await town.rows() == 0


async def test_news_that_a_used_up_quota_kept_back_comes_with_the_next_message(
    town: Town, told: Phone
) -> None:
    await town.officer.write(await town.tip_id())
    town.platform.failures = [Undeliverable("quota")]
    await town.tell()
    assert told.said() == []
    assert await town.rows() == 1
    await told.say("สวัสดี")
    assert told.said()[0] == "say.news"


async def test_a_notice_grows_no_older_than_configured(
    town: Town, told: Phone, house: House
) -> None:
    (row,) = await house.db.read(notices.all_of_them)
    house.clock.advance(180 * DAY_S)
    await town.upkeep.once()
    assert await town.rows() == 1
    house.clock.advance(DAY_S)
    await town.upkeep.once()
    assert await town.rows() == 0
    assert house.forget.get(row.key_id) is None


async def test_sweeping_orphans_keeps_the_keys_of_notices(
    town: Town, told: Phone, house: House
) -> None:
    await town.restart()
    await town.officer.write(await town.tip_id())
    await town.tell()
    assert told.said() == ["say.news"]
