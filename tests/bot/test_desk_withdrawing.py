"""Withdrawing an officer: all of it in one commit, by whom it may be, and nobody else shut out."""

import asyncio
import base64
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk_room import (
    RECOVERY_IDENTITY,
    Hand,
    Room,
    a_room,
    an_id,
    b64,
    enrolled,
    next_roster,
)

from console.audited import judge_entry
from console.findings import Signers
from sealing import (
    RECOVERY,
    REKEYS_AT_MOST,
    Kind,
    Officer,
    OfficerKeys,
    Rekey,
    Role,
    TipKeys,
    make_rekey,
    open_earlier,
    open_grant,
    open_receipt_grant,
    parse_rekey,
    read_entry,
    rekey_statement,
    write_rekey,
)
from sealing.age import PQRecipient
from storage import Transaction
from storage.repositories import audit, grants, tips

Body = dict[str, Any]


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as room:
        yield room


@dataclass
class Making:
    """A withdrawal being made: what a test may bend before it is signed and sent."""

    room: Room
    by: Hand
    tip_id: str
    withdrawn: str
    readers: list[tuple[str, PQRecipient]]
    knows_receipt: bool = True
    fresh: TipKeys | None = None

    async def body(self, version: int) -> Body:
        """A withdrawal as a console sends it."""
        now, rekey = self.rekey()
        self.room.tip_keys[self.tip_id] = now
        said = write_rekey(rekey)
        reason = await self.by.part(self.tip_id, "ย้ายไปทำงานอื่น", Kind.NOTE)
        return {
            "version": version,
            "withdrawn": self.withdrawn,
            "rekey": b64(said),
            "day": self.by.day,
            "signature": self.signature(version, said, reason),
            "reason": reason,
            "grants": [self.by.grant(self.tip_id, now, *reader) for reader in self.readers],
        }

    def rekey(self) -> tuple[TipKeys, Rekey]:
        receipt = (an_id(), self.room.receipts[self.tip_id].recipient)
        return make_rekey(
            self.tip_id,
            self.room.tip_keys[self.tip_id],
            self.fresh or TipKeys.generate(),
            readers=frozenset(to for to, _ in self.readers),
            receipt=receipt if self.knows_receipt else None,
            day=self.by.day,
            by=self.by.id,
        )

    def signature(self, version: int, said: bytes, reason: Body, **other: Any) -> str:
        fields: dict[str, Any] = {
            "tip_id": self.tip_id,
            "version": version,
            "withdrawn": self.withdrawn,
            "rekey": said,
            "reason_part_id": reason["part_id"],
            "day": self.by.day,
            "officer": self.by.id,
        }
        return self.by.sign(rekey_statement(**{**fields, **other}))

    async def send(self, version: int, **changed: Any) -> httpx.Response:
        return await self.send_body({**await self.body(version), **changed})

    async def send_body(self, body: Body) -> httpx.Response:
        return await self.by.post(f"/tips/{self.tip_id}/withdraw", body)


async def making(
    room: Room, tip_id: str, by: str = "Somchai", withdrawn: str = "Malee", **bent: Any
) -> Making:
    """*by* withdraws *withdrawn*: with a grant for everyone who has one and stays."""
    held = {row.officer for row in await room.database.read(lambda t: grants.of_tip(t, tip_id))}
    readers = [(o.id, o.age) for o in room.roster.officers if o.id in held and o.name != withdrawn]
    readers.append((RECOVERY, RECOVERY_IDENTITY.recipient))
    return Making(room, room[by], tip_id, room[withdrawn].id, readers, **bent)


async def held_tip(room: Room, holder: str = "Somchai") -> str:
    tip_id = await room.file()
    assert (await room[holder].claim(tip_id, 1)).status_code == 200
    return tip_id


async def whole(room: Room, name: str, tip_id: str) -> Body:
    answer = await room[name].get(f"/tips/{tip_id}")
    assert answer.status_code == 200, answer.text
    found: Body = answer.json()
    return found


def opened(tip_id: str, grant: Body, reader: Hand) -> TipKeys:
    sealed = base64.b64decode(grant["sealed"])
    where = {"tip_id": tip_id, "grant_id": grant["grant_id"], "to": reader.id}
    return open_grant(sealed, reader.keys.age, **where).keys


