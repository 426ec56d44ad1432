"""What can come of cleaning a file, in words that both sides of the pipe use."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

DETAILS = ("place", "time", "device", "author", "comment", "thumbnail", "history")
REASONS = (
    "unknown",  # a kind of file that this program cannot clean
    "video",
    "archive",
    "encrypted",
    "signed",  # a signature covers every byte: cleaning would break it
    "attachments",  # files within the file, which could not be cleaned
    "damaged",
    "too_large",
    "too_long",
    "busy",
    "unsure",  # cleaned, but an independent reader still saw something
    "died",
)


@dataclass(frozen=True, slots=True)
class Nothing:
    """No hidden detail was found: the file may stay as it was sent."""


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The details *found* (of DETAILS) are gone from *chunks*.

    *chunks* raises CleaningBroke when the worker ends before the last byte: keep nothing then.
    """

    found: tuple[str, ...]
    chunks: AsyncIterator[bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CannotClean:
    """Why (one of REASONS) the file stays as it is, hidden details included."""

    reason: str

    def __post_init__(self) -> None:
        if self.reason not in REASONS:
            raise ValueError("not a reason")


Outcome = Nothing | Cleaned | CannotClean


class CleaningBroke(Exception):
    """The worker ended, or ran out of time, in the middle of its answer."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"cleaning broke off: {reason}")
        self.reason = reason
