"""The desk over HTTPS: signed sign-in, short tokens, every answer bounded and parsed.

It refuses plain HTTP except to this machine, follows no redirect, and signs a challenge only
for the desk it was set up for, so that another server cannot borrow an officer's signature. An
expired token is renewed once, quietly. It opens no seal.
"""

import asyncio
import base64
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import httpx

from console import answers
from console.errors import ConsoleError, Distrusted, Refused, Unreachable
from console.origins import origin_of
from console.session import Session
from sealing import KnowledgeCard, SigningKey, sign_in_statement
from sealing.proofs import SIGN_IN_VERSION

CONNECT_S = 20.0
READ_S = 60.0
WRITE_S = 60.0
POOL_S = 20.0
SIGN_OUT_S = 3.0
ANSWER_AT_MOST_BYTES = 64 * 1024 * 1024
PAGE = 50
AUDIT_PAGE = 500
PREFIX = "/desk/v1"

_OUR_WORDS = {
    "not_registrar": "members.not_registrar",
    "not_auditor": "audit.not_auditor",
    "reason_needed": "opening.reason_needed",
    "own_opening": "opening.own",
    "not_offered": "alerts.not_offered",
    "too_many_places": "alerts.too_many",
    "wrong_code": "alerts.wrong_code",
}

Answer = TypeVar("Answer", bound=answers._Answer)