async def test_all_of_a_withdrawal_is_there_at_once(room: Room) -> None:
    tip_id = await held_tip(room)
    before = room.tip_keys[tip_id]
    assert (await (await making(room, tip_id)).send(2)).json() == {"version": 3}
    tip, now = await whole(room, "Somchai", tip_id), room.tip_keys[tip_id]
    assert tip["case_recipient"] == str(now.case.recipient)
    assert tip["reply_recipient"] == str(now.reply.recipient)
    assert opened(tip_id, tip["grant"], room["Somchai"]) == now
    (earlier,) = tip["earlier"]
    assert opened(tip_id, earlier, room["Somchai"]) == before
    change = tip["changes"][-1]
    assert (change["kind"], change["to_officer"]) == ("rekey", room["Malee"].id)
    assert change["part_id"] == tip["parts"][-1]["part_id"]
    rekey = parse_rekey(base64.b64decode(change["rekey"]))
    assert open_earlier(rekey, now.case, tip_id=tip_id) == before
    assert rekey.receipt_grant is not None
    assert rekey.receipt_grant_id is not None
    reply = open_receipt_grant(
        rekey.receipt_grant, room.receipts[tip_id], tip_id=tip_id, grant_id=rekey.receipt_grant_id
    )
    assert reply == now.reply
    assert tip["claimed_by"] == room["Somchai"].id
    assert {grant["officer"] for grant in tip["grants"]} == set(rekey.readers)


async def test_who_was_withdrawn_is_served_the_tip_no_more_and_told_by_whom(room: Room) -> None:
    tip_id = await held_tip(room)
    assert (await (await making(room, tip_id)).send(2)).status_code == 200
    malee = room["Malee"]
    gone = await malee.get(f"/tips/{tip_id}")
    assert (gone.status_code, gone.json()["kind"]) == (410, "rekey")
    assert (gone.json()["officer"], gone.json()["to_officer"]) == (room["Somchai"].id, malee.id)
    assert (await malee.get("/tips")).json()["tips"] == []
    assert (await malee.claim(tip_id, 3)).status_code == 404
    rows = await room.database.read(lambda t: grants.earlier(t, tip_id, malee.id))
    assert rows == ()


async def test_a_withheld_grant_is_made_anew_and_stays_withheld(room: Room) -> None:
    tip_id = await held_tip(room)
    await (await making(room, tip_id)).send(2)
    assert (await room["Anong"].get(f"/tips/{tip_id}")).status_code == 404
    await room.database.commit(lambda t: grants.release(t, tip_id, "region"))
    tip = await whole(room, "Anong", tip_id)
    assert opened(tip_id, tip["grant"], room["Anong"]) == room.tip_keys[tip_id]


async def test_recovery_is_told_all_it_needs(room: Room) -> None:
    tip_id = await held_tip(room)
    before = room.tip_keys[tip_id]
    await (await making(room, tip_id)).send(2)
    (listed,) = (await room["Admin"].get("/recovery/tips")).json()["tips"]
    sealed, grant_id = base64.b64decode(listed["grant"]["sealed"]), listed["grant"]["grant_id"]
    where = {"tip_id": tip_id, "grant_id": grant_id, "to": RECOVERY}
    assert open_grant(sealed, RECOVERY_IDENTITY, **where).keys == room.tip_keys[tip_id]
    rekey = parse_rekey(base64.b64decode(listed["rekeys"][0]))
    assert open_earlier(rekey, room.tip_keys[tip_id].case, tip_id=tip_id) == before
    assert listed["withdrawn"] == [room["Malee"].id]
    assert len(listed["earlier"]) == 1


@pytest.mark.parametrize("roles", [(Role.LEAD,), (Role.OFFICER, Role.ADMIN)])
async def test_one_with_a_role_for_it_withdraws_the_holder_who_then_holds_nothing(
    room: Room, roles: tuple[Role, ...]
) -> None:
    tip_id = await held_tip(room, "Malee")
    assert (await (await making(room, tip_id)).send(2)).json()["error"] == "not_holder"
    officers = tuple(
        replace(each, roles=roles) if each.name == "Somchai" else each
        for each in room.roster.officers
    )
    room.rosters.append(next_roster(room.roster, officers))
    room.tip_keys[tip_id] = opened(
        tip_id, (await whole(room, "Somchai", tip_id))["grant"], room["Somchai"]
    )
    assert (await (await making(room, tip_id)).send(2)).status_code == 200
    assert (await whole(room, "Somchai", tip_id))["claimed_by"] is None


