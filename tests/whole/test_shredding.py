"""A tip whose time is over is gone from every file of the real program, and from a fresh backup.

Two officers' consoles, a chat with files, a hold, new keys; then time passes. Every value that the
database kept in bytes for the tip, and every sealed file of it, is looked for in the database, its
log and index, the data folder, the forget store and what a backup copies: no piece may be there.
"""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest

from console import acting, days
from console.closing import end
from console.errors import Refused
from console.legal_hold import set_held
from console.office import Wanted
from console.withdrawing import withdraw
from sealing.audit import read_entry
from tests.storage.residue import files_in, residue
from tests.whole.browser import Browser, Tale
from tests.whole.deployment import COLLEAGUE, Whole, make
from tests.whole.nursery import running
from tests.whole.readings import readings, told
from tests.whole.server import Running

DAY_S = 24 * 3600
MINUTE_S = 60
PATIENCE_S = 60.0
RETENTION = {"closed_days": 40, "closed_fuzz_days": 5, "closed_notice_days": 3, "reopen_days": 5}
GOES, STAYS, HELD = "เรื่องที่จะถูกทำลาย", "เรื่องที่ยังทำอยู่", "เรื่องที่ศาลขอไว้"
LEAST_BYTES = 128
"""Shorter values are ids, hashes and signatures, which the trail keeps too."""


@pytest.fixture
def made(tmp_path: Path) -> Whole:
    return make(tmp_path / "deployment", retention=RETENTION, has_colleague=True)


@pytest.fixture
def bot(made: Whole) -> Iterator[Running]:
    with running(made) as bot:
        yield bot


async def tell(made: Whole, words: str) -> str:
    photo = ("รูป.jpg", b"\xff\xd8\xff" + words.encode() * 2000, "image/jpeg")
    async with Browser(made.web_url) as browser:
        await browser.open()
        return await Tale(what=(words,), files=(photo,)).tell(browser)


@asynccontextmanager
async def tips_of(made: Whole, *names: str) -> AsyncIterator[tuple[acting.Office, dict[str, str]]]:
    """An office, and its tips by what was told in them."""
    async with made.office(*names) as office:
        yield office, {told(tip, "what")[0]: tip.tip.tip_id for tip in await readings(office)}


async def work_on_all(made: Whole) -> str:
    """One tip ends, one goes on, one ends and is held; the id of the first."""
    async with tips_of(made) as (office, ids):
        for words in (GOES, HELD):
            await acting.claim(office, ids[words])
            await acting.reply(office, ids[words], "ขอวันที่ด้วย")
        out = made.officers[COLLEAGUE].name
        await withdraw(office, ids[GOES], out, "ย้ายงาน")
        await acting.note(office, ids[GOES], "บันทึกหลังเปลี่ยนกุญแจ")
        await set_held(office, ids[GOES], "รอดูก่อน", is_held=True)
        await set_held(office, ids[GOES], "ไม่ต้องแล้ว", is_held=False)
        await set_held(office, ids[HELD], "ศาลขอไว้", is_held=True)
        for words in (GOES, HELD):
            said = ("unsubstantiated", "ตรวจแล้ว", "ปิดเรื่องแล้ว")
            await end(office, ids[words], "closed", *said, is_sure=True)
        await office.read(ids[GOES])  # and this console knows when it goes
    return ids[GOES]


def sealed_of(made: Whole, tip_id: str) -> list[bytes]:
    """Every long value in bytes of a row that names the tip, and every sealed file of it."""
    with closing(sqlite3.connect(f"file:{made.database}?mode=ro", uri=True)) as database:
        columns = database.execute(
            "SELECT m.name, c.name, c.type FROM sqlite_master AS m,"
            " pragma_table_info(m.name) AS c WHERE m.type = 'table'"
        ).fetchall()
        tables = {table for table, column, _ in columns if column == "tip_id"}
        found: list[bytes] = []
        for table, column, kind in columns:
            if table not in tables or column == "filler":
                continue
            of_tip = f"SELECT {column} FROM {table} WHERE tip_id = ?"  # noqa: S608  # our own schema
            values = [value for (value,) in database.execute(of_tip, (tip_id,)) if value]
            if kind == "BLOB":
                found += [piece for value in values for piece in pieces_of(value)]
            if column == "blob_id":
                found += [(made.blobs / name).read_bytes() for name in values]
    return found


