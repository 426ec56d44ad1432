"""Officers do whatever comes to mind, allowed or not, for a long while: the desk's laws hold at
every step, whatever happened before.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk_room import Hand, Room, a_room, next_roster
from test_desk_handing_over import handover
from test_desk_withdrawing import making

from console.audited import judge_entry
from console.trust import Trust
from sealing import RECOVERY, Entry, Kind, Role, read_entry
from storage import Transaction
from storage.repositories import audit, grants, parts, tips
from storage.repositories.tips import Status, TipRow

STEPS = 60
NAMES = ("Somchai", "Malee", "Prasit", "Anong")
CENTRES = ("khonkaen", "loei", "region")
UNKNOWN = {"error": "not_found", "says": "There is no such tip in your queue."}
SEEDS = 4
ENTRY = {
    "claim": "claim", "release": "release", "assign": "assign", "status": "status",
    "move": "move", "extend": "extend", "hold": "hold", "unhold": "unhold",
    "withdraw": "rekey", "grants": "grant", "parts": "part", "handovers": "handover",
}  # fmt: skip
"""What the trail calls the deed of each route."""
EXPLAINED_BY = {
    "claim": 0, "release": 0, "assign": 0, "grants": 0, "parts": 0,
    "status": 1, "move": 2, "extend": 2, "hold": 1, "unhold": 1, "withdraw": 1, "handovers": 1,
}  # fmt: skip
"""How many parts go with it."""
VERSIONED = frozenset(ENTRY) - {"grants", "parts", "handovers"}
"""Of these, only one is done to a tip as it is."""


@dataclass
class Knowing(Hand):
    """A console that knows where every chain ends, whether its officer may or not."""

    room: Room | None = None

    async def end_of(self, tip_id: str) -> tuple[int, bytes]:
        assert self.room is not None
        head = await self.room.database.read(lambda t: parts.head(t, tip_id))
        return head.seq, head.hash


@dataclass(frozen=True)
class Tried:
    name: str
    what: str


def knowing(room: Room) -> None:
    """Give every officer of *room* such a console."""
    for name, hand in room.hands.items():
        room.hands[name] = Knowing(
            hand.keys, hand.http, hand.day, hand.session, hand.session_key, room
        )


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with a_room(tmp_path) as opened:
        knowing(opened)
        leads = tuple(
            replace(each, roles=(Role.LEAD,)) if each.name in ("Malee", "Anong") else each
            for each in opened.roster.officers
        )
        opened.rosters.append(next_roster(opened.roster, leads))
        yield opened


async def deed(
    room: Room, dice: random.Random, what: str, hand: Hand, tip: TipRow
) -> httpx.Response:
    """*hand* tries *what* with the tip as it is."""
    tip_id, version, keys = tip.tip_id, tip.version, room.tip_keys[tip.tip_id]
    other = room[dice.choice(NAMES)]
    match what:
        case "claim":
            return await hand.claim(tip_id, version)
        case "release":
            return await hand.release(tip_id, version)
        case "assign":
            return await hand.assign(tip_id, version, other.id)
        case "parts":
            return await hand.say(tip_id, "ว่าไป", dice.choice((Kind.NOTE, Kind.MESSAGE)))
        case "status":
            return await hand.set_status(tip_id, version, dice.choice(tuple(Status)).value)
        case "extend":
            until = date.fromisoformat(tip.due_day or hand.day) + timedelta(dice.randrange(-1, 33))
            return await hand.extend(tip_id, version, until.isoformat())
        case "hold" | "unhold":
            return await hand.set_held(tip_id, version, is_held=what == "hold")
        case "grants":
            return await hand.post(f"/tips/{tip_id}/grants", room.grant_by(hand, other, tip_id))
        case "handovers":
            return await hand.post(f"/tips/{tip_id}/handovers", await handover(hand, tip_id))
        case "move":
            to = dice.choice(CENTRES)
            there = room.roster.of_centre(to, Role.OFFICER)
            return await hand.move(tip_id, version, to, keys, *there, frm=tip.centre)
        case "withdraw":
            made = await making(room, tip_id, hand.keys.name, other.keys.name)
            answer = await made.send(version)
            if answer.status_code != 200:
                room.tip_keys[tip_id] = keys
            return answer
    raise AssertionError(what)


async def snapshot(room: Room) -> dict[str, list[Any]]:
    """Everything in the database, by table."""

    def look(t: Transaction) -> dict[str, list[Any]]:
        names = t.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {name: sorted(map(repr, t.rows(f"SELECT * FROM {name}"))) for (name,) in names}  # noqa: S608  # the schema's own

    return await room.database.read(look)


async def trail(room: Room) -> list[Entry]:
    rows = await room.database.read(lambda t: audit.page(t, limit=10_000))
    return [read_entry(row.data) for row in rows]


async def readable(room: Room, hand: Hand, tip_ids: list[str]) -> set[str]:
    """The tips that open one by one; every other one is unknown, or gone by a signed change."""
    found = set()
    for tip_id in tip_ids:
        answer = await hand.get(f"/tips/{tip_id}")
        if answer.status_code == 200:
            found.add(tip_id)
        elif answer.status_code == 410:
            assert answer.json()["kind"] in ("move", "rekey")
        else:
            assert (answer.status_code, answer.json()) == (404, UNKNOWN)
    return found


async def check_sight(room: Room, tip_ids: list[str]) -> dict[str, set[str]]:
    """Who reads what: the queue and one by one say the same. By officer's name."""
    seen = {}
    for name in NAMES:
        hand = room[name]
        seen[name] = await readable(room, hand, tip_ids)
        for path in ("/tips", "/standings"):
            page = (await hand.get(path)).json()
            assert {each["tip_id"] for each in page["tips"]} == seen[name], (name, path)
            assert page["next"] is None
    return seen


