"""A bot that dies of SIGKILL as it was armed to, and is started again, life after life."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

import httpx

from tests.whole.deployment import Whole
from tests.whole.nursery import Nursery
from tests.whole.server import Running

AT_MOST_DEATHS = 6  # of one request: it may take several commits


async def nobody_looks() -> None:
    """The default of `Mortal.on_new_life`."""


@dataclass
class Mortal:
    """A bot that dies as it was armed to, life after life; `life` is the one it has now."""

    made: Whole
    nursery: Nursery
    lives: int = 0
    life: Running | None = None
    on_new_life: Callable[[], Awaitable[None]] = nobody_looks
    _arm: Mapping[str, int] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def live(self, arm: Mapping[str, int] | None = None) -> None:
        """Begin the next life, one that lasts unless it is armed; the last one goes first."""
        self.end()
        self.lives += 1
        self._arm = arm or {}
        begun = self.nursery.running(self.made, **self._arm)  # type: ignore[arg-type]  # as named there
        self.life = self._stack.enter_context(begun)

    def kill(self) -> None:
        """SIGKILL, now."""
        assert self.life is not None
        self.life.kill()

    def end(self) -> None:
        self._stack.close()
        self.life = None

    async def answered(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """The answer to *ask*, which is asked again, unchanged, in as many lives as it takes."""
        for _ in range(AT_MOST_DEATHS):
            with suppress(httpx.TransportError):
                return await ask()
            assert self.life is not None
            self.life.wait_until_dead()
            assert self.life.was_killed, self.life.printed
            self.live(self._arm)
            await self.on_new_life()
        raise AssertionError("it dies of this each time")


def commits_at_start(bot: Mortal) -> int:
    """How many commits a start takes before anybody is let in."""
    with bot.nursery.running(bot.made) as life:
        return life.commits
