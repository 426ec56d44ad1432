"""A desk with many tips behind a real socket, in a process of its own: `python -m bench.served_desk
FOLDER TIPS [BYTES]`.

Every tip has keys of its own, a really sealed grant and really sealed words; the words are Thai and
differ. The first one has *BYTES* of evidence (`evidence.py`), if any. When all is there it prints
the officer's folder as JSON, and serves until its input ends.
"""

import asyncio
import json
import random
import socket
import sys
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import uvicorn

from bench.evidence import filed
from bench.house import WORDS
from bot.channels.web import serving
from bot.clock import SystemClock, today
from bot.desk.app import CentreName, DeskParts, desk_app
from bot.desk.members import MemberTerms
from bot.figures.book import FigureBook
from bot.figures.counting import TipCounting
from bot.figures.measures import shipped_measures
from bot.server_key import ServerKey
from console.folder import KEYS, Folder
from sealing import (
    NOTHING_BEFORE,
    Author,
    Cost,
    Grant,
    Kind,
    Officer,
    OfficerKeys,
    Part,
    Role,
    Roster,
    SigningKey,
    Summary,
    TipKeys,
    TipKind,
    render,
    seal_grant,
    seal_keys,
    seal_part,
    side_of,
    sign_roster,
)
from sealing.age import PQIdentity, PQRecipient
from storage import SqliteDatabase
from storage.blobs import FolderBlobs
from storage.port import Transaction
from storage.repositories import parts, tips
from storage.repositories.grants import GrantRow
from storage.repositories.parts import PartRow
from storage.repositories.tips import NewTip

CENTRE = "khon-kaen"
PASSPHRASE = "bench bench bench"
LOG_N = 18  # as any officer's
DAYS = 700
AT_ONCE = 250
LETTERS_A_TIP = 1_500
PARTS = 3
CATEGORIES = ("bribe", "procurement", "embezzlement", "land", "personnel")
PROVINCES = ("TH-40", "TH-41", "TH-42", "TH-43", "TH-44")


async def main(folder: Path, many: int, evidence_bytes: int) -> None:
    keys, admin = OfficerKeys.generate("Officer"), SigningKey.generate()
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:  # as a desk opens its own
        listener.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with (
            await SqliteDatabase.open(folder / "desk.db") as database,
            await FolderBlobs.open(folder / "blobs") as blobs,
        ):
            await _fill(database, keys, many, blobs, evidence_bytes)
            roster = _roster(keys)
            parts = DeskParts(
                database=database,
                blobs=blobs,
                roster=lambda: roster,
                signed_roster=lambda: sign_roster(render(roster), admin),
                centres={CENTRE: CentreName("ขอนแก่น", "Khon Kaen")},
                origin=origin,
                clock=SystemClock(),
                session_s=3600,
                members=MemberTerms(bytes(16), bytes(32), Cost(8, 1, 1), None, None),
                counting=TipCounting(FigureBook(ServerKey.generate()), shipped_measures()),
                audit_key=SigningKey.generate().verify_key,
            )
            config = uvicorn.Config(desk_app(parts), **serving.settings())
            server = uvicorn.Server(config)
            running = asyncio.create_task(server.serve(sockets=[listener]))
            home = _officers_folder(folder / "officer", keys, admin, origin)
            print(json.dumps({"home": str(home), "passphrase": PASSPHRASE}), flush=True)
            await asyncio.to_thread(sys.stdin.read)
            server.should_exit = True
            await running


def _officers_folder(path: Path, keys: OfficerKeys, admin: SigningKey, origin: str) -> Path:
    folder = Folder(path)
    folder.make()
    folder.write(KEYS, seal_keys(keys, PASSPHRASE, LOG_N))
    folder.write_settings(desk=origin, admin=str(admin.verify_key), name=keys.name)
    return path


