"""The reporter's word on an ending: said once, in time, and whoever was first."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from bot.clock import today
from bot.closures import ENDS, Reopening, Said, closure
from bot.means import TurnRules
from bot.outbox import Outbox
from bot.telling import Telling
from handlers.events import Choice
from sealing import Role
from storage.repositories import grants, notices, queue, tips
from storage.repositories.tips import ChangeKind, Status
from tests.bot.phone import Officer, Phone, Platform
from tests.bot.test_following import following, said
from tests.bot.turn_house import SOMCHAI, House, Person

DAY_S = 24 * 3600.0


async def ended(house: House, status: str = "closed") -> tuple[str, str]:
    """A tip that its holder ended; its id and receipt."""
    receipt = await house.person("teller").file("เห็นเขาเอาปูนไป")
    (tip_id,) = await house.tip_ids()
    await claimed(house, tip_id)
    await Officer(house).set_status(tip_id, status)
    return tip_id, receipt


async def claimed(house: House, tip_id: str) -> None:
    how: Any = {"day": "2026-11-23", "signature": None}
    await house.db.commit(lambda t: tips.claim(t, tip_id, SOMCHAI.id, 1, **how))


async def reopens(person: Person, *words: str) -> None:
    await person.press("reopen")
    for each in words:
        await person.say(each)
    await person.press("done")


async def kinds(house: House, tip_id: str) -> list[ChangeKind]:
    changes = await house.db.read(lambda t: tips.changes(t, tip_id))
    return [change.kind for change in changes if change.kind is not ChangeKind.CLAIM]


async def tip_of(house: House, tip_id: str) -> Any:
    return await house.db.read(lambda t: tips.get(t, tip_id))


async def says(person: Person) -> list[str]:
    return said((await person.screen()).intents)


@pytest.mark.parametrize("status", sorted(ENDS))
async def test_whoever_comes_back_to_an_ended_tip_is_asked_first(house: House, status: str) -> None:
    _, receipt = await ended(house, status)
    ask = await (await following(house, receipt)).ask()
    assert ask.question == "closing"
    assert ask.key == ("ask.closing" if status == "closed" else "ask.closing_declined")
    assert [option.id for option in ask.choices][:3] == ["confirm", "reopen", "later"]


@pytest.mark.parametrize("status", sorted(set(Status) - ENDS - {Status.RECEIVED}))
async def test_nobody_is_asked_about_a_tip_that_goes_on(house: House, status: str) -> None:
    _, receipt = await ended(house, status)
    person = await following(house, receipt)
    assert (await person.ask()).question == "next"
    assert "reopen" not in [option.id for option in (await person.ask()).choices]


async def test_confirming_is_one_change_and_no_more_asked(house: House) -> None:
    tip_id, receipt = await ended(house)
    before = await tip_of(house, tip_id)
    person = await following(house, receipt)
    await person.press("confirm")
    assert "confirmed" in await says(person)
    assert await kinds(house, tip_id) == [ChangeKind.STATUS, ChangeKind.CONFIRM]
    after = await tip_of(house, tip_id)
    assert (after.status, after.version) == (Status.CLOSED, before.version + 1)
    back = await following(house, receipt, "another phone")
    assert (await back.ask()).question == "next"
    assert "closing_confirmed" in await says(back)


async def test_reopening_puts_the_tip_in_progress_and_why_is_sealed_with_the_case(
    house: House,
) -> None:
    tip_id, receipt = await ended(house)
    before = await tip_of(house, tip_id)
    person = await following(house, receipt)
    await person.press("reopen")
    await person.say("เขายังทำอยู่")
    await person.send_file(b"picture" * 99)
    await person.press("done")
    assert "reopened" in await says(person)
    after = await tip_of(house, tip_id)
    assert (after.status, after.status_day) == (Status.IN_PROGRESS, "2026-11-23")
    assert (after.version, after.claimed_by) == (before.version + 1, SOMCHAI.id)
    change = (await house.db.read(lambda t: tips.changes(t, tip_id)))[-1]
    assert (change.kind, change.status) == (ChangeKind.REOPEN, Status.IN_PROGRESS)
    assert (change.officer, change.signature) == (None, None)
    parts = {part.part_id: part for part in await house.read_as(SOMCHAI, tip_id)}
    assert parts[change.part_id or ""].words == "เขายังทำอยู่"
    assert [part.question for part in parts.values()][-2:] == ["reopen", "reopen"]
    grant = await house.db.read(lambda t: grants.held_by(t, tip_id, SOMCHAI.id))
    assert grant is not None
    page = await house.db.read(lambda t: queue.page(t, SOMCHAI.id, statuses=(Status.IN_PROGRESS,)))
    assert [listing.tip_id for listing in page.listings] == [tip_id]
    back = await following(house, receipt, "another phone")
    assert (await back.ask()).question == "next"


async def test_nothing_is_reopened_without_a_word_of_why(house: House) -> None:
    tip_id, receipt = await ended(house)
    person = await following(house, receipt)
    await person.press("reopen")
    await person.press("done")
    assert "reopen_needs_why" in await says(person)
    assert (await person.ask()).question == "reopen"
    assert await kinds(house, tip_id) == [ChangeKind.STATUS]


async def test_a_tap_that_is_delivered_again_does_nothing(house: House) -> None:
    tip_id, receipt = await ended(house)
    person = await following(house, receipt)
    await person.press("reopen")
    await person.say("ยังไม่จบ เขายังทำอยู่")
    done = Choice((await person.ask()).screen, "done")
    await asyncio.gather(*(person.send(done, "the same tap") for _ in range(3)))
    await person.send(done, "pressed again")
    assert await kinds(house, tip_id) == [ChangeKind.STATUS, ChangeKind.REOPEN]


async def test_two_phones_at_the_same_moment_reopen_once_and_no_word_is_lost(
    house: House,
) -> None:
    tip_id, receipt = await ended(house)
    people = [await following(house, receipt, f"phone {n}") for n in range(4)]
    await asyncio.gather(*(reopens(each, f"เหตุผลที่ {n}") for n, each in enumerate(people)))
    assert await kinds(house, tip_id) == [ChangeKind.STATUS, ChangeKind.REOPEN]
    heard = [key for each in people for key in await says(each)]
    assert heard.count("reopened") == 1
    assert heard.count("reopen_moved") == len(people) - 1
    words = {part.words for part in await house.read_as(SOMCHAI, tip_id)}
    assert {f"เหตุผลที่ {n}" for n in range(4)} <= words
    assert {(await each.ask()).question for each in people} == {"next"}


async def test_a_yes_and_a_no_at_the_same_moment_end_with_the_tip_open(house: House) -> None:
    tip_id, receipt = await ended(house)
    no = await following(house, receipt, "no")
    yes = await following(house, receipt, "yes")
    await no.press("reopen")
    await no.say("ยังไม่จบ เขายังทำอยู่")
    await asyncio.gather(no.press("done"), yes.press("confirm"))
    assert (await tip_of(house, tip_id)).status is Status.IN_PROGRESS
    assert (await kinds(house, tip_id)).count(ChangeKind.REOPEN) == 1
    assert {"confirmed", "confirm_moved"} & set(await says(yes))


async def test_who_confirmed_may_think_again(house: House) -> None:
    tip_id, receipt = await ended(house)
    person = await following(house, receipt)
    await person.press("confirm")
    await reopens(person, "เขาเอาไปอีกแล้ว")
    wanted = [ChangeKind.STATUS, ChangeKind.CONFIRM, ChangeKind.REOPEN]
    assert await kinds(house, tip_id) == wanted


async def test_a_new_ending_is_asked_about_anew(house: House) -> None:
    tip_id, receipt = await ended(house)
    await (await following(house, receipt)).press("confirm")
    await Officer(house).set_status(tip_id, "in_progress")
    await Officer(house).set_status(tip_id, "closed")
    assert (await (await following(house, receipt, "later")).ask()).question == "closing"


async def test_an_officer_who_opened_it_first_leaves_nobody_stuck(house: House) -> None:
    tip_id, receipt = await ended(house)
    confirming = await following(house, receipt, "yes")
    reopening = await following(house, receipt, "no")
    await reopening.press("reopen")
    await reopening.say("ยังไม่จบ เขายังทำอยู่")
    await Officer(house).set_status(tip_id, "screening")
    await confirming.press("confirm")
    await reopening.press("done")
    assert "confirm_moved" in await says(confirming)
    assert "reopen_moved" in await says(reopening)
    assert (await tip_of(house, tip_id)).status is Status.SCREENING
    for each in (confirming, reopening):
        assert (await each.ask()).question == "next"
    assert "ยังไม่จบ เขายังทำอยู่" in {p.words for p in await house.read_as(SOMCHAI, tip_id)}


async def test_after_the_last_day_words_still_reach_officers(house: House) -> None:
    tip_id, receipt = await ended(house)
    early = await following(house, receipt, "early")
    house.clock.advance(30 * DAY_S)
    assert (await (await following(house, receipt, "last day")).ask()).question == "closing"
    await early.press("reopen")
    await early.say("คิดอยู่นาน")
    house.clock.advance(DAY_S)
    await early.press("done")
    assert "reopen_late" in await says(early)
    late = await following(house, receipt, "late")
    assert "closing_late" in await says(late)
    await late.say("วันนี้เห็นอีก")
    assert await kinds(house, tip_id) == [ChangeKind.STATUS]
    words = [part.words for part in await house.read_as(SOMCHAI, tip_id)]
    assert words[-2:] == ["คิดอยู่นาน", "วันนี้เห็นอีก"]


async def test_it_is_reopened_so_many_times_and_no_more(house: House) -> None:
    tip_id, receipt = await ended(house)
    for time in range(house.means.rules.reopening.times):
        await reopens(await following(house, receipt, f"time {time}"), f"ครั้งที่ {time}")
        await Officer(house).set_status(tip_id, "closed")
    assert "closing_late" in await says(await following(house, receipt, "once more"))


async def test_how_long_and_how_often_is_a_rule(house: House) -> None:
    tip_id, _ = await ended(house)
    day = today(house.clock)

    def may_say(rule: Reopening) -> Any:
        return house.db.read(lambda t: closure(t, tips.get(t, tip_id), rule, day))  # type: ignore[arg-type]

    assert await may_say(Reopening(days=1, times=1)) == "open"
    assert await may_say(Reopening(days=1, times=0)) == "late"


async def test_an_application_to_join_is_not_asked_about(house: House) -> None:
    tip_id, receipt = await ended(house, "declined")
    role = Role.REGISTRAR.value
    await house.db.commit(
        lambda t: t.execute("UPDATE tip_grant SET role = ? WHERE tip_id = ?", (role, tip_id))
    )
    assert (await (await following(house, receipt)).ask()).question == "next"


async def told_of_the_ending(house: House) -> list[str]:
    """What somebody who asked to be told reads once their tip was closed."""
    phone = Phone(house, "U-secret", "line", house.numbers)
    phone.platform = Platform()
    phone.post = post = Outbox(house.means, house.turns, house.screens, {"line": phone.platform})
    await phone.file("เห็นเขาเอาปูนไป")
    await phone.agree()
    await phone.press("noted")
    phone.said()
    (tip_id,) = await house.tip_ids()
    telling = Telling(house.means, house.turns)
    await claimed(house, tip_id)
    await Officer(house, telling.ring).set_status(tip_id, "closed")
    for _ in range(2):
        await telling.tell_due()
        await post.deliver_due()
    assert await house.db.read(notices.count) == 0
    return [key for key in phone.said() if key.startswith("say.news")]


async def test_who_asked_to_be_told_is_told_of_the_ending_once_and_forgotten(
    house: House,
) -> None:
    assert await told_of_the_ending(house) == ["say.news_last"]


async def test_nobody_is_promised_a_reopening_that_there_is_not(tmp_path: Path) -> None:
    house = await House(tmp_path, rules=TurnRules(reopening=Reopening(times=0))).open()
    try:
        assert await told_of_the_ending(house) == ["say.news"]
    finally:
        await house.close()


def test_words_of_a_no_are_in_no_repr() -> None:
    assert "ab" * 16 not in repr(Said("ab" * 16, 3, "ab" * 16))
