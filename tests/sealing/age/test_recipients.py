"""Recipients and identities: their text, who opens what, and each kind's own rules."""

import base64
import dataclasses
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import age, bech32
from tests.sealing.age import forge

WORDS = "รับเงินใต้โต๊ะ".encode()
# Fixed, because parallel test runs must agree on the cases below.
PQ, X25519 = age.PQIdentity.from_seed(b"p" * 32), age.X25519Identity(b"x" * 32)
PASSPHRASE = "ปลาทู basket"
LOG_N = 8
PQ_FILE = age.encrypt(WORDS, PQ.recipient)
# u-coordinates of order 1, 2, 4 and 8 on Curve25519 and its twist (RFC 7748, section 6.1).
LOW_ORDER = [
    bytes(32),
    bytes([1]) + bytes(31),
    bytes.fromhex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
    bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    bytes.fromhex("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"),
]
Make = Callable[[], age.PQIdentity | age.X25519Identity]
makers = pytest.mark.parametrize("make", [age.PQIdentity.generate, age.X25519Identity.generate])


def stanza(kind: str, *arguments: str, body: bytes = bytes(32)) -> bytes:
    first = " ".join(("->", kind, *arguments)).encode()
    text = forge.base64_(body)
    lines = [text[at : at + 64] for at in range(0, len(text) + 1, 64)]
    return b"\n".join((first, *lines, b""))


def read(identity: age.Identity, *stanzas: bytes) -> bytes:
    return age.decrypt(forge.file(head=forge.header(*stanzas)), identity)


def share(length: int) -> str:
    return forge.base64_(bytes(range(9, 9 + length % 200)) + bytes(length - length % 200)).decode()


@makers
def test_text_forms_come_back(make: Make) -> None:
    identity = make()
    assert age.parse_identity(identity.reveal()) == identity
    again = age.parse_recipient(str(identity.recipient))
    assert again == identity.recipient
    assert hash(again) == hash(identity.recipient)
    assert again != make().recipient


@makers
def test_a_repr_shows_no_secret_and_nothing_can_be_changed(make: Make) -> None:
    identity = make()
    held = "seed" if isinstance(identity, age.PQIdentity) else "secret"
    secret = getattr(identity, held)
    for text in (repr(identity), str(identity), f"{identity}"):
        assert identity.reveal() not in text
        assert secret.hex() not in text
        assert repr(secret) not in text
    for owner, name in ((identity, held), (identity.recipient, "raw")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(owner, name, b"")


def test_a_post_quantum_identity_derives_its_keys_once_and_only_when_asked() -> None:
    identity = age.PQIdentity.generate()
    assert identity._derived is None
    assert identity.recipient is identity.recipient
    assert identity == age.PQIdentity.from_seed(identity.seed)  # whether derived or not


def test_a_passphrase_does_not_show() -> None:
    assert PASSPHRASE not in repr(age.ScryptRecipient(PASSPHRASE))
    assert PASSPHRASE not in repr(age.ScryptIdentity(PASSPHRASE))


def test_raw_forms_come_back() -> None:
    assert age.PQRecipient.from_raw(PQ.recipient.raw) == PQ.recipient
    assert age.PQIdentity.from_seed(PQ.seed) == PQ
    assert len(PQ.recipient.raw) == 1216


@pytest.mark.parametrize(
    "text",
    [
        "",
        "age1",
        str(X25519.recipient).upper(),
        str(X25519.recipient)[:-1],
        X25519.reveal(),
        PQ.reveal(),
        bech32.encode("age", bytes(31)),
        bech32.encode("age", bytes(33)),
        bech32.encode("age1pq", bytes(1215)),
        bech32.encode("age1pq", b"\xff" * 1216),
        bech32.encode("age1pq", X25519.recipient.raw),
        bech32.encode("ssh", X25519.recipient.raw),
        str(PQ.recipient).upper(),
    ],
)
def test_wrong_recipient_text_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"recipient|bech32"):
        age.parse_recipient(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        X25519.reveal().lower(),
        PQ.reveal().lower(),
        PQ.reveal()[:-1],
        str(PQ.recipient),
        bech32.encode("AGE-SECRET-KEY-", bytes(31)),
        bech32.encode("AGE-SECRET-KEY-PQ-", bytes(33)),
        bech32.encode("AGE-PLUGIN-", bytes(32)),
    ],
)
def test_wrong_identity_text_is_a_value_error_that_does_not_quote_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"identity|bech32") as refusal:
        age.parse_identity(text)
    assert len(text) < 20 or text[18:38] not in str(refusal.value)


