"""When a push may be spent: the one place that says so.

A push costs from the month's quota, and comes unasked to a phone that somebody else may hold. So
only what would otherwise be lost for good is pushed, and news that somebody asked for, as long as
more than the reserve is left. Everything else waits for the person.
"""

import hashlib
import uuid
from collections.abc import Sequence

from bot.outbox import Parcel
from handlers.effects import Say, SecretOnce

LOST = "say.lost_"
"""Sentences about a file that never arrived: only its owner can send it again."""
NOTICES = frozenset({"say.news", "say.news_last", "say.card_new"})
"""Word keys of what a person asked to be told: news, and new knowledge cards."""


def must_push(parcel: Parcel) -> bool:
    """Whether *parcel* would be lost without a push: a file that only its owner can send again, or
    a receipt (its reply was uncertain, or came too late for its token)."""
    match parcel.intent:
        case SecretOnce():
            return True
        case Say(key=key):
            return key.startswith(LOST)
    return False


def may_push(parcel: Parcel) -> bool:
    """Whether *parcel* is worth a push that the month can spare."""
    return isinstance(parcel.intent, Say) and parcel.intent.key in NOTICES


def retry_key(parcels: Sequence[Parcel]) -> str:
    """The key under which LINE takes a push of exactly these *parcels* once (a UUID). It is the
    same on every try, and a push of other parcels never hides behind it."""
    digest = hashlib.sha256(b"saisaat line push")
    for parcel in parcels:
        digest.update(b"\0" + parcel.key.encode())
    return str(uuid.UUID(bytes=digest.digest()[:16], version=4))
