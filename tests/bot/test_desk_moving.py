"""A tip moved to another centre: whole or not at all, by whom, who reads on, who is left behind,
and who hears where it went.
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from desk_room import Room, a_room, b64, enrolled, next_roster
from test_desk_assigning import put

from bot.desk.moving import left_centres
from sealing import (
    Kind,
    Officer,
    OfficerKeys,
    TipKeys,
    open_grant,
)
from storage.repositories import grants, tips
from storage.repositories.tips import ChangeKind, ChangeRow


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as opened:
        yield opened


# --- moving


def who(room: Room, *names: str) -> list[Officer]:
    return [officer for officer in room.roster.officers if officer.name in names]


async def moved(room: Room, tip_id: str, version: int = 1) -> httpx.Response:
    keys = room.tip_keys[tip_id]
    return await room["Somchai"].move(tip_id, version, "loei", keys, *who(room, "Prasit"))


async def test_a_moved_tip_is_the_other_centres_with_sentence_reason_and_grants(room: Room) -> None:
    tip_id = await room.file()
    await room["Somchai"].claim(tip_id, 1)
    assert (await moved(room, tip_id, 2)).json() == {"version": 3}
    tip = (await room["Prasit"].get(f"/tips/{tip_id}")).json()
    assert (tip["centre"], tip["claimed_by"], tip["status"]) == ("loei", None, "received")
    assert [part["kind"] for part in tip["parts"]] == ["words", "note", "status"]
    change = tip["changes"][-1]
    assert (change["kind"], change["from_centre"], change["to_centre"], change["part_id"]) == (
        "move",
        "khonkaen",
        "loei",
        tip["parts"][-1]["part_id"],
    )
    opened = open_grant(
        base64.b64decode(tip["grant"]["sealed"]),
        room["Prasit"].keys.age,
        tip_id=tip_id,
        grant_id=tip["grant"]["grant_id"],
        to=room["Prasit"].id,
    )
    assert opened.case == room.tip_keys[tip_id].case


async def test_the_old_centre_reads_until_the_new_one_claims_and_then_is_told_where_it_went(
    room: Room,
) -> None:
    tip_id = await room.file()
    await moved(room, tip_id)
    old = room["Malee"]
    assert (await old.get(f"/tips/{tip_id}")).status_code == 200
    assert (await old.say(tip_id, "ฝากดูเลขที่สัญญา", Kind.NOTE)).status_code == 201
    for refused in (
        await old.claim(tip_id, 2),
        await old.say(tip_id, "ตอบแทน"),
        await old.set_status(tip_id, 2, "screening"),
        await old.move(tip_id, 2, "region", room.tip_keys[tip_id], frm="loei"),
        await old.post(
            f"/tips/{tip_id}/grants",
            room.grant_by(old, room["Anong"], tip_id),
        ),
    ):
        assert (refused.status_code, refused.json()["error"]) == (403, "moved_on")
    assert (await room["Prasit"].claim(tip_id, 2)).status_code == 200
    for hand in (old, room["Somchai"]):
        gone = await hand.get(f"/tips/{tip_id}")
        assert (gone.status_code, gone.json()["error"]) == (410, "gone")
        assert (gone.json()["kind"], gone.json()["to_centre"]) == ("move", "loei")
        assert gone.json()["officer"] == room["Somchai"].id
        assert (await hand.get("/tips")).json()["tips"] == []
        assert (await hand.claim(tip_id, 3)).status_code == 404
    (listed,) = (await room["Admin"].get("/recovery/tips")).json()["tips"]
    assert listed["centre"] == "loei"


async def test_moved_back_the_old_centre_has_it_again(room: Room) -> None:
    tip_id = await room.file()
    await moved(room, tip_id)
    await room["Prasit"].claim(tip_id, 2)
    keys = room.tip_keys[tip_id]
    back = await room["Prasit"].move(tip_id, 3, "khonkaen", keys, frm="loei")
    assert back.status_code == 200, back.text
    for name in ("Somchai", "Malee"):
        assert (await room[name].get(f"/tips/{tip_id}")).status_code == 200
    assert (await room["Somchai"].claim(tip_id, 4)).status_code == 200
    assert (await room["Prasit"].get(f"/tips/{tip_id}")).status_code == 410


async def test_who_was_let_in_by_name_keeps_the_tip_when_it_moves(room: Room) -> None:
    tip_id, keys = await room.file(), TipKeys.generate()
    guest = OfficerKeys.generate("Guest")
    officers = (*room.roster.officers, enrolled(guest, "khonkaen", "udon"))
    room.rosters.append(next_roster(room.roster, officers))
    recipient = guest.age.recipient
    body = room["Somchai"].grant(tip_id, keys, guest.id, recipient)
    assert (await room["Somchai"].post(f"/tips/{tip_id}/grants", body)).status_code == 201
    await moved(room, tip_id)
    await room["Prasit"].claim(tip_id, 2)
    rows = await room.database.read(lambda t: grants.of_tip(t, tip_id))
    assert {row.officer: row.released for row in rows}[guest.id]


async def test_grants_of_a_move_go_with_the_centre(room: Room) -> None:
    tip_id = await room.file()
    await moved(room, tip_id)
    elsewhere = tuple(
        enrolled(room["Prasit"].keys, "udon") if o.name == "Prasit" else o
        for o in room.roster.officers
    )
    room.rosters.append(next_roster(room.roster, elsewhere))
    assert (await room["Prasit"].get(f"/tips/{tip_id}")).status_code == 404


async def test_who_holds_a_withheld_grant_gets_that_one_by_a_move(room: Room) -> None:
    """Nobody here can look inside a new one, and this one was made at filing."""
    tip_id, junk = await room.file(), TipKeys.generate()
    anong = who(room, "Anong")
    assert (await room["Somchai"].move(tip_id, 1, "region", junk, *anong)).status_code == 200
    grant = (await room["Anong"].get(f"/tips/{tip_id}")).json()["grant"]
    opened = open_grant(
        base64.b64decode(grant["sealed"]), room["Anong"].keys.age, tip_id=tip_id,
        grant_id=grant["grant_id"], to=room["Anong"].id,
    )  # fmt: skip
    assert opened.case == room.tip_keys[tip_id].case


async def test_grants_for_the_centres_above_the_new_one_are_withheld(room: Room) -> None:
    tip_id = await room.file()
    late = OfficerKeys.generate("Late")
    room.rosters.append(next_roster(room.roster, (*room.roster.officers, enrolled(late, "region"))))
    keys, readers = room.tip_keys[tip_id], who(room, "Prasit", "Late")
    assert (await room["Somchai"].move(tip_id, 1, "loei", keys, *readers)).status_code == 200
    rows = {r.officer: r for r in await room.database.read(lambda t: grants.of_tip(t, tip_id))}
    assert (rows[late.id].centre, rows[late.id].released) == ("region", False)
    assert rows[room["Prasit"].id].released


async def test_of_two_officers_who_move_at_once_one_wins(room: Room) -> None:
    tip_id = await room.file()
    keys = room.tip_keys[tip_id]
    answers = await asyncio.gather(
        room["Somchai"].move(tip_id, 1, "loei", keys, *who(room, "Prasit")),
        room["Malee"].move(tip_id, 1, "region", keys, *who(room, "Anong")),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    tip = (await room["Somchai"].get(f"/tips/{tip_id}")).json()
    assert [change["kind"] for change in tip["changes"]] == ["move"]
    assert [part["kind"] for part in tip["parts"]] == ["words", "note", "status"]
    assert tip["centre"] == tip["changes"][0]["to_centre"]


@pytest.mark.parametrize(("name", "status"), [("Prasit", 404), ("Anong", 404), ("Admin", 403)])
async def test_nobody_moves_a_tip_that_is_not_theirs(room: Room, name: str, status: int) -> None:
    tip_id = await room.file()
    somchai, thief = room["Somchai"], room[name]
    body = await somchai.part(tip_id, "x", Kind.NOTE)
    sentence = await somchai.part(tip_id, "x", Kind.STATUS, after=body)
    move = {
        "version": 1, "to": "loei", "day": thief.day, "signature": b64(bytes(64)),
        "reason": body, "sentence": sentence, "grants": [],
    }  # fmt: skip
    assert (await thief.post(f"/tips/{tip_id}/move", move)).status_code == status


async def test_a_guest_may_read_and_not_move(room: Room) -> None:
    tip_id = await room.file()
    keys = room.tip_keys[tip_id]
    body = room.grant_by(room["Somchai"], room["Prasit"], tip_id)
    assert (await room["Somchai"].post(f"/tips/{tip_id}/grants", body)).status_code == 201
    answer = await room["Prasit"].move(tip_id, 1, "loei", keys)
    assert (answer.status_code, answer.json()["error"]) == (403, "guest")


async def test_a_tip_that_leaves_the_line_it_climbed_is_lost_there_at_once(room: Room) -> None:
    """An agency's own centre, and the one above it, have no part in a tip that was moved out."""
    tip_id, hand, above = await room.file(), room["Somchai"], room["Anong"]
    room.move_to("capital", "Prasit")
    there = room.roster.officer(room["Prasit"].id)
    assert there is not None
    await room.database.commit(lambda t: tips.escalate(t, tip_id, to_centre="region", day=room.day))
    assert (await above.get(f"/tips/{tip_id}")).status_code == 200
    moved = await hand.move(tip_id, 2, "capital", room.tip_keys[tip_id], there)
    assert moved.status_code == 200, moved.text
    gone = await above.get(f"/tips/{tip_id}")
    assert (gone.status_code, gone.json()["kind"]) == (410, "move")
    assert gone.json()["to_centre"] == "capital"
    assert (await above.claim(tip_id, 3)).status_code == 404
    assert (await hand.get(f"/tips/{tip_id}")).status_code == 200, "until it is taken up"
    assert (await room["Prasit"].claim(tip_id, 3)).status_code == 200


