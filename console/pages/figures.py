"""Figures: what this officer can read, counted here, and what the network's counters tell.

Two parts that are never mixed, each on a page of its own with the same choice of months and centre,
and the same facts as CSV.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from starlette.responses import Response

from console import days
from console.answers import Me, TreeCentre
from console.errors import Refused
from console.figures.asking import ask_network
from console.figures.facts import DAYS, ENDED, INTAKE, Fact, Scope, within
from console.figures.naming import centre_name
from console.figures.network import Network
from console.figures.own import own_facts, rows_within, tiles
from console.figures.periods import (
    ALL,
    LAST_12,
    Period,
    months_between,
    parse_period,
    periods,
    say_period,
    say_span,
)
from console.figures.scopes import scopes_of
from console.figures.tables import as_csv
from console.figures.tallies import Share, share_of, total
from console.office import Office
from console.pages.figure_cards import GOOD_RESULTS, Card, Cards
from console.pages.window import Window, frame_of, here_of, let_in, shelf_of
from console.words import Words

TELLERS = ("member", "citizen", "application")
SOON = (str(DAYS[0]),)
VALUE_AT_MOST = 64


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address of the page says. Anything that is none of its values counts as not said."""

    scope: Scope
    period: Period
    centre: str

    @classmethod
    def of(cls, told: Mapping[str, str], me: Me, today: date) -> "Asked":
        open_to = scopes_of(me)
        if not open_to:
            raise Refused("figures.not_allowed")
        scope = next((each for each in open_to if each == told.get("of")), open_to[0])
        period = parse_period(told.get("period", LAST_12), today)
        usual = parse_period(LAST_12, today)
        if period is None:
            period = usual
        if period is None:
            raise AssertionError("the last twelve months are a period")
        return cls(scope, period, told.get("centre", "")[:VALUE_AT_MOST])

    def link(self, path: str, **instead: str) -> str:
        told = {"of": self.scope.value, "period": self.period.id, "centre": self.centre} | instead
        return f"{path}?{urlencode({name: value for name, value in told.items() if value})}"


