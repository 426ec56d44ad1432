"""Member codes at the desk: own centres only, whole batches, a record each, nothing of duress."""

import base64
import hashlib
import os
import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk_room import MEMBER_TERMS, Hand, Room, a_room, an_id, b64, enrolled, next_roster

from bot.desk.member_shapes import BATCH_AT_MOST
from sealing import OfficerKeys, Role, member_locator, members_statement
from storage.repositories import codes
from storage.repositories.codes import MemberCodeRow, State

CENTRE = "khonkaen"
UNTIL = "2027-10-01"


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    """The desk's room with registrars: Rachan and Rung in Khon Kaen, Raphee in Loei; Aud audits."""
    async with a_room(tmp_path) as room:
        roles = {
            "Rachan": ((Role.REGISTRAR,), ("khonkaen", "region")),
            "Rung": ((Role.REGISTRAR,), ("khonkaen",)),
            "Raphee": ((Role.REGISTRAR,), ("loei",)),
            "Aud": ((Role.AUDITOR,), ("khonkaen",)),
        }
        keys = {name: OfficerKeys.generate(name) for name in roles}
        new = tuple(enrolled(keys[name], *at, roles=role) for name, (role, at) in roles.items())
        room.rosters.append(next_roster(room.roster, (*room.roster.officers, *new)))
        for name, key in keys.items():
            room.hands[name] = Hand(key, room["Somchai"].http, room.day)
            await room[name].sign_in()
        yield room


def batch(hand: Hand, deed: str, count: int, **changed: Any) -> dict[str, Any]:
    """The signed part of a batch."""
    said = {
        "record_id": an_id(),
        "centre": CENTRE,
        "is_duress": False,
        "day": hand.day,
    } | changed
    statement = members_statement(
        record_id=said["record_id"],
        centre=said["centre"],
        deed=deed,
        which="duress" if said["is_duress"] else "ordinary",
        count=count,
        day=said["day"],
        officer=hand.id,
    )
    return {**said, "signature": hand.sign(statement)}


def adding(hand: Hand, halves: Sequence[bytes], **changed: Any) -> dict[str, Any]:
    new = [{"half": b64(half), "expires_day": UNTIL, "since_year": 2020} for half in halves]
    return {**batch(hand, "issue", len(halves), **changed), "codes": new}


def changing(hand: Hand, halves: Sequence[bytes], state: str, **changed: Any) -> dict[str, Any]:
    deed = {"active": "resume", "paused": "pause", "revoked": "revoke"}[state]
    named = [b64(half) for half in halves]
    return {**batch(hand, deed, len(halves), **changed), "state": state, "halves": named}


async def add(room: Room, name: str, halves: Sequence[bytes], **changed: Any) -> httpx.Response:
    return await room[name].post("/members/codes", adding(room[name], halves, **changed))


async def change(
    room: Room, name: str, halves: Sequence[bytes], state: str, **changed: Any
) -> httpx.Response:
    return await room[name].post("/members/states", changing(room[name], halves, state, **changed))


async def row(room: Room, half: bytes) -> MemberCodeRow | None:
    locator = member_locator(half, pepper=MEMBER_TERMS.pepper)
    return await room.database.read(lambda t: codes.get(t, locator))


async def records(room: Room, name: str, centre: str = CENTRE) -> list[dict[str, Any]]:
    answer = await room[name].get("/members/record", centre=centre)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["records"]
    return found


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def halves(count: int) -> list[bytes]:
    return [os.urandom(32) for _ in range(count)]


async def test_the_console_gets_what_it_needs_to_stretch_codes_itself(room: Room) -> None:
    answer = await room["Rachan"].get("/members/terms")
    assert answer.json() == {
        "salt": b64(MEMBER_TERMS.salt),
        "memory_kib": 64,
        "time": 1,
        "lanes": 1,
        "links": {"web": "https://chat.example", "onion": None},
    }
    assert b64(MEMBER_TERMS.pepper) not in answer.text


