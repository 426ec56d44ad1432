"""A campaign reaches everybody once, never before people who talk, and stops when it is told to."""

from dataclasses import dataclass, field

import pytest

from bot.campaigning import Campaigning, CampaignRules
from bot.errors import Unavailable as TurnUnavailable
from bot.outbox import Outbox, ShutOut
from bot.subscriptions import Subscriber
from bot.turn import Inbound, Taken
from bot.upkeep import Upkeep
from handlers.events import Command, NewCard
from sealing import Audience, Role, SigningKey
from storage import Transaction, Unavailable
from storage.repositories import campaigns, conversations, outbox, subscriptions
from storage.repositories.campaigns import CampaignRow, ProgressRow, State
from tests.bot.phone import Phone, Platform
from tests.bot.registrar import Registrar, a_card
from tests.bot.turn_house import House

DAY_S = 24 * 3600.0
RULES = CampaignRules(per_s={"telegram": 20, "line": 20})
CARD = a_card(1, Audience.CITIZEN, Audience.YOUTH)


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Month:
    """What a channel has to spare."""

    left: int | None = None

    async def to_spare(self) -> int | None:
        return self.left


@dataclass
class Town:
    """Subscribers, a registrar, and the bot between them."""

    house: House
    platform: Platform = field(default_factory=Platform)
    telegram: Month = field(default_factory=Month)
    line: Month = field(default_factory=Month)

    async def open(self) -> "Town":
        """What a start wires."""
        house = self.house
        self.registrar = Registrar(house)
        channels = {"line": self.platform, "telegram": self.platform}
        self.post = Outbox(house.means, house.turns, house.screens, channels)
        spares = {"line": self.line, "telegram": self.telegram}
        self.campaigning = Campaigning(
            house.means, house.turns, lambda: house.roster, spares, RULES
        )
        self.upkeep = Upkeep(house.means, house.turns, house.throttle)
        return self

    async def restart(self) -> None:
        keys = self.registrar.keys
        await self.house.reopen()
        await self.open()
        self.registrar.keys = keys
        self.registrar.open()
        await self.registrar.knowledge.refresh()
        await self.upkeep.at_start()

    async def subscribe(self, many: int, channel: str = "telegram", *audiences: str) -> None:
        """*many* more people ask for cards."""
        house = self.house
        for number in range(many):
            whom = Subscriber(channel, f"{channel}-{number}", "th")
            for audience in audiences or ("citizen",):
                row = await house.means.subscriptions.make(house.means.new_id(), audience, whom)
                await house.db.commit(lambda t, row=row: subscriptions.add(t, row))

    async def rounds(self, many: int, channel: str = "telegram") -> list[float]:
        """Rounds of the campaign, with what they put into the outbox delivered in between."""
        waits = []
        for _ in range(many):
            waits.append(await self.campaigning.send_some(channel))
            await self.post.deliver_due()
        return waits

    @property
    def told(self) -> list[str]:
        """Who was sent the card, once for each time."""
        return [person for person, parcel in self.platform.taken]

    async def campaign(self, campaign_id: str) -> tuple[CampaignRow, dict[str, ProgressRow]]:
        def look(t: Transaction) -> tuple[CampaignRow | None, tuple[ProgressRow, ...]]:
            return campaigns.get(t, campaign_id), campaigns.progress(t, campaign_id)

        row, progress = await self.house.db.read(look)
        assert row is not None
        return row, {f"{each.channel}/{each.audience}": each for each in progress}


@pytest.fixture
async def town(house: House) -> Town:
    town = await Town(house).open()
    await town.registrar.publishes(CARD)
    return town


async def test_everybody_is_sent_the_card_once_and_nobody_stays_named(town: Town) -> None:
    await town.subscribe(11)
    campaign_id = await town.registrar.begins(1, CARD)
    await town.rounds(6)
    assert sorted(town.told) == sorted(f"telegram-{n}" for n in range(11))
    (parcel,) = {parcel.intent.key for _, parcel in town.platform.taken}  # type: ignore[union-attr]  # each a Say
    assert parcel == "say.card_new"
    await town.rounds(2, "line")
    await town.rounds(1)
    row, progress = await town.campaign(campaign_id)
    assert row.state is State.DONE
    assert progress["telegram/citizen"].told == 11
    assert {each.after for each in progress.values()} == {""}
    await town.rounds(3)
    assert len(town.told) == 11


