"""Who is signed in: challenges that are good for one use, sessions that are short-lived.

An officer proves their key by signing a challenge together with this desk's origin and a session
key that their console just made. Every request then carries the session key's signature over
itself and over a number that was not used before, so a token alone opens nothing and no request
works twice. Challenges are not stored: each carries its end and a MAC under a key of this process,
so asking for a million of them fills nothing; only those that were used are remembered until they
end. Of a token only the hash is kept. All of it lives in memory: a restart signs everybody out and
loses nothing.

Who could lock whom out: nobody. Wrong tries in an officer's name are counted and told to wait,
longer each time; a right signature signs in all the same, for it costs no more to check it than to
refuse it, and 128 bits are not guessed.
"""

import hashlib
import hmac
import math
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from bot.clock import Clock, today
from bot.desk.errors import BadShape, Forbidden, NotFound, NotSignedIn, TooMany
from bot.logs import logger
from bot.throttle import Throttle, ThrottleRules
from sealing import (
    Forged,
    Malformed,
    Officer,
    Roster,
    SigningKey,
    Statement,
    VerifyKey,
    sign_in_statement,
)
from sealing.proofs import Proof, request_statement

CHALLENGE_BYTES = 32
CHALLENGE_S = 120
SESSIONS_PER_OFFICER = 8
NUMBERS_BEHIND = 1024
"""A number so far behind the highest that was used is refused: requests overtake each other, but
not by a thousand."""
SWEEP_S = 10.0
_END_BYTES, _RANDOM_BYTES, _MAC_BYTES = 6, 10, 16


SIGN_IN_RULES = ThrottleRules(wrong_tries=5, window_s=15 * 60, first_lock_s=30, longest_lock_s=3600)


@dataclass(frozen=True, slots=True)
class SessionRules:
    """How long a session lasts, at most and unused, and how long wrong sign-ins wait."""

    session_s: float
    idle_s: float
    sign_in: ThrottleRules = SIGN_IN_RULES


@dataclass(slots=True)
class Session:
    """One console's. Times are of the monotonic clock; *began* is all that others see of it."""

    officer: str
    key: VerifyKey
    token_hash: bytes = field(repr=False)
    began: date
    ends_at_s: float
    used_at_s: float
    _highest: int = 0
    _used: int = 0

    @property
    def id(self) -> str:
        """What it is called where sessions are listed: 32 hex digits."""
        return self.token_hash[:16].hex()

    def take(self, number: int) -> bool:
        """Whether *number* was not used before; it is now."""
        if number > self._highest:
            self._used = (self._used << min(number - self._highest, NUMBERS_BEHIND)) | 1
            self._used &= (1 << NUMBERS_BEHIND) - 1
            self._highest = number
            return True
        behind = self._highest - number
        if behind >= NUMBERS_BEHIND or self._used >> behind & 1:
            return False
        self._used |= 1 << behind
        return True


