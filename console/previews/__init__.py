"""A stranger's file made fit to look at: its kind, and a harmless likeness of it.

    kinds     what a file is, by its first bytes; never by what its sender said
    worker    a process of its own, shut in (the room sandbox/): draws a picture anew, reads a PDF's
              text
    drawing   the other side of it: a bounded number of workers, each for one file, then dead
    orders    the numbers of both

Laws: bytes live in memory only; the bytes of a picture or a PDF that somebody sent never reach the
browser; what cannot be shown is named with a reason, in bounded time and memory.
"""

from console.previews.drawing import Drawing, NotShown, Picture, Preview, Text
from console.previews.kinds import FileKind, Way, kind_of
from console.previews.orders import REASONS, Orders

__all__ = [
    "REASONS",
    "Drawing",
    "FileKind",
    "NotShown",
    "Orders",
    "Picture",
    "Preview",
    "Text",
    "Way",
    "kind_of",
]
