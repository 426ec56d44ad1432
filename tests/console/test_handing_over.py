"""A tip goes to another body: as it was read, sealed where it can be, recorded first."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from console import export, handing_over
from console.handoff import printing
from console.handoff.blackout import BAR
from console.handoff.choices import PHRASE_AT_MOST, PHRASES_AT_MOST
from console.paper.orders import NotPrinted
from sealing import BodyKey, Kind, age
from sealing.handovers import handover_approval_statement, handover_statement
from tests.console.conftest import Ran, Run
from tests.console.fake_world import DAY, Answer, Person, Tip, World, b64, new_id
from tests.console.handoff.marked import OFFICERS_PHRASE, PHONE, Marked, marked_tip

WHY = ("--reason", "ป.ป.ช. ขอ")
BLACK = ("--black-out", OFFICERS_PHRASE)


@pytest.fixture(autouse=True)
def printer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that cannot print, but where a test asks for one that can: printing takes long."""
    if "can_print" not in request.fixturenames:

        async def none(_: str, **_named: object) -> None:
            raise NotPrinted("no_pango")

        monkeypatch.setattr(printing, "print_pdf", none)


@pytest.fixture
def can_print() -> None:
    """See `printer`."""


@pytest.fixture
def nacc() -> age.PQIdentity:
    return age.PQIdentity.generate()


@pytest.fixture
def malee(world: World, nacc: age.PQIdentity) -> Person:
    world.bodies.append(BodyKey("nacc", "ป.ป.ช.", "NACC", nacc.recipient))
    return world.join("มาลี ตั้งใจ", "kkn")


@pytest.fixture
def marked(world: World, somchai: Person, malee: Person) -> Marked:
    return marked_tip(world, somchai, malee)


def number_of(run: Run, tip: Tip, person: Person, *more: str) -> str:
    ran = run("handoff", "preview", tip.tip_id, *BLACK, *more, "--json", person=person)
    assert ran.code == 0, ran.err
    found: str = json.loads(ran.out)["number"]
    return found


@pytest.fixture
def give(run: Run, marked: Marked, somchai: Person, tmp_path: Path) -> Callable[..., Ran]:
    """Hand the marked tip over to *to*, as it was just read."""

    def hand_over(to: str = "nacc", *more: str, out: Path = tmp_path, read: str = "") -> Ran:
        number = read or number_of(run, marked.tip, somchai)
        begin = ("hand-over", marked.tip.tip_id, "--to", to, "--out", out, "--read", number)
        return run(*begin, *WHY, *BLACK, *more, person=somchai)

    return hand_over


# --- the preview


def test_of_a_file_of_phrases_none_is_lost(
    run: Run, marked: Marked, somchai: Person, tmp_path: Path
) -> None:
    """As many and as long as are allowed: the last one is blacked out like the first."""
    file = tmp_path / "phrases.txt"
    others = (f"ก{n:03}" + "ข" * (PHRASE_AT_MOST - 4) for n in range(PHRASES_AT_MOST - 1))
    file.write_text("\n".join((*others, OFFICERS_PHRASE)), encoding="utf-8")
    begin = ("handoff", "preview", marked.tip.tip_id, "--black-out-file", file)
    ran = run(*begin, person=somchai)
    assert ran.code == 0, ran.err
    assert OFFICERS_PHRASE not in ran.out


@pytest.mark.parametrize("raw", [b"\n" * (1024 * 1024) + b"a", b"\xff\xfe", None])
def test_a_file_of_phrases_that_cannot_be_read_whole_is_refused(
    run: Run, marked: Marked, somchai: Person, tmp_path: Path, raw: bytes | None
) -> None:
    file = tmp_path / "phrases.txt"
    if raw is not None:
        file.write_bytes(raw)
    ran = run(
        *("handoff", "preview", marked.tip.tip_id, "--black-out-file", file),
        *("--black-out", OFFICERS_PHRASE),
        person=somchai,
    )
    assert ran.code == 2
    assert ran.out == ""
    assert "phrases.txt" in "".join(ran.err.split())


def test_the_preview_shows_the_exact_words_and_keeps_nothing(
    run: Run, marked: Marked, somchai: Person, tmp_path: Path
) -> None:
    before = sorted(tmp_path.rglob("*"))
    ran = run("handoff", "preview", marked.tip.tip_id, *BLACK, person=somchai, lang="th")
    assert ran.code == 0, ran.err
    assert f"รับเงินที่{BAR}" in ran.out
    assert PHONE not in ran.out
    assert "--read " in ran.out
    assert "เป็นเสียงพูด" in ran.err
    assert [path for path in sorted(tmp_path.rglob("*")) if path not in before] == [
        path for path in sorted(somchai.home.rglob("*")) if path not in before
    ]
    assert marked.tip.answer["handovers"] == []


