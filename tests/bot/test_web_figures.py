"""The public page of figures: what was published and nothing else, to anybody, without a trace."""

import csv
import hashlib
import io
import json
import logging
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from playwright.async_api import async_playwright

from bot.channels.web import web_app
from bot.channels.web.headers import POLICY
from bot.figures.page import hash_page, read_page
from bot.figures.publishing import PublicQuarters, quarters_key
from bot.figures.quarters import Quarter
from bot.figures.sheet import COLUMNS, as_csv, plain
from bot.figures.suppressing import Cell
from bot.figures.tables import Label, tables_of
from handlers.routing import Centre, Centres
from sealing import VerifyKey, quarter_statement
from storage import Database
from tests.axe.axe import grave
from tests.bot.figures.network import CENTRES, KEY, Tip, count, month
from tests.bot.figures.test_publishing import DAY_S, clock_on, publishing, stored
from tests.bot.test_web_browser import CHROMIUM, FLAGS, PHONE, a_browser, fits, needs_chromium
from tests.bot.turn_house import House
from tests.bot.web_house import Seen, Web, parts_of, serving_web, set_cookies

Q3, Q4 = "2026-Q3", "2026-Q4"
TOLD = [
    *([Tip(month(Q3))] * 41),
    *([Tip(month(Q3), category="land", centre="loei", result="not_enough", ended="90")] * 23),
    *([Tip(month(Q3), category="duty", teller="member", result="unsubstantiated")] * 17),
    *([Tip(month(Q3), category="ethics", ended="7", acknowledged="7")] * 3),
    *([Tip(month(Q3), acknowledged="30", ended="more")] * 12),
    *([Tip(month(Q4))] * 4),
]


async def publish(database: Database, told: Sequence[Tip] = TOLD) -> dict[str, bytes]:
    """Three quarters, of which the middle one has few and the last none."""
    await database.commit(lambda t: count(t, told))
    clock = clock_on(Quarter.parse(Q3).last_day + timedelta(days=31))
    for _ in range(3):
        await publishing(database, clock).publish_due()
        clock.advance(92 * DAY_S)
    return await stored(database)


def shown(database: Database) -> PublicQuarters:
    return PublicQuarters(database, quarters_key(KEY).verify_key)


@asynccontextmanager
async def figures_web(house: House) -> AsyncIterator[Web]:
    async with serving_web(house, figures=shown(house.db)) as served:
        yield served


@pytest.fixture
async def pages(house: House) -> dict[str, bytes]:
    return await publish(house.db)


@pytest.fixture
async def http(house: House, pages: dict[str, bytes]) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        figures_web(house) as web,
        httpx.AsyncClient(base_url=web.url, timeout=30) as client,
    ):
        yield client


async def test_every_number_on_the_page_is_one_that_was_published(
    http: httpx.AsyncClient, pages: dict[str, bytes]
) -> None:
    page = read_page(pages[Q3])
    for language in ("th", "en"):
        answer = await http.get(f"/figures/{Q3}?lang={language}")
        html = re.sub(r"<footer.*</footer>", "", answer.text, flags=re.DOTALL)
        rows = re.findall(r'<td class="number">([0-9,]+)</td>', html)
        telling = [t for t in page.tables if t.cells is not None and len(t.cells) > 1]
        assert [int(n) for n in rows] == [c.n for t in telling for c in t.cells or ()]
        assert len(telling) >= 4
        assert "96" in html
        assert page.hash.hex() in html
        for table in page.tables:
            assert table.title.in_language(language) in html


async def test_the_page_is_said_in_thai_first_and_in_the_buddhist_era(
    http: httpx.AsyncClient,
) -> None:
    index = (await http.get("/figures")).text
    assert "ไตรมาส 3 พ.ศ. 2569 (กรกฎาคม ถึง กันยายน)" in index
    assert index.index("ไตรมาส 1 พ.ศ. 2570") < index.index("ไตรมาส 3 พ.ศ. 2569")
    assert "Quarter 3 of 2026 (July to September)" in (await http.get("/figures?lang=en")).text
    assert "จำนวนเรื่องไม่ได้บอกว่าที่ไหนทุจริต" in index
    Seen(index)
    Seen((await http.get(f"/figures/{Q3}")).text.replace("<img ", "<meta "))


async def test_few_and_none_look_the_same(http: httpx.AsyncClient) -> None:
    few, none = [(await http.get(f"/figures/{each}")).text for each in (Q4, "2027-Q1")]

    def but_its_own(html: str) -> str:
        html = re.sub(r"ไตรมาส [1-4] พ.ศ. \d{4} \([^)]*\)|[0-9a-f]{64}", "", html)
        return re.sub(r"20\d\d-Q[1-4]|value=\"[^\"]{24}\"", "", html)

    assert "ไม่ถึง 10 เรื่อง หรือไม่มีเลย" in few
    assert but_its_own(few) == but_its_own(none)


