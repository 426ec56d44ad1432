"""A text file whose last line signs all the lines before it.

    …any lines…
    # signature <base64 of 64 bytes>

The line is a comment to TOML. What is signed is a statement with the SHA-256 of every byte before
that line, so the kind of file is part of the signature.
"""

import base64
import hashlib

from sealing.errors import Malformed, Unsigned
from sealing.signing import SIGNATURE_BYTES, SigningKey, Statement, VerifyKey, statement

_START = b"# signature "


def sign_text(kind: str, body: bytes, key: SigningKey) -> bytes:
    """*body* with its signature line behind it.

    Raises ValueError when it has one already, or ends inside a line.
    """
    if not body.endswith(b"\n") or _START in body:
        raise ValueError("the text to sign ends with a line break and has no signature line")
    return body + _line(key.sign(_about(kind, body)))


def split_text(data: bytes) -> tuple[bytes, bytes]:
    """The body and the signature of *data*, nothing verified yet.

    Raises Unsigned unless it has just one, last.
    """
    body, _, _ = data.rpartition(_START)
    end = data[len(body) :]
    try:
        signature = base64.b64decode(end.removeprefix(_START).removesuffix(b"\n"), validate=True)
    except ValueError:
        signature = b""
    is_whole = len(signature) == SIGNATURE_BYTES and end == _line(signature)
    if not is_whole or not body.endswith(b"\n") or _START in body:
        raise Unsigned("the last line, and only that, must be a signature")
    return body, signature


def verify_text(kind: str, body: bytes, signature: bytes, key: VerifyKey) -> None:
    """Raises Forged unless *signature* is by *key* over *body* as a file of *kind*."""
    key.verify(_about(kind, body), signature)


def open_text(kind: str, data: bytes, key: VerifyKey, *, at_most_bytes: int) -> bytes:
    """The body of *data*, a file of *kind* signed by *key*; nothing was read before that held.

    Raises Malformed (too long), Unsigned, Forged.
    """
    if len(data) > at_most_bytes:
        raise Malformed(f"longer than any {kind}")
    body, signature = split_text(data)
    verify_text(kind, body, signature, key)
    return body


def _about(kind: str, body: bytes) -> Statement:
    return statement(kind, sha256=hashlib.sha256(body).hexdigest())


def _line(signature: bytes) -> bytes:
    return _START + base64.b64encode(signature) + b"\n"
