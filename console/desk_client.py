"""What an officer's console asks of the desk: one method a route, every answer parsed. It opens no
seal.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from console import answers
from console.desk_wire import Wire, b64
from console.errors import Distrusted, Refused
from console.figure_answers import NetworkFigures
from console.http import httpx
from sealing import Counts, KnowledgeCard

PAGE = 50
AUDIT_PAGE = 500


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


@dataclass(frozen=True, slots=True)
class NewCounts:
    """What is to be counted of a tip that ends, and the signature; in place of what was counted
    *before*."""

    counts: Counts
    signature: bytes
    before: Counts | None = None

    def json(self) -> dict[str, object]:
        before = None if self.before is None else _told(self.before)
        return {**_told(self.counts), "signature": b64(self.signature), "before": before}


class NotAllCodes(Refused):
    """The desk changed no code, because it could not change all. *outcomes* says why, code by code;
    it is empty when the desk did not say.
    """

    def __init__(self, outcomes: Sequence[str]) -> None:
        super().__init__("members.not_all")
        self.outcomes = tuple(outcomes)


def _told(counts: Counts) -> dict[str, object]:
    return {**counts.by_measure(), "salt": b64(counts.salt)}


class Desk(Wire):
    """One officer's conversation with one desk."""

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
        async with self._streamed(path) as chunks:
            yield chunks

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
        counts: NewCounts | None = None,
    ) -> None:
        """*reason* goes into the tip right before *sentence*. Raises StaleTip: nothing was done."""
        told: dict[str, object] = {} if reason is None else {"reason": reason.json()}
        told |= {} if counts is None else {"counts": counts.json()}
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

    async def set_held(
        self,
        tip_id: str,
        *,
        is_held: bool,
        version: int,
        day: str,
        signature: bytes,
        reason: NewPart,
    ) -> None:
        """Put the tip on hold or lift that. Raises StaleTip or ClaimedByOther: nothing was done."""
        await self._post(
            f"/tips/{tip_id}/{'hold' if is_held else 'unhold'}",
            {
                "version": version,
                "day": day,
                "signature": b64(signature),
                "reason": reason.json(),
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

    # --- handing over to other bodies

    async def hand_over(
        self, tip_id: str, fields: Mapping[str, str], signature: bytes, reason: NewPart
    ) -> answers.HandedOver:
        """Have a hand-over recorded. Raises StaleTip when the tip has grown: nothing was."""
        body = {**fields, "signature": b64(signature), "reason": reason.json()}
        return answers.parse(
            answers.HandedOver, await self._post(f"/tips/{tip_id}/handovers", body)
        )

    async def approve_handover(
        self, tip_id: str, handover_id: str, *, day: str, signature: bytes
    ) -> None:
        """Agree to another officer's hand-over. Raises StaleTip when it waits for nobody."""
        body = {"day": day, "signature": b64(signature)}
        await self._post(f"/tips/{tip_id}/handovers/{handover_id}/approval", body)

    # --- figures

    async def figures(self, first: str, last: str) -> NetworkFigures:
        """Figures of this officer's centres that reach into the months from *first* to *last*."""
        return await self._get(NetworkFigures, "/figures", {"from": first, "to": last})

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
        self._check(status, raw)
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

    async def _holder(
        self, deed: str, tip_id: str, version: int, day: str, signature: bytes
    ) -> answers.Claimed:
        body = {"version": version, "day": day, "signature": b64(signature)}
        return answers.parse(answers.Claimed, await self._post(f"/tips/{tip_id}/{deed}", body))


def _outcomes(body: bytes, count: int) -> tuple[str, ...]:
    try:
        outcomes = answers.parse(answers.CodeOutcomes, body).outcomes
    except Distrusted:
        return ()
    return outcomes if len(outcomes) == count else ()
