"""One moment from its tokens: a day, a month, a year, or so long ago.

Owns what a line of time words means, the calendar, and the choice between พ.ศ. and ค.ศ. Refuses to
read a clock: today (Asia/Bangkok) is an argument. Laws: never a day in the future; what can be read
in two ways is asked (`Asked`), not guessed; the result says how precise it is and never more.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from handlers.date_words import Token

BUDDHIST_ERA = 543
"""พ.ศ. is ค.ศ. plus this (since 1941, which is as far back as any tip will go)."""

_YEARS_BACK = 100
_SHORT_YEARS_BACK = 30


class Precision(StrEnum):
    """How exactly both ends of a `When` are known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


class Reason(StrEnum):
    """Why a text was not understood as a time; each deserves its own sentence."""

    FUTURE = "future"
    YEAR = "year"
    NO_SUCH_DAY = "no_such_day"
    BACKWARDS = "backwards"
    VAGUE = "vague"


@dataclass(frozen=True, slots=True)
class When:
    """From *start* to *end*, both included, neither after the day it was told."""

    start: date
    end: date
    precision: Precision

    def to_json(self) -> dict[str, str]:
        """ISO days and the precision, by name."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "precision": self.precision.value,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, object]) -> "When":
        """The inverse of `to_json`; KeyError or ValueError for anything else."""
        return cls(
            date.fromisoformat(str(told["start"])),
            date.fromisoformat(str(told["end"])),
            Precision(str(told["precision"])),
        )


class Asked(Exception):
    """Not an error: the way out of reading, to a question."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def line_of(tokens: Sequence[Token]) -> str:
    """The codes of *tokens*, one letter each, as the grammar reads them."""
    return "".join(token.code for token in tokens)


def read_moment(tokens: Sequence[Token], today: date) -> When | None:
    """One day, month, year or "… ago"; None when the tokens are not of that form."""
    line = line_of(tokens)
    if line[:1] == "W" and line[1:] not in ("", "A", "<"):
        return read_moment(tokens[1:], today)  # "วันจันทร์ที่ 3 ส.ค.": the date says more
    if line.endswith("NE"):
        line = line[:-1]  # "2569 BE": the era may follow
    for pattern, read in _MOMENTS:
        if pattern.fullmatch(line) and (when := read(_Said(tokens), today)):
            return when
    return None


class _Said:
    """The tokens of one moment, by role."""

    __slots__ = ("codes", "era", "names", "numbers")

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.codes = line_of(tokens)
        self.numbers = tuple(token for token in tokens if token.code == "N")
        self.names = tuple(token for token in tokens if token.code in "MVWB")
        self.era = next((token.value for token in tokens if token.code == "E"), None)


def _day_month_year(said: _Said, today: date) -> When | None:
    day, year = said.numbers
    return _on(_year(year, said.era, today), said.names[0].value, _small(day), today)


def _day_month_of_year(said: _Said, today: date) -> When | None:
    year = today.year if "I" in said.codes else today.year - 1
    month = said.names[0].value
    if said.numbers:
        return _on(year, month, _small(said.numbers[0]), today)
    return _month(year, month, today)


def _month_day(said: _Said, today: date) -> When | None:
    number = said.numbers[0]
    if number.digits == 4 or number.value > 31:
        return _month(_year(number, said.era, today), said.names[0].value, today)
    return _latest(said.names[0].value, _small(number), today)


def _day_month(said: _Said, today: date) -> When | None:
    return _latest(said.names[0].value, _small(said.numbers[0]), today)


def _month_year(said: _Said, today: date) -> When | None:
    return _month(_year(said.numbers[0], said.era, today), said.names[0].value, today)


def _month_alone(said: _Said, today: date) -> When | None:
    month = said.names[0].value if said.names else _small(said.numbers[0])
    return _month(today.year - (month > today.month), month, today)


