"""The database, looked at read-only and without leaving a trace beside it."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.doctor.findings import Finding
from storage import looking, migrating


@dataclass(frozen=True, slots=True)
class Fates:
    """How many tips are on hold, and how many are to be destroyed on which day."""

    held: int
    by_day: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Inside:
    """What was found: settings of the deployment, the newest day, and what to say about it. A
    database of before tips had a last day has no *fates*."""

    findings: tuple[Finding, ...]
    settings: Mapping[str, str] = field(default_factory=dict)
    newest_day: str | None = None
    fates: Fates | None = None


def look_inside(path: Path) -> Inside:
    """Look at the database at *path*; a missing one is fine, the first start makes it."""
    if not path.exists():
        return Inside((Finding.ok("database", "is not there yet; the first start makes it."),))
    try:
        with closing(looking.opened(path)) as database:
            return _read(database)
    except (sqlite3.Error, OSError) as error:
        why = type(error).__name__
        finding = Finding.problem(
            "database", f"{path} cannot be read ({why}).",
            "Let the user that runs the bot own it; if it is damaged, restore a backup.",
        )  # fmt: skip
        return Inside((finding,))


def _read(database: sqlite3.Connection) -> Inside:
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
    if "schema_version" not in tables:
        return Inside(tuple(_without_version(bool(tables))))
    (version,) = database.execute("SELECT version FROM schema_version").fetchone()
    known = len(migrating.shipped())
    if version > known:
        finding = Finding.problem(
            "database", f"was written by a newer Saisaat (schema {version}; known: {known}).",
            "Install that newer version.",
        )  # fmt: skip
        return Inside((finding,))
    says = f"can be opened, schema version {version} of {known}."
    if version < known:
        says += " The next start brings it up to date."
    settings = dict(database.execute("SELECT name, value FROM setting"))
    (newest,) = database.execute("SELECT max(filed_day) FROM tip").fetchone()
    return Inside((Finding.ok("database", says),), settings, newest, _fates(database))


def _fates(database: sqlite3.Connection) -> Fates | None:
    columns = {name for _, name, *_ in database.execute("PRAGMA table_info(tip)")}
    if "expire_day" not in columns:
        return None
    (held,) = database.execute("SELECT count(*) FROM tip WHERE is_held = 1").fetchone()
    by_day = database.execute(
        "SELECT expire_day, count(*) FROM tip WHERE expire_day IS NOT NULL GROUP BY expire_day"
    )
    return Fates(held, dict(by_day))


def _without_version(has_tables: bool) -> Iterator[Finding]:
    if has_tables:
        yield Finding.problem(
            "database", "is not a database of Saisaat.", "Name another file in [storage] url."
        )
    else:
        yield Finding.ok("database", "is empty; the first start fills it.")
