"""The audit trail's days: each one that is over is signed by the server, once, in order.

The key is derived from the server key, so no other key lies on the server. Whoever has it can sign
another history; that is what auditors' own signatures and consoles' memory are for. Killed at any
moment, a day has its head or will get the very same one: the trail of a day that is over does not
grow any more once its head is there, and the signature is the same every time.
"""

from bot.clock import Clock, today
from bot.server_key import Purpose, ServerKey
from sealing import SERVER, DayHead, SigningKey
from storage.port import Database, Transaction
from storage.repositories import audit


class Auditing:
    """Signs the trail's days for one deployment."""

    def __init__(self, database: Database, server_key: ServerKey, clock: Clock) -> None:
        self._database = database
        self._key = audit_key(server_key)
        self._clock = clock

    async def sign_days(self) -> None:
        """Sign every day that is over and has entries. Safe at any time."""
        now = today(self._clock).isoformat()
        while await self._database.read(lambda t: audit.day_to_sign(t, now)) is not None:
            await self._database.commit(lambda t: self._sign_one(t, now))

    def _sign_one(self, t: Transaction, now: str) -> None:
        last = audit.day_to_sign(t, now)
        if last is None:
            return
        unsigned = DayHead(last.day, last.seq, last.hash, b"")
        signature = self._key.sign(unsigned.said_by(SERVER))
        audit.add_head(t, DayHead(last.day, last.seq, last.hash, signature))


def audit_key(server_key: ServerKey) -> SigningKey:
    """The key that signs the days of this deployment's audit trail."""
    return SigningKey.from_seed(server_key.derive(Purpose.AUDIT_HEADS))
