"""How long the event loop is blocked at worst while people chat and file, all at once."""

import asyncio

from bench.house import WORDS, Person, a_house
from bench.measuring import Beat, heartbeat, idle_process
from bench.rows import Row
from bench.sizes import Sizes

GOAL_MS = 20.0
AT_REST_S = 0.2


async def rows(sizes: Sizes) -> list[Row]:
    async with a_house() as house:
        people = await house.people(sizes.people, "what")
        for person in people:  # caches warm, garbage of the set-up gone
            await person.say(WORDS)
        async with idle_process() as idle, heartbeat() as beat:
            await asyncio.sleep(AT_REST_S)
            await asyncio.gather(*(_chat_and_file(person, sizes.messages) for person in people))
            noise_s = await idle()
    return rows_of("loop", f"{sizes.people} people chat and file", beat, noise_s)


def rows_of(bench: str, while_what: str, beat: Beat, noise_s: float) -> list[Row]:
    """The two rows of a watched event loop."""
    blocked_ms = beat.blocked_s * 1000
    return [
        Row(
            bench,
            f"loop's longest block: {while_what}",
            blocked_ms,
            "ms",
            goal=f"≤ {GOAL_MS:.0f} ms",
            is_met=blocked_ms <= GOAL_MS,
            note="by our own computing",
        ),
        Row(
            bench,
            "the same by the clock",
            beat.late_s * 1000,
            "ms",
            noise_s * 1000,
            note="floor: an idle process beside it",
        ),
    ]


async def _chat_and_file(person: Person, messages: int) -> None:
    for _ in range(messages):
        await person.say(WORDS)
    await person.walk_to("send")
    await person.press("send")
