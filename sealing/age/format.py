"""The textual header of an age file: stanzas and the MAC that binds them (C2SP age, "Header").

    age-encryption.org/v1
    -> KIND ARGUMENT …            one stanza per recipient: the file key, wrapped
    BODY                          base64, 64 columns, the last line shorter (maybe empty)
    --- MAC                       HMAC-SHA-256 of all the above including "---"

Owns the bytes ↔ stanzas translation and the rules that span stanzas; refuses to know how a
stanza is unwrapped. Laws: the parser takes exactly what the grammar allows, base64 is canonical,
and a header is at most MAX_HEADER bytes, so a hostile one costs bounded memory and time.
"""

import binascii
import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .errors import Malformed, Tampered

FILE_KEY_BYTES = 16
WRAPPED_FILE_KEY_BYTES = FILE_KEY_BYTES + 16
MAX_HEADER = 64 * 1024
"""Ours, not the specification's: room for 42 post-quantum recipients, or some hundred others."""

_VERSION = b"age-encryption.org/v1\n"
_COLUMNS = 64
_ARROW = b"-> "
_WORD = re.compile(rb"[!-~]+")
_MAC_LINE = re.compile(rb"--- ([A-Za-z0-9+/]{43})")
# Kinds that share a file with no other kind. Scrypt also never with itself: who knows one
# passphrase could otherwise not be sure who wrote the file (specification, "scrypt").
_SCRYPT = "scrypt"
_POST_QUANTUM = "mlkem768x25519"


@dataclass(frozen=True, slots=True)
class Stanza:
    """One recipient's wrapped file key: what kind, its public arguments, and the body."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes


class Recipient(Protocol):
    """Whoever can be sealed to."""

    def wrap(self, file_key: bytes) -> Stanza:
        """Wrap the 16-byte *file_key* so that only this recipient's identity unwraps it."""
        ...


class Identity(Protocol):
    """Whoever can open."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """Return the file key, or None when no stanza is for this identity.

        Raises Malformed when a stanza of its kind breaks that kind's rules.
        """
        ...


@dataclass(frozen=True, slots=True)
class Header:
    """A parsed header. Nothing in it may be trusted before `verify`."""

    stanzas: tuple[Stanza, ...]
    _mac: bytes = field(repr=False)
    _covered: bytes = field(repr=False)

    def verify(self, file_key: bytes) -> None:
        """Raise Tampered unless *file_key* made this header, byte for byte."""
        if not hmac.compare_digest(self._mac, _mac(file_key, self._covered)):
            raise Tampered("the header was altered")


def write_header(file_key: bytes, recipients: Iterable[Recipient]) -> bytes:
    """Wrap *file_key* for every recipient and return the header.

    Raises ValueError for no recipients, kinds that must not share a file, or more than fit
    into MAX_HEADER.
    """
    stanzas = [recipient.wrap(file_key) for recipient in recipients]
    if not stanzas:
        raise ValueError("a file needs at least one recipient")
    if _has_company(stanzas):
        raise ValueError("a passphrase must be the only recipient")
    kinds = {stanza.kind for stanza in stanzas}
    if _POST_QUANTUM in kinds and len(kinds) > 1:
        raise ValueError("post-quantum recipients do not mix with others: the weakest would decide")
    covered = b"".join((_VERSION, *map(_write_stanza, stanzas), b"---"))
    header = b"%b %b\n" % (covered, to_base64(_mac(file_key, covered)))
    if len(header) > MAX_HEADER:
        raise ValueError("too many recipients for one file")
    return header


def find_end(start_of_file: bytes | bytearray) -> int | None:
    """Return the length of the header that *start_of_file* begins with, None when it goes on.

    Raises Malformed as soon as it is clear that no acceptable header will come.
    """
    if start_of_file[: len(_VERSION)] != _VERSION[: len(start_of_file)]:
        raise Malformed("not an age v1 file")
    # Only the MAC line starts with "---": base64 has no hyphen and a stanza starts with "-> ".
    mac_line = start_of_file.find(b"\n---", 0, MAX_HEADER)
    newline = start_of_file.find(b"\n", mac_line + 1, MAX_HEADER) if mac_line >= 0 else -1
    if newline >= 0:
        return newline + 1
    if len(start_of_file) >= MAX_HEADER:
        raise Malformed("the header is longer than this reader accepts")
    return None


def parse_header(raw: bytes) -> Header:
    """Parse a whole header as delimited by `find_end`; raises Malformed."""
    _version, *lines, mac_line, _after = raw.split(b"\n")
    mac = _MAC_LINE.fullmatch(mac_line)
    if not mac:
        raise Malformed("the header does not end in a MAC line")
    stanzas = _parse_stanzas(lines)
    if not stanzas:
        raise Malformed("the header has no stanza")
    if _has_company(stanzas):
        raise Malformed("a passphrase stanza is not alone")
    covered = raw[: -len(mac_line) - 1 + len(b"---")]
    return Header(stanzas, _mac=from_base64(mac[1], 32), _covered=covered)


def to_base64(data: bytes) -> bytes:
    """Canonical base64 without padding."""
    return binascii.b2a_base64(data, newline=False).rstrip(b"=")


def from_base64(text: bytes | str, length: int | None = None) -> bytes:
    """Decode canonical, unpadded base64 into *length* bytes; raises Malformed otherwise."""
    raw = text.encode() if isinstance(text, str) else text
    try:
        data = binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
    except binascii.Error as error:
        raise Malformed("not base64") from error
    # Exactly one text stands for these bytes; everything lenient decoders skip ends here.
    if to_base64(data) != raw:
        raise Malformed("base64 is not canonical")
    if length is not None and len(data) != length:
        raise Malformed("a field has the wrong length")
    return data


def derive(secret: bytes, *, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA-256, 32 bytes: the only key derivation in the format besides scrypt."""
    return HKDF(SHA256(), 32, salt, info).derive(secret)


def _mac(file_key: bytes, covered: bytes) -> bytes:
    return hmac.digest(derive(file_key, salt=b"", info=b"header"), covered, "sha256")


def _has_company(stanzas: Sequence[Stanza]) -> bool:
    return len(stanzas) > 1 and any(stanza.kind == _SCRYPT for stanza in stanzas)


def _write_stanza(stanza: Stanza) -> bytes:
    words = [word.encode() for word in (stanza.kind, *stanza.arguments)]
    if not all(map(_WORD.fullmatch, words)):
        raise ValueError("a stanza's kind and arguments are visible ASCII")
    body = to_base64(stanza.body)
    # One step past the end: a body that fills its last line is followed by an empty one.
    lines = (body[at : at + _COLUMNS] for at in range(0, len(body) + 1, _COLUMNS))
    return b"\n".join((_ARROW + b" ".join(words), *lines, b""))


def _parse_stanzas(lines: Iterable[bytes]) -> tuple[Stanza, ...]:
    rest = iter(lines)
    return tuple(_parse_stanza(first, rest) for first in rest)


def _parse_stanza(first: bytes, rest: Iterable[bytes]) -> Stanza:
    words = first.removeprefix(_ARROW).split(b" ")
    if not first.startswith(_ARROW) or not all(map(_WORD.fullmatch, words)):
        raise Malformed("a stanza does not start as one")
    kind, *arguments = (word.decode() for word in words)
    body = []
    for line in rest:
        body.append(line)
        if len(line) > _COLUMNS:
            raise Malformed("a stanza's line is too long")
        if len(line) < _COLUMNS:
            return Stanza(kind, tuple(arguments), from_base64(b"".join(body)))
    raise Malformed("a stanza's body does not end")
