"""Fetching: files that a platform still holds come here, sealed on the way in.

Owns the jobs, their retries and their end. Each job ends with one event that its conversation
hears: `Fetched`, or `Lost` with the reason. Refuses to know platforms: a source opens a handle and
streams. Laws: the job is durable before the platform hears that its event was taken, and gone in
the commit that ends it, so a crash fetches again and keeps one; nobody holds more than a few of the
places; several files sent together are told of together.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field
from random import SystemRandom
from typing import Any, Protocol

from bot.errors import BotError
from bot.evidence import Refused
from bot.files import UNKNOWN, describe, peek
from bot.logs import logger
from bot.means import Means
from bot.turn import Inbound, Turns
from bot.waking import Alarm
from handlers.events import Event, Fetched, FileRef, Lost, Slow
from sealing import SealingError
from storage import StorageError
from storage.repositories import conversations, fetches
from storage.repositories.fetches import Fetch

_RANDOM = SystemRandom()
_MIB = 1024 * 1024
_LOST = {
    "file_too_big": "too_big",
    "files_too_much": "too_much",
    "files_enough": "enough",
    "file_empty": "empty",
    "file_not_now": "not_now",
}


@dataclass(frozen=True, slots=True)
class Arriving:
    """A file as the platform sends it; *mime* as declared."""

    mime: str
    name: str | None = field(repr=False)
    chunks: AsyncIterator[bytes]


class Gone(BotError):
    """The platform has the file no more."""


class TooBig(BotError):
    """The platform, or we, do not move files of this size. *at_most_bytes* is the limit."""

    def __init__(self, at_most_bytes: int) -> None:
        super().__init__("the file is too big")
        self.at_most_bytes = at_most_bytes


class NotReady(BotError):
    """The platform is still working on the file; not an attempt that failed."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("the file is not ready")
        self.wait_s = wait_s


class Source(Protocol):
    """A platform that files are fetched from."""

    def open(self, handle: str) -> AbstractAsyncContextManager[Arriving]:
        """The file that *handle* (this channel's own text) stands for, as it comes.

        Raises Gone, TooBig or NotReady; any other exception means: try again later.
        """
        ...


class Evidence(Protocol):
    """Takes files in (`bot.evidence.Evidence`)."""

    async def receive(
        self,
        channel: str,
        person: str,
        chunks: AsyncIterator[bytes],
        *,
        mime: str,
        name: str | None,
        media: str,
        language: str = "th",
        at_most_bytes: int | None = None,
    ) -> FileRef | Refused: ...


@dataclass(frozen=True, slots=True)
class FetchRules:
    """The numbers; all of them come from the configuration."""

    at_most_attempts: int = 6
    give_up_s: float = 900.0
    """After so long a file that is not here is lost, whatever the reason."""
    first_wait_s: float = 2.0
    longest_wait_s: float = 60.0
    busy_s: float = 3.0
    slow_s: float = 20.0
    """After so long the person hears that their file is still coming."""
    quiet_s: float = 1.0
    """Files that follow one another faster than this are told of together."""
    file_bytes: Mapping[str, int] = field(default_factory=dict)
    """The largest file of each channel; without one, evidence's own limit holds."""
    at_once: int = 12
    at_once_each: int = 2
    idle_s: float = 30.0


@dataclass(frozen=True, slots=True)
class _Job:
    """One file to be fetched, opened."""

    row: Fetch
    channel: str
    person: str = field(repr=False)
    language: str
    message: str | None = field(repr=False)
    media: str
    handle: str = field(repr=False)
    name: str | None = field(repr=False)
    since_s: int


