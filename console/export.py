"""Taking a tip out of the desk: the only place where decrypted content is written to disk, on
purpose.

A new folder (`export_folder.py`): a case file on paper, a transcript, the files, and the sealed
originals with the tip's identities, so that a stock age can open them. Beside the sealed originals
lies a grant to recovery: `sealed/` alone can be archived, and only the recovery key opens it
(`recovery open`). A file is named as whole only after its size and SHA-256 were checked; the folder
is finished by a signed manifest of all of it.
"""

import json
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

from console import days
from console.acting import grant_to
from console.answers import SealedPart
from console.case_file import Case, Evidence, Why, case_file
from console.desk_wire import b64
from console.errors import ConsoleError, Distrusted, Mistaken
from console.export_folder import ExportFolder, written
from console.files import opened, saved_as
from console.likenesses import Likenesses
from console.office import Office, Reading, facts_of
from console.opening import open_export, open_original
from console.originals import kept_files, opened_original
from console.paper.orders import NotPrinted
from console.paper.printing import print_pdf
from console.previews.drawing import Drawing
from console.previews.passing import ONE_BY_ONE
from console.reading import OpenedTip, in_order
from console.transcript import transcript
from console.words import Words
from sealing import RECOVERY, FileFacts, SealedWords, Side, age

TIP = "tip.json"
RECOVERY_GRANT = "recovery-grant.json"
ROSTER = "roster.toml"
SEALED = "sealed"
BLOBS = "blobs"
FILES = "files"
ORIGINALS = "originals"
CASE_FILE = "case-file.pdf"

OpenBlob = Callable[[FileFacts], AsyncGenerator[bytes, None]]
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
class Exported:
    """What was taken out. *unprinted*: why there is no case file; None when there is one."""

    path: Path
    files: int
    skipped: tuple[Skipped, ...]
    warned: tuple[Warned, ...] = ()
    unprinted: str | None = None


@dataclass(frozen=True, slots=True)
class _Leaving:
    """A file on its way out: of which part, what must hold of it, into which folder, and what
    opens it. *own*: the key of a file as it was sent, beside one without its hidden details."""

    seq: int
    facts: FileFacts
    folder: str
    identity: age.Identity
    own: age.PQIdentity | None = None

    def named(self, hazards: tuple[str, ...] = ()) -> str:
        """Where it lies, under a name that nothing opens by itself if it may do harm."""
        name = saved_as(self.facts.name, str(self.facts.media), hazards)
        return f"{self.folder}/{self.seq:04}-{name}"


async def export_tip(
    office: Office, tip_id: str, target: Path, reason: str, words: Words, tell: Told
) -> Exported:
    """Have the export recorded with its *reason*, read the tip afresh, and write it to *target*,
    which must not exist yet.

    Raises Refused while a second officer is waited for: nothing was written.
    """
    reason_part = await open_export(office, tip_id, reason)
    reading, raw = await office.read_raw(tip_id)
    trust = await office.trust()
    roster, centres = await office.desk.roster(), await office.centres()
    out = ExportFolder(target, words.say("export.unfinished"))
    out.keep(f"{SEALED}/{TIP}", raw)
    out.keep(f"{SEALED}/{ROSTER}", roster)
    grant = _recovery_grant(office, reading, trust.roster.recovery)
    out.keep(f"{SEALED}/{RECOVERY_GRANT}", grant)
    _write_sealed_parts(out, reading.tip.shown.parts)

    async def read_blob(facts: FileFacts) -> AsyncGenerator[bytes, None]:
        async with office.desk.blob(tip_id, facts.blob_id) as chunks:
            with out.writing(f"{SEALED}/{BLOBS}/{facts.blob_id}.age") as copy:
                async for chunk in chunks:
                    copy.write(chunk)
                    yield chunk

    why = Why(office.keys.name, reason.strip(), office.today().isoformat())
    case = Case(reading, trust.signers, centres, why)
    done = await write_opened(out, case, read_blob, words, tell)
    out.finish(tip_id=tip_id, day=why.day, by=office.keys, reason=reason_part)
    return done


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
        with written(target) as out:
            pieces = opened(sealed, original.identity, original.file)
            return await out.take_in(pieces, Drawing())


