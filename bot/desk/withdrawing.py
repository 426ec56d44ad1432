"""Withdrawing an officer from a tip: new keys for what is told later.

The console of somebody who reads the tip makes new keys and a grant of them for everyone who reads
on; the desk puts all of it in the place of what was, in one commit, or nothing. From then on the
one who was withdrawn is served the tip no more. What they opened before they have had: that cannot
be taken back, and nobody here says so. The desk cannot look inside a seal, so what readers had
before is kept for them (`grants.earlier`), and the receipt keeps every grant it ever had.

Laws: nobody but the one named loses the tip by it; recovery reads on; who was withdrawn once may be
let in again, and never withdraws others from that tip.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from bot.clock import Clock
from bot.desk import holding, shapes
from bot.desk.errors import BadShape, Forbidden, NotFound
from bot.desk.signed import check_day, check_signature
from bot.desk.views import listing_for
from bot.desk.writing import append
from bot.entitled import entitled, has_role
from sealing import (
    RECOVERY,
    REKEYS_AT_MOST,
    Officer,
    Rekey,
    Role,
    Roster,
    SealingError,
    Statement,
    grant_statement,
    parse_rekey,
    rekey_statement,
)
from storage.port import Database, Transaction
from storage.repositories import grants, tips
from storage.repositories.grants import GrantRow
from storage.repositories.queue import Listing
from storage.repositories.tips import ChangeKind, ChangeRow, TipMoved, TipRow


class Withdrawing:
    """Gives tips new keys, for the desk's routes."""

    def __init__(self, database: Database, roster: Callable[[], Roster], clock: Clock) -> None:
        self._database = database
        self._roster = roster
        self._clock = clock

    async def withdraw(
        self, officer: Officer, tip_id: str, new: shapes.NewRekey
    ) -> shapes.VersionAnswer:
        """Shut *new.withdrawn* out of what is told later. Raises Moved when the tip changed first,
        Forbidden for who may not."""
        for day in (new.day, new.reason.day):
            check_day(day, self._clock)
        rekey, roster = _parsed(new.rekey), self._roster()
        made = {each.officer: self._grant(officer, tip_id, each) for each in new.grants}
        if len(made) != len(new.grants) or made.keys() != rekey.readers:
            problem = "One grant for each reader that the new keys name."
            raise BadShape("bad_shape", problem, field="grants")

        def work(t: Transaction) -> int:
            listing = listing_for(t, officer, tip_id)
            if listing.version != new.version:
                raise TipMoved(listing.version, listing.claimed_by)
            changes = tips.changes(t, tip_id)
            _check_may(t, officer, listing, changes)
            check_signature(officer, _statement(officer, tip_id, new), new.signature)
            _check_number(changes)
            _check_readers(roster, grants.of_tip(t, tip_id), new.withdrawn, made.keys())
            _check_keys(tips.get(t, tip_id), rekey)
            append(t, officer, tip_id, new.reason)
            grants.replace_all(t, tip_id, made)
            return tips.rekey(
                t,
                tip_id,
                officer.id,
                new.version,
                withdrawn=new.withdrawn,
                recipients=(rekey.recipients.case.raw, rekey.recipients.reply.raw),
                rekey=new.rekey,
                day=new.day,
                part_id=new.reason.part_id,
                signature=new.signature,
            )

        version = await holding.commit(self._database, self._roster, work)
        return shapes.VersionAnswer(version=version)

    def _grant(self, officer: Officer, tip_id: str, new: shapes.Regrant) -> GrantRow:
        """A new grant; what it replaces says the rest."""
        check_day(new.day, self._clock)
        statement = grant_statement(
            grant_id=new.grant_id,
            tip_id=tip_id,
            to=new.officer,
            sealed=new.sealed,
            day=new.day,
            by=officer.id,
        )
        check_signature(officer, statement, new.signature)
        return GrantRow(
            new.grant_id, tip_id, new.officer, "", False, "", new.sealed, officer.id, new.signature
        )


def withdrawn_from(changes: Sequence[ChangeRow]) -> frozenset[str]:
    """The officers who were ever withdrawn from a tip."""
    return frozenset(
        change.to_officer
        for change in changes
        if change.kind is ChangeKind.REKEY and change.to_officer is not None
    )


def _parsed(said: bytes) -> Rekey:
    """Also tries the new keys: one that looks right and takes no seal would stop every answer."""
    try:
        rekey = parse_rekey(said)
        for recipient in (rekey.recipients.case, rekey.recipients.reply):
            recipient.wrap(bytes(16))
    except (SealingError, ValueError):
        raise BadShape("bad_shape", "These are no new keys.", field="rekey") from None
    return rekey


def _statement(officer: Officer, tip_id: str, new: shapes.NewRekey) -> Statement:
    return rekey_statement(
        tip_id=tip_id,
        version=new.version,
        withdrawn=new.withdrawn,
        rekey=new.rekey,
        reason_part_id=new.reason.part_id,
        day=new.day,
        officer=officer.id,
    )


def _check_may(
    t: Transaction, officer: Officer, listing: Listing, changes: Sequence[ChangeRow]
) -> None:
    holding.check_not_left(t, listing)
    if officer.id in withdrawn_from(changes):
        says = "Who was withdrawn from a tip does not withdraw others from it."
        raise Forbidden("was_withdrawn", says)
    is_for_any = officer.leads(listing.centre) or officer.has(Role.ADMIN)
    if listing.claimed_by != officer.id and not is_for_any:
        says = "Only who holds the tip, a lead of its centre or an admin may withdraw somebody."
        raise Forbidden("not_holder", says)


def _check_number(changes: Sequence[ChangeRow]) -> None:
    if sum(change.kind is ChangeKind.REKEY for change in changes) >= REKEYS_AT_MOST:
        raise Forbidden("rekeys", "This tip has had as many new keys as a tip can have.")


def _check_readers(
    roster: Roster, held: Sequence[GrantRow], withdrawn: str, made: Collection[str]
) -> None:
    """Everyone who reads now, or may once a clock ran out, has to read on, and nobody else is let
    in on this way. Who has no right to a grant any more needs no new one."""
    if withdrawn not in {grant.officer for grant in held} - {RECOVERY}:
        raise BadShape("bad_shape", "They do not read this tip.", field="withdrawn")
    may, must = {RECOVERY}, {RECOVERY}
    for grant in held:
        reader = roster.officer(grant.officer)
        if reader is None or reader.id == withdrawn or not has_role(reader, grant.role):
            continue
        may.add(reader.id)
        if entitled(reader, replace(grant, released=True)):
            must.add(reader.id)
    if not must <= set(made) <= may:
        problem = "A grant for everyone who reads on, and for nobody else."
        raise BadShape("readers", problem, field="grants")


def _check_keys(tip: TipRow | None, rekey: Rekey) -> None:
    """The case key is new; so is the reply key, wherever the receipt can be let open it."""
    if tip is None:
        raise NotFound
    is_known = tip.receipt_recipient is not None
    is_case_new = rekey.recipients.case.raw not in (tip.case_recipient, tip.reply_recipient)
    is_reply_new = rekey.recipients.reply.raw != tip.reply_recipient
    if not is_case_new or is_reply_new != is_known or (rekey.receipt_grant is None) == is_known:
        problem = "The case key must be new, and the reply key if the receipt's is known."
        raise BadShape("bad_shape", problem, field="rekey")
