"""What is counted for an officer, and which of it is told at a quarter of an hour. Pure.

Counting in numbers is half of it; the other half is that nobody can count back. "Urgent" is told
as one number for a forced member, a person who fears retaliation and a clock that ran out. But
clocks run out at midnight only: if they were told then, every later "urgent" would be about who
reported. So a clock that ran out is *held*, and told once a day at most, in an alert that a coin
picks; one alert at a time of the day drawn by lot begins it. What is held shows nowhere, so that
whoever reads "3 new, 1 urgent" over a shoulder cannot know that no clock is in it.

The nearest clock is told among those that have not run out: "1 urgent; nearest clock 5 days" then
says of the urgent one nothing either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bot.alerts.quiet import QUARTERS, Moment, Quiet

VERSION = 1
LARGEST = 16**8 - 1
"""A count is written in eight digits, so that a record is as long whatever it counts."""
_COUNTED = ("new", "urgent", "answers", "applications")
CALLED = QUARTERS
"""Today's clocks were told of; no quarter of an hour has this number."""


@dataclass(frozen=True, slots=True)
class Counts:
    """*new* tips, how many of them are *urgent*, messages of people who came back (*answers*), and
    *applications* to join the network, which are none of these."""

    new: int = 0
    urgent: int = 0
    answers: int = 0
    applications: int = 0

    def plus(self, other: "Counts") -> "Counts":
        return self._each(other, lambda a, b: min(a + b, LARGEST))

    def minus(self, other: "Counts") -> "Counts":
        return self._each(other, lambda a, b: max(a - b, 0))

    def __bool__(self) -> bool:
        return bool(self.new or self.urgent or self.answers or self.applications)

    def _each(self, other: "Counts", do: Callable[[int, int], int]) -> "Counts":
        return Counts(
            do(self.new, other.new),
            do(self.urgent, other.urgent),
            do(self.answers, other.answers),
            do(self.applications, other.applications),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """How the clocks of what an officer reads in one centre stand: how many are *overdue*, and in
    how many days the nearest of the others is due."""

    overdue: int = 0
    nearest_days: int | None = None


@dataclass(frozen=True, slots=True)
class Wishes:
    """How an officer wants to be told. *quiet* None: as the configuration says."""

    quiet: Quiet | None = None
    breaks_quiet: bool = False
    language: str = "th"


@dataclass(frozen=True, slots=True)
class Record:
    """What an officer was not told of yet, by centre; and today's clocks: those *held*, and the
    quarter of an hour that was drawn (*call*) for *day*."""

    wishes: Wishes = field(default_factory=Wishes)
    counts: Mapping[str, Counts] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    day: str = ""
    call: int = CALLED

    def raised(self, centre: str, by: Counts) -> "Record":
        """The record with *by* counted in *centre*."""
        now = self.counts.get(centre, Counts()).plus(by)
        return replace(self, counts={**self.counts, centre: now})

    def to_json(self) -> dict[str, Any]:
        """As it lies sealed: as long whatever it counts, by the centres that it names."""
        wishes, quiet = self.wishes, self.wishes.quiet
        return {
            "version": VERSION,
            "wishes": {
                "hours": None if quiet is None else quiet.hours,
                "days": None if quiet is None else list(quiet.days),
                "breaks_quiet": wishes.breaks_quiet,
                "language": wishes.language,
            },
            "centres": {
                centre: {
                    "new": _digits(counts.new),
                    "urgent": _digits(counts.urgent),
                    "answers": _digits(counts.answers),
                    "applications": _digits(counts.applications),
                    "held": _digits(self.held.get(centre, 0)),
                }
                for centre in sorted({*self.counts, *self.held})
                for counts in (self.counts.get(centre, Counts()),)
            },
            "day": self.day,
            "call": _digits(self.call),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Record":
        """Raises ValueError for what is no record."""
        try:
            wishes, centres = body["wishes"], body["centres"]
            hours, days = wishes["hours"], wishes["days"]
            quiet = None if hours is None else Quiet(str(hours), tuple(map(str, days or ())))
            return cls(
                Wishes(quiet, bool(wishes["breaks_quiet"]), str(wishes["language"])),
                {
                    str(centre): Counts(**{name: int(each[name], 16) for name in _COUNTED})
                    for centre, each in centres.items()
                },
                {str(centre): int(each["held"], 16) for centre, each in centres.items()},
                str(body["day"]),
                int(body["call"], 16),
            )
        except (KeyError, TypeError, AttributeError):
            raise ValueError("not a record of alerts") from None


@dataclass(frozen=True, slots=True)
class Told:
    """What an alert says of one centre. *urgent* may hold clocks that ran out."""

    centre: str
    new: int = 0
    urgent: int = 0
    answers: int = 0
    applications: int = 0
    nearest_days: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a quarter of an hour brings: what is *told* (nothing: no alert), how much of what was
    counted that settles (*settled*, by centre), and the clocks from now on."""

    told: tuple[Told, ...]
    settled: Mapping[str, Counts]
    held: Mapping[str, int]
    day: str
    call: int

    def after(self, now: Record) -> Record:
        """The record once this was told. What was counted meanwhile stays in it."""
        left = {
            centre: counts.minus(self.settled.get(centre, Counts()))
            for centre, counts in now.counts.items()
        }
        return replace(now, counts=left, held=self.held, day=self.day, call=self.call)


@dataclass(frozen=True, slots=True)
class Rules:
    """*quiet* where an officer says nothing else; a clock is near *remind_days* before its day."""

    quiet: Quiet = field(default_factory=Quiet)
    remind_days: int = 2


def at_quarter(
    record: Record,
    clocks: Mapping[str, Standing],
    moment: Moment,
    rules: Rules,
    random: Callable[[], float],
) -> Outcome:
    """What is told at *moment*. *random* gives numbers from 0 to below 1."""
    quiet, breaks = record.wishes.quiet or rules.quiet, record.wishes.breaks_quiet
    record = _day_begun(record, clocks, moment, quiet, random)
    held, is_quiet = dict(record.held), quiet.holds(moment)
    near = {
        centre
        for centre, standing in clocks.items()
        if standing.nearest_days is not None and standing.nearest_days <= rules.remind_days
    }
    is_called = moment.number >= record.call
    leaves = any(record.counts.values()) or (is_called and (any(held.values()) or bool(near)))
    if is_quiet:
        is_urgent = any(counts.urgent for counts in record.counts.values())
        leaves = breaks and (is_urgent or (is_called and any(held.values())))
    call = CALLED if is_called and not is_quiet else record.call
    if not leaves:
        return Outcome((), {}, held, record.day, call)
    picked = _picked(held, random, at_least_one=is_called)
    told = tuple(
        _told(centre, record.counts.get(centre, Counts()), picked.get(centre, 0), clocks)
        for centre in sorted({*record.counts, *picked, *(near if is_called else ())})
        if record.counts.get(centre) or picked.get(centre) or (is_called and centre in near)
    )
    left = {centre: many - picked.get(centre, 0) for centre, many in held.items()}
    return Outcome(told, dict(record.counts), left, record.day, CALLED if is_called else call)


def _day_begun(
    record: Record,
    clocks: Mapping[str, Standing],
    moment: Moment,
    quiet: Quiet,
    random: Callable[[], float],
) -> Record:
    """The record with today's clocks: every one that ran out is held once, and the alert that
    begins to tell of them falls on any quarter of an hour in which the officer may be told."""
    overdue = {centre: standing.overdue for centre, standing in clocks.items()}
    day = moment.day.isoformat()
    if record.day == day:
        held = {c: min(many, overdue.get(c, 0)) for c, many in record.held.items()}
        return replace(record, held=held)
    anywhen = tuple(range(moment.number, QUARTERS))
    times = anywhen if record.wishes.breaks_quiet else quiet.waking(moment)
    call = times[int(random() * len(times))] if times else CALLED
    return replace(record, day=day, held=overdue, call=call)


def _picked(
    held: Mapping[str, int], random: Callable[[], float], *, at_least_one: bool
) -> dict[str, int]:
    """How many of the held clocks go with this alert, by a coin for each."""
    picked = {
        centre: sum(random() < 0.5 for _ in range(many)) for centre, many in held.items() if many
    }
    if at_least_one and picked and not any(picked.values()):
        picked[min(picked)] = 1
    return picked


def _told(centre: str, counts: Counts, overdue: int, clocks: Mapping[str, Standing]) -> Told:
    standing = clocks.get(centre, Standing())
    return Told(
        centre,
        counts.new,
        counts.urgent + overdue,
        counts.answers,
        counts.applications,
        standing.nearest_days,
    )


def _digits(number: int) -> str:
    return f"{min(number, LARGEST):08x}"
