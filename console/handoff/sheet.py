"""The page of a hand-off, as rows: what was told, in the order it was asked.

Two pages can be made of a tip. The redacted one takes what the allow-list names, and each row of it
is blacked out; the full one takes all that was told and what was said since. Neither has an id, a
day of filing, a member's alias or mark, or an officer's note; the redacted one has no file's own
name. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from console.days import say_month
from console.handoff.blackout import Blackout, blackout_of
from console.handoff.choices import Choices, allowed
from console.handoff.evidence import Left, Taken
from console.handoff.likeness import BAR
from console.originals import opened_original
from console.present import form_rows, say_answer
from console.reading import OpenedPart, OpenedTip, in_order
from console.words import Words
from sealing import Author, Kind, Part

_SAID = (Kind.WORDS, Kind.MESSAGE, Kind.STATUS)
_SHORT_ID = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One thing told: what it is, and the words. *is_listed*: they come from a list of ours."""

    label: str
    text: str = field(repr=False)
    is_listed: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A finished page; every word that leaves with it. Titles, labels and the notice are ours and
    the same on every page: nothing of the tip is in them."""

    title: str
    notice: str
    sections: tuple[Section, ...]

    def texts(self) -> Iterator[str]:
        """Each piece of writing on it that is of the tip, and what follows each other in one."""
        for section in self.sections:
            yield from (row.text for row in section.rows)
            yield "\n".join(row.text for row in section.rows)

    def frame(self) -> Iterator[str]:
        """Each piece of writing on it that is ours."""
        yield self.title
        yield self.notice
        for section in self.sections:
            yield section.title
            for row in section.rows:
                yield row.label


@dataclass(frozen=True, slots=True)
class Said:
    """A part of the conversation that can be picked: its number, who said it, the words."""

    seq: int
    who: str
    text: str = field(repr=False)


def blackout_for(tip: OpenedTip, choices: Choices) -> Blackout:
    """What must not leave of *tip*."""
    summary, shown = tip.grant.summary, tip.shown
    ids = {shown.tip_id, shown.tip_id[:_SHORT_ID], tip.grant.grant_id}
    names = set[str]()
    for part in tip.parts:
        ids |= {part.shown.part_id, part.shown.blob_id or part.shown.part_id}
        if part.part is not None and part.part.file is not None:
            ids |= {part.part.file.blob_id, part.part.file.sha256}
            names |= {part.part.file.name or ""}
    ids |= {grant.grant_id for grant in shown.grants}
    alias = None if summary is None else summary.alias
    return blackout_of(choices.phrases, alias=alias, names=sorted(names), ids=sorted(ids))


def redacted_sheet(
    words: Words,
    tip: OpenedTip,
    choices: Choices,
    blackout: Blackout,
    evidence: Sequence[Taken],
    left: Sequence[Left],
) -> Sheet:
    """The page for a body that must not learn who told it."""
    told = Section(words.say("handoff.told"), tuple(_told(words, tip)))
    picked = tuple(
        Row(each.who, each.text) for each in conversation(words, tip) if each.seq in choices.talk
    )
    said = Section(words.say("handoff.talk"), picked)
    files = Section(words.say("handoff.evidence"), tuple(_files(words, evidence, left)))
    sheet = Sheet(
        words.say("handoff.title"),
        words.say("handoff.notice"),
        tuple(each for each in (told, said, files) if each.rows),
    )
    return _blacked(sheet, blackout)


def full_sheet(
    words: Words, tip: OpenedTip, evidence: Sequence[Taken], left: Sequence[Left]
) -> Sheet:
    """The page of all that was told, for the body whose key it is sealed to."""
    told = (*_heads(words, tip), *_form(words, tip), *_worded(words, tip, None))
    said = tuple(Row(each.who, each.text) for each in conversation(words, tip, is_as_sent=True))
    sections = (
        Section(words.say("handoff.told"), told),
        Section(words.say("handoff.talk"), said),
        Section(words.say("handoff.evidence"), tuple(_files(words, evidence, left))),
    )
    return Sheet(
        words.say("handoff.title_full"),
        words.say("handoff.notice_full"),
        tuple(each for each in sections if each.rows),
    )


def conversation(words: Words, tip: OpenedTip, *, is_as_sent: bool = False) -> tuple[Said, ...]:
    """What was said after the tip was told, and can be picked; without what the reporter took out,
    unless it *is_as_sent*."""
    return tuple(
        Said(part.seq, words.say(f"handoff.by_{inside.author}"), _words_of(tip, part, is_as_sent))
        for part, inside in _inside(tip)
        if inside.kind in _SAID and inside.words and not _is_told(inside)
    )


def _told(words: Words, tip: OpenedTip) -> Iterator[Row]:
    yield from _heads(words, tip)
    answers = _answers(tip)
    for key in allowed().answers:
        if key in answers and (said := say_answer(words, key, answers[key])):
            yield Row(words.label("question", key), said, is_listed=True)
    yield from _worded(words, tip, allowed().words)


def _heads(words: Words, tip: OpenedTip) -> Iterator[Row]:
    month = say_month(tip.shown.filed_day[: len("2026-11")], words.language)
    yield Row(words.say("handoff.month"), month, is_listed=True)


def _form(words: Words, tip: OpenedTip) -> Iterator[Row]:
    for _, inside in _inside(tip):
        if inside.kind is Kind.FORM and inside.form is not None:
            shown = {key: value for key, value in inside.form.items() if key != "receipt"}
            yield from (Row(label, said) for label, said in form_rows(words, shown))


def _worded(words: Words, tip: OpenedTip, questions: Sequence[str] | None) -> Iterator[Row]:
    """What was told in words; in the order of *questions*, or as it came."""
    found = [(part, inside) for part, inside in _inside(tip) if _is_told(inside) and inside.words]
    if questions is not None:
        order = {question: place for place, question in enumerate(questions)}
        found = [each for each in found if each[1].question in order]
        found.sort(key=lambda each: order[each[1].question or ""])
    for part, inside in found:
        text = _words_of(tip, part, is_as_sent=questions is None)
        yield Row(words.label("question", inside.question or ""), text)


def _files(words: Words, evidence: Sequence[Taken], left: Sequence[Left]) -> Iterator[Row]:
    for taken in evidence:
        yield Row(taken.name, words.label("media", taken.media), is_listed=True)
    for reason in dict.fromkeys(each.reason for each in left):
        n = sum(each.reason == reason for each in left)
        why = words.label("handoff_left", reason)
        yield Row(words.say("handoff.left_out", n=n), why, is_listed=True)


def _blacked(sheet: Sheet, blackout: Blackout) -> Sheet:
    return replace(
        sheet, sections=tuple(_black_section(blackout, section) for section in sheet.sections)
    )


def _black_section(blackout: Blackout, section: Section) -> Section:
    """People write in bursts, so what follows each other is read together. A bar inside a word that
    everybody knows would tell what it hides: our labels have none, and of an answer from a list all
    goes or nothing."""
    texts = blackout.black_all([row.text for row in section.rows])
    rows = zip(section.rows, texts, strict=True)
    return replace(section, rows=tuple(_black_row(row, text) for row, text in rows))


def _black_row(row: Row, text: str) -> Row:
    return replace(row, text=BAR if row.is_listed and text != row.text else text)


def _inside(tip: OpenedTip) -> Iterator[tuple[OpenedPart, Part]]:
    for part in in_order(tip.parts):
        if part.part is not None:
            yield part, part.part


def _answers(tip: OpenedTip) -> Mapping[str, object]:
    for _, inside in _inside(tip):
        if inside.kind is Kind.FORM and inside.form is not None:
            answers = inside.form.get("answers")
            return answers if isinstance(answers, Mapping) else inside.form
    return {}


def _is_told(inside: Part) -> bool:
    """Whether it was told to a question about the case itself."""
    is_words = inside.kind is Kind.WORDS and inside.author is Author.REPORTER
    return is_words and inside.question in allowed().words


def _words_of(tip: OpenedTip, part: OpenedPart, is_as_sent: bool) -> str:
    """The words of *part*; as they were sent where that is wanted and may be seen."""
    original = opened_original(tip, part) if is_as_sent else None
    inside = part.part
    if original is not None and original.words is not None:
        return original.words
    return (inside.words if inside is not None else None) or ""
