"""The book: read back as it was written, and merged without a loss."""

import dataclasses
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.members.book import (
    Batch,
    Book,
    Code,
    CodeState,
    Deed,
    DeedKind,
    Member,
    Order,
    OrderKind,
    Standing,
    Terms,
    in_parts,
)
from console.members.book_json import book_from_json, book_to_json
from console.members.links import Links, is_link, links_from
from console.members.making import draw_alias
from console.members.merging import merge
from sealing import Cost, Malformed

IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)
DAYS = st.dates().map(lambda day: day.isoformat())
ALIASES = st.text("0123456789abcdefghjkmnpqrstvwxyz", min_size=4, max_size=4)
WRITTEN = st.characters(categories=("L", "M", "N", "P"), include_characters=" ")
NAMES = st.text(WRITTEN, min_size=1, max_size=40).map(lambda text: f"ก{text}")
CENTRES = st.sampled_from(("kkn", "loei", "region-4"))
REASONS = st.text(WRITTEN, max_size=100)
CODES = st.builds(
    Code,
    half=st.binary(min_size=32, max_size=32),
    is_duress=st.booleans(),
    state=st.sampled_from(CodeState),
    expires_day=DAYS,
)
DEEDS = st.builds(
    Deed,
    deed_id=IDS,
    day=DAYS,
    by=IDS,
    by_name=NAMES,
    kind=st.sampled_from(DeedKind),
    reason=REASONS,
)
MEMBERS = st.builds(
    Member,
    member_id=IDS,
    alias=ALIASES,
    name=NAMES,
    centre=CENTRES,
    since_year=st.integers(1900, 2100),
    is_retired=st.booleans(),
    codes=st.lists(CODES, max_size=3, unique_by=lambda code: code.half).map(tuple),
    history=st.lists(DEEDS, max_size=3, unique_by=lambda deed: deed.deed_id).map(tuple),
)


def owned(member: Member, first: str = "0") -> Member:
    """*member* with an id that begins with *first*, and halves that are nobody else's."""
    member_id = first + member.member_id[1:]
    halves = [hashlib.sha256(f"{member_id}{n}".encode()).digest() for n in range(3)]
    codes = zip(member.codes, halves, strict=False)
    return dataclasses.replace(
        member,
        member_id=member_id,
        codes=tuple(dataclasses.replace(code, half=half) for code, half in codes),
    )


OWN = MEMBERS.map(owned)
THEIRS = MEMBERS.map(lambda member: owned(member, "1"))
LISTED, OTHERS = (
    st.lists(each, max_size=4, unique_by=lambda m: m.member_id).map(tuple) for each in (OWN, THEIRS)
)
ORDERS = st.builds(
    Order,
    record_id=IDS,
    kind=st.sampled_from(OrderKind),
    centre=CENTRES,
    is_duress=st.booleans(),
    halves=st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=3).map(tuple),
    behind=st.none() | IDS,
)
BOOKS = st.builds(
    Book,
    members=LISTED,
    orders=st.lists(ORDERS, max_size=3).map(tuple),
    terms=st.none() | st.builds(Terms, st.binary(min_size=16, max_size=64), st.just(Cost())),
    batch=st.none() | st.builds(Batch, st.text("0123456789abcdef"), st.lists(IDS).map(tuple)),
    finished=st.lists(st.text("0123456789abcdef")).map(tuple),
)
NOTE = Deed("a" * 32, "2026-11-26", "b" * 32, "ราชัน", DeedKind.TAKE_OVER, "รุ้ง")


def new_id() -> str:
    return draw_alias(()).encode().hex().ljust(32, "0")


@given(BOOKS)
def test_a_book_is_read_back_as_it_was_written(book: Book) -> None:
    assert book_from_json(book_to_json(book)) == book


