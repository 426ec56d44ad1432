"""The audit trail: honest ones have no finding; whatever is tampered with is named."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealing import (
    DayFinding,
    DayFlaw,
    DayHead,
    Entry,
    Flaw,
    Malformed,
    NewerFormat,
    SigningKey,
    TrailFinding,
    check_heads,
    check_trail,
    read_entry,
)
from sealing.audit import FACTS_AT_MOST
from sealing.grants import SERVER
from tests.sealing.trails import OFFICER, SERVER_KEY, a_trail, an_entry, chained, head_of, heads_of

DAYS = ("2026-11-21", "2026-11-21", "2026-11-23", "2026-11-23", "2026-11-23", "2026-11-26")
OVER = "2026-11-26"
VECTORS = json.loads((Path(__file__).parent / "vectors" / "audit.json").read_text(encoding="utf-8"))
KEY = SERVER_KEY.verify_key

labels = st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True)
ids = st.binary(min_size=16, max_size=16).map(bytes.hex)
days = st.dates().map(lambda day: day.isoformat())
entries = st.builds(
    Entry,
    seq=st.integers(1, 2**53 - 1),
    day=days,
    deed=labels,
    officer=ids | st.just(SERVER),
    centre=st.none() | labels,
    tip_id=st.none() | ids,
    count=st.none() | st.integers(0, 10_000),
    facts=st.dictionaries(labels, st.text('กข"\\\n') | st.integers(0, 99), max_size=4),
    signature=st.none() | st.binary(min_size=64, max_size=64),
    previous=st.binary(min_size=32, max_size=32),
)


@given(entries)
def test_an_entry_is_read_back_as_it_was_written(entry: Entry) -> None:
    assert read_entry(entry.data) == entry
    assert read_entry(entry.data).hash == entry.hash


@given(entries, entries)
def test_two_entries_share_a_hash_only_when_they_are_the_same(one: Entry, two: Entry) -> None:
    assert (one.hash == two.hash) == (one == two)


@pytest.mark.parametrize(
    "change",
    [
        {"seq": 0},
        {"day": "2026-02-30"},
        {"deed": "took a bribe"},
        {"officer": "สมชาย"},
        {"centre": "ขอนแก่น"},
        {"tip_id": "1" * 31},
        {"count": -1},
        {"signature": b"short"},
        {"previous": b"short"},
        {"facts": {f"f{n}": n for n in range(FACTS_AT_MOST + 1)}},
        {"facts": {"words": "ก" * 201}},
        {"facts": {"is": True}},
        {"facts": {"n": -1}},
        {"facts": {"ชื่อ": 1}},
    ],
)
def test_what_no_trail_holds_is_no_entry(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        an_entry(**change)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda fields: fields | {"words": "x"},
        lambda fields: fields | {"facts": {"a": {"b": 1}}},
        lambda fields: fields | {"facts": {"a": True}},
        lambda fields: fields | {"facts": []},
        lambda fields: fields | {"count": "3"},
        lambda fields: {name: value for name, value in fields.items() if name != "previous"},
    ],
)
def test_a_strange_entry_is_refused(spoil: Any) -> None:
    fields = spoil(json.loads(an_entry().data))
    data = json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()
    with pytest.raises(Malformed):
        read_entry(data)


def test_an_entry_of_a_later_release_says_so() -> None:
    with pytest.raises(NewerFormat):
        read_entry(an_entry().data.replace(b'"schema":1', b'"schema":2'))


@given(st.binary(max_size=200))
def test_noise_is_no_entry(noise: bytes) -> None:
    with pytest.raises(Malformed):
        read_entry(noise)


def test_an_honest_trail_has_no_finding() -> None:
    trail = a_trail(*DAYS)
    for length in range(len(trail) + 1):
        assert check_trail(trail[:length]) == ()
    assert check_heads(trail, heads_of(trail), KEY, OVER) == ()
    assert check_heads((), (), KEY, OVER) == ()


def test_a_day_that_is_not_over_needs_no_head_yet() -> None:
    trail = a_trail(*DAYS)
    assert check_heads(trail, heads_of(trail)[:-1], KEY, "2026-11-25") == ()


# --- tampering

changes = st.sampled_from(
    [
        {"officer": "6" * 32},
        {"deed": "release"},
        {"centre": None},
        {"tip_id": "2" * 32},
        {"count": 7},
        {"facts": {}},
        {"day": "2026-11-22"},
        {"signature": bytes(64)},
        {"previous": b"p" * 32},
        {"seq": 99},
    ]
)


@given(st.integers(0, len(DAYS) - 1), changes)
def test_any_entry_altered_is_named_by_the_trail_or_its_days_head(
    at: int, change: dict[str, Any]
) -> None:
    trail = list(a_trail(*DAYS))
    heads = heads_of(trail)
    trail[at] = replace(trail[at], **change)
    found = (*check_trail(trail), *check_heads(trail, heads, KEY, OVER))
    assert found != ()


@given(st.integers(0, len(DAYS) - 1), changes)
def test_a_whole_trail_made_anew_without_the_key_is_named_by_its_heads(
    at: int, change: dict[str, Any]
) -> None:
    trail = list(a_trail(*DAYS))
    heads = heads_of(trail)
    trail[at] = replace(trail[at], **change)
    anew = chained(trail)
    if anew != a_trail(*DAYS):  # its number and its previous are mended by chaining
        assert check_heads(anew, heads, KEY, OVER) != ()
        forged = heads_of(anew, SigningKey.from_seed(b"x" * 32))
        flaws = {finding.what for finding in check_heads(anew, forged, KEY, OVER)}
        assert DayFlaw.FORGED in flaws


@given(st.integers(0, len(DAYS) - 1))
def test_an_entry_left_out_or_shown_twice_is_named(at: int) -> None:
    trail = a_trail(*DAYS)
    heads = heads_of(trail)
    without = (*trail[:at], *trail[at + 1 :])
    twice = (*trail[: at + 1], *trail[at:])
    if at < len(trail) - 1:
        assert TrailFinding(at + 1, Flaw.MISSING) in check_trail(without)
    assert check_heads(without, heads, KEY, OVER) != ()
    assert TrailFinding(at + 1, Flaw.REPEATED) in check_trail(twice)


@given(st.permutations(range(len(DAYS))))
def test_another_order_is_named(order: list[int]) -> None:
    trail = a_trail(*DAYS)
    shown = [trail[at] for at in order]
    assert (check_trail(shown) == ()) == (order == sorted(order))


def test_a_trail_that_is_cut_does_not_fit_the_heads_behind_the_cut() -> None:
    trail = a_trail(*DAYS)
    heads = heads_of(trail)
    for length in range(len(trail)):
        assert DayFinding(DAYS[-1], DayFlaw.DIFFERS) in check_heads(
            trail[:length], heads, KEY, OVER
        )


def test_an_entry_put_behind_a_signed_day_is_named() -> None:
    trail = a_trail("2026-11-21", "2026-11-23")
    heads = heads_of(trail)[:1]
    more = chained([trail[0], an_entry(day="2026-11-21"), trail[1]])
    assert check_trail(more) == ()
    assert DayFinding("2026-11-21", DayFlaw.DIFFERS) in check_heads(more, heads, KEY, "2026-11-22")


def test_an_entry_of_an_earlier_day_than_the_one_before_is_named() -> None:
    trail = a_trail("2026-11-23", "2026-11-21")
    assert check_trail(trail) == (TrailFinding(2, Flaw.BACKDATED),)


def test_a_trail_that_does_not_begin_with_the_first_entry_is_named() -> None:
    trail = a_trail(*DAYS)
    assert check_trail(trail[2:]) == (TrailFinding(1, Flaw.MISSING),)
    begun = (replace(trail[0], previous=b"p" * 32), *trail[1:])
    assert TrailFinding(1, Flaw.ALTERED) in check_trail(begun)


@pytest.mark.parametrize(
    ("field", "other"),
    [("day", "2026-11-22"), ("seq", 4), ("head", b"h" * 32), ("signature", b"s" * 64)],
)
def test_any_head_altered_is_named(field: str, other: Any) -> None:
    trail = a_trail(*DAYS)
    for at, head in enumerate(heads_of(trail)):
        heads = list(heads_of(trail))
        heads[at] = replace(head, **{field: other})
        if heads[at] != head:
            flaws = [finding.what for finding in check_heads(trail, heads, KEY, OVER)]
            assert DayFlaw.FORGED in flaws


def test_a_head_left_out_is_named() -> None:
    trail = a_trail(*DAYS)
    first, _, last = heads_of(trail)
    assert check_heads(trail, (first, last), KEY, "2026-11-20") == (
        DayFinding("2026-11-23", DayFlaw.UNSIGNED),
    )
    assert check_heads(trail, (first,), KEY, OVER) == (
        DayFinding("2026-11-23", DayFlaw.UNSIGNED),
        DayFinding("2026-11-26", DayFlaw.UNSIGNED),
    )


def test_heads_out_of_order_or_of_one_day_twice_are_named() -> None:
    trail = a_trail(*DAYS)
    first, second, third = heads_of(trail)
    for heads in ((second, first, third), (first, first, second, third)):
        flaws = {finding.what for finding in check_heads(trail, heads, KEY, OVER)}
        assert DayFlaw.DISORDERED in flaws


def test_the_servers_signature_is_no_auditors() -> None:
    head = head_of(a_trail(*DAYS)[-1])
    assert head.said_by(SERVER) != head.said_by(OFFICER)
    assert OFFICER.encode() in head.said_by(OFFICER)


# --- vectors


def test_the_vectors_are_the_same_to_the_byte() -> None:
    key = SigningKey.from_seed(bytes.fromhex(VECTORS["server_seed"]))
    assert str(key.verify_key) == VECTORS["server_key"]
    trail = [read_entry(each["entry"].encode()) for each in VECTORS["entries"]]
    assert [entry.hash.hex() for entry in trail] == [each["hash"] for each in VECTORS["entries"]]
    assert check_trail(trail) == ()
    heads = [
        DayHead(
            each["day"], each["seq"], bytes.fromhex(each["head"]), bytes.fromhex(each["signature"])
        )
        for each in VECTORS["days"]
    ]
    assert [key.sign(head.said_by(SERVER)) for head in heads] == [each.signature for each in heads]
    assert check_heads(trail, heads, key.verify_key, VECTORS["days"][-1]["day"]) == ()
