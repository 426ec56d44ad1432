"""Digits that two people read aloud to each other, to know that they hold the same bytes."""

import hashlib

GROUPS = 6
GROUP_DIGITS = 5
_PURPOSE = b"saisaat/fingerprint/v1\n"


def fingerprint(data: bytes) -> str:
    """Six groups of five digits (99 bits) of *data*: "12345 67890 …".

    Each group is five bytes of SHA-256 modulo 100,000. Enough against bytes made to match somebody
    else's; two matching files made by one and the same person would need 2^50 tries.
    """
    digest = hashlib.sha256(_PURPOSE + data).digest()
    pieces = (digest[start : start + 5] for start in range(0, 5 * GROUPS, 5))
    return " ".join(f"{int.from_bytes(piece, 'big') % 10**GROUP_DIGITS:05}" for piece in pieces)
