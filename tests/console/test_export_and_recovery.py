"""Exports, the recovery key, and the roster's making: files on disk, only where somebody asked."""

import hashlib
import json
import os
import random
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from console.files import opened
from sealing import RECOVERY, FileFacts, Media, RecoveryKey, Role, age, seal_server_key
from sealing.server_keys import write_server_key
from tests.console.conftest import Ran, Run
from tests.console.fake_world import (
    LOW_COST,
    PASSPHRASE,
    Answer,
    Person,
    Tip,
    World,
    new_id,
    recovery_rows,
)
from tests.console.hostile_files import docx, hidden_in_object_stream, paragraph, zipped

DATA = bytes(range(256)) * 700  # three age chunks


@pytest.fixture
def tip(world: World, somchai: Person) -> Tip:
    filed = world.file_tip(somchai)
    filed.append(filed.told(words="เห็นเขาเอาปูนไป \x1b[2J", question="what"))
    world.add_file(filed, DATA, name="../ถนน.jpg")
    world.add_file(filed, b"#!/bin/sh\n", name="run.sh", media=Media.DOCUMENT)
    world.officer_part(filed, somchai, "จำทะเบียนได้ไหม")
    return filed


@pytest.fixture
def recovery_file(world: World, tmp_path: Path) -> Path:
    from sealing import seal_recovery

    path = tmp_path / "recovery.age"
    path.write_bytes(seal_recovery(world.recovery, PASSPHRASE, LOW_COST))
    return path


# --- export


def test_an_export_holds_everything_and_only_for_its_owner(
    tip: Tip, somchai: Person, run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ran = run("export", tip.tip_id, out, "--reason", "ส่งพนักงานสอบสวน", person=somchai, lang="th")
    assert ran.code == 0, ran.err
    assert "เขียนเนื้อหาที่ถอดรหัสแล้วลงดิสก์" in ran.err
    files = {path.name: path for path in (out / "files").iterdir()}
    assert set(files) == {"0003-ถนน.jpg", "0004-run.sh.unsafe"}
    assert files["0003-ถนน.jpg"].read_bytes() == DATA
    transcript = (out / "transcript.txt").read_text(encoding="utf-8")
    assert "เห็นเขาเอาปูนไป" in transcript
    assert "จำทะเบียนได้ไหม" in transcript
    assert hashlib.sha256(DATA).hexdigest() in transcript
    assert "ส่งพนักงานสอบสวน" in (out / "README.txt").read_text(encoding="utf-8")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in out.rglob("*") if path.is_file()}
    folders = {
        stat.S_IMODE(path.stat().st_mode) for path in [out, *out.rglob("*")] if path.is_dir()
    }
    assert (modes, folders) == ({0o600}, {0o700})
    assert not [path for path in out.rglob("*") if path.name.endswith(".part")]


def test_an_export_warns_of_what_may_do_harm_and_names_it_so_that_nothing_opens_it(
    world: World, tip: Tip, somchai: Person, run: Run, tmp_path: Path
) -> None:
    """Whatever the sender called it: its bytes tell."""
    world.add_file(tip, b"MZ\x90" + bytes(90), name="photo.jpg")
    world.add_file(tip, zipped({"a": "b"}), name="evidence.docx", media=Media.DOCUMENT)
    out = tmp_path / "out"
    ran = run("export", tip.tip_id, out, "--reason", "x", "--json", person=somchai)
    assert ran.code == 0, ran.err
    names = {path.name for path in (out / "files").iterdir()}
    assert {"0004-run.sh.unsafe", "0006-photo.jpg.unsafe", "0007-evidence.docx"} <= names
    assert {each["seq"]: each["hazards"] for each in json.loads(ran.out)["warned"]} == {
        4: ["script"],
        6: ["program"],
        7: ["archive"],
    }
    said = " ".join(ran.err.split())
    assert "0006-photo.jpg.unsafe: It is a program" in said
    assert "0007-evidence.docx: It is an archive" in said