@dataclass(frozen=True, slots=True)
class NewPart:
    """A sealed part ready for the desk."""

    part_id: str
    seq: int
    sealed: bytes
    sealed_to: str
    kind: str
    day: str
    signature: bytes

    def json(self) -> dict[str, object]:
        return {
            "part_id": self.part_id,
            "seq": self.seq,
            "sealed": b64(self.sealed),
            "sealed_to": self.sealed_to,
            "kind": self.kind,
            "day": self.day,
            "signature": b64(self.signature),
        }


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A sealed and signed grant ready for the desk."""

    grant_id: str
    to: str
    sealed: bytes
    day: str
    signature: bytes
    rekeys: int | None = None
    """Of how many the console knew that made it; None where the desk asks for the version."""

    def json(self) -> dict[str, object]:
        said = {} if self.rekeys is None else {"rekeys": self.rekeys}
        return {
            "grant_id": self.grant_id,
            "officer": self.to,
            "sealed": b64(self.sealed),
            "day": self.day,
            "signature": b64(self.signature),
            **said,
        }


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


class NotAllCodes(Refused):
    """The desk changed no code, because it could not change all. *outcomes* says why, code by code;
    it is empty when the desk did not say.
    """

    def __init__(self, outcomes: Sequence[str]) -> None:
        super().__init__("members.not_all")
        self.outcomes = tuple(outcomes)


class Desk:
    """One officer's conversation with one desk. Use inside `async with`; the session and its key
    live in memory only.
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
            proxy=proxy or None,
            transport=transport,
            # Plain http goes to this machine only (`origin_of`): no certificates to load for it.
            verify=self._origin.startswith("https:"),
            headers={
                "Accept-Encoding": "identity"
            },  # and bodies are read raw: no bomb unpacks here
        )

    def __repr__(self) -> str:
        return f"Desk({self._origin})"

    async def __aenter__(self) -> "Desk":
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self._sign_out()
        finally:
            await self._http.aclose()

    # --- reading

    async def me(self) -> answers.Me:
        return await self._get(answers.Me, "/me")

    async def roster(self) -> bytes:
        return await self._signed_in("GET", "/roster")

    async def tips(
        self, *, after: str | None = None, limit: int = PAGE, statuses: Sequence[str] = ()
    ) -> answers.TipPage:
        return answers.parse(answers.TipPage, await self.tips_raw(after, limit, statuses))

    async def tips_raw(
        self, after: str | None = None, limit: int = PAGE, statuses: Sequence[str] = ()
    ) -> bytes:
        """A page of the queue as it came: whoever opens it parses it."""
        query: dict[str, str] = {"limit": str(limit)}
        if after:
            query["after"] = after
        if statuses:
            query["status"] = ",".join(statuses)
        return await self._signed_in("GET", "/tips", query=query)

    async def standings(self, *, after: str | None = None, limit: int) -> answers.StandingsPage:
        """The same page without grants. Raises Refused from a desk that cannot leave them out."""
        query = {"limit": str(limit)} | ({"after": after} if after else {})
        return await self._get(answers.StandingsPage, "/standings", query)

    async def tip_raw(self, tip_id: str) -> bytes:
        """The tip as it came. Raises as `tip`."""
        return await self._signed_in("GET", f"/tips/{tip_id}")

    async def tip(self, tip_id: str) -> tuple[answers.TipDetail, bytes]:
        """The tip, parsed, and the raw answer (an export keeps it)."""
        raw = await self.tip_raw(tip_id)
        found = answers.parse(answers.TipDetail, raw)
        if found.tip_id != tip_id:
            raise Distrusted("desk.other_tip")
        return found, raw

    async def recovery_tips(self, *, after: str | None = None) -> answers.RecoveryPage:
        query = {"limit": str(PAGE)} | ({"after": after} if after else {})
        return await self._get(answers.RecoveryPage, "/recovery/tips", query)

    @asynccontextmanager
    async def blob(self, tip_id: str, blob_id: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """The sealed bytes of a file, as they come. Bounded by nothing but the reader's pace."""
        path = f"/tips/{tip_id}/blobs/{blob_id}"
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

    async def centres(self) -> answers.Centres:
        """The tree of centres, as the desk's configuration has it. Nobody signed it."""
        return await self._get(answers.Centres, "/centres")

    # --- changing

    async def claim(
        self, tip_id: str, *, version: int, day: str, signature: bytes
    ) -> answers.Claimed:
        return await self._holder("claim", tip_id, version, day, signature)

    async def release(
        self, tip_id: str, *, version: int, day: str, signature: bytes
    ) -> answers.Claimed:
        return await self._holder("release", tip_id, version, day, signature)

    async def assign(
        self, tip_id: str, *, version: int, to_officer: str, day: str, signature: bytes
    ) -> answers.Claimed:
        """Give the tip to *to_officer*. Raises StaleTip or ClaimedByOther: nothing was done."""
        body = {
            "version": version,
            "to_officer": to_officer,
            "day": day,
            "signature": b64(signature),
        }
        return answers.parse(answers.Claimed, await self._post(f"/tips/{tip_id}/assign", body))

    async def append(self, tip_id: str, part: NewPart) -> None:
        """Add a message or a note. Raises StaleTip when the tip has grown meanwhile: nothing was
        added.
        """
        await self._post(f"/tips/{tip_id}/parts", part.json())

    async def set_status(
        self,
        tip_id: str,
        *,
        version: int,
        status: str,
        day: str,
        signature: bytes,
        sentence: NewPart,
        reason: NewPart | None = None,
    ) -> None:
        """*reason* goes into the tip right before *sentence*. Raises StaleTip: nothing was done."""
        told = {} if reason is None else {"reason": reason.json()}
        await self._post(
            f"/tips/{tip_id}/status",
            {
                "version": version,
                "status": status,
                "day": day,
                "signature": b64(signature),
                "sentence": sentence.json(),
                **told,
            },
        )

    async def grant(
        self,
        tip_id: str,
        *,
        grant_id: str,
        to: str,
        sealed: bytes,
        day: str,
        signature: bytes,
        rekeys: int | None = None,
    ) -> None:
        """Let *to* in. Raises StaleTip when the tip has had more *rekeys* by now."""
        grant = NewGrant(grant_id, to, sealed, day, signature, rekeys)
        await self._post(f"/tips/{tip_id}/grants", grant.json())

    async def withdraw(
        self,
        tip_id: str,
        *,
        version: int,
        withdrawn: str,
        rekey: bytes,
        day: str,
        signature: bytes,
        reason: NewPart,
        grants: Sequence[NewGrant],
    ) -> None:
        await self._post(
            f"/tips/{tip_id}/withdraw",
            {
                "version": version,
                "withdrawn": withdrawn,
                "rekey": b64(rekey),
                "day": day,
                "signature": b64(signature),
                "reason": reason.json(),
                "grants": [grant.json() for grant in grants],
            },
        )

    async def move(
        self,
        tip_id: str,
        *,
        version: int,
        to: str,
        day: str,
        signature: bytes,
        reason: NewPart,
        sentence: NewPart,
        grants: Sequence[NewGrant],
    ) -> None:
        """Give the tip to the centre *to*. Raises StaleTip or ClaimedByOther: nothing was done."""
        await self._post(
            f"/tips/{tip_id}/move",
            {
                "version": version,
                "to": to,
                "day": day,
                "signature": b64(signature),
                "reason": reason.json(),
                "sentence": sentence.json(),
                "grants": [grant.json() for grant in grants],
            },
        )

    async def extend(
        self,
        tip_id: str,
        *,
        version: int,
        until_day: str,
        day: str,
        signature: bytes,
        reason: NewPart,
        sentence: NewPart,
    ) -> None:
        """Give the tip until *until_day*. Raises StaleTip or ClaimedByOther: nothing was done."""
        await self._post(
            f"/tips/{tip_id}/extend",
            {
                "version": version,
                "until_day": until_day,
                "day": day,
                "signature": b64(signature),
                "reason": reason.json(),
                "sentence": sentence.json(),
            },
        )

    # --- one's own sessions

    async def sessions(self) -> answers.Sessions:
        return await self._get(answers.Sessions, "/sessions")

    async def end_sessions(self, session_id: str | None) -> int:
        """End that session of this officer, or all but this one; how many ended."""
        raw = await self._post("/sessions/end", {"session_id": session_id})
        return answers.parse(answers.Ended, raw).ended

    # --- opening what identifies

    async def open(
        self, tip_id: str, fields: Mapping[str, str | None], signature: bytes, reason: NewPart
    ) -> answers.Opened:
        """Say why something is opened. Raises StaleTip when the tip has grown: nothing was said."""
        body = {**fields, "signature": b64(signature), "reason": reason.json()}
        return answers.parse(answers.Opened, await self._post(f"/tips/{tip_id}/openings", body))

    async def approve(self, tip_id: str, opening_id: str, *, day: str, signature: bytes) -> None:
        """Agree to another officer's opening. Raises StaleTip when it waits for nobody."""
        body = {"day": day, "signature": b64(signature)}
        await self._post(f"/tips/{tip_id}/openings/{opening_id}/approval", body)

    # --- the audit trail

    async def audit(self, *, after: int = 0) -> answers.AuditPage:
        query = {"after": str(after), "limit": str(AUDIT_PAGE)}
        return await self._get(answers.AuditPage, "/audit", query)

    async def audit_days(self, *, after: str = "") -> answers.AuditDays:
        query = {"limit": str(AUDIT_PAGE)} | ({"after": after} if after else {})
        return await self._get(answers.AuditDays, "/audit/days", query)

    async def sign_audit_day(self, day: str, signature: bytes) -> None:
        await self._post(f"/audit/days/{day}/signatures", {"signature": b64(signature)})

    # --- member codes, for registrars

    async def member_terms(self) -> answers.MemberTerms:
        return await self._get(answers.MemberTerms, "/members/terms")

    async def member_counts(self) -> answers.MemberCounts:
        return await self._get(answers.MemberCounts, "/members/counts")

    async def member_record(
        self, centre: str, *, after: str | None = None
    ) -> answers.MemberRecordPage:
        query = {"centre": centre, "limit": str(PAGE)} | ({"after": after} if after else {})
        return await self._get(answers.MemberRecordPage, "/members/record", query)

    async def change_codes(self, path: str, body: Mapping[str, object], count: int) -> None:
        """Have a batch of *count* codes added ("codes") or changed ("states"), whole. Raises
        NotAllCodes when the desk did nothing of it.
        """
        status, raw = await self._answered("POST", f"/members/{path}", body=body)
        if status == httpx.codes.CONFLICT:
            raise NotAllCodes(_outcomes(raw, count))
        if not httpx.codes.is_success(status):
            _refuse(status, raw, self._officer)
        if not set(answers.parse(answers.CodeOutcomes, raw).outcomes) <= {"done", "known"}:
            raise Distrusted("desk.malformed", place="outcomes")

    # --- knowledge cards and what is sent of them

    async def cards(self) -> answers.CardList:
        return await self._get(answers.CardList, "/cards")

    async def put_card(self, card: KnowledgeCard, signature: bytes) -> None:
        """Publish *card*, or its withdrawal. Raises StaleTip: somebody else was first."""
        await self._post(
            "/cards",
            {
                "card_id": card.card_id,
                "version": card.version,
                "centre": card.centre,
                "audiences": ",".join(card.audiences),
                "state": card.state,
                "day": card.day,
                "content": b64(card.content),
                "signature": b64(signature),
            },
        )

    async def campaigns(self) -> answers.CampaignList:
        return await self._get(answers.CampaignList, "/campaigns")

    async def begin_campaign(self, fields: Mapping[str, str], signature: bytes) -> None:
        """Have a card sent. Raises StaleTip: it is being sent already."""
        await self._post("/campaigns", {**fields, "signature": b64(signature)})

    async def stop_campaign(self, campaign_id: str) -> bool:
        """Whether it was running until now."""
        raw = await self._post(f"/campaigns/{campaign_id}/stop", {})
        return answers.parse(answers.Stopped, raw).stopped

    # --- the officer's own alerts

    async def alerts(self) -> answers.Alerts:
        return await self._get(answers.Alerts, "/alerts")

    async def alert_link(self, channel: str, language: str) -> answers.AlertLink:
        raw = await self._post("/alerts/links", {"channel": channel, "language": language})
        return answers.parse(answers.AlertLink, raw)

    async def alert_mail(self, address: str, language: str) -> answers.AlertMailed:
        raw = await self._post("/alerts/email", {"address": address, "language": language})
        return answers.parse(answers.AlertMailed, raw)

    async def confirm_alert_mail(self, code: str) -> None:
        await self._post("/alerts/email/confirm", {"code": code})

    async def remove_alert(self, binding_id: str) -> None:
        await self._post(f"/alerts/places/{binding_id}/remove", {})

    async def set_alert_wishes(self, wishes: Mapping[str, object]) -> None:
        await self._post("/alerts/wishes", wishes)

    async def test_alerts(self) -> int:
        """To how many places a test is on its way."""
        return answers.parse(answers.AlertTested, await self._post("/alerts/test", {})).places

    # --- how

    async def _sign_out(self) -> None:
        """End the session at the desk. A desk that does not hear it lets the token expire
        anyway.
        """
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(ConsoleError, TimeoutError):
                async with asyncio.timeout(SIGN_OUT_S):
                    await self._ask("POST", "/sign-out", session=session)

    async def _holder(
        self, deed: str, tip_id: str, version: int, day: str, signature: bytes
    ) -> answers.Claimed:
        body = {"version": version, "day": day, "signature": b64(signature)}
        return answers.parse(answers.Claimed, await self._post(f"/tips/{tip_id}/{deed}", body))

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
        if not httpx.codes.is_success(status):
            _refuse(status, answer, self._officer)
        return answer

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
                return answer.status_code, await _bounded(answer)
        except httpx.HTTPError as error:
            raise Unreachable("desk.unreachable", desk=self._origin) from error

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
        if not httpx.codes.is_success(status):
            _refuse(status, raw, self._officer)
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
        if not httpx.codes.is_success(status):
            _refuse(status, raw, self._officer)
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


def _outcomes(body: bytes, count: int) -> tuple[str, ...]:
    try:
        outcomes = answers.parse(answers.CodeOutcomes, body).outcomes
    except Distrusted:
        return ()
    return outcomes if len(outcomes) == count else ()


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
