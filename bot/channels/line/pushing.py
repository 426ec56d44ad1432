"""When a push may be spent: the one place that says so.

A push costs from the month's quota, and comes unasked to a phone that somebody else may hold. So
only what would otherwise be lost for good is pushed. Everything else waits for the person.
"""

import hashlib
import uuid
from collections.abc import Sequence

from bot.outbox import Parcel
from handlers.effects import Say, SecretOnce

LOST = "say.lost_"
"""Sentences about a file that never arrived: only its owner can send it again."""
NOTICES = frozenset({"say.news"})
"""Word keys of notices that a person asked for."""


def may_push(parcel: Parcel) -> bool:
    """Whether *parcel* is worth a push when there is no reply token."""
    match parcel.intent:
        case SecretOnce():
            return parcel.is_uncertain
        case Say(key=key):
            return key.startswith(LOST) or key in NOTICES
    return False


def retry_key(parcels: Sequence[Parcel]) -> str:
    """The key under which LINE takes a push of exactly these *parcels* once (a UUID). It is the
    same on every try, and a push of other parcels never hides behind it."""
    digest = hashlib.sha256(b"saisaat line push")
    for parcel in parcels:
        digest.update(b"\0" + parcel.key.encode())
    return str(uuid.UUID(bytes=digest.digest()[:16], version=4))
