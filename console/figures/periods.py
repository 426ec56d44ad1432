"""Spans of months that figures are asked for: quarters, years, fiscal years, the last twelve.

Written 2026-Q4, 2026, FY2027, 12m, all, or 2025-03..2026-02; a year may be a Buddhist one. The
fiscal year of Thailand begins in October of the year before.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from console.days import BUDDHIST_ERA, BUDDHIST_FROM, MONTHS_EN
from console.words import Words

LAST_12, ALL = "12m", "all"
FIRST, LAST = "2000-01", "2200-12"
YEARS = range(2000, 2201)
QUARTERS_OFFERED, YEARS_OFFERED = 8, 3
FISCAL_STARTS = 10
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_YEAR = re.compile(r"(FY)?(\d{4})")
_RANGE = re.compile(r"(\d{4})-(\d{2})\.\.(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Period:
    """From the ISO month *first* to *last*. *id* is how it is asked for."""

    id: str
    first: str
    last: str

    @property
    def before(self) -> "Period | None":
        """As many months right before; None where there is no such thing."""
        if self.id == ALL:
            return None
        months = _number(self.last) - _number(self.first) + 1
        last = _number(self.first) - 1
        first = last - months + 1
        if months == 3 and first % 3 == 0:
            return Period(f"{first // 12}-Q{first % 12 // 3 + 1}", _month(first), _month(last))
        return Period(f"{_month(first)}..{_month(last)}", _month(first), _month(last))


def parse_period(typed: str, today: date) -> Period | None:
    """What was *typed*; None for anything else."""
    if typed == ALL:
        return Period(ALL, FIRST, LAST)
    if typed == LAST_12:
        last = today.year * 12 + today.month - 1
        return Period(LAST_12, _month(last - 11), _month(last))
    if found := _QUARTER.fullmatch(typed):
        return _quarter(_common(found[1]), int(found[2]))
    if found := _YEAR.fullmatch(typed):
        year = _common(found[2])
        return _fiscal(year) if found[1] else _year(year)
    if found := _RANGE.fullmatch(typed):
        first = _common(found[1]) * 12 + int(found[2]) - 1
        last = _common(found[3]) * 12 + int(found[4]) - 1
        months = {int(found[2]), int(found[4])}
        if first <= last and months <= {*range(1, 13)} and {first // 12, last // 12} <= {*YEARS}:
            return Period(f"{_month(first)}..{_month(last)}", _month(first), _month(last))
    return None


def periods(today: date) -> tuple[Period, ...]:
    """Those to choose from, the nearest first."""
    return tuple(one for one in _offered(today) if one is not None)


def say_period(words: Words, period: Period) -> str:
    """*period* as people say it: ไตรมาส 4 พ.ศ. 2569 (ต.ค.–ธ.ค.), Q4 2026 (Oct–Dec)."""
    if period.id in (ALL, LAST_12):
        return words.say(f"figures.period_{period.id}")
    months = say_span(words, period.first, period.last)
    if found := _QUARTER.fullmatch(period.id):
        return words.say(
            "figures.period_quarter", n=found[2], year=_said(words, found[1]), months=months
        )
    if found := _YEAR.fullmatch(period.id):
        key = "figures.period_fiscal" if found[1] else "figures.period_year"
        return words.say(key, year=_said(words, found[2]), months=months)
    return months


def say_span(words: Words, first: str, last: str) -> str:
    """ISO months as they are said short: ต.ค. 2569, ต.ค.–ธ.ค. 2569, พ.ย. 2568–ม.ค. 2569."""
    one, other = short_month(words, first), short_month(words, last)
    if first == last:
        return f"{other} {era_of(words, last)}"
    if first[:4] == last[:4]:
        return f"{one}–{other} {era_of(words, last)}"
    return f"{one} {era_of(words, first)}–{other} {era_of(words, last)}"


def short_month(words: Words, month: str) -> str:
    number = int(month[5:]) - 1
    if words.language == "th":
        return _SHORT_TH[number]
    return MONTHS_EN[number][:3]


def era_of(words: Words, month: str) -> str:
    return _said(words, month[:4])


def months_between(first: str, last: str) -> tuple[str, ...]:
    return tuple(_month(n) for n in range(_number(first), _number(last) + 1))


def _offered(today: date) -> Iterator[Period | None]:
    yield parse_period(LAST_12, today)
    yield parse_period(ALL, today)
    at = today.year * 4 + (today.month - 1) // 3
    for n in range(QUARTERS_OFFERED):
        yield _quarter((at - n) // 4, (at - n) % 4 + 1)
    for n in range(YEARS_OFFERED):
        yield _year(today.year - n)
    fiscal = today.year + (today.month >= FISCAL_STARTS)
    for n in range(YEARS_OFFERED):
        yield _fiscal(fiscal - n)


def _quarter(year: int, quarter: int) -> Period | None:
    first = year * 12 + (quarter - 1) * 3
    return _known(year, f"{year}-Q{quarter}", first, first + 2)


def _year(year: int) -> Period | None:
    return _known(year, f"{year}", year * 12, year * 12 + 11)


def _fiscal(year: int) -> Period | None:
    first = (year - 1) * 12 + FISCAL_STARTS - 1
    return _known(year, f"FY{year}", first, first + 11)


def _known(year: int, ident: str, first: int, last: int) -> Period | None:
    return Period(ident, _month(first), _month(last)) if year in YEARS else None


def _common(year: str) -> int:
    return int(year) - (BUDDHIST_ERA if int(year) > BUDDHIST_FROM else 0)


def _said(words: Words, year: str) -> str:
    return str(int(year) + (BUDDHIST_ERA if words.language == "th" else 0))


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _month(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


_SHORT_TH = (
    *("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย."),
    *("ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค."),
)
