"""The month's pushes: how many are left, asked of LINE now and then and counted in between.

Owns the reserves: the last pushes of a month are kept for what would otherwise be lost, and more of
them for what people asked to be told, before any campaign. LINE's
figure counts what was sent a while ago, so our own since then are taken off as well. When LINE does
not say, pushing goes on (a refusal for lack of quota is answered for in `delivering`), and
campaigns wait.
"""

import math
from dataclasses import dataclass

from bot.channels.line.api import Api
from bot.clock import Clock

ASKED_EVERY_S = 600.0


@dataclass(slots=True)
class Quota:
    """Knows whether a push that can wait may be spent; *reserve* of them are kept back, and
    *campaign_reserve* from campaigns."""

    api: Api
    clock: Clock
    reserve: int
    campaign_reserve: int = 0
    _left: float | None = None
    _asked_s: float | None = None

    async def allows(self) -> bool:
        """Whether more is left than the reserve, as far as one knows."""
        left = await self._known_left()
        return left is None or left > self.reserve

    async def to_spare(self) -> int | None:
        """How many pushes are left for campaigns; None where there is no limit."""
        left = await self._known_left()
        if left is None:
            return 0
        kept = max(self.reserve, self.campaign_reserve)
        return None if left == math.inf else max(0, int(left) - kept)

    async def _known_left(self) -> float | None:
        now_s = self.clock.monotonic_s()
        if self._asked_s is None or now_s - self._asked_s >= ASKED_EVERY_S:
            self._asked_s = now_s
            self._left = await self.api.pushes_left()
        return self._left

    def spent(self) -> None:
        """One push was sent."""
        if self._left is not None:
            self._left = max(0, self._left - 1)
