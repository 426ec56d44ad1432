"""What goes over the wire about signing in, and an officer's own sessions."""

from bot.desk.fields import AnswerBody, Bytes, Bytes32, Id, RequestBody, Signature


class AskChallenge(RequestBody):
    officer: Id


class SignIn(RequestBody):
    """*session_key*: the public half of a key made for this session. Consoles older than that are
    told so."""

    officer: Id
    challenge: Bytes32
    signature: Signature
    session_key: Bytes32 | None = None


class EndSessions(RequestBody):
    """*session_id* is one of the caller's; none means all of them but this one."""

    session_id: Id | None = None


class ChallengeAnswer(AnswerBody):
    """*desk* is the origin that the officer's console must know and signs along."""

    challenge: Bytes
    desk: str
    expires_s: int
    version: int


class SessionAnswer(AnswerBody):
    token: str
    expires_s: int


class OneSession(AnswerBody):
    session_id: str
    since: str
    is_this: bool


class SessionsAnswer(AnswerBody):
    sessions: tuple[OneSession, ...]


class EndedAnswer(AnswerBody):
    """How many sessions ended."""

    ended: int
