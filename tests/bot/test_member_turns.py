"""Members' codes through the whole turn: what verifying one costs and shows, and one that stops."""

import itertools
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from handlers.effects import Say
from handlers.intent_json import to_json
from sealing import MemberCode, stretch_member_code
from storage import Database, Transaction
from storage.repositories import codes
from storage.repositories.codes import MemberCodeRow, State
from tests.bot.turn_house import CHEAP, SOMCHAI, House, Person

T = TypeVar("T")

CODE, DURESS = MemberCode.generate("mkm7"), MemberCode.generate("mkm7")
STOPPED = ("paused", "revoked", "expired", "rotated")
VERDICTS = (*STOPPED, "unknown")


@dataclass
class Counting:
    """A database that counts what is asked of it, and lets something happen before a commit."""

    real: Database
    reads: int = 0
    commits: int = 0
    before_commit: Callable[[Transaction], None] | None = None

    async def read(self, work: Callable[[Transaction], T]) -> T:
        self.reads += 1
        return await self.real.read(work)

    async def commit(self, work: Callable[[Transaction], T]) -> T:
        self.commits += 1
        first, self.before_commit = self.before_commit, None
        if first is not None:
            await self.real.commit(first)
        return await self.real.commit(work)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await House(tmp_path, wrap=Counting).open()
    await made.db.commit(lambda t: codes.add(t, row_of(made, CODE)))
    await made.db.commit(lambda t: codes.add(t, row_of(made, DURESS, is_duress=True)))
    yield made
    await made.close()


def locator_of(house: House, code: MemberCode) -> bytes:
    key = house.server_key
    return stretch_member_code(code, salt=key.salt, pepper=key.pepper, cost=CHEAP)


def row_of(house: House, code: MemberCode, *, is_duress: bool = False) -> MemberCodeRow:
    return MemberCodeRow(locator_of(house, code), "kkn", is_duress, "2027-01-01", 2020)


def stops(house: House, code: MemberCode, how: str) -> Callable[[Transaction], None]:
    """What happens in the database when *code* stops working that way; "rotated": a new one works
    instead."""
    locator = locator_of(house, code)
    new = row_of(house, MemberCode.generate("mkm7"))

    def stop(t: Transaction) -> None:
        match how:
            case "paused":
                codes.set_state(t, locator, State.PAUSED)
            case "revoked":
                codes.set_state(t, locator, State.REVOKED)
            case "expired":
                t.execute(
                    "UPDATE member_code SET expires_day = ? WHERE locator = ?",
                    ("2026-11-22", locator),
                )
            case "rotated":
                codes.set_state(t, locator, State.REVOKED)
                codes.add(t, new)
            case _:
                t.execute("DELETE FROM member_code WHERE locator = ?", (locator,))

    return stop


async def shown(person: Person) -> str:
    """All that is on the screen, but for nonces and the receipt."""
    screen = await person.screen()
    shown = [to_json(intent) for intent in screen.intents]
    for each in shown:
        each.pop("screen", None)
    return json.dumps([shown, screen.receipt is not None], ensure_ascii=False)


async def said(person: Person) -> list[str]:
    return [i.key for i in (await person.screen()).intents if isinstance(i, Say)]


async def verified(house: House, name: str, code: MemberCode = CODE) -> Person:
    person = house.person(name)
    await person.press("member")
    await person.say(code.grouped)
    assert (await person.ask()).question == "kind"
    return person


async def at_the_review(house: House, name: str, code: MemberCode = CODE) -> Person:
    person = await verified(house, name, code)
    await person.press("case")
    await person.tell_on("เห็นเขาเอาปูนไป")
    return person


# --- verifying -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """What one message cost, and what came of it."""

    stretches: int
    reads: int
    commits: int
    rows: tuple[tuple[str, int], ...]
    words: str


async def cost_of(house: House, person: Person, words: str) -> Cost:
    db = house.db
    assert isinstance(db, Counting)
    rows_before = await house.tables()
    before = (house.stretches.stretches_done, db.reads, db.commits)
    await person.say(words)
    after = (house.stretches.stretches_done, db.reads, db.commits)
    grown = {
        table: count - rows_before.get(table, 0) for table, count in (await house.tables()).items()
    }
    spent = (now - then for now, then in zip(after, before, strict=True))
    return Cost(*spent, tuple(sorted(grown.items())), await shown(person))


async def test_whyever_a_code_does_not_work_the_answer_costs_and_says_the_same(
    house: House,
) -> None:
    costs = set()
    for how in VERDICTS:
        code = MemberCode.generate("mkm7")
        row = row_of(house, code)
        await house.db.commit(lambda t, row=row: codes.add(t, row))  # type: ignore[misc]  # bound now
        await house.db.commit(stops(house, code, how))
        person = house.person(how)
        await person.press("member")
        costs.add(await cost_of(house, person, code.grouped))
    assert len(costs) == 1
    (cost,) = costs
    assert (cost.stretches, cost.commits) == (1, 1)
    assert "member_unknown" in cost.words


