"""Tips about the same thing: a signed note in each, and nothing that a desk could read or forge."""

import json
from typing import Any

import pytest

from console.linking import SAME, SCHEMA
from sealing import Author, Kind, TipKind, seal_part, side_of
from tests.console.conftest import Run
from tests.console.fake_world import Person, Tip, World, about, unb64

WHY = ("--reason", "ถนนเส้นเดียวกัน สัญญาเดียวกัน")


@pytest.fixture
def pair(world: World, somchai: Person) -> tuple[Tip, Tip]:
    return world.file_tip(somchai), world.file_tip(somchai)


def links(run: Run, tip: Tip, person: Person) -> list[dict[str, Any]]:
    ran = run("links", tip.tip_id, "--json", person=person)
    assert ran.code == 0, ran.err
    found: list[dict[str, Any]] = json.loads(ran.out)["links"]
    return found


def link_note(tip: Tip, by: Person, other: str, signer: Person | None = None) -> None:
    """A link as *by*'s console would have noted it, signed by *signer*."""
    form = {"schema": SCHEMA, SAME: other}
    part = tip.told(Kind.NOTE, Author.OFFICER, words="x", officer=by.id, form=form)
    side = side_of(part.author, part.kind)
    sealed = seal_part(part, tip.keys.recipients.of(side))
    signature = None if signer is None else signer.keys.sign.sign(about(part, sealed.hash))
    tip.add_sealed(part, sealed.data, side, signature)


def test_a_link_is_a_sealed_note_in_both_tips_and_is_undone_in_both(
    world: World, somchai: Person, pair: tuple[Tip, Tip], run: Run
) -> None:
    here, there = pair
    ran = run("link", here.tip_id[:8], there.tip_id[:8], *WHY, person=somchai)
    assert ran.code == 0, ran.err
    for one, other in (pair, pair[::-1]):
        (found,) = links(run, one, somchai)
        assert (found["tip_id"], found["is_open"]) == (other.tip_id, True)
        assert (found["officer"], found["reason"]) == (somchai.id, WHY[1])
    assert there.tip_id[:8] in run("read", here.tip_id, person=somchai).out
    assert run("unlink", here.tip_id, there.tip_id[:8], *WHY, person=somchai).code == 0
    assert links(run, here, somchai) == links(run, there, somchai) == []
    assert run("unlink", here.tip_id, there.tip_id, *WHY, person=somchai).code == 2
    assert json.loads(run("read", here.tip_id, "--json", person=somchai).out)["is_whole"]


def test_the_desk_sees_two_ordinary_notes(
    world: World, somchai: Person, pair: tuple[Tip, Tip], run: Run
) -> None:
    here, there = pair
    assert run("note", here.tip_id, "--words", WHY[1], person=somchai).code == 0
    assert run("link", here.tip_id, there.tip_id, *WHY, person=somchai).code == 0
    plain, linked, other = (
        here.answer["parts"][-2],
        here.answer["parts"][-1],
        there.answer["parts"][-1],
    )
    outside = [
        {
            k: v
            for k, v in part.items()
            if k not in ("part_id", "seq", "hash", "sealed", "signature")
        }
        for part in (plain, linked, other)
    ]
    assert outside[0] == outside[1] == outside[2]
    assert len(linked["sealed"]) == len(other["sealed"]) == len(plain["sealed"])
    for part in (linked, other):
        for tip in pair:
            assert tip.tip_id.encode() not in unb64(part["sealed"])


def test_who_cannot_open_the_other_tip_is_told_so_and_no_more(
    world: World, somchai: Person, run: Run
) -> None:
    malee = world.join("มาลี ตั้งใจ", "kkn")
    here, there = world.file_tip(somchai, malee), world.file_tip(somchai, category="land")
    assert run("link", here.tip_id, there.tip_id, *WHY, person=somchai).code == 0
    (found,) = links(run, here, malee)
    assert found["is_open"] is False
    said = run("links", here.tip_id, person=malee).out
    assert "you may not open this one" in said
    assert "Land" not in said
    refused = run("link", here.tip_id, world.file_tip(somchai).tip_id, *WHY, person=malee)
    assert refused.code == 4
    assert len(here.answer["parts"]) == 2, "nothing was noted before both could be"
    undone = run("unlink", here.tip_id, there.tip_id, *WHY, person=malee)
    assert undone.code == 0
    assert links(run, here, malee) == []