async def test_codes_work_once_they_are_added_and_only_their_locators_are_kept(
    room: Room, tmp_path: Path
) -> None:
    new = halves(3)
    answer = await add(room, "Rachan", new)
    assert (answer.status_code, answer.json()) == (201, {"outcomes": ["done"] * 3})
    for half in new:
        found = await row(room, half)
        assert found is not None
        assert (found.centre, found.is_duress, found.state) == (CENTRE, False, State.ACTIVE)
        assert (found.expires_day, found.since_year) == (UNTIL, 2020)
    kept = everything_in(tmp_path)
    assert member_locator(new[0], pepper=MEMBER_TERMS.pepper) in kept
    for half in new:
        assert half not in kept
        assert hashlib.sha256(half).digest() not in kept


async def test_a_batch_sent_again_adds_nothing_and_says_so(room: Room) -> None:
    new, record_id = halves(2), an_id()
    await add(room, "Rachan", new, record_id=record_id)
    again = await add(room, "Rachan", new, record_id=record_id)
    assert (again.status_code, again.json()) == (201, {"outcomes": ["known"] * 2})
    room.clock.advance(86_400)
    later = room["Rachan"]
    later.day = room.day
    await later.sign_in()
    again = await add(room, "Rachan", new, record_id=record_id)
    assert again.json() == {"outcomes": ["known"] * 2}
    assert len(await records(room, "Rachan")) == 1


async def test_a_batch_that_is_half_known_changes_nothing(room: Room) -> None:
    old, new = halves(1), halves(1)
    await add(room, "Rachan", old)
    answer = await add(room, "Rachan", [*new, *old])
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert await row(room, new[0]) is None
    assert len(await records(room, "Rachan")) == 1


async def test_an_id_of_a_record_stands_for_one_deed(room: Room) -> None:
    record_id = an_id()
    await add(room, "Rachan", halves(1), record_id=record_id)
    for name, count in (("Rachan", 2), ("Rung", 1)):
        answer = await add(room, name, halves(count), record_id=record_id)
        assert (answer.status_code, answer.json()["error"]) == (409, "conflict")


async def test_other_codes_under_the_same_record_are_not_called_known(room: Room) -> None:
    """They would be handed out, and not work."""
    record_id, new = an_id(), halves(1)
    await add(room, "Rachan", halves(1), record_id=record_id)
    answer = await add(room, "Rachan", new, record_id=record_id)
    assert (answer.status_code, answer.json()["error"]) == (409, "conflict")
    assert await row(room, new[0]) is None


async def test_codes_rest_work_again_and_are_revoked_for_good(room: Room) -> None:
    both = halves(2)
    await add(room, "Rachan", both)
    for state in ("paused", "paused", "active", "revoked", "revoked"):
        answer = await change(room, "Rung", both, state)
        assert (answer.status_code, answer.json()) == (200, {"outcomes": ["done"] * 2})
        found = [await row(room, half) for half in both]
        assert [each and each.state for each in found] == [State(state)] * 2
    answer = await change(room, "Rung", both, "active")
    assert (answer.status_code, answer.json()["outcomes"]) == (409, ["revoked"] * 2)


async def test_a_change_happens_to_all_or_to_none(room: Room) -> None:
    fine, revoked, nobody = halves(3)
    await add(room, "Rachan", [fine, revoked])
    await change(room, "Rachan", [revoked], "revoked")
    answer = await change(room, "Rachan", [fine, revoked, nobody], "paused")
    assert answer.status_code == 409
    assert answer.json()["outcomes"] == ["done", "revoked", "unknown"]
    found = await row(room, fine)
    assert found is not None
    assert found.state is State.ACTIVE
    assert [each["deed"] for each in await records(room, "Rachan")].count("pause") == 0


async def test_a_change_sent_again_does_not_undo_what_came_between(room: Room) -> None:
    half, record_id = halves(1), an_id()
    await add(room, "Rachan", half)
    await change(room, "Rachan", half, "paused", record_id=record_id)
    await change(room, "Rung", half, "active")
    answer = await change(room, "Rachan", half, "paused", record_id=record_id)
    assert answer.json() == {"outcomes": ["known"]}
    found = await row(room, half[0])
    assert found is not None
    assert found.state is State.ACTIVE


