"""What goes over the wire of every deed that a second officer may have to agree to."""

from bot.desk.fields import Day, RequestBody, Signature
from bot.desk.shapes import Reason


class NewSeconded(RequestBody):
    """Signed on *day*; *reason* says why."""

    day: Day
    signature: Signature
    reason: Reason


class NewApproval(RequestBody):
    """A second officer's signature over the deed."""

    day: Day
    signature: Signature
