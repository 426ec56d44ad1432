"""Fixed and drawn things that the tests of this room share."""

import random
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from sealing import (
    NOTHING_BEFORE,
    Author,
    Cost,
    Grant,
    Kind,
    Part,
    Place,
    Summary,
    TipKeys,
    TipKind,
    canonical,
)
from sealing.age import PQIdentity, Recipient, encrypt

TIP, PART, OTHER, GRANT = "11" * 16, "22" * 16, "33" * 16, "44" * 16
OFFICER, COLLEAGUE = "55" * 16, "66" * 16
DAY = "2026-11-23"
KEYS = TipKeys(PQIdentity.from_seed(b"c" * 32), PQIdentity.from_seed(b"r" * 32))
READER = PQIdentity.from_seed(b"o" * 32)
STRANGER = PQIdentity.from_seed(b"s" * 32)
SALT, PEPPER = b"a salt of 16 byt", b"a pepper that is 32 bytes long.."
CHEAP = Cost(memory_kib=8, time=1)
HERE = Place(TIP, PART, 1, NOTHING_BEFORE)

WORDS = Part(
    tip_id=TIP,
    part_id=PART,
    seq=1,
    previous=NOTHING_BEFORE,
    author=Author.REPORTER,
    day=DAY,
    kind=Kind.WORDS,
    question="what",
    words="เห็นเขาเอาปูนของ อบต. ไปทำถนนหน้าบ้านตัวเอง",
)
SUMMARY = Summary("embezzlement", "44", TipKind.CASE, completeness_have=3, completeness_of=5)
OFFICERS_GRANT = Grant(GRANT, TIP, OFFICER, KEYS.case, KEYS.reply, SUMMARY, DAY)
RECEIPT_GRANT = Grant(GRANT, TIP, "receipt", None, KEYS.reply, None, DAY)


class Dice:
    """A source of randomness that a test can hold."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def randbelow(self, exclusive_upper_bound: int, /) -> int:
        return self._random.randrange(exclusive_upper_bound)


def sealed_by_anyone(value: Mapping[str, Any], to: Recipient) -> bytes:
    """What a hostile server can make: any canonical JSON, padded and sealed to a public key."""
    return encrypt(canonical.write_padded(value), to)


def sealed_raw(text: bytes, to: Recipient) -> bytes:
    """What a hostile server can make: any bytes at all, sealed to a public key."""
    return encrypt(text, to)


words_of_people = st.text(st.characters(codec="utf-8"), max_size=300)
ids = st.binary(min_size=16, max_size=16).map(bytes.hex)
