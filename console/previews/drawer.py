"""A worker for pictures on paper alone. It loads no library for papers, and so is small beside
`worker`.
"""

from console.previews import pictures
from console.previews.cannot import Cannot
from console.previews.kinds import FileKind, Way
from console.previews.orders import Asked
from console.previews.shut import Answer, work

_ONLY_SHUT_IN = frozenset({"tiff", "avif"})
"""What the libraries that draw it are too large for to be trusted without the walls."""


def start(written_orders: str) -> None:
    """What the process runs."""
    work(Asked.read(written_orders), pictures.prepare, _printable)


def check(kind: FileKind, *, is_shut_in: bool) -> None:
    """Raises Cannot for what is not drawn here."""
    if kind.way is not Way.DRAWN:
        raise Cannot("damaged")
    if kind.name in _ONLY_SHUT_IN and not is_shut_in:
        raise Cannot("unprotected")


def _printable(data: bytes, kind: FileKind, asked: Asked, *, is_shut_in: bool) -> Answer:
    check(kind, is_shut_in=is_shut_in)
    return {"as": "print"}, pictures.for_paper(data, asked.orders)
