"""Hand-overs are recorded with a reason, signed, audited, and approved by two where asked."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk_room import Hand, Room, a_room, an_id

from bot.seconded import Seconded
from console.audited import judge_entry
from console.trust import Trust
from sealing import BodyKey, Entry, Kind, Statement, age, read_entry
from sealing.handovers import handover_approval_statement, handover_statement
from storage.port import Transaction
from storage.repositories import audit, parts
from storage.repositories.handovers import HANDOVERS

SUM = "5e" * 32
SECONDED = frozenset({Seconded.HANDOVER})


@pytest.fixture
async def room(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    second = getattr(request, "param", frozenset())
    async with a_room(tmp_path, second_officer=second) as room:
        for hand in room.hands.values():
            await hand.sign_in()
        yield room


async def handover(
    hand: Hand, tip_id: str, body: str = "nacc", form: str = "redacted", /, **changed: Any
) -> dict[str, Any]:
    """The request by which *hand* hands over, signed; *changed* after the signature."""
    reason = await hand.part(tip_id, "ศาลขอ", Kind.NOTE)
    said: dict[str, Any] = {
        "handover_id": an_id(),
        "body": body,
        "form": form,
        "sha256": SUM,
        "day": hand.day,
    }
    statement = handover_statement(
        **said,
        tip_id=tip_id,
        reason_part_id=reason["part_id"],
        seq=reason["seq"],
        officer=hand.id,
    )
    return {**said, "signature": hand.sign(statement), "reason": reason, **changed}


async def hands_over(hand: Hand, tip_id: str, /, *args: Any, **changed: Any) -> httpx.Response:
    body = await handover(hand, tip_id, *args, **changed)
    return await hand.post(f"/tips/{tip_id}/handovers", body)


def approval(hand: Hand, tip_id: str, given: dict[str, Any], **changed: Any) -> Statement:
    said = {
        "handover_id": given["handover_id"],
        "tip_id": tip_id,
        "body": given["body"],
        "form": given["form"],
        "sha256": given["sha256"],
        "giver": given["officer"],
        "day": hand.day,
        "officer": hand.id,
    }
    return handover_approval_statement(**{**said, **changed})


async def newest(hand: Hand, tip_id: str) -> dict[str, Any]:
    """The newest hand-over of the tip, as the desk shows it."""
    found: dict[str, Any] = (await hand.get(f"/tips/{tip_id}")).json()["handovers"][-1]
    return found


async def agrees(hand: Hand, tip_id: str, **changed: Any) -> httpx.Response:
    given = await newest(hand, tip_id)
    said = approval(hand, tip_id, given, **changed)
    return await hand.post(
        f"/tips/{tip_id}/handovers/{given['handover_id']}/approval",
        {"day": hand.day, "signature": hand.sign(said)},
    )


async def trail(room: Room) -> list[Entry]:
    rows = await room.database.read(lambda t: audit.page(t, limit=1000))
    return [read_entry(row.data) for row in rows]


async def rows(room: Room, tip_id: str) -> tuple[int, int]:
    """How many parts and hand-overs the tip has."""

    def look(t: Transaction) -> tuple[int, int]:
        return len(parts.chain(t, tip_id)), len(HANDOVERS.of_tip(t, tip_id))

    return await room.database.read(look)


async def test_a_hand_over_is_recorded_with_body_form_hash_and_reason(room: Room) -> None:
    tip_id = await room.file()
    answer = await hands_over(room["Malee"], tip_id)
    assert (answer.status_code, answer.json()["open_day"]) == (201, room.day)
    shown = await newest(room["Somchai"], tip_id)
    assert (shown["body"], shown["form"], shown["sha256"]) == ("nacc", "redacted", SUM)
    assert shown["officer"] == room["Malee"].id
    assert shown["approved_by"] is None


async def test_the_audit_says_what_when_to_whom_and_by_whom_and_its_signature_holds(
    room: Room,
) -> None:
    tip_id = await room.file()
    await hands_over(room["Malee"], tip_id)
    entry = (await trail(room))[-1]
    assert (entry.deed, entry.officer, entry.tip_id) == ("handover", room["Malee"].id, tip_id)
    assert (entry.facts["body"], entry.facts["form"]) == ("nacc", "redacted")
    assert (entry.facts["sha256"], entry.facts["day"]) == (SUM, room.day)
    signers = Trust.of(room.roster).signers
    assert judge_entry(entry, signers) == "signed"
    altered = replace(entry, facts={**entry.facts, "body": "police"})
    assert judge_entry(altered, signers) == "forged"


@pytest.mark.parametrize(
    "changed",
    [
        {"body": "police"},
        {"sha256": "5f" * 32},
        {"handover_id": "0" * 32},
        {"day": "2020-01-01"},
        {"form": "half"},
        {"body": "no such label"},
        {"sha256": "5E" * 32},
        {"signature": "AA=="},
        {"more": 1},
    ],
)
async def test_what_was_not_signed_so_is_not_recorded(room: Room, changed: dict[str, Any]) -> None:
    tip_id = await room.file()
    before = await rows(room, tip_id)
    answer = await hands_over(room["Malee"], tip_id, **changed)
    assert answer.status_code in (400, 403, 422)
    assert await rows(room, tip_id) == before


async def test_all_of_a_tip_goes_only_to_a_body_with_a_key(room: Room) -> None:
    tip_id = await room.file()
    assert (await hands_over(room["Malee"], tip_id, "nacc", "full")).status_code == 422
    key = BodyKey("nacc", "ป.ป.ช.", "NACC", age.PQIdentity.generate().recipient)
    room.rosters.append(replace(room.roster, version=room.roster.version + 1, bodies=(key,)))
    assert (await hands_over(room["Malee"], tip_id, "police", "full")).status_code == 422
    assert (await hands_over(room["Malee"], tip_id, "nacc", "full")).status_code == 201


async def test_nobody_hands_over_what_they_may_not_read(room: Room) -> None:
    tip_id = await room.file()
    for name in ("Prasit", "Rattana"):
        room[name].overheard = room["Malee"]
        answer = await hands_over(room[name], tip_id)
        assert (answer.status_code, answer.json()["error"]) == (404, "not_found")
    assert (await rows(room, tip_id))[1] == 0


@pytest.mark.parametrize("room", [SECONDED], indirect=True)
async def test_a_centre_that_the_tip_has_left_reads_it_and_hands_nothing_over(room: Room) -> None:
    tip_id, somchai, prasit = await room.file(), room["Somchai"], room["Prasit"]
    there = room.roster.officer(prasit.id)
    assert there is not None
    assert (await hands_over(somchai, tip_id)).status_code == 201
    moved = await somchai.move(tip_id, 1, "loei", room.tip_keys[tip_id], there)
    assert moved.status_code == 200, moved.text
    for refused in (await hands_over(somchai, tip_id), await agrees(room["Malee"], tip_id)):
        assert (refused.status_code, refused.json()["error"]) == (403, "moved_on")
    assert (await rows(room, tip_id))[1] == 1
    assert (await hands_over(prasit, tip_id)).status_code == 201


async def test_the_same_hand_over_is_not_recorded_twice(room: Room) -> None:
    tip_id = await room.file()
    body = await handover(room["Malee"], tip_id)
    assert (await room["Malee"].post(f"/tips/{tip_id}/handovers", body)).status_code == 201
    assert (await room["Malee"].post(f"/tips/{tip_id}/handovers", body)).status_code == 409
    assert (await rows(room, tip_id))[1] == 1


@pytest.mark.parametrize("room", [SECONDED], indirect=True)
async def test_where_two_are_asked_for_it_waits_for_another_who_signs_for_just_that(
    room: Room,
) -> None:
    tip_id = await room.file()
    assert (await hands_over(room["Malee"], tip_id)).json()["open_day"] is None
    listed = (await room["Somchai"].get("/tips")).json()["tips"]
    assert [row["openings_waiting"] for row in listed] == [1]
    assert (await agrees(room["Malee"], tip_id)).status_code == 403  # their own
    for changed in ({"sha256": "00" * 32}, {"body": "police"}, {"form": "full"}):
        assert (await agrees(room["Somchai"], tip_id, **changed)).status_code == 403
    assert (await newest(room["Malee"], tip_id))["open_day"] is None
    assert (await agrees(room["Somchai"], tip_id)).status_code == 201
    shown = await newest(room["Malee"], tip_id)
    assert (shown["open_day"], shown["approved_by"]) == (room.day, room["Somchai"].id)
    assert (await agrees(room["Somchai"], tip_id)).status_code == 409
    entry = (await trail(room))[-1]
    assert entry.deed == "handover-approval"
    assert judge_entry(entry, Trust.of(room.roster).signers) == "signed"


async def test_there_is_no_approval_of_nothing(room: Room) -> None:
    tip_id = await room.file()
    body = {"day": room.day, "signature": "A" * 86 + "=="}
    path = f"/tips/{tip_id}/handovers/{an_id()}/approval"
    assert (await room["Somchai"].post(path, body)).status_code == 404
