"""Conversations' rows as their last turn left them, so that a burst of messages is not read anew.

Sealed, as they lie in the database: without its key in the forget store a row here says nothing.
Law: a row may be outdated by the time it is used. Whoever writes over it names the version it was
read at, and learns of it then; so it is taken out to be used, and comes back only from a commit.
"""

from dataclasses import replace

from storage.repositories.conversations import Conversation

ROWS_REMEMBERED = 256


class Recent:
    """The rows last written, the oldest forgotten first."""

    def __init__(self, at_most: int = ROWS_REMEMBERED) -> None:
        self._at_most = at_most
        self._rows: dict[bytes, tuple[Conversation, int]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def take(self, conversation: bytes) -> Conversation | None:
        """The row, which is not here any more then."""
        row, version = self._rows.pop(conversation, (None, 0))
        return row if row is None or row.version == version else replace(row, version=version)

    def keep(self, row: Conversation, version: int) -> None:
        """Remember *row*, which the commit left at *version*."""
        self._rows.pop(row.conversation, None)
        self._rows[row.conversation] = (row, version)
        while len(self._rows) > self._at_most:
            del self._rows[next(iter(self._rows))]
