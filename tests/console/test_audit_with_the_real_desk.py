"""What the real desk writes down of officers' deeds carries their signatures, and an auditor's
console can check each of them."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SystemClock, today
from console import acting, audit
from console.audit import Checked
from console.errors import Mistaken, Refused
from console.export import export_tip
from console.office import Office
from console.opening import approve, is_original_open, open_original
from console.referring import refer
from console.words import words_for
from handlers.clocks import Lengths
from sealing import SERVER, DayHead, Kind, Role, extend_statement, members_statement
from storage import Transaction
from storage.repositories import audit as trail_rows
from storage.repositories import member_records, originals
from storage.repositories.clocks import OTHERS, put_lengths
from storage.repositories.member_records import Deed, RecordRow
from storage.repositories.originals import OriginalRow
from tests.console.fake_world import Person, Tip, World, new_id
from tests.console.test_shown_originals import PHOTO, PNG
from tests.console.test_with_the_real_desk import REASON, SENTENCE, RealDesk, real
from tests.sealing.trails import SERVER_KEY

__all__ = ["real"]


def sign_day(t: Transaction) -> None:
    """As upkeep does, when the day is over."""
    last = trail_rows.day_to_sign(t, "2999-01-01")
    assert last is not None
    unsigned = DayHead(last.day, last.seq, last.hash, b"")
    signature = SERVER_KEY.sign(unsigned.said_by(SERVER))
    trail_rows.add_head(t, DayHead(last.day, last.seq, last.hash, signature))


async def a_tip(world: World, real: RealDesk, *to: Person) -> tuple[Tip, int]:
    """A tip with a kept original, and the number of its file's part."""
    tip = world.file_tip(*to, day=today(SystemClock()).isoformat())
    key = world.add_cleaned(tip, PHOTO, PNG)
    world.give_away(tip, key)
    await real.file(tip)
    (blob_id,) = tip.originals
    row = OriginalRow(key.of, tip.tip_id, tip.answer["filed_day"], blob_id, None)
    await real.database.commit(lambda t: originals.add(t, row))
    seq = next(part["seq"] for part in tip.answer["parts"] if part["part_id"] == key.of)
    return tip, seq


async def test_every_signature_of_a_day_of_work_is_checked_from_the_trail_alone(
    world: World, somchai: Person, real: RealDesk, tmp_path: Path
) -> None:
    there = world.join("อุดม", "udn")
    late = world.join("มาทีหลัง", "udn")
    auditor = world.join("อร ผู้ตรวจ", "kkn", roles=(Role.AUDITOR,))
    await real.database.commit(lambda t: put_lengths(t, {OTHERS: Lengths(7, 15, 90, 7)}))
    tip, seq = await a_tip(world, real, somchai)
    async with real.office(somchai) as office:
        await acting.claim(office, tip.tip_id)
        await acting.reply(office, tip.tip_id, "จำทะเบียนได้ไหม")
        await acting.set_status(office, tip.tip_id, "screening", "เริ่มตรวจแล้ว")
        until = (office.today() + timedelta(days=40)).isoformat()
        await give_time(office, tip.tip_id, until)
        await acting.let_in(office, tip.tip_id, "มาทีหลัง")
        await open_original(office, tip.tip_id, seq, "ศาลขอดู")
        reading = await office.read(tip.tip_id)
        assert reading.findings == ()
        part = next(part for part in reading.tip.files() if part.seq == seq)
        assert is_original_open(office, reading, part.shown.part_id)
        words = words_for("th")
        done = await export_tip(
            office, tip.tip_id, tmp_path / "out", "ศาลขอ", words, lambda name: None
        )
        assert done.skipped == ()
        await acting.release(office, tip.tip_id)
        await refer(office, tip.tip_id, "udn", SENTENCE, REASON)
        assert (await office.read(tip.tip_id)).findings == ()
        with pytest.raises(Refused) as refused:
            await audit.watch(office)
        assert refused.value.key == "audit.not_auditor"

    async with real.office(auditor) as office:
        checked = await audit.watch(office)
        assert checked.found == ()
        assert [row.deed for row in checked.rows] == [
            *("claim", "part", "part", "status", "part", "part", "extend", "grant"),
            *("part", "opening", "part", "opening", "release"),
            *("part", "part", "move", "grant"),
        ]
        assert {row.verdict for row in checked.rows} == {"signed"}
        assert {row.name for row in checked.rows} == {"สมชาย ใจดี"}
        assert late.id != there.id
        await vouched_for(office, real, checked)


