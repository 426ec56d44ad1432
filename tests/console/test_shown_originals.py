"""What was taken out stays out for officers; what the reporter left in is shown, with a mark."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sealing import Details, FileFacts, Kind, Media, age, seal_recovery
from tests.console.conftest import Run
from tests.console.fake_world import (
    DAY,
    LOW_COST,
    PASSPHRASE,
    Answer,
    Person,
    Tip,
    World,
    new_id,
)
from tests.console.test_pages import PNG, Browser, browser, text_of
from tests.console.test_previews import picture

__all__ = ["browser"]

SENT, REDACTED = "โทรหาผม 081-234-5678", "โทรหาผม [เอาเบอร์โทรศัพท์ออก]"
PHOTO = picture("PNG", (3, 2)) + b" taken at 16.44, 102.83"


@pytest.fixture
def tip(world: World, somchai: Person) -> Tip:
    return world.file_tip(somchai)


def read(run: Run, tip: Tip, somchai: Person) -> dict[str, Any]:
    ran = run("read", tip.tip_id, "--json", person=somchai)
    assert ran.code == 0, ran.err
    shown: dict[str, Any] = json.loads(ran.out)
    return shown


def test_without_its_key_the_redacted_words_are_shown_with_what_was_taken_out(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    world.add_words(tip, SENT, REDACTED)
    ran = run("read", tip.tip_id, person=somchai)
    assert REDACTED in ran.out
    assert "081-234" not in ran.out
    assert "The message had a phone number" in ran.out
    shown = read(run, tip, somchai)
    assert shown["is_whole"]
    assert shown["parts"][-1]["original"] == {"is_open": False}
    assert shown["parts"][-1]["found"] == ["phone"]


@pytest.mark.parametrize(
    ("is_answered", "says"),
    [(True, "said that it is not their own"), (False, "did not say")],
)
def test_with_its_key_the_words_are_shown_as_they_were_sent(
    world: World, tip: Tip, somchai: Person, run: Run, is_answered: bool, says: str
) -> None:
    key = world.add_words(tip, SENT, REDACTED)
    world.give_away(tip, key, is_answered=is_answered)
    ran = run("read", tip.tip_id, person=somchai)
    assert SENT in ran.out
    assert says in ran.out
    assert key.seed.hex() not in ran.out
    shown = read(run, tip, somchai)
    assert shown["is_whole"]
    assert shown["parts"][-2]["words"] == REDACTED
    assert shown["parts"][-2]["original"]["words"] == SENT
    assert shown["parts"][-2]["original"]["is_answered"] is is_answered
    assert key.seed.hex() not in json.dumps(shown)


def test_a_key_that_opens_something_else_is_an_alarm(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    key = world.add_words(tip, SENT, REDACTED)
    other = world.add_words(tip, "อีกข้อความ", "อีกข้อความ")
    world.give_away(tip, replace(key, seed=other.seed))
    world.give_away(tip, replace(key, of=new_id()))
    shown = read(run, tip, somchai)
    names = [(each["name"], each["seq"]) for each in shown["findings"] if each["is_alarm"]]
    assert [name for name, _ in names] == ["original_unopened"] * 2
    assert REDACTED in run("read", tip.tip_id, person=somchai).out


def test_a_key_of_a_part_that_was_taken_back_is_no_alarm(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    key = world.add_words(tip, SENT, REDACTED)
    world.give_away(tip, key)

    def take_back(answer: Answer) -> None:
        next(p for p in answer["parts"] if p["part_id"] == key.of)["sealed"] = None

    world.spoil("tip", take_back)
    shown = read(run, tip, somchai)
    assert "original_unopened" not in [each["name"] for each in shown["findings"]]


def test_a_file_that_cannot_be_cleaned_carries_a_warning(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    facts = FileFacts(new_id(), 3, "0" * 64, Media.VIDEO, "video/mp4", None, Details.UNREMOVABLE)
    tip.append(tip.told(Kind.FILE, file=facts, question="leads", day=DAY))
    assert "cannot be removed from this kind of file" in run("read", tip.tip_id, person=somchai).out


async def test_the_page_shows_both_files_only_when_the_original_was_kept(
    world: World, tip: Tip, browser: Browser
) -> None:
    shut = world.add_cleaned(tip, PHOTO, PNG)
    kept = world.add_cleaned(tip, PHOTO, PNG)
    world.give_away(tip, kept)
    first, second = (
        next(p["seq"] for p in tip.answer["parts"] if p["part_id"] == key.of)
        for key in (shut, kept)
    )
    await browser.unlock()
    page = await browser.get(f"/tips/{tip.tip_id}")
    assert "ผู้แจ้งให้เก็บไฟล์เดิมไว้เป็นหลักฐาน" in text_of(page)
    for seq in (first, second):
        assert f"files/{seq}/original" not in page.text
        assert (await browser.get(f"/tips/{tip.tip_id}/files/{seq}/original")).status_code != 200
    refused = await browser.post(f"/tips/{tip.tip_id}/original", seq=str(second), reason=" ")
    assert "โปรดบอกเหตุผล" in text_of(refused)
    page = await browser.post(f"/tips/{tip.tip_id}/original", seq=str(second), reason="ศาลขอดู")
    assert "วันนี้ดูไฟล์เดิมได้" in text_of(page)
    assert "ศาลขอดู" in text_of(page)
    assert f"files/{first}/original" not in page.text
    assert f"files/{second}/original" in page.text
    for seq in (first, second):
        assert _size((await browser.get(f"/tips/{tip.tip_id}/files/{seq}")).content) == (1, 1)
    answer = await browser.get(f"/tips/{tip.tip_id}/files/{second}/original")
    assert _size(answer.content) == (3, 2)
    assert b"taken at" not in answer.content
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert (await browser.get(f"/tips/{tip.tip_id}/files/{first}/original")).status_code != 200


@pytest.mark.parametrize("by_recovery", [False, True])
def test_an_export_holds_what_was_kept_with_an_identity_that_opens_it(
    world: World, tip: Tip, somchai: Person, run: Run, tmp_path: Path, by_recovery: bool
) -> None:
    words, photo = world.add_words(tip, SENT, REDACTED), world.add_cleaned(tip, PHOTO, PNG)
    shut = world.add_words(tip, "โทร 089-999-9999", "โทร […]")
    for key in (words, photo):
        world.give_away(tip, key)
    out = tmp_path / "out"
    ran = run("export", tip.tip_id, out, "--reason", "x", person=somchai)
    assert ran.code == 0, ran.err
    if by_recovery:
        key_file = tmp_path / "recovery.age"
        key_file.write_bytes(seal_recovery(world.recovery, PASSPHRASE, LOW_COST))
        again = tmp_path / "again"
        ran = run(
            "recovery", "open", out, again, "--key", key_file, "--reason", "x", person=somchai
        )
        assert ran.code == 0, ran.err
        sealed, out = out / "sealed", again
    else:
        sealed = out / "sealed"
    originals = out / "originals"
    names = {path.name[4:] for path in originals.iterdir() if path.name != "README.txt"}
    assert names == {"-words.age", "-identity.txt", "-a.png"}
    assert (originals / "README.txt").read_text(encoding="utf-8").startswith("This is what")
    words_file = next(originals.glob("*-words.age"))
    opened = age.decrypt(words_file.read_bytes(), _identity(originals, words_file))
    assert json.loads(opened)["words"] == SENT
    photo_file = next(originals.glob("*-a.png"))
    assert photo_file.read_bytes() == PHOTO
    identity = _identity(originals, photo_file)
    blobs = [path.read_bytes() for path in (sealed / "blobs").iterdir()]
    opens = [blob for blob in blobs if _opens(blob, identity)]
    assert [age.decrypt(blob, identity)[: len(PHOTO)] for blob in opens] == [PHOTO]
    transcript = (out / "transcript.txt").read_text(encoding="utf-8")
    assert SENT in transcript
    assert "089-999" not in transcript
    assert shut.seed.hex() not in "".join(p.read_text() for p in originals.glob("*.txt"))


def _size(picture: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(picture)) as drawn:
        return drawn.size


def _identity(originals: Path, beside: Path) -> age.PQIdentity:
    path = originals / f"{beside.name[:4]}-identity.txt"
    return age.PQIdentity.parse(path.read_text(encoding="ascii").splitlines()[-1])


def _opens(blob: bytes, identity: age.PQIdentity) -> bool:
    try:
        age.decrypt(blob, identity)
    except age.AgeError:
        return False
    return True
