"""A tip's page, and the deeds done from it."""

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from console import present
from console.errors import ConsoleError, Mistaken
from console.linking import linked
from console.office import Office
from console.pages.deeds import DEEDS, Draft, template_words
from console.pages.drafts import as_sent, asked_of, typed_into
from console.pages.once import new_page
from console.pages.tip_view import Look
from console.pages.window import (
    Form,
    Window,
    form_of,
    frame_of,
    let_in,
    number_of,
    office_of,
    status_of,
)


def add_tip(app: FastAPI, window: Window) -> None:
    @app.get("/tips/{tip_id}")
    async def tip(
        request: Request, tip_id: str, done: str = "", full: str = "", upto: str = ""
    ) -> Response:
        office = let_in(window, request)
        return await _tip_page(
            window,
            office,
            await office.tip_id(tip_id),
            is_new_look=not (done or full or upto),
            done=done,
            full=number_of(full),
            upto=number_of(upto),
        )


def add_deeds(app: FastAPI, window: Window) -> None:
    @app.post("/tips/{tip_id}/ask")
    async def ask(request: Request, tip_id: str) -> Response:
        """Put a question about what is missing into the reply; what was typed stays before it."""
        form = await form_of(window, request)
        key = f"ask.{form.get('ask', '')}"

        async def question(_: Office, __: str) -> str:
            return window.words.say(key) if window.words.has(key) else ""

        return await _put_in_reply(window, tip_id, form, question)

    @app.post("/tips/{tip_id}/template")
    async def template(request: Request, tip_id: str) -> Response:
        """The same with prepared words."""
        form = await form_of(window, request)

        async def prepared(office: Office, full_id: str) -> str:
            return await template_words(office, full_id, form.get("template", ""))

        return await _put_in_reply(window, tip_id, form, prepared)

    @app.post("/tips/{tip_id}/keep")
    async def keep(request: Request, tip_id: str) -> Response:
        """Do nothing but keep what was typed."""
        form = await form_of(window, request)
        typed, office = typed_into("keep", form), window.room.office
        if office is None:
            return window.unlock_again(f"/tips/{tip_id}", tip_id, Draft(typed))
        full_id = await office.tip_id(tip_id)
        window.room.drafts.keep(full_id, typed)
        return RedirectResponse(f"/tips/{full_id}?done=keep", 303)

    @app.post("/tips/{tip_id}/forget")
    async def forget(request: Request, tip_id: str) -> Response:
        await form_of(window, request)
        full_id = await office_of(window).tip_id(tip_id)
        window.room.drafts.forget(full_id)
        return RedirectResponse(f"/tips/{full_id}?done=forget#composer", 303)

    @app.post("/tips/{tip_id}/{deed}")
    async def act(request: Request, tip_id: str, deed: str) -> Response:
        form = await form_of(window, request)
        if deed not in DEEDS:
            raise HTTPException(404)
        typed, drafts = typed_into(deed, form), window.room.drafts
        office = window.room.office
        if office is None:
            return window.unlock_again(f"/tips/{tip_id}", tip_id, Draft(typed))
        try:
            full_id = await office.tip_id(tip_id)
            drafts.keep(full_id, typed)
            await window.sent.do(
                form.get("page", ""),
                f"{full_id}/{deed}",
                asked_of(deed, form),
                lambda: _do(window, office, full_id, deed, form),
            )
        except ConsoleError as error:
            return await _refused(window, office, tip_id, deed, error, Draft(typed))
        drafts.drop(full_id, deed)
        return RedirectResponse(f"/tips/{full_id}?done={deed}", 303)


async def _do(window: Window, office: Office, tip_id: str, deed: str, form: Form) -> None:
    await _check_read(office, tip_id, deed, form)
    await DEEDS[deed].work(office, tip_id, as_sent(deed, form), window.words)


async def _tip_page(
    window: Window,
    office: Office,
    tip_id: str,
    *,
    is_new_look: bool = False,
    done: str = "",
    failed: str = "",
    error: ConsoleError | None = None,
    full: int | None = None,
    upto: int | None = None,
) -> Response:
    looked_to = window.looked_to(office, tip_id, is_new_look=is_new_look)
    reading = await office.read(tip_id)
    if window.room.shelf is not None:
        window.room.shelf.note(reading)
    look = Look(
        own=office.keys.id,
        home=office.home,
        looked_to=looked_to,
        done=done,
        failed=failed,
        error=error,
        draft=window.room.drafts.of(tip_id),
        full=full,
        upto=upto,
        linked=await linked(office, reading),
        page=new_page(),
    )
    page = window.pages.tip(
        await frame_of(window, office, f"/tips/{tip_id}"),
        reading,
        await office.trust(),
        await office.centres(),
        look,
        200 if error is None else status_of(error),
    )
    newest = office.remember_looked(reading)
    if looked_to is None:
        window.looks_from(tip_id, newest)
    return page


async def _put_in_reply(
    window: Window, tip_id: str, form: Form, more: Callable[[Office, str], Awaitable[str]]
) -> Response:
    """The composer with *more* words behind those that were typed into the reply."""
    drafts, typed = window.room.drafts, typed_into("reply", form)
    drafts.keep(tip_id, typed)
    office = office_of(window)
    try:
        full_id = await office.tip_id(tip_id)
        words = await more(office, full_id)
    except ConsoleError as error:
        return await _refused(window, office, tip_id, "reply", error, Draft(typed))
    before = drafts.of(full_id).kept("reply")["words"].rstrip()
    drafts.keep(full_id, {"reply": {"words": "\n\n".join(filter(None, (before, words)))}})
    return RedirectResponse(f"/tips/{full_id}?done=ask#composer", 303)


async def _check_read(office: Office, tip_id: str, deed: str, form: Form) -> None:
    """Nobody answers past what came in while they wrote. Raises Mistaken: the page shows it now."""
    seen_to = number_of(form.get("seen_to", ""))
    if deed != "reply" or seen_to is None:
        return
    reading = await office.read(tip_id)
    unseen = (part.part for part in reading.tip.parts if part.seq > seen_to)
    if any(inside is not None and inside.officer != office.keys.id for inside in unseen):
        raise Mistaken("act.newer")


async def _refused(
    window: Window, office: Office, tip_id: str, deed: str, error: ConsoleError, draft: Draft
) -> Response:
    """The tip again with what went wrong and what had been typed; where even that fails, the
    two alone.
    """
    try:
        full_id = await office.tip_id(tip_id)
        return await _tip_page(window, office, full_id, failed=deed, error=error)
    except ConsoleError:
        says = present.explain_on_page(window.words, error)
        return window.pages.message(window.frame(), says, status_of(error), draft)
