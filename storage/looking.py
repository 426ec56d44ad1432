"""Looking into a SQLite database that another process may be serving: read-only, leaving no trace.

For commands of the operator. Nothing is migrated and nothing is made; a table that an older
database does not have is Misuse, as everywhere.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from storage.port import Misuse, Row, Transaction, Unavailable, Value

BUSY_WAIT_S = 5.0


def opened(path: Path) -> sqlite3.Connection:
    """The database at *path*, read-only. Raises sqlite3.Error or OSError."""
    # Nobody writes while there is no log; `immutable` then keeps SQLite from making one to read.
    log = Path(f"{path}-wal")
    mode = "mode=ro" if log.exists() and log.stat().st_size else "mode=ro&immutable=1"
    return sqlite3.connect(f"file:{quote(str(path))}?{mode}", timeout=BUSY_WAIT_S, uri=True)


@contextmanager
def looking(path: Path) -> Iterator[Transaction]:
    """One snapshot of the database at *path*. Raises Unavailable: it cannot be read."""
    try:
        with closing(opened(path)) as database:
            database.execute("BEGIN")
            yield _Look(database)
    except (sqlite3.Error, OSError) as error:
        raise Unavailable(f"{path} cannot be read ({type(error).__name__}).") from None


class _Look:
    """A `Transaction` that changes nothing."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def execute(self, sql: str, params: Sequence[Value] = ()) -> int:
        raise Misuse("a look changes nothing")

    def rows(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        try:
            return self._database.execute(sql, params).fetchall()
        except sqlite3.OperationalError:
            raise Misuse("the database is older than this program") from None

    def row(self, sql: str, params: Sequence[Value] = ()) -> Row | None:
        found = self.rows(sql, params)
        return found[0] if found else None
