"""The numbers of a printed document, and why there may be none."""

import json
from dataclasses import asdict, dataclass
from typing import Self

_MIB = 1024 * 1024
REASONS = ("no_pango", "no_font", "too_large", "too_long", "died")
"""Why there is no PDF: no pango on this machine, no Thai font, too much to print, or for too long,
or the printer ended."""

PICTURES = "picture:"
NEEDS_FONT_TOOLS = "font_tools"
"""What a printer says that has no fontTools and needs it (`font_tools`)."""


def picture_address(nth: int) -> str:
    """Where a page finds the *nth* picture that goes to the printer beside it, from 0."""
    return f"{PICTURES}{nth}"


class NotPrinted(Exception):
    """There is no PDF, for a *reason* out of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Orders:
    """How much one document may cost."""

    memory_bytes: int = 1024 * _MIB
    """Of addresses, libraries and fonts counted in: what is in RAM is a fraction of it."""
    cpu_s: int = 60
    at_most_s: float = 90.0
    pages: int = 400
    input_bytes: int = 32 * _MIB
    answer_bytes: int = 64 * _MIB
    has_font_tools: bool = False

    def written(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> Self:
        return cls(**json.loads(text))
