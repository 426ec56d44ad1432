"""Filed once, opened by whom it is for, and linked to nobody."""

import asyncio
import hashlib
from dataclasses import replace
from typing import Any

import pytest

from bot.filing import summarise
from bot.routes import Route
from sealing import (
    OfficerKeys,
    Receipt,
    WrongKey,
    open_grant,
    open_receipt_grant,
    stretch_receipt,
)
from sealing.grants import RECEIPT, RECOVERY
from storage import Unavailable as DiskUnavailable
from storage.repositories import grants, tips
from tests.bot.test_turn import BadDisk, raising
from tests.bot.turn_house import CHEAP, MALEE, ROSTER, SOMCHAI, House, officer
from tests.bot.turn_house import RECOVERY as RECOVERY_KEY


@pytest.fixture
async def disk(house: House) -> BadDisk:
    bad = BadDisk(house.db)
    object.__setattr__(house.means, "db", bad)
    return bad


async def test_a_filed_tip_is_granted_to_its_officers_to_recovery_and_withheld_above(
    house: House,
) -> None:
    await house.person().file("เห็นเขาเอาปูนไป")
    (tip_id,) = await house.tip_ids()
    rows = await house.db.read(lambda t: grants.of_tip(t, tip_id))
    assert {row.officer: row.released for row in rows} == {
        SOMCHAI.id: True,
        MALEE.id: False,
        RECOVERY: True,
    }
    assert len({len(row.sealed) for row in rows}) == 1
    (to_recovery,) = (row for row in rows if row.officer == RECOVERY)
    grant = open_grant(
        to_recovery.sealed,
        RECOVERY_KEY,
        tip_id=tip_id,
        grant_id=to_recovery.grant_id,
        to=RECOVERY,
    )
    assert grant.case is not None
    assert (await house.read_as(SOMCHAI, tip_id))[0].words == "เห็นเขาเอาปูนไป"


async def test_the_form_with_every_choice_is_the_last_part(house: House) -> None:
    await house.person().file("เรื่อง")
    (tip_id,) = await house.tip_ids()
    *_, form = await house.read_as(SOMCHAI, tip_id)
    assert form.form is not None
    assert form.form["answers"]["province"]["value"] == "TH-40"  # type: ignore[index,call-overload]  # JSON


async def test_a_receipt_opens_the_replies_and_nothing_that_was_told(house: House) -> None:
    receipt = Receipt.parse(await house.person().file("เรื่อง"))
    (tip_id,) = await house.tip_ids()
    tip = await house.db.read(lambda t: tips.get(t, tip_id))
    assert tip is not None
    keys = stretch_receipt(
        receipt, salt=house.server_key.salt, pepper=house.server_key.pepper, cost=CHEAP
    )
    where: Any = {"tip_id": tip_id, "grant_id": tip.receipt_grant_id}
    reply = open_receipt_grant(tip.receipt_grant, keys.identity, **where)
    assert reply.recipient.raw == tip.reply_recipient
    recipient = keys.identity.recipient.raw
    assert tip.receipt_recipient == recipient
    *_, form = await house.read_as(SOMCHAI, tip_id)
    assert form.form is not None
    assert form.form["receipt"] == hashlib.sha256(recipient).hexdigest(), "sealed beside it"
    grant = open_grant(tip.receipt_grant, keys.identity, to=RECEIPT, **where)
    assert (grant.case, grant.summary) == (None, None)
    rows = await house.db.read(lambda t: grants.of_tip(t, tip_id))
    for row in rows:
        with pytest.raises(WrongKey):
            open_grant(
                row.sealed, keys.identity, tip_id=tip_id, grant_id=row.grant_id, to=row.officer
            )


async def test_send_pressed_twice_files_once_and_shows_the_receipt_again(house: House) -> None:
    person = house.person()
    await person.tell("เรื่อง")
    ask = await person.ask()
    await asyncio.gather(person.press("send"), person.press("send"))
    assert len(await house.tip_ids()) == 1
    first = (await person.screen()).receipt
    assert first is not None
    await person.say("ไม่เห็นรหัสเลย")
    assert (await person.screen()).receipt == first
    assert (await person.ask()).question == "receipt_noted" != ask.question


async def test_a_redelivered_send_files_nothing_more(house: House) -> None:
    person = house.person()
    await person.tell("เรื่อง")
    await person.press("send", "the event")
    before = await house.tables()
    assert not (await person.press("send", "the event")).is_fresh
    assert await house.tables() == before