def test_an_export_warns_of_what_only_the_inside_of_a_document_tells(
    world: World, tip: Tip, somchai: Person, run: Run, tmp_path: Path
) -> None:
    """And marks the name of one that may run something; one too large to be looked into says so."""
    script = hidden_in_object_stream(b"<</S/JavaScript/JS(app.alert)>>")
    field = "<w:p><w:fldSimple w:instr='DDEAUTO cmd'/></w:p>"
    large = docx(paragraph("x"), word__media__a_dot_png=random.Random(4).randbytes(13 * 2**20))
    for name, data in (
        ("a.pdf", script),
        ("b.docx", docx(paragraph("x") + field)),
        ("c.docx", docx(paragraph("x"))),
        ("d.docx", large),
    ):
        world.add_file(tip, data, name=name, media=Media.DOCUMENT)
    ran = run("export", tip.tip_id, tmp_path / "out", "--reason", "x", "--json", person=somchai)
    assert ran.code == 0, ran.err
    told = {each["name"]: each["hazards"] for each in json.loads(ran.out)["warned"]}
    names = {path.name for path in (tmp_path / "out" / "files").iterdir()}
    first = min(int(name[:4]) for name in names if name.endswith("a.pdf"))
    assert told[f"{first:04}-a.pdf"] == ["pdf_acts"]
    assert told[f"{first + 1:04}-b.docx.unsafe"] == ["script", "fetches"]
    assert f"{first + 2:04}-c.docx" in names - told.keys()
    assert told[f"{first + 3:04}-d.docx"] == ["unsearched"]
    assert {*told} <= names


