"""What the page of one tip shows, made of what was read: values for the template. Pure.

The page stays bounded whatever a tip holds: so many parts, so many letters, so many rows of each
list; what is left out is counted and can be asked for.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path

from console import days, present
from console.answers import Change, TreeCentre
from console.calm import SHOWN_AT_MOST
from console.endings import last_word
from console.errors import ConsoleError
from console.gaps import gaps
from console.linking import Linked
from console.office import Reading, facts_of
from console.opened import open_now
from console.originals import opened_original
from console.pages.deeds import DEEDS, Draft, Place, Scene, offered
from console.present import Bubble, Event
from console.reading import OpenedPart
from console.results import outcomes
from console.trust import Trust
from console.words import Words
from sealing import Kind, Media, Opens

PARTS_SHOWN = 200
LETTERS_SHOWN = 400_000
ROWS_SHOWN = 100
ANSWER_SHOWN = 2_000
CENTRES_SHOWN = 3
_SHORTEST = 500
_IMAGES = ("image/jpeg", "image/png", "image/webp", "image/gif")


@dataclass(frozen=True, slots=True)
class Look:
    """How one tip is looked at, from the officer's folder *home*. *looked_to*: what the officer had
    read before; *full*: the number of the one part that is shown however long it is; *upto*: the
    newest part shown; *failed*: the deed that met *error*; *page*: the number of the page that is
    drawn (`pages/once.py`).
    """

    own: str
    home: Path | None = None
    looked_to: int | None = None
    done: str = ""
    failed: str = ""
    error: ConsoleError | None = None
    draft: Draft = field(default_factory=Draft)
    full: int | None = None
    upto: int | None = None
    linked: tuple[Linked, ...] = ()
    page: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing of the conversation: a part, or a change of the tip. *day*: set where a new day
    begins. *cut*: how many letters are shown, None for all.
    """

    bubble: Bubble | None = None
    event: Event | None = None
    day: str = ""
    is_new: bool = False
    is_first_new: bool = False
    cut: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file in the list, and how it can be shown here: "image", "sound" or not at all."""

    part: OpenedPart
    name: str
    media: str
    size: str
    sha256: str
    shown: str
    about: str | None
    has_original: bool
    is_opened: bool
    is_new: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Who holds a grant: *roles* and *centres* as the roster in force has them."""

    name: str
    roles: str
    centres: str
    is_released: bool
    is_holder: bool


def shown_of(
    words: Words,
    reading: Reading,
    trust: Trust,
    centres: Mapping[str, TreeCentre],
    look: Look,
) -> dict[str, object]:
    """Everything that the template is given."""
    shown, summary = reading.tip.shown, reading.tip.grant.summary
    scene = Scene(words, reading, trust, centres, look.own, look.error, look.home)
    forms = [rows for part in reading.tip.parts if (rows := _form(words, part))]
    files = reading.tip.files()
    history = present.history(words, shown.changes, trust.signers, centres, outcomes(reading.tip))
    bubbles = present.conversation(words, reading, trust.signers)
    talk = [b for b in bubbles if b.kind != Kind.FORM or not b.is_trusted]
    here = [b for b in talk if look.upto is None or b.seq <= look.upto]
    window = here[-PARTS_SHOWN:]
    new = reading.new_since(look.looked_to, look.own)
    newest = max((part.seq for part in reading.tip.parts), default=0)
    places = {place.value: offered(scene, place) for place in Place}
    return {
        "tip": shown,
        "summary": summary,
        "is_application": scene.is_application,
        "reading": reading,
        "alarms": reading.alarms[:ROWS_SHOWN],
        "track": None if reading.track is None else present.track(words, reading.track),
        "forms": forms[:ROWS_SHOWN],
        "answer_shown": ANSWER_SHOWN,
        "pieces": list(_pieces(window, shown.changes, history, look, new)),
        "earlier": window[0].seq - 1 if len(here) > len(window) else None,
        "is_window": look.upto is not None,
        "new_count": len(new),
        "newest": newest,
        "page": look.page,
        "evidence": [_evidence(words, reading, part, look.own, new) for part in files[:ROWS_SHOWN]],
        "files_left": max(len(files) - ROWS_SHOWN, 0),
        "history": history[-ROWS_SHOWN:],
        "openings": present.openings(words, shown.openings, trust.signers)[-ROWS_SHOWN:],
        "handovers": present.handovers(words, shown.handovers, trust.signers)[-ROWS_SHOWN:],
        "centre": present.centre_name(words, shown.centre, centres),
        "readers": list(_readers(words, reading, trust, centres))[:ROWS_SHOWN],
        "suggestions": [present.suggestion(words, one) for one in reading.suggestions],
        "gaps": gaps(reading.tip.parts),
        "linked": [
            (each, None if each.row is None else present.title(words, each.row))
            for each in look.linked[:ROWS_SHOWN]
        ],
        "own": look.own,
        "last_word": present.last_word(words, last_word(shown.changes)),
        "holder": trust.signers.name(shown.claimed_by),
        "clock": present.clock(words, reading.left, reading.warn_days),
        "fate": present.fate(words, shown),
        "clock_tone": present.clock_tone(reading.left, reading.warn_days),
        "offered": places,
        "is_noting": _is_noting(look, [name for name, _ in places[Place.WRITE]]),
        "is_asking": look.done == "ask",
        "has_drafts": bool(look.draft.texts),
        "done": DEEDS[look.done].done if look.done in DEEDS else "",
        "done_at": str(DEEDS[look.done].place) if look.done in DEEDS else "",
        "error": None if look.error is None else present.explain_on_page(words, look.error),
        "error_tone": present.tone_of(look.error),
        "failed": look.failed,
        "error_at": _error_at(look.failed, places),
        "draft": look.draft,
    }


