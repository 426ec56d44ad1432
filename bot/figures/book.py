"""The counters of one deployment, those of what tips were about in sealed records.

A counter lies in the open where the rows of tips say as much: how many were filed and ended, how
long they took. What they were about would tell a thief of the database what the one tip was that a
small centre ended in a month; so each month of a centre has one record of it, sealed under a key
derived from the server key, which lies outside the database and its folder. Every record is as long
as any other.
"""

from collections import Counter as Tally
from collections.abc import Iterable, Iterator, Mapping

from bot.logs import logger
from bot.server_key import Purpose, ServerKey
from sealing import SealingError, canonical, open_record, record_context, seal_record
from sealing.counts import MEASURES
from storage.port import Conflict, Transaction
from storage.repositories import figures
from storage.repositories.figures import Basis, Counter

SCHEMA = 1
_BYTES = 2048
"""How long what is sealed is made; the values of every measure are much shorter together."""

_Record = dict[str, Tally[str]]


class FigureBook:
    """Adds to counters and reads them. May be used in the database's thread."""

    def __init__(self, server_key: ServerKey) -> None:
        self._key = server_key.derive(Purpose.FIGURES)
        self._drawer = server_key.derive(Purpose.DRAWER)

    def add(self, t: Transaction, counters: Iterable[Counter]) -> None:
        """Add to each counter its *n*, which may be negative. Raises Conflict, having changed
        nothing that is sealed, for one that would come to less than nothing."""
        told: dict[tuple[str, str], list[Counter]] = {}
        for each in counters:
            if _is_sealed(each):
                told.setdefault((each.month, each.centre), []).append(each)
            else:
                figures.add(t, [each])
        for (month, centre), mine in told.items():
            record = self._record(t, month, centre)
            for each in mine:
                tally = record.setdefault(each.measure, Tally())
                if tally[each.value] + each.n < 0:
                    raise Conflict("a counter would come to less than nothing")
                tally[each.value] += each.n
            figures.put_record(t, month, centre, self._sealed(month, centre, record))

    def read(self, t: Transaction, basis: Basis, first: str, last: str) -> tuple[Counter, ...]:
        """Every counter above nothing of the months from *first* to *last*, in the order of month,
        centre, measure and value."""
        found = [*figures.read(t, basis, first, last)]
        if basis is Basis.ENDED:
            for month, centre, sealed in figures.records(t, first, last):
                record = self._opened(month, centre, sealed)
                found += _counters(month, centre, record)
        return tuple(sorted(found, key=lambda c: (c.month, c.centre, c.measure, c.value)))

    def _record(self, t: Transaction, month: str, centre: str) -> _Record:
        sealed = figures.record(t, month, centre)
        return {} if sealed is None else self._opened(month, centre, sealed)

    def _sealed(self, month: str, centre: str, record: Mapping[str, Mapping[str, int]]) -> bytes:
        counts = {m: {v: n for v, n in tally.items() if n} for m, tally in record.items()}
        body = canonical.write({"schema": SCHEMA, "counts": counts}).ljust(_BYTES)
        return seal_record(self._key, self._drawer, _context(month, centre), body)

    def _opened(self, month: str, centre: str, sealed: bytes) -> _Record:
        """Nothing of a record that does not open: no officer is kept from ending a tip for it."""
        try:
            body = open_record(self._key, self._drawer, _context(month, centre), sealed)
            fields = canonical.Fields(canonical.read(body.rstrip(b" ")))
            counts = fields.object_or_none("counts") if fields.number("schema") == SCHEMA else None
        except SealingError as error:
            logger().error("figures_unreadable", error=type(error).__name__)
            return {}
        return {measure: _tally(told) for measure, told in (counts or {}).items()}


def _tally(told: canonical.JSON) -> Tally[str]:
    values = told.items() if isinstance(told, dict) else ()
    return Tally({value: n for value, n in values if isinstance(n, int)})


def _is_sealed(counter: Counter) -> bool:
    return counter.basis is Basis.ENDED and counter.measure in MEASURES


def _context(month: str, centre: str) -> bytes:
    return record_context("figures", month, centre)


def _counters(
    month: str, centre: str, record: Mapping[str, Mapping[str, int]]
) -> Iterator[Counter]:
    for measure, tally in record.items():
        for value, n in tally.items():
            if n > 0:
                yield Counter(Basis.ENDED, month, centre, measure, value, n)