def _numbered_day(said: _Said, today: date) -> When | None:
    """d/m/y as in Thailand, y-m-d when it begins with a year, m/d/y only when nothing else is."""
    first, second, third = said.numbers
    if first.digits == 4 or first.value > 31 >= third.value:
        return _on(_year(first, said.era, today), _small(second), _small(third), today)
    year = _year(third, said.era, today)
    if second.value > 12 >= first.value and year % 100 == third.value % 100:
        return _on(year, _small(first), _small(second), today)
    return _on(year, _small(second), _small(first), today)


def _two_numbers(said: _Said, today: date) -> When | None:
    first, second = said.numbers
    if first.digits == 4:
        is_month = second.digits == 2 and 1 <= second.value <= 12
        return _month(_year(first, said.era, today), second.value, today) if is_month else None
    if second.digits == 4 or (second.digits == 2 and second.value > 31):
        return _month(_year(second, said.era, today), _small(first), today)
    return None if "-" in said.codes else _latest(_small(second), _small(first), today)


def _year_alone(said: _Said, today: date) -> When | None:
    number = said.numbers[0]
    if number.digits == 8:
        return _eight_digits(number.value, today)
    if number.digits != 4 and not {"y", "E"} & set(said.codes):
        return None
    year = _year(number, said.era, today)
    return When(date(year, 1, 1), min(date(year, 12, 31), today), Precision.YEAR)


def _fiscal_year(said: _Said, today: date) -> When | None:
    """ปีงบประมาณ 2569 runs from October 2568 to September 2569."""
    begun = date(today.year + (today.month >= 10), 12, 31)
    year = _year(said.numbers[0], said.era, begun)
    end = min(date(year, 9, 30), today)
    return When(date(year - 1, 10, 1), end, Precision.MONTH)


