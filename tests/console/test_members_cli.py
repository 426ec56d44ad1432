"""`saisaat-console members …` against the real desk: what a registrar types and reads."""

import json
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from console.commands.members import make
from console.folder import CONFIG
from console.members.book import Standing
from console.paper.orders import NotPrinted
from console.words import LANGUAGES, words_for
from sealing import MemberCode, Role
from tests.console.conftest import Ran, Run
from tests.console.fake_world import Person, World
from tests.console.registrars import everything_in, served

CODE = re.compile(r"\b[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]\b")
NAMES = ("สมหญิง ใจงาม", "ประสิทธิ์ ยืนยง", "น้ำฝน คำดี")


@pytest.fixture
def real(tmp_path: Path) -> Iterator[World]:
    with served(tmp_path) as world:
        yield world


@pytest.fixture
def rachan(real: World) -> Person:
    return real.join("ราชัน ทะเบียน", "kkn", roles=(Role.REGISTRAR,))


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command's output goes to a terminal."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")


def fine(ran: Ran) -> Ran:
    assert (ran.code, ran.exception) == (0, None), ran.out + ran.err
    return ran


def listed(run: Run, person: Person, *options: str) -> list[dict[str, Any]]:
    members: list[dict[str, Any]] = json.loads(
        fine(run("members", "list", *options, "--json", person=person)).out
    )["members"]
    return members


def added(run: Run, person: Person, name: str = NAMES[0]) -> tuple[str, MemberCode]:
    ran = fine(run("members", "add", person=person, typed=f"{name}\n\n"))
    (code,) = CODE.findall(ran.out)
    return code[:4], MemberCode.parse(code)


def text_of(pdf: Path) -> str:
    done = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, check=True)
    return done.stdout.decode()


@pytest.mark.usefixtures("screen")
def test_a_code_is_on_the_screen_once_and_never_again(
    run: Run, rachan: Person, tmp_path: Path
) -> None:
    alias, code = added(run, rachan)
    (member,) = listed(run, rachan)
    assert (member["alias"], member["name"], member["standing"]) == (alias, NAMES[0], "active")
    for command in (("list",), ("show", alias), ("list", "--json"), ("show", alias, "--json")):
        ran = fine(run("members", *command, person=rachan))
        assert not CODE.findall(ran.out + ran.err)
        assert alias in ran.out
    everything = everything_in(tmp_path)
    assert code.grouped.encode() not in everything
    assert code.letters.encode() not in everything


def test_a_code_does_not_go_into_a_file_by_a_pipe(run: Run, rachan: Person) -> None:
    for command in (("add",), ("rotate", "mkm7"), ("duress", "mkm7")):
        ran = run("members", *command, person=rachan, typed="สมหญิง\n")
        assert ran.code == 2
        assert "terminal" in ran.err
    assert listed(run, rachan) == []


def test_a_list_of_names_becomes_cards(run: Run, rachan: Person, tmp_path: Path) -> None:
    names, cards = tmp_path / "names.txt", tmp_path / "cards.pdf"
    names.write_text("\ufeff" + "\n\n".join(NAMES) + "\n", encoding="utf-8")
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    ran = fine(run("members", "batch", names, "--cards", cards, "--since", "2564", person=rachan))
    assert "3 members" in ran.out
    assert "destroy" in ran.err
    assert "https://chat.example" in ran.err
    assert not CODE.findall(ran.out + ran.err)
    assert stat.S_IMODE(cards.stat().st_mode) == 0o600
    codes = CODE.findall(text_of(cards))
    members = listed(run, rachan)
    assert {code[:4] for code in codes} == {member["alias"] for member in members}
    assert {member["name"] for member in members} == set(NAMES)
    assert {member["since_year"] for member in members} == {2021}
    new = {path for path in tmp_path.rglob("*") if path.is_file()} - before - {cards}
    for path in new:
        for code in codes:
            assert code.encode() not in path.read_bytes(), path.name
            assert code.replace("-", "").upper().encode() not in path.read_bytes(), path.name