async def test_who_was_withdrawn_and_let_in_again_withdraws_nobody(room: Room) -> None:
    tip_id = await held_tip(room)
    await (await making(room, tip_id)).send(2)
    grant = room.grant_by(room["Somchai"], room["Malee"], tip_id)
    assert (await room["Somchai"].post(f"/tips/{tip_id}/grants", grant)).status_code == 201
    assert (await whole(room, "Malee", tip_id))["version"] == 3
    await room["Somchai"].release(tip_id, 3)
    assert (await room["Malee"].claim(tip_id, 4)).status_code == 200
    refused = await (await making(room, tip_id, "Malee", "Somchai")).send(5)
    assert (refused.status_code, refused.json()["error"]) == (403, "was_withdrawn")


async def test_who_was_withdrawn_does_not_come_back_by_a_move(room: Room) -> None:
    tip_id = await held_tip(room)
    await (await making(room, tip_id)).send(2)
    keys, readers = room.tip_keys[tip_id], [o for o in room.roster.officers if o.name == "Prasit"]
    moved = await room["Somchai"].move(tip_id, 3, "loei", keys, *readers)
    assert moved.status_code == 200
    back = [o for o in room.roster.officers if o.name == "Malee"]
    refused = await room["Prasit"].move(tip_id, 4, "khonkaen", keys, *back, frm="loei")
    assert (refused.status_code, refused.json()["error"]) == (422, "withdrawn")


async def test_a_grant_of_keys_that_are_old_by_now_is_refused(room: Room) -> None:
    """Its maker read the tip before the keys were new; nobody could open anything with it."""
    tip_id = await held_tip(room)
    grant = room.grant_by(room["Somchai"], room["Prasit"], tip_id)
    await (await making(room, tip_id)).send(2)
    path = f"/tips/{tip_id}/grants"
    refused = await room["Somchai"].post(path, {**grant, "rekeys": 0})
    assert (refused.status_code, refused.json()["error"]) == (409, "moved")
    fresh = room.grant_by(room["Somchai"], room["Prasit"], tip_id)
    assert (await room["Somchai"].post(path, {**fresh, "rekeys": 1})).status_code == 201


async def test_a_part_sealed_before_the_keys_were_new_is_refused(room: Room) -> None:
    tip_id = await held_tip(room)
    late = await room["Somchai"].part(tip_id, "ช้าไป", Kind.NOTE)
    await (await making(room, tip_id)).send(2)
    refused = await room["Somchai"].post(f"/tips/{tip_id}/parts", late)
    assert (refused.status_code, refused.json()["error"]) == (409, "grown")


async def test_of_two_who_withdraw_at_once_one_wins(room: Room) -> None:
    tip_id = await held_tip(room)
    first, second = await making(room, tip_id), await making(room, tip_id)
    bodies = [await first.body(2)]
    room.tip_keys[tip_id] = TipKeys.generate()
    bodies.append(await second.body(2))
    answers = await asyncio.gather(*map(first.send_body, bodies))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    tip = await whole(room, "Somchai", tip_id)
    assert [change["kind"] for change in tip["changes"]] == ["claim", "rekey"]
    assert [part["kind"] for part in tip["parts"]] == ["words", "note"]


@pytest.mark.parametrize(
    ("name", "status"), [("Prasit", 404), ("Anong", 404), ("Rattana", 404), ("Admin", 403)]
)
async def test_nobody_withdraws_from_a_tip_that_is_not_theirs(
    room: Room, name: str, status: int
) -> None:
    tip_id = await held_tip(room)
    made, thief = await making(room, tip_id), room[name]
    body = await made.body(2)
    mine = [thief.grant(tip_id, room.tip_keys[tip_id], *reader) for reader in made.readers]
    answer = await thief.post(f"/tips/{tip_id}/withdraw", {**body, "grants": mine})
    assert answer.status_code == status


async def test_a_colleague_who_does_not_hold_it_may_not(room: Room) -> None:
    tip_id = await held_tip(room)
    refused = await (await making(room, tip_id, "Malee", "Somchai")).send(2)
    assert (refused.status_code, refused.json()["error"]) == (403, "not_holder")


