"""After a delivery: its lines go, the chat remembers what the channel did, and whom to deliver to
is forgotten once nothing waits. Who is done is forgotten whole.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.chat import Chat
from bot.means import Means
from storage import Transaction
from storage.repositories import conversations, fetches, outbox
from storage.repositories.outbox import Line
from storage.repositories.outbox import State as LineState


async def settle_delivery(
    means: Means, conversation: bytes, lines: Sequence[Line], before: Chat, after: Chat | None
) -> None:
    """Write down that *lines* were delivered (`Turns.delivered`). Raises Conflict: the conversation
    moved meanwhile."""
    row, waiting = await means.db.read(
        lambda t: (conversations.get(t, conversation), outbox.ready(t, conversation))
    )
    is_last = waiting <= {
        line.outbox_id
        for line in lines
        if line.key_id is None or line.is_unsure or after is not None
    }
    changed, is_over = row, False
    if row is not None and row.contact is not None:
        changed, is_over = _after_delivery(means, row, before, after, is_last=is_last)

    def settle(t: Transaction) -> None:
        for line in lines:
            _settle_line(t, line, is_sure=after is not None)
        if row is not None and is_over:
            conversations.forget(t, conversation, row.version)
            fetches.remove_all_of(t, conversation)
        elif changed is not None and changed is not row:
            conversations.save(t, changed)

    await means.db.commit(settle)
    if row is not None and is_over:
        await means.forget.destroy(row.key_id)


def _after_delivery(
    means: Means,
    row: conversations.Conversation,
    before: Chat,
    after: Chat | None,
    *,
    is_last: bool,
) -> tuple[conversations.Conversation, bool]:
    """The row to write, and whether all of it may go."""
    changed = row
    key = means.forget.get(row.key_id)
    if key is None or row.contact is None:
        return row, False
    if is_last or (after is not None and after != before):
        person = means.drawer.open_contact(key, row.conversation, row.contact)
        state = means.open(row, person, "th").state
        if is_last and state.is_over:
            return row, True
        if after is not None and after != before:
            state = replace(state, chat=state.chat.merged(before, after))
            sealed = means.drawer.seal_state(key, row.conversation, person, state)
            changed = replace(changed, state=sealed)
    return (replace(changed, contact=None) if is_last else changed), False


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
