"""What the desk answers, parsed at the door into types that cannot be wrong in form.

Form only: whether it is *true* is for `checks.py`. An answer that does not fit is refused
whole, and the error names the place, never the value.
"""

from typing import Annotated, Literal, TypeVar

from msgspec import UNSET, Meta, UnsetType, field

from console.errors import Distrusted
from console.records import Record, Unfit, read
from sealing import Role

READERS = frozenset({Role.OFFICER, Role.LEAD, Role.REGISTRAR})
"""Who reads tips, and so has a queue."""

Id = Annotated[str, Meta(pattern=r"\A[0-9a-f]{32}\Z")]
Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
Name = Annotated[str, Meta(max_length=200)]
Label = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.-]{1,64}\Z")]
Day = Annotated[
    str,
    Meta(
        pattern=r"\A(?!0000)(?:"
        r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
        r"|[0-9]{4}-(?:0[13-9]|1[0-2])-(?:29|30)"
        r"|[0-9]{4}-(?:0[13578]|1[02])-31"
        r"|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29"
        r")\Z"
    ),
]
"""A day that there is: the last line of its pattern is the leap years'."""
Hours = Annotated[str, Meta(pattern=r"\A([0-9:]{5}-[0-9:]{5})?\Z")]
Count = Annotated[int, Meta(ge=0, lt=2**53)]
Days = Annotated[int, Meta(ge=0, le=3660)]
Place = Annotated[int, Meta(ge=1, lt=2**31)]
"""Of a part in its tip."""


class Challenge(Record):
    challenge: Hash
    desk: str
    expires_s: Count = 0
    version: Count = 1


class Session(Record):
    token: Annotated[str, Meta(pattern=r"\A[\x21-\x7e]{16,4096}\Z")]
    expires_s: Count = 0


class OneSession(Record):
    session_id: Id
    since: Day
    is_this: bool = False


class Sessions(Record):
    """This officer's sessions, oldest first."""

    sessions: tuple[OneSession, ...]


class Ended(Record):
    ended: Count


class Centre(Record):
    id: Label
    name_th: Name = ""
    name_en: Name = ""


class ClockDays(Record):
    """The days of a centre's clocks, and how long before the end its officers are warned."""

    acknowledge_days: Days
    screening_days: Days
    feedback_days: Days
    warn_days: Days


class TreeCentre(Record):
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


class Centres(Record):
    """*closed_days*: for how long tips that ended are kept (0: for ever); older desks don't say."""

    centres: tuple[TreeCentre, ...]
    longest_extension_days: Days | None = None
    closed_days: Count | None = None


class Me(Record):
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


class OwnGrant(Record):
    """A grant to the one who asks (an officer, or recovery): sealed, and signed if an officer made
    it.
    """

    grant_id: Id
    sealed: bytes
    granted_by: Label
    signature: bytes | None = None


class TipStanding(Record):
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


class StandingsPage(Record):
    tips: tuple[StandingTip, ...]
    next: str | None = None


class PageEnd(Record):
    """Where a page of any list goes on; the rest of it unread."""

    next: str | None = None


class TipPage(Record):
    tips: tuple[ListedTip, ...]
    next: str | None = None


class SealedPart(Record):
    part_id: Id
    seq: Place
    hash: Hash
    sealed: bytes | None = None
    sealed_to: Literal["case", "reply"]
    author: Label
    kind: Label
    day: Day
    blob_id: Id | None = None
    size_class: Count = 0
    officer: Id | None = None
    signature: bytes | None = None


class Change(Record):
    version: Count
    kind: Label
    status: Label | None = None
    officer: Label | None = None
    day: Day
    part_id: Id | None = None
    signature: bytes | None = None
    from_centre: Label | None = None
    to_centre: Label | None = None
    to_officer: Label | None = None
    until_day: Day | None = None
    rekey: bytes | None = None
    counts_hash: Hash | None = None
    counts_signature: bytes | None = None


