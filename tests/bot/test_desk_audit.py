"""The audit trail at the desk: who may see it, what it shows, and what an auditor may sign."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from desk_room import Hand, Room, a_room

from bot.auditing import Auditing
from bot.server_key import ServerKey
from sealing import SERVER, DayHead, Entry, check_trail, day_statement, read_entry
from storage.repositories import audit
from tests.sealing.trails import SERVER_KEY

DAY_S = 86_400.0


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as room:
        for hand in room.hands.values():
            await hand.sign_in()
        yield room


async def trail(hand: Hand, limit: int = 500) -> list[Entry]:
    """The whole trail as the desk shows it, page by page."""
    found: list[Entry] = []
    after: int | None = 0
    while after is not None:
        answer = await hand.get("/audit", after=str(after), limit=str(limit))
        assert answer.status_code == 200, answer.text
        page = answer.json()
        found += [read_entry(base64.b64decode(each)) for each in page["entries"]]
        after = page["next"]
    return found


async def signed_day(room: Room) -> DayHead:
    """Today's head, as upkeep will sign it tomorrow."""

    def work(t: Any) -> DayHead:
        last = audit.day_to_sign(t, "2999-01-01")
        assert last is not None
        unsigned = DayHead(last.day, last.seq, last.hash, b"")
        head = DayHead(last.day, last.seq, last.hash, SERVER_KEY.sign(unsigned.said_by(SERVER)))
        audit.add_head(t, head)
        return head

    return await room.database.commit(work)


async def test_an_auditor_sees_who_did_what_and_no_word_of_it(room: Room) -> None:
    tip_id = await room.file()
    assert (await room["Malee"].claim(tip_id, 1)).status_code == 200
    assert (await room["Malee"].say(tip_id, "จำทะเบียนรถได้ไหม")).status_code == 201
    found = await trail(room["Orn"])
    assert check_trail(found) == ()
    assert [(entry.deed, entry.officer, entry.tip_id) for entry in found] == [
        ("claim", room["Malee"].id, tip_id),
        ("part", room["Malee"].id, tip_id),
    ]
    assert found == await trail(room["Admin"]) == await trail(room["Orn"], limit=1)


async def test_nobody_else_sees_the_trail(room: Room) -> None:
    await room.file()
    for name in ("Somchai", "Anong", "Rattana"):
        for path in ("/audit", "/audit/days"):
            answer = await room[name].get(path)
            assert (answer.status_code, answer.json()["error"]) == (403, "not_auditor")
        answer = await room[name].post("/audit/days/2026-11-23/signatures", {"signature": "x"})
        assert (answer.status_code, answer.json()["error"]) == (403, "not_auditor")
    room["Orn"].session = None
    assert (await room["Orn"].get("/audit")).status_code == 401


async def test_a_refused_deed_leaves_no_entry(room: Room) -> None:
    tip_id = await room.file()
    assert (await room["Malee"].claim(tip_id, 7)).status_code == 409
    assert (await room["Prasit"].claim(tip_id, 1)).status_code == 404
    assert await trail(room["Orn"]) == []


async def test_an_auditor_signs_a_day_and_is_shown_to_have(room: Room) -> None:
    await room["Malee"].claim(await room.file(), 1)
    head, orn = await signed_day(room), room["Orn"]
    signature = orn.sign(head.said_by(orn.id))
    path = f"/audit/days/{head.day}/signatures"
    for _ in range(2):
        assert (await orn.post(path, {"signature": signature})).status_code == 201
    days = (await orn.get("/audit/days")).json()
    assert days["server_key"] == str(SERVER_KEY.verify_key)
    (day,) = days["days"]
    assert (day["day"], day["seq"]) == (head.day, 1)
    assert base64.b64decode(day["head"]) == head.head
    assert day["countersigned"] == [{"officer": orn.id, "signature": signature}]
    assert (await orn.get("/audit/days", after=head.day)).json()["days"] == []


async def test_only_the_callers_own_signature_over_that_very_day_is_taken(room: Room) -> None:
    await room["Malee"].claim(await room.file(), 1)
    head, orn = await signed_day(room), room["Orn"]
    path = f"/audit/days/{head.day}/signatures"
    others = (
        room["Admin"].sign(head.said_by(orn.id)),
        orn.sign(head.said_by(SERVER)),
        orn.sign(head.said_by(room["Admin"].id)),
        orn.sign(day_statement(day=head.day, seq=2, head=head.head, by=orn.id)),
        orn.sign(day_statement(day="2026-11-22", seq=1, head=head.head, by=orn.id)),
        orn.sign(day_statement(day=head.day, seq=1, head=bytes(32), by=orn.id)),
    )
    for signature in others:
        answer = await orn.post(path, {"signature": signature})
        assert (answer.status_code, answer.json()["error"]) == (403, "signature")
    good = orn.sign(head.said_by(orn.id))
    for day in ("2026-11-22", "2026-02-30", "x", "%00"):
        answer = await orn.post(f"/audit/days/{day}/signatures", {"signature": good})
        assert answer.status_code == 404
    assert (await orn.get("/audit/days")).json()["days"][0]["countersigned"] == []


async def test_the_day_after_upkeep_signs_what_the_desk_shows(room: Room) -> None:
    await room["Malee"].claim(await room.file(), 1)
    room.clock.advance(DAY_S)
    await Auditing(room.database, ServerKey(b"k" * 32, b"s" * 32), room.clock).sign_days()
    await room["Orn"].sign_in()
    (day,) = (await room["Orn"].get("/audit/days")).json()["days"]
    assert day["head"] == base64.b64encode((await trail(room["Orn"]))[-1].hash).decode()
