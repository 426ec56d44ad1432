"""Withdrawing an officer from a tip: new keys for what is told from now on.

Whoever held the old keys keeps what they opened with them, and the officer is told so in as many
words. Everyone else who has a grant gets one of the new keys, recovery first of all; so does the
receipt, where the tip says in its own sealed form which recipient is the receipt's. Laws: the keys
are made here and nowhere else; nobody comes in by it; colleagues are given a reason, under the new
keys; one whom the roster gives no right to the tip any more is not given new keys either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

from console.acting import clean_reason, grant_to, in_rounds, new_id, new_part
from console.answers import TipDetail, TreeCentre
from console.desk_client import NewGrant
from console.errors import Distrusted, Mistaken, Refused
from console.office import Office, Reading
from console.reach import centres_of, has_lapsed
from console.reading import OpenedTip
from console.rekeys import withdrawn_from
from console.tip_keys import rekeys_in
from console.trust import Trust
from sealing import (
    RECOVERY,
    REKEYS_AT_MOST,
    Kind,
    Officer,
    Role,
    SealingError,
    TipKeys,
    age,
    make_rekey,
    reader_role,
    rekey_statement,
    write_rekey,
)

_WHO_AT_LEAST = 6


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What came of it. *left_out* had a grant and no right to it any more. Where the receipt's
    recipient is unknown *replies_stay* readable to who was withdrawn."""

    name: str
    readers: tuple[Officer, ...]
    left_out: tuple[str, ...]
    replies_stay: bool


async def withdraw(
    office: Office, tip_id: str, who: str, reason: str, *, despite: bool = False
) -> Withdrawn:
    """Shut the officer whom *who* names (a name, an id or its beginning) out of what is told later.

    Raises Mistaken for one who does not read the tip, for oneself, and when another officer holds
    the tip; Refused when the tip has had all the keys it can have; Distrusted when the desk names
    another recipient of the receipt than the tip does.
    """
    why = clean_reason(reason, "withdraw.needs_reason")
    trust, tree = await office.trust(), await office.centres()

    async def once(reading: Reading) -> Withdrawn:
        shown = reading.tip.shown
        out = _find(trust, shown, who)
        _check(office, trust, shown, out)
        readers = tuple(_readers(trust, reading.tip, out, tree))
        receipt = receipt_recipient(reading.tip)
        await _send(office, reading, out, why, readers, trust, receipt)
        kept = {out, RECOVERY, *(each.id for each in readers)}
        left_out = [g.officer for g in shown.grants if g.officer not in kept]
        names = trust.signers.name
        return Withdrawn(names(out), readers, tuple(map(names, left_out)), receipt is None)

    return await in_rounds(office, tip_id, once, despite)


def receipt_recipient(tip: OpenedTip) -> age.PQRecipient | None:
    """To whom the receipt's grants are sealed; None for a tip of before this was kept.

    Raises Distrusted when the desk names another one than the sealed form does.
    """
    forms = [part.part.form for part in tip.parts if part.part and part.part.kind is Kind.FORM]
    said = [form["receipt"] for form in forms if form and "receipt" in form]
    shown = tip.shown.receipt_recipient
    if not said and shown is None:
        return None
    try:
        recipient = age.PQRecipient.parse(shown or "")
    except (SealingError, ValueError):
        raise Distrusted("withdraw.receipt_differs") from None
    if not said or said[0] != sha256(recipient.raw).hexdigest():
        raise Distrusted("withdraw.receipt_differs")
    return recipient


def may_withdraw(own: str, trust: Trust, shown: TipDetail) -> bool:
    """Whether the officer *own* may withdraw others: who holds the tip, a lead of its centre or an
    admin; none of them once withdrawn from it themselves."""
    if own in withdrawn_from(shown):
        return False
    officer = trust.roster.officer(own)
    is_for_any = officer is not None and (officer.leads(shown.centre) or officer.has(Role.ADMIN))
    return shown.claimed_by == own or is_for_any


def readers_of(trust: Trust, shown: TipDetail, own: str) -> tuple[tuple[str, str], ...]:
    """Whom *own* could withdraw: the id and name of each who has a grant."""
    others = [g.officer for g in shown.grants if g.officer not in (own, RECOVERY)]
    return tuple((each, trust.signers.name(each)) for each in dict.fromkeys(others))


def _find(trust: Trust, shown: TipDetail, who: str) -> str:
    """The id of the reader whom *who* names; also one who has left the roster since, by id."""
    wanted = who.strip()
    ids = {g.officer for g in shown.grants} - {RECOVERY}
    found = {i for i in ids if wanted and wanted in (i, trust.signers.names.get(i))}
    if not found and len(wanted) >= _WHO_AT_LEAST:
        found = {i for i in ids if i.startswith(wanted.lower())}
    if len(found) > 1:
        raise Mistaken("roster.several_officers", who=who[:80])
    if not found:
        raise Mistaken("withdraw.not_reader", name=who[:80])
    return found.pop()


def _check(office: Office, trust: Trust, shown: TipDetail, out: str) -> None:
    if out == office.keys.id:
        raise Mistaken("withdraw.oneself")
    if not may_withdraw(office.keys.id, trust, shown):
        raise Mistaken("withdraw.not_holder")
    if len(rekeys_in(shown.changes)) >= REKEYS_AT_MOST:
        raise Refused("withdraw.full", n=REKEYS_AT_MOST)


def _readers(
    trust: Trust, tip: OpenedTip, out: str, tree: Mapping[str, TreeCentre]
) -> Iterator[Officer]:
    """Everyone who has a grant, and by the roster a right to it, but *out*."""
    summary = tip.grant.summary
    role = Role.OFFICER if summary is None else reader_role(summary.kind)
    centres = centres_of(tip.shown, tree)
    for grant in tip.shown.grants:
        officer = trust.roster.officer(grant.officer)
        if officer is None or officer.id == out or not officer.has(role):
            continue
        if tree and has_lapsed(grant, officer, centres):
            continue
        yield officer


async def _send(
    office: Office,
    reading: Reading,
    out: str,
    reason: str,
    readers: tuple[Officer, ...],
    trust: Trust,
    receipt: age.PQRecipient | None,
) -> None:
    held, shown = reading.tip.grant, reading.tip.shown
    day, to = office.today().isoformat(), {each.id: each.age for each in readers}
    to[RECOVERY] = trust.roster.recovery
    now, rekey = make_rekey(
        shown.tip_id,
        held.keys,
        TipKeys.generate(),
        readers=frozenset(to),
        receipt=None if receipt is None else (new_id(), receipt),
        day=day,
        by=office.keys.id,
    )
    said = write_rekey(rekey)
    grants = []
    for reader, recipient in to.items():
        grant_id, sealed, signature = grant_to(office, held, reader, recipient, now)
        grants.append(NewGrant(grant_id, reader, sealed, day, signature))
    note = new_part(office, reading, Kind.NOTE, reason, recipients=now.recipients)
    statement = rekey_statement(
        tip_id=shown.tip_id,
        version=shown.version,
        withdrawn=out,
        rekey=said,
        reason_part_id=note.part_id,
        day=day,
        officer=office.keys.id,
    )
    await office.desk.withdraw(
        shown.tip_id,
        version=shown.version,
        withdrawn=out,
        rekey=said,
        day=day,
        signature=office.keys.sign.sign(statement),
        reason=note,
        grants=grants,
    )
