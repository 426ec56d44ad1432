"""The book in the registrar's folder: signed by them, sealed to them, replaced whole.

Nothing readable is ever on the disk. The signature is inside the seal, so that somebody who can
write to the folder (sealing needs no secret) cannot put a book of their own there. One program
holds the book at a time.
"""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

from console.errors import Distrusted, Mistaken
from console.folder import locked, replace_whole
from console.members.book import Book
from console.members.book_json import book_from_json, book_to_json
from sealing import (
    Malformed,
    OfficerKeys,
    SealingError,
    VerifyKey,
    age,
    book_statement,
    padme,
)
from sealing.canonical import Fields

BOOK = "members.age"
SCHEMA = 1
SIGNATURE_BYTES = 64
AT_MOST_BYTES = 64 * 1024 * 1024


class BookFile:
    """The registrar's own book. Use inside `with holding(…)`."""

    def __init__(self, path: Path, keys: OfficerKeys, day: str) -> None:
        self._path = path
        self._keys = keys
        self._day = day
        self.book = self._read()

    def __repr__(self) -> str:
        return "BookFile(…)"

    def keep(self, book: Book) -> None:
        """Make *book* the book, also after a crash."""
        if book != self.book:
            sealed = seal_book(book, self._keys, self._keys.id, self._keys.age.recipient, self._day)
            replace_whole(self._path, sealed)
            self.book = book

    def _read(self) -> Book:
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return Book()
        except OSError:
            raise Mistaken("folder.unreadable", path=self._path, why="-") from None
        book, by = open_book(raw, self._keys)
        if by.id != self._keys.id:
            raise Distrusted("members.book_damaged")
        by.verify(self._keys.sign.verify_key)
        return book


class Writer:
    """Who wrote a book, as it claims; `verify` with the key that the roster has for that id."""

    __slots__ = ("_book", "_day", "_signature", "_to", "id")

    def __init__(self, id: str, to: str, day: str, book: bytes, signature: bytes) -> None:
        self.id = id
        self._to = to
        self._day = day
        self._book = book
        self._signature = signature

    def verify(self, key: VerifyKey) -> None:
        """Raises Distrusted unless *key* signed this book."""
        said = book_statement(by=self.id, to=self._to, day=self._day, book=self._book)
        try:
            key.verify(said, self._signature)
        except SealingError:
            raise Distrusted("members.book_damaged") from None


@contextlib.contextmanager
def holding(folder: Path, keys: OfficerKeys, day: str) -> Iterator[BookFile]:
    """The book of *folder*, and no other program at it. Raises Mistaken while one is."""
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(locked(folder / BOOK, waits=False))
        except BlockingIOError:
            raise Mistaken("members.book_in_use") from None
        yield BookFile(folder / BOOK, keys, day)


def seal_book(
    book: Book, keys: OfficerKeys, to: str, recipient: age.PQRecipient, day: str
) -> bytes:
    """*book*, signed by *keys*' owner, sealed for the registrar *to*."""
    inside = book_to_json(book)
    said = book_statement(by=keys.id, to=to, day=day, book=inside)
    whole = json.dumps(
        {
            "schema": SCHEMA,
            "by": keys.id,
            "to": to,
            "day": day,
            "book": inside.decode(),
            "signature": keys.sign.sign(said).hex(),
        },
        ensure_ascii=False,
    ).encode()
    return age.encrypt(whole.ljust(padme(len(whole)), b" "), recipient)


def open_book(data: bytes, keys: OfficerKeys) -> tuple[Book, Writer]:
    """The book in *data*, meant for *keys*' owner, and who claims to have written it: verify that
    before believing a word. Raises Distrusted."""
    if len(data) > AT_MOST_BYTES:
        raise Distrusted("members.book_damaged")
    try:
        fields = Fields(_table(age.decrypt(data, keys.age)))
        fields.schema(SCHEMA)
        inside = fields.text("book").encode()
        by, to, day = fields.id("by"), fields.id("to"), fields.day("day")
        signature = fields.raw("signature", SIGNATURE_BYTES)
        fields.done()
        book = book_from_json(inside)
    except age.WrongKey:
        raise Distrusted("members.book_not_yours") from None
    except (age.AgeError, SealingError, ValueError):
        raise Distrusted("members.book_damaged") from None
    if to != keys.id:
        raise Distrusted("members.book_not_yours")
    return book, Writer(by, to, day, inside, signature)


def _table(data: bytes) -> dict[str, object]:
    table = json.loads(data)
    if not isinstance(table, dict):
        raise Malformed("not a book")
    return table
