"""The recovery key at work: letting current officers into tips, and opening an exported tip
without a desk.

The recovery identity opens every tip; it is read from its file, used, and dropped. New grants
are signed by the officer (an admin) who runs it, so that every console can tell who let whom
in.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from msgspec.structs import replace

from console import days
from console.acting import regrant
from console.answers import OwnGrant, RecoveryTip, TipDetail, parse
from console.barring import barring_of, has_form, may_conflict
from console.case_file import Case, Why
from console.checks import check_tip
from console.desk_wire import ANSWER_AT_MOST_BYTES, b64
from console.errors import Distrusted, Mistaken
from console.export import BLOBS, RECOVERY_GRANT, ROSTER, TIP, Exported, Told, write_opened
from console.export_check import open_ordinary, small_file
from console.export_folder import ExportFolder
from console.findings import Signers
from console.office import Office, Reading, verdicts
from console.reading import OpenedTip, open_own_grant, open_parts, open_tip, recovery_keys
from console.seen import SeenTip
from console.trust import Trust, admin_key, open_signed
from console.words import Words
from sealing import (
    RECOVERY,
    FileFacts,
    Officer,
    RecoveryKey,
    SealingError,
    TipKind,
    age,
    open_server_key,
    reader_role,
)
from sealing.roster import AT_MOST_BYTES as ROSTER_AT_MOST

_READERS = frozenset(map(reader_role, TipKind))
LINE_AT_MOST = 4 * 1024 * 1024
CHUNK = 256 * 1024
SERVER_KEY = "server-key.age"
SEALED_KEY_AT_MOST = 1024 * 1024


OnStep = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A grant made from recovery's, ready for the desk or for a file."""

    tip_id: str
    grant_id: str
    to: Officer
    sealed: bytes
    day: str
    signature: bytes

    def json(self) -> dict[str, object]:
        return {
            "tip_id": self.tip_id,
            "grant_id": self.grant_id,
            "officer": self.to.id,
            "sealed": b64(self.sealed),
            "day": self.day,
            "signature": b64(self.signature),
        }


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An officer who was not let into a tip, and *why*: the tip bars them ("barred"); or nobody
    named them, and they declared a conflict with some agency ("conflicts"), or the form that would
    say whom the tip bars is not there ("formless")."""

    tip_id: str
    officer: Officer
    why: str

    @property
    def is_barred(self) -> bool:
        return self.why == "barred"


@dataclass(frozen=True, slots=True)
class Regranted:
    """What came of it: new grants, tips that recovery's key does not open, and who was left out."""

    grants: tuple[NewGrant, ...]
    tips: int
    unopened: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()


async def regrant_all(
    office: Office,
    key: RecoveryKey,
    *,
    chosen: Sequence[str] = (),
    listed: Sequence[RecoveryTip] | None = None,
    is_dry: bool = False,
    is_unread_only: bool = False,
    on_step: OnStep = lambda looked_at, granted: None,
) -> Regranted:
    """Grant every tip to those of its centre's officers who lack it (or to the *chosen* ones); an
    application to join the network to registrars in their place.

    Whom a tip's form bars is left out, chosen or not; so is, unless chosen by name, who declared a
    conflict with any agency, and everybody where no form is shown. With *is_unread_only* only tips
    that nobody of the roster can open are looked at. *on_step* is told how many tips were looked at
    and how many grants the desk has; who is interrupted runs it again: whoever has a grant lacks
    none. The tips come from the desk, or from *listed*; then nothing is sent and the caller keeps
    the grants.
    """
    trust = await office.trust()
    to = tuple(trust.find(who) for who in chosen)
    left_out: list[LeftOut] = []
    made: list[NewGrant] = []
    unopened: list[str] = []
    tips = 0
    looked_at = sent = 0
    async for tip in _tips(office, listed):
        looked_at += 1
        on_step(looked_at, sent)
        lacking = _lacking(tip, trust, to)
        if not lacking or (is_unread_only and _has_readers(tip, trust)):
            continue
        try:
            grants, out = await asyncio.to_thread(_grants, office, key, tip, lacking, bool(to))
        except Distrusted:
            unopened.append(tip.tip_id)
            continue
        tips += bool(grants)
        made += grants
        left_out += out
        if listed is None and not is_dry:
            for grant in grants:
                await office.desk.grant(
                    grant.tip_id,
                    grant_id=grant.grant_id,
                    to=grant.to.id,
                    sealed=grant.sealed,
                    day=grant.day,
                    signature=grant.signature,
                    rekeys=len(tip.rekeys),
                )
                sent += 1
                on_step(looked_at, sent)
    return Regranted(tuple(made), tips, tuple(unopened), tuple(left_out))


