"""The page on which a tip is taken out: what lies in the officer's folder afterwards, and what the
officer is told."""

import re
from pathlib import Path

import pytest

from console import export
from console.export_check import check_export
from console.paper.orders import NotPrinted
from tests.console.fake_world import Person, Tip, World
from tests.console.test_pages import PNG, Browser, browser, text_of

__all__ = ["browser"]

REASON = "ส่งให้อัยการ"


@pytest.fixture
def tip(world: World, somchai: Person) -> Tip:
    tip = world.file_tip(somchai)
    world.add_file(tip, PNG, name="สลิป.png")
    return tip


@pytest.fixture(autouse=True)
def paperless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Printing has tests of its own, and takes seconds."""

    async def none(_: str, **_named: object) -> None:
        raise NotPrinted("no_pango")

    monkeypatch.setattr(export, "print_pdf", none)


def exports(person: Person) -> list[Path]:
    return sorted(person.home.glob("exports/*"))


async def test_a_tip_is_taken_out_whole_for_a_reason(
    browser: Browser, world: World, somchai: Person, tip: Tip
) -> None:
    await browser.unlock()
    address = f"/tips/{tip.tip_id}/export"
    assert address in (await browser.get(f"/tips/{tip.tip_id}")).text
    answer = await browser.post(address, reason=REASON)
    (folder,) = exports(somchai)
    said = text_of(answer)
    assert str(folder) in said
    assert "pango" in said, "why there is no case file"
    assert check_export(folder, None).is_whole
    assert (folder / "files" / "0002-สลิป.png").read_bytes() == PNG
    assert folder.stat().st_mode & 0o777 == 0o700
    (opening,) = tip.answer["openings"]
    assert (opening["opens"], opening["part_id"]) == ("export", None)
    kept = await browser.post(address, reason="ยังไม่นำออก", do="keep")
    assert "ยังไม่นำออก" in kept.text
    assert len(exports(somchai)) == len(tip.answer["openings"]) == 1, "it was kept, and no more"
    again = await browser.post(address, reason=REASON)
    assert again.status_code == 200
    assert len(exports(somchai)) == 2, "nothing is written over"


async def test_a_second_officer_is_waited_for_and_nothing_went_wrong(
    browser: Browser, world: World, somchai: Person, tip: Tip
) -> None:
    world.second_officer = ("export",)
    await browser.unlock()
    address = f"/tips/{tip.tip_id}/export"
    for says in ("บันทึกเหตุผลแล้ว", "ยังรอเจ้าหน้าที่คนที่สอง"):
        asked = await browser.post(address, reason=REASON)
        assert asked.status_code == 409
        notice = asked.text.partition('<p class="notice warm" role="alert"')[2].partition("</p>")[0]
        assert says in notice
        assert "กด “ตรวจดูแล้ว เห็นชอบ” ในหน้าเรื่อง" in notice
        assert "saisaat-console approve" not in asked.text
        assert REASON in asked.text
    assert exports(somchai) == []


async def test_without_a_reason_nothing_is_written(
    browser: Browser, somchai: Person, tip: Tip
) -> None:
    await browser.unlock()
    answer = await browser.post(f"/tips/{tip.tip_id}/export", reason="  ")
    assert answer.status_code == 422
    assert "--" not in text_of(answer), "an option of the command line helps nobody here"
    assert exports(somchai) == []
    assert tip.answer["openings"] == []


async def test_a_reason_typed_while_it_locked_comes_back(
    browser: Browser, somchai: Person, tip: Tip
) -> None:
    await browser.unlock()
    await browser.window.room.lock()
    answer = await browser.post(f"/tips/{tip.tip_id}/export", reason=REASON)
    assert answer.status_code == 403
    assert REASON in answer.text
    assert exports(somchai) == []


async def test_a_file_that_is_not_what_was_sent_is_named_and_the_rest_is_there(
    browser: Browser, world: World, somchai: Person, tip: Tip
) -> None:
    other = world.add_file(tip, b"MZ" + bytes(500), name="a.jpg")
    facts = world.add_file(tip, PNG * 2, name="b.png")
    tip.blobs[facts.blob_id] = tip.blobs[other.blob_id]
    await browser.unlock()
    said = text_of(await browser.post(f"/tips/{tip.tip_id}/export", reason=REASON))
    (folder,) = exports(somchai)
    assert [p.name for p in sorted((folder / "files").iterdir())] == [
        "0002-สลิป.png",
        "0003-a.jpg.unsafe",
    ]
    assert re.search(r"ส่วนที่ 4 นำออกไม่ได้", said)
    assert "0003-a.jpg.unsafe" in said, "what it may do is told"