def test_what_is_written_is_what_was_read_sealed_to_the_body(
    give: Callable[..., Ran],
    run: Run,
    marked: Marked,
    somchai: Person,
    nacc: age.PQIdentity,
    tmp_path: Path,
    can_print: None,
) -> None:
    ran = give()
    assert ran.code == 0, ran.err
    path = tmp_path / "HANDOFF.zip.age"
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.glob(".*.part")) == []
    data = age.decrypt(path.read_bytes(), nacc)
    read = json.loads(
        run("handoff", "preview", marked.tip.tip_id, *BLACK, "--json", person=somchai).out
    )
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        assert bundle.read("hand-off.txt").decode() == read["text"]
        assert bundle.read("hand-off.pdf").startswith(b"%PDF-")
    (row,) = marked.tip.answer["handovers"]
    assert row["sha256"] == hashlib.sha256(data).hexdigest()
    assert (row["body"], row["form"]) == ("nacc", "redacted")


def test_a_body_without_a_key_gets_the_redacted_form_only(
    give: Callable[..., Ran], marked: Marked, tmp_path: Path
) -> None:
    full = give("police", "--full")
    assert full.code == 2
    assert "redacted form only" in full.err
    assert marked.tip.answer["handovers"] == []
    ran = give("police")
    assert ran.code == 0, ran.err
    assert "not sealed" in ran.out
    assert "cannot print a PDF" in ran.err
    with zipfile.ZipFile(tmp_path / "HANDOFF.zip") as bundle:
        text = bundle.read("hand-off.txt").decode()
    assert not any(mark in text for marks in marked.never.values() for mark in marks)


def test_all_of_a_tip_goes_sealed_to_the_body_that_can_open_it(
    give: Callable[..., Ran], marked: Marked, nacc: age.PQIdentity, tmp_path: Path
) -> None:
    ran = give("ป.ป.ช.", "--full", out=tmp_path / "all.age")
    assert ran.code == 0, ran.err
    sealed = (tmp_path / "all.age").read_bytes()
    assert b"PK\x03\x04" not in sealed
    with pytest.raises(age.WrongKey):
        age.decrypt(sealed, age.PQIdentity.generate())
    with zipfile.ZipFile(io.BytesIO(age.decrypt(sealed, nacc))) as bundle:
        assert PHONE in bundle.read("hand-off.txt").decode()
    assert marked.tip.answer["handovers"][0]["form"] == "full"


def test_a_key_of_the_older_kind_seals_too(
    world: World, run: Run, somchai: Person, tmp_path: Path
) -> None:
    identity = age.X25519Identity.generate()
    world.bodies.append(BodyKey("police", "ตำรวจ", "the police", identity.recipient))
    world.sign_roster(2)
    tip = world.file_tip(somchai)
    begin = ("hand-over", tip.tip_id, "--to", "police", "--full", "--out", tmp_path)
    ran = run(*begin, *WHY, person=somchai)
    assert ran.code == 0, ran.err
    assert "older kind" in ran.err
    assert age.decrypt((tmp_path / "HANDOFF.zip.age").read_bytes(), identity).startswith(b"PK")


# --- nothing is written


@pytest.mark.parametrize("read", ["0000-0000", "no", "-"])
def test_what_was_not_read_is_not_written(
    give: Callable[..., Ran], marked: Marked, tmp_path: Path, read: str
) -> None:
    ran = give(read=read)
    assert ran.code == 2
    assert "not what you read" in ran.err
    assert list(tmp_path.glob("HANDOFF*")) == []
    assert marked.tip.answer["handovers"] == []


def test_words_that_came_in_since_the_preview_are_not_sent_unread(
    give: Callable[..., Ran], run: Run, marked: Marked, somchai: Person
) -> None:
    number = number_of(run, marked.tip, somchai)
    marked.tip.append(marked.tip.told(words="ชื่อจริงคือสมหมาย", question="what"))
    assert give(read=number).code == 2


def test_without_a_reason_or_over_another_file_nothing_is_written(
    give: Callable[..., Ran], run: Run, marked: Marked, somchai: Person, tmp_path: Path
) -> None:
    begin = ("hand-over", marked.tip.tip_id, "--to", "nacc", "--full")
    assert run(*begin, "--reason", " ", "--out", tmp_path, person=somchai).code == 2
    there = tmp_path / "HANDOFF.zip.age"
    there.write_bytes(b"mine")
    assert give().code == 2
    assert there.read_bytes() == b"mine"
    assert run(*begin[:-1], *WHY, "--to", "nobody", person=somchai).code == 2
    assert marked.tip.answer["handovers"] == []


