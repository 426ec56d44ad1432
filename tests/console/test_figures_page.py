"""Figures as pages: what one can read and what the network tells, apart; and a desk that lies."""

import csv
import io
from collections.abc import Callable

import pytest

from sealing import Role
from tests.console.fake_world import Answer, Person, World
from tests.console.figures_told import told
from tests.console.test_audit_page import at_desk_of, opened
from tests.console.test_pages import Browser, browser, text_of

__all__ = ["browser"]  # a fixture
YEAR = "/figures?of=network&period=2026"


@pytest.fixture
def lead(world: World) -> Person:
    world.figures = told()
    return world.join("ลัดดา หัวหน้า", "kkn", roles=(Role.LEAD,))


async def test_the_two_parts_stand_apart(world: World, lead: Person) -> None:
    world.file_tip(lead, category="bribe", day="2026-11-02")
    async with at_desk_of(lead) as pages:
        await opened(pages)
        own = await pages.get("/figures?period=2026")
        said = text_of(own)
        assert "ตัวเลขไม่ออกจากเครื่อง" in said
        assert "1,234" not in said
        assert 'href="/figures?of=network&amp;period=2026"' in own.text
        network = await pages.get(YEAR)
        said = text_of(network)
        assert "ตัวนับรวมของศูนย์ที่คุณดูแล" in said
        assert "น้อยกว่า 5 เรื่องจะไม่บอกแยก" in said
        assert "รับเรื่อง 1,304" in said
        assert "จบเรื่อง 36 ไม่มีรายละเอียด 4 เรื่อง" in said
        assert "นับเมื่อเรื่องจบ จึงมีเฉพาะเรื่องที่จบแล้ว" in said  # 14 there, and 1,304 here
        assert "พบว่ามีมูล อย่างน้อย 47 %" in said
        assert "เริ่มดำเนินการใน 7 วัน 69 %" in said
        assert "จัดซื้อจัดจ้าง 14" in said
        assert "รวมกัน: ฝ่าฝืนจริยธรรมร้ายแรง + ออกเอกสารสิทธิ + ร่ำรวยผิดปกติ 7" in said
        assert "ม.ค.–พ.ค. 2569 51" in said  # the busy centre's April and May with the other's five
        assert "มิ.ย. 2569 1,234" in said
        assert "ขอนแก่น 1,293" in said
        assert "ยังไม่มีตัวเลขในช่วงนี้ (น้อยเกินกว่าจะบอกได้): ในกรม" in said
        assert network.text.count("<svg") >= 6


async def test_one_centre_and_one_quarter(lead: Person) -> None:
    async with at_desk_of(lead, "en") as pages:
        await opened(pages)
        said = text_of(await pages.get("/figures?of=network&period=2569-Q2&centre=kkn"))
        assert "Q2 2026 (Apr–Jun 2026)" in said
        assert "tips came in 1,274 period before: 0 (Q1 2026 (Jan–Mar 2026))" in said
        assert "May 2026 23" in said
        assert "Khon Kaen 1," not in said
        nothing = text_of(await pages.get("/figures?of=network&period=2026&centre=inside"))
        assert "too few to tell" in nothing
        nowhere = text_of(await pages.get("/figures?of=network&centre=%3Cb%3E&period=%3Cscript%3E"))
        assert "Last 12 months" in nowhere


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN, Role.FIGURES])
async def test_who_reads_no_tips_sees_the_network_only(world: World, role: Role) -> None:
    world.figures = told()
    async with at_desk_of(world.join("ผู้ดู", "kkn", roles=(role,))) as pages:
        first = await opened(pages)
        assert ("/audit" if role is not Role.FIGURES else "/figures") == first.url.path
        page = await pages.get("/figures?of=own&period=2026")
        assert "1,304" in text_of(page)
        assert 'href="/figures?of=own' not in page.text
        assert not {"tips", "standings"} & set(world.asked)


