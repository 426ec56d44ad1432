"""What goes over the wire of the audit trail."""

from bot.desk.fields import AnswerBody, Bytes, RequestBody, Signature
from sealing import DayHead

ENTRIES_AT_MOST = 500


class EntriesAnswer(AnswerBody):
    """Entries as they were hashed: the canonical JSON of each. *next* is where to go on."""

    entries: tuple[Bytes, ...]
    next: int | None


class DaySignatureAnswer(AnswerBody):
    """An auditor's signature over a day."""

    officer: str
    signature: Bytes


class DayAnswer(AnswerBody):
    """The head of a day: its last entry's number and hash, and who signed that."""

    day: str
    seq: int
    head: Bytes
    signature: Bytes
    countersigned: tuple[DaySignatureAnswer, ...]

    @classmethod
    def of(cls, head: DayHead) -> "DayAnswer":
        return cls(
            day=head.day,
            seq=head.seq,
            head=head.head,
            signature=head.signature,
            countersigned=tuple(
                DaySignatureAnswer(officer=officer, signature=signature)
                for officer, signature in sorted(head.countersigned.items())
            ),
        )


class DaysAnswer(AnswerBody):
    """*server_key* is the key that signs the days, 64 hex digits."""

    server_key: str
    days: tuple[DayAnswer, ...]
    next: str | None


class NewDaySignature(RequestBody):
    """The caller's own signature over the head that the desk shows of a day."""

    signature: Signature
