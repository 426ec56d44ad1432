"""What every database must offer, and the tree of errors that storage raises.

Owns: the two ports (`Database`, `Transaction`) and the errors. Knows no SQL dialect and no file.

Laws:
- A *work* is a plain function of a `Transaction`. It runs in the database's own thread, so it must
  be short, must do no I/O of its own, and must not keep the transaction it was given.
- A work happened wholly and durably, or not at all. `commit` returns only after the first.
- Portable SQL: `?` placeholders, no rowid, no AUTOINCREMENT, no REPLACE; row values and
  `ON CONFLICT (column) DO NOTHING` are understood by SQLite and PostgreSQL alike.

    StorageError
    ├── Unavailable        disk, lock or file: nothing was stored; the same call may succeed later
    │   └── InUse          another process holds the file
    ├── NewerDatabase      written by a newer program: never touched
    ├── Conflict           somebody else was first: read again, decide again
    ├── Missing            no such blob
    └── Misuse             ours: a statement that the schema or the port refuses

No error text carries a value that was stored or looked up: only names of tables, columns and files.
"""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

Value = None | int | str | bytes
# The schema is strict about types (SQLite STRICT tables, PostgreSQL always), so a column's type is
# known where the SELECT is written and is not checked a second time.
Row = tuple[Any, ...]


class StorageError(Exception):
    """The root of everything that storage raises on purpose."""


class Unavailable(StorageError):
    """The disk or the database could not serve; nothing of this call was stored."""


class InUse(Unavailable):
    """Another process has this file open, and only one may."""


class NewerDatabase(StorageError):
    """The database was written by a newer program than this one."""


class Conflict(StorageError):
    """The row moved since it was read, or exists already; nothing of this call was stored."""


class Missing(StorageError):
    """There is no such blob."""


class Misuse(StorageError):
    """Our own mistake: a statement that the schema or the port refuses."""


class Transaction(Protocol):
    """One work's view of the database: synchronous, in the database's own thread."""

    def execute(self, sql: str, params: Sequence[Value] = ()) -> int:
        """Change rows; how many changed. Raises Conflict when a unique key is taken."""
        ...

    def rows(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        """Every row of the answer."""
        ...

    def row(self, sql: str, params: Sequence[Value] = ()) -> Row | None:
        """The first row of the answer, or None."""
        ...


class Database(Protocol):
    """A database that many coroutines share; see the laws above."""

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """What *work* finds in one snapshot, which holds every commit that returned before."""
        ...

    async def commit(self, work: Callable[[Transaction], T]) -> T:
        """Run *work* and make it durable together with the works of whoever else is waiting.

        What *work* raises reaches its caller alone, and only its own changes are undone. Raises
        Unavailable when the group could not be committed: then nothing of this work is stored.
        A caller cancelled while waiting can't know: its work happened wholly or not at all.
        """
        ...

    async def truncate_log(self) -> None:
        """Leave no trace of deleted rows in the database's files.

        Raises Unavailable while a reader of another process holds the log; call again later.
        """
        ...

    async def close(self) -> None:
        """Finish the works already waiting, then let go of every file and thread."""
        ...
