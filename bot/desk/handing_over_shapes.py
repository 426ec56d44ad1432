"""What goes over the wire of hand-overs."""

from typing import Annotated, Literal

from pydantic import StringConstraints

from bot.desk.fields import AnswerBody, Id
from bot.desk.seconding_shapes import NewSeconded

BodyId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class NewHandover(NewSeconded):
    """To which body, in which form, and the SHA-256 of what was written; *reason* says why."""

    handover_id: Id
    body: BodyId
    form: Literal["redacted", "full"]
    sha256: Digest


class HandedOverAnswer(AnswerBody):
    """*open_day* is the day on which it may leave; null while it waits for a second officer."""

    handover_id: str
    open_day: str | None
