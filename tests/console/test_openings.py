"""Exports and originals through the console: for a reason, by two where asked, and checked."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from console.days import today
from sealing import Kind, Opens, approval_statement, opening_statement
from tests.console.conftest import Run
from tests.console.fake_world import DAY, Answer, Person, Tip, World, b64, new_id
from tests.console.test_pages import PNG, Browser, browser, text_of

__all__ = ["browser"]

PHOTO = PNG + b" taken at 16.44, 102.83"
BOTH = ("export", "original")


@pytest.fixture
def malee(world: World) -> Person:
    return world.join("มาลี ตั้งใจ", "kkn")


@pytest.fixture
def tip(world: World, somchai: Person, malee: Person) -> Tip:
    """A tip with a photo whose original the reporter lets be seen."""
    filed = world.file_tip(somchai, malee)
    world.give_away(filed, world.add_cleaned(filed, PHOTO, PNG))
    return filed


@pytest.fixture
def seq(tip: Tip) -> int:
    found: int = next(part["seq"] for part in tip.answer["parts"] if part["blob_id"])
    return found


Found = Callable[[], set[str]]


@pytest.fixture
def found(tip: Tip, malee: Person, run: Run) -> Found:
    """The names of what Malee's console finds wrong in the tip."""

    def read() -> set[str]:
        ran = run("read", tip.tip_id, "--json", person=malee)
        assert ran.code == 0, ran.err
        return {each["name"] for each in json.loads(ran.out)["findings"]}

    return read


def open_as(tip: Tip, person: Person, **changed: object) -> Answer:
    """An export that *person*'s console would have signed; *changed* after the signature. The note
    that says why is not there yet."""
    row: Answer = {
        "opening_id": new_id(),
        "opens": Opens.EXPORT.value,
        "part_id": None,
        "reason_part_id": new_id(),
        "seq": 1,
        "officer": person.id,
        "day": DAY,
        "open_day": DAY,
        "approved_by": None,
        "approved_day": None,
        "approval": None,
    }
    sign_again(tip, person, row)
    row |= changed
    tip.answer["openings"].append(row)
    return row


def note_of(world: World, tip: Tip, person: Person, row: Answer) -> None:
    """Put the note that *row* names where it says."""
    part = world.officer_part(tip, person, "ศาลขอ", Kind.NOTE)
    row |= {"reason_part_id": part.part_id, "seq": part.seq}


# --- the reason


def test_nothing_is_exported_or_saved_without_a_reason(
    tip: Tip, somchai: Person, run: Run, tmp_path: Path, seq: int
) -> None:
    for command in (
        ("export", tip.tip_id, tmp_path / "out"),
        ("original", tip.tip_id, seq, tmp_path / "a.png"),
    ):
        for reason in ((), ("--reason", "  ")):
            ran = run(*command, *reason, person=somchai)
            assert ran.code == 2
            assert "--reason" in ran.err
    assert tip.answer["openings"] == []
    assert list(tmp_path.glob("out*")) == []


def test_an_export_leaves_its_reason_with_the_tip_and_in_the_export(
    tip: Tip, somchai: Person, run: Run, tmp_path: Path, found: Found
) -> None:
    out = tmp_path / "out"
    assert run("export", tip.tip_id, out, "--reason", "ศาลขอ", person=somchai).code == 0
    (row,) = tip.answer["openings"]
    assert (row["opens"], row["officer"]) == ("export", somchai.id)
    assert "ศาลขอ" in (out / "transcript.txt").read_text(encoding="utf-8")
    assert "ศาลขอ" not in json.dumps(tip.answer, ensure_ascii=False)
    assert found() == set()
    again = tmp_path / "again"
    assert run("export", tip.tip_id, again, "--reason", "อัยการขอ", person=somchai).code == 0
    assert len(tip.answer["openings"]) == 2  # each export has a reason of its own


