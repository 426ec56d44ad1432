"""Whom to tell of news of a tip, and of which news they were not told yet.

Owns the table `notice`. Who it is lies sealed in `contact` under a key of the forget store; nothing
here can be searched for an account. Refuses to know channels and clocks.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of columns

from collections.abc import Iterable
from dataclasses import dataclass, field

from storage.port import Row, Transaction


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """One account that asked to be told of one tip. *news* is the part (an id) to be told of,
    *is_last* that nothing more will follow."""

    notice_id: str
    tip_id: str
    key_id: str
    expires_day: str
    contact: bytes = field(repr=False)
    news: str | None = None
    is_last: bool = False


_COLUMNS = "notice_id, tip_id, key_id, expires_day, contact, news, is_last"


def add(t: Transaction, new: NoticeRow) -> None:
    """Remember whom to tell."""
    t.execute(
        f"INSERT INTO notice ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            new.notice_id,
            new.tip_id,
            new.key_id,
            new.expires_day,
            new.contact,
            new.news,
            int(new.is_last),
        ),
    )


def of_tip(t: Transaction, tip_id: str) -> tuple[NoticeRow, ...]:
    """Everybody who is to be told of *tip_id*."""
    return _rows(t.rows(f"SELECT {_COLUMNS} FROM notice WHERE tip_id = ?", (tip_id,)))


def all_of_them(t: Transaction) -> tuple[NoticeRow, ...]:
    """Every notice there is: the only way to find those of one account."""
    return _rows(t.rows(f"SELECT {_COLUMNS} FROM notice"))


def keys(t: Transaction) -> tuple[tuple[str, str], ...]:
    """Every notice's id with that of its key."""
    found = t.rows("SELECT notice_id, key_id FROM notice")
    return tuple((notice_id, key_id) for notice_id, key_id in found)


def extend(t: Transaction, notice_id: str, expires_day: str) -> bool:
    """Keep a notice until *expires_day*; whether it was still there."""
    return bool(
        t.execute("UPDATE notice SET expires_day = ? WHERE notice_id = ?", (expires_day, notice_id))
    )


def announce(t: Transaction, tip_id: str, part_id: str, *, is_last: bool) -> int:
    """There is news of *tip_id*, its part *part_id*; how many are to be told. Older news that
    nobody was told of yet is told with it. What was the last stays the last."""
    return t.execute(
        "UPDATE notice SET news = ?, is_last = CASE WHEN ? = 1 THEN 1 ELSE is_last END"
        " WHERE tip_id = ?",
        (part_id, int(is_last), tip_id),
    )


def due(t: Transaction, after: str, limit: int) -> tuple[NoticeRow, ...]:
    """Whom to tell something now, behind the notice *after* ("" to begin with)."""
    return _rows(
        t.rows(
            f"SELECT {_COLUMNS} FROM notice WHERE news IS NOT NULL AND notice_id > ?"
            " ORDER BY notice_id LIMIT ?",
            (after, limit),
        )
    )


def told(t: Transaction, notice_id: str, part_id: str) -> bool:
    """They know of *part_id*; False when there is newer news, which is told next."""
    return bool(
        t.execute(
            "UPDATE notice SET news = NULL WHERE notice_id = ? AND news = ?", (notice_id, part_id)
        )
    )


def remove(t: Transaction, *notice_ids: str) -> int:
    """Delete notices; how many there were."""
    return sum(t.execute("DELETE FROM notice WHERE notice_id = ?", (one,)) for one in notice_ids)


def remove_all_of(t: Transaction, tip_id: str) -> tuple[str, ...]:
    """Delete every notice of *tip_id*; the forget-store keys that now serve nobody."""
    keys = t.rows("SELECT key_id FROM notice WHERE tip_id = ?", (tip_id,))
    t.execute("DELETE FROM notice WHERE tip_id = ?", (tip_id,))
    return tuple(key_id for (key_id,) in keys)


def expired(t: Transaction, day: str, limit: int) -> tuple[NoticeRow, ...]:
    """Notices whose last day is before *day*."""
    return _rows(
        t.rows(f"SELECT {_COLUMNS} FROM notice WHERE expires_day < ? LIMIT ?", (day, limit))
    )


def count(t: Transaction) -> int:
    """How many notices there are."""
    ((number,),) = t.rows("SELECT count(*) FROM notice")
    return int(number)


def _rows(found: Iterable[Row]) -> tuple[NoticeRow, ...]:
    return tuple(
        NoticeRow(notice_id, tip_id, key_id, expires_day, contact, news, bool(is_last))
        for notice_id, tip_id, key_id, expires_day, contact, news, is_last in found
    )