_BARE = ("claim", "release")
"""Deeds that are a button only, without a form to say beside what went wrong."""


def _error_at(failed: str, places: Mapping[str, Sequence[tuple[str, object]]]) -> str:
    """The place that says what the deed *failed* met; "" where its own form does."""
    if failed not in DEEDS:
        return ""
    place = DEEDS[failed].place
    is_offered = failed in [name for name, _ in places[place]]
    has_form = place is not Place.WRITE and failed not in _BARE
    return "" if is_offered and has_form else str(place)


def _pieces(
    bubbles: Sequence[Bubble],
    changes: Sequence[Change],
    events: Sequence[Event],
    look: Look,
    new: Set[int],
) -> Iterator[Piece]:
    """Parts in their order, each change behind the sentence that goes with it, or else before the
    next such sentence or where its day ends."""
    cut = max(_SHORTEST, min(SHOWN_AT_MOST, LETTERS_SHOWN // max(len(bubbles), 1)))
    ordered = sorted(changes, key=lambda change: change.version)
    by_part = {c.part_id: (c, e) for c, e in zip(ordered, events, strict=True) if c.part_id}
    shown_ids = {bubble.part_id for bubble in bubbles}
    loose = [
        (change.version, event)
        for change, event in zip(ordered, events, strict=True)
        if change.part_id not in shown_ids
    ][-ROWS_SHOWN:]
    day, is_first = "", True
    for bubble in bubbles:
        said_with = by_part.get(bubble.part_id)
        before = 0 if said_with is None else said_with[0].version
        while loose and (loose[0][1].day < bubble.day or loose[0][0] < before):
            _, event = loose.pop(0)
            yield Piece(event=event, day=event.day if event.day != day else "")
            day = event.day
        is_new = bubble.seq in new
        yield Piece(
            bubble=bubble,
            day=bubble.day if bubble.day != day else "",
            is_new=is_new,
            is_first_new=is_new and is_first,
            cut=None if bubble.seq == look.full else cut,
        )
        day, is_first = bubble.day, is_first and not is_new
        if said_with is not None:
            yield Piece(event=said_with[1])
    for _, event in loose if look.upto is None else ():
        yield Piece(event=event, day=event.day if event.day != day else "")
        day = event.day


def _is_noting(look: Look, written: Sequence[str]) -> bool:
    """Whether the note is what the officer is writing, of the two that share the composer."""
    if "reply" not in written or look.failed == "note":
        return True
    kept = look.draft
    return look.failed != "reply" and bool(kept.kept("note")) and not kept.kept("reply")


def _readers(
    words: Words, reading: Reading, trust: Trust, centres: Mapping[str, TreeCentre]
) -> Iterator[Reader]:
    holder = reading.tip.shown.claimed_by
    for grant in reading.tip.shown.grants:
        officer = trust.roster.officer(grant.officer)
        roles, places = ((), ()) if officer is None else (officer.roles, officer.centres)
        yield Reader(
            name=present.reader_name(words, grant.officer, trust.signers),
            roles=", ".join(words.label("role", role) for role in roles),
            centres=_centres(words, places, centres),
            is_released=grant.released,
            is_holder=grant.officer == holder,
        )


def _centres(words: Words, ids: Sequence[str], centres: Mapping[str, TreeCentre]) -> str:
    """Their names; of many, how many more there are."""
    named = ", ".join(present.centre_name(words, each, centres) for each in ids[:CENTRES_SHOWN])
    left = len(ids) - CENTRES_SHOWN
    return named if left <= 0 else words.say("page.and_centres", names=named, n=left)


def _form(words: Words, part: OpenedPart) -> tuple[tuple[str, str], ...] | None:
    inside = part.part
    if inside is None or inside.kind is not Kind.FORM or inside.form is None:
        return None
    return present.form_rows(words, inside.form)[:ROWS_SHOWN]


def _evidence(
    words: Words, reading: Reading, part: OpenedPart, own: str, new: Set[int]
) -> Evidence:
    facts = facts_of(part)
    opened = open_now(
        reading.tip.shown.openings, own, Opens.ORIGINAL, part.shown.part_id, days.today()
    )
    is_image = facts.media == Media.PHOTO or facts.mime in _IMAGES
    is_sound = facts.media == Media.VOICE or facts.mime.startswith("audio/")
    return Evidence(
        part=part,
        name=facts.name or "",
        media=words.label("media", facts.media),
        size=present.size(facts.size),
        sha256=facts.sha256,
        shown="image" if is_image else "sound" if is_sound else "",
        about=present.about_original(words, reading, part),
        has_original=opened_original(reading.tip, part) is not None,
        is_opened=opened is not None,
        is_new=part.seq in new,
    )
