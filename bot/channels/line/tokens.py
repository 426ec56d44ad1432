"""Reply tokens: the free and immediate way to answer. In memory only, and for a minute at most.

A token answers once. Several of one person may be alive at a time (people write in bursts): the
newest goes first, the others stay for what is said a little later. Losing all of them, at a
restart, loses no answer: it waits for the person's next message.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.channels.line.parts import TOKEN_S
from bot.clock import Clock


@dataclass(frozen=True, slots=True)
class Token:
    """*until_s* is on the monotonic clock."""

    text: str = field(repr=False)
    at_ms: int
    until_s: float


class ReplyTokens:
    """The live tokens of everybody who wrote within the last minute."""

    def __init__(self, clock: Clock, safety_s: float, at_most: int) -> None:
        self._clock = clock
        self._lives_s = TOKEN_S - safety_s
        self._at_most = at_most
        self._tokens: dict[str, list[Token]] = {}

    def __len__(self) -> int:
        return len(self._tokens)

    def keep(self, person: str, text: str, at_ms: int, *, is_again: bool) -> None:
        """Keep the token *text* of an event at *at_ms*.

        The minute begins with the event. Of an event that comes for the first time but seems older
        (or to come) by more than a minute, one of the two clocks is wrong: then it begins now.
        """
        self._sweep()
        age_s = self._clock.now_s() - at_ms / 1000
        if not is_again and abs(age_s) > TOKEN_S:
            age_s = 0.0
        until_s = self._clock.monotonic_s() + self._lives_s - max(0.0, age_s)
        known = [each for each in self._tokens.pop(person, []) if each.text != text]
        known = sorted([*known, Token(text, at_ms, until_s)], key=lambda each: each.at_ms)
        self._tokens[person] = known[-self._at_most :]

    def take(self, person: str) -> Iterator[Token]:
        """The live tokens of *person*, newest first; each is gone once it was handed out."""
        while kept := self._tokens.get(person):
            token = kept.pop()
            if not kept:
                del self._tokens[person]
            if token.until_s > self._clock.monotonic_s():
                yield token

    def put_back(self, person: str, token: Token) -> None:
        """*token* was not used after all: nothing of the call reached LINE."""
        kept = self._tokens.setdefault(person, [])
        kept.append(token)
        kept.sort(key=lambda each: each.at_ms)

    def forget(self, person: str) -> None:
        """Nothing said to *person* would arrive any more."""
        self._tokens.pop(person, None)

    def _sweep(self) -> None:
        """Drop who wrote longest ago, while their newest token is dead."""
        now_s = self._clock.monotonic_s()
        while self._tokens:
            person = next(iter(self._tokens))
            if any(token.until_s > now_s for token in self._tokens[person]):
                return
            del self._tokens[person]
