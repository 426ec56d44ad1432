"""Coming back with a receipt, and checking a member's code: what a code leads to.

Owns the order of a check: typing errors cost nothing, a lock is asked before any stretch, a full
queue is an answer. Opens the reply side of a tip and never the case side: that takes an officer.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from bot.closures import DEFAULT, Reopening, closure
from bot.server_key import ServerKey
from bot.state import Following
from bot.stretch import Busy, Stretches
from bot.throttle import Throttle
from handlers.effects import CheckCode
from handlers.events import CodeChecked
from sealing import (
    Kind,
    MemberCode,
    Mistyped,
    Part,
    Place,
    Receipt,
    ReceiptKeys,
    SealingError,
    WrongKey,
    open_part,
    open_receipt_grant,
    parse_rekey,
    stretch_member_code,
    stretch_receipt,
)
from sealing.age import PQIdentity
from sealing.stretch import Cost
from sealing.tips import Side
from storage import Database, Transaction
from storage.repositories import codes as code_rows
from storage.repositories import parts, tips
from storage.repositories.parts import PartRow
from storage.repositories.tips import TipRow

WAIT_STEP_S = 15 * 60
"""A lock is told in whole steps: nobody needs the second in which it ends."""
LETTERS = (Kind.MESSAGE.value, Kind.STATUS.value)


@dataclass(frozen=True, slots=True)
class Checked:
    """The engine's answer to a code and, for a right receipt, the way into its replies."""

    event: CodeChecked
    following: Following | None = None


@dataclass(frozen=True, slots=True)
class Letter:
    """An officer's words to the reporter, opened; in memory only, for as long as they are shown."""

    part_id: str
    day: str
    kind: str
    words: str = field(repr=False)


class Codes:
    """Checks claimed codes for turns."""

    def __init__(
        self,
        db: Database,
        server_key: ServerKey,
        cost: Cost,
        *,
        stretches: Stretches,
        throttle: Throttle,
        reopening: Reopening = DEFAULT,
    ) -> None:
        self._db = db
        self._salt = server_key.salt
        self._pepper = server_key.pepper
        self._cost = cost
        self._stretches = stretches
        self._throttle = throttle
        self._reopening = reopening

    async def check(
        self, channel: str, conversation: bytes, claimed: CheckCode, today: date
    ) -> Checked:
        """What *claimed* is worth. A wrong code says nothing about how it is wrong."""
        try:
            if claimed.kind == "receipt":
                receipt = Receipt.parse(claimed.code)
                return await self._receipt(channel, conversation, receipt, today)
            return await self._member(channel, conversation, MemberCode.parse(claimed.code), today)
        except Mistyped:
            return _refused(claimed.kind, "mistyped")
        except Busy:
            return _refused(claimed.kind, "busy")

    async def tip_of(self, channel: str, conversation: bytes, receipt: str) -> str | None:
        """The tip (its id) of a receipt that this server shows them. Raises Busy."""
        locator = (await self._stretched(channel, conversation, Receipt.parse(receipt))).locator
        tip = await self._db.read(lambda t: tips.by_locator(t, locator))
        return None if tip is None else tip.tip_id

    async def _stretched(self, channel: str, conversation: bytes, receipt: Receipt) -> ReceiptKeys:
        return await self._stretches.look_up(
            channel,
            conversation,
            lambda: stretch_receipt(receipt, salt=self._salt, pepper=self._pepper, cost=self._cost),
        )

    def _locked(self, kind: str, conversation: bytes) -> Checked:
        steps = math.ceil(self._throttle.locked_s(conversation) / WAIT_STEP_S)
        minutes = max(1, steps) * WAIT_STEP_S // 60
        return Checked(CodeChecked(kind, "locked", {"minutes": minutes}))

    async def _receipt(
        self, channel: str, conversation: bytes, receipt: Receipt, today: date
    ) -> Checked:
        if self._throttle.is_locked(conversation):
            return self._locked("receipt", conversation)
        keys = await self._stretched(channel, conversation, receipt)
        rule = self._reopening
        found = await self._db.read(lambda t: _tip_of(t, keys.locator, rule, today))
        if found is None:
            self._throttle.wrong(conversation)
            return _refused("receipt", "unknown")
        tip, chain, may_say = found
        reply = open_receipt_grant(
            tip.receipt_grant, keys.identity, tip_id=tip.tip_id, grant_id=tip.receipt_grant_id
        )
        facts = {
            "status": tip.status.value,
            "since": tip.status_day,
            **_due(tip, today),
            "closure": may_say,
            **_letters_in(chain),
        }
        following = Following(tip.tip_id, reply.seed, receipt_seed=keys.identity.seed)
        return Checked(CodeChecked("receipt", "ok", facts), following)

    async def _member(
        self, channel: str, conversation: bytes, code: MemberCode, today: date
    ) -> Checked:
        if self._throttle.is_locked(conversation):
            return self._locked("member", conversation)
        locator = await self._stretches.look_up(
            channel,
            conversation,
            lambda: stretch_member_code(
                code, salt=self._salt, pepper=self._pepper, cost=self._cost
            ),
        )
        row = await self._db.read(lambda t: code_rows.get(t, locator))
        if row is None or not row.is_usable(today.isoformat()):
            self._throttle.wrong(conversation)
            return _refused("member", "unknown")
        facts = {
            "alias": code.alias,
            "is_duress": row.is_duress,
            "centre": row.centre,
            "since": row.since_year,
            "locator": locator.hex(),
        }
        return Checked(CodeChecked("member", "ok", facts))

    async def still_works(self, locator: str, today: date) -> bool:
        """Whether the member's code found by *locator* (hex) works on *today*."""
        row = await self._db.read(lambda t: code_rows.get(t, bytes.fromhex(locator)))
        return row is not None and row.is_usable(today.isoformat())


