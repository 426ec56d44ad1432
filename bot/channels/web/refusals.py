"""What a request can be turned down for: their bytes, said in one plain sentence.

Turned (BadRequest)     a 4xx with a page that says what to do
└── Late                408: the sender stalled

Somebody who goes away before the last byte is `bot.evidence.CutOff`: nobody is left to answer.
"""

from bot.errors import BadRequest


class Turned(BadRequest):
    """Answer with *status* and the page words of *says*. Carries nothing of what was sent."""

    def __init__(self, status: int, says: str) -> None:
        super().__init__(says)
        self.status = status
        self.says = says


class Late(Turned):
    """The sender stalled or trickled."""

    def __init__(self) -> None:
        super().__init__(408, "too_slow")
