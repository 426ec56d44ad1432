"""Which colour profile may stay: one of everybody's, never a screen's or a scanner's own."""

import struct

AT_MOST_BYTES = 8 * 1024
_COMMON = (
    b"srgb", b"display p3", b"adobe rgb (1998)", b"apple rgb", b"dci-p3", b"gray gamma 2.2",
    b"dot gain 20%", b"c2", b"gimp built-in srgb", b"e-srgb", b"uncalibrated",
)  # fmt: skip


def is_common(profile: bytes) -> bool:
    """Whether the ICC *profile* calls itself by a name that many devices share.

    A profile made for one screen names it, and the day it was measured. Without a profile the
    picture keeps every pixel; only its colours may look a little different.
    """
    if not 132 <= len(profile) <= AT_MOST_BYTES or profile[36:40] != b"acsp":
        return False
    name = _description(profile).replace(b"\0", b"").strip().lower()
    return any(name == each or (each == b"srgb" and name.startswith(each)) for each in _COMMON)


def _description(profile: bytes) -> bytes:
    (count,) = struct.unpack(">I", profile[128:132])
    for nth in range(min(count, 100)):
        entry = profile[132 + 12 * nth : 144 + 12 * nth]
        if len(entry) < 12:
            break
        tag, at, size = struct.unpack(">4sII", entry)
        if tag == b"desc":
            return _text(profile[at : at + size])
    return b""


def _text(value: bytes) -> bytes:
    """The first spelling in a text tag (a line of ASCII, or of UTF-16 in the newer form)."""
    if value[:4] == b"mluc" and len(value) >= 28:
        length, at = struct.unpack(">II", value[20:28])
        return value[at : at + length]
    if value[:4] == b"desc" and len(value) >= 12:
        (length,) = struct.unpack(">I", value[8:12])
        return value[12 : 12 + length]
    return b""
