"""A thief with a copy of everything the server keeps, and what they can make of it.

Owns the copy (database with its log, sealed files, forget store) and the trying: every key that
there is against every sealed thing, under every context that can be built, the session ids of the
people themselves included. Refuses to know what ought to be hidden: tests judge the loot.

Law: before something is forgotten the same thief opens it; else "nothing opened" would say nothing.
"""

import base64
import itertools
import json
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.marks import Marks
from bot.server_key import Purpose, ServerKey
from sealing import SealingError, age
from sealing.age import PQIdentity
from sealing.drawer import open_record, record_context

HEADER_BYTES, SLOT_BYTES = 64, 64
FREE = bytes(SLOT_BYTES)
HEAD_BYTES, SLICE_BYTES, EVERY_BYTES = 64, 40, 160  # the head of an age file is always the same
COPIES_AT_MOST, COPY_AGAIN_S = 200, 0.02
SEALED_COLUMNS = {
    "conversation": ("state", "contact"),
    "outbox": ("intent", "secret"),
    "part": ("sealed",),
    "tip": ("receipt_grant",),
    "tip_grant": ("sealed",),
    "earlier_grant": ("sealed",),
    "notice": ("contact",),
    "subscription": ("contact",),
    "fetch": ("secret",),
    "recall": ("secret",),
    "recall_key": ("secret",),
}
Message = tuple[str, str, str]
"""A channel, a person there, and what the platform calls a message of theirs."""

_SEED = re.compile(rb"[0-9a-f]{64}")
_ORIGINAL = re.compile(rb'"sealed":"([A-Za-z0-9+/=]+)"')


@dataclass(frozen=True, slots=True)
class Copy:
    """What was on the disk at one moment."""

    database: bytes = field(repr=False)
    log: bytes = field(repr=False)
    blobs: dict[str, bytes] = field(repr=False)

    @classmethod
    def of(cls, database: Path, blobs: Path) -> "Copy":
        """Copy a live deployment, in a moment in which nothing was folded into the database: else
        its log would belong to another."""
        log = Path(f"{database}-wal")

        def both() -> tuple[bytes, bytes]:
            return database.read_bytes(), log.read_bytes() if log.exists() else b""

        found, again = both(), both()
        for _ in range(COPIES_AT_MOST):
            if found == again:
                return cls(*found, {path.name: path.read_bytes() for path in blobs.iterdir()})
            time.sleep(COPY_AGAIN_S)
            found, again = again, both()
        raise AssertionError("the database was never still")

    def sealed(self, scratch: Path) -> dict[str, bytes]:
        """Every sealed value in the tables, by a name that says where it was."""
        scratch.mkdir(parents=True)
        database = scratch / "stolen.db"
        database.write_bytes(self.database)
        if self.log:
            Path(f"{database}-wal").write_bytes(self.log)
        connection = sqlite3.connect(database)
        try:
            return {name: value for name, value in _values(connection) if value}
        finally:
            connection.close()

    def holds(self, piece: bytes) -> bool:
        """Whether *piece* is anywhere in these bytes."""
        return any(piece in data for data in (self.database, self.log, *self.blobs.values()))


@dataclass(frozen=True, slots=True)
class Loot:
    """What was opened: *what* lay where and its plain bytes."""

    what: str
    plain: bytes = field(repr=False)


