"""Faults on demand: the next calls of a method, or calls at random with a seed.

`file` names a download as methods name calls; `*` is every method.
"""

import random
from collections import Counter
from dataclasses import dataclass, field

RESET_BEFORE = "reset_before"  # the connection breaks, nothing happened
RESET_AFTER = "reset_after"  # it happened, and then the connection breaks
ERROR_500 = "error_500"  # an answer of the machine before the API, nothing happened
CUT_OFF = "cut_off"  # a download ends half way
NOT_FOUND = "not_found"  # a download is not there


@dataclass(frozen=True)
class Slow:
    """The answer waits *wait_s* of the loop's time after the effect; a download between pieces."""

    wait_s: float


Fault = str | Slow


@dataclass
class _Chance:
    fault: Fault
    probability: float
    random: random.Random


@dataclass
class Faults:
    """*each_at_most*: so many faults of one method one file meets; None: any number."""

    each_at_most: int | None = None
    _met: Counter[tuple[str, str]] = field(default_factory=Counter)
    _next: dict[str, list[Fault]] = field(default_factory=dict)
    _chances: dict[str, _Chance] = field(default_factory=dict)

    def next(self, method: str, fault: Fault, times: int = 1) -> None:
        """Let the next *times* calls of *method* fail."""
        self._next.setdefault(method, []).extend([fault] * times)

    def by_chance(self, method: str, fault: Fault, probability: float, seed: int) -> None:
        self._chances[method] = _Chance(fault, probability, random.Random(seed))

    def clear(self) -> None:
        self._next.clear()
        self._chances.clear()

    def take(self, method: str, file: str | None = None) -> Fault | None:
        """The fault of this call, if any; *file* is what it asks for."""
        if file is None:
            return self._taken(method)
        if self.each_at_most is not None and self._met[method, file] >= self.each_at_most:
            return None
        fault = self._taken(method)
        self._met[method, file] += fault is not None
        return fault

    def _taken(self, method: str) -> Fault | None:
        for name in (method, "*"):
            if self._next.get(name):
                return self._next[name].pop(0)
        for name in (method, "*"):
            chance = self._chances.get(name)
            if chance is not None and chance.random.random() < chance.probability:
                return chance.fault
        return None
