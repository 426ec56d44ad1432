"""A desk on a real database with officers and a registrar, and a console's hands to use it.

Tips are sealed as the bot seals them, so what these officers get opens.
"""

import base64
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from fake_clock import FakeClock
from fastapi import FastAPI

from bot.alerts.alerting import Alerting
from bot.alerts.binding import Bindings, Codes
from bot.alerts.counting import Rules
from bot.alerts.office import AlertOffice
from bot.alerts.raising import Raising, Uncounted
from bot.alerts.records import Records
from bot.centres import Clocks
from bot.clock import today
from bot.desk import DeskParts, desk_app
from bot.desk.app import CentreName
from bot.desk.members import MemberTerms
from bot.figures.book import FigureBook
from bot.server_key import ServerKey
from bot.state import Drawer
from console.session import Session
from handlers.clocks import Lengths
from sealing import (
    NOTHING_BEFORE,
    RECEIPT,
    RECOVERY,
    Author,
    Counts,
    FileFacts,
    Grant,
    Kind,
    Officer,
    OfficerKeys,
    Part,
    Role,
    Roster,
    Side,
    SigningKey,
    Statement,
    Summary,
    TipKeys,
    TipKind,
    assign_statement,
    claim_statement,
    count_statement,
    extend_statement,
    grant_statement,
    hash_sealed,
    hold_statement,
    move_statement,
    part_statement,
    reader_role,
    release_statement,
    seal_grant,
    seal_part,
    sign_in_statement,
    status_statement,
    unhold_statement,
)
from sealing.age import PQIdentity, PQRecipient, encrypt
from sealing.parts import Media
from sealing.stretch import Cost
from storage import FolderBlobs, SqliteDatabase, Transaction
from storage.forget import ForgetStore
from storage.repositories import parts, tips
from storage.repositories.clocks import OTHERS, put_lengths
from storage.repositories.grants import GrantRow
from storage.repositories.parts import PartRow
from tests.bot.counters import a_book, some_counting
from tests.sealing.trails import SERVER_KEY

ORIGIN = "https://desk.example"
MEMBER_TERMS = MemberTerms(
    salt=b"s" * 32,
    pepper=b"p" * 32,
    cost=Cost(memory_kib=64, time=1),
    web="https://chat.example",
    onion=None,
)
CLOCKS = Clocks(Lengths(7, 15, 90, 7), warn_days=3)
LONGEST_EXTENSION_DAYS = 30
RECOVERY_IDENTITY = PQIdentity.generate()


def an_id() -> str:
    return os.urandom(16).hex()


def told_counts(counts: Counts) -> dict[str, str]:
    return {**counts.by_measure(), "salt": b64(counts.salt)}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@dataclass
