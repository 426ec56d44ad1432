"""What happened to a tip: how each kind of change is signed, what it leaves, and whether the
history that the desk shows hangs together.

One table (`_RULES`) holds every kind of change. Pure: what was seen before comes in as a value. A
kind that this release does not know is left unjudged: a newer desk must not look like a forger.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from console.answers import Change, TipDetail
from console.endings import ENDS, REOPENED
from console.findings import Finding, NameOf, Signers
from console.seen import SeenTip
from sealing import (
    Statement,
    assign_statement,
    claim_statement,
    extend_statement,
    hold_statement,
    move_statement,
    rekey_statement,
    release_statement,
    status_statement,
    unhold_statement,
)

_FIRST_STATUS = "received"
_FIRST_VERSION = 1


@dataclass(frozen=True, slots=True)
class Standing:
    """What a history comes to. *is_led*: every move began where the one before it had ended."""

    centre: str
    status: str = _FIRST_STATUS
    holder: str | None = None
    is_led: bool = True
    is_held: bool = False


@dataclass(frozen=True, slots=True)
class _Rule:
    """One kind of change: what its officer signed (None: nobody signs it), and what it leaves."""

    statement: Callable[[str, Change], Statement] | None
    leaves: Callable[[Standing, Change], Standing]
    more: Callable[[Change], tuple[object, ...]] = lambda change: ()
    """Fields that memory keeps of this kind besides those of every change."""
    fits: Callable[[Standing, Change], bool] = lambda now, change: True
    """Whether it can be, as things stood."""
    misfit: str = "change_unfounded"
    """What it is called that cannot be."""


def check_history(
    shown: TipDetail, signers: Signers, seen: SeenTip, name_of: NameOf
) -> Iterator[Finding]:
    """What does not verify in the changes of *shown*."""
    if shown.version < seen.version:
        yield Finding("history_behind", {"version": shown.version, "seen": seen.version})
    versions = {change.version: change for change in shown.changes}
    gap = next((v for v in range(_FIRST_VERSION + 1, shown.version + 1) if v not in versions), None)
    for version in sorted({*seen.changes} - {*versions} | ({gap} if gap else set())):
        yield Finding("change_missing", {"version": version})
    for version, digest in seen.changes.items():
        if version in versions and change_digest(versions[version]) != digest:
            yield Finding("change_altered", {"version": version})
    for change in shown.changes:
        verdict = judge_change(shown.tip_id, change, signers)
        if verdict not in (None, "signed"):
            yield Finding(f"change_{verdict}", {"version": change.version})
    yield from _unfounded(shown)
    yield from _outcome(shown)
    yield from _expiry(shown, seen)
    if seen.centre and seen.centre != name_of(first_centre(shown)):
        yield Finding("centre_unproven")


def judge_change(tip_id: str, change: Change, signers: Signers) -> str | None:
    """How a change is signed (`Signers.judge`); None for one that nobody signs."""
    rule = _RULES.get(change.kind)
    if rule is None or rule.statement is None:
        return None
    return signers.judge(change.officer, rule.statement(tip_id, change), change.signature)


def is_signed_move(tip_id: str, change: Change, signers: Signers) -> bool:
    """Whether *change* moved the tip, signed by an officer that a roster named."""
    is_move = change.kind == "move"
    return is_move and judge_change(tip_id, change, signers) in ("signed", "former")


def standing(shown: TipDetail) -> Standing:
    """What the changes of *shown* come to, in their order."""
    now = Standing(first_centre(shown))
    for change in sorted(shown.changes, key=lambda change: change.version):
        rule = _RULES.get(change.kind)
        now = now if rule is None else rule.leaves(now, change)
    return now


def _unfounded(shown: TipDetail) -> Iterator[Finding]:
    """Changes that cannot have been where they stand."""
    now = Standing(first_centre(shown))
    for change in sorted(shown.changes, key=lambda change: change.version):
        rule = _RULES.get(change.kind)
        if rule is None:
            continue
        if not rule.fits(now, change):
            yield Finding(rule.misfit, {"version": change.version})
        now = rule.leaves(now, change)


def first_centre(shown: TipDetail) -> str:
    """The centre that the tip was filed to, by the history shown."""
    moves = sorted((c for c in shown.changes if c.kind == "move"), key=lambda c: c.version)
    return (moves[0].from_centre or "") if moves else shown.centre


def signed_version(change: Change) -> int:
    """The version that a change's signature names: the one it changed *from*; the desk lists the
    one it made.
    """
    return change.version - 1


def change_digest(change: Change) -> bytes:
    """What memory keeps of a change: every field of it, as one hash."""
    fields: tuple[object, ...] = (
        change.version,
        change.kind,
        change.status,
        change.officer,
        change.day,
        change.part_id,
        change.signature,
    )
    rule = _RULES.get(change.kind)
    fields += () if rule is None else rule.more(change)
    return hashlib.sha256(repr(fields).encode()).digest()


def _outcome(shown: TipDetail) -> Iterator[Finding]:
    """The status, the holder, the centre and the hold that the desk shows must be those that the
    last signed change left; only an ended tip that is not on hold is to be destroyed.
    """
    now = standing(shown)
    if now.status != shown.status:
        yield Finding("status_unproven")
    if now.holder != shown.claimed_by:
        yield Finding("claim_unproven")
    if now.centre != shown.centre or not now.is_led:
        yield Finding("centre_unproven")
    if now.is_held != shown.is_held:
        yield Finding("hold_unproven")
    if shown.expire_day is not None and (now.is_held or now.status not in ENDS):
        yield Finding("expiry_unfounded", {"day": shown.expire_day})


def _expiry(shown: TipDetail, seen: SeenTip) -> Iterator[Finding]:
    """A day of destruction that was moved nearer with nothing done to the tip since."""
    now = shown.expire_day
    if now is not None and shown.version == seen.stood_at and now < seen.expires:
        yield Finding("expiry_sooner", {"day": now, "seen": seen.expires})


# --- each kind of change


def _signs(
    make: Callable[..., Statement], **more: Callable[[Change], object]
) -> Callable[[str, Change], Statement]:
    """What *make* says of a change; *more* are its fields besides those that every change has."""

    def statement(tip_id: str, change: Change) -> Statement:
        return make(
            tip_id=tip_id,
            version=signed_version(change),
            day=change.day,
            officer=change.officer or "",
            **{name: of(change) for name, of in more.items()},
        )

    return statement


def _part(change: Change) -> str:
    return change.part_id or ""


def _counted(change: Change) -> tuple[object, ...]:
    """Nothing where nothing is counted, as memory kept it before there were counters."""
    if change.counts_hash is None and change.counts_signature is None:
        return ()
    return (change.counts_hash, change.counts_signature)


def _after_move(now: Standing, change: Change) -> Standing:
    is_led = now.is_led and change.from_centre == now.centre
    return replace(now, holder=None, centre=change.to_centre or "", is_led=is_led)


def _is_reporters_on_end(now: Standing, change: Change) -> bool:
    return now.status in ENDS and change.officer is None


def _after_rekey(now: Standing, change: Change) -> Standing:
    """Who was withdrawn holds the tip no longer."""
    return replace(now, holder=None) if now.holder == change.to_officer else now


_RULES: Mapping[str, _Rule] = {
    "status": _Rule(
        _signs(
            status_statement,
            status=lambda change: change.status or "",
            sentence_part_id=_part,
        ),
        lambda now, change: replace(now, status=change.status or now.status),
        _counted,
    ),
    "claim": _Rule(
        _signs(claim_statement), lambda now, change: replace(now, holder=change.officer)
    ),
    "release": _Rule(_signs(release_statement), lambda now, change: replace(now, holder=None)),
    "assign": _Rule(
        _signs(assign_statement, to_officer=lambda change: change.to_officer or ""),
        lambda now, change: replace(now, holder=change.to_officer),
        lambda change: (change.to_officer,),
    ),
    "move": _Rule(
        _signs(
            move_statement,
            from_centre=lambda change: change.from_centre or "",
            to_centre=lambda change: change.to_centre or "",
            sentence_part_id=_part,
        ),
        _after_move,
        lambda change: (change.from_centre, change.to_centre),
    ),
    "extend": _Rule(
        _signs(
            extend_statement,
            until_day=lambda change: change.until_day or "",
            sentence_part_id=_part,
        ),
        lambda now, change: now,
        lambda change: (change.until_day,),
    ),
    # The server's own; whether it fits the tip's clock and the tree is for `console.clocks`.
    "escalate": _Rule(
        None, lambda now, change: now, lambda change: (change.from_centre, change.to_centre)
    ),
    "rekey": _Rule(
        _signs(
            rekey_statement,
            withdrawn=lambda change: change.to_officer or "",
            rekey=lambda change: change.rekey or b"",
            reason_part_id=_part,
        ),
        _after_rekey,
        lambda change: (change.to_officer, change.rekey),
    ),
    "hold": _Rule(
        _signs(hold_statement, reason_part_id=_part),
        lambda now, change: replace(now, is_held=True),
        fits=lambda now, change: not now.is_held,
        misfit="change_hold_astray",
    ),
    "unhold": _Rule(
        _signs(unhold_statement, reason_part_id=_part),
        lambda now, change: replace(now, is_held=False),
        fits=lambda now, change: now.is_held,
        misfit="change_hold_astray",
    ),
    "stop": _Rule(None, lambda now, change: now),
    "confirm": _Rule(None, lambda now, change: now, fits=_is_reporters_on_end),
    "reopen": _Rule(
        None,
        lambda now, change: replace(now, status=REOPENED),
        fits=lambda now, change: _is_reporters_on_end(now, change) and change.status == REOPENED,
    ),
}