async def test_a_duress_code_costs_and_says_what_the_ordinary_one_does(house: House) -> None:
    costs = []
    for name, code in (("free", CODE), ("forced", DURESS)):
        person = house.person(name)
        await person.press("member")
        costs.append(await cost_of(house, person, f"รหัส {code.grouped}"))
    assert costs[0] == costs[1]
    assert "member_ok" in costs[0].words


async def test_a_code_that_works_is_looked_for_as_one_that_does_not(house: House) -> None:
    """The same stretch, the same reads, the same commit: what differs is what is said."""
    costs = []
    for code in (CODE, MemberCode.generate("mkm7")):
        person = house.person(code.grouped)
        await person.press("member")
        costs.append(await cost_of(house, person, code.grouped))
    good, bad = costs
    assert (good.stretches, good.reads, good.commits) == (bad.stretches, bad.reads, bad.commits)


async def test_nothing_in_the_database_tells_that_a_code_was_ever_used(house: House) -> None:
    async def rows() -> list[Any]:
        return await house.db.read(lambda t: t.rows("SELECT * FROM member_code ORDER BY locator"))

    before = await rows()
    person = await at_the_review(house, "leader")
    await person.press("send")
    assert await rows() == before
    assert (await house.tables())["tip"] == 1


async def test_what_a_draft_finds_its_members_code_by_lies_sealed(house: House) -> None:
    """The code's own row names it, before and after; nothing that a conversation leaves does."""
    locator = locator_of(house, CODE)

    async def seen() -> tuple[int, int]:
        await house.db.truncate_log()
        stored = (house.folder / "db.sqlite").read_bytes()
        return stored.count(locator), stored.count(locator.hex().encode())

    before = await seen()
    person = await at_the_review(house, "leader")
    assert before[0] > 0
    assert await seen() == before
    await person.press("send")
    await person.press("noted")
    assert await seen() == before


# --- a code that stops on the way --------------------------------------------------------------


async def test_however_a_code_stopped_the_same_is_said_and_nothing_is_lost(house: House) -> None:
    screens = set()
    for how, (whose, code) in itertools.product(STOPPED, (("own", CODE), ("duress", DURESS))):
        person = await at_the_review(house, f"{how} {whose}", code)
        await house.db.commit(stops(house, code, how))
        known = await house.tip_ids()
        await person.press("send")
        assert await house.tip_ids() == known, "nothing is sent before they know"
        assert "say.member_lapsed" in await said(person)
        screens.add(await shown(person))
        await person.press("send")
        (tip_id,) = set(await house.tip_ids()) - set(known)
        summary = await house.summary_as(SOMCHAI, tip_id)
        assert (summary.is_verified, summary.alias, summary.is_duress) == (False, None, False)
        told = [part.words for part in await house.read_as(SOMCHAI, tip_id) if part.words]
        assert told == ["เห็นเขาเอาปูนไป"]
        await house.db.commit(lambda t: t.execute("DELETE FROM member_code"))
        for each, is_duress in ((CODE, False), (DURESS, True)):
            row = row_of(house, each, is_duress=is_duress)
            await house.db.commit(lambda t, row=row: codes.add(t, row))  # type: ignore[misc]  # bound now
    assert len(screens) == 1


@pytest.mark.parametrize("how", STOPPED)
async def test_a_code_that_stops_while_the_tip_is_being_filed_files_nothing(
    house: House, how: str
) -> None:
    """After the turn looked, and before its commit: the last moment there is."""
    person = await at_the_review(house, "leader")
    db = house.db
    assert isinstance(db, Counting)
    db.before_commit = stops(house, CODE, how)
    await person.press("send")
    assert await house.tip_ids() == []
    assert "say.member_lapsed" in await said(person)
    await person.press("send")
    assert len(await house.tip_ids()) == 1


async def test_a_code_that_rested_and_works_again_is_as_good_as_before(house: House) -> None:
    person = await at_the_review(house, "leader")
    locator = locator_of(house, CODE)
    await house.db.commit(stops(house, CODE, "paused"))
    await house.db.commit(lambda t: codes.set_state(t, locator, State.ACTIVE))
    await person.press("send")
    (tip_id,) = await house.tip_ids()
    assert (await house.summary_as(SOMCHAI, tip_id)).alias == "mkm7"


async def test_who_tells_of_information_under_duress_is_known_to_officers(house: House) -> None:
    person = await verified(house, "leader", DURESS)
    await person.press("information")
    await person.tell_on("ได้ยินว่าจะมีประมูล")
    await person.press("send")
    (tip_id,) = await house.tip_ids()
    summary = await house.summary_as(SOMCHAI, tip_id)
    assert (summary.kind.value, summary.alias, summary.is_duress) == ("information", "mkm7", True)
    assert (summary.member_centre, summary.member_since) == ("kkn", 2020)


async def test_a_carried_story_is_marked_so(house: House) -> None:
    person = await verified(house, "leader")
    for choice in ("case", "bribe", "unsure", "unknown", "told_by_other", "done"):
        await person.press(choice)
    await person.tell_on("เขาเล่าว่าต้องจ่าย")
    await person.press("send")
    (tip_id,) = await house.tip_ids()
    assert (await house.summary_as(SOMCHAI, tip_id)).is_secondhand
