"""What a browser makes of the drawings: its own boxes of the words, in the fonts of our pages."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, sync_playwright

from charts import Amount, Bar, Column, Under, bars, columns, lines, read_styles, share
from charts.text import width

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
STYLE = Path(__file__).parents[2] / "console" / "static" / "style.css"
MONTHS = (
    "ม.ค.",
    "ก.พ.",
    "มี.ค.",
    "เม.ย.",
    "พ.ค.",
    "มิ.ย.",
    "ก.ค.",
    "ส.ค.",
    "ก.ย.",
    "ต.ค.",
    "พ.ย.",
    "ธ.ค.",
)
NAMES = (
    "ปฏิบัติหรือละเว้นหน้าที่โดยมิชอบ",
    "งบประมาณ/โครงการ/เบิกจ่ายเท็จ",
    "ฝ่าฝืนจริยธรรมร้ายแรง",
    "ขัดกันแห่งผลประโยชน์",
    "ศูนย์ประสานงานเครือข่ายภาคประชาสังคมจังหวัดหนองบัวลำภู",
    "Abuse of office or neglect of duty",
    "WWWW MMMM",
    "Conflict of interest, undeclared",
    "ผู้ที่อยู่ใกล้ที่สุดซึ่งไม่ได้เกี่ยวข้องด้วยเลย",
)


def month(n: int, *amounts: Amount) -> Column:
    return Column(MONTHS[n % 12], str(2566 + n // 12), amounts)


DRAWN = (
    bars("a", "t", "d", [Bar(name, 10**n, "") for n, name in enumerate(NAMES)]),
    bars("b", "t", "d", [Bar(name, Under(10 * n), name) for n, name in enumerate(NAMES)]),
    columns("c", "t", "d", NAMES[:3], [month(n, n, Under(10), 900) for n in range(24)]),
    lines("d", "t", "d", NAMES[2:4], [month(n, n, n * n) for n in range(5, 60)]),
    share("e", "t", "d", [Bar(name, n + 1) for n, name in enumerate(NAMES[:4])]),
)
BOXES = """() => [...document.querySelectorAll('svg')].map(svg => {
  const {left, right} = svg.getBoundingClientRect();
  const seen = t => getComputedStyle(t).display != 'none';
  const box = t => {
    const b = t.getBoundingClientRect();
    return [t.textContent, b.left, b.right, b.top + b.height * 0.2, b.bottom - b.height * 0.1];
  };
  return {left, right, texts: [...svg.querySelectorAll('text')].filter(seen).map(box)};
})"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser.new_page()
        browser.close()


def show(page: Page, wide: int) -> None:
    css = STYLE.read_text(encoding="utf-8") + read_styles()["charts.css"].decode()
    page.set_viewport_size({"width": wide + 40, "height": 900})
    inside = "".join(f'<div class="chart-box">{each}</div>' for each in DRAWN)
    page.set_content(f'<meta charset="utf-8"><style>{css} div{{width:{wide}px}}</style>{inside}')


@pytest.mark.parametrize("wide", [240, 300, 519, 520, 720])
def test_no_word_lies_on_another_or_outside(page: Page, wide: int) -> None:
    show(page, wide)
    seen = page.evaluate(BOXES)
    assert len(seen) == len(DRAWN)
    for svg in seen:
        texts = svg["texts"]
        assert len(texts) > 4
        for n, (words, left, right, top, bottom) in enumerate(texts):
            assert svg["left"] - 1 <= left <= right <= svg["right"] + 1, words
            for other, o_left, o_right, o_top, o_bottom in texts[n + 1 :]:
                apart = right <= o_left or o_right <= left or bottom <= o_top or o_bottom <= top
                assert apart, (words, other)


def test_a_roomy_page_names_more_months(page: Page) -> None:
    def shown() -> int:
        return sum(len(svg["texts"]) for svg in page.evaluate(BOXES))

    show(page, 519)
    narrow = shown()
    show(page, 520)
    assert shown() > narrow + 4


def test_words_are_no_wider_than_estimated(page: Page) -> None:
    """By more than a few of a hundred; and not estimated at twice their width either."""
    show(page, 720)
    for svg in page.evaluate(BOXES):
        for words, left, right, *_ in svg["texts"]:
            if len(words) > 3:
                assert (right - left) / 1.05 <= width(words) <= 2 * (right - left), words
