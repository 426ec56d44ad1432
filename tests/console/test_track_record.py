"""What an officer learns of a verified member, counted here; and which tip comes first."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import convert

from console import priority
from console.answers import ListedTip
from console.errors import Distrusted
from console.office_rows import Row
from console.priority import by_priority, level, levels
from console.track_record import USEFUL, track_records
from sealing import Summary, TipKind
from tests.console.conftest import Run
from tests.console.fake_world import Person, Tip, World, new_id
from tests.console.test_pages import Browser, browser, text_of

__all__ = ["browser"]

MEMBER: dict[str, Any] = {
    "is_verified": True,
    "alias": "mkm7",
    "member_centre": "kkn",
    "member_since": 2021,
}
NOBODY = Summary(category="land", province="TH-40", kind=TipKind.CASE)


def file(world: World, somchai: Person, status: str = "received", **marks: Any) -> Tip:
    tip = world.file_tip(somchai, **{"day": "2026-11-20", **MEMBER, **marks})
    tip.answer["status"] = status
    return tip


def listed(run: Run, person: Person, *options: str) -> list[dict[str, Any]]:
    ran = run("list", "--json", *options, person=person)
    assert ran.code == 0, ran.err
    tips: list[dict[str, Any]] = json.loads(ran.out)["tips"]
    return tips


@pytest.fixture
def tip(world: World, somchai: Person) -> Tip:
    """A member's tip, after seven earlier ones and beside others that do not count."""
    for status in ("accepted", "in_progress", "referred", "closed"):
        file(world, somchai, status, day="2026-10-01")
    for status in ("declined", "received", "screening"):
        file(world, somchai, status, day="2026-11-01")
    file(world, somchai, "closed", day="2026-11-22")  # a later one
    file(world, somchai, "closed", alias="zzzz")
    file(world, somchai, "closed", member_centre="loei")  # another registrar's member
    malee = world.join("มาลี", "kkn")
    file(world, malee, "closed")  # one that this officer cannot read
    return file(world, somchai, day="2026-11-21")


TRACK = {
    "alias": "mkm7",
    "centre": "kkn",
    "since_year": 2021,
    "earlier": 7,
    "useful": 4,
    "is_whole": True,
}


def test_an_officer_sees_who_a_member_is_and_how_their_earlier_tips_went(
    somchai: Person, run: Run, tip: Tip
) -> None:
    shown = json.loads(run("read", tip.tip_id, "--json", person=somchai).out)
    assert shown["track_record"] == TRACK
    (row,) = (each for each in listed(run, somchai) if each["tip_id"] == tip.tip_id)
    assert row["track_record"] == TRACK
    assert (row["summary"]["member_centre"], row["summary"]["member_since"]) == ("kkn", 2021)
    said = run("read", tip.tip_id, person=somchai).out
    assert "mkm7" in said
    assert "centre kkn · member since 2021 · 7 earlier tips that you can read, 4 useful" in said
    thai = run("read", tip.tip_id, person=somchai, lang="th").out
    assert "เป็นสมาชิกตั้งแต่ปี 2564" in thai
    assert "7 earlier, 4 useful" in run("list", person=somchai).out


def test_of_a_citizen_nothing_is_counted(world: World, somchai: Person, run: Run) -> None:
    tip = world.file_tip(somchai)
    shown = json.loads(run("read", tip.tip_id, "--json", person=somchai).out)
    assert shown["track_record"] is None
    assert listed(run, somchai)[0]["track_record"] is None


def test_a_first_tip_is_said_to_be_one(world: World, somchai: Person, run: Run) -> None:
    tip = file(world, somchai)
    assert "no earlier tip" in run("read", tip.tip_id, person=somchai).out


def test_a_tip_whose_grant_does_not_verify_counts_for_nobody(
    world: World, somchai: Person, run: Run
) -> None:
    old, tip = file(world, somchai, "closed"), file(world, somchai, day="2026-11-21")

    def claim_signed(answer: dict[str, Any]) -> None:
        for each in answer["tips"]:
            if each["tip_id"] == old.tip_id:
                each["grant"]["granted_by"] = somchai.id

    world.spoilt["tips"] = claim_signed
    shown = json.loads(run("read", tip.tip_id, "--json", person=somchai).out)
    assert shown["track_record"]["earlier"] == 0


async def test_the_pages_say_it_too(browser: Browser, tip: Tip) -> None:
    await browser.unlock()
    page = text_of(await browser.get(f"/tips/{tip.tip_id}"))
    assert "เครือข่าย mkm7 · ศูนย์ kkn · เป็นสมาชิกตั้งแต่ปี 2564" in page
    assert "7 เรื่อง ใช้ประโยชน์ได้ 4" in page
    assert "เรื่องก่อนหน้า 7 ใช้ได้ 4" in text_of(await browser.get("/"))


async def test_the_page_puts_the_gravest_first_when_asked(
    world: World, somchai: Person, browser: Browser
) -> None:
    late = world.file_tip(somchai, day="2026-11-25", category="land")
    grave = world.file_tip(somchai, day="2026-11-01", category="bribe", is_afraid=True)
    await browser.unlock()
    page = (await browser.get("/?order=priority")).text
    assert page.index(grave.tip_id) < page.index(late.tip_id)
    assert '<option value="priority" selected>' in page
    page = (await browser.get("/")).text
    assert page.index(late.tip_id) < page.index(grave.tip_id)


