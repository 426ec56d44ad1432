"""What can go wrong with sealed bytes, sorted by whose fault it is.

    SealingError
    ├── Malformed        these bytes are not what the format says (their maker's fault)
    │   ├── NewerFormat  they say a schema or kind that this release does not know: update it
    │   └── BadCard      a text that no knowledge card may have (sealing/cards): which, and why
    ├── WrongKey         no key at hand opens them (nobody's fault, or a wrong passphrase)
    ├── Tampered         changed after they were sealed, or cut off
    ├── Misplaced        authentic, but they belong to another place than the one they lay in
    ├── Forged           a signature is not by the key that it names
    ├── Unsigned         a signature is missing where there must be one
    ├── RolledBack       an older roster than one already seen
    ├── Mistyped         a person's typing error in a code; never says where
    └── AgeError         the age format's own (sealing/age): each is also one of the above

A caller's mistake (a wrong length, an impossible value) is a ValueError. No message carries words,
codes or keys.
"""


class SealingError(Exception):
    """Anything that sealing/ finds wrong with bytes or text that came from outside."""


class Malformed(SealingError):
    """The bytes do not follow their format."""


class NewerFormat(Malformed):
    """A schema version or kind that this release does not know; a newer one may."""


class WrongKey(SealingError):
    """None of the keys at hand opens this."""


class Tampered(SealingError):
    """The bytes were altered or cut off after sealing."""


class Misplaced(SealingError):
    """The seal is whole, but what it says inside is not the place where it was found."""


class Forged(SealingError):
    """The signature is not by this key over this statement."""


class Unsigned(SealingError):
    """There is no signature where one must be."""


class RolledBack(SealingError):
    """An older version than the highest one seen."""


class Mistyped(SealingError):
    """A code of the wrong length, letters or check character; never says which."""
