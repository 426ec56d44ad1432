"""Who is served next: channels take turns, and within a channel conversations do.

So a flood of web sessions, which cost nothing to open, delays nobody on LINE or Telegram by more
than every other turn. Knows nothing of what is waited for; keeps no clock.
"""

from collections import OrderedDict, deque
from typing import Generic, TypeVar

T = TypeVar("T")


class InTurn(Generic[T]):
    """What waits, in the order in which it will be served."""

    def __init__(self) -> None:
        self._channels: OrderedDict[str, OrderedDict[bytes, deque[T]]] = OrderedDict()
        self._lengths: dict[str, int] = {}

    def __len__(self) -> int:
        return sum(self._lengths.values())

    def add(self, channel: str, conversation: bytes, item: T) -> None:
        """Let *item* wait, behind whatever else of its conversation does."""
        lines = self._channels.setdefault(channel, OrderedDict())
        lines.setdefault(conversation, deque()).append(item)
        self._lengths[channel] = self._lengths.get(channel, 0) + 1

    def next(self) -> T:
        """Take out whose turn it is; its conversation and its channel go to the end of the round.

        Raises LookupError: nothing waits.
        """
        channel = next(iter(self._channels), None)
        if channel is None:
            raise LookupError("nothing waits")
        lines = self._channels[channel]
        conversation, line = next(iter(lines.items()))
        item = line[0]
        self._take(channel, conversation, item)
        if conversation in lines:
            lines.move_to_end(conversation)
        if channel in self._channels:
            self._channels.move_to_end(channel)
        return item

    def crowd_out(self, newcomer: str | None = None) -> T | None:
        """Take out the last of the channel that has most waiting; None when that is no more than
        the *newcomer*'s own channel has."""
        most, largest = max(((many, each) for each, many in self._lengths.items()), default=(0, ""))
        if most == 0 or (newcomer is not None and most <= self._lengths.get(newcomer, 0)):
            return None
        conversation, line = next(reversed(self._channels[largest].items()))
        item = line[-1]
        self._take(largest, conversation, item)
        return item

    def give_up(self, channel: str, conversation: bytes, item: T) -> None:
        """Take *item* out if it still waits."""
        lines = self._channels.get(channel)
        if lines is not None and item in lines.get(conversation, ()):
            self._take(channel, conversation, item)

    def _take(self, channel: str, conversation: bytes, item: T) -> None:
        lines = self._channels[channel]
        lines[conversation].remove(item)
        self._lengths[channel] -= 1
        if not lines[conversation]:
            del lines[conversation]
        if not lines:
            del self._channels[channel], self._lengths[channel]