def test_an_original_is_saved_whole_and_its_opening_is_shown_to_colleagues(
    tip: Tip, somchai: Person, malee: Person, run: Run, tmp_path: Path, seq: int
) -> None:
    file = tmp_path / "a.png"
    ran = run("original", tip.tip_id, seq, file, "--reason", "ศาลขอดู", person=somchai)
    assert ran.code == 0, ran.err
    assert file.read_bytes() == PHOTO
    assert file.stat().st_mode & 0o077 == 0
    shown = run("read", tip.tip_id, person=malee).out
    assert "The original of a file was opened · สมชาย ใจดี" in shown
    assert "ศาลขอดู" in shown
    again = tmp_path / "b.png"
    assert run("original", tip.tip_id, seq, again, "--reason", "x", person=somchai).code == 0
    assert len(tip.answer["openings"]) == 1  # open is open, that day


def test_a_part_without_an_original_has_none_to_save(
    tip: Tip, somchai: Person, run: Run, tmp_path: Path
) -> None:
    for seq in (1, 99):
        ran = run("original", tip.tip_id, seq, tmp_path / "x", "--reason", "x", person=somchai)
        assert ran.code == 2
    assert tip.answer["openings"] == []
    assert not (tmp_path / "x").exists()


# --- a second officer


def test_where_two_are_asked_for_the_first_try_asks_and_the_second_opens(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run, tmp_path: Path
) -> None:
    world.second_officer = BOTH
    out, short = tmp_path / "out", tip.tip_id[:8]
    export = ("export", tip.tip_id, out, "--reason", "ศาลขอ")
    asked = run(*export, person=somchai)
    assert (asked.code, out.exists()) == (4, False)
    assert f"saisaat-console approve {short}" in asked.err
    again = run(*export, person=somchai)
    assert (again.code, len(tip.answer["openings"])) == (4, 1)  # it is asked for once
    own = run("approve", tip.tip_id, person=somchai)
    assert own.code == 2
    listed = json.loads(run("list", "--json", person=malee).out)["tips"]
    assert [row["openings_waiting"] for row in listed] == [1]
    assert "waits for a second officer" in run("list", person=malee).out
    agreed = run("approve", tip.tip_id, person=malee)
    assert agreed.code == 0, agreed.err
    assert "สมชาย ใจดี may open it today" in agreed.out
    assert run("approve", tip.tip_id, person=malee).code == 2
    assert run(*export, person=somchai).code == 0
    assert (out / "originals").is_dir()
    assert "approved by มาลี ตั้งใจ" in run("read", tip.tip_id, person=somchai).out


def test_several_that_wait_are_approved_by_name(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run, tmp_path: Path, seq: int
) -> None:
    world.second_officer = BOTH
    run("export", tip.tip_id, tmp_path / "out", "--reason", "x", person=somchai)
    run("original", tip.tip_id, seq, tmp_path / "a", "--reason", "x", person=somchai)
    ran = run("approve", tip.tip_id, person=malee)
    assert ran.code == 2
    first, second = tip.answer["openings"]
    ran = run("approve", tip.tip_id, "--opening", second["opening_id"][:8], person=malee)
    assert ran.code == 0, ran.err
    assert (first["open_day"], second["approved_by"]) == (None, malee.id)


async def test_both_officers_do_it_on_the_page(
    world: World, tip: Tip, malee: Person, browser: Browser, run: Run, seq: int
) -> None:
    world.second_officer = BOTH
    await browser.unlock()
    page = await browser.post(f"/tips/{tip.tip_id}/original", seq=str(seq), reason="ศาลขอดู")
    assert "ต้องมีเจ้าหน้าที่คนที่สองเห็นชอบ" in text_of(page)
    assert 'class="notice warm" role="alert"' in page.text, "it is recorded, nothing went wrong"
    assert "saisaat-console" not in text_of(page), "no words of the terminal"
    assert f"files/{seq}/original" not in page.text
    approve = f"/tips/{tip.tip_id}/approve"
    assert approve not in page.text  # one's own is not for oneself to approve
    asked = open_as(tip, malee, open_day=None)
    note_of(world, tip, malee, asked)
    sign_again(tip, malee, asked)
    page = await browser.get(f"/tips/{tip.tip_id}")
    assert "ตรวจดูแล้ว เห็นชอบ" in page.text
    assert approve in page.text
    page = await browser.post(approve, opening=asked["opening_id"])
    assert "เห็นชอบแล้ว เปิดได้ในวันนี้" in text_of(page)
    assert asked["approved_by"] is not None
    for bad in ("", "-", "zz", "9" * 40, "-1", "١"):
        refused = await browser.post(f"/tips/{tip.tip_id}/original", seq=bad, reason="x")
        assert refused.status_code == 422
        refused = await browser.post(f"/tips/{tip.tip_id}/approve", opening=bad or "-")
        assert refused.status_code == 422


