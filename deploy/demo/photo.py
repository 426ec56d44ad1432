"""A photo for the demo: a small PNG of a wall of fresh cement, drawn without any library."""

import random
import struct
import zlib

from deploy.demo.person import File

WIDTH, HEIGHT = 320, 240


def photo(name: str = "ถนนหน้าบ้าน.png", seed: int = 4) -> File:
    """The photo; another *seed* is another picture."""
    noise = random.Random(seed)
    rows = bytearray()
    for y in range(HEIGHT):
        rows.append(0)  # no filter (PNG, section 9.2)
        for x in range(WIDTH):
            is_joint = y % 40 < 3 or (x + y // 40 * 40) % 80 < 3
            shade = (90 if is_joint else 170) + noise.randrange(-18, 19)
            rows += bytes((shade, shade - 4, shade - 10))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(rows), 6))
    return File(name, "image/png", b"\x89PNG\r\n\x1a\n" + body + _chunk(b"IEND", b""))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
