"""Numbered migrations: which exist, and how one file becomes statements.

Owns: the reading of `migrations/NNNN_name.sql`. Refuses to know how a database runs them: each twin
translates a statement into its own dialect and applies one migration in one transaction.

Two conventions let one text serve every twin: types are TEXT, INTEGER (64 bits) and BLOB, and the
comment line `-- forgettable` in a CREATE TABLE stands before the columns whose bytes must leave no
trace once deleted (storage/sqlite.py explains what it does there).
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from storage.port import NewerDatabase

FORGETTABLE = "-- forgettable"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema; *number* counts from 1 without a gap."""

    number: int
    name: str
    text: str

    @property
    def statements(self) -> tuple[str, ...]:
        """The statements in order, comments kept."""
        found: list[str] = []
        pending = ""
        for line in self.text.splitlines():
            pending += line + "\n"
            if sqlite3.complete_statement(pending):
                found.append(pending.strip())
                pending = ""
        if any(line.strip() and not line.startswith("--") for line in pending.splitlines()):
            raise ValueError(f"migration {self.name}: the last statement lacks its semicolon")
        return tuple(found)


def shipped() -> tuple[Migration, ...]:
    """The migrations that came with this program, in order."""
    folder = files("storage") / "migrations"
    texts = {item.name: item.read_text("utf-8") for item in folder.iterdir()}
    names = sorted(name for name in texts if name.endswith(".sql"))
    found = tuple(Migration(int(name[:4]), name[:-4], texts[name]) for name in names)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError("migrations must be numbered 0001, 0002, … without a gap")
    return found


def still_to_do(has: int, migrations: Sequence[Migration]) -> Sequence[Migration]:
    """The migrations that a database of version *has* still needs. Raises NewerDatabase."""
    if has > len(migrations):
        raise NewerDatabase(
            f"This database was written by a newer Saisaat: it has schema version {has}, and this"
            f" program knows versions up to {len(migrations)}. Nothing was changed."
            " Install the newer program, or restore a backup made by this one."
        )
    return migrations[has:]
