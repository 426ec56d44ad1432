"""A registrar's members: the book of this machine, who is about to run out, and what can be done
without showing a code: pause, resume, revoke. Codes are made at the terminal, with cards.

The name that is searched for never stands in an address.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from console import present
from console.errors import ConsoleError, Mistaken
from console.folding import fold
from console.members.book import Book, Member, Standing
from console.members.keeping import holding
from console.members.registrar import Registrar
from console.office import Office
from console.pages.window import Window, form_of, frame_of, here_of, let_in, status_of
from sealing import Role

SOON_DAYS = 60
SHOWN_AT_MOST = 300
NAME_AT_MOST = 80

_Deed = Callable[[Registrar, str, str], Awaitable[Member]]
DEEDS: Mapping[str, _Deed] = {
    "pause": Registrar.pause,
    "resume": Registrar.resume,
    "revoke": Registrar.revoke,
}


def add_members(app: FastAPI, window: Window) -> None:
    @app.get("/members")
    async def members(request: Request) -> Response:
        office = let_in(window, request)
        await _check_role(office)
        told = request.query_params
        standing = told.get("standing") if told.get("standing") in list(Standing) else None
        book, today = _book(window, office), office.today().isoformat()
        until = (office.today() + timedelta(days=SOON_DAYS)).isoformat()
        soon = {member.member_id for member, _ in book.ending_within(today, until)}
        found = [
            member
            for member in sorted(book.members, key=lambda m: (m.centre, m.alias))
            if standing in (None, member.standing(today))
            and (not told.get("soon") or member.member_id in soon)
            and _is_meant(member, window.member_searched)
        ]
        return window.pages.show(
            "members.html",
            await frame_of(window, office, here_of(request)),
            found=found[:SHOWN_AT_MOST],
            count=len(found),
            today=today,
            standing=standing,
            standings=[each.value for each in Standing],
            counts=Counter(member.standing(today).value for member in book.members),
            soon=soon,
            is_soon=bool(told.get("soon")),
            soon_days=SOON_DAYS,
            searched=window.member_searched,
            centres=await _centre_names(window, office, found[:SHOWN_AT_MOST]),
        )

    @app.post("/members/search")
    async def search(request: Request) -> Response:
        form = await form_of(window, request)
        await _check_role(let_in(window, request))
        window.member_searched = form.get("words", "")[:NAME_AT_MOST]
        return RedirectResponse("/members", 303)

    @app.get("/members/{alias}")
    async def member(request: Request, alias: str, done: str = "") -> Response:
        office = let_in(window, request)
        return await _member_page(window, office, alias, done=done if done in DEEDS else "")

    @app.get("/members/{alias}/{deed}")
    async def confirm(request: Request, alias: str, deed: str) -> Response:
        office = let_in(window, request)
        if deed not in DEEDS:
            raise HTTPException(404)
        return await _member_page(window, office, alias, deed=deed)

    @app.post("/members/{alias}/{deed}")
    async def act(request: Request, alias: str, deed: str) -> Response:
        form = await form_of(window, request)
        office = let_in(window, request)
        await _check_role(office)
        if deed not in DEEDS:
            raise HTTPException(404)
        reason = form.get("reason", "")
        try:
            folder, today = window.room.folder.path, office.today().isoformat()
            with holding(folder, office.keys, today) as file:
                await DEEDS[deed](await Registrar.at_work(office, file), alias, reason)
        except ConsoleError as error:
            return await _member_page(window, office, alias, deed=deed, error=error, reason=reason)
        return RedirectResponse(f"/members/{alias}?done={deed}", 303)


async def _member_page(
    window: Window,
    office: Office,
    alias: str,
    *,
    deed: str = "",
    done: str = "",
    error: ConsoleError | None = None,
    reason: str = "",
) -> Response:
    await _check_role(office)
    member, today = _book(window, office).find(alias), office.today().isoformat()
    return window.pages.show(
        "member.html",
        await frame_of(window, office, f"/members/{member.alias}"),
        200 if error is None else status_of(error),
        member=member,
        standing=member.standing(today),
        deeds=_offered(member.standing(today)),
        deed=deed,
        done=done,
        error=None if error is None else present.explain_on_page(window.words, error),
        centres=await _centre_names(window, office, [member]),
        reason=reason,
    )


async def _centre_names(
    window: Window, office: Office, members: Sequence[Member]
) -> Mapping[str, str]:
    tree = await office.centres()
    ids = {member.centre for member in members}
    return {each: present.centre_name(window.words, each, tree) for each in ids}


def _offered(standing: Standing) -> tuple[str, ...]:
    if standing is Standing.PAUSED:
        return ("resume", "revoke")
    return ("pause", "revoke") if standing is Standing.ACTIVE else ()


def _book(window: Window, office: Office) -> Book:
    """The book as it is now; another window at work with it is said."""
    with holding(window.room.folder.path, office.keys, office.today().isoformat()) as file:
        return file.book


def _is_meant(member: Member, typed: str) -> bool:
    wanted = fold(typed).strip()
    return not wanted or wanted in fold(f"{member.alias} {member.name}")


async def _check_role(office: Office) -> None:
    if Role.REGISTRAR not in (await office.me()).roles:
        raise Mistaken("members.no_registrar")
