"""The payload: ChaCha20-Poly1305 over 64 KiB chunks (C2SP age, "Payload", a STREAM variant).

    chunk nonce = 11-byte big-endian counter ‖ 0x01 for the final chunk, else 0x00

The counter stops chunks from being moved, repeated or dropped; the last byte stops the end from
being cut off. Owns cutting, counting and the final flag; refuses to know headers and recipients.
Laws: at most one chunk is held at a time, because only the next byte (or the end) tells whether it
was the last; a chunk is handed out only when its tag has matched.
"""

from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from .errors import Malformed, Tampered, TrailingData, Truncated
from .format import derive

Bytes = bytes | bytearray | memoryview

CHUNK = 64 * 1024
TAG = 16
NONCE = 16


class SealStream:
    """Seals one payload. Single use: after `finish` the object is spent."""

    __slots__ = ("_aead", "_chunks", "_count")

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._aead = ChaCha20Poly1305(payload_key(file_key, nonce))
        self._chunks = _Chunks(CHUNK)
        self._count = 0

    def update(self, data: Bytes) -> Iterator[bytes]:
        """Yield the sealed chunks that *data* completes."""
        for chunk in self._chunks.cut(data):
            yield self._aead.encrypt(_nonce(self._count, is_final=False), chunk, None)
            self._count += 1

    def finish(self) -> bytes:
        """Return the final sealed chunk: what is held, empty only for an empty payload."""
        return self._aead.encrypt(_nonce(self._count, is_final=True), self._chunks.held, None)


class OpenStream:
    """Opens one payload. Single use: after `finish`, or an error, the object is spent."""

    __slots__ = ("_aead", "_chunks", "_count")

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._aead = ChaCha20Poly1305(payload_key(file_key, nonce))
        self._chunks = _Chunks(CHUNK + TAG)
        self._count = 0

    def update(self, data: Bytes) -> Iterator[bytes]:
        """Yield the chunks that *data* completes. Raises Tampered or TrailingData."""
        for sealed in self._chunks.cut(data):
            chunk = self._open(sealed, is_final=False)
            if chunk is None:
                if self._open(sealed, is_final=True) is not None:
                    raise TrailingData("bytes follow the end of the file")
                raise Tampered("the file was altered")
            yield chunk
            self._count += 1

    def finish(self) -> bytes:
        """Return the final chunk. Raises Truncated, Tampered or Malformed: then there is no whole.

        The held bytes are the last of the file, so they must be its final chunk.
        """
        sealed = self._chunks.held
        chunk = self._open(sealed, is_final=True) if len(sealed) >= TAG else None
        if chunk is None:
            if len(sealed) < CHUNK + TAG:
                raise Truncated("the file is cut off, or its end was altered")
            if self._open(sealed, is_final=False) is not None:
                raise Truncated("the file is cut off")
            raise Tampered("the file was altered")
        if not chunk and self._count:
            raise Malformed("the final chunk is empty")
        return chunk

    def _open(self, sealed: Bytes, *, is_final: bool) -> bytes | None:
        try:
            return self._aead.decrypt(_nonce(self._count, is_final=is_final), sealed, None)
        except InvalidTag:
            return None


def payload_key(file_key: bytes, nonce: bytes) -> bytes:
    """The key of one payload; *nonce* (16 random bytes) goes before it in the file."""
    return derive(file_key, salt=nonce, info=b"payload")


def _nonce(count: int, *, is_final: bool) -> bytes:
    return count.to_bytes(11, "big") + (b"\x01" if is_final else b"\x00")


class _Chunks:
    """Cuts a stream of bytes into equal chunks; the newest is held until a byte follows it."""

    __slots__ = ("_size", "held")

    def __init__(self, size: int) -> None:
        self._size = size
        self.held = bytearray()

    def cut(self, data: Bytes) -> Iterator[Bytes]:
        """Yield every chunk now known not to be the last; each is valid until the next step.

        Only the edges of *data* are copied; chunks wholly inside it are views.
        """
        view = memoryview(data).cast("B")
        if self.held:
            missing = self._size - len(self.held)
            self.held += view[:missing]
            if len(view) <= missing:
                return
            yield self.held
            self.held = bytearray()
            view = view[missing:]
        whole = max(0, len(view) - 1) // self._size * self._size
        for at in range(0, whole, self._size):
            yield view[at : at + self._size]
        self.held += view[whole:]
