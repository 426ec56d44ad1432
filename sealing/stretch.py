"""Argon2id for codes that people carry, with a purpose that keeps different kinds of code apart.

Salt and pepper belong to one deployment for ever: change either, or the cost, and no code finds
anything any more.
"""

from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SALT_AT_LEAST = 16
PEPPER_AT_LEAST = 32
STRETCHED_BYTES = 32


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess costs: memory in KiB, passes over it, lanes.

    Part of the result: fixed per deployment.
    """

    memory_kib: int = 19456
    time: int = 2
    lanes: int = 1

    def __post_init__(self) -> None:
        if self.lanes < 1 or self.time < 1 or self.memory_kib < 8 * self.lanes:
            raise ValueError("Argon2id needs a lane, a pass and 8 KiB of memory for each lane")


DEFAULT_COST = Cost()


def stretch(code: bytes, purpose: bytes, *, salt: bytes, cost: Cost) -> bytes:
    """32 bytes from *code*; *purpose* goes in as associated data (RFC 9106, section 3.1)."""
    if len(salt) < SALT_AT_LEAST:
        raise ValueError(f"salt is at least {SALT_AT_LEAST} bytes")
    return Argon2id(
        salt=salt,
        length=STRETCHED_BYTES,
        iterations=cost.time,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
        ad=purpose,
    ).derive(code)


def keyed(stretched: bytes, info: bytes, *, pepper: bytes) -> bytes:
    """One 32-byte key out of *stretched* and *pepper* (HKDF-SHA-256, the pepper as its salt).

    The pepper comes after the stretch, so that a registrar's console, which must not know it, can
    hand the server a stretched code instead of the code.
    """
    if len(pepper) < PEPPER_AT_LEAST:
        raise ValueError(f"pepper is at least {PEPPER_AT_LEAST} bytes")
    return HKDF(SHA256(), STRETCHED_BYTES, pepper, info).derive(stretched)
