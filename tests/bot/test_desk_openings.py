"""Exports and originals are opened for a reason, originals only with one, by two where asked."""

import base64
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk_room import Hand, Room, a_room, an_id

from sealing import (
    Kind,
    Opens,
    Statement,
    approval_statement,
    opening_statement,
    read_entry,
)
from storage.repositories import audit, originals, parts
from storage.repositories.originals import OriginalRow

DAY_S = 86_400.0
SENT = b"as it was sent"
EVERYTHING = frozenset(Opens)


@dataclass(frozen=True, slots=True)
class Kept:
    """A tip with a file whose original may be seen, and one whose original is not decided about."""

    tip_id: str
    part_id: str
    blob_id: str
    undecided_blob_id: str


@pytest.fixture
async def room(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Room]:
    second = getattr(request, "param", frozenset())
    async with a_room(tmp_path, second_officer=second) as room:
        for hand in room.hands.values():
            await hand.sign_in()
        yield room


@pytest.fixture
async def kept(room: Room) -> Kept:
    tip_id = await room.file(file=b"cleaned")
    chain = await room.database.read(lambda t: parts.chain(t, tip_id))
    words, file = chain
    found = Kept(tip_id, file.part_id, an_id(), an_id())
    for blob_id in (found.blob_id, found.undecided_blob_id):
        async with room.blobs.writing(blob_id) as out:
            await out.write(SENT)
            await out.keep()

    def work(t: Any) -> None:
        originals.add(t, OriginalRow(file.part_id, tip_id, room.day, found.blob_id, None))
        originals.add(
            t, OriginalRow(words.part_id, tip_id, room.day, found.undecided_blob_id, an_id())
        )

    await room.database.commit(work)
    return found


async def opening(
    hand: Hand, tip_id: str, opens: str = "original", part_id: str | None = None, **changed: Any
) -> dict[str, Any]:
    """The request by which *hand* gives a reason, signed; *changed* after the signature."""
    reason = await hand.part(tip_id, "ศาลขอ", Kind.NOTE)
    said: dict[str, Any] = {
        "opening_id": an_id(),
        "opens": opens,
        "part_id": part_id,
        "day": hand.day,
    }
    statement = opening_statement(
        **said,
        tip_id=tip_id,
        reason_part_id=reason["part_id"],
        seq=reason["seq"],
        officer=hand.id,
    )
    return {**said, "signature": hand.sign(statement), "reason": reason, **changed}


async def opens(hand: Hand, tip_id: str, *args: Any, **changed: Any) -> httpx.Response:
    body = await opening(hand, tip_id, *args, **changed)
    return await hand.post(f"/tips/{tip_id}/openings", body)


async def seen(hand: Hand, kept: Kept) -> int:
    """How the desk answers *hand* who asks for the original."""
    answer = await hand.get(f"/tips/{kept.tip_id}/blobs/{kept.blob_id}")
    if answer.status_code == 200:
        assert answer.content == SENT
    elif answer.status_code == 403:
        assert answer.json()["error"] == "reason_needed"
    return answer.status_code


def approval(hand: Hand, tip_id: str, opened: dict[str, Any]) -> Statement:
    return approval_statement(
        opening_id=opened["opening_id"],
        tip_id=tip_id,
        opens=opened["opens"],
        part_id=opened["part_id"],
        opener=opened["officer"],
        day=hand.day,
        officer=hand.id,
    )


async def waiting(hand: Hand, tip_id: str) -> dict[str, Any]:
    """The newest opening of the tip, as the desk shows it."""
    tip = (await hand.get(f"/tips/{tip_id}")).json()
    found: dict[str, Any] = tip["openings"][-1]
    return found


async def approves(hand: Hand, tip_id: str, statement: Statement | None = None) -> httpx.Response:
    opened = await waiting(hand, tip_id)
    said = approval(hand, tip_id, opened) if statement is None else statement
    return await hand.post(
        f"/tips/{tip_id}/openings/{opened['opening_id']}/approval",
        {"day": hand.day, "signature": hand.sign(said)},
    )


async def deeds(room: Room) -> list[str]:
    rows = await room.database.read(lambda t: audit.page(t, limit=1000))
    return [read_entry(row.data).deed for row in rows]


def everything_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


# --- originals


async def test_an_original_is_handed_out_for_a_reason_only_and_that_day_only(
    room: Room, kept: Kept
) -> None:
    malee = room["Malee"]
    assert await seen(malee, kept) == 403
    answer = await opens(malee, kept.tip_id, "original", kept.part_id)
    assert (answer.status_code, answer.json()["open_day"]) == (201, room.day)
    assert await seen(malee, kept) == 200
    assert await seen(room["Somchai"], kept) == 403  # a colleague gives a reason of their own
    assert await deeds(room) == ["part", "opening"]
    room.clock.advance(DAY_S)
    await malee.sign_in()
    assert await seen(malee, kept) == 403


