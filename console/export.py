"""Taking a tip out of the desk: the only place where decrypted content is written to disk, on
purpose.

A new folder, 0700, files 0600, nothing overwritten: a transcript, the files, and the sealed
originals with the tip's identities, so that a stock age can open them. Beside the sealed
originals lies a grant to recovery: `sealed/` alone can be archived, and only the recovery key
opens it (`recovery open`). A file is named as whole only after its size and SHA-256 were
checked.
"""

import json
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from console import days, present
from console.acting import grant_to
from console.answers import SealedPart, TreeCentre
from console.calm import calm_line
from console.desk_wire import b64
from console.errors import ConsoleError, Mistaken, Unreachable
from console.files import opened, saved_as
from console.findings import Signers
from console.folder import why, write_new
from console.office import Office, Reading, facts_of
from console.opening import open_export, open_original
from console.originals import Opened, kept_files, opened_original
from console.previews import Glancing, hazards_at
from console.reading import OpenedPart, in_order
from console.results import outcomes
from console.words import Words
from sealing import RECOVERY, FileFacts, SealedWords, Side, age

TIP = "tip.json"
RECOVERY_GRANT = "recovery-grant.json"
ROSTER = "roster.toml"
BLOBS = "blobs"
ORIGINALS = "originals"

OpenBlob = Callable[[FileFacts], AsyncIterator[bytes]]
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be handed out, and why."""

    seq: int
    error: ConsoleError


@dataclass(frozen=True, slots=True)
class Warned:
    """A file that was written as *name*, and what it may do to whoever opens it
    (`previews.HAZARDS`).
    """

    seq: int
    name: str
    hazards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """The files that were written: how many, which may do harm, and which were left out."""

    files: int
    skipped: tuple[Skipped, ...]
    warned: tuple[Warned, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    path: Path
    files: int
    skipped: tuple[Skipped, ...]
    warned: tuple[Warned, ...] = ()


@dataclass(frozen=True, slots=True)
class Why:
    """Who exports and for what reason: it goes into the folder's README."""

    name: str
    reason: str
    day: str


async def export_tip(
    office: Office, tip_id: str, target: Path, reason: str, words: Words, tell: Told
) -> Exported:
    """Have the export recorded with its *reason*, read the tip afresh, and write it to *target*,
    which must not exist yet.

    Raises Refused while a second officer is waited for: nothing was written.
    """
    await open_export(office, tip_id, reason)
    reading, raw = await office.read_raw(tip_id)
    trust = await office.trust()
    roster, centres = await office.desk.roster(), await office.centres()
    out = make_new_folder(target)
    sealed = make_new_folder(out / "sealed")
    keep(sealed / TIP, raw)
    keep(sealed / ROSTER, roster)
    keep(sealed / RECOVERY_GRANT, _recovery_grant(office, reading, trust.roster.recovery))
    write_sealed_parts(sealed, reading.tip.shown.parts)
    note = Why(office.keys.name, reason.strip(), office.today().isoformat())
    write_opened(out, reading, trust.signers, words, note, centres)
    blobs = make_new_folder(sealed / BLOBS)

    async def read_blob(facts: FileFacts) -> AsyncIterator[bytes]:
        async with office.desk.blob(tip_id, facts.blob_id) as chunks:
            with open_new(blobs / f"{facts.blob_id}.age") as copy:
                async for chunk in chunks:
                    copy.write(chunk)
                    yield chunk

    write_original_words(out, reading, words)
    done = await write_files(out, reading, read_blob, words, tell)
    return Exported(out, done.files, done.skipped, done.warned)


async def save_original(
    office: Office, tip_id: str, seq: int, target: Path, reason: str, *, despite: bool = False
) -> tuple[str, ...]:
    """Have it recorded why, and write the file at *seq* as it was sent to *target*, which must not
    exist yet; what it may do to whoever opens it. Raises Refused while a second officer is waited
    for: nothing was written."""
    await open_original(office, tip_id, seq, reason, despite=despite)
    reading = await office.read(tip_id)
    part = next((part for part in reading.tip.files() if part.seq == seq), None)
    original = None if part is None else opened_original(reading.tip, part)
    if original is None or original.file is None:
        raise Mistaken("file.missing")
    async with office.desk.blob(tip_id, original.file.blob_id) as sealed:
        return await _write_file(target, opened(sealed, original.identity, original.file))


