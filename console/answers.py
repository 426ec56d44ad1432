"""What the desk answers, parsed at the door into types that cannot be wrong in form.

Form only: whether it is *true* is for `checks.py`. An answer that does not fit is refused
whole, and the error names the field, never its value.
"""

import base64
import binascii
from datetime import date
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from console.errors import Distrusted
from sealing import Role


def _decoded(value: object) -> object:
    if isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("not base64") from None
    return value


def _real_day(value: str) -> str:
    if len(value) != len("2026-11-23") or date.fromisoformat(value).isoformat() != value:
        raise ValueError("not a day")
    return value


READERS = frozenset({Role.OFFICER, Role.LEAD, Role.REGISTRAR})
"""Who reads tips, and so has a queue."""

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Hash = Annotated[bytes, BeforeValidator(_decoded), Field(min_length=32, max_length=32)]
Bytes = Annotated[bytes, BeforeValidator(_decoded)]
Name = Annotated[str, StringConstraints(max_length=200)]
Label = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Day = Annotated[str, AfterValidator(_real_day)]
Hours = Annotated[str, StringConstraints(pattern=r"^([0-9:]{5}-[0-9:]{5})?$")]
Count = Annotated[int, Field(ge=0, lt=2**53)]
Days = Annotated[int, Field(ge=0, le=3660)]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Challenge(_Answer):
    challenge: Hash
    desk: str
    expires_s: Count = 0
    version: Count = 1


class Session(_Answer):
    token: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{16,4096}$")]
    expires_s: Count = 0

    def __repr__(self) -> str:
        return "Session(…)"


class OneSession(_Answer):
    session_id: Id
    since: Day
    is_this: bool = False


class Sessions(_Answer):
    """This officer's sessions, oldest first."""

    sessions: tuple[OneSession, ...]


class Ended(_Answer):
    ended: Count


class Centre(_Answer):
    id: Label
    name_th: Name = ""
    name_en: Name = ""


class ClockDays(_Answer):
    """The days of a centre's clocks, and how long before the end its officers are warned."""

    acknowledge_days: Days
    screening_days: Days
    feedback_days: Days
    warn_days: Days


class TreeCentre(_Answer):
    """A centre in the tree: under *parent*; inside *agency* when it is an integrity centre. Older
    desks say nothing of clocks.
    """

    id: Label
    name_th: Name = ""
    name_en: Name = ""
    parent: Label | None = None
    agency: Label | None = None
    clocks: ClockDays | None = None

    def name(self, language: str) -> str:
        """The name in "th" or else English; the id where there is none."""
        return (self.name_th if language == "th" else self.name_en) or self.id

    @property
    def names(self) -> str:
        """The name in both languages, for sentences of either."""
        return " · ".join(dict.fromkeys(map(self.name, ("th", "en"))))


class Centres(_Answer):
    """*closed_days*: for how long tips that ended are kept (0: for ever); older desks don't say."""

    centres: tuple[TreeCentre, ...]
    longest_extension_days: Days | None = None
    closed_days: Count | None = None


class Me(_Answer):
    officer: Id
    name: Name
    roles: tuple[Name, ...] = ()
    centres: tuple[Centre, ...] = ()
    roster_version: Count
    guessing_day: Day | None = None
    restored_day: Day | None = None
    backup_day: Day | None = None

    @property
    def has_queue(self) -> bool:
        """Whether this officer reads tips, of whatever kind."""
        return not READERS.isdisjoint(self.roles)


class OwnGrant(_Answer):
    """A grant to the one who asks (an officer, or recovery): sealed, and signed if an officer made
    it.
    """

    grant_id: Id
    sealed: Bytes
    granted_by: Label
    signature: Bytes | None = None


class TipStanding(_Answer):
    """Where a tip of a queue stands, as the desk says. On *expire_day* it is to be destroyed; one
    on hold (*is_held*) has none."""

    tip_id: Id
    centre: Label
    status: Label
    status_day: Day
    filed_day: Day
    version: Count
    claimed_by: Id | None = None
    claimed_by_name: Name | None = None
    parts: Count = 0
    no_contact: bool = False
    due_day: Day | None = None
    expire_day: Day | None = None
    is_held: bool = False
    last_word: Label | None = None
    """The reporter's word on the ending, if no officer changed the status since."""
    openings_waiting: Count = 0


class ListedTip(TipStanding):
    grant: OwnGrant


class StandingTip(TipStanding):
    """A tip whose grant is named only: whoever has opened it needs no more."""

    grant_id: Id


class StandingsPage(_Answer):
    tips: tuple[StandingTip, ...]
    next: str | None = None


class PageEnd(_Answer):
    """Where a page of any list goes on; the rest of it unread."""

    next: str | None = None


