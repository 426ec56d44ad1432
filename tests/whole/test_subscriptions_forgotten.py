"""Who asked for new cards: sealed while it lasts, linked to no tip and no conversation, and nothing
leads to them once it is over.

The thief has the server key, the forget store as it is now, an old copy of everything else, and
every account that there might be.
"""

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.campaigning import Campaigning, CampaignRules
from handlers.events import Blocked
from storage.repositories import campaigns
from tests.bot.registrar import Registrar, a_card
from tests.bot.test_campaigning import Month
from tests.bot.test_notices import DAY_S, Town
from tests.bot.turn_house import House
from tests.whole.test_notices_forgotten import ACCOUNT, Scene

CARD = a_card()


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    folder = tmp_path / "deployment"
    folder.mkdir()
    house = await House(folder).open()
    town = Town(house)
    await Registrar(house).publishes(CARD)
    phone = town.phone(ACCOUNT)
    phone.code = await phone.file("เห็นเขาเอาปูนไป")
    await phone.press("noted")
    await phone.say("ความรู้")
    for choice in ("citizen", "subscribe", "agree", "close"):
        await phone.press(choice)
    yield Scene(town, phone, folder, tmp_path)
    await house.close()


async def send(scene: Scene, number: int = 1) -> None:
    """The card is sent to everybody who asked, and delivered."""
    house = scene.town.house
    registrar = Registrar(house)
    await house.db.commit(lambda t: t.execute("DELETE FROM knowledge_card"))
    await registrar.publishes(CARD)
    campaign_id = await registrar.begins(number, CARD)
    rules = CampaignRules(per_s={"line": 20})
    campaigning = Campaigning(
        house.means, house.turns, lambda: house.roster, {"line": Month()}, rules
    )
    for _ in range(3):
        await campaigning.send_some("line")
        assert not any(ACCOUNT.encode() in data for data in scene.on_disk())
        await scene.town.post.deliver_due()
    found = await house.db.read(lambda t: campaigns.get(t, campaign_id))
    assert found is not None
    assert found.state is campaigns.State.DONE


async def test_the_account_lies_nowhere_in_plain_while_cards_are_sent(scene: Scene) -> None:
    assert not any(ACCOUNT.encode() in data for data in scene.on_disk())
    scene.phone.said()
    await send(scene)
    assert scene.phone.said() == ["say.card_new"]
    assert not any(ACCOUNT.encode() in data for data in scene.on_disk())
    assert scene.contacts(scene.copy()) == ["subscription"]  # so the search would find it


async def stops(scene: Scene) -> None:
    await scene.phone.say("หยุดแจ้งเตือน")


async def blocks(scene: Scene) -> None:
    await scene.phone.send(Blocked())


async def grows_old(scene: Scene) -> None:
    scene.town.house.clock.advance(366 * DAY_S)
    await scene.town.upkeep.once()


@pytest.mark.parametrize("end", [stops, blocks, grows_old], ids=lambda end: str(end.__name__))
async def test_once_it_is_over_neither_this_copy_nor_an_old_one_opens_to_the_account(
    scene: Scene, end: Callable[[Scene], Awaitable[None]]
) -> None:
    old, old_store = scene.copy(), scene.store()
    assert scene.contacts(old) == ["subscription"]  # not over yet: the thief is able
    await end(scene)
    assert scene.contacts(old) == []
    assert scene.contacts(scene.copy()) == []
    assert scene.contacts(old, old_store) == ["subscription"]  # so the store is what matters


async def test_no_byte_of_the_contact_is_left_after_the_log_is_truncated(scene: Scene) -> None:
    house = scene.town.house
    ((contact,),) = await house.db.read(lambda t: t.rows("SELECT contact FROM subscription"))
    pieces = [contact[at : at + 40] for at in range(16, len(contact) - 40, 80)]
    assert any(scene.copy().holds(piece) for piece in pieces)
    await stops(scene)
    await house.db.truncate_log()
    assert not any(scene.copy().holds(piece) for piece in pieces)


async def test_a_subscription_says_nothing_of_a_tip_while_everything_opens(scene: Scene) -> None:
    """The thief opens all there is, the subscription too: none of it names a tip, and the tip, its
    parts and its grants name nothing of the subscription."""
    house = scene.town.house
    tip_id = await scene.town.tip_id()
    ((subscription_id, key_id),) = await house.db.read(
        lambda t: t.rows("SELECT subscription_id, key_id FROM subscription")
    )
    for loot in scene.loot(scene.copy()):
        if loot.what.startswith("subscription"):
            assert tip_id.encode() not in loot.plain
        else:
            assert subscription_id.encode() not in loot.plain
            assert key_id.encode() not in loot.plain
    others = await house.db.read(
        lambda t: [
            value
            for table in ("tip", "part", "tip_grant", "change", "conversation", "seen")
            for row in t.rows(f"SELECT * FROM {table}")  # noqa: S608  # our own tables
            for value in row
        ]
    )
    for value in (subscription_id, key_id):
        assert value not in others
        assert bytes.fromhex(value) not in others


async def test_the_mark_of_having_been_sent_a_card_cannot_be_tried_out_against_accounts(
    scene: Scene,
) -> None:
    """Marks outlive the subscription by days. Were an event named after what lies open in the
    database, whoever has the server key could ask of each account whether it was sent a card."""
    house = scene.town.house
    before = await house.db.read(lambda t: t.rows("SELECT mark FROM seen"))
    await send(scene)
    open_to_all = {
        value
        for (value,) in await house.db.read(
            lambda t: t.rows(
                "SELECT campaign_id FROM campaign UNION SELECT card_id FROM campaign"
                " UNION SELECT subscription_id FROM subscription"
                " UNION SELECT key_id FROM subscription"
            )
        )
    }
    await stops(scene)
    marks = await house.db.read(lambda t: t.rows("SELECT mark FROM seen"))
    assert len(marks) > len(before)  # it was sent, and that is marked
    names = [*open_to_all, *("".join(pair) for pair in itertools.product(open_to_all, repeat=2))]
    tried = {
        (house.means.marks.event("line", ACCOUNT, f"{prefix}{name}"),)
        for name in names
        for prefix in ("", "card:")
    }
    assert not tried & set(marks)


async def test_a_campaign_that_is_over_names_nobody(scene: Scene) -> None:
    house = scene.town.house
    ((subscription_id,),) = await house.db.read(
        lambda t: t.rows("SELECT subscription_id FROM subscription")
    )
    await send(scene)
    rows = await house.db.read(
        lambda t: t.rows("SELECT * FROM campaign") + t.rows("SELECT * FROM campaign_progress")
    )
    assert rows
    assert not any(subscription_id in row for row in rows)
