"""The trail's days are signed by the server: each once, in order, whatever is killed."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from fake_clock import FakeClock

from bot.auditing import Auditing, audit_key
from bot.clock import today
from bot.server_key import ServerKey
from sealing import DayHead, check_heads, read_entry
from storage import Database, SqliteDatabase
from storage.repositories import audit

DAY_S = 86_400.0
KEY = ServerKey(b"k" * 32, b"s" * 32)
OFFICER = "5" * 32


class Killed(BaseException):
    """The process ends here."""


class Mortal:
    """A database that dies before or after a commit, once."""

    def __init__(self, database: Database, *, at: int, is_after: bool) -> None:
        self._database = database
        self._left = at
        self._is_after = is_after

    async def read(self, work: Callable[..., Any]) -> Any:
        return await self._database.read(work)

    async def commit(self, work: Callable[..., Any]) -> Any:
        self._left -= 1
        if self._left == 0 and not self._is_after:
            raise Killed
        done = await self._database.commit(work)
        if self._left == 0:
            raise Killed
        return done


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[SqliteDatabase]:
    async with await SqliteDatabase.open(tmp_path / "saisaat.db") as opened:
        yield opened


async def deed(database: Database, clock: FakeClock, count: int = 1) -> None:
    day = today(clock).isoformat()
    for _ in range(count):
        await database.commit(lambda t: audit.note(t, "claim", day=day, officer=OFFICER))


async def heads(database: Database, over_until: str) -> tuple[DayHead, ...]:
    """Every head, checked against the whole trail."""
    rows = await database.read(lambda t: audit.page(t, limit=1000))
    found = await database.read(lambda t: audit.heads(t, limit=1000))
    entries = [read_entry(row.data) for row in rows]
    assert check_heads(entries, found, audit_key(KEY).verify_key, over_until) == ()
    return found


async def three_days(database: Database, clock: FakeClock) -> str:
    """Deeds on two days, a quiet day between them, and today; yesterday."""
    for count, days in ((2, 2), (1, 1), (1, 0)):
        await deed(database, clock, count)
        yesterday = today(clock).isoformat()
        clock.advance(days * DAY_S)
    return yesterday


async def test_each_day_that_is_over_is_signed_once(database: SqliteDatabase) -> None:
    clock = FakeClock()
    auditing = Auditing(database, KEY, clock)
    await auditing.sign_days()
    assert await heads(database, "2000-01-01") == ()
    await deed(database, clock, 3)
    await auditing.sign_days()
    assert await heads(database, "2000-01-01") == ()  # the day is not over
    day = today(clock).isoformat()
    clock.advance(DAY_S)
    for _ in range(3):
        await auditing.sign_days()
    (head,) = await heads(database, day)
    assert (head.day, head.seq) == (day, 3)


async def test_a_server_that_was_off_signs_the_days_it_missed(database: SqliteDatabase) -> None:
    clock = FakeClock()
    await three_days(database, clock)
    clock.advance(30 * DAY_S)
    await Auditing(database, KEY, clock).sign_days()
    found = await heads(database, today(clock).isoformat())
    assert [head.seq for head in found] == [2, 3, 4]


@pytest.mark.parametrize("is_after", [False, True])
@pytest.mark.parametrize("at", [1, 2])
async def test_killed_around_the_signing_every_day_has_the_head_it_would_have_had(
    database: SqliteDatabase, tmp_path: Path, at: int, is_after: bool
) -> None:
    clock = FakeClock()
    await three_days(database, clock)
    mortal = Mortal(database, at=at, is_after=is_after)
    with pytest.raises(Killed):
        await Auditing(mortal, KEY, clock).sign_days()
    await deed(database, clock)  # life goes on before the next round
    await Auditing(database, KEY, clock).sign_days()
    found = await heads(database, "2000-01-01")
    assert [head.seq for head in found] == [2, 3]

    async with await SqliteDatabase.open(tmp_path / "never killed.db") as other:
        calm = FakeClock()
        await three_days(other, calm)
        await Auditing(other, KEY, calm).sign_days()
        assert await heads(other, "2000-01-01") == found


async def test_two_that_sign_at_once_sign_each_day_once(database: SqliteDatabase) -> None:
    clock = FakeClock()
    await three_days(database, clock)
    one, two = Auditing(database, KEY, clock), Auditing(database, KEY, clock)
    await one.sign_days()
    await two.sign_days()
    assert len(await heads(database, "2000-01-01")) == 2


def test_another_server_key_signs_with_another_key() -> None:
    other = ServerKey(b"o" * 32, b"s" * 32)
    assert audit_key(KEY).verify_key != audit_key(other).verify_key
    assert audit_key(KEY).verify_key == audit_key(ServerKey(b"k" * 32, b"s" * 32)).verify_key
