"""Tips that are to be destroyed: how many are due, near, and held back. Counts only."""

from collections.abc import Iterator
from datetime import date, timedelta

from bot.config_sections import Config
from bot.doctor.database import Inside
from bot.doctor.findings import Finding

SOON = timedelta(days=30)
DUE_MAY_WAIT = timedelta(days=2)
"""A running bot destroys within the hour; one that stood still for a weekend catches up."""


def retention(config: Config, inside: Inside, today: date) -> Iterator[Finding]:
    """Say what the database has of tips with a last day."""
    if not config.retention.closed_days:
        says = "tips that ended are never destroyed ([retention] closed_days is 0)."
        fix = "Say after how many days, unless a law makes you keep all of them for ever."
        yield Finding.warning("retention", says, fix)
    fates = inside.fates
    if fates is None:
        return
    late = (today - DUE_MAY_WAIT).isoformat()
    due = sum(count for day, count in fates.by_day.items() if day <= today.isoformat())
    soon = sum(
        count
        for day, count in fates.by_day.items()
        if today.isoformat() < day <= (today + SOON).isoformat()
    )
    told = f"{due} due to be destroyed, {soon} within {SOON.days} days, {fates.held} on hold."
    if any(day <= late for day in fates.by_day):
        fix = (
            "Start the bot: it destroys what is due. If it runs, look for upkeep_failed in its log."
        )
        yield Finding.warning("retention", f"tips: {told} Some should be gone for days.", fix)
    else:
        yield Finding.ok("retention", f"tips: {told}")
