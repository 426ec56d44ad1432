"""The registrar's desk: knowledge cards, and the campaigns that send them.

Every deed is checked against the caller's role and centre and, where something is shown or sent by
it, against their own signature over exactly that; then it is one commit. Cards are public texts;
of subscribers only counts leave here. To stop a campaign asks for no signature: it must be easy.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from fastapi import APIRouter, Response

from bot.clock import Clock, today
from bot.desk import knowledge_shapes as shapes
from bot.desk.door import Caller
from bot.desk.errors import BadShape, Forbidden, Moved, NotFound
from bot.desk.fields import Id
from bot.desk.refusals import REFUSALS
from bot.desk.signed import check_day
from bot.knowledge import SHOWN_AT_MOST, is_verified
from bot.logs import logger
from sealing import (
    Audience,
    CardState,
    Forged,
    KnowledgeCard,
    Malformed,
    Officer,
    Role,
    Roster,
    Statement,
    campaign_statement,
    check_registrar,
    read_audiences,
    read_content,
)
from storage.port import Conflict, Database, StorageError, Transaction
from storage.repositories import campaigns, cards, subscriptions
from storage.repositories.campaigns import CampaignRow, State
from storage.repositories.cards import CardRow

LISTED_AT_MOST = 100

T = TypeVar("T")


class KnowledgeDesk:
    """Reads and writes for the routes below. *on_cards* and *on_campaigns* are called once it is
    durable that something changed."""

    def __init__(
        self,
        database: Database,
        roster: Callable[[], Roster],
        clock: Clock,
        on_cards: Callable[[], Awaitable[None]],
        on_campaigns: Callable[[], None],
    ) -> None:
        self._database = database
        self._roster = roster
        self._clock = clock
        self._on_cards = on_cards
        self._on_campaigns = on_campaigns

    async def cards(self) -> shapes.CardsAnswer:
        """Every card in its newest version, and whether the chat shows it."""
        rows, roster = await self._database.read(cards.all_of_them), self._roster()
        return shapes.CardsAnswer(
            cards=tuple(shapes.CardAnswer.of(row, is_shown=_is_shown(row, roster)) for row in rows)
        )

    async def put_card(self, officer: Officer, new: shapes.NewCard) -> None:
        """Publish a card, its next version, or its withdrawal, which ends what is sent of it.
        Raises Moved when somebody was first."""
        self._check(officer, new.centre, new.day)
        try:
            card = KnowledgeCard(
                new.card_id,
                new.version,
                new.centre,
                read_audiences(new.audiences),
                CardState(new.state),
                new.day,
                officer.id,
                read_content(new.content),
            )
        except Malformed:
            raise BadShape("bad_card", "The card is too long, or not as a card is.") from None
        self._check_signature(officer, new.centre, card.statement, new.signature)
        row = CardRow(
            new.card_id,
            new.version,
            new.centre,
            new.audiences,
            new.state,
            new.day,
            officer.id,
            new.signature,
            new.content,
        )

        def work(t: Transaction) -> None:
            before = cards.get(t, new.card_id)
            was_shown = before is not None and before.state == CardState.PUBLISHED
            is_more = card.state is CardState.PUBLISHED and not was_shown
            if is_more and cards.count_published(t) >= SHOWN_AT_MOST:
                raise Forbidden("too_many", "There are too many cards. Withdraw some first.")
            cards.put(t, row)
            if card.state is CardState.WITHDRAWN:
                campaigns.stop_all_of(t, card.card_id)

        await self._commit(work)
        self._on_campaigns()
        try:
            await self._on_cards()
        except StorageError as error:  # it is stored; upkeep shows it in a while
            logger().warning("cards_unrefreshed", error=type(error).__name__)

    async def campaigns(self, officer: Officer) -> shapes.CampaignsAnswer:
        """The newest campaigns as counts, and how many people asked for cards."""
        if not officer.has(Role.REGISTRAR):
            raise Forbidden("not_registrar", "Only a registrar of that centre may do this.")

        def look(t: Transaction) -> shapes.CampaignsAnswer:
            return shapes.CampaignsAnswer(
                campaigns=tuple(
                    shapes.CampaignAnswer.of(each, campaigns.progress(t, each.campaign_id))
                    for each in campaigns.newest(t, LISTED_AT_MOST)
                ),
                subscribers=tuple(
                    shapes.SubscribersAnswer(channel=channel, audience=audience, count=many)
                    for (channel, audience), many in sorted(subscriptions.counts(t).items())
                ),
            )

        return await self._database.read(look)

    async def begin(self, officer: Officer, new: shapes.NewCampaign) -> None:
        """Send a card to who asked for such cards. Raises Moved while it is being sent already."""
        self._check(officer, new.centre, new.day)
        try:
            wanted = frozenset(read_audiences(new.audiences))
        except Malformed:
            raise BadShape("bad_shape", "There is no such audience.", field="audiences") from None
        if Audience.NETWORK in wanted:
            raise BadShape("bad_shape", "Nothing is sent to the network.", field="audiences")
        statement = campaign_statement(
            campaign_id=new.campaign_id,
            card_id=new.card_id,
            centre=new.centre,
            audiences=new.audiences,
            day=new.day,
            officer=officer.id,
        )
        self._check_signature(officer, new.centre, statement, new.signature)
        roster = self._roster()

        def work(t: Transaction) -> None:
            card = cards.get(t, new.card_id)
            if card is None or card.centre != new.centre or not _is_shown(card, roster):
                raise NotFound("There is no such card to send.")
            if not wanted <= set(read_audiences(card.audiences)):
                raise BadShape("bad_shape", "The card is not for them.", field="audiences")
            if campaigns.is_running(t, new.card_id):
                raise Moved("running", "This card is being sent already.")
            campaigns.add(
                t,
                CampaignRow(
                    new.campaign_id,
                    new.card_id,
                    new.centre,
                    new.audiences,
                    new.day,
                    officer.id,
                    new.signature,
                ),
            )

        await self._commit(work)
        self._on_campaigns()

    async def stop(self, officer: Officer, campaign_id: str) -> shapes.StoppedAnswer:
        """Stop a campaign of the officer's centre. What is on its way to a few phones arrives."""
        day = today(self._clock).isoformat()

        def work(t: Transaction) -> bool:
            found = campaigns.get(t, campaign_id)
            if found is None:
                raise NotFound("There is no such campaign.")
            _check_registrar(officer, found.centre)
            is_running = found.state is State.RUNNING
            return is_running and campaigns.stop(t, campaign_id, officer=officer.id, day=day)

        stopped = await self._commit(work)
        self._on_campaigns()
        return shapes.StoppedAnswer(stopped=stopped)

    def _check(self, officer: Officer, centre: str, day: str) -> None:
        _check_registrar(officer, centre)
        check_day(day, self._clock)

    def _check_signature(
        self, officer: Officer, centre: str, said: Statement, signature: bytes
    ) -> None:
        try:
            check_registrar(self._roster(), officer.id, centre, said, signature)
        except Forged:
            raise Forbidden("signature", "The signature does not fit this change.") from None

    async def _commit(self, work: Callable[[Transaction], T]) -> T:
        try:
            return await self._database.commit(work)
        except Conflict:
            raise Moved("conflict", "Somebody was first. Look at the list again.") from None


