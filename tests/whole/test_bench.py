"""The benches run and print every row. Their figures are nobody's business here."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
FIGURES = {
    "sealing": ("seal 2 KiB to 1 ", "seal 2 KiB to 5 ", "seal 2 KiB to 20 ", "age", "Argon2id"),
    "turns": ("text turns a second", "the same by CPU"),
    "report": ("a report of 10 answers", "of which filing", "of which Argon2id"),
    "loop": ("loop's longest block", "the same by the clock"),
    "upload": (
        *("1 MB from", "the same", "the same by CPU", "hashing the same", "writing and syncing"),
        *("memory", "loop's", "the same by the"),
    ),
    "memory": ("a bot with 8 open conversations",),
    "console": (
        "first rows of 30 tips",
        "the whole list of 30 tips",
        "where 30 tips stand",
        "a tip read",
        "a search in the words",
        "memory of the console",
    ),
    "channels": (
        "Telegram: message to answer",
        "the same, each",
        "LINE: webhook to 200",
        "the same, each",
        "LINE's 200 at",
        "telegram: delay by a flood",
        "line: delay by a flood",
        "telegram: 0 MB to blob",
        "line: 0 MB to blob",
    ),
    "campaigns": (
        "telegram: 8 cards",
        "telegram: a person's wait",
        "line: 16 cards",
        "line: a person's wait",
    ),
    "network": (
        "codes verified a second",
        "the same by CPU",
        "loop's longest block",
        "the same by the clock",
        "a code looked up among 40",
    ),
    "figures": (
        "the desk's figures of 60 tips",
        "what is shown of two years decided",
        "a commit that counts an ending",
    ),
    "backup": ("a backup of", "memory"),
    "export": (
        "2 MB of evidence exported",
        "processor time of the console",
        "memory of the console",
        "the same, with every command",
    ),
    "queue": ("first page of the queue", "a page in its middle", "first page by SQL"),
}


def test_every_bench_prints_its_rows_with_tiny_sizes(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    command = [sys.executable, "-m", "bench", "--quick", "--json", str(figures)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    for bench, whats in FIGURES.items():
        mine = [line for line in lines if line.startswith(f"{bench} ")]
        assert len(mine) == len(whats), (bench, mine)
        for line, what in zip(mine, whats, strict=True):
            assert line.removeprefix(bench).lstrip().startswith(what), (what, line)
    rows = json.loads(figures.read_text(encoding="utf-8"))
    assert len(rows) == sum(map(len, FIGURES.values()))
    assert all(row["value"] >= 0 for row in rows)


def test_an_unknown_bench_is_an_error_that_names_the_known_ones() -> None:
    command = [sys.executable, "-m", "bench", "nonsense"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 2
    assert "nonsense" in ran.stderr
