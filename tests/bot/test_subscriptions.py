"""Who asks for new cards is kept sealed, told beforehand, forgotten at once, linked to nothing."""

import re

import pytest

from bot.outbox import ShutOut
from bot.upkeep import Upkeep
from handlers.events import Blocked, Choice
from sealing import Audience
from storage.repositories import conversations, notices, subscriptions
from storage.repositories.subscriptions import SubscriptionRow
from tests.bot.phone import Phone
from tests.bot.registrar import Registrar, a_card
from tests.bot.test_notices import Town
from tests.bot.turn_house import House

DAY_S = 24 * 3600.0
PERSON = "U-secret"


@pytest.fixture
async def town(house: House) -> Town:
    town = Town(house)
    await Registrar(house).publishes(
        a_card(1, Audience.CITIZEN, Audience.YOUTH), a_card(2, Audience.NETWORK)
    )
    return town


async def agree(phone: Phone, audience: str = "citizen") -> None:
    await phone.say("ความรู้")
    await phone.press(audience)
    await phone.press("subscribe")
    await phone.press("agree")


async def rows(house: House) -> list[SubscriptionRow]:
    def every(t):  # type: ignore[no-untyped-def]  # a work
        channels = ("telegram", "line")
        ids = [each for channel in channels for each in subscriptions.ids(t, channel)]
        return [subscriptions.get(t, each) for each in ids]

    return await house.db.read(every)


async def test_nothing_is_kept_before_they_agree(town: Town, house: House) -> None:
    phone = town.phone(PERSON)
    await phone.say("ความรู้")
    await phone.press("citizen")
    keys = house.forget.ids()
    await phone.press("subscribe")
    ask = await phone.ask()
    assert (ask.key, ask.params["days"]) == ("ask.subscribe", 365)
    await phone.press("no")
    await phone.press("subscribe")
    await phone.say("ยังไม่แน่ใจเลย")
    assert await rows(house) == []
    assert house.forget.ids() == keys


async def test_who_agrees_is_kept_sealed_under_a_key_of_their_own(town: Town, house: House) -> None:
    phone = town.phone(PERSON)
    await agree(phone)
    assert "say.subscribe_on" in phone.said()
    (row,) = await rows(house)
    assert PERSON.encode() not in row.contact
    assert (row.channel, row.audience, row.expires_day) == ("line", "citizen", "2027-11-23")
    whom = house.means.subscriptions.open(row)
    assert whom is not None
    assert (whom.channel, whom.person, whom.language) == ("line", PERSON, "th")
    assert PERSON not in repr(whom)
    assert whom.secret not in repr(whom)
    conversation = house.means.marks.conversation("line", PERSON)
    talk = await house.db.read(lambda t: conversations.get(t, conversation))
    assert talk is not None
    assert talk.key_id != row.key_id


async def test_a_button_pressed_twice_is_one_subscription(town: Town, house: House) -> None:
    phone = town.phone(PERSON)
    await phone.say("ความรู้")
    await phone.press("citizen")
    await phone.press("subscribe")
    pressed = Choice((await phone.ask()).screen, "agree")
    for event_id in ("one", "one", "two"):
        await phone.send(pressed, event_id)
    assert len(await rows(house)) == 1


async def test_asking_again_renews_and_another_audience_is_another_row(
    town: Town, house: House
) -> None:
    phone = town.phone(PERSON)
    await agree(phone)
    (before,) = await rows(house)
    house.clock.advance(DAY_S)
    await phone.press("close")
    await agree(phone)
    (after,) = await rows(house)
    assert (after.subscription_id, after.key_id) == (before.subscription_id, before.key_id)
    assert after.expires_day > before.expires_day
    await phone.press("close")
    await agree(phone, "youth")
    opened = [house.means.subscriptions.open(row) for row in await rows(house)]
    assert len({whom.secret for whom in opened if whom is not None}) == 1
    assert len({row.key_id for row in await rows(house)}) == len(opened) == 2


@pytest.mark.parametrize("midway", [False, True], ids=["at the menu", "in a report"])
async def test_stop_ends_news_and_cards_at_once(town: Town, house: House, midway: bool) -> None:
    phone, other = town.phone(PERSON), town.phone("U-other")
    await phone.file("เรื่อง")
    await phone.agree()
    await phone.press("noted")
    await agree(phone)
    await agree(other)
    await phone.press("close")
    if midway:
        await phone.press("report")
    before = house.forget.ids()
    mine = [row for row in await rows(house) if _is_of(house, row, PERSON)]
    await phone.say("หยุดแจ้งเตือน")
    assert "say.notify_off" in phone.said()
    (left,) = await rows(house)
    assert _is_of(house, left, "U-other")
    assert await house.db.read(notices.count) == 0
    assert mine[0].key_id in before - house.forget.ids()


def _is_of(house: House, row: SubscriptionRow, person: str) -> bool:
    whom = house.means.subscriptions.open(row)
    return whom is not None and whom.person == person


async def test_who_blocks_the_bot_is_forgotten(town: Town, house: House) -> None:
    phone = town.phone(PERSON)
    await agree(phone)
    await phone.send(Blocked())
    assert await rows(house) == []


async def test_who_cannot_be_reached_any_more_is_forgotten(town: Town, house: House) -> None:
    phone = town.phone(PERSON)
    await agree(phone)
    town.platform.failures.append(ShutOut("blocked"))
    await phone.say("สวัสดี")
    await town.post.deliver_due()
    assert await rows(house) == []


