"""Keeping fontTools out of a printer that will most likely not call it: it costs ten megabytes.

WeasyPrint loads it always. It calls it for what HarfBuzz cannot do: for every font where the
machine has no library to make fonts smaller with, else for fonts with axes or with pictures in
them. Which fonts a page takes shows when it is set, and then no module can be loaded any more. So a
stand-in ends the printer where fontTools would have been called, before anything is answered, and
the page goes to one that has it.
"""

import ctypes
import sys
from types import ModuleType
from typing import NoReturn

_SUBSETTING = "libharfbuzz-subset.so.0"
_MODULES = (
    "fontTools",
    "fontTools.subset",
    "fontTools.ttLib",
    "fontTools.varLib",
    "fontTools.varLib.instancer",
)


class FontToolsNeeded(BaseException):
    """Of no kind that a library catches to go on without."""


def keep_out() -> None:
    """From now on whoever imports fontTools gets the stand-in. Not where HarfBuzz cannot make fonts
    smaller: there it is called for sure."""
    try:
        ctypes.CDLL(_SUBSETTING)
    except OSError:
        return
    for name in _MODULES:
        sys.modules[name] = _StandIn(name)


class _Missing:
    """Whatever a module has a name for: it is not there."""

    def __call__(self, *_args: object, **_named: object) -> NoReturn:
        raise FontToolsNeeded

    def __getattr__(self, name: str) -> NoReturn:
        raise FontToolsNeeded


class _StandIn(ModuleType):
    """A module that has every name."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):  # what Python asks modules for
            raise AttributeError(name)
        return _Missing()
