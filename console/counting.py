"""What is counted of a tip that an officer ends, and whether the desk says the same.

Counted are four ids: what the tip was about, what kind it is, who told it (a member or a citizen),
and what came of it. They go to the desk once, for its monthly counters, and stand with the salt of
their hash in the sealed note of reasons (`results.py`), where the next ending finds them. Once the
month of the first ending is over, nothing is counted of the tip any more. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from console.answers import Change
from console.endings import ENDS
from console.findings import Finding, Signers
from console.history import signed_version
from console.office_rows import is_application
from console.reading import OpenedTip
from console.results import outcomes
from sealing import Counts, Summary, count_statement

MEMBER, CITIZEN = "member", "citizen"
_ISO_MONTH = len("2026-11")
_NOT_SIGNED = ("unsigned", "forged")


@dataclass(frozen=True, slots=True)
class ToCount:
    """What is to be counted *now*, in place of what was counted *before*."""

    now: Counts
    before: Counts | None = None


def to_count(tip: OpenedTip, status: str, result: str | None, day: str) -> ToCount | None:
    """What ending the tip with *status* and *result* on *day* counts. None: nothing, or not any
    more, or it cannot be told what was counted before."""
    summary = tip.grant.summary
    if status not in ENDS or result is None or summary is None or is_application(summary):
        return None
    endings = [change for change in _in_order(tip) if _is_ending(change)]
    if endings and endings[0].day[:_ISO_MONTH] != day[:_ISO_MONTH]:
        return None
    now = Counts.new(
        category=summary.category, kind=summary.kind, result=result, teller=_teller(summary)
    )
    kept = [change for change in endings if change.counts_hash is not None]
    if not kept:
        return ToCount(now)
    noted = outcomes(tip).get(kept[-1].version)
    before = None if noted is None else noted.counted
    if before is None or before.hash(tip.tip_id) != kept[-1].counts_hash:
        return None
    return ToCount(now, before)


def check_counts(tip: OpenedTip, signers: Signers) -> Iterator[Finding]:
    """Every ending of which the desk shows something else counted than its officer noted, signed
    or may have noted. Who the officer is, and whether a roster named them, the change itself
    tells."""
    noted = outcomes(tip)
    for change in tip.shown.changes:
        if change.counts_hash is not None and _verdict(tip.tip_id, change, signers) in _NOT_SIGNED:
            yield Finding("count_unproven", {"version": change.version})
        if change.version in noted:
            counted = noted[change.version].counted
            stands_for = None if counted is None else counted.hash(tip.tip_id)
            is_right = counted is None or _is_of(counted, tip, noted[change.version].result)
            if stands_for != change.counts_hash or not is_right:
                yield Finding("count_astray", {"version": change.version})


def _is_of(counted: Counts, tip: OpenedTip, result: str | None) -> bool:
    """Whether it says of the tip what its summary and its note say."""
    summary = tip.grant.summary
    if summary is None:
        return True
    told = (counted.category, counted.kind, counted.result, counted.teller)
    return told == (summary.category, summary.kind, result, _teller(summary))


def _teller(summary: Summary) -> str:
    return MEMBER if summary.is_verified else CITIZEN


def _verdict(tip_id: str, change: Change, signers: Signers) -> str:
    statement = count_statement(
        tip_id=tip_id,
        version=signed_version(change),
        counts_hash=change.counts_hash or b"",
        day=change.day,
        officer=change.officer or "",
    )
    return signers.judge(change.officer, statement, change.counts_signature)


def _in_order(tip: OpenedTip) -> Sequence[Change]:
    return sorted(tip.shown.changes, key=lambda change: change.version)


def _is_ending(change: Change) -> bool:
    return change.kind == "status" and change.status in ENDS