def write_opened(
    out: Path,
    reading: Reading,
    signers: Signers | None,
    words: Words,
    note: Why,
    centres: Mapping[str, TreeCentre] | None = None,
) -> None:
    """What can be read at once, and the tip's identities. *signers* None: signatures were not
    checked.
    """
    keep(
        out / "transcript.txt",
        transcript(words, reading, signers, centres or {}).encode("utf-8", "replace"),
    )
    readme = words.say(
        "export.readme",
        day=days.say_day(note.day, words.language),
        name=note.name,
        reason=note.reason,
    )
    keep(out / "README.txt", readme.encode("utf-8", "replace"))
    for side in Side:
        # Every key the tip ever had, newest first: age tries them in turn.
        keys = (key for _, key in reading.tip.keys.of(side))
        keep(out / f"identity-{side}.txt", b"".join(map(identity_file, keys)))
    own_keys = [facts.seed for facts in map(facts_of, reading.tip.files()) if facts.seed]
    if own_keys:
        identities = map(age.PQIdentity.from_seed, own_keys)
        keep(out / "identity-files.txt", b"".join(map(identity_file, identities)))


def write_sealed_parts(sealed: Path, parts: Sequence[SealedPart]) -> None:
    for part in parts:
        if part.sealed is not None:
            keep(sealed / f"{part.seq:04}-{part.part_id}.age", part.sealed)


def write_original_words(out: Path, reading: Reading, words: Words) -> None:
    """Words that were left as they were sent: sealed, with the identity that opens them."""
    for part in in_order(reading.tip.parts):
        original = opened_original(reading.tip, part)
        inside = part.part
        if original is None or inside is None or not isinstance(inside.original, SealedWords):
            continue
        folder = _originals(out, words)
        keep(folder / f"{part.seq:04}-words.age", inside.original.data)
        keep(folder / f"{part.seq:04}-identity.txt", identity_file(original.identity))


async def write_files(
    out: Path, reading: Reading, read_blob: OpenBlob, words: Words, tell: Told
) -> Written:
    """Every file of the tip into `files/`, and those kept as they were sent into `originals/`; one
    that is not what was sent is left out and named, one that may do harm gets a name that nothing
    opens by itself."""
    folder = make_new_folder(out / "files")
    skipped: list[Skipped] = []
    warned: list[Warned] = []
    done = 0
    for part in in_order(reading.tip.files()):
        facts = facts_of(part)
        tell(_name_of(part.seq, facts))
        try:
            identity = reading.tip.identity(part.shown.sealed_to)
            pieces = opened(read_blob(facts), identity, facts)
            warned += await _write_named(folder, part.seq, facts, pieces)
            done += 1
        except ConsoleError as error:
            skipped.append(Skipped(part.seq, error))
    for part, original in kept_files(reading.tip):
        try:
            originals = _originals(out, words)
            warned += await _write_original(originals, part.seq, original, read_blob, tell)
            done += 1
        except ConsoleError as error:
            skipped.append(Skipped(part.seq, error))
    return Written(done, tuple(skipped), tuple(warned))


async def _write_original(
    folder: Path, seq: int, original: Opened, read_blob: OpenBlob, tell: Told
) -> list[Warned]:
    """A file as it was sent, with its hidden details; beside it the identity that opens its blob
    in `sealed/blobs/`."""
    if original.file is None:
        return []
    tell(f"{ORIGINALS}/{_name_of(seq, original.file)}")
    keep(folder / f"{seq:04}-identity.txt", identity_file(original.identity))
    pieces = opened(read_blob(original.file), original.identity, original.file)
    return await _write_named(folder, seq, original.file, pieces)


async def _write_named(
    folder: Path, seq: int, facts: FileFacts, pieces: AsyncIterator[bytes]
) -> list[Warned]:
    """The file under the name that suits what it turned out to be; the warning it deserves."""

    def named(hazards: tuple[str, ...]) -> Path:
        return folder / _name_of(seq, facts, hazards)

    hazards = await _write_file(named(()), pieces, named)
    return [Warned(seq, named(hazards).name, hazards)] if hazards else []


def _name_of(seq: int, facts: FileFacts, hazards: tuple[str, ...] = ()) -> str:
    return f"{seq:04}-{saved_as(facts.name, str(facts.media), hazards)}"


def _originals(out: Path, words: Words) -> Path:
    """The folder of what was left as it was sent, made with its warning when it is first needed."""
    folder = out / ORIGINALS
    if not folder.is_dir():
        make_new_folder(folder)
        keep(folder / "README.txt", words.say("export.originals").encode("utf-8", "replace"))
    return folder


def transcript(
    words: Words, reading: Reading, signers: Signers | None, centres: Mapping[str, TreeCentre]
) -> str:
    """The tip as text, its words as they were told."""
    return "\n".join(_transcript(words, reading, signers, centres)) + "\n"


