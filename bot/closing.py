"""The turn's part in a reporter's word on an ending: whether it can be said now, and what is."""

from datetime import date

from bot.closures import Said, closure
from bot.deeds import Deeds
from bot.means import Means
from handlers.effects import Confirm, Reopen
from handlers.events import ClosureAnswered
from storage import Transaction
from storage.repositories import tips
from storage.repositories.tips import TipRow


async def say_to_ending(
    means: Means, channel: str, wanted: Confirm | Reopen, deeds: Deeds, today: date
) -> ClosureAnswered:
    """Note in *deeds* what is said of the followed tip, if it may be; the engine's answer. Said a
    second time, or of a tip that goes on, it changes nothing."""
    if deeds.following is None:
        return ClosureAnswered("moved")
    tip_id = deeds.following.tip_id

    def look(t: Transaction) -> tuple[TipRow | None, str | None]:
        tip = tips.get(t, tip_id)
        return tip, None if tip is None else closure(t, tip, means.rules.reopening, today)

    tip, may_say = await means.db.read(look)
    if tip is None or may_say is None:
        return ClosureAnswered("moved")
    if may_say == "confirmed" and isinstance(wanted, Confirm):
        return ClosureAnswered("confirmed")
    if may_say == "late":
        return ClosureAnswered("late")
    if isinstance(wanted, Confirm):
        deeds.said = Said(tip_id, tip.version)
        return ClosureAnswered("confirmed")
    deeds.said = Said(tip_id, tip.version, wanted.part_id)
    can_be_told = means.pushes(channel) and not tip.no_contact
    return ClosureAnswered("reopened", "off" if can_be_told else None)
