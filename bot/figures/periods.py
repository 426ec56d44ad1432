"""Which months of a centre's figures are shown together, decided once.

What the desk shows is seen by people who also know which tip was ended on which day, so a month of
few tips would tell them what each was about. Months are told together until there are enough, and
what was told of them is kept and never made anew. Laws:

- Every month that is over lies in one period of its centre or in none yet; periods never overlap.
  So no sum or difference of what is shown is about other tips than those of whole periods.
- Where a period ends depends on how many tips there are, never on what they were about.
- A period is made when its last month is over, when its counters change no more, and stays as it
  was made: another k, other values and a later release change periods to come.
- What was over when the server came out of a backup is in the periods that the backup holds, or is
  never told: it may have been before, and the difference of two tellings is about few.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta

from bot import restored
from bot.clock import DAY_MAY_DIFFER, Clock, today
from bot.figures.book import FigureBook
from bot.figures.measures import Measures
from bot.figures.tied import tables_beside_each_other
from sealing import canonical
from storage.port import Conflict, Database, Transaction
from storage.repositories import figures
from storage.repositories.figures import COUNTED, INTAKE, ISO_MONTH, NO, Basis, Counter, Period

SCHEMA = 1
ENOUGH = {Basis.FILED: 1, Basis.ENDED: 2}
"""How many times k tips a period has at least. Of ended tips more is said than their number, and
with less than twice k nothing could be told apart."""


def last_over(day: date) -> str:
    """The last month that is over for certain on *day*: no officer's day is in it any more."""
    first = (day - DAY_MAY_DIFFER).replace(day=1)
    return (first - timedelta(days=1)).isoformat()[:ISO_MONTH]


def month_after(month: str) -> str:
    """The month after *month*."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04}-{number % 12 + 1:02}"


class Periods:
    """Makes the periods of one deployment."""

    def __init__(
        self, database: Database, clock: Clock, book: FigureBook, measures: Measures, k: int
    ) -> None:
        self._database = database
        self._book = book
        self._clock = clock
        self._measures = measures
        self._k = k
        self._made_until = ""

    async def make(self) -> None:
        """Make every period whose last month is over. Safe at any time."""
        until = last_over(today(self._clock))
        if until <= self._made_until:
            return
        made = await self._database.read(lambda t: self._due(t, until))
        with suppress(Conflict):  # else another process was first: the next round looks again
            await self._database.commit(lambda t: _keep(t, made))
            self._made_until = until

    def _due(self, t: Transaction, until: str) -> tuple[Period, ...]:
        found: list[Period] = []
        since = restored.last(t)
        told = "" if since is None else last_over(date.fromisoformat(since.day))
        for basis in Basis:
            ends = figures.ends(t, basis)
            centres: dict[str, _Months] = {}
            for counter in self._book.read(t, basis, "", until):
                if counter.month > max(ends.get(counter.centre, ""), told):
                    centres.setdefault(counter.centre, _Months()).add(counter)
            for centre, months in centres.items():
                until_told = max(ends.get(centre, ""), told)
                begins = month_after(until_told) if until_told else min(months.totals)
                found += self._periods(basis, centre, months, begins)
        return tuple(found)

    def _periods(
        self, basis: Basis, centre: str, months: "_Months", begins: str
    ) -> Iterator[Period]:
        total, waiting = 0, list[str]()
        for month in sorted(months.totals):
            total += months.totals[month]
            waiting.append(month)
            if total >= ENOUGH[basis] * self._k:
                said = self._said(basis, total, months.of(waiting))
                yield Period(basis, centre, begins, month, said)
                total, waiting, begins = 0, [], month_after(month)

    def _said(self, basis: Basis, total: int, counts: Mapping[str, Mapping[str, int]]) -> str:
        """What is told of a period, as canonical JSON."""
        said: dict[str, canonical.JSON] = {"schema": SCHEMA, "k": self._k, "n": total}
        if basis is Basis.ENDED:
            tables = list(self._tables(counts))
            said |= {"not_counted": counts[COUNTED].get(NO, 0), "tables": tables}
        return canonical.write(said).decode("utf-8")

    def _tables(self, counts: Mapping[str, Mapping[str, int]]) -> Iterator[canonical.JSON]:
        shown = tables_beside_each_other(counts, self._measures, self._k)
        for measure in (each for each in self._measures.values if each in shown):
            told: list[canonical.JSON] = [
                {"values": cell.values, "n": cell.n} for cell in shown[measure]
            ]
            yield {"measure": measure, "cells": told}


def _keep(t: Transaction, made: Iterable[Period]) -> None:
    for period in made:
        figures.add_period(t, period)


@dataclass(slots=True)
class _Months:
    """One centre's counters: how many tips each month has, and everything else."""

    totals: Tally[str] = field(default_factory=Tally)
    counters: list[Counter] = field(default_factory=list)

    def add(self, counter: Counter) -> None:
        self.counters.append(counter)
        if counter.measure in (INTAKE, COUNTED):
            self.totals[counter.month] += counter.n

    def of(self, months: Iterable[str]) -> Mapping[str, Mapping[str, int]]:
        """How many of each measure's values there are in *months*."""
        wanted, found = {*months}, dict[str, Tally[str]]()
        for counter in self.counters:
            if counter.month in wanted:
                found.setdefault(counter.measure, Tally())[counter.value] += counter.n
        return found
