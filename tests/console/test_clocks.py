"""By when a tip is due as a console reckons it, more time for it, and a desk that plays false."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import convert

from console import days
from console.answers import TipDetail, TreeCentre
from console.clocks import Rules, due_day
from console.days import parse_day
from console.findings import Signers
from handlers.clocks import Lengths, Standing
from handlers.clocks import due_day as due_by_the_bot
from sealing import Statement
from tests.console.conftest import Run
from tests.console.fake_world import (
    Answer,
    Person,
    Tip,
    World,
    climbed,
    extend_as,
    new_id,
)

CLOCKS = {"acknowledge_days": 7, "screening_days": 15, "feedback_days": 90, "warn_days": 3}
WHY = ("--reason", "รอเอกสารจากธนาคาร")


def ago(n: int) -> str:
    """The day *n* days before today."""
    return (days.today() - timedelta(days=n)).isoformat()


def ahead(n: int) -> str:
    return ago(-n)


@pytest.fixture(autouse=True)
def clocks(world: World) -> None:
    """The desk says how long its clocks run."""
    for centre in world.centres:
        centre["clocks"] = dict(CLOCKS)


@pytest.fixture
def tip(world: World, somchai: Person) -> Tip:
    """A tip filed three days ago, due in four."""
    tip = world.file_tip(somchai, day=ago(3))
    tip.answer["due_day"] = ahead(4)
    return tip


def read(run: Run, tip: Tip, person: Person) -> Answer:
    ran = run("read", tip.tip_id, "--json", person=person)
    assert ran.code == 0, ran.err
    told: Answer = json.loads(ran.out)
    return told


def alarms(told: Answer) -> set[str]:
    return {finding["name"] for finding in told["findings"] if finding["is_alarm"]}


def notices(told: Answer) -> set[str]:
    return {finding["name"] for finding in told["findings"] if not finding["is_alarm"]}


# --- more time


def test_an_officer_gives_a_tip_more_time_and_the_reporter_is_told(
    tip: Tip, somchai: Person, run: Run
) -> None:
    until = ahead(20)
    ran = run("extend", tip.tip_id, "--until", until, *WHY, person=somchai, lang="th")
    assert ran.code == 0, ran.err
    told = read(run, tip, somchai)
    assert told["is_whole"] is True, told["findings"]
    assert (told["due_day"], told["days_left"]) == (until, 20)
    note, sentence = told["parts"][-2:]
    assert (note["kind"], note["words"]) == ("note", WHY[1])
    day = days.say_day(until, "th")
    assert sentence["words"] == f"ขอเวลาตรวจสอบเพิ่ม เราจะแจ้งข่าวให้คุณทราบภายใน {day}"
    (change,) = told["changes"]
    assert (change["kind"], change["until_day"]) == ("extend", until)
    shown = run("read", tip.tip_id, person=somchai, lang="th").out
    assert f"ขยายเวลาถึง {day} · สมชาย ใจดี" in shown


def test_ones_own_sentence_is_sent_instead(tip: Tip, somchai: Person, run: Run) -> None:
    own = ("--sentence", "ขอเวลาอีกหน่อย")
    assert run("extend", tip.tip_id, "--until", ahead(20), *WHY, *own, person=somchai).code == 0
    assert read(run, tip, somchai)["parts"][-1]["words"] == own[1]


@pytest.mark.parametrize(
    ("until", "more", "says"),
    [
        ("31-01-2027", WHY, "no such day"),
        ("2027-02-30", WHY, "no such day"),
        (ahead(4), WHY, "gives no more time"),
        (ahead(36), WHY, "30 days at most"),
        (ahead(20), (), "--reason"),
    ],
)
def test_a_day_or_a_reason_that_will_not_do_is_refused(
    world: World, tip: Tip, somchai: Person, run: Run, until: str, more: Any, says: str
) -> None:
    world.spoil("centres", lambda answer: answer.update(longest_extension_days=30))
    ran = run("extend", tip.tip_id, "--until", until, *more, person=somchai)
    assert (ran.code, says in ran.err) == (2, True), ran.err
    assert len(tip.answer["parts"]) == 1


def test_a_closed_tip_has_no_clock_to_extend(tip: Tip, somchai: Person, run: Run) -> None:
    ends = ("--result", "partly", "--reason", "x", "--sentence", "จบ", "--despite-warnings")
    closed = ("close", tip.tip_id, *ends)
    assert run(*closed, person=somchai).code == 0
    tip.answer["due_day"] = None
    ran = run("extend", tip.tip_id, "--until", ahead(20), *WHY, person=somchai)
    assert (ran.code, "No clock" in ran.err) == (2, True), ran.err


def test_a_day_may_be_written_in_either_era() -> None:
    assert parse_day(" 2570-01-31 ") == parse_day("2027-01-31") == "2027-01-31"
    assert parse_day("2027-1") is parse_day("soon") is parse_day("2570-02-30") is None


# --- what is listed


def test_the_list_goes_by_the_desks_day_and_warns_in_words(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    tip.answer["due_day"] = ahead(2)
    late = world.file_tip(somchai, day=ago(30))
    late.answer["due_day"] = ago(1)
    listed = run("list", "--by-priority", "--json", person=somchai)
    rows = json.loads(listed.out)["tips"]
    assert [(row["tip_id"], row["days_left"]) for row in rows] == [
        (late.tip_id, -1),
        (tip.tip_id, 2),
    ]
    shown = run("list", person=somchai, lang="th").out
    assert "ครบกำหนดใน 2 วัน" in shown.replace("\n", "")
    assert "เกินมา 1 วัน" in shown.replace("\n", "")


def test_a_desk_that_says_no_day_is_reckoned_for(tip: Tip, somchai: Person, run: Run) -> None:
    tip.answer["due_day"] = None
    (row,) = json.loads(run("list", "--json", person=somchai).out)["tips"]
    assert (row["due_day"], row["days_left"]) == (ahead(4), 4)


# --- a desk that plays false


def test_a_later_day_than_its_rules_allow_is_named_and_not_shown(
    tip: Tip, somchai: Person, run: Run
) -> None:
    tip.answer["due_day"] = ahead(40)
    told = read(run, tip, somchai)
    assert alarms(told) == {"due_late"}
    assert told["due_day"] == ahead(4)
    tip.answer["due_day"] = None
    assert alarms(read(run, tip, somchai)) == {"due_late"}


def test_an_earlier_day_is_no_alarm_and_counts(tip: Tip, somchai: Person, run: Run) -> None:
    tip.answer["due_day"] = ahead(1)
    told = read(run, tip, somchai)
    assert (told["is_whole"], told["due_day"]) == (True, ahead(1))


def test_a_status_that_nobody_signed_stops_no_clock(tip: Tip, somchai: Person, run: Run) -> None:
    tip.answer |= {"status": "closed", "due_day": None}
    told = read(run, tip, somchai)
    assert alarms(told) == {"status_unproven", "due_late"}
    assert told["due_day"] == ahead(4)


def test_an_older_desk_that_knows_no_days_is_no_liar(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    del tip.answer["due_day"]
    for centre in world.centres:
        del centre["clocks"]
    told = read(run, tip, somchai)
    assert (told["is_whole"], told["due_day"]) == (True, ahead(4))


@pytest.mark.parametrize(
    ("how", "name"),
    [
        ({"signature": None}, "change_unsigned"),
        ({"until_day": ahead(60)}, "change_forged"),
        ({"day": ago(1)}, "change_forged"),
        ({"part_id": new_id()}, "change_forged"),
        ({"officer": "f" * 32}, "change_foreign"),
    ],
)
def test_an_extension_that_no_officer_signed_so_gives_no_time(
    tip: Tip, somchai: Person, run: Run, how: Answer, name: str
) -> None:
    extend_as(tip, somchai, ahead(20))
    assert alarms(read(run, tip, somchai)) == set()
    tip.answer["changes"][-1] |= how
    told = read(run, tip, somchai)
    assert {name, "due_late"} <= alarms(told)
    assert told["due_day"] == ahead(4)


def test_an_extension_of_another_tip_or_version_is_forged(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    other = world.file_tip(somchai, day=ago(3))
    extend_as(other, somchai, ahead(20))
    tip.answer["version"] += 1
    tip.answer["changes"] = other.answer["changes"]
    assert "change_forged" in alarms(read(run, tip, somchai))
    again = world.file_tip(somchai, day=ago(3))
    extend_as(again, somchai, ahead(20))
    replayed = {**again.answer["changes"][0], "version": 3}
    again.answer["changes"].append(replayed)
    again.answer["version"] = 3
    assert "change_forged" in alarms(read(run, again, somchai))


def test_a_status_or_a_reopening_made_up_gives_no_time(tip: Tip, somchai: Person, run: Run) -> None:
    made_up = {"officer": somchai.id, "day": ago(1), "part_id": new_id(), "signature": None}
    accepted = {**made_up, "version": 2, "kind": "status", "status": "accepted"}
    tip.answer |= {"version": 2, "changes": [accepted], "status": "accepted"}
    tip.answer["due_day"] = ahead(87)
    told = read(run, tip, somchai)
    assert {"change_unsigned", "due_late"} <= alarms(told)
    assert told["due_day"] == ahead(4)


def test_what_was_never_over_cannot_be_opened_again(
    world: World, somchai: Person, run: Run
) -> None:
    tip = world.file_tip(somchai, day=ago(3))
    again = {"version": 2, "kind": "reopen", "day": ago(1), "status": None, "officer": None}
    tip.answer |= {"version": 2, "changes": [again], "status": "in_progress"}
    tip.answer["due_day"] = ahead(89)
    assert "due_late" in alarms(read(run, tip, somchai))


def test_a_climb_after_the_day_is_history_in_words(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    late = world.file_tip(somchai, day=ago(10))
    late.answer["due_day"] = ago(3)
    climbed(late, "hq", ago(2))
    told = read(run, late, somchai)
    assert (told["findings"], told["claimed_by"], told["centre"]) == ([], None, "kkn")
    shown = run("read", late.tip_id, person=somchai, lang="th").out
    assert "ครบกำหนดแล้ว ส่งให้ ส่วนกลาง อ่านได้ด้วย" in shown


def test_a_climb_before_its_time_or_aside_is_named(
    world: World, tip: Tip, somchai: Person, run: Run
) -> None:
    climbed(tip, "hq", ago(1))
    assert notices(read(run, tip, somchai)) == {"climb_early"}
    late = world.file_tip(somchai, day=ago(10))
    late.answer["due_day"] = ago(3)
    climbed(late, "udn", ago(2))
    assert notices(read(run, late, somchai)) == {"climb_astray"}


@pytest.mark.parametrize(
    "how", [{"from_centre": "udn"}, {"to_centre": None}, {"officer": "f" * 32}]
)
def test_a_climb_that_does_not_fit_the_history_is_an_alarm(
    world: World, somchai: Person, run: Run, how: Answer
) -> None:
    late = world.file_tip(somchai, day=ago(10))
    late.answer["due_day"] = ago(3)
    climbed(late, "hq", ago(2), **how)
    assert alarms(read(run, late, somchai)) == {"change_unled"}


def test_a_climb_cannot_be_rewritten_once_it_was_seen(
    world: World, somchai: Person, run: Run
) -> None:
    late = world.file_tip(somchai, day=ago(10))
    late.answer["due_day"] = ago(3)
    climbed(late, "hq", ago(2))
    assert alarms(read(run, late, somchai)) == set()
    late.answer["changes"][-1]["to_centre"] = "udn"
    assert "change_altered" in alarms(read(run, late, somchai))


def test_a_reader_above_who_is_let_in_without_a_climb_is_named(
    world: World, somchai: Person, run: Run
) -> None:
    boss = world.join("หัวหน้า", "hq")
    late = world.file_tip(somchai, boss, day=ago(10))
    late.answer["due_day"] = ago(3)
    assert notices(read(run, late, somchai)) == {"reader_early"}
    climbed(late, "hq", ago(2))
    assert notices(read(run, late, somchai)) == set()


# --- the console's rule is the bot's

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["status", "move", "extend", "escalate", "claim", "reopen"]),
        st.sampled_from(
            ["received", "screening", "accepted", "declined", "referred", "in_progress", "closed"]
        ),
        st.integers(0, 120),
    ),
    max_size=8,
)


class Everybody(Signers):
    """Whoever signs, signed."""

    def judge(self, officer: str | None, statement: Statement, signature: bytes | None) -> str:
        return "signed"


LENGTHS = {"kkn": Lengths(7, 15, 90, 7), "udn": Lengths(3, 20, 45, 7)}
TREE = {
    name: convert(
        {
            "id": name,
            "clocks": {
                "acknowledge_days": each.acknowledge_days,
                "screening_days": each.screening_days,
                "feedback_days": each.feedback_days,
                "warn_days": 3,
            },
        },
        TreeCentre,
    )
    for name, each in LENGTHS.items()
}


@settings(max_examples=200, deadline=None)
@given(STEPS, st.booleans())
def test_a_console_reckons_the_day_that_the_bot_does(
    steps: list[tuple[str, str, int]], is_application: bool
) -> None:
    filed, tip_id = date(2026, 11, 20), new_id()
    standing, centre = Standing("received", filed.isoformat(), is_application), "kkn"
    changes: list[Answer] = []
    until = reopened = None
    status = "received"
    for version, (kind, which, n) in enumerate(steps, 2):
        day = (filed + timedelta(days=n)).isoformat()
        change: Answer = {"version": version, "kind": kind, "day": day, "officer": "ab" * 16}
        if kind == "status":
            status = change["status"] = which
        elif kind == "move":
            change |= {"from_centre": centre, "to_centre": "udn" if centre == "kkn" else "kkn"}
            centre = change["to_centre"]
        elif kind == "extend":
            change["until_day"] = day
            until = max(day, until or "")
        elif kind == "reopen" and status in ("closed", "declined"):
            status, reopened, until = "in_progress", day, None
        changes.append(change)
    standing = Standing(status, filed.isoformat(), is_application, reopened, until)
    shown = convert(
        {
            "tip_id": tip_id, "centre": centre, "status": status, "status_day": "2026-11-20",
            "filed_day": filed.isoformat(), "version": len(steps) + 1, "case_recipient": "",
            "reply_recipient": "", "parts": [], "changes": changes,
            "grant": {"grant_id": new_id(), "sealed": "", "granted_by": "server"},
        },
        TipDetail,
    )  # fmt: skip
    own = due_day(shown, Rules(TREE, {}), Everybody({}, {}, {}), is_application=is_application)
    assert own == due_by_the_bot(standing, LENGTHS[centre])
