"""The errors of this channel.

BadRequest
└── Turned     their request: answered with *status*, and nothing was done
"""

from bot.errors import BadRequest


class Turned(BadRequest):
    """A request that is not LINE's, or no request at all."""

    def __init__(self, status: int) -> None:
        super().__init__("the request was turned away")
        self.status = status