@makers
def test_each_recipient_opens_and_nobody_else(make: Make) -> None:
    everyone = [make() for _ in range(3)]
    file = age.encrypt(WORDS, *(one.recipient for one in everyone))
    for one in everyone:
        assert age.decrypt(file, one) == WORDS
        assert age.decrypt(file, make(), one) == WORDS
    with pytest.raises(age.WrongKey):
        age.decrypt(file, make())
    with pytest.raises(age.WrongKey):
        age.decrypt(file, age.ScryptIdentity(PASSPHRASE))


@makers
def test_the_same_words_never_give_the_same_file(make: Make) -> None:
    identity = make()
    one, other = (age.encrypt(WORDS, identity.recipient) for _ in range(2))
    assert len(one) == len(other)
    assert one[-len(WORDS) - 32 :] != other[-len(WORDS) - 32 :]
    assert one[:200] != other[:200]


def test_the_callers_mistakes_are_value_errors() -> None:
    passphrase = age.ScryptRecipient(PASSPHRASE, LOG_N)
    for recipients in (
        (),
        (PQ.recipient, X25519.recipient),
        (X25519.recipient, PQ.recipient, PQ.recipient),
        (passphrase, X25519.recipient),
        (passphrase, passphrase),
        (PQ.recipient,) * 43,
    ):
        with pytest.raises(ValueError, match=r"recipient"):
            age.encrypt(WORDS, *recipients)
    with pytest.raises(ValueError, match="identity"):
        age.decrypt(PQ_FILE)


def test_a_file_holds_42_post_quantum_recipients() -> None:
    assert age.decrypt(age.encrypt(WORDS, *(PQ.recipient,) * 42), PQ) == WORDS


def test_a_foreign_file_that_mixes_kinds_still_opens() -> None:
    # The specification forbids writing such a file, not reading it.
    wrapped = [one.recipient.wrap(forge.FILE_KEY) for one in (X25519, PQ)]
    lines = [stanza(one.kind, *one.arguments, body=one.body) for one in wrapped]
    assert read(X25519, *lines) == read(PQ, *lines) == b"age"


@pytest.mark.parametrize(
    "wrong",
    [
        stanza("X25519"),
        stanza("X25519", share(32), "more"),
        stanza("X25519", share(31)),
        stanza("X25519", share(33)),
        stanza("X25519", share(32) + "="),
        stanza("X25519", share(32)[:-1] + "/"),
        stanza("X25519", share(32), body=bytes(31)),
        stanza("X25519", share(32), body=bytes(33)),
        stanza("X25519", share(32), body=b""),
        *(stanza("X25519", forge.base64_(point).decode()) for point in LOW_ORDER),
    ],
)
def test_an_x25519_stanza_of_another_form_is_malformed(wrong: bytes) -> None:
    with pytest.raises(age.Malformed):
        read(X25519, wrong)


def test_a_malformed_stanza_is_refused_even_behind_ones_own() -> None:
    own = X25519.recipient.wrap(forge.FILE_KEY)
    sound = stanza(own.kind, *own.arguments, body=own.body)
    assert read(X25519, sound) == b"age"
    with pytest.raises(age.Malformed):
        read(X25519, sound, stanza("X25519", share(31)))


@pytest.mark.parametrize(
    "wrong",
    [
        stanza("mlkem768x25519"),
        stanza("mlkem768x25519", share(1120), "more"),
        stanza("mlkem768x25519", share(1119)),
        stanza("mlkem768x25519", share(1121)),
        stanza("mlkem768x25519", share(32)),
        stanza("mlkem768x25519", share(1120), body=bytes(31)),
        stanza("mlkem768x25519", share(1120), body=bytes(33)),
    ],
)
def test_a_post_quantum_stanza_of_another_form_is_malformed(wrong: bytes) -> None:
    with pytest.raises(age.Malformed):
        read(PQ, wrong)


@pytest.mark.parametrize("point", LOW_ORDER)
def test_a_post_quantum_share_of_low_order_opens_nothing(point: bytes) -> None:
    own = PQ.recipient.wrap(forge.FILE_KEY)
    enc = base64.b64decode(own.arguments[0] + "==")[:1088] + point
    with pytest.raises(age.WrongKey):
        read(PQ, stanza(own.kind, forge.base64_(enc).decode(), body=own.body))


