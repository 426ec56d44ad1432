"""Records that can be forgotten."""

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from sealing import (
    Malformed,
    NewerFormat,
    Tampered,
    bucket,
    open_record,
    record_context,
    seal_record,
)

KEY, SERVER = b"k" * 32, b"s" * 32
HERE = record_context("draft", "row", "person")


@given(st.binary(max_size=5000))
def test_a_record_comes_back_as_it_was(body: bytes) -> None:
    record = seal_record(KEY, SERVER, HERE, body)
    assert open_record(KEY, SERVER, HERE, record) == body
    assert len(record) == 1 + 12 + bucket(4 + len(body)) + 16


@pytest.mark.parametrize(
    ("key", "server", "context"),
    [
        (b"x" * 32, SERVER, HERE),
        (KEY, b"x" * 32, HERE),
        (SERVER, KEY, HERE),
        (KEY, SERVER, b""),
        (KEY, SERVER, record_context("contact", "row", "person")),
        (KEY, SERVER, record_context("draft", "other", "person")),
        (KEY, SERVER, record_context("draft", "row", "other")),
        (KEY, SERVER, record_context("draft", "row")),
    ],
)
def test_without_the_forgotten_key_the_server_key_or_the_place_nothing_opens(
    key: bytes, server: bytes, context: bytes
) -> None:
    record = seal_record(KEY, SERVER, HERE, b"words")
    with pytest.raises(Tampered):
        open_record(key, server, context, record)


@given(st.data())
def test_a_flipped_bit_never_opens(data: st.DataObject) -> None:
    record = bytearray(seal_record(KEY, SERVER, HERE, b"words"))
    place = data.draw(st.integers(0, len(record) * 8 - 1))
    record[place // 8] ^= 1 << place % 8
    with pytest.raises((Tampered, Malformed)):
        open_record(KEY, SERVER, HERE, bytes(record))


@given(st.data())
def test_a_record_cut_off_or_lengthened_never_opens(data: st.DataObject) -> None:
    record = seal_record(KEY, SERVER, HERE, b"words")
    cut = data.draw(st.integers(0, len(record) - 1))
    for altered in (record[:cut], record + b"\0"):
        with pytest.raises((Tampered, Malformed)):
            open_record(KEY, SERVER, HERE, altered)


@pytest.mark.parametrize(
    "plain",
    [b"", b"\0", b"\0\0\0\0", b"\xff" * 1024, bytes(4096), (2000).to_bytes(4, "big") + bytes(1020)],
)
def test_a_record_that_lies_about_its_length_is_malformed(plain: bytes) -> None:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=SERVER, info=b"saisaat/drawer/v1" + HERE)
    sealed = ChaCha20Poly1305(kdf.derive(KEY)).encrypt(bytes(12), plain, b"\x01")
    with pytest.raises(Malformed):
        open_record(KEY, SERVER, HERE, b"\x01" + bytes(12) + sealed)


def test_a_record_of_a_later_release_is_said_to_be_newer() -> None:
    with pytest.raises(NewerFormat):
        open_record(KEY, SERVER, HERE, b"\x02" + seal_record(KEY, SERVER, HERE, b"")[1:])


@given(st.lists(st.text(max_size=4), min_size=1), st.lists(st.text(max_size=4), min_size=1))
def test_two_contexts_are_never_spelled_alike(one: list[str], other: list[str]) -> None:
    assert (record_context(*one) == record_context(*other)) == (one == other)


def test_the_same_record_is_never_sealed_to_the_same_bytes() -> None:
    assert seal_record(KEY, SERVER, HERE, b"") != seal_record(KEY, SERVER, HERE, b"")


@pytest.mark.parametrize(("key", "server"), [(b"", SERVER), (KEY, b"short"), (KEY + b"x", SERVER)])
def test_keys_have_32_bytes(key: bytes, server: bytes) -> None:
    with pytest.raises(ValueError, match="32"):
        seal_record(key, server, HERE, b"")


def test_a_nonce_has_12_bytes() -> None:
    with pytest.raises(ValueError, match=r"(?i)nonce"):
        seal_record(KEY, SERVER, HERE, b"", nonce=bytes(8))


def test_more_than_the_drawer_holds_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        seal_record(KEY, SERVER, HERE, bytes(16 * 1024 * 1024 + 1))
