"""Backups: is there a recent one where they are kept? Whether it is whole, `backup check` says."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.backup.errors import BadBackup
from bot.backup.making import newest_in
from bot.backup.manifest import NAME
from bot.config_sections import Config
from bot.doctor.findings import Finding

_DAY_LINE_WITHIN_BYTES = 200
_DAY = re.compile(rb"\nday (\d{4}-\d{2}-\d{2})\n")


def backup(config: Config, today: date) -> Iterator[Finding]:
    """Look for the newest backup in [backup] folder."""
    folder, warn_days = config.backup.folder, config.backup.warn_days
    make = "Run: saisaat backup --config …; docs/backup.md has a timer."
    if folder is None:
        if warn_days:
            yield Finding.warning(
                "backup",
                "no folder for backups is configured, so nobody can tell whether there is one.",
                "Set [backup] folder (docs/backup.md), or warn_days = 0 if others make them.",
            )
        return
    try:
        newest = newest_in(folder)
        day = None if newest is None else _day(newest / NAME)
    except (BadBackup, OSError) as error:
        says = f"{folder} cannot be looked into ({type(error).__name__})."
        yield Finding.problem("backup", says, "Mount it; let the user that runs the bot own it.")
        return
    if day is None:
        yield Finding.warning("backup", f"there is no whole backup in {folder}.", make)
    elif warn_days and (today - day).days > warn_days:
        says = f"the newest backup is of {day.isoformat()}, {(today - day).days} days ago."
        yield Finding.warning("backup", says, make)
    else:
        yield Finding.ok("backup", f"the newest one is of {day.isoformat()}.")


def _day(manifest: Path) -> date | None:
    """The day that a manifest begins with, unproven."""
    with manifest.open("rb") as file:
        found = _DAY.search(file.read(_DAY_LINE_WITHIN_BYTES))
    try:
        return date.fromisoformat(found[1].decode()) if found else None
    except ValueError:
        return None
