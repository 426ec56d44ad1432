"""Filing: from a draft to a tip that officers can open and its teller can find again.

Makes everything that the one commit will write: the receipt and its keys, the form as the last part
of the draft, the tip's row, and a grant for every reader. It makes and never stores; whoever calls
it twice for one draft gets two receipts, of which one commit lets only one be.

Laws: nobody is left out silently (recovery always has a grant), the receipt's grant opens replies
and nothing else, and all of it happens on the worker that only filing uses.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

from bot.routes import Readers, Routing, readers_of, registrars_of
from bot.server_key import ServerKey
from bot.state import Draft
from bot.stretch import Stretches
from handlers.effects import File, Json
from sealing import (
    JSON,
    RECEIPT,
    RECOVERY,
    Author,
    Grant,
    Kind,
    Part,
    Receipt,
    ReceiptKeys,
    Role,
    Roster,
    Summary,
    TipKeys,
    TipKind,
    reader_role,
    seal_grant,
    seal_part,
    side_of,
    stretch_receipt,
)
from sealing.age import PQRecipient
from sealing.stretch import Cost
from storage.repositories.grants import GrantRow
from storage.repositories.parts import PartRow
from storage.repositories.tips import NewTip

UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Filed:
    """What the commit writes for one filed tip, and the receipt to show for it. *is_urgent* is for
    counting only, inside that commit."""

    tip: NewTip
    grants: tuple[GrantRow, ...]
    form: PartRow
    previous: bytes
    receipt: Receipt
    is_urgent: bool = field(default=False, repr=False)


class Filing:
    """Makes filed tips out of drafts."""

    def __init__(
        self,
        server_key: ServerKey,
        cost: Cost,
        *,
        stretches: Stretches,
        roster: Callable[[], Roster],
        route: Routing,
        new_id: Callable[[], str],
        new_receipt: Callable[[], Receipt] = Receipt.generate,
    ) -> None:
        self._salt = server_key.salt
        self._pepper = server_key.pepper
        self._cost = cost
        self._stretches = stretches
        self._roster = roster
        self._route = route
        self._new_id = new_id
        self._new_receipt = new_receipt

    async def prepare(self, draft: Draft, file: File, day: str) -> Filed:
        """Everything that filing *draft* writes. Stores nothing."""
        making = _Making(draft, file, day, self._roster(), self._new_id)
        return await self._stretches.for_filing(lambda: self._make(making))

    def _make(self, making: "_Making") -> Filed:
        receipt = self._new_receipt()
        keys = stretch_receipt(receipt, salt=self._salt, pepper=self._pepper, cost=self._cost)
        summary = summarise(making.file.summary)
        file = making.file
        route = self._route(
            file.province,
            file.excluded,
            file.is_agency_confirmed,
        )
        role = reader_role(summary.kind)
        find = registrars_of if role is Role.REGISTRAR else readers_of
        readers = find(route, making.roster)
        return Filed(
            making.tip(readers.centre, keys),
            tuple(making.grants(readers, summary, role)),
            making.form(keys),
            making.draft.head,
            receipt,
            is_urgent=summary.is_duress or summary.is_afraid,
        )


@dataclass(slots=True)
class _Making:
    """One tip being made."""

    draft: Draft = field(repr=False)
    file: File
    day: str
    roster: Roster
    new_id: Callable[[], str]
    keys: TipKeys = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.keys = self.draft.keys

    def form(self, keys: ReceiptKeys) -> PartRow:
        """The form says to which recipient the receipt's grants go: sealed, so that nobody can name
        another one to an officer later."""
        receipt = hashlib.sha256(keys.identity.recipient.raw).hexdigest()
        part = Part(
            self.draft.tip_id,
            self.new_id(),
            self.draft.seq + 1,
            self.draft.head,
            Author.REPORTER,
            self.day,
            Kind.FORM,
            form={**_whole_numbers(self.file.form), "receipt": receipt},
        )
        return part_row(part, self.keys.case.recipient)

    def tip(self, centre: str, keys: ReceiptKeys) -> NewTip:
        grant_id, public = self.new_id(), self.keys.recipients
        grant = Grant(grant_id, self.draft.tip_id, RECEIPT, None, self.keys.reply, None, self.day)
        return NewTip(
            self.draft.tip_id,
            keys.locator,
            centre,
            self.day,
            public.case.raw,
            public.reply.raw,
            grant_id,
            seal_grant(grant, keys.identity.recipient),
            keys.identity.recipient.raw,
        )

    def grants(self, readers: Readers, summary: Summary, role: Role) -> Iterable[GrantRow]:
        """Recovery's, then that of the centre's readers, who have *role*, then (withheld) each
        ancestor's."""
        at = readers.centre
        yield self._grant(RECOVERY, self.roster.recovery, at, summary, role, released=True)
        for each in readers.readers:
            to, recipient, is_now = each.officer.id, each.officer.age, each.is_released
            yield self._grant(to, recipient, each.centre, summary, role, released=is_now)

    def _grant(
        self,
        to: str,
        recipient: PQRecipient,
        centre: str,
        summary: Summary,
        role: Role,
        *,
        released: bool,
    ) -> GrantRow:
        grant_id, tip_id = self.new_id(), self.draft.tip_id
        grant = Grant(grant_id, tip_id, to, self.keys.case, self.keys.reply, summary, self.day)
        sealed = seal_grant(grant, recipient)
        return GrantRow(grant_id, tip_id, to, centre, released, self.day, sealed, role=role.value)


def part_row(part: Part, recipient: PQRecipient, size_class: int | None = None) -> PartRow:
    """*part*, sealed, as its row. *size_class* is the blob's when there is one."""
    sealed = seal_part(part, recipient)
    return PartRow(
        part.part_id,
        part.tip_id,
        part.seq,
        sealed.hash,
        sealed.data,
        side_of(part.author, part.kind).value,
        part.author.value,
        part.kind.value,
        part.day,
        len(sealed.data) if size_class is None else size_class,
        None if part.file is None else part.file.blob_id,
        part.officer,
    )


def summarise(told: Mapping[str, Json]) -> Summary:
    """The grant's summary from what the engine says. A filed tip is never refused for a summary:
    what is missing is "unsure"."""
    alias, centre, since = told.get("alias"), told.get("member_centre"), told.get("member_since")
    is_verified = alias is not None
    have, of = _number(told.get("completeness_have")), _number(told.get("completeness_of"))
    return Summary(
        category=str(told.get("category") or UNSURE),
        province=str(told.get("province") or UNSURE),
        kind=TipKind(str(told.get("kind") or TipKind.CASE.value)),
        is_verified=is_verified,
        alias=None if alias is None else str(alias),
        is_duress=is_verified and bool(told.get("is_duress")),
        is_afraid=bool(told.get("is_afraid")),
        is_reported_elsewhere=bool(told.get("is_reported_elsewhere")),
        completeness_have=min(have, of),
        completeness_of=of,
        member_centre=centre if is_verified and isinstance(centre, str) else None,
        member_since=since if is_verified and isinstance(since, int) else None,
        is_secondhand=is_verified and bool(told.get("is_secondhand")),
    )


def _number(value: Json) -> int:
    return value if isinstance(value, int) else 0


def _whole_numbers(form: Mapping[str, Json]) -> Mapping[str, JSON]:
    return cast("Mapping[str, JSON]", form)  # the engine puts no float into a form