def read_list(path: Path) -> tuple[RecoveryTip, ...]:
    """Tips out of a file: one JSON object a line, each as the desk's recovery list has it."""
    try:
        with path.open("rb") as source:
            return tuple(_listed(path, source))
    except OSError:
        raise Mistaken("recovery.bad_list", path=path, line=0) from None


def read_recipient(path: Path) -> age.PQRecipient:
    """The public half that `recovery make` wrote."""
    try:
        text = path.read_text(encoding="ascii")
        return age.PQRecipient.parse(text.strip())
    except (OSError, ValueError, SealingError, age.AgeError):
        raise Mistaken("recovery.missing", path=path) from None


def read_sealed_key(backup: Path) -> bytes:
    """The server key as it lies sealed in a backup of the server. Raises Mistaken."""
    try:
        with (backup / SERVER_KEY).open("rb") as source:
            return source.read(SEALED_KEY_AT_MOST + 1)
    except OSError:
        raise Mistaken("recovery.no_server_key", path=backup) from None


def open_sealed_key(sealed: bytes, key: RecoveryKey) -> bytes:
    """The server key's file. Raises Mistaken: it is not sealed to this key, or is damaged."""
    try:
        return open_server_key(sealed, key.age)
    except SealingError:
        raise Mistaken("recovery.other_key") from None


async def open_export(
    source: Path,
    target: Path,
    key: RecoveryKey,
    *,
    admin: str | None,
    reason: str,
    words: Words,
    tell: Told,
) -> Exported:
    """Open the sealed originals of an export in *source* with recovery's key, into the new
    folder *target*.

    With the *admin*'s public key, signatures are checked against the roster that lies beside
    them.
    """
    sealed = source / "sealed" if (source / "sealed" / TIP).exists() else source
    # What an officer had before is not recovery's to open.
    detail = replace(_detail(sealed), grant=_grant(sealed), earlier=())
    tip = open_tip(detail, RECOVERY, key.age)
    signers = _signers(sealed, admin)
    reading = _examined(tip, signers)
    out = ExportFolder(target, words.say("export.unfinished"))

    async def read_blob(facts: FileFacts) -> AsyncGenerator[bytes, None]:
        try:
            handle = open_ordinary(sealed / BLOBS / f"{facts.blob_id}.age")
            with os.fdopen(handle, "rb") as blob:
                while chunk := blob.read(CHUNK):
                    yield chunk
        except OSError:
            raise Mistaken("file.missing") from None

    why = Why(key.name, reason, days.today().isoformat())
    case = Case(reading, signers, {}, why)
    done = await write_opened(out, case, read_blob, words, tell)
    # Whoever holds the recovery key need be no officer, and their signature would tell nobody more.
    out.finish(tip_id=tip.tip_id, day=why.day, by=None, reason=None)
    return done


# --- re-granting


async def _tips(office: Office, listed: Sequence[RecoveryTip] | None) -> AsyncIterator[RecoveryTip]:
    if listed is not None:
        for tip in listed:
            yield tip
        return
    after = None
    while True:
        page = await office.desk.recovery_tips(after=after)
        for tip in page.tips:
            yield tip
        after = page.next
        if after is None:
            return


