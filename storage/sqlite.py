"""The SQLite twin of the `Database` port, on aiosqlite.

Owns: one writing connection and two reading ones, each with a thread; the group commit; the
pragmas; the SQLite dialect of the migrations. Repositories must not import it.

Laws:
- A group is BEGIN IMMEDIATE … COMMIT with `synchronous=FULL`; each work has a savepoint of its own.
- Nothing is written outside the database, its -wal and its -shm: temporary tables, sorters and
  savepoint journals stay in memory (`temp_store`), or SQLite would spill them to the temp folder.
- Deleted bytes leave the files. `secure_delete` zeroes freed cells and pages, but when SQLite
  (seen in 3.40) rebuilds a b-tree page it leaves old copies of cells in the
  gap between pointers and cells. A row's bytes beyond the largest local payload live in overflow
  pages, which are never rebuilt and are zeroed when freed. So a filler column of that size stands
  before the columns marked forgettable, and their bytes never enter a b-tree page. It costs next to
  nothing: sealed parts and grants are larger and fill overflow pages anyway.
"""

import asyncio
import os
import sqlite3
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self, TypeVar

import aiosqlite

from storage import migrating
from storage.lanes import Failed, Lane
from storage.migrating import FORGETTABLE, Migration
from storage.port import Conflict, Misuse, Row, Transaction, Unavailable, Value

T = TypeVar("T")

PAGE_BYTES = 4096
# The largest local payload of an index b-tree (and so of a WITHOUT ROWID table): SQLite file
# format, section 1.6, "Cell Payload Overflow Pages".
LOCAL_BYTES = (PAGE_BYTES - 12) * 64 // 255 - 23
READERS = 2
WORKS_PER_GROUP = 256
GROUP_PATIENCE = 4  # rounds of the loop: a turn that begins behind others ends so many after them
TRUNCATE_WAIT_S = 0.25  # commits stand behind it
READS_PER_HOP = 256
OLDEST_SQLITE = (3, 37, 0)  # STRICT tables

PRAGMAS = (
    f"page_size={PAGE_BYTES}",
    "auto_vacuum=NONE",
    "journal_mode=WAL",
    "synchronous=FULL",
    "fullfsync=ON",
    "checkpoint_fullfsync=ON",
    "secure_delete=ON",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "mmap_size=0",
    "cell_size_check=ON",
    "trusted_schema=OFF",
    # A conversation's pages are written anew by each of its turns and copied once for so many
    # frames, by a commit that then takes longer.
    "wal_autocheckpoint=4000",
    "journal_size_limit=16777216",
    "cache_size=-8192",
)


class SqliteDatabase:
    """A database in one file; open it with `open`, and close it, or its threads outlive you."""

    def __init__(self, path: Path, busy_wait_s: float) -> None:
        self._path = path
        self._busy_wait_s = busy_wait_s
        self._connections: list[_Connection] = []
        self._lanes: list[Lane[Any]] = []
        self._closing: asyncio.Task[None] | None = None
        self.commits = 0  # how many groups were committed, for figures and tests

    @classmethod
    async def open(
        cls,
        path: Path | str,
        *,
        migrations: Sequence[Migration] | None = None,
        busy_wait_s: float = 5.0,
    ) -> Self:
        """The database at *path*, made if missing (mode 0600), brought up to date.

        Raises NewerDatabase (nothing was touched) or Unavailable.
        """
        database = cls(Path(path), busy_wait_s)
        try:
            await database._start(migrating.shipped() if migrations is None else migrations)
        except BaseException:
            await database.close()
            raise
        return database

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """See the port."""
        lane = min(self._readers, key=lambda reader: reader.load)
        found: T = await lane.ask(work)
        return found

    async def commit(self, work: Callable[[Transaction], T]) -> T:
        """See the port."""
        made: T = await self._writer.ask(work)
        return made

    async def truncate_log(self) -> None:
        """See the port."""
        await self._writer.ask(_TRUNCATE)

    async def close(self) -> None:
        """See the port. May be called twice; a cancelled call still closes."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close(), name="closing the database")
        await asyncio.shield(self._closing)

    async def _start(self, migrations: Sequence[Migration]) -> None:
        writer = await self._connect()
        await writer.run(lambda connection: _migrate(connection, migrations))
        readers = [await self._connect(is_reader=True) for _ in range(READERS)]
        self._writer = self._lane(
            "the database's writer", writer, self._group, WORKS_PER_GROUP, GROUP_PATIENCE
        )
        self._readers = [
            self._lane("a database reader", reader, _read_all, READS_PER_HOP) for reader in readers
        ]

    async def _connect(self, *, is_reader: bool = False) -> "_Connection":
        connection = _Connection(self._path, self._busy_wait_s, is_reader=is_reader)
        with _errors_translated():
            await connection
        self._connections.append(connection)
        return connection

    def _lane(
        self,
        name: str,
        connection: "_Connection",
        batch_work: Callable[[sqlite3.Connection, Sequence[Any]], Sequence[Any]],
        at_most: int,
        patience: int = 1,
    ) -> Lane[Any]:
        async def run(batch: Sequence[Any]) -> Sequence[Any]:
            return await connection.run(lambda raw: batch_work(raw, batch))

        lane = Lane(name, run, at_most=at_most, patience=patience)
        self._lanes.append(lane)
        return lane

    async def _close(self) -> None:
        try:
            for lane in self._lanes:
                await lane.close()
        finally:
            # Readers first: the last connection to close folds the log into the database.
            for connection in reversed(self._connections):
                await connection.close()

    def _group(self, connection: sqlite3.Connection, jobs: Sequence[Any]) -> Sequence[Any]:
        """One group, in the writer's thread. A truncation divides it, and keeps its turn."""
        outcomes: list[Any] = []
        works: list[Any] = []
        for job in (*jobs, None):
            if job is not None and job is not _TRUNCATE:
                works.append(job)
                continue
            if works:
                outcomes += self._commit_all(connection, works)
                works = []
            if job is _TRUNCATE:
                outcomes.append(_truncate(connection, self._busy_wait_s))
        return outcomes

    def _commit_all(self, connection: sqlite3.Connection, works: Sequence[Any]) -> list[Any]:
        try:
            with _errors_translated():
                connection.execute("BEGIN IMMEDIATE")
                outcomes = [_in_savepoint(connection, work) for work in works]
                connection.execute("COMMIT")
        except Unavailable as error:
            return [Failed(error)] * len(works)
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
        self.commits += 1
        return outcomes


