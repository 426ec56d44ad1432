"""A tip on paper: one page template, filled with what an officer may read of it.

Pure. Every word of a tip is made calm and escaped, and how much goes onto paper is bounded: a tip
of a million characters must not keep a printer busy. What was left out is said where it is missing;
the transcript beside the paper has all of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from console import present
from console.answers import TreeCentre
from console.calm import calm, calm_line
from console.days import say_day
from console.errors import ConsoleError
from console.findings import Signers
from console.likenesses import Likenesses
from console.office import Reading
from console.present import Bubble
from console.results import outcomes
from console.words import Words
from sealing import Details, FileFacts, Kind, Summary

_FULL_LINE = 60


@dataclass(frozen=True, slots=True)
class Paper:
    """How much of a tip is printed."""

    parts: int = 400
    chars_of_a_part: int = 8_000
    lines_of_a_part: int = 120
    chars: int = 150_000
    """Of all parts together; the end of a line counts as a line that is full."""
    files: int = 300
    lines: int = 300
    """Of the findings, and of the history."""
    chars_of_a_label: int = 200


@dataclass(frozen=True, slots=True)
class Why:
    """Who exports and for what reason: it goes onto the cover and into the folder's README."""

    name: str
    reason: str = field(repr=False)
    day: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file of part *seq* that was taken out to *path*, or was not, for an *error*. *is_original*:
    as it was sent, although there is a cleaned one. *hazards*: what it may do to whoever opens
    it."""

    seq: int
    facts: FileFacts
    path: str = field(repr=False)
    is_original: bool = False
    error: ConsoleError | None = None
    hazards: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A tip as an officer took it out. *signers* None: signatures were not checked."""

    reading: Reading
    signers: Signers | None
    centres: Mapping[str, TreeCentre]
    why: Why


def case_file(
    words: Words,
    case: Case,
    evidence: Sequence[Evidence],
    seen: Likenesses,
    paper: Paper | None = None,
) -> str:
    """The page, ready to be printed."""
    paper = paper or Paper()
    judged = case.signers or Signers({}, {}, {})
    reading, tip = case.reading, case.reading.tip
    bubbles = present.conversation(words, reading, judged)
    told = [bubble for bubble in bubbles if bubble.kind != Kind.NOTE]
    notes = [bubble for bubble in bubbles if bubble.kind == Kind.NOTE]
    left = _Left(paper)
    changes = present.history(words, tip.shown.changes, judged, case.centres, outcomes(tip))
    opened = present.taken_out(words, tip.shown, judged)
    return (
        _templates()
        .get_template("paper/case-file.html")
        .render(
            lang=words.language,
            say=words.say,
            tip_id=tip.tip_id,
            cover=_cover(words, case),
            alarms=[present.say_finding(words, each) for each in reading.alarms[: paper.lines]],
            notices=[present.say_finding(words, each) for each in reading.notices[: paper.lines]],
            checks_left=sum(
                max(0, len(each) - paper.lines) for each in (reading.alarms, reading.notices)
            ),
            parts=len(tip.parts),
            is_unchecked=case.signers is None,
            conversation=left.shown(words, told),
            conversation_left=left.not_shown(told),
            notes=left.shown(words, notes),
            notes_left=left.not_shown(notes),
            evidence=[_evidence(words, each, seen) for each in evidence[: paper.files]],
            evidence_left=max(0, len(evidence) - paper.files),
            pictures_left=seen.left_out,
            history=[
                (say_day(each.day, words.language), each.text) for each in changes[-paper.lines :]
            ],
            history_left=max(0, len(changes) - paper.lines),
            opened=[
                (say_day(day, words.language), said) for _, day, said in opened[-paper.lines :]
            ],
        )
    )


