"""The program: the only place where the rooms are put together, and how it starts and stops.

    serve(config)            run until SIGTERM or SIGINT (the command line)
    await run(config, …)     the same inside an event loop; clock, database and the order to stop
                             are arguments, so that a harness can kill, fake and measure
    async with opened(…)     everything wired and swept, but nobody served yet

Laws: nothing is served without a signed roster that has a recovery recipient; what a crash left is
swept before the first turn; a stop lets the turns at work end, then closes what is open, the other
way round than it was opened.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from starlette.types import ASGIApp

from bot import collector
from bot.alerts import wiring as alerts_wiring
from bot.alerts.clocks import TipClocks
from bot.alerts.raising import Counting
from bot.alerts.records import Records
from bot.alerts.wiring import AlertParts, Alerts
from bot.auditing import Auditing, audit_key
from bot.books import Books, books_of
from bot.campaigning import Campaigning, Spare
from bot.centres import Organisation, lengths_of, organise
from bot.channels.web import WebParts, web_app
from bot.clock import Clock, SystemClock
from bot.config import Config
from bot.config import Telegram as TelegramConfig
from bot.desk import DeskParts, desk_app
from bot.desk.app import CentreName
from bot.desk.members import MemberTerms
from bot.doors import doors
from bot.escalation import Escalation
from bot.evidence import Evidence
from bot.fetching import Fetching, Source
from bot.figures.book import FigureBook
from bot.figures.counting import TipCounting
from bot.figures.measures import shipped_measures
from bot.figures.periods import Periods
from bot.figures.publishing import PublicQuarters, Publishing, quarters_key
from bot.figures.tables import tables_of
from bot.filing import Filing
from bot.following import Codes
from bot.hardening import allow_many_files, disable_core_dumps
from bot.knowledge import Knowledge
from bot.logs import guard_loop, logger
from bot.marks import Marks
from bot.means import Means, TurnRules, random_id
from bot.notices import Notices
from bot.outbox import Channel as PushChannel
from bot.outbox import Outbox
from bot.pins import pin
from bot.recall import Recall
from bot.registry import RegistryInUse
from bot.registry import alarms as registry_alarms
from bot.retention import Retention
from bot.roster import Alarm, RosterInUse, alarms
from bot.routes import Routing, router
from bot.rules import (
    campaign_rules,
    cleaning_rules,
    evidence_rules,
    fetch_rules,
    figure_rules,
    reopening,
    retention_rule,
    sign_in_rules,
    stretch_rules,
    throttle_rules,
    upkeep_rules,
    windows_s,
)
from bot.screen import Screens
from bot.server_key import ServerKey
from bot.servers import STOP_S, Server, desk_server, web_server
from bot.state import Drawer
from bot.stretch import Stretches
from bot.subscriptions import Subscriptions
from bot.telling import Telling
from bot.throttle import Throttle
from bot.turn import Turns
from bot.upkeep import Upkeep
from bot.uploads import Uploads
from cleaning import Cleaner
from storage import Database, SqliteDatabase
from storage.blobs import FolderBlobs
from storage.forget import ForgetStore
from storage.repositories import clocks, expiry

OpenDatabase = Callable[[Path], Awaitable[Database]]


@dataclass(frozen=True, slots=True)
class Running:
    """Everything that runs, wired. A harness may reach into it; channels get only their ports."""

    config: Config = field(repr=False)
    clock: Clock
    means: Means
    turns: Turns
    screens: Screens
    evidence: Evidence
    stretches: Stretches
    throttle: Throttle
    outbox: Outbox
    telling: Telling
    campaigning: Campaigning
    knowledge: Knowledge
    fetching: Fetching
    reached: "Reached"
    upkeep: Upkeep
    roster: RosterInUse
    registry: RegistryInUse
    alerts: Alerts
    web: ASGIApp
    desk: ASGIApp


@dataclass(frozen=True, slots=True)
class Platform:
    """One connected platform, by what it is for."""

    push: PushChannel
    source: Source
    spare: Spare
    webhook: ASGIApp | None = None
    run: Callable[[], Coroutine[Any, Any, None]] | None = None


@dataclass(frozen=True, slots=True)
class Reached:
    """The platforms that are connected, by channel."""

    platforms: Mapping[str, Platform] = field(default_factory=dict)

    def with_one(self, name: str, platform: Platform) -> "Reached":
        return Reached({**self.platforms, name: platform})

    @property
    def push(self) -> Mapping[str, PushChannel]:
        return {name: each.push for name, each in self.platforms.items()}

    @property
    def spares(self) -> Mapping[str, Spare]:
        return {name: each.spare for name, each in self.platforms.items()}

    @property
    def sources(self) -> Mapping[str, Source]:
        return {name: each.source for name, each in self.platforms.items()}

    @property
    def webhooks(self) -> Mapping[str, ASGIApp]:
        """By path: /line/webhook, /telegram/webhook."""
        found = ((name, each.webhook) for name, each in self.platforms.items())
        return {f"/{name}/webhook": app for name, app in found if app is not None}

    @property
    def runs(self) -> tuple[Callable[[], Coroutine[Any, Any, None]], ...]:
        """What has to run for as long as the program does."""
        return tuple(each.run for each in self.platforms.values() if each.run is not None)


def serve(config: Config) -> None:
    """Run until told to stop. Raises Misconfigured or StorageError: it did not serve."""
    disable_core_dumps()
    allow_many_files()
    asyncio.run(run(config))


async def run(
    config: Config,
    *,
    clock: Clock | None = None,
    open_database: OpenDatabase = SqliteDatabase.open,
    connect: "Connect | None" = None,
    stop: asyncio.Event | None = None,
    on_ready: Callable[[Running], None] = lambda running: None,
) -> None:
    """Serve until *stop* is set, or a signal asks to. Raises Misconfigured or StorageError."""
    guard_loop(asyncio.get_running_loop())
    stop = stop or asyncio.Event()
    async with opened(config, clock=clock, open_database=open_database, connect=connect) as running:
        servers = (web_server(config, running.web), desk_server(config, running.desk))
        with _signals_set(stop):
            collector.keep_for_good()
            async with asyncio.TaskGroup() as group:
                serving_tasks = [group.create_task(server.serve()) for server in servers]
                behind = [
                    group.create_task(running.outbox.run()),
                    group.create_task(running.telling.run()),
                    group.create_task(running.campaigning.run()),
                    group.create_task(running.fetching.run()),
                    group.create_task(running.upkeep.run()),
                ]
                await _up(servers, serving_tasks)
                logger().info("bot_started", version=running.roster.current.version)
                runs = (*running.reached.runs, *running.alerts.runs)
                behind += [group.create_task(run()) for run in runs]
                on_ready(running)
                await _first(stop, *serving_tasks)
                logger().info("bot_stops")
                for server in servers:
                    server.should_exit = True
                await asyncio.wait(serving_tasks, timeout=STOP_S)
                for task in behind:
                    task.cancel()


@asynccontextmanager
async def opened(
    config: Config,
    *,
    clock: Clock | None = None,
    open_database: OpenDatabase = SqliteDatabase.open,
    connect: "Connect | None" = None,
) -> AsyncIterator[Running]:
    """Everything of *config*, wired and swept; closed on leaving. *connect* opens other platforms
    than the configuration's."""
    clock = clock or SystemClock()
    organisation = organise(config)
    server_key = ServerKey.read(config.server_key, is_credential=config.secrets.is_credential)
    async with AsyncExitStack() as stack:
        db = await open_database(config.storage.database)
        stack.push_async_callback(db.close)
        cost = config.limits.stretch_cost
        await db.commit(lambda t: pin(t, server_key, cost))
        lengths = lengths_of(config, organisation)
        await db.commit(lambda t: clocks.put_lengths(t, lengths))
        await db.commit(lambda t: expiry.put_rule(t, retention_rule(config)))
        roster = await RosterInUse.open(config.roster, db)
        registry = await RegistryInUse.open(config.registry.file, config.roster.admin_key, db)
        forget = await stack.enter_async_context(await ForgetStore.open(config.storage.forget))
        blobs = await stack.enter_async_context(await FolderBlobs.open(config.storage.blobs))
        throttle = Throttle(clock, throttle_rules(config))
        stretches = Stretches(
            stretch_rules(config), clock=clock, is_braked=lambda: throttle.is_flooded
        )
        books = books_of(config, organisation, roster, registry)
        means = _means(
            config, clock, server_key, db, forget, blobs, roster, books, stretches, throttle,
            route=router(organisation.centres),
        )  # fmt: skip
        knowledge = Knowledge(db, lambda: roster.current, books)
        await knowledge.refresh()
        turns = Turns(means)
        reached = await (connect or connected)(config, means, turns, stack)
        cleaner = await stack.enter_async_context(Cleaner(cleaning_rules(config)))
        alerts = await stack.enter_async_context(
            alerts_wiring.opened(_alert_parts(config, organisation, means, roster))
        )
        running = _wired(
            config, organisation, server_key, roster, registry, means, knowledge, stretches,
            throttle, turns, reached, cleaner, alerts,
        )  # fmt: skip
        stack.callback(running.stretches.close)
        stack.callback(running.evidence.close)
        await running.upkeep.at_start()
        yield running


