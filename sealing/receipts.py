"""The receipt: 24 digits that are all a reporter ever needs to come back.

23 random digits and a Damm check digit (76 bits). Argon2id under the deployment's salt and pepper
stretches it into a locator (how the tip is found; the server stores it) and a post-quantum identity
(opens the reply grant; nobody stores it). Refuses to know where either goes. A receipt and a member
code of the same characters give unrelated keys.
"""

import secrets
from dataclasses import dataclass, field
from typing import Protocol

from sealing.age import PQIdentity
from sealing.digits import READ_AS, damm, found_in, in_groups
from sealing.errors import Mistyped
from sealing.stretch import Cost, keyed, stretch

DIGITS = 24
PURPOSE = b"saisaat/receipt/v1"


class RandomBelow(Protocol):
    """What a code is drawn from; the secrets module is one."""

    def randbelow(self, exclusive_upper_bound: int, /) -> int: ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt code. Its repr and str hide it; `digits` and `grouped` do not."""

    digits: str = field(repr=False)

    def __post_init__(self) -> None:
        digits = self.digits
        if len(digits) != DIGITS or not _is_checked(digits):
            raise Mistyped("not a receipt code")

    @classmethod
    def generate(cls, random: RandomBelow = secrets) -> "Receipt":
        """A fresh receipt, every code equally likely."""
        body = "".join(str(random.randbelow(10)) for _ in range(DIGITS - 1))
        return cls(body + damm(body))

    @classmethod
    def parse(cls, typed: str) -> "Receipt":
        """The receipt a person *typed*: O is 0, I and L are 1; any script's digits; spaces, dashes,
        dots and words around do not matter.

        Raises Mistyped: there is none whose check digit is right, or more than one.
        """
        read = {each.translate(READ_AS) for each in found_in(typed, DIGITS)}
        receipts = {each for each in read if _is_checked(each)}
        if len(receipts) != 1:
            raise Mistyped("not a receipt code")
        return cls(receipts.pop())

    @property
    def grouped(self) -> str:
        """4821-0937-… as it is shown to a person."""
        return in_groups(self.digits)


@dataclass(frozen=True, slots=True)
class ReceiptKeys:
    """What a receipt becomes:

    *locator* (32 bytes) finds the tip, *identity* opens its reply grant.
    """

    locator: bytes = field(repr=False)
    identity: PQIdentity = field(repr=False)


def stretch_receipt(receipt: Receipt, *, salt: bytes, pepper: bytes, cost: Cost) -> ReceiptKeys:
    """The keys of *receipt* in the deployment of *salt* (≥ 16 bytes) and *pepper* (≥ 32 bytes).

    Slow on purpose (Argon2id): never on the event loop.
    """
    stretched = stretch(receipt.digits.encode("ascii"), PURPOSE, salt=salt, cost=cost)
    return ReceiptKeys(
        locator=keyed(stretched, PURPOSE + b"/locator", pepper=pepper),
        identity=PQIdentity.from_seed(keyed(stretched, PURPOSE + b"/identity", pepper=pepper)),
    )


def _is_checked(digits: str) -> bool:
    return digits.isascii() and digits.isdecimal() and damm(digits) == "0"
