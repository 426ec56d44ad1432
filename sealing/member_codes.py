"""A network member's code: it stands in for the name.

A 4-letter alias (shown to officers), 12 secret letters (60 bits) and a check letter (Luhn mod 32),
all Crockford base 32: `mkm7-k3m9-qxd4-ftb2-a`. A duress code has the same form, so nobody who sees
one can tell. The server keeps only the locator; which alias is whose, only the registrar's machine
knows.
"""

import secrets
from dataclasses import dataclass, field

from sealing.digits import CROCKFORD, READ_AS, found_in, in_groups, luhn32, without_separators
from sealing.errors import Mistyped
from sealing.receipts import RandomBelow
from sealing.stretch import Cost, keyed, stretch

ALIAS_LETTERS = 4
SECRET_LETTERS = 12
LETTERS = ALIAS_LETTERS + SECRET_LETTERS + 1
PURPOSE = b"saisaat/member-code/v1"


@dataclass(frozen=True, slots=True)
class MemberCode:
    """A member code. Its repr and str hide it; `letters` and `grouped` do not."""

    letters: str = field(repr=False)

    def __post_init__(self) -> None:
        letters = self.letters
        if len(letters) != LETTERS or any(letter not in CROCKFORD for letter in letters):
            raise Mistyped("not a member code")
        if luhn32(letters[:-1]) != letters[-1]:
            raise Mistyped("not a member code")

    @classmethod
    def generate(cls, alias: str, random: RandomBelow = secrets) -> "MemberCode":
        """A fresh code for *alias*; a duress code is a second one for the same alias.

        Raises Mistyped.
        """
        body = parse_alias(alias) + _letters(SECRET_LETTERS, random)
        return cls(body + luhn32(body))

    @classmethod
    def parse(cls, typed: str) -> "MemberCode":
        """The code a person *typed*: O is 0, I and L are 1; case, any script's digits, what
        stands between and words around do not matter.

        Raises Mistyped: there is none whose check letter is right, or more than one.
        """
        read = {letters.translate(READ_AS) for letters in found_in(typed, LETTERS)}
        codes = [code for code in map(_checked, read) if code is not None]
        if len(codes) != 1:
            raise Mistyped("not a member code")
        return codes[0]

    @property
    def alias(self) -> str:
        """The alias in lower case, as officers see it."""
        return self.letters[:ALIAS_LETTERS].lower()

    @property
    def grouped(self) -> str:
        """mkm7-k3m9-… as it is printed for its owner."""
        return in_groups(self.letters.lower())


def generate_alias(random: RandomBelow = secrets) -> str:
    """A fresh alias (lower case); the registrar draws again when it is taken."""
    return _letters(ALIAS_LETTERS, random).lower()


def parse_alias(typed: str) -> str:
    """The alias a person *typed*, in capitals. Raises Mistyped."""
    alias = _read(typed)
    if len(alias) != ALIAS_LETTERS or any(letter not in CROCKFORD for letter in alias):
        raise Mistyped("not an alias")
    return alias


def stretch_member_code(code: MemberCode, *, salt: bytes, pepper: bytes, cost: Cost) -> bytes:
    """The locator (32 bytes) of *code*. Slow on purpose (Argon2id): never on the event loop."""
    return member_locator(half_locator(code, salt=salt, cost=cost), pepper=pepper)


def half_locator(code: MemberCode, *, salt: bytes, cost: Cost) -> bytes:
    """What a registrar's console hands to the server in place of *code*: 32 bytes, slow to make."""
    return stretch(code.letters.encode("ascii"), PURPOSE, salt=salt, cost=cost)


def member_locator(half: bytes, *, pepper: bytes) -> bytes:
    """The locator that the server stores for a code of that half."""
    return keyed(half, PURPOSE + b"/locator", pepper=pepper)


def _checked(letters: str) -> MemberCode | None:
    try:
        return MemberCode(letters)
    except Mistyped:
        return None


def _read(typed: str) -> str:
    return without_separators(typed).translate(READ_AS)


def _letters(count: int, random: RandomBelow) -> str:
    return "".join(CROCKFORD[random.randbelow(len(CROCKFORD))] for _ in range(count))
