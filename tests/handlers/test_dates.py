"""Times as people type them, read on Monday 23 November 2569 (2026)."""

import time
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.date_words import MONTHS_EN, MONTHS_TH
from handlers.dates import Precision, Reason, Unclear, When, parse_when, say_date, say_when

TODAY = date(2026, 11, 23)

# พิมพ์ว่า -> บอทพูดกลับว่า
SAID_BACK = {
    # วัน
    "วันนี้": "23 พฤศจิกายน 2569",
    "เมื่อเช้า": "23 พฤศจิกายน 2569",
    "เช้านี้ตอน 9 โมง": "23 พฤศจิกายน 2569",
    "เมื่อวาน": "22 พฤศจิกายน 2569",
    "เมื่อวานนี้ค่ะ": "22 พฤศจิกายน 2569",
    "เมื่อคืน": "22 พฤศจิกายน 2569",
    "เมื่อวานตอนบ่ายสอง": "22 พฤศจิกายน 2569",
    "เมื่อวานซืน": "21 พฤศจิกายน 2569",
    "3 ส.ค. 69 เขามากับคนขับรถ เก็บทีละบ้านจนหมดหมู่บ้าน": "3 สิงหาคม 2569",
    "วานซืน": "21 พฤศจิกายน 2569",
    "3 วันก่อน": "20 พฤศจิกายน 2569",
    "๓ วันที่แล้ว": "20 พฤศจิกายน 2569",
    "สามวันก่อน": "20 พฤศจิกายน 2569",
    "2-3 วันก่อน": "20 ถึง 21 พฤศจิกายน 2569",
    "สองสามวันก่อน": "20 ถึง 21 พฤศจิกายน 2569",
    "วันจันทร์ที่แล้ว": "16 พฤศจิกายน 2569",
    "เมื่อวันศุกร์": "20 พฤศจิกายน 2569",
    "วันอาทิตย์ที่แล้ว": "22 พฤศจิกายน 2569",
    "อาทิตย์ที่แล้ว": "16 ถึง 22 พฤศจิกายน 2569",
    "สัปดาห์ก่อน": "16 ถึง 22 พฤศจิกายน 2569",
    "2 อาทิตย์ก่อน": "9 ถึง 15 พฤศจิกายน 2569",
    # วันที่
    "3 ส.ค. 69": "3 สิงหาคม 2569",
    "3ส.ค.69": "3 สิงหาคม 2569",
    "3 สค 69": "3 สิงหาคม 2569",
    "3 ส.ค. 2569": "3 สิงหาคม 2569",
    "3 ส.ค.": "3 สิงหาคม 2569",
    "3 ธ.ค.": "3 ธันวาคม 2568",
    "29 ก.พ.": "29 กุมภาพันธ์ 2567",
    "๓ สิงหาคม ๒๕๖๙": "3 สิงหาคม 2569",
    "วันที่ 3 สิงหาคม พ.ศ. 2569": "3 สิงหาคม 2569",
    "เมื่อวันที่ 3 เดือนสิงหาคม ปี 2569": "3 สิงหาคม 2569",
    "วันที่ 3 เดือน 8 ปี 69": "3 สิงหาคม 2569",
    "วันจันทร์ที่ 3 ส.ค. 69": "3 สิงหาคม 2569",
    "3 กรกฏาคม 2569": "3 กรกฎาคม 2569",
    "3/8/2569": "3 สิงหาคม 2569",
    "03-08-69": "3 สิงหาคม 2569",
    "3.8.69": "3 สิงหาคม 2569",
    "3/8/26": "3 สิงหาคม 2569",
    "3/8": "3 สิงหาคม 2569",
    "3/8/99": "3 สิงหาคม 2542",
    "2569-08-03": "3 สิงหาคม 2569",
    "2026-08-03": "3 สิงหาคม 2569",
    "03082569": "3 สิงหาคม 2569",
    "20260803": "3 สิงหาคม 2569",
    "8/25/2026": "25 สิงหาคม 2569",
    "3 ส.ค. 69 เวลา 14.30 น.": "3 สิงหาคม 2569",
    "วันที่ 3 เดือนที่แล้ว": "3 ตุลาคม 2569",
    "3 สิงหาคมปีที่แล้ว": "3 สิงหาคม 2568",
    # เดือน
    "สิงหาคม 2569": "สิงหาคม 2569",
    "เดือนสิงหา": "สิงหาคม 2569",
    "ส.ค. 69": "สิงหาคม 2569",
    "08/2569": "สิงหาคม 2569",
    "8/69": "สิงหาคม 2569",
    "ธันวาคม": "ธันวาคม 2568",
    "พฤศจิกายน": "พฤศจิกายน 2569",
    "เดือนนี้": "พฤศจิกายน 2569",
    "เดือนที่แล้ว": "ตุลาคม 2569",
    "เดือนก่อน": "ตุลาคม 2569",
    "ปลายเดือนที่แล้ว": "ตุลาคม 2569",
    "3 เดือนก่อน": "สิงหาคม 2569",
    "11 เดือนก่อน": "ธันวาคม 2568",
    # ปี
    "ปี 2568": "ปี 2568",
    "ปี 68": "ปี 2568",
    "2568": "ปี 2568",
    "2025": "ปี 2568",
    "พ.ศ. 2568": "ปี 2568",
    "ค.ศ. 2025": "ปี 2568",
    "ต้นปี 68": "ปี 2568",
    "ปีนี้": "ปี 2569",
    "ปีที่แล้ว": "ปี 2568",
    "2 ปีก่อน": "ปี 2567",
    "ปีงบประมาณ 2568": "ตุลาคม 2567 ถึง กันยายน 2568",
    "งบปี 70": "ตุลาคม 2569 ถึง พฤศจิกายน 2569",
    # ช่วง
    "ช่วง 3 ส.ค. 69 ถึง 5 ก.ย. 69": "3 สิงหาคม 2569 ถึง 5 กันยายน 2569",
    "3-5 ส.ค. 69": "3 ถึง 5 สิงหาคม 2569",
    "10/8/69 - 12/8/69": "10 ถึง 12 สิงหาคม 2569",
    "ม.ค. ถึง มี.ค. 69": "มกราคม 2569 ถึง มีนาคม 2569",
    "ธ.ค. 68 - ก.พ. 69": "ธันวาคม 2568 ถึง กุมภาพันธ์ 2569",
    "ระหว่าง มกราคม กับ มีนาคม 2569": "มกราคม 2569 ถึง มีนาคม 2569",
    "2567-2568": "ปี 2567 ถึง 2568",
    "ปี 67-68": "ปี 2567 ถึง 2568",
    "ตั้งแต่ปี 2567": "ปี 2567 ถึง 2569",
    "ตั้งแต่ 3 ส.ค. 69 จนถึงปัจจุบัน": "3 สิงหาคม 2569 ถึง 23 พฤศจิกายน 2569",
    # เวลาที่อยู่ในประโยค
    "เมื่อวานตอนบ่ายที่หน้า อบต.": "22 พฤศจิกายน 2569",
    "ประมาณวันที่ 3 สิงหาคม 2569 ที่สำนักงานที่ดิน เขาเรียกเงิน 5000 บาท": "3 สิงหาคม 2569",
    "สงกรานต์ปีที่แล้ว": "ปี 2568",
}