def reply_keys(following: Following, rekeys: Sequence[bytes]) -> tuple[PQIdentity, ...]:
    """The reply keys that the receipt opens, newest first: that of filing, and one of each of the
    tip's *rekeys* (oldest first).

    A rekey whose grant does not open (an officer's console made it) costs its own letters only.
    """
    found = [PQIdentity.from_seed(following.reply_seed)]
    if rekeys and following.receipt_seed is not None:
        receipt = PQIdentity.from_seed(following.receipt_seed)
        found += [key for each in rekeys if (key := _reply_key(each, receipt, following.tip_id))]
    return tuple(reversed(found))


def open_letter(row: PartRow, keys: Sequence[PQIdentity]) -> Letter | None:
    """The officer's words in *row*, opened with whichever of *keys* does; None for a part that
    carries none, was taken back, or is not what it says it is (its place inside differs from where
    it was found)."""
    if row.sealed is None or row.sealed_to != Side.REPLY.value or row.kind not in LETTERS:
        return None
    place = Place(row.tip_id, row.part_id, row.seq, previous=None)
    for key in keys:
        try:
            part: Part = open_part(row.sealed, key, place)
        except WrongKey:
            continue
        except SealingError:
            return None
        return Letter(part.part_id, part.day, part.kind.value, part.words or "")
    return None


def _reply_key(said: bytes, receipt: PQIdentity, tip_id: str) -> PQIdentity | None:
    """The reply key of one rekey; None where it stayed, or where the grant opens nothing."""
    try:
        rekey = parse_rekey(said)
        if rekey.receipt_grant is None or rekey.receipt_grant_id is None:
            return None
        return open_receipt_grant(
            rekey.receipt_grant, receipt, tip_id=tip_id, grant_id=rekey.receipt_grant_id
        )
    except SealingError:
        return None


def _refused(kind: str, verdict: str) -> Checked:
    return Checked(CodeChecked(kind, verdict))


def _tip_of(
    t: Transaction, locator: bytes, rule: Reopening, today: date
) -> tuple[TipRow, Sequence[PartRow], str | None] | None:
    tip = tips.by_locator(t, locator)
    if tip is None:
        return None
    return tip, parts.chain(t, tip.tip_id), closure(t, tip, rule, today)


def _due(tip: TipRow, today: date) -> dict[str, object]:
    """By when the reporter hears, while a clock runs."""
    if tip.due_day is None:
        return {}
    is_overdue = tip.due_day < today.isoformat()
    return {
        "due": tip.due_day,
        "is_overdue": is_overdue,
        "has_climbed": is_overdue and tip.climbed_to is not None,
    }


def _letters_in(chain: Sequence[PartRow]) -> dict[str, object]:
    """The officers' letters, oldest first; new are those behind the reporter's last part."""
    letters = [row for row in chain if row.kind in LETTERS and not row.is_tombstone]
    told = max(
        (row.seq for row in chain if row.kind not in LETTERS and row.officer is None), default=0
    )
    return {
        "messages": [row.part_id for row in letters],
        "new": sum(row.seq > told for row in letters),
    }