@dataclass
class Thief:
    """Has the server's own key, a forget store, and what the platforms know: the names that
    *people* go by (accounts, sessions), and the ids of their *messages*."""

    server_key: ServerKey
    forget_store: bytes
    people: Sequence[str] = ()
    messages: Sequence[Message] = ()

    def loot(self, copy: Copy, scratch: Path, known: Iterable[bytes] = ()) -> list[Loot]:
        """Everything in *copy* that opens with all of it, and with the *known* seeds of others."""
        sealed = copy.sealed(scratch)
        found = list(self._records(sealed))
        seeds = {bytes.fromhex(text.decode()) for one in found for text in _SEED.findall(one.plain)}
        seeds |= {*self._keys(), *self._server_keys(), *known}
        seeds |= {each.plain for each in self._held(found)}
        ages = {f"blob {name}": data for name, data in copy.blobs.items()} | sealed
        opened = list(_opened(ages, seeds))
        # A part may give a seed away, or hold an original: once more, with what is known now.
        told = (text for one in opened for text in _SEED.findall(one.plain))
        seeds |= {bytes.fromhex(text.decode()) for text in told}
        return found + list(_opened(ages | _originals(opened), seeds))

    def _held(self, found: Sequence[Loot]) -> Iterator[Loot]:
        """Seeds of originals, each under a key of its own inside a conversation's state."""
        for each in found:
            state = json.loads(each.plain) if each.plain.startswith(b'{"version"') else {}
            for part_id, held in state.get("held", {}).items():
                for key, server_key, person in itertools.product(
                    self._keys(), self._server_keys(), self.people
                ):
                    context = record_context("original", part_id, person.encode())
                    record = bytes.fromhex(held["record"])
                    with suppress(SealingError):
                        yield Loot(part_id, open_record(key, server_key, context, record))

    def _records(self, sealed: dict[str, bytes]) -> Iterator[Loot]:
        """Records of the drawer: the only thing that a forget-store key can open."""
        messages = self._messages()
        for name, record in sealed.items():
            if not record.startswith(b"\x01"):
                continue
            for key, server_key, context in itertools.product(
                self._keys(), self._server_keys(), self._contexts(name, messages)
            ):
                try:
                    yield Loot(name, open_record(key, server_key, context, record))
                except SealingError:
                    continue

    def _contexts(self, name: str, messages: dict[str, Message]) -> list[bytes]:
        """What the record *name* can be bound to: its own row, and whoever it may belong to."""
        table, row = name.split()[:2]
        match table:
            case "conversation":
                row_id = bytes.fromhex(row)
                whose = ("", *self.people)
                return [
                    record_context("contact", row_id),
                    *(record_context("conversation", row_id, each.encode()) for each in whose),
                ]
            case "recall":
                return [
                    record_context("recall", "\0".join(message))
                    for mark, message in messages.items()
                    if mark == row
                ]
        kinds = ("line", "fetch", "recall key", "notice", "subscription")
        return [record_context(kind, row) for kind in kinds]

    def _messages(self) -> dict[str, Message]:
        """The messages that the platforms know, by the marks that the server's key gives them."""
        marks = Marks(self.server_key)
        return {marks.message(*message).hex(): message for message in self.messages}

    def _keys(self) -> list[bytes]:
        return keys_in(self.forget_store)

    def _server_keys(self) -> list[bytes]:
        return [self.server_key.derive(purpose) for purpose in Purpose]


def _originals(opened: Iterable[Loot]) -> dict[str, bytes]:
    """The sealed originals of words, which lie inside their parts."""
    found = {}
    for each in opened:
        match = _ORIGINAL.search(each.plain)
        if match is not None:
            found[f"original in {each.what}"] = base64.b64decode(match[1])
    return found


def keys_in(forget_store: bytes) -> list[bytes]:
    """Every key that the bytes of a forget store hold, torn or not."""
    body = forget_store[HEADER_BYTES:]
    slots = [body[at : at + SLOT_BYTES] for at in range(0, len(body), SLOT_BYTES)]
    return [slot[16:48] for slot in slots if slot != FREE]


def slices(sealed: Iterable[bytes]) -> list[bytes]:
    """Pieces of ciphertext to look for later: a page boundary can cut one, never all of them."""
    return [
        data[at : at + SLICE_BYTES]
        for data in sealed
        for at in range(HEAD_BYTES, len(data) - SLICE_BYTES, EVERY_BYTES)
    ]


def _values(connection: sqlite3.Connection) -> Iterator[tuple[str, bytes]]:
    for table, columns in SEALED_COLUMNS.items():
        key = _KEYS[table]
        for column in columns:
            rows = connection.execute(f"SELECT {key}, {column} FROM {table}")  # noqa: S608  # ours
            for row_id, value in rows.fetchall():
                name = row_id.hex() if isinstance(row_id, bytes) else row_id
                data = value.encode() if isinstance(value, str) else value
                yield f"{table} {name} {column}", data


_KEYS = {
    "conversation": "conversation",
    "outbox": "outbox_id",
    "part": "part_id",
    "tip": "tip_id",
    "tip_grant": "grant_id",
    "earlier_grant": "grant_id",
    "notice": "notice_id",
    "subscription": "subscription_id",
    "fetch": "fetch_id",
    "recall": "mark",
    "recall_key": "key_id",
}


def _opened(ages: dict[str, bytes], seeds: Iterable[bytes]) -> Iterator[Loot]:
    identities = [PQIdentity.from_seed(seed) for seed in seeds]
    for name, data in ages.items():
        if not data.startswith(b"age-encryption.org/v1") or not identities:
            continue
        try:
            yield Loot(name, age.decrypt(data, *identities))
        except age.AgeError:
            continue
