"""What every refusal of the desk looks like, and which there are."""

from collections.abc import Callable
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from bot.desk import roles, shapes
from bot.desk.edge import HEADERS
from bot.desk.errors import BadShape, DeskError, NotNow
from bot.desk.roles import PREFIX
from storage.port import Unavailable

REFUSALS: dict[int | str, dict[str, Any]] = {
    status: {"model": shapes.Refusal, "description": says}
    for status, says in {
        400: "not HTTP as it should be",
        401: "not signed in",
        403: "not this officer's to do",
        404: "unknown, foreign and withheld alike",
        408: "the request did not come to its end in time",
        409: "somebody was first",
        410: "the tip was moved to another centre, which took it up, or was destroyed",
        413: "too long, or of too many pieces",
        422: "not the API's shape",
        429: "too many wrong sign-ins in this name",
        503: "try again in a moment",
    }.items()
}


async def _on_refusal(_: Request, error: Exception) -> Response:
    if not isinstance(error, DeskError):
        raise error
    waits = {"Retry-After": str(error.facts["wait_s"])} if "wait_s" in error.facts else {}
    return JSONResponse(dict(error.body()), error.status, {**HEADERS, **waits})


async def _on_bad_shape(_: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()[0]["loc"] if error.errors() else ()
    place = ".".join(str(step) for step in found if not isinstance(step, int))
    return await _on_refusal(
        _, BadShape("bad_shape", "A field is missing or wrong.", field=place[:80])
    )


async def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    body = {"error": "http", "says": "There is nothing here."}
    headers = {**HEADERS, **dict(error.headers or {})}
    route = request.scope.get("route")  # the description's own has none
    if "Allow" in headers and route is not None:
        # The framework names the methods of one route, and a path may have two.
        headers["Allow"] = ", ".join(roles.methods_of(route.path.removeprefix(PREFIX)))
    return JSONResponse(body, error.status_code, headers)


async def _on_unavailable(_: Request, __: Exception) -> Response:
    return await _on_refusal(_, NotNow())


HANDLERS: dict[type[Exception], Callable[[Request, Exception], Any]] = {
    DeskError: _on_refusal,
    RequestValidationError: _on_bad_shape,
    HTTPException: _on_http,
    Unavailable: _on_unavailable,
}