async def test_what_is_taken_along_is_what_was_signed(
    http: httpx.AsyncClient, pages: dict[str, bytes]
) -> None:
    answer = await http.get(f"/figures/{Q3}.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="saisaat-2026-Q3.json"'
    body = json.loads(answer.text)
    again = json.dumps(body["page"], ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    assert again.encode() == pages[Q3]
    told = hashlib.sha256(b"saisaat-public-quarter-v1\n" + again.encode()).hexdigest()
    assert told == body["hash"] == hash_page(pages[Q3]).hex()
    VerifyKey.parse(body["key"]).verify(
        quarter_statement(quarter=Q3, page=bytes.fromhex(told)), bytes.fromhex(body["signature"])
    )
    later = json.loads((await http.get(f"/figures/{Q4}.json")).text)
    assert later["page"]["previous"] == body["hash"]


async def test_the_sheet_has_the_same_numbers(
    http: httpx.AsyncClient, pages: dict[str, bytes]
) -> None:
    answer = await http.get(f"/figures/{Q3}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    page = read_page(pages[Q3])
    assert tuple(rows[0]) == COLUMNS
    assert {len(row) for row in rows} == {len(COLUMNS)}
    numbers = [(t.id, c.n) for t in page.tables for c in t.cells or ()]
    assert [(row[1], int(row[-1])) for row in rows[1:]] == [("total", page.total), *numbers]
    few = (await http.get(f"/figures/{Q4}.csv")).content.decode("utf-8-sig")
    assert few.splitlines() == [",".join(COLUMNS)]


FORMULAS = ("=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1")


@pytest.mark.parametrize("name", FORMULAS)
def test_no_name_becomes_a_formula(name: str, pages: dict[str, bytes]) -> None:
    assert plain(name).startswith(f"'{name[0]}")
    assert plain(f"a;{name}").startswith(f"a;'{name[0]}")
    page = read_page(pages[Q3])
    (table,) = [each for each in page.tables if each.id == "centre"]
    named = replace(
        table,
        labels=dict.fromkeys(table.labels, Label(name, name)),
        cells=tuple(Cell((value,), 10) for value in table.labels),
    )
    sheet = as_csv(replace(page, tables=(named,))).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(sheet, newline="")):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


async def test_markup_in_a_name_stays_words(house: House) -> None:
    evil = "<script>alert(1)</script>"
    centres = Centres(
        (CENTRES.all[0], Centre("region", "headquarters", name_th=evil, name_en=evil))
    )
    told = [
        *([Tip(month(Q3), centre="region")] * 30),
        *([Tip(month(Q3), centre="headquarters")] * 30),
    ]
    await house.db.commit(lambda t: count(t, told))
    clock = clock_on(Quarter.parse(Q3).last_day + timedelta(days=31))
    await publishing(house.db, clock, tables=tables_of(centres)).publish_due()
    async with figures_web(house) as web, httpx.AsyncClient(base_url=web.url) as http:
        for path in (f"/figures/{Q3}", f"/figures/{Q3}/centre.svg"):
            text = (await http.get(path)).text
            assert "alert(1)" in text
            assert "<script" not in text


HOSTILE = (
    "2026-Q5", "2026-Q2", "2026-q3", "9999-Q4", "0000-Q1", "2026-Q3.exe", "2026-Q3.json.csv",
    "2026-Q3%00", "2026-Q3%0d%0aX-Evil:%201", "%2e%2e%2f2026-Q3", "%E0%B9%92569-Q3", "'--",
    "2026-Q3%20", "<script>", "x" * 5000, "2026-Q3/x.svg", "2026-Q3/..%2f.svg", "2026-Q3/total.svg",
    "2026-Q4/category.svg", "2099-Q1/category.svg", "%FF%FE",
)  # fmt: skip


async def test_no_other_address_is_a_page(http: httpx.AsyncClient) -> None:
    for name in HOSTILE:
        answer = await http.get(f"/figures/{name}")
        assert answer.status_code == 404, name
        assert "x-evil" not in answer.headers
        assert "ไม่มีหน้านี้" in answer.text
        assert "<script" not in answer.text
    assert (await http.post(f"/figures/{Q3}")).status_code == 405
    assert (await http.head(f"/figures/{Q3}")).status_code == 200


PATHS = (
    "/figures", f"/figures/{Q3}", f"/figures/{Q3}.json", f"/figures/{Q3}.csv",
    f"/figures/{Q3}/category.svg", "/figures/page.css",
)  # fmt: skip


async def test_nobody_gets_a_cookie_and_anybody_may_keep_the_page(
    http: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        for path in PATHS:
            answer = await http.get(path)
            assert answer.status_code == 200, path
            assert set_cookies(answer) == []
            assert answer.headers["cache-control"] == "public, max-age=3600"
            assert answer.headers["content-security-policy"] == POLICY
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "vary" not in answer.headers
            assert (await http.get(path, headers={"cookie": "a=b"})).content == answer.content
    ours = [each for each in caplog.records if not each.name.startswith(("httpx", "httpcore"))]
    assert not [each for each in ours if "figures" in each.getMessage()]
    assert (await http.get("/figures/nowhere")).headers["cache-control"] == "no-store"
    assert (await http.get("/")).headers["cache-control"] == "no-store"


async def test_the_page_asks_for_its_own_things_only(http: httpx.AsyncClient) -> None:
    html = (await http.get(f"/figures/{Q3}")).text
    assert not re.search(r"<script|<svg|<iframe|\sstyle=|\son[a-z]+=|javascript:|https?://", html)
    for found in re.findall(r'(?:src|href)="(/figures[^"]*)"', html):
        assert (await http.get(found)).status_code == 200, found
    assert re.findall(r'<link[^>]*href="([^"]*)"', html) == ["/figures/page.css"]


async def test_without_the_operators_word_there_is_no_page_and_no_link(house: House) -> None:
    await publish(house.db)
    async with serving_web(house) as web, httpx.AsyncClient(base_url=web.url) as http:
        for path in PATHS:
            assert (await http.get(path)).status_code == 404
        assert "/figures" not in (await http.get("/learn")).text
    async with figures_web(house) as web, httpx.AsyncClient(base_url=web.url) as http:
        for path in ("/", "/learn", "/bots"):
            assert 'href="/figures?lang=th"' in (await http.get(path)).text


async def test_an_altered_quarter_is_not_shown(house: House) -> None:
    data = (await publish(house.db))[Q3].replace(b'"total":96', b'"total":97')
    sql = "UPDATE public_quarter SET page = ? WHERE quarter = ?"
    assert await house.db.commit(lambda t: t.execute(sql, (data, Q3))) == 1
    async with figures_web(house) as web, httpx.AsyncClient(base_url=web.url) as http:
        answer = await http.get(f"/figures/{Q3}")
        assert answer.status_code == 503
        assert "ไม่ตรงกับที่ประกาศไว้" in answer.text
        assert answer.headers["cache-control"] == "no-store"
        for path in (f"/figures/{Q3}.json", f"/figures/{Q3}.csv"):
            assert (await http.get(path)).status_code == 503
        assert (await http.get(f"/figures/{Q3}/category.svg")).status_code == 404
        assert (await http.get(f"/figures/{Q4}")).status_code == 200


async def test_a_database_that_does_not_answer_is_said_politely(house: House) -> None:
    class Gone:
        key = quarters_key(KEY).verify_key

        async def quarters(self) -> tuple[Quarter, ...]:
            raise TimeoutError

        async def get(self, quarter: Quarter) -> None:
            raise TimeoutError

    app = web_app(parts_of(house, figures=Gone()))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        for path in ("/figures", f"/figures/{Q3}"):
            answer = await http.get(path)
            assert answer.status_code == 503
            assert "ขัดข้องชั่วคราว" in answer.text


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_cheap_phone_without_scripts_shows_it_whole(house: House, scheme: str) -> None:
    await publish(house.db)
    async with figures_web(house) as web, a_browser(PHONE, scheme) as (page, asked):
        for path in ("/figures", f"/figures/{Q3}", f"/figures/{Q3}?lang=en", f"/figures/{Q4}"):
            await page.goto(web.url + path)
            await fits(page)
        assert all(each.startswith(f"{web.url}/figures") for each in asked)
        assert await page.context.cookies() == []


@needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_shuts_nobody_out(house: House, scheme: str) -> None:
    await publish(house.db)
    async with figures_web(house) as web, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        context = await browser.new_context(
            bypass_csp=True,  # axe is put into the page; the policy would keep it out
            color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
        )
        page = await context.new_page()
        for path in ("/figures", f"/figures/{Q3}", f"/figures/{Q4}"):
            await page.goto(web.url + path)
            assert await grave(page) == []
        drawn = await page.goto(f"{web.url}/figures/{Q3}")
        assert drawn is not None
        for image in await page.locator("img").all():
            await image.scroll_into_view_if_needed()
            await page.wait_for_function(
                "image => image.complete && image.naturalWidth > 0",
                arg=await image.element_handle(),
            )
        assert await page.locator("img").count() >= 4
        await browser.close()
