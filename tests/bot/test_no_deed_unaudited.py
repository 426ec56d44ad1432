"""Every route of the desk by which an officer changes something leaves an entry of the trail.

The routes are those of the published description, so a new one must say here what it does, or this
fails. Whether something changed is read from the database itself, table by table.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from desk_room import Hand, Room, a_room, an_id, b64
from test_desk_handing_over import agrees, hands_over
from test_desk_members import adding, changing
from test_desk_openings import approves, opens
from test_desk_withdrawing import making

from bot.clock import today
from bot.desk.roles import PREFIX
from bot.seconded import Seconded
from sealing import Entry, Kind, campaign_statement, card_statement, check_trail, read_entry
from sealing.canonical import write
from storage import SqliteDatabase, Transaction
from storage.repositories import audit

AUDIT = {"audit_entry", "audit_day", "audit_signature"}
CHANGES_NOTHING = {
    "/challenge",
    "/sign-in",
    "/sign-out",
    "/sessions/end",  # sessions live in memory
    # Where and when an officer is told that something waits is their own affair, and no tip's.
    "/alerts/links",
    "/alerts/email",
    "/alerts/email/confirm",
    "/alerts/places/{binding_id}/remove",
    "/alerts/wishes",
    "/alerts/test",
    "/audit/days/{day}/signatures",  # what it adds is the trail's own
}
Deed = Callable[[Room], Awaitable[httpx.Response]]


async def claim(room: Room) -> httpx.Response:
    return await room["Malee"].claim(await room.file(), 1)


async def release(room: Room) -> httpx.Response:
    tip_id = await room.file()
    await room["Malee"].claim(tip_id, 1)
    return await room["Malee"].release(tip_id, 2)


async def assign(room: Room) -> httpx.Response:
    """By who holds it, to somebody who can read it."""
    tip_id = await room.file()
    await room["Malee"].claim(tip_id, 1)
    return await room["Malee"].assign(tip_id, 2, room["Somchai"].id)


async def part(room: Room) -> httpx.Response:
    return await room["Malee"].say(await room.file(), "บันทึก", Kind.NOTE)


async def status(room: Room) -> httpx.Response:
    return await room["Malee"].set_status(await room.file(), 1, "screening")


async def move(room: Room) -> httpx.Response:
    tip_id = await room.file()
    prasit = room.roster.officer(room["Prasit"].id)
    assert prasit is not None
    return await room["Malee"].move(tip_id, 1, "loei", room.tip_keys[tip_id], prasit)


async def extend(room: Room) -> httpx.Response:
    until = today(room.clock) + timedelta(days=30)
    return await room["Malee"].extend(await room.file(), 1, until.isoformat())


async def hold(room: Room) -> httpx.Response:
    return await room["Malee"].set_held(await room.file(), 1, is_held=True)


async def unhold(room: Room) -> httpx.Response:
    tip_id = await room.file()
    await room["Malee"].set_held(tip_id, 1, is_held=True)
    return await room["Malee"].set_held(tip_id, 2, is_held=False)


async def withdraw(room: Room) -> httpx.Response:
    """By who holds the tip."""
    tip_id = await room.file()
    await room["Malee"].claim(tip_id, 1)
    return await (await making(room, tip_id, "Malee", "Somchai")).send(2)


async def grant(room: Room) -> httpx.Response:
    tip_id = await room.file()
    body = room.grant_by(room["Malee"], room["Prasit"], tip_id)
    return await room["Malee"].post(f"/tips/{tip_id}/grants", body)


async def open_one(room: Room) -> httpx.Response:
    return await opens(room["Malee"], await room.file(), "export")


async def approve(room: Room) -> httpx.Response:
    tip_id = await room.file()
    await opens(room["Malee"], tip_id, "export")
    return await approves(room["Somchai"], tip_id)


async def hand_over(room: Room) -> httpx.Response:
    return await hands_over(room["Malee"], await room.file())


async def agree(room: Room) -> httpx.Response:
    tip_id = await room.file()
    await hands_over(room["Malee"], tip_id)
    return await agrees(room["Somchai"], tip_id)


async def codes(room: Room) -> httpx.Response:
    return await room["Rattana"].post("/members/codes", adding(room["Rattana"], [os.urandom(32)]))


async def states(room: Room) -> httpx.Response:
    half = [os.urandom(32)]
    await room["Rattana"].post("/members/codes", adding(room["Rattana"], half))
    return await room["Rattana"].post("/members/states", changing(room["Rattana"], half, "paused"))


async def card(room: Room) -> httpx.Response:
    return await _put_card(room["Rattana"], an_id())


async def campaign(room: Room) -> httpx.Response:
    return (await _campaign(room["Rattana"]))[0]


async def stop(room: Room) -> httpx.Response:
    _, campaign_id = await _campaign(room["Rattana"])
    return await room["Rattana"].post(f"/campaigns/{campaign_id}/stop", {})


DEEDS: dict[str, Deed] = {
    "/tips/{tip_id}/claim": claim,
    "/tips/{tip_id}/release": release,
    "/tips/{tip_id}/assign": assign,
    "/tips/{tip_id}/parts": part,
    "/tips/{tip_id}/status": status,
    "/tips/{tip_id}/move": move,
    "/tips/{tip_id}/grants": grant,
    "/tips/{tip_id}/extend": extend,
    "/tips/{tip_id}/hold": hold,
    "/tips/{tip_id}/unhold": unhold,
    "/tips/{tip_id}/withdraw": withdraw,
    "/tips/{tip_id}/openings": open_one,
    "/tips/{tip_id}/openings/{opening_id}/approval": approve,
    "/tips/{tip_id}/handovers": hand_over,
    "/tips/{tip_id}/handovers/{handover_id}/approval": agree,
    "/members/codes": codes,
    "/members/states": states,
    "/cards": card,
    "/campaigns": campaign,
    "/campaigns/{campaign_id}/stop": stop,
}


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path, second_officer=frozenset(Seconded)) as room:
        for hand in room.hands.values():
            await hand.sign_in()
        yield room


async def test_every_writing_route_is_looked_at_here(room: Room) -> None:
    described = (await room["Malee"].get("/openapi.json")).json()
    writing = {
        path.removeprefix(PREFIX)
        for path, methods in described["paths"].items()
        if set(methods) - {"get", "parameters"}
    }
    assert writing - CHANGES_NOTHING == set(DEEDS)


@pytest.mark.parametrize("route", DEEDS)
async def test_what_a_route_changes_leaves_an_entry(room: Room, route: str) -> None:
    before = await everything(room.database), len(await trail(room.database))
    answer = await DEEDS[route](room)
    assert answer.is_success, answer.text
    after, entries = await everything(room.database), await trail(room.database)
    assert after != before[0]  # something was done
    assert len(entries) > before[1]
    # And it is the last deed's own: a deed before it, which prepared it, has one too.
    assert entries[-1].officer in {hand.id for hand in room.hands.values()}
    assert check_trail(entries) == ()
    assert entries[-1].signature is not None or route.endswith("/stop")


@pytest.mark.parametrize("route", DEEDS)
async def test_a_deed_whose_entry_cannot_be_written_is_not_done(
    room: Room, route: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the two is impossible: they are one commit."""
    note = audit.note

    def fails(*args: object, **given: object) -> object:
        raise _NoEntry

    await DEEDS[route](room)  # what prepares it may happen
    before = await everything(room.database)
    monkeypatch.setattr(audit, "note", fails)
    with pytest.raises(_NoEntry):
        await DEEDS[route](room)
    monkeypatch.setattr(audit, "note", note)
    changed = {
        table
        for table, rows in (await everything(room.database)).items()
        if rows != before.get(table)
    }
    # The next tip is filed and counted, and nothing more.
    assert changed <= {"tip", "tip_grant", "part", "figure"}


