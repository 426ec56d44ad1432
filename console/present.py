"""A tip in words and in JSON: what the terminal, the transcript and the pages all say of it.

Pure. Words of a tip pass through here as they are; whoever shows them makes them calm (`calm.py`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from console.answers import Change, Handover, Me, Opening, TipDetail, TreeCentre
from console.bodies import shipped_bodies
from console.days import BUDDHIST_ERA, say_day
from console.errors import ConsoleError, Waits
from console.findings import Finding, Signers
from console.jurisdiction import Suggestion
from console.linking import SAME, named_in
from console.office import Reading
from console.office_rows import Row, TrackRecord
from console.originals import opened_original
from console.reading import OpenedPart, State, in_order
from console.results import Outcome, shipped_results
from console.words import Words
from sealing import RECEIPT, RECOVERY, Author, Details, Kind, OriginalKey, Roster, days_left

NEAR_EXPIRY_DAYS = 30
_REPORTERS = {"stop": "part.stop", "confirm": "part.confirmed", "reopen": "part.reopened"}
_LAST_WORDS = {"confirm": ("mark.confirmed", "good"), "reopen": ("mark.reopened", "warm")}


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark of a tip, as a word; *tone* is how much it matters: danger, warm, good or plain."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Bubble:
    """One part of a conversation, ready to show."""

    seq: int
    part_id: str
    who: str
    author: str
    kind: str
    day: str
    label: str | None = None
    text: str | None = field(default=None, repr=False)
    about: str | None = None
    """What was found in it, and whether what is shown is all of it."""
    file: OpenedPart | None = field(default=None, repr=False)
    signature: str | None = None
    is_trusted: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """A change in the tip's history, between the bubbles or in a list."""

    version: int
    day: str
    text: str


def guessing_warning(words: Words, guessing_day: str | None) -> str | None:
    """That somebody was guessing codes, and on which day; None when nobody was lately."""
    if guessing_day is None:
        return None
    return words.say("list.guessing", day=say_day(guessing_day, words.language))


def restore_warning(words: Words, me: Me) -> str | None:
    """That the desk says that it was made of a backup lately; None when it does not."""
    if me.restored_day is None or me.backup_day is None:
        return None
    day, backup_day = (say_day(each, words.language) for each in (me.restored_day, me.backup_day))
    return words.say("list.restored", day=day, backup_day=backup_day)


def prepared_sentences(words: Words) -> Mapping[str, str]:
    """What an applicant is told where the registrar writes nothing else, by status."""
    return words.group("applicant")


def explain(words: Words, error: ConsoleError) -> str:
    return words.say(error.key, **error.params)


def explain_on_page(words: Words, error: ConsoleError) -> str:
    """The same where there are fields and ticks, not options."""
    key = f"{error.key}_page" if words.has(f"{error.key}_page") else error.key
    return words.say(key, **error.params)


def tone_of(error: ConsoleError | None) -> str:
    """How much an error matters: danger, or warm where it is only a matter of waiting."""
    return "warm" if isinstance(error, Waits) else "danger"


def say_finding(words: Words, finding: Finding) -> str:
    return words.say(finding.key, **finding.params)


def say_hazards(words: Words, hazards: Sequence[str]) -> str:
    """What a file may do to whoever opens it, on one line."""
    return " · ".join(words.say(f"hazard.{one}") for one in hazards)


def clock(words: Words, left: int | None, warn_days: int) -> str | None:
    """How many days are left, said louder in the last *warn_days*."""
    if left is None:
        return None
    if left < 0:
        return words.say("clock.over", n=-left)
    if left == 0:
        return words.say("clock.today")
    return words.say("clock.soon" if left <= warn_days else "clock.left", n=left)


def clock_tone(left: int | None, warn_days: int) -> str:
    if left is None:
        return "plain"
    return "danger" if left < 0 else "warm" if left <= warn_days else "plain"


def marks(words: Words, row: Row) -> tuple[Mark, ...]:
    """What stands out about a tip, gravest first."""
    return tuple(_marks(words, row))


