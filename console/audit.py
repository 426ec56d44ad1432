"""The audit trail as an auditor sees it: who did what, whether it hangs together, who signed it.

`fetch` gets a trail from the desk, `read_file` from a file that `write_file` made; `check` looks at
either. What is found is named (`audit.…` in words): the chain, the days' heads, the server's key,
auditors' and officers' signatures, and what this console saw before. A trail that a desk never
showed anybody, and newest entries that nobody saw, cannot be missed.
"""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TypeVar

from console.answers import AuditDay, AuditDays, parse
from console.audited import judge_entry
from console.errors import Distrusted, Mistaken
from console.findings import Signers
from console.office import Office
from console.restored import Restored, before, is_new, read_restore, restores
from console.trust import Trust, open_signed
from console.watching import SeenTrail, newly_seen, rewritten_at
from sealing import (
    RESTORE,
    SERVER,
    DayHead,
    Entry,
    SealingError,
    VerifyKey,
    check_heads,
    check_trail,
    read_entry,
)

T = TypeVar("T", int, str)

FILE_VERSION = 1
FILE_AT_MOST = 512 * 1024 * 1024
ENTRIES_AT_MOST = 1_000_000
_GOOD_TO_KNOW = {"behind", "signer_former", "restored_before"}
_DAYS_TO_SIGN = timedelta(days=2)  # the server signs a day soon after it is over


@dataclass(frozen=True, slots=True)
class Trail:
    """A whole trail: *entries*, the days' *heads* with who signed them, the server's key as the
    desk tells it, and the signed roster that came with it."""

    entries: tuple[Entry, ...]
    heads: tuple[DayHead, ...]
    server_key: str
    roster: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that does not verify: a word key (`audit.NAME`) and its parameters."""

    name: str
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_alarm(self) -> bool:
        return self.name not in _GOOD_TO_KNOW

    @property
    def key(self) -> str:
        return f"audit.{self.name}"


@dataclass(frozen=True, slots=True)
class Row:
    """One entry, ready to show. *verdict*: how its officer signed it ("signed", "former",
    "unsigned", "forged", "foreign"), or None where nobody signs or this release cannot tell.
    *about* names what it rests on: a version, a part, a record."""

    seq: int
    day: str
    deed: str
    officer: str
    name: str
    centre: str | None
    tip_id: str | None
    count: int | None
    about: str
    verdict: str | None


@dataclass(frozen=True, slots=True)
class SignedDay:
    """One day's head, ready to show; *auditors* are the names of those who signed it."""

    day: str
    seq: int
    auditors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A trail, examined."""

    trail: Trail
    rows: tuple[Row, ...]
    days: tuple[SignedDay, ...]
    found: tuple[Found, ...]
    signers: Signers = field(repr=False)
    """By whose keys it was judged."""

    @property
    def alarms(self) -> tuple[Found, ...]:
        return tuple(found for found in self.found if found.is_alarm)

    @property
    def witnessed(self) -> int:
        """The number of the last entry that an auditor's signature covers; 0 for none."""
        return max((day.seq for day in self.days if day.auditors), default=0)


Tell = Callable[[int], None]
"""Is told how many entries have come."""


async def fetch(office: Office, known: Trail | None = None, tell: Tell = lambda n: None) -> Trail:
    """The whole trail from the desk; of what is *known* only what came after it, where the desk
    still shows the known end. Raises Refused for who may not watch it, Distrusted for what is no
    trail."""
    goes_on = known is not None and await _goes_on(office, known)
    entries = list(known.entries) if known is not None and goes_on else []
    after: int | None = entries[-1].seq if entries else 0
    while after is not None:
        page = await office.desk.audit(after=after)
        entries += map(_entry, page.entries)
        if len(entries) > ENTRIES_AT_MOST:
            raise Distrusted("desk.too_long")
        tell(len(entries))
        after = _onward(after, page.next)
    heads: list[DayHead] = []
    day: str | None = ""
    while day is not None:
        days = await office.desk.audit_days(after=day)
        heads += map(_head, days.days)
        day = _onward(day, days.next)
    return Trail(tuple(entries), tuple(heads), days.server_key, await office.desk.roster())


async def watch(
    office: Office, known: Checked | None = None, tell: Tell = lambda n: None
) -> Checked:
    """Fetch the trail and examine it; what is whole is remembered, so that nothing up to here can
    be rewritten without this console saying so. *known*, an earlier look, saves fetching and
    judging its entries again where it found them whole."""
    whole = None if known is None or known.alarms else known
    trail = await fetch(office, None if whole is None else whole.trail, tell)
    trust = await office.trust()
    return await asyncio.to_thread(_watched, office, trail, trust.signers, whole)


