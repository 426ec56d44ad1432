"""What a process of its own is given and answers: a line of JSON, and bytes behind it.

Both sides of it. What runs inside such a process loads this and never `apart`: it needs no event
loop.
"""

import json
import os
from collections.abc import Mapping
from typing import Any

HEAD_AT_MOST = 4096
"""Of an answer; in bytes."""
_PIECE = 64 * 1024


# --- inside that process


def received(at_most: int) -> bytes | None:
    """What it is given, to the end; None when that is more than *at_most*."""
    data = bytearray()
    while piece := os.read(0, _PIECE):
        data += piece
        if len(data) > at_most:
            return None
    return bytes(data)


# --- on both sides


def written(told: Mapping[str, Any], payload: bytes) -> bytes:
    """An answer as `parted` reads it."""
    return json.dumps(told).encode() + b"\n" + payload


def parted(answer: bytes) -> tuple[Mapping[str, Any], bytes]:
    """What an answer's first line tells, and the bytes behind it. A line that is none of ours tells
    nothing: {}."""
    head, _, payload = answer.partition(b"\n")
    try:
        told = json.loads(head) if len(head) <= HEAD_AT_MOST else None
    except (ValueError, RecursionError):
        told = None
    return (told if isinstance(told, dict) else {}), payload
