"""What goes over the wire: the requests, parsed at the door, and the answers.

Ids are 32 lowercase hex digits, days ISO dates, bytes base64 (standard alphabet). A request with a
field too many, too long or of the wrong kind is refused whole, naming the field and not its value.
"""

import base64
import binascii
import math
from collections.abc import Iterable
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from sealing import REKEYS_AT_MOST, CardState, Counts, Kind, Opens, Side
from sealing.canonical import is_day
from sealing.cards import CONTENT_AT_MOST_BYTES
from sealing.rekeying import AT_MOST_REKEY_BYTES
from sealing.sealed_json import AT_MOST_SEALED_BYTES
from storage.repositories.campaigns import CampaignRow, ProgressRow
from storage.repositories.campaigns import State as CampaignState
from storage.repositories.cards import CardRow
from storage.repositories.grants import EarlierGrant, GrantRow
from storage.repositories.parts import PartRow
from storage.repositories.queue import Listing
from storage.repositories.seconded import SecondedRow
from storage.repositories.tips import ChangeRow, Status

PAGE_AT_MOST = 200
GRANTS_AT_MOST = 500


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None


def _real_day(value: str) -> str:
    if not is_day(value):
        raise ValueError("not a day")
    return value


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


_Encoded = PlainSerializer(b64, return_type=str, when_used="unless-none")
_IN_BASE64 = {"type": "string", "contentEncoding": "base64"}


def sized(at_least: int, at_most: int) -> Any:
    """A field of so many bytes. Described by how long their base64 is, which is what is sent."""

    def described(schema: dict[str, Any]) -> None:
        lengths = [4 * math.ceil(size / 3) for size in (at_least, at_most)]
        schema.update(_IN_BASE64, minLength=lengths[0], maxLength=lengths[1])
        schema["examples"] = [b64(bytes(range(at_least)))]

    return Field(min_length=at_least, max_length=at_most, json_schema_extra=described)


Id = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", examples=["1f6076e3a47ba1ded08025ffe06e57af"])]
Day = Annotated[
    str,
    Field(pattern=r"^\d{4}-\d{2}-\d{2}$", examples=["2026-11-23"]),
    AfterValidator(_real_day),
]
Version = Annotated[int, Field(ge=1, lt=2**53, strict=True, examples=[3])]
Bytes = Annotated[bytes, _Encoded, Field(json_schema_extra=_IN_BASE64)]
Bytes32 = Annotated[
    bytes,
    BeforeValidator(_decoded),
    _Encoded,
    sized(32, 32),
]
Signature = Annotated[
    bytes,
    BeforeValidator(_decoded),
    sized(64, 64),
]
Sealed = Annotated[
    bytes,
    BeforeValidator(_decoded),
    sized(1, AT_MOST_SEALED_BYTES),
]


Centre = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$", examples=["khon-kaen"])]
Value = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,64}$", examples=["bribe"])]
Audiences = Annotated[str, Field(pattern=r"^[a-z]{1,16}(,[a-z]{1,16}){0,3}$")]
Content = Annotated[
    bytes,
    BeforeValidator(_decoded),
    sized(2, CONTENT_AT_MOST_BYTES),
]


