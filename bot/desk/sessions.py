"""Who is signed in: challenges that are good for one use, tokens that are short-lived.

An officer proves their key by signing a challenge together with this desk's origin. Challenges are
not stored: each carries its end and a MAC under a key of this process, so asking for a million of
them fills nothing; only those that were used are remembered until they end. Of a token only the
hash is kept. All of it lives in memory: a restart signs everybody out and loses nothing.
"""

import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from bot.clock import Clock
from bot.desk.errors import Forbidden, NotSignedIn
from sealing import Forged, Officer, Roster, sign_in_statement

CHALLENGE_BYTES = 32
CHALLENGE_S = 120
TOKENS_PER_OFFICER = 8
_END_BYTES, _RANDOM_BYTES, _MAC_BYTES = 6, 10, 16


@dataclass(frozen=True, slots=True)
class Session:
    """A token's officer and its end, on the monotonic clock."""

    officer: str
    ends_at_s: float


class Sessions:
    """Hands out challenges and tokens for the officers of the current roster."""

    def __init__(
        self, origin: str, roster: Callable[[], Roster], clock: Clock, session_s: float
    ) -> None:
        self._origin = origin
        self._roster = roster
        self._clock = clock
        self.session_s = session_s
        self._key = secrets.token_bytes(32)
        self._used: OrderedDict[bytes, float] = OrderedDict()
        self._by_token: OrderedDict[bytes, Session] = OrderedDict()

    def challenge(self, officer: str) -> bytes:
        """32 bytes for *officer* to sign within CHALLENGE_S; nobody learns whether they exist."""
        end = int(self._clock.monotonic_s()) + CHALLENGE_S
        body = end.to_bytes(_END_BYTES, "big") + secrets.token_bytes(_RANDOM_BYTES)
        return body + self._mac(officer, body)

    def sign_in(self, officer: str, challenge: bytes, signature: bytes) -> str:
        """A token for *officer*. Raises Forbidden, in the same words whatever was wrong."""
        known = self._roster().officer(officer)
        refused = Forbidden("sign_in", "This sign-in is not valid. Try again.")
        if known is None or not self._is_fresh(officer, challenge):
            raise refused
        statement = sign_in_statement(
            desk_origin=self._origin, challenge=challenge, officer=officer
        )
        try:
            known.sign.verify(statement, signature)
        except Forged:
            raise refused from None
        self._used[challenge] = self._end_of(challenge)
        return self._new_token(officer)

    def officer(self, token: str) -> Officer:
        """Whose *token* it is, if the roster still knows them. Raises NotSignedIn."""
        session = self._by_token.get(_hash(token))
        if session is None or session.ends_at_s <= self._clock.monotonic_s():
            raise NotSignedIn
        officer = self._roster().officer(session.officer)
        if officer is None:
            raise NotSignedIn
        return officer

    def sign_out(self, token: str) -> None:
        """End the session of *token*, if there is one."""
        self._by_token.pop(_hash(token), None)

    def _is_fresh(self, officer: str, challenge: bytes) -> bool:
        if len(challenge) != CHALLENGE_BYTES:
            return False
        self._drop_ended()
        body, mac = challenge[:-_MAC_BYTES], challenge[-_MAC_BYTES:]
        is_ours = hmac.compare_digest(mac, self._mac(officer, body))
        is_open = self._end_of(challenge) > self._clock.monotonic_s()
        return is_ours and is_open and challenge not in self._used

    def _new_token(self, officer: str) -> str:
        token = secrets.token_urlsafe(32)
        self._by_token[_hash(token)] = Session(officer, self._clock.monotonic_s() + self.session_s)
        own = [key for key, session in self._by_token.items() if session.officer == officer]
        for oldest in own[:-TOKENS_PER_OFFICER]:
            del self._by_token[oldest]
        return token

    def _drop_ended(self) -> None:
        now = self._clock.monotonic_s()
        self._used = OrderedDict((c, end) for c, end in self._used.items() if end > now)
        self._by_token = OrderedDict((t, s) for t, s in self._by_token.items() if s.ends_at_s > now)

    def _mac(self, officer: str, body: bytes) -> bytes:
        return hmac.digest(self._key, officer.encode() + b"|" + body, "sha256")[:_MAC_BYTES]

    @staticmethod
    def _end_of(challenge: bytes) -> float:
        return float(int.from_bytes(challenge[:_END_BYTES], "big"))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
