"""Every story is what the engine says, word for word; and what stories promise of each other."""

import json
from pathlib import Path

import pytest

from tests.stories.engine_room import EngineRoom
from tests.stories.player import Story, is_like, parse, person, story_files


@pytest.mark.parametrize("path", story_files(), ids=lambda path: path.stem)
def test_the_bot_says_what_the_story_says(path: Path) -> None:
    story = parse(path)
    room = EngineRoom(story)
    assert story.exchanges
    for exchange in story.exchanges:
        exchange.check(room.hear(exchange.person))
        said = json.dumps(room.conversation.to_json(), ensure_ascii=False)
        if exchange.person.what == "text" and len(exchange.person.words) > 12:
            assert exchange.person.words not in said


def test_a_duress_code_reads_the_same_in_every_word() -> None:
    plain, forced = (
        [(exchange.messages, exchange.buttons) for exchange in parse(path).exchanges]
        for path in story_files()
        if path.stem in ("11_member_code", "12_member_code_under_duress")
    )
    assert plain == forced


def test_a_duress_code_reaches_the_summary_and_nothing_else() -> None:
    marks = []
    for code in ("{member}", "{duress}"):
        room = play(["มีรหัสเครือข่าย", code, "แจ้งเบาะแส", "อื่น ๆ", "เลย", "ไม่ทราบ", "ข้าม", "เรื่อง",
                     "เล่าจบแล้ว", "ข้าม", "ข้าม", "ไม่มี", "ข้าม", "ส่ง"])  # fmt: skip
        assert room.tip is not None
        marks.append(room.tip)
    free, forced = marks
    assert free.form == forced.form
    assert free.summary["is_verified"] is forced.summary["is_verified"] is True
    assert free.summary["alias"] == "mkm7"
    assert (free.summary["is_duress"], forced.summary["is_duress"]) == (False, True)


def test_the_form_and_the_summary_say_what_was_chosen() -> None:
    room = play(["แจ้งเบาะแส", "ยักยอก", "สารคาม", "ใช่", "อบต.", "ใช่", "นายก", "เสร็จแล้ว", "เห็นมา",
                 "เล่าจบแล้ว", "3 ส.ค. 69", "ข้าม", "ไม่มี", "2", "เสร็จ", "ส่ง"])  # fmt: skip
    tip = room.tip
    assert tip is not None
    assert tip.province == "TH-44"
    assert tip.excluded == ("dla-integrity",)
    assert tip.is_agency_confirmed
    assert tip.summary == {
        "category": "embezzlement",
        "province": "TH-44",
        "kind": "case",
        "is_verified": False,
        "alias": None,
        "is_duress": False,
        "member_centre": None,
        "member_since": None,
        "is_secondhand": False,
        "is_afraid": True,
        "is_reported_elsewhere": False,
        "completeness_have": 4,
        "completeness_of": 6,
    }
    answers = tip.form["answers"]
    assert isinstance(answers, dict)
    assert answers["when"] == {"value": "2026-08-03"}
    assert answers["who"] == {"counts": {"words": 1}}
    assert answers["where"] == {"skipped": True}
    assert tip.form["barred"] == ["dla-integrity"]
    assert "sao" not in json.dumps(room.conversation.to_json())


def test_the_agency_is_forgotten_once_its_centres_are_known() -> None:
    room = play(["แจ้งเบาะแส", "ยักยอก", "เลย", "อบต."])
    assert room.conversation.pending == ("sao",)
    room = play(["แจ้งเบาะแส", "ยักยอก", "เลย", "อบต.", "ใช่"])
    assert "sao" not in json.dumps(room.conversation.to_json())
    assert room.conversation.told["agency"].ids == ("dla-integrity",)


@pytest.mark.parametrize(
    ("wanted", "got", "is_it"),
    [("สวัสดี…", "สวัสดี ที่นี่", True), ("ก ข", "กข", True), ("…ข", "กขค", False), ("ก", "ข", False)],
)
def test_a_story_line_matches_what_it_means(wanted: str, got: str, is_it: bool) -> None:
    assert is_like(wanted, got) is is_it


def play(lines: list[str]) -> EngineRoom:
    """Type *lines*, one after the other."""
    room = EngineRoom(Story("typed", {}, []))
    for line in lines:
        room.hear(person(line))
    return room
