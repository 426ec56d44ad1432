"""`saisaat figures`: what the operator sees before and after; suppressed as on the page."""

import asyncio
import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from bot import restored
from bot.centres import organise
from bot.clock import BANGKOK
from bot.config import load
from bot.figures.publishing import FigureRules, Publishing
from bot.figures.quarters import Quarter, newest_due
from bot.figures.tables import tables_of
from bot.server_key import ServerKey
from storage import SqliteDatabase
from tests.bot.figures.network import Tip, count
from tests.bot.figures.test_publishing import clock_on
from tests.bot.setup.accounts import change, deployed, saisaat

LAST = newest_due(datetime.now(BANGKOK).date(), 1)
"""The last quarter that is over, by the machine's clock: the command knows no other."""

DUE = newest_due(datetime.now(BANGKOK).date(), FigureRules().after_days)


async def run(config: Path, *arguments: str) -> tuple[int, str, str]:
    done = await asyncio.to_thread(saisaat, "figures", *arguments, "--config", str(config))
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return deployed(tmp_path)


async def counted(config: Path, quarter: Quarter = LAST) -> None:
    told = [*([Tip(quarter.months[1])] * 40), *([Tip(quarter.months[0], centre="loei")] * 7)]
    loaded = load(config)
    key = ServerKey.read(loaded.server_key)
    async with await SqliteDatabase.open(loaded.storage.database) as database:
        await database.commit(lambda t: count(t, told, key))


async def published(config: Path, quarter: Quarter = LAST) -> None:
    loaded = load(config)
    key = ServerKey.read(loaded.server_key)
    clock = clock_on(quarter.last_day)
    clock.advance(40 * 86_400)
    async with await SqliteDatabase.open(loaded.storage.database) as database:
        tables = tables_of(organise(loaded).centres)
        rules = FigureRules(is_public=True)
        await Publishing(database, key, clock, tables, rules).publish_due()


async def test_a_preview_shows_what_would_be_published_and_stores_nothing(config: Path) -> None:
    await counted(config, DUE)
    before = load(config).storage.database.read_bytes()
    code, out, err = await run(config, "preview")
    assert (code, err) == (0, "")
    assert f"{DUE}: จบ 47 เรื่อง" in out
    assert "เรียกรับเงิน" in out
    assert "[figures] public = true" in out
    numbers = [int(n) for n in re.findall(r"^ +(\d+)  ", out, flags=re.MULTILINE)]
    assert set(numbers) == {47}  # the seven of one centre are told with the others
    code, out, _ = await run(config, "preview", "--json")
    assert (code, json.loads(out)["total"]) == (0, 47)
    assert load(config).storage.database.read_bytes() == before
    code, out, _ = await run(config, "show")
    assert (code, "Nothing was published yet" in out) == (0, True)


async def test_when_it_will_be_published_is_said(config: Path) -> None:
    await counted(config)
    change(config, "public = false", "public = true")
    code, out, _ = await run(config, "preview", "--quarter", str(LAST))
    assert code == 0
    assert "To be published from " in out


async def test_what_was_published_is_shown_and_never_previewed(config: Path) -> None:
    await counted(config)
    await published(config)
    code, out, _ = await run(config, "show")
    assert (code, f"{LAST}: จบ 47 เรื่อง" in out) == (0, True)
    code, out, _ = await run(config, "show", "--json", "--quarter", str(LAST))
    assert (code, json.loads(out)[0]["quarter"]) == (0, str(LAST))
    code, _, err = await run(config, "preview", "--quarter", str(LAST))
    assert (code, "never changes" in err) == (1, True)


async def test_what_was_over_before_a_restore_is_never_previewed(config: Path) -> None:
    await counted(config)
    day = datetime.now(BANGKOK).date()
    async with await SqliteDatabase.open(load(config).storage.database) as database:
        await database.commit(lambda t: restored.note(t, day, day.isoformat()))
    code, out, err = await run(config, "preview", "--quarter", str(LAST))
    assert (code, out, "never will be again" in err) == (1, "", True)


async def test_an_altered_page_is_not_shown(config: Path) -> None:
    await counted(config)
    await published(config)
    async with await SqliteDatabase.open(load(config).storage.database) as database:
        sql = "UPDATE public_quarter SET page = ?"
        await database.commit(lambda t: t.execute(sql, (b"{}",)))
    code, out, err = await run(config, "show")
    assert (code, out) == (1, "")
    assert "AlteredQuarter" in err


@pytest.mark.parametrize(
    ("quarter", "says"),
    [("2026-Q9", "is written like"), (str(LAST.next), "is not over yet"), ("../x", "written like")],
)
async def test_what_cannot_be_previewed_is_said(config: Path, quarter: str, says: str) -> None:
    await counted(config)
    code, out, err = await run(config, "preview", "--quarter", quarter)
    assert (code, out) == (1, "")
    assert says in err


async def test_without_a_database_it_is_said(config: Path) -> None:
    for command in ("show", "preview"):
        code, _, err = await run(config, command)
        assert (code, "is not there yet" in err) == (1, True)
    assert not load(config).storage.database.exists()