def knowledge_routes(desk: KnowledgeDesk) -> APIRouter:
    """The routes of *desk*."""
    routes = APIRouter(responses=REFUSALS)

    @routes.get("/cards")
    async def all_cards(_: Caller) -> shapes.CardsAnswer:
        """Every knowledge card in its newest version."""
        return await desk.cards()

    @routes.post("/cards", status_code=201)
    async def put_card(officer: Caller, new: shapes.NewCard) -> Response:
        """Publish a card, its next version, or its withdrawal."""
        await desk.put_card(officer, new)
        return Response(status_code=201)

    @routes.get("/campaigns")
    async def all_campaigns(officer: Caller) -> shapes.CampaignsAnswer:
        """How far campaigns are, in counts; and how many people asked for cards."""
        return await desk.campaigns(officer)

    @routes.post("/campaigns", status_code=201)
    async def begin(officer: Caller, new: shapes.NewCampaign) -> Response:
        """Send a card to everybody who asked for such cards."""
        await desk.begin(officer, new)
        return Response(status_code=201)

    @routes.post("/campaigns/{campaign_id}/stop")
    async def stop(officer: Caller, campaign_id: Id) -> shapes.StoppedAnswer:
        """Stop sending."""
        return await desk.stop(officer, campaign_id)

    return routes


def _is_shown(row: CardRow, roster: Roster) -> bool:
    return row.state == CardState.PUBLISHED and is_verified(row, roster)


def _check_registrar(officer: Officer, centre: str) -> None:
    if not officer.has(Role.REGISTRAR) or centre not in officer.centres:
        raise Forbidden("not_registrar", "Only a registrar of that centre may do this.")