class Fetching:
    """Fetches until it is cancelled; `fetch_due` does one round."""

    def __init__(
        self,
        means: Means,
        turns: Turns,
        evidence: Evidence,
        sources: Mapping[str, Source],
        rules: FetchRules | None = None,
        random: Callable[[], float] = _RANDOM.random,
    ) -> None:
        self._means = means
        self._turns = turns
        self._evidence = evidence
        self._sources = sources
        self._rules = rules or FetchRules()
        self._random = random
        self._at_work: dict[str, bytes] = {}
        self._heard_s: dict[bytes, float] = {}
        self._alarm = Alarm(means.clock)
        turns.on_fetch = self._heard

    async def run(self) -> None:
        """Fetch whatever falls due, for ever. A database that is away is asked again."""
        async with asyncio.TaskGroup() as group:
            while True:
                self._alarm.clear()
                try:
                    for row in await self._due():
                        self._at_work[row.fetch_id] = row.conversation
                        group.create_task(self._guarded(row))
                    wait_s = await self._wait_s()
                except StorageError as error:
                    logger().warning("fetching_waits", error=type(error).__name__)
                    wait_s = self._rules.idle_s
                await self._alarm.sleep(wait_s)

    async def fetch_due(self) -> None:
        """Fetch everything that is due now."""
        while rows := await self._due():
            async with asyncio.TaskGroup() as group:
                for row in rows:
                    self._at_work[row.fetch_id] = row.conversation
                    group.create_task(self._guarded(row))

    def _heard(self, conversation: bytes) -> None:
        self._heard_s[conversation] = self._means.clock.monotonic_s()
        self._alarm.ring()

    async def _due(self) -> list[Fetch]:
        """What may begin now: nobody has more than a few at once."""
        rules = self._rules
        room = rules.at_once - len(self._at_work)
        if room <= 0:
            return []
        now_s, limit = int(self._means.clock.now_s()), 64 * rules.at_once
        rows = await self._means.db.read(lambda t: fetches.due(t, now_s, limit))
        held, found = Counter(self._at_work.values()), list[Fetch]()
        for row in rows:
            is_free = row.fetch_id not in self._at_work
            if is_free and held[row.conversation] < rules.at_once_each:
                held[row.conversation] += 1
                found.append(row)
        return found[:room]

    async def _wait_s(self) -> float:
        next_s = await self._means.db.read(fetches.next_due_s)
        if next_s is None:
            return self._rules.idle_s
        left_s = next_s - self._means.clock.now_s()
        # What is due but may not begin yet (its places are taken) wakes us when one ends.
        return self._rules.idle_s if left_s <= 0 else min(left_s, self._rules.idle_s)

    # --- one job ---------------------------------------------------------------------------------

    async def _guarded(self, row: Fetch) -> None:
        """Do one job; a failure of ours delays this job only."""
        try:
            job = await self._opened(row)
            if job is None or (source := self._sources.get(job.channel)) is None:
                await self._means.db.commit(lambda t: fetches.remove(t, row.fetch_id))
                return
            ended = await self._told_when_slow(job, source)
            if ended is not None:
                await self._take(job, f"end:{row.fetch_id}", ended)
        except (StorageError, BotError) as error:
            logger().warning("fetching_failed", error=type(error).__name__)
            await self._postpone_quietly(row)
        finally:
            del self._at_work[row.fetch_id]
            if row.conversation not in self._at_work.values():
                self._heard_s.pop(row.conversation, None)
            self._alarm.ring()

    async def _opened(self, row: Fetch) -> _Job | None:
        """The job; None when its conversation was forgotten, and with it where the file is."""
        means = self._means
        talk = await means.db.read(lambda t: conversations.get(t, row.conversation))
        key = None if talk is None else means.forget.get(talk.key_id)
        if key is None:
            return None
        try:
            body: Mapping[str, Any] = means.drawer.open_fetch(key, row.fetch_id, row.secret)
        except SealingError:
            return None
        return _Job(row, **{name: body[name] for name in _FIELDS})

    async def _told_when_slow(self, job: _Job, source: Source) -> Event | None:
        """How the job ended; None: it goes on later. Who waits long hears so, once."""

        async def tell() -> None:
            since_s = self._means.clock.now_s() - job.since_s  # over all attempts
            await self._means.clock.sleep(max(0.0, self._rules.slow_s - since_s))
            await self._take(job, f"slow:{job.row.fetch_id}", Slow(job.row.fetch_id))

        telling = asyncio.create_task(tell())
        try:
            return await self._fetched(job, source)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)

    async def _fetched(self, job: _Job, source: Source) -> Event | None:
        try:
            async with asyncio.timeout(self._rules.give_up_s):
                found = await self._received(job, source)
        except Gone:
            return Lost(job.row.fetch_id, "gone")
        except TooBig as error:
            return Lost(job.row.fetch_id, "too_big", error.at_most_bytes // _MIB)
        except NotReady as pause:
            return await self._paused(job, pause.wait_s)
        except StorageError:
            raise
        except Exception as error:  # whatever a platform's client raises: it is tried again
            logger().warning("fetching_failed", error=type(error).__name__)
            return await self._postponed(job)
        if isinstance(found, Refused):
            return await self._refused(job, found)
        await self._quiet(job.row.conversation)
        return Fetched(job.row.fetch_id, found)

    async def _received(self, job: _Job, source: Source) -> FileRef | Refused:
        async with source.open(job.handle) as arriving:
            first, chunks = await peek(arriving.chunks)
            what = describe(first, arriving.mime, arriving.name or job.name or "")
            async with aclosing(chunks):
                return await self._evidence.receive(
                    job.channel,
                    job.person,
                    chunks,
                    mime=what.mime,
                    name=what.name,
                    media=job.media if what.mime == UNKNOWN else what.media,
                    language=job.language,
                    at_most_bytes=self._rules.file_bytes.get(job.channel),
                )

    async def _refused(self, job: _Job, refused: Refused) -> Event | None:
        if refused.reason == "file_busy":
            return await self._paused(job, self._rules.busy_s)
        return Lost(job.row.fetch_id, _LOST.get(refused.reason, "failed"), refused.at_most)

    async def _quiet(self, conversation: bytes) -> None:
        """Wait until nothing more follows at once: an album is one answer."""
        clock = self._means.clock
        while True:
            since_s = clock.monotonic_s() - self._heard_s.get(conversation, float("-inf"))
            if since_s >= self._rules.quiet_s:
                return
            await clock.sleep(self._rules.quiet_s - since_s)

    async def _take(self, job: _Job, name: str, event: Event) -> None:
        await self._turns.take(
            Inbound(job.channel, job.person, name, event, job.language, job.message)
        )

    # --- later -----------------------------------------------------------------------------------

    async def _postponed(self, job: _Job) -> Lost | None:
        """Try again later, or never: the end of too many attempts, or of patience."""
        row = job.row
        if row.attempts + 1 >= self._rules.at_most_attempts or self._is_over(job):
            return Lost(row.fetch_id, "failed")
        wait_s = min(self._rules.first_wait_s * 2**row.attempts, self._rules.longest_wait_s)
        at = self._at(wait_s * (0.5 + self._random()))
        await self._means.db.commit(lambda t: fetches.postpone(t, row.fetch_id, at))
        return None

    async def _postpone_quietly(self, row: Fetch) -> None:
        try:
            at = self._at(self._rules.longest_wait_s)
            await self._means.db.commit(lambda t: fetches.postpone(t, row.fetch_id, at))
        except StorageError as error:
            logger().warning("fetching_waits", error=type(error).__name__)

    async def _paused(self, job: _Job, wait_s: float) -> Lost | None:
        """Ask again after *wait_s*; that counts as no failure, but has its end too."""
        if self._is_over(job):
            return Lost(job.row.fetch_id, "failed")
        at = self._at(wait_s)
        await self._means.db.commit(lambda t: fetches.pause(t, job.row.fetch_id, at))
        return None

    def _is_over(self, job: _Job) -> bool:
        return self._means.clock.now_s() - job.since_s >= self._rules.give_up_s

    def _at(self, wait_s: float) -> int:
        return int(self._means.clock.now_s() + wait_s) + 1


_FIELDS = ("channel", "person", "language", "message", "media", "handle", "name", "since_s")
