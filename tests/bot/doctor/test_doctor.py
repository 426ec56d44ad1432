"""The doctor finds each fault that is seeded, names it, says the cure, and changes nothing."""

import os
import socket
import sqlite3
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot import deployment, pins
from bot.config import load
from bot.doctor import Finding, State, examine, machine
from bot.roster import KIND
from bot.server_key import ServerKey
from bot.signed_files import version_setting
from sealing.roster import render
from sealing.stretch import Cost
from storage.repositories import settings
from storage.sqlite import SqliteDatabase
from tests.bot.rosters import ADMIN, roster, signed
from tests.loopback import own_ports

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def ports() -> tuple[int, int]:
    """Two ports that nobody listens on."""
    web, desk = own_ports(2)
    return web, desk


@pytest.fixture
def config(tmp_path: Path, ports: tuple[int, int]) -> Path:
    """The configuration of a deployment in which nothing is wrong."""
    path = deployment.make(tmp_path / "d", tmp_path / "s").config
    change(path, 'admin_key = ""', f'admin_key = "{ADMIN.verify_key}"')
    change(path, "127.0.0.1:8080", f"127.0.0.1:{ports[0]}")
    change(path, "127.0.0.1:8081", f"127.0.0.1:{ports[1]}")
    change(path, "chat.example.go.th", "chat.pacc.test")
    change(path, "desk.example.go.th", "desk.pacc.test")
    change(path, "warn_days = 7\n", "warn_days = 0\n")  # nobody has made a backup yet
    centres = tuple(centre.id for centre in load(path).centres)
    (tmp_path / "d" / "roster.toml").write_bytes(signed(roster(centres=centres)))
    return path


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def wrong(config: Path, today: date = TODAY) -> dict[str, Finding]:
    """What is not fine, but for what depends on the machine the tests run on."""
    machines = ("owner", "swap", "disk")
    found = examine(config, today)
    return {
        each.check: each
        for each in found
        if each.state is not State.OK and each.check not in machines
    }


def the_only(config: Path, check: str, state: State = State.PROBLEM, today: date = TODAY) -> str:
    found = wrong(config, today)
    assert set(found) == {check}, found
    assert found[check].state is state
    assert found[check].fix, "what to do is missing"
    return f"{found[check].says} {found[check].fix}"


def test_a_deployment_in_which_nothing_is_wrong_is_fine_and_stays_as_it_was(config: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in config.parent.parent.rglob("*")}
    assert wrong(config) == {}
    checks = {each.check for each in examine(config, TODAY)}
    assert checks >= {
        "config", "data", "blobs", "forget store", "secrets", "database", "server key", "roster",
        "recovery", "centres", "clocks", "clock", "disk", "core dumps", "web", "desk",
    }  # fmt: skip
    assert {path: path.stat().st_mtime_ns for path in config.parent.parent.rglob("*")} == before


def test_each_problem_of_the_configuration_is_told(config: Path) -> None:
    change(config, "wrong_tries = 5", "wrong_tries = 0")
    assert "[limits] wrong_tries" in the_only(config, "config")


# --- files and folders


@pytest.mark.parametrize(
    ("place", "check"),
    [
        ("d/data", "data"),
        ("d/data/blobs", "data"),
        ("d/forget", "forget store"),
        ("s", "secrets"),
    ],
)
def test_a_folder_that_others_may_look_into(place: str, check: str, config: Path) -> None:
    (config.parent.parent / place).chmod(0o750)
    found = wrong(config)
    assert check in found
    assert "chmod 700" in found[check].fix


@pytest.mark.parametrize("place", ["d/data/blobs/x", "d/forget/keys", "d/data/saisaat.db-wal"])
def test_a_file_that_others_may_read(place: str, config: Path) -> None:
    path = config.parent.parent / place
    path.touch()
    path.chmod(0o604)
    assert any("chmod 600" in each.fix for each in wrong(config).values())


def test_many_loose_files_are_told_once(config: Path) -> None:
    for number in range(40):
        (config.parent / "data" / "blobs" / str(number)).touch()
        (config.parent / "data" / "blobs" / str(number)).chmod(0o644)
    found = [each for each in examine(config, TODAY) if each.check == "blobs"]
    assert len(found) == 6
    assert "35 more" in found[-1].says