async def sign(office: Office, known: Checked | None = None, day: str | None = None) -> str | None:
    """Sign the head of *day*, or the newest one, which vouches for everything before it; that day,
    or None when there is no such day, or it is signed already. Raises Distrusted when something is
    wrong with the trail: nothing was signed."""
    checked = await watch(office, known)
    if checked.alarms:
        raise Distrusted("audit.not_signed")
    head = next((h for h in reversed(checked.trail.heads) if day in (None, h.day)), None)
    if head is None or office.keys.id in head.countersigned:
        return None
    await office.desk.sign_audit_day(head.day, office.keys.sign.sign(head.said_by(office.keys.id)))
    return head.day


async def accept_restore(office: Office, entries: int) -> Restored | None:
    """Take the desk's word for it that the server was restored from a backup of so many *entries*,
    which a person was told by another way; what was seen here of the lost ones is forgotten.

    None when there is no new restore. Raises Mistaken for another number, Distrusted when anything
    else is wrong with the trail: nothing was accepted.
    """
    checked = await watch(office)
    news = _new_restores(checked.trail, office.memory.trail())
    if not news:
        return None
    if any(found.name != "restored" for found in checked.alarms):
        raise Distrusted("audit.not_accepted")
    if news[-1].entries != entries:
        raise Mistaken("audit.other_number")
    trail = checked.trail
    office.memory.forget_trail_from(news[0].seq)
    office.memory.remember_trail(newly_seen(trail.entries, trail.heads, trail.server_key))
    return news[-1]


def check(
    trail: Trail,
    signers: Signers,
    seen: SeenTrail,
    today: date,
    *,
    is_now: bool,
    known: Checked | None = None,
) -> Checked:
    """Examine *trail*. *is_now*: it is the desk's of this moment, so it must reach as far as what
    was seen here; a file may be older. The officers' signatures of *known* are not judged anew
    where the entries and the keys are the same."""
    judged = _judged(trail, signers, known)
    rows = (*judged, *(_row(entry, signers) for entry in trail.entries[len(judged) :]))
    over = (today - _DAYS_TO_SIGN).isoformat() if is_now else ""
    found = (
        *_chain(trail, over),
        *_restore_entries(trail),
        *_against_memory(trail, seen, is_now),
        *_auditors(trail, signers),
        *_officers(rows),
    )
    days = tuple(_signed_day(head, signers) for head in trail.heads)
    return Checked(trail, rows, days, tuple(found), signers)


# --- files


def write_file(trail: Trail) -> bytes:
    """The trail as a file that can be checked anywhere, by `read_file` and `check`."""
    return json.dumps(
        {
            "saisaat_audit": FILE_VERSION,
            "server_key": trail.server_key,
            "roster": trail.roster.decode("utf-8"),
            "entries": [entry.data.decode("utf-8") for entry in trail.entries],
            "days": [_day_json(head) for head in trail.heads],
        },
        ensure_ascii=False,
        indent=1,
    ).encode()


def read_file(raw: bytes) -> Trail:
    """The trail in a file. Raises Distrusted for what is none, naming no value of it."""
    if len(raw) > FILE_AT_MOST:
        raise Distrusted("audit.no_file")
    try:
        whole = json.loads(raw)
        version, roster = whole["saisaat_audit"], whole["roster"]
        entries = tuple(_entry(each.encode("utf-8")) for each in whole["entries"])
        days = {"server_key": whole["server_key"], "days": whole["days"]}
        heads = parse(AuditDays, json.dumps(days).encode())
        if version != FILE_VERSION:
            raise Distrusted("audit.newer_file")
        return Trail(entries, tuple(map(_head, heads.days)), heads.server_key, roster.encode())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Distrusted("audit.no_file") from None


def signers_of_file(trail: Trail, admin: VerifyKey, known: Mapping[str, bytes]) -> Signers:
    """Whose signatures count in a file: the officers of its roster, which the *admin* must have
    signed, and those *known* here from rosters before and after. Raises Distrusted."""
    trust = Trust.of(open_signed(trail.roster, admin, 0))
    now = trust.signers.current
    former = {each: VerifyKey(key) for each, key in known.items() if each not in now}
    return replace(trust.signers, former=former)


# --- pieces


def _watched(office: Office, trail: Trail, signers: Signers, known: Checked | None) -> Checked:
    seen, today = office.memory.trail(), office.today()
    checked = check(trail, signers, seen, today, is_now=True, known=known)
    if not checked.alarms:
        seen = newly_seen(trail.entries, trail.heads, trail.server_key)
        office.memory.remember_trail(seen)
    return checked


async def _goes_on(office: Office, known: Trail) -> bool:
    """Whether the desk still has the last entry of what is *known*, as it is known. The entries
    before it hang on it; those behind it must."""
    if not known.entries:
        return False
    last = known.entries[-1]
    page = await office.desk.audit(after=last.seq - 1)
    return bool(page.entries) and _entry(page.entries[0]) == last


def _judged(trail: Trail, signers: Signers, known: Checked | None) -> tuple[Row, ...]:
    """The rows of *known*, if *trail* begins with its entries and the same keys judge them."""
    if known is None or known.signers != signers:
        return ()
    is_same = trail.entries[: len(known.rows)] == known.trail.entries
    return known.rows if is_same else ()


