"""Alerts to officers: what is still to be told, where to, and what is on its way.

Owns the tables `alert_record`, `alert_binding` and `alert_line`. What a record counts, whose a
contact is and what a line says lie sealed, each under a key of the forget store. Refuses to know
tips: no row here names one.
"""

# ruff: noqa: S608  # what is put into SQL here are this module's own lists of columns

from collections.abc import Iterable
from dataclasses import dataclass, field

from storage.port import Row, Transaction

_BINDING = "binding_id, officer, channel, key_id, contact"
_LINE = "line_id, way, channel, attempts, not_before, key_id, sealed"


@dataclass(frozen=True, slots=True)
class RecordRow:
    """What *recipient* (an officer's id, or a centre with a webhook) was not told of yet."""

    recipient: str
    key_id: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BindingRow:
    """One place where *officer* is told."""

    binding_id: str
    officer: str
    channel: str
    key_id: str
    contact: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class LineRow:
    """One alert on its way; due at *not_before* (epoch seconds)."""

    line_id: str
    way: str
    channel: str
    attempts: int
    not_before: int
    key_id: str
    sealed: bytes = field(repr=False)


# --- records -----------------------------------------------------------------------------


def record(t: Transaction, recipient: str) -> RecordRow | None:
    found = t.row(
        "SELECT recipient, key_id, sealed FROM alert_record WHERE recipient = ?", (recipient,)
    )
    return None if found is None else RecordRow(*found)


def records(t: Transaction) -> tuple[RecordRow, ...]:
    """Every record: one for each officer with a binding, and each centre with a webhook."""
    return tuple(
        RecordRow(*row) for row in t.rows("SELECT recipient, key_id, sealed FROM alert_record")
    )


def put_record(t: Transaction, row: RecordRow) -> None:
    """Write the record, over the one before."""
    if not t.execute(
        "UPDATE alert_record SET key_id = ?, sealed = ? WHERE recipient = ?",
        (row.key_id, row.sealed, row.recipient),
    ):
        t.execute(
            "INSERT INTO alert_record (recipient, key_id, sealed) VALUES (?, ?, ?)",
            (row.recipient, row.key_id, row.sealed),
        )


def remove_record(t: Transaction, recipient: str) -> bool:
    """Delete the record; whether there was one."""
    return bool(t.execute("DELETE FROM alert_record WHERE recipient = ?", (recipient,)))


# --- bindings ----------------------------------------------------------------------------


def add_binding(t: Transaction, row: BindingRow) -> None:
    t.execute(
        f"INSERT INTO alert_binding ({_BINDING}) VALUES (?, ?, ?, ?, ?)",
        (row.binding_id, row.officer, row.channel, row.key_id, row.contact),
    )


def binding(t: Transaction, binding_id: str) -> BindingRow | None:
    found = t.row(f"SELECT {_BINDING} FROM alert_binding WHERE binding_id = ?", (binding_id,))
    return None if found is None else BindingRow(*found)


def bindings_of(t: Transaction, officer: str) -> tuple[BindingRow, ...]:
    """Where *officer* is told, in the order of the ids."""
    return _bindings(
        t.rows(
            f"SELECT {_BINDING} FROM alert_binding WHERE officer = ? ORDER BY binding_id",
            (officer,),
        )
    )


def bindings_on(t: Transaction, channel: str) -> tuple[BindingRow, ...]:
    """Every binding of *channel*: officers are few, and no contact can be searched for."""
    return _bindings(t.rows(f"SELECT {_BINDING} FROM alert_binding WHERE channel = ?", (channel,)))


def bindings(t: Transaction) -> tuple[BindingRow, ...]:
    """Every binding there is."""
    return _bindings(t.rows(f"SELECT {_BINDING} FROM alert_binding"))


def remove_binding(t: Transaction, binding_id: str) -> bool:
    """Delete a binding; whether it was still there."""
    return bool(t.execute("DELETE FROM alert_binding WHERE binding_id = ?", (binding_id,)))


# --- lines -------------------------------------------------------------------------------


def add_line(t: Transaction, row: LineRow) -> None:
    t.execute(
        f"INSERT INTO alert_line ({_LINE}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            row.line_id,
            row.way,
            row.channel,
            row.attempts,
            row.not_before,
            row.key_id,
            row.sealed,
        ),
    )


def due(t: Transaction, channel: str, now_s: int, limit: int) -> tuple[LineRow, ...]:
    """Lines on *channel* whose time has come, longest due first."""
    return _lines(
        t.rows(
            f"SELECT {_LINE} FROM alert_line WHERE channel = ? AND not_before <= ?"
            " ORDER BY not_before LIMIT ?",
            (channel, now_s, limit),
        )
    )


def next_due_s(t: Transaction, channel: str, now_s: int) -> int | None:
    """When the next line on *channel* that is not due yet will be; None when none waits."""
    ((moment,),) = t.rows(
        "SELECT min(not_before) FROM alert_line WHERE channel = ? AND not_before > ?",
        (channel, now_s),
    )
    return None if moment is None else int(moment)


def lines_of(t: Transaction, way: str) -> tuple[LineRow, ...]:
    """What is still to be sent to one place."""
    return _lines(t.rows(f"SELECT {_LINE} FROM alert_line WHERE way = ?", (way,)))


def postpone(t: Transaction, line_id: str, not_before: int, *, counts: bool) -> None:
    """Try again at *not_before*; whether what was tried *counts* as an attempt."""
    t.execute(
        "UPDATE alert_line SET attempts = attempts + ?, not_before = ? WHERE line_id = ?",
        (int(counts), not_before, line_id),
    )


def remove_line(t: Transaction, line_id: str) -> bool:
    """Delete a line; whether it was still there."""
    return bool(t.execute("DELETE FROM alert_line WHERE line_id = ?", (line_id,)))


def _bindings(found: Iterable[Row]) -> tuple[BindingRow, ...]:
    return tuple(BindingRow(*row) for row in found)


def _lines(found: Iterable[Row]) -> tuple[LineRow, ...]:
    return tuple(LineRow(*row) for row in found)