async def test_who_does_not_renew_is_forgotten_with_the_key(town: Town, house: House) -> None:
    phone = town.phone(PERSON)
    await agree(phone)
    (row,) = await rows(house)
    house.clock.advance(364 * DAY_S)
    await town.upkeep.once()
    assert await rows(house) == [row]
    house.clock.advance(2 * DAY_S)
    await town.upkeep.once()
    assert await rows(house) == []
    assert row.key_id not in house.forget.ids()


async def test_a_restart_keeps_the_keys_in_use_and_sweeps_the_orphans(
    town: Town, house: House
) -> None:
    await agree(town.phone(PERSON))
    (row,) = await rows(house)
    orphan = await house.forget.keep()
    await house.reopen()
    await Upkeep(house.means, house.turns, house.throttle).at_start()
    assert row.key_id in house.forget.ids()
    assert orphan.key_id not in house.forget.ids()
    assert _is_of(house, row, PERSON)


async def test_a_row_whose_key_a_crash_took_goes(town: Town, house: House) -> None:
    await agree(town.phone(PERSON))
    (row,) = await rows(house)
    await house.forget.destroy(row.key_id)
    assert house.means.subscriptions.open(row) is None
    await town.upkeep.once()
    assert await rows(house) == []


async def test_a_web_session_and_the_network_have_no_subscription(town: Town, house: House) -> None:
    person = house.person()
    await person.say("ความรู้")
    await person.press("citizen")
    ask = await person.ask()
    assert "subscribe" not in [option.id for option in ask.choices]
    for forged in ("subscribe", "agree"):
        await person.send(Choice((await person.ask()).screen, forged))
    phone = town.phone(PERSON)
    await phone.say("ความรู้")
    await phone.send(Choice((await phone.ask()).screen, "network"))
    await phone.send(Choice((await phone.ask()).screen, "subscribe"))
    await phone.send(Choice((await phone.ask()).screen, "agree"))
    assert await rows(house) == []


async def test_a_search_is_right_however_many_there_are_and_opens_each_once(
    town: Town, house: House
) -> None:
    means = house.means.subscriptions
    for number in range(20):
        await agree(town.phone(f"U-{number}", "telegram" if number % 2 else "line"))
    opened: list[str] = []
    open_one = means.open

    def counted(row: SubscriptionRow):  # type: ignore[no-untyped-def]  # as it is
        opened.append(row.subscription_id)
        return open_one(row)

    means.open = counted  # type: ignore[method-assign]  # to count
    for number in range(20):
        channel = "telegram" if number % 2 else "line"
        (row,) = await means.of_person(channel, f"U-{number}")
        assert row.channel == channel
    assert await means.of_person("line", "U-1") == ()
    assert len(opened) == len(set(opened)) <= 20
    await means.forget_person("line", "U-2")
    assert await means.of_person("line", "U-2") == ()
    assert await means.of_person("line", "U-4") != ()


async def test_with_database_server_key_and_forget_store_nothing_links_a_subscription(
    town: Town, house: House
) -> None:
    """An adversary has everything at rest, and tries: the ids, their order, keys, sizes, marks. The
    seal opens (its key is there): it names an account, as limits.md says, and nothing else."""
    talks: dict[str, bytes] = {}
    for number in range(12):
        phone = town.phone(f"U-{number}")
        await phone.file(f"เรื่องของ {number}")
        await phone.press("noted")
        await agree(phone)
        talks[f"U-{number}"] = house.means.marks.conversation("line", f"U-{number}")
    found = await rows(house)
    others = await house.db.read(
        lambda t: [
            str(value) + repr(value)
            for table in ("conversation", "seen", "part", "tip", "tip_grant", "outbox")
            for row in t.rows(f"SELECT * FROM {table}")  # noqa: S608  # our own tables
            for value in row
        ]
    )
    everything = "\n".join(others)
    for row in found:
        assert row.subscription_id not in everything
        assert row.key_id not in everything
        assert row.contact.hex() not in everything
    # In the order of their ids, who asked first is not first: no order of asking is left.
    in_order = [house.means.subscriptions.open(row) for row in found]
    asked = [int(re.sub(r"\D", "", whom.person)) for whom in in_order if whom is not None]
    assert sorted(asked) == list(range(12))
    by_id = sorted(found, key=lambda row: row.subscription_id)
    numbers = [asked[found.index(row)] for row in by_id]
    assert numbers != sorted(numbers)
    assert len({len(row.contact) for row in found}) == 1
    assert len({row.expires_day for row in found}) == 1
    assert {row.key_id for row in found} & {
        key for (key,) in await house.db.read(lambda t: t.rows("SELECT key_id FROM conversation"))
    } == set()
    # Once the conversations are forgotten, the account in a seal leads to no row at all.
    house.clock.advance(8 * DAY_S)
    await town.upkeep.once()
    left = await house.db.read(lambda t: [conversations.get(t, each) for each in talks.values()])
    assert left == [None] * 12
    assert len(await rows(house)) == 12


async def test_what_marks_that_a_card_was_sent_is_made_of_the_seal_only(
    town: Town, house: House
) -> None:
    registrar = Registrar(house)
    phone = town.phone(PERSON)
    await agree(phone)
    (row,) = await rows(house)
    card = a_card(3)
    await registrar.publishes(card)
    campaign_id = await registrar.begins(1, card)
    whom = house.means.subscriptions.open(row)
    assert whom is not None
    event_id = whom.event_id(campaign_id)
    assert event_id != whom.event_id("0" * 32)
    other = house.means.subscriptions
    again = await other.make("f" * 32, "citizen", type(whom)("line", PERSON, "th"))
    stranger = other.open(again)
    assert stranger is not None
    assert stranger.event_id(campaign_id) != event_id
