"""How the officer behind an entry of the audit trail signed it.

The facts of an entry are what its statement is made of, so the signature can be checked from the
entry alone. Changes of a tip are rebuilt as the tip's own history has them (`console/history.py`).
A deed that this release does not know is left unjudged.
"""

from collections.abc import Callable, Mapping

import msgspec

from console.answers import Change
from console.findings import Signers
from console.history import judge_change
from sealing import SERVER, Entry, Statement, statement

UNSIGNED = {"campaign-stop"}
"""Deeds of officers that ask for no signature: stopping must be easy."""

_CHANGE_FACTS = ("status", "part_id", "from_centre", "to_centre", "to_officer", "until_day")


def judge_entry(entry: Entry, signers: Signers) -> str | None:
    """`Signers.judge` of the entry's officer; None where nobody signs, or nobody here can tell.

    "unsigned" also where the server is said to have done what only officers do.
    """
    if entry.deed in UNSIGNED:
        return None
    make = _STATEMENTS.get(entry.deed)
    if make is None:
        change = _change(entry)
        return None if change is None else judge_change(entry.tip_id or "", change, signers)
    if entry.officer == SERVER:
        return "unsigned"  # only officers do such
    if "day" not in entry.facts:
        return None  # the day that was signed was not kept
    return signers.judge(entry.officer, make(entry), entry.signature)


def _change(entry: Entry) -> Change | None:
    """The change of a tip that an entry tells of; None when it is none."""
    version = entry.facts.get("version")
    if entry.tip_id is None or not isinstance(version, int):
        return None
    given = {name: entry.facts.get(name) for name in _CHANGE_FACTS}
    try:
        return msgspec.convert(
            {
                **given,
                "version": version + 1,
                "kind": entry.deed,
                "officer": None if entry.officer == SERVER else entry.officer,
                "day": entry.facts.get("day"),
                "signature": entry.signature,
            },
            Change,
        )
    except msgspec.ValidationError:
        return None


def _of(kind: str, *, officer: str = "officer", **renamed: str) -> Callable[[Entry], Statement]:
    """How a deed's statement of that *kind* is made of its facts: they, and who did it, under the
    names that the statement has for them."""

    def make(entry: Entry) -> Statement:
        fields: dict[str, str | int | None] = {**entry.facts, officer: entry.officer}
        for name, source in renamed.items():
            fields[name] = getattr(entry, source)
        return statement(kind, **fields)

    return make


def _members(entry: Entry) -> Statement:
    return statement(
        "members",
        **entry.facts,
        officer=entry.officer,
        centre=entry.centre,
        count=entry.count,
        which="ordinary",
    )


def _opening(kind: str) -> Callable[[Entry], Statement]:
    def make(entry: Entry) -> Statement:
        part_id = entry.facts.get("part_id")
        fields = {**entry.facts, "part_id": part_id, "tip_id": entry.tip_id}
        return statement(kind, **fields, officer=entry.officer)

    return make


def _rekey(entry: Entry) -> Statement:
    facts = entry.facts
    return statement(
        "rekey",
        tip_id=entry.tip_id,
        version=facts.get("version"),
        withdrawn=facts.get("to_officer"),
        rekey_hash=facts.get("rekey_hash"),
        reason_part_id=facts.get("part_id"),
        day=facts["day"],
        officer=entry.officer,
    )


_STATEMENTS: Mapping[str, Callable[[Entry], Statement]] = {
    "rekey": _rekey,
    "part": _of("part", tip_id="tip_id"),
    "grant": _of("grant", officer="by", tip_id="tip_id"),
    "members": _members,
    "card": _of("knowledge-card", centre="centre"),
    "campaign": _of("campaign", centre="centre"),
    "opening": _opening("opening"),
    "approval": _opening("approval"),
    "handover": _of("handover", tip_id="tip_id"),
    "handover-approval": _of("handover-approval", tip_id="tip_id"),
}
