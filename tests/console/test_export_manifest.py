"""An exported folder and its manifest: whole or named, finished or visibly not."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.desk_client import Desk
from console.errors import Distrusted, Mistaken, Unreachable
from console.export_check import check_export
from console.export_folder import MANIFEST, SIGNATURE, SUMS, UNFINISHED, ExportFolder
from console.findings import Signers
from console.previews.drawing import Drawing
from sealing import (
    OfficerKeys,
    make_manifest,
    manifest_statement,
    read_manifest,
    write_manifest,
)
from tests.console.conftest import Run
from tests.console.fake_world import PASSPHRASE, Person, World

TIP, REASON = "1" * 32, "3" * 32
DAY = "2026-11-26"
ADMIN = OfficerKeys.generate("สมชาย")
OTHER = OfficerKeys.generate("มาลี")
SIGNERS = Signers(
    {ADMIN.id: ADMIN.sign.verify_key, OTHER.id: OTHER.sign.verify_key}, {}, {ADMIN.id: "สมชาย"}
)
FILES = {
    "transcript.txt": "เห็นเขาเอาปูนไป".encode(),
    "files/0003-ถนน (1).jpg": bytes(range(256)) * 40,
    "sealed/tip.json": b"{}",
    "sealed/blobs/aa.age": b"",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return finished(tmp_path / "out")


def finished(path: Path, by: OfficerKeys | None = ADMIN) -> Path:
    out = ExportFolder(path, "not yet")
    for name, data in FILES.items():
        out.keep(name, data)
    out.finish(tip_id=TIP, day=DAY, by=by, reason=None if by is None else REASON)
    return path


def found(folder: Path, signers: Signers | None = SIGNERS) -> list[tuple[str, str]]:
    return [
        (each.name, str(each.params.get("path", "")))
        for each in check_export(folder, signers).deviations
    ]


def below(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_a_finished_folder_is_whole_and_signed(folder: Path) -> None:
    done = check_export(folder, SIGNERS)
    assert (done.is_whole, done.signature, done.deviations) == (True, "signed", ())
    assert done.manifest is not None
    assert {each.path for each in done.manifest.files} == {*FILES, SUMS}
    assert not (folder / UNFINISHED).exists()


def test_sha256sum_reads_the_sums(folder: Path) -> None:
    command = ["sha256sum", "--check", "--strict", SUMS]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
    (folder / "transcript.txt").write_bytes(b"other")
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode != 0


# --- any change is named


@settings(
    max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_any_changed_byte_is_named(folder: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(below(folder)))
    path, was = folder / name, (folder / name).read_bytes()
    how = data.draw(st.sampled_from(["flip", "cut", "grow"] if was else ["grow"]))
    at = data.draw(st.integers(0, max(0, len(was) - 1)))
    bit = data.draw(st.integers(0, 7))
    changed = {
        "flip": lambda: was[:at] + bytes([was[at] ^ (1 << bit)]) + was[at + 1 :],
        "cut": lambda: was[:at],
        "grow": lambda: was + b"\n",
    }[how]()
    path.write_bytes(changed)
    try:
        names = found(folder)
        assert names, (name, how, at, bit)
        if name not in (MANIFEST, SIGNATURE):
            assert [path for _, path in names] == [name]
    finally:
        path.write_bytes(was)
    assert found(folder) == []


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_any_changed_path_is_named(folder: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(below(folder)))
    to = data.draw(st.sampled_from(["moved.txt", "files/x", "sealed/blobs/bb.age"]))
    (folder / name).rename(folder / to)
    try:
        names = found(folder)
        assert names
        if name not in (MANIFEST, SIGNATURE):
            assert {("missing", name), ("extra", to)} == set(names)
    finally:
        (folder / to).rename(folder / name)
    assert found(folder) == []


def test_two_files_that_change_places_are_named(folder: Path) -> None:
    one, two = folder / "transcript.txt", folder / "sealed/tip.json"
    text, tip = one.read_bytes(), two.read_bytes()
    one.write_bytes(tip)
    two.write_bytes(text)
    assert {path for _, path in found(folder)} == {"transcript.txt", "sealed/tip.json"}


@pytest.mark.parametrize("kind", ["file", "link", "pipe", "in a new folder"])
def test_anything_more_is_named(folder: Path, tmp_path: Path, kind: str) -> None:
    if kind == "file":
        (folder / "files/more").write_bytes(b"")
    elif kind == "link":
        (folder / "files/more").symlink_to("/etc/passwd")
    elif kind == "pipe":
        os.mkfifo(folder / "files/more")
    else:
        (folder / "new").mkdir()
        (folder / "new/more").write_bytes(b"x")
    assert [name for name, _ in found(folder)] == ["extra"]


def test_a_link_or_a_pipe_in_a_files_place_is_not_read(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "same").write_bytes(FILES["transcript.txt"])
    (folder / "transcript.txt").unlink()
    (folder / "transcript.txt").symlink_to(tmp_path / "same")
    assert found(folder) == [("not_a_file", "transcript.txt")]
    (folder / "transcript.txt").unlink()
    os.mkfifo(folder / "transcript.txt")
    assert found(folder) == [("not_a_file", "transcript.txt")]


def test_a_manifest_that_is_a_link_or_endless_is_not_believed(folder: Path) -> None:
    (folder / MANIFEST).rename(folder.parent / MANIFEST)
    (folder / MANIFEST).symlink_to(folder.parent / MANIFEST)
    assert found(folder) == [("bad_manifest", "")]
    (folder / MANIFEST).unlink()
    (folder / MANIFEST).symlink_to("/dev/zero")
    assert found(folder) == [("bad_manifest", "")]


# --- whose list it is


def relisted(folder: Path, **changed: object) -> None:
    """The manifest written anew by somebody who holds no officer's key, who changed a file."""
    manifest = read_manifest((folder / MANIFEST).read_bytes())
    fields = {
        "tip_id": manifest.tip_id,
        "day": manifest.day,
        "officer": manifest.officer,
        "reason_part_id": manifest.reason_part_id,
        "files": manifest.files,
    } | changed
    again = make_manifest(**fields)  # type: ignore[arg-type]  # what a test changes of it
    (folder / MANIFEST).write_bytes(write_manifest(again))