async def test_an_officer_is_not_led_to_the_network(
    browser: Browser, world: World, somchai: Person
) -> None:
    world.figures = told()
    world.file_tip(somchai)
    await browser.unlock()
    page = await browser.get(YEAR)
    assert 'href="/figures?of=network' not in page.text
    assert "figures" not in world.asked


async def test_a_desk_without_counters_is_said(world: World, lead: Person) -> None:
    world.figures = None
    async with at_desk_of(lead, "en") as pages:
        await opened(pages)
        page = await pages.get(YEAR)
        assert page.status_code == 200
        assert "The server has no counters yet" in text_of(page)


async def test_the_same_numbers_are_a_table_for_a_spreadsheet(world: World, lead: Person) -> None:
    world.centres[1]["name_th"] = "=cmd|'/c calc'!A0"
    async with at_desk_of(lead) as pages:
        await opened(pages)
        answer = await pages.get("/figures.csv?of=network&period=2026&centre=kkn")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["content-disposition"] == (
            'attachment; filename="figures-network-2026.csv"'
        )
        assert answer.content.startswith(b"\xef\xbb\xbf")
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
        assert sum(int(row["tips"]) for row in rows if row["measure"] == "intake") == 1293
        assert {row["centre_name"] for row in rows} == {"'=cmd|'/c calc'!A0"}
        assert {row["values"] for row in rows if row["measure"] == "teller"} == {
            "member",
            "citizen",
        }
        own = await pages.get("/figures.csv?of=own&period=all")
        assert own.headers["content-disposition"].endswith('"figures-own-all.csv"')


def intake(n: object) -> Callable[[Answer], None]:
    return lambda answer: answer["centres"][0]["intake"][0].update(n=n)


def month(value: str) -> Callable[[Answer], None]:
    return lambda answer: answer["centres"][0]["intake"][0].update(first=value)


def cell(values: object) -> Callable[[Answer], None]:
    return lambda answer: answer["centres"][0]["ended"][0]["tables"][0]["cells"][0].update(
        values=values
    )


LIES: tuple[Callable[[Answer], None], ...] = (
    intake(-1),
    intake(2**70),
    intake("many"),
    intake(1.5),
    intake(None),
    month("2026-13"),
    month("2027-01"),
    month("26-1"),
    month("<b>"),
    cell([]),
    cell(["<script>alert(1)</script>"]),
    cell(["a", "a"]),
    cell("procurement"),
    lambda answer: answer.update(k=-1),
    lambda answer: answer.update(until="soon"),
    lambda answer: answer.update(centres=[{"centre": '"><img src=x>', "intake": [], "ended": []}]),
    lambda answer: answer.update(centres={}),
    lambda answer: answer["centres"][0]["ended"][0]["tables"][0].update(measure="a b"),
)


@pytest.mark.parametrize("lie", LIES, ids=map(str, range(len(LIES))))
async def test_an_answer_that_cannot_be_is_refused_whole(
    world: World, lead: Person, lie: Callable[[Answer], None]
) -> None:
    world.spoil("figures", lie)
    async with at_desk_of(lead, "en") as pages:
        await opened(pages)
        for path in (YEAR, YEAR.replace("figures", "figures.csv", 1)):
            answer = await pages.get(path)
            assert answer.status_code == 502
            assert "<script>alert" not in answer.text
            assert "<img" not in answer.text


async def test_odd_numbers_and_unknown_measures_are_shown(world: World, lead: Person) -> None:
    def odd(answer: Answer) -> None:
        first = answer["centres"][0]
        first["intake"][2]["n"] = 2**53 - 1
        first["intake"][3]["n"] = 0
        first["ended"][0]["tables"] += [{"measure": "result", "cells": []}]

    world.spoil("figures", odd)
    async with at_desk_of(lead, "en") as pages:
        await opened(pages)
        page = await pages.get(YEAR)
        assert page.status_code == 200
        assert "9,007,199,254,740,991" in page.text
        assert "of_tomorrow" in (await pages.get(YEAR.replace("figures", "figures.csv", 1))).text
