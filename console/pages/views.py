"""What a page shows: the templates, and the few functions they may call.

Every text of a tip goes through `calm` or `line`; autoescape is always on. A template can reach
nothing but what is handed to it here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from console import days, present
from console.answers import Me, TreeCentre
from console.calm import SHOWN_AT_MOST, calm, calm_line
from console.endings import REOPENED, last_word
from console.errors import ConsoleError
from console.findings import Finding
from console.office import Listing, Reading, Wanted, facts_of
from console.office_rows import Row
from console.originals import opened_original
from console.pages.deeds import DEEDS, Draft, Place, Scene, offered
from console.pages.evidence import Looked, Sound
from console.previews import NotShown, Picture, Text
from console.reading import OpenedPart
from console.results import outcomes
from console.trust import Trust
from console.words import Words
from sealing import Kind, Media

TABS: Mapping[str, tuple[str, ...]] = {
    "all": (),
    "received": ("received",),
    "screening": ("screening",),
    "working": ("accepted", "referred", "in_progress"),
    "reopened": (REOPENED,),
    "ended": ("declined", "closed"),
}
_IMAGES = ("image/jpeg", "image/png", "image/webp")


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page knows: the language, the form's token, who is at work (nobody while
    locked).
    """

    words: Words
    form_token: str
    me: Me | None = None
    here: str = "/"


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


class Pages:
    """Renders pages."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("console", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            calm=lambda text: calm(text or ""), line=lambda text: calm_line(text or "")
        )

    def unlock(self, frame: Frame, *, error: ConsoleError | None, status: int) -> HTMLResponse:
        says = None if error is None else present.explain(frame.words, error)
        return self._page("unlock.html", frame, status, error=says)

    def message(
        self, frame: Frame, says: str, status: int, draft: Draft | None = None
    ) -> HTMLResponse:
        return self._page("message.html", frame, status, says=says, draft=draft or Draft())

    def queue(
        self, frame: Frame, listing: Listing, trust: Trust, wanted: Wanted, tab: str, after: str
    ) -> HTMLResponse:
        words = frame.words
        return self._page(
            "queue.html",
            frame,
            rows=[self._row(words, row) for row in listing.rows],
            listing=listing,
            wanted=wanted,
            tab=tab,
            tabs=[(name, self._link(wanted, name)) for name in TABS],
            next=self._link(wanted, tab, listing.next) if listing.next else None,
            first=self._link(wanted, tab) if after else None,
            provinces=_choices(words, "province"),
            categories=_choices(words, "category"),
            warning=present.roster_warning(words, trust.roster, days.today()),
        )

    def tip(
        self,
        frame: Frame,
        reading: Reading,
        trust: Trust,
        centres: Mapping[str, TreeCentre],
        *,
        own: str,
        home: Path | None = None,
        done: str = "",
        error: ConsoleError | None = None,
        draft: Draft | None = None,
        full: bool = False,
        status: int = 200,
    ) -> HTMLResponse:
        words, shown = frame.words, reading.tip.shown
        signers = trust.signers
        bubbles = present.conversation(words, reading, signers)
        summary = reading.tip.grant.summary
        scene = Scene(words, reading, trust, centres, own, error, home)
        return self._page(
            "tip.html",
            frame,
            status,
            tip=shown,
            summary=summary,
            is_application=scene.is_application,
            reading=reading,
            track=None if reading.track is None else present.track(words, reading.track),
            forms=[rows for part in reading.tip.parts if (rows := _form(words, part))],
            bubbles=[b for b in bubbles if b.kind != Kind.FORM or not b.is_trusted],
            evidence=[_evidence(words, reading, part) for part in reading.tip.files()],
            history=present.history(words, shown.changes, signers, centres, outcomes(reading.tip)),
            centre=present.centre_name(words, shown.centre, centres),
            readers=[
                (present.reader_name(words, grant.officer, signers), grant.released)
                for grant in shown.grants
            ],
            suggestions=[present.suggestion(words, one) for one in reading.suggestions],
            own=own,
            last_word=present.last_word(words, last_word(shown.changes)),
            holder=signers.name(shown.claimed_by),
            clock=present.clock(words, reading.left, reading.warn_days),
            clock_tone=present.clock_tone(reading.left, reading.warn_days),
            offered={place.value: offered(scene, place) for place in Place},
            done=DEEDS[done].done if done in DEEDS else "",
            error=None if error is None else self._explain_act(words, error),
            draft=draft or Draft(),
            at_most=None if full else SHOWN_AT_MOST,
        )

    def file(
        self, frame: Frame, reading: Reading, part: OpenedPart, looked: Looked
    ) -> HTMLResponse:
        """One file of a tip: what is known of it, and what there is to see."""
        words, facts, seen = frame.words, facts_of(part), looked.seen
        return self._page(
            "file.html",
            frame,
            tip_id=reading.tip.tip_id,
            seq=part.seq,
            called=facts.name,
            media=words.label("media", facts.media),
            mime=facts.mime,
            kind=looked.kind.name,
            size=present.size(facts.size),
            sha256=facts.sha256,
            about=present.about_original(words, reading, part),
            picture=seen if isinstance(seen, Picture) else None,
            sound=isinstance(seen, Sound),
            text=seen if isinstance(seen, Text) else None,
            reason=seen.reason if isinstance(seen, NotShown) else "",
        )

    def _page(self, name: str, frame: Frame, status: int = 200, **shown: object) -> HTMLResponse:
        words = frame.words

        def day(iso: str) -> str:
            return days.say_day(iso, words.language)

        def finding(one: Finding) -> str:
            return present.say_finding(words, one)

        html = self._templates.get_template(name).render(
            frame=frame,
            say=words.say,
            label=words.label,
            lang=words.language,
            day=day,
            finding=finding,
            **shown,
        )
        return HTMLResponse(html, status)

    def _row(self, words: Words, row: Row) -> Mapping[str, object]:
        return {
            "row": row,
            "title": present.title(words, row),
            "marks": present.marks(words, row),
            "clock": present.clock(words, row.left, row.warn_days),
            "clock_tone": present.clock_tone(row.left, row.warn_days),
            "problem": None if row.problem is None else present.explain(words, row.problem),
        }

    def _explain_act(self, words: Words, error: ConsoleError) -> str:
        key = f"{error.key}_page" if words.has(f"{error.key}_page") else error.key
        return words.say(key, **error.params)

    def _link(self, wanted: Wanted, tab: str, after: str | None = None) -> str:
        query = {
            "tab": "" if tab == "all" else tab,
            "urgent": "1" if wanted.is_urgent else "",
            "verified": "1" if wanted.is_verified else "",
            "mine": "1" if wanted.is_mine else "",
            "unclaimed": "1" if wanted.is_unclaimed else "",
            "priority": "1" if wanted.is_by_priority else "",
            "province": wanted.province or "",
            "category": wanted.category or "",
            "applications": "1" if wanted.is_application else "",
            "after": after or "",
        }
        kept = urlencode({name: value for name, value in query.items() if value})
        return f"/?{kept}" if kept else "/"


def _choices(words: Words, group: str) -> list[tuple[str, str]]:
    prefix = group + "."
    return [
        (key.removeprefix(prefix), text)
        for key, text in words.table.items()
        if key.startswith(prefix)
    ]


def _form(words: Words, part: OpenedPart) -> tuple[tuple[str, str], ...] | None:
    inside = part.part
    if inside is None or inside.kind is not Kind.FORM or inside.form is None:
        return None
    return present.form_rows(words, inside.form)


def _evidence(words: Words, reading: Reading, part: OpenedPart) -> Evidence:
    facts = facts_of(part)
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
    )