@pytest.mark.parametrize(
    "changed",
    [
        {"tip_id": "4" * 32},
        {"day": "2026-11-27"},
        {"reason_part_id": "4" * 32},
        {"officer": OTHER.id},
        {"files": ()},
    ],
)
def test_a_list_that_was_written_anew_is_forged(folder: Path, changed: dict[str, object]) -> None:
    relisted(folder, **changed)
    assert found(folder)[0] == ("forged", "")


def test_a_signature_of_another_folder_is_forged(folder: Path, tmp_path: Path) -> None:
    out = ExportFolder(tmp_path / "two", "not yet")
    out.keep("transcript.txt", b"another")
    out.finish(tip_id=TIP, day=DAY, by=ADMIN, reason=REASON)
    shutil.copy(tmp_path / "two" / SIGNATURE, folder / SIGNATURE)
    assert found(folder) == [("forged", "")]


def test_who_is_in_no_roster_is_named_and_who_left_it_is_told(folder: Path) -> None:
    assert found(folder, Signers({}, {}, {})) == [("foreign", "")]
    left = Signers({}, {ADMIN.id: ADMIN.sign.verify_key}, {})
    assert check_export(folder, left).signature == "former"


def test_without_a_signature_it_is_named_and_without_a_roster_left_open(folder: Path) -> None:
    assert check_export(folder, None).signature == "unchecked"
    (folder / SIGNATURE).unlink()
    assert found(folder) == [("unsigned", "")]


def test_what_recovery_opened_is_signed_by_nobody(tmp_path: Path) -> None:
    done = check_export(finished(tmp_path / "out", by=None), SIGNERS)
    assert (done.deviations, done.signature) == ((), "by_recovery")
    (tmp_path / "out" / SIGNATURE).write_text("00")
    assert found(tmp_path / "out") == [("extra", SIGNATURE)]


