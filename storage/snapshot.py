"""A consistent copy of what lasts, taken while another process serves.

Owns which rows a copy may hold, and how a SQLite database and a folder of blobs hand over what they
have; twins for PostgreSQL and S3 belong beside these. Refuses to know where copies are kept. Laws:
- One read transaction of its own: the copy is the state after some commit, whole. The writer is
  never waited for and never waits; only its log grows until the copy is made.
- A list says which tables leave, and which rows of them. What a conversation, an undelivered
  answer, a contact or an alert left behind stays: their keys are in the forget store, which is in
  no copy, so away from it they would be noise that still tells how much there was. A table that
  the list does not name is refused, not copied.
- Every row is written anew into an empty file: no free page, no log, no residue comes along, and
  the fillers before forgettable columns (storage/sqlite.py) do.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from storage import copying, migrating
from storage.copying import Known
from storage.port import Misuse, NewerDatabase, Unavailable
from storage.sqlite import PAGE_BYTES

_FILED = "tip_id IN (SELECT tip_id FROM {tips})"
TRAVELS: Mapping[str, str] = {
    "schema_version": "",
    "setting": "",
    "tip": "",
    "part": _FILED,
    "original": f"key_id IS NULL AND {_FILED}",  # an undecided one needs a key of the forget store
    "tip_grant": "",
    "earlier_grant": "",
    "change": "",
    "opening": "",
    "handover": "",
    "rekey": "",
    "shredded": "",
    "shredded_change": "",
    "clock_length": "",
    "figure": "",
    "figure_record": "",
    "figure_period": "",
    "public_quarter": "",
    "member_code": "",
    "member_record": "",
    "knowledge_card": "",
    "campaign": "",
    "campaign_progress": "",
    "audit_entry": "",
    "audit_day": "",
    "audit_signature": "",
}
"""Table → which of its rows leave ("": all)."""

STAYS = frozenset(
    {
        *("seen", "conversation", "outbox", "open_tip", "fetch", "recall", "recall_key"),
        *("notice", "subscription", "alert_record", "alert_binding", "alert_line"),
    }
)
"""Tables of which no row leaves: whom to speak to, and what was being said."""

_BUSY_WAIT_S = 30.0
_BLOBS = (
    "SELECT blob_id FROM part WHERE blob_id IS NOT NULL"
    " UNION SELECT blob_id FROM original WHERE blob_id IS NOT NULL"
)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a copy holds: its schema version, and the ids of every blob that its rows name."""

    schema: int
    blobs: tuple[str, ...] = field(repr=False)


class SnapshotSource(Protocol):
    """A database that can be copied while others use it."""

    def snapshot(self, target: Path) -> Snapshot:
        """Write what lasts into the new file *target* (mode 0600, not synced); blocks.

        Raises NewerDatabase, or Unavailable: *target* is worth nothing then.
        """
        ...

    def still_named(self, blob_ids: Sequence[str]) -> tuple[str, ...]:
        """Which of *blob_ids* a row names now; blocks. One whose file is gone all the same was
        lost: a row goes before its file is destroyed. Raises Unavailable."""
        ...


class BlobSource(Protocol):
    """A blob store that can be copied while others use it."""

    def has(self, blob_id: str) -> bool:
        """Whether the blob is there; blocks."""
        ...

    def copy(self, blob_id: str, target: Path) -> Known:
        """Copy one into the new file *target*, synced but for its name; blocks.

        Raises Missing (it may have been destroyed meanwhile), Strange or Unavailable.
        """
        ...


