"""The console and the real desk on a real database: what both say of the API is the same."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.clock import SystemClock, today
from bot.desk import DeskParts, desk_app
from bot.desk.app import CentreName
from bot.desk.members import MemberTerms
from bot.figures.book import FigureBook
from bot.figures.measures import shipped_measures
from bot.figures.periods import Periods
from console import acting
from console.closing import end, refer_out
from console.desk_client import Desk
from console.desk_wire import ClaimedByOther
from console.endings import WHY
from console.errors import Mistaken, Refused
from console.folder import SEEN, Settings
from console.office import Office, Wanted, facts_of
from console.recovery import regrant_all
from console.referring import refer
from console.results import result_of
from console.seen import Memory
from console.withdrawing import withdraw
from sealing import (
    RECEIPT,
    Author,
    Grant,
    Kind,
    Part,
    Role,
    TipKind,
    age,
    parse_roster,
    seal_grant,
    seal_part,
)
from sealing.signed_text import split_text
from sealing.stretch import Cost
from storage import FolderBlobs, SqliteDatabase, Transaction
from storage.repositories import parts, tips
from storage.repositories.figures import COUNTED, YES, Basis, Counter
from storage.repositories.grants import GrantRow
from storage.repositories.parts import PartRow
from tests.bot.counters import a_book, some_counting
from tests.console.fake_world import FORM, Person, Tip, World, new_id, unb64
from tests.sealing.trails import SERVER_KEY

ORIGIN = "https://desk.example"
MEMBER_TERMS = MemberTerms(
    salt=b"s" * 32,
    pepper=b"p" * 32,
    cost=Cost(memory_kib=64, time=1),
    web="https://chat.example",
    onion=None,
)


@dataclass
class RealDesk:
    """The desk as `saisaat serve` runs it, without the socket."""

    world: World
    database: SqliteDatabase
    blobs: FolderBlobs
    transport: httpx.ASGITransport
    book: FigureBook

    async def results(self) -> dict[str, int]:
        """How many tips were counted with each result."""
        found = await self.database.read(lambda t: self.book.read(t, Basis.ENDED, "", "9999-12"))
        return {each.value: each.n for each in found if each.measure == "result"}

    @asynccontextmanager
    async def office(self, person: Person) -> AsyncIterator[Office]:
        admin = str(self.world.admin.sign.verify_key)
        settings = Settings(ORIGIN, admin, person.keys.name, None, {"received": 7})
        memory = Memory(person.home / SEEN, person.keys.sign.seed)
        sign = person.keys.sign
        async with Desk(ORIGIN, person.id, sign, transport=self.transport) as desk:
            yield Office(person.keys, settings, memory, desk)

    async def file(self, tip: Tip, role: Role = Role.OFFICER) -> None:
        """Put a tip that the fake world sealed into the real database."""
        for blob_id, data in tip.blobs.items():
            async with self.blobs.writing(blob_id) as out:
                await out.write(data)
                await out.keep()
        await self.database.commit(lambda t: _file(t, tip, role))


def _file(t: Transaction, tip: Tip, role: Role) -> None:
    previous = bytes(32)
    for part in tip.answer["parts"]:
        row = PartRow(
            part_id=part["part_id"],
            tip_id=tip.tip_id,
            seq=part["seq"],
            hash=unb64(part["hash"]),
            sealed=unb64(part["sealed"]),
            sealed_to=part["sealed_to"],
            author=part["author"],
            kind=part["kind"],
            day=part["day"],
            size_class=part["size_class"],
            blob_id=part["blob_id"],
        )
        parts.append(t, row, previous=previous)
        previous = row.hash
    filed, receipt = tip.answer["filed_day"], tip.receipt
    grant = Grant(new_id(), tip.tip_id, RECEIPT, None, tip.keys.reply, None, filed)
    rows = [
        GrantRow(
            one["grant_id"],
            tip.tip_id,
            to,
            tip.answer["centre"],
            True,
            filed,
            unb64(one["sealed"]),
            role=role,
        )
        for to, one in tip.grants.items()
    ]
    new = tips.NewTip(
        tip_id=tip.tip_id,
        locator=bytes.fromhex(new_id() * 2),
        centre=tip.answer["centre"],
        filed_day=filed,
        case_recipient=tip.keys.case.recipient.raw,
        reply_recipient=tip.keys.reply.recipient.raw,
        receipt_grant_id=grant.grant_id,
        receipt_grant=seal_grant(grant, receipt.recipient),
        receipt_recipient=receipt.recipient.raw,
    )
    tips.file(t, new, rows)


@pytest.fixture
async def real(world: World, somchai: Person, tmp_path: Path) -> AsyncIterator[RealDesk]:
    async with (
        await SqliteDatabase.open(tmp_path / "saisaat.db") as database,
        await FolderBlobs.open(tmp_path / "blobs") as blobs,
    ):
        book = a_book()
        desk = desk_app(
            DeskParts(
                database=database,
                blobs=blobs,
                roster=lambda: parse_roster(split_text(world.roster)[0]),
                signed_roster=lambda: world.roster,
                centres={
                    "hq": CentreName("ส่วนกลาง", "Headquarters"),
                    "kkn": CentreName("ขอนแก่น", "Khon Kaen", "hq"),
                    "udn": CentreName("อุดรธานี", "Udon Thani", "hq"),
                    "inside": CentreName("ในกรม", "Inside", "hq", "land"),
                },
                origin=ORIGIN,
                clock=SystemClock(),
                session_s=900,
                members=MEMBER_TERMS,
                counting=some_counting(book),
                audit_key=SERVER_KEY.verify_key,
            )
        )
        yield RealDesk(world, database, blobs, httpx.ASGITransport(desk), book)


async def test_the_whole_job_with_the_real_desk(
    world: World, somchai: Person, real: RealDesk
) -> None:
    malee = world.join("มาลี ตั้งใจ", "kkn")
    late = world.join("มาทีหลัง", "kkn")
    boss = world.join("หัวหน้า", "hq", roles=(Role.ADMIN,))
    day = today(SystemClock()).isoformat()
    tip = world.file_tip(somchai, malee, day=day)
    tip.append(tip.told(words="เห็นเขาเอาปูนไป", question="what", day=day))
    photo = bytes(range(256)) * 500
    world.add_file(tip, photo)
    world.add_file(tip, photo, own_key=age.PQIdentity.generate())
    await real.file(tip)

    async with real.office(somchai) as office, real.office(malee) as other:
        listing = await office.queue(Wanted())
        assert [row.shown.tip_id for row in listing.rows] == [tip.tip_id]
        assert listing.rows[0].problem is None
        reading = await office.read(tip.tip_id)
        assert reading.findings == ()
        file, _ = reading.tip.files()
        for each in reading.tip.files():
            assert b"".join([piece async for piece in office.file(reading, each)]) == photo
        assert facts_of(file).size == len(photo)

        await acting.claim(office, tip.tip_id)
        with pytest.raises(ClaimedByOther) as lost:
            await acting.claim(other, tip.tip_id)
        assert lost.value.params["name"] == "สมชาย ใจดี"
        await acting.reply(office, tip.tip_id, "จำทะเบียนได้ไหม")
        await acting.note(other, tip.tip_id, "ตรวจกับช่างแล้ว")
        with pytest.raises(ClaimedByOther):
            await acting.reply(other, tip.tip_id, "ตอบซ้อน")
        await acting.set_status(office, tip.tip_id, "screening", "เริ่มตรวจแล้ว")
        await acting.let_in(office, tip.tip_id, "มาทีหลัง")
        await acting.release(office, tip.tip_id)
        reading = await other.read(tip.tip_id)
        assert reading.findings == ()
        kinds = [part.shown.kind for part in reading.tip.parts]
        assert kinds == ["form", "words", "file", "file", "message", "note", "status"]
        assert [change.kind for change in reading.tip.shown.changes] == [
            "claim",
            "status",
            "release",
        ]

    async with real.office(late) as office:
        assert (await office.read(tip.tip_id)).findings == ()

    fresh = world.join("มาใหม่", "kkn")
    async with real.office(boss) as office:
        done = await regrant_all(office, world.recovery)
        assert [grant.to.id for grant in done.grants] == [fresh.id]
    async with real.office(fresh) as office:
        reading = await office.read(tip.tip_id)
        assert reading.findings == ()


async def test_a_tip_ends_is_reopened_and_ends_again_with_the_real_desk(
    world: World, somchai: Person, real: RealDesk
) -> None:
    day = today(SystemClock()).isoformat()
    tip = world.file_tip(somchai, day=day)
    await real.file(tip)
    async with real.office(somchai) as office:
        await acting.claim(office, tip.tip_id)
        await acting.set_status(office, tip.tip_id, "accepted", "รับเรื่องแล้ว")
        await refer_out(office, tip.tip_id, "police", "อาญา", "ส่งให้ตำรวจแล้ว")
        await end(office, tip.tip_id, "closed", "handed_over", "ส่งแล้ว", "ปิดเรื่อง")
        reading = await office.read(tip.tip_id)
        assert (reading.findings, result_of(reading.tip)) == ((), "handed_over")
        (row,) = (await office.queue(Wanted())).rows
        assert (row.result, row.shown.last_word) == ("handed_over", None)
        assert await real.results() == {"handed_over": 1}

        def no(t: Transaction) -> None:
            head = parts.head(t, tip.tip_id)
            part = Part(
                tip.tip_id, new_id(), head.seq + 1, head.hash, Author.REPORTER, day, Kind.WORDS,
                WHY, "ตำรวจไม่รับ",
            )  # fmt: skip
            sealed = seal_part(part, tip.keys.recipients.case)
            row = PartRow(
                part.part_id, tip.tip_id, part.seq, sealed.hash, sealed.data, "case", "reporter",
                "words", day, len(sealed.data),
            )  # fmt: skip
            parts.append(t, row, previous=head.hash)
            now = tips.get(t, tip.tip_id)
            assert now is not None
            tips.reopen(t, tip.tip_id, now.version, day=day, part_id=part.part_id)

        await real.database.commit(no)
        (row,) = (await office.queue(Wanted(is_reopened=True))).rows
        assert (row.shown.status, row.is_mine, row.result) == ("in_progress", True, None)
        reading = await office.read(tip.tip_id)
        assert (reading.findings, result_of(reading.tip)) == ((), None)
        await end(office, tip.tip_id, "closed", "substantiated", "ตรวจเอง", "พบว่าจริง")
        reading = await office.read(tip.tip_id)
        assert (reading.findings, result_of(reading.tip)) == ((), "substantiated")
        assert (await office.queue(Wanted(is_reopened=True))).rows == ()
        assert await real.results() == {"substantiated": 1}, "counted once, as it ended last"


async def test_what_was_counted_is_read_by_whoever_may(
    world: World, somchai: Person, real: RealDesk
) -> None:
    committee = world.join("กรรมการ", "hq", roles=(Role.FIGURES,))

    def count(t: Transaction) -> None:
        for value, n in (("bribe", 9), ("land", 8)):
            said = ((COUNTED, YES), ("category", value))
            real.book.add(t, (Counter(Basis.ENDED, "2026-01", "kkn", *each, n) for each in said))

    await real.database.commit(count)
    await Periods(real.database, SystemClock(), real.book, shipped_measures(), 5).make()
    async with real.office(committee) as office:
        figures = await office.desk.figures("2026-01", "2026-03")
        (centre,) = [each for each in figures.centres if each.ended]
        table = centre.ended[0].table("category")
        assert table is not None
        assert (centre.centre, centre.ended[0].n) == ("kkn", 17)
        assert sum(cell.n for cell in table.cells) == 17
    async with real.office(somchai) as office:
        with pytest.raises(Refused):
            await office.desk.figures("2026-01", "2026-03")


async def test_the_real_desk_says_no_in_words_that_the_console_knows(
    world: World, somchai: Person, real: RealDesk
) -> None:
    elsewhere = world.join("ที่อื่น", "udn")
    tip = world.file_tip(somchai)
    await real.file(tip)
    async with real.office(elsewhere) as office:
        assert (await office.queue(Wanted())).rows == ()
        with pytest.raises(Refused) as refused:
            await office.read(tip.tip_id)
        assert refused.value.key == "desk.not_found"
        with pytest.raises(Refused) as refused:
            await office.desk.recovery_tips()
        assert refused.value.key == "desk.says"


async def test_an_application_is_the_registrars_from_the_queue_to_the_decision(
    world: World, somchai: Person, real: RealDesk
) -> None:
    registrar = world.join("นายทะเบียน", "kkn", roles=(Role.REGISTRAR,))
    late = world.join("นายทะเบียนใหม่", "kkn", roles=(Role.REGISTRAR,))
    boss = world.join("หัวหน้า", "hq", roles=(Role.ADMIN,))
    day = today(SystemClock()).isoformat()
    filed = world.file_tip(registrar, day=day, kind=TipKind.APPLICATION, category="application")
    filed.append(filed.told(words="โทร 081-234-5678", question="reach", day=day))
    await real.file(filed, Role.REGISTRAR)
    tip = world.file_tip(somchai, day=day)
    await real.file(tip)

    async with real.office(registrar) as office:
        (row,) = (await office.queue(Wanted(is_application=True))).rows
        assert (row.shown.tip_id, row.is_application, row.problem) == (filed.tip_id, True, None)
        await acting.claim(office, filed.tip_id)
        await acting.reply(office, filed.tip_id, "สะดวกพบวันไหน")
        sentence = {"declined": "ขอบคุณที่อยากช่วย"}
        with pytest.raises(Mistaken) as refused:
            await acting.set_status(office, filed.tip_id, "declined", "", prepared=sentence)
        assert refused.value.key == "application.needs_reason"
        with pytest.raises(Mistaken) as refused:
            await acting.let_in(office, filed.tip_id, "สมชาย ใจดี")
        assert refused.value.key == "grant.no_registrar"
        assert len((await office.read(filed.tip_id)).tip.parts) == 3  # nothing of these was kept
        await acting.let_in(office, filed.tip_id, "นายทะเบียนใหม่")
        await acting.set_status(
            office, filed.tip_id, "declined", "", prepared=sentence, reason="ไม่ได้อยู่ในพื้นที่"
        )
        reading = await office.read(filed.tip_id)
        assert reading.findings == ()
        written = [(part.part.kind, part.part.words) for part in reading.tip.parts if part.part]
        assert written[-2:] == [("note", "ไม่ได้อยู่ในพื้นที่"), ("status", "ขอบคุณที่อยากช่วย")]
        with pytest.raises(Refused):
            await office.read(tip.tip_id)

    async with real.office(somchai) as office:
        (row,) = (await office.queue(Wanted())).rows
        assert (row.shown.tip_id, row.is_application) == (tip.tip_id, False)
        with pytest.raises(Refused) as unseen:
            await office.read(filed.tip_id)
        assert unseen.value.key == "desk.not_found"
        with pytest.raises(Mistaken) as not_theirs:
            await acting.let_in(office, tip.tip_id, "นายทะเบียน")
        assert not_theirs.value.key == "grant.no_officer"
    async with real.office(late) as office:
        assert (await office.read(filed.tip_id)).findings == ()

    fresh = world.join("เจ้าหน้าที่ใหม่", "kkn")
    third = world.join("นายทะเบียนคนที่สาม", "kkn", roles=(Role.REGISTRAR,))
    async with real.office(boss) as office:
        done = await regrant_all(office, world.recovery)
        assert {(grant.to.id, grant.tip_id) for grant in done.grants} == {
            (fresh.id, tip.tip_id),
            (third.id, filed.tip_id),
        }
        assert done.tips == 2
        again = await regrant_all(office, world.recovery)
        assert (again.grants, again.tips) == ((), 0)
    async with real.office(third) as office:
        assert (await office.read(filed.tip_id)).findings == ()


SENTENCE, REASON = "ย้ายให้ศูนย์อุดรธานีดูแล", "ผู้ถูกร้องเป็นญาติของหัวหน้าศูนย์"


async def test_a_tip_moves_to_another_centre_and_back_with_the_real_desk(
    world: World, somchai: Person, real: RealDesk
) -> None:
    malee, there = world.join("มาลี ตั้งใจ", "kkn"), world.join("อุดม", "udn")
    boss = world.join("หัวหน้า", "hq")
    friend = world.join("เพื่อนเขา", "udn")
    form = {**FORM, "barred": ["inside", friend.id]}
    tip = world.file_tip(somchai, malee, day=today(SystemClock()).isoformat(), form=form)
    await real.file(tip)
    async with (
        real.office(somchai) as office,
        real.office(malee) as colleague,
        real.office(there) as other,
        real.office(boss) as above,
    ):
        with pytest.raises(Refused) as refused:
            await refer(office, tip.tip_id, "inside", SENTENCE, REASON, is_sure=True)
        assert refused.value.key == "refer.barred"
        done = await refer(office, tip.tip_id, "udn", SENTENCE, REASON)
        assert [officer.id for officer in done.readers] == [there.id]
        assert [officer.id for officer in done.left_out] == [friend.id]

        # Until the new centre takes it up the old one reads, and no more than that.
        reading = await colleague.read(tip.tip_id)
        assert (reading.findings, reading.tip.shown.centre) == ((), "udn")
        await acting.note(colleague, tip.tip_id, "ฝากดูสัญญาเลขที่ 7")
        with pytest.raises(Refused) as refused:
            await acting.claim(colleague, tip.tip_id)
        assert "moved to another centre" in str(refused.value.params)

        assert (await other.read(tip.tip_id)).findings == ()
        await acting.claim(other, tip.tip_id)
        for gone in (office, colleague):
            with pytest.raises(Refused) as refused:
                await gone.read(tip.tip_id)
            assert refused.value.key == "desk.moved_away"
            assert refused.value.params["centre"] == "udn"
        with pytest.raises(Refused) as refused:
            await above.read(tip.tip_id)
        assert refused.value.key == "desk.not_found"

        await refer(other, tip.tip_id, "kkn", SENTENCE, REASON)
        await acting.claim(colleague, tip.tip_id)
        reading = await office.read(tip.tip_id)
        assert reading.findings == ()
        kinds = [change.kind for change in reading.tip.shown.changes]
        assert kinds == ["move", "claim", "move", "claim"]


async def test_an_officer_is_withdrawn_with_the_real_desk_and_everybody_else_reads_on(
    world: World, somchai: Person, real: RealDesk
) -> None:
    malee, there = world.join("มาลี ตั้งใจ", "kkn"), world.join("อุดม", "udn")
    boss = world.join("ผู้ดูแล", "kkn", roles=(Role.ADMIN,))
    tip = world.file_tip(somchai, malee, day=today(SystemClock()).isoformat())
    tip.append(tip.told(words="ก่อนหน้า", question="what"))
    await real.file(tip)
    async with (
        real.office(somchai) as office,
        real.office(malee) as colleague,
        real.office(there) as guest,
        real.office(boss) as admin,
    ):
        assert (await colleague.read(tip.tip_id)).findings == ()
        await acting.let_in(office, tip.tip_id, there.id)
        with pytest.raises(Mistaken) as refused:
            await withdraw(colleague, tip.tip_id, somchai.id, REASON)
        assert refused.value.key == "withdraw.not_holder"
        await acting.claim(office, tip.tip_id)
        out = await withdraw(office, tip.tip_id, malee.id, REASON)
        assert ({o.id for o in out.readers}, out.left_out) == ({somchai.id, there.id}, ())
        assert not out.replies_stay

        with pytest.raises(Refused) as gone:
            await colleague.read(tip.tip_id)
        assert (gone.value.key, gone.value.params["name"]) == ("desk.withdrawn", somchai.keys.name)
        assert (await colleague.queue(Wanted())).rows == ()

        await acting.reply(office, tip.tip_id, "ถามต่อ")
        await refer(office, tip.tip_id, "udn", SENTENCE, REASON)
        await acting.claim(guest, tip.tip_id)
        out = await withdraw(guest, tip.tip_id, somchai.id, REASON)
        assert [o.id for o in out.readers] == [there.id]
        reading = await guest.read(tip.tip_id)
        assert reading.findings == ()
        said = [p.part.words for p in reading.tip.parts if p.part and p.part.words]
        assert said == ["ก่อนหน้า", REASON, "ถามต่อ", REASON, SENTENCE, REASON]
        # Back at the first centre, whoever was withdrawn is not let in by the move.
        late = world.join("มาใหม่", "kkn")
        world.sign_roster(version=2)
        for each in (guest, admin):
            each._trust = None
        back = await refer(guest, tip.tip_id, "kkn", SENTENCE, REASON)
        assert {o.id for o in back.readers} == {late.id}
        assert {o.id for o in back.left_out} == {somchai.id, malee.id}

        done = await regrant_all(admin, world.recovery)
        assert done.grants == ()
        done = await regrant_all(admin, world.recovery, chosen=(malee.id,))
        assert [grant.to.id for grant in done.grants] == [malee.id]
    async with real.office(malee) as colleague:
        reading = await colleague.read(tip.tip_id)
        assert {f.name for f in reading.findings} == {"grant_readmitted"}
        assert "ก่อนหน้า" in [p.part.words for p in reading.tip.parts if p.part]


async def test_recovery_with_the_real_desk_leaves_out_whom_the_form_bars(
    world: World, somchai: Person, real: RealDesk
) -> None:
    friend = world.join("เพื่อนเขา", "kkn")
    fresh = world.join("มาใหม่", "kkn")
    boss = world.join("หัวหน้า", "hq", roles=(Role.ADMIN,))
    tip = world.file_tip(somchai, form={**FORM, "barred": [friend.id]})
    await real.file(tip)
    async with real.office(boss) as office:
        done = await regrant_all(office, world.recovery)
    assert [grant.to.id for grant in done.grants] == [fresh.id]
    assert [(each.officer.id, each.is_barred) for each in done.left_out] == [(friend.id, True)]


async def test_an_application_moves_among_registrars_only(
    world: World, somchai: Person, real: RealDesk
) -> None:
    registrar = world.join("นายทะเบียน", "kkn", roles=(Role.REGISTRAR,))
    world.join("เจ้าหน้าที่อุดร", "udn")
    there = world.join("นายทะเบียนอุดร", "udn", roles=(Role.REGISTRAR,))
    world.join("หัวหน้า", "hq")
    filed = world.file_tip(registrar, kind=TipKind.APPLICATION, category="application")
    await real.file(filed, Role.REGISTRAR)
    async with real.office(registrar) as office:
        with pytest.raises(Refused) as refused:
            await refer(office, filed.tip_id, "hq", SENTENCE, REASON)
        assert refused.value.key == "refer.nobody"
        done = await refer(office, filed.tip_id, "udn", SENTENCE, REASON)
    assert [officer.id for officer in done.readers] == [there.id]
    async with real.office(there) as office:
        assert (await office.read(filed.tip_id)).findings == ()
