"""Memory of a process in which ten thousand conversations are open, each with a turn taken."""

import asyncio
import gc
import json
import sys

from bench.house import WORDS, a_house
from bench.measuring import resident_bytes
from bench.rows import Row
from bench.sizes import Sizes

GOAL_MIB = 150.0
MIB = 1024 * 1024
AT_ONCE = 64


async def rows(sizes: Sizes) -> list[Row]:
    """In a process of its own: this one has measured other things before."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.memory", str(sizes.open_conversations),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError("the measured process failed")
    found = json.loads(said)
    total = found["after"] / MIB
    return [
        Row(
            "memory",
            f"a bot with {sizes.open_conversations:,} open conversations",
            total,
            "MiB",
            found["before"] / MIB,
            goal=f"≤ {GOAL_MIB:.0f} MiB",
            is_met=total <= GOAL_MIB,
            note=f"floor: before the first; at most {found['most'] / MIB:.0f} MiB on the way",
        )
    ]


async def _measure(many: int) -> dict[str, int]:
    async with a_house() as house:
        gc.collect()
        before = resident_bytes()
        names = iter(range(many))

        async def some() -> None:
            for nth in names:  # words that answer no question begin a draft: the costliest turn
                await house.person(f"person {nth}").say(WORDS)

        await asyncio.gather(*(some() for _ in range(AT_ONCE)))
        return {"before": before, "after": resident_bytes(), "most": resident_bytes("VmHWM")}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measure(int(sys.argv[1])))))
