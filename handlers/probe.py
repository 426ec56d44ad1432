"""Which keys a `when` can read, found by running it down every branch.

Each value it looks at is a stand-in whose every comparison goes once true and once false, so `a and
b` is seen to read both. It runs at start-up only, on code that ships with the program.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

BRANCHES_AT_MOST = 256


def probed(when: Callable[[Mapping[str, Any]], bool]) -> frozenset[str]:
    """Return every key that *when* reads on any branch (the first 256 of them)."""
    read: set[str] = set()
    waiting: list[tuple[bool, ...]] = [()]
    for _ in range(BRANCHES_AT_MOST):
        if not waiting:
            break
        path = _Path(waiting.pop())
        # A stand-in cannot do everything; that a `when` raises is found by a check of its own.
        with suppress(TypeError, ValueError, AttributeError):
            bool(when(_Probe(path, read)))
        taken = path.taken
        waiting.extend(
            (*taken[:place], not taken[place]) for place in range(len(path.given), len(taken))
        )
    return frozenset(read)


class _Path:
    """The decisions to take, then False for every one after them."""

    def __init__(self, given: tuple[bool, ...]) -> None:
        self.given = given
        self.taken: tuple[bool, ...] = ()

    def decide(self) -> bool:
        place = len(self.taken)
        decision = self.given[place] if place < len(self.given) else False
        self.taken = (*self.taken, decision)
        return decision


class _Probe(Mapping[str, Any]):
    def __init__(self, path: _Path, read: set[str]) -> None:
        self._path, self._read = path, read

    def __getitem__(self, key: str) -> "_StandIn":
        self._read.add(key)
        return _StandIn(self._path)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class _StandIn:
    """A value that may be anything."""

    def __init__(self, path: _Path) -> None:
        self._path = path

    def _decide(self, *_: object) -> bool:
        return self._path.decide()

    __bool__ = __contains__ = __lt__ = __le__ = __gt__ = __ge__ = _decide

    def __eq__(self, other: object) -> bool:
        return self._path.decide()

    def __ne__(self, other: object) -> bool:
        return self._path.decide()

    def __hash__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[object]:
        return iter(())