def _onward(after: T, then: T | None) -> T | None:
    """Where the next page begins. Raises Distrusted for a desk that leads around in a circle."""
    if then is not None and then <= after:
        raise Distrusted("desk.malformed", place="next")
    return then


def _chain(trail: Trail, over: str) -> Iterator[Found]:
    for flaw in check_trail(trail.entries):
        yield Found(f"entry_{flaw.what}", {"seq": flaw.seq})
    for day in check_heads(trail.entries, trail.heads, _server_key(trail), over):
        yield Found(f"day_{day.what}", {"day": day.day})


def _against_memory(trail: Trail, seen: SeenTrail, is_now: bool) -> Iterator[Found]:
    """What does not fit with what was seen here. What a new restore explains is told as that
    restore; the memory up to there must hold all the same."""
    if seen.server_key and seen.server_key != trail.server_key:
        yield Found("server_key_changed")
    news = _new_restores(trail, seen)
    for restored in news:
        told = {
            "day": restored.day,
            "backup_day": restored.backup_day,
            "entries": restored.entries,
            "seen": seen.last,
        }
        yield Found("restored" if seen.hashes else "restored_before", told)
    if news:
        seen = before(seen, news[0])
    forked = rewritten_at(trail.entries, seen)
    if forked is not None:
        yield Found("rewritten", {"seq": forked})
    if len(trail.entries) < seen.last:
        name = "truncated" if is_now else "behind"
        yield Found(name, {"has": len(trail.entries), "seen": seen.last})


def _new_restores(trail: Trail, seen: SeenTrail) -> tuple[Restored, ...]:
    """Those that this console has not accepted. A trail under another key than the known one says
    nothing of the server."""
    if seen.server_key and seen.server_key != trail.server_key:
        return ()
    found = restores(trail.entries, _server_key(trail))
    return tuple(each for each in found if is_new(each, trail.entries, seen))


def _restore_entries(trail: Trail) -> Iterator[Found]:
    """Entries that say that the server was restored, and are not signed by it."""
    key = _server_key(trail)
    for entry in trail.entries:
        if entry.deed == RESTORE and read_restore(entry, key) is None:
            yield Found("restore_forged", {"seq": entry.seq})


def _server_key(trail: Trail) -> VerifyKey:
    try:
        return VerifyKey.parse(trail.server_key)
    except SealingError:
        raise Distrusted("desk.malformed", place="server_key") from None


def _auditors(trail: Trail, signers: Signers) -> Iterator[Found]:
    for head in trail.heads:
        for officer, signature in head.countersigned.items():
            verdict = signers.judge(officer, head.said_by(officer), signature)
            if verdict not in ("signed", "former"):
                name = signers.name(officer)
                yield Found(f"auditor_{verdict}", {"day": head.day, "name": name})


def _officers(rows: Sequence[Row]) -> Iterator[Found]:
    for row in rows:
        if row.verdict not in (None, "signed", "former"):
            yield Found(f"signer_{row.verdict}", {"seq": row.seq, "name": row.name})
    for name in sorted({row.name for row in rows if row.verdict == "former"}):
        yield Found("signer_former", {"name": name})


def _row(entry: Entry, signers: Signers) -> Row:
    name = SERVER if entry.officer == SERVER else signers.name(entry.officer)
    return Row(
        seq=entry.seq,
        day=entry.day,
        deed=entry.deed,
        officer=entry.officer,
        name=name,
        centre=entry.centre,
        tip_id=entry.tip_id,
        count=entry.count,
        about=_about(entry.facts),
        verdict=judge_entry(entry, signers),
    )


_RESTS_ON = (
    *("version", "part_id", "grant_id", "record_id", "card_id", "campaign_id", "opening_id"),
    "body",  # whom a tip was handed over to
)


def _about(facts: Mapping[str, str | int]) -> str:
    """What an entry rests on, in one word, such as `version 3`."""
    named = ((name, facts[name]) for name in _RESTS_ON if name in facts)
    name, value = next(named, ("", ""))
    return f"{name} {value}".strip()


def _signed_day(head: DayHead, signers: Signers) -> SignedDay:
    good = (
        signers.name(officer)
        for officer, signature in head.countersigned.items()
        if signers.judge(officer, head.said_by(officer), signature) in ("signed", "former")
    )
    return SignedDay(head.day, head.seq, tuple(good))


def _entry(data: bytes) -> Entry:
    try:
        return read_entry(data)
    except SealingError:
        raise Distrusted("audit.no_entry") from None


def _head(day: AuditDay) -> DayHead:
    signed = {each.officer: each.signature for each in day.countersigned}
    return DayHead(day.day, day.seq, day.head, day.signature, signed)


def _day_json(head: DayHead) -> dict[str, object]:
    return {
        "day": head.day,
        "seq": head.seq,
        "head": _b64(head.head),
        "signature": _b64(head.signature),
        "countersigned": [
            {"officer": officer, "signature": _b64(signature)}
            for officer, signature in head.countersigned.items()
        ],
    }


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
