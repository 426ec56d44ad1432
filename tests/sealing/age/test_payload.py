"""The payload: chunks in their order, to their end, or nothing that passes for a whole."""

import os
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sealing import age
from tests.sealing.age import forge

FULL = bytes(forge.CHUNK)
SEALED = forge.CHUNK + 16
KEY = age.X25519Identity.generate()
THREE_CHUNKS = os.urandom(2 * forge.CHUNK + 100)
THREE_CHUNKS_SEALED = age.encrypt(THREE_CHUNKS, KEY.recipient)
HEAD = len(age.encrypt(b"", KEY.recipient)) - 16


def middle(data: bytes, count: int) -> bytes:
    return forge.chunk(data, count, is_final=False)


def final(data: bytes, count: int) -> bytes:
    return forge.chunk(data, count, is_final=True)


def piecewise(file: bytes, sizes: list[int]) -> tuple[bytes, age.Decryptor]:
    """Feed *file* in pieces of *sizes*, repeated; what came out, and the stream, not finished."""
    opening, opened, at, turn = age.Decryptor(forge.Knows()), b"", 0, 0
    while at < len(file):
        size = sizes[turn % len(sizes)]
        opened += opening.update(file[at : at + size])
        at, turn = at + size, turn + 1
    return opened, opening


def opens(*chunks: bytes) -> bytes:
    """What a hand-made file opens to, the same at once and in pieces."""
    file = forge.file(*chunks)
    opened, opening = piecewise(file, [40_000])
    opened += opening.finish()
    assert age.decrypt(file, forge.Knows()) == opened
    return opened


def refused(expected: type[age.AgeError], *chunks: bytes) -> None:
    """A hand-made file is refused with exactly *expected*, at once and in pieces."""
    file = forge.file(*chunks)
    with pytest.raises(age.AgeError) as at_once:
        age.decrypt(file, forge.Knows())
    with pytest.raises(age.AgeError) as in_pieces:
        piecewise(file, [40_000])[1].finish()
    assert type(at_once.value) is type(in_pieces.value) is expected


