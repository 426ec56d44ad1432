"""What goes with every request of a signed-in console: a number, and the session key's signature.

The session key is made for one session, lives in the console's memory only, and is named inside the
signed sign-in. So a token that leaks (a log, a proxy, a copy of the desk's memory) opens nothing
for whoever lacks the key, and a request that was overheard cannot be sent again or changed.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass, field

from sealing.canonical import LARGEST_NUMBER
from sealing.errors import Malformed
from sealing.signing import SIGNATURE_BYTES, Statement, statement

HEADER = "Saisaat-Proof"
SIGN_IN_VERSION = 2
"""How consoles sign in: since 2 with a session key."""


@dataclass(frozen=True, slots=True)
class Proof:
    """*counter* is different in every request of a session, from 1."""

    counter: int
    signature: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"{self.counter}.{base64.b64encode(self.signature).decode('ascii')}"

    @classmethod
    def parse(cls, text: str) -> "Proof":
        """The proof in a header. Raises Malformed."""
        number, _, rest = text.partition(".")
        if not number.isascii() or not number.isdecimal() or len(number) > 16 or number[0] == "0":
            raise Malformed("a proof begins with a whole number from 1")
        counter = int(number)
        try:
            signature = base64.b64decode(rest, validate=True)
        except (binascii.Error, ValueError):
            raise Malformed("a proof ends with base64") from None
        if counter > LARGEST_NUMBER or len(signature) != SIGNATURE_BYTES:
            raise Malformed("a proof is a number and 64 bytes")
        return cls(counter, signature)


def request_statement(
    *, desk_origin: str, token: str, method: str, target: str, body: bytes, counter: int
) -> Statement:
    """Whoever holds the session of *token* asks this of the desk. *target* is path and query, as
    they stand in the request line."""
    return statement(
        "request",
        desk_origin=desk_origin,
        token_hash=hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest(),
        method=method,
        target=target,
        body_hash=hashlib.sha256(body).hexdigest(),
        counter=counter,
    )