class TipPage(_Answer):
    tips: tuple[ListedTip, ...]
    next: str | None = None


class SealedPart(_Answer):
    part_id: Id
    seq: Annotated[int, Field(ge=1, lt=2**31)]
    hash: Hash
    sealed: Bytes | None = None
    sealed_to: Literal["case", "reply"]
    author: Label
    kind: Label
    day: Day
    blob_id: Id | None = None
    size_class: Count = 0
    officer: Id | None = None
    signature: Bytes | None = None


class Change(_Answer):
    version: Count
    kind: Label
    status: Label | None = None
    officer: Label | None = None
    day: Day
    part_id: Id | None = None
    signature: Bytes | None = None
    from_centre: Label | None = None
    to_centre: Label | None = None
    to_officer: Label | None = None
    until_day: Day | None = None
    rekey: Bytes | None = Field(default=None, repr=False)
    counts_hash: Hash | None = None
    counts_signature: Bytes | None = None


class Shredded(_Answer):
    """That a tip was destroyed, and the last ending and lifted hold that officers signed."""

    day: Day
    changes: tuple[Change, ...] = ()


class OtherGrant(_Answer):
    """A grant to anybody, as the desk lists it beside a tip. Older desks leave out *sealed*,
    *signature* and *is_personal* (it is the officer's own, wherever they work).
    """

    grant_id: Id
    officer: Label
    released: bool = True
    granted_by: Label
    is_personal: bool = False
    sealed: Bytes | None = None
    signature: Bytes | None = None


class Seconded(_Answer):
    """Who did it, which note says why, and who agreed. It is open on *open_day*; None while it
    waits for a second officer."""

    reason_part_id: Id
    seq: Annotated[int, Field(ge=1, lt=2**31)]
    officer: Id
    day: Day
    signature: Bytes
    open_day: Day | None = None
    approved_by: Id | None = None
    approved_day: Day | None = None
    approval: Bytes | None = None


class Opening(Seconded):
    """An export (no part), or the original of a part."""

    opening_id: Id
    opens: Label
    part_id: Id | None = None


class Opened(_Answer):
    opening_id: Id
    open_day: Day | None = None


class Handover(Seconded):
    """To which body, in which form, with the SHA-256 of what was written."""

    handover_id: Id
    body: Label
    form: Label
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class HandedOver(_Answer):
    handover_id: Id
    open_day: Day | None = None


class TipDetail(_Answer):
    tip_id: Id
    centre: Label
    status: Label
    status_day: Day
    filed_day: Day
    version: Count
    claimed_by: Id | None = None
    claimed_by_name: Name | None = None
    grant: OwnGrant
    no_contact: bool = False
    due_day: Day | None = None
    expire_day: Day | None = None
    is_held: bool = False
    case_recipient: str
    reply_recipient: str
    receipt_recipient: str | None = None
    parts: tuple[SealedPart, ...]
    changes: tuple[Change, ...] = ()
    grants: tuple[OtherGrant, ...] = ()
    openings: tuple[Opening, ...] = ()
    handovers: tuple[Handover, ...] = ()
    earlier: tuple[OwnGrant, ...] = ()
    """What the one who asks had before the tip got new keys."""


class Claimed(_Answer):
    version: Count
    claimed_by: Id | None = None
    claimed_by_name: Name | None = None


class Stale(_Answer):
    """The tip has grown since it was read: the last part as the desk has it now."""

    seq: Count | None = None
    hash: Hash | None = None
    version: Count | None = None


class RecoveryTip(_Answer):
    """A tip as recovery sees it: the grant to recovery, who else may open it, the sealed forms,
    what rekeys say, recovery's earlier grants and who was withdrawn (older desks and lists leave
    these out)."""

    tip_id: Id
    centre: Label
    filed_day: Day
    grant: OwnGrant
    grants: tuple[OtherGrant, ...] = ()
    forms: tuple[SealedPart, ...] = ()
    rekeys: tuple[Bytes, ...] = ()
    earlier: tuple[OwnGrant, ...] = ()
    withdrawn: tuple[Label, ...] = ()


class RecoveryPage(_Answer):
    tips: tuple[RecoveryTip, ...]
    next: str | None = None


class MemberLinks(_Answer):
    """Where the desk's server says that people reach the chat."""

    web: Name | None = None
    onion: Name | None = None


class MemberTerms(_Answer):
    """How codes of the deployment are stretched."""

    salt: Annotated[bytes, BeforeValidator(_decoded), Field(min_length=16, max_length=64)]
    memory_kib: Annotated[int, Field(ge=8, le=1024 * 1024, strict=True)]
    time: Annotated[int, Field(ge=1, le=64, strict=True)]
    lanes: Annotated[int, Field(ge=1, le=16, strict=True)]
    links: MemberLinks = MemberLinks()


