"""Files that a platform still holds and somebody must fetch, each until it is here or lost.

Owns the table `fetch`. Where the file is and for whom is sealed under the conversation's key.
Refuses to know channels and clocks.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of columns

from dataclasses import dataclass, field

from storage.port import Transaction


@dataclass(frozen=True, slots=True)
class Fetch:
    """One file to fetch. *not_before* is in epoch seconds, 0 = at once."""

    fetch_id: str
    conversation: bytes
    expires_day: str
    secret: bytes = field(repr=False)
    attempts: int = 0
    not_before: int = 0


_COLUMNS = "fetch_id, conversation, expires_day, secret, attempts, not_before"


def add(t: Transaction, new: Fetch) -> None:
    """Remember a file to fetch."""
    t.execute(
        f"INSERT INTO fetch ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
        (
            new.fetch_id,
            new.conversation,
            new.expires_day,
            new.secret,
            new.attempts,
            new.not_before,
        ),
    )


def due(t: Transaction, now_s: int, limit: int) -> tuple[Fetch, ...]:
    """Files whose time has come, longest due first."""
    found = t.rows(
        f"SELECT {_COLUMNS} FROM fetch WHERE not_before <= ? ORDER BY not_before LIMIT ?",
        (now_s, limit),
    )
    return tuple(Fetch(*row) for row in found)


def next_due_s(t: Transaction) -> int | None:
    """When the next file is due (epoch seconds); None when nothing waits."""
    ((moment,),) = t.rows("SELECT min(not_before) FROM fetch")
    return None if moment is None else int(moment)


def postpone(t: Transaction, fetch_id: str, not_before: int) -> None:
    """Count a failed attempt and try again at *not_before*."""
    t.execute(
        "UPDATE fetch SET attempts = attempts + 1, not_before = ? WHERE fetch_id = ?",
        (not_before, fetch_id),
    )


def pause(t: Transaction, fetch_id: str, not_before: int) -> None:
    """Try again at *not_before*; the attempt does not count."""
    t.execute("UPDATE fetch SET not_before = ? WHERE fetch_id = ?", (not_before, fetch_id))


def remove(t: Transaction, *fetch_ids: str) -> int:
    """Delete jobs; how many there were."""
    return sum(t.execute("DELETE FROM fetch WHERE fetch_id = ?", (one,)) for one in fetch_ids)


def remove_all_of(t: Transaction, conversation: bytes) -> int:
    """Delete every job of *conversation*; how many there were."""
    return t.execute("DELETE FROM fetch WHERE conversation = ?", (conversation,))


def count(t: Transaction) -> int:
    """How many files are to be fetched."""
    ((number,),) = t.rows("SELECT count(*) FROM fetch")
    return int(number)
