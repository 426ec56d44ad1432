"""What is opened beside the pages: a page of grants, a tip's words. Bytes of the desk in, what the
queue keeps of them out; pure but for the memory, which is only read.

What crosses to the pages carries names and no key: identities of tips stay where they were opened.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from console.answers import TipDetail, TipPage, TipStanding, parse
from console.errors import ConsoleError, Distrusted
from console.findings import Signers
from console.originals import opened_original
from console.own_grants import Reader, look
from console.reading import OpenedPart, OpenedTip, open_tip
from console.records import Record
from console.seen import Memory
from console.shelf.search import Packed, pack
from sealing import Summary, TipKind

TEXT_AT_MOST = 200_000
"""Characters of one tip that can be found; what is longer is a file or an attack."""
_ENDED = ("closed", "declined")
_TOLD = tuple(each.name for each in fields(Summary))

SummaryTold = Mapping[str, str | int | bool | None]


class Trouble(Record):
    """A `ConsoleError` on its way."""

    key: str
    params: Mapping[str, str | int | None] = {}

    @classmethod
    def of(cls, error: ConsoleError) -> "Trouble":
        return cls(key=error.key, params={k: _plain(v) for k, v in error.params.items()})

    def error(self) -> Distrusted:
        return Distrusted(self.key, **self.params)


class OpenedListing(Record):
    """A tip of the queue with what its grant says."""

    standing: TipStanding
    grant_id: str
    summary: SummaryTold | None
    problem: Trouble | None


class OpenedPage(Record):
    tips: tuple[OpenedListing, ...]


class Course(Record):
    """How a tip went so far, by the changes that the desk shows; unchecked, for lists and
    figures."""

    acknowledged_day: str | None = None
    ended_day: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedWords:
    """What can be found of a tip, and how it went."""

    course: Course
    packed: Packed = field(repr=False)


def open_page(raw: bytes, reader: Reader, signers: Signers, memory: Memory) -> OpenedPage:
    """The desk's page of tips, each grant opened. Raises Distrusted for a malformed page."""
    opened = []
    for tip in parse(TipPage, raw).tips:
        summary, problem = look(tip, reader, signers, memory)
        listing = OpenedListing(
            standing=TipStanding(
                **{name: getattr(tip, name) for name in TipStanding.__struct_fields__}
            ),
            grant_id=tip.grant.grant_id,
            summary=None if summary is None else {n: getattr(summary, n) for n in _TOLD},
            problem=None if problem is None else Trouble.of(problem),
        )
        opened.append(listing)
    return OpenedPage(tips=tuple(opened))


def open_words(raw: bytes, reader: Reader) -> OpenedWords:
    """The words of the tip in *raw*. Raises Distrusted where it cannot be opened at all; a part
    that stays shut is left out, and its page says why."""
    detail = parse(TipDetail, raw)
    tip = open_tip(detail, reader.officer, reader.identity)
    said = (text for part in tip.parts for text in _texts(tip, part))
    return OpenedWords(_course(detail), pack("\n".join(said)[:TEXT_AT_MOST]))


def summary_of(told: SummaryTold | None) -> Summary | None:
    """The summary that `open_page` wrote down."""
    if told is None:
        return None
    known = {name: told[name] for name in _TOLD}
    return Summary(**{**known, "kind": TipKind(str(told["kind"]))})  # type: ignore[arg-type]  # written down above; Summary checks itself


def _texts(tip: OpenedTip, part: OpenedPart) -> tuple[str, ...]:
    inside = part.part
    if inside is None:
        return ()
    original = opened_original(tip, part)
    told = inside.words if original is None or original.words is None else original.words
    name = None if inside.file is None else inside.file.name
    return tuple(text for text in (told, name) if text)


def _course(detail: TipDetail) -> Course:
    acknowledged, ended = None, None
    for change in sorted(detail.changes, key=lambda change: change.version):
        if change.kind == "status":
            acknowledged = acknowledged or change.day
            ended = change.day if change.status in _ENDED else None
        elif change.kind == "reopen":
            ended = None
    return Course(acknowledged_day=acknowledged, ended_day=ended)


def _plain(value: object) -> str | int | None:
    return value if value is None or isinstance(value, str | int) else str(value)
