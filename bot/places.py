"""Where a file may go now: to the followed tip, else to the draft, which begins for it if need be.

The draft's key has to be there before the file is: a file is sealed while it comes, and no turn has
begun then. So a draft without any part may be stored; it goes with its conversation.
"""

from dataclasses import dataclass, field, replace

from bot.clock import today
from bot.deeds import Deeds, Recipients, read_followed
from bot.means import Means, Read
from bot.state import State
from handlers.book import Book
from sealing.age import PQRecipient
from storage import Transaction
from storage.repositories import conversations, originals, parts

MEDIA = frozenset({"files", "voice"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file may be put now, and what lies there already."""

    conversation: bytes
    tip_id: str = field(repr=False)
    recipient: PQRecipient
    files: int
    bytes_held: int


async def find_place(
    means: Means,
    recipients: Recipients,
    conversation: bytes,
    channel: str,
    person: str,
    language: str,
) -> Place | None:
    """The place for a file of *person*, or None. The caller holds the conversation's lock.

    Raises Conflict: the conversation moved; ask again.
    """
    row = await means.db.read(lambda t: conversations.get(t, conversation))
    read = means.open(row, person, language)
    if not takes_files(means.books[channel], read.state):
        return None
    following = read.state.following
    if following is not None:
        tip_id = following.tip_id
        followed = await means.db.read(lambda t: read_followed(t, tip_id))
        recipient = PQRecipient.from_raw(followed.tip.case_recipient)
    else:
        deeds = Deeds(read.state, today(means.clock).isoformat(), means.new_id, recipients)
        draft = deeds.begin_draft()
        if read.state.draft is None:
            state = replace(read.state, draft=draft)
            await _begin(means, conversation, channel, person, read, state)
        tip_id, recipient = draft.tip_id, recipients.of(draft)
    chain, twice = await means.db.read(
        lambda t: (parts.chain(t, tip_id), originals.with_blob(t, tip_id))
    )
    files = [part for part in chain if part.blob_id is not None]
    bytes_held = sum(part.size_class * (1 + (part.part_id in twice)) for part in files)
    return Place(conversation, tip_id, recipient, len(files), bytes_held)


def takes_files(book: Book, state: State) -> bool:
    """Whether a file sent now would be kept: it was asked for, or the flow keeps strays."""
    if state.accepts & MEDIA:
        return True
    flow = book.flows.get(state.conversation.flow)
    if flow is None or flow.evidence is None:
        return False
    return flow.keeps_after is None or state.conversation.answer(flow.keeps_after).is_settled


def save(t: Transaction, read: Read, row: conversations.Conversation) -> None:
    """Write *row* over what was *read*. Raises Conflict when that has moved."""
    if read.row is None:
        conversations.create(t, row)
    else:
        conversations.save(t, row)


async def _begin(
    means: Means, conversation: bytes, channel: str, person: str, read: Read, state: State
) -> None:
    """Store a draft that has no part yet."""
    kept = None if read.key is not None else await means.forget.keep()
    key_id = kept.key_id if kept is not None else (read.row.key_id if read.row else "")
    key = kept.key if kept is not None else (read.key or b"")
    row = conversations.Conversation(
        conversation,
        channel,
        key_id,
        means.drawer.seal_state(key, conversation, person, state),
        today(means.clock).isoformat(),
        1 if read.row is None else read.row.version,
        None if read.row is None else read.row.contact,
    )
    try:
        await means.db.commit(lambda t: save(t, read, row))
    except Exception:
        if kept is not None:
            await means.forget.destroy(kept.key_id)
        raise
