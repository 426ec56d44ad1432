"""Backups by themselves: what is in one, what is refused, and what a broken one is called."""

import asyncio
import errno
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from bot import pins
from bot.backup import manifest as manifests
from bot.backup.checking import check
from bot.backup.errors import BadBackup
from bot.backup.making import Taken, newest_in, take
from bot.backup.manifest import UNFINISHED, Manifest
from bot.backup.restoring import restore
from bot.config import load
from bot.doctor.backup import backup as backup_findings
from bot.doctor.findings import State
from bot.errors import Misconfigured, ServerKeyUnusable
from bot.server_key import ServerKey
from handlers.retention import Rule
from sealing import RESTORE, read_entry
from sealing.server_keys import open_server_key
from storage import NewerDatabase, SqliteDatabase, Transaction, Unavailable, copying
from storage.blobs import DAY_S
from storage.copying import Known
from storage.repositories import audit, expiry, parts, tips
from storage.repositories.tips import Status
from tests.storage.sample_rows import a_part, an_id, file_one
from tests.whole.deployment import CHEAP, Whole, make
from tests.whole.restored import saisaat

ROOT = Path(__file__).parents[3]

DAY, LATER = date(2026, 11, 26), date(2026, 11, 28)
BLOBS = {an_id(): os.urandom(70_000) for _ in range(3)}
TOKEN = "1234567890:AAcanary-of-a-bot-token-0123456789a"


@pytest.fixture
async def made(tmp_path: Path) -> Whole:
    """A deployment with a filed tip of three files, and two entries in its trail."""
    whole = make(tmp_path / "made")

    def fill(t: Transaction) -> None:
        pins.pin(t, whole.server_key, CHEAP)
        tip = file_one(t, "officer")
        for seq, blob_id in enumerate(BLOBS, 1):
            row = a_part(tip.tip_id, seq, blob_id=blob_id)
            parts.append(t, row, previous=parts.head(t, tip.tip_id).hash)
        for deed in ("claim", "release"):
            audit.note(t, deed, day="2026-11-20", officer="5" * 32)

    async with await SqliteDatabase.open(whole.database) as database:
        await database.commit(fill)
    for blob_id, data in BLOBS.items():
        (whole.blobs / blob_id).write_bytes(data)
    return whole


def taken(made: Whole, name: str = "backup", since: Path | None = None) -> Taken:
    return take(made.config, load(made.config), made.folder.parent / name, since, DAY)


@pytest.fixture
def backup(made: Whole) -> Path:
    return taken(made).folder


def restored(made: Whole, backup: Path, name: str = "again") -> Path:
    key = made.folder / "secrets" / "server.key"
    parent = made.folder.parent
    return restore(backup, parent / name, parent / f"{name}-secrets", key, LATER).config.parent


def everything(folder: Path) -> list[Path]:
    return [folder, *folder.rglob("*")]


# --- what is in one


def test_a_backup_is_private_tells_days_only_and_is_whole(made: Whole, backup: Path) -> None:
    manifest, wrong = check(backup, made.server_key)
    assert wrong == ()
    assert manifest.day == "2026-11-26"
    assert manifest.blobs.keys() == BLOBS.keys()
    names = {str(path.relative_to(backup)) for path in everything(backup) if path.is_file()}
    assert names == {*manifest.files, "manifest"}
    for path in everything(backup):
        facts = path.stat()
        assert stat.S_IMODE(facts.st_mode) == (0o700 if path.is_dir() else 0o600), path
        assert facts.st_mtime % DAY_S == 0, path


def test_no_key_and_no_secret_is_in_a_backup_but_for_recovery(made: Whole, tmp_path: Path) -> None:
    secrets = made.folder / "secrets"
    (secrets / "telegram-webhook-secret").write_text("canary-webhook-secret-5512")
    (secrets / "telegram-webhook-secret").chmod(0o600)
    text = made.config.read_text() + f'\n# old: token = "{TOKEN}"\n[telegram]\ntoken = "{TOKEN}"\n'
    made.config.write_text(text)
    forget = [os.urandom(32) for _ in range(2)]
    made.forget.write_bytes(b"".join(forget))
    backup = taken(made).folder
    everywhere = b"".join(path.read_bytes() for path in everything(backup) if path.is_file())
    key_file = (secrets / "server.key").read_bytes()
    for secret in (
        *(TOKEN.encode(), TOKEN[:10].encode(), b"canary-webhook"),
        *(forget[0], key_file.split()[-2], bytes.fromhex(key_file.split()[-2].decode())),
    ):
        assert secret not in everywhere
    sealed = (backup / "server-key.age").read_bytes()
    assert open_server_key(sealed, made.recovery.age) == key_file


