"""What an officer can know of a verified member: how many earlier tips of the same alias they can
read, and how many of those proved useful.

Counted here, from the officer's own grants, opened on this machine; no server can count it. A tip's
result says whether it was useful where it is known here (`Row.result`); else its status does, as
the desk lists it. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from console.office_rows import Row, TrackRecord
from console.results import shipped_results
from sealing import Summary

USEFUL = frozenset({"accepted", "in_progress", "referred", "closed"})


@dataclass(frozen=True, slots=True)
class TrackRecords:
    """Every verified member's tips that the officer can read: (filed day, tip id, was useful)."""

    tips: Mapping[tuple[str, str | None], tuple[tuple[str, str, bool], ...]] = field(repr=False)
    is_whole: bool

    def of(self, summary: Summary | None, tip_id: str, filed_day: str) -> TrackRecord | None:
        """Of the member who told this tip; None for whoever is no verified member."""
        if summary is None or summary.alias is None:
            return None
        others = [
            is_useful
            for day, other, is_useful in self.tips.get((summary.alias, summary.member_centre), ())
            if other != tip_id and day <= filed_day
        ]
        return TrackRecord(
            alias=summary.alias,
            centre=summary.member_centre,
            since_year=summary.member_since,
            earlier=len(others),
            useful=sum(others),
            is_whole=self.is_whole,
        )


def was_useful(row: Row) -> bool:
    """Whether the tip led to something, as far as is known here."""
    result = shipped_results().get(row.result or "")
    return row.shown.status in USEFUL if result is None else result.is_useful


def track_records(rows: Iterable[Row], *, is_whole: bool) -> TrackRecords:
    """Counted from *rows*; what does not verify counts for nobody."""
    found: dict[tuple[str, str | None], list[tuple[str, str, bool]]] = {}
    for row in rows:
        told, shown = row.summary, row.shown
        if told is not None and told.alias is not None and row.problem is None:
            entry = (shown.filed_day, shown.tip_id, was_useful(row))
            found.setdefault((told.alias, told.member_centre), []).append(entry)
    return TrackRecords({who: tuple(tips) for who, tips in found.items()}, is_whole)
