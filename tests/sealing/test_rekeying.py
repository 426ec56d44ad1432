"""New keys for what is told later: who reads on reads all, who was shut out reads no further."""

import dataclasses
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import (
    NOTHING_BEFORE,
    RECOVERY,
    Author,
    Grant,
    Kind,
    Malformed,
    Misplaced,
    NewerFormat,
    Part,
    Place,
    Rekey,
    SealedPart,
    SealingError,
    Side,
    TipKeys,
    WrongKey,
    all_keys,
    make_rekey,
    open_earlier,
    open_grant,
    open_part,
    open_receipt_grant,
    parse_rekey,
    seal_grant,
    seal_part,
    side_of,
    write_rekey,
)
from sealing.age import PQIdentity
from sealing.rekeying import AT_MOST_REKEY_BYTES
from tests.sealing.sealed_samples import (
    COLLEAGUE,
    DAY,
    GRANT,
    KEYS,
    OFFICER,
    OTHER,
    SUMMARY,
    TIP,
    sealed_by_anyone,
)

READERS = frozenset({OFFICER, RECOVERY})
FRESH = TipKeys(PQIdentity.from_seed(b"d" * 32), PQIdentity.from_seed(b"e" * 32))
RECEIPT_KEY = PQIdentity.from_seed(b"q" * 32)


def rekeyed(before: TipKeys = KEYS, fresh: TipKeys = FRESH, **given_: Any) -> tuple[TipKeys, Rekey]:
    plain: dict[str, Any] = {
        "readers": READERS,
        "receipt": (GRANT, RECEIPT_KEY.recipient),
        "day": DAY,
        "by": OFFICER,
    }
    return make_rekey(TIP, before, fresh, **{**plain, **given_})


def test_new_keys_lead_back_to_the_ones_before() -> None:
    now, rekey = rekeyed()
    assert now == FRESH
    assert open_earlier(rekey, now.case, tip_id=TIP) == KEYS
    assert parse_rekey(write_rekey(rekey)) == rekey


def test_the_keys_before_lead_nowhere() -> None:
    _, rekey = rekeyed()
    for shut in (KEYS.case, KEYS.reply, FRESH.reply, RECEIPT_KEY):
        with pytest.raises(WrongKey):
            open_earlier(rekey, shut, tip_id=TIP)
    assert all_keys(KEYS, [rekey], tip_id=TIP) == (KEYS,)


def test_the_receipt_opens_the_new_reply_key_and_no_case_key() -> None:
    now, rekey = rekeyed()
    assert rekey.receipt_grant is not None
    where = {"tip_id": TIP, "grant_id": GRANT}
    assert open_receipt_grant(rekey.receipt_grant, RECEIPT_KEY, **where) == now.reply
    assert open_grant(rekey.receipt_grant, RECEIPT_KEY, to="receipt", **where).case is None


def test_where_the_receipts_recipient_is_unknown_the_reply_key_stays() -> None:
    now, rekey = rekeyed(receipt=None)
    assert (now.case, now.reply) == (FRESH.case, KEYS.reply)
    assert rekey.receipt_grant is None
    assert all_keys(now, [rekey], tip_id=TIP) == (now, KEYS)


def test_a_rekey_of_another_tip_leads_nowhere() -> None:
    now, rekey = rekeyed()
    with pytest.raises(Misplaced):
        open_earlier(rekey, now.case, tip_id=OTHER)
    assert all_keys(now, [rekey], tip_id=OTHER) == (now,)


def test_a_rekey_that_leads_to_other_keys_than_the_one_before_made_leads_nowhere() -> None:
    """Anybody can seal anything to a public key; only who held the keys before can name them."""
    first, before = rekeyed()
    third = TipKeys.generate()
    _, honest = rekeyed(first, third)
    assert all_keys(third, [before, honest], tip_id=TIP) == (third, first, KEYS)
    _, invented = rekeyed(TipKeys.generate(), third)
    assert all_keys(third, [before, invented], tip_id=TIP) == (third,)
    assert all_keys(third, [honest, before], tip_id=TIP) == (third,), "out of order"


