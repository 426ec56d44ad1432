"""What a file may do to whoever opens it outside this program: told before it is saved. Pure.

Told by bytes, never by what a sender called the file; a worker that read deeper may add to it,
never take away. What is not named here is not thereby safe.
"""

import struct
from collections.abc import Callable, Iterable

from console.previews.glance import FORMULA, PDF_WITHIN, RUN_BY_WORDS, Glance
from console.previews.kinds import FileKind, Way, kind_at

HAZARDS = (
    *("program", "script", "shortcut", "markup", "mail", "calendar", "archive"),
    *("macros", "old_office", "embedded", "fetches", "formulas"),
    *("pdf_acts", "pdf_files", "two_kinds", "unsearched"),
)
"""Keys of the words (`hazard.…`), the gravest first."""

RUNS = frozenset({"program", "script", "shortcut", "markup", "mail", "macros", "two_kinds"})
"""A file that may do this is saved under a name that no program opens by itself."""

_PDF_ACTS = (b"/javascript", b"/launch", b"/richmedia", b"/xfa")
_MACROS = (b"vbaproject.bin", b"macrosheets/", b"basic/script", b"scripts/")
_EMBEDDED = (b"/embeddings/", b"/activex/", b"object 1/", b"objectreplacements/")
_ZIP_END = b"PK\x05\x06"
_ZIPPED = frozenset({"docx", "xlsx", "pptx", "odt", "ods", "odp", "zip", "program"})
_TEXTS = frozenset({"markup", "mail", "script", "text", "calendar", "shortcut"})

_Rule = Callable[[Glance, FileKind], bool]


def hazards_at(glance: Glance, kind: FileKind | None = None) -> tuple[str, ...]:
    """The hazards of a file that was glanced at, in the order of HAZARDS."""
    kind = kind or kind_at(glance)
    found = set(kind.does)
    found |= {name for name, rule in _RULES.items() if rule(glance, kind)}
    return in_order(found)


def in_order(hazards: Iterable[str]) -> tuple[str, ...]:
    """Each once, the gravest first; what is none is left out."""
    given = set(hazards)
    return tuple(name for name in HAZARDS if name in given)


def _has(marks: Iterable[bytes], of: frozenset[str]) -> _Rule:
    wanted = frozenset(marks)
    return lambda glance, kind: kind.name in of and bool(wanted & glance.marks)


def _is_two(glance: Glance, kind: FileKind) -> bool:
    """Whether another program would take the file for something else than it seems."""
    is_more_pdf = kind.name != "pdf" and b"%PDF-" in glance.head[:PDF_WITHIN]
    is_less_pdf = kind.name == "pdf" and not glance.head.lstrip().startswith(b"%PDF-")
    is_page = kind.name not in _TEXTS and kind.way is not Way.NOT and _page_within(glance)
    return is_more_pdf or is_less_pdf or is_page or (kind.name not in _ZIPPED and _ends_zip(glance))


def _page_within(glance: Glance) -> bool:
    return bool(glance.marks & {b"<script", b"<html"})


def _ends_zip(glance: Glance) -> bool:
    """Whether the file ends with the record that every ZIP archive ends with: programs look for it
    from the end and care for nothing before it.
    """
    at = glance.tail.rfind(_ZIP_END)
    while at >= 0:
        record = glance.tail[at : at + 22]
        if len(record) == 22:
            members, length, start = struct.unpack("<HII", record[10:20])
            if members and length >= 46 and length + start <= glance.size:
                return True
        at = glance.tail.rfind(_ZIP_END, 0, at)
    return False


_RULES: dict[str, _Rule] = {
    "macros": _has(_MACROS, _ZIPPED),
    "embedded": _has(_EMBEDDED, _ZIPPED - {"zip"}),
    "fetches": _has((b"/externallinks/",), _ZIPPED),
    "pdf_acts": _has(_PDF_ACTS, frozenset({"pdf"})),
    "pdf_files": _has((b"/embeddedfile",), frozenset({"pdf"})),
    "two_kinds": _is_two,
    "script": _has(RUN_BY_WORDS, frozenset({"text"})),
    "formulas": _has({FORMULA}, frozenset({"text"})),
}