def _has_readers(tip: RecoveryTip, trust: Trust) -> bool:
    """Whether somebody of the roster could open the tip: as the desk lists its grants."""
    have = {grant.officer for grant in tip.grants if grant.released}
    return any(o.id in have and any(map(o.has, _READERS)) for o in trust.roster.officers)


def _lacking(tip: RecoveryTip, trust: Trust, chosen: tuple[Officer, ...]) -> list[Officer]:
    """Who has no grant yet, and should read the tip or the application that it may be."""
    have = {grant.officer for grant in tip.grants if grant.released}
    of_centre = (officer for officer in trust.roster.officers if tip.centre in officer.centres)
    wanted: Iterable[Officer] = chosen or of_centre
    # Who was withdrawn lacks a grant on purpose; naming them lets them in again.
    have |= set() if chosen else set(tip.withdrawn)
    return [o for o in wanted if o.id not in have and any(map(o.has, _READERS))]


def _grants(
    office: Office, key: RecoveryKey, tip: RecoveryTip, to: Iterable[Officer], is_chosen: bool
) -> tuple[list[NewGrant], list[LeftOut]]:
    held = open_own_grant(tip.tip_id, tip.grant, RECOVERY, key.age)
    keys = recovery_keys(tip, held, key.age)
    forms = open_parts(tip.tip_id, tip.forms, keys)
    barring, is_formless = barring_of(forms), not has_form(forms)
    day = office.today().isoformat()
    made, left_out = [], []
    for officer in to:
        if held.summary is None or not officer.has(reader_role(held.summary.kind)):
            continue
        why = "barred" if barring.bars(officer) else ""
        if not is_chosen and not why:
            why = "conflicts" if may_conflict(officer, held.summary) else ""
            why = "formless" if is_formless else why
        if why:
            left_out.append(LeftOut(tip.tip_id, officer, why))
            continue
        grant_id, sealed, signature = regrant(office, held, officer)
        made.append(NewGrant(tip.tip_id, grant_id, officer, sealed, day, signature))
    return made, left_out


def _listed(path: Path, source: BinaryIO) -> Iterator[RecoveryTip]:
    number = 0
    while line := source.readline(LINE_AT_MOST):
        number += 1
        if line.strip():
            try:
                yield parse(RecoveryTip, line)
            except Distrusted:
                raise Mistaken("recovery.bad_list", path=path, line=number) from None


# --- an export


def _detail(sealed: Path) -> TipDetail:
    try:
        return parse(TipDetail, small_file(sealed / TIP, ANSWER_AT_MOST_BYTES) or b"")
    except Distrusted:
        raise Mistaken("recovery.bad_export", path=sealed) from None


def _grant(sealed: Path) -> OwnGrant:
    try:
        return parse(OwnGrant, small_file(sealed / RECOVERY_GRANT, LINE_AT_MOST) or b"")
    except Distrusted:
        raise Mistaken("recovery.no_grant", path=sealed) from None


def _signers(sealed: Path, admin: str | None) -> Signers | None:
    if admin is None:
        return None
    raw = small_file(sealed / ROSTER, ROSTER_AT_MOST)
    if raw is None:
        raise Mistaken("recovery.bad_export", path=sealed)
    return Trust.of(open_signed(raw, admin_key(admin), 0)).signers


def _examined(tip: OpenedTip, signers: Signers | None) -> Reading:
    """Checked as far as it goes: without a roster, whose keys signed is left open."""
    judged = signers or Signers({}, {}, {})
    findings = check_tip(tip, judged, SeenTip(), str, days.today())
    if signers is None:
        findings = [f for f in findings if not f.needs_roster]
        return Reading(tip, tuple(findings), None)
    return Reading(tip, tuple(findings), None, verdicts(tip, signers))
