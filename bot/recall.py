"""Taking back: which part a person's message became, for as long as the platform lets them.

Owns the keyed map from messages to parts. A row opens only with the message itself in hand (the
platform names it when the person takes it back), the server key and a key of the forget store; that
key is shared by whatever was told in the same stretch of time, and dies when the last of it may no
longer be taken back. So nothing on the server leads from an account to a tip by this map, and after
the window nothing does with the message either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.clock import Clock
from bot.marks import Marks
from bot.state import Drawer
from sealing import SealingError
from storage import Database, Transaction
from storage.forget import ForgetStore, Kept
from storage.repositories import recalls

STRETCHES = 60
"""A key serves a sixtieth of the window, so a row outlives its window by at most that."""
LEAST_S = 60
_KEY, _ROW = "recall key", "recall"


@dataclass(frozen=True, slots=True)
class Recalled:
    """What a message became: a part, told under a question of a tip that is open or filed."""

    tip_id: str = field(repr=False)
    part_id: str = field(repr=False)
    question: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """A row to be written in the turn's commit."""

    mark: bytes
    key_id: str
    secret: bytes = field(repr=False)

    def write(self, t: Transaction) -> None:
        recalls.put(t, self.mark, self.key_id, self.secret)


@dataclass(frozen=True, slots=True)
class _Live:
    """A key that serves, and until when it is given out (epoch seconds)."""

    kept: Kept
    given_until_s: float


class Recall:
    """The map, and the life of its keys. *windows_s* says how long each channel lets people take
    a message back, in seconds; channels without one are not remembered."""

    def __init__(
        self,
        db: Database,
        forget: ForgetStore,
        drawer: Drawer,
        marks: Marks,
        clock: Clock,
        windows_s: Mapping[str, float],
    ) -> None:
        self._db = db
        self._forget = forget
        self._drawer = drawer
        self._marks = marks
        self._clock = clock
        self._windows_s = {name: window for name, window in windows_s.items() if window > 0}
        self._live: dict[str, _Live] = {}

    def remembers(self, channel: str) -> bool:
        """Whether people can take messages back on *channel*."""
        return channel in self._windows_s

    async def find(self, channel: str, person: str, message: str) -> Recalled | None:
        """What *message* became; None when nothing is known of it (any more)."""
        mark = self._marks.message(channel, person, message)
        found = await self._db.read(lambda t: recalls.get(t, mark))
        key = None if found is None else self._forget.get(found[0])
        if found is None or key is None:
            return None
        try:
            body = self._drawer.open_recall(key, _ROW, _secret(channel, person, message), found[1])
        except SealingError:
            return None
        if float(body["until"]) <= self._clock.now_s():
            return None
        return Recalled(str(body["tip"]), str(body["part"]), str(body["question"]))

    async def remember(
        self, channel: str, person: str, message: str, became: Recalled
    ) -> Remembered:
        """The row that remembers *became*; its key is on disk. Raises StorageError."""
        live = await self._key_of(channel)
        body: Mapping[str, Any] = {
            "tip": became.tip_id,
            "part": became.part_id,
            "question": became.question,
            "until": self._clock.now_s() + self._windows_s[channel],
        }
        secret = self._drawer.seal_recall(live.key, _ROW, _secret(channel, person, message), body)
        return Remembered(self._marks.message(channel, person, message), live.key_id, secret)

    async def forget_old(self) -> None:
        """Destroy the keys whose time is over, and then their rows. Upkeep calls this."""
        now_s = self._clock.now_s()
        rows = await self._db.read(recalls.keys)
        gone = [key_id for key_id, secret in rows if self._is_over(key_id, secret, now_s)]
        if gone:
            await self._forget.destroy(*gone)
            await self._db.commit(lambda t: recalls.remove_key(t, *gone))
        self._live = {
            channel: live for channel, live in self._live.items() if live.kept.key_id not in gone
        }

    def _is_over(self, key_id: str, secret: bytes, now_s: float) -> bool:
        body = self._opened(key_id, secret)
        return body is None or float(body["until"]) <= now_s

    def _opened(self, key_id: str, secret: bytes) -> Mapping[str, Any] | None:
        """What a key says of itself; None when it is gone."""
        key = self._forget.get(key_id)
        try:
            return None if key is None else self._drawer.open_recall(key, _KEY, key_id, secret)
        except SealingError:
            return None

    async def _key_of(self, channel: str) -> Kept:
        """The key that serves *channel* now; a new one when the last has served its stretch."""
        now_s = self._clock.now_s()
        live = self._live.get(channel) or await self._left_by_the_last_run(channel)
        if live is not None and now_s < live.given_until_s:
            self._live[channel] = live
            return live.kept
        window_s = self._windows_s[channel]
        stretch_s = max(LEAST_S, window_s / STRETCHES)
        kept = await self._forget.keep()
        until_s = now_s + stretch_s + window_s
        given_s = now_s + stretch_s
        body = {"channel": channel, "given": given_s, "until": until_s}
        secret = self._drawer.seal_recall(kept.key, _KEY, kept.key_id, body)
        try:
            await self._db.commit(lambda t: recalls.add_key(t, kept.key_id, secret))
        except Exception:
            await self._forget.destroy(kept.key_id)
            raise
        self._live[channel] = _Live(kept, given_s)
        return kept

    async def _left_by_the_last_run(self, channel: str) -> _Live | None:
        """The key that an earlier run of the program was giving out on *channel*, if any."""
        found: list[_Live] = []
        for key_id, secret in await self._db.read(recalls.keys):
            body = self._opened(key_id, secret)
            key = self._forget.get(key_id)
            if body is not None and key is not None and body.get("channel") == channel:
                found.append(_Live(Kept(key_id, key), float(body["given"])))
        return max(found, key=lambda live: live.given_until_s, default=None)


def _secret(channel: str, person: str, message: str) -> str:
    return "\0".join((channel, person, message))
