"""The desk: who sees what, who may do what, and what everybody else is told."""

import asyncio
import base64
import statistics
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from desk_room import RECOVERY_IDENTITY, Room, a_room, an_id, b64, enrolled, next_roster

from bot import guessing, restored
from bot.clock import today
from console.answers import TipDetail, parse
from console.reading import State, open_tip
from sealing import (
    Kind,
    Place,
    Role,
    grant_statement,
    open_grant,
    open_part,
)
from sealing.age import decrypt
from storage import Transaction
from storage.repositories import grants, tips


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as opened:
        yield opened


# --- signing in


async def test_the_same_signed_challenge_signs_in_once(room: Room) -> None:
    hand = room["Somchai"]
    asked = (await hand.http.post("/challenge", json={"officer": hand.id})).json()
    body = hand.signed(asked["challenge"])
    assert (await hand.http.post("/sign-in", json=body)).status_code == 200
    assert (await hand.http.post("/sign-in", json=body)).status_code == 403


async def test_a_challenge_ends(room: Room) -> None:
    hand = room["Somchai"]
    asked = (await hand.http.post("/challenge", json={"officer": hand.id})).json()
    room.clock.advance(asked["expires_s"] + 1)
    answer = await hand.http.post("/sign-in", json=hand.signed(asked["challenge"]))
    assert answer.status_code == 403


async def test_a_challenge_of_ones_own_making_is_refused(room: Room) -> None:
    hand = room["Somchai"]
    answer = await hand.http.post("/sign-in", json=hand.signed(b64(b"\xff" * 32)))
    assert answer.status_code == 403


async def test_a_challenge_is_for_the_officer_who_asked(room: Room) -> None:
    somchai, malee = room["Somchai"], room["Malee"]
    asked = (await somchai.http.post("/challenge", json={"officer": somchai.id})).json()
    answer = await malee.http.post("/sign-in", json=malee.signed(asked["challenge"]))
    assert answer.status_code == 403


async def test_a_signature_for_another_desk_is_refused(room: Room) -> None:
    hand = room["Somchai"]
    asked = (await hand.http.post("/challenge", json={"officer": hand.id})).json()
    body = hand.signed(asked["challenge"], origin="https://evil.example")
    assert (await hand.http.post("/sign-in", json=body)).status_code == 403


async def test_a_stranger_gets_a_challenge_like_anybody_and_the_same_refusal(room: Room) -> None:
    hand = room["Somchai"]
    stranger = an_id()
    asked = await hand.http.post("/challenge", json={"officer": stranger})
    assert asked.status_code == 200
    body = {**hand.signed(asked.json()["challenge"]), "officer": stranger}
    unknown = await hand.http.post("/sign-in", json=body)
    known = await hand.http.post("/sign-in", json=hand.signed(b64(bytes(32))))
    assert (unknown.status_code, unknown.json()) == (known.status_code, known.json())


async def test_a_token_ends_and_no_token_is_none(room: Room) -> None:
    hand = room["Somchai"]
    assert (await hand.get("/me")).json()["name"] == "Somchai"
    room.clock.advance(901)
    assert (await hand.get("/me")).status_code == 401
    hand.session = None
    assert (await hand.get("/me")).status_code == 401


async def test_officers_hear_that_somebody_is_guessing_codes_for_so_many_days(room: Room) -> None:
    hand = room["Somchai"]
    assert (await hand.get("/me")).json()["guessing_day"] is None
    day = today(room.clock)
    await room.database.commit(lambda t: guessing.note(t, day))
    assert (await hand.get("/me")).json()["guessing_day"] == day.isoformat()
    room.clock.advance(15 * 24 * 3600)
    await hand.sign_in()
    assert (await hand.get("/me")).json()["guessing_day"] is None


async def test_officers_hear_that_the_server_was_made_of_a_backup_for_so_many_days(
    room: Room,
) -> None:
    hand = room["Somchai"]

    async def told() -> tuple[str | None, str | None]:
        me = (await hand.get("/me")).json()
        return me["restored_day"], me["backup_day"]

    assert await told() == (None, None)
    day = today(room.clock)
    await room.database.commit(lambda t: restored.note(t, day, "2026-01-02"))
    assert await told() == (day.isoformat(), "2026-01-02")
    room.clock.advance(31 * 24 * 3600)
    await hand.sign_in()
    assert await told() == (None, None)