def _without(officer: str) -> Callable[[Making], None]:
    return lambda made: made.readers.remove(
        next(reader for reader in made.readers if reader[0] == officer)
    )


async def test_nobody_is_left_out_and_nobody_comes_in(room: Room) -> None:
    tip_id = await held_tip(room)
    before = await dump(room, tip_id)
    old = room.tip_keys[tip_id]
    stranger: Officer = enrolled(OfficerKeys.generate("Stranger"), "khonkaen")
    room.rosters.append(next_roster(room.roster, (*room.roster.officers, stranger)))
    malee = next(each for each in room.roster.officers if each.name == "Malee")
    for bend, error in (
        (_without(room["Anong"].id), "readers"),
        (lambda made: made.readers.append((stranger.id, stranger.age)), "readers"),
        (lambda made: made.readers.append((malee.id, malee.age)), "readers"),
        (_without(room["Somchai"].id), "readers"),
        (lambda made: setattr(made, "withdrawn", room["Prasit"].id), "bad_shape"),
    ):
        made = await making(room, tip_id)
        bend(made)
        refused = await made.send(2)
        assert (refused.status_code, refused.json()["error"]) == (422, error)
        room.tip_keys[tip_id] = old
    assert await dump(room, tip_id) == before


async def test_one_who_left_needs_no_grant_and_can_be_withdrawn(room: Room) -> None:
    tip_id = await held_tip(room)
    here = tuple(each for each in room.roster.officers if each.name not in ("Malee", "Anong"))
    room.rosters.append(next_roster(room.roster, here))
    made = await making(room, tip_id)
    assert {to for to, _ in made.readers} == {room["Somchai"].id, RECOVERY}
    assert (await made.send(2)).status_code == 200


async def test_a_withdrawal_that_is_not_whole_stores_nothing(room: Room) -> None:
    tip_id = await held_tip(room)
    made = await making(room, tip_id)
    good, old = await made.body(2), room.tip_keys[tip_id]
    before = await dump(room, tip_id)
    said, reason = base64.b64decode(good["rekey"]), good["reason"]
    other = {**good["grants"][0], "signature": b64(bytes(64))}
    nothing = an_id()
    for changed, status in (
        ({"signature": b64(bytes(64))}, 403),
        ({"signature": made.signature(2, said + b" ", reason)}, 403),
        ({"signature": made.signature(2, said, reason, withdrawn=nothing)}, 403),
        ({"signature": made.signature(2, said, reason, tip_id=nothing)}, 403),
        ({"signature": made.signature(3, said, reason)}, 403),
        ({"signature": made.signature(2, said, {"part_id": nothing})}, 403),
        ({"rekey": b64(b"{}")}, 422),
        ({"rekey": b64(said + b" ")}, 422),
        ({"version": 1}, 409),
        ({"grants": good["grants"][1:]}, 422),
        ({"grants": [*good["grants"], good["grants"][0]]}, 422),
        ({"grants": [other, *good["grants"][1:]]}, 403),
        ({"reason": {**reason, "signature": b64(bytes(64))}}, 403),
        ({"reason": {**reason, "kind": "message"}}, 422),
        ({"reason": {**reason, "sealed_to": "reply"}}, 422),
        ({"withdrawn": room["Anong"].id}, 403),
        ({"withdrawn": RECOVERY}, 422),
        ({"day": "2026-11-10"}, 422),
    ):
        refused = await made.send_body({**good, **changed})
        assert refused.status_code == status, (changed.keys(), refused.text)
        assert await dump(room, tip_id) == before
    room.tip_keys[tip_id] = old
    assert (await made.send_body(good)).status_code == 200
    assert (await made.send_body(good)).status_code == 409, "once"


async def test_keys_that_are_not_new_are_refused(room: Room) -> None:
    tip_id = await held_tip(room)
    old = room.tip_keys[tip_id]
    for bent in (
        {"fresh": old},
        {"fresh": TipKeys(old.case, TipKeys.generate().reply)},
        {"fresh": TipKeys(TipKeys.generate().case, old.reply)},
        {"knows_receipt": False},
    ):
        room.tip_keys[tip_id] = old
        refused = await (await making(room, tip_id, **bent)).send(2)
        assert (refused.status_code, refused.json()["field"]) == (422, "rekey"), bent


