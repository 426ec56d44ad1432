"""What was published of each quarter. Owns the table `public_quarter`; rows are only ever added,
and there is no function here that changes or removes one."""

from dataclasses import dataclass, field

from storage.port import Transaction


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """One quarter ("2026-Q3"): *page* is canonical JSON, *hash* is over it, *signature* over both
    quarter and hash."""

    quarter: str
    page: bytes = field(repr=False)
    hash: bytes
    signature: bytes = field(repr=False)


def add(t: Transaction, row: PublishedRow) -> None:
    """Raises Conflict: that quarter was published, and stays as it is."""
    t.execute(
        "INSERT INTO public_quarter (quarter, page, hash, signature) VALUES (?, ?, ?, ?)",
        (row.quarter, row.page, row.hash, row.signature),
    )


def get(t: Transaction, quarter: str) -> PublishedRow | None:
    found = t.row(
        "SELECT quarter, page, hash, signature FROM public_quarter WHERE quarter = ?", (quarter,)
    )
    return None if found is None else PublishedRow(*found)


def newest(t: Transaction) -> PublishedRow | None:
    """The newest quarter that was published; None before the first."""
    found = t.row(
        "SELECT quarter, page, hash, signature FROM public_quarter WHERE quarter > ''"
        " ORDER BY quarter DESC LIMIT 1"
    )
    return None if found is None else PublishedRow(*found)


def quarters(t: Transaction) -> tuple[str, ...]:
    """Every quarter that was published, the newest first."""
    found = t.rows("SELECT quarter FROM public_quarter WHERE quarter > '' ORDER BY quarter DESC")
    return tuple(row[0] for row in found)
