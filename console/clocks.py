"""Tips' clocks: by when a tip is due by its own history, and what a desk says that does not fit.

The lengths are the desk's, for nobody signs them; what is checked is that it keeps to them: a later
day only with an officer's signature, and a climb only upwards and after the day was over. Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from console.answers import Change, ClockDays, TipDetail, TipStanding, TreeCentre
from console.days import CLOCKS, WARN_DAYS
from console.findings import Finding, Signers
from console.history import first_centre, judge_change
from sealing import RECEIPT, RECOVERY, SERVER, Roster

FIRST_STATUS = "received"
_OVER = frozenset({"closed", "declined"})
_REOPENED = "in_progress"


@dataclass(frozen=True, slots=True)
class Rules:
    """The desk's centres with their clocks, and the lengths (by status) where it says none."""

    centres: Mapping[str, TreeCentre]
    otherwise: Mapping[str, int]

    def days(self, centre: str) -> Mapping[str, int]:
        """The days of *centre* by status."""
        told = self.told(centre)
        if told is None:
            return self.otherwise
        feedback = dict.fromkeys(set(CLOCKS) - {FIRST_STATUS, "screening"}, told.feedback_days)
        return {
            FIRST_STATUS: told.acknowledge_days,
            "screening": told.screening_days,
            **feedback,
        }

    def told(self, centre: str) -> ClockDays | None:
        """What the desk says of the clocks of *centre*, if it does."""
        return self.centres[centre].clocks if centre in self.centres else None

    def warn_days(self, centre: str) -> int:
        """So many days before the end a clock of *centre* stands out."""
        told = self.told(centre)
        return WARN_DAYS if told is None else told.warn_days

    def above(self, centre: str) -> frozenset[str]:
        """The centres above *centre*. The desk's tree may be a circle; we are not."""
        found = set[str]()
        here = self.centres.get(centre)
        while here is not None and here.parent is not None and here.parent not in found:
            found.add(here.parent)
            here = self.centres.get(here.parent)
        return frozenset(found - {centre})


@dataclass(frozen=True, slots=True)
class _Clock:
    """What a tip's clock depends on, by its changes so far."""

    centre: str
    begun: str
    status: str = FIRST_STATUS
    until: str = ""

    def due(self, rules: Rules, *, is_application: bool) -> str | None:
        if is_application and self.status != FIRST_STATUS:
            return None
        days = rules.days(self.centre).get(self.status)
        if days is None:
            return None
        due = date.fromisoformat(self.begun) + timedelta(days=days)
        return max(due.isoformat(), self.until)


def due_day(
    shown: TipDetail, rules: Rules, signers: Signers, *, is_application: bool
) -> str | None:
    """The last day that the clock of *shown* leaves by its changes, as far as they are signed; None
    when no clock runs."""
    clock = _Clock(first_centre(shown), shown.filed_day)
    for change in _in_order(shown):
        clock = _after(clock, change, _is_signed(shown, change, signers))
    return clock.due(rules, is_application=is_application)


def shown_day(tip: TipStanding | TipDetail, own: str | None) -> str | None:
    """The day to show: the desk's, unless it is later than our *own* or left out."""
    if own is None or tip.due_day is None:
        return own
    return min(own, tip.due_day)


def listed_day(tip: TipStanding, rules: Rules, *, is_application: bool) -> str | None:
    """The day to list. A list shows no changes, so the desk's day counts; it is held against them
    when the tip is read."""
    clock = _Clock(tip.centre, tip.filed_day, tip.status)
    own = clock.due(rules, is_application=is_application)
    return own if own is None or tip.due_day is None else tip.due_day


def check_clock(
    shown: TipDetail, rules: Rules, signers: Signers, roster: Roster, *, is_application: bool
) -> list[Finding]:
    """What the desk says of the tip's clock, and did by it, that does not fit."""
    found: list[Finding] = []
    clock = _Clock(first_centre(shown), shown.filed_day)
    reached = {clock.centre}
    for change in _in_order(shown):
        if change.kind == "escalate":
            due = clock.due(rules, is_application=is_application)
            found += _climb(change, clock.centre, due, rules)
        clock = _after(clock, change, _is_signed(shown, change, signers))
        reached |= {change.to_centre or ""} if change.kind in ("move", "escalate") else set()
    own = clock.due(rules, is_application=is_application)
    says_so = shown.says_due_day and rules.told(shown.centre) is not None
    if says_so and own is not None and (shown.due_day is None or shown.due_day > own):
        found.append(Finding("due_late", {"own": own, "said": shown.due_day or "–"}))
    return [*found, *_readers(shown, reached, signers, roster)]


def _after(clock: _Clock, change: Change, is_signed: bool) -> _Clock:
    """What *change* makes of the clock. Of officers' deeds those that they signed count; nobody can
    sign for a reporter, so what opens a tip again counts only where it was over.
    """
    match change.kind:
        case "status" if is_signed:
            return replace(clock, status=change.status or clock.status)
        case "move" if is_signed:
            return replace(clock, centre=change.to_centre or "")
        case "extend" if is_signed:
            return replace(clock, until=max(clock.until, change.until_day or ""))
        case "reopen" if clock.status in _OVER:
            return replace(clock, status=_REOPENED, begun=change.day, until="")
        case _:
            return clock


def _climb(change: Change, centre: str, due: str | None, rules: Rules) -> list[Finding]:
    """What is wrong with a climb out of *centre*, whose day was *due*."""
    about = {"version": change.version}
    if change.officer is not None or change.from_centre != centre or change.to_centre is None:
        return [Finding("change_unled", about)]
    found = []
    if rules.centres and change.to_centre not in rules.above(centre):
        found.append(Finding("climb_astray", about))
    if rules.told(centre) is not None and (due is None or change.day <= due):
        found.append(Finding("climb_early", about))
    return found


def _readers(
    shown: TipDetail, reached: set[str], signers: Signers, roster: Roster
) -> list[Finding]:
    """Grants of the server's that it gives out although their readers sit in no centre that the tip
    reached; also where an officer made them anew when the tip got new keys."""
    found = []
    is_rekeyed = any(change.kind == "rekey" for change in shown.changes)
    for grant in shown.grants:
        officer = roster.officer(grant.officer)
        goes_with_centre = grant.granted_by == SERVER or (is_rekeyed and not grant.is_personal)
        is_servers = goes_with_centre and grant.officer not in (RECOVERY, RECEIPT)
        if is_servers and grant.released and officer and reached.isdisjoint(officer.centres):
            found.append(Finding("reader_early", {"officer": signers.name(grant.officer)}))
    return found


def _is_signed(shown: TipDetail, change: Change, signers: Signers) -> bool:
    return judge_change(shown.tip_id, change, signers) in ("signed", "former")


def _in_order(shown: TipDetail) -> list[Change]:
    return sorted(shown.changes, key=lambda change: change.version)