def identity_file(identity: age.PQIdentity) -> bytes:
    """An age identity file, as `age -i` reads it."""
    return f"# public key: {identity.recipient}\n{identity.reveal()}\n".encode()


def make_new_folder(path: Path) -> Path:
    try:
        path.mkdir(mode=0o700)
        path.chmod(0o700)
    except FileExistsError:
        raise Mistaken("export.exists", path=path) from None
    except OSError as error:
        raise Unreachable("export.unwritable", path=path, why=why(error)) from error
    return path


def keep(path: Path, data: bytes) -> None:
    try:
        write_new(path, data)
    except FileExistsError:
        raise Mistaken("export.exists", path=path) from None
    except OSError as error:
        raise Unreachable("export.unwritable", path=path, why=why(error)) from error


def open_new(path: Path) -> BinaryIO:
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
    except FileExistsError:
        raise Mistaken("export.exists", path=path) from None
    except OSError as error:
        raise Unreachable("export.unwritable", path=path, why=why(error)) from error


async def _write_file(
    path: Path,
    pieces: AsyncIterator[bytes],
    named: Callable[[tuple[str, ...]], Path] | None = None,
) -> tuple[str, ...]:
    """What the file may do to whoever opens it. Under another name until it is whole, then as
    *named* says; gone again when it is not what was sent.
    """
    beside, looking = path.with_name(f".{path.name[:100]}.part"), Glancing()
    try:
        with open_new(beside) as out:
            async for piece in pieces:
                out.write(piece)
                looking.feed(piece)
            out.flush()
            os.fsync(out.fileno())
        hazards = hazards_at(looking.done())
        _settle(beside, path if named is None else named(hazards))
    except OSError as error:
        raise Unreachable("export.unwritable", path=path, why=why(error)) from error
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
    return hazards


def _settle(beside: Path, path: Path) -> None:
    if path.exists():
        raise Mistaken("export.exists", path=path)
    beside.rename(path)


def _recovery_grant(office: Office, reading: Reading, recovery: age.PQRecipient) -> bytes:
    """A grant to recovery, signed by this officer, so that the sealed originals outlive the
    officer's keys.
    """
    grant_id, sealed, signature = grant_to(office, reading.tip.grant, RECOVERY, recovery)
    fields = {
        "grant_id": grant_id,
        "sealed": b64(sealed),
        "granted_by": office.keys.id,
        "signature": b64(signature),
    }
    return json.dumps(fields).encode()


def _transcript(
    words: Words, reading: Reading, signers: Signers | None, centres: Mapping[str, TreeCentre]
) -> list[str]:
    shown, language = reading.tip.shown, words.language
    lines = [
        words.say("read.title", tip=shown.tip_id),
        words.say("read.filed", day=days.say_day(shown.filed_day, language)),
        f"{words.say('list.status')}: {words.label('status', shown.status)}",
        f"{words.say('list.centre')}: {present.centre_name(words, shown.centre, centres)}",
        "",
        f"== {words.say('read.checks')} ==",
    ]
    lines += [f"! {present.say_finding(words, finding)}" for finding in reading.findings]
    if not reading.findings:
        lines.append(words.say("finding.all_well", parts=len(reading.tip.parts)))
    if signers is None:
        lines.append(words.say("read.signatures_unchecked"))
    judged = signers or Signers({}, {}, {})
    lines += ["", f"== {words.say('read.conversation')} =="]
    for bubble in present.conversation(words, reading, judged):
        lines += _bubble_lines(words, bubble)
    lines += ["", f"== {words.say('read.history')} =="]
    lines += [
        f"{days.say_day(event.day, language)}  {event.text}"
        for event in present.history(words, shown.changes, judged, centres, outcomes(reading.tip))
    ]
    return lines


def _bubble_lines(words: Words, bubble: present.Bubble) -> list[str]:
    head = f"[{bubble.seq}] {days.say_day(bubble.day, words.language)} · {bubble.who}"
    if bubble.label:
        head += f" · {bubble.label}"
    lines = ["", head]
    lines += [f"    {line}" for line in (bubble.text or "").splitlines()]
    if bubble.about is not None:
        lines.append(f"    ({bubble.about})")
    if bubble.file is not None:
        lines += _file_lines(words, bubble.file)
    return lines


def _file_lines(words: Words, part: OpenedPart) -> list[str]:
    facts = facts_of(part)
    name = calm_line(facts.name or "")
    media = words.label("media", facts.media)
    return [
        f"    {words.say('read.file')}: {media} {name} · {present.size(facts.size)}",
        f"    SHA-256: {facts.sha256}",
    ]
