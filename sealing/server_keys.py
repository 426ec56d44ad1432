"""The server key's file, and how a backup carries it: sealed to the recovery key.

    # comments
    saisaat-server-key-1 KEY SALT          64 hex digits each

What is sealed is the file itself, so a stock `age -d` gives back what the server reads.
"""

import re

from sealing import age
from sealing.errors import Malformed

AT_MOST_BYTES = 4096
AT_MOST_SEALED_BYTES = AT_MOST_BYTES + age.MAX_HEADER + 64 * 1024
KEY_BYTES = 32
_LINE = re.compile(rb"saisaat-server-key-1 ([0-9a-f]{64}) ([0-9a-f]{64})")
_HEADER = (
    b"# Saisaat server key. Secret: whoever reads this file can undo part of the anonymity.\n"
    b"# Lose it and no receipt can ever be found again. Never inside the data folder.\n"
)


def write_server_key(key: bytes, salt: bytes) -> bytes:
    """The file for *key* and *salt* (32 bytes each)."""
    if len(key) != KEY_BYTES or len(salt) != KEY_BYTES:
        raise ValueError("a server key and its salt are 32 bytes each")
    return _HEADER + f"saisaat-server-key-1 {key.hex()} {salt.hex()}\n".encode()


def read_server_key(raw: bytes) -> tuple[bytes, bytes]:
    """Key and salt of a file. Raises Malformed for what is none."""
    lines = [line.strip() for line in raw.splitlines()]
    lines = [line for line in lines if line and not line.startswith(b"#")]
    found = _LINE.fullmatch(lines[0]) if len(lines) == 1 and len(raw) <= AT_MOST_BYTES else None
    if found is None:
        raise Malformed("not a server key file")
    return bytes.fromhex(found[1].decode()), bytes.fromhex(found[2].decode())


def seal_server_key(file: bytes, recovery: age.PQRecipient) -> bytes:
    """The server key's *file* for the holder of the recovery key. Raises Malformed."""
    read_server_key(file)
    return age.encrypt(file, recovery)


def open_server_key(data: bytes, recovery: age.PQIdentity) -> bytes:
    """The server key's file out of a backup. Raises WrongKey, Tampered or Malformed."""
    if len(data) > AT_MOST_SEALED_BYTES:
        raise Malformed("longer than any sealed server key")
    file = age.decrypt(data, recovery)
    read_server_key(file)
    return file
