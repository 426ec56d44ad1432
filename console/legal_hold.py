"""Legal hold: a tip that may be needed longer is not destroyed, for a reason kept as a sealed note.

Who may is the desk's rule; `may_hold` says whom it lets, for pages that offer what can be done.
"""

from console.acting import clean_reason, in_rounds, new_part
from console.answers import TipDetail
from console.errors import Mistaken
from console.office import Office, Reading
from console.office_rows import is_application
from console.trust import Trust
from sealing import Kind, Role, hold_statement, unhold_statement


async def set_held(
    office: Office, tip_id: str, reason: str, *, is_held: bool, despite: bool = False
) -> None:
    """Have the tip not destroyed until that is lifted, or lift it.

    Raises Mistaken without a reason, where it is so already, and for who may not.
    """
    why = clean_reason(reason, "legal_hold.needs_reason")

    async def once(reading: Reading) -> None:
        if reading.tip.shown.is_held is is_held:
            raise Mistaken("legal_hold.held_already" if is_held else "legal_hold.not_held")
        if not may_hold(reading, await office.trust(), office.keys.id):
            raise Mistaken("legal_hold.not_lead")
        await _send(office, reading, why, is_held)

    await in_rounds(office, tip_id, once, despite)


def may_hold(reading: Reading, trust: Trust, own: str) -> bool:
    """Whether the desk lets the officer *own*: a lead or an admin who reads the tip, anybody of a
    centre without a lead, and of an application its registrar."""
    officer, shown = trust.roster.officer(own), reading.tip.shown
    if officer is None:
        return False
    if is_application(reading.tip.grant.summary):
        return officer.has(Role.REGISTRAR)
    return officer.has(Role.LEAD) or officer.has(Role.ADMIN) or _is_of_leaderless(trust, shown, own)


def _is_of_leaderless(trust: Trust, shown: TipDetail, own: str) -> bool:
    is_leaderless = not trust.roster.of_centre(shown.centre, Role.LEAD)
    return is_leaderless and own in {each.id for each in trust.roster.of_centre(shown.centre)}


async def _send(office: Office, reading: Reading, why: str, is_held: bool) -> None:
    day, shown = office.today().isoformat(), reading.tip.shown
    note = new_part(office, reading, Kind.NOTE, why)
    statement = (hold_statement if is_held else unhold_statement)(
        tip_id=shown.tip_id,
        version=shown.version,
        reason_part_id=note.part_id,
        day=day,
        officer=office.keys.id,
    )
    await office.desk.set_held(
        shown.tip_id,
        is_held=is_held,
        version=shown.version,
        day=day,
        signature=office.keys.sign.sign(statement),
        reason=note,
    )