class _NoEntry(Exception):
    """The entry could not be written."""


async def everything(database: SqliteDatabase) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table but the trail's own."""

    def look(t: Transaction) -> dict[str, list[tuple[object, ...]]]:
        names = t.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: sorted(t.rows(f"SELECT * FROM {name}"), key=repr)  # noqa: S608  # a table of ours
            for (name,) in names
            if name not in AUDIT
        }

    return await database.read(look)


async def trail(database: SqliteDatabase) -> list[Entry]:
    rows = await database.read(lambda t: audit.page(t, limit=1000))
    return [read_entry(row.data) for row in rows]


async def _put_card(hand: Hand, card_id: str) -> httpx.Response:
    thai, english = (dict.fromkeys(("body", "label", "title"), said) for said in ("ก", "x"))
    content = write({"schema": 1, "texts": {"th": thai, "en": english}})
    said = {
        "card_id": card_id,
        "version": 1,
        "centre": "khonkaen",
        "audiences": "citizen",
        "state": "published",
        "day": hand.day,
    }
    statement = card_statement(**said, officer=hand.id, content=content)  # type: ignore[arg-type]  # each of its type
    body = {**said, "content": b64(content), "signature": hand.sign(statement)}
    return await hand.post("/cards", body)


async def _campaign(hand: Hand) -> tuple[httpx.Response, str]:
    card_id, campaign_id = an_id(), an_id()
    await _put_card(hand, card_id)
    said = {
        "campaign_id": campaign_id,
        "card_id": card_id,
        "centre": "khonkaen",
        "audiences": "citizen",
        "day": hand.day,
    }
    statement = campaign_statement(**said, officer=hand.id)
    answer = await hand.post("/campaigns", {**said, "signature": hand.sign(statement)})
    return answer, campaign_id
