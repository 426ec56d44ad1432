"""Letting somebody take over another's work: every tip that this officer can open, one by one.

For when somebody leaves, and for somebody new. Each tip is read and checked as ever, and its form
and declared conflicts are respected; who may read it already is left alone, so an interrupted run
is simply run again. Only tips of the newcomer's own centres are given, unless it is said that
guests are meant. What nobody here can open is recovery's to give (`recovery use --unread-only`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from console import acting
from console.answers import ListedTip
from console.assigning import assign, may_give
from console.barring import barring_of, may_conflict
from console.desk_client import PAGE
from console.desk_wire import StaleTip
from console.errors import Distrusted, Mistaken, Refused
from console.office import Office, Reading
from console.reach import centres_of, has_lapsed
from console.trust import Trust
from sealing import Officer, reader_role

LEAVER_AT_LEAST = 6


@dataclass(frozen=True, slots=True)
class Wish:
    """Which tips, and for whom. With a *leaver* (an id): those that they can open; with a
    *centre*: those that lie there."""

    to: Officer
    leaver: str | None = None
    centre: str | None = None
    is_dry: bool = False
    has_guests: bool = False
    is_conflict_free: bool = False
    despite: bool = False


class Outcome(StrEnum):
    """What came of a tip that was meant."""

    GIVEN = "given"  # the newcomer reads it now; in a dry run: would
    HAD = "had"  # they could read it already
    ASSIGNED = "assigned"  # besides one of these: the leaver held it, the newcomer does now
    BARRED = "barred"
    CONFLICTS = "conflicts"
    WRONG_ROLE = "wrong_role"
    ELSEWHERE = "elsewhere"  # at a centre that is not the newcomer's
    STILL_HELD = "still_held"  # besides one of the first two: by the leaver
    UNSAFE = "unsafe"  # not all about it verifies
    REFUSED = "refused"  # by the desk


@dataclass(slots=True)
class Tally:
    """How far it has come, and what came of each tip (its id)."""

    total: int = 0
    looked_at: int = 0
    not_meant: int = 0
    tips: dict[Outcome, list[str]] = field(
        default_factory=lambda: {outcome: [] for outcome in Outcome}
    )

    def note(self, outcome: Outcome, tip_id: str) -> None:
        self.tips[outcome].append(tip_id)

    def has(self, *outcomes: Outcome) -> bool:
        """Whether any tip came to one of these."""
        return any(self.tips[outcome] for outcome in outcomes)


async def regrant(
    office: Office, wish: Wish, tally: Tally, on_step: Callable[[], None] = lambda: None
) -> None:
    """Do as *wish* says, and count in *tally* as it goes on: it stays true when this is
    interrupted. What the leaver holds is given to the newcomer. Raises Unreachable."""
    trust = await office.trust()
    tips = [tip for tip in await _queue(office) if wish.centre in (None, tip.centre)]
    tally.total = len(tips)
    for tip in tips:
        try:
            await _one(office, trust, wish, tip.tip_id, tally)
        except Distrusted:
            tally.note(Outcome.UNSAFE, tip.tip_id)
        except (Refused, StaleTip):
            tally.note(Outcome.REFUSED, tip.tip_id)
        tally.looked_at += 1
        on_step()


def leaver_of(trust: Trust, who: str) -> str:
    """The id of the officer whom *who* names, also when the roster has them no more: then by their
    id, or how it begins. Raises Mistaken."""
    try:
        return trust.find(who).id
    except Mistaken:
        former = [each for each in trust.signers.former if each.startswith(who.strip().lower())]
        if len(who.strip()) < LEAVER_AT_LEAST or len(former) != 1:
            raise
        return former[0]


async def _queue(office: Office) -> list[ListedTip]:
    """All of this officer's queue, before anything is changed in it."""
    found: list[ListedTip] = []
    after = None
    while True:
        page = await office.desk.tips(after=after, limit=PAGE)
        found += page.tips
        after = page.next
        if after is None:
            return found


async def _one(office: Office, trust: Trust, wish: Wish, tip_id: str, tally: Tally) -> None:
    reading, tree = await office.read(tip_id), await office.centres()
    shown = reading.tip.shown
    readers = {grant.officer: grant for grant in shown.grants if grant.released}
    if wish.leaver is not None and wish.leaver not in readers:
        tally.not_meant += 1
        return
    held = readers.get(wish.to.id)
    if held is not None and not (tree and has_lapsed(held, wish.to, centres_of(shown, tree))):
        tally.note(Outcome.HAD, tip_id)
    elif (why := _kept_from(reading, wish)) is not None:
        tally.note(why, tip_id)
        return
    else:
        if not wish.is_dry:
            await acting.let_in(
                office,
                tip_id,
                wish.to.id,
                despite=wish.despite,
                is_conflict_free=wish.is_conflict_free,
            )
        tally.note(Outcome.GIVEN, tip_id)
    if wish.leaver is not None and shown.claimed_by == wish.leaver:
        await _hand_over(office, trust, wish, reading, tally)


async def _hand_over(
    office: Office, trust: Trust, wish: Wish, reading: Reading, tally: Tally
) -> None:
    tip_id = reading.tip.tip_id
    if not may_give(reading, trust, office.keys.id):
        tally.note(Outcome.STILL_HELD, tip_id)
        return
    if not wish.is_dry:
        try:
            await assign(office, tip_id, wish.to.id, despite=wish.despite)
        except Refused:
            tally.note(Outcome.STILL_HELD, tip_id)
            return
    tally.note(Outcome.ASSIGNED, tip_id)


def _kept_from(reading: Reading, wish: Wish) -> Outcome | None:
    """Why *wish.to* gets no grant to this tip; None if they get one."""
    summary, to = reading.tip.grant.summary, wish.to
    if any(finding.is_final for finding in reading.findings):
        return Outcome.UNSAFE
    if reading.alarms and not wish.despite:
        return Outcome.UNSAFE
    if summary is not None and not to.has(reader_role(summary.kind)):
        return Outcome.WRONG_ROLE
    if reading.tip.shown.centre not in to.centres and not wish.has_guests:
        return Outcome.ELSEWHERE
    if barring_of(reading.tip.parts).bars(to):
        return Outcome.BARRED
    if may_conflict(to, summary) and not wish.is_conflict_free:
        return Outcome.CONFLICTS
    return None
