"""The desk's part in alerts: where the signed-in officer is told, and when they are left in peace.

Everything here is the caller's own; no route takes an officer's id. None of it is a deed done to a
tip, so nothing is signed beyond the session's own proof: who has that could have counts told
elsewhere until the officer looks at the list, and learns no tip by it.
"""

from collections.abc import Awaitable
from typing import TypeVar

from fastapi import APIRouter, Response

from bot.alerts.binding import TooMany
from bot.alerts.counting import Wishes
from bot.alerts.office import AlertOffice, NotOffered
from bot.alerts.quiet import Quiet
from bot.desk import alert_shapes as shapes
from bot.desk.door import Caller
from bot.desk.errors import BadShape, Forbidden, NotFound, NotNow
from bot.desk.fields import Id
from bot.desk.refusals import REFUSALS
from bot.errors import Unavailable

T = TypeVar("T")


def alert_routes(office: AlertOffice) -> APIRouter:
    """The routes of *office*."""
    routes = APIRouter(prefix="/alerts", responses=REFUSALS)

    @routes.get("")
    async def mine(officer: Caller) -> shapes.AlertsAnswer:
        """Where and when the caller is told."""
        wishes, usual = await office.wishes(officer.id), office.rules.quiet
        quiet = wishes.quiet
        return shapes.AlertsAnswer(
            channels=office.channels,
            places=tuple(
                shapes.PlaceAnswer(
                    binding_id=each.binding_id, channel=each.channel, shown=each.shown
                )
                for each in await office.places(officer.id)
            ),
            hours=None if quiet is None else quiet.hours,
            days=None if quiet is None else quiet.days,
            breaks_quiet=wishes.breaks_quiet,
            language=wishes.language,
            usual_hours=usual.hours,
            usual_days=usual.days,
        )

    @routes.post("/links", status_code=201)
    async def link(officer: Caller, asked: shapes.AskLink) -> shapes.LinkAnswer:
        """A one-time link into the officers' bot."""
        made, expires_s = await _asked(office.link(officer.id, asked.channel, asked.language))
        return shapes.LinkAnswer(link=made, expires_s=expires_s)

    @routes.post("/email", status_code=201)
    async def email(officer: Caller, asked: shapes.AskMail) -> shapes.MailedAnswer:
        """Mail a code to an address, which proves that somebody reads it there."""
        expires_s = await _asked(office.mail_code(officer.id, asked.address, asked.language))
        return shapes.MailedAnswer(expires_s=expires_s)

    @routes.post("/email/confirm", status_code=204)
    async def confirm(officer: Caller, given: shapes.MailedCode) -> Response:
        """Be told at the address that the code was mailed to."""
        if not await _asked(office.confirm(officer.id, given.code)):
            raise Forbidden("wrong_code", "This code is not right, or is used up. Ask for another.")
        return Response(status_code=204)

    @routes.post("/places/{binding_id}/remove", status_code=204)
    async def remove(officer: Caller, binding_id: Id) -> Response:
        """Be told there no more."""
        if not await office.remove(officer.id, binding_id):
            raise NotFound("You are not told there.")
        return Response(status_code=204)

    @routes.post("/wishes", status_code=204)
    async def wishes(officer: Caller, new: shapes.NewWishes) -> Response:
        """When to be left in peace, and in which language to be told."""
        if len(set(new.days)) != len(new.days):
            raise BadShape("bad_shape", "A day is there twice.", field="days")
        quiet = None if new.hours is None else Quiet(new.hours, new.days)
        wanted = Wishes(quiet, new.breaks_quiet, new.language)
        if not await office.set_wishes(officer.id, wanted):
            raise NotFound("You are told nowhere yet: add a place first.")
        return Response(status_code=204)

    @routes.post("/test")
    async def test(officer: Caller) -> shapes.TestedAnswer:
        """Send a test wherever the caller is told, at once."""
        return shapes.TestedAnswer(places=await _asked(office.test(officer.id)))

    return routes


async def _asked(asking: Awaitable[T]) -> T:
    """What the office answers, its refusals as the desk's."""
    try:
        return await asking
    except NotOffered:
        raise Forbidden("not_offered", "This desk does not send alerts there.") from None
    except TooMany:
        says = "There are as many as one officer may have. Remove one, or wait a quarter hour."
        raise Forbidden("too_many_places", says) from None
    except Unavailable:
        raise NotNow from None
