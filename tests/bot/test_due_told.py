"""By when a person hears, when they come back: the real day of the centre that has their tip."""

from bot.clock import day_of, today
from handlers.clocks import Lengths
from handlers.effects import Say
from storage.repositories import clocks, tips
from storage.repositories.tips import Status
from tests.bot.turn_house import House

DAY_S = 24 * 3600.0
LENGTHS = {"kkn": Lengths(5, 15, 90, 7), clocks.OTHERS: Lengths(7, 15, 90, 7)}


async def comes_back(house: House, receipt: str, name: str) -> list[tuple[str, str]]:
    """What is said about the day, and which day."""
    person = house.person(name)
    await person.press("follow")
    await person.say(receipt)
    said = [each for each in (await person.screen()).intents if isinstance(each, Say)]
    return [
        (each.key, str(getattr(each.params.get("due"), "iso", "")))
        for each in said
        if each.key.startswith("say.due")
    ]


async def test_the_day_is_the_centres_and_late_is_said_to_be_late(house: House) -> None:
    await house.db.commit(lambda t: clocks.put_lengths(t, LENGTHS))
    receipt = await house.person().file("เรื่อง")
    (tip_id,) = await house.tip_ids()
    due = day_of(house.clock.now_s() + 5 * DAY_S).isoformat()
    assert await comes_back(house, receipt, "in time") == [("say.due", due)]
    house.clock.advance(6 * DAY_S)
    assert await comes_back(house, receipt, "late") == [("say.due_over", due)]
    day = today(house.clock).isoformat()
    await house.db.commit(lambda t: tips.escalate(t, tip_id, to_centre="region", day=day))
    told = await comes_back(house, receipt, "climbed")
    assert told == [("say.due_over", due), ("say.due_climbed", "")]


async def test_a_closed_tip_and_a_server_without_clocks_say_no_day(house: House) -> None:
    receipt = await house.person().file("เรื่อง")
    assert await comes_back(house, receipt, "no clocks") == []
    await house.db.commit(lambda t: clocks.put_lengths(t, LENGTHS))
    assert len(await comes_back(house, receipt, "clocks now")) == 1
    (tip_id,) = await house.tip_ids()
    day = today(house.clock).isoformat()
    await house.db.commit(
        lambda t: tips.set_status(
            t, tip_id, "officer", 1, status=Status.CLOSED, day=day, part_id="ab" * 16,
            signature=None,
        )
    )  # fmt: skip
    assert await comes_back(house, receipt, "closed") == []
