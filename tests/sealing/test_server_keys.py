"""The server key in a backup: for the recovery key alone, and nothing else passes for one."""

import os

import pytest

from sealing import Malformed, NewerFormat, RecoveryKey, Tampered, WrongKey, age
from sealing.server_keys import (
    open_server_key,
    read_server_key,
    seal_server_key,
    write_server_key,
)

KEY, SALT = os.urandom(32), os.urandom(32)
RECOVERY = RecoveryKey.generate("recovery")


def test_the_recovery_key_gives_back_the_very_file() -> None:
    file = write_server_key(KEY, SALT)
    sealed = seal_server_key(file, RECOVERY.age.recipient)
    assert KEY not in sealed
    assert KEY.hex().encode() not in sealed
    assert open_server_key(sealed, RECOVERY.age) == file
    assert read_server_key(file) == (KEY, SALT)


def test_nobody_else_opens_it_and_an_altered_one_is_not_opened() -> None:
    sealed = seal_server_key(write_server_key(KEY, SALT), RECOVERY.age.recipient)
    with pytest.raises(WrongKey):
        open_server_key(sealed, RecoveryKey.generate("other").age)
    with pytest.raises(Tampered):
        open_server_key(sealed[:-1] + bytes([sealed[-1] ^ 1]), RECOVERY.age)


@pytest.mark.parametrize(
    "file",
    [
        *(b"", b"# only a comment\n", b"saisaat-server-key-1 00 00\n", b"x" * 5000),
        *(write_server_key(KEY, SALT) * 2, write_server_key(KEY, SALT).upper()),
    ],
)
def test_what_is_no_server_key_is_neither_sealed_nor_given_back(file: bytes) -> None:
    with pytest.raises(Malformed):
        seal_server_key(file, RECOVERY.age.recipient)
    with pytest.raises(Malformed):
        open_server_key(age.encrypt(file, RECOVERY.age.recipient), RECOVERY.age)


def test_a_seal_longer_than_any_is_refused_unread() -> None:
    with pytest.raises(Malformed):
        open_server_key(bytes(10_000_000), RECOVERY.age)
    with pytest.raises((Malformed, NewerFormat, Tampered)):
        open_server_key(b"age-encryption.org/v9\n", RECOVERY.age)
