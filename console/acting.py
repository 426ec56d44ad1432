"""What an officer does to a tip: answer, note, claim, release, status, move, let a colleague in.

Every act is signed, and made from what this console read and checked itself: parts are sealed
to the recipients of the officer's own grant, and numbered behind the last part that was seen.
If the tip grew meanwhile, it is read and checked again; after a few rounds the officer is told.
Under other keys than those first read here, nothing is done, whatever the officer insists on.
"""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TypeVar

from console.answers import OtherGrant, TipDetail
from console.barring import barring_of, may_conflict
from console.counting import ToCount
from console.desk_client import NewCounts, NewPart
from console.desk_wire import ClaimedByOther, StaleTip
from console.endings import ENDS
from console.errors import Distrusted, Mistaken, Refused
from console.office import Office, Reading
from console.office_rows import is_application
from console.tip_keys import rekeys_in
from console.words import usual_steps
from sealing import (
    JSON,
    NOTHING_BEFORE,
    Author,
    Grant,
    Kind,
    Officer,
    Part,
    TipKeys,
    TipRecipients,
    age,
    claim_statement,
    count_statement,
    grant_statement,
    hash_sealed,
    part_statement,
    reader_role,
    release_statement,
    seal_grant,
    seal_part,
    side_of,
    status_statement,
)

STATUSES = ("received", "screening", "accepted", "declined", "referred", "in_progress", "closed")
MESSAGE_AT_MOST = 4_000
NOTE_AT_MOST = 50_000
ROUNDS = 3
NOTHING_PREPARED: Mapping[str, str] = MappingProxyType({})

T = TypeVar("T")


async def reply(office: Office, tip_id: str, words: str, *, despite: bool = False) -> str:
    """Send *words* to the reporter; the new part's id. Raises Mistaken when warnings stand (unless
    *despite*).
    """
    clean = clean_words(words, MESSAGE_AT_MOST)

    async def once(reading: Reading) -> str:
        if reading.tip.shown.no_contact:
            raise Mistaken("act.no_contact")
        part = new_part(office, reading, Kind.MESSAGE, clean)
        await office.desk.append(tip_id, part)
        return part.part_id

    return await in_rounds(office, tip_id, once, despite)


async def note(office: Office, tip_id: str, words: str, *, despite: bool = False) -> str:
    """Keep *words* for officers only; the new part's id."""
    clean = clean_words(words, NOTE_AT_MOST)

    async def once(reading: Reading) -> str:
        part = new_part(office, reading, Kind.NOTE, clean)
        await office.desk.append(tip_id, part)
        return part.part_id

    return await in_rounds(office, tip_id, once, despite)


async def set_status(
    office: Office,
    tip_id: str,
    status: str,
    sentence: str,
    *,
    prepared: Mapping[str, str] = NOTHING_PREPARED,
    reason: str = "",
    despite: bool = False,
    is_sure: bool = False,
) -> None:
    """Move the tip to *status*; *sentence* tells the reporter, and *reason*, if there is one, goes
    into a note for officers first.

    Whoever applied to join the network is told what is *prepared* for the status where *sentence*
    is empty, and declining one needs a reason. Unless the officer *is_sure*, raises Mistaken for a
    tip that nobody holds or a step that is not usual.
    """
    if status not in STATUSES:
        raise Mistaken("status.unknown", status=status, known=", ".join(STATUSES))

    async def check(reading: Reading) -> str:
        """What the reporter will read. Nothing is noted for a step that cannot be taken."""
        applies = is_application(reading.tip.grant.summary)
        if status in ENDS and not applies:
            raise Mistaken("status.needs_result")
        if applies and status == "declined" and not reason.strip():
            raise Mistaken("application.needs_reason")
        said = sentence if sentence.strip() or not applies else prepared.get(status, "")
        if not said.strip():
            raise Mistaken("status.needs_sentence")
        if not is_sure:
            check_step(reading, status, "application" if applies else "tip")
        return clean_words(said, MESSAGE_AT_MOST)

    if reason.strip():
        await in_rounds(office, tip_id, check, despite)
        await note(office, tip_id, reason, despite=despite)

    async def once(reading: Reading) -> None:
        told = new_part(office, reading, Kind.STATUS, await check(reading))
        await send_status(office, reading, status, told)

    await in_rounds(office, tip_id, once, despite)


