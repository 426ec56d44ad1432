"""What every call of the fake has in common: its table, its body, its refusals."""

import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes.line.limits import Finding

Call = Callable[[Request], Awaitable[Response]]
Calls = Sequence[tuple[str, str, Call]]
"""Method, path, and who answers; the first that fits."""


async def json_of(request: Request) -> Any:
    """The body as JSON; {} for an empty one, None for what is none."""
    raw = await request.body()
    try:
        return json.loads(raw) if raw else {}
    except ValueError:
        return None


async def fields_of(request: Request) -> dict[str, Any]:
    body = await json_of(request)
    return body if isinstance(body, dict) else {}


def refused(message: str, status: int = 400) -> Response:
    return JSONResponse({"message": message}, status)


def invalid(findings: list[Finding]) -> Response:
    said = f"The request body has {len(findings)} error(s)"
    return JSONResponse({"message": said, "details": findings}, 400)
