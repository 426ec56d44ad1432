"""Sending a knowledge card to everybody who asked for such cards, a few at a time.

One turn for each subscriber, in the order of their random ids, then the campaign's place moves on.
So a death in between sends again under the same event id, and nobody is sent a card twice. Owns the
pace, and who goes first: people who talk. Laws: no card is sent faster than its channel's rate, and
none while as many lines as may be wait for delivery there; a campaign that was stopped, or whose
card is not shown any more, sends nothing; what a month's quota cannot spare waits, and says so.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Protocol

from bot.clock import today
from bot.errors import BotError
from bot.logs import logger
from bot.means import Means
from bot.turn import Inbound, Turns
from bot.waking import Alarm
from handlers.events import NewCard
from sealing import SERVER, Roster, SealingError, campaign_statement, check_registrar
from storage import StorageError, Transaction
from storage.repositories import campaigns, outbox, subscriptions
from storage.repositories.campaigns import CampaignRow, ProgressRow
from storage.repositories.subscriptions import SubscriptionRow

RUNNING_AT_MOST = 50
"""Campaigns that are looked at in one round; the others wait for these."""
QUOTA = "quota"


class Outcome(Enum):
    """What became of one subscriber."""

    TOLD = "told"
    GONE = "gone"
    FAILED = "failed"


class Spare(Protocol):
    """How much a channel has to spare for what nobody waits for."""

    async def to_spare(self) -> int | None:
        """How many more messages may be pushed this month beside what is kept back; None: as many
        as one likes."""
        ...


@dataclass(frozen=True, slots=True)
class CampaignRules:
    """The numbers. *per_s* by channel: cards sent in one second at most. *lines_at_most* may wait
    for delivery on a channel while a card is added to them, *at_once* cards begin together.
    *at_most_tries*: a subscriber who cannot be sent to so often is passed over. *quota_wait_s*:
    when to ask again whether the month has some to spare."""

    per_s: Mapping[str, float]
    lines_at_most: int = 8
    at_once: int = 4
    at_most_tries: int = 3
    idle_s: float = 60.0
    busy_wait_s: float = 0.25
    quota_wait_s: float = 600.0
    failed_wait_s: float = 5.0


@dataclass(frozen=True, slots=True)
class _Next:
    """What is to be sent on one channel now."""

    campaign: CampaignRow
    progress: ProgressRow
    rows: Sequence[SubscriptionRow]


class Campaigning:
    """Sends until it is cancelled; `send_some` does one round on one channel."""

    def __init__(
        self,
        means: Means,
        turns: Turns,
        roster: Callable[[], Roster],
        channels: Mapping[str, Spare],
        rules: CampaignRules,
    ) -> None:
        self._means = means
        self._turns = turns
        self._roster = roster
        self._channels = {name: each for name, each in channels.items() if name in rules.per_s}
        self._rules = rules
        self._alarms = {name: Alarm(means.clock) for name in self._channels}
        self._failures: dict[str, int] = {}

    def ring(self) -> None:
        """Something changed about campaigns: the desk calls this once its commit is durable."""
        for alarm in self._alarms.values():
            alarm.ring()

    async def run(self) -> None:
        """Send whatever there is to send, for ever. A database that is away is asked again."""
        async with asyncio.TaskGroup() as group:
            for name in self._channels:
                group.create_task(self._run_on(name))

    async def _run_on(self, name: str) -> None:
        while True:
            self._alarms[name].clear()
            try:
                wait_s = await self.send_some(name)
            except (StorageError, BotError) as error:
                logger().warning("campaign_failed", channel=name, error=type(error).__name__)
                wait_s = self._rules.failed_wait_s
            await self._alarms[name].sleep(wait_s)

    async def send_some(self, name: str) -> float:
        """Send a few cards on *name*; after how long (seconds) to go on."""
        rules, means = self._rules, self._means
        now_s = means.clock.now_s()
        found, waiting = await means.db.read(
            lambda t: (
                self._find(t, name, rules.at_once),
                outbox.count_due(t, name, int(now_s), rules.lines_at_most),
            )
        )
        if found is None:
            await self._finish()
            return rules.idle_s
        if not self._may_send(found.campaign):
            await self._stop(found.campaign.campaign_id)
            logger().warning("campaign_refused", channel=name)
            return 0.0
        if not found.rows:
            await self._save(replace(found.progress, is_done=True, waits=None))
            return 0.0
        room = rules.lines_at_most - waiting
        if room <= 0:
            return rules.busy_wait_s
        spare = await self._channels[name].to_spare()
        if spare is not None and spare - waiting <= 0:
            return await self._wait_for_quota(name, found.progress)
        many = min(room, len(found.rows), room if spare is None else spare - waiting)
        await self._send(found, found.rows[:many])
        return many / rules.per_s[name]

    # --- what is next ----------------------------------------------------------------------------

    def _find(self, t: Transaction, name: str, limit: int) -> _Next | None:
        """Inside a read: the oldest campaign that is not done on *name*, and whom it sends to."""
        for campaign in campaigns.running(t, RUNNING_AT_MOST):
            known = {
                (each.channel, each.audience): each
                for each in campaigns.progress(t, campaign.campaign_id)
            }
            for audience in campaign.audiences.split(","):
                at = known.get((name, audience)) or ProgressRow(
                    campaign.campaign_id, name, audience
                )
                if not at.is_done:
                    rows = subscriptions.page(t, name, audience, at.after, limit)
                    return _Next(campaign, at, rows)
        return None

    def _may_send(self, campaign: CampaignRow) -> bool:
        """Whether a registrar of the card's centre wants it, and the card is shown."""
        said = campaign_statement(
            campaign_id=campaign.campaign_id,
            card_id=campaign.card_id,
            centre=campaign.centre,
            audiences=campaign.audiences,
            day=campaign.day,
            officer=campaign.officer,
        )
        try:
            check_registrar(
                self._roster(), campaign.officer, campaign.centre, said, campaign.signature
            )
        except SealingError:
            return False
        wanted = frozenset(campaign.audiences.split(","))
        shown = (
            {each.id for each in book.cards if wanted <= frozenset(each.audiences)}
            for book in self._means.books.values()
        )
        return all(campaign.card_id in each for each in shown)

    async def _finish(self) -> None:
        """End every campaign that is done wherever it can be sent."""
        names = frozenset(self._channels)

        def ended(t: Transaction) -> list[str]:
            return [
                campaign.campaign_id
                for campaign in campaigns.running(t, RUNNING_AT_MOST)
                if _is_done(campaign, campaigns.progress(t, campaign.campaign_id), names)
            ]

        over = await self._means.db.read(ended)
        if over:
            await self._means.db.commit(lambda t: [campaigns.finish(t, each) for each in over])

    # --- sending ---------------------------------------------------------------------------------

    async def _send(self, found: _Next, rows: Sequence[SubscriptionRow]) -> None:
        """Send to *rows*, side by side, and move on behind the last before one that failed."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._sent(found.campaign, row)) for row in rows]
        at = found.progress
        for row, task in zip(rows, tasks, strict=True):
            outcome = task.result()
            if outcome is Outcome.FAILED and not self._has_failed_enough(row):
                break
            self._failures.pop(row.subscription_id, None)
            at = replace(
                at,
                after=row.subscription_id,
                told=at.told + (outcome is Outcome.TOLD),
                missed=at.missed + (outcome is Outcome.FAILED),
            )
        await self._save(replace(at, waits=None))

    async def _sent(self, campaign: CampaignRow, row: SubscriptionRow) -> Outcome:
        """One turn, which puts the card into the outbox; or the end of a row that is no use."""
        means, whom = self._means, self._means.subscriptions.open(row)
        if whom is None or row.expires_day < today(means.clock).isoformat():
            await means.subscriptions.forget(row)
            return Outcome.GONE
        event_id = whom.event_id(campaign.campaign_id)
        card = NewCard(campaign.card_id)
        try:
            await self._turns.take(
                Inbound(whom.channel, whom.person, event_id, card, whom.language)
            )
        except (StorageError, BotError) as error:
            logger().warning("card_not_sent", channel=row.channel, error=type(error).__name__)
            return Outcome.FAILED
        return Outcome.TOLD

    def _has_failed_enough(self, row: SubscriptionRow) -> bool:
        many = self._failures.get(row.subscription_id, 0) + 1
        self._failures[row.subscription_id] = many
        return many >= self._rules.at_most_tries

    async def _stop(self, campaign_id: str) -> None:
        day = today(self._means.clock).isoformat()
        await self._means.db.commit(
            lambda t: campaigns.stop(t, campaign_id, officer=SERVER, day=day)
        )

    async def _save(self, at: ProgressRow) -> None:
        await self._means.db.commit(lambda t: campaigns.save(t, at))

    async def _wait_for_quota(self, name: str, at: ProgressRow) -> float:
        if at.waits is None:
            logger().warning("campaign_waits", channel=name, kind=QUOTA)
            await self._save(replace(at, waits=QUOTA))
        return self._rules.quota_wait_s


def _is_done(
    campaign: CampaignRow, progress: Sequence[ProgressRow], channels: frozenset[str]
) -> bool:
    done = {(each.channel, each.audience) for each in progress if each.is_done}
    audiences = campaign.audiences.split(",")
    return all((name, audience) in done for name in channels for audience in audiences)
