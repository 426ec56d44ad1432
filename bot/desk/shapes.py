"""What goes over the wire about tips and centres: requests, parsed at the door, and answers."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field

from bot.desk.fields import (
    IN_BASE64,
    AnswerBody,
    Bytes,
    Bytes32,
    Centre,
    Day,
    Id,
    RequestBody,
    Sealed,
    Signature,
    Value,
    Version,
    decoded,
)
from sealing import REKEYS_AT_MOST, Counts, Kind, Opens, Side
from sealing.rekeying import AT_MOST_REKEY_BYTES
from storage.repositories.grants import EarlierGrant, GrantRow
from storage.repositories.parts import PartRow
from storage.repositories.queue import Listing
from storage.repositories.seconded import SecondedRow
from storage.repositories.tips import ChangeRow, Status

PAGE_AT_MOST = 200
GRANTS_AT_MOST = 500


class Hold(RequestBody):
    """Claim or release the tip as it is at *version*."""

    version: Version
    day: Day
    signature: Signature


class NewAssign(RequestBody):
    """The tip as it is at *version* goes to *to_officer*."""

    version: Version
    to_officer: Id
    day: Day
    signature: Signature


class _Part(RequestBody):
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


class ToldCounts(RequestBody):
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


class NewStatus(RequestBody):
    """A change of status; *reason* goes into the tip right before *sentence*. *counts* go with an
    ending; consoles that know nothing of them leave them out."""

    version: Version
    status: Status
    day: Day
    signature: Signature
    sentence: Sentence
    reason: Reason | None = None
    counts: NewCounts | None = Field(default=None, repr=False)


class NewGrant(RequestBody):
    """A colleague let in: a grant sealed by the console for *officer*. *rekeys*: of how many the
    console knew when it made the grant; it is refused where there are more by now."""

    grant_id: Id
    officer: Id
    sealed: Sealed
    day: Day
    signature: Signature
    rekeys: Annotated[int, Field(ge=0, le=REKEYS_AT_MOST, strict=True, examples=[0])] | None = None


class NewMove(RequestBody):
    """The tip goes to the centre *to*. *grants* let in its officers, and withheld, those of the
    centres above it, who have none yet."""

    version: Version
    to: Centre
    day: Day
    signature: Signature
    reason: Reason
    sentence: Sentence
    grants: Annotated[tuple[NewGrant, ...], Field(max_length=GRANTS_AT_MOST)]


class NewExtension(RequestBody):
    """The tip has until *until_day*."""

    version: Version
    until_day: Day
    day: Day
    signature: Signature
    reason: Reason
    sentence: Sentence


class NewLegalHold(RequestBody):
    """The tip, as it is at *version*, is put on hold, or that is lifted: the address says which."""

    version: Version
    day: Day
    signature: Signature
    reason: Reason


class Regrant(RequestBody):
    """A grant of new keys for somebody who reads on: an officer, or recovery."""

    grant_id: Id
    officer: Annotated[str, Field(pattern=r"^([0-9a-f]{32}|recovery)$")]
    sealed: Sealed
    day: Day
    signature: Signature


class NewRekey(RequestBody):
    """*withdrawn* reads no further: new keys (what the *rekey* says, `sealing.rekeying`), and a
    grant of them for everyone else who has one."""

    version: Version
    withdrawn: Id
    rekey: Annotated[
        bytes,
        BeforeValidator(decoded),
        Field(min_length=2, max_length=AT_MOST_REKEY_BYTES, json_schema_extra=IN_BASE64),
    ]
    day: Day
    signature: Signature
    reason: Reason
    grants: Annotated[tuple[Regrant, ...], Field(max_length=GRANTS_AT_MOST + 1)]


class CentreAnswer(AnswerBody):
    id: str
    name_th: str
    name_en: str


class ClockDays(AnswerBody):
    """The days of a centre's clocks, counted from filing, and how long before the end its officers
    are warned."""

    acknowledge_days: int
    screening_days: int
    feedback_days: int
    warn_days: int


class TreeCentre(AnswerBody):
    """A centre in the tree: under *parent*; inside *agency* when it is an integrity centre."""

    id: str
    name_th: str
    name_en: str
    parent: str | None
    agency: str | None
    clocks: ClockDays | None


class CentresAnswer(AnswerBody):
    """Every centre, the most days that one extension of a clock gives, and for how many days ended
    tips are kept (0: for ever)."""

    centres: tuple[TreeCentre, ...]
    longest_extension_days: int
    closed_days: int


class MeAnswer(AnswerBody):
    officer: str
    name: str
    roles: tuple[str, ...]
    centres: tuple[CentreAnswer, ...]
    roster_version: int
    guessing_day: str | None
    restored_day: str | None
    backup_day: str | None


class GrantAnswer(AnswerBody):
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


class OtherGrantAnswer(AnswerBody):
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


class EarlierGrantAnswer(AnswerBody):
    """What the reader who asks had before another grant took its place: when the tip got new keys,
    or they were let in anew after they had left their centre."""

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


class _Standing(AnswerBody):
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


class StandingsAnswer(AnswerBody):
    tips: tuple[StandingAnswer, ...]
    next: str | None


class PageAnswer(AnswerBody):
    tips: tuple[TipAnswer, ...]
    next: str | None


class PartAnswer(AnswerBody):
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


class ChangeAnswer(AnswerBody):
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


class _SecondedAnswer(AnswerBody):
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


class HeldAnswer(AnswerBody):
    version: int
    claimed_by: str | None
    claimed_by_name: str | None


class VersionAnswer(AnswerBody):
    version: int


class AddedAnswer(AnswerBody):
    seq: int
    hash: Bytes


class RecoveryTip(AnswerBody):
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


class RecoveryPage(AnswerBody):
    tips: tuple[RecoveryTip, ...]
    next: str | None


class Refusal(AnswerBody):
    """Every refusal: a code for programs, a sentence for people, and sometimes facts."""

    model_config = ConfigDict(frozen=True, extra="allow")

    error: str
    says: str
