"""What another body may have of a tip: the exact words that would leave, and letting them.

The page shows what the console would write, and nothing else. Blacking out works without script: a
list of phrases, one a line. What is written lies in the officer's own folder, never in the
browser's. Handing over all of a tip is for the command line.
"""

from pathlib import Path

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from console import present
from console.acting import new_id
from console.errors import ConsoleError, Mistaken
from console.export_folder import make_new_folder, own_folder
from console.handing_over import HandedOver, Order, hand_over, preview, say_leaks
from console.handoff.choices import Choices, Form, read_phrases
from console.handoff.evidence import evidence_parts
from console.handoff.packing import Packed
from console.handoff.recipients import recipients
from console.handoff.sheet import conversation
from console.office import Office, facts_of
from console.pages.deeds import Draft, Kept
from console.pages.window import Form as Fields
from console.pages.window import Window, form_of, frame_of, let_in, status_of
from sealing import Media

FOLDER = "hand-offs"
DEED = "handoff"
ROWS_SHOWN = 40
EXCERPT_LETTERS = 120
_KEPT = ("phrases", "to", "reason")
_MANY = ("talk", "send", "usual")
"""Lists of parts in the form: messages, files that are ticked, and files that go unless their tick
is taken away."""
_TICKABLE = (Media.VOICE, Media.DOCUMENT)


def add_handoff(app: FastAPI, window: Window) -> None:
    @app.get("/tips/{tip_id}/handoff")
    async def look(request: Request, tip_id: str, shown: str = "") -> Response:
        office = let_in(window, request)
        full_id = await office.tip_id(tip_id)
        kept = window.room.drafts.of(full_id).kept(DEED)
        return await _page(window, office, full_id, kept, is_asked=bool(shown))

    @app.post("/tips/{tip_id}/handoff")
    async def act(request: Request, tip_id: str) -> Response:
        form = await form_of(window, request)
        kept, drafts, office = _worth_keeping(form), window.room.drafts, window.room.office
        if office is None:
            return window.unlock_again(f"/tips/{tip_id}/handoff", tip_id, Draft({DEED: kept}))
        full_id = await office.tip_id(tip_id)
        drafts.keep(full_id, {DEED: kept})
        if form.get("do") != "send":
            return RedirectResponse(f"/tips/{full_id}/handoff?shown=1", 303)
        try:
            done = await _send(window, office, full_id, form)
        except ConsoleError as error:
            return await _page(window, office, full_id, Kept(kept), error=error)
        drafts.drop(full_id, DEED)
        return await _page(window, office, full_id, Kept(), done=done)


async def _send(window: Window, office: Office, tip_id: str, form: Fields) -> HandedOver:
    """Hand the redacted form over. Raises ConsoleError: nothing was written."""
    if form.get("read") != "yes":
        raise Mistaken("handover.unread_page")
    if not form.get("to"):
        raise Mistaken("page.nothing_chosen")
    order = Order(
        form["to"],
        Form.REDACTED,
        _choices(form),
        form.get("reason", ""),
        form.get("number", ""),
    )
    target = own_folder(office.home, FOLDER) / f"HANDOFF-{new_id()[:8]}"
    despite = form.get("despite") == "yes"
    make_new_folder(target)
    try:
        return await hand_over(office, tip_id, order, target, window.words, despite=despite)
    finally:
        _drop_if_empty(target)


async def _page(
    window: Window,
    office: Office,
    tip_id: str,
    kept: Kept,
    *,
    is_asked: bool = False,
    error: ConsoleError | None = None,
    done: HandedOver | None = None,
) -> Response:
    """*is_asked*: somebody pressed for the preview, so they look at it first."""
    words = window.words
    reading = await office.read(tip_id)
    packed: Packed | None = None
    try:
        packed = await preview(office, tip_id, _choices(kept), words, despite=True)
    except Mistaken as problem:
        error = error or problem
    trust = await office.trust()
    talk = conversation(words, reading.tip)
    files = [(part.seq, facts_of(part)) for part in evidence_parts(reading)]
    return window.pages.show(
        "handoff.html",
        await frame_of(window, office, f"/tips/{tip_id}/handoff"),
        200 if error is None else status_of(error),
        tip_id=tip_id,
        packed=packed,
        leaks=say_leaks(words, packed.leaks) if packed is not None else "",
        talk=talk[-ROWS_SHOWN:],
        files=[
            (seq, words.label("media", facts.media), facts.name or "", facts.media in _TICKABLE)
            for seq, facts in files[:ROWS_SHOWN]
        ],
        has_ticked_only=any(facts.media in _TICKABLE for _, facts in files[:ROWS_SHOWN]),
        bodies=[
            (each.id, each.name(words.language), each.key is not None)
            for each in recipients(trust.roster)
        ],
        kept=kept,
        excerpt=EXCERPT_LETTERS,
        is_asked=is_asked,
        chosen=_chosen(kept),
        alarms=reading.alarms,
        error=None if error is None else present.explain_on_page(words, error),
        error_tone=present.tone_of(error),
        done=done,
    )


def _choices(form: Fields) -> Choices:
    """Raises Mistaken for phrases that cannot be blacked out."""
    return Choices(read_phrases(form.get("phrases", "")), **_chosen(form))


def _chosen(form: Fields) -> dict[str, frozenset[int]]:
    """Which parts were chosen, as `Choices` has them."""
    talk, send, usual = (_numbers(form, name) for name in _MANY)
    return {"talk": talk, "ticked": send - usual, "without": usual - send}


def _numbers(form: Fields, name: str) -> frozenset[int]:
    """The parts that were ticked in the list *name*."""
    prefix = f"{name}."
    told = (each.removeprefix(prefix) for each in form if each.startswith(prefix))
    return frozenset(int(n) for n in told if n.isascii() and n.isdigit() and len(n) < 10)


def _worth_keeping(form: Fields) -> Fields:
    prefixes = tuple(f"{name}." for name in _MANY)
    return {name: said for name, said in form.items() if name in _KEPT or name.startswith(prefixes)}


def _drop_if_empty(folder: Path) -> None:
    if not any(folder.iterdir()):
        folder.rmdir()