async def test_the_file_as_it_is_shown_needs_no_reason(room: Room, kept: Kept) -> None:
    tip = (await room["Malee"].get(f"/tips/{kept.tip_id}")).json()
    (blob_id,) = [part["blob_id"] for part in tip["parts"] if part["blob_id"]]
    answer = await room["Malee"].get(f"/tips/{kept.tip_id}/blobs/{blob_id}")
    assert answer.status_code == 200


async def test_a_reason_for_one_original_opens_no_other(room: Room, kept: Kept) -> None:
    other = an_id()
    answer = await opens(room["Malee"], kept.tip_id, "original", other)
    assert (answer.status_code, answer.json()["field"]) == (422, "part_id")
    chain = await room.database.read(lambda t: parts.chain(t, kept.tip_id))
    undecided = await opens(room["Malee"], kept.tip_id, "original", chain[0].part_id)
    assert undecided.status_code == 422
    path = f"/tips/{kept.tip_id}/blobs/{kept.undecided_blob_id}"
    await opens(room["Malee"], kept.tip_id, "export")
    assert (await room["Malee"].get(path)).status_code == 404


async def test_a_reason_for_another_file_does_not_open_this_one(room: Room, kept: Kept) -> None:
    chain = await room.database.read(lambda t: parts.chain(t, kept.tip_id))
    words, other = chain[0], OriginalRow(chain[0].part_id, kept.tip_id, room.day, an_id(), None)

    def another_is_kept_too(t: Any) -> None:
        originals.drop(t, kept.tip_id, words.part_id)
        originals.add(t, other)

    await room.database.commit(another_is_kept_too)
    answer = await opens(room["Malee"], kept.tip_id, "original", words.part_id)
    assert answer.status_code == 201
    assert await seen(room["Malee"], kept) == 403


async def test_who_may_not_read_the_tip_opens_nothing(room: Room, kept: Kept) -> None:
    for name in ("Prasit", "Anong", "Orn", "Admin", "Rattana"):
        room[name].overheard = room["Malee"]
        answer = await opens(room[name], kept.tip_id, "original", kept.part_id)
        assert answer.json()["error"] in ("not_your_role", "not_found")
        sealed = await room[name].get(f"/tips/{kept.tip_id}/blobs/{kept.blob_id}")
        assert sealed.status_code in (403, 404)
        assert sealed.json()["error"] in ("not_your_role", "not_found")
    assert await deeds(room) == []


async def test_a_reason_signed_by_somebody_else_or_for_something_else_is_refused(
    room: Room, kept: Kept
) -> None:
    malee, somchai = room["Malee"], room["Somchai"]
    body = await opening(malee, kept.tip_id, "original", kept.part_id)
    other = await room.file(file=b"another")
    spoilt = (
        body | {"opening_id": an_id()},
        body | {"opens": "export", "part_id": None},
        body | {"day": "2026-11-22"},
        body | {"reason": await malee.part(kept.tip_id, "อื่น", Kind.NOTE)},
        body | {"reason": await somchai.part(kept.tip_id, "อื่น", Kind.NOTE)},
    )
    for each in spoilt:
        answer = await malee.post(f"/tips/{kept.tip_id}/openings", each)
        assert (answer.status_code, answer.json()["error"]) == (403, "signature"), each
    assert (await somchai.post(f"/tips/{kept.tip_id}/openings", body)).status_code == 403
    assert (await malee.post(f"/tips/{other}/openings", body)).status_code == 403
    for shape in ({"part_id": None}, {"opens": "export"}, {"opens": "everything"}):
        answer = await malee.post(f"/tips/{kept.tip_id}/openings", body | shape)
        assert answer.status_code == 422
    assert await deeds(room) == []


async def test_a_reason_sent_twice_opens_once(room: Room, kept: Kept) -> None:
    body = await opening(room["Malee"], kept.tip_id, "original", kept.part_id)
    path = f"/tips/{kept.tip_id}/openings"
    assert (await room["Malee"].post(path, body)).status_code == 201
    again = await room["Malee"].post(path, body)
    assert (again.status_code, again.json()["error"]) == (409, "grown")
    assert await deeds(room) == ["part", "opening"]


async def test_a_reason_of_another_day_is_refused(room: Room, kept: Kept) -> None:
    body = await opening(room["Malee"], kept.tip_id, "original", kept.part_id)
    room.clock.advance(3 * DAY_S)
    await room["Malee"].sign_in()
    answer = await room["Malee"].post(f"/tips/{kept.tip_id}/openings", body)
    assert (answer.status_code, answer.json()["error"]) == (422, "wrong_day")