def test_names_may_come_from_stdin(run: Run, rachan: Person, tmp_path: Path) -> None:
    cards = tmp_path / "cards.pdf"
    fine(run("members", "batch", "-", "--cards", cards, person=rachan, typed="ก\nข\n"))
    assert sorted(member["name"] for member in listed(run, rachan)) == ["ก", "ข"]
    assert len(CODE.findall(text_of(cards))) == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("names.txt",), "--cards"),
        (("missing.txt", "--cards", "cards.pdf"), "cannot be read"),
        (("latin.txt", "--cards", "cards.pdf"), "cannot be read"),
        (("empty.txt", "--cards", "cards.pdf"), "1 to 1000 names"),
        (("names.txt", "--cards", "names.txt"), "is there already"),
        (("names.txt", "--cards", "cards.pdf", "--centre", "loei"), "kkn"),
        (("--abandon",), "No list"),
    ],
)
def test_a_list_that_cannot_be_done_changes_nothing(
    run: Run,
    rachan: Person,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("names.txt").write_text("สมหญิง\n", encoding="utf-8")
    Path("latin.txt").write_bytes(b"\xff\xfe\n")
    Path("empty.txt").write_text("\n \n", encoding="utf-8")
    ran = run("members", "batch", *options, person=rachan)
    assert (ran.code, ran.exception) == (2, None)
    assert says in ran.err
    assert not Path("cards.pdf").exists()
    assert listed(run, rachan) == []


def test_without_pango_no_code_is_made(
    run: Run, rachan: Person, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(_: str) -> None:
        raise NotPrinted("no_pango")

    monkeypatch.setattr("console.members.cards.printed", missing)
    cards = tmp_path / "cards.pdf"
    ran = run("members", "batch", "-", "--cards", cards, person=rachan, typed="ก\n")
    assert ran.code == 2
    assert "apt-get install libpango-1.0-0" in ran.err
    assert "Traceback" not in ran.err
    assert listed(run, rachan) == []


@pytest.mark.usefixtures("screen")
def test_a_members_life(run: Run, rachan: Person, tmp_path: Path) -> None:
    alias, first = added(run, rachan)
    ran = fine(run("members", "duress", alias, person=rachan, typed="\n"))
    (forced,) = CODE.findall(ran.out)
    assert forced[:4] == alias
    assert forced != first.grouped
    fine(run("members", "pause", alias, "--reason", "ไปต่างประเทศ", person=rachan))
    assert listed(run, rachan, "--standing", "paused")[0]["alias"] == alias
    fine(run("members", "resume", alias, person=rachan))
    cards = tmp_path / "new.pdf"
    ran = fine(
        run("members", "rotate", alias, "--reason", "บัตรหาย", "--cards", cards, person=rachan)
    )
    assert "duress code of" in ran.out
    (second,) = CODE.findall(text_of(cards))
    assert second[:4] == alias
    assert second != first.grouped
    assert run("members", "revoke", alias, "--reason", " ", person=rachan).code == 2
    fine(run("members", "retire", alias, person=rachan, typed="ขอลาออก\n"))
    assert run("members", "resume", alias, person=rachan).code == 2
    shown = json.loads(fine(run("members", "show", alias, "--json", person=rachan)).out)
    assert [(deed["deed"], deed["reason"]) for deed in shown["history"]] == [
        ("issue", ""),
        ("duress", ""),
        ("pause", "ไปต่างประเทศ"),
        ("resume", ""),
        ("rotate", "บัตรหาย"),
        ("retire", "ขอลาออก"),
    ]
    assert {deed["by_name"] for deed in shown["history"]} == {"ราชัน ทะเบียน"}


@pytest.mark.usefixtures("screen")
def test_counts_and_record_agree_with_the_book(run: Run, real: World, rachan: Person) -> None:
    alias, _ = added(run, rachan)
    added(run, rachan, NAMES[1])
    fine(run("members", "duress", alias, person=rachan, typed="\n"))
    fine(run("members", "pause", alias, "--reason", "x", person=rachan))
    told = json.loads(fine(run("members", "counts", "--json", person=rachan)).out)
    numbers = {"active": 1, "paused": 1, "revoked": 0, "expired": 0}
    assert told == {"centres": [{"centre": "kkn", **numbers, "book": numbers}]}
    record = json.loads(fine(run("members", "record", "--json", person=rachan)).out)["records"]
    assert {each["signed"] for each in record} == {"signed"}
    assert sorted((each["deed"], each["is_duress"]) for each in record) == [
        ("issue", False),
        ("issue", False),
        ("issue", True),
        ("pause", False),
        ("pause", True),
    ]
    other = real.join("รุ้ง ทะเบียน", "kkn", roles=(Role.REGISTRAR,))
    ran = fine(run("members", "counts", person=other))
    assert "not those of this book" in ran.err
    seen = json.loads(fine(run("members", "record", "--json", person=other)).out)["records"]
    assert sorted(each["deed"] for each in seen) == ["issue", "issue", "pause"]


@pytest.mark.usefixtures("screen")
def test_codes_that_end_soon_are_listed(run: Run, rachan: Person) -> None:
    fine(run("members", "add", "--days", "20", person=rachan, typed="ก\n\n"))
    fine(run("members", "add", "--days", "200", person=rachan, typed="ข\n\n"))
    found = json.loads(fine(run("members", "expiring", "--json", person=rachan)).out)["codes"]
    assert len(found) == 1
    assert found[0]["has_ended"] is False
    wide = fine(run("members", "expiring", "--days", "300", "--json", person=rachan))
    assert len(json.loads(wide.out)["codes"]) == 2
    assert "No code ends" in fine(run("members", "expiring", "--days", "3", person=rachan)).out


@pytest.mark.usefixtures("screen")
def test_the_book_changes_hands(run: Run, real: World, rachan: Person, tmp_path: Path) -> None:
    rung = real.join("รุ้ง ทะเบียน", "kkn", roles=(Role.REGISTRAR,))
    alias, _ = added(run, rachan)
    book = tmp_path / "book.age"
    ran = fine(run("members", "hand-over", rung.keys.name, "--out", book, person=rachan))
    assert "1 member for รุ้ง ทะเบียน" in ran.out
    assert NAMES[0].encode() not in book.read_bytes()
    assert run("members", "hand-over", rung.id, "--out", book, person=rachan).code == 2
    assert "1 new" in fine(run("members", "take-over", book, person=rung)).out
    assert listed(run, rung)[0]["alias"] == alias
    assert run("members", "take-over", tmp_path / "none.age", person=rung).code == 2
    assert run("members", "take-over", book, person=rachan).code == 5


def test_a_sample_card_needs_no_desk_and_has_no_code(
    run: Run, rachan: Person, tmp_path: Path
) -> None:
    path = tmp_path / "sample.pdf"
    config = rachan.home / CONFIG
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("# telegram =", "telegram ="), encoding="utf-8")
    fine(run("members", "cards", path, person=rachan))
    assert "t.me/the_bot" in text_of(path)
    with pytest.raises(Exception, match="not a member code"):
        MemberCode.parse("xxxx-xxxx-xxxx-xxxx-x")


def test_links_in_the_settings_must_be_links(run: Run, rachan: Person, tmp_path: Path) -> None:
    config = rachan.home / CONFIG
    text = config.read_text(encoding="utf-8")
    for bad in ('web = "javascript:1"', 'fax = "https://x.example"', "web = 5"):
        config.write_text(text.replace("[links]", f"[links]\n{bad}"), encoding="utf-8")
        ran = run("members", "cards", tmp_path / "x.pdf", person=rachan)
        assert ran.code == 2
        assert "links" in ran.err


def test_who_is_no_registrar_hears_it_plainly(run: Run, real: World, rachan: Person) -> None:
    officer = real.join("สมชาย ใจดี", "kkn")
    for command in (("counts",), ("take-over", str(officer.home / CONFIG))):
        ran = run("members", *command, person=officer)
        assert ran.code == 2
        assert "registrar" in ran.err
    assert run("members", "record", person=officer).code == 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_speaks_both_languages(run: Run, rachan: Person, language: str) -> None:
    for command in ("list", "counts", "expiring", "record"):
        ran = fine(run("members", command, person=rachan, lang=language))
        assert ran.out.strip()
    table = words_for(language).table
    assert {f"standing.{standing}" for standing in Standing} <= set(table)


def test_the_registrars_page_names_every_command_and_no_other() -> None:
    page = Path(__file__).parents[2] / "docs" / "network.md"
    named = set(re.findall(r"\bmembers ([a-z-]+)", page.read_text(encoding="utf-8")))
    assert named == {command.name for command in make().registered_commands}


def test_a_hostile_name_cannot_paint_the_registrars_screen(
    run: Run, rachan: Person, tmp_path: Path
) -> None:
    ran = run(
        "members", "batch", "-", "--cards", tmp_path / "c.pdf", person=rachan, typed="ก\x1b[2Jข\n"
    )
    assert ran.code == 2
    assert "\x1b" not in ran.out + ran.err
