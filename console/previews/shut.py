"""How every worker works: all that it needs is loaded, it is shut in, then one file in, one
likeness out, and the end.

What is looked at in the file is its caller's. It writes nothing but its answer; whatever a file
makes a library raise is an answer, never a traceback.
"""

import warnings
from collections.abc import Callable
from typing import Any, Protocol

from console.answering import received, written
from console.previews.cannot import Cannot
from console.previews.glance import glance_at
from console.previews.kinds import FileKind, kind_at
from console.previews.orders import Asked
from sandbox import Walls, is_enough, only_answers, say, shut_in

Answer = tuple[dict[str, Any], bytes]


class Look(Protocol):
    """What is seen of *data*, a file of *kind*. Raises Cannot."""

    def __call__(
        self, data: bytes, kind: FileKind, asked: Asked, *, is_shut_in: bool
    ) -> Answer: ...


def work(asked: Asked, prepare: Callable[[], None], look: Look) -> None:
    """What the process runs: a file on stdin to its end, the answer on stdout. *prepare* loads what
    the libraries would load later, when nothing can be opened any more."""
    out = only_answers()
    warnings.simplefilter("ignore")
    prepare()
    shut = shut_in(Walls(asked.orders.memory_bytes, asked.orders.cpu_s), keep=out)
    is_shut_in = is_enough(shut)
    told, payload = _answered(asked, look, is_shut_in)
    told |= {"shut": shut, "enough": is_shut_in}
    say(out, written(told, payload))


def _answered(asked: Asked, look: Look, is_shut_in: bool) -> Answer:
    try:
        if asked.is_trial:
            return {"as": "nothing"}, b""
        data = _received(asked.orders.input_bytes)
        return look(data, kind_at(glance_at(data)), asked, is_shut_in=is_shut_in)
    except Cannot as cannot:
        return {"as": "nothing", "why": cannot.reason, "hazards": cannot.hazards}, b""
    except MemoryError:
        reason = "too_large"
    except Exception:  # whatever a stranger's bytes make a library raise
        reason = "damaged"
    return {"as": "nothing", "why": reason}, b""


def _received(at_most: int) -> bytes:
    data = received(at_most)
    if data is None:
        raise Cannot("too_large")
    return data
