"""The desk's web application: its routes, put together.

Nothing of a request is logged. The OpenAPI description is served at /desk/v1/openapi.json.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import StreamingResponse

from bot.alerts.office import AlertOffice
from bot.alerts.raising import Raising, Uncounted
from bot.centres import Clocks
from bot.clock import Clock, today
from bot.desk import roles, session_shapes, shapes
from bot.desk.alerts import alert_routes
from bot.desk.assigning import Assigning
from bot.desk.audit import AuditDesk, audit_routes
from bot.desk.deeds import Deeds
from bot.desk.description import DescribedApp
from bot.desk.door import Caller, Door, session_of
from bot.desk.edge import Bounded
from bot.desk.errors import BadShape, NotFound
from bot.desk.extending import Extending, extending_routes
from bot.desk.figures import FiguresDesk, figures_routes
from bot.desk.handing_over import HandingOverDesk, handing_over_routes
from bot.desk.knowledge import KnowledgeDesk, knowledge_routes
from bot.desk.legal_hold import LegalHolds, legal_hold_routes
from bot.desk.members import Members, MemberTerms, member_routes
from bot.desk.opening import OpeningDesk, opening_routes
from bot.desk.refusals import HANDLERS, REFUSALS
from bot.desk.roles import PREFIX
from bot.desk.sessions import CHALLENGE_S, SIGN_IN_RULES, SessionRules, Sessions
from bot.desk.views import Views
from bot.desk.withdrawing import Withdrawing
from bot.figures.counting import TipCounting
from bot.guessing import last_day
from bot.restored import lately
from bot.seconded import Seconded
from bot.throttle import ThrottleRules
from sealing import Roster, VerifyKey
from sealing.proofs import SIGN_IN_VERSION
from storage.blobs import BlobStore
from storage.port import Database, Missing

_BYTES_OF: Mapping[str, dict[int | str, dict[str, Any]]] = {
    media: {200: {"content": {media: {"schema": {"type": "string", "format": "binary"}}}}}
    for media in ("text/plain", "application/octet-stream")
}


@dataclass(frozen=True, slots=True)
class CentreName:
    """How a centre is called and where it stands: under *parent*, inside *agency* (an integrity
    centre). *clocks* are its days."""

    name_th: str
    name_en: str
    parent: str | None = None
    agency: str | None = None
    clocks: Clocks | None = None


async def _nothing() -> None:
    """Where nobody shows cards."""


@dataclass(frozen=True, slots=True)
class DeskParts:
    """What the desk is made of. *origin* is what officers sign at sign-in: scheme, host, port.
    *audit_key* is the server's, which signs the days of the audit trail; what *second_officer*
    holds (`Seconded`), one officer alone may not open or hand over. *counting* counts what ends,
    and of fewer than *internal_k* tips no figure is told. Tips that ended are kept for
    *closed_days* (0: for ever).
    *on_news* is called once it is durable that somebody is to be told of news, *on_cards* and
    *on_campaigns* that knowledge cards and what is sent of them changed. So many *alarm_days*
    officers see that somebody was guessing codes, and so many *restore_told_days* that the
    server was made of a backup."""

    database: Database
    blobs: BlobStore
    roster: Callable[[], Roster]
    signed_roster: Callable[[], bytes]
    centres: Mapping[str, CentreName]
    origin: str
    clock: Clock
    session_s: float
    members: MemberTerms
    audit_key: VerifyKey
    counting: TipCounting
    internal_k: int = 5
    idle_s: float = 15 * 60
    sign_in: ThrottleRules = SIGN_IN_RULES
    on_news: Callable[[], None] = lambda: None
    alarm_days: int = 14
    restore_told_days: int = 30
    on_cards: Callable[[], Awaitable[None]] = _nothing
    on_campaigns: Callable[[], None] = lambda: None
    longest_extension_days: int = 60
    closed_days: int = 0
    second_officer: frozenset[str] = frozenset()
    alerts: AlertOffice | None = None
    """None: nobody is alerted, and the routes for it are not there."""
    raising: Raising = field(default_factory=Uncounted)


def desk_app(parts: DeskParts) -> FastAPI:
    """The desk, ready to be served."""
    app = DescribedApp(
        title="Saisaat desk",
        version="1",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
    )
    app.prefix = PREFIX
    rules = SessionRules(parts.session_s, parts.idle_s, parts.sign_in)
    sessions = Sessions(parts.origin, parts.roster, parts.clock, rules)
    for routes in _routes(parts, sessions):
        app.include_router(routes, prefix=PREFIX)
    for error, handler in HANDLERS.items():
        app.add_exception_handler(error, handler)
    opened = {PREFIX + route.partition(" ")[2] for route in roles.OPEN} | {f"{PREFIX}/openapi.json"}
    app.add_middleware(Door, sessions=sessions, opened=opened)
    app.add_middleware(Bounded, opened=opened)
    return app


def _routes(parts: DeskParts, sessions: Sessions) -> Iterator[APIRouter]:
    database, roster, clock = parts.database, parts.roster, parts.clock
    openings = OpeningDesk(database, roster, clock, parts.second_officer)
    parents = {centre: name.parent for centre, name in parts.centres.items()}
    yield _open_routes(parts, sessions)
    yield _session_routes(sessions)
    yield _tip_routes(parts, openings)
    yield extending_routes(
        Extending(database, roster, clock, parts.longest_extension_days, parts.on_news)
    )
    yield legal_hold_routes(LegalHolds(database, roster, clock))
    yield knowledge_routes(
        KnowledgeDesk(database, roster, clock, parts.on_cards, parts.on_campaigns)
    )
    yield member_routes(Members(database, parts.members, clock))
    yield opening_routes(openings)
    yield handing_over_routes(
        HandingOverDesk(database, roster, clock, Seconded.HANDOVER in parts.second_officer)
    )
    yield audit_routes(AuditDesk(database, parts.audit_key))
    yield figures_routes(FiguresDesk(database, clock, parents, parts.internal_k))
    if parts.alerts is not None:
        yield alert_routes(parts.alerts)


def _open_routes(parts: DeskParts, sessions: Sessions) -> APIRouter:
    routes = APIRouter(responses=REFUSALS)

    @routes.post("/challenge")
    async def challenge(asked: session_shapes.AskChallenge) -> session_shapes.ChallengeAnswer:
        """A challenge to sign. Given to anybody: it says nothing about who exists."""
        return session_shapes.ChallengeAnswer(
            challenge=sessions.challenge(asked.officer),
            desk=parts.origin,
            expires_s=CHALLENGE_S,
            version=SIGN_IN_VERSION,
        )

    @routes.post("/sign-in")
    async def sign_in(claimed: session_shapes.SignIn) -> session_shapes.SessionAnswer:
        """A token for whoever signed the challenge, and the key of a new session, with a key of the
        roster. Every later request carries the session key's proof."""
        if claimed.session_key is None:
            says = "This console is older than the desk. Install the newer one, then sign in again."
            raise BadShape("old_console", says, field="session_key")
        token, _ = sessions.sign_in(
            claimed.officer, claimed.challenge, claimed.signature, claimed.session_key
        )
        return session_shapes.SessionAnswer(token=token, expires_s=int(parts.session_s))

    @routes.get("/me")
    async def me(officer: Caller) -> shapes.MeAnswer:
        """Who is signed in, by the roster that the desk uses; whether somebody was guessing codes
        lately, on which day; and whether this server was lately made of a backup, of which day."""
        now = today(parts.clock)
        guessing, restored = await parts.database.read(
            lambda t: (
                last_day(t, now, parts.alarm_days),
                lately(t, now, parts.restore_told_days),
            )
        )
        return shapes.MeAnswer(
            officer=officer.id,
            name=officer.name,
            roles=tuple(role.value for role in officer.roles),
            centres=tuple(_centre(parts, centre) for centre in officer.centres),
            roster_version=parts.roster().version,
            guessing_day=None if guessing is None else guessing.isoformat(),
            restored_day=None if restored is None else restored.day,
            backup_day=None if restored is None else restored.backup_day,
        )

    @routes.get("/roster", response_class=Response, responses=_BYTES_OF["text/plain"])
    async def roster(officer: Caller) -> Response:
        """The signed roster, byte for byte; check it against the pinned admin key."""
        return Response(parts.signed_roster(), media_type="text/plain; charset=utf-8")

    return routes


