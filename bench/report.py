"""A complete report: every question answered, filed for the officers, recovery and the receipt."""

import os
import statistics
import time

from bench.house import House, a_house
from bench.primitives import stretch
from bench.rows import Row
from bench.sizes import Sizes


async def rows(sizes: Sizes) -> list[Row]:
    whole: list[float] = []
    filing: list[float] = []
    stretching: list[float] = []
    async with a_house() as house:
        cost = house.running.config.limits.stretch_cost
        answers = 0
        for _ in range(sizes.reports + 1):
            told_s, filed_s, answers = await _one(house)
            began_s = time.process_time()
            stretch(cost)
            stretching.append(time.process_time() - began_s)
            filing.append(filed_s)
            whole.append(told_s + filed_s)
    # The first one warms caches up.
    total, filed, stretched = (statistics.median(each[1:]) for each in (whole, filing, stretching))
    officers = len(house.running.roster.current.officers)
    return [
        Row(
            "report",
            f"a report of {answers} answers, all turns (CPU)",
            total * 1000,
            "ms",
            note=f"{officers} officers + recovery + receipt",
        ),
        Row("report", "of which filing: form, grants, receipt (CPU)", filed * 1000, "ms"),
        Row(
            "report",
            "of which Argon2id (CPU), and its share of the report",
            stretched * 1000,
            "ms",
            ratio=stretched / total,
            note="ratio: its share",
        ),
    ]


async def _one(house: House) -> tuple[float, float, int]:
    """CPU seconds of telling and of filing, and the number of answers."""
    person = house.person(f"reporter {os.urandom(8).hex()}")
    await person.ask()
    began_s = time.process_time()
    answered = await person.walk_to("send")
    told_s = time.process_time()
    await person.press("send")
    filed_s = time.process_time()
    return told_s - began_s, filed_s - told_s, len(answered - {"menu"}) + 1
