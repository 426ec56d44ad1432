"""The two identities of one tip.

*Case* opens what was told and officers' notes; *reply* opens officers' messages and status
sentences. They are never one key: a receipt opens reply, and must not open a word of the tip.
"""

from dataclasses import dataclass
from enum import StrEnum

from sealing.age import PQIdentity, PQRecipient


class Side(StrEnum):
    """Which of a tip's two identities opens something."""

    CASE = "case"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class TipRecipients:
    """The public halves: enough to add parts, not to open one."""

    case: PQRecipient
    reply: PQRecipient

    def __post_init__(self) -> None:
        if self.case == self.reply:
            raise ValueError("case and reply are two keys: a receipt must not open the tip")

    def of(self, side: Side) -> PQRecipient:
        return self.case if side is Side.CASE else self.reply


@dataclass(frozen=True, slots=True)
class TipKeys:
    """The secret halves, fresh for every tip; gone from the server once the grants are sealed."""

    case: PQIdentity
    reply: PQIdentity

    def __post_init__(self) -> None:
        if self.case == self.reply:
            raise ValueError("case and reply are two keys: a receipt must not open the tip")

    @classmethod
    def generate(cls) -> "TipKeys":
        return cls(PQIdentity.generate(), PQIdentity.generate())

    @property
    def recipients(self) -> TipRecipients:
        return TipRecipients(self.case.recipient, self.reply.recipient)
