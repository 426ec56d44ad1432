"""A withdrawal, as an officer's console and the desk leave it in the database of a whole bot."""

import os
from dataclasses import replace

from bot.filing import part_row
from sealing import (
    RECOVERY,
    Author,
    Grant,
    Kind,
    OfficerKeys,
    Part,
    TipKeys,
    make_rekey,
    seal_grant,
    write_rekey,
)
from sealing.age import PQRecipient
from storage import Transaction
from storage.repositories import grants, parts, tips
from storage.repositories.grants import GrantRow
from tests.bot import turn_house
from tests.bot.turn_house import House

DAY = "2026-11-24"


async def withdraw(
    house: House,
    by: OfficerKeys,
    who: str = "ef" * 16,
    *,
    receipt: PQRecipient | None = None,
    knows_receipt: bool = True,
) -> TipKeys:
    """*by* withdraws *who* from the only tip; the new keys. *receipt*: whom the receipt's grant is
    made for instead of the receipt, as a broken or hostile console would."""
    (tip_id,) = await house.tip_ids()
    held = await house.grant_of(by, tip_id)
    tip = await house.db.read(lambda t: tips.get(t, tip_id))
    assert tip is not None
    assert tip.receipt_recipient is not None
    recipient = receipt or PQRecipient.from_raw(tip.receipt_recipient)
    now, rekey = make_rekey(
        tip_id,
        held.keys,
        TipKeys.generate(),
        readers=frozenset({RECOVERY, by.id}),
        receipt=(os.urandom(16).hex(), recipient) if knows_receipt else None,
        day=DAY,
        by=by.id,
    )

    def regrant(row: GrantRow, to: PQRecipient) -> GrantRow:
        grant = Grant(
            os.urandom(16).hex(), tip_id, row.officer, now.case, now.reply, held.summary, DAY, by.id
        )
        return GrantRow(
            grant.grant_id, tip_id, row.officer, row.centre, row.released, row.filed_day,
            seal_grant(grant, to), by.id, b"s" * 64,
        )  # fmt: skip

    def work(t: Transaction) -> None:
        tip, head = tips.get(t, tip_id), parts.head(t, tip_id)
        assert tip is not None
        reason = Part(
            tip_id, os.urandom(16).hex(), head.seq + 1, head.hash, Author.OFFICER, DAY, Kind.NOTE,
            words="why", officer=by.id,
        )  # fmt: skip
        row = replace(part_row(reason, now.case.recipient), signature=b"s" * 64)
        parts.append(t, row, previous=head.hash)
        to = {by.id: by.age.recipient, RECOVERY: turn_house.RECOVERY.recipient}
        made = {
            row.officer: regrant(row, to[row.officer])
            for row in grants.of_tip(t, tip_id)
            if row.officer in to
        }
        grants.replace_all(t, tip_id, made)
        public = now.recipients
        tips.rekey(
            t, tip_id, by.id, tip.version, withdrawn=who,
            recipients=(public.case.raw, public.reply.raw), rekey=write_rekey(rekey), day=DAY,
            part_id=reason.part_id, signature=b"s" * 64,
        )  # fmt: skip

    await house.db.commit(work)
    return now
