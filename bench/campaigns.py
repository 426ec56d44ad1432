"""Thousands of cards handed to the platforms as fast as they allow, beside people who talk.

As in `bench.channels` this process plays both platforms and the bot is another. People on both
write on, one message after the answer to the one before, first without a campaign, then while one
is sent to subscribers on both platforms at once. What is asked: are the cards as fast as they may
be, and does nobody who talks wait for them?
"""

import asyncio
import math
import statistics
import time
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field

from bench.channels import NEIGHBOURS, OnChannel, OnLine, OnTelegram, platforms
from bench.house import ALLOWED_PER_S
from bench.measured import Measured
from bench.rows import Row
from bench.sizes import Sizes

GOAL_RATE = 0.7
GOAL_WAIT_S = {"telegram": 1.0, "line": 0.5}
EVERY_S = 1.3
"""Somebody writes again so long after the answer: Telegram takes one message a second to a chat."""
LOOK_S = 0.1
PATIENCE_S = 900.0


async def rows(sizes: Sizes) -> list[Row]:
    many = {"telegram": sizes.telegram_cards, "line": sizes.line_cards}
    async with platforms() as (platform, bot):
        people = {
            channel.name: _Talkers(channel, await channel.people(NEIGHBOURS))
            for channel in (OnTelegram(platform, bot), OnLine(platform, bot))
        }
        for name, number in many.items():
            await bot.ask(f"subscribe {name} {number}")
        quiet = await _waits(people, asyncio.sleep(max(2 * EVERY_S, sizes.calm_s * 4)))
        await bot.ask("begin_campaign")
        took: dict[str, float] = {}
        beside = await _waits(people, _sent(bot, many, took))
    found = []
    for name in many:
        found.append(_rate(name, many[name], took[name]))
        found.append(_wait(name, beside[name], quiet[name]))
    return found


@dataclass
class _Talkers:
    """People on one channel who write on and on; how long each answer took, in seconds."""

    channel: OnChannel
    people: Sequence[str]
    waited_s: list[float] = field(default_factory=list)

    async def talk(self, over: asyncio.Event) -> None:
        await asyncio.gather(*(self._one(nth, over) for nth in range(len(self.people))))

    async def _one(self, nth: int, over: asyncio.Event) -> None:
        await asyncio.sleep(EVERY_S * nth / len(self.people))
        while not over.is_set():
            self.waited_s.append(await self.channel.answered_s(self.people[nth]))
            await asyncio.sleep(EVERY_S)


async def _waits(people: dict[str, _Talkers], meanwhile: Awaitable[None]) -> dict[str, list[float]]:
    """How long everybody waited for answers as long as *meanwhile* took."""
    over = asyncio.Event()
    for each in people.values():
        each.waited_s = []
    talking = asyncio.gather(*(each.talk(over) for each in people.values()))
    await meanwhile
    over.set()
    await talking
    return {name: each.waited_s for name, each in people.items()}


async def _sent(bot: Measured, many: dict[str, int], took: dict[str, float]) -> None:
    """Return once everybody was sent the card; *took* says how long each channel needed."""
    began_s = time.perf_counter()
    async with asyncio.timeout(PATIENCE_S):
        while len(took) < len(many):
            told = (await bot.ask("campaign"))["told"]
            for name, number in many.items():
                if told.get(name, 0) >= number:
                    took.setdefault(name, time.perf_counter() - began_s)
            await asyncio.sleep(LOOK_S)


def _rate(name: str, many: int, took_s: float) -> Row:
    allowed = float(ALLOWED_PER_S[f"{name}_per_s"])
    rate = many / took_s
    return Row(
        "campaigns",
        f"{name}: {many} cards beside people who talk",
        rate,
        "/s",
        allowed,
        rate / allowed,
        f"≥ {GOAL_RATE}, ≤ 1",
        GOAL_RATE <= rate / allowed <= 1.05,
        "floor: the rate that is allowed",
    )


def _wait(name: str, beside_s: Sequence[float], quiet_s: Sequence[float]) -> Row:
    worst, goal_s = _p99(beside_s), GOAL_WAIT_S[name]
    return Row(
        "campaigns",
        f"{name}: a person's wait meanwhile, 99th percentile",
        worst * 1000,
        "ms",
        _p99(quiet_s) * 1000,
        goal=f"< {goal_s * 1000:.0f} ms",
        is_met=worst < goal_s,
        note=f"floor: without one; median meanwhile {statistics.median(beside_s) * 1000:.0f} ms",
    )


def _p99(took_s: Sequence[float]) -> float:
    return sorted(took_s)[math.ceil(len(took_s) * 0.99) - 1]