async def test_signing_out_ends_the_token(room: Room) -> None:
    hand = room["Somchai"]
    assert (await hand.post("/sign-out", {})).status_code == 204
    assert (await hand.get("/me")).status_code == 401


async def test_whoever_left_the_roster_is_out_at_once(room: Room) -> None:
    tip_id = await room.file()
    others = tuple(o for o in room.roster.officers if o.name != "Somchai")
    room.rosters.append(next_roster(room.roster, others))
    assert (await room["Somchai"].get(f"/tips/{tip_id}")).status_code == 401


# --- seeing


async def test_an_officer_opens_what_the_reporter_told(room: Room) -> None:
    tip_id = await room.file()
    (listed,) = (await room["Somchai"].get("/tips")).json()["tips"]
    assert listed["tip_id"] == tip_id
    tip = (await room["Somchai"].get(f"/tips/{tip_id}")).json()
    (part,) = tip["parts"]
    opened = open_part(
        base64.b64decode(part["sealed"]),
        room.tip_keys[tip_id].case,
        Place(tip_id, part["part_id"], part["seq"], None),
    )
    assert opened.words == "เห็นเขาเอาปูนไปทำถนนหน้าบ้านตัวเอง"
    assert tip["case_recipient"] == str(room.tip_keys[tip_id].case.recipient)


@pytest.mark.parametrize(("name", "status"), [("Prasit", 404), ("Anong", 404), ("Admin", 403)])
async def test_a_foreign_a_withheld_and_an_unknown_tip_give_one_answer(
    room: Room, name: str, status: int
) -> None:
    hand, tip_id = room[name], await room.file(file=b"photo")
    blob = (await room["Somchai"].get(f"/tips/{tip_id}")).json()["parts"][1]["blob_id"]
    assert (await hand.get("/tips")).json().get("tips", []) == []
    for there, nowhere in (
        (await hand.get(f"/tips/{tip_id}"), await hand.get(f"/tips/{an_id()}")),
        (
            await hand.get(f"/tips/{tip_id}/blobs/{blob}"),
            await hand.get(f"/tips/{an_id()}/blobs/{blob}"),
        ),
        (await hand.claim(tip_id, 1), await hand.claim(an_id(), 1)),
        (await hand.claim(tip_id, 9), await hand.claim(an_id(), 9)),
    ):
        assert there.status_code == status
        assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content)


async def test_a_foreign_tip_is_refused_as_fast_as_an_unknown_one(room: Room) -> None:
    """Interleaved medians in one run: a look-up that ran further would show as a multiple."""
    hand, tip_id = room["Prasit"], await room.file()
    there, nowhere = [], []
    for _ in range(60):
        for path, times in ((tip_id, there), (an_id(), nowhere)):
            before = time.perf_counter()
            await hand.get(f"/tips/{path}")
            times.append(time.perf_counter() - before)
    ratio = statistics.median(there) / statistics.median(nowhere)
    assert 1 / 3 < ratio < 3


async def test_who_moved_to_another_centre_loses_the_old_ones_tips(room: Room) -> None:
    tip_id = await room.file()
    moved = tuple(
        enrolled(room["Somchai"].keys, "loei") if o.name == "Somchai" else o
        for o in room.roster.officers
    )
    room.rosters.append(next_roster(room.roster, moved))
    assert (await room["Somchai"].get(f"/tips/{tip_id}")).status_code == 404
    assert (await room["Somchai"].get("/tips")).json()["tips"] == []


async def test_a_lead_reads_what_the_officers_of_their_centre_read(room: Room) -> None:
    promoted = tuple(
        enrolled(room["Malee"].keys, "khonkaen", roles=(Role.LEAD,)) if o.name == "Malee" else o
        for o in room.roster.officers
    )
    room.rosters.append(next_roster(room.roster, promoted))
    tip_id = await room.file()
    assert (await room["Malee"].get(f"/tips/{tip_id}")).status_code == 200
    elsewhere = await room.file("loei")
    assert (await room["Malee"].get(f"/tips/{elsewhere}")).status_code == 404


