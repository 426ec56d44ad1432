"""Key files and their passphrases."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import (
    AdminKey,
    Malformed,
    NewerFormat,
    OfficerKeys,
    RecoveryKey,
    SigningKey,
    Tampered,
    WrongKey,
    generate_passphrase,
    open_admin_key,
    open_keys,
    open_recovery,
    seal_admin_key,
    seal_keys,
    seal_recovery,
)
from sealing.age import ScryptIdentity, ScryptRecipient, decrypt, encrypt
from tests.sealing.sealed_samples import READER, Dice

SIGN = SigningKey.from_seed(b"k" * 32)
OFFICER = OfficerKeys(READER, SIGN, "สมชาย ใจดี")
ADMIN = AdminKey(SIGN, "ผู้ดูแล")
RECOVERY = RecoveryKey(READER, "ตู้เซฟ")
PASSPHRASE = "josaf-misar-maguz-nodoj-kizos"
LOW = 4
KEY_FILE = seal_keys(OFFICER, PASSPHRASE, LOW)


def lines_of(data: bytes) -> list[str]:
    return decrypt(data, ScryptIdentity(PASSPHRASE)).decode().splitlines()


def sealed(*lines: str) -> bytes:
    text = "\n".join(lines) + "\n"
    return encrypt(text.encode(), ScryptRecipient(PASSPHRASE, LOW))


def test_each_key_file_comes_back_as_it_was() -> None:
    assert open_keys(KEY_FILE, PASSPHRASE) == OFFICER
    assert open_admin_key(seal_admin_key(ADMIN, PASSPHRASE, LOW), PASSPHRASE) == ADMIN
    assert open_recovery(seal_recovery(RECOVERY, PASSPHRASE, LOW), PASSPHRASE) == RECOVERY


def test_a_stock_age_finds_an_identity_file_in_it() -> None:
    for data in (KEY_FILE, seal_recovery(RECOVERY, PASSPHRASE, LOW)):
        keys = [line for line in lines_of(data) if not line.startswith("#")]
        assert keys == [READER.reveal()]


def test_a_wrong_passphrase_opens_nothing() -> None:
    for passphrase in ("", "josaf", PASSPHRASE.upper()):
        with pytest.raises(WrongKey):
            open_keys(KEY_FILE, passphrase)


def test_a_passphrase_is_the_same_however_the_keyboard_composed_it() -> None:
    assert open_keys(seal_keys(OFFICER, "caf\u00e9 ว่า", LOW), "cafe\u0301 ว่า") == OFFICER


def test_one_holders_file_is_not_anothers() -> None:
    admin = seal_admin_key(ADMIN, PASSPHRASE, LOW)
    recovery = seal_recovery(RECOVERY, PASSPHRASE, LOW)
    for open_, data in (
        (open_keys, admin),
        (open_keys, recovery),
        (open_admin_key, KEY_FILE),
        (open_admin_key, recovery),
        (open_recovery, KEY_FILE),
        (open_recovery, admin),
    ):
        with pytest.raises(Malformed, match="not one for"):
            open_(data, PASSPHRASE)


@settings(max_examples=40)
@given(st.data())
def test_a_flipped_bit_never_opens(data: st.DataObject) -> None:
    altered = bytearray(KEY_FILE)
    # Past the header's "scrypt" line, whose cost a flip could raise to a slow one.
    place = data.draw(st.integers(70 * 8, len(altered) * 8 - 1))
    altered[place // 8] ^= 1 << place % 8
    with pytest.raises((Tampered, WrongKey, Malformed)):
        open_keys(bytes(altered), PASSPHRASE)


@pytest.mark.parametrize("cut", [0, 10, 100, len(KEY_FILE) - 1])
def test_a_file_cut_off_never_opens(cut: int) -> None:
    with pytest.raises((Tampered, Malformed)):
        open_keys(KEY_FILE[:cut], PASSPHRASE)


def test_a_file_that_asks_for_too_much_work_is_refused() -> None:
    costly = KEY_FILE.replace(b" 4\n", b" 21\n", 1)
    with pytest.raises(Malformed):
        open_keys(costly, PASSPHRASE)
    with pytest.raises(ValueError, match="log_n"):
        seal_keys(OFFICER, PASSPHRASE, 21)


HEAD = ["# saisaat key file v1", "# for: officer", "# name: n"]
SIGN_LINE, AGE_LINE = f"# sign: {SIGN.seed.hex()}", READER.reveal()


@pytest.mark.parametrize(
    "lines",
    [
        [],
        HEAD,
        [*HEAD, SIGN_LINE],
        [*HEAD, AGE_LINE],
        [*HEAD[:2], SIGN_LINE, AGE_LINE],
        [*HEAD, SIGN_LINE, AGE_LINE, AGE_LINE],
        [*HEAD, SIGN_LINE, SIGN_LINE, AGE_LINE],
        [*HEAD, "# name: m", SIGN_LINE, AGE_LINE],
        [*HEAD, SIGN_LINE, AGE_LINE, ""],
        [*HEAD, SIGN_LINE, AGE_LINE, "# more"],
        [*HEAD, SIGN_LINE.upper(), AGE_LINE],
        [*HEAD, SIGN_LINE + "00", AGE_LINE],
        [*HEAD, SIGN_LINE, AGE_LINE[:-1]],
        [*HEAD, SIGN_LINE, "AGE-SECRET-KEY-1" + "Q" * 58],
        ["# saisaat key file v1", "# for: officer", "# name: \u202e", SIGN_LINE, AGE_LINE],
        ["AGE-SECRET-KEY-PQ-1"],
    ],
)
def test_an_odd_key_file_is_malformed(lines: list[str]) -> None:
    with pytest.raises(Malformed):
        open_keys(sealed(*lines), PASSPHRASE)


def test_an_admins_file_has_no_age_key_and_recoverys_none_to_sign() -> None:
    with pytest.raises(Malformed):
        open_admin_key(sealed(HEAD[0], "# for: admin", HEAD[2], SIGN_LINE, AGE_LINE), PASSPHRASE)
    with pytest.raises(Malformed):
        open_recovery(sealed(HEAD[0], "# for: recovery", HEAD[2], SIGN_LINE, AGE_LINE), PASSPHRASE)


def test_bytes_that_are_no_text_are_malformed() -> None:
    with pytest.raises(Malformed):
        open_keys(encrypt(b"\xff", ScryptRecipient(PASSPHRASE, LOW)), PASSPHRASE)
    with pytest.raises(Malformed, match="longer"):
        open_keys(bytes(64 * 1024 + 1), PASSPHRASE)


def test_a_newer_key_file_is_said_to_be_newer() -> None:
    with pytest.raises(NewerFormat):
        open_keys(sealed("# saisaat key file v2", *HEAD[1:], SIGN_LINE, AGE_LINE), PASSPHRASE)


@pytest.mark.parametrize("name", ["", "a\nb", "a\n# sign: 00", "\u202e"])
def test_no_name_can_write_lines_of_its_own(name: str) -> None:
    with pytest.raises(ValueError, match="printable"):
        seal_admin_key(AdminKey(SIGN, name), PASSPHRASE, LOW)


def test_an_empty_passphrase_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        seal_keys(OFFICER, "", LOW)


def test_a_generated_passphrase_has_five_words_that_can_be_said() -> None:
    words = generate_passphrase(random=Dice(5)).split("-")
    assert [len(word) for word in words] == [5] * 5
    assert generate_passphrase(6).count("-") == 5


def test_a_passphrase_below_70_bits_is_not_made() -> None:
    with pytest.raises(ValueError, match="70"):
        generate_passphrase(4)


def test_every_word_has_16_bits() -> None:
    class Counter:
        def __init__(self) -> None:
            self.choices = 1

        def randbelow(self, bound: int, /) -> int:
            self.choices *= bound
            return 0

    counter = Counter()
    generate_passphrase(5, counter)
    assert counter.choices == 2**80
