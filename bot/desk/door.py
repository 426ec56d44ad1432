"""The desk's door: nothing but what is open to anybody passes without a session's own proof.

A request without a session is refused before its body is read. The body is then read whole (it is
bounded outside of here), because the proof covers it, and handed on as it came.
"""

from collections.abc import Collection
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.desk import roles
from bot.desk.errors import DeskError, NotSignedIn
from bot.desk.roles import PREFIX
from bot.desk.sessions import Session, Sessions
from sealing import Officer
from sealing.proofs import HEADER

_OFFICER, _SESSION = "saisaat.officer", "saisaat.session"
_bearer = HTTPBearer(auto_error=False, description="The token of a session.")
_proof = APIKeyHeader(
    name=HEADER,
    auto_error=False,
    scheme_name="Proof",
    description="A number not used before in this session, a dot, and the session key's signature "
    "over the request: docs/protocol.md, section 7.",
)


class Door:
    """Lets in requests for the *opened* paths, and those of whoever proves a session."""

    def __init__(self, app: ASGIApp, sessions: Sessions, opened: Collection[str]) -> None:
        self._app = app
        self._sessions = sessions
        self._opened = frozenset(opened)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self._opened:
            await self._app(scope, receive, send)
            return
        try:
            body = await self._let_in(scope, receive)
        except DeskError as refused:
            answer = JSONResponse(dict(refused.body()), refused.status)
            await answer(scope, receive, send)
            return
        if body is not None:
            await self._app(scope, _again(body, receive), send)

    async def _let_in(self, scope: Scope, receive: Receive) -> bytes | None:
        """The body of a request that its session proves; None when the caller hung up. Raises
        NotSignedIn."""
        token = _header(scope, "authorization").removeprefix("Bearer ")
        session = self._sessions.live(token)
        body = await _whole(receive)
        if body is None:
            return None
        query = scope["query_string"]
        target = scope["raw_path"] + (b"?" + query if query else b"")
        scope[_OFFICER] = self._sessions.prove(
            session, token, scope["method"], target.decode("latin-1"), body, _header(scope, HEADER)
        )
        scope[_SESSION] = session
        return body


def officer_of(request: Request) -> Officer:
    """The officer behind a request. Raises NotSignedIn."""
    officer = request.scope.get(_OFFICER)
    if not isinstance(officer, Officer):
        raise NotSignedIn
    return officer


def session_of(request: Request) -> Session:
    """The session that a request came in. Raises NotSignedIn."""
    session = request.scope.get(_SESSION)
    if not isinstance(session, Session):
        raise NotSignedIn
    return session


async def signed_in(
    request: Request,
    _: Annotated[object, Depends(_bearer)],
    __: Annotated[object, Depends(_proof)],
) -> Officer:
    """The officer behind a request that the door let in, if its route is for them. Raises
    Forbidden."""
    officer = officer_of(request)
    path = request.scope["route"].path.removeprefix(PREFIX)
    roles.check(officer, f"{request.method} {path}")
    return officer


def _header(scope: Scope, name: str) -> str:
    """The one header of that name; none, or several, is as good as an empty one."""
    found = [value for key, value in scope["headers"] if key == name.lower().encode("ascii")]
    return found[0].decode("latin-1") if len(found) == 1 else ""


async def _whole(receive: Receive) -> bytes | None:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    is_given = False

    async def once_more() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once_more


Caller = Annotated[Officer, Depends(signed_in)]
"""What a route is given: whoever calls it, if it is for them."""
