"""One worker: shut in first, then one file in, one answer out, and the end.

Run by the cleaner as a process of its own. It writes nothing but frames; whatever a file makes a
library raise is an answer, never a traceback.
"""

import json
import os
from collections.abc import Iterator

from cleaning.formats import Cannot, clean, prepare
from cleaning.frames import FRAME_BYTES, HEAD, Frame, head, parse_head
from cleaning.orders import Limits, Orders
from sandbox import Walls, only_answers, say, shut_in


def start(written_orders: str) -> None:
    """What the process runs."""
    main(Orders.read(written_orders))


def main(orders: Orders) -> None:
    """Serve one file on stdin and stdout. Returns when it is answered, or when nobody asks."""
    out = only_answers()
    prepare()
    shut = shut_in(Walls(orders.memory_bytes, orders.cpu_s), keep=out)
    _say(out, Frame.READY, json.dumps(shut).encode())
    try:
        data = _read(orders.input_bytes)
    except EOFError:
        return
    for kind, payload in answer(data, orders.limits):
        _say(out, kind, payload)


def answer(data: bytes, limits: Limits) -> Iterator[tuple[Frame, bytes]]:
    """The frames that answer *data*."""
    try:
        found, cleaned = clean(data, limits)
    except Cannot as cannot:
        yield Frame.CANNOT, cannot.reason.encode()
        return
    except MemoryError:
        yield Frame.CANNOT, b"too_large"
        return
    except Exception:  # whatever a stranger's bytes make a library raise
        yield Frame.CANNOT, b"damaged"
        return
    if not found:
        yield Frame.NOTHING, b""
        return
    yield Frame.FOUND, json.dumps(sorted(found)).encode()
    for at in range(0, len(cleaned), FRAME_BYTES):
        yield Frame.DATA, cleaned[at : at + FRAME_BYTES]
    yield Frame.END, b""


def _say(out: int, kind: Frame, payload: bytes) -> None:
    say(out, head(kind, len(payload)) + payload)


def _read(at_most: int) -> bytes:
    """The file. Raises EOFError when the program went away."""
    data = bytearray()
    while True:
        kind, length = parse_head(_exactly(HEAD.size))
        if kind is Frame.END:
            return bytes(data)
        if kind is not Frame.DATA or len(data) + length > at_most:
            raise EOFError
        data += _exactly(length)


def _exactly(length: int) -> bytes:
    data = bytearray()
    while len(data) < length:
        piece = os.read(0, length - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