async def give_time(office: Office, tip_id: str, until: str) -> None:
    """More time, as `extend` asks for it; this desk's centres have no clocks to reckon with."""
    reading = await office.read(tip_id)
    reason = acting.new_part(office, reading, Kind.NOTE, REASON)
    sentence = acting.new_part(office, reading, Kind.STATUS, SENTENCE, after=reason)
    version = reading.tip.shown.version
    statement = extend_statement(
        tip_id=tip_id,
        version=version,
        until_day=until,
        day=sentence.day,
        officer=office.keys.id,
        sentence_part_id=sentence.part_id,
    )
    await office.desk.extend(
        tip_id,
        version=version,
        until_day=until,
        day=sentence.day,
        signature=office.keys.sign.sign(statement),
        reason=reason,
        sentence=sentence,
    )


async def vouched_for(office: Office, real: RealDesk, before: Checked) -> None:
    assert await audit.sign(office) is None  # the day is not over
    await real.database.commit(sign_day)
    assert await audit.sign(office) == before.rows[-1].day
    assert await audit.sign(office) is None
    checked = await audit.watch(office)
    assert checked.found == ()
    assert checked.witnessed == len(before.rows)


async def test_registrars_deeds_are_checked_and_nothing_tells_of_duress_codes(
    world: World, somchai: Person, real: RealDesk
) -> None:
    registrar = world.join("นายทะเบียน", "kkn", roles=(Role.REGISTRAR,))
    auditor = world.join("อร ผู้ตรวจ", "kkn", roles=(Role.AUDITOR,))
    day = today(SystemClock()).isoformat()
    for is_duress in (False, True):
        record_id = new_id()
        statement = members_statement(
            record_id=record_id,
            centre="kkn",
            deed="issue",
            which="duress" if is_duress else "ordinary",
            count=3,
            day=day,
            officer=registrar.id,
        )
        signature = registrar.keys.sign.sign(statement)
        row = RecordRow(record_id, day, registrar.id, "kkn", Deed.ISSUE, is_duress, 3, signature)
        await real.database.commit(lambda t, row=row: member_records.add(t, row))
    async with real.office(auditor) as office:
        (row_shown,) = (await audit.watch(office)).rows
        assert (row_shown.deed, row_shown.count, row_shown.verdict) == ("members", 3, "signed")


async def test_a_history_that_the_server_rewrites_and_signs_is_named_by_whoever_saw_it(
    world: World, somchai: Person, real: RealDesk
) -> None:
    auditor = world.join("อร ผู้ตรวจ", "kkn", roles=(Role.AUDITOR,))
    tip, _ = await a_tip(world, real, somchai)
    async with real.office(somchai) as office:
        await acting.claim(office, tip.tip_id)
        await acting.note(office, tip.tip_id, "ตรวจแล้ว")
    async with real.office(auditor) as office:
        assert (await audit.watch(office)).found == ()
    day = today(SystemClock()).isoformat()

    def rewrite(t: Transaction) -> None:
        """The server forgets the note, and adds a deed of its own making."""
        t.execute("DELETE FROM audit_entry WHERE seq = 2")
        trail_rows.note(
            t,
            "grant",
            day=day,
            officer=somchai.id,
            tip_id=tip.tip_id,
            facts={"grant_id": new_id(), "to": new_id(), "sealed_hash": "0" * 64, "day": day},
            signature=bytes(64),
        )

    await real.database.commit(rewrite)
    async with real.office(auditor) as office:
        checked = await audit.watch(office)
        assert {found.name for found in checked.alarms} == {"rewritten", "signer_forged"}


async def test_a_second_officer_is_asked_and_answers_at_the_real_desk(
    world: World, somchai: Person, real: RealDesk
) -> None:
    malee = world.join("มาลี ตั้งใจ", "kkn")
    tip, seq = await a_tip(world, real, somchai, malee)
    async with real.office(somchai) as office, real.office(malee) as other:
        with pytest.raises(Refused) as refused:
            async with office.desk.blob(tip.tip_id, next(iter(tip.originals))):
                pass
        assert refused.value.key == "opening.reason_needed"
        await open_original(office, tip.tip_id, seq, "ศาลขอดู")
        async with office.desk.blob(tip.tip_id, next(iter(tip.originals))) as chunks:
            assert (
                b"".join([chunk async for chunk in chunks]) == tip.blobs[next(iter(tip.originals))]
            )
        with pytest.raises(Mistaken, match="nothing_waits"):
            await approve(other, tip.tip_id)
