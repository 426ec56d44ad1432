"""Running conversations: sealed state under a version, forgotten as a whole.

Owns the table `conversation`. Refuses to know what the state says: it is sealed under a key of the
forget store (`key_id`), and so is the contact.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of columns

from dataclasses import dataclass, field

from storage.port import Conflict, Transaction


@dataclass(frozen=True, slots=True)
class Conversation:
    """One person's conversation on one channel. *version* is the one that was read, from 1."""

    conversation: bytes
    channel: str
    key_id: str
    state: bytes = field(repr=False)
    touched_day: str
    version: int = 1
    contact: bytes | None = field(default=None, repr=False)


_COLUMNS = "conversation, channel, key_id, state, touched_day, version, contact"


def get(t: Transaction, conversation: bytes) -> Conversation | None:
    """The conversation as it stands, or None."""
    found = t.row(f"SELECT {_COLUMNS} FROM conversation WHERE conversation = ?", (conversation,))
    return Conversation(*found) if found else None


def create(t: Transaction, new: Conversation) -> None:
    """Begin a conversation. Raises Conflict when it has begun already."""
    t.execute(
        f"INSERT INTO conversation ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            new.conversation,
            new.channel,
            new.key_id,
            new.state,
            new.touched_day,
            new.version,
            new.contact,
        ),
    )


def save(t: Transaction, changed: Conversation) -> int:
    """Write *changed* over the version it was read at; the new version. Raises Conflict."""
    what = (changed.key_id, changed.state, changed.contact)
    which, day = (changed.conversation, changed.version), changed.touched_day
    # The first of both leaves the index of days alone: most turns are not the first of their day.
    is_saved = t.execute(
        "UPDATE conversation SET key_id = ?, state = ?, contact = ?, version = version + 1"
        " WHERE conversation = ? AND version = ? AND touched_day = ?",
        (*what, *which, day),
    ) or t.execute(
        "UPDATE conversation SET key_id = ?, state = ?, contact = ?, touched_day = ?,"
        " version = version + 1 WHERE conversation = ? AND version = ?",
        (*what, day, *which),
    )
    if not is_saved:
        raise Conflict("the conversation moved on")
    return changed.version + 1


def forget(t: Transaction, conversation: bytes, version: int) -> None:
    """Delete the conversation as read at *version*. Raises Conflict."""
    if not t.execute(
        "DELETE FROM conversation WHERE conversation = ? AND version = ?", (conversation, version)
    ):
        raise Conflict("the conversation moved on")


def untouched_since(t: Transaction, day: str, limit: int) -> tuple[Conversation, ...]:
    """Conversations last touched before *day*, oldest first."""
    found = t.rows(
        f"SELECT {_COLUMNS} FROM conversation WHERE touched_day < ? ORDER BY touched_day LIMIT ?",
        (day, limit),
    )
    return tuple(Conversation(*row) for row in found)


def count(t: Transaction) -> int:
    """How many conversations are running."""
    ((number,),) = t.rows("SELECT count(*) FROM conversation")
    return int(number)
