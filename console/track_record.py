"""What an officer can know of a verified member: how many earlier tips of the same alias they can
read, and how many of those proved useful.

Counted here, from the officer's own grants, opened on this machine; no server can count it. The
status of each tip is as the desk lists it. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from console.office_rows import Row, TrackRecord
from sealing import Summary

USEFUL = frozenset({"accepted", "in_progress", "referred", "closed"})


@dataclass(frozen=True, slots=True)
class TrackRecords:
    """Every verified member's tips that the officer can read: (filed day, tip id, status)."""

    tips: Mapping[tuple[str, str | None], tuple[tuple[str, str, str], ...]] = field(repr=False)
    is_whole: bool

    def of(self, summary: Summary | None, tip_id: str, filed_day: str) -> TrackRecord | None:
        """Of the member who told this tip; None for whoever is no verified member."""
        if summary is None or summary.alias is None:
            return None
        others = [
            status
            for day, other, status in self.tips.get((summary.alias, summary.member_centre), ())
            if other != tip_id and day <= filed_day
        ]
        return TrackRecord(
            alias=summary.alias,
            centre=summary.member_centre,
            since_year=summary.member_since,
            earlier=len(others),
            useful=sum(status in USEFUL for status in others),
            is_whole=self.is_whole,
        )


def track_records(rows: Iterable[Row], *, is_whole: bool) -> TrackRecords:
    """Counted from *rows*; what does not verify counts for nobody."""
    found: dict[tuple[str, str | None], list[tuple[str, str, str]]] = {}
    for row in rows:
        told, shown = row.summary, row.shown
        if told is not None and told.alias is not None and row.problem is None:
            entry = (shown.filed_day, shown.tip_id, shown.status)
            found.setdefault((told.alias, told.member_centre), []).append(entry)
    return TrackRecords({who: tuple(tips) for who, tips in found.items()}, is_whole)
