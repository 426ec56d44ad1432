"""A stranger's file made fit to look at: its kind, and a harmless likeness of it.

    glance    a file's two ends and a few marks in it, in one pass
    kinds     what a file is, by its bytes; never by what its sender said
    hazards   what it may do to whoever opens it elsewhere
    worker    a process of its own, shut in (the room sandbox/): draws `pictures` and `papers` anew,
              reads the text of `papers`, `documents` and what is `plain`
    drawing   the other side of it: a bounded number of workers, each for one file, then dead
    looked    all of it together: one file as it was looked at
    orders    what is asked, and the numbers of both

Laws: bytes live in memory only; the bytes of a picture or a PDF that somebody sent never reach the
browser; what cannot be shown is named with a reason, in bounded time and memory.
"""

from console.previews.drawing import Drawing, NotShown, Picture, Text, Walls
from console.previews.glance import Glance, Glancing, glance_at
from console.previews.hazards import HAZARDS, RUNS, hazards_at, in_order
from console.previews.kinds import FileKind, Way, kind_at, kind_of
from console.previews.looked import UNSEEN, Looked, Sound, Unseen, look, unseen
from console.previews.orders import REASONS, WALLS, Orders

__all__ = [
    "HAZARDS",
    "REASONS",
    "RUNS",
    "UNSEEN",
    "WALLS",
    "Drawing",
    "FileKind",
    "Glance",
    "Glancing",
    "Looked",
    "NotShown",
    "Orders",
    "Picture",
    "Sound",
    "Text",
    "Unseen",
    "Walls",
    "Way",
    "glance_at",
    "hazards_at",
    "in_order",
    "kind_at",
    "kind_of",
    "look",
    "unseen",
]