def test_what_is_found_at_the_end_is_named_and_nothing_is_written(
    give: Callable[..., Ran], marked: Marked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were a row forgotten by the blackout, the last look would still see it."""
    monkeypatch.setattr("console.handoff.sheet._blacked", lambda sheet, blackout: sheet)
    ran = give(read="1234-5678")
    assert ran.code == 2
    for kind in ("a number or address", "a member's alias", "a file's own name", "a code"):
        assert f"{kind} in hand-off.txt" in ran.err
    assert PHONE not in ran.err
    assert list(tmp_path.glob("HANDOFF*")) == []
    assert marked.tip.answer["handovers"] == []


def test_the_record_is_there_before_the_file_has_its_name(
    give: Callable[..., Ran], world: World, marked: Marked, tmp_path: Path
) -> None:
    seen: list[list[str]] = []

    def look(_: Tip) -> None:
        seen.append(sorted(path.name for path in tmp_path.glob("HANDOFF*")))
        seen.append(sorted(path.name for path in tmp_path.glob(".HANDOFF*")))

    world.before_handover = look
    assert give().code == 0
    assert seen == [[], [".HANDOFF.zip.age.part"]]


def test_an_export_says_to_whom_it_was_handed_over(
    give: Callable[..., Ran],
    run: Run,
    marked: Marked,
    somchai: Person,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages: list[str] = []

    async def kept(html: str, **_: object) -> None:
        pages.append(html)
        raise NotPrinted("no_pango")

    monkeypatch.setattr(export, "print_pdf", kept)
    assert give().code == 0
    folder = tmp_path / "out"
    assert run("export", marked.tip.tip_id, folder, *WHY, person=somchai, lang="th").code == 0
    (row,) = marked.tip.answer["handovers"]
    for text in (*pages, (folder / "transcript.txt").read_text(encoding="utf-8")):
        assert "ป.ป.ช." in text
        assert row["sha256"][:16] in text


def test_a_desk_that_refuses_leaves_no_file(
    give: Callable[..., Ran], marked: Marked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handing_over, "handover_statement", lambda **said: b"something else")
    assert give().code == 4
    assert list(tmp_path.glob("*HANDOFF*")) == []
    assert marked.tip.answer["handovers"] == []


def test_a_tip_that_grows_meanwhile_is_recorded_behind_what_came(
    give: Callable[..., Ran], world: World, marked: Marked, tmp_path: Path
) -> None:
    def grow(tip: Tip) -> None:
        world.before_handover = None
        tip.append(tip.told(words="เพิ่มเติม", question="reply"))

    world.before_handover = grow
    assert give().code == 0
    assert len(marked.tip.answer["handovers"]) == 1


# --- two officers


def test_where_two_are_asked_for_the_second_agrees_to_just_that_file(
    world: World,
    give: Callable[..., Ran],
    run: Run,
    marked: Marked,
    malee: Person,
    somchai: Person,
    tmp_path: Path,
) -> None:
    world.second_officer = ("handover",)
    asked = give()
    assert (asked.code, list(tmp_path.glob("HANDOFF*"))) == (4, [])
    assert f"handoff approve {marked.tip.tip_id[:8]}" in asked.err
    assert give().code == 4
    assert len(marked.tip.answer["handovers"]) == 1  # it is asked for once
    assert run("handoff", "approve", marked.tip.tip_id, person=somchai).code == 2
    agreed = run("handoff", "approve", marked.tip.tip_id, person=malee)
    assert agreed.code == 0, agreed.err
    assert "สมชาย ใจดี may hand it over to NACC today" in agreed.out
    other = give("nacc", "--talk", str(marked.reply))  # not what the number and the word are for
    assert other.code == 2
    assert give("police").code == 4  # nor to whom
    assert give().code == 0
    assert len(marked.tip.answer["handovers"]) == 2  # the one to the police waits
    assert "approved by มาลี ตั้งใจ" in run("read", marked.tip.tip_id, person=somchai).out


# --- what colleagues see, and a desk that plays false


@pytest.fixture
def found(marked: Marked, malee: Person, run: Run) -> Callable[[], set[str]]:
    """The names of what Malee's console finds wrong in the tip."""

    def read() -> set[str]:
        ran = run("read", marked.tip.tip_id, "--json", person=malee)
        assert ran.code == 0, ran.err
        return {each["name"] for each in json.loads(ran.out)["findings"]}

    return read


def test_colleagues_see_to_whom_in_which_form_by_whom_and_why(
    give: Callable[..., Ran],
    run: Run,
    marked: Marked,
    malee: Person,
    found: Callable[[], set[str]],
) -> None:
    assert give().code == 0
    shown = run("read", marked.tip.tip_id, person=malee)
    assert "Handed over to NACC (redacted) · สมชาย ใจดี" in shown.out
    assert "ป.ป.ช. ขอ" in shown.out
    assert found() == set()
    (told,) = json.loads(run("read", marked.tip.tip_id, "--json", person=malee).out)["handovers"]
    assert (told["body"], told["form"]) == ("nacc", "redacted")


def given_by(tip: Tip, person: Person, **changed: object) -> Answer:
    """A hand-over that *person*'s console would have signed; *changed* after the signature."""
    said = {
        "handover_id": new_id(),
        "body": "nacc",
        "form": "redacted",
        "sha256": "5e" * 32,
        "reason_part_id": new_id(),
        "seq": 1,
        "day": DAY,
    }
    statement = handover_statement(**said, tip_id=tip.tip_id, officer=person.id)  # type: ignore[arg-type]  # each of its type
    row: Answer = {
        **said,
        "officer": person.id,
        "signature": b64(person.keys.sign.sign(statement)),
        "open_day": DAY,
        "approved_by": None,
        "approved_day": None,
        "approval": None,
    }
    row |= changed
    tip.answer["handovers"].append(row)
    return row


def test_a_hand_over_that_nobody_signed_or_that_was_altered_is_named(
    world: World, marked: Marked, somchai: Person, found: Callable[[], set[str]]
) -> None:
    tip = marked.tip
    note = world.officer_part(tip, somchai, "ขอ", Kind.NOTE)
    reason = {"reason_part_id": note.part_id, "seq": note.seq}
    for changed in (
        {"body": "police"},
        {"form": "full"},
        {"sha256": "00" * 32},
        {"handover_id": new_id()},
        {"day": "2026-11-19"},
        {"officer": world.people[-1].id},
        {"signature": b64(bytes(64))},
    ):
        tip.answer["handovers"].clear()
        given_by(tip, somchai, **reason, **changed)
        assert "handover_forged" in found(), changed


def test_a_hand_over_of_another_tip_shown_here_is_named(
    world: World, marked: Marked, somchai: Person, malee: Person, found: Callable[[], set[str]]
) -> None:
    other = world.file_tip(somchai, malee)
    row = given_by(other, somchai)
    marked.tip.answer["handovers"].append(row)
    assert {"handover_forged", "handover_reasonless"} <= found()


def test_a_hand_over_without_its_reason_is_named(
    marked: Marked, somchai: Person, found: Callable[[], set[str]]
) -> None:
    given_by(marked.tip, somchai)
    assert found() == {"handover_reasonless"}


def test_an_approval_that_the_second_officer_did_not_sign_is_named(
    give: Callable[..., Ran],
    marked: Marked,
    somchai: Person,
    malee: Person,
    found: Callable[[], set[str]],
) -> None:
    assert give().code == 0
    (row,) = marked.tip.answer["handovers"]
    said = {name: row[name] for name in ("handover_id", "body", "form", "sha256")}

    def approved(by: Person, **changed: str) -> None:
        statement = handover_approval_statement(
            **{**said, **changed},
            tip_id=marked.tip.tip_id,
            giver=row["officer"],
            day=DAY,
            officer=by.id,
        )
        row.update(approved_by=by.id, approved_day=DAY, approval=b64(by.keys.sign.sign(statement)))

    approved(malee)
    assert found() == set()
    approved(malee, sha256="00" * 32)
    assert found() == {"handover_approval_forged"}
    approved(somchai)  # their own word is no second one
    assert found() == {"handover_approval_forged"}


def test_a_hand_over_that_was_forged_is_not_approved(
    run: Run, world: World, marked: Marked, somchai: Person, malee: Person
) -> None:
    note = world.officer_part(marked.tip, somchai, "ขอ", Kind.NOTE)
    given_by(
        marked.tip,
        somchai,
        reason_part_id=note.part_id,
        seq=note.seq,
        sha256="00" * 32,
        open_day=None,
    )
    ran = run("handoff", "approve", marked.tip.tip_id, "--despite-warnings", person=malee)
    assert ran.code == 4
    assert marked.tip.answer["handovers"][0]["approved_by"] is None


def test_nothing_is_sealed_to_a_body_of_a_roster_that_was_tampered_with(
    world: World,
    give: Callable[..., Ran],
    run: Run,
    marked: Marked,
    somchai: Person,
    tmp_path: Path,
) -> None:
    number = number_of(run, marked.tip, somchai)
    thief = age.PQIdentity.generate()
    world.bodies[0] = BodyKey("nacc", "ป.ป.ช.", "NACC", thief.recipient)
    honest = world.roster
    world.roster_version += 1
    tampered = world.sign_roster()
    world.roster = tampered[: tampered.rindex(b"# signature")] + honest[honest.rindex(b"# sig") :]
    ran = give(read=number)
    assert ran.code == 5
    assert list(tmp_path.glob("HANDOFF*")) == []
    assert marked.tip.answer["handovers"] == []
