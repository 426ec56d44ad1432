"""A tip as the queue lists it. Pure values."""

from dataclasses import dataclass

from console import answers
from console.days import WARN_DAYS
from console.errors import ConsoleError
from sealing import Summary, TipKind


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """A verified member, by the tips of theirs that this officer can read. *is_whole*: all of the
    officer's queue was looked at; else there may be more."""

    alias: str
    centre: str | None
    since_year: int | None
    earlier: int
    useful: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One tip in the queue: what the desk shows, and the summary out of the officer's own grant."""

    shown: answers.TipStanding
    summary: Summary | None
    problem: ConsoleError | None
    left: int | None
    is_mine: bool
    track: TrackRecord | None = None
    warn_days: int = WARN_DAYS
    due_day: str | None = None
    result: str | None = None
    """What came of it (an id), if it was read here since it ended: it lies in sealed parts."""

    @property
    def is_overdue(self) -> bool:
        return self.left is not None and self.left < 0

    @property
    def is_application(self) -> bool:
        return is_application(self.summary)

    @property
    def is_reopened(self) -> bool:
        """Its reporter said that it is not over, and no officer changed the status since."""
        return self.shown.last_word == "reopen"

    @property
    def is_urgent(self) -> bool:
        """An application that waits too long is late, and nobody is in danger over it."""
        told, is_late = self.summary, self.is_overdue and not self.is_application
        return is_late or (told is not None and (told.is_duress or told.is_afraid))


def is_application(summary: Summary | None) -> bool:
    """Whether *summary* is of somebody who wants to join the network."""
    return summary is not None and summary.kind is TipKind.APPLICATION
