"""Files, sealed as they stream."""

import hashlib
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import BlobOpener, BlobSealer, Malformed, Misplaced, Tampered, WrongKey
from sealing.age import decrypt, encrypt
from sealing.blobs import padded_size
from tests.sealing.sealed_samples import KEYS, STRANGER

CASE = KEYS.case


def seal(file: bytes, step: int = 50_000) -> tuple[bytes, BlobSealer]:
    sealer = BlobSealer(CASE.recipient)
    pieces = [sealer.update(file[start : start + step]) for start in range(0, len(file), step)]
    return b"".join([*pieces, *sealer.finish()]), sealer


def open_(blob: bytes, size: int, sha256: str, step: int = 50_000) -> bytes:
    opener = BlobOpener(CASE, size=size, sha256=sha256)
    pieces = [opener.update(blob[start : start + step]) for start in range(0, len(blob), step)]
    return b"".join([*pieces, opener.finish()])


@settings(max_examples=30)
@given(st.binary(max_size=3000), st.integers(0, 140_000), st.integers(1000, 100_000))
def test_a_file_comes_back_as_it_was(head: bytes, zeros: int, step: int) -> None:
    file = head + bytes(zeros)  # ends in zeros, like its padding
    blob, sealer = seal(file, step)
    assert (sealer.size, sealer.sha256) == (len(file), hashlib.sha256(file).hexdigest())
    assert open_(blob, sealer.size, sealer.sha256, step) == file


def test_a_stock_reader_finds_the_file_and_zeros_behind_it() -> None:
    blob, sealer = seal(b"photo")
    assert decrypt(blob, CASE) == b"photo".ljust(padded_size(sealer.size), b"\0")


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_files_of_one_padme_length_look_the_same(one: int, other: int) -> None:
    assert padded_size(one) >= max(one, 1024)
    assert (padded_size(one) <= padded_size(other)) or one > other


def test_two_small_files_give_one_length() -> None:
    assert len(seal(b"")[0]) == len(seal(b"x" * 1024)[0])


def test_another_files_blob_is_misplaced() -> None:
    blob, _ = seal(b"one" * 100)
    for size, sha256 in (
        (300, hashlib.sha256(b"two" * 100).hexdigest()),
        (299, hashlib.sha256((b"one" * 100)[:-1]).hexdigest()),
        (301, hashlib.sha256(b"one" * 100 + b"\0").hexdigest()[::-1]),
        (5000, hashlib.sha256(b"one" * 100).hexdigest()),
    ):
        with pytest.raises(Misplaced):
            open_(blob, size, sha256)


def test_words_hidden_in_the_padding_are_found() -> None:
    blob = encrypt(b"file" + b"\0" * 1019 + b"x", CASE.recipient)
    with pytest.raises(Misplaced):
        open_(blob, 4, hashlib.sha256(b"file").hexdigest())


@pytest.mark.parametrize("length", [4, 1023, 1025, 2048])
def test_other_padding_is_refused(length: int) -> None:
    blob = encrypt(b"file".ljust(length, b"\0"), CASE.recipient)
    with pytest.raises(Misplaced):
        open_(blob, 4, hashlib.sha256(b"file").hexdigest())


def test_a_blob_cut_off_is_no_file() -> None:
    blob, sealer = seal(bytes(200_000))
    for cut in (0, 10, 5000, 100_000, len(blob) - 1):
        with pytest.raises((Tampered, Malformed)):
            open_(blob[:cut], sealer.size, sealer.sha256)


def test_a_blob_whose_end_was_never_stored_does_not_open() -> None:
    sealer = BlobSealer(CASE.recipient)
    stored = sealer.update(b"x" * 200_000) + next(sealer.finish())
    with pytest.raises(Tampered):
        open_(stored, sealer.size, sealer.sha256)


def test_a_flipped_bit_and_a_wrong_key_open_nothing() -> None:
    blob, sealer = seal(b"file")
    with pytest.raises(Tampered):
        open_(blob[:-1] + bytes([blob[-1] ^ 1]), sealer.size, sealer.sha256)
    with pytest.raises(WrongKey):
        BlobOpener(STRANGER, size=4, sha256=sealer.sha256).update(blob)


def test_memory_stays_at_a_few_chunks_whatever_the_length() -> None:
    piece = bytes(64 * 1024)
    tracemalloc.start()
    sealer = BlobSealer(CASE.recipient)
    for _ in range(200):
        sealer.update(piece)
    for _ in sealer.finish():
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12 * len(piece)