@pytest.mark.parametrize(
    ("place", "check"), [("d/data/blobs", "blobs"), ("d/forget", "forget store")]
)
def test_a_missing_folder(place: str, check: str, config: Path) -> None:
    (config.parent.parent / place).rmdir()
    assert "mkdir -m 700" in the_only(config, check)


def test_a_configuration_that_others_may_change(config: Path) -> None:
    config.chmod(0o622)
    assert "chmod go-w" in the_only(config, "config")


def test_a_folder_in_which_others_may_replace_the_configuration(config: Path) -> None:
    config.parent.chmod(0o770)
    assert "replace" in the_only(config, "config")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user(config: Path) -> None:
    os.chown(config.parent / "forget", 4242, -1)
    assert "another user" in the_only(config, "forget store")


# --- keys and roster


def test_a_missing_server_key(config: Path) -> None:
    (config.parent.parent / "s" / "server.key").unlink()
    assert "no server key" in the_only(config, "server key")


def test_a_damaged_server_key(config: Path) -> None:
    (config.parent.parent / "s" / "server.key").write_text("x", encoding="utf-8")
    assert "sealed backup" in the_only(config, "server key")


def test_a_server_key_that_others_may_read(config: Path) -> None:
    (config.parent.parent / "s" / "server.key").chmod(0o640)
    found = wrong(config)
    assert set(found) == {"server key", "secrets"}
    assert "chmod 600" in found["server key"].fix


async def with_database(config: Path, work: Callable[[Path], None] | None = None) -> None:
    loaded = load(config)
    key = ServerKey.read(loaded.server_key)
    async with await SqliteDatabase.open(loaded.storage.database) as database:
        await database.commit(lambda t: pins.pin(t, key, Cost()))
        await database.commit(lambda t: settings.raise_to(t, version_setting(KIND), 3))
        if work:
            work(loaded.storage.database)


async def test_a_database_at_rest_and_one_in_use_are_both_fine(config: Path) -> None:
    await with_database(config, lambda _: check_clean(config))
    before = sorted((config.parent / "data").iterdir())
    check_clean(config)
    assert sorted((config.parent / "data").iterdir()) == before


def check_clean(config: Path) -> None:
    assert wrong(config) == {}
    (said,) = [each.says for each in examine(config, TODAY) if each.check == "database"]
    assert "schema version" in said


async def test_the_key_of_another_deployment(config: Path) -> None:
    await with_database(config)
    path = config.parent.parent / "s" / "server.key"
    path.unlink()
    ServerKey.generate().write_new(path)
    assert "own key back" in the_only(config, "server key")


async def test_another_cost_of_a_guess(config: Path) -> None:
    await with_database(config)
    change(config, "argon2_time = 2", "argon2_time = 3")
    assert "argon2_time = 2" in the_only(config, "receipts")


def test_guesses_that_are_too_cheap(config: Path) -> None:
    change(config, "argon2_memory_kib = 19456", "argon2_memory_kib = 1024")
    assert "cheaper" in the_only(config, "receipts", State.WARNING)


def test_no_roster(config: Path) -> None:
    (config.parent / "roster.toml").unlink()
    found = wrong(config)
    assert set(found) == {"roster", "recovery"}
    assert "admin" in found["roster"].fix
    assert "recovery make" in found["recovery"].fix


def test_an_unsigned_roster(config: Path) -> None:
    (config.parent / "roster.toml").write_bytes(render(roster()))
    assert "is not signed" in wrong(config)["roster"].says


async def test_a_roster_that_was_rolled_back(config: Path) -> None:
    await with_database(config)
    (config.parent / "roster.toml").write_bytes(signed(roster(version=2)))
    assert "older than one" in wrong(config)["roster"].says


def test_a_roster_near_its_end_and_one_past_it(config: Path) -> None:
    assert "30 days" in the_only(config, "roster", State.WARNING, date(2027, 10, 1))
    assert "expired" in the_only(config, "roster", State.PROBLEM, date(2027, 11, 1))


def test_a_centre_that_no_officer_can_read(config: Path) -> None:
    (config.parent / "roster.toml").write_bytes(signed(roster(centres=("region-4",))))
    found = [each for each in examine(config, TODAY) if each.state is State.PROBLEM]
    assert len(found) == len(load(config).centres) - 1
    assert all("nobody can read the tips" in each.says for each in found)


