"""The wire to the desk over HTTPS: signed sign-in, signed requests, every answer bounded.

It refuses plain HTTP except to this machine, follows no redirect, and signs a challenge only
for the desk it was set up for, so that another server cannot borrow an officer's signature. An
expired token is renewed once, quietly. The desk's no becomes an error of ours here.
"""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NoReturn, Self, TypeVar

from console import answers
from console.errors import ConsoleError, Distrusted, Refused, Unreachable
from console.http import httpx
from console.origins import origin_of
from console.records import Record
from console.session import Session
from sealing import SigningKey, sign_in_statement
from sealing.proofs import SIGN_IN_VERSION

CONNECT_S = 20.0
READ_S = 60.0
WRITE_S = 60.0
POOL_S = 20.0
CONNECTIONS_AT_MOST = 20
SIGN_OUT_S = 3.0
IDLE_S = 2.0
"""A connection that nobody used for so long is not used again. Well before a desk hangs up: else
both do it at once, now and then, and what was asked just then is lost."""
ANSWER_AT_MOST_BYTES = 64 * 1024 * 1024
PREFIX = "/desk/v1"

_NOTHING_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_SAID_BEFORE_THE_DESK = (httpx.codes.BAD_GATEWAY, httpx.codes.GATEWAY_TIMEOUT)
"""By what stands before the desk, when the desk did not answer it."""

_OUR_WORDS = {
    "not_registrar": "members.not_registrar",
    "not_auditor": "audit.not_auditor",
    "reason_needed": "opening.reason_needed",
    "own_opening": "opening.own",
    "own_handover": "handover.own",
    "not_offered": "alerts.not_offered",
    "too_many_places": "alerts.too_many",
    "wrong_code": "alerts.wrong_code",
    "reads_it": "grant.reads_it",
}

Answer = TypeVar("Answer", bound=Record)


class ClaimedByOther(Refused):
    """Another officer was faster, or holds the tip."""

    def __init__(self, officer: str, name: str | None) -> None:
        super().__init__("desk.claimed_by", name=name or officer[:8])
        self.officer = officer


class StaleTip(Refused):
    """The tip has changed since it was read; reading it again tells how."""

    def __init__(self, seen: answers.Stale) -> None:
        super().__init__("desk.stale")
        self.seen = seen


class MovedAway(Refused):
    """The desk says that the tip was moved to another centre, or that this officer was withdrawn
    from it, and shows the signed change."""

    def __init__(self, change: answers.Change) -> None:
        super().__init__("desk.not_found")
        self.change = change


class TipShredded(Refused):
    """The desk says that the tip was destroyed, and shows what officers signed that let it be."""

    def __init__(self, said: answers.Shredded) -> None:
        super().__init__("desk.not_found")
        self.said = said