async def check_tips(room: Room, tip_ids: list[str]) -> None:
    for tip_id in tip_ids:
        held = await room.database.read(lambda t, id=tip_id: grants.of_tip(t, id))
        readers = [grant.officer for grant in held]
        assert len(set(readers)) == len(readers)
        assert RECOVERY in readers
        chain = await room.database.read(lambda t, id=tip_id: parts.chain(t, id))
        assert [part.seq for part in chain] == list(range(1, len(chain) + 1))


def pick(dice: random.Random, seen: Mapping[str, Collection[str]], tip_id: str) -> str:
    """Somebody, and more often one of those who read the tip."""
    return dice.choice([each for each in NAMES if tip_id in seen[each]] * 3 + [*NAMES])


async def something_happens(room: Room, dice: random.Random, tip_id: str) -> bool:
    """Now and then an officer goes elsewhere, or a tip climbs; whether one did."""
    chance = dice.random()
    if chance < 0.12:
        room.move_to(dice.choice(CENTRES), dice.choice(NAMES))
    elif chance < 0.16:
        await room.database.commit(
            lambda t: tips.escalate(t, tip_id, to_centre="region", day=room.day)
        )
    return chance < 0.16


def check_entries(room: Room, new: Sequence[Entry], tip_id: str, accepted: Sequence[Tried]) -> None:
    """Every accepted deed has just one entry, and each holds under its officer's signature."""
    signers = Trust.of(room.roster).signers
    by_officer = {room[each.name].id for each in accepted}
    assert {judge_entry(each, signers) for each in new} == {"signed"}, accepted
    assert {(each.officer, each.tip_id) for each in new} == {(by, tip_id) for by in by_officer}
    explains = Counter({"part": sum(EXPLAINED_BY[each.what] for each in accepted)})
    wanted = Counter(ENTRY[each.what] for each in accepted) + explains
    found = Counter(each.deed for each in new)
    if any(each.what == "move" for each in accepted):  # with as many grants as lacked one
        wanted["grant"] = found["grant"]
    assert found == +wanted, accepted


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_whatever_officers_do_the_laws_of_the_desk_hold(room: Room, seed: int) -> None:
    dice = random.Random(seed)
    tip_ids = [await room.file("khonkaen"), await room.file("loei")]
    done = Counter[str]()
    for _ in range(STEPS):
        tip_id = dice.choice(tip_ids)
        while await something_happens(room, dice, tip_id):
            pass
        seen = await check_sight(room, tip_ids)
        tip = await room.database.read(lambda t, id=tip_id: tips.get(t, id))
        assert tip is not None
        before, told = await snapshot(room), len(await trail(room))
        tried = [
            Tried(pick(dice, seen, tip_id), dice.choice(tuple(ENTRY)))
            for _ in range(dice.choice((1, 1, 2)))
        ]
        answers = await asyncio.gather(
            *(deed(room, dice, each.what, room[each.name], tip) for each in tried)
        )
        accepted = []
        lets_in = len(tried) > 1 and not {"grants", "move"}.isdisjoint(each.what for each in tried)
        for each, answer in zip(tried, answers, strict=True):
            where = (seed, each, answer.status_code, answer.text[:200])
            if tip_id not in seen[each.name] and not lets_in:
                assert (answer.status_code, answer.json()) == (404, UNKNOWN), where
            elif answer.status_code < 400:
                accepted.append(each)
            else:
                assert answer.status_code in (403, 404, 409, 422), where
        assert sum(each.what in VERSIONED for each in accepted) <= 1, (seed, accepted)
        if accepted:
            check_entries(room, (await trail(room))[told:], tip_id, accepted)
            await check_tips(room, tip_ids)
        else:
            assert await snapshot(room) == before, (seed, tried)
        done.update(each.what for each in accepted)
    assert done