def test_half_a_link_is_made_whole_and_a_whole_one_is_not_doubled(
    world: World, somchai: Person, pair: tuple[Tip, Tip], run: Run
) -> None:
    here, there = pair
    link_note(here, somchai, there.tip_id, somchai)
    assert run("link", here.tip_id, there.tip_id, *WHY, person=somchai).code == 0
    assert [len(tip.answer["parts"]) for tip in pair] == [2, 2]
    again = run("link", there.tip_id, here.tip_id, *WHY, person=somchai)
    assert (again.code, "linked already" in again.err) == (2, True)
    assert run("link", here.tip_id, here.tip_id, *WHY, person=somchai).code == 2
    assert run("link", here.tip_id, there.tip_id, person=somchai).code == 2


def test_an_application_is_linked_to_no_tip(world: World, somchai: Person, run: Run) -> None:
    tip = world.file_tip(somchai)
    application = world.file_tip(somchai, kind=TipKind.APPLICATION, category="application")
    refused = run("link", tip.tip_id, application.tip_id, *WHY, person=somchai)
    assert (refused.code, "says who somebody is" in refused.err) == (2, True)
    assert len(tip.answer["parts"]) == len(application.answer["parts"]) == 1


@pytest.mark.parametrize("how", ["unsigned", "forged", "foreign", "by a reporter"])
def test_a_link_that_no_officer_signed_is_not_believed(
    world: World, somchai: Person, pair: tuple[Tip, Tip], run: Run, how: str
) -> None:
    here, there = pair
    malee = world.join("มาลี ตั้งใจ", "kkn")
    if how == "by a reporter":
        here.append(here.told(words="x", form={"schema": SCHEMA, SAME: there.tip_id}))
    elif how == "foreign":
        world.people.remove(malee)
        world.sign_roster(2)
        link_note(here, malee, there.tip_id, malee)
    else:
        link_note(here, somchai, there.tip_id, malee if how == "forged" else None)
    assert links(run, here, somchai) == []
    told = json.loads(run("read", here.tip_id, "--json", person=somchai).out)
    names = {finding["name"] for finding in told["findings"]}
    assert names == (set() if how == "by a reporter" else {f"part_{how}"})


def test_a_link_replayed_into_another_tip_is_named_and_links_nothing(
    world: World, somchai: Person, pair: tuple[Tip, Tip], run: Run
) -> None:
    here, there = pair
    assert run("link", here.tip_id, there.tip_id, *WHY, person=somchai).code == 0
    third = world.file_tip(somchai)
    third.answer["parts"].append(dict(here.answer["parts"][-1]))
    assert links(run, third, somchai) == []
    told = json.loads(run("read", third.tip_id, "--json", person=somchai).out)
    assert told["is_whole"] is False


@pytest.mark.parametrize("other", ["", "x" * 32, "A" * 32, 7, None, "a" * 4000, ["a" * 32]])
def test_a_link_to_what_is_no_tip_is_an_ordinary_note(
    world: World, somchai: Person, run: Run, other: object
) -> None:
    tip = world.file_tip(somchai)
    link_note(tip, somchai, other, somchai)  # type: ignore[arg-type]  # what a hostile console would write
    assert links(run, tip, somchai) == []
    assert run("read", tip.tip_id, person=somchai).code == 0


def test_the_desk_is_never_asked_for_the_other_tip_when_one_is_read(
    world: World, somchai: Person, pair: tuple[Tip, Tip], run: Run
) -> None:
    here, there = pair
    assert run("link", here.tip_id, there.tip_id, *WHY, person=somchai).code == 0
    asked: list[str] = []
    world.spoil("tip", lambda answer: asked.append(answer["tip_id"]))
    (found,) = links(run, here, somchai)
    assert found["is_open"]
    assert asked == [here.tip_id]