@pytest.mark.parametrize("point", LOW_ORDER)
def test_a_recipient_of_low_order_cannot_be_sealed_to(point: bytes) -> None:
    with pytest.raises(ValueError, match="usable"):
        age.encrypt(WORDS, age.X25519Recipient(point))
    with pytest.raises(ValueError, match="usable"):
        age.encrypt(WORDS, age.PQRecipient(PQ.recipient.raw[:1184] + point))


@given(st.integers(0, 8 * len(PQ_FILE) - 1))
@settings(max_examples=150, deadline=None)
def test_every_bit_of_a_post_quantum_file_counts(bit: int) -> None:
    flipped = bytearray(PQ_FILE)
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(age.AgeError):
        age.decrypt(flipped, PQ)


def test_a_passphrase_opens_its_file_and_another_does_not() -> None:
    file = age.encrypt(WORDS, age.ScryptRecipient(PASSPHRASE, LOG_N))
    assert age.decrypt(file, age.ScryptIdentity(PASSPHRASE)) == WORDS
    assert age.decrypt(file, X25519, PQ, age.ScryptIdentity(PASSPHRASE)) == WORDS
    for identity in (age.ScryptIdentity(PASSPHRASE + " "), X25519):
        with pytest.raises(age.WrongKey):
            age.decrypt(file, identity)


def test_a_file_cannot_ask_for_more_work_than_the_reader_accepts() -> None:
    file = age.encrypt(WORDS, age.ScryptRecipient(PASSPHRASE, LOG_N))
    assert age.decrypt(file, age.ScryptIdentity(PASSPHRASE, at_most_log_n=LOG_N)) == WORDS
    with pytest.raises(age.Malformed, match="work"):
        age.decrypt(file, age.ScryptIdentity(PASSPHRASE, at_most_log_n=LOG_N - 1))
    with pytest.raises(age.Malformed, match="work"):
        read(age.ScryptIdentity(PASSPHRASE), stanza("scrypt", share(16), "21"))


@pytest.mark.parametrize("log_n", [0, -1, 21])
def test_a_passphrase_of_absurd_cost_is_not_made(log_n: int) -> None:
    with pytest.raises(ValueError, match="log_n"):
        age.ScryptRecipient(PASSPHRASE, log_n)


def test_an_empty_passphrase_is_not_made() -> None:
    with pytest.raises(ValueError, match="empty"):
        age.ScryptRecipient("")


@pytest.mark.parametrize(
    "wrong",
    [
        stanza("scrypt"),
        stanza("scrypt", share(16)),
        stanza("scrypt", "8", share(16)),
        stanza("scrypt", share(16), "8", "more"),
        stanza("scrypt", share(15), "8"),
        stanza("scrypt", share(17), "8"),
        stanza("scrypt", share(16)[:-1] + "/", "8"),
        stanza("scrypt", share(16), "8", body=bytes(31)),
        stanza("scrypt", share(16), "8", body=bytes(33)),
        *(
            stanza("scrypt", share(16), log_n)
            for log_n in ("0", "08", "+8", "-8", "8.0", "0x8", "8a", "9" * 30, "99999")
        ),
    ],
)
def test_a_passphrase_stanza_of_another_form_is_malformed(wrong: bytes) -> None:
    with pytest.raises(age.Malformed):
        read(age.ScryptIdentity(PASSPHRASE), wrong)


@pytest.mark.parametrize("identity", [age.ScryptIdentity(PASSPHRASE), X25519, forge.Knows()])
def test_a_passphrase_stanza_in_company_is_malformed_for_every_reader(
    identity: age.Identity,
) -> None:
    own = X25519.recipient.wrap(forge.FILE_KEY)
    x25519 = stanza(own.kind, *own.arguments, body=own.body)
    passphrase = stanza("scrypt", share(16), "8")
    for stanzas in ((passphrase, x25519), (x25519, passphrase), (passphrase, passphrase)):
        with pytest.raises(age.Malformed, match="alone"):
            read(identity, *stanzas)


def test_no_error_carries_a_byte_of_the_file() -> None:
    for wrong in (b"-> \xff" + b"SECRET\n\n", b"-> a\nSECRET==\n", b"SECRET\n"):
        with pytest.raises(age.Malformed) as refusal:
            read(X25519, wrong)
        assert not re.search("SECRET", str(refusal.value))


def test_the_error_tree_says_what_every_refusal_is() -> None:
    assert issubclass(age.Truncated, age.Tampered)
    assert issubclass(age.TrailingData, age.Tampered)
    for error in (age.Malformed, age.WrongKey, age.Tampered):
        assert error.__mro__[1] is age.AgeError
