"""A file of a tip: its likeness, its page, and taking it out."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from console.errors import ConsoleError, Mistaken
from console.office import Office, Reading, facts_of
from console.originals import opened_original
from console.pages.evidence import part_with_file, saved, served
from console.pages.views import Frame
from console.pages.window import (
    Form,
    Window,
    form_of,
    frame_of,
    here_of,
    let_in,
    number_of,
    office_of,
    status_of,
)
from console.previews.looked import Looked
from console.reading import OpenedPart


def add_files(app: FastAPI, window: Window) -> None:
    @app.get("/tips/{tip_id}/files/{seq}")
    async def file(request: Request, tip_id: str, seq: int, page: str = "") -> Response:
        office = let_in(window, request)
        reading, part = await _part_with_file(office, tip_id, seq)
        looked = await _look_at(window, office, reading, part, page)
        return served(looked, request.headers.get("range"))

    @app.get("/tips/{tip_id}/files/{seq}/look")
    async def look(request: Request, tip_id: str, seq: int, page: str = "") -> Response:
        office = let_in(window, request)
        reading, part = await _part_with_file(office, tip_id, seq)
        looked = await _look_at(window, office, reading, part, page)
        frame = await frame_of(window, office, here_of(request))
        return window.pages.file(frame, reading, part, looked)

    @app.post("/tips/{tip_id}/files/{seq}/save")
    async def save(request: Request, tip_id: str, seq: int) -> Response:
        form = await form_of(window, request)
        office = office_of(window)
        reading, part = await _part_with_file(office, tip_id, seq)
        try:
            return await saved(window.room.previews, office, reading, part, form, window.words)
        except ConsoleError as error:
            frame = await frame_of(window, office, f"/tips/{reading.tip.tip_id}/files/{seq}/look")
            return await _not_saved(window, office, (reading, part), frame, error, form)

    @app.get("/tips/{tip_id}/files/{seq}/original")
    async def original(request: Request, tip_id: str, seq: int, page: str = "") -> Response:
        office = let_in(window, request)
        reading, part = await _part_with_file(office, tip_id, seq)
        sent = opened_original(reading.tip, part)
        if sent is None or sent.file is None:
            raise Mistaken("file.missing")
        previews, tip_id = window.room.previews, reading.tip.tip_id
        number = number_of(page) or 1
        looked = await previews.look(office, tip_id, sent.file, sent.identity, number)
        return served(looked, request.headers.get("range"))


async def _part_with_file(office: Office, tip_id: str, seq: int) -> tuple[Reading, OpenedPart]:
    reading = await office.read(await office.tip_id(tip_id))
    return reading, part_with_file(reading, seq)


async def _look_at(
    window: Window, office: Office, reading: Reading, part: OpenedPart, page: str = ""
) -> Looked:
    identity = reading.tip.identity(part.shown.sealed_to)
    previews, facts = window.room.previews, facts_of(part)
    number = number_of(page) or 1
    return await previews.look(office, reading.tip.tip_id, facts, identity, number)


async def _not_saved(
    window: Window,
    office: Office,
    of: tuple[Reading, OpenedPart],
    frame: Frame,
    error: ConsoleError,
    form: Form,
) -> Response:
    """The file's page again, with what went wrong and the reason as it was typed."""
    looked = await _look_at(window, office, *of)
    typed = form.get("reason", "")
    status = status_of(error)
    return window.pages.file(frame, *of, looked, typed=typed, error=error, status=status)
