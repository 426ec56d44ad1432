"""Openings of what identifies: exports of tips, and originals of files, each for a reason.

Owns the table `opening`, kept as `seconded` keeps all of its manner. Refuses to know who may open
what.
"""

from dataclasses import dataclass
from typing import Any

from sealing.openings import Opens
from storage.repositories.seconded import SecondedRow, SecondedTable


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRow(SecondedRow):
    """*officer* opens the tip's export, or the original of the part *part_id*."""

    opening_id: str
    opens: Opens
    part_id: str | None


def _what(opening: OpeningRow) -> dict[str, str | None]:
    return {
        "opening_id": opening.opening_id,
        "opens": opening.opens.value,
        "part_id": opening.part_id,
    }


def _read(*, opens: str, **columns: Any) -> OpeningRow:
    return OpeningRow(opens=Opens(opens), **columns)


OPENINGS = SecondedTable(
    name="opening",
    columns=("opening_id", "opens", "part_id"),
    what=_what,
    read=_read,
    approval="approval",
    asker="opener",
)
