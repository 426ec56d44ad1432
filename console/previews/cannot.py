"""The one error of what looks into a file."""


class Cannot(Exception):
    """A file is not shown; *reason* is one of `orders.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