async def test_an_export_leaves_its_record_and_holds_the_originals(room: Room, kept: Kept) -> None:
    answer = await opens(room["Malee"], kept.tip_id, "export")
    assert (answer.status_code, answer.json()["open_day"]) == (201, room.day)
    shown = await waiting(room["Somchai"], kept.tip_id)
    assert (shown["opens"], shown["officer"]) == ("export", room["Malee"].id)
    assert await seen(room["Malee"], kept) == 200
    assert await seen(room["Somchai"], kept) == 403  # the export was not theirs


# --- a second officer


@pytest.mark.parametrize("room", [EVERYTHING], indirect=True)
async def test_where_two_are_asked_for_one_alone_opens_nothing(room: Room, kept: Kept) -> None:
    malee, somchai = room["Malee"], room["Somchai"]
    answer = await opens(malee, kept.tip_id, "original", kept.part_id)
    assert (answer.status_code, answer.json()["open_day"]) == (201, None)
    assert await seen(malee, kept) == 403
    own = await approves(malee, kept.tip_id)
    assert (own.status_code, own.json()["error"]) == (403, "own_opening")
    assert (await approves(somchai, kept.tip_id)).status_code == 201
    assert await seen(malee, kept) == 200
    assert await seen(somchai, kept) == 403  # who approved has not opened it
    again = await approves(somchai, kept.tip_id)
    assert (again.status_code, again.json()["error"]) == (409, "not_waiting")
    assert await deeds(room) == ["part", "opening", "approval"]
    shown = await waiting(malee, kept.tip_id)
    assert (shown["approved_by"], shown["open_day"]) == (somchai.id, room.day)


@pytest.mark.parametrize("room", [EVERYTHING], indirect=True)
async def test_an_approval_must_be_signed_for_that_very_opening(room: Room, kept: Kept) -> None:
    malee, somchai = room["Malee"], room["Somchai"]
    await opens(malee, kept.tip_id, "original", kept.part_id)
    opened = await waiting(somchai, kept.tip_id)
    for change in ({"opening_id": an_id()}, {"opens": "export"}, {"officer": somchai.id}):
        said = approval(somchai, kept.tip_id, opened | change)
        answer = await approves(somchai, kept.tip_id, said)
        assert (answer.status_code, answer.json()["error"]) == (403, "signature")
    stranger = await room["Prasit"].post(
        f"/tips/{kept.tip_id}/openings/{opened['opening_id']}/approval",
        {"day": room.day, "signature": room["Prasit"].sign(approval(somchai, kept.tip_id, opened))},
    )
    assert stranger.status_code == 404
    other = await room.file()
    elsewhere = await somchai.post(
        f"/tips/{other}/openings/{opened['opening_id']}/approval",
        {"day": room.day, "signature": somchai.sign(approval(somchai, other, opened))},
    )
    assert elsewhere.status_code == 404
    assert await seen(malee, kept) == 403


@pytest.mark.parametrize("room", [EVERYTHING], indirect=True)
async def test_an_export_that_two_agreed_to_holds_the_originals(room: Room, kept: Kept) -> None:
    await opens(room["Malee"], kept.tip_id, "export")
    assert await seen(room["Malee"], kept) == 403
    assert (await approves(room["Somchai"], kept.tip_id)).status_code == 201
    assert await seen(room["Malee"], kept) == 200
    assert await seen(room["Somchai"], kept) == 403


@pytest.mark.parametrize("room", [EVERYTHING], indirect=True)
async def test_an_approval_of_another_day_is_refused(room: Room, kept: Kept) -> None:
    malee, somchai = room["Malee"], room["Somchai"]
    await opens(malee, kept.tip_id, "original", kept.part_id)
    room.clock.advance(3 * DAY_S)
    for hand in (malee, somchai):
        await hand.sign_in()
    answer = await approves(somchai, kept.tip_id)
    assert (answer.status_code, answer.json()["error"]) == (422, "wrong_day")


@pytest.mark.parametrize("room", [frozenset({Opens.ORIGINAL})], indirect=True)
async def test_an_export_of_ones_own_is_no_way_around_the_second_officer(
    room: Room, kept: Kept
) -> None:
    answer = await opens(room["Malee"], kept.tip_id, "export")
    assert answer.json()["open_day"] == room.day
    assert await seen(room["Malee"], kept) == 403


async def test_the_reasons_words_are_nowhere_in_the_open(
    room: Room, kept: Kept, tmp_path: Path
) -> None:
    await opens(room["Malee"], kept.tip_id, "original", kept.part_id)
    everything = everything_in(tmp_path)
    for words in ("ศาลขอ".encode(), base64.b64encode("ศาลขอ".encode())):
        assert words not in everything