class Wire:
    """One officer's way to one desk. Use inside `async with`; the session and its key live in
    memory only.
    """

    def __init__(
        self,
        url: str,
        officer: str,
        sign: SigningKey,
        *,
        proxy: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._origin = origin_of(url)
        self._officer = officer
        self._sign = sign
        self._session: Session | None = None
        self._sign_in_lock = asyncio.Lock()
        self._http = httpx.AsyncClient(
            base_url=self._origin + PREFIX,
            timeout=httpx.Timeout(connect=CONNECT_S, read=READ_S, write=WRITE_S, pool=POOL_S),
            follow_redirects=False,
            trust_env=False,
            limits=httpx.Limits(
                max_connections=CONNECTIONS_AT_MOST,
                max_keepalive_connections=CONNECTIONS_AT_MOST,
                keepalive_expiry=IDLE_S,
            ),
            proxy=proxy or None,
            transport=transport,
            # Plain http goes to this machine only (`origin_of`): no certificates to load for it.
            verify=self._origin.startswith("https:"),
            headers={
                "Accept-Encoding": "identity"
            },  # and bodies are read raw: no bomb unpacks here
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._origin})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self._sign_out()
        finally:
            await self._http.aclose()

    async def _sign_out(self) -> None:
        """End the session at the desk. A desk that does not hear it lets the token expire
        anyway.
        """
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(ConsoleError, TimeoutError):
                async with asyncio.timeout(SIGN_OUT_S):
                    await self._ask("POST", "/sign-out", session=session)

    async def _get(
        self, kind: type[Answer], path: str, query: Mapping[str, str] | None = None
    ) -> Answer:
        return answers.parse(kind, await self._signed_in("GET", path, query=query))

    async def _post(self, path: str, body: Mapping[str, object]) -> bytes:
        return await self._signed_in("POST", path, body=body)

    async def _signed_in(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> bytes:
        status, answer = await self._answered(method, path, query=query, body=body)
        self._check(status, answer)
        return answer

    def _check(self, status: int, answer: bytes) -> None:
        """Raises what a refusal says."""
        if not httpx.codes.is_success(status):
            _refuse(status, answer, self._officer)

    @asynccontextmanager
    async def _streamed(self, path: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """What *path* answers, as it comes. Raises as any other question, before the first byte."""
        for attempt in (1, 2):
            session = await self._session_now()
            try:
                async with self._http.stream("GET", path, auth=session) as answer:
                    if answer.status_code == httpx.codes.UNAUTHORIZED and attempt == 1:
                        self._drop(session)
                        continue
                    if answer.status_code != httpx.codes.OK:
                        _refuse(answer.status_code, await _bounded(answer), self._officer)
                    yield answer.aiter_raw()
                    return
            except httpx.HTTPError as error:
                raise Unreachable("desk.unreachable", desk=self._origin) from error

    async def _answered(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> tuple[int, bytes]:
        session = await self._session_now()
        status, answer = await self._ask(method, path, query=query, body=body, session=session)
        if status == httpx.codes.UNAUTHORIZED:  # expired: sign in again, once, without a word
            self._drop(session)
            session = await self._session_now()
            status, answer = await self._ask(method, path, query=query, body=body, session=session)
        return status, answer

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
        session: Session | None = None,
    ) -> tuple[int, bytes]:
        options: dict[str, Any] = {} if session is None else {"auth": session}
        if query:
            options["params"] = dict(query)
        if body is not None:
            options["json"] = body
        try:
            async with self._http.stream(method, path, **options) as answer:
                status, raw = answer.status_code, await _bounded(answer)
        except _NOTHING_SENT as error:
            raise Unreachable("desk.unreachable", desk=self._origin) from error
        except httpx.HTTPError as error:
            raise self._unanswered(method, session) from error
        if status in _SAID_BEFORE_THE_DESK:
            raise self._unanswered(method, session)
        return status, raw

    def _unanswered(self, method: str, session: Session | None) -> Unreachable:
        """For what was sent and got no answer. What asks for a change may have been done all the
        same, so nobody is told that it was not."""
        is_deed = method != "GET" and session is not None
        return Unreachable("desk.unanswered" if is_deed else "desk.unreachable", desk=self._origin)

    async def _session_now(self) -> Session:
        async with self._sign_in_lock:
            if self._session is None:
                self._session = await self._sign_in()
            return self._session

    def _drop(self, session: Session) -> None:
        if self._session is session:
            self._session = None

    async def _sign_in(self) -> Session:
        status, raw = await self._ask("POST", "/challenge", body={"officer": self._officer})
        self._check(status, raw)
        asked = answers.parse(answers.Challenge, raw)
        if asked.desk != self._origin:
            raise Distrusted("desk.other_origin", asked=asked.desk, ours=self._origin)
        if asked.version < SIGN_IN_VERSION:
            raise Refused("desk.too_old")
        key = SigningKey.generate()
        statement = sign_in_statement(
            desk_origin=self._origin,
            challenge=asked.challenge,
            officer=self._officer,
            session_key=key.verify_key,
        )
        body = {
            "officer": self._officer,
            "challenge": b64(asked.challenge),
            "signature": b64(self._sign.sign(statement)),
            "session_key": b64(key.verify_key.raw),
        }
        status, raw = await self._ask("POST", "/sign-in", body=body)
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise Refused("desk.sign_in_refused")
        self._check(status, raw)
        return Session(self._origin, answers.parse(answers.Session, raw).token, key)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


async def _bounded(answer: httpx.Response) -> bytes:
    """The body, refused as soon as it grows past what any honest answer needs."""
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > ANSWER_AT_MOST_BYTES:
            raise Distrusted("desk.too_long")
    return bytes(body)


def _refuse(status: int, body: bytes, officer: str) -> NoReturn:
    """The desk's no, as an error of ours; its own sentence is shown as its own.

    A conflict that names another holder than *officer* is a lost race; any other, a tip that grew.
    """
    try:
        says = answers.parse(answers.Says, body)
    except ConsoleError:
        says = answers.Says()
    if status == httpx.codes.NOT_FOUND:
        raise Refused("desk.not_found")
    if status == httpx.codes.GONE and says.error == "shredded":
        raise TipShredded(answers.parse(answers.Shredded, body))
    if status == httpx.codes.GONE:
        raise MovedAway(answers.parse(answers.Change, body))
    if status == httpx.codes.CONFLICT:
        _conflict(body, officer)
    if status in (httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE):
        raise Unreachable("desk.busy")
    if says.error in _OUR_WORDS:
        raise Refused(_OUR_WORDS[says.error])
    if says.says:
        raise Refused("desk.says", says=says.says[:300])
    raise Refused("desk.refused", status=status)


def _conflict(body: bytes, officer: str) -> NoReturn:
    try:
        claimed = answers.parse(answers.Claimed, body)
    except ConsoleError:
        claimed = None
    if claimed is not None and claimed.claimed_by not in (None, officer):
        raise ClaimedByOther(claimed.claimed_by or "", claimed.claimed_by_name)
    try:
        raise StaleTip(answers.parse(answers.Stale, body))
    except Distrusted:
        raise StaleTip(answers.Stale()) from None