@pytest.mark.parametrize("length", [0, 1, 65535, 65536, 65537, 131071, 131072, 131073])
def test_lengths_around_a_chunk_come_back(length: int) -> None:
    body = os.urandom(length)
    file = age.encrypt(body, KEY.recipient)
    assert age.decrypt(file, KEY) == body
    chunks = max(1, -(-length // forge.CHUNK))
    assert len(file) == HEAD + length + 16 * chunks


def test_every_file_has_a_fresh_key_and_a_fresh_nonce() -> None:
    file_keys, nonces = set(), set()

    class Watches:
        def wrap(self, file_key: bytes) -> age.Stanza:
            file_keys.add(file_key)
            return age.Stanza("test", (), b"")

    for _ in range(20):
        nonces.add(age.encrypt(b"", Watches())[-32:-16])
    assert len(file_keys) == len(nonces) == 20
    assert {len(key) for key in file_keys} == {16}


def test_hand_made_files_open() -> None:
    assert opens(final(b"age", 0)) == b"age"
    assert opens(final(b"", 0)) == b""
    assert opens(final(FULL, 0)) == FULL
    assert opens(middle(FULL, 0), final(b"age", 1)) == FULL + b"age"
    assert opens(middle(FULL, 0), final(FULL, 1)) == FULL + FULL


def test_chunks_out_of_place_are_tampering() -> None:
    a, b, c = (os.urandom(forge.CHUNK) for _ in range(3))
    refused(age.Tampered, middle(b, 1), middle(a, 0), final(b"", 2))
    refused(age.Tampered, middle(a, 0), middle(a, 0), final(c, 1))
    refused(age.Tampered, middle(a, 0), middle(c, 2), final(b"x", 3))
    refused(age.Tampered, middle(b, 1), final(c, 2))


def test_a_final_chunk_out_of_place_is_no_end() -> None:
    refused(age.Truncated, middle(FULL, 0), final(b"age", 2))
    refused(age.Truncated, middle(FULL, 0), final(b"age", 0))
    refused(age.Tampered, final(FULL, 1))


def test_a_file_that_stops_between_chunks_is_truncated() -> None:
    refused(age.Truncated, middle(FULL, 0))
    refused(age.Truncated, middle(FULL, 0), middle(FULL, 1))
    refused(age.Truncated, middle(b"age", 0))


def test_an_empty_final_chunk_after_others_is_malformed() -> None:
    refused(age.Malformed, middle(FULL, 0), final(b"", 1))


def test_a_short_chunk_in_the_middle_is_refused() -> None:
    refused(age.Truncated, middle(b"age", 0), final(b"age", 1))
    refused(age.Tampered, middle(FULL[:-1], 0), final(FULL, 1))


def test_bytes_after_a_full_final_chunk_are_trailing() -> None:
    refused(age.TrailingData, final(FULL, 0), b"\n")
    refused(age.TrailingData, final(FULL, 0), final(b"", 1))
    refused(age.TrailingData, middle(FULL, 0), final(FULL, 1), FULL)


def test_bytes_after_a_short_final_chunk_are_refused() -> None:
    refused(age.Truncated, final(b"age", 0), b"\n")
    refused(age.Tampered, final(b"age", 0), FULL + bytes(100))


def test_two_files_end_to_end_are_not_one() -> None:
    with pytest.raises(age.Tampered):
        age.decrypt(forge.file() + forge.file(), forge.Knows())
    with pytest.raises(age.Tampered):
        age.decrypt(THREE_CHUNKS_SEALED + THREE_CHUNKS_SEALED, KEY)


def test_every_bit_of_a_small_file_counts() -> None:
    file = age.encrypt(b"words", KEY.recipient)
    for bit in range(8 * len(file)):
        flipped = bytearray(file)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises(age.AgeError):
            age.decrypt(flipped, KEY)


@given(st.integers(0, 8 * len(THREE_CHUNKS_SEALED) - 1))
@settings(max_examples=60, deadline=None)
def test_every_bit_of_a_large_file_counts(bit: int) -> None:
    flipped = bytearray(THREE_CHUNKS_SEALED)
    flipped[bit // 8] ^= 1 << bit % 8
    with pytest.raises(age.AgeError):
        age.decrypt(flipped, KEY)


def edges() -> list[int]:
    """Lengths around each seam of the large file: header, nonce, chunk, tag."""
    seams = [0, 22, HEAD - 16, HEAD, HEAD + SEALED, HEAD + 2 * SEALED, len(THREE_CHUNKS_SEALED)]
    near = {seam + step for seam in seams for step in (-17, -16, -15, -1, 0, 1, 15, 16, 17)}
    return sorted(length for length in near if 0 <= length < len(THREE_CHUNKS_SEALED))


@pytest.mark.parametrize("length", edges())
def test_a_cut_anywhere_is_a_truncation_and_hands_out_only_authentic_chunks(length: int) -> None:
    cut = THREE_CHUNKS_SEALED[:length]
    with pytest.raises(age.Truncated):
        age.decrypt(cut, KEY)
    opening = age.Decryptor(KEY)
    opened = opening.update(cut)
    assert THREE_CHUNKS.startswith(opened)
    assert len(opened) % forge.CHUNK == 0
    with pytest.raises(age.Truncated):
        opening.finish()


@given(st.lists(st.integers(100, 70_000), min_size=1, max_size=8))
@settings(max_examples=40, deadline=None)
def test_pieces_of_any_size_make_the_same_file(sizes: list[int]) -> None:
    opening = age.Decryptor(KEY)
    opened, at, turn = [], 0, 0
    while at < len(THREE_CHUNKS_SEALED):
        size = sizes[turn % len(sizes)]
        opened.append(opening.update(THREE_CHUNKS_SEALED[at : at + size]))
        at, turn = at + size, turn + 1
    assert b"".join((*opened, opening.finish())) == THREE_CHUNKS

    sealing = age.Encryptor(KEY.recipient)
    sealed, at = [], 0
    while at < len(THREE_CHUNKS):
        size = sizes[turn % len(sizes)]
        sealed.append(sealing.update(THREE_CHUNKS[at : at + size]))
        at, turn = at + size, turn + 1
    assert age.decrypt(b"".join((*sealed, sealing.finish())), KEY) == THREE_CHUNKS


def test_single_bytes_and_empty_updates_make_the_same_file() -> None:
    file = age.encrypt(b"words", KEY.recipient)
    opening = age.Decryptor(KEY)
    opened = b"".join(
        opening.update(file[at : at + 1]) + opening.update(b"") for at in range(len(file))
    )
    assert opened + opening.finish() == b"words"
    sealing = age.Encryptor(KEY.recipient)
    sealed = b"".join(sealing.update(piece) for piece in (b"", b"wo", b"", b"rds", b""))
    assert age.decrypt(sealed + sealing.finish(), KEY) == b"words"
    assert age.decrypt(age.Encryptor(KEY.recipient).finish(), KEY) == b""


def test_the_first_update_carries_the_header() -> None:
    assert age.Encryptor(KEY.recipient).update(b"").startswith(forge.VERSION)


def test_a_buffer_may_be_reused_as_soon_as_update_returns() -> None:
    sealing, buffer = age.Encryptor(KEY.recipient), bytearray(b"words")
    sealed = sealing.update(memoryview(buffer))
    buffer[:] = b"other"
    assert age.decrypt(sealed + sealing.finish(), KEY) == b"words"


def test_streams_take_bounded_memory() -> None:
    piece = bytes(100_000)
    sealing, opening = age.Encryptor(KEY.recipient), age.Decryptor(KEY)
    tracemalloc.start()
    opened = sum(len(opening.update(sealing.update(piece))) for _ in range(100))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    opened += len(opening.update(sealing.finish())) + len(opening.finish())
    assert opened == 100 * len(piece)
    assert peak < 16 * forge.CHUNK


def test_a_spent_stream_does_nothing_more() -> None:
    sealing = age.Encryptor(KEY.recipient)
    sealing.finish()
    opening = age.Decryptor(KEY)
    with pytest.raises(age.Truncated):
        opening.finish()
    for call in (sealing.finish, opening.finish):
        with pytest.raises(ValueError, match="ended"):
            call()
    for update in (sealing.update, opening.update):
        with pytest.raises(ValueError, match="ended"):
            update(b"more")


def test_after_tampering_a_stream_can_never_finish() -> None:
    opening = age.Decryptor(forge.Knows())
    opening.update(forge.file(middle(FULL, 0), b"?"))
    with pytest.raises(age.Tampered):
        opening.update(FULL + FULL)
    with pytest.raises(ValueError, match="ended"):
        opening.finish()


def test_pieces_left_half_read_never_make_a_whole() -> None:
    opening = age.Decryptor(forge.Knows())
    next(opening.pieces(forge.file(middle(FULL, 0), middle(FULL, 1), final(b"age", 2))))
    with pytest.raises(ValueError, match="ended"):
        opening.finish()