async def test_of_an_older_tip_the_reply_key_stays(room: Room) -> None:
    tip_id = await held_tip(room)
    old = room.tip_keys[tip_id]
    await room.database.commit(
        lambda t: t.execute("UPDATE tip SET receipt_recipient = NULL WHERE tip_id = ?", (tip_id,))
    )
    assert (await whole(room, "Somchai", tip_id))["receipt_recipient"] is None
    assert (await (await making(room, tip_id)).send(2)).status_code == 422
    room.tip_keys[tip_id] = old
    made = await making(room, tip_id, knows_receipt=False)
    assert (await made.send(2)).status_code == 200
    tip = await whole(room, "Somchai", tip_id)
    assert tip["reply_recipient"] == str(old.reply.recipient)
    assert tip["case_recipient"] != str(old.case.recipient)


async def test_a_tip_takes_so_many_rekeys_and_then_says_so(room: Room) -> None:
    tip_id = await held_tip(room)

    def many(t: Transaction) -> int:
        version = 2
        for _ in range(REKEYS_AT_MOST):
            version = tips.rekey(
                t, tip_id, room["Somchai"].id, version, withdrawn=an_id(),
                recipients=(b"c", b"r"), rekey=b"said", day=room.day, part_id=an_id(),
                signature=None,
            )  # fmt: skip
        keys = room.tip_keys[tip_id].recipients
        t.execute(
            "UPDATE tip SET case_recipient = ?, reply_recipient = ? WHERE tip_id = ?",
            (keys.case.raw, keys.reply.raw, tip_id),
        )
        return version

    version = await room.database.commit(many)
    refused = await (await making(room, tip_id)).send(version)
    assert (refused.status_code, refused.json()["error"]) == (403, "rekeys")


async def dump(room: Room, tip_id: str) -> tuple[Any, ...]:
    """All that the desk has of the tip."""
    return await room.database.read(
        lambda t: (tips.get(t, tip_id), tips.changes(t, tip_id), grants.of_tip(t, tip_id))
    )


async def test_the_audit_trail_shows_who_withdrew_whom_and_the_signature_holds_from_it_alone(
    room: Room,
) -> None:
    tip_id = await held_tip(room)
    await (await making(room, tip_id)).send(2)
    entry = read_entry((await newest_entry(room)).data)
    assert (entry.deed, entry.officer) == ("rekey", room["Somchai"].id)
    assert entry.facts["to_officer"] == room["Malee"].id
    keys = {hand.id: hand.keys.sign.verify_key for hand in room.hands.values()}
    signers = Signers(keys, {}, {})
    assert judge_entry(entry, signers) == "signed"
    for bent in ({"to_officer": an_id()}, {"rekey_hash": "0" * 64}, {"version": 9}):
        assert judge_entry(replace(entry, facts={**entry.facts, **bent}), signers) == "forged"


async def newest_entry(room: Room) -> audit.EntryRow:
    found = await room.database.read(audit.newest)
    assert found is not None
    return found


async def test_a_number_that_a_grant_had_before_is_refused(room: Room) -> None:
    """What readers had is kept under its number. Who fears to be withdrawn could else put a second
    grant under one, and no rekey of the tip would go through any more."""
    tip_id, hand, prasit = await held_tip(room), room["Somchai"], room["Prasit"]
    old = (await whole(room, "Somchai", tip_id))["grant"]["grant_id"]
    made = await making(room, tip_id)
    body = await made.body(2)
    again = hand.grant(
        tip_id, room.tip_keys[tip_id], hand.id, hand.keys.age.recipient, grant_id=old
    )
    others = [each for each in body["grants"] if each["officer"] != hand.id]
    refused = [await made.send_body({**body, "grants": [*others, again]})]
    assert (await made.send_body(body)).status_code == 200
    guest = hand.grant(
        tip_id, room.tip_keys[tip_id], prasit.id, prasit.keys.age.recipient, grant_id=old
    )
    refused.append(await hand.post(f"/tips/{tip_id}/grants", guest))
    for each in refused:
        assert (each.status_code, each.json()["error"]) == (409, "conflict")
    next_one = await making(room, tip_id, withdrawn="Anong")
    assert (await next_one.send(3)).status_code == 200
