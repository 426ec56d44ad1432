"""Round ticks: 1, 2 or 5 times a power of ten (P. Heckbert, "Nice numbers for graph labels",
Graphics Gems, 1990), from nought, in whole numbers.
"""

import itertools
import math
from collections.abc import Iterator

MANTISSAS = (1, 2, 5)


def ticks(top: float, at_most: int) -> tuple[int, ...]:
    """The fewest empty space above *top* with *at_most* steps (≥ 1) from nought; the last tick is
    not below *top*. Nothing to show has the ticks of one."""
    reach = max(1, math.ceil(top))
    step = next(step for step in _steps() if step * at_most >= reach)
    return tuple(step * n for n in range(math.ceil(reach / step) + 1))


def _steps() -> Iterator[int]:
    for power in itertools.count():
        for mantissa in MANTISSAS:
            yield mantissa * 10**power