def last_word(words: Words, said: str | None) -> Mark | None:
    """The reporter's word on an ending ("confirm", "reopen"), as a mark."""
    if said not in _LAST_WORDS:
        return None
    key, tone = _LAST_WORDS[said]
    return Mark(words.say(key), tone)


def fate(words: Words, shown: TipDetail) -> str | None:
    """On which day the tip is to be destroyed, or that it is on hold; None for an open one."""
    if shown.is_held:
        return words.say("mark.held")
    if shown.expire_day is None:
        return None
    return words.say("legal_hold.expires", day=say_day(shown.expire_day, words.language))


def _marks(words: Words, row: Row) -> Iterator[Mark]:
    told = row.summary
    if row.is_urgent:
        yield Mark(words.say("mark.urgent"), "danger")
    if told is not None and told.is_duress:
        yield Mark(words.say("mark.duress"), "danger")
    if told is not None and told.is_afraid:
        yield Mark(words.say("mark.afraid"), "warm")
    if (word := last_word(words, row.shown.last_word)) is not None:
        yield word
    if row.shown.is_held:
        yield Mark(words.say("mark.held"), "plain")
    if row.result is not None:
        yield Mark(result_name(words, row.result), "plain")
    if told is not None and told.alias:
        yield Mark(words.say("mark.verified_as", alias=told.alias), "good")
    if row.track is not None and row.track.earlier:
        yield Mark(track_mark(words, row.track), "plain")
    if told is not None and told.kind == "information":
        yield Mark(words.say("mark.information"), "plain")
    if row.is_application:
        yield Mark(words.say("mark.application"), "good")
    if told is not None and told.is_secondhand:
        yield Mark(words.say("mark.secondhand"), "plain")
    if told is not None and told.is_reported_elsewhere:
        yield Mark(words.say("mark.elsewhere"), "plain")
    if row.shown.openings_waiting:
        yield Mark(words.say("mark.opening_waits"), "warm")
    if row.shown.no_contact:
        yield Mark(words.say("mark.no_contact"), "plain")


def track(words: Words, told: TrackRecord) -> str:
    """Who a verified member is, in one line: alias, centre, since when, and how earlier tips
    went."""
    year = told.since_year
    if year is not None and words.language == "th":
        year += BUDDHIST_ERA
    earlier = "track.earlier" if told.is_whole else "track.earlier_at_least"
    said = (
        words.say("mark.verified_as", alias=told.alias),
        words.say("track.centre", centre=told.centre) if told.centre else "",
        words.say("track.since", year=year) if year is not None else "",
        words.say(earlier, n=told.earlier, useful=told.useful)
        if told.earlier
        else words.say("track.first"),
    )
    return " · ".join(part for part in said if part)


def track_mark(words: Words, told: TrackRecord) -> str:
    """The same, short enough for a queue."""
    return words.say("track.short", n=told.earlier, useful=told.useful)


def title(words: Words, row: Row) -> str:
    if row.summary is None:
        return words.say("list.unopened")
    return " · ".join(
        (
            words.label("category", row.summary.category),
            words.label("province", row.summary.province),
        )
    )


def conversation(words: Words, reading: Reading, signers: Signers) -> tuple[Bubble, ...]:
    """Every part in the order of its number; the form is shown apart (`form_rows`)."""
    return tuple(_bubble(words, reading, part, signers) for part in in_order(reading.tip.parts))


