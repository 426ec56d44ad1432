"""LINE and Telegram: turns a second, a flooder's neighbours, and big files, over real HTTP.

This process plays both platforms (`bench.platform`), `bench.reached` is the bot with its real
channels. A Telegram turn ends when the bot's answer is here. LINE is answered 200 before there is
an answer, so all that is to be said must be out too before its turns count as done: a rate that can
go on. The floor does what no message can do without (read it, seal one part, commit, one request),
as many at once, and begins when the bot has nothing left to do. For these the bot's pace is
switched off: Telegram's own limits would be all that is seen. The flood meets the bot as it is.
"""

import asyncio
import itertools
import json
import math
import statistics
import time
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from bench.house import WORDS
from bench.measured import Measured
from bench.platform import Answer, listening
from bench.rows import Row
from bench.said import line_event, signed, telegram_update
from bench.sizes import Sizes

GOAL = 0.4
GOAL_P99_S = 0.2
GOAL_DELAY_S = 0.2
GOAL_MIB = 16.0
MIB = 1024 * 1024
PATIENCE_S = 120.0
NEIGHBOURS = 5
FLOOD_STEPS = 50


async def rows(sizes: Sizes) -> list[Row]:
    found: list[Row] = []
    async with platforms("unpaced") as (platform, bot):
        telegram, line = OnTelegram(platform, bot), OnLine(platform, bot)
        for channel in (telegram, line):
            found += await _turns(channel, sizes)
        found.append(await _calm(line, sizes, found[-2].value / 2))
    async with platforms() as (platform, bot):
        telegram, line = OnTelegram(platform, bot), OnLine(platform, bot)
        for channel in (telegram, line):
            found.append(await _flooded(channel, sizes))
        found.append(await _file(telegram, sizes.telegram_file_bytes))
        found.append(await _file(line, sizes.line_file_bytes))
    return found


# --- what is measured ---------------------------------------------------------------------------


