"""Giving a tip to a colleague, or taking it: for leads of its centre and for who holds it.

The desk decides who may; the console says beforehand what the desk would say, and that the
colleague can open the tip at all.
"""

from console.acting import in_rounds
from console.answers import Stale
from console.desk_wire import ClaimedByOther, StaleTip
from console.errors import Mistaken
from console.office import Office, Reading
from console.trust import Trust
from sealing import Officer, assign_statement


async def assign(office: Office, tip_id: str, to: str, *, despite: bool = False) -> Officer:
    """Give the tip to the officer whom *to* names; who they are.

    Raises Mistaken when they cannot open it or hold it already, ClaimedByOther when somebody else
    took it first, Refused when the desk does not let this officer give it away.
    """
    colleague = (await office.trust()).find(to)

    async def once(reading: Reading) -> Officer:
        shown = reading.tip.shown
        if colleague.id not in {each.id for each in readers(reading, await office.trust())}:
            raise Mistaken("assign.cannot_open", name=colleague.name)
        if shown.claimed_by == colleague.id:
            raise Mistaken("assign.holds_it", name=colleague.name)
        day = office.today().isoformat()
        statement = assign_statement(
            tip_id=tip_id,
            version=shown.version,
            to_officer=colleague.id,
            day=day,
            officer=office.keys.id,
        )
        try:
            await office.desk.assign(
                tip_id,
                version=shown.version,
                to_officer=colleague.id,
                day=day,
                signature=office.keys.sign.sign(statement),
            )
        except ClaimedByOther as other:
            if other.officer == shown.claimed_by:  # the same holder: something else had changed
                raise StaleTip(Stale()) from None
            raise
        return colleague

    return await in_rounds(office, tip_id, once, despite)


def readers(reading: Reading, trust: Trust) -> tuple[Officer, ...]:
    """Who of the roster can open the tip now."""
    released = {grant.officer for grant in reading.tip.shown.grants if grant.released}
    return tuple(officer for officer in trust.roster.officers if officer.id in released)


def may_give(reading: Reading, trust: Trust, own: str) -> bool:
    """Whether the officer *own* may give this tip to somebody, as far as the roster tells: the desk
    also lets them where the holder cannot open it any longer."""
    shown, me = reading.tip.shown, trust.roster.officer(own)
    if me is None:
        return False
    is_orphaned = shown.claimed_by is not None and trust.roster.officer(shown.claimed_by) is None
    is_here = shown.centre in me.centres
    return me.leads(shown.centre) or shown.claimed_by == own or (is_orphaned and is_here)
