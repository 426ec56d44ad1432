"""The command `saisaat`, played as a person would: plain sentences, exit codes, no traceback."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from tests.bot.rosters import ADMIN, roster, signed

CANARY = "canary-77aa"


def saisaat(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", *arguments],
        capture_output=True, text=True, timeout=60, check=False,
        env=dict(os.environ) | variables,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    done = saisaat("init", str(tmp_path / "d"), "--secrets", str(tmp_path / "s"))
    assert done.returncode == 0, done.stderr
    return tmp_path / "d"


def test_init_says_what_to_do_next_in_both_languages_and_shows_no_key(tmp_path: Path) -> None:
    done = saisaat("init", str(tmp_path / "d"), "--secrets", str(tmp_path / "s"))
    assert done.returncode == 0
    for piece in (
        "ขั้นต่อไป",
        "recovery make",
        "roster sign",
        "init-admin",
        "saisaat doctor",
        "never online",
    ):
        assert piece in done.stdout
    key = (tmp_path / "s" / "server.key").read_text(encoding="utf-8").split()[-2:]
    assert not [each for each in key if each in done.stdout + done.stderr]


def test_every_command_that_init_names_exists() -> None:
    from bot.cli import NEXT, app
    from console.cli import make_app

    commands = {"saisaat": get_command(app), "saisaat-console": get_command(make_app())}
    named = re.findall(r"(saisaat(?:-console)?) ([a-z-]+)(?: ([a-z-]+))?", NEXT)
    assert len(named) >= 8
    for program, first, second in named:
        found: Any = commands[program]
        for each in (first, second):
            if each and hasattr(found, "commands") and found.commands:
                assert each in found.commands, f"{program} {first} {second}"
                found = found.commands[each]


def test_init_twice_is_refused_in_plain_words(folder: Path) -> None:
    again = saisaat("init", str(folder), "--secrets", str(folder.parent / "s"))
    assert again.returncode == 1
    assert "nothing is ever overwritten" in again.stderr
    assert "Traceback" not in again.stderr


def test_init_where_nothing_can_be_made_is_a_plain_sentence() -> None:
    done = saisaat("init", "/proc/nowhere/d", "--secrets", "/proc/nowhere/s")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_doctor_fails_while_there_is_no_roster_and_passes_with_one(folder: Path) -> None:
    before = saisaat("doctor", "--config", str(folder / "config.toml"))
    assert before.returncode == 1
    assert "ต้องแก้ 2 ข้อ" in before.stdout
    config = folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace('admin_key = ""', f'admin_key = "{ADMIN.verify_key}"'), encoding="utf-8"
    )
    ids = tuple(
        line.split('"')[1]
        for line in text.split("# ── ศูนย์")[1].splitlines()
        if line.startswith("id =")
    )
    (folder / "roster.toml").write_bytes(signed(roster(centres=ids, expires="2099-01-01")))
    in_thai = re.compile(r"^\[[^]]+\] [^a-z]*[ก-๙]", re.MULTILINE)
    said = saisaat("doctor", "--config", str(config)).stdout
    assert len(in_thai.findall(said)) == said.count("\n[") + 1, "each check has a Thai name"
    after = saisaat("doctor", "--config", str(config), "--json")
    told = json.loads(after.stdout)
    assert after.returncode == 0, after.stdout
    assert told["ok"] is True
    assert {each["state"] for each in told["findings"]} <= {"ok", "warning"}


@pytest.mark.parametrize("command", ["serve", "doctor"])
def test_a_wrong_configuration_is_told_whole_and_its_values_never(
    command: str, folder: Path
) -> None:
    config = folder / "config.toml"
    text = config.read_text(encoding="utf-8").replace(
        "wrong_tries = 5", f'wrong_tries = "{CANARY}"'
    )
    config.write_text(text.replace("[roster]", f'[rooster]\ntoken = "{CANARY}"\n[roster]'))
    done = saisaat(command, "--config", str(config))
    said = done.stdout + done.stderr
    assert done.returncode == 1
    assert "[limits] wrong_tries" in said
    assert "Did you mean roster?" in said
    assert CANARY not in said
    assert "Traceback" not in said


def test_serve_without_a_configuration_is_a_plain_sentence(tmp_path: Path) -> None:
    done = saisaat("serve", "--config", str(tmp_path / "config.toml"))
    assert done.returncode == 1
    assert "saisaat init" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_configuration_may_be_named_by_the_environment(folder: Path) -> None:
    done = saisaat("doctor", SAISAAT_CONFIG=str(folder / "config.toml"))
    assert "server key" in done.stdout


def test_an_error_of_ours_shows_class_and_place_and_no_words() -> None:
    broken = (
        "import bot.cli as cli\n"
        f"def fails(*_): raise ValueError('{CANARY}')\n"
        "cli.examine = fails\n"
        "import sys; sys.argv = ['saisaat', 'doctor', '--config', 'x']\n"
        "cli.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", broken], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "ValueError" in done.stderr
    assert CANARY not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_running_bot_that_fails_shows_class_and_place_and_no_words(folder: Path) -> None:
    broken = (
        "import sys, types\n"
        "app = types.ModuleType('bot.app')\n"
        f"def serve(config): raise OSError(28, '{CANARY}', '/{CANARY}')\n"
        "app.serve = serve\n"
        "sys.modules['bot.app'] = app\n"
        f"sys.argv = ['saisaat', 'serve', '--verbose', '--config', '{folder}/config.toml']\n"
        "from bot.cli import main; main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", broken], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert json.loads(done.stderr)["event"] == "bot_failed"
    assert "OSError(28)" in done.stderr
    assert CANARY not in done.stdout + done.stderr