async def test_only_a_registrar_of_the_centre_may_and_all_others_hear_the_same(room: Room) -> None:
    half = halves(1)
    await add(room, "Rachan", half)
    heard = set()
    for name, centre in (
        ("Raphee", CENTRE),
        ("Somchai", CENTRE),
        ("Admin", CENTRE),
        ("Aud", CENTRE),
        ("Rung", "region"),
        ("Rung", "nowhere"),
    ):
        for answer in (
            await add(room, name, halves(1), centre=centre),
            await change(room, name, half, "revoked", centre=centre),
        ):
            heard.add((answer.status_code, answer.text))
    assert len(heard) == 1
    for name in ("Somchai", "Admin", "Aud"):
        for path in ("/members/terms", "/members/counts"):
            answer = await room[name].get(path)
            heard.add((answer.status_code, answer.text))
    for name, centre in (("Raphee", CENTRE), ("Somchai", CENTRE), ("Aud", "nowhere")):
        answer = await room[name].get("/members/record", centre=centre)
        heard.add((answer.status_code, answer.text))
    assert len(heard) == 1
    assert {code for code, _ in heard} == {403}
    found = await row(room, half[0])
    assert found is not None
    assert found.state is State.ACTIVE


async def test_another_centres_code_looks_like_none(room: Room) -> None:
    theirs = halves(1)
    await add(room, "Raphee", theirs, centre="loei")
    answers = [await change(room, "Rachan", each, "revoked") for each in (theirs, halves(1))]
    assert answers[0].status_code == 409
    assert answers[0].text == answers[1].text
    found = await row(room, theirs[0])
    assert found is not None
    assert found.state is State.ACTIVE


async def test_nobody_counts_or_reads_of_duress_codes_but_who_made_them(room: Room) -> None:
    plain, duress = halves(2), halves(1)
    await add(room, "Rachan", plain)
    before = (await room["Rung"].get("/members/counts")).text, await records(room, "Rung")
    await add(room, "Rachan", duress, is_duress=True)
    await change(room, "Rachan", duress, "paused", is_duress=True)
    found = await row(room, duress[0])
    assert found is not None
    assert (found.is_duress, found.state) == (True, State.PAUSED)
    for name in ("Rung", "Aud"):
        assert await records(room, name) == before[1]
    assert (await room["Rung"].get("/members/counts")).text == before[0]
    own = await records(room, "Rachan")
    assert sorted(each["deed"] for each in own if each["is_duress"]) == ["issue", "pause"]


async def test_ordinary_and_duress_codes_never_share_a_change(room: Room) -> None:
    plain, duress = halves(1), halves(1)
    await add(room, "Rachan", plain)
    await add(room, "Rachan", duress, is_duress=True)
    for half, is_duress in ((plain, True), (duress, False)):
        answer = await change(room, "Rachan", half, "paused", is_duress=is_duress)
        assert (answer.status_code, answer.json()["outcomes"]) == (409, ["unknown"])


async def test_counts_are_of_each_centre_and_by_state(room: Room) -> None:
    two, one, gone = halves(2), halves(1), halves(1)
    await add(room, "Rachan", [*two, *one, *gone])
    await add(room, "Rachan", halves(1), centre="region")
    await change(room, "Rachan", one, "paused")
    await change(room, "Rachan", gone, "revoked")
    answer = (await room["Rachan"].get("/members/counts")).json()
    assert answer == {
        "centres": [
            {"centre": CENTRE, "active": 2, "paused": 1, "revoked": 1, "expired": 0},
            {"centre": "region", "active": 1, "paused": 0, "revoked": 0, "expired": 0},
        ]
    }
    room.clock.advance(400 * 86_400)
    await room["Rung"].sign_in()
    answer = (await room["Rung"].get("/members/counts")).json()
    assert answer["centres"] == [
        {"centre": CENTRE, "active": 0, "paused": 0, "revoked": 1, "expired": 3}
    ]


async def test_the_record_says_who_what_and_how_many_and_its_signature_holds(room: Room) -> None:
    new = halves(5)
    await add(room, "Rachan", new)
    await change(room, "Rung", new[:2], "paused")
    for name in ("Rachan", "Rung", "Aud"):
        found = await records(room, name)
        assert {(e["officer"], e["deed"], e["count"], e["day"]) for e in found} == {
            (room["Rachan"].id, "issue", 5, room.day),
            (room["Rung"].id, "pause", 2, room.day),
        }
        for each in found:
            doer = room.roster.officer(each["officer"])
            assert doer is not None
            statement = members_statement(
                record_id=each["record_id"],
                centre=each["centre"],
                deed=each["deed"],
                which="ordinary",
                count=each["count"],
                day=each["day"],
                officer=each["officer"],
            )
            doer.sign.verify(statement, base64.b64decode(each["signature"]))


