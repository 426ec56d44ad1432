"""What goes over the wire of every deed that a second officer may have to agree to."""

from bot.desk.shapes import Day, Reason, Signature, _Request


class _NewSeconded(_Request):
    """Signed on *day*; *reason* says why."""

    day: Day
    signature: Signature
    reason: Reason


class NewApproval(_Request):
    """A second officer's signature over the deed."""

    day: Day
    signature: Signature
