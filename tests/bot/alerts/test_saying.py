"""An alert to the letter, in both languages, and nothing of a tip in any of the words."""

import tomllib
from importlib import resources

import pytest

from bot.alerts.counting import Told
from bot.alerts.saying import CENTRES_AT_MOST, Open, Saying, shipped_words
from bot.alerts.sending import Alert
from handlers.shipped import shipped

NAMES = {"kkn": ("ขอนแก่น", "Khon Kaen"), "region": ("เขต 4", "Region 4")}


@pytest.fixture
def saying() -> Saying:
    return Saying(shipped_words(), lambda centre, lang: NAMES[centre][lang == "en"])


@pytest.mark.parametrize(
    ("told", "thai", "english"),
    [
        (
            [Told("kkn", 3, 1, nearest_days=2)],
            "ขอนแก่น: ใหม่ 3 เร่งด่วน 1 · กำหนดใกล้สุดอีก 2 วัน",
            "Khon Kaen: 3 new, 1 urgent; nearest clock 2 days",
        ),
        (
            [Told("kkn", 1), Told("region", 0, 2, 1, nearest_days=1)],
            "ขอนแก่น: ใหม่ 1\nเขต 4: เร่งด่วน 2 ข้อความเพิ่ม 1 · กำหนดใกล้สุดพรุ่งนี้",
            "Khon Kaen: 1 new\nRegion 4: 2 urgent, further messages: 1; nearest clock tomorrow",
        ),
        (
            [Told("kkn", applications=1, nearest_days=0)],
            "ขอนแก่น: ใบสมัคร 1 · กำหนดใกล้สุดวันนี้",
            "Khon Kaen: applications: 1; nearest clock today",
        ),
        (
            [Told("kkn", nearest_days=2)],
            "ขอนแก่น: กำหนดใกล้สุดอีก 2 วัน",
            "Khon Kaen: nearest clock 2 days",
        ),
    ],
)  # fmt: skip
def test_an_alert_to_the_letter(told: list[Told], thai: str, english: str, saying: Saying) -> None:
    assert saying.alert(told, "th") == thai
    assert saying.alert(told, "en") == english
    assert saying.alert(told, "xx") == thai


def test_a_test_says_that_it_is_one(saying: Saying) -> None:
    assert saying.message(Alert("0" * 32, "a", (), "th")).startswith("ทดสอบ")


def test_the_queue_and_what_one_holds(saying: Saying) -> None:
    rows = [Open("kkn", 2, 3, 5), Open("region", 0, 0, 1)]
    assert saying.queue(rows, "th") == "ขอนแก่น: รอรับเรื่อง 2 กำลังดำเนินการ 3 · กำหนดใกล้สุดอีก 5 วัน"
    assert saying.queue(rows[1:], "en") == "Nothing waits."
    assert saying.mine(2, None, "th") == "รับไว้ 2 เรื่อง"
    assert saying.mine(0, 3, "en") == "You have taken none."


def test_more_centres_than_one_message_holds_are_counted() -> None:
    saying = Saying(shipped_words(), lambda centre, _: centre)
    lines = saying.alert([Told(f"c{n}", 1) for n in range(CENTRES_AT_MOST + 3)], "en").split("\n")
    assert len(lines) == CENTRES_AT_MOST + 1
    assert lines[-1] == "further centres: 3"


def test_no_word_tells_what_a_tip_is_about_or_who_told() -> None:
    categories = tomllib.loads(shipped("categories.toml"))["category"]
    told = {each[key] for each in categories for key in each if key.startswith(("label", "long"))}
    told |= {"ข่มขู่", "ถูกบังคับ", "กลัว", "ทุจริต", "สมาชิก", "เครือข่าย"}
    told |= {"duress", "forced", "afraid", "member", "corrupt", "retaliat", "overdue", "เกินกำหนด"}
    for language in ("th", "en"):
        text = (resources.files("bot.alerts") / "words" / f"{language}.toml").read_text("utf-8")
        said = " ".join(tomllib.loads(text).values()).lower()
        assert [word for word in told if str(word).lower() in said] == []
        assert "ครับ" not in said
        assert "ค่ะ" not in said


def test_an_alert_fits_into_a_telegram_message() -> None:
    saying = Saying(shipped_words(), lambda centre, _: "ก" * 120)
    told = [Told(f"c{n}", 10**5, 10**5, 10**5, 10**5, 100) for n in range(99)]
    for language in ("th", "en"):
        assert len(saying.alert(told, language).encode("utf-16-le")) // 2 <= 4096