class Hand:
    """One officer's console: signs in, signs deeds, sends them as they are."""

    keys: OfficerKeys
    http: httpx.AsyncClient
    day: str
    session: Session | None = None
    session_key: SigningKey = field(default_factory=SigningKey.generate)
    overheard: "Hand | None" = field(default=None, kw_only=True)
    """Who a stranger learned from what a tip's newest part is; all else they sign rightly."""

    @property
    def id(self) -> str:
        return self.keys.id

    async def sign_in(self) -> None:
        asked = (await self.http.post("/challenge", json={"officer": self.id})).json()
        answer = await self.http.post("/sign-in", json=self.signed(asked["challenge"]))
        assert answer.status_code == 200, answer.text
        self.session = Session(ORIGIN, answer.json()["token"], self.session_key)

    def signed(self, challenge: str, origin: str = ORIGIN) -> dict[str, str]:
        """The request that signs in, with a new session key."""
        self.session_key = SigningKey.generate()
        statement = sign_in_statement(
            desk_origin=origin,
            challenge=base64.b64decode(challenge),
            officer=self.id,
            session_key=self.session_key.verify_key,
        )
        return {
            "officer": self.id,
            "challenge": challenge,
            "signature": self.sign(statement),
            "session_key": b64(self.session_key.verify_key.raw),
        }

    def sign(self, statement: Statement) -> str:
        return b64(self.keys.sign.sign(statement))

    async def get(self, path: str, **query: str) -> httpx.Response:
        return await self.http.get(path, params=query, auth=self.session)

    async def post(self, path: str, body: Mapping[str, object]) -> httpx.Response:
        return await self.http.post(path, json=dict(body), auth=self.session)

    async def claim(self, tip_id: str, version: int) -> httpx.Response:
        statement = claim_statement(tip_id=tip_id, version=version, officer=self.id, day=self.day)
        return await self.post(f"/tips/{tip_id}/claim", self._held(version, statement))

    async def release(self, tip_id: str, version: int) -> httpx.Response:
        statement = release_statement(tip_id=tip_id, version=version, officer=self.id, day=self.day)
        return await self.post(f"/tips/{tip_id}/release", self._held(version, statement))

    async def assign(self, tip_id: str, version: int, to: str) -> httpx.Response:
        return await self.post(f"/tips/{tip_id}/assign", self.assigned(tip_id, version, to))

    def assigned(self, tip_id: str, version: int, to: str) -> dict[str, object]:
        """The request by which this officer gives the tip to *to*."""
        statement = assign_statement(
            tip_id=tip_id, version=version, to_officer=to, day=self.day, officer=self.id
        )
        return {**self._held(version, statement), "to_officer": to}

    async def say(self, tip_id: str, words: str, kind: Kind = Kind.MESSAGE) -> httpx.Response:
        return await self.post(f"/tips/{tip_id}/parts", await self.part(tip_id, words, kind))

    async def part(
        self, tip_id: str, words: str, kind: Kind, after: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The next part of the tip as a request's body, sealed and signed; or the one *after* one
        that goes with it."""
        if after is None:
            seq, previous = await (self.overheard or self).end_of(tip_id)
        else:
            seq, previous = after["seq"], hash_sealed(base64.b64decode(after["sealed"]))
        place: dict[str, Any] = {
            "tip_id": tip_id,
            "part_id": an_id(),
            "seq": seq + 1,
            "previous": previous,
            "day": self.day,
            "kind": kind,
            "officer": self.id,
        }
        part = Part(**place, author=Author.OFFICER, words=words)
        # The desk cannot look inside, so any recipient will do here.
        sealed = seal_part(part, RECOVERY_IDENTITY.recipient)
        statement = part_statement(**place, sealed_hash=sealed.hash)
        return {
            "part_id": place["part_id"],
            "seq": place["seq"],
            "sealed": b64(sealed.data),
            "sealed_to": Side.CASE if kind is Kind.NOTE else Side.REPLY,
            "kind": kind,
            "day": self.day,
            "signature": self.sign(statement),
        }

    async def end_of(self, tip_id: str) -> tuple[int, bytes]:
        """Number and hash of the tip's newest part, as the desk shows it."""
        tip = (await self.get(f"/tips/{tip_id}")).json()
        if not tip["parts"]:
            return 0, NOTHING_BEFORE
        return tip["parts"][-1]["seq"], base64.b64decode(tip["parts"][-1]["hash"])

    async def set_status(
        self,
        tip_id: str,
        version: int,
        status: str,
        reason: dict[str, Any] | None = None,
        *,
        counts: Counts | None = None,
        before: Counts | None = None,
    ) -> httpx.Response:
        sentence = await self.part(tip_id, "เริ่มตรวจสอบแล้ว", Kind.STATUS, after=reason)
        statement = status_statement(
            tip_id=tip_id,
            version=version,
            status=status,
            day=self.day,
            officer=self.id,
            sentence_part_id=sentence["part_id"],
        )
        body: dict[str, Any] = {"version": version, "status": status, "day": self.day}
        body |= {"signature": self.sign(statement), "sentence": sentence}
        if reason is not None:
            body["reason"] = reason
        if counts is not None:
            body["counts"] = self.counted(tip_id, version, counts, before)
        return await self.post(f"/tips/{tip_id}/status", body)

    def counted(
        self, tip_id: str, version: int, counts: Counts, before: Counts | None = None
    ) -> dict[str, Any]:
        """What is to be counted of a tip, as it is sent."""
        statement = count_statement(
            tip_id=tip_id,
            version=version,
            counts_hash=counts.hash(tip_id),
            day=self.day,
            officer=self.id,
        )
        told = None if before is None else told_counts(before)
        return {**told_counts(counts), "signature": self.sign(statement), "before": told}

    async def move(
        self,
        tip_id: str,
        version: int,
        to: str,
        keys: TipKeys,
        *readers: Officer,
        frm: str = "khonkaen",
        **changed: object,
    ) -> httpx.Response:
        """Move the tip to the centre *to*, letting in *readers* with grants that open *keys*."""
        reason = await self.part(tip_id, "ญาติกัน", Kind.NOTE)
        sentence = await self.part(tip_id, "ย้ายให้ศูนย์อื่นดูแล", Kind.STATUS, after=reason)
        statement = move_statement(
            tip_id=tip_id,
            version=version,
            from_centre=frm,
            to_centre=to,
            day=self.day,
            officer=self.id,
            sentence_part_id=sentence["part_id"],
        )
        body = {
            "version": version,
            "to": to,
            "day": self.day,
            "signature": self.sign(statement),
            "reason": reason,
            "sentence": sentence,
            "grants": [self.grant(tip_id, keys, each.id, each.age) for each in readers],
        }
        return await self.post(f"/tips/{tip_id}/move", {**body, **changed})

    async def extend(
        self, tip_id: str, from_version: int, until: str, **changed: object
    ) -> httpx.Response:
        """Give the tip time until the day *until*."""
        reason = await self.part(tip_id, "รอเอกสารจากธนาคาร", Kind.NOTE)
        sentence = await self.part(tip_id, "ขอเวลาเพิ่ม", Kind.STATUS, after=reason)
        statement = extend_statement(
            tip_id=tip_id,
            version=from_version,
            until_day=until,
            day=self.day,
            officer=self.id,
            sentence_part_id=sentence["part_id"],
        )
        body = {
            "version": from_version,
            "until_day": until,
            "day": self.day,
            "signature": self.sign(statement),
            "reason": reason,
            "sentence": sentence,
        }
        return await self.post(f"/tips/{tip_id}/extend", {**body, **changed})

    async def set_held(
        self, tip_id: str, from_version: int, *, is_held: bool, **changed: object
    ) -> httpx.Response:
        """Put the tip on hold, or lift that."""
        reason = await self.part(tip_id, "ศาลอาจเรียก", Kind.NOTE)
        statement = (hold_statement if is_held else unhold_statement)(
            tip_id=tip_id,
            version=from_version,
            reason_part_id=reason["part_id"],
            day=self.day,
            officer=self.id,
        )
        body = {
            "version": from_version,
            "day": self.day,
            "signature": self.sign(statement),
            "reason": reason,
        }
        which = "hold" if is_held else "unhold"
        return await self.post(f"/tips/{tip_id}/{which}", {**body, **changed})

    def grant(
        self,
        tip_id: str,
        keys: TipKeys,
        to: str,
        recipient: PQRecipient,
        *,
        grant_id: str | None = None,
    ) -> dict[str, str]:
        """A grant by this officer, sealed and signed, as a request has it."""
        summary = Summary(category="embezzlement", province="TH-40", kind=TipKind.CASE)
        grant = Grant(
            grant_id or an_id(), tip_id, to, keys.case, keys.reply, summary, self.day, self.id
        )
        sealed = seal_grant(grant, recipient)
        statement = grant_statement(
            grant_id=grant.grant_id, tip_id=tip_id, to=to, sealed=sealed, day=self.day,
            by=self.id,
        )  # fmt: skip
        return {
            "grant_id": grant.grant_id,
            "officer": to,
            "sealed": b64(sealed),
            "day": self.day,
            "signature": self.sign(statement),
        }

    def _held(self, version: int, statement: Statement) -> dict[str, object]:
        return {"version": version, "day": self.day, "signature": self.sign(statement)}


@dataclass
class Room:
    """The desk under test and everything around it."""

    database: SqliteDatabase
    blobs: FolderBlobs
    clock: FakeClock
    hands: dict[str, Hand]
    rosters: list[Roster]
    desk: FastAPI
    tip_keys: dict[str, TipKeys] = field(default_factory=dict)
    receipts: dict[str, PQIdentity] = field(default_factory=dict)
    book: FigureBook = field(default_factory=a_book)

    def __getitem__(self, name: str) -> Hand:
        return self.hands[name]

    @property
    def roster(self) -> Roster:
        return self.rosters[-1]

    @property
    def day(self) -> str:
        return today(self.clock).isoformat()

    def move_to(self, centre: str, name: str, *roles: Role) -> None:
        """By the next roster the officer of that *name* works in *centre*, in *roles* if any."""
        self.rosters.append(
            next_roster(
                self.roster,
                tuple(
                    replace(each, centres=(centre,), roles=roles or each.roles)
                    if each.name == name
                    else each
                    for each in self.roster.officers
                ),
            )
        )

    async def file(
        self,
        centre: str = "khonkaen",
        *,
        file: bytes | None = None,
        kind: TipKind = TipKind.CASE,
    ) -> str:
        """File one tip of *kind* for those of *centre* who read such, withheld from those of its
        region."""
        tip_id, keys = an_id(), TipKeys.generate()
        self.tip_keys[tip_id] = keys
        words = self._told(tip_id, keys)
        rows = [words]
        if file is not None:
            rows.append(await self._file_part(tip_id, keys, words, file))
        readers = [(RECOVERY, RECOVERY_IDENTITY.recipient, centre)]
        for each in (centre, "region"):
            of_centre = self.roster.of_centre(each, reader_role(kind))
            readers += [(officer.id, officer.age, each) for officer in of_centre]
        grants = [self._grant(tip_id, keys, *each, each[2] == centre, kind) for each in readers]

        def work(t: Transaction) -> None:
            previous = NOTHING_BEFORE
            for row in rows:
                parts.append(t, row, previous=previous)
                previous = row.hash
            tips.file(t, self._new_tip(tip_id, keys, centre), grants)

        await self.database.commit(work)
        return tip_id

    def _told(self, tip_id: str, keys: TipKeys) -> PartRow:
        part = Part(
            tip_id=tip_id,
            part_id=an_id(),
            seq=1,
            previous=NOTHING_BEFORE,
            author=Author.REPORTER,
            day=self.day,
            kind=Kind.WORDS,
            question="what",
            words="เห็นเขาเอาปูนไปทำถนนหน้าบ้านตัวเอง",
        )
        return self._row(part, keys)

    async def _file_part(self, tip_id: str, keys: TipKeys, before: PartRow, body: bytes) -> PartRow:
        blob_id = an_id()
        async with self.blobs.writing(blob_id) as out:
            await out.write(encrypt(body, keys.case.recipient))
            await out.keep()
        facts = FileFacts(blob_id, len(body), "00" * 32, Media.PHOTO, "image/png", None)
        part = Part(
            tip_id=tip_id,
            part_id=an_id(),
            seq=2,
            previous=before.hash,
            author=Author.REPORTER,
            day=self.day,
            kind=Kind.FILE,
            question="leads",
            file=facts,
        )
        return self._row(part, keys, blob_id)

    def _row(self, part: Part, keys: TipKeys, blob_id: str | None = None) -> PartRow:
        sealed = seal_part(part, keys.case.recipient)
        return PartRow(
            part_id=part.part_id,
            tip_id=part.tip_id,
            seq=part.seq,
            hash=sealed.hash,
            sealed=sealed.data,
            sealed_to=Side.CASE,
            author=part.author,
            kind=part.kind,
            day=part.day,
            size_class=len(sealed.data),
            blob_id=blob_id,
        )

    def _grant(
        self,
        tip_id: str,
        keys: TipKeys,
        to: str,
        recipient: Any,
        centre: str,
        released: bool,
        kind: TipKind,
    ) -> GrantRow:
        summary = Summary(category="embezzlement", province="TH-40", kind=kind)
        grant = Grant(an_id(), tip_id, to, keys.case, keys.reply, summary, self.day)
        sealed, role = seal_grant(grant, recipient), reader_role(kind).value
        return GrantRow(grant.grant_id, tip_id, to, centre, released, self.day, sealed, role=role)

    def grant_by(self, hand: Hand, to: Hand, tip_id: str) -> dict[str, str]:
        """The request by which *hand* lets *to* into the tip."""
        return hand.grant(tip_id, self.tip_keys[tip_id], to.id, to.keys.age.recipient)

    def _new_tip(self, tip_id: str, keys: TipKeys, centre: str) -> tips.NewTip:
        receipt = self.receipts[tip_id] = PQIdentity.generate()
        grant = Grant(an_id(), tip_id, RECEIPT, None, keys.reply, None, self.day)
        return tips.NewTip(
            tip_id=tip_id,
            locator=os.urandom(32),
            centre=centre,
            filed_day=self.day,
            case_recipient=keys.case.recipient.raw,
            reply_recipient=keys.reply.recipient.raw,
            receipt_grant_id=grant.grant_id,
            receipt_grant=seal_grant(grant, receipt.recipient),
            receipt_recipient=receipt.recipient.raw,
        )


def enrolled(
    keys: OfficerKeys, *centres: str, roles: tuple[Role, ...] = (Role.OFFICER,)
) -> Officer:
    return Officer(
        name=keys.name,
        age=keys.age.recipient,
        sign=keys.sign.verify_key,
        roles=roles,
        centres=centres,
    )


def next_roster(before: Roster, officers: tuple[Officer, ...]) -> Roster:
    return replace(before, version=before.version + 1, officers=officers)


@asynccontextmanager
async def a_room(
    folder: Path,
    raising: Raising | None = None,
    *,
    second_officer: frozenset[str] = frozenset(),
) -> AsyncIterator[Room]:
    """A desk with Somchai and Malee in Khon Kaen, Prasit in Loei, Anong in the region, Admin, and
    the registrars Rattana (Khon Kaen) and Wichai (the region), and Orn, an auditor."""
    keys = {
        name: OfficerKeys.generate(name)
        for name in ("Somchai", "Malee", "Prasit", "Anong", "Admin", "Rattana", "Wichai", "Orn")
    }
    clock = FakeClock()
    day = today(clock).isoformat()
    officers = (
        enrolled(keys["Somchai"], "khonkaen"),
        enrolled(keys["Malee"], "khonkaen"),
        enrolled(keys["Prasit"], "loei"),
        enrolled(keys["Anong"], "region"),
        enrolled(keys["Admin"], roles=(Role.ADMIN,)),
        enrolled(keys["Rattana"], "khonkaen", roles=(Role.REGISTRAR,)),
        enrolled(keys["Wichai"], "region", roles=(Role.REGISTRAR,)),
        enrolled(keys["Orn"], "region", roles=(Role.AUDITOR,)),
    )
    book = a_book()
    rosters = [Roster(1, day, "2027-11-23", RECOVERY_IDENTITY.recipient, officers)]
    async with (
        await SqliteDatabase.open(folder / "saisaat.db") as database,
        await FolderBlobs.open(folder / "blobs") as blobs,
        await ForgetStore.open(folder / "forget") as forget,
    ):
        await database.commit(lambda t: put_lengths(t, {OTHERS: CLOCKS.lengths}))
        desk = desk_app(
            DeskParts(
                database=database,
                blobs=blobs,
                roster=lambda: rosters[-1],
                signed_roster=lambda: b"the signed roster",
                centres={
                    "region": CentreName("เขต", "Region", clocks=CLOCKS),
                    "khonkaen": CentreName("ขอนแก่น", "Khon Kaen", "region", clocks=CLOCKS),
                    "loei": CentreName("เลย", "Loei", "region", clocks=CLOCKS),
                    "capital": CentreName("ส่วนกลาง", "Capital", clocks=CLOCKS),
                    "inside": CentreName("ในกรม", "Inside", "region", "department", CLOCKS),
                },
                origin=ORIGIN,
                clock=clock,
                session_s=1800,
                idle_s=900,
                members=MEMBER_TERMS,
                longest_extension_days=LONGEST_EXTENSION_DAYS,
                counting=some_counting(book),
                audit_key=SERVER_KEY.verify_key,
                second_officer=second_officer,
                raising=raising or Uncounted(),
                alerts=alert_office(database, forget, clock, lambda: rosters[-1]),
            )
        )
        transport = httpx.ASGITransport(desk)
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN + "/desk/v1") as http:
            hands = {name: Hand(key, http, day) for name, key in keys.items()}
            for hand in hands.values():
                await hand.sign_in()
            yield Room(database, blobs, clock, hands, rosters, desk, book=book)


def alert_office(
    database: SqliteDatabase, forget: ForgetStore, clock: FakeClock, roster: Callable[[], Roster]
) -> AlertOffice:
    """What the desk asks about alerts; Telegram is the one way that is on."""

    async def link_of(code: str) -> str:
        return f"https://t.me/saisaat_test_bot?start={code}"

    records, codes = Records(Drawer(ServerKey.generate()), forget), Codes(clock)
    bindings = Bindings(database, forget, records, codes, an_id)
    alerting = Alerting(
        database, forget, records, bindings, clock, roster=roster, new_id=an_id, rules=Rules()
    )
    return AlertOffice(
        bindings, codes, alerting, links={"telegram": link_of}, email=None, rules=Rules(),
        new_id=an_id,
    )  # fmt: skip