ENGLISH = {
    "today": "23 November 2026",
    "yesterday": "22 November 2026",
    "the day before yesterday": "21 November 2026",
    "3 days ago": "20 November 2026",
    "a week ago": "16 to 22 November 2026",
    "last week": "16 to 22 November 2026",
    "last monday": "16 November 2026",
    "last month": "October 2026",
    "two months ago": "September 2026",
    "last year": "2025",
    "past 3 days": "20 to 23 November 2026",
    "3 Aug 2026": "3 August 2026",
    "Aug 3, 2026": "3 August 2026",
    "August 3rd, 2026": "3 August 2026",
    "on the 3rd of August": "3 August 2026",
    "3 August 2569 BE": "3 August 2026",
    "August 2026": "August 2026",
    "from 3 Aug to 5 Sep 2026": "3 August 2026 to 5 September 2026",
    "between January and March 2026": "January 2026 to March 2026",
    "since 2024": "2024 to 2026",
    "fiscal year 2025": "October 2024 to September 2025",
}

# ถามต่อ พร้อมบอกว่าเพราะอะไร
ASKED = {
    "พรุ่งนี้": Reason.FUTURE,
    "เดือนหน้า": Reason.FUTURE,
    "next week": Reason.FUTURE,
    "24/11/2569": Reason.FUTURE,
    "25 ธ.ค. 69": Reason.FUTURE,
    "3 ม.ค. 70": Reason.FUTURE,
    "ธันวาคม 2569": Reason.FUTURE,
    "ปี 2570": Reason.FUTURE,
    "20 ถึง 30 พ.ย. 69": Reason.FUTURE,
    "3 ส.ค. 38": Reason.YEAR,
    "2345": Reason.YEAR,
    "ค.ศ. 2569": Reason.YEAR,
    "พ.ศ. 2026": Reason.YEAR,
    "2400": Reason.YEAR,
    "300 ปีก่อน": Reason.YEAR,
    "30 ก.พ. 69": Reason.NO_SUCH_DAY,
    "31/2/69": Reason.NO_SUCH_DAY,
    "32/1/69": Reason.NO_SUCH_DAY,
    "3/13/69": Reason.NO_SUCH_DAY,
    "29 ก.พ. 2569": Reason.NO_SUCH_DAY,
    "0/8/69": Reason.NO_SUCH_DAY,
    "5 ถึง 3 ส.ค. 69": Reason.BACKWARDS,
    "2568 ถึง 2567": Reason.BACKWARDS,
    "": Reason.VAGUE,
    "จำไม่ได้": Reason.VAGUE,
    "นานแล้ว": Reason.VAGUE,
    "หลายปีก่อน": Reason.VAGUE,
    "ทุกเดือน": Reason.VAGUE,
    "วันก่อน": Reason.VAGUE,
    "เมื่อก่อน": Reason.VAGUE,
    "กลางเดือน": Reason.VAGUE,
    "ก่อนสงกรานต์": Reason.VAGUE,
    "หลังปีใหม่": Reason.VAGUE,
    "ก่อน 3 ส.ค. 69": Reason.VAGUE,
    "หลังวันที่ 3 ส.ค. 69": Reason.VAGUE,
    "ไม่ใช่ 3 ส.ค. 69": Reason.VAGUE,
    "ก่อนปี 2568": Reason.VAGUE,
    "3 ส.ค. 69 และ 5 ส.ค. 69": Reason.VAGUE,
    "3 ส.ค. 69 หรือ 5 ส.ค. 69": Reason.VAGUE,
    "3 ส.ค. 69 กับวันที่ 5": Reason.VAGUE,
    "3 ส.ค. 69 ไปจนถึงสิ้นเดือน": Reason.VAGUE,
    "วันที่ 3": Reason.VAGUE,
    "3": Reason.VAGUE,
    "69": Reason.VAGUE,
    "พยาน": Reason.VAGUE,
    "เงินเดือนก่อน": Reason.VAGUE,
    "a few days ago": Reason.VAGUE,
    "it may be him": Reason.VAGUE,
    "it may be 20 people": Reason.VAGUE,
    "123456789012": Reason.VAGUE,
}


