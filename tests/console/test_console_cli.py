"""The daily work from the command line, against a real HTTP desk."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from console.folder import SEEN
from sealing import Kind, Role
from tests.console.conftest import Run
from tests.console.fake_world import PASSPHRASE, Person, World, claim_as


def test_an_officer_lists_reads_claims_answers_and_closes(
    world: World, somchai: Person, run: Run
) -> None:
    tip = world.file_tip(somchai, is_afraid=True)
    tip.append(tip.told(words="เห็นเขาเอาปูนของ อบต. ไปทำถนนหน้าบ้านตัวเอง", question="what"))

    listed = run("list", person=somchai, lang="th")
    assert listed.code == 0, listed.err
    assert "ยักยอก" in listed.out
    assert "มหาสารคาม" in listed.out
    assert "กลัวถูกกลั่นแกล้ง" in listed.out

    read = run("read", tip.tip_id[:8], person=somchai, lang="th")
    assert read.code == 0, read.err
    assert "เห็นเขาเอาปูนของ อบต." in read.out
    assert "ตรวจแล้วครบ 2 ส่วน" in read.out

    assert run("claim", tip.tip_id, person=somchai).code == 0
    replied = run("reply", tip.tip_id, "--words", "จำทะเบียนรถได้ไหม", person=somchai)
    assert replied.code == 0, replied.err
    noted = run("note", tip.tip_id, person=somchai, typed="ถามช่างแล้ว\nรอเอกสาร\n")
    assert noted.code == 0, noted.err
    moved = run("status", tip.tip_id, "screening", "--sentence", "เริ่มตรวจแล้ว", person=somchai)
    assert moved.code == 0, moved.err

    shown = json.loads(run("read", tip.tip_id, "--json", person=somchai).out)
    assert shown["is_whole"] is True
    assert shown["findings"] == []
    assert [part["kind"] for part in shown["parts"]] == [
        "form",
        "words",
        "message",
        "note",
        "status",
    ]
    assert [part["signed"] for part in shown["parts"]] == [None, None, *["signed"] * 3]
    assert shown["parts"][3]["words"] == "ถามช่างแล้ว\nรอเอกสาร"
    assert shown["status"] == "screening"
    assert shown["claimed_by"] == somchai.id
    assert run("release", tip.tip_id, person=somchai).code == 0


def test_the_reporters_receipt_opens_the_message_and_not_the_note(
    world: World, somchai: Person, run: Run
) -> None:
    tip = world.file_tip(somchai)
    run("reply", tip.tip_id, "--words", "ถึงผู้แจ้ง", person=somchai)
    run("note", tip.tip_id, "--words", "ภายใน", person=somchai)
    sides = {part["kind"]: part["sealed_to"] for part in tip.answer["parts"]}
    assert sides == {"form": "case", "message": "reply", "note": "case"}


def test_the_list_filters_by_what_only_the_officer_can_see(
    world: World, somchai: Person, run: Run
) -> None:
    plain = world.file_tip(somchai, day="2099-01-01")
    trusted = world.file_tip(somchai, is_verified=True, alias="mkm7", day="2099-01-01")
    forced = world.file_tip(
        somchai, is_verified=True, alias="mkm8", is_duress=True, day="2099-01-01", province="TH-40"
    )

    def listed(*options: str) -> set[str]:
        ran = run("list", "--json", *options, person=somchai)
        return {tip["tip_id"] for tip in json.loads(ran.out)["tips"]}

    assert listed() == {plain.tip_id, trusted.tip_id, forced.tip_id}
    assert listed("--verified") == {trusted.tip_id, forced.tip_id}
    assert listed("--urgent") == {forced.tip_id}
    assert listed("--province", "TH-40") == {forced.tip_id}
    assert listed("--mine") == set()
    assert len(listed("--unclaimed", "--status", "received")) == 3
    assert listed("--status", "closed") == set()


def test_the_list_goes_on_page_by_page(world: World, somchai: Person, run: Run) -> None:
    filed = {world.file_tip(somchai).tip_id for _ in range(5)}
    seen: set[str] = set()
    after: list[str] = []
    for _ in range(3):
        page = json.loads(run("list", "--json", "--limit", "2", *after, person=somchai).out)
        seen |= {tip["tip_id"] for tip in page["tips"]}
        after = ["--after", page["next"]] if page["next"] else []
    assert seen == filed
    assert after == []


def test_two_officers_claim_at_once_and_the_slower_is_told_who(
    world: World, somchai: Person, run: Run
) -> None:
    malee = world.join("มาลี ตั้งใจ", "kkn")
    tip = world.file_tip(somchai, malee)
    world.before_claim = lambda tip: claim_as(tip, malee)
    lost = run("claim", tip.tip_id, person=somchai, lang="th")
    assert lost.code == 4
    assert "มาลี ตั้งใจ รับเรื่องนี้ไปแล้ว" in lost.err
    world.before_claim = None
    assert "มาลี ตั้งใจ" in run("release", tip.tip_id, person=somchai).err


def test_claiming_ones_own_tip_again_is_no_error(world: World, somchai: Person, run: Run) -> None:
    tip = world.file_tip(somchai)
    assert run("claim", tip.tip_id, person=somchai).code == 0
    assert run("claim", tip.tip_id, person=somchai).code == 0
    assert len(tip.answer["changes"]) == 1


def test_a_reply_lands_behind_words_that_came_meanwhile(
    world: World, somchai: Person, run: Run
) -> None:
    tip = world.file_tip(somchai)

    def once(tip: object) -> None:
        world.before_append = None
        filed = world.tips[tip_id]
        filed.append(filed.told(words="เพิ่งนึกได้อีก"))

    tip_id = tip.tip_id
    world.before_append = once
    assert run("reply", tip_id, "--words", "ขอบคุณ", person=somchai).code == 0
    assert [part["kind"] for part in tip.answer["parts"]] == ["form", "words", "message"]


def test_an_expired_token_is_renewed_without_a_word(
    world: World, somchai: Person, run: Run
) -> None:
    tip = world.file_tip(somchai)

    def expire(_: object) -> None:
        world.before_append = None
        world.expire_tokens()

    world.before_append = expire
    world.spoil("roster-never", lambda _: None)
    assert run("reply", tip.tip_id, "--words", "x", person=somchai).code == 0


def test_a_colleague_is_let_in_and_reads(world: World, somchai: Person, run: Run) -> None:
    malee = world.join("มาลี ตั้งใจ", "kkn")
    tip = world.file_tip(somchai, is_verified=True, alias="mkm7")
    assert run("read", tip.tip_id, person=malee).code == 4
    let_in = run("grant", tip.tip_id, "มาลี ตั้งใจ", person=somchai)
    assert let_in.code == 0, let_in.err
    shown = json.loads(run("read", tip.tip_id, "--json", person=malee).out)
    assert shown["is_whole"] is True, shown["findings"]
    listed = json.loads(run("list", "--json", person=malee).out)
    assert listed["tips"][0]["summary"]["alias"] == "mkm7"
    again = run("grant", tip.tip_id, malee.id, person=somchai)
    assert again.code == 2
    assert "already" in again.err
    shown = json.loads(run("read", tip.tip_id, "--json", person=somchai).out)
    assert shown["is_whole"] is True, shown["findings"]


def test_who_left_the_tips_centre_is_let_in_like_anybody(
    world: World, somchai: Person, run: Run
) -> None:
    """The list still shows the grant that went with their old centre; it opens nothing to them."""
    malee, boss = world.join("มาลี ตั้งใจ", "kkn"), world.join("หัวหน้า", "hq")
    tip = world.file_tip(somchai, malee, boss)
    again = run("grant", tip.tip_id, malee.id, person=somchai)
    assert (again.code, "already" in again.err) == (2, True)
    malee.centres = ("udn",)
    world.sign_roster(world.roster_version + 1)
    let_in = run("grant", tip.tip_id, malee.id, person=somchai)
    assert let_in.code == 0, let_in.err
    shown = json.loads(run("read", tip.tip_id, "--json", person=malee).out)
    assert shown["is_whole"] is True, shown["findings"]
    above = run("grant", tip.tip_id, boss.id, person=somchai)
    assert (above.code, "already" in above.err) == (4, True), above.err


def test_nobody_is_let_in_who_is_not_in_the_roster(world: World, somchai: Person, run: Run) -> None:
    tip = world.file_tip(somchai)
    ran = run("grant", tip.tip_id, "nobody", person=somchai)
    assert ran.code == 2
    assert "nobody" in ran.err


def test_a_reporter_who_asked_for_no_contact_gets_no_message(
    world: World, somchai: Person, run: Run
) -> None:
    tip = world.file_tip(somchai)
    tip.answer["no_contact"] = True
    assert run("reply", tip.tip_id, "--words", "x", person=somchai).code == 2
    assert run("note", tip.tip_id, "--words", "x", person=somchai).code == 0


def test_an_unusual_step_needs_the_officers_second_word(
    world: World, somchai: Person, run: Run
) -> None:
    tip = world.file_tip(somchai)
    screening = ("status", tip.tip_id, "screening", "--sentence", "เริ่มตรวจแล้ว")
    unclaimed = run(*screening, person=somchai)
    assert unclaimed.code == 2
    assert "Nobody has claimed" in unclaimed.err
    assert run("claim", tip.tip_id, person=somchai).code == 0
    closed = ("close", tip.tip_id, "--result", "partly", "--reason", "x", "--sentence-file", "-")
    jumped = run(*closed, person=somchai, typed="จบแล้ว")
    assert jumped.code == 2
    assert "usual steps" in jumped.err
    assert tip.answer["status"] == "received"
    meant = run(*closed, "--despite-warnings", person=somchai, typed="จบแล้ว")
    assert meant.code == 0, meant.err
    assert tip.answer["status"] == "closed"


@pytest.mark.parametrize("command", ["reply", "note", "status"])
def test_the_help_says_that_words_of_the_command_line_can_be_seen(run: Run, command: str) -> None:
    assert re.search(r"\bps\b", run(command, "--help").out)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("read", "zz"), "not a tip's number"),
        (("read", "a" * 32), "no such tip"),
        (("reply", "a" * 32, "--words", "  "), "no message"),
        (("reply", "a" * 32, "--words", "x" * 4001), "too long"),
        (("status", "a" * 32, "nonsense", "--sentence", "x"), "no status"),
        (("export", "a" * 32, "/nonexistent/x"), "--reason"),
        (("list", "--status", "nonsense"), "no status"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(
    somchai: Person, run: Run, arguments: tuple[str, ...], says: str
) -> None:
    ran = run(*arguments, person=somchai)
    assert ran.code in (2, 4)
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert ran.exception is None


def test_a_tip_does_not_change_its_status_without_a_sentence(
    world: World, somchai: Person, run: Run
) -> None:
    tip = world.file_tip(somchai)
    ran = run("status", tip.tip_id, "screening", "--despite-warnings", person=somchai)
    assert (ran.code, tip.answer["status"]) == (2, "received")
    assert "--sentence" in ran.err


def test_a_wrong_passphrase_is_said_plainly(
    world: World, somchai: Person, run: Run, tmp_path: Path
) -> None:
    wrong = tmp_path / "wrong"
    wrong.write_text("not the passphrase\n", encoding="utf-8")
    ran = run("list", person=somchai, passphrase_file=wrong, lang="th")
    assert ran.code == 2
    assert "รหัสผ่านไม่ถูกต้อง" in ran.err
    asked = run("list", person=somchai, passphrase_file=None, typed="also wrong\n")
    assert asked.code == 2
    assert "also wrong" not in asked.err + asked.out
    right = run("list", person=somchai, passphrase_file=None, typed=PASSPHRASE + "\n")
    assert right.code == 0
    assert PASSPHRASE not in right.out + right.err


def test_a_damaged_key_file_and_a_missing_folder_are_said_plainly(
    somchai: Person, run: Run, tmp_path: Path
) -> None:
    (somchai.home / "keys.age").write_bytes(b"nonsense")
    assert "damaged" in run("list", person=somchai).err
    missing = run("list", home=tmp_path / "nowhere")
    assert missing.code == 2
    assert "saisaat-console init" in missing.err


def test_an_unreachable_desk_is_said_plainly(world: World, somchai: Person, run: Run) -> None:
    config = somchai.home / "config.toml"
    config.write_text(
        config.read_text(encoding="utf-8").replace(world.origin, "http://127.0.0.1:1"),
        encoding="utf-8",
    )
    ran = run("list", person=somchai)
    assert ran.code == 3
    assert "Cannot reach the desk" in ran.err


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('desk = "http://desk.example.org"', "https://"),
        ('desk = "ftp://desk.example.org"', "address"),
        ("desk = 3", "“desk”"),
        ('nonsense = "x"', "“nonsense”"),
        ("desk = ", "Cannot understand"),
    ],
)
def test_a_wrong_config_names_the_key(somchai: Person, run: Run, line: str, says: str) -> None:
    config = somchai.home / "config.toml"
    lines = config.read_text(encoding="utf-8").splitlines()
    kept = [old for old in lines if old.split(" ")[0] != line.split(" ")[0]]
    config.write_text("\n".join([line, *kept]), encoding="utf-8")
    ran = run("list", person=somchai)
    assert ran.code == 2
    assert says in ran.err


def test_a_fault_of_ours_shows_no_traceback_and_no_words(
    world: World, somchai: Person, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode(*_: object) -> None:
        raise KeyError("canary words")

    monkeypatch.setattr("console.office.open_tip", explode)
    tip = world.file_tip(somchai)
    ran = run("read", tip.tip_id, person=somchai)
    assert ran.code == 70
    assert "KeyError" in ran.err
    assert "canary" not in ran.err + ran.out


def test_the_folder_and_its_files_are_the_officers_alone(
    world: World, somchai: Person, run: Run
) -> None:
    tip = world.file_tip(somchai)
    run("read", tip.tip_id, person=somchai)
    assert stat.S_IMODE(somchai.home.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in somchai.home.iterdir()}
    assert set(modes.values()) == {0o600}
    assert SEEN in modes
    somchai.home.chmod(0o755)
    assert "chmod 700" in run("list", person=somchai).err


def test_nothing_that_was_read_is_left_on_the_disk(
    world: World, somchai: Person, run: Run, tmp_path: Path
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="คานารี canary-4821"))
    world.officer_part(tip, somchai, "canary-4821")
    assert "canary-4821" in run("read", tip.tip_id, person=somchai).out
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert b"canary" not in data
            assert "คานารี".encode() not in data
            assert tip.tip_id.encode() not in data


def test_a_tip_that_is_near_or_past_its_clock_says_so(
    world: World, somchai: Person, run: Run
) -> None:
    world.file_tip(somchai, day="2020-01-01")
    listed = run("list", person=somchai, lang="th")
    assert "เกินมา" in listed.out
    assert "ด่วน" in listed.out


def test_an_expired_roster_warns_and_does_not_stop_the_work(
    world: World, somchai: Person, run: Run
) -> None:
    world.expires = "2026-11-20"
    world.sign_roster(2)
    tip = world.file_tip(somchai)
    ran = run("read", tip.tip_id, person=somchai)
    assert ran.code == 0
    assert "expired" in ran.err


def test_an_officer_without_a_place_in_the_roster_is_told_what_to_do(
    world: World, somchai: Person, run: Run
) -> None:
    others = [world.join("มาลี", "kkn", roles=(Role.OFFICER,))]
    world.file_tip(somchai)
    kept = world.people
    world.people = others
    world.sign_roster(2)
    world.people = kept
    ran = run("list", person=somchai)
    assert ran.code == 2
    assert "enrol" in ran.err


def test_the_real_program_runs_as_a_process_of_its_own(
    world: World, somchai: Person, tmp_path: Path
) -> None:
    tip = world.file_tip(somchai)
    tip.append(tip.told(words="ปูนหายไปสิบถุง"))
    passphrase = tmp_path / "passphrase"
    passphrase.write_text(PASSPHRASE, encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "th_TH.UTF-8",
        "HOME": str(tmp_path),
        "SAISAAT_CONSOLE_HOME": str(somchai.home),
        "SAISAAT_CONSOLE_PASSPHRASE_FILE": str(passphrase),
    }

    def program(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "console.cli", *arguments],
            env=environment,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    read = program("read", tip.tip_id)
    assert read.returncode == 0, read.stderr
    assert "ปูนหายไปสิบถุง" in read.stdout
    wrong = program("--lang", "en", "read", "f" * 32)
    assert wrong.returncode == 4
    assert "no such tip" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert program("read").returncode == 2


def test_an_answer_by_the_officer_names_the_kind(world: World, somchai: Person, run: Run) -> None:
    tip = world.file_tip(somchai)
    world.officer_part(tip, somchai, "เราเริ่มตรวจแล้ว", Kind.NOTE)
    assert "Internal note" in run("read", tip.tip_id, person=somchai).out


def test_the_list_says_that_somebody_is_guessing_codes_and_on_which_day(
    world: World, somchai: Person, run: Run
) -> None:
    assert "รหัส" not in run("list", person=somchai, lang="th").err
    world.guessing_day = "2026-11-23"
    assert (
        "มีคนลองเดารหัสหลายครั้ง (ล่าสุด 23 พฤศจิกายน 2569)" in run("list", person=somchai, lang="th").err
    )
    assert "guessing codes (last on 23 November 2026)" in run("list", person=somchai, lang="en").err
    ran = run("list", "--json", person=somchai)
    assert json.loads(ran.out)["guessing_day"] == "2026-11-23"


def test_the_list_says_that_the_server_was_made_of_a_backup(
    world: World, somchai: Person, run: Run
) -> None:
    assert "ชุดสำรอง" not in run("list", person=somchai, lang="th").err
    world.restored_day, world.backup_day = "2026-11-25", "2026-11-23"
    said = run("list", person=somchai, lang="th").err
    assert "สร้างใหม่เมื่อ 25 พฤศจิกายน 2569 จากชุดสำรองของ 23 พฤศจิกายน 2569" in said
    said = " ".join(run("list", person=somchai, lang="en").err.split())
    assert "made anew on 25 November 2026 out of a backup of 23 November 2026" in said


def test_a_story_that_a_member_carries_on_is_marked_so(
    world: World, somchai: Person, run: Run
) -> None:
    world.file_tip(somchai, is_verified=True, alias="mkm7", is_secondhand=True)
    assert "มีคนเล่าให้ฟัง" in run("list", person=somchai, lang="th").out
    assert "told by another" in run("list", person=somchai, lang="en").out
    (tip,) = json.loads(run("list", "--json", person=somchai).out)["tips"]
    assert tip["summary"]["is_secondhand"] is True


WITHOUT_LIMITS = """
import sys
sys.modules["resource"] = sys.modules["fcntl"] = None  # as on Windows
import console.pages.app
from console.cli import make_app
from sandbox import Walls, shut_in
make_app()
try:
    shut_in(Walls(1, 1), keep=2)
except ImportError:
    print("no walls")
"""


def test_a_system_without_limits_has_a_console_all_the_same_and_no_walls() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIMITS], capture_output=True, text=True, timeout=60
    )
    assert (ran.returncode, ran.stdout) == (0, "no walls\n"), ran.stderr
