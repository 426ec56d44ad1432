"""The loading animation: a person sees that something is under way.

A courtesy and nothing more: one at a time for each person, a few at a time for all, and no failure
of it is anybody's concern.
"""

import asyncio

from bot.channels.line.api import Api
from bot.channels.line.parts import LineRules
from bot.clock import Clock
from bot.logs import logger


class Animations:
    """Starts animations, in the tasks of *group*."""

    def __init__(self, api: Api, clock: Clock, rules: LineRules, group: asyncio.TaskGroup) -> None:
        self._api = api
        self._clock = clock
        self._rules = rules
        self._group = group
        self._shown: dict[str, float] = {}
        self._at_work: set[asyncio.Task[None]] = set()
        self._is_over = False

    def show(self, person: str) -> None:
        """Show *person* an animation, unless one runs or too many are being started."""
        now_s = self._clock.monotonic_s()
        self._shown = {who: until_s for who, until_s in self._shown.items() if until_s > now_s}
        is_full = len(self._at_work) >= self._rules.loading_at_once
        if self._is_over or is_full or person in self._shown:
            return
        self._shown[person] = now_s + self._rules.loading_s
        task = self._group.create_task(self._start(person))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def _start(self, person: str) -> None:
        try:
            await self._api.loading(person, self._rules.loading_s)
        except Exception as error:  # a courtesy must not end the room that it is offered in
            logger().warning("line_animation_failed", channel="line", exc_info=error)

    def over(self, person: str) -> None:
        """A message came: LINE has ended the animation."""
        self._shown.pop(person, None)

    def stop(self) -> None:
        """Start no more and wait for none."""
        self._is_over = True
        for task in self._at_work:
            task.cancel()