async def test_what_is_left_afterwards_is_the_subscription_alone(town: Town) -> None:
    await town.subscribe(3)
    await town.registrar.begins(1, CARD)
    await town.rounds(4)
    await town.rounds(2, "line")
    tables = await town.house.tables()
    assert {"conversation", "outbox", "fetch"} & set(tables) == set()
    assert len(town.house.forget.ids()) == 3


async def test_who_asked_for_two_audiences_is_sent_it_once(town: Town) -> None:
    house = town.house
    whom = Subscriber("telegram", "twice", "th")
    for audience in ("citizen", "youth"):
        row = await house.means.subscriptions.make(house.means.new_id(), audience, whom)
        await house.db.commit(lambda t, row=row: subscriptions.add(t, row))
    await town.registrar.begins(1, CARD, Audience.CITIZEN, Audience.YOUTH)
    await town.rounds(5)
    assert town.told == ["twice"]
    await town.registrar.begins(2, CARD)
    await town.rounds(2, "line")
    await town.rounds(5)
    assert town.told == ["twice", "twice"]  # another campaign


async def test_only_those_who_asked_for_that_audience_are_sent_it(town: Town) -> None:
    await town.subscribe(2)
    await town.subscribe(2, "telegram", "youth")
    await town.registrar.begins(1, CARD, Audience.YOUTH)
    await town.rounds(4)
    assert len(town.told) == 2


# --- the pace ------------------------------------------------------------------------------------


async def test_no_more_leave_in_a_second_than_may(town: Town) -> None:
    await town.subscribe(9)
    await town.registrar.begins(1, CARD)
    waits = await town.rounds(2)
    assert len(town.told) == 8
    assert waits == [4 / 20, 4 / 20]


async def test_people_who_talk_go_first(town: Town) -> None:
    house = town.house
    await town.subscribe(9)
    await town.registrar.begins(1, CARD)
    for number in range(RULES.lines_at_most):
        await house.person(f"talker {number}", "telegram").say("สวัสดี")
    assert await town.campaigning.send_some("telegram") == RULES.busy_wait_s
    assert await house.db.read(lambda t: outbox.count(t, outbox.State.READY)) > 0
    await town.post.deliver_due()
    assert all(person.startswith("talker") for person in town.told)
    await town.rounds(1)
    assert sum(person.startswith("telegram") for person in town.told) == RULES.at_once


async def test_no_more_lines_wait_than_may_beside_peoples_own(town: Town) -> None:
    await town.subscribe(40)
    await town.registrar.begins(1, CARD)
    for _ in range(10):  # nothing is delivered meanwhile
        await town.campaigning.send_some("telegram")
    ready = await town.house.db.read(lambda t: outbox.count(t, outbox.State.READY))
    assert ready == RULES.lines_at_most


async def test_a_month_with_nothing_to_spare_waits_and_says_so(town: Town) -> None:
    await town.subscribe(5, "line")
    await town.subscribe(2)
    campaign_id = await town.registrar.begins(1, CARD)
    town.line.left = 2
    await town.rounds(1, "line")
    assert len(town.told) == 2
    town.line.left = 0
    assert await town.rounds(1, "line") == [RULES.quota_wait_s]
    _, progress = await town.campaign(campaign_id)
    assert (progress["line/citizen"].waits, progress["line/citizen"].told) == ("quota", 2)
    await town.rounds(3)  # the other channel does not wait for it
    assert len(town.told) == 4
    town.line.left = None
    await town.rounds(3, "line")
    row, progress = await town.campaign(campaign_id)
    assert len(town.told) == len(set(town.told)) == 7
    assert (progress["line/citizen"].waits, progress["line/citizen"].told) == (None, 5)
    await town.rounds(1)
    row, _ = await town.campaign(campaign_id)
    assert row.state is State.DONE


# --- stopping ------------------------------------------------------------------------------------


def stop(t: Transaction, campaign_id: str) -> bool:
    return campaigns.stop(t, campaign_id, officer="5" * 32, day="2026-11-23")


async def test_a_campaign_stops_at_once(town: Town) -> None:
    await town.subscribe(12)
    campaign_id = await town.registrar.begins(1, CARD)
    await town.rounds(1)
    assert await town.house.db.commit(lambda t: stop(t, campaign_id))
    await town.rounds(5)
    assert len(town.told) == RULES.at_once
    row, progress = await town.campaign(campaign_id)
    assert row.state is State.STOPPED
    assert {each.after for each in progress.values()} == {""}


