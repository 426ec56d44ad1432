"""What came of a tip: results out of data/results.toml, how one is written, and how it is read.

The result lies in the note of reasons (for officers, sealed with the case) that stands right before
the sentence of an ending, by the same officer. The note's number and hash are in the sentence's own
seal and signature, so a result belongs to its ending and to no other. Whether both are signed is
for `checks.py`. Older consoles show the note as a note. Pure.
"""

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from console.answers import Change
from console.endings import ENDS
from console.reading import OpenedPart, OpenedTip
from sealing import Counts, Kind, Malformed
from sealing.canonical import JSON, is_label

SCHEMA = 1
REFERRED = "referred"


@dataclass(frozen=True, slots=True)
class Result:
    """One result, and which statuses it *ends*. *is_useful*: the tip was of use."""

    id: str
    th: str
    en: str
    ends: frozenset[str]
    is_useful: bool

    def name(self, language: str) -> str:
        return self.th if language == "th" else self.en


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an officer wrote of a change of status: a *result*, or the *body* a tip was referred to
    (ids), and what they had *counted*. An id that this release lacks is kept as it is."""

    result: str | None = None
    body: str | None = None
    counted: Counts | None = None

    def form(self) -> dict[str, JSON]:
        """As it is written into the note of reasons."""
        counted = None if self.counted is None else self.counted.form()
        said = {"result": self.result, "body": self.body, "counted": counted}
        return {"schema": SCHEMA, **{name: told for name, told in said.items() if told is not None}}


def parse_results(toml_text: str) -> Mapping[str, Result]:
    """Read `[[result]]` tables, by id. Raises ValueError: the data is at fault."""
    found: dict[str, Result] = {}
    for row in tomllib.loads(toml_text).get("result", []):
        try:
            ends = frozenset(row["ends"])
            result = Result(row["id"], row["th"], row["en"], ends, bool(row["is_useful"]))
        except KeyError as missing:
            raise ValueError(f"a result lacks {missing}") from None
        if not is_label(result.id) or result.id in found or not (result.th and result.en):
            raise ValueError("a result's id is no label or there twice, or it has no name")
        if not ends or not ends <= ENDS:
            raise ValueError(f"{result.id!r} ends a status that is no ending")
        found[result.id] = result
    return found


@cache
def shipped_results() -> Mapping[str, Result]:
    """The results that come with the program, in their order."""
    text = files("console").joinpath("data/results.toml").read_text(encoding="utf-8")
    return parse_results(text)


def results_for(status: str) -> tuple[Result, ...]:
    """Those that may end with *status*."""
    return tuple(each for each in shipped_results().values() if status in each.ends)


def outcomes(tip: OpenedTip) -> Mapping[int, Outcome]:
    """What was written of each change of status that says one, by the version it made."""
    return dict(_outcomes(tip))


def result_of(tip: OpenedTip) -> str | None:
    """The result (an id) of the ending that stands; None for a tip that goes on, and for one that
    was ended by a console that wrote none."""
    if tip.shown.status not in ENDS:
        return None
    last = max((c for c in tip.shown.changes if c.kind == "status"), key=_version, default=None)
    outcome = None if last is None else outcomes(tip).get(last.version)
    return None if outcome is None else outcome.result


def _outcomes(tip: OpenedTip) -> Iterator[tuple[int, Outcome]]:
    by_id = {part.shown.part_id: part for part in tip.parts}
    by_seq = {part.seq: part for part in tip.parts}
    for change in tip.shown.changes:
        sentence = by_id.get(change.part_id or "") if change.kind == "status" else None
        reason = None if sentence is None else by_seq.get(sentence.seq - 1)
        if sentence is None or reason is None or not _is_reason_of(reason, sentence, change):
            continue
        outcome = _read(reason)
        if outcome is not None:
            yield change.version, outcome


def _is_reason_of(reason: OpenedPart, sentence: OpenedPart, change: Change) -> bool:
    told, said = reason.part, sentence.part
    if told is None or said is None or told.kind is not Kind.NOTE:
        return False
    is_theirs = told.officer == said.officer == change.officer is not None
    return is_theirs and said.previous == reason.shown.hash


def _read(reason: OpenedPart) -> Outcome | None:
    form = None if reason.part is None else reason.part.form
    if form is None or form.get("schema") != SCHEMA:
        return None
    result, body = (_label(form.get(name)) for name in ("result", "body"))
    return None if result is None and body is None else Outcome(result, body, _counted(form))


def _counted(form: Mapping[str, JSON]) -> Counts | None:
    with suppress(Malformed):
        return Counts.read(form.get("counted"))
    return None


def _label(value: object) -> str | None:
    return value if isinstance(value, str) and is_label(value) else None


def _version(change: Change) -> int:
    return change.version