@pytest.mark.parametrize(("typed", "said"), SAID_BACK.items())
def test_a_time_in_thai_is_said_back_as_it_was_meant(typed: str, said: str) -> None:
    when = parse_when(typed, TODAY)
    assert isinstance(when, When), when
    assert say_when(when, "th") == said


@pytest.mark.parametrize(("typed", "said"), ENGLISH.items())
def test_a_time_in_english_is_said_back_as_it_was_meant(typed: str, said: str) -> None:
    when = parse_when(typed, TODAY)
    assert isinstance(when, When), when
    assert say_when(when, "en") == said


@pytest.mark.parametrize(("typed", "reason"), ASKED.items())
def test_what_is_unclear_is_asked_with_its_reason(typed: str, reason: Reason) -> None:
    assert parse_when(typed, TODAY) == Unclear(reason)


@pytest.mark.parametrize(
    ("typed", "start", "end", "precision"),
    [
        ("3 ส.ค. 69", "2026-08-03", "2026-08-03", "day"),
        ("สิงหาคม 2569", "2026-08-01", "2026-08-31", "month"),
        ("เดือนนี้", "2026-11-01", "2026-11-23", "month"),
        ("ปี 2568", "2025-01-01", "2025-12-31", "year"),
        ("ปีนี้", "2026-01-01", "2026-11-23", "year"),
        ("ตั้งแต่ 5 ก.ย. 69", "2026-09-05", "2026-11-23", "day"),
    ],
)
def test_a_time_is_stored_as_iso_days_with_its_precision(
    typed: str, start: str, end: str, precision: str
) -> None:
    when = parse_when(typed, TODAY)
    assert isinstance(when, When)
    assert when.to_json() == {"start": start, "end": end, "precision": precision}
    assert When.from_json(when.to_json()) == when