def _roster(keys: OfficerKeys) -> Roster:
    day = today(SystemClock())
    officer = Officer(
        keys.name, keys.age.recipient, keys.sign.verify_key, (Role.OFFICER,), (CENTRE,)
    )
    until = (day + timedelta(days=300)).isoformat()
    return Roster(1, day.isoformat(), until, PQIdentity.generate().recipient, (officer,))


@dataclass(frozen=True, slots=True)
class _Made:
    """A tip as the bot files it."""

    tip: NewTip
    grant: GrantRow
    parts: list[PartRow] = field(default_factory=list)


async def _fill(
    database: SqliteDatabase, keys: OfficerKeys, many: int, blobs: FolderBlobs, evidence_bytes: int
) -> None:
    dice = random.Random(7)  # the same words in every run
    first = today(SystemClock())
    for begin in range(0, many, AT_ONCE):
        made = [_tip(dice, keys, first, nth) for nth in range(begin, min(begin + AT_ONCE, many))]
        if begin == 0 and evidence_bytes:
            one = made[0]
            recipient = PQRecipient(one.tip.case_recipient)
            one.parts.extend(await filed(blobs, recipient, one.parts[-1], evidence_bytes))

        def write(t: Transaction, made: list[_Made] = made) -> None:
            for each in made:
                previous = NOTHING_BEFORE
                for part in each.parts:
                    parts.append(t, part, previous=previous)
                    previous = part.hash
                tips.file(t, each.tip, [each.grant])

        await database.commit(write)


def _tip(dice: random.Random, keys: OfficerKeys, first: date, nth: int) -> _Made:
    day = (first - timedelta(days=nth % DAYS)).isoformat()
    tip_id, grant_id = dice.randbytes(16).hex(), dice.randbytes(16).hex()
    tip_keys = TipKeys.generate()
    summary = Summary(
        dice.choice(CATEGORIES),
        dice.choice(PROVINCES),
        TipKind.CASE,
        completeness_have=3,
        completeness_of=5,
        is_afraid=nth % 17 == 0,
    )
    grant = Grant(grant_id, tip_id, keys.id, tip_keys.case, tip_keys.reply, summary, day)
    sealed = seal_grant(grant, keys.age.recipient)
    new = NewTip(
        tip_id=tip_id,
        locator=dice.randbytes(32),
        centre=CENTRE,
        filed_day=day,
        case_recipient=tip_keys.case.recipient.raw,
        reply_recipient=tip_keys.reply.recipient.raw,
        receipt_grant_id=dice.randbytes(16).hex(),
        receipt_grant=sealed,
    )
    row = GrantRow(grant_id, tip_id, keys.id, CENTRE, released=True, filed_day=day, sealed=sealed)
    return _Made(new, row, _parts(dice, tip_id, tip_keys, day))


def _parts(dice: random.Random, tip_id: str, keys: TipKeys, day: str) -> list[PartRow]:
    made, previous = [], NOTHING_BEFORE
    for seq in range(1, PARTS + 1):
        part = Part(
            tip_id=tip_id,
            part_id=dice.randbytes(16).hex(),
            seq=seq,
            previous=previous,
            author=Author.REPORTER,
            day=day,
            kind=Kind.WORDS,
            question="what",
            words=_words(dice),
        )
        side = side_of(part.author, part.kind)
        sealed = seal_part(part, keys.recipients.of(side))
        row = PartRow(
            part_id=part.part_id,
            tip_id=tip_id,
            seq=seq,
            hash=sealed.hash,
            sealed=sealed.data,
            sealed_to=side.value,
            author=part.author.value,
            kind=part.kind.value,
            day=day,
            size_class=len(sealed.data),
        )
        made.append(row)
        previous = sealed.hash
    return made


def _words(dice: random.Random) -> str:
    """Thai that differs from tip to tip."""
    pieces = []
    left = LETTERS_A_TIP // PARTS
    while left > 0:
        begin = dice.randrange(len(WORDS) - 12)
        pieces.append(WORDS[begin : begin + dice.randrange(4, 12)])
        left -= len(pieces[-1])
    return "".join(pieces)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]), int((sys.argv[3:] or ["0"])[0])))