@given(BOOKS)
def test_a_books_repr_tells_no_name_reason_or_half(book: Book) -> None:
    secret = "ชื่อที่ไม่มีใครอื่นใช้"
    members = tuple(
        dataclasses.replace(
            member,
            name=secret,
            history=tuple(dataclasses.replace(d, reason=secret) for d in member.history),
        )
        for member in book.members
    )
    shown = repr(dataclasses.replace(book, members=members))
    assert secret not in shown
    for member in members:
        for code in member.codes:
            assert repr(code.half) not in shown
            assert code.half.hex() not in shown


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(BOOKS, st.data())
def test_a_book_with_a_field_of_another_form_is_refused_whole(book: Book, data: Any) -> None:
    table = json.loads(book_to_json(book))
    name = data.draw(st.sampled_from(sorted(table)))
    value = data.draw(JSON)
    if value == table[name] and type(value) is type(table[name]):
        return
    if name == "finished" and isinstance(value, list) and all(type(v) is str for v in value):
        return
    if (name, value) in (
        ("members", []),
        ("orders", []),
        ("finished", []),
        ("terms", None),
        ("batch", None),
    ):
        return
    with pytest.raises(Malformed):
        book_from_json(json.dumps(table | {name: value}).encode())


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"null", b"{}", b"\xff", b'{"schema":2}', b"[" * 100_000]
)
def test_what_is_no_book_is_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed):
        book_from_json(raw)


@settings(max_examples=60)
@given(st.tuples(LISTED, OTHERS), st.data())
def test_a_merge_loses_no_member_code_or_deed_and_never_unrevokes(
    books: tuple[tuple[Member, ...], tuple[Member, ...]], data: Any
) -> None:
    own, theirs = Book(members=books[0]), Book(members=books[1])
    if own.members:  # somebody whom both know, as each knows them
        known = data.draw(st.sampled_from(own.members))
        codes = tuple(
            dataclasses.replace(code, state=data.draw(st.sampled_from(CodeState)))
            for code in known.codes
        )
        others = tuple(m for m in theirs.members if m.member_id != known.member_id)
        theirs = Book(members=(*others, dataclasses.replace(known, codes=codes)))
    merged, told = merge(own, theirs, {"kkn", "loei"}, NOTE, new_id)
    assert told.new + told.known + told.skipped == len(theirs.members)
    after = {member.member_id: member for member in merged.members}
    for member in own.members:
        now = after[member.member_id]
        assert (now.alias, now.name, now.centre) == (member.alias, member.name, member.centre)
        assert {code.half for code in member.codes} <= {code.half for code in now.codes}
        assert set(member.history) <= set(now.history)
    for member in theirs.members:
        if member.centre in ("kkn", "loei"):
            now = after[member.member_id]
            assert set(member.history) <= set(now.history)
            assert {code.half for code in member.codes} <= {code.half for code in now.codes}
        elif member.member_id not in {m.member_id for m in own.members}:
            assert member.member_id not in after
    revoked = {
        code.half
        for book in (own, theirs)
        for m in book.members
        if book is own or m.centre != "region-4"
        for code in m.codes
        if not code.is_live
    }
    assert revoked == {c.half for m in merged.members for c in m.codes if not c.is_live}
    assert merge(merged, theirs, {"kkn", "loei"}, NOTE, new_id)[0] == merged


def a_member(**changed: Any) -> Member:
    fields = {
        "member_id": "1" * 32,
        "alias": "mkm7",
        "name": "สมหญิง",
        "centre": "kkn",
        "since_year": 2020,
    }
    return Member(**{**fields, **changed})


def a_code(state: CodeState = CodeState.ACTIVE, **changed: Any) -> Code:
    fields = {
        "half": b"h" * 32,
        "is_duress": False,
        "state": state,
        "expires_day": "2027-01-01",
    }
    return Code(**{**fields, **changed})