class CodeOutcomes(_Answer):
    """What became of each code of a batch, in its order."""

    outcomes: tuple[Literal["done", "known", "unknown", "revoked"], ...]


class CentreCounts(_Answer):
    centre: Label
    active: Count
    paused: Count
    revoked: Count
    expired: Count


class MemberCounts(_Answer):
    centres: tuple[CentreCounts, ...]


class MemberRecord(_Answer):
    """What a registrar did to codes, and signed."""

    record_id: Id
    day: Day
    officer: Id
    centre: Label
    deed: Label
    is_duress: bool
    count: Count
    signature: Bytes


class MemberRecordPage(_Answer):
    records: tuple[MemberRecord, ...]
    next: Annotated[str, StringConstraints(max_length=64)] | None = None


class Card(_Answer):
    """A knowledge card in its newest version."""

    card_id: Id
    version: Annotated[int, Field(ge=1, lt=2**53)]
    centre: Label
    audiences: Annotated[str, StringConstraints(max_length=100)]
    state: Label
    day: Day
    officer: Id
    content: Bytes
    signature: Bytes
    is_shown: bool = False


class CardList(_Answer):
    cards: tuple[Card, ...]


class Progress(_Answer):
    """How far a campaign is with one audience of one channel."""

    channel: Label
    audience: Label
    told: Count
    missed: Count = 0
    waits: Label | None = None
    is_done: bool = False


class Campaign(_Answer):
    campaign_id: Id
    card_id: Id
    centre: Label
    audiences: Annotated[str, StringConstraints(max_length=100)]
    state: Label
    day: Day
    officer: Id
    progress: tuple[Progress, ...] = ()


class Subscribers(_Answer):
    channel: Label
    audience: Label
    count: Count


class CampaignList(_Answer):
    campaigns: tuple[Campaign, ...]
    subscribers: tuple[Subscribers, ...] = ()


class Stopped(_Answer):
    stopped: bool


class AuditPage(_Answer):
    """Entries of the audit trail as they were hashed; *next* is where to go on."""

    entries: tuple[Bytes, ...]
    next: Count | None = None


class DaySignature(_Answer):
    officer: Id
    signature: Bytes


class AuditDay(_Answer):
    """Where the audit trail stood at the end of a day, and who signed that."""

    day: Day
    seq: Count
    head: Hash
    signature: Bytes
    countersigned: tuple[DaySignature, ...] = ()


class AuditDays(_Answer):
    """*server_key* signs the days: 64 hex digits."""

    server_key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    days: tuple[AuditDay, ...]
    next: Day | None = None


class AlertPlace(_Answer):
    """One place where the officer is told; *shown* is a piece of an e-mail address, else empty."""

    binding_id: Id
    channel: Label
    shown: Annotated[str, StringConstraints(max_length=300)] = ""


class Alerts(_Answer):
    """The officer's own alerts. *hours* null: as the desk does for everybody."""

    channels: Annotated[tuple[Label, ...], Field(max_length=10)]
    places: Annotated[tuple[AlertPlace, ...], Field(max_length=100)]
    hours: Hours | None
    days: Annotated[tuple[Label, ...], Field(max_length=7)] | None
    breaks_quiet: bool
    language: Label
    usual_hours: Hours
    usual_days: Annotated[tuple[Label, ...], Field(max_length=7)]


class AlertLink(_Answer):
    """Where a chat is bound. Nothing but the two platforms' own addresses, with a code: whatever
    else a desk might say, no officer is led there."""

    link: Annotated[
        str,
        StringConstraints(
            pattern=r"^https://(t\.me/[A-Za-z0-9_]{1,64}\?start=[0-9a-z]{26}"
            r"|line\.me/R/oaMessage/[A-Za-z0-9%._-]{1,80}/\?[0-9a-z]{26})$"
        ),
    ]
    expires_s: Count


class AlertMailed(_Answer):
    expires_s: Count


class AlertTested(_Answer):
    places: Count


class Says(_Answer):
    """Why the desk refuses: a short code, and its own sentence (shown calm, as the desk's
    words).
    """

    error: str = ""
    says: str = ""


T = TypeVar("T", bound=_Answer)


def parse(kind: type[T], body: bytes) -> T:
    """*body* as *kind*. Raises Distrusted, naming the first field that does not fit and nothing of
    its value.
    """
    try:
        return TypeAdapter(kind).validate_json(body)
    except ValidationError as error:
        place = ".".join(str(step) for step in error.errors(include_input=False)[0]["loc"])
        raise Distrusted("desk.malformed", place=place or "-") from None