def _means(
    config: Config,
    clock: Clock,
    server_key: ServerKey,
    db: Database,
    forget: ForgetStore,
    blobs: FolderBlobs,
    roster: RosterInUse,
    books: Books,
    stretches: Stretches,
    throttle: Throttle,
    *,
    route: Routing,
) -> Means:
    cost = config.limits.stretch_cost
    drawer, marks = Drawer(server_key), Marks(server_key)
    return Means(
        db=db,
        forget=forget,
        blobs=blobs,
        drawer=drawer,
        marks=marks,
        books=books,
        codes=Codes(
            db,
            server_key,
            cost,
            stretches=stretches,
            throttle=throttle,
            reopening=reopening(config),
        ),
        filing=Filing(
            server_key,
            cost,
            stretches=stretches,
            roster=lambda: roster.current,
            route=route,
            new_id=random_id,
        ),
        uploads=Uploads(),
        recall=Recall(db, forget, drawer, marks, clock, windows_s(config)),
        notices=Notices(db, forget, drawer, clock, days=config.retention.notice_days),
        subscriptions=Subscriptions(
            db, forget, drawer, clock, days=config.retention.subscription_days
        ),
        clock=clock,
        rules=TurnRules(
            answer_days=config.retention.answer_days,
            wipe_days=-(-config.retention.wipe_hours // 24) - 1,
            receipt_s=config.retention.receipt_hours * 3600,
            reopening=reopening(config),
        ),
        raising=Counting(Records(drawer, forget), lambda: roster.current),
    )


def _wired(
    config: Config,
    organisation: Organisation,
    server_key: ServerKey,
    roster: RosterInUse,
    registry: RegistryInUse,
    means: Means,
    knowledge: Knowledge,
    stretches: Stretches,
    throttle: Throttle,
    turns: Turns,
    reached: Reached,
    cleaner: Cleaner,
    alerts: Alerts,
) -> Running:
    screens, telling = Screens(means), Telling(means, turns)
    campaigning = Campaigning(
        means, turns, lambda: roster.current, reached.spares, campaign_rules(config)
    )
    evidence = Evidence(
        turns,
        means.blobs,
        means.uploads,
        means.clock,
        random_id,
        evidence_rules(config),
        cleaner=cleaner,
    )
    upkeep = Upkeep(
        means,
        turns,
        throttle,
        upkeep_rules(config),
        roster=roster,
        registry=registry,
        knowledge=knowledge,
        auditing=Auditing(means.db, server_key, means.clock),
        periods=Periods(
            means.db,
            means.clock,
            FigureBook(server_key),
            shipped_measures(),
            config.figures.internal_k,
        ),
        publishing=Publishing(
            means.db,
            server_key,
            means.clock,
            tables_of(organisation.centres),
            figure_rules(config),
        ),
        escalation=Escalation(
            means.db, lambda: roster.current, organisation.centres, means.clock, means.raising
        ),
        retention=Retention(means.db, means.blobs, means.forget, means.clock),
        alarms=lambda day: _alarms(config, roster, registry, day),
    )
    return Running(
        config=config,
        clock=means.clock,
        means=means,
        turns=turns,
        screens=screens,
        evidence=evidence,
        stretches=stretches,
        throttle=throttle,
        outbox=Outbox(means, turns, screens, reached.push),
        fetching=Fetching(means, turns, evidence, reached.sources, fetch_rules(config)),
        telling=telling,
        campaigning=campaigning,
        knowledge=knowledge,
        reached=reached,
        upkeep=upkeep,
        roster=roster,
        registry=registry,
        alerts=alerts,
        web=doors(
            _web(config, means, turns, screens, evidence, registry, server_key),
            {**reached.webhooks, **alerts.webhooks},
        ),
        desk=_desk(
            config,
            organisation,
            server_key,
            means,
            roster,
            knowledge,
            telling.ring,
            campaigning.ring,
            alerts,
        ),
    )


# --- platforms -----------------------------------------------------------------------


Connect = Callable[[Config, Means, Turns, AsyncExitStack], Awaitable[Reached]]


async def connected(config: Config, means: Means, turns: Turns, stack: AsyncExitStack) -> Reached:
    """The platforms that the configuration switches on, opened for as long as *stack* lasts."""
    reached = Reached()
    telegram, line = config.telegram, config.line
    if telegram.token is not None:
        opened = await _telegram(telegram, telegram.token, means, turns, stack)
        reached = reached.with_one("telegram", opened)
    if line.channel_secret is not None and line.channel_access_token is not None:
        secrets = (line.channel_secret, line.channel_access_token)
        reached = reached.with_one("line", await _line(config, secrets, means, turns, stack))
    return reached


async def _telegram(
    config: TelegramConfig, token: SecretStr, means: Means, turns: Turns, stack: AsyncExitStack
) -> Platform:
    # Imported where it is switched on: the platforms' own libraries take much memory.
    from bot.channels.telegram import Telegram, TelegramParts

    parts = TelegramParts(
        turns=turns,
        clock=means.clock,
        book=lambda: means.books["telegram"],
        token=token,
        mode=config.mode,
        api_url=config.api_url,
        webhook_secret=config.webhook_secret,
    )
    opened = await stack.enter_async_context(Telegram.opened(parts))
    return Platform(opened, opened, opened, opened.webhook, opened.run)


async def _line(
    config: Config,
    secrets: tuple[SecretStr, SecretStr],
    means: Means,
    turns: Turns,
    stack: AsyncExitStack,
) -> Platform:
    from bot.channels.line import Line, LineParts

    line, (channel_secret, access_token) = config.line, secrets
    parts = LineParts(
        turns=turns,
        clock=means.clock,
        book=lambda: means.books["line"],
        channel_secret=channel_secret.get_secret_value(),
        access_token=access_token.get_secret_value(),
        api_url=line.api_url,
        data_api_url=line.data_api_url,
        file_bytes=config.limits.line_file_bytes,
        push_reserve=line.push_reserve,
        campaign_reserve=config.campaigns.line_reserve,
    )
    opened = await stack.enter_async_context(Line.opened(parts))
    return Platform(opened, opened, opened, opened.webhook)


# --- parts ---------------------------------------------------------------------------


def _web(
    config: Config,
    means: Means,
    turns: Turns,
    screens: Screens,
    evidence: Evidence,
    registry: RegistryInUse,
    server_key: ServerKey,
) -> ASGIApp:
    async def forget(person: str) -> None:
        await turns.forget_person("web", person)

    return web_app(
        WebParts(
            turns=turns,
            screens=screens,
            evidence=evidence,
            forget=forget,
            book=lambda: means.books["web"],
            public_url=config.web.public_url,
            onion_url=config.web.onion_url,
            text_bytes=config.limits.text_bytes,
            file_bytes=config.limits.file_bytes,
            registry=lambda: registry.current,
            clock=means.clock,
            figures=PublicQuarters(means.db, quarters_key(server_key).verify_key)
            if config.figures.public
            else None,
        )
    )


def _alarms(
    config: Config, roster: RosterInUse, registry: RegistryInUse, day: date
) -> Iterator[Alarm]:
    """What somebody must look after, of both signed files."""
    yield from alarms(roster.current, config.centres, day, config.roster.warn_days)
    if registry.current is not None:
        listed = registry.current.registry
        yield from registry_alarms(listed, day, config.registry.warn_days)


def _desk(
    config: Config,
    organisation: Organisation,
    server_key: ServerKey,
    means: Means,
    roster: RosterInUse,
    knowledge: Knowledge,
    on_news: Callable[[], None],
    on_campaigns: Callable[[], None],
    alerts: Alerts,
) -> ASGIApp:
    return desk_app(
        DeskParts(
            database=means.db,
            blobs=means.blobs,
            roster=lambda: roster.current,
            signed_roster=lambda: roster.signed,
            centres={
                each.id: CentreName(
                    each.name_th,
                    each.name_en,
                    each.parent,
                    each.agency,
                    organisation.clocks.get(each.id),
                )
                for each in organisation.centres.all
            },
            origin=config.desk.public_url,
            clock=means.clock,
            session_s=config.desk.session_minutes * 60,
            idle_s=config.desk.idle_minutes * 60,
            sign_in=sign_in_rules(config),
            members=MemberTerms(
                salt=server_key.salt,
                pepper=server_key.pepper,
                cost=config.limits.stretch_cost,
                web=config.web.public_url,
                onion=config.web.onion_url,
            ),
            audit_key=audit_key(server_key).verify_key,
            counting=TipCounting(FigureBook(server_key), shipped_measures()),
            internal_k=config.figures.internal_k,
            on_news=on_news,
            second_officer=frozenset(config.desk.second_officer),
            alarm_days=config.limits.wrong_tries_alarm_days,
            restore_told_days=config.backup.restore_told_days,
            on_cards=knowledge.refresh,
            on_campaigns=on_campaigns,
            longest_extension_days=config.clocks.longest_extension_days,
            closed_days=config.retention.closed_days,
            alerts=alerts.office,
            raising=means.raising,
        )
    )


def _alert_parts(
    config: Config, organisation: Organisation, means: Means, roster: RosterInUse
) -> AlertParts:
    names = {each.id: (each.name_th, each.name_en) for each in organisation.centres.all}

    def centre_name(centre: str, language: str) -> str:
        thai, english = names.get(centre, (centre, centre))
        return english if language == "en" else thai

    return AlertParts(
        config=config,
        db=means.db,
        forget=means.forget,
        records=Records(means.drawer, means.forget),
        clock=means.clock,
        roster=lambda: roster.current,
        centre_name=centre_name,
        new_id=means.new_id,
        clocks=TipClocks(),
    )


# --- serving -------------------------------------------------------------------------


async def _up(servers: tuple[Server, ...], tasks: list[asyncio.Task[None]]) -> None:
    """Return once every server listens, or one of them gave up."""
    while not all(server.started for server in servers):
        if any(task.done() for task in tasks):
            return
        await asyncio.sleep(0.01)


async def _first(stop: asyncio.Event, *tasks: asyncio.Task[None]) -> None:
    """Return when it is time to stop: somebody asked, or a server ended by itself."""
    asked = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({asked, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()


@contextmanager
def _signals_set(stop: asyncio.Event) -> Any:
    loop = asyncio.get_running_loop()
    caught = []
    for name in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(name, stop.set)
            caught.append(name)
        except (RuntimeError, ValueError):
            continue  # not the main thread: whoever runs us there has the event
    try:
        yield
    finally:
        for name in caught:
            loop.remove_signal_handler(name)