@pytest.mark.parametrize(
    ("codes", "is_retired", "standing"),
    [
        ((), False, Standing.WITHOUT),
        ((a_code(),), False, Standing.ACTIVE),
        ((a_code(CodeState.PAUSED),), False, Standing.PAUSED),
        ((a_code(CodeState.WAITING),), False, Standing.WAITING),
        ((a_code(CodeState.REVOKED),), False, Standing.WITHOUT),
        ((a_code(expires_day="2026-11-25"),), False, Standing.EXPIRED),
        ((a_code(expires_day="2026-11-26"),), False, Standing.ACTIVE),
        ((a_code(is_duress=True),), False, Standing.WITHOUT),
        ((a_code(),), True, Standing.RETIRED),
    ],
)
def test_a_members_standing_follows_from_the_codes(
    codes: tuple[Code, ...], is_retired: bool, standing: Standing
) -> None:
    member = a_member(codes=codes, is_retired=is_retired)
    assert member.standing("2026-11-26") is standing


def test_an_alias_that_means_two_people_is_said_and_needs_the_id() -> None:
    own = Book(members=(a_member(),))
    theirs = Book(members=(a_member(member_id="2" * 32, name="อีกคน"),))
    merged, told = merge(own, theirs, {"kkn"}, NOTE, new_id)
    assert (told.new, told.clashes) == (1, ("mkm7",))
    with pytest.raises(Exception, match="alias_twice"):
        merged.find("mkm7")
    assert merged.find("2" * 32).name == "อีกคน"


def test_what_ends_soon_is_listed_soonest_first_and_not_of_who_retired() -> None:
    soon = a_code(half=b"1" * 32, expires_day="2026-12-01")
    ended = a_code(half=b"2" * 32, expires_day="2026-11-01", is_duress=True)
    late = a_code(half=b"3" * 32, expires_day="2027-12-01")
    gone = a_code(CodeState.REVOKED, half=b"4" * 32, expires_day="2026-12-01")
    left = a_code(half=b"5" * 32, expires_day="2026-12-01")
    book = Book(
        members=(
            a_member(codes=(soon, ended, late, gone)),
            a_member(member_id="2" * 32, alias="zzzz", codes=(left,), is_retired=True),
        )
    )
    found = book.ending_within("2026-11-26", "2026-12-26")
    assert [code for _, code in found] == [ended, soon]


@given(st.lists(ALIASES, unique=True, max_size=50))
def test_a_drawn_alias_is_nobodys(taken: list[str]) -> None:
    assert draw_alias(taken) not in taken


@given(st.lists(st.binary(min_size=1), max_size=30), st.integers(1, 7))
def test_a_long_order_goes_in_parts(halves: list[bytes], at_most: int) -> None:
    runs = list(in_parts(halves, at_most))
    assert [half for run in runs for half in run] == halves
    assert all(1 <= len(run) <= at_most for run in runs)


@pytest.mark.parametrize(
    ("link", "is_one"),
    [
        ("https://t.me/the_bot", True),
        ("https://line.me/R/ti/p/@the-bot", True),
        ("http://127.0.0.1:8080", True),
        ("http://chat.example", False),
        ("https://user:word@chat.example", False),
        ("javascript:alert(1)", False),
        ("https://chat.example/ a", False),
        ("https://แชต.example", False),
        ("https://" + "a" * 300, False),
        ("https://[", False),
        ("", False),
    ],
)
def test_a_link_is_https_and_plain(link: str, is_one: bool) -> None:
    assert is_link(link) is is_one


def test_links_of_the_registrar_come_before_the_desks() -> None:
    own = links_from({"telegram": "https://t.me/ours", "web": "https://ours.example"})
    told = Links(web="https://theirs.example", onion="http://abc.onion")
    assert own.or_else(told) == Links(
        "https://t.me/ours", None, "https://ours.example", "http://abc.onion"
    )
    for table in ({"fax": "https://x.example"}, {"web": 5}, {"web": "ftp://x.example"}):
        with pytest.raises(ValueError, match="not a"):
            links_from(table)
