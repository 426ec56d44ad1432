"""The measured process of `bench.backup`: takes backups, and copies the same files plainly."""

import json
import os
import shutil
import sys
import time
from datetime import date
from pathlib import Path

from bench.measuring import resident_bytes
from bot.backup.making import take
from bot.config import Config, load
from storage.folders import sync_folder

DAY = date(2026, 11, 26)


def main() -> None:
    config_file = Path(sys.argv[1])
    config = load(config_file)
    print("{}", flush=True)
    for line in sys.stdin:
        command, _, where = line.strip().partition(" ")
        before = resident_bytes()
        _forget_peak()
        began_s = time.perf_counter()
        if command == "take":
            take(config_file, config, Path(where), None, DAY)
        else:
            _copy(config, Path(where))
        wall_s = time.perf_counter() - began_s
        rise = resident_bytes("VmHWM") - before
        print(json.dumps({"wall_s": wall_s, "rise_bytes": rise}), flush=True)


def _copy(config: Config, target: Path) -> None:
    target.mkdir()
    database, blobs = config.storage.database, target / "blobs"
    blobs.mkdir()
    _copy_one(database, target / database.name)
    for source in config.storage.blobs.iterdir():
        _copy_one(source, blobs / source.name)
    sync_folder(blobs)
    sync_folder(target)


def _copy_one(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _forget_peak() -> None:
    """Let the kernel count the most memory from now on. (Linux; proc(5))"""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


if __name__ == "__main__":
    main()
