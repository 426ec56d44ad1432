"""The draft of one conversation: what was settled, and what stands on the person's screen.

It holds choice ids, days, part ids and counts. It never holds a word that a person typed, a code,
or an account. Everything is named, nothing is counted by position, so that a draft written by one
release opens in the next: an answer stays under the key it was told under, whatever the flow
looks like by then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from itertools import repeat
from typing import Any, NamedTuple

VERSION = 1


class PartMark(NamedTuple):
    """One sealed part: its id, and "words", "location" or the media of its file."""

    part_id: str
    media: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What was told under one key.

    *value* is a choice id or a day; *ids* are the ids of an answer that has several; *parts* lie
    sealed. Settled means: go on. Reopened means: the person came back to change it; what was told
    stays until they do.
    """

    value: str | None = None
    ids: tuple[str, ...] = ()
    parts: tuple[PartMark, ...] = ()
    is_settled: bool = False
    is_skipped: bool = False
    is_reopened: bool = False

    @property
    def has_content(self) -> bool:
        return bool(self.value is not None or self.ids or self.parts)

    @property
    def counts(self) -> dict[str, int]:
        """How many parts of each media, in the order they first came."""
        counts: dict[str, int] = {}
        for part in self.parts:
            counts[part.media] = counts.get(part.media, 0) + 1
        return counts

    def settled(self) -> "Answer":
        return replace(self, is_settled=True, is_reopened=False)

    def reopened(self) -> "Answer":
        return replace(self, is_settled=False, is_reopened=True, is_skipped=False)

    def with_part(self, part: PartMark) -> "Answer":
        parts = (*self.parts, part)
        return Answer(self.value, self.ids, parts, self.is_settled, is_reopened=self.is_reopened)

    def without_part(self, part_id: str) -> "Answer":
        return replace(self, parts=tuple(p for p in self.parts if p.part_id != part_id))


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a sealed part that the person has not decided about: its kinds, and whether it
    is in "words" or the media of a file. *name* is what its buttons call it: a platform sees them,
    so nothing that is stored with a tip may be told from it."""

    part_id: str
    kinds: tuple[str, ...]
    media: str
    name: str


NOTHING = Answer()
"""The answer to what was never asked."""


@dataclass(frozen=True, slots=True)
class Member:
    """What a network code showed: the alias officers see, the centre that gave the code, and since
    which year (CE). The code itself is not kept: *locator* is what the turn finds it by when it
    looks again, before filing. None in a draft of an older release: that one stands as it was
    checked, for the few days that a draft lives."""

    alias: str
    is_duress: bool = field(default=False, repr=False)
    centre: str | None = None
    since: int | None = None
    locator: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Coming:
    """A file on its way here, for the question it was sent under; *fetch_id* is the job's. Slow:
    the person heard that it is still coming."""

    fetch_id: str
    question: str
    media: str
    is_slow: bool = False


@dataclass(frozen=True, slots=True)
class Conversation:
    """One draft. *asked* is the key on the person's screen, *screen* the nonce of its buttons,
    *aside* a question that interrupts the flow (cancel? edit what?), *pending* what the asked
    kind is waiting to have confirmed, *total* the smallest total that progress ever showed.
    *coming* are files on their way; *arrived* counts, by media, those that came since the person
    last heard of it; sending: they said "send", and it waits for the last of them, or for another
    look at the member's code. *findings* are not decided yet, oldest first; *is_warned*: the
    question on the screen has said that a file may hold hidden details. *notice* says whether this
    chat hears of news of the tip: "on", "off", or None where that cannot be asked for. *closure*
    is what may be said to an ended tip that is followed (`CodeChecked`), as it was then."""

    flow: str
    language: str
    told: Mapping[str, Answer] = field(default_factory=dict)
    asked: str | None = None
    aside: str | None = None
    pending: tuple[str, ...] = ()
    screen: str = ""
    total: int | None = None
    kind: str = "case"
    member: Member | None = None
    status: str | None = None
    since: str | None = None
    is_crisis: bool = False
    findings: tuple[Finding, ...] = ()
    is_warned: bool = False
    coming: tuple[Coming, ...] = ()
    arrived: Mapping[str, int] = field(default_factory=dict)
    is_sending: bool = False
    notice: str | None = None
    closure: str | None = None

    @property
    def is_blank(self) -> bool:
        """Nothing here is worth a stored row: a fresh `start` would behave the same."""
        is_bare = not self.told and not self.coming and self.aside is None
        return self.flow == "start" and is_bare

    def coming_for(self, key: str) -> int:
        """How many files are on their way for question *key*."""
        return sum(each.question == key for each in self.coming)

    def without_notice(self) -> "Conversation":
        """The conversation, once nobody is told any more."""
        return self if self.notice is None else replace(self, notice="off")

    def answer(self, key: str) -> Answer:
        return self.told.get(key, NOTHING)

    def with_answer(self, key: str, answer: Answer) -> "Conversation":
        return replace(self, told={**self.told, key: answer})

    def without(self, *keys: str) -> "Conversation":
        return replace(self, told={k: a for k, a in self.told.items() if k not in keys})

    def to_json(self) -> dict[str, Any]:
        """What is as it began is left out: reading puts it back."""
        body: dict[str, Any] = {
            "version": VERSION,
            "flow": self.flow,
            "language": self.language,
            "told": {key: _answer_out(answer) for key, answer in self.told.items()},
            "asked": self.asked,
            "aside": self.aside,
            "pending": self.pending,
            "screen": self.screen,
            "total": self.total,
            "kind": self.kind,
            "status": self.status,
            "since": self.since,
            "is_crisis": self.is_crisis,
            "findings": [
                {
                    "part_id": each.part_id,
                    "kinds": list(each.kinds),
                    "media": each.media,
                    "name": each.name,
                }
                for each in self.findings
            ],
            "is_warned": self.is_warned,
            "coming": [
                {
                    "fetch_id": each.fetch_id,
                    "question": each.question,
                    "media": each.media,
                    "is_slow": each.is_slow,
                }
                for each in self.coming
            ],
            "arrived": dict(self.arrived),
            "is_sending": self.is_sending,
            "notice": self.notice,
            "closure": self.closure,
        }
        if self.member is not None:
            # The mark of a duress code takes as much room as its absence: sizes say nothing of it.
            mark = {"is_duress": int(self.member.is_duress)}
            body["member"] = _said({**asdict(self.member), **mark})
        return _said(body)

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Conversation":
        """Read what any release wrote: absent fields take their default, unknown ones are left
        aside. Raises ValueError when *body* was never a conversation."""
        try:
            member = body.get("member")
            return cls(
                flow=str(body["flow"]),
                language=str(body["language"]),
                told={k: _answer_in(answer) for k, answer in body.get("told", {}).items()},
                asked=body.get("asked"),
                aside=body.get("aside"),
                pending=tuple(map(str, body.get("pending", ()))),
                screen=str(body.get("screen", "")),
                total=body.get("total"),
                kind=str(body.get("kind", "case")),
                member=None
                if member is None
                else Member(
                    str(member["alias"]),
                    bool(member.get("is_duress", False)),
                    member.get("centre"),
                    member.get("since"),
                    member.get("locator"),
                ),
                status=body.get("status"),
                since=body.get("since"),
                is_crisis=bool(body.get("is_crisis", False)),
                findings=tuple(map(_finding_in, body.get("findings", ()))),
                is_warned=bool(body.get("is_warned", False)),
                coming=tuple(map(_coming_in, body.get("coming", ()))),
                arrived={str(k): int(v) for k, v in body.get("arrived", {}).items()},
                is_sending=bool(body.get("is_sending", False)),
                notice=body.get("notice"),
                closure=body.get("closure"),
            )
        except (KeyError, TypeError, AttributeError) as wrong:
            raise ValueError("not a conversation") from wrong


def _finding_in(body: Mapping[str, Any]) -> Finding:
    kinds = tuple(str(kind) for kind in body["kinds"])
    return Finding(str(body["part_id"]), kinds, str(body["media"]), str(body["name"]))


def _coming_in(body: Mapping[str, Any]) -> Coming:
    fetch_id, question, media = str(body["fetch_id"]), str(body["question"]), str(body["media"])
    return Coming(fetch_id, question, media, bool(body.get("is_slow", False)))


def _said(body: dict[str, Any]) -> dict[str, Any]:
    """*body* without what reading gives back anyway: None, False and whatever holds nothing."""
    return {name: value for name, value in body.items() if value or type(value) in (str, int)}


def _answer_out(answer: Answer) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if answer.value is not None:
        body["value"] = answer.value
    if answer.ids:
        body["ids"] = answer.ids
    if answer.parts:
        body["parts"] = _parts_out(answer.parts)
    if answer.is_settled:
        body["is_settled"] = True
    if answer.is_skipped:
        body["is_skipped"] = True
    if answer.is_reopened:
        body["is_reopened"] = True
    return body


def _answer_in(body: Mapping[str, Any]) -> Answer:
    ids, parts = body.get("ids"), body.get("parts")
    return Answer(
        body.get("value"),
        tuple(map(str, ids)) if ids else (),
        _parts_in(parts) if parts else (),
        bool(body.get("is_settled")),
        bool(body.get("is_skipped")),
        bool(body.get("is_reopened")),
    )


def _parts_out(parts: tuple[PartMark, ...]) -> list[dict[str, Any]]:
    """Parts in order; those of one media that follow each other share its name."""
    runs: list[dict[str, Any]] = []
    media = ""
    for part in parts:
        if part.media != media:
            media, ids = part.media, list[str]()
            runs.append({"media": media, "part_ids": ids})
        ids.append(part.part_id)
    return runs


def _parts_in(runs: Iterable[Mapping[str, Any]]) -> tuple[PartMark, ...]:
    """What `_parts_out` wrote; an older release wrote each part alone."""
    parts: list[PartMark] = []
    for run in runs:
        part_ids = run.get("part_ids") or (run["part_id"],)
        parts += map(PartMark, map(str, part_ids), repeat(str(run["media"])))
    return tuple(parts)
