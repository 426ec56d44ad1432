"""Audit trails to check: honest ones, of a few days, with the head of each day signed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sealing import DayHead, Entry, SigningKey
from sealing.audit import NO_ENTRY_BEFORE
from sealing.grants import SERVER

SERVER_KEY = SigningKey.from_seed(b"s" * 32)
OFFICER, TIP = "5" * 32, "1" * 32


def an_entry(**given: Any) -> Entry:
    plain = Entry(1, "2026-11-23", "claim", OFFICER, "khonkaen", TIP, None, {"version": 1})
    return replace(plain, **given)


def chained(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """*entries* numbered and linked, as the one who keeps the trail would."""
    made: list[Entry] = []
    for entry in entries:
        previous = made[-1].hash if made else NO_ENTRY_BEFORE
        made.append(replace(entry, seq=len(made) + 1, previous=previous))
    return tuple(made)


def a_trail(*days: str) -> tuple[Entry, ...]:
    """One entry for each of *days*."""
    return chained([an_entry(day=day, facts={"version": n}) for n, day in enumerate(days)])


def head_of(entry: Entry, key: SigningKey = SERVER_KEY) -> DayHead:
    unsigned = DayHead(entry.day, entry.seq, entry.hash, b"")
    return replace(unsigned, signature=key.sign(unsigned.said_by(SERVER)))


def heads_of(entries: Sequence[Entry], key: SigningKey = SERVER_KEY) -> tuple[DayHead, ...]:
    """The head of every day that has entries."""
    last = {entry.day: entry for entry in entries}
    return tuple(head_of(entry, key) for entry in last.values())
