"""Opening what identifies: an export, or a file as it was sent. Each for a reason.

The reason goes into the tip as a note for officers, sealed like any; who opened what is signed, and
recorded by the desk. Where the deployment asks for a second officer, the first try asks for one:
nothing is open until they have agreed, and then for that day.
"""

from console.acting import clean_reason, in_rounds, new_id, new_part
from console.answers import Opening
from console.errors import Mistaken, Waits
from console.office import Office, Reading
from console.opened import OPENINGS, open_now, own_waiting
from console.originals import opened_original
from console.seconding import agree
from sealing import Kind, Opens, opening_statement


async def open_export(office: Office, tip_id: str, reason: str) -> str:
    """Have the tip's export recorded, with its *reason*; the id of the note that says why. Raises
    Waits while a second officer is waited for.

    Also a tip in which something does not verify can be exported: that is evidence too.
    """
    words = clean_reason(reason, "export.needs_reason")

    async def once(reading: Reading) -> str:
        now = open_now(
            reading.tip.shown.openings, office.keys.id, Opens.EXPORT, None, office.today()
        )
        # Each export has a reason of its own; one that waited for a colleague has it already.
        signers = (await office.trust()).signers
        if (
            now is not None
            and OPENINGS.judge(tip_id, now, signers) == "signed"
            and OPENINGS.is_agreed(tip_id, now, signers)
        ):
            return now.reason_part_id
        return await _record(office, reading, Opens.EXPORT, None, words)

    return await in_rounds(office, tip_id, once, True)


async def open_original(
    office: Office, tip_id: str, seq: int, reason: str, *, despite: bool = False
) -> None:
    """Have it recorded that this officer looks at the original of the file at *seq*. Raises Waits
    while a second officer is waited for; what is open already needs no other reason today."""
    words = clean_reason(reason, "opening.needs_reason")

    async def once(reading: Reading) -> None:
        part = next((part for part in reading.tip.files() if part.seq == seq), None)
        original = None if part is None else opened_original(reading.tip, part)
        if part is None or original is None or original.file is None:
            raise Mistaken("file.missing")
        if not is_original_open(office, reading, part.shown.part_id):
            await _record(office, reading, Opens.ORIGINAL, part.shown.part_id, words)

    await in_rounds(office, tip_id, once, despite)


def is_original_open(office: Office, reading: Reading, part_id: str) -> bool:
    """Whether this officer has given a reason today for the original of that part."""
    openings, own = reading.tip.shown.openings, office.keys.id
    return open_now(openings, own, Opens.ORIGINAL, part_id, office.today()) is not None


async def approve(
    office: Office, tip_id: str, opening_id: str | None = None, *, despite: bool = False
) -> Opening:
    """Agree that a colleague opens what they ask for; what it was. Raises Mistaken when nothing
    waits, or several do and none was named."""
    send = office.desk.approve
    return await agree(office, tip_id, OPENINGS, send, opening_id, said="opening", despite=despite)


async def _record(
    office: Office, reading: Reading, opens: Opens, part_id: str | None, words: str
) -> str:
    """The id of the note that says why, when it is open now. Raises Waits when it is not yet."""
    tip_id, own = reading.tip.tip_id, office.keys.id
    if own_waiting(reading.tip.shown.openings, own, opens, part_id) is not None:
        raise Waits("opening.waits", tip=tip_id[:8])
    part = new_part(office, reading, Kind.NOTE, words)
    fields = {
        "opening_id": new_id(),
        "opens": opens.value,
        "part_id": part_id,
        "day": part.day,
    }
    statement = opening_statement(
        opening_id=fields["opening_id"] or "",
        tip_id=tip_id,
        opens=opens,
        part_id=part_id,
        reason_part_id=part.part_id,
        seq=part.seq,
        day=part.day,
        officer=own,
    )
    opened = await office.desk.open(tip_id, fields, office.keys.sign.sign(statement), part)
    if opened.open_day is None:
        raise Waits("opening.asked", tip=tip_id[:8])
    return part.part_id