class _Left:
    """What room is left on the paper for parts and their words."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._chars = paper.chars
        self._parts = paper.parts
        self._shown: set[int] = set()

    def shown(self, words: Words, bubbles: Sequence[Bubble]) -> list[Mapping[str, object]]:
        """As many of *bubbles*, from the first on, as there is room for."""
        rows = []
        for bubble in bubbles:
            if self._parts <= 0 or self._chars <= 0:
                break
            self._parts -= 1
            self._shown.add(bubble.seq)
            rows.append(self._row(words, bubble))
        return rows

    def _cut(self, text: str) -> str:
        """As much of *text* as there is room for."""
        lines = text[: self._paper.chars_of_a_part].split("\n", self._paper.lines_of_a_part)
        return "\n".join(lines[: self._paper.lines_of_a_part])[: max(0, self._chars)]

    def not_shown(self, bubbles: Sequence[Bubble]) -> int:
        return sum(bubble.seq not in self._shown for bubble in bubbles)

    def _row(self, words: Words, bubble: Bubble) -> Mapping[str, object]:
        text = bubble.text or ""
        kept = self._cut(text)
        shown = calm(kept)  # what is marked there takes more room than what was written
        self._chars -= len(shown) + shown.count("\n") * _FULL_LINE
        file = bubble.file
        facts = None if file is None or file.part is None else file.part.file
        return {
            "seq": bubble.seq,
            "author": bubble.author,
            "who": calm_line(bubble.who),
            "day": say_day(bubble.day, words.language),
            "label": calm_line(bubble.label or "", self._paper.chars_of_a_label),
            "text": shown,
            "chars_left": len(text) - len(kept),
            "about": bubble.about,
            "file": None if facts is None else _file_line(words, facts),
            "signature": bubble.signature,
            "is_trusted": bubble.is_trusted,
        }


def _cover(words: Words, case: Case) -> list[tuple[str, str]]:
    shown, summary = case.reading.tip.shown, case.reading.tip.grant.summary
    rows = [(words.say("casefile.tip"), shown.tip_id)]
    if summary is not None:
        about = (
            words.label("category", summary.category),
            words.label("province", summary.province),
        )
        rows.append((words.say("casefile.about"), " · ".join(about)))
        if marks := list(_marks(words, summary)):
            rows.append((words.say("list.marks"), " · ".join(marks)))
    return [
        *rows,
        (words.say("list.centre"), present.centre_name(words, shown.centre, case.centres)),
        (words.say("list.status"), words.label("status", shown.status)),
        (words.say("list.day"), say_day(shown.filed_day, words.language)),
        (words.say("casefile.day"), say_day(case.why.day, words.language)),
        (words.say("casefile.by"), calm_line(case.why.name)),
        (words.say("export.reason"), case.why.reason),
    ]


def _marks(words: Words, summary: Summary) -> Iterator[str]:
    if summary.is_duress:
        yield words.say("mark.duress")
    if summary.is_afraid:
        yield words.say("mark.afraid")
    if summary.alias:
        yield words.say("mark.verified_as", alias=summary.alias)


def _evidence(words: Words, one: Evidence, seen: Likenesses) -> Mapping[str, object]:
    facts = one.facts
    return {
        "seq": one.seq,
        "name": calm_line(facts.name or "–"),
        "media": words.label("media", facts.media),
        "size": present.size(facts.size),
        "sha256": facts.sha256,
        "details": _details(words, one),
        "path": calm_line(one.path),
        "hazards": present.say_hazards(words, one.hazards),
        "error": None if one.error is None else present.explain(words, one.error),
        "likeness": None if one.error is not None else seen.of(facts),
    }


def _details(words: Words, one: Evidence) -> str:
    if one.is_original:
        return words.say("casefile.original")
    if one.facts.details is Details.UNREMOVABLE:
        return words.say("original.unremovable")
    return words.say(
        "casefile.cleaned" if one.facts.details is Details.CLEANED else "casefile.as_sent"
    )


def _file_line(words: Words, facts: FileFacts) -> str:
    media = words.label("media", facts.media)
    return f"{media} {calm_line(facts.name or '')} · {present.size(facts.size)}"


def _templates() -> Environment:
    """Templates in which nothing is shown that is not calm, wherever it comes from."""
    templates = Environment(
        finalize=lambda value: calm(value) if type(value) is str else value,
        loader=PackageLoader("console", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["css"] = _in_css
    return templates


def _in_css(text: str) -> Markup:
    """*text* inside a string of a style sheet, where HTML's own escapes are not read."""
    kept = (c if c.isalnum() and c.isascii() else f"\\{ord(c):x} " for c in calm_line(text))
    return Markup("".join(kept))  # noqa: S704  # letters, digits and CSS escapes only
