"""Handing a tip over to another body: packed, sealed to the body where it has a key, recorded at
the desk, and only then under its own name.

A crash leaves at most a file under another name, or a record of a file that never was; never a
file without its record. The redacted form leaves only as the officer read it: the number of their
preview must be that of what is written. All of a tip leaves only sealed.
"""

from dataclasses import dataclass, field
from pathlib import Path

from console import seconding
from console.acting import clean_reason, in_rounds, new_id, new_part
from console.answers import Handover
from console.errors import Mistaken, Waits
from console.export_folder import written
from console.handed import HANDOVERS, own_of
from console.handoff.choices import Choices, Form
from console.handoff.packing import Leak, Packed, Print, pack
from console.handoff.printing import on_paper
from console.handoff.recipients import Recipient, find_recipient
from console.office import Office, Reading
from console.seconded import is_open
from console.words import Words
from sealing import Kind, age
from sealing.handovers import handover_statement

SEALED_NAME, OPEN_NAME = "HANDOFF.zip.age", "HANDOFF.zip"


@dataclass(frozen=True, slots=True)
class Order:
    """What is handed over to whom, and why. *number*: what the officer read in the preview."""

    to: str
    form: Form
    choices: Choices
    reason: str = field(repr=False)
    number: str = ""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A hand-over that was recorded and written."""

    path: Path
    to: Recipient
    form: Form
    packed: Packed


async def preview(
    office: Office,
    tip_id: str,
    choices: Choices,
    words: Words,
    *,
    despite: bool = False,
) -> Packed:
    """What the redacted form would be; nothing is kept of it. Raises Mistaken when warnings stand
    (unless *despite*)."""
    reading = await _read(office, tip_id, despite)
    return await pack(office, reading, Form.REDACTED, choices, words, _no_paper)


async def hand_over(
    office: Office,
    tip_id: str,
    order: Order,
    target: Path,
    words: Words,
    *,
    despite: bool = False,
    print_page: Print = on_paper,
) -> HandedOver:
    """Write the hand-off to *target* (a folder, or the file itself), which must not exist yet, and
    have it recorded first.

    Raises Mistaken where it is not what was read, holds what must stay here, or would leave whole
    and unsealed; Waits while a second officer is waited for: nothing was written.
    """
    reason = clean_reason(order.reason, "handover.needs_reason")
    to = find_recipient((await office.trust()).roster, order.to)
    if order.form is Form.FULL and to.key is None:
        raise Mistaken("handover.needs_key", body=to.name(words.language))
    path = _place(target, OPEN_NAME if to.key is None else SEALED_NAME)
    reading = await _read(office, tip_id, despite)
    with written(path) as out:
        seal = None if to.key is None else age.Encryptor(to.key.age)

        def write(data: bytes) -> None:
            out.write(data if seal is None else seal.update(data))

        packed = await pack(office, reading, order.form, order.choices, words, print_page, write)
        out.write(b"" if seal is None else seal.finish())
        out.end()
        _check(packed, order, words)
        await _record(office, tip_id, order, to, packed.sha256, reason, despite)
    return HandedOver(path, to, order.form, packed)


async def agree(
    office: Office, tip_id: str, handover_id: str | None = None, *, despite: bool = False
) -> Handover:
    """Agree that a colleague hands over what they ask for; what it was. Raises Mistaken when
    nothing waits, or several do and none was named."""
    send = office.desk.approve_handover
    return await seconding.agree(
        office, tip_id, HANDOVERS, send, handover_id, said="handover", despite=despite
    )


def say_leaks(words: Words, leaks: tuple[Leak, ...]) -> str:
    """What was found where, in a row."""
    return ", ".join(
        words.say("handoff.leak", kind=words.label("handoff_leak", leak.kind), where=leak.where)
        for leak in leaks
    )


async def _read(office: Office, tip_id: str, despite: bool) -> Reading:
    """The tip, read and checked as before any deed."""

    async def once(reading: Reading) -> Reading:
        return reading

    return await in_rounds(office, tip_id, once, despite)


async def _no_paper(_: str) -> bytes | None:
    """A preview is read on the screen."""
    return None


def _check(packed: Packed, order: Order, words: Words) -> None:
    """Raises Mistaken unless it may leave as it is."""
    if packed.leaks:
        raise Mistaken("handoff.leaks", found=say_leaks(words, packed.leaks))
    if order.form is Form.REDACTED and _digits(packed.number) != _digits(order.number):
        raise Mistaken("handover.unread")


def _digits(number: str) -> str:
    return "".join(c for c in number if c.isdecimal())


async def _record(
    office: Office,
    tip_id: str,
    order: Order,
    to: Recipient,
    sha256: str,
    reason: str,
    despite: bool,
) -> None:
    """Have the desk record it, unless two officers' word for just these bytes is there already.
    Raises Waits while the second one's is not."""
    own, today = office.keys.id, office.today()

    async def once(reading: Reading) -> None:
        signers = (await office.trust()).signers
        same = own_of(reading.tip.shown.handovers, own, body=to.id, form=order.form, sha256=sha256)
        for each in same:
            is_signed = HANDOVERS.judge(tip_id, each, signers) == "signed"
            if is_signed and is_open(each, today) and HANDOVERS.is_agreed(tip_id, each, signers):
                return
            if is_signed and each.open_day is None:
                raise Waits("handover.waits", tip=tip_id[:8])
        note = new_part(office, reading, Kind.NOTE, reason)
        said = {
            "handover_id": new_id(),
            "body": to.id,
            "form": order.form.value,
            "sha256": sha256,
            "day": note.day,
        }
        statement = handover_statement(
            **said, tip_id=tip_id, reason_part_id=note.part_id, seq=note.seq, officer=own
        )
        signature = office.keys.sign.sign(statement)
        recorded = await office.desk.hand_over(tip_id, said, signature, note)
        if recorded.open_day is None:
            raise Waits("handover.asked", tip=tip_id[:8])

    await in_rounds(office, tip_id, once, despite)


def _place(target: Path, name: str) -> Path:
    """Where it is to lie. Raises Mistaken where something lies already."""
    path = target / name if target.is_dir() else target
    if path.exists():
        raise Mistaken("export.exists", path=path)
    return path
