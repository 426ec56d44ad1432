"""Filed tips: found by locator, listed by grant, changed by version."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sample_rows import TODAY, a_grant, a_part, a_tip, an_id, file_one

from storage import Conflict, Database, Transaction
from storage.repositories import grants, open_tips, parts, queue, tips
from storage.repositories.tips import ChangeKind, Status, TipMoved


async def test_a_filed_tip_is_found_by_its_locator_and_open_no_longer(database: Database) -> None:
    tip = a_tip(receipt_recipient=b"q")
    await database.commit(lambda t: open_tips.touch(t, tip.tip_id, TODAY))
    await database.commit(lambda t: tips.file(t, tip, [a_grant(tip, "o")]))
    found = await database.read(lambda t: tips.by_locator(t, tip.locator))
    assert found is not None
    assert (found.tip_id, found.status, found.version) == (tip.tip_id, Status.RECEIVED, 1)
    assert (found.status_day, found.filed_day) == (TODAY, TODAY)
    assert (found.claimed_by, found.no_contact) == (None, False)
    assert found.case_recipient == tip.case_recipient
    assert found.reply_recipient == tip.reply_recipient
    assert (found.receipt_grant_id, found.receipt_grant) == (
        tip.receipt_grant_id,
        tip.receipt_grant,
    )
    assert found.receipt_recipient == b"q"
    assert await database.read(lambda t: tips.get(t, tip.tip_id)) == found
    assert await database.read(lambda t: tips.by_locator(t, bytes(32))) is None
    assert not await database.read(lambda t: open_tips.is_open(t, tip.tip_id))


async def test_nothing_is_filed_twice(database: Database) -> None:
    tip = a_tip()
    await database.commit(lambda t: tips.file(t, tip, [a_grant(tip, "o")]))
    for again in (tip, replace(tip, locator=bytes(32)), replace(tip, tip_id=an_id())):
        with pytest.raises(Conflict):
            await database.commit(lambda t, tip=again: tips.file(t, tip, [a_grant(tip, "another")]))
    assert len(await database.read(lambda t: grants.of_tip(t, tip.tip_id))) == 1


async def test_of_two_grants_for_one_officer_the_first_counts(database: Database) -> None:
    tip = a_tip()
    own, ancestor = a_grant(tip, "o"), a_grant(tip, "o", centre="headquarters", released=False)
    await database.commit(lambda t: tips.file(t, tip, [own, ancestor]))
    assert await database.read(lambda t: grants.of_tip(t, tip.tip_id)) == (own,)


async def test_two_officers_claim_at_once_and_one_is_told_who_won(database: Database) -> None:
    tip = await database.commit(lambda t: file_one(t, *"abcdefgh"))

    def claim(t: Transaction, officer: str) -> int:
        return tips.claim(t, tip.tip_id, officer, 1, day=TODAY, signature=b"s" * 64)

    outcomes = await asyncio.gather(
        *(database.commit(lambda t, o=officer: claim(t, o)) for officer in "abcdefgh"),
        return_exceptions=True,
    )
    assert outcomes.count(2) == 1
    winner = "abcdefgh"[outcomes.index(2)]
    losers = [outcome for outcome in outcomes if isinstance(outcome, TipMoved)]
    assert [(loser.claimed_by, loser.version) for loser in losers] == [(winner, 2)] * 7
    (change,) = await database.read(lambda t: tips.changes(t, tip.tip_id))
    assert (change.kind, change.officer, change.version) == (ChangeKind.CLAIM, winner, 2)
    assert change.signature == b"s" * 64


async def test_a_tip_is_given_or_claimed_and_whoever_is_second_is_told_who_has_it(
    database: Database,
) -> None:
    tip = await database.commit(lambda t: file_one(t, *"abc"))

    def give(t: Transaction) -> int:
        return tips.assign(t, tip.tip_id, "a", 1, to_officer="b", day=TODAY, signature=b"s" * 64)

    def claim(t: Transaction) -> int:
        return tips.claim(t, tip.tip_id, "c", 1, day=TODAY, signature=b"s" * 64)

    outcomes = await asyncio.gather(
        database.commit(give), database.commit(claim), return_exceptions=True
    )
    assert outcomes.count(2) == 1
    holder = "b" if outcomes[0] == 2 else "c"
    (lost,) = [outcome for outcome in outcomes if isinstance(outcome, TipMoved)]
    assert (lost.claimed_by, lost.version) == (holder, 2)
    await database.commit(
        lambda t: tips.assign(t, tip.tip_id, "a", 2, to_officer="a", day=TODAY, signature=b"s" * 64)
    )
    *_, change = await database.read(lambda t: tips.changes(t, tip.tip_id))
    assert (change.kind, change.officer, change.to_officer) == (ChangeKind.ASSIGN, "a", "a")


async def test_a_moved_tip_lies_elsewhere_unheld_and_names_both_centres(database: Database) -> None:
    tip = await database.commit(lambda t: file_one(t, "a", "b"))
    await database.commit(lambda t: tips.claim(t, tip.tip_id, "a", 1, day=TODAY, signature=None))

    def move(t: Transaction, to: str) -> int:
        return tips.move(
            t, tip.tip_id, "a", 2, to_centre=to, day=TODAY, part_id="p", signature=b"s" * 64
        )

    outcomes = await asyncio.gather(
        *(database.commit(lambda t, to=to: move(t, to)) for to in ("loei", "udon")),
        return_exceptions=True,
    )
    assert outcomes.count(3) == 1
    assert sum(isinstance(outcome, TipMoved) for outcome in outcomes) == 1
    now = await database.read(lambda t: tips.get(t, tip.tip_id))
    assert now is not None
    assert (now.version, now.claimed_by) == (3, None)
    assert now.centre == ("loei", "udon")[outcomes.index(3)]
    *_, change = await database.read(lambda t: tips.changes(t, tip.tip_id))
    assert (change.kind, change.from_centre, change.to_centre, change.part_id) == (
        ChangeKind.MOVE,
        "khonkaen",
        now.centre,
        "p",
    )


async def test_grants_are_handed_to_a_centre_and_withheld_from_the_one_it_left(
    database: Database,
) -> None:
    tip = a_tip()
    rows = [
        a_grant(tip, "old"),
        a_grant(tip, "both"),
        a_grant(tip, "guest", is_personal=True),
        a_grant(tip, "recovery"),
        a_grant(tip, "above", centre="region", released=False),
    ]
    await database.commit(lambda t: tips.file(t, tip, rows))

    def hand_over(t: Transaction) -> tuple[frozenset[str], int]:
        handed = grants.hand_to(t, tip.tip_id, "region", ["both", "above", "new"])
        return handed, grants.withhold(t, tip.tip_id, "khonkaen", but="recovery")

    assert await database.commit(hand_over) == ({"both", "above"}, 1)
    now = {row.officer: row for row in await database.read(lambda t: grants.of_tip(t, tip.tip_id))}
    assert {name: (row.centre, row.released) for name, row in now.items()} == {
        "old": ("khonkaen", False),
        "both": ("region", True),
        "guest": ("khonkaen", True),
        "recovery": ("khonkaen", True),
        "above": ("region", True),
    }
    held = await database.read(lambda t: grants.held_by(t, tip.tip_id, "old"))
    assert held == now["old"]
    assert await database.read(lambda t: grants.held_by(t, tip.tip_id, "new")) is None


async def test_new_keys_replace_recipients_and_grants_in_one_version(database: Database) -> None:
    tip = await database.commit(lambda t: file_one(t, "malee", "somchai", "recovery"))

    def rekey(t: Transaction, version: int = 1) -> int:
        made = {each: a_grant(tip, each, granted_by="malee") for each in ("malee", "recovery")}
        grants.replace_all(t, tip.tip_id, made)
        return tips.rekey(
            t, tip.tip_id, "malee", version, withdrawn="somchai", recipients=(b"c", b"r"),
            rekey=b"said", day=TODAY, part_id="p" * 32, signature=b"s" * 64,
        )  # fmt: skip

    before = await database.read(lambda t: grants.of_tip(t, tip.tip_id))
    assert await database.commit(rekey) == 2
    found = await database.read(lambda t: tips.get(t, tip.tip_id))
    assert found is not None
    assert (found.case_recipient, found.reply_recipient, found.version) == (b"c", b"r", 2)
    assert found.receipt_grant == tip.receipt_grant, "the receipt keeps the grant it has"
    after = await database.read(lambda t: grants.of_tip(t, tip.tip_id))
    assert {row.officer: row.granted_by for row in after} == {"malee": "malee", "recovery": "malee"}
    assert not {row.grant_id for row in after} & {row.grant_id for row in before}
    for reader, kept in (("malee", True), ("recovery", True), ("somchai", False)):
        earlier = await database.read(lambda t, r=reader: grants.earlier(t, tip.tip_id, r))
        had = [row for row in before if row.officer == reader and kept]
        assert [(row.grant_id, row.sealed) for row in earlier] == [
            (row.grant_id, row.sealed) for row in had
        ]
    (change,) = await database.read(lambda t: tips.changes(t, tip.tip_id))
    assert (change.kind, change.to_officer, change.rekey) == (ChangeKind.REKEY, "somchai", b"said")
    assert await database.read(lambda t: tips.rekeys(t, tip.tip_id)) == (b"said",)
    with pytest.raises(TipMoved):
        await database.commit(lambda t: rekey(t, 1))
    assert await database.read(lambda t: grants.of_tip(t, tip.tip_id)) == after


@pytest.mark.parametrize(("holder", "left"), [("somchai", None), ("malee", "malee")])
async def test_who_is_withdrawn_holds_the_tip_no_longer(
    database: Database, holder: str, left: str | None
) -> None:
    tip = await database.commit(lambda t: file_one(t, "malee", "somchai"))

    def work(t: Transaction) -> None:
        tips.claim(t, tip.tip_id, holder, 1, day=TODAY, signature=None)
        tips.rekey(
            t, tip.tip_id, "malee", 2, withdrawn="somchai", recipients=(b"c", b"r"),
            rekey=b"said", day=TODAY, part_id="p" * 32, signature=None,
        )  # fmt: skip

    await database.commit(work)
    found = await database.read(lambda t: tips.get(t, tip.tip_id))
    assert found is not None
    assert found.claimed_by == left


async def test_a_held_tip_is_let_go_only_by_its_holder(database: Database) -> None:
    tip = await database.commit(lambda t: file_one(t, "a", "b"))

    async def changing(change: str, officer: str, version: int) -> int:
        function = {"claim": tips.claim, "release": tips.release}[change]
        return await database.commit(
            lambda t: function(t, tip.tip_id, officer, version, day=TODAY, signature=None)
        )

    assert await changing("claim", "a", 1) == 2
    for change, officer, version in (
        ("claim", "b", 2),
        ("claim", "a", 2),
        ("release", "b", 2),
        ("release", "a", 1),
        ("release", "a", 3),
    ):
        with pytest.raises(TipMoved) as caught:
            await changing(change, officer, version)
        assert (caught.value.claimed_by, caught.value.version) == ("a", 2)
    assert await changing("release", "a", 2) == 3
    assert await changing("claim", "b", 3) == 4
    changes = await database.read(lambda t: tips.changes(t, tip.tip_id))
    assert [(change.version, change.kind.value, change.officer) for change in changes] == [
        (2, "claim", "a"),
        (3, "release", "a"),
        (4, "claim", "b"),
    ]


async def test_a_status_moves_the_tip_in_every_queue(database: Database) -> None:
    tip = await database.commit(lambda t: file_one(t, "a", "b"))
    part_id = an_id()

    def move(t: Transaction, version: int) -> int:
        return tips.set_status(
            t,
            tip.tip_id,
            "a",
            version,
            status=Status.SCREENING,
            day="2026-11-26",
            part_id=part_id,
            signature=b"s" * 64,
        )

    with pytest.raises(TipMoved):
        await database.commit(lambda t: move(t, 2))
    assert await database.commit(lambda t: move(t, 1)) == 2
    for officer in "ab":
        found = await database.read(
            lambda t, o=officer: queue.page(t, o, statuses=[Status.SCREENING])
        )
        assert [(row.status, row.status_day) for row in found.listings] == [
            (Status.SCREENING, "2026-11-26")
        ]
        found = await database.read(
            lambda t, o=officer: queue.page(t, o, statuses=[Status.RECEIVED])
        )
        assert found.listings == ()
    (change,) = await database.read(lambda t: tips.changes(t, tip.tip_id))
    assert (change.status, change.part_id, change.day) == (Status.SCREENING, part_id, "2026-11-26")


async def test_asking_for_no_more_messages_twice_is_one_change(database: Database) -> None:
    tip = await database.commit(lambda t: file_one(t, "a"))
    for _ in range(2):
        await database.commit(lambda t: tips.stop_contact(t, tip.tip_id, TODAY))
    await database.commit(lambda t: tips.stop_contact(t, an_id(), TODAY))
    found = await database.read(lambda t: tips.get(t, tip.tip_id))
    assert found is not None
    assert (found.no_contact, found.version) == (True, 2)
    (change,) = await database.read(lambda t: tips.changes(t, tip.tip_id))
    assert (change.kind, change.officer) == (ChangeKind.STOP, None)


async def test_no_change_is_made_to_a_tip_that_is_not_there(database: Database) -> None:
    for function in (tips.claim, tips.release):
        with pytest.raises(Conflict):
            await database.commit(
                lambda t, f=function: f(t, an_id(), "a", 1, day=TODAY, signature=None)
            )


async def test_unknown_foreign_and_withheld_tips_look_alike(database: Database) -> None:
    tip = a_tip()
    withheld = a_grant(tip, "chief", centre="headquarters", released=False)
    await database.commit(lambda t: tips.file(t, tip, [a_grant(tip, "own"), withheld]))

    async def seen(officer: str, tip_id: str = tip.tip_id) -> tuple[Any, ...]:
        return await database.read(
            lambda t: (
                queue.seen_by(t, tip_id, officer),
                grants.of_officer(t, tip_id, officer),
                queue.page(t, officer).listings,
            )
        )

    for officer, tip_id in (("chief", tip.tip_id), ("stranger", tip.tip_id), ("stranger", an_id())):
        assert await seen(officer, tip_id) == (None, None, ())
    listing, grant, listed = await seen("own")
    assert listing.tip_id == tip.tip_id
    assert listing.grant == grant
    assert listed == (listing,)
    released = await database.commit(lambda t: grants.release(t, tip.tip_id, "headquarters"))
    assert released == 1
    listing, grant, _ = await seen("chief")
    assert grant == listing.grant == replace(withheld, released=True)


async def test_a_colleague_is_let_in_once_and_who_has_a_withheld_grant_gets_that_one(
    database: Database,
) -> None:
    tip = a_tip()
    withheld = a_grant(tip, "chief", released=False)
    await database.commit(lambda t: tips.file(t, tip, [a_grant(tip, "own"), withheld]))
    for officer in ("colleague", "chief"):
        given = a_grant(tip, officer, granted_by="own", signature=b"s" * 64)
        await database.commit(lambda t, g=given: grants.add(t, g))
        found = await database.read(lambda t, o=officer: grants.of_officer(t, tip.tip_id, o))
        own = replace(withheld, released=True, is_personal=True)
        assert found == (own if officer == "chief" else given)
        with pytest.raises(Conflict):
            await database.commit(lambda t, o=officer: grants.add(t, a_grant(tip, o)))
    with pytest.raises(Conflict):
        await database.commit(lambda t: grants.add(t, a_grant(a_tip(), "own")))
    assert len(await database.read(lambda t: grants.of_tip(t, tip.tip_id))) == 3


@pytest.mark.parametrize("released", [True, False])
async def test_a_new_grant_takes_the_place_of_one_that_lapsed_and_that_one_is_kept(
    database: Database, released: bool
) -> None:
    tip = a_tip()
    lapsed = a_grant(tip, "moved", released=released, centre="elsewhere")
    await database.commit(lambda t: tips.file(t, tip, [a_grant(tip, "own"), lapsed]))
    given = a_grant(tip, "moved", granted_by="own", signature=b"s" * 64, is_personal=True)
    await database.commit(lambda t: grants.add(t, given, has_lapsed=True))
    assert await database.read(lambda t: grants.of_officer(t, tip.tip_id, "moved")) == given
    (kept,) = await database.read(lambda t: grants.earlier(t, tip.tip_id, "moved"))
    assert (kept.grant_id, kept.sealed) == (lapsed.grant_id, lapsed.sealed)


async def test_a_listing_counts_parts(database: Database) -> None:
    tip = await database.commit(lambda t: file_one(t, "a"))
    part = a_part(tip.tip_id)
    for expected in (0, 1):
        listing = await database.read(lambda t: queue.seen_by(t, tip.tip_id, "a"))
        assert listing is not None
        assert listing.parts == expected
        if not expected:
            await database.commit(lambda t: parts.append(t, part, previous=parts.NO_PREVIOUS))


async def test_a_reporters_word_on_an_ending_is_a_change_of_the_version_it_was_said_of(
    database: Database,
) -> None:
    tip = await database.commit(lambda t: file_one(t, "a"))
    await database.commit(
        lambda t: tips.claim(t, tip.tip_id, "a", 1, day=TODAY, signature=b"s" * 64)
    )

    def end(t: Transaction, version: int) -> int:
        how: Any = {"status": Status.CLOSED, "day": TODAY, "part_id": an_id(), "signature": None}
        return tips.set_status(t, tip.tip_id, "a", version, **how)

    async def last_word() -> str | None:
        page = await database.read(lambda t: queue.page(t, "a"))
        (listing,) = page.listings
        assert listing == await database.read(lambda t: queue.seen_by(t, tip.tip_id, "a"))
        return listing.last_word

    assert await last_word() is None
    await database.commit(lambda t: end(t, 2))
    assert await last_word() is None
    for version in (2, 4):
        with pytest.raises(TipMoved):
            await database.commit(lambda t, v=version: tips.confirm(t, tip.tip_id, v, day=TODAY))
    assert await database.commit(lambda t: tips.confirm(t, tip.tip_id, 3, day=TODAY)) == 4
    assert await last_word() == "confirm"
    part_id, day = an_id(), "2026-12-01"

    def reopen(t: Transaction, version: int) -> int:
        return tips.reopen(t, tip.tip_id, version, day=day, part_id=part_id)

    outcomes = await asyncio.gather(
        *(database.commit(lambda t: reopen(t, 4)) for _ in range(5)), return_exceptions=True
    )
    assert sorted(str(each) for each in outcomes if isinstance(each, int)) == ["5"]
    assert all(isinstance(each, TipMoved) for each in outcomes if each != 5)
    assert await last_word() == "reopen"
    found = await database.read(lambda t: tips.get(t, tip.tip_id))
    assert found is not None
    assert (found.status, found.status_day) == (Status.IN_PROGRESS, day)
    assert (found.version, found.claimed_by) == (5, "a")
    listed = await database.read(lambda t: queue.page(t, "a", statuses=[Status.IN_PROGRESS]))
    assert [each.tip_id for each in listed.listings] == [tip.tip_id]
    yes, no = (await database.read(lambda t: tips.changes(t, tip.tip_id)))[-2:]
    assert (yes.kind, yes.status, yes.part_id) == (ChangeKind.CONFIRM, None, None)
    assert (no.kind, no.status, no.part_id) == (ChangeKind.REOPEN, Status.IN_PROGRESS, part_id)
    await database.commit(lambda t: end(t, 5))
    assert await last_word() is None
