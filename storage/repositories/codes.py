"""Member codes, known only by their stretched locators.

Owns the table `member_code`. Refuses to know aliases, names and the codes themselves. A duress code
is a row like any other: only its mark, told to officers inside the seal, differs.
"""

# ruff: noqa: S608  # what is put into SQL here is this module's own list of columns

from dataclasses import dataclass, field
from enum import StrEnum

from storage.port import Transaction

_COLUMNS = "locator, centre, is_duress, expires_day, since_year, state"


class State(StrEnum):
    """Whether a code may be used. Revoked is for good."""

    ACTIVE = "active"
    PAUSED = "paused"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class MemberCodeRow:
    """One code. *expires_day* is the last day on which it works, *since_year* (CE) the year in
    which its owner became a member."""

    locator: bytes = field(repr=False)
    centre: str
    is_duress: bool
    expires_day: str
    since_year: int
    state: State = State.ACTIVE

    def is_usable(self, today: str) -> bool:
        """Whether the code works on *today*."""
        return self.state is State.ACTIVE and today <= self.expires_day


def add(t: Transaction, code: MemberCodeRow) -> None:
    """Let a code work. Raises Conflict when it is known already."""
    t.execute(
        f"INSERT INTO member_code ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
        (
            code.locator,
            code.centre,
            int(code.is_duress),
            code.expires_day,
            code.since_year,
            code.state.value,
        ),
    )


def get(t: Transaction, locator: bytes) -> MemberCodeRow | None:
    """The code of this locator, usable or not."""
    found = t.row(f"SELECT {_COLUMNS} FROM member_code WHERE locator = ?", (locator,))
    if found is None:
        return None
    locator, centre, is_duress, expires_day, since_year, state = found
    return MemberCodeRow(
        locator, centre, bool(is_duress), expires_day, int(since_year), State(state)
    )


def set_state(t: Transaction, locator: bytes, state: State) -> bool:
    """Let a code work, pause or stop it; whether there was one that is not revoked."""
    return bool(
        t.execute(
            "UPDATE member_code SET state = ? WHERE locator = ? AND state <> 'revoked'",
            (state.value, locator),
        )
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """How many ordinary codes of a centre are in each state. *expired*: past their last day, and
    not revoked."""

    active: int = 0
    paused: int = 0
    revoked: int = 0
    expired: int = 0


def counts(t: Transaction, centre: str, today: str) -> Counts:
    """The centre's ordinary codes on *today*. Duress codes are in no count."""
    rows = t.rows(
        "SELECT CASE WHEN state <> 'revoked' AND expires_day < ? THEN 'expired' ELSE state END,"
        " COUNT(*) FROM member_code WHERE centre = ? AND is_duress = 0 GROUP BY 1",
        (today, centre),
    )
    return Counts(**{str(state): int(count) for state, count in rows})
