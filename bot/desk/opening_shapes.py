"""What goes over the wire of openings."""

from bot.desk.shapes import Day, Id, Reason, Signature, _Answer, _Request
from sealing import Opens


class NewOpening(_Request):
    """An export (no part), or the original of the part *part_id*; *reason* says why."""

    opening_id: Id
    opens: Opens
    part_id: Id | None
    day: Day
    signature: Signature
    reason: Reason


class NewApproval(_Request):
    """A second officer's signature over the opening."""

    day: Day
    signature: Signature


class OpenedAnswer(_Answer):
    """*open_day* is the day on which it is open; null while it waits for a second officer."""

    opening_id: str
    open_day: str | None