async def test_the_record_is_read_page_by_page(room: Room) -> None:
    for _ in range(5):
        await add(room, "Rachan", halves(1))
        await add(room, "Rachan", halves(1), is_duress=True)
    seen: list[str] = []
    after: dict[str, str] = {}
    for _ in range(5):
        answer = (
            await room["Rung"].get("/members/record", centre=CENTRE, limit="2", **after)
        ).json()
        seen += [each["record_id"] for each in answer["records"]]
        if answer["next"] is None:
            break
        after = {"after": answer["next"]}
    assert len(seen) == len(set(seen)) == 5
    bad = await room["Rung"].get("/members/record", centre=CENTRE, after="2026-11-23.x")
    assert bad.status_code == 422


@pytest.mark.parametrize(
    "changed",
    [
        {"centre": "region"},
        {"is_duress": True},
        {"record_id": an_id()},
        {"signature": b64(bytes(64))},
    ],
)
async def test_a_batch_that_was_signed_otherwise_is_refused(
    room: Room, changed: dict[str, Any]
) -> None:
    body = adding(room["Rachan"], halves(1)) | changed
    answer = await room["Rachan"].post("/members/codes", body)
    assert (answer.status_code, answer.json()["error"]) == (403, "signature")
    fewer = adding(room["Rachan"], halves(2))
    fewer["codes"].pop()
    answer = await room["Rachan"].post("/members/codes", fewer)
    assert (answer.status_code, answer.json()["error"]) == (403, "signature")


async def test_a_batch_signed_for_one_deed_does_no_other(room: Room) -> None:
    half = halves(1)
    await add(room, "Rachan", half)
    body = changing(room["Rachan"], half, "paused") | {"state": "revoked"}
    answer = await room["Rachan"].post("/members/states", body)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "changed",
    [
        {"half": "no"},
        {"half": b64(bytes(31))},
        {"expires_day": "2026-02-30"},
        {"expires_day": "2020-01-01"},
        {"expires_day": "2099-01-01"},
        {"since_year": 1800},
        {"since_year": 2999},
        {"since_year": "2020"},
        {"name": "สมหญิง"},
        {"code": "mkm7-k3m9-qxd4-ftb2-a"},
    ],
)
async def test_what_is_no_code_is_refused_without_repeating_it(
    room: Room, changed: dict[str, Any]
) -> None:
    body = adding(room["Rachan"], halves(1))
    body["codes"][0] |= changed
    answer = await room["Rachan"].post("/members/codes", body)
    assert (answer.status_code, answer.json()["error"]) == (422, "bad_shape")
    for value in changed.values():
        assert str(value) not in answer.text or value == "no"


async def test_a_batch_is_bounded_and_names_a_code_once(room: Room) -> None:
    for many in (halves(BATCH_AT_MOST + 1), [], [bytes(32), bytes(32)]):
        answer = await add(room, "Rachan", many)
        assert answer.status_code == 422
    assert (await add(room, "Rachan", halves(BATCH_AT_MOST))).status_code == 201


async def test_an_old_signature_is_refused(room: Room) -> None:
    answer = await add(room, "Rachan", halves(1), day="2026-01-01")
    assert (answer.status_code, answer.json()["error"]) == (422, "wrong_day")


async def test_the_member_routes_are_described(room: Room) -> None:
    described = (await room["Rachan"].get("/openapi.json")).json()
    paths = {path for path in described["paths"] if "/members/" in path}
    assert paths == {
        f"/desk/v1/members/{name}" for name in ("terms", "codes", "states", "counts", "record")
    }


async def test_no_row_of_the_record_says_which_code(room: Room, tmp_path: Path) -> None:
    new = halves(2)
    await add(room, "Rachan", new)
    with sqlite3.connect(tmp_path / "saisaat.db") as database:
        rows = database.execute("SELECT * FROM member_record").fetchall()
    located = {member_locator(half, pepper=MEMBER_TERMS.pepper) for half in new}
    assert len(rows) == 1
    assert not set(rows[0]) & (located | set(new))
