"""Files that arrived whole and wait for the turn that tells of them.

Which blob was sealed for which tip is known here, in memory, and nowhere else: a channel can claim
a file for no other conversation and no other tip than it was sealed for, and a restart forgets
what no turn had told of (the blobs are swept then). Bytes under way count too, so that many
uploads at once cannot pass a limit together.
"""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class _Waiting:
    conversation: bytes
    tip_id: str = field(repr=False)
    bytes_held: int
    since_s: float
    original: str | None = None


class Uploads:
    """The blobs that are kept and not yet part of a tip."""

    def __init__(self) -> None:
        self._waiting: dict[str, _Waiting] = {}
        self._bytes: Counter[bytes] = Counter()

    def hold(self, conversation: bytes, more_bytes: int) -> int:
        """Count bytes under way; how many *conversation* holds now."""
        self._bytes[conversation] += more_bytes
        return self._bytes[conversation]

    def let_go(self, conversation: bytes, fewer_bytes: int) -> None:
        """Uncount bytes: their turn is over, or they were refused."""
        self._bytes[conversation] -= fewer_bytes
        if self._bytes[conversation] <= 0:
            del self._bytes[conversation]

    def arrived(
        self,
        blob_id: str,
        conversation: bytes,
        tip_id: str,
        bytes_held: int,
        now_s: float,
        original: str | None = None,
    ) -> None:
        """Remember a kept blob, and the blob of its *original* if it was cleaned; the bytes they
        hold stay counted until `done`."""
        self._waiting[blob_id] = _Waiting(conversation, tip_id, bytes_held, now_s, original)

    def files_of(self, tip_id: str) -> int:
        """How many files of this tip wait for their turn."""
        return sum(waiting.tip_id == tip_id for waiting in self._waiting.values())

    def is_for(self, blob_id: str, conversation: bytes, tip_id: str | None) -> bool:
        """Whether the blob was sealed for this tip, by this conversation, and waits."""
        waiting = self._waiting.get(blob_id)
        return (
            waiting is not None
            and (waiting.conversation, waiting.tip_id) == (conversation, tip_id)
            and tip_id is not None
        )

    def owner_of(self, blob_id: str) -> bytes | None:
        """The conversation whose waiting blob this is."""
        waiting = self._waiting.get(blob_id)
        return None if waiting is None else waiting.conversation

    def done(self, blob_id: str) -> None:
        """The blob is part of a tip now, or destroyed."""
        waiting = self._waiting.pop(blob_id, None)
        if waiting is not None:
            self.let_go(waiting.conversation, waiting.bytes_held)

    def forgotten(self, before_s: float) -> tuple[str, ...]:
        """Blobs that no turn told of in time; to be destroyed and then `done`."""
        return tuple(
            each
            for blob_id, waiting in self._waiting.items()
            for each in (blob_id, waiting.original)
            if waiting.since_s < before_s and each is not None
        )

    @property
    def waiting(self) -> frozenset[str]:
        return frozenset(self._waiting)
