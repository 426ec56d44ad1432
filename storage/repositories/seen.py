"""Marks of platform events already taken, so that a redelivered one changes nothing.

Owns the table `seen`. A mark is a keyed hash; the day lets old marks go.
"""

from storage.port import Transaction


def mark(t: Transaction, mark: bytes, day: str) -> bool:
    """Note the event; whether it is new."""
    return bool(
        t.execute(
            "INSERT INTO seen (mark, day) VALUES (?, ?) ON CONFLICT (mark) DO NOTHING", (mark, day)
        )
    )


def is_seen(t: Transaction, mark: bytes) -> bool:
    """Whether the event was taken before."""
    return t.row("SELECT 1 FROM seen WHERE mark = ?", (mark,)) is not None


def forget_before(t: Transaction, day: str) -> int:
    """Delete the marks made before *day*; how many."""
    return t.execute("DELETE FROM seen WHERE day < ?", (day,))