class Shredded(Record):
    """That a tip was destroyed, and the last ending and lifted hold that officers signed."""

    day: Day
    changes: tuple[Change, ...] = ()


class OtherGrant(Record):
    """A grant to anybody, as the desk lists it beside a tip. Older desks leave out *sealed*,
    *signature* and *is_personal* (it is the officer's own, wherever they work).
    """

    grant_id: Id
    officer: Label
    released: bool = True
    granted_by: Label
    is_personal: bool = False
    sealed: bytes | None = None
    signature: bytes | None = None


class Seconded(Record):
    """Who did it, which note says why, and who agreed. It is open on *open_day*; None while it
    waits for a second officer."""

    reason_part_id: Id
    seq: Place
    officer: Id
    day: Day
    signature: bytes
    open_day: Day | None = None
    approved_by: Id | None = None
    approved_day: Day | None = None
    approval: bytes | None = None


class Opening(Seconded):
    """An export (no part), or the original of a part."""

    opening_id: Id
    opens: Label
    part_id: Id | None = None


class Opened(Record):
    opening_id: Id
    open_day: Day | None = None


class Handover(Seconded):
    """To which body, in which form, with the SHA-256 of what was written."""

    handover_id: Id
    body: Label
    form: Label
    sha256: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]


class HandedOver(Record):
    handover_id: Id
    open_day: Day | None = None


class TipDetail(Record):
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
    _due_day: Day | UnsetType | None = field(name="due_day", default=UNSET)
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

    @property
    def due_day(self) -> str | None:
        return None if self._due_day is UNSET else self._due_day

    @property
    def says_due_day(self) -> bool:
        """Whether the desk says by when the tip is due, or that no clock runs; older ones don't."""
        return self._due_day is not UNSET


class Claimed(Record):
    version: Count
    claimed_by: Id | None = None
    claimed_by_name: Name | None = None


class Stale(Record):
    """The tip has grown since it was read: the last part as the desk has it now."""

    seq: Count | None = None
    hash: Hash | None = None
    version: Count | None = None


class RecoveryTip(Record):
    """A tip as recovery sees it: the grant to recovery, who else may open it, the sealed forms,
    what rekeys say, recovery's earlier grants and who was withdrawn (older desks and lists leave
    these out)."""

    tip_id: Id
    centre: Label
    filed_day: Day
    grant: OwnGrant
    grants: tuple[OtherGrant, ...] = ()
    forms: tuple[SealedPart, ...] = ()
    rekeys: tuple[bytes, ...] = ()
    earlier: tuple[OwnGrant, ...] = ()
    withdrawn: tuple[Label, ...] = ()


class RecoveryPage(Record):
    tips: tuple[RecoveryTip, ...]
    next: str | None = None


class MemberLinks(Record):
    """Where the desk's server says that people reach the chat."""

    web: Name | None = None
    onion: Name | None = None


class MemberTerms(Record):
    """How codes of the deployment are stretched."""

    salt: Annotated[bytes, Meta(min_length=16, max_length=64)]
    memory_kib: Annotated[int, Meta(ge=8, le=1024 * 1024)]
    time: Annotated[int, Meta(ge=1, le=64)]
    lanes: Annotated[int, Meta(ge=1, le=16)]
    links: MemberLinks = MemberLinks()


class CodeOutcomes(Record):
    """What became of each code of a batch, in its order."""

    outcomes: tuple[Literal["done", "known", "unknown", "revoked"], ...]


class CentreCounts(Record):
    centre: Label
    active: Count
    paused: Count
    revoked: Count
    expired: Count


class MemberCounts(Record):
    centres: tuple[CentreCounts, ...]


class MemberRecord(Record):
    """What a registrar did to codes, and signed."""

    record_id: Id
    day: Day
    officer: Id
    centre: Label
    deed: Label
    is_duress: bool
    count: Count
    signature: bytes


