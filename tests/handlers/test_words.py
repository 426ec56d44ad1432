"""The words: filled in, counted, gender-neutral, and said of days as people say them."""

import re

import pytest

from handlers.book import cut_graphemes
from handlers.effects import Card, Counts, Day, Row, Say, Word
from handlers.saying import plain, say_row
from handlers.thai import count_graphemes
from handlers.words import say_day
from tests.stories.engine_room import shared_book

WORDS = shared_book().words


def test_no_thai_text_guesses_whether_a_man_or_a_woman_speaks() -> None:
    spoken = re.compile("ครับ|ค่ะ|นะคะ|ผม(?!ู้)|ดิฉัน")
    assert not [key for key, text in WORDS.texts["th"].items() if spoken.search(text)]


def test_the_first_screen_says_who_can_read_along_on_every_channel() -> None:
    for channel, sees in (("line", "LINE"), ("telegram", "Telegram"), ("web", "อินเทอร์เน็ต")):
        assert f"{sees}" in WORDS.text("th", f"say.start_{channel}")


def test_params_of_every_kind_are_said() -> None:
    say = Say("th", "say.status", {"status": Word("status.screening"), "since": Day("2026-11-26")})
    assert plain(WORDS, say) == "สถานะ: กำลังตรวจสอบ (ตั้งแต่ 26 พฤศจิกายน 2569)"


def test_counts_know_one_from_many() -> None:
    assert WORDS.count("en", {"photo": 1, "words": 2}) == "1 photo, 2 messages"
    said = WORDS.text(
        "th", "ask.go_on", {"counts": Counts({"photo": 2}), "done": Word("label.done")}
    )
    assert said == "ได้รับรูป 2 รูปแล้ว ส่งเพิ่มได้อีก หรือกด “เสร็จแล้ว” เพื่อไปต่อ"


def test_what_a_person_wrote_cannot_be_filled_in_twice() -> None:
    assert WORDS.text("th", "say.tor", {"onion": "{onion}"}).endswith("{onion}")


def test_a_missing_param_is_an_error_and_not_half_a_sentence() -> None:
    with pytest.raises(KeyError):
        WORDS.text("th", "say.sent", {})


@pytest.mark.parametrize(
    ("iso", "said"),
    [
        ("2026-08-03", "3 สิงหาคม 2569"),
        ("2026-08", "สิงหาคม 2569"),
        ("2026", "ปี 2569"),
        ("2026-08-03/2026-08-05", "3 ถึง 5 สิงหาคม 2569"),
        ("2024/2026", "ปี 2567 ถึง 2569"),
        ("2026-01/2026-03", "มกราคม 2569 ถึง มีนาคม 2569"),
    ],
)
def test_a_day_is_said_as_precisely_as_it_was_told(iso: str, said: str) -> None:
    assert say_day(iso, "th") == said


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row("who", "row.who", "told", (), {"words": 1}), "ใคร ✓"),
        (Row("who", "row.who", "told", (), {"words": 2}), "ใคร: ข้อความ 2 ข้อความ"),
        (Row("who", "row.who", "skipped"), "ใคร: ข้าม"),
        (Row("who", "row.who", "open"), "ใคร: ยังไม่ตอบ"),
        (Row("x", "row.province", "told", (Word("province.TH-44"),)), "จังหวัด: มหาสารคาม"),
    ],
)
def test_a_row_says_choices_and_counts(row: Row, said: str) -> None:
    assert say_row(WORDS, "th", row) == said
    assert said in plain(WORDS, Card("th", (row,)))


def test_a_name_too_long_for_a_button_is_cut_by_what_a_reader_sees() -> None:
    assert cut_graphemes("น้ำ" * 20, 20) == "น้ำ" * 20
    cut = cut_graphemes("น้ำ" * 30, 20)
    assert count_graphemes(cut) <= 20
    assert cut.endswith("…")


@pytest.mark.parametrize(
    ("words", "is_it"),
    [
        ("เขาขู่ว่าจะทำร้าย", True),
        ("เขา ข่ม ขู่ เรา", True),
        ("I'm afraid of him", True),
        ("ซื้อเสาไฟแพงเกินจริง", False),
        ("", False),
    ],
)
def test_a_cry_for_help_is_noticed(words: str, is_it: bool) -> None:
    assert shared_book().sounds_like_crisis(words) is is_it