def form_rows(words: Words, form: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """The choices that were made, each as a label and what was chosen, in the officer's language.

    What this release has no words for is shown as it is written.
    """
    answers = form.get("answers")
    told: Mapping[str, object] = answers if isinstance(answers, Mapping) else form
    rows = []
    if isinstance(form.get("kind"), str):
        rows.append((words.label("question", "kind"), words.label("kind", str(form["kind"]))))
    # A form's keys come in alphabetical order; an officer reads them as they were asked.
    order = [key.removeprefix("question.") for key in words.table if key.startswith("question.")]
    place = {key: number for number, key in enumerate(order)}
    for key, value in sorted(told.items(), key=lambda item: place.get(item[0], len(order))):
        if key not in ("schema", "kind"):
            rows.append((words.label("question", key), say_answer(words, key, value) or "–"))
    return tuple(rows)


def say_answer(words: Words, key: str, value: object) -> str:
    """One answer in words: a choice by its label, a day as people say it, parts by their count."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return words.say("answer.true" if value else "answer.false")
    if isinstance(value, str):
        return _say_choice(words, key, value)
    if isinstance(value, Mapping):
        return " · ".join(said for said in _say_parts(words, key, value) if said)
    if isinstance(value, Sequence):
        return ", ".join(say_answer(words, key, item) for item in value)
    return str(value)


def history(
    words: Words,
    changes: Sequence[Change],
    signers: Signers,
    centres: Mapping[str, TreeCentre] | None = None,
    written: Mapping[int, Outcome] | None = None,
) -> tuple[Event, ...]:
    """What happened to a tip, in order, with what was *written* of it (`results.outcomes`). A
    centre that *centres* lacks is shown by its id."""
    outcomes = written or {}
    return tuple(
        Event(
            change.version,
            change.day,
            _say_change(words, change, signers, centres or {})
            + _say_outcome(words, outcomes.get(change.version)),
        )
        for change in sorted(changes, key=lambda change: change.version)
    )


def result_name(words: Words, result: str) -> str:
    """A result by its name; by its id where this release has none."""
    known = shipped_results().get(result)
    return result if known is None else known.name(words.language)


def _say_outcome(words: Words, outcome: Outcome | None) -> str:
    if outcome is None:
        return ""
    body = shipped_bodies().get(outcome.body or "")
    to = outcome.body if body is None else body.name(words.language)
    said = (
        "" if outcome.result is None else result_name(words, outcome.result),
        "" if to is None else words.say("part.referred_out", body=to),
    )
    return "".join(f" · {each}" for each in said if each)


def openings(
    words: Words, opened: Sequence[Opening], signers: Signers
) -> tuple[tuple[str, str, str], ...]:
    """What was opened of a tip, in order: its id, the day, and a line that says what, by whom and
    whether it waits."""
    return tuple((each.opening_id, each.day, _say_opening(words, each, signers)) for each in opened)


def handovers(
    words: Words, given: Sequence[Handover], signers: Signers
) -> tuple[tuple[str, str, str], ...]:
    """What was handed over of a tip, in order: its id, the day, and a line that says to whom, in
    which form, by whom and whether it waits."""
    return tuple(
        (each.handover_id, each.day, _say_handover(words, each, signers)) for each in given
    )


def taken_out(words: Words, shown: TipDetail, signers: Signers) -> tuple[tuple[str, str, str], ...]:
    """What was opened and what was handed over of a tip, by day; as `openings`."""
    both = (*openings(words, shown.openings, signers), *handovers(words, shown.handovers, signers))
    return tuple(sorted(both, key=lambda each: each[1]))


def suggestion(words: Words, one: Suggestion) -> str:
    """A suggestion in one line: for whom, why, and what it rests on."""
    rule = one.rule
    said = words.say(
        "jurisdiction.one",
        body=rule.body.called(words.language),
        reason=rule.reason(words.language),
    )
    if one.phrase is not None:
        said += " " + words.say("jurisdiction.phrase", phrase=one.phrase)
    return said if rule.is_checked else f"{said} {words.say('jurisdiction.unchecked')}"


def centre_name(words: Words, centre: str, centres: Mapping[str, TreeCentre]) -> str:
    return centres[centre].name(words.language) if centre in centres else centre


def reader_name(words: Words, officer: str, signers: Signers) -> str:
    if officer in (RECOVERY, RECEIPT):
        return words.say(f"read.{officer}")
    return signers.name(officer)


def roster_warning(words: Words, roster: Roster, today: date) -> str | None:
    """A sentence when the roster is near its end or past it; work goes on meanwhile."""
    left = days_left(roster, today)
    if left < 0:
        return words.say("roster.expired", days=-left)
    return words.say("roster.near_expiry", days=left) if left <= NEAR_EXPIRY_DAYS else None


def size(n: int) -> str:
    """*n* bytes as people say it."""
    amount, unit = float(n), "B"
    for unit in ("B", "KB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"


# --- pieces


def _bubble(words: Words, reading: Reading, part: OpenedPart, signers: Signers) -> Bubble:
    inside, shown = part.part, part.shown
    author = str(inside.author) if inside else shown.author
    kind = str(inside.kind) if inside else shown.kind
    officer = inside.officer if inside else shown.officer
    verdict = reading.signed.get(part.seq)
    return Bubble(
        seq=part.seq,
        part_id=shown.part_id,
        who=_who(words, author, officer, signers),
        author=author,
        kind=kind,
        day=inside.day if inside else shown.day,
        label=_label(words, part),
        text=_text(words, reading, part),
        about=about_original(words, reading, part),
        file=part if inside is not None and inside.file is not None else None,
        signature=_say_verdict(words, verdict),
        is_trusted=part.state in (State.OPEN, State.UNSENT)
        and verdict in (None, "signed", "former")
        and not any(finding.seq == part.seq for finding in reading.alarms),
    )


def _who(words: Words, author: str, officer: str | None, signers: Signers) -> str:
    if author == Author.OFFICER:
        return words.say("part.officer", name=signers.name(officer))
    return words.say("part.reporter" if author == Author.REPORTER else "part.system")


def _label(words: Words, part: OpenedPart) -> str | None:
    inside = part.part
    if inside is None:
        return None
    if inside.kind is Kind.STATUS:
        return words.say("part.status_sentence")
    if inside.kind is Kind.NOTE:
        return _note_label(words, part)
    if inside.kind is Kind.FORM:
        return words.say("part.form")
    return words.label("question", inside.question) if inside.question else None


def _note_label(words: Words, part: OpenedPart) -> str:
    named = named_in(part)
    if named is None:
        return words.say("part.note")
    what, other = named
    said = words.say("link.says" if what == SAME else "link.says_not", tip=other[:8])
    return f"{words.say('part.note')} · {said}"


def _text(words: Words, reading: Reading, part: OpenedPart) -> str | None:
    inside = part.part
    if part.state is State.UNSENT:
        is_alarming = any(finding.seq == part.seq for finding in reading.alarms)
        return words.say("part.blanked" if is_alarming else "part.unsent")
    if inside is None:
        return words.say("part.unopened")
    if inside.kind is Kind.STOP:
        return words.say("part.stop")
    if inside.key is not None:
        return _say_key(words, reading, inside.key)
    if inside.kind is Kind.FORM and inside.form is not None:
        return "\n".join(f"{label}: {said}" for label, said in form_rows(words, inside.form))
    original = opened_original(reading.tip, part)
    return inside.words if original is None or original.words is None else original.words


def about_original(words: Words, reading: Reading, part: OpenedPart) -> str | None:
    """One sentence about what was found in a part, if anything was."""
    inside = part.part
    if inside is None:
        return None
    group = "words" if inside.file is None else "file"
    if not inside.found:
        is_odd = inside.file is not None and inside.file.details is Details.UNREMOVABLE
        return words.say("original.unremovable") if is_odd else None
    found = ", ".join(words.label("found", kind) for kind in inside.found)
    original = opened_original(reading.tip, part)
    if original is None:
        return words.say(f"original.{group}_out", found=found)
    answer = "kept" if original.is_answered else "unanswered"
    return words.say(f"original.{group}_{answer}", found=found)


def _say_key(words: Words, reading: Reading, key: OriginalKey) -> str:
    seq = next((part.seq for part in reading.tip.parts if part.shown.part_id == key.of), None)
    return words.say("original.key", seq="–" if seq is None else seq)


def _say_verdict(words: Words, verdict: str | None) -> str | None:
    if verdict is None:
        return None
    if verdict in ("signed", "former"):
        return words.say(f"part.{verdict}")
    return words.say("part.not_signed")


def _say_choice(words: Words, key: str, value: str) -> str:
    for group in (key, "answer", "province"):
        if words.has(f"{group}.{value}"):
            return words.say(f"{group}.{value}")
    return _say_days(words, value)


def _say_days(words: Words, value: str) -> str:
    """2026-08-03 or 2026-08-03/2026-08-05 as days; 2026-08, 2026 and anything else as written."""
    said = [say_day(piece, words.language) for piece in value.split("/")]
    return f" {words.say('answer.to')} ".join(said)


def _say_parts(words: Words, key: str, value: Mapping[str, object]) -> Iterator[str]:
    yield say_answer(words, key, value.get("value"))
    yield say_answer(words, key, value.get("ids"))
    counts = value.get("counts")
    if isinstance(counts, Mapping):
        yield ", ".join(f"{words.label('media', str(kind))} {n}" for kind, n in counts.items())
    if value.get("skipped"):
        yield words.say("answer.skipped")
    for name, other in value.items():
        if name not in ("value", "ids", "counts", "skipped"):
            yield f"{words.label('answer', name)}: {say_answer(words, key, other)}"


def _say_opening(words: Words, opening: Opening, signers: Signers) -> str:
    what = words.label("opening", opening.opens)
    said = words.say("opening.by", what=what, name=signers.name(opening.officer), seq=opening.seq)
    if opening.open_day is None:
        said += " · " + words.say("opening.waiting", id=opening.opening_id[:8])
    if opening.approved_by is not None:
        said += " · " + words.say("opening.seconded", name=signers.name(opening.approved_by))
    return said


def _say_handover(words: Words, given: Handover, signers: Signers) -> str:
    said = words.say(
        "handover.by",
        body=body_name(words, given.body, signers),
        form=words.label("handover", given.form),
        name=signers.name(given.officer),
        seq=given.seq,
        sha256=given.sha256[:16],
    )
    if given.open_day is None:
        said += " · " + words.say("handover.waiting", id=given.handover_id[:8])
    if given.approved_by is not None:
        said += " · " + words.say("handover.seconded", name=signers.name(given.approved_by))
    return said


def body_name(words: Words, body: str, signers: Signers) -> str:
    """A body by its name: as the roster has it, else as this release does; by its id where neither
    knows it."""
    known = signers.bodies.get(body) or shipped_bodies().get(body)
    if known is None:
        return body
    return known.th if words.language == "th" else known.en


def rests_on(words: Words, about: str, signers: Signers) -> str:
    """What an entry of the audit trail rests on: of an id its first letters, a body by its name."""
    name, _, value = about.partition(" ")
    if not value:
        return words.say("app.none")
    said = body_name(words, value, signers) if name == "body" else value[:8]
    return f"{words.label('audit_about', name)} {said}"


def _say_change(
    words: Words, change: Change, signers: Signers, centres: Mapping[str, TreeCentre]
) -> str:
    name = signers.name(change.officer)
    if change.kind == "status":
        status = words.label("status", change.status or "–")
        return words.say("part.status_changed", status=status) + f" · {name}"
    if change.kind == "claim":
        return words.say("part.claimed", name=name)
    if change.kind == "release":
        return words.say("part.released", name=name)
    if change.kind == "assign":
        return words.say("part.assigned", name=name, to=signers.name(change.to_officer))
    if change.kind == "move":
        left, came = (
            centre_name(words, centre or "–", centres)
            for centre in (change.from_centre, change.to_centre)
        )
        return words.say("part.moved", left=left, came=came) + f" · {name}"
    if change.kind == "extend":
        until = say_day(change.until_day or "–", words.language)
        return words.say("part.extended", day=until) + f" · {name}"
    if change.kind == "escalate":
        climbed = centre_name(words, change.to_centre or "–", centres)
        return words.say("part.climbed", centre=climbed)
    if change.kind == "rekey":
        return words.say("part.rekeyed", name=signers.name(change.to_officer)) + f" · {name}"
    if change.kind in ("hold", "unhold"):
        return words.say(f"part.{change.kind}") + f" · {name}"
    said = _REPORTERS.get(change.kind)
    return change.kind if said is None else words.say(said)