def test_a_signature_by_another_officer_of_the_roster_does_not_pass_for_the_first(
    folder: Path,
) -> None:
    raw = (folder / MANIFEST).read_bytes()
    said = manifest_statement(
        tip_id=TIP, day=DAY, officer=ADMIN.id, reason_part_id=REASON, manifest=raw
    )
    (folder / SIGNATURE).write_text(f"{OTHER.sign.sign(said).hex()}\n")
    assert found(folder) == [("forged", "")]


# --- never half of it


def test_a_folder_without_its_manifest_is_not_finished(tmp_path: Path) -> None:
    out = ExportFolder(tmp_path / "out", "not yet")
    out.keep("transcript.txt", b"x")
    assert found(tmp_path / "out") == [("no_manifest", "")]
    assert (tmp_path / "out" / UNFINISHED).read_text() == "not yet"


def test_a_folder_that_still_says_unfinished_is_named(folder: Path) -> None:
    (folder / UNFINISHED).write_text("not yet")
    assert found(folder) == [("unfinished", "")]


async def test_a_file_bears_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    out = ExportFolder(tmp_path / "out", "not yet")
    seen: list[list[str]] = []

    async def pieces() -> AsyncIterator[bytes]:
        yield b"one"
        seen.append(below(tmp_path / "out"))
        yield b"two"
        raise Distrusted("file.altered")

    with contextlib.suppress(Distrusted):
        await out.keep_file(lambda _: "files/a.jpg", pieces(), Drawing())
    assert seen == [[UNFINISHED, "files/.a.jpg.part"]]
    assert below(tmp_path / "out") == [UNFINISHED]