async def write_opened(
    out: ExportFolder, case: Case, read_blob: OpenBlob, words: Words, tell: Told
) -> Exported:
    """All that can be read of a tip, and its identities, into *out*. A file that is not what was
    sent is left out and named."""
    reading = case.reading
    text = transcript(words, reading, case.signers, case.centres)
    out.keep("transcript.txt", text.encode("utf-8", "replace"))
    out.keep("README.txt", _readme(words, case.why))
    _write_identities(out, reading.tip)
    _write_original_words(out, reading, words)
    likenesses, drawing, evidence = Likenesses(), Drawing(ONE_BY_ONE), []
    for leaving in _leaving(reading.tip):
        tell(leaving.named())
        if leaving.own is not None:
            _warn_of_originals(out, words)
            out.keep(f"{ORIGINALS}/{leaving.seq:04}-identity.txt", identity_file(leaving.own))
        evidence.append(await _write_file(out, leaving, read_blob, likenesses, drawing))
    return Exported(
        out.path,
        sum(each.error is None for each in evidence),
        tuple(Skipped(each.seq, each.error) for each in evidence if each.error is not None),
        tuple(
            Warned(each.seq, Path(each.path).name, each.hazards)
            for each in evidence
            if each.hazards
        ),
        await _print(out, case_file(words, case, evidence, likenesses), likenesses.pictures),
    )


def identity_file(identity: age.PQIdentity) -> bytes:
    """An age identity file, as `age -i` reads it."""
    return f"# public key: {identity.recipient}\n{identity.reveal()}\n".encode()


# --- pieces


def _leaving(tip: OpenedTip) -> Iterator[_Leaving]:
    """Every file of the tip into `files/`, and those kept as they were sent into `originals/`."""
    for part in in_order(tip.files()):
        facts, identity = facts_of(part), tip.identity(part.shown.sealed_to)
        yield _Leaving(part.seq, facts, FILES, identity)
    for part, original in kept_files(tip):
        if original.file is not None:
            key = original.identity
            yield _Leaving(part.seq, original.file, ORIGINALS, key, key)


async def _write_file(
    out: ExportFolder,
    leaving: _Leaving,
    read_blob: OpenBlob,
    likenesses: Likenesses,
    drawing: Drawing,
) -> Evidence:
    """The file as it lies there, whole, or why it does not."""
    facts, error = leaving.facts, None
    hazards: tuple[str, ...] = ()
    try:
        async with aclosing(read_blob(facts)) as sealed:
            try:
                pieces = opened(sealed, leaving.identity, facts)
                watched = likenesses.watch(facts, pieces)
                hazards = await out.keep_file(leaving.named, watched, drawing)
            except Distrusted:
                async for _ in sealed:  # its sealed bytes are evidence too: all of them
                    pass
                raise
    except ConsoleError as refused:
        error = refused
    is_original = leaving.own is not None
    return Evidence(leaving.seq, facts, leaving.named(hazards), is_original, error, hazards)


async def _print(out: ExportFolder, html: str, pictures: Sequence[bytes]) -> str | None:
    """The case file into *out*; why there is none, else."""
    try:
        printed = await print_pdf(html, pictures=pictures)
    except NotPrinted as error:
        return error.reason
    out.keep(CASE_FILE, printed.pdf)
    return None


def _readme(words: Words, why: Why) -> bytes:
    day = days.say_day(why.day, words.language)
    said = words.say("export.readme", day=day, name=why.name, reason=why.reason)
    return said.encode("utf-8", "replace")


def _write_identities(out: ExportFolder, tip: OpenedTip) -> None:
    for side in Side:
        # Every key the tip ever had, newest first: age tries them in turn.
        keys = (key for _, key in tip.keys.of(side))
        out.keep(f"identity-{side}.txt", b"".join(map(identity_file, keys)))
    own_keys = [facts.seed for facts in map(facts_of, tip.files()) if facts.seed]
    if own_keys:
        identities = map(age.PQIdentity.from_seed, own_keys)
        out.keep("identity-files.txt", b"".join(map(identity_file, identities)))


def _write_sealed_parts(out: ExportFolder, parts: Sequence[SealedPart]) -> None:
    for part in parts:
        if part.sealed is not None:
            out.keep(f"{SEALED}/{part.seq:04}-{part.part_id}.age", part.sealed)


def _write_original_words(out: ExportFolder, reading: Reading, words: Words) -> None:
    """Words that were left as they were sent: sealed, with the identity that opens them."""
    for part in in_order(reading.tip.parts):
        original = opened_original(reading.tip, part)
        inside = part.part
        if original is None or inside is None or not isinstance(inside.original, SealedWords):
            continue
        _warn_of_originals(out, words)
        out.keep(f"{ORIGINALS}/{part.seq:04}-words.age", inside.original.data)
        out.keep(f"{ORIGINALS}/{part.seq:04}-identity.txt", identity_file(original.identity))


def _warn_of_originals(out: ExportFolder, words: Words) -> None:
    """The folder of what was left as it was sent begins with its warning."""
    if not (out.path / ORIGINALS).is_dir():
        warning = words.say("export.originals").encode("utf-8", "replace")
        out.keep(f"{ORIGINALS}/README.txt", warning)


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