def test_the_list_by_priority_orders_the_whole_queue(
    world: World, somchai: Person, run: Run
) -> None:
    world.expires = "2099-12-31"
    rest = world.file_tip(somchai, day="2099-01-05")
    news = file(world, somchai, day="2099-01-04", kind=TipKind.INFORMATION)
    member = file(world, somchai, day="2099-01-03")
    overdue = world.file_tip(somchai, day="2020-01-02")
    afraid = world.file_tip(somchai, day="2099-01-02", is_afraid=True)
    forced = file(world, somchai, day="2099-01-01", is_duress=True)
    expected = [each.tip_id for each in (forced, afraid, overdue, member)]
    got = [each["tip_id"] for each in listed(run, somchai, "--by-priority")]
    assert got[:4] == expected
    assert set(got[4:]) == {rest.tip_id, news.tip_id}
    first = [each["tip_id"] for each in listed(run, somchai, "--by-priority", "--limit", "2")]
    assert first == expected[:2]
    assert run("list", "--by-priority", "--after", "x", person=somchai).code == 2


def row(summary: Summary | None = NOBODY, left: int | None = 5, **changed: Any) -> Row:
    shown = convert(
        {
            "tip_id": changed.pop("tip_id", new_id()),
            "centre": "kkn",
            "status": changed.pop("status", "received"),
            "status_day": "2026-11-20",
            "filed_day": changed.pop("day", "2026-11-20"),
            "version": 1,
            "grant": {"grant_id": new_id(), "sealed": "", "granted_by": "server"},
        },
        ListedTip,
    )
    return replace(Row(shown, summary, None, left, False), **changed)


SUMMARIES = st.builds(
    lambda kind, verified, duress, afraid: replace(
        NOBODY,
        kind=kind,
        is_afraid=afraid,
        is_verified=verified,
        alias="mkm7" if verified else None,
        is_duress=duress and verified,
    ),
    st.sampled_from(TipKind),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
ROWS = st.builds(
    lambda summary, left, broken: row(
        summary, left, problem=Distrusted("grant.altered") if broken else None
    ),
    st.none() | SUMMARIES,
    st.none() | st.integers(-400, 400),
    st.booleans(),
)


@given(st.lists(ROWS, max_size=30))
def test_nothing_ordinary_comes_before_what_is_grave(rows: list[Row]) -> None:
    ordered = sorted(rows, key=by_priority)
    assert sorted(map(id, ordered)) == sorted(map(id, rows))
    grave = [
        (each.is_overdue and not each.is_application)
        or each.problem is not None
        or each.summary is None
        or each.summary.is_duress
        or each.summary.is_afraid
        for each in ordered
    ]
    assert grave == sorted(grave, reverse=True)
    told = [e.summary for e, is_grave in zip(ordered, grave, strict=True) if not is_grave]
    members = [t is not None and t.is_verified and t.kind is TipKind.CASE for t in told]
    assert members == sorted(members, reverse=True)
    assert [level(each) for each in ordered] == sorted(level(each) for each in rows)


def test_an_application_that_is_late_endangers_nobody_and_comes_after_members_cases() -> None:
    late = row(replace(NOBODY, kind=TipKind.APPLICATION), left=-30)
    member = row(replace(NOBODY, is_verified=True, alias="mkm7"), left=None)
    assert sorted([late, member, row(NOBODY, left=-1)], key=by_priority)[1:] == [member, late]


def test_within_a_level_what_is_due_sooner_comes_first() -> None:
    soon, later, never = row(left=1), row(left=9), row(left=None)
    old, new = row(left=3, day="2026-01-01"), row(left=3, day="2026-02-01")
    assert sorted([never, later, new, old, soon], key=by_priority) == [soon, old, new, later, never]


def test_every_mark_of_the_rule_is_one_that_there_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert frozenset({"duress"}) == levels()[0]
    monkeypatch.setattr(priority, "MARKS", frozenset({"duress"}))
    levels.cache_clear()
    try:
        with pytest.raises(ValueError, match="mark"):
            levels()
    finally:
        levels.cache_clear()


@given(st.lists(st.sampled_from(sorted(USEFUL | {"declined", "received"})), max_size=20))
def test_useful_ones_are_counted_and_never_the_tip_itself(statuses: list[str]) -> None:
    summary = replace(NOBODY, is_verified=True, alias="mkm7", member_centre="kkn")
    rows = [row(summary, status=status) for status in statuses]
    records = track_records(rows, is_whole=True)
    track = records.of(summary, new_id(), "2026-11-20")
    assert track is not None
    assert (track.earlier, track.useful) == (len(rows), sum(s in USEFUL for s in statuses))
    for each in rows:
        own = records.of(summary, each.shown.tip_id, "2026-11-20")
        assert own is not None
        assert own.earlier == len(rows) - 1
    assert records.of(NOBODY, new_id(), "2026-11-20") is None
