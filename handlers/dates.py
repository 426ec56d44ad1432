"""When it happened, from what a person typed; and a day said back in words.

Owns spans ("3-5 ส.ค.", "ตั้งแต่ปี 67"), times inside longer sentences, and saying a time in Thai and
English. What one moment means is moments.py, its words date_words.py. Laws: total and bounded
whatever the input; two times or a doubtful one are asked; nobody's words are kept in the result.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from handlers.date_words import MONTHS_EN, MONTHS_TH, Token, read_tokens
from handlers.moments import (
    BUDDHIST_ERA,
    Asked,
    Precision,
    Reason,
    When,
    line_of,
    read_moment,
    until_today,
)

__all__ = ["Precision", "Reason", "Unclear", "When", "parse_when", "say_date", "say_when"]

_READ_AT_MOST = 600
_TOKENS_AT_MOST = 24


@dataclass(frozen=True, slots=True)
class Unclear:
    """Not a time that can be kept: ask again, saying why."""

    reason: Reason


def parse_when(text: str, today: date) -> When | Unclear:
    """Read *text* as a day, month, year or span that is not after *today*.

    "เมื่อวาน", "3 วันก่อน", "3 ส.ค. 69", "๓/๘/๒๕๖๙", "สิงหาคม 2569", "ปี 68", "ม.ค. ถึง มี.ค. 69",
    "ตั้งแต่ปี 2567", "Aug 3, 2026", "2026-08-03". A longer text is understood if it holds one such
    time. A day without a year is its latest one. Reads the first 600 characters; never raises.
    """
    tokens = read_tokens(text[:_READ_AT_MOST])
    try:
        return _read_whole(tokens, today) or _read_inside(tokens, today)
    except Asked as asked:
        return Unclear(asked.reason)


# Spans -------------------------------------------------------------------------------------------


def _read_whole(tokens: Sequence[Token], today: date) -> When | None:
    line = line_of(tokens)
    if len(line) > _TOKENS_AT_MOST:
        return None
    if when := read_moment(tokens, today):
        return when
    opening = line[: len(line) - len(line.lstrip("KS"))]
    rest = tokens[len(opening) :]
    is_to_now = line.endswith(("TZ", "-Z"))
    if is_to_now or "S" in opening:
        begun = read_moment(rest[:-2] if is_to_now else rest, today)
        if begun is not None:
            return until_today(begun, today)
    joints = "T-&" if opening else "T-"
    for place, token in enumerate(rest):
        if token.code in joints and (span := _read_span(rest[:place], rest[place + 1 :], today)):
            return span
    return None


def _read_span(first: Sequence[Token], last: Sequence[Token], today: date) -> When | None:
    """Both ends, each borrowing from the other what it leaves out: "3-5 ส.ค. 69", "ปี 67-68"."""
    marks = tuple(token for token in first[:1] if token.code in "yE#")
    end = read_moment(last, today) or read_moment((*marks, *last), today)
    if end is None:
        return None
    bare = tuple(token for token in first if token.code not in "#W")
    tail = tuple(token for token in last if token.code not in "#W")[len(bare) :]
    start = (read_moment((*bare, *tail), today) if tail else None) or read_moment(first, today)
    if start is None:
        return None
    if start.start > end.start or start.end > end.end:
        raise Asked(Reason.BACKWARDS)
    coarse = max(start.precision, end.precision, key=list(Precision).index)
    return When(start.start, end.end, coarse)


def _read_inside(tokens: Sequence[Token], today: date) -> When:
    """The one time inside a longer text. Two, or "ก่อน", "หลัง", "หลาย" near by: better ask."""
    line = line_of(tokens)
    found = list(_INSIDE.finditer(line))
    outside = _INSIDE.sub("", line)
    if not found and "F" in line:
        raise Asked(Reason.FUTURE)
    is_doubtful = re.search(r"[<>!KFGZ]", outside) or _JOINED.search(outside)
    if len(found) != 1 or is_doubtful:
        raise Asked(Reason.VAGUE)
    when = read_moment(tokens[found[0].start() : found[0].end()], today)
    if when is None:
        raise Asked(Reason.VAGUE)
    return until_today(when, today) if "S" in outside else when


_JOINED = re.compile("[T&]#?[NMVWBdwmy]|[NMVWBdwmy][T&]")
"""Something of time joined to the time that was found; "with his driver, till the last house" is
joined to nothing of it."""
_INSIDE = re.compile(
    r"(?:#?N[/-]?m?[MV][/-]?[yE]*N|VNN|N[/-]N[/-]N|NmNyE?N|[MV][yE]*N|[yE]+N|G[yE]*N)E?|B|N[dwmy][A<]|[wmy]A|L[wmy]"
)


# Saying ------------------------------------------------------------------------------------------


def say_date(day: date, language: str) -> str:
    """ "3 สิงหาคม 2569" for "th", "3 August 2026" for every other language."""
    return f"{day.day} {_say_month(day, language)}"


def say_when(when: When, language: str) -> str:
    """*when* in words, as precise as it is: "สิงหาคม 2569", "3 ถึง 5 สิงหาคม 2569", "ปี 2568"."""
    to = " ถึง " if language == "th" else " to "
    if when.precision is Precision.YEAR:
        start, end = _say_year(when.start, language), _say_year(when.end, language)
        span = start if start == end else f"{start}{to}{end}"
        return f"ปี {span}" if language == "th" else span
    if when.precision is Precision.MONTH:
        start, end = _say_month(when.start, language), _say_month(when.end, language)
        return start if start == end else f"{start}{to}{end}"
    if when.start == when.end:
        return say_date(when.start, language)
    if (when.start.year, when.start.month) == (when.end.year, when.end.month):
        return f"{when.start.day}{to}{say_date(when.end, language)}"
    return f"{say_date(when.start, language)}{to}{say_date(when.end, language)}"


def _say_month(day: date, language: str) -> str:
    months = MONTHS_TH if language == "th" else MONTHS_EN
    return f"{months[day.month - 1]} {_say_year(day, language)}"


def _say_year(day: date, language: str) -> str:
    return str(day.year + BUDDHIST_ERA if language == "th" else day.year)
