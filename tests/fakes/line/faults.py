"""What goes wrong on the way to LINE and back, switched on by a test.

line.faults.next(Fault.RESET_AFTER, count=2, path="/message/reply")
line.faults.often(Fault.SERVER_ERROR, probability=0.2, seed=7)
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Fault(StrEnum):
    """How one call fails. BEFORE: nothing happened on the platform. AFTER: it did."""

    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    SERVER_ERROR = "server_error"
    SERVER_ERROR_AFTER = "server_error_after"
    SLOW = "slow"
    SLOW_AFTER = "slow_after"
    RATE_LIMIT = "rate_limit"
    ODD_ANSWER = "odd_answer"


@dataclass
class _Planned:
    fault: Fault
    left: int
    path: str


@dataclass
class Faults:
    """The faults to come. *slow_s* is how long a slow call takes; *each_at_most*: so many of them
    one content meets, None: any number."""

    slow_s: float = 5.0
    each_at_most: int | None = None
    _met: Counter[str] = field(default_factory=Counter)
    _planned: list[_Planned] = field(default_factory=list)
    _chance: tuple[Fault, float, str] | None = None
    _random: random.Random = field(default_factory=random.Random)

    def next(self, fault: Fault, *, count: int = 1, path: str = "") -> None:
        """The next *count* calls whose path holds *path* fail like this."""
        self._planned.append(_Planned(fault, count, path))

    def often(self, fault: Fault, *, probability: float, seed: int, path: str = "") -> None:
        """Every call may fail like this; the same seed, the same failures."""
        self._random = random.Random(seed)
        self._chance = (fault, probability, path)

    def stop(self) -> None:
        self._planned.clear()
        self._chance = None

    def take(self, path: str) -> Fault | None:
        """The fault of a call to *path* that is being answered now."""
        if self.each_at_most is None or not path.endswith("/content"):
            return self._taken(path)
        fault = self._taken(path) if self._met[path] < self.each_at_most else None
        self._met[path] += fault is not None
        return fault

    def _taken(self, path: str) -> Fault | None:
        for planned in self._planned:
            if planned.left and planned.path in path:
                planned.left -= 1
                return planned.fault
        if self._chance is not None:
            fault, probability, where = self._chance
            if where in path and self._random.random() < probability:
                return fault
        return None
