"""An adversary with a copy of everything at rest, the server's key and every log: what all that
shows.

Owns the copy of a whole deployment and the views of it: rows, joins, pages, the log of the database
in its order, sizes, files and their times, printed lines, and what opens with the keys there are. A
view is a plain value in which only what is random by design is replaced by its size, and days by
how long after the first they are. Two deployments in which the same happened have equal views; so
whatever a view of one shows and that of another does not is something that somebody can learn.
"""

import hashlib
import hmac
import json
import re
import shutil
import sqlite3
import struct
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from bot.marks import Marks
from bot.server_key import Purpose, ServerKey
from tests.whole.canaries import SHORTEST, Canaries
from tests.whole.thief import Copy, Thief, keys_in

View = Any
MIDNIGHT = time(tzinfo=UTC)
WAL_HEADER, FRAME_HEADER = 32, 24
KNOWN_TO_ALL = {"member_code", "schema_version", "setting"}
"""Tables that the same deployment starts with: nothing in them is replaced."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_RANDOM = re.compile(r"[0-9a-f]{32,}|[A-Za-z0-9_-]{22,}")
_SCREEN = re.compile(r'"screen":"[0-9a-f]{8}"')
_MOMENT = re.compile(r"\d{9,}(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Stolen:
    """A deployment's folder as it was at one moment, and the day on which the story began. *people*
    is what the platforms know: sessions or accounts."""

    folder: Path
    first_day: date
    server_key: ServerKey = field(repr=False)
    people: Sequence[str] = ()

    @classmethod
    def from_live(
        cls, deployment: Path, to: Path, first_day: date, key: ServerKey, people: Sequence[str] = ()
    ) -> "Stolen":
        """Copy a deployment that may be running; times of files come with it."""
        shutil.copytree(deployment, to)
        return cls(to, first_day, key, people)

    @property
    def database(self) -> Path:
        return self.folder / "data" / "saisaat.db"

    @property
    def log_of_database(self) -> bytes:
        path = Path(f"{self.database}-wal")
        return path.read_bytes() if path.exists() else b""

    @property
    def forget_store(self) -> bytes:
        return (self.folder / "forget" / "keys").read_bytes()

    def to_plant_in(self) -> "Stolen":
        """The same, to be changed by a test that plants something."""
        to = self.folder.parent / f"{self.folder.name} planted"
        shutil.rmtree(to, ignore_errors=True)
        return replace(self, folder=Path(shutil.copytree(self.folder, to)))

    def count(self, *tables: str) -> int:
        """How many rows these tables have together."""
        with self._opened() as database:
            return sum(len(_rows(database, table)) for table in tables)

    def views(self) -> dict[str, View]:
        """Everything that this adversary knows how to look at, by name."""
        return {name: look(self) for name, look in VIEWS.items()}

    def mentions(self, *facts: bytes) -> list[str]:
        """In which disguises any of *facts* (a code, an alias, a locator) stands anywhere: as it
        is, or as a digest, plain or keyed with any key of the server. (A locator's own row, and the
        database's raw pages, are for `code_pages`.)"""
        needles = {f"digest {digest} {nth}": made for nth, digest, made in _digests(facts)}
        for purpose, key in self._keys().items():
            keyed = ((nth, hmac.digest(key, each, "sha256")) for nth, each in enumerate(facts))
            needles |= {f"{purpose} {nth}": made for nth, made in keyed}
        needles |= {f"plain {nth}": each for nth, each in enumerate(facts) if len(each) >= SHORTEST}
        canaries = Canaries.of(needles)
        return [f"{hit.canary} {hit.spelling}" for hit in canaries.in_bytes(self._everything(), "")]

    def _keys(self) -> dict[str, bytes]:
        keys = {purpose.value: self.server_key.derive(purpose) for purpose in Purpose}
        return keys | {"pepper": self.server_key.pepper, "salt": self.server_key.salt}

    def _everything(self) -> bytes:
        """Every row but those of the codes themselves, every file but the database's."""
        with self._opened() as database:
            tables = [each for each in _tables(database) if each != "member_code"]
            rows = [repr(row).encode() for each in tables for row in _rows(database, each)]
            raw = [_raw(value) for each in tables for row in _rows(database, each) for value in row]
        files = [
            path.read_bytes()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file()
            and not path.name.startswith("saisaat.db")
            and path.parent != self.folder
        ]
        return b"\0".join((*rows, *raw, *files))

    def _opened(self) -> "closing[sqlite3.Connection]":
        """The database with its log, in a copy: looking changes files."""
        scratch = self.folder.parent / f"{self.folder.name} opened"
        scratch.mkdir(exist_ok=True)
        for suffix in ("", "-wal"):
            source = Path(f"{self.database}{suffix}")
            target = scratch / f"saisaat.db{suffix}"
            target.unlink(missing_ok=True)
            if source.exists():
                shutil.copyfile(source, target)
        return closing(sqlite3.connect(scratch / "saisaat.db"))

    def since(self, text: str) -> str:
        """*text* with its days as how long after the first they are."""
        return _DAY.sub(lambda m: f"day{(date.fromisoformat(m[0]) - self.first_day).days:+}", text)


# --- the views ---------------------------------------------------------------------------------


def rows(stolen: Stolen) -> View:
    """Every row of every table, as numbers, names, days and the sizes of what is random."""
    with stolen._opened() as database:
        return {
            table: Counter(
                tuple(_plain(stolen, table, each) for each in row) for row in _rows(database, table)
            )
            for table in _tables(database)
        }


def joins(stolen: Stolen) -> View:
    """In which columns, and how often, each value stands that could join two rows: nobody needs to
    know the value to see that it is the same one."""
    places: defaultdict[str | bytes, Counter[str]] = defaultdict(Counter)
    with stolen._opened() as database:
        for table in _tables(database):
            names = _columns(database, table)
            for row in _rows(database, table):
                for name, value in zip(names, row, strict=True):
                    if isinstance(value, bytes | str) and _is_random(value):
                        places[value][f"{table}.{name}"] += 1
    return Counter(frozenset(each.items()) for each in places.values())


def code_pages(stolen: Stolen) -> View:
    """The very bytes of the pages that hold the members' codes, index and all, and their places."""
    with stolen._opened() as database:
        pages = _pages(database)
        size = database.execute("PRAGMA page_size").fetchone()[0]
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        path = Path(database.execute("PRAGMA database_list").fetchone()[2])
        body = path.read_bytes()
    return {
        page: hashlib.sha256(body[(page - 1) * size : page * size]).hexdigest()
        for page, tree in pages.items()
        if tree.startswith("member_code")
    }


def order_of_writing(stolen: Stolen) -> View:
    """Each commit in the database's log, and whether it wrote to the members' codes. (Which other
    pages it wrote follows from random keys, and pages change hands.)"""
    with stolen._opened() as database:
        pages = _pages(database)
    return [
        any(pages.get(page, "").startswith("member_code") for page in commit)
        for commit in _commits(stolen.log_of_database)
    ]


def files(stolen: Stolen) -> View:
    """Every file: where, how large, and what its time says. (A database's size and time follow
    from its random keys and its last commit, whatever that was.)"""
    found = Counter[tuple[str, int | str, str]]()
    for path in sorted(stolen.folder.rglob("*")):
        if not path.is_file() or path.parent.name == "logs" or path.name == "clock":
            continue
        facts = path.stat()
        is_moving = path.name.startswith("saisaat.db") or path.name in ("keys", "commits")
        name = re.sub(r"[0-9a-f]{32}", "id", str(path.relative_to(stolen.folder)))
        size = (
            "moving"
            if path.name.startswith("saisaat.db") or path.name == "commits"
            else facts.st_size
        )
        found[name, size, "moving" if is_moving else _time(stolen, path)] += 1
    return found


def printed(stolen: Stolen) -> View:
    """Our own lines in their order, and each kind of line of a library once: how often that comes
    follows from how works met in one batch."""
    lines = [stolen.since(line) for line in _lines(stolen)]
    of_libraries = {line for line in lines if json.loads(line)["event"] == "library_record"}
    return [line for line in lines if line not in of_libraries], of_libraries


def opened(stolen: Stolen) -> View:
    """What opens with every key that is left, by where it lies and what it says without ids."""
    copy = Copy.of(stolen.database, stolen.folder / "data" / "blobs")
    thief = Thief(stolen.server_key, stolen.forget_store, stolen.people)
    scratch = stolen.folder.parent / f"{stolen.folder.name} looted"
    shutil.rmtree(scratch, ignore_errors=True)
    loot = thief.loot(copy, scratch)
    return Counter((each.what.split()[0], _without_ids(stolen, each.plain)) for each in loot)


def keys_left(stolen: Stolen) -> View:
    """How many keys of the forget store are left, and how large it is."""
    return len(keys_in(stolen.forget_store)), len(stolen.forget_store)


def people_known(stolen: Stolen) -> View:
    """Which people the server's key recognises in the database, by table; they are known by the
    order in which they came."""
    marks = Marks(stolen.server_key)
    with stolen._opened() as database:
        known = {
            table: {value for row in _rows(database, table) for value in row}
            for table in _tables(database)
        }
    return Counter(
        (nth, table)
        for nth, person in enumerate(stolen.people)
        for table, values in known.items()
        for channel in ("web", "line", "telegram")
        if marks.conversation(channel, person) in values
    )


VIEWS: Mapping[str, Callable[[Stolen], View]] = {
    look.__name__: look
    for look in (
        rows, joins, code_pages, order_of_writing, files, printed, opened, keys_left, people_known,
    )
}  # fmt: skip


# --- looking -----------------------------------------------------------------------------------


def _tables(database: sqlite3.Connection) -> list[str]:
    found = database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    return [name for (name,) in found]


def _columns(database: sqlite3.Connection, table: str) -> list[str]:
    return [name for _, name, *_ in database.execute(f"PRAGMA table_info({table})")]


def _rows(database: sqlite3.Connection, table: str) -> list[tuple[Any, ...]]:
    return database.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  # the database's own name


def _plain(stolen: Stolen, table: str, value: Any) -> Any:
    if table in KNOWN_TO_ALL:
        return value
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, str):
        return _RANDOM.sub(lambda m: f"{len(m[0])} letters", stolen.since(value))
    return value


