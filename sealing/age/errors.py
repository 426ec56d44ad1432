"""Why a file did not open, sorted by what the person holding it can do about it.

    AgeError  (below SealingError; the three below it are also this package's of the same name)
    ├── Malformed          not an age file, or one that no honest writer makes
    ├── WrongKey           a sound header, but none of the identities given belongs to it
    └── Tampered           opened with the right key and found altered
        ├── Truncated      the end is missing
        └── TrailingData   bytes follow the end

No message carries a byte of the file, a key or a passphrase. A caller's own mistake (no
recipients, recipients that do not mix, use after `finish`) is a ValueError, never one of these.
"""

from sealing import errors


class AgeError(errors.SealingError):
    """A file could not be opened; nothing that was not authentic has been handed out."""


class Malformed(AgeError, errors.Malformed):
    """The bytes are not an age v1 file, or break a rule of the format."""


class WrongKey(AgeError, errors.WrongKey):
    """The header is well formed and holds nothing for the identities given."""


class Tampered(AgeError, errors.Tampered):
    """The header's MAC or a chunk's tag does not match: somebody changed the file."""


class Truncated(Tampered):
    """The file does not end in an authentic final chunk.

    A cut inside the last, short chunk and a change inside it look the same to any reader
    (its one tag fails either way), so this class stands for both.
    """


class TrailingData(Tampered):
    """An authentic final chunk is followed by more bytes."""