class Sessions:
    """Hands out challenges and tokens for the officers of the current roster."""

    def __init__(
        self, origin: str, roster: Callable[[], Roster], clock: Clock, rules: SessionRules
    ) -> None:
        self._origin = origin
        self._roster = roster
        self._clock = clock
        self._throttle = Throttle(clock, rules.sign_in)
        self.rules = rules
        self._key = secrets.token_bytes(32)
        self._nobody = SigningKey.generate().verify_key
        self._used: dict[bytes, float] = {}
        self._by_token: dict[bytes, Session] = {}
        self._swept_at_s = clock.monotonic_s()

    def challenge(self, officer: str) -> bytes:
        """32 bytes for *officer* to sign within CHALLENGE_S; nobody learns whether they exist."""
        end = int(self._clock.monotonic_s()) + CHALLENGE_S
        body = end.to_bytes(_END_BYTES, "big") + secrets.token_bytes(_RANDOM_BYTES)
        return body + self._mac(officer, body)

    def sign_in(
        self, officer: str, challenge: bytes, signature: bytes, session_key: bytes
    ) -> tuple[str, Session]:
        """A token and its session for *officer*. Raises Forbidden, in the same words whatever was
        wrong, and TooMany after too many of those."""
        known, key = self._roster().officer(officer), _usable(session_key)
        statement = sign_in_statement(
            desk_origin=self._origin, challenge=challenge, officer=officer, session_key=key
        )
        # Whatever is wrong takes as long: else the time would tell who is in the roster.
        is_fresh = self._is_fresh(officer, challenge)
        is_signed = _is_signed(self._nobody if known is None else known.sign, statement, signature)
        if known is None or not is_fresh or not is_signed:
            raise self._wrong(officer)
        self._used[challenge] = self._end_of(challenge)
        return self._new_session(officer, key)

    def live(self, token: str) -> Session:
        """The session of *token*. Raises NotSignedIn when it ended, or the roster no longer knows
        its officer."""
        session = self._by_token.get(_hash(token))
        if session is None:
            raise NotSignedIn
        self._known(session)
        return session

    def prove(
        self, session: Session, token: str, method: str, target: str, body: bytes, proof: str
    ) -> Officer:
        """Whose request this is. Raises NotSignedIn unless the session's own key signed just this
        request, it comes for the first time, and the session did not end while its body came."""
        officer = self._known(session)
        try:
            given = Proof.parse(proof)
            statement = request_statement(
                desk_origin=self._origin,
                token=token,
                method=method,
                target=target,
                body=body,
                counter=given.counter,
            )
            session.key.verify(statement, given.signature)
        except (Malformed, Forged):
            raise NotSignedIn from None
        if not session.take(given.counter):
            raise NotSignedIn
        session.used_at_s = self._clock.monotonic_s()
        return officer

    def of(self, officer: str) -> tuple[Session, ...]:
        """The officer's sessions, oldest first."""
        every = self._by_token.values()
        return tuple(s for s in every if s.officer == officer and not self._has_ended(s))

    def end(self, officer: str, session_id: str) -> None:
        """End one session of *officer*'s. Raises NotFound for any other."""
        for session in self.of(officer):
            if hmac.compare_digest(session.id, session_id):
                del self._by_token[session.token_hash]
                return
        raise NotFound("You have no such session.")

    def end_others(self, officer: str, but: Session) -> int:
        """End every session of *officer*'s *but* one; how many."""
        others = [session for session in self.of(officer) if session is not but]
        for session in others:
            del self._by_token[session.token_hash]
        return len(others)

    def _known(self, session: Session) -> Officer:
        """Whose *session* it is. Raises NotSignedIn as `live`."""
        is_there = self._by_token.get(session.token_hash) is session
        if not is_there or self._has_ended(session):
            raise NotSignedIn
        officer = self._roster().officer(session.officer)
        if officer is None:
            del self._by_token[session.token_hash]
            raise NotSignedIn
        return officer

    def _has_ended(self, session: Session) -> bool:
        now = self._clock.monotonic_s()
        return session.ends_at_s <= now or session.used_at_s + self.rules.idle_s <= now

    def _wrong(self, officer: str) -> Forbidden | TooMany:
        """What a wrong try is told. Strangers' names are counted like officers'."""
        alarms = self._throttle.alarms
        self._throttle.wrong(officer.encode())
        if self._throttle.alarms > alarms:
            logger().warning("sign_ins_refused", count=self._throttle.alarms)
        wait_s = self._throttle.locked_s(officer.encode())
        if wait_s > 0:
            return TooMany(math.ceil(wait_s))
        return Forbidden("sign_in", "This sign-in is not valid. Try again.")

    def _is_fresh(self, officer: str, challenge: bytes) -> bool:
        if len(challenge) != CHALLENGE_BYTES:
            return False
        self._sweep()
        body, mac = challenge[:-_MAC_BYTES], challenge[-_MAC_BYTES:]
        is_ours = hmac.compare_digest(mac, self._mac(officer, body))
        is_open = self._end_of(challenge) > self._clock.monotonic_s()
        return is_ours and is_open and challenge not in self._used

    def _new_session(self, officer: str, key: VerifyKey) -> tuple[str, Session]:
        token, now = secrets.token_urlsafe(32), self._clock.monotonic_s()
        began, ends_at_s = today(self._clock), now + self.rules.session_s
        session = Session(officer, key, _hash(token), began, ends_at_s, now)
        self._by_token[session.token_hash] = session
        for oldest in self.of(officer)[:-SESSIONS_PER_OFFICER]:
            del self._by_token[oldest.token_hash]
        return token, session

    def _sweep(self) -> None:
        """Forget what ended; seldom, so that a flood of tries pays for no sweep of its own."""
        now = self._clock.monotonic_s()
        if now - self._swept_at_s >= SWEEP_S:
            self._swept_at_s = now
            self._used = {c: end for c, end in self._used.items() if end > now}
            self._by_token = {t: s for t, s in self._by_token.items() if not self._has_ended(s)}

    def _mac(self, officer: str, body: bytes) -> bytes:
        return hmac.digest(self._key, officer.encode() + b"|" + body, "sha256")[:_MAC_BYTES]

    @staticmethod
    def _end_of(challenge: bytes) -> float:
        return float(int.from_bytes(challenge[:_END_BYTES], "big"))


def _is_signed(key: VerifyKey, statement: Statement, signature: bytes) -> bool:
    try:
        key.verify(statement, signature)
    except Forged:
        return False
    return True


def _usable(session_key: bytes) -> VerifyKey:
    try:
        return VerifyKey(session_key)
    except Malformed:
        raise BadShape("bad_shape", "This is no session key.", field="session_key") from None


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
