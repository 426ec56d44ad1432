"""Files, sealed as they stream: the bytes, then zeros up to the Padmé length, in one age file.

What the file truly is (size and SHA-256) lies in its part, sealed; so another tip's blob put in its
place betrays itself. Memory stays at a few chunks whatever the length. Knows no folder and no
socket.
"""

import hashlib
from collections.abc import Iterator

from sealing import age
from sealing.errors import Misplaced
from sealing.padding import padme
from sealing.sealed_json import as_our_errors

SMALLEST_BYTES = 1024
_ZEROS = bytes(age.CHUNK)


def padded_size(size: int) -> int:
    """How long a file of *size* bytes is inside its seal."""
    return padme(max(size, SMALLEST_BYTES))


class BlobSealer:
    """Seals one file. Keep its `size` and `sha256` (hex), whole once the last byte went in."""

    __slots__ = ("_encryptor", "_hash", "size")

    def __init__(self, recipient: age.Recipient) -> None:
        self._encryptor = age.Encryptor(recipient)
        self._hash = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def update(self, data: bytes) -> bytes:
        """Sealed bytes to store, maybe none, for the next *data* of the file."""
        self.size += len(data)
        self._hash.update(data)
        return self._encryptor.update(data)

    def finish(self) -> Iterator[bytes]:
        """The rest to store, piece by piece. Not stored to its end, the blob does not open."""
        missing = padded_size(self.size) - self.size
        while missing:
            zeros = _ZEROS[: min(missing, len(_ZEROS))]
            missing -= len(zeros)
            yield self._encryptor.update(zeros)
        yield self._encryptor.finish()


class BlobOpener:
    """Opens one blob that must be the file of *size* bytes and *sha256* that its part speaks of.

    What `update` returns is authentic, but it is the right file only once `finish` has returned:
    until then nobody may see it as the evidence. Raises WrongKey, Tampered, Malformed, and
    Misplaced for another file's blob.
    """

    __slots__ = ("_decryptor", "_hash", "_left", "_pad_left", "_sha256")

    def __init__(self, identity: age.Identity, *, size: int, sha256: str) -> None:
        self._decryptor = age.Decryptor(identity)
        self._hash = hashlib.sha256()
        self._sha256 = sha256
        self._left = size
        self._pad_left = padded_size(size) - size

    def update(self, data: bytes) -> bytes:
        """Bytes of the file, maybe none, for the next *data* of the blob."""
        with as_our_errors():
            return self._take(self._decryptor.update(data))

    def finish(self) -> bytes:
        """The last bytes of the file. Raises when the blob is not whole, or not this file."""
        with as_our_errors():
            rest = self._take(self._decryptor.finish())
        if self._left or self._pad_left or self._hash.hexdigest() != self._sha256:
            raise Misplaced("this blob holds another file than its part speaks of")
        return rest

    def _take(self, plain: bytes) -> bytes:
        file, padding = plain[: self._left], plain[self._left :]
        if len(padding) > self._pad_left or padding.count(0) != len(padding):
            raise Misplaced("this blob holds another file than its part speaks of")
        self._hash.update(file)
        self._left -= len(file)
        self._pad_left -= len(padding)
        return file