DAYS = st.dates(date(1998, 1, 1), date(2150, 12, 31))


@given(DAYS, st.integers(0, 360), st.data())
@settings(max_examples=150, deadline=None)
def test_every_way_of_writing_a_day_means_that_day(
    today: date, days_ago: int, data: st.DataObject
) -> None:
    day = today - timedelta(days=days_ago)
    thai_year = day.year + 543
    ways = [
        f"{day.day} {MONTHS_TH[day.month - 1]} {thai_year}",
        f"{day.day} {MONTHS_TH[day.month - 1]} พ.ศ.{thai_year}",
        f"{day.day}/{day.month}/{thai_year}",
        f"{day.day:02}-{day.month:02}-{day.year}",
        f"{day.day} {MONTHS_EN[day.month - 1]} {day.year}",
        f"{MONTHS_EN[day.month - 1][:3]} {day.day}, {day.year}",
        f"{day.day}/{day.month}/{thai_year % 100:02}",
        day.isoformat(),
        f"{days_ago} วันก่อน",
        say_date(day, "th"),
        say_date(day, "en"),
    ]
    typed = data.draw(st.sampled_from(ways))
    if data.draw(st.booleans()):
        typed = typed.translate({ord("0") + digit: chr(ord("๐") + digit) for digit in range(10)})
    assert parse_when(typed, today) == When(day, day, Precision.DAY)


PIECES = st.sampled_from([
    "3", "31", "69", "2569", "2026", "0", "99", "๕", "99999999", "ส.ค.", "กุมภาพันธ์", "Aug", "/",
    "-", ".", "ถึง", "ก่อน", "ที่แล้ว", "ปี", "เดือน", "วัน", "อาทิตย์", "วันที่", "เมื่อวาน", "ตั้งแต่", "ปีงบ",
    "พ.ศ.", "ค.ศ.", "last", "this", "นี้", "ปัจจุบัน", "และ", "ระหว่าง", "จันทร์", "ที่", "กก",
    "\u202e", "\u200b", "🙂", "\x00",
])  # fmt: skip


@given(st.lists(PIECES, max_size=12).map(" ".join) | st.text(), DAYS)
@settings(max_examples=200, deadline=None)
@example("29 ก.พ.", date(2104, 1, 1))
@example("9999 วันก่อน", date(1998, 1, 1))
@example("\ud800 3/8/69", TODAY)
def test_any_text_gives_a_time_that_has_been_or_a_question(text: str, today: date) -> None:
    when = parse_when(text, today)
    if isinstance(when, When):
        assert when.start <= when.end <= today
        assert When.from_json(when.to_json()) == when
        assert say_when(when, "th")
        assert say_when(when, "en")


@given(DAYS, st.sampled_from(["th", "en"]), st.integers(0, 4000), st.sampled_from(Precision))
@settings(max_examples=100, deadline=None)
def test_what_the_bot_says_it_also_understands(
    today: date, language: str, days_ago: int, precision: Precision
) -> None:
    day = today - timedelta(days=days_ago)
    typed = {Precision.DAY: "%d/%m/%Y", Precision.MONTH: "%m/%Y", Precision.YEAR: "%Y"}[precision]
    when = parse_when(day.strftime(typed), today)
    assert isinstance(when, When)
    assert parse_when(say_when(when, language), today) == when


@pytest.mark.parametrize("year", range(100))
def test_a_two_digit_year_is_read_in_one_era_or_asked(year: int) -> None:
    when = parse_when(f"3 ส.ค. {year:02}", TODAY)
    if isinstance(when, When):
        assert 1996 <= when.start.year <= 2026
        assert when.start.year % 100 == year or (when.start.year + 543) % 100 == year
    else:
        assert when.reason in (Reason.YEAR, Reason.FUTURE)


@pytest.mark.parametrize(
    "flood", ["9", "ก", "3/", "วัน", "3 ส.ค. 69 ", "-", "3-3", "ถึง", "\u0e49", " 1", "ต", "\u202e"]
)
def test_a_megabyte_line_is_bounded_work(flood: str) -> None:
    text = flood * (1_000_000 // len(flood))
    before = time.process_time()
    assert isinstance(parse_when(text, TODAY), Unclear)
    assert time.process_time() - before < 1, "a hundred times what it takes: not bounded"