async def test_a_filing_whose_commit_fails_leaves_the_draft_as_it_was(
    house: House, disk: BadDisk
) -> None:
    person = house.person()
    await person.tell("ต้องไม่หาย")
    before, keys = await house.tables(), house.forget.ids()
    disk.before.append(raising(DiskUnavailable("the disk is full")))
    with pytest.raises(DiskUnavailable):
        await person.press("send", "the event")
    assert (await house.tables(), house.forget.ids()) == (before, keys)
    assert (await person.press("send", "the event")).is_fresh
    (tip_id,) = await house.tip_ids()
    assert (await house.read_as(SOMCHAI, tip_id))[0].words == "ต้องไม่หาย"


async def test_filing_destroys_the_drafts_key_and_leaves_no_way_from_person_to_tip(
    house: House,
) -> None:
    person = house.person()
    await person.tell("เรื่อง")
    draft_keys = house.forget.ids()
    await person.press("send")
    assert not draft_keys & house.forget.ids()
    (tip_id,) = await house.tip_ids()
    conversation = house.means.marks.conversation("web", "somebody")
    row = (await house.db.read(lambda t: t.rows("SELECT * FROM conversation")))[0]
    assert tip_id.encode() not in b"".join(v for v in row if isinstance(v, bytes))
    read = house.means.open(
        await house.db.read(
            lambda t: __import__("storage").repositories.conversations.get(t, conversation)
        ),
        "somebody",
        "th",
    )
    assert (read.state.draft, read.state.following) == (None, None)


async def test_a_filing_cancelled_behind_its_commit_still_destroys_the_drafts_key(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = house.person()
    await person.tell("เรื่อง")
    draft_keys = house.forget.ids()
    committed, go_on = asyncio.Event(), asyncio.Event()
    commit = house.db.commit

    async def held(work: Any) -> Any:
        done = await commit(work)
        committed.set()
        await go_on.wait()
        return done

    monkeypatch.setattr(house.db, "commit", held)
    sending = asyncio.create_task(person.press("send"))
    await committed.wait()
    sending.cancel()
    await asyncio.sleep(0)
    sending.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await sending
    monkeypatch.undo()
    assert len(await house.tip_ids()) == 1
    assert not draft_keys & house.forget.ids()


async def test_noted_destroys_the_receipt_and_its_key(house: House) -> None:
    person = house.person()
    await person.file("เรื่อง")
    assert len(house.forget.ids()) == 2
    await person.press("noted")
    assert "outbox" not in await house.tables()
    assert len(house.forget.ids()) == 1
    assert (await person.screen()).receipt is None


async def test_a_receipt_not_noted_is_shown_again_after_a_restart(house: House) -> None:
    person = house.person()
    receipt = await person.file("เรื่อง")
    await house.reopen()
    assert (await person.screen()).receipt == receipt
    await person.say("อะไรนะ")
    assert (await person.screen()).receipt == receipt


async def test_sixty_four_people_who_send_in_the_same_second_get_sixty_four_receipts(
    house: House,
) -> None:
    people = [house.person(f"citizen {number}") for number in range(64)]
    for person in people:
        await person.press("report")
        await person.press("other")
        await person.press("unsure")
    # The rest is the same for all: any review will do, so jump there by skipping.
    await asyncio.gather(*(person.tell_on("เรื่อง") for person in people))
    await asyncio.gather(*(person.press("send") for person in people))
    receipts = [(await person.screen()).receipt for person in people]
    assert None not in receipts
    assert len(set(receipts)) == len(await house.tip_ids()) == 64
    assert house.stretches.filings_done == 64


async def test_an_officer_in_conflict_gets_no_grant(house: House) -> None:
    other = OfficerKeys.generate("Prasert")
    house.roster = replace(
        ROSTER, officers=(*ROSTER.officers, officer(other, "kkn", conflicts=("agency",)))
    )
    house.means.filing._route = lambda *_: Route("kkn", (), frozenset({other.id}))
    await house.person().file("เรื่อง")
    (tip_id,) = await house.tip_ids()
    rows = await house.db.read(lambda t: grants.of_tip(t, tip_id))
    assert {row.officer for row in rows} == {SOMCHAI.id, RECOVERY}


def test_a_summary_is_made_of_whatever_was_told() -> None:
    summary = summarise({"category": None, "kind": "information", "completeness_have": 9})
    assert (summary.category, summary.province) == ("unsure", "unsure")
    assert (summary.completeness_have, summary.completeness_of) == (0, 0)