def test_a_backup_since_another_shares_its_files_and_each_is_whole_alone(
    made: Whole, backup: Path
) -> None:
    new = an_id()
    with closing(sqlite3.connect(made.database, isolation_level=None)) as database:
        database.execute("UPDATE part SET blob_id = ? WHERE seq = 1", (new,))
    (made.blobs / new).write_bytes(b"newer")
    again = taken(made, "again", since=backup)
    assert again.linked == 2
    kept = again.manifest.blobs.keys() & BLOBS.keys()
    for blob_id in kept:
        names = (folder / "blobs" / blob_id for folder in (backup, again.folder))
        assert len({path.stat().st_ino for path in names}) == 1
    shutil.rmtree(backup)
    assert check(again.folder, made.server_key)[1] == ()


def test_an_older_backup_of_another_server_is_not_shared(made: Whole, backup: Path) -> None:
    other = make(made.folder.parent / "other")
    with pytest.raises(BadBackup, match="of another server"):
        take(other.config, load(other.config), made.folder.parent / "new", backup, DAY)
    assert not (made.folder.parent / "new").exists()


def test_a_blob_destroyed_meanwhile_is_named_and_a_lost_one_is_told_apart(
    made: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, destroyed, _ = BLOBS
    (made.blobs / lost).unlink()
    real = copying.copy

    def meanwhile(source: Path, target: Path, wanted: Known | None = None) -> Known:
        if source.name == destroyed:
            with closing(sqlite3.connect(made.database, isolation_level=None)) as database:
                database.execute("DELETE FROM part WHERE blob_id = ?", (destroyed,))
            source.unlink()
        return real(source, target, wanted)

    monkeypatch.setattr(copying, "copy", meanwhile)
    found = taken(made)
    assert set(found.manifest.gone) == {lost, destroyed}
    assert found.lost == (lost,)
    assert check(found.folder, made.server_key)[1] == ()


# --- where it may not lie, and what is left of one that failed


def test_it_lies_in_no_folder_of_the_deployment_and_over_nothing(made: Whole) -> None:
    config = load(made.config)
    for folder in (made.data, made.blobs, made.forget.parent, made.folder / "secrets"):
        with pytest.raises(Misconfigured, match="inside a folder of the deployment"):
            take(made.config, config, folder / "backup", None, DAY)
    with pytest.raises(Misconfigured, match="is there already"):
        take(made.config, config, made.data, None, DAY)
    with pytest.raises(Misconfigured, match="mount that first"):
        take(made.config, config, made.folder.parent / "nowhere" / "backup", None, DAY)
    (made.folder.parent / f"busy{UNFINISHED}").mkdir()
    with pytest.raises(Misconfigured, match="an unfinished backup is there"):
        taken(made, "busy")


def test_a_full_disk_is_said_and_leaves_nothing(
    made: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = set(made.folder.parent.iterdir())
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(Unavailable, match="the disk is full"):
        taken(made)
    assert set(made.folder.parent.iterdir()) == before


def test_another_server_key_makes_no_backup(made: Whole) -> None:
    key = made.folder / "secrets" / "server.key"
    key.unlink()
    ServerKey.generate().write_new(key)
    with pytest.raises(ServerKeyUnusable, match="not the one this database began with"):
        taken(made)
    assert not (made.folder.parent / "backup").exists()


def test_the_newest_whole_backup_is_found_by_its_day(made: Whole, tmp_path: Path) -> None:
    home = tmp_path / "backups"
    assert newest_in(home) is None
    for name in ("2026-11-25", "2026-11-26", "2026-11-26-02"):
        (home / name).mkdir(parents=True)
        (home / name / "manifest").touch()
    (home / f"2026-11-27{UNFINISHED}").mkdir()
    (home / f"2026-11-27{UNFINISHED}" / "manifest").touch()
    (home / "2026-11-28").mkdir()  # no manifest
    assert newest_in(home) == home / "2026-11-26-02"


# --- hostile ones


def alter(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def as_link(path: Path) -> None:
    home = next(parent for parent in path.parents if parent.name == "backup")
    elsewhere = home.parent / f"elsewhere {path.name}"
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)


def as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


HOSTILE: dict[str, tuple[Callable[[Path], None], str]] = {
    "altered": (alter, "was altered"),
    "longer": (lambda path: path.write_bytes(path.read_bytes() + b"\0"), "was altered"),  # type: ignore[dict-item]  # nobody reads what it gives
    "missing": (Path.unlink, "is missing"),
    "a link": (as_link, "is a link"),
    "a pipe": (as_pipe, "is not a plain file"),
}


@pytest.mark.parametrize("what", HOSTILE)
@pytest.mark.parametrize("which", ["a blob", "saisaat.db", "config.toml", "roster.toml"])
def test_a_hostile_file_is_named_and_nothing_is_restored(
    made: Whole, backup: Path, what: str, which: str
) -> None:
    path = backup / "blobs" / min(BLOBS) if which == "a blob" else backup / which
    change, called = HOSTILE[what]
    change(path)
    _, wrong = check(backup, made.server_key)
    assert [each for each in wrong if path.name in each and called in each] == list(wrong)
    before = set(made.folder.parent.iterdir())  # with what a link leads to
    with pytest.raises(BadBackup, match=called) as refused:
        restored(made, backup)
    assert path.name in str(refused.value)
    assert set(made.folder.parent.iterdir()) == before


@pytest.mark.parametrize("where", ["", "blobs"])
def test_a_file_that_is_in_no_manifest_is_refused(made: Whole, backup: Path, where: str) -> None:
    (backup / where / "stranger").touch()
    for deed in (lambda: check(backup, made.server_key), lambda: restored(made, backup)):
        with pytest.raises(BadBackup, match="stranger: is not in the manifest"):
            deed()


def test_the_name_of_a_stranger_steers_no_terminal(made: Whole, backup: Path) -> None:
    (backup / "\x1b]0;owned\x07\x1b[2J").touch()
    os.close(os.open(os.fsencode(backup / "blobs") + b"/\xff", os.O_CREAT))
    done = saisaat("backup", "check", backup, "--config", made.config)
    assert done.returncode == 1
    assert "is not in the manifest" in done.stderr
    assert all(line.isprintable() for line in done.stderr.splitlines())


@pytest.mark.parametrize("which", ["blobs", "backup"])
def test_a_folder_that_is_a_link_is_refused(made: Whole, backup: Path, which: str) -> None:
    source = made.folder.parent / "link"
    if which == "blobs":
        source = backup
        as_link(backup / "blobs")
    else:
        source.symlink_to(backup)
    with pytest.raises(BadBackup, match="not a folder of its own"):
        restored(made, source)


NAMES = [
    "../escape",
    "blobs/../../escape",
    "/etc/passwd",
    "blobs/" + "A" * 32,
    "blobs/x\0",
    "other",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_leads_elsewhere_is_refused_even_when_it_is_signed(
    made: Whole, backup: Path, name: str
) -> None:
    manifest = manifests.opened((backup / "manifest").read_bytes(), made.server_key)
    files = {**manifest.files, name: Known(1, "0" * 64)}
    forged = Manifest(manifest.day, manifest.schema, manifest.server, files)
    (backup / "manifest").write_bytes(forged.signed(made.server_key))
    with pytest.raises(BadBackup, match="not as this program writes one"):
        restored(made, backup)


def test_an_altered_foreign_or_unsigned_manifest_is_called_so(made: Whole, backup: Path) -> None:
    path = backup / "manifest"
    good = path.read_bytes()
    with pytest.raises(BadBackup, match="of another server"):
        check(backup, ServerKey.generate())
    for data, called in (
        (good.replace(b"day 2026-11-26", b"day 2026-11-27"), "was altered"),
        (good[: good.index(b"# signature")], "is not signed"),
        (good[:-20], "is not signed"),
        (b"", "is not signed"),
    ):
        path.write_bytes(data)
        with pytest.raises(BadBackup, match=called):
            check(backup, made.server_key)
    path.unlink()
    with pytest.raises(BadBackup, match="no whole backup"):
        check(backup, made.server_key)


def test_the_manifest_of_another_backup_of_this_server_vouches_for_nothing(
    made: Whole, backup: Path
) -> None:
    (made.blobs / an_id()).touch()
    with closing(sqlite3.connect(made.database, isolation_level=None)) as database:
        database.execute("DELETE FROM part WHERE seq = 1")
    other = taken(made, "other")
    (backup / "manifest").write_bytes((other.folder / "manifest").read_bytes())
    with pytest.raises(BadBackup, match=r"is not in the manifest|was altered"):
        restored(made, backup)


def test_a_newer_schema_is_refused(made: Whole, backup: Path) -> None:
    manifest = manifests.opened((backup / "manifest").read_bytes(), made.server_key)
    newer = Manifest(manifest.day, 9999, manifest.server, manifest.files)
    (backup / "manifest").write_bytes(newer.signed(made.server_key))
    with pytest.raises(NewerDatabase, match="newer Saisaat"):
        restored(made, backup)


# --- restoring


async def test_what_is_restored_runs_from_its_new_place_and_its_trail_says_so(
    made: Whole, backup: Path
) -> None:
    folder = await asyncio.to_thread(restored, made, backup)
    config = load(folder / "config.toml")
    assert config.storage.database == folder / "data" / "saisaat.db"
    assert config.storage.forget == folder / "forget" / "keys"
    assert config.server_key == folder.parent / "again-secrets" / "server.key"
    assert config.centres == load(made.config).centres
    assert {path.name: path.read_bytes() for path in config.storage.blobs.iterdir()} == BLOBS
    for path in everything(folder):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    async with await SqliteDatabase.open(config.storage.database) as database:
        entries = [read_entry(row.data) for row in await database.read(audit.page)]
    assert [entry.deed for entry in entries] == ["claim", "release", RESTORE]
    said = {"day": "2026-11-28", "backup_day": "2026-11-26", "entries": 2}
    assert dict(entries[-1].facts) == said


async def test_no_tip_is_destroyed_sooner_than_a_notice_after_its_restore(
    made: Whole, tmp_path: Path
) -> None:
    """It was put on hold after the backup: nothing else kept it."""

    def close(t: Transaction) -> str:
        expiry.put_rule(t, Rule(1, 0, 14))
        (tip_id,) = (row[0] for row in t.rows("SELECT tip_id FROM tip"))
        tips.set_status(
            t, tip_id, "5" * 32, 1, status=Status.CLOSED, day="2026-11-01", part_id=an_id(),
            signature=None,
        )  # fmt: skip
        return str(tip_id)

    async with await SqliteDatabase.open(made.database) as database:
        tip_id = await database.commit(close)
        assert await database.read(lambda t: expiry.is_due(t, tip_id, LATER.isoformat()))
    await asyncio.to_thread(taken, made, "late")
    folder = await asyncio.to_thread(restored, made, tmp_path / "late")
    async with await SqliteDatabase.open(folder / "data" / "saisaat.db") as database:
        day = LATER.isoformat()
        await database.commit(lambda t: expiry.draw_lacking(t, day, 10))
        assert not await database.read(lambda t: expiry.is_due(t, tip_id, "2026-12-11"))
        assert await database.read(lambda t: expiry.is_due(t, tip_id, "2026-12-12"))


def test_nothing_is_restored_over_anything_or_without_the_server_key(
    made: Whole, backup: Path, tmp_path: Path
) -> None:
    key = made.folder / "secrets" / "server.key"
    there = tmp_path / "there"
    there.mkdir()
    with pytest.raises(Misconfigured, match="is there already"):
        restore(backup, there, tmp_path / "s", key, DAY)
    with pytest.raises(Misconfigured, match="recovery server-key"):
        restore(backup, tmp_path / "new", tmp_path / "s", None, DAY)
    with pytest.raises(Misconfigured, match="inside the data or the backup"):
        restore(backup, tmp_path / "new", tmp_path / "new" / "data" / "s", key, DAY)
    other = tmp_path / "other"
    other.mkdir(mode=0o700)
    ServerKey.generate().write_new(other / "server.key")
    with pytest.raises(Misconfigured, match="another server key is there already"):
        restore(backup, tmp_path / "new", other, key, DAY)
    with pytest.raises(BadBackup, match="of another server"):
        restore(backup, tmp_path / "new", other, None, DAY)
    assert not (tmp_path / "new").exists()
    assert not (tmp_path / "s").exists()


# --- killed


KILLED = """
import os, signal, sys
from datetime import date
from pathlib import Path
from bot.backup.making import take
from bot.config import load
from storage import copying

done, real = [], {function}

def dies(*arguments):
    if len(done) == {after}:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(arguments)
    return real(*arguments)

{function} = dies
config = Path(sys.argv[1])
take(config, load(config), Path(sys.argv[2]), None, date(2026, 11, 26))
"""


@pytest.mark.parametrize(
    ("function", "after"),
    [
        *(("copying.settle", 0), ("copying.write_new", 1), ("copying.copy", 0)),
        *(("copying.copy", 2), ("copying.write_new", 3), ("os.rename", 0)),
    ],
)
def test_killed_at_any_step_it_is_visibly_unfinished_and_passes_for_no_backup(
    made: Whole, function: str, after: int
) -> None:
    home = made.folder.parent / "home"
    home.mkdir()
    code = KILLED.format(function=function, after=after)
    command = [sys.executable, "-c", code, str(made.config), str(home / "2026-11-26")]
    ran = subprocess.run(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    assert ran.returncode == -signal.SIGKILL
    (left,) = home.iterdir()
    assert left.name == f"2026-11-26{UNFINISHED}"
    assert newest_in(home) is None
    with pytest.raises(BadBackup):
        check(left, made.server_key)
    with pytest.raises(Misconfigured, match="an unfinished backup is there"):
        take(made.config, load(made.config), home / "2026-11-26", None, DAY)
    shutil.rmtree(left)
    whole = take(made.config, load(made.config), home / "2026-11-26", None, DAY)
    assert check(whole.folder, made.server_key)[1] == ()


# --- commands


def test_the_commands_say_what_they_did_and_share_with_the_newest(made: Whole) -> None:
    home = made.folder.parent / "backups"
    home.mkdir()
    with made.config.open("a") as config:
        config.write(f'\n[backup]\nfolder = "{home}"\n')
    for shared in (0, 3):
        done = saisaat("backup", "--config", made.config)
        assert done.returncode == 0, done.stderr
        assert f"({shared} ใช้ร่วมกับชุดก่อน" in done.stdout
    first, second = sorted(home.iterdir())
    assert second.name == f"{first.name}-02"
    done = saisaat("backup", "check", second, "--config", made.config)
    assert done.returncode == 0, done.stderr
    assert "ครบถ้วน" in done.stdout
    alter(second / "blobs" / min(BLOBS))
    done = saisaat(
        *("backup", "check", second),
        *("--server-key", made.folder / "secrets" / "server.key"),
    )
    assert done.returncode == 1
    assert "was altered" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_a_command_lacks_is_said(made: Whole) -> None:
    for arguments, said in (
        (("backup",), "--config"),
        (("backup", "--config", made.config), "[backup] folder"),
        (("backup", "check", made.folder, "--config", made.config), "no whole backup"),
    ):
        done = saisaat(*arguments)
        assert done.returncode == 1
        assert said in done.stderr


# --- the doctor


def test_the_doctor_asks_for_a_backup_that_is_recent(made: Whole) -> None:
    home = made.folder.parent / "backups"
    config = load(made.config)

    def found(today: date, **keys: object) -> tuple[State, str]:
        settings = config.backup.model_copy(update=keys)
        (one,) = backup_findings(config.model_copy(update={"backup": settings}), today)
        return one.state, one.says

    assert found(DAY)[0] is State.WARNING  # nobody can tell
    assert (
        list(
            backup_findings(
                config.model_copy(
                    update={"backup": config.backup.model_copy(update={"warn_days": 0})}
                ),
                DAY,
            )
        )
        == []
    )
    assert found(DAY, folder=home) == (State.WARNING, f"there is no whole backup in {home}.")
    home.mkdir()
    take(made.config, config, home / "2026-11-26", None, DAY)
    assert found(DAY, folder=home)[0] is State.OK
    late = date(2026, 12, 4)
    assert found(late, folder=home) == (
        State.WARNING,
        "the newest backup is of 2026-11-26, 8 days ago.",
    )
    assert found(late, folder=home, warn_days=0)[0] is State.OK
    (home / "2026-11-26" / "manifest").write_bytes(b"\0" * 500)
    assert found(DAY, folder=home)[0] is State.WARNING