KILLED = """
import os, signal, sys
from pathlib import Path
from console.export_folder import ExportFolder
out = ExportFolder(Path(sys.argv[1]), "not yet")
out.keep("transcript.txt", b"whole")
with out.writing("files/half.jpg") as half:
    half.write(bytes(1 << 20))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_who_was_killed_leaves_a_folder_that_says_so_and_no_half_under_its_name(
    tmp_path: Path,
) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "out")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert below(tmp_path / "out") == [UNFINISHED, "files/.half.jpg.part", "transcript.txt"]
    assert (tmp_path / "out" / "transcript.txt").read_bytes() == b"whole"
    assert found(tmp_path / "out") == [("no_manifest", "")]


def test_nothing_is_written_over(tmp_path: Path) -> None:
    out = ExportFolder(tmp_path / "out", "not yet")
    out.keep("a", b"one")
    with pytest.raises(Mistaken, match=r"export\.exists"):
        out.keep("a", b"two")
    assert (tmp_path / "out" / "a").read_bytes() == b"one"
    with pytest.raises(Mistaken, match=r"export\.exists"):
        ExportFolder(tmp_path / "out", "not yet")


async def test_a_file_is_written_and_listed_in_bounded_memory(tmp_path: Path) -> None:
    piece, count = bytes(64 * 1024), 640

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(count):
            yield piece

    out = ExportFolder(tmp_path / "out", "not yet")
    tracemalloc.start()
    await out.keep_file(lambda _: "files/big", pieces(), Drawing())
    manifest = out.finish(tip_id=TIP, day=DAY, by=ADMIN, reason=REASON)
    assert check_export(tmp_path / "out", SIGNERS).is_whole
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 8 * 1024 * 1024, "40 MiB were to pass in pieces"
    big = next(each for each in manifest.files if each.path == "files/big")
    assert (big.size, big.sha256) == (
        len(piece) * count,
        hashlib.sha256(piece * count).hexdigest(),
    )


# --- by the commands


def test_an_export_is_whole_by_its_check(
    world: World, somchai: Person, run: Run, tmp_path: Path
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="เห็นเขาเอาปูนไป", question="what"))
    world.add_file(tip, b"GIF89a" * 50, name="../ถนน.gif")
    out = tmp_path / "out"
    assert run("export", tip.tip_id, out, "--reason", "ศาลขอ", person=somchai).code == 0
    ran = run("export-check", out, "--json", person=somchai)
    assert ran.code == 0, ran.err
    said = json.loads(ran.out)
    assert (said["is_whole"], said["signature"]) == (True, "signed")
    assert (said["tip_id"], said["officer"]) == (tip.tip_id, somchai.id)
    manifest = read_manifest((out / MANIFEST).read_bytes())
    reason = next(p for p in tip.answer["parts"] if p["part_id"] == manifest.reason_part_id)
    assert reason["kind"] == "note"
    assert {each.path for each in manifest.files} == set(below(out)) - {MANIFEST, SIGNATURE}
    assert "case-file.pdf" in {each.path for each in manifest.files}

    elsewhere = run("export-check", out, home=tmp_path / "nobody")
    assert elsewhere.code == 2
    assert "--admin" in elsewhere.out
    key = ("--admin", str(world.admin.sign.verify_key))
    told = run("export-check", out, *key, home=tmp_path / "nobody", lang="th")
    assert told.code == 0
    assert "ลงลายเซ็นโดย สมชาย" in told.out

    (out / "transcript.txt").write_text("others' words \x1b[2J")
    (out / "files" / "\x1b[31mmore").write_text("")
    ran = run("export-check", out, person=somchai)
    assert ran.code == 5
    assert "transcript.txt has" in ran.out
    assert "\x1b" not in ran.out
    assert "2 things do not match" in ran.out
    assert run("export-check", tmp_path / "none", person=somchai).code == 2


def test_a_roster_by_another_admin_vouches_for_nobody(
    world: World, somchai: Person, run: Run, tmp_path: Path
) -> None:
    tip = world.file_tip(somchai)
    out = tmp_path / "out"
    assert run("export", tip.tip_id, out, "--reason", "x", person=somchai).code == 0
    key = ("--admin", str(OTHER.sign.verify_key))
    assert run("export-check", out, *key, person=somchai).code == 5


def test_a_file_that_does_not_open_leaves_its_sealed_bytes_and_a_whole_folder(
    world: World, somchai: Person, run: Run, tmp_path: Path
) -> None:
    tip = world.file_tip(somchai)
    facts = world.add_file(tip, bytes(200_000), name="a.jpg")
    world.spoil("blob", lambda answer: answer.update(blob=spoilt(answer["blob"])))
    out = tmp_path / "out"
    assert run("export", tip.tip_id, out, "--reason", "x", person=somchai).code == 5
    kept = (out / "sealed" / "blobs" / f"{facts.blob_id}.age").read_bytes()
    assert kept == spoilt(tip.blobs[facts.blob_id])
    assert run("export-check", out, person=somchai).code == 0


def spoilt(blob: bytes) -> bytes:
    return blob[:3000] + bytes([blob[3000] ^ 1]) + blob[3001:]


def test_a_blob_that_stops_coming_leaves_no_half_of_it(
    world: World, somchai: Person, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tip = world.file_tip(somchai)
    facts = world.add_file(tip, bytes(200_000), name="a.jpg")

    @contextlib.asynccontextmanager
    async def stops(*_: object) -> AsyncIterator[AsyncIterator[bytes]]:
        async def pieces() -> AsyncIterator[bytes]:
            yield tip.blobs[facts.blob_id][:100_000]
            raise Unreachable("desk.unreachable", desk="x")

        yield pieces()

    monkeypatch.setattr(Desk, "blob", stops)
    out = tmp_path / "out"
    assert run("export", tip.tip_id, out, "--reason", "x", person=somchai).code == 3
    assert not [name for name in below(out) if name.endswith((".part", "a.jpg"))]
    assert not list((out / "sealed" / "blobs").iterdir())
    assert run("export-check", out, person=somchai).code == 0


def test_recovery_leaves_a_list_that_nobody_signed(
    world: World, somchai: Person, run: Run, tmp_path: Path
) -> None:
    from sealing import seal_recovery
    from tests.console.fake_world import LOW_COST

    tip = world.file_tip(somchai)
    key = tmp_path / "recovery.age"
    key.write_bytes(seal_recovery(world.recovery, PASSPHRASE, LOW_COST))
    out, back = tmp_path / "out", tmp_path / "back"
    run("export", tip.tip_id, out, "--reason", "x", person=somchai)
    ran = run("recovery", "open", out, back, "--key", key, "--reason", "x")
    assert ran.code == 0, ran.err
    checked = run("export-check", back, person=somchai)
    assert checked.code == 2
    assert "No officer signed" in checked.out
    assert (back / "case-file.pdf").read_bytes().startswith(b"%PDF-")
