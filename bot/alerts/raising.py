"""Counting for alerts, inside the commit of what is counted: neither is there without the other.

Counted for each officer who may read the tip, by the grants of that same commit and the roster of
that moment, and never by centre: who is shut out of a tip, or has left its centre, learns from no
number that there is one. A record is written anew at each tip, urgent or not. Refuses to know tips:
their ids come in, and go nowhere.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from bot.alerts.counting import Counts
from bot.alerts.records import HOOK, Records
from bot.entitled import entitled
from sealing import Role, Roster
from storage.port import Transaction
from storage.repositories import alerts, grants, tips
from storage.repositories.grants import GrantRow


class Raising(Protocol):
    """What is counted. Call it inside the commit."""

    def filed(
        self, t: Transaction, centre: str, rows: Iterable[GrantRow], *, is_urgent: bool
    ) -> None:
        """A tip was filed at *centre*, with the grants *rows*."""
        ...

    def answered(self, t: Transaction, tip_id: str) -> None:
        """A filed tip's reporter said more, or opened it again."""
        ...

    def handed(
        self, t: Transaction, tip_id: str, officers: Iterable[str], *, centre: str | None = None
    ) -> None:
        """A tip came to *officers* who may read it now, or with them to all of *centre*."""
        ...


class Uncounted:
    """Where nobody is told."""

    def filed(
        self, t: Transaction, centre: str, rows: Iterable[GrantRow], *, is_urgent: bool
    ) -> None:
        pass

    def answered(self, t: Transaction, tip_id: str) -> None:
        pass

    def handed(
        self, t: Transaction, tip_id: str, officers: Iterable[str], *, centre: str | None = None
    ) -> None:
        pass


class Counting:
    """`Raising` for those who have a record."""

    def __init__(self, records: Records, roster: Callable[[], Roster]) -> None:
        self._records = records
        self._roster = roster

    def filed(
        self, t: Transaction, centre: str, rows: Iterable[GrantRow], *, is_urgent: bool
    ) -> None:
        rows = tuple(rows)
        for row in self._readers(rows):
            self._raise(t, row.officer, row.centre, _new(row.role, is_urgent=is_urgent))
        role = rows[0].role if rows else Role.OFFICER.value
        self._raise(t, HOOK + centre, centre, _new(role, is_urgent=is_urgent))

    def answered(self, t: Transaction, tip_id: str) -> None:
        tip = tips.get(t, tip_id)
        if tip is None:
            return
        for row in self._readers(grants.of_tip(t, tip_id)):
            self._raise(t, row.officer, row.centre, Counts(answers=1))
        self._raise(t, HOOK + tip.centre, tip.centre, Counts(answers=1))

    def handed(
        self, t: Transaction, tip_id: str, officers: Iterable[str], *, centre: str | None = None
    ) -> None:
        to, rows = frozenset(officers), grants.of_tip(t, tip_id)
        role = rows[0].role if rows else Role.OFFICER.value
        for row in self._readers(rows):
            if row.officer in to:
                self._raise(t, row.officer, row.centre, _new(role, is_urgent=False))
        if centre is not None:
            self._raise(t, HOOK + centre, centre, _new(role, is_urgent=False))

    def _readers(self, rows: Iterable[GrantRow]) -> Iterator[GrantRow]:
        """The grants among *rows* that their officers may use now."""
        roster = self._roster()
        for row in rows:
            officer = roster.officer(row.officer)
            if officer is not None and entitled(officer, row):
                yield row

    def _raise(self, t: Transaction, recipient: str, centre: str, by: Counts) -> None:
        row = alerts.record(t, recipient)
        record = None if row is None else self._records.open_record(row)
        if row is not None and record is not None:
            alerts.put_record(t, self._records.reseal(row, record.raised(centre, by)))


def _new(role: str, *, is_urgent: bool) -> Counts:
    """An application is never urgent, whatever a summary says."""
    if role == Role.REGISTRAR:
        return Counts(applications=1)
    return Counts(new=1, urgent=int(is_urgent))