class _Request(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class AskChallenge(_Request):
    officer: Id


class SignIn(_Request):
    """*session_key*: the public half of a key made for this session. Consoles older than that are
    told so."""

    officer: Id
    challenge: Bytes32
    signature: Signature
    session_key: Bytes32 | None = None


class EndSessions(_Request):
    """*session_id* is one of the caller's; none means all of them but this one."""

    session_id: Id | None = None


class Hold(_Request):
    """Claim or release the tip as it is at *version*."""

    version: Version
    day: Day
    signature: Signature


class NewAssign(_Request):
    """The tip as it is at *version* goes to *to_officer*."""

    version: Version
    to_officer: Id
    day: Day
    signature: Signature


class _Part(_Request):
    part_id: Id
    seq: Version
    sealed: Sealed
    sealed_to: Side
    day: Day
    signature: Signature


class NewPart(_Part):
    """A message to the reporter (sealed to reply) or a note among officers (sealed to case)."""

    kind: Literal[Kind.MESSAGE, Kind.NOTE]


class Sentence(_Part):
    """The sentence that goes with a change of status (sealed to reply)."""

    kind: Literal[Kind.STATUS]


class Reason(_Part):
    """Why a tip is moved or ends, for officers only (sealed to case)."""

    kind: Literal[Kind.NOTE]


class ToldCounts(_Request):
    """What was counted of an ended tip: ids of the programs' own data, and the salt of its hash."""

    category: Value = Field(repr=False)
    kind: Value = Field(repr=False)
    result: Value = Field(repr=False)
    teller: Value = Field(repr=False)
    salt: Bytes32 = Field(repr=False)

    def counts(self) -> Counts:
        return Counts(self.category, self.kind, self.result, self.teller, self.salt)


class NewCounts(ToldCounts):
    """What is to be counted of a tip that ends, signed (`count`); in place of what was counted
    *before*, if it was ended in this month already."""

    signature: Signature
    before: ToldCounts | None = None


class NewStatus(_Request):
    """A change of status; *reason* goes into the tip right before *sentence*. *counts* go with an
    ending; consoles that know nothing of them leave them out."""

    version: Version
    status: Status
    day: Day
    signature: Signature
    sentence: Sentence
    reason: Reason | None = None
    counts: NewCounts | None = Field(default=None, repr=False)


class NewGrant(_Request):
    """A colleague let in: a grant sealed by the console for *officer*. *rekeys*: of how many the
    console knew when it made the grant; it is refused where there are more by now."""

    grant_id: Id
    officer: Id
    sealed: Sealed
    day: Day
    signature: Signature
    rekeys: Annotated[int, Field(ge=0, le=REKEYS_AT_MOST, strict=True, examples=[0])] | None = None


class NewMove(_Request):
    """The tip goes to the centre *to*. *grants* let in its officers, and withheld, those of the
    centres above it, who have none yet."""

    version: Version
    to: Centre
    day: Day
    signature: Signature
    reason: Reason
    sentence: Sentence
    grants: Annotated[tuple[NewGrant, ...], Field(max_length=GRANTS_AT_MOST)]


class NewExtension(_Request):
    """The tip has until *until_day*."""

    version: Version
    until_day: Day
    day: Day
    signature: Signature
    reason: Reason
    sentence: Sentence


class NewLegalHold(_Request):
    """The tip, as it is at *version*, is put on hold, or that is lifted: the address says which."""

    version: Version
    day: Day
    signature: Signature
    reason: Reason


class Regrant(_Request):
    """A grant of new keys for somebody who reads on: an officer, or recovery."""

    grant_id: Id
    officer: Annotated[str, Field(pattern=r"^([0-9a-f]{32}|recovery)$")]
    sealed: Sealed
    day: Day
    signature: Signature


class NewRekey(_Request):
    """*withdrawn* reads no further: new keys (what the *rekey* says, `sealing.rekeying`), and a
    grant of them for everyone else who has one."""

    version: Version
    withdrawn: Id
    rekey: Annotated[
        bytes,
        BeforeValidator(_decoded),
        Field(min_length=2, max_length=AT_MOST_REKEY_BYTES, json_schema_extra=_IN_BASE64),
    ]
    day: Day
    signature: Signature
    reason: Reason
    grants: Annotated[tuple[Regrant, ...], Field(max_length=GRANTS_AT_MOST + 1)]


class NewCard(_Request):
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


class NewCampaign(_Request):
    """A card for everybody who asked for cards of one of *audiences*."""

    campaign_id: Id
    card_id: Id
    centre: Centre
    audiences: Audiences
    day: Day
    signature: Signature


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class ChallengeAnswer(_Answer):
    """*desk* is the origin that the officer's console must know and signs along."""

    challenge: Bytes
    desk: str
    expires_s: int
    version: int


class SessionAnswer(_Answer):
    token: str
    expires_s: int


class OneSession(_Answer):
    session_id: str
    since: str
    is_this: bool


class SessionsAnswer(_Answer):
    sessions: tuple[OneSession, ...]


class EndedAnswer(_Answer):
    """How many sessions ended."""

    ended: int


class CentreAnswer(_Answer):
    id: str
    name_th: str
    name_en: str


class ClockDays(_Answer):
    """The days of a centre's clocks, counted from filing, and how long before the end its officers
    are warned."""

    acknowledge_days: int
    screening_days: int
    feedback_days: int
    warn_days: int


class TreeCentre(_Answer):
    """A centre in the tree: under *parent*; inside *agency* when it is an integrity centre."""

    id: str
    name_th: str
    name_en: str
    parent: str | None
    agency: str | None
    clocks: ClockDays | None


class CentresAnswer(_Answer):
    """Every centre, the most days that one extension of a clock gives, and for how many days ended
    tips are kept (0: for ever)."""

    centres: tuple[TreeCentre, ...]
    longest_extension_days: int
    closed_days: int


class MeAnswer(_Answer):
    officer: str
    name: str
    roles: tuple[str, ...]
    centres: tuple[CentreAnswer, ...]
    roster_version: int
    guessing_day: str | None
    restored_day: str | None
    backup_day: str | None


class GrantAnswer(_Answer):
    """A grant; *sealed* opens with the key of *officer* only."""

    grant_id: str
    officer: str
    released: bool
    granted_by: str
    sealed: Bytes
    signature: Bytes | None

    @classmethod
    def of(cls, grant: GrantRow) -> "GrantAnswer":
        return cls(
            grant_id=grant.grant_id,
            officer=grant.officer,
            released=grant.released,
            granted_by=grant.granted_by,
            sealed=grant.sealed,
            signature=grant.signature,
        )


class OtherGrantAnswer(_Answer):
    """Who else may open the tip; *sealed* is there when an officer signed the grant. A personal one
    is the officer's own, wherever they work; the others go with a centre."""

    grant_id: str
    officer: str
    released: bool
    granted_by: str
    is_personal: bool
    sealed: Bytes | None
    signature: Bytes | None

    @classmethod
    def of(cls, grant: GrantRow) -> "OtherGrantAnswer":
        return cls(
            grant_id=grant.grant_id,
            officer=grant.officer,
            released=grant.released,
            granted_by=grant.granted_by,
            is_personal=grant.is_personal,
            sealed=grant.sealed if grant.signature is not None else None,
            signature=grant.signature,
        )


class EarlierGrantAnswer(_Answer):
    """What the reader who asks had before the tip got new keys."""

    grant_id: str
    granted_by: str
    sealed: Bytes
    signature: Bytes | None

    @classmethod
    def of(cls, grant: EarlierGrant) -> "EarlierGrantAnswer":
        return cls(
            grant_id=grant.grant_id,
            granted_by=grant.granted_by,
            sealed=grant.sealed,
            signature=grant.signature,
        )


class _Standing(_Answer):
    """Where a tip stands. *due_day* is the last day of the clock that runs, if one does;
    *expire_day* the day on which it is to be destroyed, which a tip on hold has not."""

    tip_id: str
    centre: str
    status: Status
    status_day: str
    filed_day: str
    version: int
    claimed_by: str | None
    claimed_by_name: str | None
    no_contact: bool
    due_day: str | None
    expire_day: str | None
    is_held: bool


class _TipFacts(_Standing):
    """What a queue and a tip's own page both say of it."""

    grant: GrantAnswer


class _Listed(_Standing):
    """What a queue says besides; *parts* counts tombstones too. *openings_waiting* is how many
    openings and hand-overs wait for a second officer."""

    parts: int
    last_word: Literal["confirm", "reopen"] | None
    """The reporter's word on an ending, if no officer changed the status since."""
    openings_waiting: int


class TipAnswer(_TipFacts, _Listed):
    """A tip as a queue lists it."""

    def facts(self) -> dict[str, Any]:
        """What it shares with a tip's own page."""
        return {name: getattr(self, name) for name in _TipFacts.model_fields}

    @classmethod
    def of(cls, listing: Listing, claimed_by_name: str | None) -> "TipAnswer":
        told = _listed(listing, claimed_by_name)
        return cls(**told, grant=GrantAnswer.of(listing.grant))


class StandingAnswer(_Listed):
    """A tip as a queue lists it, its grant by its id alone: for a console that has opened it."""

    grant_id: str

    @classmethod
    def of(cls, listing: Listing, claimed_by_name: str | None) -> "StandingAnswer":
        told = _listed(listing, claimed_by_name)
        return cls(**told, grant_id=listing.grant.grant_id)


def _listed(listing: Listing, claimed_by_name: str | None) -> dict[str, Any]:
    told = {name: getattr(listing, name) for name in _OF_LISTING}
    return {**told, "claimed_by_name": claimed_by_name}


_OF_LISTING = tuple(name for name in _Listed.model_fields if name != "claimed_by_name")


class StandingsAnswer(_Answer):
    tips: tuple[StandingAnswer, ...]
    next: str | None


class PageAnswer(_Answer):
    tips: tuple[TipAnswer, ...]
    next: str | None


class PartAnswer(_Answer):
    """One sealed part; *sealed* is null in a tombstone."""

    part_id: str
    seq: int
    hash: Bytes
    sealed: Bytes | None
    sealed_to: str
    author: str
    kind: str
    day: str
    size_class: int
    blob_id: str | None
    officer: str | None
    signature: Bytes | None

    @classmethod
    def of(cls, part: PartRow) -> "PartAnswer":
        return cls(
            part_id=part.part_id,
            seq=part.seq,
            hash=part.hash,
            sealed=part.sealed,
            sealed_to=part.sealed_to,
            author=part.author,
            kind=part.kind,
            day=part.day,
            size_class=part.size_class,
            blob_id=part.blob_id,
            officer=part.officer,
            signature=part.signature,
        )


class ChangeAnswer(_Answer):
    version: int
    kind: str
    status: Status | None
    officer: str | None
    day: str
    part_id: str | None
    signature: Bytes | None
    from_centre: str | None
    to_centre: str | None
    to_officer: str | None
    until_day: str | None
    rekey: Bytes | None
    counts_hash: Bytes | None
    counts_signature: Bytes | None

    @classmethod
    def of(cls, change: ChangeRow) -> "ChangeAnswer":
        return cls(
            version=change.version,
            kind=change.kind,
            status=change.status,
            officer=change.officer,
            day=change.day,
            part_id=change.part_id,
            signature=change.signature,
            from_centre=change.from_centre,
            to_centre=change.to_centre,
            to_officer=change.to_officer,
            until_day=change.until_day,
            rekey=change.rekey,
            counts_hash=change.counts_hash,
            counts_signature=change.counts_signature,
        )


class _SecondedAnswer(_Answer):
    """Who did it, which note says why, and who agreed. It is open on *open_day*; null while it
    waits for a second officer."""

    reason_part_id: str
    seq: int
    officer: str
    day: str
    signature: Bytes
    open_day: str | None
    approved_by: str | None
    approved_day: str | None
    approval: Bytes | None

    @classmethod
    def of(cls, row: SecondedRow) -> Self:
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class OpeningAnswer(_SecondedAnswer):
    """Who opened an export (no part) or the original of a part, and which note says why. It is
    open on *open_day*; null while it waits for a second officer."""

    opening_id: str
    opens: Opens
    part_id: str | None


class HandoverAnswer(_SecondedAnswer):
    """Who handed the tip over, to which body and in which form, and which note says why. It may
    leave on *open_day*; null while it waits for a second officer."""

    handover_id: str
    body: str
    form: str
    sha256: str


class WholeTip(_TipFacts):
    """A tip with all of its sealed parts, in order. Tips of before it was kept are without the
    receipt's recipient."""

    case_recipient: str
    reply_recipient: str
    receipt_recipient: str | None
    earlier: tuple[EarlierGrantAnswer, ...]
    parts: tuple[PartAnswer, ...]
    changes: tuple[ChangeAnswer, ...]
    grants: tuple[OtherGrantAnswer, ...]
    openings: tuple[OpeningAnswer, ...]
    handovers: tuple[HandoverAnswer, ...]


class HeldAnswer(_Answer):
    version: int
    claimed_by: str | None
    claimed_by_name: str | None


class VersionAnswer(_Answer):
    version: int


class AddedAnswer(_Answer):
    seq: int
    hash: Bytes


class CardAnswer(_Answer):
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


class CardsAnswer(_Answer):
    cards: tuple[CardAnswer, ...]


class ProgressAnswer(_Answer):
    """How far a campaign is with one audience of one channel. *waits* says for what, if it does."""

    channel: str
    audience: str
    told: int
    missed: int
    waits: str | None
    is_done: bool


class CampaignAnswer(_Answer):
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


class SubscribersAnswer(_Answer):
    channel: str
    audience: str
    count: int


class CampaignsAnswer(_Answer):
    campaigns: tuple[CampaignAnswer, ...]
    subscribers: tuple[SubscribersAnswer, ...]


class StoppedAnswer(_Answer):
    """Whether it was running until now."""

    stopped: bool


class RecoveryTip(_Answer):
    """A tip as the recovery key's holder needs it: the grant to recovery, who else is in, and the
    sealed forms, which say who must not be. *rekeys* lead back to earlier keys; who was *withdrawn*
    is not let in again without being named."""

    tip_id: str
    centre: str
    filed_day: str
    grant: GrantAnswer
    grants: tuple[OtherGrantAnswer, ...]
    forms: tuple[PartAnswer, ...]
    rekeys: tuple[Bytes, ...]
    earlier: tuple[EarlierGrantAnswer, ...]
    withdrawn: tuple[str, ...]


class RecoveryPage(_Answer):
    tips: tuple[RecoveryTip, ...]
    next: str | None


class Refusal(_Answer):
    """Every refusal: a code for programs, a sentence for people, and sometimes facts."""

    model_config = ConfigDict(frozen=True, extra="allow")

    error: str
    says: str