class FolderSource:
    """The folder of a `FolderBlobs`, whether or not a bot has it open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def has(self, blob_id: str) -> bool:
        """See the protocol."""
        return (self._folder / blob_id).exists()

    def copy(self, blob_id: str, target: Path) -> Known:
        """See the protocol."""
        return copying.copy(self._folder / blob_id, target)


class SqliteSource:
    """The file of a `SqliteDatabase`, whether or not a bot has it open."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def snapshot(self, target: Path) -> Snapshot:
        """See the protocol."""
        if not self._path.is_file():
            raise Unavailable(f"{self._path}: there is no database here.")
        target.touch(mode=0o600, exist_ok=False)
        with _errors_told(self._path), closing(_opened(target, self._path)) as connection:
            connection.execute("BEGIN")
            schema = _schema(connection)
            wanted = _tables(connection)
            _copy(connection, wanted)
            connection.execute("COMMIT")
            blobs = tuple(sorted(row[0] for row in connection.execute(_BLOBS)))
        return Snapshot(schema, blobs)

    def still_named(self, blob_ids: Sequence[str]) -> tuple[str, ...]:
        """See the protocol."""
        if not blob_ids:
            return ()
        address = f"file:{quote(str(self._path))}?mode=ro"
        with (
            _errors_told(self._path),
            closing(sqlite3.connect(address, timeout=_BUSY_WAIT_S, uri=True)) as connection,
        ):
            named = {blob_id for (blob_id,) in connection.execute(_BLOBS)}
        return tuple(blob_id for blob_id in blob_ids if blob_id in named)


def settings_in(copy: Path) -> Mapping[str, str]:
    """What a copy of a database says of its deployment. Raises Unavailable."""
    address = f"file:{quote(str(copy))}?mode=ro&immutable=1"
    with _errors_told(copy), closing(sqlite3.connect(address, uri=True)) as connection:
        return dict(connection.execute("SELECT name, value FROM setting"))


def _opened(target: Path, source: Path) -> sqlite3.Connection:
    """A connection whose main database is the new file, with the source attached for reading."""
    connection = sqlite3.connect(
        f"file:{quote(str(target))}?mode=rwc",
        timeout=_BUSY_WAIT_S,
        isolation_level=None,
        uri=True,
    )
    try:
        for pragma in (
            f"page_size={PAGE_BYTES}",
            "journal_mode=OFF",  # a half-written copy is thrown away, never mended
            "synchronous=OFF",
            "foreign_keys=OFF",
            "temp_store=MEMORY",
            "mmap_size=0",
            "trusted_schema=OFF",
            "cache_size=-8192",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("ATTACH ? AS source", (f"file:{quote(str(source))}?mode=ro",))
        connection.execute("PRAGMA source.cache_size=-8192")
    except BaseException:
        connection.close()
        raise
    return connection


def _schema(connection: sqlite3.Connection) -> int:
    tables = connection.execute("SELECT name FROM source.sqlite_master").fetchall()
    if ("schema_version",) not in tables:
        raise Unavailable("this is not a database of Saisaat, or it was never used.")
    ((version,),) = connection.execute("SELECT version FROM source.schema_version").fetchall()
    known = len(migrating.shipped())
    if version > known:
        raise NewerDatabase(
            f"This database was written by a newer Saisaat: it has schema version {version}, and"
            f" this program knows versions up to {known}. Copy it with the newer program."
        )
    return int(version)


def _tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute(
        "SELECT name FROM source.sqlite_master WHERE type = 'table' ORDER BY name"
    ).fetchall()
    names = [name for (name,) in found]
    if unknown := set(names) - TRAVELS.keys() - STAYS:
        raise Misuse(f"no list says whether these tables may leave: {', '.join(sorted(unknown))}")
    return names


def _copy(connection: sqlite3.Connection, names: list[str]) -> None:
    """Make every table, move the rows that travel, then the indexes: sorted, not one by one."""
    made = dict(
        connection.execute("SELECT name, sql FROM source.sqlite_master WHERE type = 'table'")
    )
    for name in names:
        connection.execute(made[name])
    for name in names:
        if name in TRAVELS:
            which = TRAVELS[name].format(tips="source.tip")
            where = f" WHERE {which}" if which else ""
            connection.execute(f"INSERT INTO main.{name} SELECT * FROM source.{name}{where}")  # noqa: S608  # names of our own list
    indexes = connection.execute(
        "SELECT sql FROM source.sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        " ORDER BY name"
    ).fetchall()
    for (sql,) in indexes:
        connection.execute(sql)


@contextmanager
def _errors_told(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        code: int = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code == sqlite3.SQLITE_FULL:
            raise Unavailable("the disk is full: no copy of the database was made.") from error
        raise Unavailable(f"{path} can't be copied ({type(error).__name__}).") from error
