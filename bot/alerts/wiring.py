"""Alerts, put together for one deployment: what `bot.app` needs to know of them.

async with opened(parts) as alerts:
    alerts.office          what the desk asks
    alerts.webhooks        the LINE account's webhook, by path
    alerts.runs            what runs for as long as the program does
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp

from bot.alerts.alerting import Alerting, Clocks, Hook, NoClocks
from bot.alerts.binding import Bindings, Codes
from bot.alerts.chatting import Chatting, Reply
from bot.alerts.counting import Rules
from bot.alerts.email import EmailAlerts, MailServer
from bot.alerts.links import LinkOf, line_link, telegram_link
from bot.alerts.office import AlertOffice
from bot.alerts.quiet import Quiet
from bot.alerts.records import Records
from bot.alerts.saying import CentreName, Saying, shipped_words
from bot.alerts.sending import Sending, SendingRules, Way
from bot.alerts.webhook import Receiver, WebhookAlerts
from bot.clock import Clock
from bot.config_sections import Config
from sealing import Roster
from storage import Database
from storage.forget import ForgetStore

LINE_WEBHOOK = "/line/officers/webhook"

Run = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class AlertParts:
    """What `opened` needs."""

    config: Config = field(repr=False)
    db: Database
    forget: ForgetStore
    records: Records
    clock: Clock
    roster: Callable[[], Roster]
    centre_name: CentreName
    new_id: Callable[[], str]
    clocks: Clocks = field(default_factory=NoClocks)
    rules: SendingRules = field(default_factory=SendingRules)


@dataclass(frozen=True, slots=True)
class Alerts:
    """Everything that runs for alerts, wired."""

    office: AlertOffice
    alerting: Alerting
    sending: Sending
    bindings: Bindings
    codes: Codes
    webhooks: Mapping[str, ASGIApp]
    runs: tuple[Run, ...]


@asynccontextmanager
async def opened(parts: AlertParts) -> AsyncIterator[Alerts]:
    """The ways that the configuration switches on, until the block ends."""
    settings, saying = parts.config.alerts, Saying(shipped_words(), parts.centre_name)
    codes = Codes(parts.clock)
    bindings = Bindings(parts.db, parts.forget, parts.records, codes, parts.new_id)
    ways, runs, links = dict[str, Way](), list[Run](), dict[str, LinkOf]()
    webhooks = dict[str, ASGIApp]()
    email = _email(parts, saying)

    def chatting(channel: str) -> Callable[[Reply], Chatting]:
        return lambda reply: Chatting(
            channel, parts.db, bindings, saying, parts.clock, reply,
            roster=parts.roster, clocks=parts.clocks,
        )  # fmt: skip

    async with AsyncExitStack() as stack:
        # Imported where they are switched on: the platforms' own libraries take much memory.
        if settings.telegram_token is not None:
            from bot.alerts.telegram import TelegramAlerts

            api_url = parts.config.telegram.api_url
            telegram = await stack.enter_async_context(
                TelegramAlerts.opened(
                    settings.telegram_token, api_url, saying, parts.clock, chatting("telegram")
                )
            )
            ways["telegram"] = telegram
            runs.append(telegram.run)
            links["telegram"] = telegram_link(parts.config)
        if settings.line_channel_secret is not None and settings.line_access_token is not None:
            from bot.alerts.line import LineAlerts, LineSecrets

            secrets = LineSecrets(
                settings.line_channel_secret.get_secret_value(),
                settings.line_access_token.get_secret_value(),
                parts.config.line.api_url,
            )
            line = await stack.enter_async_context(
                LineAlerts.opened(secrets, saying, parts.clock, chatting("line"))
            )
            ways["line"] = line
            webhooks[LINE_WEBHOOK] = line.webhook
            links["line"] = line_link(parts.config)
        if email is not None:
            ways["email"] = email
        receivers = _receivers(parts.config)
        if receivers:
            ways["webhook"] = await stack.enter_async_context(WebhookAlerts(receivers, parts.clock))
        sending = Sending(
            parts.db, parts.forget, parts.records, bindings, parts.clock, ways, parts.rules
        )
        rules = Rules(Quiet(settings.quiet, settings.quiet_days), settings.remind_days)
        alerting = Alerting(
            parts.db, parts.forget, parts.records, bindings, parts.clock,
            roster=parts.roster, new_id=parts.new_id, rules=rules, clocks=parts.clocks,
            hooks=tuple(Hook(each.way, each.centre) for each in receivers),
            on_lines=sending.ring,
        )  # fmt: skip
        await alerting.at_start()
        office = AlertOffice(
            bindings, codes, alerting, links=links, email=email, rules=rules,
            new_id=parts.new_id,
        )  # fmt: skip
        behind = (alerting.run, sending.run, *runs)
        yield Alerts(office, alerting, sending, bindings, codes, webhooks, behind)


def _email(parts: AlertParts, saying: Saying) -> EmailAlerts | None:
    email = parts.config.alerts.email
    if email.host is None or email.sender is None:
        return None
    password = None if email.password is None else email.password.get_secret_value()
    server = MailServer(email.host, email.port, email.tls, email.sender, email.user, password)
    return EmailAlerts(server, saying, parts.clock)


def _receivers(config: Config) -> tuple[Receiver, ...]:
    return tuple(
        Receiver(each.url, each.centre, each.secret.get_secret_value())
        for each in config.alerts.webhook
        if each.secret is not None
    )
