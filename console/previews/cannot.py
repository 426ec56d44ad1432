"""The one error of what looks into a file."""

from collections.abc import Iterable


class Cannot(Exception):
    """A file is not shown; *reason* is one of `orders.REASONS`. *hazards* were found on the way."""

    def __init__(self, reason: str, hazards: Iterable[str] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hazards = tuple(hazards)
