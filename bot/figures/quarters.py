"""A quarter of the calendar year, in Thai days: its months, when it is over, what comes next."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

_WRITTEN = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)
_FIRST_YEAR = 2000


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """Quarter *number* (1 to 4) of *year* (CE); written 2026-Q3."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not (_FIRST_YEAR <= self.year <= 9998 and 1 <= self.number <= 4):
            raise ValueError("no such quarter")

    @classmethod
    def parse(cls, text: str) -> "Quarter":
        """The quarter written as *text*, and in no other way. Raises ValueError."""
        found = _WRITTEN.fullmatch(text)
        if found is None:
            raise ValueError("a quarter is written 2026-Q3")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> "Quarter":
        return cls(day.year, (day.month + 2) // 3)

    def __str__(self) -> str:
        return f"{self.year:04}-Q{self.number}"

    @property
    def months(self) -> tuple[str, str, str]:
        """Its months, as 2026-07."""
        first = 3 * self.number - 2
        return (
            f"{self.year:04}-{first:02}",
            f"{self.year:04}-{first + 1:02}",
            f"{self.year:04}-{first + 2:02}",
        )

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> "Quarter":
        return Quarter.of(self.first_day - timedelta(days=1))


def newest_due(today: date, after_days: int) -> Quarter:
    """The newest quarter that has been over for *after_days* whole days (at least 1)."""
    return Quarter.of(today - timedelta(days=after_days)).before
