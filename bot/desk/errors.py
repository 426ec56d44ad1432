"""What the desk says no with: a status, a short code for programs, a sentence for people.

    DeskError
    ├── NotSignedIn     401  no token, or one that has ended: sign in again
    ├── Forbidden       403  a signature that does not fit, or a deed that is not this officer's
    ├── NotFound        404  unknown, foreign and withheld alike
    ├── Moved           409  somebody was first; the facts say what the tip is now
    ├── Gone            410  it was the officer's to read, and another centre has it now
    ├── Shredded        410  it was destroyed, for its time was over
    ├── BadShape        422  their bytes
    ├── TooMany         429  too many wrong sign-ins in this name; a right one works all the same
    └── NotNow          503  the database or the disk could not serve

No sentence carries an id, a name of a reporter, or a value that was sent.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar


class DeskError(Exception):
    """A refusal on purpose. *facts* are added to the answer."""

    status: ClassVar[int]

    def __init__(self, code: str, says: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.says = says
        self.facts = facts

    def body(self) -> Mapping[str, object]:
        return {"error": self.code, "says": self.says, **self.facts}


class NotSignedIn(DeskError):
    """No session goes with this request."""

    status = 401

    def __init__(self) -> None:
        super().__init__("not_signed_in", "Sign in again.")


class Forbidden(DeskError):
    """Known, signed in, and not allowed."""

    status = 403


class NotFound(DeskError):
    """There is nothing here that this officer may see."""

    status = 404

    def __init__(self, says: str = "There is no such tip in your queue.") -> None:
        super().__init__("not_found", says)


class Moved(DeskError):
    """The tip changed first. Nothing of the request was stored."""

    status = 409


class Gone(DeskError):
    """The tip left the officer's centre; the facts are the signed move that says so."""

    status = 410

    def __init__(self, **move: object) -> None:
        super().__init__("gone", "The tip was moved to another centre.", **move)


class Shredded(DeskError):
    """The tip was destroyed; the facts are the day, and what officers signed that let it be. Whose
    it was nobody knows any more: told is who knows its random id, for they had the tip once, or see
    in the audit trail what this says."""

    status = 410

    def __init__(self, day: str, changes: Sequence[Mapping[str, object]]) -> None:
        says = "The tip was destroyed: the time for which it is kept was over."
        super().__init__("shredded", says, day=day, changes=changes)


class BadShape(DeskError):
    """The request does not follow the API."""

    status = 422


class TooMany(DeskError):
    """Wrong too often. The facts say how many seconds to wait."""

    status = 429

    def __init__(self, wait_s: int) -> None:
        super().__init__("too_many", "Too many wrong sign-ins. Wait a little.", wait_s=wait_s)


class NotNow(DeskError):
    """Nothing was stored; the same request may work in a moment."""

    status = 503

    def __init__(self) -> None:
        super().__init__("not_now", "The desk cannot answer right now. Try again in a moment.")
