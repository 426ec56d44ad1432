"""The sealing primitives beside the bare ciphers that they are made of."""

import os
import time
from collections.abc import Awaitable, Callable

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PublicKey, Suite

from bench.measuring import Took, side_by_side
from bench.rows import Row
from bench.sizes import Sizes
from sealing import Receipt, stretch_receipt
from sealing.age import CHUNK, Encryptor, PQIdentity, encrypt
from sealing.stretch import Cost

SUITE = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
MIB = 1024 * 1024


async def rows(sizes: Sizes) -> list[Row]:
    seals = [await _seal(sizes, many) for many in (1, 5, 20)]
    return [*seals, await _stream(sizes), await _stretch(sizes)]


async def _seal(sizes: Sizes, many: int) -> Row:
    recipients = [PQIdentity.generate().recipient for _ in range(many)]
    words, keys = os.urandom(2048), [_public_key() for _ in range(many)]
    beside = await side_by_side(
        sizes.rounds,
        _timed(lambda: encrypt(words, *recipients), sizes.seals),
        _timed(lambda: _bare(words, keys), sizes.seals),
    )
    return Row(
        "sealing",
        f"seal 2 KiB to {many} post-quantum recipient{'s' if many > 1 else ''} (CPU)",
        beside.real.cpu_s * 1000,
        "ms",
        beside.floor.cpu_s * 1000,
        beside.cpu_ratio,
        note="floor: bare HPKE of the key for each, one cipher",
    )


def _public_key() -> MLKEM768X25519PublicKey:
    mlkem, x25519 = MLKEM768PrivateKey.generate(), X25519PrivateKey.generate()
    return MLKEM768X25519PublicKey(mlkem.public_key(), x25519.public_key())


def _bare(words: bytes, recipients: list[MLKEM768X25519PublicKey]) -> None:
    key = os.urandom(32)
    for recipient in recipients:
        SUITE.encrypt(key[:16], recipient, b"bench")
    ChaCha20Poly1305(key).encrypt(bytes(12), words, None)


async def _stream(sizes: Sizes) -> Row:
    recipient, piece = PQIdentity.generate().recipient, os.urandom(MIB)
    pieces = sizes.stream_bytes // MIB

    def real() -> None:
        sealing = Encryptor(recipient)
        for _ in range(pieces):
            sealing.update(piece)
        sealing.finish()

    beside = await side_by_side(
        sizes.rounds, _timed(real, 1), _timed(lambda: raw_cipher(piece, pieces), 1)
    )
    return Row(
        "sealing",
        "age stream (CPU)",
        sizes.stream_bytes / beside.real.cpu_s / MIB,
        "MiB/s",
        sizes.stream_bytes / beside.floor.cpu_s / MIB,
        beside.cpu_ratio,
        note="floor: raw ChaCha20-Poly1305, 64 KiB chunks",
    )


def raw_cipher(piece: bytes, times: int) -> None:
    """ChaCha20-Poly1305 over *piece*, *times* over, in chunks of 64 KiB; a nonce for each."""
    cipher, view, count = ChaCha20Poly1305(os.urandom(32)), memoryview(piece), 0
    for _ in range(times):
        for at in range(0, len(view), CHUNK):
            cipher.encrypt(count.to_bytes(12, "big"), view[at : at + CHUNK], None)
            count += 1


async def _stretch(sizes: Sizes) -> Row:
    took = await _timed(lambda: stretch(Cost()), max(1, sizes.seals // 10))()
    return Row(
        "sealing",
        "Argon2id of a receipt (19 MiB, 2 passes; CPU)",
        took.cpu_s * 1000,
        "ms",
    )


def stretch(cost: Cost) -> None:
    """What one receipt costs."""
    stretch_receipt(Receipt.generate(), salt=bytes(16), pepper=bytes(32), cost=cost)


def _timed(work: Callable[[], object], times: int) -> Callable[[], Awaitable[Took]]:
    async def run() -> Took:
        wall_s, cpu_s = time.perf_counter(), time.process_time()
        for _ in range(times):
            work()
        took = Took(time.perf_counter() - wall_s, time.process_time() - cpu_s)
        return took.per(times)

    return run
