"""`saisaat route`: where a tip would go and why, in words and as JSON."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.config import Config, load
from bot.dry_run import DryRun, Unclear, dry_run
from bot.dry_run_told import as_json, as_text
from handlers.agencies import FoundBy
from handlers.routing import Beginning
from sealing import Officer, OfficerKeys, Role, Roster
from tests.bot.rosters import ADMIN, RECOVERY, signed
from tests.bot.test_cli import saisaat

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
INTEGRITY = "intellectual-property-integrity"


def enrolled(name: str, *centres: str, conflicts: tuple[str, ...] = ()) -> Officer:
    keys = OfficerKeys.generate(name)
    recipient, sign = keys.age.recipient, keys.sign.verify_key
    return Officer(name, recipient, sign, (Role.OFFICER,), centres, conflicts)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The example with a roster: Loei has nobody, Somchai is in conflict with the municipality."""
    officers = (
        enrolled("Somchai", "khon-kaen", conflicts=("municipality",)),
        enrolled("Malee", "khon-kaen"),
        enrolled("Anong", "region-4"),
        enrolled("Wichai", INTEGRITY, "headquarters"),
    )
    roster = Roster(1, "2026-11-01", "2099-01-01", RECOVERY, officers)
    (tmp_path / "roster.toml").write_bytes(signed(roster))
    text = EXAMPLE.read_text(encoding="utf-8")
    path = tmp_path / "config.toml"
    path.write_text(
        text.replace('admin_key = ""', f'admin_key = "{ADMIN.verify_key}"'), encoding="utf-8"
    )
    return load(path)


def names(run: DryRun) -> tuple[list[str], list[str]]:
    """Who can read now, and later."""
    assert run.readers is not None
    readers = run.readers.readers
    now = [each.officer.name for each in readers if each.is_released]
    return now, [each.officer.name for each in readers if not each.is_released]


def test_a_tip_goes_to_its_province_and_its_officers_read_it(config: Config) -> None:
    run = dry_run(config, "ขก", "โรงเรียน")
    assert (run.centre, run.way.beginning) == ("khon-kaen", Beginning.PROVINCE)
    assert run.agency is not None
    assert (run.agency.id, run.found_by) == ("school", FoundBy.WRITTEN)
    assert names(run) == (["Somchai", "Malee"], ["Anong", "Wichai"])


def test_an_officer_in_conflict_is_named_with_the_reason(config: Config) -> None:
    run = dry_run(config, "ขอนแก่น", "เทสบาลเมือง")
    assert names(run)[0] == ["Malee"]
    said = as_text(run)
    assert "Somchai: แจ้งไว้ว่ามีส่วนได้เสีย" in said
    assert "officers: 1" in said


def test_a_centre_in_the_accused_line_is_said_to_be_passed_with_its_people(config: Config) -> None:
    run = dry_run(config, "TH-40", "commerce-ministry")
    assert [(each.centre.id, each.agency.id) for each in run.excluded if each.agency] == [
        (INTEGRITY, "intellectual-property")
    ]
    assert "Wichai" not in names(run)[1]
    assert "must not see it: ศูนย์ประสานราชการใสสะอาด" in as_text(run)
    assert "Wichai: ทำงานในศูนย์ที่อยู่ในสายของหน่วยงานนี้" in as_text(run)


def test_a_centre_without_officers_is_climbed_past_and_said(config: Config) -> None:
    run = dry_run(config, "เลย", None)
    assert (run.way.centre, run.centre) == ("loei", "region-4")
    assert "no officer there could open it" in as_text(run)
    assert as_json(run)["passed_without_readers"] == ["loei"]


@pytest.mark.parametrize(
    ("typed", "found_by"),
    [("municipality", None), ("เทศบาล", "written"), ("โรงเรียณ", "heard"), ("เทศบานเมือง", "near")],
)
def test_how_an_agency_was_found_is_said(config: Config, typed: str, found_by: str | None) -> None:
    assert as_json(dry_run(config, "ขก", typed))["agency_found_by"] == found_by


@pytest.mark.parametrize(
    ("province", "centre", "beginning"),
    [
        (None, "region-4", Beginning.UNSURE),
        ("ไม่แน่ใจ", "region-4", Beginning.UNSURE),
        ("th-10", "headquarters", Beginning.NOBODYS),
        ("สารคาม", "region-4", Beginning.PROVINCE),
    ],
)
def test_where_a_tip_begins_is_said(
    config: Config, province: str | None, centre: str, beginning: Beginning
) -> None:
    run = dry_run(config, province, None)
    assert (run.centre, run.way.beginning) == (centre, beginning)


def test_an_agency_that_nobody_knows_counts_as_unconfirmed(config: Config) -> None:
    run = dry_run(config, "ขก", "อะไรสักอย่าง")
    assert (run.agency, run.is_agency_unknown, run.excluded) == (None, True, ())
    assert "so none is confirmed" in as_text(run)


def test_an_unknown_province_is_refused_with_the_nearest_ones(config: Config) -> None:
    with pytest.raises(Unclear) as unclear:
        dry_run(config, "khonkhan city", None)
    assert "TH-40" in [each.id for each in unclear.value.found]


def test_words_that_may_mean_several_agencies_are_refused_with_each(config: Config) -> None:
    with pytest.raises(Unclear) as unclear:
        dry_run(config, "ขก", "เทศบาล กับ อบต")
    assert [each.id for each in unclear.value.found] == ["municipality", "sao"]


def run_it(config: Path, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["route", "--config", str(config), *arguments])
    return done.exit_code, done.stdout, done.stderr


def test_the_command_says_the_same_for_people_and_for_scripts(
    config: Config, tmp_path: Path
) -> None:
    path = tmp_path / "config.toml"
    code, said, _ = run_it(path, "--province", "ขก", "--agency", "อบต.")
    assert code == 0
    assert "เรื่องจะไปที่ · The tip would go to: ศูนย์จังหวัดขอนแก่น" in said
    code, raw, _ = run_it(path, "--province", "ขก", "--agency", "อบต.", "--json")
    told = json.loads(raw)
    assert (code, told["centre"], told["agency"], told["begins"]) == (
        0,
        "khon-kaen",
        "sao",
        "province",
    )
    assert [(each["name"], each["is_released"]) for each in told["readers"]] == [
        ("Somchai", True),
        ("Malee", True),
        ("Anong", False),
        ("Wichai", False),
    ]


def test_the_command_refuses_in_plain_words(config: Config, tmp_path: Path) -> None:
    code, _, said = run_it(tmp_path / "config.toml", "--province", "ไม่มีจังหวัดนี้หรอก")
    assert (code, "No such province" in said, said.count("TH-")) == (1, True, 3)


def test_without_a_roster_the_way_is_said_and_that_nobody_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(EXAMPLE.read_bytes())
    code, said, _ = run_it(path, "--province", "ขก")
    assert code == 0
    assert "Who could open it is not known yet: [roster] admin_key" in said
    run = dry_run(load(path), "ขก", None)
    assert (run.readers, run.centre) == (None, "khon-kaen")
    assert as_json(run)["readers"] == []


def test_an_empty_tree_is_refused_naming_the_section(config: Config, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("\n[[centre]]")], encoding="utf-8")
    done = saisaat("route", "--config", str(path))
    assert done.returncode == 1
    assert "centre: is missing" in done.stderr
    assert "Traceback" not in done.stderr
