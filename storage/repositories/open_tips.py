"""Tips begun and not yet filed, so that abandoned ones can be found and deleted.

Owns the table `open_tip`. Nothing here leads to a conversation: a draft knows its tip, never the
other way round.
"""

from storage.port import Transaction


def touch(t: Transaction, tip_id: str, day: str) -> None:
    """Note that *tip_id* is being told on *day*."""
    if not t.execute("UPDATE open_tip SET touched_day = ? WHERE tip_id = ?", (day, tip_id)):
        t.execute("INSERT INTO open_tip (tip_id, touched_day) VALUES (?, ?)", (tip_id, day))


def remove(t: Transaction, tip_id: str) -> bool:
    """Filed or discarded: whether it was open."""
    return bool(t.execute("DELETE FROM open_tip WHERE tip_id = ?", (tip_id,)))


def is_open(t: Transaction, tip_id: str) -> bool:
    """Whether *tip_id* was begun and is not filed."""
    return t.row("SELECT 1 FROM open_tip WHERE tip_id = ?", (tip_id,)) is not None


def untouched_since(t: Transaction, day: str, limit: int) -> tuple[str, ...]:
    """Open tips last told before *day*, oldest first."""
    found = t.rows(
        "SELECT tip_id FROM open_tip WHERE touched_day < ? ORDER BY touched_day LIMIT ?",
        (day, limit),
    )
    return tuple(tip_id for (tip_id,) in found)
