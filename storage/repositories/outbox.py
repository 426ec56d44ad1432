"""What is still to be said to people, in order, each line once.

Owns the table `outbox`. An intent is word keys and parameters as JSON; a secret (such as a receipt)
is sealed under a key of the forget store. Refuses to know channels and clocks.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of columns

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from storage.port import Row, Transaction


class State(StrEnum):
    """Where a line stands."""

    READY = "ready"  # to be delivered
    SHOWN = "shown"  # delivered, kept because it may have to be shown again
    DEAD = "dead"  # can't be delivered; shown at the person's next message


@dataclass(frozen=True, slots=True)
class Line:
    """One intent for one conversation, to be said on its channel. *not_before* is in epoch
    seconds, 0 = at once."""

    outbox_id: str
    conversation: bytes
    channel: str
    intent: str
    expires_day: str
    position: int = 0
    key_id: str | None = None
    secret: bytes | None = field(default=None, repr=False)
    state: State = State.READY
    attempts: int = 0
    not_before: int = 0
    is_unsure: bool = False


_COLUMNS = (
    "outbox_id, conversation, channel, intent, expires_day, position, key_id, secret,"
    " state, attempts, not_before, is_unsure"
)


def add(t: Transaction, line: Line) -> int:
    """Put *line* after the last one of its conversation; its position (the given one is unused)."""
    ((last,),) = t.rows(
        "SELECT max(position) FROM outbox WHERE conversation = ?", (line.conversation,)
    )
    position = (last or 0) + 1
    t.execute(
        f"INSERT INTO outbox ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            line.outbox_id,
            line.conversation,
            line.channel,
            line.intent,
            line.expires_day,
            position,
            line.key_id,
            line.secret,
            line.state.value,
            line.attempts,
            line.not_before,
            int(line.is_unsure),
        ),
    )
    return position


def of_conversation(t: Transaction, conversation: bytes) -> tuple[Line, ...]:
    """Every line of *conversation*, in the order of saying."""
    return _lines(
        t.rows(
            f"SELECT {_COLUMNS} FROM outbox WHERE conversation = ? ORDER BY position",
            (conversation,),
        )
    )


def ready(t: Transaction, conversation: bytes) -> frozenset[str]:
    """The ids of the lines of *conversation* that wait for delivery."""
    found = t.rows(
        "SELECT outbox_id FROM outbox WHERE conversation = ? AND state = 'ready'", (conversation,)
    )
    return frozenset(outbox_id for (outbox_id,) in found)


def due(t: Transaction, channel: str, now_s: int, limit: int) -> tuple[Line, ...]:
    """The first ready line of each conversation on *channel* whose time has come, longest due
    first."""
    return _lines(
        t.rows(
            f"SELECT {_COLUMNS} FROM outbox AS line"
            " WHERE channel = ? AND state = 'ready' AND not_before <= ?"
            " AND NOT EXISTS (SELECT 1 FROM outbox AS earlier"
            " WHERE earlier.conversation = line.conversation AND earlier.state = 'ready'"
            " AND earlier.position < line.position) ORDER BY not_before LIMIT ?",
            (channel, now_s, limit),
        )
    )


def count_due(t: Transaction, channel: str, now_s: int, at_most: int) -> int:
    """How many lines on *channel* wait for delivery, counted up to *at_most*."""
    found = t.rows(
        "SELECT 1 FROM outbox WHERE channel = ? AND state = 'ready' AND not_before <= ? LIMIT ?",
        (channel, now_s, at_most),
    )
    return len(found)


def next_due_s(t: Transaction, channel: str, now_s: int) -> int | None:
    """When the next ready line on *channel* that is not due yet will be (epoch seconds); None when
    none waits for its time."""
    ((moment,),) = t.rows(
        "SELECT min(not_before) FROM outbox"
        " WHERE channel = ? AND state = 'ready' AND not_before > ?",
        (channel, now_s),
    )
    return None if moment is None else int(moment)


def postpone(t: Transaction, outbox_id: str, not_before: int) -> None:
    """Count a failed attempt and try again at *not_before*."""
    t.execute(
        "UPDATE outbox SET attempts = attempts + 1, not_before = ? WHERE outbox_id = ?",
        (not_before, outbox_id),
    )


def pause(t: Transaction, outbox_id: str, not_before: int) -> None:
    """Try again at *not_before*; the attempt does not count."""
    t.execute("UPDATE outbox SET not_before = ? WHERE outbox_id = ?", (not_before, outbox_id))


def mark_unsure(t: Transaction, outbox_id: str) -> None:
    """An attempt may have arrived or not: it is due again, and says so."""
    t.execute(
        "UPDATE outbox SET attempts = attempts + 1, is_unsure = 1 WHERE outbox_id = ?",
        (outbox_id,),
    )


def mark(t: Transaction, outbox_id: str, state: State) -> bool:
    """Set the line's state; whether there was such a line. Its schedule dies unless ready."""
    return bool(
        t.execute(
            "UPDATE outbox SET state = ?, not_before = 0 WHERE outbox_id = ?",
            (state.value, outbox_id),
        )
    )


def say_again(t: Transaction, outbox_id: str) -> None:
    """Put the line behind the last one of its conversation, to be delivered."""
    t.execute(
        "UPDATE outbox SET state = 'ready', not_before = 0, position = 1 + (SELECT max(position)"
        " FROM outbox AS other WHERE other.conversation = outbox.conversation)"
        " WHERE outbox_id = ?",
        (outbox_id,),
    )


def position(t: Transaction, outbox_id: str) -> int | None:
    """Where the line stands in its conversation; None when it is gone."""
    found = t.row("SELECT position FROM outbox WHERE outbox_id = ?", (outbox_id,))
    return None if found is None else int(found[0])


def remove(t: Transaction, *outbox_ids: str) -> int:
    """Delete lines; how many there were."""
    return sum(t.execute("DELETE FROM outbox WHERE outbox_id = ?", (one,)) for one in outbox_ids)


def remove_all_of(t: Transaction, conversation: bytes) -> tuple[str, ...]:
    """Delete every line of *conversation*; the forget-store keys that now serve nobody."""
    keys = t.rows(
        "SELECT key_id FROM outbox WHERE conversation = ? AND key_id IS NOT NULL", (conversation,)
    )
    t.execute("DELETE FROM outbox WHERE conversation = ?", (conversation,))
    return tuple({key_id for (key_id,) in keys})


def expired(t: Transaction, day: str, limit: int) -> tuple[Line, ...]:
    """Lines whose last day is before *day*."""
    return _lines(
        t.rows(f"SELECT {_COLUMNS} FROM outbox WHERE expires_day < ? LIMIT ?", (day, limit))
    )


def count(t: Transaction, state: State) -> int:
    """How many lines are in *state*."""
    ((number,),) = t.rows("SELECT count(*) FROM outbox WHERE state = ?", (state.value,))
    return int(number)


def _lines(rows: Sequence[Row]) -> tuple[Line, ...]:
    return tuple(_line(row) for row in rows)


def _line(row: Row) -> Line:
    outbox_id, conversation, channel, intent, expires_day, position, key_id, secret, state = row[:9]
    attempts, not_before, is_unsure = row[9:]
    return Line(
        outbox_id,
        conversation,
        channel,
        intent,
        expires_day,
        position,
        key_id,
        secret,
        State(state),
        attempts,
        not_before,
        bool(is_unsure),
    )
