"""Officers' parts, put behind a tip's newest one."""

from bot.desk import shapes
from bot.desk.errors import BadShape
from bot.desk.signed import check_signature
from sealing import Author, Officer, hash_sealed, part_statement, side_of
from storage.port import Transaction
from storage.repositories import parts
from storage.repositories.parts import ChainMoved, PartRow

AnyPart = shapes.NewPart | shapes.Reason | shapes.Sentence


def append(t: Transaction, officer: Officer, tip_id: str, new: AnyPart) -> PartRow:
    """Put *new* behind the tip's newest part. Raises ChainMoved when that is another by now, and
    Forbidden or BadShape unless *officer* signed exactly this."""
    if new.sealed_to is not side_of(Author.OFFICER, new.kind):
        raise BadShape("bad_shape", "Sealed to the wrong side.", field="sealed_to")
    end = parts.head(t, tip_id)
    if new.seq != end.seq + 1:
        raise ChainMoved(end)
    sealed_hash = hash_sealed(new.sealed)
    check_signature(
        officer,
        part_statement(
            tip_id=tip_id,
            part_id=new.part_id,
            seq=new.seq,
            previous=end.hash,
            sealed_hash=sealed_hash,
            kind=new.kind,
            day=new.day,
            officer=officer.id,
        ),
        new.signature,
    )
    part = PartRow(
        part_id=new.part_id,
        tip_id=tip_id,
        seq=new.seq,
        hash=sealed_hash,
        sealed=new.sealed,
        sealed_to=new.sealed_to,
        author=Author.OFFICER,
        kind=new.kind,
        day=new.day,
        size_class=len(new.sealed),
        officer=officer.id,
        signature=new.signature,
    )
    parts.append(t, part, previous=end.hash)
    return part
