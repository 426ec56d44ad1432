"""Giving a tip to a colleague, and what a console notices when the desk plays false about it."""

import json
from typing import Any

import pytest

from sealing import OfficerKeys, Role
from tests.console.conftest import Run
from tests.console.fake_world import (
    Answer,
    Person,
    Tip,
    World,
    assign_as,
    b64,
    claim_as,
    new_id,
)
from tests.console.test_pages import Browser, browser, text_of  # noqa: F401  # a fixture


@pytest.fixture
def malee(world: World) -> Person:
    return world.join("มาลี ตั้งใจ", "kkn")


@pytest.fixture
def lead(world: World) -> Person:
    return world.join("หัวหน้า กลุ่มงาน", "kkn", roles=(Role.LEAD,))


@pytest.fixture
def tip(world: World, somchai: Person, malee: Person, lead: Person) -> Tip:
    return world.file_tip(somchai, malee, lead)


def read(run: Run, tip: Tip, person: Person) -> Answer:
    ran = run("read", tip.tip_id, "--json", person=person)
    assert ran.code == 0, ran.err
    told: Answer = json.loads(ran.out)
    return told


def names(told: Answer) -> set[str]:
    return {finding["name"] for finding in told["findings"] if finding["is_alarm"]}


def test_a_lead_gives_a_tip_to_a_colleague_who_then_answers(
    tip: Tip, lead: Person, malee: Person, run: Run
) -> None:
    given = run("assign", tip.tip_id, "--to", "มาลี ตั้งใจ", person=lead)
    assert given.code == 0, given.err
    assert "มาลี ตั้งใจ holds this tip now" in given.out
    told = read(run, tip, malee)
    assert (told["is_whole"], told["claimed_by"]) == (True, malee.id)
    shown = run("read", tip.tip_id, person=malee, lang="th").out
    assert "หัวหน้า กลุ่มงาน มอบเรื่องให้ มาลี ตั้งใจ" in shown
    again = run("assign", tip.tip_id, "--to", malee.id, person=lead)
    assert (again.code, "already" in again.err) == (2, True)


def test_who_holds_a_tip_hands_it_over_and_who_does_not_is_refused(
    tip: Tip, somchai: Person, malee: Person, run: Run
) -> None:
    claim_as(tip, somchai)
    refused = run("assign", tip.tip_id, "--to", malee.id, person=malee)
    assert (refused.code, "Only a lead" in refused.err) == (4, True)
    assert run("assign", tip.tip_id, "--to", malee.id, person=somchai).code == 0
    assert tip.answer["claimed_by"] == malee.id


def test_a_colleague_who_cannot_open_it_is_given_nothing(
    world: World, tip: Tip, lead: Person, run: Run
) -> None:
    world.join("คนใหม่", "kkn")
    ran = run("assign", tip.tip_id, "--to", "คนใหม่", person=lead)
    assert (ran.code, "cannot open" in ran.err) == (2, True)
    assert tip.answer["changes"] == []


def test_who_gives_a_tip_that_was_claimed_meanwhile_is_told_by_whom(
    world: World, tip: Tip, lead: Person, malee: Person, somchai: Person, run: Run
) -> None:
    world.before_claim = lambda given: claim_as(given, somchai)
    lost = run("assign", tip.tip_id, "--to", malee.id, person=lead)
    assert (lost.code, somchai.keys.name in lost.err) == (4, True)
    assert [change["kind"] for change in tip.answer["changes"]] == ["claim"]


def test_who_claims_a_tip_that_was_given_away_meanwhile_is_told_to_whom(
    world: World, tip: Tip, lead: Person, malee: Person, somchai: Person, run: Run
) -> None:
    world.before_claim = lambda claimed: assign_as(claimed, lead, malee)
    lost = run("claim", tip.tip_id, person=somchai)
    assert (lost.code, "มาลี ตั้งใจ has claimed" in lost.err) == (4, True)


