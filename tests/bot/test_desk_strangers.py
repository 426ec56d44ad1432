"""Whoever may not see a tip does nothing to it, however rightly they sign, whatever they know."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest
from desk_room import Hand, Room, a_room
from test_desk_handing_over import hands_over
from test_desk_openings import opens

from sealing import Kind, TipKeys
from storage.port import Transaction

Deed = Callable[[Hand, str, TipKeys], Awaitable[httpx.Response]]

DEEDS: dict[str, Deed] = {
    "claim": lambda hand, tip_id, keys: hand.claim(tip_id, 1),
    "release": lambda hand, tip_id, keys: hand.release(tip_id, 1),
    "assign": lambda hand, tip_id, keys: hand.assign(tip_id, 1, hand.id),
    "note": lambda hand, tip_id, keys: hand.say(tip_id, "x", Kind.NOTE),
    "message": lambda hand, tip_id, keys: hand.say(tip_id, "x"),
    "status": lambda hand, tip_id, keys: hand.set_status(tip_id, 1, "in_progress"),
    "move": lambda hand, tip_id, keys: hand.move(tip_id, 1, "loei", keys),
    "extend": lambda hand, tip_id, keys: hand.extend(tip_id, 1, "2026-12-20"),
    "hold": lambda hand, tip_id, keys: hand.set_held(tip_id, 1, is_held=True),
    "unhold": lambda hand, tip_id, keys: hand.set_held(tip_id, 1, is_held=False),
    "export": lambda hand, tip_id, keys: opens(hand, tip_id, "export"),
    "hand over": lambda hand, tip_id, keys: hands_over(hand, tip_id),
    "let in": lambda hand, tip_id, keys: hand.post(
        f"/tips/{tip_id}/grants", hand.grant(tip_id, keys, hand.id, hand.keys.age.recipient)
    ),
}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as opened:
        yield opened


def everything(t: Transaction) -> list[object]:
    tables = ("tip", "part", "change", "tip_grant", "opening", "handover", "audit_entry")
    return [t.rows(f"SELECT * FROM {table}") for table in tables]  # noqa: S608  # the names above


@pytest.mark.parametrize("deed", DEEDS)
async def test_a_stranger_who_knows_all_about_a_tip_does_nothing_to_it(
    room: Room, deed: str
) -> None:
    tip_id = await room.file()
    before = await room.database.read(everything)
    for name in ("Prasit", "Anong"):  # of another centre, and of one that is above and waits
        stranger = room[name]
        stranger.overheard = room["Somchai"]
        answer = await DEEDS[deed](stranger, tip_id, room.tip_keys[tip_id])
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert await room.database.read(everything) == before


@pytest.mark.parametrize("deed", [each for each in DEEDS if each not in ("release", "unhold")])
async def test_the_same_by_an_officer_of_its_centre_is_done(room: Room, deed: str) -> None:
    """Else the refusals above could be for something else."""
    tip_id, somchai = await room.file(), room["Somchai"]
    if deed == "move":
        keys = room.tip_keys[tip_id]
        answer = await somchai.move(tip_id, 1, "loei", keys, room.roster.officer(room["Prasit"].id))  # type: ignore[arg-type]  # it knows Prasit
    elif deed == "assign":
        await somchai.claim(tip_id, 1)
        answer = await somchai.assign(tip_id, 2, room["Malee"].id)
    elif deed == "let in":
        prasit = room["Prasit"]
        answer = await somchai.post(
            f"/tips/{tip_id}/grants",
            somchai.grant(tip_id, room.tip_keys[tip_id], prasit.id, prasit.keys.age.recipient),
        )
    else:
        answer = await DEEDS[deed](somchai, tip_id, room.tip_keys[tip_id])
    assert answer.status_code in (200, 201), answer.text
