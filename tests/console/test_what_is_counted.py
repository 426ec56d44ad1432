"""What a console has counted of a tip it ends, and a desk that says something else."""

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from console.counting import MEMBER, to_count
from sealing import Counts, SigningKey, TipKind
from tests.console.conftest import Run
from tests.console.fake_world import (
    DAY,
    Answer,
    Person,
    Tip,
    World,
    b64,
    claim_as,
    reporter_says,
    status_as,
)

WORDS = ("--reason", "คุยกับพยานแล้ว", "--sentence", "ตรวจแล้ว")
LAST_MONTH = (date.fromisoformat(DAY).replace(day=1) - timedelta(days=1)).isoformat()
SURE = "--despite-warnings"


@pytest.fixture
def tip(world: World, somchai: Person) -> Tip:
    filed = world.file_tip(somchai)
    claim_as(filed, somchai)
    status_as(filed, world, somchai, "in_progress")
    return filed


def close(run: Run, tip: Tip, person: Person, result: str, *more: str) -> None:
    ran = run("close", tip.tip_id, "--result", result, *WORDS, *more, person=person)
    assert ran.code == 0, ran.err


def found(run: Run, tip: Tip, person: Person) -> set[str]:
    told: Answer = json.loads(run("read", tip.tip_id, "--json", person=person).out)
    return {finding["name"] for finding in told["findings"]}


def told(counts: Counts | None) -> dict[str, str]:
    return {} if counts is None else dict(counts.by_measure())


def test_closing_has_the_tip_counted_in_the_same_act(tip: Tip, somchai: Person, run: Run) -> None:
    close(run, tip, somchai, "substantiated")
    ((now, before),) = tip.told_to_count
    assert told(now) == {
        "category": "embezzlement",
        "kind": "case",
        "result": "substantiated",
        "teller": "citizen",
    }
    assert before is None
    assert tip.answer["changes"][-1]["counts_hash"] == b64(now.hash(tip.tip_id))
    assert found(run, tip, somchai) == set()


def test_a_member_and_information_are_counted_as_such(
    world: World, somchai: Person, run: Run
) -> None:
    marks = {"is_verified": True, "alias": "mkm7", "kind": TipKind.INFORMATION}
    tip = world.file_tip(somchai, **marks)
    claim_as(tip, somchai)
    close(run, tip, somchai, "handed_over", SURE)
    ((now, _),) = tip.told_to_count
    assert (now.teller, now.kind, now.result) == (MEMBER, "information", "handed_over")
    assert "mkm7" not in json.dumps(told(now))


def test_ended_again_in_the_month_what_was_counted_goes_along(
    tip: Tip, somchai: Person, run: Run
) -> None:
    close(run, tip, somchai, "substantiated")
    reporter_says(tip, "reopen", "ยังไม่จบ")
    close(run, tip, somchai, "unsubstantiated")
    (first, _), (second, before) = tip.told_to_count
    assert before == first
    assert (second.result, second.salt == first.salt) == ("unsubstantiated", False)
    assert found(run, tip, somchai) == set()


def test_once_its_month_is_over_a_tip_is_not_counted_again(
    tip: Tip, somchai: Person, run: Run
) -> None:
    close(run, tip, somchai, "substantiated")
    reporter_says(tip, "reopen", "ยังไม่จบ")
    ending = tip.answer["changes"][-2]
    ending["day"] = LAST_MONTH
    close(run, tip, somchai, "unsubstantiated", SURE)
    assert len(tip.told_to_count) == 1
    assert "counts_hash" not in tip.answer["changes"][-1]


def test_after_an_older_console_ended_it_nothing_was_counted_before(
    tip: Tip, world: World, somchai: Person, run: Run
) -> None:
    status_as(tip, world, somchai, "closed")
    assert found(run, tip, somchai) == set()
    reporter_says(tip, "reopen", "ยังไม่จบ")
    close(run, tip, somchai, "partly")
    ((_, before),) = tip.told_to_count
    assert before is None