def pieces_of(value: bytes) -> list[bytes]:
    """What in *value* is nobody else's: of what a rekey says, not the ids of its readers."""
    if value.isascii():  # JSON; what is sealed is not
        texts = [text for text in json.loads(value).values() if isinstance(text, str)]
        return [text.encode() for text in texts if len(text) >= LEAST_BYTES]
    return [value] if len(value) >= LEAST_BYTES else []


def backup_of(made: Whole, folder: Path) -> Path:
    """A copy as SQLite's own way of backing up makes it, and the sealed files."""
    folder.mkdir()
    with (
        closing(sqlite3.connect(made.database)) as database,
        closing(sqlite3.connect(folder / "copy.db")) as copy,
    ):
        database.backup(copy)
    for blob in made.blobs.iterdir():
        (folder / blob.name).write_bytes(blob.read_bytes())
    return folder


def deeds(made: Whole, tip_id: str) -> list[str]:
    with closing(sqlite3.connect(f"file:{made.database}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT entry FROM audit_entry ORDER BY seq").fetchall()
    entries = [read_entry(data) for (data,) in rows]
    return [entry.deed for entry in entries if entry.tip_id == tip_id]


async def until(bot: Running, is_so: Callable[[], bool]) -> None:
    """Let minutes pass until the bot has done what it is to do by now."""
    async with asyncio.timeout(PATIENCE_S):
        while not is_so():
            bot.advance(MINUTE_S)
            await asyncio.sleep(0.05)


async def days_pass(made: Whole, bot: Running, number: int) -> None:
    """Two by two, for after a leap that is longer than the notice, notice is given anew."""
    for _ in range(number // 2):
        before = noted_day(made)
        bot.advance(2 * DAY_S)
        await until(bot, lambda was=before: noted_day(made) != was)  # type: ignore[misc]


def noted_day(made: Whole) -> str:
    with closing(sqlite3.connect(f"file:{made.database}?mode=ro", uri=True)) as database:
        (found,) = database.execute("SELECT value FROM setting WHERE name = 'retention_day'")
    return str(found[0])


async def test_nothing_of_it_is_left_in_any_file_nor_in_a_fresh_backup(
    made: Whole, bot: Running, tmp_path: Path
) -> None:
    receipts = {words: await tell(made, words) for words in (GOES, STAYS, HELD)}
    tip_id = await work_on_all(made)
    secrets = sealed_of(made, tip_id)
    assert len(secrets) > 12  # parts, grants, earlier grants, what the rekey said, files
    places = (made.data, made.forget.parent)
    assert residue(secrets, files_in(*places))
    assert residue(secrets, files_in(backup_of(made, tmp_path / "before")))

    await days_pass(made, bot, 38)
    assert "shred" not in deeds(made, tip_id)
    await days_pass(made, bot, 10)
    await until(bot, lambda: "shred" in deeds(made, tip_id))
    await until(bot, lambda: not residue(secrets, files_in(*places)))
    assert residue(secrets, files_in(backup_of(made, tmp_path / "after"))) == set()
    assert deeds(made, tip_id)[-1] == "shred"
    assert deeds(made, tip_id).count("shred") == 1

    async with made.office() as office:
        later = days.today() + timedelta(days=48)
        office.today = lambda: later  # time has passed for the officer too
        listed = (await office.queue(Wanted())).rows
        assert tip_id not in [row.shown.tip_id for row in listed]
        assert len(listed) == 2
        with pytest.raises(Refused) as gone:
            await office.read(tip_id)
        assert gone.value.key == "desk.shredded"
        assert len((await office.queue(Wanted(is_held=True))).rows) == 1
    async with Browser(made.web_url) as browser:
        await browser.open()
        await browser.press("follow")
        await browser.say(receipts[GOES])
        assert "40 วัน" in browser.seen.text
        await browser.say(receipts[HELD])
        assert "ขอวันที่ด้วย" in browser.seen.letters