async def test_a_file_comes_as_the_sealed_bytes(room: Room) -> None:
    tip_id = await room.file(file=b"a photo" * 100_000)
    tip = (await room["Somchai"].get(f"/tips/{tip_id}")).json()
    answer = await room["Somchai"].get(f"/tips/{tip_id}/blobs/{tip['parts'][1]['blob_id']}")
    assert decrypt(answer.content, room.tip_keys[tip_id].case) == b"a photo" * 100_000
    other = await room.file(file=b"other")
    foreign = await room["Somchai"].get(f"/tips/{other}/blobs/{tip['parts'][1]['blob_id']}")
    assert foreign.status_code == 404


async def test_pages_are_complete_and_never_repeat(room: Room) -> None:
    filed = {await room.file() for _ in range(7)}
    seen, after = [], None
    while True:
        query = {"limit": "3"} | ({"after": after} if after else {})
        page = (await room["Malee"].get("/tips", **query)).json()
        seen += [tip["tip_id"] for tip in page["tips"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == 7
    assert set(seen) == filed


@pytest.mark.parametrize("path", ["/tips", "/standings"])
async def test_a_queue_says_nothing_of_tips_that_are_ones_own_no_more(
    room: Room, path: str
) -> None:
    """Not where one lies, not how many there are: who left a centre reads on only what is theirs,
    and the page is as full as anybody's."""
    hand, given = room["Malee"], []
    for _ in range(3):
        await room.file()
    room.move_to("loei", "Malee")
    assert (await hand.get(path, limit="1")).json() == {"tips": [], "next": None}
    for _ in range(3):
        given.append(await room.file("loei"))
        await room.file()
    seen, after, pages = [], {}, 0
    while True:
        page = (await hand.get(path, limit="1", **after)).json()
        seen += [tip["tip_id"] for tip in page["tips"]]
        pages += 1
        if page["next"] is None:
            break
        assert page["next"].endswith(seen[-1])
        after = {"after": page["next"]}
    assert (sorted(seen), pages) == (sorted(given), 3)


async def test_where_tips_stand_is_the_queue_without_what_is_sealed(room: Room) -> None:
    for _ in range(5):
        await room.file()
    for query in ({"limit": "3"}, {}):
        page = (await room["Malee"].get("/tips", **query)).json()
        standing = (await room["Malee"].get("/standings", **query)).json()
        assert standing["next"] == page["next"]
        for tip in page["tips"]:
            tip["grant_id"] = tip.pop("grant")["grant_id"]
        assert standing["tips"] == page["tips"]
    assert (await room["Prasit"].get("/standings")).json()["tips"] == []
    assert (await room["Malee"].get("/standings", after="x")).status_code == 422
    assert (await room["Admin"].get("/standings")).status_code == 403


@pytest.mark.parametrize(
    "query", [{"after": "x"}, {"after": "2026-11-23.x"}, {"status": "gone"}, {"limit": "0"}]
)
async def test_a_bad_query_is_named(room: Room, query: dict[str, str]) -> None:
    answer = await room["Malee"].get("/tips", **query)
    assert answer.status_code == 422
    assert answer.json()["error"] == "bad_shape"


async def test_only_an_admin_lists_grants_to_recovery(room: Room) -> None:
    tip_id = await room.file()
    assert (await room["Somchai"].get("/recovery/tips")).status_code == 403
    (listed,) = (await room["Admin"].get("/recovery/tips")).json()["tips"]
    assert listed["tip_id"] == tip_id
    grant = listed["grant"]
    assert b"saisaat" not in base64.b64decode(grant["sealed"])
    assert decrypt(base64.b64decode(grant["sealed"]), RECOVERY_IDENTITY)


# --- changing


async def test_of_two_officers_who_claim_one_wins_and_the_other_is_told_who(room: Room) -> None:
    tip_id = await room.file()
    answers = await asyncio.gather(room["Somchai"].claim(tip_id, 1), room["Malee"].claim(tip_id, 1))
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (200, 409)
    assert lost.json()["claimed_by"] == won.json()["claimed_by"]
    assert lost.json()["claimed_by_name"] in ("Somchai", "Malee")


async def test_a_tip_given_back_can_be_claimed_again(room: Room) -> None:
    tip_id = await room.file()
    await room["Somchai"].claim(tip_id, 1)
    assert (await room["Malee"].release(tip_id, 2)).status_code == 409
    assert (await room["Somchai"].release(tip_id, 2)).json()["version"] == 3
    assert (await room["Malee"].claim(tip_id, 3)).status_code == 200


async def test_a_tip_held_by_somebody_who_left_is_not_stuck(room: Room) -> None:
    tip_id = await room.file()
    await room["Somchai"].claim(tip_id, 1)
    assert (await room["Malee"].claim(tip_id, 2)).status_code == 409
    others = tuple(o for o in room.roster.officers if o.name != "Somchai")
    room.rosters.append(next_roster(room.roster, others))
    assert (await room["Malee"].say(tip_id, "รับเรื่องต่อแล้ว")).status_code == 201
    assert (await room["Malee"].claim(tip_id, 2)).json()["claimed_by"] == room["Malee"].id


async def test_a_tip_held_by_somebody_who_moved_to_another_centre_is_not_stuck(room: Room) -> None:
    tip_id = await room.file()
    await room["Somchai"].claim(tip_id, 1)
    moved = tuple(
        enrolled(room["Somchai"].keys, "loei") if o.name == "Somchai" else o
        for o in room.roster.officers
    )
    room.rosters.append(next_roster(room.roster, moved))
    assert (await room["Malee"].claim(tip_id, 2)).status_code == 200


async def test_a_grant_that_opens_nothing_takes_no_other_grants_place(room: Room) -> None:
    """Else an officer could shut the centre above out of a tip before it escalates."""
    tip_id, hand, above = await room.file(), room["Somchai"], room["Anong"]
    junk, grant_id = b"not a grant at all", an_id()
    statement = grant_statement(
        grant_id=grant_id, tip_id=tip_id, to=above.id, sealed=junk, day=room.day, by=hand.id
    )
    body = {
        "grant_id": grant_id,
        "officer": above.id,
        "sealed": b64(junk),
        "day": room.day,
        "signature": hand.sign(statement),
    }
    assert (await hand.post(f"/tips/{tip_id}/grants", body)).status_code == 201
    (listed,) = (await above.get("/tips")).json()["tips"]
    opened = open_grant(
        base64.b64decode(listed["grant"]["sealed"]),
        above.keys.age,
        tip_id=tip_id,
        grant_id=listed["grant"]["grant_id"],
        to=above.id,
    )
    assert opened.case == room.tip_keys[tip_id].case


async def test_a_claim_signed_by_another_is_refused(room: Room) -> None:
    tip_id = await room.file()
    thief = room["Malee"]
    thief.session = room["Somchai"].session  # all of a session, without the officer's key
    assert (await thief.claim(tip_id, 1)).status_code == 403


async def test_a_claim_cannot_be_replayed(room: Room) -> None:
    tip_id = await room.file()
    await room["Somchai"].claim(tip_id, 1)
    await room["Somchai"].release(tip_id, 2)
    assert (await room["Somchai"].claim(tip_id, 1)).status_code == 409


async def test_a_message_and_a_note_go_to_their_sides(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    assert (await hand.say(tip_id, "จำทะเบียนรถได้ไหม")).status_code == 201
    assert (await hand.say(tip_id, "โทรหาเทศบาลแล้ว", Kind.NOTE)).status_code == 201
    tip = (await hand.get(f"/tips/{tip_id}")).json()
    assert [(p["seq"], p["kind"], p["sealed_to"], p["officer"]) for p in tip["parts"][1:]] == [
        (2, "message", "reply", hand.id),
        (3, "note", "case", hand.id),
    ]


async def test_a_message_sealed_to_the_wrong_side_is_refused(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    body = await hand.part(tip_id, "secret note", Kind.NOTE)
    answer = await hand.post(f"/tips/{tip_id}/parts", {**body, "sealed_to": "reply"})
    assert (answer.status_code, answer.json()["field"]) == (422, "sealed_to")


async def test_a_part_behind_an_old_end_is_told_the_new_one(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    stale = await hand.part(tip_id, "เก่า", Kind.NOTE)
    await hand.say(tip_id, "ใหม่", Kind.NOTE)
    answer = await hand.post(f"/tips/{tip_id}/parts", stale)
    newest = (await hand.get(f"/tips/{tip_id}")).json()["parts"][-1]
    assert answer.status_code == 409
    assert (answer.json()["seq"], answer.json()["hash"]) == (newest["seq"], newest["hash"])


async def test_a_part_with_other_bytes_than_were_signed_is_refused(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    body = await hand.part(tip_id, "จริง", Kind.NOTE)
    answer = await hand.post(f"/tips/{tip_id}/parts", {**body, "sealed": b64(b"other bytes")})
    assert answer.status_code == 403
    assert len((await hand.get(f"/tips/{tip_id}")).json()["parts"]) == 1


async def test_only_the_holder_speaks_to_the_reporter(room: Room) -> None:
    tip_id = await room.file()
    await room["Somchai"].claim(tip_id, 1)
    answer = await room["Malee"].say(tip_id, "สวัสดี")
    assert (answer.status_code, answer.json()["claimed_by_name"]) == (409, "Somchai")
    assert (await room["Malee"].say(tip_id, "ดูแล้ว", Kind.NOTE)).status_code == 201


async def test_who_asked_for_no_contact_gets_none(room: Room) -> None:
    tip_id = await room.file()
    await room.database.commit(lambda t: tips.stop_contact(t, tip_id, room.day))
    answer = await room["Somchai"].say(tip_id, "ขอถามอีกข้อ")
    assert (answer.status_code, answer.json()["error"]) == (403, "no_contact")


async def test_a_status_moves_with_its_sentence_or_not_at_all(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    await hand.claim(tip_id, 1)
    stale = await hand.set_status(tip_id, 1, "screening")
    assert stale.status_code == 409
    assert len((await hand.get(f"/tips/{tip_id}")).json()["parts"]) == 1
    assert (await hand.set_status(tip_id, 2, "screening")).json()["version"] == 3
    tip = (await hand.get(f"/tips/{tip_id}")).json()
    assert (tip["status"], tip["parts"][-1]["kind"]) == ("screening", "status")
    assert [change["kind"] for change in tip["changes"]] == ["claim", "status"]
    assert (await hand.set_status(tip_id, 3, "received")).status_code == 422


async def test_a_reason_goes_before_its_sentence_or_nothing_is_kept(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    await hand.claim(tip_id, 1)
    reason = await hand.part(tip_id, "เหตุผล", Kind.NOTE)
    for spoilt in (
        {**reason, "sealed_to": "reply"},
        {**reason, "kind": "message"},
        {**reason, "signature": b64(bytes(64))},
        {**reason, "seq": reason["seq"] + 1},
        {**reason, "day": "2020-01-01"},
    ):
        answer = await hand.set_status(tip_id, 2, "closed", spoilt)
        assert answer.status_code in (403, 409, 422)
    stale = await hand.set_status(tip_id, 1, "closed", reason)
    assert stale.status_code == 409
    assert len((await hand.get(f"/tips/{tip_id}")).json()["parts"]) == 1
    assert (await hand.set_status(tip_id, 2, "closed", reason)).json()["version"] == 3
    tip = (await hand.get(f"/tips/{tip_id}")).json()
    assert [part["kind"] for part in tip["parts"][-2:]] == ["note", "status"]
    assert [part["sealed_to"] for part in tip["parts"][-2:]] == ["case", "reply"]
    assert (tip["status"], tip["changes"][-1]["part_id"]) == ("closed", tip["parts"][-1]["part_id"])


async def test_the_queue_says_what_its_reporter_said_to_an_ending(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    await hand.claim(tip_id, 1)
    await hand.set_status(tip_id, 2, "closed")

    async def last_word() -> str | None:
        (listed,) = (await hand.get("/tips")).json()["tips"]
        said: str | None = listed["last_word"]
        return said

    assert await last_word() is None
    await room.database.commit(lambda t: tips.confirm(t, tip_id, 3, day=room.day))
    assert await last_word() == "confirm"
    await room.database.commit(lambda t: tips.reopen(t, tip_id, 4, day=room.day, part_id="ab" * 16))
    assert await last_word() == "reopen"
    stale = await hand.set_status(tip_id, 3, "screening")
    assert stale.status_code == 409
    tip = (await hand.get(f"/tips/{tip_id}")).json()
    assert (tip["status"], tip["changes"][-1]["kind"]) == ("in_progress", "reopen")
    assert (await hand.set_status(tip_id, 5, "closed")).status_code == 200
    assert await last_word() is None


async def test_a_queue_can_be_asked_by_status(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    await room.file()
    await hand.claim(tip_id, 1)
    await hand.set_status(tip_id, 2, "screening")
    (listed,) = (await hand.get("/tips", status="screening,accepted")).json()["tips"]
    assert listed["tip_id"] == tip_id


async def test_a_colleague_is_let_in_by_a_signed_grant(room: Room) -> None:
    tip_id, hand, colleague = await room.file(), room["Somchai"], room["Prasit"]
    body = room.grant_by(hand, colleague, tip_id)
    assert (await colleague.post(f"/tips/{tip_id}/grants", body)).status_code == 403
    assert (await hand.post(f"/tips/{tip_id}/grants", body)).status_code == 201
    assert (await colleague.get(f"/tips/{tip_id}")).status_code == 200
    again = await hand.post(f"/tips/{tip_id}/grants", body)
    assert (again.status_code, again.json()["error"]) == (422, "reads_it")


@pytest.mark.parametrize("name", ["Malee", "Anong"])
async def test_a_colleague_who_left_their_centre_is_let_in_by_name_like_anybody(
    room: Room, name: str
) -> None:
    """Malee's grant of her old centre was released, Anong's withheld: neither stands in the way."""
    tip_id, hand, colleague = await room.file(), room["Somchai"], room[name]
    room.move_to("loei", name)
    assert (await colleague.get(f"/tips/{tip_id}")).status_code == 404
    body = room.grant_by(hand, colleague, tip_id)
    assert (await hand.post(f"/tips/{tip_id}/grants", body)).status_code == 201
    answer = await colleague.get(f"/tips/{tip_id}")
    shown = answer.json()
    opened = open_tip(parse(TipDetail, answer.content), colleague.id, colleague.keys.age)
    assert opened.keys.is_whole
    assert {part.state for part in opened.parts} == {State.OPEN}
    assert shown["grant"]["grant_id"] == body["grant_id"]
    assert len(shown["earlier"]) == 1, "what they had is theirs again, should the new one be junk"
    (of_theirs,) = (each for each in shown["grants"] if each["officer"] == colleague.id)
    assert (of_theirs["granted_by"], of_theirs["is_personal"]) == (hand.id, True)
    again = await hand.post(f"/tips/{tip_id}/grants", body)
    assert (again.status_code, again.json()["error"]) == (422, "reads_it")


async def test_whose_withheld_grant_was_given_by_name_keeps_the_tip_when_it_moves(
    room: Room,
) -> None:
    tip_id, hand, above = await room.file(), room["Somchai"], room["Anong"]
    keys, prasit = (
        room.tip_keys[tip_id],
        next(o for o in room.roster.officers if o.name == "Prasit"),
    )
    body = room.grant_by(hand, above, tip_id)
    assert (await hand.post(f"/tips/{tip_id}/grants", body)).status_code == 201
    assert (await hand.move(tip_id, 1, "region", keys)).status_code == 200
    assert (await above.move(tip_id, 2, "loei", keys, prasit, frm="region")).status_code == 200
    assert (await room["Prasit"].claim(tip_id, 3)).status_code == 200
    assert (await above.get(f"/tips/{tip_id}")).status_code == 200


async def test_a_released_grant_of_the_region_shows_the_tip_there(room: Room) -> None:
    tip_id = await room.file()

    def escalate(t: Transaction) -> None:
        assert grants.release(t, tip_id, "region") == 1

    await room.database.commit(escalate)
    assert (await room["Anong"].get(f"/tips/{tip_id}")).status_code == 200


async def test_a_deed_dated_another_week_is_refused(room: Room) -> None:
    tip_id, hand = await room.file(), room["Somchai"]
    hand.day = "2026-11-10"
    answer = await hand.claim(tip_id, 1)
    assert (answer.status_code, answer.json()["error"]) == (422, "wrong_day")


async def test_the_centres_are_listed_with_their_place_in_the_tree(room: Room) -> None:
    (top, *_, inside) = (await room["Prasit"].get("/centres")).json()["centres"]
    assert (top["id"], top["parent"], top["agency"]) == ("region", None, None)
    assert (inside["id"], inside["parent"], inside["agency"]) == ("inside", "region", "department")
    room["Prasit"].session = None
    assert (await room["Prasit"].get("/centres")).status_code == 401


async def test_recovery_gets_the_sealed_forms_and_no_other_words(room: Room) -> None:
    tip_id = await room.file()
    (listed,) = (await room["Admin"].get("/recovery/tips")).json()["tips"]
    assert (listed["tip_id"], listed["forms"]) == (tip_id, [])
