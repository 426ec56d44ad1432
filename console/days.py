"""Days and clocks: what day it is in Thailand, how a day is said, how many are left.

Thailand keeps UTC+7 without summer time, so no time-zone data is needed on the officer's machine.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone

BANGKOK = timezone(timedelta(hours=7))
MONTHS_TH = (
    "มกราคม",
    "กุมภาพันธ์",
    "มีนาคม",
    "เมษายน",
    "พฤษภาคม",
    "มิถุนายน",
    "กรกฎาคม",
    "สิงหาคม",
    "กันยายน",
    "ตุลาคม",
    "พฤศจิกายน",
    "ธันวาคม",
)
MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
BUDDHIST_ERA = 543
BUDDHIST_FROM = 2400
"""A year after this one is written in the Buddhist era."""

# Days from filing until the reporter must have heard, by the status a tip is in, where the desk
# does not say. An officer's config.toml may say otherwise; a closed or declined tip has no clock.
CLOCKS: Mapping[str, int] = {
    "received": 7,
    "screening": 15,
    "accepted": 90,
    "referred": 90,
    "in_progress": 90,
}

# So many days before its end a clock stands out, where the desk does not say.
WARN_DAYS = 3


def today(now: datetime | None = None) -> date:
    return (now or datetime.now(UTC)).astimezone(BANGKOK).date()


def say_day(day: str, language: str) -> str:
    """An ISO *day* as people say it: 3 สิงหาคม 2569, 3 August 2026. What is no day is given back
    as it is.
    """
    try:
        then = date.fromisoformat(day)
    except ValueError:
        return day
    if language == "th":
        return f"{then.day} {MONTHS_TH[then.month - 1]} {then.year + BUDDHIST_ERA}"
    return f"{then.day} {MONTHS_EN[then.month - 1]} {then.year}"


def say_month(month: str, language: str) -> str:
    """An ISO *month* (2026-11) as people say it; what is none is given back as it is."""
    try:
        then = date.fromisoformat(f"{month}-01")
    except ValueError:
        return month
    if language == "th":
        return f"{MONTHS_TH[then.month - 1]} {then.year + BUDDHIST_ERA}"
    return f"{MONTHS_EN[then.month - 1]} {then.year}"


def days_left(due_day: str | None, now: date) -> int | None:
    """Days until *due_day* is over (negative: overdue), or None when no clock runs."""
    return None if due_day is None else (date.fromisoformat(due_day) - now).days


def parse_day(typed: str) -> str | None:
    """A day as an officer types it, 2027-01-31 or 2570-01-31, as an ISO day; None for anything
    else.
    """
    try:
        year, month, day = (int(piece) for piece in typed.strip().split("-"))
        return date(year - BUDDHIST_ERA if year > BUDDHIST_FROM else year, month, day).isoformat()
    except ValueError:
        return None