def _eight_digits(number: int, today: date) -> When | None:
    """ddmmyyyy or yyyymmdd, if only one of them is a day that can be."""
    readings = (
        (number % 10_000, number // 10_000 % 100, number // 1_000_000),
        (number // 10_000, number // 100 % 100, number % 100),
    )
    found = []
    for year, month, day in readings:
        try:
            found.append(_on(_year(Token("N", year, 4), None, today), month, day, today))
        except Asked:
            continue
    return found[0] if len(found) == 1 else None


def _days_back(said: _Said, today: date) -> When | None:
    return _span(today - timedelta(days=said.names[0].value), today)


def _weekday(said: _Said, today: date) -> When | None:
    return _span(today - timedelta(days=(today.weekday() - said.names[0].value - 1) % 7 + 1), today)


def _day_of_month(said: _Said, today: date) -> When | None:
    index = today.year * 12 + today.month - 1 - ("I" not in said.codes)
    return _on(index // 12, index % 12 + 1, _small(said.numbers[0]), today)


def _ago(said: _Said, today: date) -> When | None:
    """ "3 วันก่อน", "2-3 ปีที่แล้ว"; a week or month ago is that whole week or month."""
    near, far = said.numbers[0].value, said.numbers[-1].value
    unit = next(code for code in said.codes if code in "dwmy")
    if far < near or (far == near and len(said.numbers) == 2):
        return None
    farthest = _back(far, unit, today)
    return When(farthest.start, _back(near, unit, today).end, farthest.precision)


def _last_few(said: _Said, today: date) -> When | None:
    unit = next(code for code in said.codes if code in "dwmy")
    return until_today(_back(said.numbers[0].value, unit, today), today)


def _last_or_this(said: _Said, today: date) -> When | None:
    unit = next(code for code in said.codes if code in "wmy")
    return _back(0 if "I" in said.codes else 1, unit, today)


_MOMENTS: tuple[tuple[re.Pattern[str], Callable[[_Said, date], When | None]], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"#?N[/-]?m?[MV][/-]?[yE]*N|V#?NN", _day_month_year),
        (r"#?N[/-]?m?[MV]y[IA<]|#?N[/-]?m?[MV][LI]y|m?[MV]y[IA<]|m?[MV][LI]y", _day_month_of_year),
        (r"V#?N", _month_day),
        (r"#?N[/-]?m?[MV]", _day_month),
        (r"m?[MV][/-]?[yE]*N", _month_year),
        (r"m?[MV]|mN", _month_alone),
        (r"#?N[/-]?N[/-]?[yE]*N|#?NmN[yE]*N", _numbered_day),
        (r"#?N[/-]N|#?NmN|mN[/-]?[yE]+N", _two_numbers),
        (r"[yE]*N", _year_alone),
        (r"G[yE]*N", _fiscal_year),
        (r"B", _days_back),
        (r"W[A<]?|LW", _weekday),
        (r"#N(?:m[A<I]|[LI]m)", _day_of_month),
        (r"N(?:[-T]?N)?[dwmy][A<]", _ago),
        (r"LN[dwmy]", _last_few),
        (r"[wmy][A<I]|[LI][wmy]", _last_or_this),
    )
)


def until_today(when: When, today: date) -> When:
    """From the start of *when* to *today*, as precise as *when* was."""
    return When(when.start, today, when.precision)


# Days --------------------------------------------------------------------------------------------


def _small(number: Token) -> int:
    """A number of a day or month: at most two digits."""
    if number.digits > 2:
        raise Asked(Reason.VAGUE)
    return number.value


def _year(number: Token, era: int | None, today: date) -> int:
    """The year in ค.ศ.; asks when it is to come, too long ago, or could be either era.

    Two digits are the one year of either era in the last thirty that ends so; the eras differ by
    543 years, so there are never two of them.
    """
    value = number.value
    if number.digits == 2:
        eras = (BUDDHIST_ERA, 0) if era is None else (era,)
        for year in range(today.year - _SHORT_YEARS_BACK, today.year + 11):
            if any((year + gap) % 100 == value for gap in eras):
                return _not_later(year, today)
        raise Asked(Reason.YEAR)
    if number.digits != 4:
        raise Asked(Reason.VAGUE)
    is_buddhist = value >= 2400 if era is None else era == BUDDHIST_ERA
    if is_buddhist != (value >= 2400) or 2200 <= value < 2400:
        raise Asked(Reason.YEAR)
    year = value - BUDDHIST_ERA if is_buddhist else value
    if year < today.year - _YEARS_BACK:
        raise Asked(Reason.YEAR)
    return _not_later(year, today)


def _not_later(year: int, today: date) -> int:
    if year > today.year:
        raise Asked(Reason.FUTURE)
    return year


def _on(year: int, month: int, day: int, today: date) -> When:
    if not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        raise Asked(Reason.NO_SUCH_DAY)
    return _span(date(year, month, day), today)


def _span(day: date, today: date) -> When:
    if day > today:
        raise Asked(Reason.FUTURE)
    return When(day, day, Precision.DAY)


def _latest(month: int, day: int, today: date) -> When:
    """The latest such day of a year left out; 29 February may be eight years back."""
    for year in range(today.year, today.year - 9, -1):
        if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]:
            found = date(year, month, day)
            if found <= today:
                return When(found, found, Precision.DAY)
    raise Asked(Reason.NO_SUCH_DAY)


def _month(year: int, month: int, today: date) -> When:
    if not 1 <= month <= 12:
        raise Asked(Reason.NO_SUCH_DAY)
    start = date(year, month, 1)
    if start > today:
        raise Asked(Reason.FUTURE)
    end = date(year, month, monthrange(year, month)[1])
    return When(start, min(end, today), Precision.MONTH)


def _back(count: int, unit: str, today: date) -> When:
    """The day, week (from Monday), month or year that lies *count* units back."""
    if count > _YEARS_BACK * {"d": 365, "w": 52, "m": 12, "y": 1}[unit]:
        raise Asked(Reason.YEAR)
    if unit == "d":
        return _span(today - timedelta(days=count), today)
    if unit == "w":
        monday = today - timedelta(days=today.weekday() + 7 * count)
        return When(monday, min(monday + timedelta(days=6), today), Precision.DAY)
    if unit == "m":
        index = today.year * 12 + today.month - 1 - count
        return _month(index // 12, index % 12 + 1, today)
    year = today.year - count
    return When(date(year, 1, 1), min(date(year, 12, 31), today), Precision.YEAR)