def test_recovery_reads_on_whoever_does_not() -> None:
    with pytest.raises(ValueError, match="recovery"):
        rekeyed(readers=frozenset({OFFICER}))
    value = json.loads(write_rekey(rekeyed()[1]))
    assert spoilt(value | {"readers": [OFFICER]}) is Malformed


@pytest.mark.parametrize(
    "change",
    [
        {"readers": [RECOVERY, OFFICER]},
        {"readers": [OFFICER, OFFICER, RECOVERY]},
        {"readers": ["receipt", RECOVERY]},
        {"readers": "recovery"},
        {"receipt_grant": None},
        {"receipt_grant_id": None},
        {"receipt_grant_id": "x"},
        {"earlier": "nonsense!"},
        {"earlier": "QQ=="[:3]},
        {"earlier": "QR=="},
        {"case": "age1pq1nonsense"},
        {"more": 1},
    ],
)
def test_a_rekey_that_is_none_is_refused(change: dict[str, Any]) -> None:
    value = json.loads(write_rekey(rekeyed()[1]))
    assert spoilt(value | change) is Malformed


def test_one_key_for_both_sides_is_refused() -> None:
    value = json.loads(write_rekey(rekeyed()[1]))
    assert spoilt(value | {"case": value["reply"]}) is Malformed


def test_a_newer_rekey_is_said_to_be_newer_and_a_huge_one_is_not_read() -> None:
    value = json.loads(write_rekey(rekeyed()[1]))
    assert spoilt(value | {"schema": 2}) is NewerFormat
    with pytest.raises(Malformed):
        parse_rekey(b" " * (AT_MOST_REKEY_BYTES + 1))


def spoilt(value: dict[str, Any]) -> type[SealingError]:
    data = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    with pytest.raises(SealingError) as caught:
        parse_rekey(data)
    return caught.type


@pytest.mark.parametrize(
    "inside",
    [
        {},
        {"schema": 2, "tip_id": TIP, "case": "x", "reply": "y"},
        {"schema": 1, "tip_id": TIP, "case": "x", "reply": "y"},
        {"schema": 1, "tip_id": TIP, "case": KEYS.case.reveal(), "reply": KEYS.case.reveal()},
        {"schema": 1, "tip_id": TIP, "case": KEYS.case.reveal(), "reply": 7},
    ],
)
def test_what_a_hostile_maker_seals_in_place_of_earlier_keys_is_refused_without_a_key_in_the_error(
    inside: dict[str, Any],
) -> None:
    now, rekey = rekeyed()
    hostile = dataclasses.replace(rekey, earlier=sealed_by_anyone(inside, now.case.recipient))
    with pytest.raises(Malformed) as caught:
        open_earlier(hostile, now.case, tip_id=TIP)
    assert "AGE-SECRET" not in repr(caught.value.__cause__) + str(caught.value)
    assert all_keys(now, [hostile], tip_id=TIP) == (now,)


def test_no_repr_shows_what_is_sealed() -> None:
    _, rekey = rekeyed()
    assert "AGE-SECRET" not in repr(rekey)
    assert "earlier" not in repr(rekey)


# --- any history


@dataclass
class Reader:
    """Somebody with an age key, and the sealed grants they were ever given."""

    id: str
    age: PQIdentity = field(default_factory=PQIdentity.generate)
    grants: list[tuple[str, bytes]] = field(default_factory=list)

    def keys(self, rekeys: list[Rekey]) -> set[PQIdentity]:
        """Every identity that this reader comes by, with all that is public in hand."""
        found: set[PQIdentity] = set()
        for grant_id, sealed in self.grants:
            grant = open_grant(sealed, self.age, tip_id=TIP, grant_id=grant_id, to=self.id)
            for count in range(len(rekeys) + 1):
                for pair in all_keys(grant.keys, rekeys[:count], tip_id=TIP):
                    found |= {pair.case, pair.reply}
        return found


@dataclass
class Told:
    """A part, and its sealed bytes."""

    part: Part
    sealed: SealedPart