def test_the_sealed_originals_open_with_the_exported_identity(
    tip: Tip, somchai: Person, run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run("export", tip.tip_id, out, "--reason", "x", person=somchai)
    text = (out / "identity-case.txt").read_text(encoding="ascii")
    case = age.PQIdentity.parse(text.splitlines()[-1])
    sealed = sorted((out / "sealed").glob("0002-*.age"))[0]
    assert "เห็นเขาเอาปูนไป" in json.loads(age.decrypt(sealed.read_bytes(), case))["words"]
    blob = next((out / "sealed" / "blobs").glob("*.age"))
    assert age.decrypt(blob.read_bytes(), case)
    reply = age.PQIdentity.parse((out / "identity-reply.txt").read_text().splitlines()[-1])
    message = sorted((out / "sealed").glob("0005-*.age"))[0]
    assert "จำทะเบียนได้ไหม" in json.loads(age.decrypt(message.read_bytes(), reply))["words"]


def test_a_file_under_a_key_of_its_own_opens_from_its_part(
    world: World, tip: Tip, somchai: Person, run: Run, recovery_file: Path, tmp_path: Path
) -> None:
    """In the console, from an export with a stock age, and with the recovery key years later."""
    own, photo = age.PQIdentity.generate(), b"a photo " * 30_000
    facts = world.add_file(tip, photo, name="own.jpg", own_key=own)
    out, back = tmp_path / "out", tmp_path / "back"
    assert run("export", tip.tip_id, out, "--reason", "x", person=somchai).code == 0
    assert (out / "files" / "0006-own.jpg").read_bytes() == photo
    (line,) = [
        line
        for line in (out / "identity-files.txt").read_text(encoding="ascii").splitlines()
        if not line.startswith("#")
    ]
    blob = (out / "sealed" / "blobs" / f"{facts.blob_id}.age").read_bytes()
    assert age.decrypt(blob, age.PQIdentity.parse(line))[: len(photo)] == photo
    shutil.rmtree(out / "files")
    ran = run(*("recovery", "open", out, back, "--key", recovery_file, "--reason", "x"))
    assert ran.code == 0, ran.err
    assert (back / "files" / "0006-own.jpg").read_bytes() == photo


def test_a_file_under_another_key_than_its_part_says_is_left_out(
    world: World, tip: Tip, somchai: Person, run: Run, tmp_path: Path
) -> None:
    facts = world.add_file(tip, b"a photo", name="own.jpg", own_key=age.PQIdentity.generate())
    tip.blobs[facts.blob_id] = age.encrypt(b"a photo", tip.keys.recipients.case)
    out = tmp_path / "out"
    run("export", tip.tip_id, out, "--reason", "x", person=somchai)
    assert "own.jpg" not in "".join(path.name for path in (out / "files").iterdir())


def test_an_export_overwrites_nothing(tip: Tip, somchai: Person, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("kept")
    ran = run("export", tip.tip_id, out, "--reason", "x", person=somchai)
    assert ran.code == 2
    assert "not overwritten" in ran.err
    assert [path.name for path in out.iterdir()] == ["mine"]
    assert "--reason" in run("export", tip.tip_id, tmp_path / "new", person=somchai).err
    assert not (tmp_path / "new").exists()


def test_an_altered_file_is_left_out_and_named(
    world: World, tip: Tip, somchai: Person, run: Run, tmp_path: Path
) -> None:
    def flip(answer: Answer) -> None:
        data = bytearray(answer["blob"])
        data[len(data) // 2] ^= 1
        answer["blob"] = bytes(data)

    world.spoil("blob", flip)
    out = tmp_path / "out"
    ran = run("export", tip.tip_id, out, "--reason", "x", "--json", person=somchai)
    assert ran.code == 5
    assert "part 3 could not be exported" in ran.err
    assert list((out / "files").iterdir()) == []
    assert (out / "transcript.txt").exists()
    assert json.loads(ran.out)["skipped"][0]["seq"] == 3


@pytest.mark.parametrize("cut", [0, 10, 5_000, 70_000])
def test_a_file_that_comes_incomplete_is_left_out(
    world: World, tip: Tip, somchai: Person, run: Run, tmp_path: Path, cut: int
) -> None:
    world.spoil("blob", lambda answer: answer.update(blob=answer["blob"][:cut]))
    ran = run("export", tip.tip_id, tmp_path / "out", "--reason", "x", person=somchai)
    assert ran.code == 5
    kept = {path.name for path in (tmp_path / "out" / "files").iterdir()}
    assert kept <= {"0004-run.sh.unsafe"}, "the small one may have come whole"


async def test_a_file_with_another_size_or_hash_than_told_is_refused() -> None:
    from console.errors import Distrusted

    identity = age.PQIdentity.generate()
    sealed = age.encrypt(DATA + bytes(100), identity.recipient)
    digest = hashlib.sha256(DATA).hexdigest()

    async def chunks() -> object:
        for at in range(0, len(sealed), 1000):
            yield sealed[at : at + 1000]

    async def read(size: int, sha256: str) -> bytes:
        facts = FileFacts(new_id(), size, sha256, Media.DOCUMENT, "x/y", None)
        pieces = opened(chunks(), identity, facts)  # type: ignore[arg-type]  # an async generator of bytes
        return b"".join([piece async for piece in pieces])

    assert await read(len(DATA), digest) == DATA
    for size, sha256 in ((len(DATA) - 1, digest), (len(DATA), "0" * 64), (10**9, digest)):
        with pytest.raises(Distrusted):
            await read(size, sha256)


# --- recovery


def test_recovery_opens_the_sealed_part_of_an_export(
    world: World, tip: Tip, somchai: Person, run: Run, tmp_path: Path, recovery_file: Path
) -> None:
    out = tmp_path / "out"
    run("export", tip.tip_id, out, "--reason", "x", person=somchai)
    archive = tmp_path / "archive"
    shutil.move(out / "sealed", archive)
    shutil.rmtree(out)
    opened_at = tmp_path / "opened"
    ran = run(
        *("recovery", "open", archive, opened_at, "--key", recovery_file, "--reason", "ศาลขอ"),
        *("--admin", world.admin.sign.verify_key),
    )
    assert ran.code == 0, ran.err
    assert (opened_at / "files" / "0003-ถนน.jpg").read_bytes() == DATA
    transcript = (opened_at / "transcript.txt").read_text(encoding="utf-8")
    assert "จำทะเบียนได้ไหม" in transcript
    assert "All 6 parts verified" in transcript
    unchecked = run(
        *("recovery", "open", archive, tmp_path / "two", "--key", recovery_file, "--reason", "x")
    )
    assert unchecked.code == 0, unchecked.err
    assert "were not checked" in (tmp_path / "two" / "transcript.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("place", ["tip.json", "recovery-grant.json", "roster.toml", "blob"])
def test_what_is_no_ordinary_file_in_an_export_is_never_read(
    world: World,
    tip: Tip,
    somchai: Person,
    run: Run,
    tmp_path: Path,
    recovery_file: Path,
    place: str,
) -> None:
    """A pipe would be waited for, and a link to /dev/zero read until the memory is full."""
    out = tmp_path / "out"
    run("export", tip.tip_id, out, "--reason", "x", person=somchai)
    path = next((out / "sealed" / "blobs").iterdir()) if place == "blob" else out / "sealed" / place
    for kind in ("pipe", "link"):
        path.unlink()
        if kind == "pipe":
            os.mkfifo(path)
        else:
            path.symlink_to("/dev/zero")
        opened_at = tmp_path / f"opened-{kind}"
        admin = ("--admin", world.admin.sign.verify_key)
        ran = run(
            *("recovery", "open", out, opened_at, "--key", recovery_file, "--reason", "x", *admin)
        )
        assert "Traceback" not in ran.err
        assert ran.code != 0
        assert opened_at.exists() == (place == "blob")
        if place == "blob":
            assert "with 1 file of evidence" in ran.out
        assert run("export-check", out, person=somchai).code == 5


def test_recovery_lets_current_officers_into_old_tips(
    world: World, tip: Tip, somchai: Person, run: Run, recovery_file: Path
) -> None:
    boss = world.join("หัวหน้า", "hq", roles=(Role.ADMIN, Role.OFFICER))
    fresh = world.join("มาใหม่", "kkn")
    elsewhere = world.join("ที่อื่น", "udn")
    tried = run("recovery", "use", "--key", recovery_file, "--dry-run", person=boss)
    assert tried.code == 0, tried.err
    assert fresh.id not in tip.grants
    used = run("recovery", "use", "--key", recovery_file, "--json", person=boss)
    assert used.code == 0, used.err
    assert json.loads(used.out)["grants"] == [{"tip_id": tip.tip_id, "officer": fresh.id}]
    assert elsewhere.id not in tip.grants
    read = json.loads(run("read", tip.tip_id, "--json", person=fresh).out)
    assert read["is_whole"] is True, read["findings"]
    assert "No tip needs" in run("recovery", "use", "--key", recovery_file, person=boss).out
    refused = run("recovery", "use", "--key", recovery_file, person=fresh)
    assert refused.code == 4
    assert "Only an admin" in refused.err


def test_recovery_works_from_a_list_and_names_what_it_cannot_open(
    world: World, tip: Tip, somchai: Person, run: Run, recovery_file: Path, tmp_path: Path
) -> None:
    boss = world.join("หัวหน้า", "hq", roles=(Role.ADMIN,))
    fresh = world.join("มาใหม่", "kkn")
    other = world.file_tip(somchai)
    other.grants[RECOVERY]["sealed"] = tip.grants[RECOVERY]["sealed"]
    listed = tmp_path / "list.jsonl"
    listed.write_text("\n".join(json.dumps(row) for row in recovery_rows(world)))
    out = tmp_path / "grants.jsonl"
    ran = run(
        *("recovery", "use", "--key", recovery_file, "--tips", listed, "--out", out), person=boss
    )
    assert ran.code == 5
    assert other.tip_id in ran.err
    made = [json.loads(line) for line in out.read_text().splitlines()]
    assert [(one["tip_id"], one["officer"]) for one in made] == [(tip.tip_id, fresh.id)]
    assert fresh.id not in tip.grants
    listed.write_text("{}\n")
    out.unlink()
    bad = run(
        *("recovery", "use", "--key", recovery_file, "--tips", listed, "--out", out), person=boss
    )
    assert bad.code == 2
    assert "line 1" in bad.err


def test_the_recovery_key_gets_the_server_key_out_of_a_backup(
    world: World, somchai: Person, run: Run, recovery_file: Path, tmp_path: Path
) -> None:
    backup, out = tmp_path / "backup", tmp_path / "server.key"
    ask = ("recovery", "server-key", backup, "--key", recovery_file, "--out", out)
    assert run(*ask, person=somchai).code == 2  # there is no backup
    backup.mkdir()
    file = write_server_key(b"k" * 32, b"s" * 32)
    (backup / "server-key.age").write_bytes(seal_server_key(file, world.recovery.age.recipient))
    ran = run(*ask, person=somchai)
    assert ran.code == 0, ran.err
    assert out.read_bytes() == file
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "6b6b" not in ran.out + ran.err
    assert run(*ask, person=somchai).code == 2  # nothing is written over
    assert out.read_bytes() == file


def test_a_server_key_that_is_sealed_to_another_recovery_key_is_not_given_out(
    somchai: Person, run: Run, recovery_file: Path, tmp_path: Path
) -> None:
    other = RecoveryKey.generate("other").age.recipient
    sealed = seal_server_key(write_server_key(b"k" * 32, b"s" * 32), other)
    for data in (sealed, b"", sealed[:-1]):
        (tmp_path / "server-key.age").write_bytes(data)
        out = tmp_path / "server.key"
        ran = run(
            *("recovery", "server-key", tmp_path, "--key", recovery_file, "--out", out),
            person=somchai,
        )
        assert ran.code == 2
        assert "not sealed to that recovery key" in " ".join(ran.err.split())
        assert not out.exists()


def test_another_key_file_is_not_a_recovery_key(
    tip: Tip, somchai: Person, run: Run, tmp_path: Path
) -> None:
    ran = run("recovery", "use", "--key", somchai.home / "keys.age", person=somchai)
    assert ran.code == 5
    assert "not a key file" in ran.err
    assert run("recovery", "use", "--key", tmp_path / "nope", person=somchai).code == 2


# --- from nothing to a signed roster


def test_keys_cards_and_a_roster_from_nothing(run: Run, tmp_path: Path) -> None:
    admin, officer, key = tmp_path / "admin", tmp_path / "officer", tmp_path / "recovery.age"
    made = run("roster", "init-admin", home=admin)
    assert made.code == 0, made.err
    public = (admin / "admin.pub").read_text().strip()
    assert public in made.out
    assert run("recovery", "make", key).code == 0
    began = run(
        *("init", "--desk", "https://desk.example.org", "--admin", public, "--name", "สมหญิง แก้วใส"),
        home=officer,
    )
    assert began.code == 0, began.err
    assert stat.S_IMODE(officer.stat().st_mode) == 0o700
    card = json.loads(run("enrol", "--json", home=officer).out)
    shown = run("enrol", "--out", tmp_path / "card.toml", home=officer)
    assert card["fingerprint"] in shown.out

    no_recovery = run("roster", "add", tmp_path / "card.toml", "--yes", home=admin)
    assert no_recovery.code == 2
    assert "--recovery" in no_recovery.err
    add = ("roster", "add", tmp_path / "card.toml", "--centre", "kkn", "--centre", "udn")
    recovery = ("--recovery", f"{key}.pub")
    unsure = run(*add, *recovery, home=admin, typed="n\n")
    assert unsure.code == 2
    added = run(*add, *recovery, home=admin, typed="y\n")
    assert added.code == 0, added.err
    assert card["fingerprint"] in added.out
    assert run(*add, "--yes", home=admin).code == 2, "a key is listed once"
    signed = run("roster", "sign", "--days", "90", "--out", tmp_path / "roster.toml", home=admin)
    assert signed.code == 0, signed.err
    shown = run("roster", "show", tmp_path / "roster.toml", "--admin", public, "--json")
    roster = json.loads(shown.out)
    assert roster["version"] == 1
    assert roster["officers"][0]["centres"] == ["kkn", "udn"]
    assert roster["officers"][0]["officer"] == card["officer"]

    again = run("roster", "sign", home=admin)
    assert again.code == 0
    assert json.loads(run("roster", "show", "--json", home=admin).out)["version"] == 2
    removed = run("roster", "remove", "สมหญิง แก้วใส", home=admin)
    assert removed.code == 0, removed.err
    run("roster", "sign", home=admin)
    last = json.loads(run("roster", "show", "--json", home=admin).out)
    assert (last["version"], last["officers"]) == (3, [])


@pytest.fixture
def small_centre(run: Run, tmp_path: Path) -> Callable[..., Ran]:
    """Signs a roster with one person in it, who has the roles given."""
    admin, person, key = tmp_path / "admin", tmp_path / "officer", tmp_path / "recovery.age"
    assert run("roster", "init-admin", home=admin).code == 0
    assert run("recovery", "make", key).code == 0
    public = (admin / "admin.pub").read_text().strip()
    desk = ("--desk", "https://desk.example.org", "--admin", public, "--name", "สมหญิง แก้วใส")
    assert run("init", *desk, home=person).code == 0
    assert run("enrol", "--out", tmp_path / "card.toml", home=person).code == 0

    def sign(*roles: str, typed: str | None = None, options: tuple[str, ...] = ()) -> Ran:
        named = [word for role in roles for word in ("--role", role)]
        add = ("roster", "add", tmp_path / "card.toml", *named, "--recovery", f"{key}.pub", "--yes")
        added = run(*add, home=admin)
        assert added.code == 0, added.err
        return run("roster", "sign", *options, home=admin, typed=typed)

    return sign


def test_two_roles_that_are_better_apart_are_signed_when_the_admin_says_so(
    small_centre: Callable[..., Ran], run: Run, tmp_path: Path
) -> None:
    asked = small_centre("admin", "lead", typed="n\n")
    assert asked.code == 2
    assert "both admin and lead" in asked.err
    assert not (tmp_path / "admin" / "roster.toml").exists()
    sign, home = ("roster", "sign"), tmp_path / "admin"
    assert run(*sign, "--strict", "--accept-mixes", home=home, typed="y\n").code == 2
    assert run(*sign, home=home, typed="y\n").code == 0
    assert run(*sign, "--accept-mixes", home=home).code == 0
    (mix,) = json.loads(run("roster", "show", "--json", home=home).out)["mixes"]
    assert mix["roles"] == ["admin", "lead"]


def test_an_auditor_of_their_own_work_is_not_signed_whatever_the_admin_says(
    small_centre: Callable[..., Ran], tmp_path: Path
) -> None:
    refused = small_centre("officer", "auditor", options=("--accept-mixes",), typed="y\n")
    assert refused.code == 2
    assert "no auditor" in refused.err
    assert not (tmp_path / "admin" / "roster.toml").exists()


def test_a_card_that_was_changed_is_refused(run: Run, somchai: Person, tmp_path: Path) -> None:
    admin = tmp_path / "admin"
    run("roster", "init-admin", home=admin)
    card = tmp_path / "card.toml"
    text = (somchai.home / "card.toml").read_text(encoding="utf-8")
    card.write_text(text.replace("สมชาย", "สมชัย"), encoding="utf-8")
    ran = run("roster", "add", card, "--yes", home=admin)
    assert ran.code == 2
    assert "enrolment card" in ran.err


def test_nothing_that_is_there_is_made_again(run: Run, somchai: Person, tmp_path: Path) -> None:
    init = ("init", "--desk", "https://d.example", "--admin", "ab" * 32, "--name", "x")
    ran = run(*init, person=somchai)
    assert ran.code == 2
    assert "already holds" in ran.err
    key = tmp_path / "recovery.age"
    run("recovery", "make", key)
    before = key.read_bytes()
    assert run("recovery", "make", key).code == 2
    assert key.read_bytes() == before
    run("roster", "init-admin", home=tmp_path / "admin")
    assert run("roster", "init-admin", home=tmp_path / "admin").code == 2


def test_a_generated_passphrase_is_shown_once_and_opens_the_keys(
    world: World, run: Run, tmp_path: Path
) -> None:
    home = tmp_path / "new"
    ran = run(
        *("init", "--desk", world.origin, "--admin", world.admin.sign.verify_key, "--name", "ใหม่"),
        home=home,
        passphrase_file=None,
        typed="\n",
    )
    assert ran.code == 0, ran.err
    words = next(line.strip() for line in ran.err.splitlines() if line.startswith("    "))
    assert len(words.split("-")) == 5
    kept = b"".join(path.read_bytes() for path in home.iterdir())
    assert words.encode() not in kept
    told = tmp_path / "told"
    told.write_text(words, encoding="utf-8")
    assert run("list", home=home, passphrase_file=told).code == 4, "opened, but not in the roster"


@pytest.mark.parametrize(
    ("typed", "says"),
    [("short\nshort\n", "too short"), ("long enough one\nlong enough two\n", "differ")],
)
def test_a_bad_new_passphrase_is_refused(run: Run, tmp_path: Path, typed: str, says: str) -> None:
    ran = run(
        *("init", "--desk", "https://d.example", "--admin", "ab" * 32, "--name", "x"),
        home=tmp_path / "new",
        passphrase_file=None,
        typed=typed,
    )
    assert ran.code == 2
    assert says in ran.err
    assert not (tmp_path / "new" / "keys.age").exists()