def _is_random(value: str | bytes) -> bool:
    if isinstance(value, bytes):
        return len(value) >= 16 and any(value)
    return _RANDOM.fullmatch(value) is not None


def _digests(facts: Sequence[bytes]) -> Iterator[tuple[int, str, bytes]]:
    for nth, each in enumerate(facts):
        for digest in ("md5", "sha1", "sha256", "sha512"):
            yield nth, digest, hashlib.new(digest, each, usedforsecurity=False).digest()


def _raw(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def _pages(database: sqlite3.Connection) -> dict[int, str]:
    """Which table or index each page belongs to."""
    return dict(database.execute("SELECT pageno, name FROM dbstat"))


def _commits(log: bytes) -> Iterator[list[int]]:
    """The pages that each commit wrote (SQLite file format, section 4.1). Frames that another salt
    was given to are left from before the log began anew."""
    if len(log) < WAL_HEADER:
        return
    size, salt = struct.unpack(">I", log[8:12])[0], log[16:24]
    commit: list[int] = []
    for at in range(WAL_HEADER, len(log) - size, FRAME_HEADER + size):
        page, pages_after, frame_salt = struct.unpack(">II8s", log[at : at + 16])
        if frame_salt != salt:
            return
        commit.append(page)
        if pages_after:
            yield commit
            commit = []


def _time(stolen: Stolen, path: Path) -> str:
    """Days after the first for a midnight, else the very moment."""
    facts = path.stat()
    at = datetime.fromtimestamp(facts.st_mtime, UTC)
    if at.timetz() == MIDNIGHT:
        return f"midnight {(at.date() - stolen.first_day).days:+}"
    return f"{facts.st_mtime_ns}"


def _lines(stolen: Stolen) -> list[str]:
    logs = sorted((stolen.folder / "logs").iterdir())
    return [line for path in logs for line in path.read_text(encoding="utf-8").splitlines()]


def _without_ids(stolen: Stolen, plain: bytes) -> str:
    try:
        text = plain.decode()
    except UnicodeDecodeError:
        return f"{len(plain)} bytes"
    text = _SCREEN.sub('"screen":"…"', stolen.since(text))
    text = _RANDOM.sub(lambda m: f"{len(m[0])} letters", text)
    return _MOMENT.sub("a moment", text)  # of a link that is not over yet: its end
