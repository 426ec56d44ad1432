"""The queue's page."""

from fastapi import FastAPI, Request
from starlette.responses import Response

from console.office import Wanted
from console.pages.views import TABS
from console.pages.window import Window, frame_of, here_of, let_in

PAGE = 30


def add_queue(app: FastAPI, window: Window) -> None:
    @app.get("/")
    async def queue(request: Request) -> Response:
        office = let_in(window, request)
        asked = {name: value[:100] for name, value in request.query_params.items()}
        tab = asked.get("tab") if asked.get("tab") in TABS else "all"
        wanted = Wanted(
            statuses=TABS[tab or "all"],
            is_urgent=bool(asked.get("urgent")),
            is_verified=bool(asked.get("verified")),
            is_mine=bool(asked.get("mine")),
            is_unclaimed=bool(asked.get("unclaimed")),
            province=asked.get("province") or None,
            category=asked.get("category") or None,
            is_application=bool(asked.get("applications")),
            is_reopened=tab == "reopened",
            is_by_priority=bool(asked.get("priority")),
        )
        after = "" if wanted.is_by_priority else asked.get("after", "")
        listing = await office.queue(wanted, after=after or None, limit=PAGE)
        frame = await frame_of(window, office, here_of(request))
        trust = await office.trust()
        return window.pages.queue(frame, listing, trust, wanted, tab or "all", after)