def test_a_centre_above_which_nobody_reads(config: Path) -> None:
    """Its tips would wait for somebody who is not there when a clock runs out."""
    below = tuple(c.id for c in load(config).centres if c.parent not in (None, "headquarters"))
    (config.parent / "roster.toml").write_bytes(signed(roster(centres=below)))
    says = wrong(config)["clocks"]
    assert says.state is State.WARNING
    assert "nobody above could read" in says.says
    assert "khon-kaen" in says.says
    assert "headquarters" not in says.says


# --- database and machine


def spoil(path: Path, sql: str) -> None:
    with sqlite3.connect(path) as database:
        database.execute(sql)
    database.close()


async def test_a_database_of_a_newer_program(config: Path) -> None:
    await with_database(config)
    spoil(config.parent / "data" / "saisaat.db", "UPDATE schema_version SET version = 999")
    assert "newer" in the_only(config, "database")


def test_a_database_that_is_damaged_or_not_ours(config: Path) -> None:
    path = config.parent / "data" / "saisaat.db"
    path.write_bytes(b"rubbish" * 1000)
    path.chmod(0o600)
    assert "restore a backup" in the_only(config, "database")
    path.unlink()
    spoil(path, "CREATE TABLE mine (x)")
    path.chmod(0o600)
    assert "not a database of Saisaat" in the_only(config, "database")


def test_a_clock_that_is_wrong(config: Path) -> None:
    found = wrong(config, date(2020, 1, 1))
    assert "before this program was made" in found["clock"].says
    os.utime(config, (4_000_000_000, 4_000_000_000))
    assert "before the configuration was written" in the_only(config, "clock")


def test_a_disk_that_is_full(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_LEAST_FREE_MIB", 10**9)
    found = [each for each in examine(config, TODAY) if each.check == "disk"]
    assert [each.state for each in found] == [State.PROBLEM] * 2


def test_swap_is_told(tmp_path: Path) -> None:
    (tmp_path / "swaps").write_text("Filename Type\n/dev/x partition\n", encoding="utf-8")
    assert [each.check for each in machine.memory(tmp_path / "swaps")] == ["core dumps", "swap"]
    (tmp_path / "swaps").write_text("Filename Type\n", encoding="utf-8")
    assert [each.check for each in machine.memory(tmp_path / "swaps")] == ["core dumps"]


def test_an_address_of_another_machine_and_one_in_use(config: Path, ports: tuple[int, int]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports[0]))
        taken.listen()
        assert wrong(config) == {}
    change(config, f"127.0.0.1:{ports[0]}", f"192.0.2.7:{ports[0]}")
    found = [each for each in examine(config, TODAY) if each.check == "web"]
    assert {each.state for each in found} == {State.PROBLEM, State.WARNING}


def test_addresses_for_a_trial_are_told(config: Path) -> None:
    change(config, "https://chat.pacc.test", "http://localhost:8080")
    assert "this machine only" in the_only(config, "web", State.WARNING)
    change(config, "http://localhost:8080", "https://chat.example.go.th")
    assert "still the example" in the_only(config, "web", State.WARNING)


def certificate(folder: Path, last: date) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "desk.pacc.test")])
    end = datetime(last.year, last.month, last.day, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(end - timedelta(days=90)).not_valid_after(end)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    (folder / "desk.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "desk.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (folder / "desk.key").chmod(0o600)


def test_a_certificate_that_ends_soon_has_ended_is_open_or_is_no_certificate(config: Path) -> None:
    change(config, '# tls_cert = "tls/desk.pem"', 'tls_cert = "desk.pem"')
    change(config, '# tls_key = "tls/desk.key"', 'tls_key = "desk.key"')
    folder = config.parent
    assert "cannot be used" in the_only(config, "certificate")
    certificate(folder, TODAY + timedelta(days=60))
    assert wrong(config) == {}
    certificate(folder, TODAY + timedelta(days=9))
    assert "9 days" in the_only(config, "certificate", State.WARNING)
    certificate(folder, TODAY - timedelta(days=2))
    assert "expired" in the_only(config, "certificate")
    certificate(folder, TODAY + timedelta(days=60))
    (folder / "desk.key").chmod(0o644)
    assert "chmod 600" in the_only(config, "certificate")
    (folder / "desk.key").write_text("x", encoding="utf-8")
    assert "cannot be used" in the_only(config, "certificate")
