"""Giving tips to colleagues: by leads and holders, to who can open them, and one wins."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk_room import Room, a_room, enrolled, next_roster

from sealing import Role


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """As `a_room`, with Anong a lead of Khon Kaen and of nothing else."""
    async with a_room(tmp_path) as opened:
        put(opened, "Anong", "khonkaen", roles=(Role.LEAD,))
        yield opened


def put(room: Room, name: str, *centres: str, roles: tuple[Role, ...] = (Role.OFFICER,)) -> None:
    """A new roster in which *name* stands so; without centres and roles, not at all."""
    others = tuple(officer for officer in room.roster.officers if officer.name != name)
    mine = (enrolled(room[name].keys, *centres, roles=roles),) if centres else ()
    room.rosters.append(next_roster(room.roster, (*others, *mine)))


async def holder(room: Room, tip_id: str) -> str | None:
    tip = (await room["Anong"].get(f"/tips/{tip_id}")).json()
    return tip["claimed_by_name"]


async def test_a_lead_gives_a_tip_to_an_officer_takes_it_and_gives_it_on(room: Room) -> None:
    tip_id, anong = await room.file(), room["Anong"]
    given = await anong.assign(tip_id, 1, room["Malee"].id)
    assert (given.status_code, given.json()["claimed_by_name"]) == (200, "Malee")
    assert (await anong.assign(tip_id, 2, anong.id)).status_code == 200
    assert await holder(room, tip_id) == "Anong"
    assert (await anong.assign(tip_id, 3, room["Somchai"].id)).json()["version"] == 4
    changes = (await anong.get(f"/tips/{tip_id}")).json()["changes"]
    assert [(each["kind"], each["to_officer"]) for each in changes] == [
        ("assign", room["Malee"].id),
        ("assign", anong.id),
        ("assign", room["Somchai"].id),
    ]
    assert (await room["Somchai"].say(tip_id, "สวัสดี")).status_code == 201


async def test_who_holds_a_tip_hands_it_over_and_nobody_else_does(room: Room) -> None:
    tip_id, somchai, malee = await room.file(), room["Somchai"], room["Malee"]
    for version, claimed in ((1, False), (2, True)):
        if claimed:
            assert (await somchai.claim(tip_id, 1)).status_code == 200
        refused = await malee.assign(tip_id, version, malee.id)
        assert (refused.status_code, refused.json()["error"]) == (403, "not_lead")
    assert (await somchai.assign(tip_id, 2, malee.id)).status_code == 200
    assert await holder(room, tip_id) == "Malee"


async def test_a_lead_of_another_centre_is_a_guest_like_any(room: Room) -> None:
    tip_id = await room.file()
    put(room, "Prasit", "loei", roles=(Role.LEAD,))
    somchai, prasit = room["Somchai"], room["Prasit"]
    assert (await prasit.assign(tip_id, 1, prasit.id)).status_code == 404
    let_in = await somchai.post(f"/tips/{tip_id}/grants", room.grant_by(somchai, prasit, tip_id))
    assert let_in.status_code == 201
    assert (await prasit.assign(tip_id, 1, prasit.id)).status_code == 403


async def test_a_tip_goes_only_to_who_can_open_it(room: Room) -> None:
    tip_id, anong = await room.file(), room["Anong"]
    for name in ("Prasit", "Admin", "Rattana"):
        refused = await anong.assign(tip_id, 1, room[name].id)
        assert (refused.status_code, refused.json()["error"]) == (422, "cannot_open")
    assert (await anong.assign(tip_id, 1, "f" * 32)).status_code == 422
    assert (await room["Somchai"].claim(tip_id, 1)).status_code == 200
    again = await anong.assign(tip_id, 2, room["Somchai"].id)
    assert (again.status_code, again.json()["error"]) == (422, "holds_it")


async def test_one_who_left_is_given_nothing_and_what_they_held_is_given_on(room: Room) -> None:
    tip_id, malee = await room.file(), room["Malee"]
    assert (await room["Somchai"].claim(tip_id, 1)).status_code == 200
    put(room, "Somchai")
    assert (await room["Anong"].assign(tip_id, 2, room["Somchai"].id)).status_code == 422
    assert (await malee.assign(tip_id, 2, malee.id)).status_code == 200
    assert await holder(room, tip_id) == "Malee"


@pytest.mark.parametrize("changed", ["tip", "version", "officer", "to", "signature"])
async def test_a_signature_over_anything_else_gives_nothing(room: Room, changed: str) -> None:
    tip_id, other, anong = await room.file(), await room.file(), room["Anong"]
    said = anong.assigned(tip_id, 1, room["Malee"].id)
    path = f"/tips/{other if changed == 'tip' else tip_id}/assign"
    hand = room["Somchai"] if changed == "officer" else anong
    said |= {
        "version": {"version": 2},
        "to": {"to_officer": room["Somchai"].id},
        "signature": {"signature": "A" * 86 + "=="},
    }.get(changed, {})
    refused = await hand.post(path, said)
    assert (refused.status_code, refused.json()["error"]) == (403, "signature")
    assert await holder(room, tip_id) is None


async def test_the_same_assignment_again_is_told_that_it_came_late(room: Room) -> None:
    tip_id, anong = await room.file(), room["Anong"]
    said = anong.assigned(tip_id, 1, room["Malee"].id)
    assert (await anong.post(f"/tips/{tip_id}/assign", said)).status_code == 200
    again = await anong.post(f"/tips/{tip_id}/assign", said)
    assert (again.status_code, again.json()["claimed_by_name"]) == (409, "Malee")


async def test_of_a_claim_and_an_assignment_one_wins_and_the_other_is_told_who(room: Room) -> None:
    tip_id, malee = await room.file(), room["Malee"]
    answers = await asyncio.gather(
        room["Somchai"].claim(tip_id, 1), room["Anong"].assign(tip_id, 1, malee.id)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert lost.json()["claimed_by_name"] == won.json()["claimed_by_name"]


async def test_a_moved_tip_is_taken_up_by_being_given_to_somebody(room: Room) -> None:
    """As by a claim: from then on it is withheld from the centre that it left."""
    tip_id, somchai = await room.file(), room["Somchai"]
    put(room, "Wichai", "loei", roles=(Role.LEAD,))
    readers = (room.roster.officer(room[name].id) for name in ("Prasit", "Wichai"))
    moved = await somchai.move(tip_id, 1, "loei", room.tip_keys[tip_id], *filter(None, readers))
    assert moved.status_code == 200, moved.text
    stays = await room["Wichai"].assign(tip_id, 2, somchai.id)
    assert (stays.status_code, stays.json()["error"]) == (422, "cannot_open")
    assert (await somchai.assign(tip_id, 2, somchai.id)).status_code == 403
    assert (await room["Wichai"].assign(tip_id, 2, room["Prasit"].id)).status_code == 200
    assert (await somchai.get(f"/tips/{tip_id}")).status_code == 410