def test_a_tip_that_grew_under_the_same_holder_is_given_all_the_same(
    world: World, tip: Tip, lead: Person, malee: Person, somchai: Person, run: Run
) -> None:
    claim_as(tip, somchai)

    def grows(given: Tip) -> None:
        world.before_claim = None
        assign_as(given, lead, lead)
        assign_as(given, lead, somchai)

    world.before_claim = grows
    given = run("assign", tip.tip_id, "--to", malee.id, person=lead)
    assert given.code == 0, given.err
    assert tip.answer["claimed_by"] == malee.id


# --- a desk that plays false


@pytest.mark.parametrize(
    ("spoilt", "name"),
    [
        ({"signature": None}, "change_unsigned"),
        ({"signature": b64(bytes(64))}, "change_forged"),
        ({"signature": b64(OfficerKeys.generate("x").sign.sign(b"x"))}, "change_forged"),  # type: ignore[arg-type]  # no statement at all
        ({"officer": new_id()}, "change_foreign"),
        ({"day": "2026-11-01"}, "change_forged"),
        ({"to_officer": new_id()}, "change_forged"),
        ({"to_officer": None}, "change_forged"),
        ({"kind": "claim"}, "change_forged"),
    ],
)
def test_an_assignment_that_its_officer_did_not_sign_is_named(
    tip: Tip, lead: Person, malee: Person, run: Run, spoilt: dict[str, Any], name: str
) -> None:
    assign_as(tip, lead, malee)
    tip.answer["changes"][0] |= spoilt
    assert name in names(read(run, tip, lead))


def test_an_assignment_of_another_tip_or_version_is_forged_here(
    world: World, tip: Tip, lead: Person, malee: Person, run: Run
) -> None:
    other = world.file_tip(lead, malee)
    assign_as(other, lead, malee)
    tip.answer |= {"version": 2, "claimed_by": malee.id, "changes": other.answer["changes"]}
    assert "change_forged" in names(read(run, tip, lead))
    replayed = {**other.answer["changes"][0], "version": 3}
    other.answer |= {"version": 3, "changes": [*other.answer["changes"], replayed]}
    assert "change_forged" in names(read(run, other, lead))


def test_another_holder_than_the_one_it_was_given_to_is_named(
    tip: Tip, lead: Person, malee: Person, somchai: Person, run: Run
) -> None:
    assign_as(tip, lead, malee)
    assert names(read(run, tip, lead)) == set()
    tip.answer["claimed_by"] = somchai.id
    assert names(read(run, tip, lead)) == {"claim_unproven"}
    tip.answer["claimed_by"] = malee.id
    tip.answer["changes"][0]["to_officer"] = somchai.id
    assert {"change_altered", "change_forged"} <= names(read(run, tip, lead))


# --- on the page


async def test_the_page_offers_it_to_who_may_and_lists_who_can_open_it(
    browser: Browser,  # noqa: F811  # the fixture
    world: World,
    tip: Tip,
    somchai: Person,
    malee: Person,
) -> None:
    world.join("คนใหม่", "kkn")
    await browser.unlock()
    form = f'action="/tips/{tip.tip_id}/assign"'
    assert form not in (await browser.get(f"/tips/{tip.tip_id}")).text
    await browser.post(f"/tips/{tip.tip_id}/claim")
    page = (await browser.get(f"/tips/{tip.tip_id}")).text
    assert form in page
    assert f'<option value="{malee.id}">มาลี ตั้งใจ' in page
    choices = page[page.index(form) : page.index("</form>", page.index(form))]
    assert somchai.id not in choices
    assert "คนใหม่" not in choices
    given = await browser.post(f"/tips/{tip.tip_id}/assign", to=malee.id)
    assert "มอบเรื่องให้เพื่อนร่วมงานแล้ว" in text_of(given)
    assert tip.answer["claimed_by"] == malee.id
    assert form not in given.text