async def test_a_tip_that_climbed_and_moves_within_the_line_is_still_read_above(
    room: Room,
) -> None:
    tip_id, hand, above = await room.file(), room["Somchai"], room["Anong"]
    there = room.roster.officer(room["Prasit"].id)
    assert there is not None
    await room.database.commit(lambda t: tips.escalate(t, tip_id, to_centre="region", day=room.day))
    moved = await hand.move(tip_id, 2, "loei", room.tip_keys[tip_id], there)
    assert moved.status_code == 200, moved.text
    assert (await above.get(f"/tips/{tip_id}")).status_code == 200


async def test_a_guest_takes_no_moved_tip_up_for_the_new_centre(room: Room) -> None:
    """The old centre's officers would lose it, though nobody of the new one has opened it."""
    tip_id, hand, guest = await room.file(), room["Somchai"], room["Anong"]
    keys, there = room.tip_keys[tip_id], room.roster.officer(room["Prasit"].id)
    assert there is not None
    let_in = await hand.post(f"/tips/{tip_id}/grants", room.grant_by(hand, guest, tip_id))
    assert let_in.status_code == 201
    assert (await hand.move(tip_id, 1, "loei", keys, there)).status_code == 200
    claimed = await guest.claim(tip_id, 2)
    assert (claimed.status_code, claimed.json()["error"]) == (403, "guest")
    assert (await hand.get(f"/tips/{tip_id}")).status_code == 200
    assert (await room["Prasit"].claim(tip_id, 2)).status_code == 200
    assert (await hand.get(f"/tips/{tip_id}")).status_code == 410
    assert (await room["Prasit"].release(tip_id, 3)).status_code == 200
    assert (await guest.claim(tip_id, 4)).status_code == 200, "as any tip that nobody holds"


