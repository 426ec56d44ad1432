"""An officer's console on a desk with thousands of tips, over loopback: how soon the list is there,
how soon words are found, and in how much memory.

Each side is a process of its own, so that neither's memory nor processor time is the other's:
`served_desk` is the real desk on a real database, `officer` the console's own library, as the pages
use it. Every grant and part is really sealed and really opened.
"""

import tempfile

from bench.measured import Measured
from bench.rows import Row
from bench.sizes import Sizes

MIB = 1024 * 1024
GOAL_LIST_S = 2.0
GOAL_SEARCH_MS = 50.0
GOAL_MIB = 300.0


async def rows(sizes: Sizes) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="saisaat-bench-") as folder:
        async with Measured("bench.served_desk", folder, str(sizes.queued_tips)) as desk:
            officer = (desk.place["home"], desk.place["passphrase"])
            async with Measured("bench.officer", *officer) as console:
                return _rows(console.place)


def _rows(found: dict[str, float]) -> list[Row]:
    tips, whole, floor = int(found["tips"]), found["whole_s"], found["floor_s"]
    much = f"{tips:,} tips"
    search_ms, total = found["search_s"] * 1000, found["most"] / MIB
    return [
        Row("console", f"first rows of {much} on the screen", found["first_s"], "s"),
        Row(
            "console", f"the whole list of {much} from grants", whole, "s", floor, floor / whole,
            f"< {GOAL_LIST_S:.0f} s", whole < GOAL_LIST_S,
            "floor: opening the grants alone, on every processor used",
        ),
        Row("console", f"where {much} stand, asked again", found["standings_s"], "s"),
        Row(
            "console", "a tip read in the background, so that it is found",
            found["filled_s"] / tips * 1000, "ms", note="without the pause that spares the desk",
        ),
        Row(
            "console", f"a search in the words of {much}, with excerpts", search_ms, "ms",
            goal=f"< {GOAL_SEARCH_MS:.0f} ms", is_met=search_ms < GOAL_SEARCH_MS,
            note="the slowest of several",
        ),
        Row(
            "console", "memory of the console and its processes", total, "MiB",
            found["before"] / MIB, goal=f"≤ {GOAL_MIB:.0f} MiB", is_met=total <= GOAL_MIB,
            note="at its highest; floor: before unlocking",
        ),
    ]  # fmt: skip
