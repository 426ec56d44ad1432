"""Officers who are gone, met by who never knew them: a roster of before tells, if it is genuine."""

import json
from pathlib import Path

from sealing import Kind, SigningKey, open_roster, render, sign_roster
from tests.console.conftest import Run
from tests.console.fake_world import Person, World


def alarms(run: Run, tip_id: str, person: Person) -> set[str]:
    ran = run("read", tip_id, "--json", person=person)
    return {found["name"] for found in json.loads(ran.out)["findings"]}


def test_what_earlier_officers_signed_is_known_once_their_roster_was_learnt(
    world: World, somchai: Person, run: Run, tmp_path: Path
) -> None:
    gone = world.join("คนก่อน", "kkn")
    tip = world.file_tip(somchai, gone)
    world.officer_part(tip, gone, "เราเริ่มตรวจแล้ว", Kind.NOTE)
    earlier = tmp_path / "earlier.toml"
    earlier.write_bytes(world.roster)
    world.people.remove(gone)
    world.sign_roster(world.roster_version + 1)
    assert "part_foreign" in alarms(run, tip.tip_id, somchai)
    ran = run("roster", "learn", earlier, person=somchai, lang="en")
    assert ran.code == 0, ran.err
    assert "2 officers" in ran.out
    found = alarms(run, tip.tip_id, somchai)
    assert "part_foreign" not in found
    assert "part_former" in found
    assert run("roster", "show", person=somchai).code == 0  # the one in force is as it was


def test_a_roster_that_the_admin_did_not_sign_is_not_learnt(
    world: World, somchai: Person, run: Run, tmp_path: Path
) -> None:
    stranger = SigningKey.generate()
    forged = tmp_path / "forged.toml"
    roster = open_roster(world.roster, world.admin.sign.verify_key, 0)
    forged.write_bytes(sign_roster(render(roster), stranger))
    ran = run("roster", "learn", forged, person=somchai, lang="en")
    assert ran.code == 5
    assert run("roster", "learn", tmp_path / "none", person=somchai).code == 2
