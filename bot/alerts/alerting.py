"""Every quarter of an hour: what has grown is put on its way, and who left the roster is forgotten.

Owns when officers are told. Laws: at the wall clock's quarters and at no other time, so that no
alert tells when something was filed; what is told and what is still to be told change in one
commit, so that whatever moment the process is killed at, each thing counted is told at least once;
whom the roster does not name any more is told nothing, and how to reach them is destroyed.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from random import SystemRandom
from typing import Protocol

from bot.alerts.binding import Bindings
from bot.alerts.counting import Outcome, Record, Rules, Standing, at_quarter
from bot.alerts.quiet import Moment, Quiet, next_quarter_s
from bot.alerts.records import HOOK, Records
from bot.clock import Clock
from bot.errors import BotError
from bot.logs import logger
from sealing import Officer, Roster
from storage import Database, StorageError, Transaction
from storage.forget import ForgetStore, Kept
from storage.repositories import alerts
from storage.repositories.alerts import RecordRow

LATE_S = 60.0
"""Whoever wakes later than this after a quarter (a machine that slept) waits for the next."""
_RANDOM = SystemRandom()
_ANY_TIME = Quiet()


class Clocks(Protocol):
    """How the clocks of tips stand, counted and never which."""

    def of_officer(self, t: Transaction, officer: Officer, today: str) -> Mapping[str, Standing]:
        """By centre: of the tips that *officer* may read there."""
        ...

    def of_held(self, t: Transaction, officer: Officer, today: str) -> int | None:
        """In how many days the nearest of the tips is due that *officer* holds."""
        ...

    def of_centre(self, t: Transaction, centre: str, today: str) -> Standing:
        """Of the tips at *centre*."""
        ...


class NoClocks:
    """Where nobody looks after clocks."""

    def of_officer(self, t: Transaction, officer: Officer, today: str) -> Mapping[str, Standing]:
        return {}

    def of_held(self, t: Transaction, officer: Officer, today: str) -> int | None:
        return None

    def of_centre(self, t: Transaction, centre: str, today: str) -> Standing:
        return Standing()


@dataclass(frozen=True, slots=True)
class Hook:
    """A webhook of the configuration: what names its lines, and the centre that it is told of."""

    way: str
    centre: str


@dataclass(frozen=True, slots=True)
class _Due:
    """One recipient at a quarter of an hour."""

    row: RecordRow
    record: Record
    outcome: Outcome
    ways: tuple[tuple[str, str], ...]
    """(way, channel) of each place that is told."""
    keys: tuple[Kept, ...] = ()
    """For the record, then for each line."""


class Alerting:
    """Tells, for ever; `quarter` is one round."""

    def __init__(
        self,
        db: Database,
        forget: ForgetStore,
        records: Records,
        bindings: Bindings,
        clock: Clock,
        *,
        roster: Callable[[], Roster],
        new_id: Callable[[], str],
        rules: Rules,
        hooks: Sequence[Hook] = (),
        clocks: Clocks | None = None,
        on_lines: Callable[[], None] = lambda: None,
        random: Callable[[], float] = _RANDOM.random,
    ) -> None:
        self._db = db
        self._forget = forget
        self._records = records
        self._bindings = bindings
        self._clock = clock
        self._roster = roster
        self._new_id = new_id
        self._rules = rules
        self._hooks = tuple(hooks)
        self._clocks = clocks or NoClocks()
        self._on_lines = on_lines
        self._random = random

    async def run(self) -> None:
        """Wait for each quarter of an hour and tell. A database that is away is asked at the next:
        what was counted is still there."""
        while True:
            due_s = next_quarter_s(self._clock.now_s())
            while (wait_s := due_s - self._clock.now_s()) > 0:
                await self._clock.sleep(wait_s)
            if self._clock.now_s() - due_s > LATE_S:
                continue
            try:
                await self.quarter()
            except (StorageError, BotError) as error:
                logger().warning("alerts_wait", error=type(error).__name__)

    async def at_start(self) -> None:
        """Begin to count for the centres of webhooks, and end it for those that have none now."""
        wanted = {HOOK + hook.centre for hook in self._hooks}
        rows = await self._db.read(alerts.records)
        known = {row.recipient for row in rows if self._records.open_record(row) is not None}
        gone = [r for r in rows if r.recipient.startswith(HOOK) and r.recipient not in wanted]
        await self._forget.destroy(*(row.key_id for row in gone))
        fresh = [
            self._records.seal_record(recipient, await self._forget.keep(), Record())
            for recipient in sorted(wanted - known)
        ]

        def write(t: Transaction) -> None:
            for row in gone:
                alerts.remove_record(t, row.recipient)
            for row in fresh:
                alerts.put_record(t, row)

        await self._db.commit(write)

    async def test(self, officer: str) -> int:
        """Send *officer* a test wherever they are told, at once; to how many places."""
        rows = await self._db.read(lambda t: alerts.bindings_of(t, officer))
        keys = await asyncio.gather(*(self._forget.keep() for _ in rows))
        now_s = int(self._clock.now_s())
        language = (await self._bindings.wishes(officer)).language

        def write(t: Transaction) -> None:
            for row, key in zip(rows, keys, strict=True):
                line = self._records.seal_line(
                    self._new_id(), row.binding_id, row.channel, key, (),
                    language=language, now_s=now_s,
                )  # fmt: skip
                alerts.add_line(t, line)

        await self._db.commit(write)
        self._on_lines()
        return len(rows)

    async def quarter(self) -> None:
        """One round: whatever has grown is on its way when this returns, durably."""
        await self._bindings.forget_others(self._roster())
        moment = Moment.at(self._clock.now_s())
        due = [each for each in await self._looked(moment) if _changes(each)]
        told = [each for each in due if each.outcome.told and each.ways]
        silent = [each for each in due if not (each.outcome.told and each.ways)]
        kept = [await self._with_keys(each) for each in told]
        now_s = int(self._clock.now_s())

        def write(t: Transaction) -> list[str]:
            """The keys that serve nobody now."""
            for each in silent:
                self._write_clocks(t, each)
            return [key for each in kept for key in self._write_told(t, each, now_s)]

        try:
            old = await self._db.commit(write)
        except Exception:
            await self._forget.destroy(*(key.key_id for each in kept for key in each.keys))
            raise
        await self._forget.destroy(*old)
        if kept:
            self._on_lines()

    async def _looked(self, moment: Moment) -> list[_Due]:
        """What this quarter of an hour brings to everybody who has a record."""
        roster, day = self._roster(), moment.day.isoformat()

        def look(t: Transaction) -> list[_Due]:
            found = []
            for row in alerts.records(t):
                record = self._records.open_record(row)
                if record is None:
                    continue
                ways, clocks = self._ways(t, row, roster, day)
                rules = self._rules
                if row.recipient.startswith(HOOK):  # a program has no nights
                    rules = replace(rules, quiet=_ANY_TIME)
                outcome = at_quarter(record, clocks, moment, rules, self._random)
                found.append(_Due(row, record, outcome, ways))
            return found

        return await self._db.read(look)

    def _ways(
        self, t: Transaction, row: RecordRow, roster: Roster, day: str
    ) -> tuple[tuple[tuple[str, str], ...], Mapping[str, Standing]]:
        if row.recipient.startswith(HOOK):
            centre = row.recipient.removeprefix(HOOK)
            hooks = tuple((h.way, "webhook") for h in self._hooks if h.centre == centre)
            return hooks, {centre: self._clocks.of_centre(t, centre, day)}
        officer = roster.officer(row.recipient)
        if officer is None:
            return (), {}
        ways = tuple((b.binding_id, b.channel) for b in alerts.bindings_of(t, officer.id))
        return ways, self._clocks.of_officer(t, officer, day)

    async def _with_keys(self, due: _Due) -> _Due:
        keys = await asyncio.gather(*(self._forget.keep() for _ in range(1 + len(due.ways))))
        return replace(due, keys=tuple(keys))

    def _write_clocks(self, t: Transaction, due: _Due) -> None:
        """Nothing is told: only today's clocks may have been begun."""
        row = alerts.record(t, due.row.recipient)
        now = None if row is None else self._records.open_record(row)
        if row is not None and now is not None:
            after = replace(now, held=due.outcome.held, day=due.outcome.day, call=due.outcome.call)
            alerts.put_record(t, self._records.reseal(row, after))

    def _write_told(self, t: Transaction, due: _Due, now_s: int) -> list[str]:
        """The lines, and the record without what they tell; the keys that serve nobody now."""
        row = alerts.record(t, due.row.recipient)
        now = None if row is None else self._records.open_record(row)
        if row is None or now is None:
            return [key.key_id for key in due.keys]
        after = due.outcome.after(now)
        alerts.put_record(t, self._records.seal_record(row.recipient, due.keys[0], after))
        for (way, channel), key in zip(due.ways, due.keys[1:], strict=True):
            line = self._records.seal_line(
                self._new_id(), way, channel, key, due.outcome.told,
                language=now.wishes.language, now_s=now_s,
            )  # fmt: skip
            alerts.add_line(t, line)
        return [row.key_id]


def _changes(due: _Due) -> bool:
    """Whether anything is to be written."""
    record, outcome = due.record, due.outcome
    clocks = (outcome.day, outcome.call, {c: n for c, n in outcome.held.items() if n})
    before = (record.day, record.call, {c: n for c, n in record.held.items() if n})
    return bool(outcome.told) or clocks != before
