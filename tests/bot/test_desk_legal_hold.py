"""Legal hold at the desk: who may, what it leaves, and what is said of a tip that was destroyed."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from desk_room import Room, a_room, an_id, b64
from test_desk_assigning import put
from test_desk_withdrawing import making

from handlers.retention import Rule
from sealing import Kind, Role, TipKind
from storage.repositories import expiry, shredding, tips
from storage.repositories.tips import Status

CLOSED_DAYS, NOTICE_DAYS = 100, 14


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """As `a_room`, with Anong a lead of Khon Kaen and of nothing else."""
    async with a_room(tmp_path) as opened:
        put(opened, "Anong", "khonkaen", roles=(Role.LEAD,))
        rule = Rule(CLOSED_DAYS, 0, NOTICE_DAYS)
        await opened.database.commit(lambda t: expiry.put_rule(t, rule))
        for name in ("Anong", "Malee", "Somchai", "Prasit"):
            await opened[name].sign_in()
        yield opened


def after(room: Room, days: int) -> str:
    return (date.fromisoformat(room.day) + timedelta(days=days)).isoformat()


async def close(room: Room, tip_id: str, version: int) -> None:
    await room.database.commit(
        lambda t: tips.set_status(
            t, tip_id, room["Malee"].id, version, status=Status.CLOSED, day=room.day,
            part_id=an_id(), signature=b"s" * 64,
        )
    )  # fmt: skip


async def test_a_hold_is_a_reason_a_signed_change_and_no_day_of_destruction(room: Room) -> None:
    tip_id, anong = await room.file(), room["Anong"]
    await close(room, tip_id, 1)
    assert (await anong.get(f"/tips/{tip_id}")).json()["expire_day"] == after(room, CLOSED_DAYS)
    answer = await anong.set_held(tip_id, 2, is_held=True)
    assert (answer.status_code, answer.json()) == (200, {"version": 3})
    tip = (await anong.get(f"/tips/{tip_id}")).json()
    assert (tip["is_held"], tip["expire_day"], tip["status"]) == (True, None, "closed")
    note, change = tip["parts"][-1], tip["changes"][-1]
    assert (note["kind"], note["sealed_to"]) == ("note", "case")
    assert (change["kind"], change["part_id"]) == ("hold", note["part_id"])
    (listed,) = (await anong.get("/tips")).json()["tips"]
    assert (listed["is_held"], listed["expire_day"]) == (True, None)
    assert (await anong.set_held(tip_id, 3, is_held=False)).status_code == 200
    tip = (await anong.get(f"/tips/{tip_id}")).json()
    assert (tip["is_held"], tip["expire_day"]) == (False, after(room, CLOSED_DAYS))


async def test_lifted_after_its_time_it_is_not_destroyed_that_night(room: Room) -> None:
    tip_id, anong = await room.file(), room["Anong"]
    await anong.set_held(tip_id, 1, is_held=True)
    await close(room, tip_id, 2)
    room.clock.advance(500 * 24 * 3600.0)
    anong.day = room.day
    await anong.sign_in()
    assert (await anong.set_held(tip_id, 3, is_held=False)).status_code == 200
    tip = (await anong.get(f"/tips/{tip_id}")).json()
    assert tip["expire_day"] == after(room, NOTICE_DAYS)


async def test_an_officer_who_is_no_lead_may_not_where_there_is_one(room: Room) -> None:
    tip_id = await room.file()
    refused = await room["Malee"].set_held(tip_id, 1, is_held=True)
    assert (refused.status_code, refused.json()["error"]) == (403, "not_lead")
    put(room, "Anong")  # nobody leads the centre any more
    assert (await room["Malee"].set_held(tip_id, 1, is_held=True)).status_code == 200


async def test_who_cannot_see_the_tip_cannot_hold_it(room: Room) -> None:
    tip_id = await room.file()
    room["Prasit"].overheard = room["Anong"]
    put(room, "Prasit", "loei", roles=(Role.LEAD,))
    await room["Prasit"].sign_in()
    stranger = await room["Prasit"].set_held(tip_id, 1, is_held=True)
    assert (stranger.status_code, stranger.json()["error"]) == (404, "not_found")
    assert not (await room["Anong"].get(f"/tips/{tip_id}")).json()["is_held"]


async def test_an_application_is_held_by_its_registrar(room: Room) -> None:
    tip_id = await room.file(kind=TipKind.APPLICATION)
    await room["Rattana"].sign_in()
    assert (await room["Rattana"].set_held(tip_id, 1, is_held=True)).status_code == 200


async def test_a_signature_is_for_this_version_this_reason_and_this_deed(room: Room) -> None:
    tip_id, anong = await room.file(), room["Anong"]
    other = await anong.part(tip_id, "อย่างอื่น", Kind.NOTE)
    forged: tuple[dict[str, object], ...] = (
        {"version": 2}, {"signature": b64(bytes(64))}, {"day": after(room, 1)}, {"reason": other},
    )  # fmt: skip
    for changed in forged:
        answer = await anong.set_held(tip_id, 1, is_held=True, **changed)
        assert (answer.status_code, answer.json()["error"]) == (403, "signature"), changed
    held = await anong.set_held(tip_id, 1, is_held=True)
    assert held.status_code == 200
    # What was signed to hold it does not lift the hold.
    tip = (await anong.get(f"/tips/{tip_id}")).json()
    signature = tip["changes"][-1]["signature"]
    lifted = await anong.set_held(tip_id, 2, is_held=False, signature=signature)
    assert lifted.json()["error"] == "signature"


async def test_twice_is_refused_and_of_two_one_wins(room: Room) -> None:
    tip_id, anong = await room.file(), room["Anong"]
    assert (await anong.set_held(tip_id, 1, is_held=False)).json()["error"] == "not_held"
    assert (await anong.set_held(tip_id, 1, is_held=True)).status_code == 200
    late = await anong.set_held(tip_id, 1, is_held=True)
    assert (late.status_code, late.json()["error"]) == (409, "moved")
    assert (await anong.set_held(tip_id, 2, is_held=True)).json()["error"] == "held_already"


async def test_a_tip_with_new_keys_is_held_like_any(room: Room) -> None:
    tip_id, anong = await room.file(), room["Anong"]
    await room["Malee"].claim(tip_id, 1)
    withdrawn = await (await making(room, tip_id, "Malee", "Somchai")).send(2)
    assert withdrawn.status_code == 200
    assert (await anong.set_held(tip_id, 3, is_held=True)).status_code == 200


async def test_of_a_destroyed_tip_the_desk_says_when_and_shows_what_was_signed(room: Room) -> None:
    tip_id, anong = await room.file(), room["Anong"]
    await anong.set_held(tip_id, 1, is_held=True)
    await anong.set_held(tip_id, 2, is_held=False)
    await close(room, tip_id, 3)
    changes = (await anong.get(f"/tips/{tip_id}")).json()["changes"]
    await room.database.commit(lambda t: shredding.shred(t, tip_id, day="2027-05-05"))
    answer = await anong.get(f"/tips/{tip_id}")
    assert (answer.status_code, answer.json()["error"]) == (410, "shredded")
    assert answer.json()["day"] == "2027-05-05"
    assert answer.json()["changes"] == changes[1:]
    assert (await anong.claim(tip_id, 4)).status_code == 404
    assert (await anong.get(f"/tips/{an_id()}")).status_code == 404
