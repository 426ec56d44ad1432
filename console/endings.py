"""How a tip ended, and the reporter's word on it: yes (`confirm`), or no, it goes on (`reopen`).

Nobody but the reporter can say either, and reporters sign nothing: a running server can invent
both. What can be checked is: there was an ending to speak of, the status is what such a word
leaves, and a no points to words of the reporter that came after the ending and lie sealed with the
case. Pure.
"""

from collections.abc import Iterable, Iterator

from console.answers import Change
from console.findings import Finding
from console.reading import OpenedPart, OpenedTip, State
from sealing import Author, Kind

ENDS = frozenset({"closed", "declined"})
REOPENED = "in_progress"
WHY = "reopen"
"""The question that a reporter's reasons are told under."""

_MOVES_ON = ("status", "confirm", "reopen")


def last_word(changes: Iterable[Change]) -> str | None:
    """The reporter's word ("confirm" or "reopen") if no officer changed the status since."""
    kinds = [each.kind for each in sorted(changes, key=_version) if each.kind in _MOVES_ON]
    return kinds[-1] if kinds and kinds[-1] != "status" else None


def check_reopenings(tip: OpenedTip) -> Iterator[Finding]:
    """Every reopening without the reporter's own words behind it."""
    ended_at, parts = 0, {part.shown.part_id: part for part in tip.parts}
    for change in sorted(tip.shown.changes, key=_version):
        told = parts.get(change.part_id or "")
        if change.kind == "status" and told is not None:
            ended_at = told.seq
        elif change.kind == "reopen" and (told is None or not _is_why(told, ended_at)):
            yield Finding("change_unfounded", {"version": change.version})


def _is_why(part: OpenedPart, ended_at: int) -> bool:
    """What does not open is named by the checks of parts."""
    if part.seq <= ended_at or part.shown.sealed_to != "case":
        return False
    if part.state is not State.OPEN or part.part is None:
        return part.shown.author == Author.REPORTER
    inside = part.part
    is_told = inside.author is Author.REPORTER and inside.kind in (Kind.WORDS, Kind.FILE)
    return is_told and inside.question == WHY


def _version(change: Change) -> int:
    return change.version
