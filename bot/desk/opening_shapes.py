"""What goes over the wire of openings."""

from bot.desk.fields import AnswerBody, Id
from bot.desk.seconding_shapes import NewSeconded
from sealing import Opens


class NewOpening(NewSeconded):
    """An export (no part), or the original of the part *part_id*; *reason* says why."""

    opening_id: Id
    opens: Opens
    part_id: Id | None


class OpenedAnswer(AnswerBody):
    """*open_day* is the day on which it is open; null while it waits for a second officer."""

    opening_id: str
    open_day: str | None
