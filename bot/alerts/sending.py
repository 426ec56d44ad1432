"""What is on its way, sent at least once.

Owns retries and their spacing. Refuses to know platforms: a way out is a port that takes one alert.
Laws: a line goes only after its way out has it, so a crash in between sends it again under the same
id, which is the platform's idempotency key where there is one; a slow way delays no other; what can
never arrive is dropped and counted in the log, never whose it was.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.alerts.binding import Bindings
from bot.alerts.counting import Told
from bot.alerts.records import Records
from bot.clock import Clock
from bot.errors import BotError
from bot.logs import logger
from bot.waking import Alarm
from storage import Database, StorageError
from storage.forget import ForgetStore
from storage.repositories import alerts
from storage.repositories.alerts import LineRow


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert to *address* (an account, an e-mail address, the name of a webhook). *id* (32 hex
    digits) is the same whenever it is sent again. Nothing *told*: a test."""

    id: str
    address: str = field(repr=False)
    told: tuple[Told, ...] = field(repr=False)
    language: str


class Shut(BotError):
    """Nobody is there any more: blocked, deleted. The binding ends."""


class NeverTaken(BotError):
    """The platform will not take this, however often it is tried."""


class Later(BotError):
    """The platform asks for a pause; not an attempt that failed."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("the platform asks for a pause")
        self.wait_s = wait_s


class Way(Protocol):
    """A way out."""

    async def send(self, alert: Alert) -> None:
        """Return once the platform has it. Raises Shut, NeverTaken or Later; any other exception
        means: it may have arrived, send it again."""
        ...


@dataclass(frozen=True, slots=True)
class SendingRules:
    """The numbers: with these an alert is tried for about half a day."""

    at_most_attempts: int = 18
    first_wait_s: float = 5.0
    longest_wait_s: float = 3600.0
    send_s: float = 30.0
    at_once: int = 8
    idle_s: float = 60.0


class Sending:
    """Sends until it is cancelled; `send_due` does one round."""

    def __init__(
        self,
        db: Database,
        forget: ForgetStore,
        records: Records,
        bindings: Bindings,
        clock: Clock,
        ways: Mapping[str, Way],
        rules: SendingRules | None = None,
    ) -> None:
        self._db = db
        self._forget = forget
        self._records = records
        self._bindings = bindings
        self._clock = clock
        self._ways = ways
        self._rules = rules or SendingRules()
        self._alarms = {channel: Alarm(clock) for channel in ways}

    def ring(self) -> None:
        """Something is on its way."""
        for alarm in self._alarms.values():
            alarm.ring()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for channel in self._ways:
                group.create_task(self._run(channel))

    async def send_due(self) -> None:
        """Send everything that is due now."""
        for channel in self._ways:
            while await self._send_some(channel):
                pass

    async def _run(self, channel: str) -> None:
        alarm = self._alarms[channel]
        while True:
            alarm.clear()
            try:
                wait_s = 0.0 if await self._send_some(channel) else await self._wait_s(channel)
            except (StorageError, BotError) as error:
                logger().warning("alerts_wait", kind=channel, error=type(error).__name__)
                wait_s = self._rules.idle_s
            if wait_s > 0:
                await alarm.sleep(wait_s)

    async def _wait_s(self, channel: str) -> float:
        now_s = self._clock.now_s()
        due_s = await self._db.read(lambda t: alerts.next_due_s(t, channel, int(now_s)))
        return min(self._rules.idle_s, self._rules.idle_s if due_s is None else due_s - now_s)

    async def _send_some(self, channel: str) -> bool:
        """Send some of what is due on *channel*; whether there was anything."""
        now_s, at_once = int(self._clock.now_s()), self._rules.at_once
        due = await self._db.read(lambda t: alerts.due(t, channel, now_s, at_once))
        async with asyncio.TaskGroup() as group:  # a round ends when all of it has
            sending = [group.create_task(self._settled(line)) for line in due]
        failed = next((error for task in sending if (error := task.result())), None)
        if failed is not None:
            raise failed
        return bool(due)

    async def _settled(self, line: LineRow) -> StorageError | BotError | None:
        """Send one line; what kept it from being noted, which must not end the others' sending:
        they would be sent anew while they are still on their way."""
        try:
            await self._sent(line)
        except (StorageError, BotError) as error:
            return error
        return None

    async def _sent(self, line: LineRow) -> None:
        """Send one line. What fails is tried again; a failure of ours too."""
        alert = await self._opened(line)
        if alert is None:
            await self._done(line)
            return
        try:
            async with asyncio.timeout(self._rules.send_s):
                await self._ways[line.channel].send(alert)
        except Later as pause:
            await self._again(line, pause.wait_s, counts=False)
        except Shut:
            logger().warning("alert_dropped", kind=line.channel, error="Shut")
            row = await self._db.read(lambda t: alerts.binding(t, line.way))
            await self._bindings.unbind(*([] if row is None else [row]))
            await self._done(line)
        except NeverTaken:
            logger().error("alert_dropped", kind=line.channel, error="NeverTaken")
            await self._done(line)
        except Exception as error:  # whatever a platform's client raises: it is tried again
            logger().warning("alert_failed", kind=line.channel, error=type(error).__name__)
            await self._failed(line)
        else:
            await self._done(line)

    async def _failed(self, line: LineRow) -> None:
        rules = self._rules
        if line.attempts + 1 >= rules.at_most_attempts:
            logger().error("alert_dropped", kind=line.channel, attempts=line.attempts + 1)
            await self._done(line)
            return
        wait_s = min(rules.first_wait_s * 2**line.attempts, rules.longest_wait_s)
        await self._again(line, wait_s, counts=True)

    async def _again(self, line: LineRow, wait_s: float, *, counts: bool) -> None:
        at = int(self._clock.now_s() + wait_s) + 1
        await self._db.commit(lambda t: alerts.postpone(t, line.line_id, at, counts=counts))

    async def _done(self, line: LineRow) -> None:
        """It has left, or never will: the row goes, and then its key."""
        await self._db.commit(lambda t: alerts.remove_line(t, line.line_id))
        await self._forget.destroy(line.key_id)

    async def _opened(self, line: LineRow) -> Alert | None:
        """The alert; None when its binding is gone, or a key."""
        opened = self._records.open_line(line)
        address: str | None = line.way
        if line.channel != "webhook":
            row = await self._db.read(lambda t: alerts.binding(t, line.way))
            address = None if row is None else self._records.open_contact(row)
        if opened is None or address is None:
            return None
        told, language = opened
        return Alert(line.line_id, address, told, language)