async def send_status(
    office: Office,
    reading: Reading,
    status: str,
    sentence: NewPart,
    reason: NewPart | None = None,
    count: ToCount | None = None,
) -> None:
    """Sign and send a change of the tip that was read; *reason* stands right before *sentence*."""
    shown = reading.tip.shown
    statement = status_statement(
        tip_id=shown.tip_id,
        version=shown.version,
        status=status,
        day=sentence.day,
        officer=office.keys.id,
        sentence_part_id=sentence.part_id,
    )
    await office.desk.set_status(
        shown.tip_id,
        version=shown.version,
        status=status,
        day=sentence.day,
        signature=office.keys.sign.sign(statement),
        sentence=sentence,
        reason=reason,
        counts=None if count is None else _signed_counts(office, shown, sentence.day, count),
    )


def _signed_counts(office: Office, shown: TipDetail, day: str, count: ToCount) -> NewCounts:
    statement = count_statement(
        tip_id=shown.tip_id,
        version=shown.version,
        counts_hash=count.now.hash(shown.tip_id),
        day=day,
        officer=office.keys.id,
    )
    return NewCounts(count.now, office.keys.sign.sign(statement), count.before)


async def claim(office: Office, tip_id: str) -> None:
    """Take the tip. Raises ClaimedByOther, naming who was faster; claiming one's own again is no
    error.
    """

    async def once(reading: Reading) -> None:
        holder = reading.tip.shown.claimed_by
        if holder == office.keys.id:
            return
        if holder is not None:
            raise ClaimedByOther(holder, reading.tip.shown.claimed_by_name)
        version, day = reading.tip.shown.version, office.today().isoformat()
        signature = office.keys.sign.sign(
            claim_statement(tip_id=tip_id, version=version, officer=office.keys.id, day=day)
        )
        await office.desk.claim(tip_id, version=version, day=day, signature=signature)

    await in_rounds(office, tip_id, once, True)


async def release(office: Office, tip_id: str) -> None:
    """Give the tip back to the queue. Raises ClaimedByOther when somebody else holds it."""

    async def once(reading: Reading) -> None:
        holder = reading.tip.shown.claimed_by
        if holder is None:
            return
        if holder != office.keys.id:
            raise ClaimedByOther(holder, reading.tip.shown.claimed_by_name)
        version, day = reading.tip.shown.version, office.today().isoformat()
        signature = office.keys.sign.sign(
            release_statement(tip_id=tip_id, version=version, officer=office.keys.id, day=day)
        )
        await office.desk.release(tip_id, version=version, day=day, signature=signature)

    await in_rounds(office, tip_id, once, True)


async def let_in(
    office: Office,
    tip_id: str,
    who: str,
    *,
    despite: bool = False,
    is_conflict_free: bool = False,
) -> Officer:
    """Let the officer whom *who* names read the tip.

    Raises Refused for somebody whom the tip itself bars; Mistaken when they can read it already,
    and, unless the tip *is_conflict_free*, when they declared a conflict with any agency.
    """
    colleague = (await office.trust()).find(who)

    async def once(reading: Reading) -> Officer:
        _check_reader(reading, colleague)
        if any(_reads(reading.tip.shown, grant, colleague) for grant in reading.tip.shown.grants):
            raise Mistaken("grant.already", name=colleague.name)
        if barring_of(reading.tip.parts).bars(colleague):
            raise Refused("grant.barred", name=colleague.name)
        if may_conflict(colleague, reading.tip.grant.summary) and not is_conflict_free:
            agencies = ", ".join(colleague.conflicts)
            raise Mistaken("grant.conflicts", name=colleague.name, agencies=agencies)
        mine = reading.tip.grant
        if mine.case is None:
            raise Refused("grant.no_case")
        grant_id, sealed, signature = regrant(office, mine, colleague)
        await office.desk.grant(
            tip_id,
            grant_id=grant_id,
            to=colleague.id,
            sealed=sealed,
            day=office.today().isoformat(),
            signature=signature,
            rekeys=len(rekeys_in(reading.tip.shown.changes)),
        )
        return colleague

    return await in_rounds(office, tip_id, once, despite)


def _reads(shown: TipDetail, grant: OtherGrant, officer: Officer) -> bool:
    """Whether *grant* lets *officer* read the tip for certain: it is their own, or they work where
    the tip lies. Of another only the desk knows which centre it goes with, and says so."""
    is_theirs = grant.officer == officer.id and grant.released
    return is_theirs and (grant.is_personal or shown.centre in officer.centres)


def regrant(office: Office, held: Grant, to: Officer) -> tuple[str, bytes, bytes]:
    """A new grant of what *held* opens, sealed to *to*, signed by this officer: its id, bytes,
    signature.
    """
    return grant_to(office, held, to.id, to.age)


