"""The one error of the demo: a sentence for whoever runs it."""

from collections.abc import Iterable


class DemoFailed(Exception):
    """Something did not go as it must. *says* is a sentence, *details* what a program printed."""

    def __init__(self, says: str, details: Iterable[str] = ()) -> None:
        super().__init__(says)
        self.says = says
        self.details = tuple(details)

    def __str__(self) -> str:
        return "\n".join((self.says, *(f"    {line}" for line in self.details)))


def check(holds: bool, says: str, details: Iterable[str] = ()) -> None:
    """Raise DemoFailed unless *holds*; *says* is what is wrong when it does not."""
    if not holds:
        raise DemoFailed(says, details)