async def _turns(channel: "OnChannel", sizes: Sizes) -> list[Row]:
    """Many people, a few messages each, every one after the answer to the one before."""
    people = await channel.people(sizes.people)
    messages = max(2, sizes.rounds // 4)
    await channel.all_say(people, 1)
    await channel.bot.ask("quiet")
    pairs: list[tuple[float, float]] = []
    for _ in range(max(2, sizes.rounds // 4)):
        floor = await channel.bot.ask(f"floor {channel.name} {sizes.people} {messages}")
        began_s = time.perf_counter()
        await channel.all_say(people, messages)
        if not channel.waits_for_answers:
            await channel.bot.ask("quiet")
        real_s = (time.perf_counter() - began_s) / (sizes.people * messages)
        pairs.append((real_s, floor["wall_s"]))
        await channel.bot.ask("quiet")
    real_s, floor_s = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(floor / real for real, floor in pairs)
    what = {"telegram": "Telegram: message to answer", "line": "LINE: webhook to 200, answers out"}
    return [
        Row(
            "channels",
            f"{what[channel.name]}, {sizes.people} at once",
            1 / real_s,
            "/s",
            1 / floor_s,
            ratio,
            f"≥ {GOAL}",
            ratio >= GOAL,
            "floor: parse + seal + commit + one request",
        ),
        Row("channels", "the same, each", real_s * 1000, "ms", floor_s * 1000, ratio),
    ]


async def _calm(line: "OnLine", sizes: Sizes, a_second: float) -> Row:
    """LINE's wait for its 200 at half of what can go on."""
    people = await line.people(sizes.people)
    took: list[float] = []

    async def one(nth: int, begins_s: float) -> None:
        await asyncio.sleep(max(0.0, begins_s - time.perf_counter()))
        began_s = time.perf_counter()
        await line.say(people[nth % len(people)])
        took.append(time.perf_counter() - began_s)

    start_s, many = time.perf_counter(), max(4, int(a_second * sizes.calm_s))
    await asyncio.gather(*(one(nth, start_s + nth / a_second) for nth in range(many)))
    p99_s = sorted(took)[math.ceil(len(took) * 0.99) - 1]
    return Row(
        "channels",
        f"LINE's 200 at {a_second:.0f}/s, 99th percentile",
        p99_s * 1000,
        "ms",
        statistics.median(took) * 1000,
        goal=f"< {GOAL_P99_S * 1000:.0f} ms",
        is_met=p99_s < GOAL_P99_S,
        note="floor: the median",
    )


async def _flooded(channel: "OnChannel", sizes: Sizes) -> Row:
    """What one flooder adds to the wait of others."""
    (flooder, *others) = await channel.people(1 + NEIGHBOURS)
    quiet_s = [await channel.answered_s(person) for person in others]
    flood = asyncio.create_task(channel.flood(flooder, sizes.flood))
    await asyncio.sleep(0.3)
    waited_s = [await channel.answered_s(person) for person in others]
    await flood
    delay_s = max(0.0, max(waited_s) - statistics.median(quiet_s))
    return Row(
        "channels",
        f"{channel.name}: delay by a flood of {sizes.flood}",
        delay_s * 1000,
        "ms",
        statistics.median(quiet_s) * 1000,
        goal=f"< {GOAL_DELAY_S * 1000:.0f} ms",
        is_met=delay_s < GOAL_DELAY_S,
        note="worst of a few neighbours; floor: their wait without it",
    )


async def _file(channel: "OnChannel", size: int) -> Row:
    """A big file from the platform to a sealed blob."""
    (person,) = await channel.people(1)
    before = (await channel.bot.ask("parts"))["parts"]
    channel.platform.file_bytes = size
    await channel.bot.ask("begin")
    await channel.send_file(person)
    async with asyncio.timeout(PATIENCE_S):
        while (await channel.bot.ask("parts"))["parts"] == before:  # noqa: ASYNC110  # another process is asked
            await asyncio.sleep(0.05)
    rise = (await channel.bot.ask("end"))["rise"] / MIB
    return Row(
        "channels",
        f"{channel.name}: {size / 1e6:.0f} MB to blob, memory rise",
        rise,
        "MiB",
        goal=f"≤ {GOAL_MIB:.0f} MiB",
        is_met=rise <= GOAL_MIB,
    )


# --- both platforms -----------------------------------------------------------------------------


@dataclass
class Platform:
    """What the bot calls: it is told everything went well, at once."""

    file_bytes: int = 0
    updates: dict[int, dict[str, Any]] = field(default_factory=dict)
    answered: dict[str, asyncio.Event] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _shown: int = 0

    async def answer(self, method: str, path: str, raw_body: bytes) -> Answer:
        if path.startswith("/bot"):
            return await self._telegram(path.rpartition("/")[2], raw_body)
        if path.startswith("/file/"):
            return Answer(b"", stream_bytes=self.file_bytes, kind="application/octet-stream")
        if path.endswith("/content"):
            return Answer(b"", stream_bytes=self.file_bytes, kind="video/mp4")
        if path.endswith(("/reply", "/push")):
            said = json.loads(raw_body)
            self._is_answered(said.get("replyToken") or said["to"])
            return Answer(b'{"sentMessages":[{"id":"1","quoteToken":"q"}]}')
        if path.endswith("/message/quota"):
            return Answer(b'{"type":"none"}')
        return Answer()

    async def _telegram(self, method: str, raw_body: bytes) -> Answer:
        if method == "getUpdates":
            offset = int(_fields(raw_body).get("offset", "0"))
            return _ok(await self._updates_from(offset))
        if method in ("sendMessage", "editMessageText"):
            chat_id = _fields(raw_body)["chat_id"]
            self._is_answered(chat_id)
            chat = {"id": int(chat_id), "type": "private"}
            return _ok({"message_id": next(self.numbers), "date": 1, "chat": chat, "text": "x"})
        if method == "getFile":
            name = f"file{next(self.numbers)}"
            return _ok({"file_id": name, "file_unique_id": name, "file_path": f"documents/{name}"})
        return _ok(True)

    async def _updates_from(self, offset: int) -> list[dict[str, Any]]:
        self.updates = {number: each for number, each in self.updates.items() if number >= offset}
        if max(self.updates, default=0) <= self._shown:
            self.news.clear()
            try:
                async with asyncio.timeout(1.0):
                    await self.news.wait()
            except TimeoutError:
                return []
        found = [self.updates[number] for number in sorted(self.updates)[:100]]
        self._shown = max(self._shown, *(each["update_id"] for each in found), 0)
        return found

    def _is_answered(self, whom: str) -> None:
        self.answered.setdefault(whom, asyncio.Event()).set()


def _ok(result: object) -> Answer:
    return Answer(json.dumps({"ok": True, "result": result}).encode())


def _fields(raw_body: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(raw_body.decode()).items()}


@asynccontextmanager
async def platforms(*more: str) -> AsyncIterator[tuple[Platform, Measured]]:
    platform = Platform()
    async with (
        listening(platform.answer) as address,
        Measured("bench.reached", address, *more) as bot,
    ):
        yield platform, bot


# --- people -------------------------------------------------------------------------------------


class OnChannel(ABC):
    """Ways to talk to the bot on one channel."""

    name: str
    waits_for_answers: bool

    def __init__(self, platform: Platform, bot: Measured) -> None:
        self.platform = platform
        self.bot = bot
        self._people = itertools.count(1)

    async def people(self, many: int) -> list[str]:
        """*many* people who stand at the story."""
        names = [self.named(next(self._people)) for _ in range(many)]
        await self.bot.ask(f"walk {self.name} {' '.join(names)}")
        await asyncio.sleep(0.5)  # what the walk had to say goes out
        return names

    async def all_say(self, people: list[str], messages: int) -> None:
        async def one(person: str) -> None:
            for _ in range(messages):
                await self.say(person)

        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(one(person) for person in people))

    @abstractmethod
    def named(self, nth: int) -> str: ...

    @abstractmethod
    async def say(self, person: str) -> None: ...

    @abstractmethod
    async def answered_s(self, person: str) -> float: ...

    @abstractmethod
    async def flood(self, person: str, many: int) -> None: ...

    @abstractmethod
    async def send_file(self, person: str) -> None: ...


class OnTelegram(OnChannel):
    name = "telegram"
    waits_for_answers = True

    def named(self, nth: int) -> str:
        return str(5_000_000 + nth)

    async def say(self, person: str) -> None:
        """Write, and wait for the answer."""
        answered = self.platform.answered.setdefault(person, asyncio.Event())
        answered.clear()
        self._update(person, WORDS)
        await answered.wait()

    async def answered_s(self, person: str) -> float:
        began_s = time.perf_counter()
        async with asyncio.timeout(PATIENCE_S):
            await self.say(person)
        return time.perf_counter() - began_s

    async def flood(self, person: str, many: int) -> None:
        """In one second."""
        for nth in range(FLOOD_STEPS):
            for _ in range(nth, many, FLOOD_STEPS):
                self._update(person, WORDS)
            await asyncio.sleep(1 / FLOOD_STEPS)

    async def send_file(self, person: str) -> None:
        size = self.platform.file_bytes
        held = {"file_id": "x", "file_unique_id": "x", "file_size": size, "file_name": "a.bin"}
        self._update(person, "", document=held)

    def _update(self, person: str, words: str, **more: Any) -> None:
        number = next(self.platform.numbers)
        self.platform.updates[number] = telegram_update(number, int(person), words, **more)
        self.platform.news.set()


class OnLine(OnChannel):
    name = "line"
    waits_for_answers = False

    def __init__(self, platform: Platform, bot: Measured) -> None:
        super().__init__(platform, bot)
        self._free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    def named(self, nth: int) -> str:
        return f"U{nth:032x}"

    async def say(self, person: str) -> None:
        """Write, and wait for the webhook's 200."""
        await self._post(line_event(next(self.platform.numbers), person, _text()))

    async def answered_s(self, person: str) -> float:
        number = next(self.platform.numbers)
        answered = self.platform.answered.setdefault(f"{number:032}", asyncio.Event())
        began_s = time.perf_counter()
        async with asyncio.timeout(PATIENCE_S):
            await self._post(line_event(number, person, _text()))
            await answered.wait()
        return time.perf_counter() - began_s

    async def flood(self, person: str, many: int) -> None:
        """In one second; what is turned away comes again on the real platform, not here."""

        async def one(nth: int) -> None:
            await asyncio.sleep(nth / many)
            event = line_event(next(self.platform.numbers), person, _text())
            await self._post(event, is_refusable=True)

        await asyncio.gather(*(one(nth) for nth in range(many)))

    async def send_file(self, person: str) -> None:
        message = {"type": "video", "contentProvider": {"type": "line"}, "duration": 1000}
        await self._post(line_event(next(self.platform.numbers), person, message))

    async def _post(self, event: dict[str, Any], *, is_refusable: bool = False) -> None:
        raw, signature = signed(event)
        request = (
            f"POST /line/webhook HTTP/1.1\r\nHost: x\r\nX-Line-Signature: {signature}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n".encode()
            + raw
        )
        while True:
            is_new = not self._free
            reader, writer = await self._connected() if is_new else self._free.pop()
            try:
                writer.write(request)
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                break
            except (ConnectionError, asyncio.IncompleteReadError):
                if is_new:
                    raise  # one that was idle for long may have been closed
        length = next(
            (int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0
        )
        await reader.readexactly(length)
        if "connection: close" in head:
            writer.close()
        else:
            self._free.append((reader, writer))
        if " 200 " not in head.split("\r\n")[0] and not is_refusable:
            raise RuntimeError(f"a webhook was answered with {head.split()[1]}")

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.bot.place["port"])


def _text() -> dict[str, Any]:
    return {"type": "text", "text": WORDS}
