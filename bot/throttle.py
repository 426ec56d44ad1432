"""Who may try a code now: five wrong tries in fifteen minutes, then a lock that grows; and when so
many are tried by everybody together that look-ups are braked.

It lives in memory and is bounded: a restart forgets it, which gives a guesser five more tries at
76 bits. It is keyed by conversation, never by code, so nobody can lock another person out. The
oldest entry gives way when the table is full; each entry that gives way was idle the longest.
"""

from collections import OrderedDict, deque
from dataclasses import dataclass, field

from bot.clock import Clock


@dataclass(frozen=True, slots=True)
class ThrottleRules:
    """The numbers; all of them come from the configuration."""

    wrong_tries: int = 5
    window_s: float = 15 * 60
    first_lock_s: float = 15 * 60
    longest_lock_s: float = 24 * 3600
    at_most_conversations: int = 50_000
    alarm_wrong_tries: int = 200
    """This many wrong tries in one window, over all conversations, raise the alarm."""
    brake_wrong_tries: int = 200
    """This many, and look-ups are spaced out until the window holds fewer."""


@dataclass(slots=True)
class _Tries:
    wrong_at: deque[float] = field(default_factory=deque)
    locked_until: float = 0.0
    locks: int = 0


class Throttle:
    """Counts wrong tries and says who is locked. The brake locks nobody: it is the pace of all."""

    def __init__(self, clock: Clock, rules: ThrottleRules | None = None) -> None:
        self._clock = clock
        self._rules = rules or ThrottleRules()
        self._tries: OrderedDict[bytes, _Tries] = OrderedDict()
        self._everybody: deque[float] = deque(maxlen=self._rules.alarm_wrong_tries)
        self._lately: deque[float] = deque(maxlen=self._rules.brake_wrong_tries)
        self.alarms = 0
        """How often the alarm went off; officers hear of it, no conversation is named."""

    def is_locked(self, conversation: bytes) -> bool:
        """Whether *conversation* has to wait before its next try."""
        return self.locked_s(conversation) > 0

    def locked_s(self, conversation: bytes) -> float:
        """How long *conversation* has to wait before its next try; 0 if it need not."""
        tries = self._tries.get(conversation)
        return 0.0 if tries is None else max(0.0, tries.locked_until - self._clock.monotonic_s())

    @property
    def is_flooded(self) -> bool:
        """Whether so many were wrong in one window, whoever tried, that look-ups are braked."""
        is_full = len(self._lately) == self._rules.brake_wrong_tries
        return is_full and self._clock.monotonic_s() - self._lately[0] < self._rules.window_s

    def wrong(self, conversation: bytes) -> None:
        """Count one wrong try. A right one takes nothing back: else a guesser with one receipt
        of their own could try without end."""
        now = self._clock.monotonic_s()
        tries = self._tries.setdefault(conversation, _Tries())
        self._tries.move_to_end(conversation)
        tries.wrong_at.append(now)
        while tries.wrong_at and tries.wrong_at[0] <= now - self._rules.window_s:
            tries.wrong_at.popleft()
        if len(tries.wrong_at) >= self._rules.wrong_tries:
            tries.wrong_at.clear()
            tries.locks += 1
            lock_s = self._rules.first_lock_s * 2 ** min(tries.locks - 1, 32)
            tries.locked_until = now + min(lock_s, self._rules.longest_lock_s)
        while len(self._tries) > self._rules.at_most_conversations:
            self._tries.popitem(last=False)
        self._lately.append(now)
        self._count_for_alarm(now)

    @property
    def conversations(self) -> int:
        """How many conversations are remembered."""
        return len(self._tries)

    def _count_for_alarm(self, now: float) -> None:
        self._everybody.append(now)
        is_full = len(self._everybody) == self._rules.alarm_wrong_tries
        if is_full and now - self._everybody[0] <= self._rules.window_s:
            self.alarms += 1
            self._everybody.clear()
