"""Whole age files: header, nonce, payload; at once or as a stream of bounded memory.

Owns the order of things; the parts are `format` (header) and `stream` (payload). Laws: a file key
and a nonce are fresh for every file; nothing of the payload is opened before the header's MAC has
matched; whoever reads a stream holds no whole until `finish` has returned.
"""

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator

from .errors import Truncated, WrongKey
from .format import (
    FILE_KEY_BYTES,
    MAX_HEADER,
    Identity,
    Recipient,
    find_end,
    parse_header,
    write_header,
)
from .stream import NONCE, Bytes, OpenStream, SealStream


def encrypt(plaintext: Bytes, *recipients: Recipient) -> bytes:
    """Seal *plaintext* so that any one of *recipients* can open it.

    Raises ValueError for no recipients, too many, or kinds that must not share a file.
    """
    sealing = Encryptor(*recipients)
    return b"".join((*sealing.pieces(plaintext), sealing.finish()))


def decrypt(ciphertext: Bytes, *identities: Identity) -> bytes:
    """Open *ciphertext* with the first of *identities* that fits: all of it, or an AgeError."""
    opening = Decryptor(*identities)
    return b"".join((*opening.pieces(ciphertext), opening.finish()))


class _OneWay(ABC):
    """A stream that is fed, finished once, and never touched again after an error."""

    __slots__ = ("_is_spent",)

    def __init__(self) -> None:
        self._is_spent = False

    def update(self, data: Bytes) -> bytes:
        """Take *data* of any size and return what it completes, maybe nothing."""
        return b"".join(self.pieces(data))

    def pieces(self, data: Bytes) -> Iterator[bytes]:
        """Like `update`, chunk by chunk and without joining; must be run to its end."""
        self._spend()
        yield from self._take(data)
        self._is_spent = False  # only here: an error or an abandoned loop leaves it spent

    def finish(self) -> bytes:
        """Say that no more data comes and return the last bytes."""
        self._spend()
        return self._end()

    def _spend(self) -> None:
        if self._is_spent:
            raise ValueError("this stream has ended")
        self._is_spent = True

    @abstractmethod
    def _take(self, data: Bytes) -> Iterator[bytes]: ...

    @abstractmethod
    def _end(self) -> bytes: ...


class Encryptor(_OneWay):
    """Seals a stream; holds at most one chunk (64 KiB) and the header.

    The first `update` returns the header as well. A file is whole only with what `finish` returns.
    """

    __slots__ = ("_payload", "_unsent")

    def __init__(self, *recipients: Recipient) -> None:
        super().__init__()
        file_key, nonce = secrets.token_bytes(FILE_KEY_BYTES), secrets.token_bytes(NONCE)
        self._unsent = write_header(file_key, recipients) + nonce
        self._payload = SealStream(file_key, nonce)

    def _take(self, data: Bytes) -> Iterator[bytes]:
        if self._unsent:
            yield self._unsent
            self._unsent = b""
        yield from self._payload.update(data)

    def _end(self) -> bytes:
        return self._unsent + self._payload.finish()


class Decryptor(_OneWay):
    """Opens a stream; holds at most one chunk and a header of MAX_HEADER bytes.

    `update` returns authentic chunks only, but they are the whole file only once `finish` has
    returned: until then treat them as a beginning. Raises Malformed, WrongKey, Tampered,
    TrailingData, and from `finish` Truncated.
    """

    __slots__ = ("_head", "_identities", "_payload")

    def __init__(self, *identities: Identity) -> None:
        super().__init__()
        if not identities:
            raise ValueError("opening needs at least one identity")
        self._identities = identities
        self._head = bytearray()
        self._payload: OpenStream | None = None

    def _take(self, data: Bytes) -> Iterator[bytes]:
        rest = memoryview(data).cast("B")
        if self._payload is None:
            room = MAX_HEADER + NONCE - len(self._head)
            self._head += rest[:room]
            self._payload, early = self._open_header()
            if self._payload is None:
                return
            yield from self._payload.update(early)
            rest = rest[room:]
        yield from self._payload.update(rest)

    def _open_header(self) -> tuple[OpenStream | None, bytes]:
        """Once header and nonce are there: the payload, and what came along of it."""
        end = find_end(self._head)
        if end is None or len(self._head) < end + NONCE:
            return None, b""
        head = bytes(self._head)
        self._head.clear()
        return OpenStream(self._file_key(head[:end]), head[end : end + NONCE]), head[end + NONCE :]

    def _file_key(self, raw_header: bytes) -> bytes:
        header = parse_header(raw_header)
        for identity in self._identities:
            file_key = identity.unwrap(header.stanzas)
            if file_key is not None:
                header.verify(file_key)
                return file_key
        raise WrongKey("none of these keys opens this file")

    def _end(self) -> bytes:
        if self._payload is None:
            raise Truncated("the file ends before its payload")
        return self._payload.finish()
