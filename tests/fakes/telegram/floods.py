"""Flood control: so many messages a second to one chat, so many to all; more is a 429."""

import math
from dataclasses import dataclass, field

from bot.clock import Clock
from tests.fakes.telegram.rules import Refused, Rules


@dataclass
class _Bucket:
    per_s: float
    burst: int
    left: float
    at_s: float

    def wait_s(self, now_s: float) -> float:
        self.left = min(self.burst, self.left + (now_s - self.at_s) * self.per_s)
        self.at_s = now_s
        return 0.0 if self.left >= 1 - 1e-9 else (1 - self.left) / self.per_s


@dataclass
class Floods:
    rules: Rules
    clock: Clock
    _chats: dict[int, _Bucket] = field(default_factory=dict)
    _all: _Bucket | None = None
    _ordered: dict[int | None, float] = field(default_factory=dict)

    def order_pause(self, chat_id: int | None, wait_s: float) -> None:
        """Refuse this chat (None: all) for *wait_s*, whatever it sent."""
        self._ordered[chat_id] = self.clock.now_s() + wait_s

    def count(self, chat_id: int) -> None:
        """Count one message to *chat_id*. Raises Refused 429 with retry_after."""
        now_s = self.clock.now_s()
        ordered = max(self._ordered.get(chat_id, 0.0), self._ordered.get(None, 0.0))
        if ordered > now_s:
            raise _too_many(ordered - now_s)
        rules = self.rules
        if self._all is None:
            self._all = _Bucket(rules.all_per_s, rules.all_burst, rules.all_burst, now_s)
        chat = self._chats.setdefault(
            chat_id, _Bucket(rules.chat_per_s, rules.chat_burst, rules.chat_burst, now_s)
        )
        wait_s = max(chat.wait_s(now_s), self._all.wait_s(now_s))
        if wait_s > 0:
            raise _too_many(wait_s)
        chat.left -= 1
        self._all.left -= 1


def _too_many(wait_s: float) -> Refused:
    seconds = max(1, math.ceil(wait_s))
    return Refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)