def add_figures(app: FastAPI, window: Window) -> None:
    @app.get("/figures")
    async def show(request: Request) -> Response:
        office = let_in(window, request)
        me = await office.me()
        asked = Asked.of(request.query_params, me, days.today())
        words, centres = window.words, await office.centres()
        if asked.scope is Scope.OWN:
            shown = await _own(window, office, asked, centres)
        else:
            shown = await _network(words, office, asked, centres)
        return window.pages.show(
            "figures.html",
            await frame_of(window, office, here_of(request)),
            200,
            asked=asked,
            tabs=[
                (each.value, asked.link("/figures", of=each.value, centre=""))
                for each in scopes_of(me)
            ],
            periods=_choices(words, asked.period),
            period_name=say_period(words, asked.period),
            download=asked.link("/figures.csv"),
            **shown,
        )

    @app.get("/figures.csv")
    async def download(request: Request) -> Response:
        office = let_in(window, request)
        asked = Asked.of(request.query_params, await office.me(), days.today())
        if asked.scope is Scope.OWN:
            facts: Sequence[Fact] = await _own_facts(window)
        else:
            network = await ask_network(office.desk, asked.period, days.today())
            facts = () if network is None else network.facts
        told = within(facts, asked.period, asked.centre)
        data = as_csv(told, window.words, await office.centres())
        name = f"figures-{asked.scope.value}-{asked.period.id.replace('..', '_')}.csv"
        return Response(
            data,
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


async def _own_facts(window: Window) -> tuple[Fact, ...]:
    shelf = shelf_of(window)
    await shelf.begun()
    # Many thousand tips take a while: no other page waits for it.
    return await asyncio.to_thread(own_facts, shelf.index.rows, shelf.index.course)


async def _own(
    window: Window, office: Office, asked: Asked, centres: Mapping[str, TreeCentre]
) -> dict[str, object]:
    words, index = window.words, shelf_of(window).index
    facts = await _own_facts(window)
    now = within(facts, asked.period, asked.centre)
    earlier = asked.period.before
    before = () if earlier is None else within(facts, earlier, asked.centre)
    cards = Cards(words, Scope.OWN.value, centres)
    first, last = _shown_months(asked.period, now)
    made = [cards.by_month(now, "teller", TELLERS, months_between(first, last))]
    if earlier is not None and total(before, INTAKE):
        made.append(cards.compared(now, before, first, last, earlier.first))
    made += [cards.results(now), *(cards.by_value(now, m) for m in ("category", "status"))]
    if not asked.centre and len({fact.centre for fact in now}) > 1:
        made.append(cards.by_centre(now))
    made += [cards.by_value(now, m) for m in ("province", "kind", "acknowledged", "ended")]
    return {
        "found": tiles(rows_within(index.rows, asked.period, asked.centre), index.course),
        "network": None,
        "is_whole": index.is_whole,
        "intake": total(now, INTAKE),
        "before": None if earlier is None else total(before, INTAKE),
        "before_name": "" if earlier is None else say_period(words, earlier),
        "cards": [card for card in made if card.svg],
        "centres": _centre_choices(words, centres, (row.shown.centre for row in index.rows)),
    }


async def _network(
    words: Words, office: Office, asked: Asked, centres: Mapping[str, TreeCentre]
) -> dict[str, object]:
    network = await ask_network(office.desk, asked.period, days.today())
    facts = () if network is None else network.facts
    now = within(facts, asked.period, asked.centre)
    earlier = asked.period.before
    before = () if earlier is None else within(facts, earlier, asked.centre)
    cards = Cards(words, Scope.NETWORK.value, centres)
    made: list[Card] = [cards.by_span(now, INTAKE), cards.by_span(now, ENDED), cards.results(now)]
    made += [
        cards.by_value(now, m) for m in ("category", "teller", "acknowledged", "ended", "kind")
    ]
    if not asked.centre and network is not None and len(network.centres) > 1:
        made.append(cards.by_centre(now))
    return {
        "found": None,
        "network": _NetworkShown.of(words, network, now, centres) if network else None,
        "is_whole": True,
        "intake": total(now, INTAKE),
        "before": None if earlier is None else total(before, INTAKE),
        "before_name": "" if earlier is None else say_period(words, earlier),
        "cards": [card for card in made if card.svg],
        "centres": _centre_choices(words, centres, network.centres if network else ()),
    }


@dataclass(frozen=True, slots=True)
class _NetworkShown:
    """What stands above the charts of the network's part."""

    k: int
    until: str
    ended: int
    not_counted: int
    substantiated: str
    acknowledged_soon: str
    waiting: tuple[str, ...]
    """Centres of which nothing is told in this period."""

    @classmethod
    def of(
        cls,
        words: Words,
        network: Network,
        now: Sequence[Fact],
        centres: Mapping[str, TreeCentre],
    ) -> "_NetworkShown":
        told = {fact.centre for fact in now}
        return cls(
            k=network.k,
            until=say_span(words, network.until, network.until),
            ended=total(now, ENDED),
            not_counted=total(now, "counted"),
            substantiated=_share(words, share_of(now, "result", GOOD_RESULTS)),
            acknowledged_soon=_share(words, share_of(now, "acknowledged", SOON)),
            waiting=tuple(centre_name(words, centres, c) for c in network.centres if c not in told),
        )


def _share(words: Words, found: Share | None) -> str:
    if found is None:
        return "–"
    said = f"{found.hundredths} %"
    return words.say("figures.at_least", n=said) if found.is_least else said


def _shown_months(period: Period, now: Sequence[Fact]) -> tuple[str, str]:
    """The months of *period* that are drawn: not those to come; of all, from the first that has
    something."""
    today = days.today().isoformat()[: len("2026-11")]
    last = max(min(period.last, today), period.first)
    if period.id == ALL:
        return min((fact.first for fact in now), default=last), last
    return period.first, last


def _choices(words: Words, chosen: Period) -> list[tuple[str, str]]:
    offered = periods(days.today())
    if chosen.id not in {each.id for each in offered}:
        offered = (chosen, *offered)
    return [(each.id, say_period(words, each)) for each in offered]


def _centre_choices(
    words: Words, centres: Mapping[str, TreeCentre], ids: Iterable[str]
) -> list[tuple[str, str]]:
    return sorted(((c, centre_name(words, centres, c)) for c in set(ids)), key=lambda c: c[1])