class _Connection(aiosqlite.Connection):
    """An aiosqlite connection that also runs a whole function in its thread.

    One call per group instead of one per statement. Nor does a work, its parameters or its error
    ever pass through aiosqlite, which writes all three to its DEBUG log.
    """

    def __init__(self, path: Path, busy_wait_s: float, *, is_reader: bool) -> None:
        def connector() -> sqlite3.Connection:
            return _opened(path, busy_wait_s, is_reader=is_reader)

        super().__init__(connector, iter_chunk_size=64)
        # A program that fails before it closes the database must still end. Dying in the middle of
        # a commit is all or nothing anyway.
        self._thread.daemon = True

    async def run(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """What *job* answers, run in this connection's thread."""

        def in_thread() -> T:  # a plain name in the log, and no arguments
            return job(self._conn)

        made: T = await self._execute(in_thread)  # type: ignore[no-untyped-call]  # theirs is untyped
        return made


class _Transaction:
    """A work's view of *connection*; refuses to go on once SQLite has dropped the transaction."""

    __slots__ = ("_connection",)

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def execute(self, sql: str, params: Sequence[Value] = ()) -> int:
        return self._ask(sql, params).rowcount

    def rows(self, sql: str, params: Sequence[Value] = ()) -> list[Row]:
        asked = self._ask(sql, params)
        try:
            return asked.fetchall()
        except sqlite3.Error as error:
            raise _translated(error) from error

    def row(self, sql: str, params: Sequence[Value] = ()) -> Row | None:
        found = self.rows(sql, params)
        return found[0] if found else None

    def _ask(self, sql: str, params: Sequence[Value]) -> sqlite3.Cursor:
        if not self._connection.in_transaction:
            # A full disk makes SQLite roll back by itself; a work that went on after catching the
            # error would write each statement as a commit of its own.
            raise Unavailable("the database dropped the transaction")
        try:
            return self._connection.execute(sql, params)
        except sqlite3.Error as error:
            raise _translated(error) from error
        except (UnicodeError, OverflowError):
            # `from None`: the original error carries the value.
            raise Misuse("a text or number that no column can hold") from None


class _ReadOnly(_Transaction):
    __slots__ = ()

    def execute(self, sql: str, params: Sequence[Value] = ()) -> int:
        raise Misuse("a read may not change rows")


def _truncate_marker(_: Transaction) -> None:
    raise AssertionError("never run: the writer recognises it")


_TRUNCATE = _truncate_marker


def _in_savepoint(connection: sqlite3.Connection, work: Callable[[Transaction], Any]) -> Any:
    connection.execute("SAVEPOINT work")
    outcome = _outcome(work, _Transaction(connection))
    if not connection.in_transaction:
        raise Unavailable("the database dropped the transaction")
    if isinstance(outcome, Failed):
        connection.execute("ROLLBACK TO work")
    connection.execute("RELEASE work")
    return outcome


def _read_all(connection: sqlite3.Connection, works: Sequence[Any]) -> Sequence[Any]:
    """Several reads in one snapshot, taken after each of them was asked for."""
    transaction = _ReadOnly(connection)
    try:
        with _errors_translated():
            connection.execute("BEGIN")
        return [_outcome(work, transaction) for work in works]
    except Unavailable as error:
        return [Failed(error)] * len(works)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _outcome(work: Callable[[Transaction], Any], transaction: Transaction) -> Any:
    try:
        made = work(transaction)
    except Exception as error:
        return Failed(error)
    if isinstance(made, types.CoroutineType):
        made.close()
        return Failed(Misuse("a work must be a plain function: this one was never run"))
    return made


def _truncate(connection: sqlite3.Connection, busy_wait_s: float) -> Any:
    """Wait for readers no longer than a commit behind this may: a backup reads for a long time."""
    try:
        with _errors_translated():
            _wait_at_most(connection, min(busy_wait_s, TRUNCATE_WAIT_S))
            ((is_busy, *_),) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except Unavailable as error:
        return Failed(error)
    finally:
        _wait_at_most(connection, busy_wait_s)
    return Failed(Unavailable("a reader holds the log")) if is_busy else None


def _wait_at_most(connection: sqlite3.Connection, wait_s: float) -> None:
    connection.execute(f"PRAGMA busy_timeout={round(wait_s * 1000)}")


def _opened(path: Path, busy_wait_s: float, *, is_reader: bool) -> sqlite3.Connection:
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        oldest = ".".join(map(str, OLDEST_SQLITE))
        raise Unavailable(
            f"SQLite {sqlite3.sqlite_version} is too old: {oldest} or newer is needed"
        )
    if not is_reader:
        _make_private(path)
    # isolation_level=None: the sqlite3 module must not begin transactions behind our back.
    connection = sqlite3.connect(
        path, timeout=busy_wait_s, isolation_level=None, cached_statements=256
    )
    try:
        for pragma in PRAGMAS:
            answer = connection.execute(f"PRAGMA {pragma}").fetchall()
            if pragma.startswith("journal_mode") and answer != [("wal",)]:
                raise Unavailable("this folder's file system can't hold a write-ahead log")
        if is_reader:
            connection.execute("PRAGMA query_only=ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _make_private(path: Path) -> None:
    """Mode 0600 before the first byte; SQLite gives its -wal and -shm the database's mode.

    An existing file is never opened here: closing it would drop the POSIX locks that SQLite holds
    on it in this process, and another process could then take the log away.
    """
    if path.is_dir():
        raise Unavailable(f"{path} is a folder")
    try:
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        path.chmod(0o600)
        for suffix in ("-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{path}{suffix}").chmod(0o600)
    except OSError as error:
        raise Unavailable(f"{path} can't be opened: {error.strerror}") from error


def _migrate(connection: sqlite3.Connection, migrations: Sequence[Migration]) -> None:
    with _errors_translated():
        while migrating.still_to_do(_version(connection), migrations):
            connection.execute("BEGIN IMMEDIATE")
            try:
                # Asked again inside: another process may have been faster.
                for migration in migrating.still_to_do(_version(connection), migrations)[:1]:
                    _apply(connection, migration)
                connection.execute("COMMIT")
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")


def _version(connection: sqlite3.Connection) -> int:
    if not connection.execute(
        "SELECT 1 FROM sqlite_master WHERE name = 'schema_version'"
    ).fetchall():
        return 0
    ((version,),) = connection.execute("SELECT version FROM schema_version").fetchall()
    return int(version)


def _apply(connection: sqlite3.Connection, migration: Migration) -> None:
    for statement in migration.statements:
        connection.execute(in_dialect(statement))
    if migration.number == 1:
        connection.execute(
            in_dialect("CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY);")
        )
        connection.execute("INSERT INTO schema_version (version) VALUES (1)")
    connection.execute("UPDATE schema_version SET version = ?", (migration.number,))


def in_dialect(statement: str) -> str:
    """A portable statement as SQLite should have it: strict types, no rowid, fillers."""
    lines = statement.splitlines()
    body = "\n".join(line for line in lines if line and not line.startswith("--"))
    if not body.startswith("CREATE TABLE"):
        return body
    filler = f"filler BLOB NOT NULL DEFAULT (zeroblob({LOCAL_BYTES})),"
    return body.replace(FORGETTABLE, filler).removesuffix(";") + " STRICT, WITHOUT ROWID;"


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise _translated(error) from error


_TAKEN = {sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY}
_OURS = {
    sqlite3.SQLITE_ERROR,
    sqlite3.SQLITE_CONSTRAINT,
    sqlite3.SQLITE_MISMATCH,
    sqlite3.SQLITE_MISUSE,
    sqlite3.SQLITE_RANGE,
    sqlite3.SQLITE_TOOBIG,
}


def _translated(error: sqlite3.Error) -> Conflict | Misuse | Unavailable:
    code: int | None = getattr(error, "sqlite_errorcode", None)
    if code in _TAKEN:
        return Conflict(f"taken already ({error})")
    if code is None or code & 0xFF in _OURS:
        return Misuse(str(error))
    return Unavailable(f"the database can't be used: {error.sqlite_errorname} ({error})")