async def test_what_was_under_way_when_it_stopped_brings_it_back_to_nothing(town: Town) -> None:
    await town.subscribe(12)
    campaign_id = await town.registrar.begins(1, CARD)
    take, turns = town.house.turns.take, town.house.turns

    async def stopped_meanwhile(inbound: Inbound) -> Taken:
        taken = await take(inbound)
        await town.house.db.commit(lambda t: stop(t, campaign_id))
        return taken

    turns.take = stopped_meanwhile  # type: ignore[method-assign]  # in the middle of a round
    await town.rounds(1)
    turns.take = take  # type: ignore[method-assign]  # as it was
    await town.rounds(4)
    assert len(town.told) <= RULES.at_once
    row, progress = await town.campaign(campaign_id)
    assert row.state is State.STOPPED
    assert {each.after for each in progress.values()} <= {""}


async def test_a_card_that_is_withdrawn_is_sent_no_further(town: Town) -> None:
    await town.subscribe(12)
    campaign_id = await town.registrar.begins(1, CARD)
    await town.campaigning.send_some("telegram")
    await town.registrar.withdraws(CARD)
    await town.rounds(4)
    row, _ = await town.campaign(campaign_id)
    assert row.state is State.STOPPED
    assert len(town.told) == RULES.at_once  # their lines waited already, and say that it is gone


@pytest.mark.parametrize("how", ["unsigned", "a stranger's", "of an officer", "of another card"])
async def test_a_campaign_that_no_registrar_signed_sends_nothing(town: Town, how: str) -> None:
    await town.subscribe(3)
    house, registrar = town.house, town.registrar
    campaign_id = await registrar.begins(1, CARD)
    if how == "of an officer":
        house.roster = registrar.roster(roles=(Role.OFFICER, Role.ADMIN))
    else:
        other = a_card(2)
        await registrar.publishes(other)
        change = {
            "unsigned": ("signature", bytes(64)),
            "a stranger's": ("signature", SigningKey.generate().sign(CARD.statement)),
            "of another card": ("card_id", other.card_id),
        }[how]
        sql = f"UPDATE campaign SET {change[0]} = ?"  # noqa: S608  # one of the three above
        await house.db.commit(lambda t: t.execute(sql, (change[1],)))
    await town.rounds(4)
    assert town.told == []
    row, _ = await town.campaign(campaign_id)
    assert row.state is State.STOPPED


async def test_nobody_of_the_network_can_be_sent_anything(town: Town) -> None:
    secret = a_card(5, Audience.NETWORK)
    await town.registrar.publishes(secret)
    await town.registrar.begins(1, secret, Audience.NETWORK)
    await town.subscribe(2)
    await town.rounds(4)
    assert town.told == []


# --- who is gone ---------------------------------------------------------------------------------


async def test_who_shut_the_bot_out_drops_out(town: Town) -> None:
    await town.subscribe(3)
    await town.registrar.begins(1, CARD)
    town.platform.failures.append(ShutOut("blocked"))
    await town.rounds(3)
    left = await town.house.db.read(lambda t: subscriptions.ids(t, "telegram"))
    assert len(left) == 2
    assert sorted(town.told) != []
    await town.rounds(2, "line")
    await town.registrar.begins(2, CARD)
    town.platform.taken.clear()
    await town.rounds(3)
    assert len(town.told) == 2


async def test_who_stopped_meanwhile_is_not_sent_it(town: Town) -> None:
    await town.subscribe(8)
    await town.registrar.begins(1, CARD)
    await town.rounds(1)
    means = town.house.means.subscriptions
    for number in range(8):
        await means.forget_person("telegram", f"telegram-{number}")
    await town.rounds(3)
    assert len(town.told) == RULES.at_once


async def test_a_row_that_nobody_can_open_or_that_is_old_goes(town: Town) -> None:
    house = town.house
    await town.subscribe(3)
    ids = await house.db.read(lambda t: subscriptions.ids(t, "telegram"))
    rows = await house.db.read(lambda t: [subscriptions.get(t, each) for each in ids])
    assert rows[0] is not None
    await house.forget.destroy(rows[0].key_id)
    await house.db.commit(lambda t: subscriptions.extend(t, ids[1], "2026-11-01"))
    campaign_id = await town.registrar.begins(1, CARD)
    await town.rounds(3)
    assert len(town.told) == 1
    _, progress = await town.campaign(campaign_id)
    assert (progress["telegram/citizen"].told, progress["telegram/citizen"].missed) == (1, 0)
    left = await house.db.read(lambda t: subscriptions.ids(t, "telegram"))
    assert left == (ids[2],)


