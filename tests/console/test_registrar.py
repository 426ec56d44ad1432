"""A registrar's deeds at the real desk: what works then, what survives a crash, who is refused."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from console import days
from console.desk_client import Desk
from console.errors import ConsoleError, Distrusted, Mistaken, Refused, Unreachable
from console.members.book import Book, CodeState, DeedKind, Standing
from console.members.keeping import BOOK, holding, seal_book
from console.members.making import Made
from console.members.recorded import recorded
from console.members.registrar import Registrar, Wish
from sealing import Role, age
from storage.repositories.codes import State
from tests.console.fake_world import Person, new_id
from tests.console.registrars import Handing, Killed, Registry, a_registry, everything_in

TODAY = days.today().isoformat()
WISH = Wish("kkn", 2021, 365)
NAMES = tuple(f"สมาชิกคนที่ {number}" for number in range(1, 8))


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[Registry]:
    async with a_registry(tmp_path) as registry:
        yield registry


@pytest.fixture
def rachan(registry: Registry) -> Person:
    return registry.join("ราชัน ทะเบียน", "kkn")


def refuse_to_hand(_: Sequence[Made]) -> None:
    raise Killed


def book_of(person: Person) -> Book:
    with holding(person.home, person.keys, TODAY) as file:
        return file.book


async def a_member(registry: Registry, person: Person, name: str = "สมหญิง") -> tuple[str, Handing]:
    handing = Handing()
    async with registry.at_work(person) as registrar:
        member = await registrar.add(name, WISH, "", handing)
    return member.alias, handing


async def test_a_new_members_code_works_and_the_book_knows_whose_it_is(
    registry: Registry, rachan: Person
) -> None:
    alias, handing = await a_member(registry, rachan)
    assert await registry.works(handing.code)
    (member,) = book_of(rachan).members
    assert (member.alias, member.name, member.since_year) == (alias, "สมหญิง", 2021)
    assert handing.code.alias == alias
    assert member.standing(TODAY) is Standing.ACTIVE
    assert [(deed.kind, deed.by_name) for deed in member.history] == [
        (DeedKind.ISSUE, "ราชัน ทะเบียน")
    ]


async def test_neither_name_nor_code_is_readable_anywhere_after_a_batch(
    registry: Registry, rachan: Person
) -> None:
    handing = Handing()
    async with registry.at_work(rachan) as registrar:
        assert await registrar.batch(NAMES, WISH, "", handing) == len(NAMES)
    server = everything_in(registry.folder / "server")
    sent = b"\n".join(registry.wire.bodies)
    home = everything_in(rachan.home)
    assert await registry.rows() == len(NAMES)
    for made in handing.made:
        code = made.code
        for spelt in (code.letters, code.grouped, code.letters.lower(), code.alias + "-"):
            for place in (server, sent, home):
                assert spelt.encode() not in place
        assert code.alias.encode() not in server
        assert made.half not in server
        assert made.half.hex().encode() not in home
    for name in NAMES:
        for place in (server, sent, home):
            assert name.encode() not in place
            assert name.encode("unicode_escape") not in place
    assert (rachan.home / BOOK).stat().st_mode & 0o777 == 0o600


async def test_a_rotated_code_stops_and_the_new_one_works_under_the_same_alias(
    registry: Registry, rachan: Person
) -> None:
    alias, old = await a_member(registry, rachan)
    new = Handing()
    async with registry.at_work(rachan) as registrar:
        with pytest.raises(Mistaken, match="needs_reason"):
            await registrar.rotate(alias, 365, " ", new)
        member = await registrar.rotate(alias.upper(), 365, "บัตรหาย", new)
    assert not await registry.works(old.code)
    assert await registry.works(new.code)
    assert new.code.alias == member.alias == alias
    assert member.since_year == 2021
    assert member.history[-1].reason == "บัตรหาย"


async def test_a_paused_code_rests_with_its_duress_code_and_works_again(
    registry: Registry, rachan: Person
) -> None:
    alias, plain = await a_member(registry, rachan)
    duress = Handing()
    async with registry.at_work(rachan) as registrar:
        await registrar.duress(alias, duress)
        assert await registry.works(duress.code)
        row = await registry.row(duress.half)
        assert row is not None
        assert row.is_duress
        await registrar.pause(alias, "ไปต่างประเทศ")
        assert not await registry.works(plain.code)
        assert not await registry.works(duress.code)
        with pytest.raises(Mistaken, match="resume_first"):
            await registrar.rotate(alias, 365, "x", Handing())
        with pytest.raises(Mistaken, match="nothing_to_do"):
            await registrar.pause(alias, "again")
        await registrar.resume(alias, "")
    assert await registry.works(plain.code)
    assert await registry.works(duress.code)


async def test_a_new_duress_code_takes_the_place_of_the_old_one(
    registry: Registry, rachan: Person
) -> None:
    alias, plain = await a_member(registry, rachan)
    old, new = Handing(), Handing()
    async with registry.at_work(rachan) as registrar:
        await registrar.duress(alias, old)
        await registrar.duress(alias, new)
    assert [await registry.works(each.code) for each in (plain, old, new)] == [True, False, True]
    assert old.code.alias == new.code.alias == plain.code.alias


async def test_who_retires_loses_both_codes_and_the_alias_stays_taken(
    registry: Registry, rachan: Person
) -> None:
    alias, plain = await a_member(registry, rachan)
    duress = Handing()
    async with registry.at_work(rachan) as registrar:
        await registrar.duress(alias, duress)
        await registrar.retire(alias, "ขอลาออก")
        for deed in (registrar.resume, registrar.pause, registrar.revoke, registrar.retire):
            with pytest.raises(Mistaken, match="is_retired"):
                await deed(alias, "x")
        with pytest.raises(Mistaken, match="is_retired"):
            await registrar.rotate(alias, 365, "x", Handing())
        assert alias in registrar.book.aliases
    assert not await registry.works(plain.code)
    assert not await registry.works(duress.code)
    assert book_of(rachan).members[0].standing(TODAY) is Standing.RETIRED


async def test_a_revoked_member_can_get_a_new_code(registry: Registry, rachan: Person) -> None:
    alias, old = await a_member(registry, rachan)
    new = Handing()
    async with registry.at_work(rachan) as registrar:
        await registrar.revoke(alias, "สงสัยว่ารหัสรั่ว")
        assert book_of_now(registrar, alias) is Standing.WITHOUT
        await registrar.rotate(alias, 30, "ยืนยันตัวแล้ว", new)
    assert not await registry.works(old.code)
    assert await registry.works(new.code)


def book_of_now(registrar: Registrar, alias: str) -> Standing:
    return registrar.book.find(alias).standing(TODAY)


# --- crashes


async def test_a_code_that_nobody_saw_never_works(registry: Registry, rachan: Person) -> None:
    with pytest.raises(Killed):
        async with registry.at_work(rachan) as registrar:
            await registrar.add("สมหญิง", WISH, "", refuse_to_hand)
    assert await registry.rows() == 0
    async with registry.at_work(rachan) as registrar:
        (member,) = registrar.book.members
        assert (member.codes, registrar.book.orders) == ((), ())
        new = Handing()
        await registrar.rotate(member.alias, 365, "รอบแรกไม่จบ", new)
    assert await registry.rows() == 1
    assert await registry.works(new.code)


async def test_a_rotation_that_was_cut_off_before_the_code_was_seen_leaves_the_old_one(
    registry: Registry, rachan: Person
) -> None:
    alias, old = await a_member(registry, rachan)
    with pytest.raises(Killed):
        async with registry.at_work(rachan) as registrar:
            await registrar.rotate(alias, 365, "บัตรหาย", refuse_to_hand)
    async with registry.at_work(rachan) as registrar:
        assert registrar.book.orders == ()
    assert await registry.works(old.code)
    assert await registry.rows() == 1


@pytest.mark.parametrize("lost", ["before", "after"])
async def test_a_code_in_its_owners_hand_is_put_in_force_after_a_lost_connection(
    registry: Registry, rachan: Person, lost: str
) -> None:
    handing = Handing()
    registry.wire.fails = lambda method, path: lost if path.endswith("/codes") else None
    with pytest.raises(Unreachable, match="not_in_force_yet"):
        async with registry.at_work(rachan) as registrar:
            await registrar.add("สมหญิง", WISH, "", handing)
    assert book_of(rachan).members[0].standing(TODAY) is Standing.WAITING
    registry.wire.fails = lambda method, path: None
    async with registry.at_work(rachan) as registrar:
        assert registrar.book.orders == ()
    assert await registry.works(handing.code)
    assert await registry.rows() == 1
    async with registry.office(rachan) as office:
        assert len(await recorded(office, "kkn")) == 1


@pytest.mark.parametrize("deed", ["pause", "revoke", "retire"])
@pytest.mark.parametrize("lost", ["before", "after"])
async def test_a_change_whose_answer_was_lost_is_done_once(
    registry: Registry, rachan: Person, deed: str, lost: str
) -> None:
    alias, handing = await a_member(registry, rachan)
    registry.wire.fails = lambda method, path: lost if path.endswith("/states") else None
    with pytest.raises(Unreachable):
        async with registry.at_work(rachan) as registrar:
            await getattr(registrar, deed)(alias, "เหตุผล")
    registry.wire.fails = lambda method, path: None
    async with registry.at_work(rachan) as registrar:
        assert registrar.book.orders == ()
        assert len(registrar.book.members[0].history) == 2
    assert not await registry.works(handing.code)
    async with registry.office(rachan) as office:
        assert len(await recorded(office, "kkn")) == 2


class Dying:
    """Kills the console at the *n*-th time that it touches the book, a card or the wire."""

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_batch_killed_at_any_step_is_finished_by_the_next_and_doubles_nothing(
    registry: Registry, rachan: Person, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    monkeypatch.setattr("console.members.registrar.AT_ONCE", 3)
    handing = Handing()

    async def run(dying: Dying, names: Sequence[str]) -> None:
        original = Registrar._keep
        sending = Desk.change_codes

        def dying_keep(self: Registrar, book: Book) -> None:
            if moment == "before":
                dying.step()
            original(self, book)
            if moment == "after":
                dying.step()

        async def dying_send(self: Desk, path: str, body: dict[str, object], count: int) -> None:
            if moment == "before":
                dying.step()
            await sending(self, path, body, count)
            if moment == "after":
                dying.step()

        def dying_hand(made: Sequence[Made]) -> None:
            if moment == "before":
                dying.step()
            handing(made)
            if moment == "after":
                dying.step()

        with monkeypatch.context() as patch:
            patch.setattr(Registrar, "_keep", dying_keep)
            patch.setattr(Desk, "change_codes", dying_send)
            async with registry.at_work(rachan) as registrar:
                await registrar.batch(names, WISH, "", dying_hand)

    expected: list[str] = []
    for at in range(40):
        names = [f"{name} รอบ {at}" for name in NAMES]
        expected += names
        try:
            await run(Dying(at), names)
        except Killed:
            await run(Dying(1_000), names)
        else:
            break
        book = book_of(rachan)
        assert [member.name for member in book.members] == expected
        assert (book.orders, book.batch) == ((), None)
        assert await registry.rows() == len(expected)
    assert at >= 8
    book = book_of(rachan)
    assert len(book.aliases) == len(expected)
    working = [made.code.alias for made in handing.made if await registry.works(made.code)]
    assert sorted(working) == sorted(book.aliases)
    assert all(member.standing(TODAY) is Standing.ACTIVE for member in book.members)


async def test_a_list_that_is_done_is_not_done_again(registry: Registry, rachan: Person) -> None:
    async with registry.at_work(rachan) as registrar:
        assert await registrar.batch(NAMES, WISH, "", Handing()) == len(NAMES)
        assert await registrar.batch(NAMES, WISH, "", Handing()) == 0
        assert await registrar.batch(NAMES[1:], WISH, "", Handing()) == len(NAMES) - 1
    assert await registry.rows() == 2 * len(NAMES) - 1


async def test_another_list_waits_until_the_unfinished_one_is_done_or_left(
    registry: Registry, rachan: Person
) -> None:
    with pytest.raises(Killed):
        async with registry.at_work(rachan) as registrar:
            await registrar.batch(NAMES, WISH, "", refuse_to_hand)
    async with registry.at_work(rachan) as registrar:
        with pytest.raises(Mistaken, match="batch_open"):
            await registrar.batch(NAMES[:2], WISH, "", Handing())
        left = registrar.abandon_batch()
        assert len(left) == len(NAMES)
        assert await registrar.batch(["คนใหม่"], WISH, "", Handing()) == 1
        with pytest.raises(Mistaken, match="no_batch"):
            registrar.abandon_batch()


async def test_a_code_revoked_elsewhere_is_said_and_no_longer_tried(
    registry: Registry, rachan: Person
) -> None:
    rung = registry.join("รุ้ง ทะเบียน", "kkn")
    alias, handing = await a_member(registry, rachan)
    async with registry.at_work(rachan) as registrar:
        sealed, _, _ = await registrar.hand_over(rung.id, None)
    async with registry.at_work(rung) as registrar:
        await registrar.take_over(sealed)
        await registrar.revoke(alias, "รั่ว")
    async with registry.at_work(rachan) as registrar:
        with pytest.raises(Refused, match="gone_at_desk"):
            await registrar.pause(alias, "พัก")
        assert registrar.book.orders == ()
        assert registrar.book.members[0].codes[0].state is CodeState.REVOKED
    row = await registry.row(handing.half)
    assert row is not None
    assert row.state is State.REVOKED


# --- who may


async def test_a_registrar_of_another_centre_is_refused_before_anything_is_sent(
    registry: Registry, rachan: Person
) -> None:
    elsewhere = registry.join("ระพี", "loei")
    officer = registry.world.join("สมชาย", "kkn")
    async with registry.at_work(elsewhere) as registrar:
        with pytest.raises(Mistaken, match="which_centre"):
            await registrar.add("สมหญิง", WISH, "", Handing())
        assert registrar.book.members == ()
    with pytest.raises(Mistaken, match="no_registrar"):
        async with registry.at_work(officer):
            pass
    async with registry.office(elsewhere) as office:
        with pytest.raises(Refused, match="not_registrar"):
            await recorded(office, "kkn")
    async with registry.office(officer) as office:
        for asked in (office.desk.member_terms(), office.desk.member_counts()):
            with pytest.raises(Refused, match="not_registrar"):
                await asked
    assert await registry.rows() == 0


async def test_a_book_of_somebody_elses_making_is_not_believed(
    registry: Registry, rachan: Person
) -> None:
    """Whoever can write to the folder can seal to a public key; the signature is what counts."""
    await a_member(registry, rachan)
    thief = registry.join("โจร", "kkn")
    forged = seal_book(Book(), thief.keys, rachan.id, rachan.keys.age.recipient, TODAY)
    good = (rachan.home / BOOK).read_bytes()
    inside = json.loads(age.decrypt(forged, rachan.keys.age))
    in_her_name = age.encrypt(
        json.dumps(inside | {"by": rachan.id}).encode(), rachan.keys.age.recipient
    )
    for raw in (forged, in_her_name, good[:-1], b"", age.encrypt(b"{}", rachan.keys.age.recipient)):
        (rachan.home / BOOK).write_bytes(raw)
        with pytest.raises(Distrusted):
            book_of(rachan)
    (rachan.home / BOOK).write_bytes(good)
    assert len(book_of(rachan).members) == 1
    (thief.home / BOOK).write_bytes(good)
    with pytest.raises(Distrusted, match="book_not_yours"):
        book_of(thief)


async def test_one_program_at_a_time_is_at_the_book(registry: Registry, rachan: Person) -> None:
    with (
        holding(rachan.home, rachan.keys, TODAY),
        pytest.raises(Mistaken, match="book_in_use"),
        holding(rachan.home, rachan.keys, TODAY),
    ):
        pass


# --- two registrars


async def test_a_book_handed_over_works_in_the_other_registrars_hands(
    registry: Registry, rachan: Person
) -> None:
    rung = registry.join("รุ้ง ทะเบียน", "kkn")
    alias, handing = await a_member(registry, rachan)
    async with registry.at_work(rachan) as registrar:
        sealed, to, count = await registrar.hand_over("รุ้ง ทะเบียน", None)
    assert (to.id, count) == (rung.id, 1)
    assert "สมหญิง".encode() not in sealed
    async with registry.at_work(rung) as registrar:
        merged = await registrar.take_over(sealed)
        assert (merged.new, merged.known, merged.skipped, merged.clashes) == (1, 0, 0, ())
        again = await registrar.take_over(sealed)
        assert (again.new, again.known) == (0, 1)
        member = registrar.book.find(alias)
        assert member.name == "สมหญิง"
        assert [deed.kind for deed in member.history] == [DeedKind.ISSUE, DeedKind.TAKE_OVER]
        await registrar.pause(alias, "พัก")
    assert not await registry.works(handing.code)


async def test_only_members_of_shared_centres_are_handed_over(
    registry: Registry, rachan: Person
) -> None:
    both = registry.join("สองศูนย์", "kkn", "loei")
    async with registry.at_work(both) as registrar:
        await registrar.add("คนขอนแก่น", WISH, "", Handing())
        await registrar.add("คนเลย", replace(WISH, centre="loei"), "", Handing())
        sealed, _, count = await registrar.hand_over(rachan.id, None)
        assert count == 1
        with pytest.raises(Mistaken, match="nothing_to_hand"):
            await registrar.hand_over(rachan.id, "loei")
    async with registry.at_work(rachan) as registrar:
        await registrar.take_over(sealed)
        assert [member.name for member in registrar.book.members] == ["คนขอนแก่น"]


async def test_a_book_is_taken_over_from_a_registrar_of_the_roster_only(
    registry: Registry, rachan: Person
) -> None:
    officer = registry.world.join("สมชาย", "kkn")
    rung = registry.join("รุ้ง ทะเบียน", "kkn")
    await a_member(registry, rung)
    async with registry.at_work(rung) as registrar:
        with pytest.raises(Mistaken, match="not_a_registrar"):
            await registrar.hand_over(officer.id, None)
        with pytest.raises(Mistaken, match="not_a_registrar"):
            await registrar.hand_over(rung.id, None)
        good, _, _ = await registrar.hand_over(rachan.id, None)
        terms = registrar.book.terms
    by_officer = seal_book(
        Book(terms=terms), officer.keys, rachan.id, rachan.keys.age.recipient, TODAY
    )
    for_another = seal_book(
        Book(terms=terms), rung.keys, officer.id, rachan.keys.age.recipient, TODAY
    )
    under_her_name = seal_book(
        Book(terms=terms),
        replace(officer.keys, name="รุ้ง ทะเบียน"),
        rachan.id,
        rachan.keys.age.recipient,
        TODAY,
    )
    other_terms = seal_book(Book(), rung.keys, rachan.id, rachan.keys.age.recipient, TODAY)
    async with registry.at_work(rachan) as registrar:
        for raw, says in (
            (by_officer, "giver_unknown"),
            (under_her_name, "giver_unknown"),
            (for_another, "book_not_yours"),
            (other_terms, "terms_changed"),
            (good[:-3], "book_damaged"),
            (b"nothing", "book_damaged"),
        ):
            with pytest.raises(ConsoleError, match=says):
                await registrar.take_over(raw)
        assert registrar.book.members == ()
        await registrar.take_over(good)
    registry.world.people.remove(rung)
    registry.world.sign_roster(2)
    async with registry.at_work(rachan) as registrar:
        with pytest.raises(Distrusted, match="giver_unknown"):
            await registrar.take_over(good)


async def test_an_unfinished_book_is_not_handed_over(registry: Registry, rachan: Person) -> None:
    rung = registry.join("รุ้ง ทะเบียน", "kkn")
    with pytest.raises(Killed):
        async with registry.at_work(rachan) as registrar:
            await registrar.batch(NAMES, WISH, "", refuse_to_hand)
    async with registry.at_work(rachan) as registrar:
        with pytest.raises(Mistaken, match="unfinished"):
            await registrar.hand_over(rung.id, None)


# --- what a person types


@pytest.mark.parametrize("name", ["", "   ", "ก" * 81, "ซ่อน\u202eตัว", "a\x1b[2J"])
async def test_a_name_that_could_not_be_shown_is_refused(
    registry: Registry, rachan: Person, name: str
) -> None:
    async with registry.at_work(rachan) as registrar:
        with pytest.raises(Mistaken, match="bad_name"):
            await registrar.add(name, WISH, "", Handing())
        assert registrar.book.members == ()


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (replace(WISH, days_good=0), "bad_days"),
        (replace(WISH, days_good=99_999), "bad_days"),
        (replace(WISH, since_year=1500), "bad_year"),
        (replace(WISH, since_year=2999), "bad_year"),
        (replace(WISH, centre="loei"), "which_centre"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_before_anything_is_noted(
    registry: Registry, rachan: Person, wish: Wish, says: str
) -> None:
    async with registry.at_work(rachan) as registrar:
        with pytest.raises(Mistaken, match=says):
            await registrar.add("สมหญิง", wish, "", Handing())
        with pytest.raises(Mistaken, match=says):
            await registrar.batch(NAMES, wish, "", Handing())
        assert (registrar.book.members, registrar.book.batch) == ((), None)


async def test_an_alias_is_typed_as_it_comes(registry: Registry, rachan: Person) -> None:
    alias, _ = await a_member(registry, rachan)
    book = book_of(rachan)
    shouted = alias.upper().replace("0", "O").replace("1", "I")
    assert book.find(shouted) == book.find(f" {alias} ") == book.members[0]
    for wrong in ("", "zz", new_id(), "????"):
        with pytest.raises(Mistaken, match="no_such_alias"):
            book.find(wrong)


async def test_a_reason_is_bounded_and_calm(registry: Registry, rachan: Person) -> None:
    alias, handing = await a_member(registry, rachan)
    async with registry.at_work(rachan) as registrar:
        for reason in ("x" * 1_001, "a\x1b[2J"):
            with pytest.raises(Mistaken, match="bad_reason"):
                await registrar.revoke(alias, reason)
    assert await registry.works(handing.code)


async def test_only_who_may_reads_the_record_and_an_auditor_may(
    registry: Registry, rachan: Person
) -> None:
    auditor = registry.world.join("ผู้ตรวจ", "kkn", roles=(Role.AUDITOR,))
    alias, _ = await a_member(registry, rachan)
    async with registry.at_work(rachan) as registrar:
        await registrar.duress(alias, Handing())
    async with registry.office(auditor) as office:
        (entry,) = await recorded(office, "kkn")
        assert (entry.verdict, entry.entry.deed, entry.entry.count) == ("signed", "issue", 1)
    async with registry.office(rachan) as office:
        assert len(await recorded(office, "kkn")) == 2