def sign_again(tip: Tip, person: Person, row: Answer) -> None:
    statement = opening_statement(
        tip_id=tip.tip_id,
        **{n: row[n] for n in ("opening_id", "opens", "part_id", "reason_part_id", "seq", "day")},
        officer=person.id,
    )
    row["signature"] = b64(person.keys.sign.sign(statement))


# --- a desk that plays false


@pytest.mark.parametrize(
    "change",
    [
        {"opens": "original", "part_id": "7" * 32},
        {"day": "2026-01-01"},
        {"opening_id": "7" * 32},
        {"signature": b64(bytes(64))},
        {"officer": "7" * 32},
    ],
)
def test_an_opening_that_its_officer_did_not_sign_is_named(
    world: World, tip: Tip, somchai: Person, found: Found, change: Answer
) -> None:
    row = open_as(tip, somchai)
    note_of(world, tip, somchai, row)
    sign_again(tip, somchai, row)
    assert found() == set()
    row |= change
    assert "opening_forged" in found()


def test_an_opening_of_another_tip_is_named(
    world: World, tip: Tip, somchai: Person, malee: Person, found: Found
) -> None:
    other = world.file_tip(somchai, malee)
    tip.answer["openings"].append(open_as(other, somchai))
    assert found() == {"opening_forged", "opening_reasonless"}


def test_an_opening_whose_reason_is_not_there_or_is_another_part_is_named(
    world: World, tip: Tip, somchai: Person, malee: Person, found: Found
) -> None:
    row = open_as(tip, somchai)
    assert found() == {"opening_reasonless"}
    note_of(world, tip, malee, row)
    sign_again(tip, somchai, row)
    assert found() == {"opening_reasonless"}  # somebody else's note


def test_an_approval_that_nobody_else_signed_is_named(
    world: World, tip: Tip, somchai: Person, malee: Person, found: Found
) -> None:
    row = open_as(tip, somchai)
    note_of(world, tip, somchai, row)
    sign_again(tip, somchai, row)

    def approved(by: Person, signer: Person) -> None:
        statement = approval_statement(
            opening_id=row["opening_id"],
            tip_id=tip.tip_id,
            opens=row["opens"],
            part_id=None,
            opener=somchai.id,
            day=DAY,
            officer=by.id,
        )
        signature = b64(signer.keys.sign.sign(statement))
        row.update(approved_by=by.id, approved_day=DAY, approval=signature)

    approved(malee, malee)
    assert found() == set()
    for by, signer in ((malee, somchai), (somchai, somchai)):
        approved(by, signer)
        assert found() == {"approval_forged"}


def test_a_forged_opening_cannot_be_approved(
    world: World, tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    row = open_as(tip, somchai, open_day=None, signature=b64(bytes(64)))
    note_of(world, tip, somchai, row)
    ran = run("approve", tip.tip_id, "--despite-warnings", person=malee)
    assert ran.code == 4
    assert row["approved_by"] is None


def test_an_approval_that_the_desk_invents_spares_no_reason(
    tip: Tip, somchai: Person, malee: Person, run: Run, tmp_path: Path
) -> None:
    day = today().isoformat()
    open_as(
        tip, somchai, open_day=day, approved_by=malee.id, approved_day=day, approval=b64(bytes(64))
    )
    ran = run("export", tip.tip_id, tmp_path / "out", "--reason", "ศาลขอ", person=somchai)
    assert ran.code == 0, ran.err
    assert [row["approved_by"] for row in tip.answer["openings"]] == [malee.id, None]
