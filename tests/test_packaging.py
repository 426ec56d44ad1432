"""What an installed wheel must carry: every file of a room that is not code, and pinned parts."""

import json
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CARRIED = SETTINGS["tool"]["setuptools"]["package-data"]
ROOMS = (
    *("bot", "charts", "cleaning", "console", "guard", "handlers", "sandbox", "sealing", "storage"),
)


def data_files(room: str) -> set[Path]:
    return {
        path
        for path in (ROOT / room).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }


@pytest.mark.parametrize("room", ROOMS)
def test_every_data_file_of_a_room_is_in_its_wheel(room: str) -> None:
    carried = {path for glob in CARRIED.get(room, ()) for path in (ROOT / room).glob(glob)}
    assert data_files(room) == carried


def test_the_lock_files_pin_with_hashes_and_name_no_address() -> None:
    for path in sorted(ROOT.glob("tests/*/package-lock.json")):
        lock = json.loads(path.read_text(encoding="utf-8"))
        parts = [part for name, part in lock["packages"].items() if name]
        assert parts
        assert all("integrity" in part and "resolved" not in part for part in parts), path
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        pins = [line for line in text.splitlines() if "==" in line]
        assert pins
        assert all(line.endswith("\\") for line in pins), "a pin without a hash"
        assert "://" not in text
        assert not any(line.startswith("-") for line in text.splitlines())