@pytest.mark.parametrize(
    ("act", "more"),
    [
        ("status", ("accepted", "--sentence", "รับไว้ดำเนินการ")),
        ("refer-out", ("--to", "damrongdhama", "--reason", "นอกอำนาจ")),
    ],
)
def test_what_goes_on_is_not_counted(
    tip: Tip, somchai: Person, run: Run, act: str, more: tuple[str, ...]
) -> None:
    assert run(act, tip.tip_id, *more, SURE, person=somchai).code == 0
    assert tip.told_to_count == []


def test_a_tip_whose_earlier_counts_cannot_be_told_ends_uncounted(
    tip: Tip, somchai: Person, run: Run
) -> None:
    """The desk hides or alters them: it is named, and the officer is not kept from their work."""
    close(run, tip, somchai, "substantiated")
    reporter_says(tip, "reopen", "ยังไม่จบ")
    tip.answer["changes"][-2]["counts_hash"] = b64(bytes(32))
    close(run, tip, somchai, "unsubstantiated", SURE)
    assert len(tip.told_to_count) == 1


# --- a desk that plays false


def other_tips_hash(tip: Tip) -> Answer:
    (now, _) = tip.told_to_count[0]
    return {"counts_hash": b64(now.hash("f" * 32))}


def other_choices(tip: Tip) -> Answer:
    (now, _) = tip.told_to_count[0]
    other = Counts.read({**now.form(), "result": "withdrawn"})
    return {"counts_hash": b64(other.hash(tip.tip_id))}


@pytest.mark.parametrize(
    ("spoilt", "named"),
    [
        (other_tips_hash, {"count_astray", "count_unproven"}),
        (other_choices, {"count_astray", "count_unproven"}),
        (lambda _: {"counts_hash": None, "counts_signature": None}, {"count_astray"}),
        (lambda _: {"counts_hash": None}, {"count_astray"}),
        (lambda _: {"counts_signature": None}, {"count_unproven"}),
        (lambda _: {"counts_signature": b64(bytes(64))}, {"count_unproven"}),
        (
            lambda _: {"counts_signature": b64(SigningKey.generate().sign(b"count"))},  # type: ignore[arg-type]  # no statement at all
            {"count_unproven"},
        ),
    ],
)
def test_something_else_counted_is_named(
    tip: Tip, somchai: Person, run: Run, spoilt: Callable[[Tip], Answer], named: set[str]
) -> None:
    close(run, tip, somchai, "substantiated")
    tip.answer["changes"][-1] |= spoilt(tip)
    assert found(run, tip, somchai) == named


def test_counts_invented_for_an_older_consoles_ending_are_named(
    tip: Tip, world: World, somchai: Person, run: Run
) -> None:
    status_as(tip, world, somchai, "closed")
    invented = {"counts_hash": b64(bytes(32)), "counts_signature": b64(bytes(64))}
    tip.answer["changes"][-1] |= invented
    assert found(run, tip, somchai) == {"count_unproven"}


def test_counts_of_a_change_that_was_seen_cannot_change_any_more(
    tip: Tip, somchai: Person, run: Run
) -> None:
    close(run, tip, somchai, "substantiated")
    assert found(run, tip, somchai) == set()
    tip.answer["changes"][-1] |= {"counts_hash": None, "counts_signature": None}
    assert "change_altered" in found(run, tip, somchai)


def test_an_officers_console_that_lies_about_a_tip_is_named(
    tip: Tip, somchai: Person, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was counted must be what the tip's summary and the note say."""

    def lying(*asked: object) -> object:
        honest = to_count(*asked)  # type: ignore[arg-type]  # passed on as it came
        assert honest is not None
        lie = Counts.read({**honest.now.form(), "category": "bribe"})
        return type(honest)(lie)

    monkeypatch.setattr("console.closing.to_count", lying)
    close(run, tip, somchai, "substantiated")
    assert found(run, tip, somchai) == {"count_astray"}