class MemberRecordPage(Record):
    records: tuple[MemberRecord, ...]
    next: Annotated[str, Meta(max_length=64)] | None = None


class Card(Record):
    """A knowledge card in its newest version."""

    card_id: Id
    version: Annotated[int, Meta(ge=1, lt=2**53)]
    centre: Label
    audiences: Annotated[str, Meta(max_length=100)]
    state: Label
    day: Day
    officer: Id
    content: bytes
    signature: bytes
    is_shown: bool = False


class CardList(Record):
    cards: tuple[Card, ...]


class Progress(Record):
    """How far a campaign is with one audience of one channel."""

    channel: Label
    audience: Label
    told: Count
    missed: Count = 0
    waits: Label | None = None
    is_done: bool = False


class Campaign(Record):
    campaign_id: Id
    card_id: Id
    centre: Label
    audiences: Annotated[str, Meta(max_length=100)]
    state: Label
    day: Day
    officer: Id
    progress: tuple[Progress, ...] = ()


class Subscribers(Record):
    channel: Label
    audience: Label
    count: Count


class CampaignList(Record):
    campaigns: tuple[Campaign, ...]
    subscribers: tuple[Subscribers, ...] = ()


class Stopped(Record):
    stopped: bool


class AuditPage(Record):
    """Entries of the audit trail as they were hashed; *next* is where to go on."""

    entries: tuple[bytes, ...]
    next: Count | None = None


class DaySignature(Record):
    officer: Id
    signature: bytes


class AuditDay(Record):
    """Where the audit trail stood at the end of a day, and who signed that."""

    day: Day
    seq: Count
    head: Hash
    signature: bytes
    countersigned: tuple[DaySignature, ...] = ()


class AuditDays(Record):
    """*server_key* signs the days: 64 hex digits."""

    server_key: Annotated[str, Meta(pattern=r"\A[0-9a-f]{64}\Z")]
    days: tuple[AuditDay, ...]
    next: Day | None = None


class AlertPlace(Record):
    """One place where the officer is told; *shown* is a piece of an e-mail address, else empty."""

    binding_id: Id
    channel: Label
    shown: Annotated[str, Meta(max_length=300)] = ""


class Alerts(Record):
    """The officer's own alerts. *hours* null: as the desk does for everybody."""

    channels: Annotated[tuple[Label, ...], Meta(max_length=10)]
    places: Annotated[tuple[AlertPlace, ...], Meta(max_length=100)]
    hours: Hours | None
    days: Annotated[tuple[Label, ...], Meta(max_length=7)] | None
    breaks_quiet: bool
    language: Label
    usual_hours: Hours
    usual_days: Annotated[tuple[Label, ...], Meta(max_length=7)]


class AlertLink(Record):
    """Where a chat is bound. Nothing but the two platforms' own addresses, with a code: whatever
    else a desk might say, no officer is led there."""

    link: Annotated[
        str,
        Meta(
            pattern=r"\Ahttps://(t\.me/[A-Za-z0-9_]{1,64}\?start=[0-9a-z]{26}"
            r"|line\.me/R/oaMessage/[A-Za-z0-9%._-]{1,80}/\?[0-9a-z]{26})\Z"
        ),
    ]
    expires_s: Count


class AlertMailed(Record):
    expires_s: Count


class AlertTested(Record):
    places: Count


class Says(Record):
    """Why the desk refuses: a short code, and its own sentence (shown calm, as the desk's
    words).
    """

    error: str = ""
    says: str = ""


T = TypeVar("T", bound=Record)


def parse(kind: type[T], body: bytes) -> T:
    """*body* as *kind*. Raises Distrusted, naming the first place that does not fit and nothing of
    what is there.
    """
    try:
        return read(kind, body)
    except Unfit as unfit:
        raise Distrusted("desk.malformed", place=unfit.place or "-") from None
