"""How fast we write: so much to one chat, so much to all, and pauses that Telegram asks for.

Law: a chat that has to wait delays no other. A pause names no chat, so it is taken to mean the
chat that was written to; when several chats are told to pause at once, it means all of us.
"""

from collections import deque
from dataclasses import dataclass

from bot.channels.telegram.parts import TelegramRules
from bot.clock import Clock
from bot.outbox import NotYet

CHATS_KEPT = 2000


@dataclass(slots=True)
class _Bucket:
    """Messages that may go now; fewer than none: so many wait for their turn already."""

    per_s: float
    burst: int
    left: float
    at_s: float

    def wait_s(self, now_s: float) -> float:
        """How long the next message has to wait."""
        self.left = min(self.burst, self.left + (now_s - self.at_s) * self.per_s)
        self.at_s = now_s
        return max(0.0, (1 - self.left) / self.per_s)


class Pace:
    """The pace of one token."""

    def __init__(self, clock: Clock, rules: TelegramRules) -> None:
        self._clock = clock
        self._rules = rules
        self._chats: dict[str, _Bucket] = {}
        self._pauses: dict[str, float] = {}
        self._floods: deque[tuple[float, str]] = deque()
        self._all_until_s = 0.0
        self._all = _Bucket(rules.all_per_s, rules.all_burst, rules.all_burst, clock.monotonic_s())

    async def its_turn(self, chat_id: str) -> None:
        """Return when *chat_id* may be written to. Raises NotYet when that is too long to wait."""
        rules, now_s = self._rules, self._clock.monotonic_s()
        pause_s = max(self._pauses.get(chat_id, 0.0), self._all_until_s) - now_s
        if pause_s > 0:
            raise NotYet(pause_s)
        bucket = self._bucket(chat_id, now_s)
        own_s = bucket.wait_s(now_s)
        if own_s > rules.wait_s:
            raise NotYet(own_s)
        wait_s = max(own_s, self._all.wait_s(now_s))
        bucket.left -= 1
        self._all.left -= 1
        if wait_s > 0:
            await self._clock.sleep(wait_s)

    def flooded(self, chat_id: str, wait_s: float) -> None:
        """Telegram asked for a pause when we wrote to *chat_id*."""
        now_s = self._clock.monotonic_s()
        self._pauses[chat_id] = now_s + wait_s
        self._floods.append((now_s, chat_id))
        while self._floods and self._floods[0][0] < now_s - self._rules.flood_s:
            self._floods.popleft()
        if len({chat for _, chat in self._floods}) >= self._rules.flood_chats:
            self._all_until_s = max(self._all_until_s, now_s + wait_s)

    def _bucket(self, chat_id: str, now_s: float) -> _Bucket:
        if len(self._chats) >= CHATS_KEPT:
            self._forget_idle(now_s)
        rules = self._rules
        full = _Bucket(rules.chat_per_s, rules.chat_burst, rules.chat_burst, now_s)
        return self._chats.setdefault(chat_id, full)

    def _forget_idle(self, now_s: float) -> None:
        """Forget whoever would have a full burst by now: they are as good as new."""
        full_s = self._rules.chat_burst / self._rules.chat_per_s
        self._chats = {
            chat: bucket for chat, bucket in self._chats.items() if now_s - bucket.at_s < full_s
        }
        self._pauses = {chat: until for chat, until in self._pauses.items() if until > now_s}