def _session_routes(sessions: Sessions) -> APIRouter:
    routes = APIRouter(responses=REFUSALS)

    @routes.post("/sign-out", status_code=204)
    async def sign_out(officer: Caller, request: Request) -> Response:
        """End this session."""
        sessions.end(officer.id, session_of(request).id)
        return Response(status_code=204)

    @routes.get("/sessions")
    async def listed(officer: Caller, request: Request) -> session_shapes.SessionsAnswer:
        """The caller's own sessions: since which day, and which one is this. From where is not
        known here."""
        this = session_of(request)
        return session_shapes.SessionsAnswer(
            sessions=tuple(
                session_shapes.OneSession(
                    session_id=each.id, since=each.began.isoformat(), is_this=each is this
                )
                for each in sessions.of(officer.id)
            )
        )

    @routes.post("/sessions/end")
    async def end(
        officer: Caller, request: Request, which: session_shapes.EndSessions
    ) -> session_shapes.EndedAnswer:
        """End one of the caller's sessions, or all but this one."""
        if which.session_id is None:
            return session_shapes.EndedAnswer(
                ended=sessions.end_others(officer.id, session_of(request))
            )
        sessions.end(officer.id, which.session_id)
        return session_shapes.EndedAnswer(ended=1)

    return routes


def _tip_routes(parts: DeskParts, openings: OpeningDesk) -> APIRouter:
    routes = APIRouter(responses=REFUSALS)
    views = Views(parts.database, parts.roster)
    above = {centre: _above(parts.centres, centre) for centre in parts.centres}
    deeds = Deeds(
        parts.database,
        parts.roster,
        parts.clock,
        parts.counting,
        parts.on_news,
        above,
        parts.raising,
    )
    assigning = Assigning(parts.database, parts.roster, parts.clock)
    withdrawing = Withdrawing(parts.database, parts.roster, parts.clock)

    @routes.get("/tips", response_model=shapes.PageAnswer)
    async def tips(
        officer: Caller,
        after: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=shapes.PAGE_AT_MOST)] = 50,
        status: Annotated[str | None, Query(max_length=200)] = None,
    ) -> Response:
        """The officer's queue, newest day first; *status* is a comma-separated list."""
        return _written(await views.queue(officer, after, limit, status))

    @routes.get("/standings", response_model=shapes.StandingsAnswer)
    async def standings(
        officer: Caller,
        after: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=shapes.PAGE_AT_MOST)] = shapes.PAGE_AT_MOST,
    ) -> Response:
        """The queue as /tips pages it, without grants: where each tip stands now."""
        return _written(await views.standings(officer, after, limit))

    @routes.get("/tips/{tip_id}")
    async def tip(officer: Caller, tip_id: str) -> shapes.WholeTip:
        """One tip with its sealed parts."""
        return await views.tip(officer, tip_id)

    @routes.get(
        "/tips/{tip_id}/blobs/{blob_id}",
        response_class=StreamingResponse,
        responses=_BYTES_OF["application/octet-stream"],
    )
    async def blob(officer: Caller, tip_id: str, blob_id: str) -> StreamingResponse:
        """The sealed bytes of one file."""
        await openings.check_blob(officer, tip_id, blob_id)
        return StreamingResponse(
            await _started(parts.blobs.read(blob_id)), media_type="application/octet-stream"
        )

    @routes.post("/tips/{tip_id}/claim")
    async def claim(officer: Caller, tip_id: str, held: shapes.Hold) -> shapes.HeldAnswer:
        """Take the tip. Of two officers one wins; the other is told who."""
        return await deeds.claim(officer, tip_id, held)

    @routes.post("/tips/{tip_id}/release")
    async def release(officer: Caller, tip_id: str, held: shapes.Hold) -> shapes.HeldAnswer:
        """Give the tip back."""
        return await deeds.release(officer, tip_id, held)

    @routes.post("/tips/{tip_id}/assign")
    async def assign(officer: Caller, tip_id: str, new: shapes.NewAssign) -> shapes.HeldAnswer:
        """Give the tip to a colleague who can open it, or take it: for a lead of its centre, and
        for who holds it. Of two officers one wins; the other is told who."""
        return await assigning.assign(officer, tip_id, new)

    @routes.post("/tips/{tip_id}/parts", status_code=201)
    async def add(officer: Caller, tip_id: str, part: shapes.NewPart) -> shapes.AddedAnswer:
        """Add a message or a note behind the tip's newest part."""
        return await deeds.add_part(officer, tip_id, part)

    @routes.post("/tips/{tip_id}/status")
    async def status(officer: Caller, tip_id: str, new: shapes.NewStatus) -> shapes.VersionAnswer:
        """Move the tip to another status, with a sentence for the reporter."""
        return await deeds.set_status(officer, tip_id, new)

    @routes.post("/tips/{tip_id}/grants", status_code=201)
    async def grant(officer: Caller, tip_id: str, new: shapes.NewGrant) -> Response:
        """Let a colleague in."""
        await deeds.add_grant(officer, tip_id, new)
        return Response(status_code=201)

    @routes.get("/centres")
    async def centres(_: Caller) -> shapes.CentresAnswer:
        """Every centre there is, where it stands, and its clocks. Public configuration."""
        return shapes.CentresAnswer(
            centres=tuple(
                shapes.TreeCentre(
                    id=each,
                    name_th=name.name_th,
                    name_en=name.name_en,
                    parent=name.parent,
                    agency=name.agency,
                    clocks=_clocks(name.clocks),
                )
                for each, name in parts.centres.items()
            ),
            longest_extension_days=parts.longest_extension_days,
            closed_days=parts.closed_days,
        )

    @routes.post("/tips/{tip_id}/move")
    async def move(officer: Caller, tip_id: str, new: shapes.NewMove) -> shapes.VersionAnswer:
        """Give the tip to another centre, with a sentence for the reporter and a reason for
        officers. Of two officers one wins."""
        return await deeds.move(officer, tip_id, new)

    @routes.post("/tips/{tip_id}/withdraw")
    async def withdraw(officer: Caller, tip_id: str, new: shapes.NewRekey) -> shapes.VersionAnswer:
        """Shut an officer out of what is told later: new keys, and grants of them for all others,
        with a reason for officers."""
        return await withdrawing.withdraw(officer, tip_id, new)

    @routes.get("/recovery/tips")
    async def recovery_tips(
        officer: Caller,
        after: Annotated[str | None, Query(max_length=64)] = None,
        limit: Annotated[int, Query(ge=1, le=shapes.PAGE_AT_MOST)] = 50,
    ) -> shapes.RecoveryPage:
        """Every tip's grant to recovery, for an admin who holds the recovery key."""
        return await views.recovery(officer, after, limit)

    return routes


