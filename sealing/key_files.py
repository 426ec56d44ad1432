"""Key files: the secrets of an officer, the admin or recovery, under a passphrase.

An age file (scrypt) around an age identity file whose comment lines carry the rest. So a stock `age
-d -i FILE` asks for the passphrase and opens tips with it, should this program be gone.

    # saisaat key file v1
    # for: officer
    # name: …
    # sign: 64 hex digits (the Ed25519 seed)
    AGE-SECRET-KEY-PQ-1…
"""

import secrets
import unicodedata
from dataclasses import dataclass, field

from sealing import age
from sealing.age import PQIdentity, ScryptIdentity, ScryptRecipient
from sealing.canonical import is_hex, is_name
from sealing.errors import Malformed, NewerFormat
from sealing.officers import OfficerKeys
from sealing.receipts import RandomBelow
from sealing.signing import KEY_BYTES, SigningKey

LOG_N = 18
WORDS = 5
BITS_OF_A_WORD = 16
BITS_AT_LEAST = 70
AT_MOST_BYTES = 64 * 1024
_TITLE = "# saisaat key file v"
_VERSION = "1"
_OFFICER, _ADMIN, _RECOVERY = "officer", "admin", "recovery"
_CONSONANTS = "bdfghjklmnprstvz"
_VOWELS = "aiou"


@dataclass(frozen=True, slots=True)
class AdminKey:
    """The key that signs rosters."""

    sign: SigningKey = field(repr=False)
    name: str

    @classmethod
    def generate(cls, name: str) -> "AdminKey":
        return cls(SigningKey.generate(), name)


@dataclass(frozen=True, slots=True)
class RecoveryKey:
    """The identity to which every tip is granted as well; it stays offline."""

    age: PQIdentity = field(repr=False)
    name: str

    @classmethod
    def generate(cls, name: str) -> "RecoveryKey":
        return cls(PQIdentity.generate(), name)


def seal_keys(keys: OfficerKeys, passphrase: str, log_n: int = LOG_N) -> bytes:
    """*keys* under *passphrase*: the officer's key file.

    Slow on purpose, 256 MiB at the default cost.
    """
    return _seal(_OFFICER, keys.name, keys.sign, keys.age, passphrase, log_n)


def open_keys(data: bytes, passphrase: str) -> OfficerKeys:
    """The officer's keys in *data*.

    Raises WrongKey, Tampered, Malformed (also for another holder's file).
    """
    opened = _open(_OFFICER, data, passphrase)
    return OfficerKeys(opened.age_key(), opened.sign_key(), opened.name)


def seal_admin_key(key: AdminKey, passphrase: str, log_n: int = LOG_N) -> bytes:
    """The admin's key file."""
    return _seal(_ADMIN, key.name, key.sign, None, passphrase, log_n)


def open_admin_key(data: bytes, passphrase: str) -> AdminKey:
    """The admin's key in *data*. Raises as `open_keys`."""
    opened = _open(_ADMIN, data, passphrase)
    opened.refuse_age_key()
    return AdminKey(opened.sign_key(), opened.name)


def seal_recovery(key: RecoveryKey, passphrase: str, log_n: int = LOG_N) -> bytes:
    """The recovery key file."""
    return _seal(_RECOVERY, key.name, None, key.age, passphrase, log_n)


def open_recovery(data: bytes, passphrase: str) -> RecoveryKey:
    """The recovery key in *data*. Raises as `open_keys`."""
    opened = _open(_RECOVERY, data, passphrase)
    opened.refuse_sign_key()
    return RecoveryKey(opened.age_key(), opened.name)


def generate_passphrase(words: int = WORDS, random: RandomBelow = secrets) -> str:
    """A fresh passphrase of *words* words that any tongue can say ("lusab-babad-…"), 16 bits each.

    Proquints (Wilkerson, arXiv 0901.4016). Raises ValueError below 70 bits.
    """
    if words * BITS_OF_A_WORD < BITS_AT_LEAST:
        raise ValueError(f"a passphrase has at least {BITS_AT_LEAST} bits")
    return "-".join(_word(random) for _ in range(words))


@dataclass(frozen=True, slots=True)
class _Opened:
    name: str
    sign: str | None = field(repr=False)
    age: str | None = field(repr=False)

    def sign_key(self) -> SigningKey:
        if self.sign is None or not is_hex(self.sign, KEY_BYTES):
            raise Malformed("the signing key in this key file cannot be read")
        return SigningKey.from_seed(bytes.fromhex(self.sign))

    def age_key(self) -> PQIdentity:
        try:
            return PQIdentity.parse(self.age or "")
        except ValueError:
            raise Malformed("the age identity in this key file cannot be read") from None

    def refuse_sign_key(self) -> None:
        if self.sign is not None:
            raise Malformed("a recovery key file has no signing key")

    def refuse_age_key(self) -> None:
        if self.age is not None:
            raise Malformed("an admin's key file has no age identity")


def _seal(
    holder: str,
    name: str,
    sign: SigningKey | None,
    identity: PQIdentity | None,
    passphrase: str,
    log_n: int,
) -> bytes:
    if not is_name(name):
        raise ValueError("a name is 1 to 80 printable characters")
    lines = [f"{_TITLE}{_VERSION}", f"# for: {holder}", f"# name: {name}"]
    if sign is not None:
        lines.append(f"# sign: {sign.seed.hex()}")
    if identity is not None:
        lines.append(identity.reveal())
    text = "\n".join(lines) + "\n"
    return age.encrypt(text.encode("utf-8"), ScryptRecipient(_same(passphrase), log_n))


def _open(holder: str, data: bytes, passphrase: str) -> _Opened:
    if len(data) > AT_MOST_BYTES:
        raise Malformed("longer than any key file")
    plain = age.decrypt(data, ScryptIdentity(_same(passphrase)))
    try:
        lines = plain.decode("utf-8").removesuffix("\n").split("\n")
    except ValueError:
        raise Malformed("not a key file") from None
    if not lines[0].startswith(_TITLE):
        raise Malformed("not a key file")
    if lines[0] != _TITLE + _VERSION:
        raise NewerFormat("a key file of a version that this release does not know")
    if lines[1:2] != [f"# for: {holder}"]:
        raise Malformed(f"a key file, but not one for: {holder}")
    return _fields(lines[2:])


def _fields(lines: list[str]) -> _Opened:
    name, sign, identity = None, None, None
    for line in lines:
        if line.startswith("# name: ") and name is None:
            name = line.removeprefix("# name: ")
        elif line.startswith("# sign: ") and sign is None:
            sign = line.removeprefix("# sign: ")
        elif line.startswith("AGE-SECRET-KEY-") and identity is None:
            identity = line
        else:
            raise Malformed("a line that a key file does not have")
    if name is None or not is_name(name):
        raise Malformed("a key file names its holder")
    return _Opened(name, sign, identity)


def _same(passphrase: str) -> str:
    """One passphrase, however the keyboard composed its letters."""
    return unicodedata.normalize("NFC", passphrase)


def _word(random: RandomBelow) -> str:
    letters = (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS)
    return "".join(choice[random.randbelow(len(choice))] for choice in letters)
