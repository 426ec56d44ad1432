"""A part of the settings page: what it shows, and what can be done in it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from console.office import Office
from console.pages.window import Form, Window

Shown = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Said:
    """What came of a deed: the word key of what was *done*, and *shown* for this one answer (a link
    that works once), which then has no address of its own."""

    done: str = ""
    shown: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Part:
    """Its name is its key in the table, the name of its template, and a step of its forms'
    addresses: `/settings/PART/DEED`."""

    shown: Callable[[Window, Office], Awaitable[Shown]]
    deeds: Mapping[str, Callable[[Window, Office, Form], Awaitable[Said]]] = field(
        default_factory=dict
    )
