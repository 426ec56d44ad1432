"""More time for a tip, by the desk: signed, told to the reporter, and bounded."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from desk_room import (
    LONGEST_EXTENSION_DAYS,
    Room,
    a_room,
    an_id,
    b64,
    enrolled,
    next_roster,
)

from sealing import Role
from storage.repositories import tips
from storage.repositories.tips import Status

DAY_S = 24 * 3600.0


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as opened:
        yield opened


def after(room: Room, days: int) -> str:
    return (date.fromisoformat(room.day) + timedelta(days=days)).isoformat()


async def test_an_extension_is_reason_sentence_change_and_day_at_once(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    await hand.claim(tip_id, 1)
    assert (await hand.get("/tips")).json()["tips"][0]["due_day"] == after(room, 7)
    until = after(room, 20)
    answer = await hand.extend(tip_id, 2, until)
    assert (answer.status_code, answer.json()) == (200, {"version": 3})
    tip = (await hand.get(f"/tips/{tip_id}")).json()
    assert tip["due_day"] == until
    assert [part["kind"] for part in tip["parts"][-2:]] == ["note", "status"]
    assert [part["sealed_to"] for part in tip["parts"][-2:]] == ["case", "reply"]
    change = tip["changes"][-1]
    assert (change["kind"], change["until_day"]) == ("extend", until)
    assert change["part_id"] == tip["parts"][-1]["part_id"]
    assert tip["status"] == "received"


async def test_a_day_that_gives_no_time_or_too_much_is_refused(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    longest = 7 + LONGEST_EXTENSION_DAYS
    for days, error in ((7, "no_time"), (-1, "no_time"), (longest + 1, "too_much_time")):
        answer = await hand.extend(tip_id, 1, after(room, days))
        assert (answer.status_code, answer.json()["error"]) == (422, error)
    assert len((await hand.get(f"/tips/{tip_id}")).json()["parts"]) == 1
    assert (await hand.extend(tip_id, 1, after(room, longest))).status_code == 200


async def test_an_overdue_tip_is_extended_from_today(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    room.clock.advance(100 * DAY_S)
    hand.day = room.day
    await hand.sign_in()
    assert (await hand.extend(tip_id, 1, after(room, -10))).json()["error"] == "no_time"
    too_far = await hand.extend(tip_id, 1, after(room, LONGEST_EXTENSION_DAYS + 1))
    assert too_far.json()["error"] == "too_much_time"
    assert (await hand.extend(tip_id, 1, after(room, LONGEST_EXTENSION_DAYS))).status_code == 200


async def test_a_tip_without_a_clock_gets_no_time(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    await room.database.commit(
        lambda t: tips.set_status(
            t, tip_id, hand.id, 1, status=Status.CLOSED, day=room.day, part_id=an_id(),
            signature=None,
        )
    )  # fmt: skip
    assert (await hand.extend(tip_id, 2, after(room, 20))).json()["error"] == "no_clock"


async def test_only_the_holder_extends_and_nobody_who_cannot_see_it(room: Room) -> None:
    tip_id = await room.file()
    await room["Somchai"].claim(tip_id, 1)
    held = await room["Malee"].extend(tip_id, 2, after(room, 20))
    assert (held.status_code, held.json()["claimed_by"]) == (409, room["Somchai"].id)
    room["Prasit"].overheard = room["Somchai"]
    stranger = await room["Prasit"].extend(tip_id, 2, after(room, 20))
    assert (stranger.status_code, stranger.json()["error"]) == (404, "not_found")


async def test_a_signature_is_for_this_day_this_version_and_this_sentence(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    forged: tuple[dict[str, object], ...] = (
        {"until_day": after(room, 21)},
        {"version": 2},
        {"signature": b64(bytes(64))},
        {"day": after(room, 1)},
    )
    for changed in forged:
        answer = await hand.extend(tip_id, 1, after(room, 20), **changed)
        assert (answer.status_code, answer.json()["error"]) == (403, "signature"), changed
    other = await hand.part(tip_id, "อย่างอื่น", "status")  # type: ignore[arg-type]  # as JSON has it
    assert (await hand.extend(tip_id, 1, after(room, 20), sentence=other)).status_code == 403
    assert (await hand.extend(tip_id, 1, "2026-02-30")).status_code == 422


async def test_of_two_extensions_of_one_version_one_wins(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    assert (await hand.extend(tip_id, 1, after(room, 20))).status_code == 200
    again = await hand.extend(tip_id, 1, after(room, 20))
    assert (again.status_code, again.json()["error"]) == (409, "moved")


async def test_the_tree_says_each_centres_clocks(room: Room) -> None:
    told = (await room["Malee"].get("/centres")).json()
    assert told["longest_extension_days"] == LONGEST_EXTENSION_DAYS
    (centre,) = (each for each in told["centres"] if each["id"] == "khonkaen")
    assert centre["clocks"] == {
        "acknowledge_days": 7,
        "screening_days": 15,
        "feedback_days": 90,
        "warn_days": 3,
    }


async def test_above_a_tip_is_read_once_it_has_climbed(room: Room) -> None:
    tip_id, above = await room.file(), room["Anong"]
    assert (await above.get(f"/tips/{tip_id}")).status_code == 404
    await room.database.commit(lambda t: tips.escalate(t, tip_id, to_centre="region", day=room.day))
    tip = (await above.get(f"/tips/{tip_id}")).json()
    assert (tip["centre"], tip["changes"][-1]["kind"]) == ("khonkaen", "escalate")
    assert (await above.claim(tip_id, 2)).status_code == 200


async def test_a_lead_of_the_centre_extends_what_a_colleague_holds(room: Room) -> None:
    tip_id = await room.file()
    await room["Somchai"].claim(tip_id, 1)
    promoted = tuple(
        enrolled(room["Malee"].keys, "khonkaen", roles=(Role.LEAD,)) if o.name == "Malee" else o
        for o in room.roster.officers
    )
    room.rosters.append(next_roster(room.roster, promoted))
    assert (await room["Malee"].extend(tip_id, 2, after(room, 20))).status_code == 200
    tip = (await room["Somchai"].get(f"/tips/{tip_id}")).json()
    assert (tip["claimed_by_name"], tip["due_day"]) == ("Somchai", after(room, 20))
