"""What goes over the wire about knowledge cards and the campaigns that send them."""

from collections.abc import Iterable

from bot.desk.fields import (
    AnswerBody,
    Audiences,
    Bytes,
    Centre,
    Content,
    Day,
    Id,
    RequestBody,
    Signature,
    Version,
)
from sealing import CardState
from storage.repositories.campaigns import CampaignRow, ProgressRow
from storage.repositories.campaigns import State as CampaignState
from storage.repositories.cards import CardRow


class NewCard(RequestBody):
    """A knowledge card in its next version. *audiences* have commas between them; *content* is the
    canonical JSON of its texts."""

    card_id: Id
    version: Version
    centre: Centre
    audiences: Audiences
    state: CardState
    day: Day
    content: Content
    signature: Signature


class NewCampaign(RequestBody):
    """A card for everybody who asked for cards of one of *audiences*."""

    campaign_id: Id
    card_id: Id
    centre: Centre
    audiences: Audiences
    day: Day
    signature: Signature


class CardAnswer(AnswerBody):
    """A card in its newest version; *is_shown*: it is published and verifies by the roster."""

    card_id: str
    version: int
    centre: str
    audiences: str
    state: str
    day: str
    officer: str
    content: Bytes
    signature: Bytes
    is_shown: bool

    @classmethod
    def of(cls, card: CardRow, *, is_shown: bool) -> "CardAnswer":
        return cls(
            card_id=card.card_id,
            version=card.version,
            centre=card.centre,
            audiences=card.audiences,
            state=card.state,
            day=card.day,
            officer=card.officer,
            content=card.content,
            signature=card.signature,
            is_shown=is_shown,
        )


class CardsAnswer(AnswerBody):
    cards: tuple[CardAnswer, ...]


class ProgressAnswer(AnswerBody):
    """How far a campaign is with one audience of one channel. *waits* says for what, if it does."""

    channel: str
    audience: str
    told: int
    missed: int
    waits: str | None
    is_done: bool


class CampaignAnswer(AnswerBody):
    campaign_id: str
    card_id: str
    centre: str
    audiences: str
    state: CampaignState
    day: str
    officer: str
    progress: tuple[ProgressAnswer, ...]

    @classmethod
    def of(cls, campaign: CampaignRow, progress: Iterable[ProgressRow]) -> "CampaignAnswer":
        return cls(
            campaign_id=campaign.campaign_id,
            card_id=campaign.card_id,
            centre=campaign.centre,
            audiences=campaign.audiences,
            state=campaign.state,
            day=campaign.day,
            officer=campaign.officer,
            progress=tuple(
                ProgressAnswer(
                    channel=each.channel,
                    audience=each.audience,
                    told=each.told,
                    missed=each.missed,
                    waits=each.waits,
                    is_done=each.is_done,
                )
                for each in progress
            ),
        )


class SubscribersAnswer(AnswerBody):
    channel: str
    audience: str
    count: int


class CampaignsAnswer(AnswerBody):
    campaigns: tuple[CampaignAnswer, ...]
    subscribers: tuple[SubscribersAnswer, ...]


class StoppedAnswer(AnswerBody):
    """Whether it was running until now."""

    stopped: bool
