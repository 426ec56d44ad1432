"""Figures of what this officer can read, as tables with bars."""

from collections.abc import Sequence

from fastapi import FastAPI, Request
from starlette.responses import RedirectResponse, Response

from console import days
from console.figures import Count, figures
from console.pages.window import Window, frame_of, here_of, let_in, shelf_of
from console.words import Words


def add_figures(app: FastAPI, window: Window) -> None:
    @app.get("/figures")
    async def show(request: Request) -> Response:
        office = let_in(window, request)
        if not (await office.me()).has_queue:
            return RedirectResponse("/", 303)
        shelf = shelf_of(window)
        await shelf.begun()
        index, words = shelf.index, window.words
        found = figures(index.rows, index.course)
        return window.pages.show(
            "figures.html",
            await frame_of(window, office, here_of(request)),
            found=found,
            is_whole=index.is_whole,
            tables=[
                ("months", [(_month(words, one.name), one.n) for one in found.months]),
                ("statuses", _named(words, "status", found.statuses)),
                ("categories", _named(words, "category", found.categories)),
                ("provinces", _named(words, "province", found.provinces)),
                ("tellers", _named(words, "teller", found.tellers)),
            ],
        )


def _named(words: Words, group: str, counts: Sequence[Count]) -> list[tuple[str, int]]:
    return [(words.label(group, one.name), one.n) for one in counts]


def _month(words: Words, month: str) -> str:
    return days.say_month(month, words.language)
