"""Member codes, known only by their stretched locators.

Owns the table `member_code`. Refuses to know aliases, names and the codes themselves. A duress code
is a row like any other: only its mark, told to officers inside the seal, differs.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from storage.port import Transaction


class State(StrEnum):
    """Whether a code may be used."""

    ACTIVE = "active"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class MemberCodeRow:
    """One code. *expires_day* is the last day on which it works."""

    locator: bytes = field(repr=False)
    centre: str
    is_duress: bool
    expires_day: str
    state: State = State.ACTIVE

    def is_usable(self, today: str) -> bool:
        """Whether the code works on *today*."""
        return self.state is State.ACTIVE and today <= self.expires_day


def add(t: Transaction, code: MemberCodeRow) -> None:
    """Let a code work. Raises Conflict when it is known already."""
    t.execute(
        "INSERT INTO member_code (locator, centre, is_duress, expires_day, state)"
        " VALUES (?, ?, ?, ?, ?)",
        (code.locator, code.centre, int(code.is_duress), code.expires_day, code.state.value),
    )


def get(t: Transaction, locator: bytes) -> MemberCodeRow | None:
    """The code of this locator, usable or not."""
    found = t.row(
        "SELECT locator, centre, is_duress, expires_day, state FROM member_code WHERE locator = ?",
        (locator,),
    )
    if found is None:
        return None
    locator, centre, is_duress, expires_day, state = found
    return MemberCodeRow(locator, centre, bool(is_duress), expires_day, State(state))


def revoke(t: Transaction, locator: bytes) -> bool:
    """Stop a code from working; whether there was one."""
    return bool(
        t.execute(
            "UPDATE member_code SET state = ? WHERE locator = ?", (State.REVOKED.value, locator)
        )
    )
