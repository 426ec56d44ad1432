"""Grants: a tip's identities and a summary, sealed to one reader.

An officer's grant (and recovery's) carries both identities and what the console's list shows. The
receipt's grant carries the reply identity alone: a seized receipt opens no word of the tip and
learns nothing about it. Every grant is as long as any other. The grant names its tip and its reader
inside, so it opens nothing when it is put elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sealing import age, canonical, sealed_json
from sealing.age import Identity, PQIdentity, Recipient
from sealing.canonical import JSON, Fields, is_day, is_id, is_label
from sealing.errors import Malformed, Misplaced
from sealing.padding import SMALLEST_BUCKET
from sealing.tips import TipKeys, TipRecipients

SCHEMA = 1
RECOVERY = "recovery"
RECEIPT = "receipt"
SERVER = "server"
GRANT_BYTES = SMALLEST_BUCKET
FIRST_YEAR, LAST_YEAR = 1900, 9999
_ADDED: Mapping[str, JSON] = {"member_centre": None, "member_since": None, "is_secondhand": False}
"""What summaries of before members had a standing are read with."""


class TipKind(StrEnum):
    """The kinds of intake: a case to look into, general information, or an application to join the
    network (or to let somebody join), which registrars read and nobody else."""

    CASE = "case"
    INFORMATION = "information"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class Summary:
    """What an officer's list shows of a tip without opening it. Ids and marks only, never words.

    Of a verified member: *alias*, the centre whose registrar made the code, and the year (CE) since
    when. Secondhand: somebody told it to the member, who carries it on.
    """

    category: str
    province: str
    kind: TipKind
    is_verified: bool = False
    alias: str | None = None
    is_duress: bool = False
    is_afraid: bool = False
    is_reported_elsewhere: bool = False
    completeness_have: int = 0
    completeness_of: int = 0
    member_centre: str | None = None
    member_since: int | None = None
    is_secondhand: bool = False

    def __post_init__(self) -> None:
        labels = (self.category, self.province, self.alias or "-", self.member_centre or "-")
        if not all(map(is_label, labels)):
            raise ValueError("a summary holds ids of our own data, never words")
        if not 0 <= self.completeness_have <= self.completeness_of <= 1000:
            raise ValueError("completeness is so many of so many")
        if self.is_verified != (self.alias is not None):
            raise ValueError("a verified member, and only one, has an alias")
        if self.is_duress and not self.is_verified:
            raise ValueError("only a member's code can be a duress code")
        is_known = self.member_centre is not None or self.member_since is not None
        if (is_known or self.is_secondhand) and not self.is_verified:
            raise ValueError("only a verified member has a centre, and carries others' stories on")
        if self.member_since is not None and not FIRST_YEAR <= self.member_since <= LAST_YEAR:
            raise ValueError("a member has been one since some year")


@dataclass(frozen=True, slots=True)
class Grant:
    """What *to* is given of a tip, by *by*.

    *to* is an officer id, "recovery" or "receipt"; *by* is an officer id or "server".
    """

    grant_id: str
    tip_id: str
    to: str
    case: PQIdentity | None
    reply: PQIdentity
    summary: Summary | None
    day: str
    by: str = SERVER

    def __post_init__(self) -> None:
        if not is_id(self.grant_id) or not is_id(self.tip_id) or not is_day(self.day):
            raise ValueError("a grant has two ids and a day")
        if not (is_id(self.to) or self.to in (RECOVERY, RECEIPT)):
            raise ValueError("a grant is to an officer, to recovery or to the receipt")
        if not (is_id(self.by) or self.by == SERVER):
            raise ValueError("a grant is by the server or by an officer")
        is_receipt = self.to == RECEIPT
        if is_receipt != (self.case is None) or is_receipt != (self.summary is None):
            raise ValueError("the receipt's grant, and only that, is without case and summary")
        if self.case == self.reply:
            raise ValueError("case and reply are two keys: a receipt must not open the tip")

    @property
    def recipients(self) -> TipRecipients:
        """To whom later parts are sealed. Take these, not what the server says.

        Raises ValueError for a receipt.
        """
        if self.case is None:
            raise ValueError("the receipt's grant does not know the case")
        return TipRecipients(self.case.recipient, self.reply.recipient)

    @property
    def keys(self) -> TipKeys:
        """Both secrets. Raises ValueError for a receipt."""
        if self.case is None:
            raise ValueError("the receipt's grant does not know the case")
        return TipKeys(self.case, self.reply)


def seal_grant(grant: Grant, recipient: Recipient) -> bytes:
    """*grant* sealed to *recipient*; always the same length for one kind of recipient."""
    data = canonical.write_padded(_to_json(grant))
    if len(data) != GRANT_BYTES:
        raise AssertionError("a grant outgrew its size")
    return age.encrypt(data, recipient)


def open_grant(
    data: bytes,
    identity: Identity,
    *,
    tip_id: str,
    grant_id: str,
    to: str,
    recipients: TipRecipients | None = None,
) -> Grant:
    """The grant in *data*, found under *tip_id* and *grant_id* and meant for *to*.

    With *recipients* (what the server says the tip's public keys are) also checks that the grant
    opens just those. Raises Misplaced, WrongKey, Tampered, Malformed. Who granted it is believed by
    its signature, not by `by`.
    """
    grant = _from_json(sealed_json.unseal(data, identity))
    if (grant.tip_id, grant.grant_id, grant.to) != (tip_id, grant_id, to):
        raise Misplaced("this grant was made for another tip or another reader")
    if recipients is not None and not _opens(grant, recipients):
        raise Misplaced("this grant opens other keys than the tip's")
    return grant


def open_receipt_grant(
    data: bytes, identity: Identity, *, tip_id: str, grant_id: str
) -> PQIdentity:
    """The reply identity in a receipt's grant: all that a receipt opens. Raises as `open_grant`."""
    return open_grant(data, identity, tip_id=tip_id, grant_id=grant_id, to=RECEIPT).reply


def _opens(grant: Grant, recipients: TipRecipients) -> bool:
    is_case = grant.case is None or grant.case.recipient == recipients.case
    return is_case and grant.reply.recipient == recipients.reply


def _to_json(grant: Grant) -> dict[str, JSON]:
    summary = grant.summary
    return {
        "schema": SCHEMA,
        "grant_id": grant.grant_id,
        "tip_id": grant.tip_id,
        "to": grant.to,
        "case": None if grant.case is None else grant.case.reveal(),
        "reply": grant.reply.reveal(),
        "summary": None if summary is None else _summary_to_json(summary),
        "day": grant.day,
        "by": grant.by,
    }


def _summary_to_json(summary: Summary) -> dict[str, JSON]:
    return {
        "category": summary.category,
        "province": summary.province,
        "kind": summary.kind,
        "is_verified": summary.is_verified,
        "alias": summary.alias,
        "is_duress": summary.is_duress,
        "is_afraid": summary.is_afraid,
        "is_reported_elsewhere": summary.is_reported_elsewhere,
        "completeness_have": summary.completeness_have,
        "completeness_of": summary.completeness_of,
        "member_centre": summary.member_centre,
        "member_since": summary.member_since,
        "is_secondhand": summary.is_secondhand,
    }


def _from_json(value: Mapping[str, JSON]) -> Grant:
    fields = Fields(value)
    fields.schema(SCHEMA)
    try:
        grant = Grant(
            grant_id=fields.id("grant_id"),
            tip_id=fields.id("tip_id"),
            to=fields.text("to"),
            case=None if fields.is_null("case") else PQIdentity.parse(fields.text("case")),
            reply=PQIdentity.parse(fields.text("reply")),
            summary=_summary_from_json(fields.object_or_none("summary")),
            day=fields.day("day"),
            by=fields.text("by"),
        )
    except ValueError:
        # Not chained: the error below may quote a key.
        raise Malformed("a grant that contradicts itself") from None
    fields.done()
    return grant


def _summary_from_json(value: Mapping[str, JSON] | None) -> Summary | None:
    if value is None:
        return None
    fields = Fields({**_ADDED, **value})
    summary = Summary(
        category=fields.text("category"),
        province=fields.text("province"),
        kind=fields.choice("kind", TipKind),
        is_verified=fields.flag("is_verified"),
        alias=fields.text_or_none("alias"),
        is_duress=fields.flag("is_duress"),
        is_afraid=fields.flag("is_afraid"),
        is_reported_elsewhere=fields.flag("is_reported_elsewhere"),
        completeness_have=fields.number("completeness_have"),
        completeness_of=fields.number("completeness_of"),
        member_centre=fields.text_or_none("member_centre"),
        member_since=fields.number_or_none("member_since"),
        is_secondhand=fields.flag("is_secondhand"),
    )
    fields.done()
    return summary