def opens(keys: set[PQIdentity], told: Told) -> bool:
    place = Place(TIP, told.part.part_id, told.part.seq, None)
    for key in keys:
        try:
            return open_part(told.sealed.data, key, place) == told.part
        except WrongKey:
            continue
    return False


class History:
    """A tip, its readers and its receipt, as parts, grants and withdrawals come."""

    def __init__(self) -> None:
        self.keys = TipKeys.generate()
        self.rekeys: list[Rekey] = []
        self.told: list[Told] = []
        self.receipt = PQIdentity.generate()
        self.receipt_grants = [(GRANT, self._receipt_grant())]
        self.people = {name: Reader(name) for name in (RECOVERY, OFFICER, COLLEAGUE, OTHER)}
        self.inside = {RECOVERY, OFFICER}
        self.shut_out_after: dict[str, int] = {}
        for name in self.inside:
            self._grant(name)

    def _receipt_grant(self) -> bytes:
        grant = Grant(GRANT, TIP, "receipt", None, self.keys.reply, None, DAY)
        return seal_grant(grant, self.receipt.recipient)

    def _grant(self, name: str) -> None:
        grant_id = secrets.token_hex(16)
        grant = Grant(grant_id, TIP, name, self.keys.case, self.keys.reply, SUMMARY, DAY, OFFICER)
        reader = self.people[name]
        reader.grants.append((grant_id, seal_grant(grant, reader.age.recipient)))

    def say(self, kind: Kind) -> None:
        previous = self.told[-1].sealed.hash if self.told else NOTHING_BEFORE
        author = Author.REPORTER if kind is Kind.WORDS else Author.OFFICER
        part = Part(
            TIP,
            secrets.token_hex(16),
            len(self.told) + 1,
            previous,
            author,
            DAY,
            kind,
            words=f"{kind} {len(self.told)}",
            officer=None if author is Author.REPORTER else OFFICER,
        )
        sealed = seal_part(part, self.keys.recipients.of(side_of(author, kind)))
        self.told.append(Told(part, sealed))

    def let_in(self, name: str) -> None:
        self.inside.add(name)
        self._grant(name)

    def withdraw(self, name: str) -> None:
        if name in self.inside:
            self.inside.discard(name)
            self.shut_out_after[name] = len(self.told)
        grant_id = secrets.token_hex(16)
        self.keys, rekey = make_rekey(
            TIP,
            self.keys,
            TipKeys.generate(),
            readers=frozenset(self.inside),
            receipt=(grant_id, self.receipt.recipient),
            day=DAY,
            by=OFFICER,
        )
        self.rekeys.append(parse_rekey(write_rekey(rekey)))
        assert rekey.receipt_grant is not None
        self.receipt_grants.append((grant_id, rekey.receipt_grant))
        for each in self.inside:
            self._grant(each)

    def replies(self) -> set[PQIdentity]:
        return {
            open_receipt_grant(sealed, self.receipt, tip_id=TIP, grant_id=grant_id)
            for grant_id, sealed in self.receipt_grants
        }


people = st.sampled_from([COLLEAGUE, OTHER])
steps = st.lists(
    st.tuples(st.just("say"), st.sampled_from([Kind.WORDS, Kind.NOTE, Kind.MESSAGE]))
    | st.tuples(st.just("let_in"), people)
    | st.tuples(st.just("withdraw"), people),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(steps)
def test_who_reads_on_reads_all_and_who_was_withdrawn_reads_nothing_sealed_after(
    steps: list[tuple[str, Any]],
) -> None:
    history = History()
    history.say(Kind.WORDS)
    for deed, what in steps:
        getattr(history, deed)(what)
    for name, reader in history.people.items():
        keys = reader.keys(history.rekeys)
        reads_until = history.shut_out_after.get(name, 0)
        if name in history.inside:
            reads_until = len(history.told)
        for told in history.told:
            assert opens(keys, told) == (told.part.seq <= reads_until), name
    replies = history.replies()
    for told in history.told:
        is_reply = side_of(told.part.author, told.part.kind) is Side.REPLY
        assert opens(replies, told) == is_reply, "the receipt opens the replies and no word told"