def grant_to(
    office: Office,
    held: Grant,
    to: str,
    recipient: age.PQRecipient,
    keys: TipKeys | None = None,
) -> tuple[str, bytes, bytes]:
    """As `regrant`, to an officer's id or recovery; of new *keys*, if there are any."""
    grant = Grant(
        grant_id=new_id(),
        tip_id=held.tip_id,
        to=to,
        case=held.case if keys is None else keys.case,
        reply=held.reply if keys is None else keys.reply,
        summary=held.summary,
        day=office.today().isoformat(),
        by=office.keys.id,
    )
    sealed = seal_grant(grant, recipient)
    statement = grant_statement(
        grant_id=grant.grant_id,
        tip_id=grant.tip_id,
        to=grant.to,
        sealed=sealed,
        day=grant.day,
        by=grant.by,
    )
    return grant.grant_id, sealed, office.keys.sign.sign(statement)


def new_part(
    office: Office,
    reading: Reading,
    kind: Kind,
    words: str,
    after: NewPart | None = None,
    form: Mapping[str, JSON] | None = None,
    recipients: TipRecipients | None = None,
) -> NewPart:
    """A signed part behind the last one that was read, or *after* one that goes along with it;
    sealed to the side its kind belongs to, of the tip's keys or of the new *recipients*. *form* is
    what it says besides its words, for programs.
    """
    last = max(reading.tip.parts, key=lambda part: part.seq, default=None)
    seq, previous = (last.seq, last.shown.hash) if last else (0, NOTHING_BEFORE)
    if after is not None:
        seq, previous = after.seq, hash_sealed(after.sealed)
    side = side_of(Author.OFFICER, kind)
    part = Part(
        tip_id=reading.tip.tip_id,
        part_id=new_id(),
        seq=seq + 1,
        previous=previous,
        author=Author.OFFICER,
        day=office.today().isoformat(),
        kind=kind,
        words=words,
        form=form,
        officer=office.keys.id,
    )
    to = recipients or reading.tip.grant.recipients
    sealed = seal_part(part, to.of(side))
    statement = part_statement(
        tip_id=part.tip_id,
        part_id=part.part_id,
        seq=part.seq,
        previous=part.previous,
        sealed_hash=sealed.hash,
        kind=kind,
        day=part.day,
        officer=office.keys.id,
    )
    return NewPart(
        part_id=part.part_id,
        seq=part.seq,
        sealed=sealed.data,
        sealed_to=side,
        kind=kind,
        day=part.day,
        signature=office.keys.sign.sign(statement),
    )


def new_id() -> str:
    return secrets.token_hex(16)


async def in_rounds(
    office: Office, tip_id: str, once: Callable[[Reading], Awaitable[T]], despite: bool
) -> T:
    """Read, check, act; again when the tip grew in between."""
    for _ in range(ROUNDS):
        reading = await office.read(tip_id)
        if any(finding.is_final for finding in reading.findings):
            raise Distrusted("act.keys_changed")
        if reading.alarms and not despite:
            raise Mistaken("act.not_safe")
        try:
            return await once(reading)
        except StaleTip:
            continue
    raise Refused("act.kept_changing")


def check_step(reading: Reading, status: str, of: str) -> None:
    """Raises Mistaken for a tip that nobody holds, or a step that is not usual *of* a "tip" or an
    "application"."""
    now = reading.tip.shown.status
    if reading.tip.shown.claimed_by is None:
        raise Mistaken("status.unclaimed")
    if status not in (now, *usual_steps(of).get(now, STATUSES)):
        raise Mistaken("status.unusual")


def clean_words(words: str, at_most: int) -> str:
    """*words* as they are sent. Raises Mistaken for none, too many, or what cannot be written."""
    clean = words.replace("\r\n", "\n").strip()
    if not clean:
        raise Mistaken("act.words_empty")
    if len(clean) > at_most:
        raise Mistaken("act.words_long", n=at_most)
    try:
        clean.encode("utf-8")
    except UnicodeEncodeError:
        raise Mistaken("act.words_bad") from None
    return clean


def clean_reason(words: str, needed: str) -> str:
    """A note that says why, as it is sent. Raises Mistaken, in the words *needed*, for none."""
    if not words.strip():
        raise Mistaken(needed)
    return clean_words(words, NOTE_AT_MOST)


def _check_reader(reading: Reading, colleague: Officer) -> None:
    summary = reading.tip.grant.summary
    if summary is not None and not colleague.has(reader_role(summary.kind)):
        raise Mistaken(f"grant.no_{reader_role(summary.kind)}", name=colleague.name)
