"""A second officer's word: agreeing that a colleague does what they ask for."""

from collections.abc import Awaitable
from typing import Protocol

from console.acting import in_rounds
from console.errors import Mistaken, Refused
from console.office import Office, Reading
from console.seconded import Deed, SecondedKind, waiting_for_others


class Send(Protocol):
    """The desk's method that takes an approval of one kind."""

    def __call__(
        self, tip_id: str, deed_id: str, /, *, day: str, signature: bytes
    ) -> Awaitable[None]: ...


async def agree(
    office: Office,
    tip_id: str,
    kind: SecondedKind[Deed],
    send: Send,
    named: str | None,
    *,
    said: str,
    despite: bool,
) -> Deed:
    """Agree to the one that waits, of *named* ones whose id begins so; what it was. Raises Mistaken
    when nothing waits, or several do, and Refused for one that its officer did not sign; *said* is
    the group of words that say so."""

    async def once(reading: Reading) -> Deed:
        waiting = [
            each
            for each in waiting_for_others(kind.shown(reading.tip.shown), office.keys.id)
            if named is None or kind.id_of(each).startswith(named)
        ]
        if not waiting:
            raise Mistaken(f"{said}.nothing_waits")
        if len(waiting) > 1:
            raise Mistaken(f"{said}.several_wait")
        (deed,) = waiting
        signers = (await office.trust()).signers
        if kind.judge(tip_id, deed, signers) != "signed":
            raise Refused(f"{said}.not_theirs")
        day = office.today().isoformat()
        signature = office.keys.sign.sign(kind.agreed(tip_id, deed, office.keys.id, day))
        await send(tip_id, kind.id_of(deed), day=day, signature=signature)
        return deed

    return await in_rounds(office, tip_id, once, despite)