async def test_a_move_that_is_not_whole_stores_nothing(room: Room) -> None:
    tip_id = await room.file()
    hand, keys = room["Somchai"], room.tip_keys[tip_id]
    prasit, malee = who(room, "Prasit"), who(room, "Malee")

    async def refused(*readers: Officer, to: str = "loei", **changed: object) -> tuple[int, str]:
        answer = await hand.move(tip_id, 1, to, keys, *readers, **changed)
        return answer.status_code, str(answer.json().get("field", answer.json()["error"]))

    assert await refused() == (422, "grants")
    assert await refused(*prasit, *malee) == (422, "grants")
    assert await refused(*prasit, *prasit) == (422, "grants")
    assert await refused(*prasit, to="nowhere") == (422, "to")
    assert await refused(to="khonkaen") == (422, "to")
    assert await refused(*prasit, signature=b64(bytes(64))) == (403, "signature")
    assert await refused(*prasit, day="2026-01-01") == (422, "day")
    grant = room.grant_by(hand, room["Prasit"], tip_id)
    forged = {**grant, "sealed": b64(b"other bytes")}
    assert await refused(grants=[forged]) == (403, "signature")
    sentence = await hand.part(tip_id, "x", Kind.STATUS)
    assert (await refused(*prasit, sentence=sentence))[0] in (403, 409)
    tip = (await hand.get(f"/tips/{tip_id}")).json()
    assert (tip["version"], tip["centre"], len(tip["parts"])) == (1, "khonkaen", 1)
    rows = await room.database.read(lambda t: grants.of_tip(t, tip_id))
    assert room["Prasit"].id not in {row.officer for row in rows}


