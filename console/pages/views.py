"""What a page shows: the templates, and the few functions they may call.

Every text of a tip goes through `calm` or `line`; autoescape is always on. A template can reach
nothing but what is handed to it here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from console import days, present
from console.answers import Me, TreeCentre
from console.calm import calm, calm_line
from console.endings import REOPENED
from console.errors import ConsoleError
from console.files import saved_as
from console.findings import Finding
from console.office import Reading, facts_of
from console.pages.deeds import Draft
from console.pages.sections import Section
from console.pages.tip_view import Look, shown_of
from console.previews.drawing import Picture, Text
from console.previews.looked import Looked
from console.reading import OpenedPart
from console.trust import Trust
from console.words import Words

TABS: Mapping[str, tuple[str, ...]] = {
    "all": (),
    "received": ("received",),
    "screening": ("screening",),
    "working": ("accepted", "referred", "in_progress"),
    "reopened": (REOPENED,),
    "ended": ("declined", "closed"),
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What every page knows: the language, the form's token, who is at work (nobody while
    locked).
    """

    words: Words
    form_token: str
    me: Me | None = None
    here: str = "/"
    colours: str = "auto"
    sections: tuple[Section, ...] = ()


class Pages:
    """Renders pages."""

    def __init__(self) -> None:
        self._templates = Environment(
            loader=PackageLoader("console", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,  # an upgrade beneath an open console must not mix two versions
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(
            calm=lambda text: calm(text or ""),
            line=lambda text: calm_line(text or ""),
            spaced=lambda text: re.sub(r"\s+", " ", calm(text)),
        )

    def unlock(
        self, frame: Frame, *, error: ConsoleError | None, status: int, draft: Draft | None = None
    ) -> HTMLResponse:
        """*draft*: what was typed when the desk was found locked; it comes back with the keys."""
        says = None if error is None else present.explain(frame.words, error)
        return self.show("unlock.html", frame, status, error=says, draft=draft or Draft())

    def message(
        self, frame: Frame, says: str, status: int, draft: Draft | None = None, again: str = ""
    ) -> HTMLResponse:
        """*again*: the address of the page that may come, when it is asked for once more."""
        told = {"says": says, "draft": draft or Draft(), "again": again}
        return self.show("message.html", frame, status, **told)

    def tip(
        self,
        frame: Frame,
        reading: Reading,
        trust: Trust,
        centres: Mapping[str, TreeCentre],
        look: Look,
        status: int = 200,
    ) -> HTMLResponse:
        shown = shown_of(frame.words, reading, trust, centres, look)
        return self.show("tip.html", frame, status, **shown)

    def file(
        self,
        frame: Frame,
        reading: Reading,
        part: OpenedPart,
        looked: Looked,
        *,
        typed: str = "",
        error: ConsoleError | None = None,
        status: int = 200,
    ) -> HTMLResponse:
        """One file of a tip: what is known of it, what there is to see, and taking it out."""
        words, facts = frame.words, facts_of(part)
        return self.show(
            "file.html",
            frame,
            status,
            tip_id=reading.tip.tip_id,
            seq=part.seq,
            called=facts.name,
            media=words.label("media", facts.media),
            mime=facts.mime,
            looked=looked,
            size=present.size(facts.size),
            sha256=facts.sha256,
            about=present.about_original(words, reading, part),
            picture=looked.picture if isinstance(looked.picture, Picture) else None,
            text=looked.text if isinstance(looked.text, Text) else None,
            saved_as=saved_as(facts.name, str(facts.media), looked.hazards),
            typed=typed,
            error=None if error is None else present.explain_on_page(words, error),
            error_tone=present.tone_of(error),
        )

    def show(self, name: str, frame: Frame, status: int = 200, **shown: object) -> HTMLResponse:
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


def choices(words: Words, group: str) -> list[tuple[str, str]]:
    prefix = group + "."
    return [
        (key.removeprefix(prefix), text)
        for key, text in words.table.items()
        if key.startswith(prefix)
    ]