async def test_one_who_cannot_be_sent_to_is_passed_over_after_a_few_tries(town: Town) -> None:
    await town.subscribe(6)
    take, turns, refused = town.house.turns.take, town.house.turns, "telegram-3"

    async def refusing(inbound: Inbound) -> Taken:
        if inbound.person == refused and isinstance(inbound.event, NewCard):
            raise TurnUnavailable("the conversation kept moving")
        return await take(inbound)

    turns.take = refusing  # type: ignore[method-assign]  # one conversation is stuck
    campaign_id = await town.registrar.begins(1, CARD)
    await town.rounds(RULES.at_most_tries + 4)
    assert sorted(town.told) == sorted(f"telegram-{n}" for n in range(6) if n != 3)
    _, progress = await town.campaign(campaign_id)
    assert (progress["telegram/citizen"].told, progress["telegram/citizen"].missed) == (5, 1)


# --- dying in between ----------------------------------------------------------------------------


@pytest.mark.parametrize("when", ["before the place is kept", "between two turns", "after it"])
async def test_a_death_in_the_middle_sends_to_nobody_twice_and_to_everybody(
    town: Town, when: str
) -> None:
    house = town.house
    await town.subscribe(9)
    campaign_id = await town.registrar.begins(1, CARD)
    take, taken = house.turns.take, 0

    async def dying(inbound: Inbound) -> Taken:
        nonlocal taken
        taken += 1
        if when == "between two turns" and taken == 6:
            raise Killed
        return await take(inbound)

    async def not_kept(at: ProgressRow) -> None:
        raise Killed

    await town.rounds(1)
    house.turns.take = dying  # type: ignore[method-assign]  # a kill, as far as anybody can tell
    taken = 4
    if when == "before the place is kept":
        town.campaigning._save = not_kept  # type: ignore[method-assign]  # the commit never came
    if when == "after it":
        await town.campaigning.send_some("telegram")
    else:
        with pytest.raises((Killed, BaseExceptionGroup)):
            await town.campaigning.send_some("telegram")
    await town.restart()
    await town.post.deliver_due()
    await town.rounds(5)
    assert sorted(town.told) == sorted(f"telegram-{n}" for n in range(9))
    await town.rounds(2, "line")
    await town.rounds(1)
    row, _ = await town.campaign(campaign_id)
    assert row.state is State.DONE


async def test_a_database_that_is_away_delays_and_loses_nobody(town: Town) -> None:
    await town.subscribe(5)
    await town.registrar.begins(1, CARD)
    house = town.house
    commit, is_away = house.db.commit, True

    async def away(work):  # type: ignore[no-untyped-def]  # as the port
        if is_away:
            raise Unavailable("away")
        return await commit(work)

    house.db.commit = away  # type: ignore[method-assign]  # it comes back
    with pytest.raises(Unavailable):
        await town.campaigning.send_some("telegram")
    is_away = False
    await town.rounds(4)
    assert sorted(town.told) == sorted(f"telegram-{n}" for n in range(5))


async def test_a_card_that_comes_in_the_middle_of_a_report_leaves_it_as_it_was(
    town: Town,
) -> None:
    house = town.house
    phone = Phone(house, "telegram-0", "telegram", house.numbers)
    phone.platform, phone.post = town.platform, town.post
    await phone.send(Command("report"))
    await phone.press("bribe")
    before = await phone.ask()
    conversation = house.means.marks.conversation("telegram", "telegram-0")
    house.clock.advance(DAY_S)
    await town.subscribe(1)
    await town.registrar.begins(1, CARD)
    phone.said()
    await town.rounds(2)
    assert phone.said() == ["say.card_new"]
    row = await house.db.read(lambda t: conversations.get(t, conversation))
    assert row is not None
    assert row.touched_day == "2026-11-23"  # sending a card makes no draft younger
    await phone.say("เลย")
    assert (await phone.ask()).question == "agency" != before.question