async def test_only_the_holder_moves_a_held_tip(room: Room) -> None:
    tip_id = await room.file()
    await room["Malee"].claim(tip_id, 1)
    answer = await moved(room, tip_id, 2)
    assert (answer.status_code, answer.json()["claimed_by_name"]) == (409, "Malee")


# --- who is left behind


def change(
    version: int, kind: ChangeKind, frm: str | None = None, to: str | None = None
) -> ChangeRow:
    return ChangeRow(
        "a" * 32, version, kind, None, "b" * 32, "2026-11-23", None, None, frm, to
    )  # fmt: skip


ON = change(2, ChangeKind.MOVE, "khonkaen", "loei")
FURTHER = change(3, ChangeKind.MOVE, "loei", "region")
BACK = change(3, ChangeKind.MOVE, "loei", "khonkaen")


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ((), set()),
        ((ON,), {"khonkaen"}),
        ((ON, FURTHER), {"khonkaen", "loei"}),
        ((ON, BACK), {"loei"}),
        ((ON, change(3, ChangeKind.CLAIM)), set()),
        ((ON, change(3, ChangeKind.ASSIGN)), set()),
        ((ON, change(3, ChangeKind.RELEASE)), {"khonkaen"}),
    ],
)
def test_a_centre_is_left_until_the_tip_is_taken_up_or_comes_back(
    changes: tuple[ChangeRow, ...], left: set[str]
) -> None:
    assert left_centres(changes) == left


async def went(room: Room, tip_id: str, to: str, reader: str, by: str = "Somchai") -> None:
    officer = room.roster.officer(room[reader].id)
    assert officer is not None
    answer = await room[by].move(tip_id, 1, to, room.tip_keys[tip_id], officer)
    assert answer.status_code == 200, answer.text


async def test_who_was_let_in_by_name_is_not_left_behind(room: Room) -> None:
    tip_id = await room.file()
    body = room.grant_by(room["Somchai"], room["Prasit"], tip_id)
    assert (await room["Somchai"].post(f"/tips/{tip_id}/grants", body)).status_code == 201
    await went(room, tip_id, "region", "Anong")
    assert (await room["Malee"].say(tip_id, "ตอบแทน")).json()["error"] == "moved_on"
    assert (await room["Prasit"].say(tip_id, "ตอบแทน")).status_code == 201


async def test_an_officer_to_whom_a_tip_climbed_is_no_guest_and_may_move_it(room: Room) -> None:
    tip_id = await room.file()
    await room.database.commit(lambda t: t.execute("UPDATE tip_grant SET released = 1"))
    await went(room, tip_id, "loei", "Prasit", by="Anong")


async def test_where_a_tip_went_is_told_to_nobody_who_could_not_read_it_before(room: Room) -> None:
    tip_id = await room.file()
    await went(room, tip_id, "loei", "Prasit")
    await room["Prasit"].claim(tip_id, 2)
    waiting = await room["Anong"].get(f"/tips/{tip_id}")  # above: withheld from the first day
    assert (waiting.status_code, waiting.json()["error"]) == (404, "not_found")
    assert (await room["Malee"].get(f"/tips/{tip_id}")).status_code == 410
    put(room, "Malee", "loei")
    elsewhere = await room["Malee"].get(f"/tips/{tip_id}")
    assert (elsewhere.status_code, elsewhere.json()["error"]) == (404, "not_found")
