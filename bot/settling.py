"""After a delivery: its lines go, the chat remembers what the channel did, and whom to deliver to
is forgotten once nothing waits. Who is done is forgotten whole.
"""

from collections.abc import Sequence, Set
from dataclasses import replace

from bot.chat import Chat
from bot.means import Means, Read
from storage import Transaction
from storage.repositories import conversations, fetches, outbox
from storage.repositories.outbox import Line
from storage.repositories.outbox import State as LineState


async def settle_delivery(
    means: Means,
    conversation: bytes,
    lines: Sequence[Line],
    before: Chat,
    after: Chat | None,
    known: Read | None,
    *,
    kept: Set[str],
) -> None:
    """Write down that *lines* were delivered (`Turns.delivered`). *known* is the conversation as it
    was read for the delivery. Raises Conflict: it moved since; settle again without."""
    read = known or await _read(means, conversation)
    row, record = read.row, _remembered(means, read, before, after)

    def settle(t: Transaction) -> bool:
        """Whether the conversation is forgotten."""
        for line in lines:
            if line.outbox_id in kept:
                outbox.mark(t, line.outbox_id, LineState.DEAD)
            else:
                _settle_line(t, line, is_sure=after is not None)
        if row is None or row.contact is None or read.key is None:
            return False
        is_last = not outbox.ready(t, conversation)
        if is_last and read.state.is_over:
            conversations.forget(t, conversation, row.version)
            fetches.remove_all_of(t, conversation)
            return True
        if is_last or record is not None:
            contact = None if is_last else row.contact
            conversations.save(t, replace(row, state=record or row.state, contact=contact))
        return False

    if await means.db.commit(settle) and row is not None:
        await means.forget.destroy(row.key_id)


async def _read(means: Means, conversation: bytes) -> Read:
    row = await means.db.read(lambda t: conversations.get(t, conversation))
    key = None if row is None else means.forget.get(row.key_id)
    if row is None or row.contact is None or key is None:
        return replace(means.open(None, "", "th"), row=row)
    return means.open(row, means.drawer.open_contact(key, conversation, row.contact), "th")


def _remembered(means: Means, read: Read, before: Chat, after: Chat | None) -> bytes | None:
    """The state with what the channel did to the chat, sealed; None when that is nothing."""
    if after is None or after == before or read.slot is None:
        return None
    state = replace(read.state, chat=read.state.chat.merged(before, after))
    return means.drawer.seal_state_in(read.slot, state)


def _settle_line(t: Transaction, line: Line, *, is_sure: bool) -> None:
    """A receipt stays until it is noted, and may be sent once more when it may not have arrived;
    anything else is done. One that the person asked to see again meanwhile is due again."""
    if line.key_id is None:
        outbox.remove(t, line.outbox_id)
    elif outbox.position(t, line.outbox_id) != line.position:
        return
    elif is_sure or line.is_unsure:
        outbox.mark(t, line.outbox_id, LineState.SHOWN)
    else:
        outbox.mark_unsure(t, line.outbox_id)