def _written(page: shapes.PageAnswer | shapes.StandingsAnswer) -> Response:
    """A long page, written as it is: it was made of our own rows and need not be checked again."""
    return Response(page.model_dump_json(), media_type="application/json")


def _centre(parts: DeskParts, centre: str) -> shapes.CentreAnswer:
    name = parts.centres.get(centre, CentreName(centre, centre))
    return shapes.CentreAnswer(id=centre, name_th=name.name_th, name_en=name.name_en)


def _clocks(clocks: Clocks | None) -> shapes.ClockDays | None:
    if clocks is None:
        return None
    lengths = clocks.lengths
    return shapes.ClockDays(
        acknowledge_days=lengths.acknowledge_days,
        screening_days=lengths.screening_days,
        feedback_days=lengths.feedback_days,
        warn_days=clocks.warn_days,
    )


def _above(centres: Mapping[str, CentreName], centre: str) -> tuple[str, ...]:
    """The centres above *centre*, nearest first."""
    path: list[str] = []
    parent = centres[centre].parent
    while parent is not None and parent in centres and parent not in path:
        path.append(parent)
        parent = centres[parent].parent
    return tuple(path)


async def _started(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same chunks, the first one read already: a missing blob is a 404, not a broken stream."""
    try:
        first = await anext(chunks, b"")
    except Missing:
        raise NotFound from None

    async def rest() -> AsyncIterator[bytes]:
        yield first
        async for chunk in chunks:
            yield chunk

    return rest()
