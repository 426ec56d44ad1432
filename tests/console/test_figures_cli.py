"""Figures on the command line: shown, as JSON, as CSV."""

import csv
import io
import json
from pathlib import Path

import pytest

from sealing import Role
from tests.console.conftest import Run
from tests.console.fake_world import Person, World
from tests.console.figures_told import told


@pytest.fixture
def lead(world: World) -> Person:
    world.figures = told()
    return world.join("ลัดดา หัวหน้า", "kkn", roles=(Role.LEAD,))


def test_what_an_officer_can_read_is_counted(run: Run, world: World, lead: Person) -> None:
    for _ in range(2):
        world.file_tip(lead, category="bribe", day="2026-03-02")
    world.file_tip(lead, category="land", is_verified=True, alias="mkm7", day="2025-03-02")
    shown = run("figures", "--period", "2569", person=lead)
    assert shown.code == 0
    assert "What I can read · Year 2026" in shown.out
    assert "asking for bribes" in shown.out
    answer = json.loads(run("figures", "--period", "all", "--json", person=lead).out)
    tellers = {row["values"]: row["tips"] for row in answer["rows"] if row["measure"] == "teller"}
    assert tellers == {"citizen": 2, "member": 1}


def test_the_network_is_told_to_who_may_know(
    run: Run, world: World, lead: Person, somchai: Person
) -> None:
    shown = run("figures", "--of", "network", "--period", "2026", person=lead)
    assert "The network · Year 2026" in shown.out
    assert "together: " in shown.out
    refused = run("figures", "--of", "network", person=somchai)
    assert refused.code == 4
    assert "for leads, auditors" in refused.err
    world.figures = None
    assert "no counters yet" in run("figures", "--of", "network", person=lead).err


def test_a_file_is_written_once_and_reads_back(
    run: Run, world: World, lead: Person, tmp_path: Path
) -> None:
    file = tmp_path / "figures.csv"
    command = ("figures", "--of", "network", "--period", "2026", "--csv", file)
    done = run(*command, person=lead, lang="th")
    assert done.code == 0
    assert "ไม่ได้เข้ารหัส" in done.err
    rows = list(csv.DictReader(io.StringIO(file.read_text("utf-8-sig"), newline="")))
    assert sum(int(row["tips"]) for row in rows if row["measure"] == "intake") == 1304
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_bytes()
    assert run(*command, person=lead).code == 2
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "wrong", [("--period", "soon"), ("--period", "2026-Q9"), ("--of", "everybody")]
)
def test_what_is_no_period_is_said(run: Run, lead: Person, wrong: tuple[str, str]) -> None:
    ran = run("figures", *wrong, person=lead)
    assert ran.code == 2
    assert ran.err.strip()
