"""A PDF: its text, and what it would do by itself (pypdf). Runs shut in."""

import io
import time
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject, StreamObject

from console.previews.cannot import Cannot
from console.previews.orders import PAGE_ENDS, Orders

_ACTS = frozenset({"/JavaScript", "/Launch", "/RichMedia", "/SubmitForm", "/ImportData", "/XFA"})
_HOLDS = frozenset({"/EmbeddedFile", "/EmbeddedFiles", "/GoToE"})
_FETCHES = frozenset({"/GoToR"})
_ASKED = ("/S", "/Type", "/Subtype")
_DEEP = 12
_ACTIONS_AT_MOST = 100


def read(data: bytes, orders: Orders) -> tuple[dict[str, Any], list[str]]:
    """The text of the first pages, how many there are, and the hazards. Raises Cannot.

    A page without text is an empty one: it may be a picture.
    """
    book = PdfReader(io.BytesIO(data))
    if book.is_encrypted:
        raise Cannot("locked")
    of = len(book.pages)
    pages, left = [], orders.text_chars
    for page in book.pages[: orders.pages]:
        if left <= 0:
            break
        text = page.extract_text().replace(PAGE_ENDS, " ")[:left]
        left -= len(text)
        pages.append(text)
    told = {"of": of, "is_cut": left <= 0 or len(pages) < of, "hazards": hazards(book, orders)}
    return told, pages


def hazards(book: PdfReader, orders: Orders) -> list[str]:
    """What the objects of *book* would do; whatever cannot be looked at in time is told too."""
    ends, found = time.process_time() + orders.search_s, set[str]()
    numbers = {number for table in book.xref.values() for number in table} | set(book.xref_objStm)
    for number in sorted(numbers):
        if time.process_time() > ends:
            return sorted({*found, "unsearched"})
        try:
            found |= _of_object(book.get_object(number), _DEEP)
        except Exception:  # whatever a stranger's object makes pypdf raise
            found.add("unsearched")
    return sorted(found)


def _of_object(held: object, deeper: int) -> set[str]:
    """Of one object and what is written inside it; what it refers to has its own turn."""
    if not deeper:
        return {"unsearched"}
    if isinstance(held, ArrayObject):
        return set().union(*(_of_object(each, deeper - 1) for each in list.__iter__(held)))
    if not isinstance(held, DictionaryObject):
        return set()
    named = {str(name) for name in held}
    named |= {str(dict.get(held, asked)) for asked in _ASKED if dict.__contains__(held, asked)}
    if "/JS" in named:
        named.add("/JavaScript")
    found = {"pdf_acts"} if named & _ACTS else set()
    found |= {"pdf_files"} if named & _HOLDS else set()
    found |= {"fetches"} if named & _FETCHES or _is_elsewhere(held) else set()
    found |= {"fetches"} if any(map(_leads_out, _by_itself(held))) else set()
    return found.union(*(_of_object(each, deeper - 1) for each in dict.values(held)))


def _is_elsewhere(held: DictionaryObject) -> bool:
    """Whether its bytes lie in another file, or at an address."""
    is_outside = isinstance(held, StreamObject) and dict.__contains__(held, "/F")
    return is_outside or str(dict.get(held, "/FS")) == "/URL"


def _by_itself(held: DictionaryObject) -> Iterator[object]:
    """The actions that need no click: on opening, or on whatever else happens (/AA)."""
    yield _resolved(dict.get(held, "/OpenAction"))
    happens = _resolved(dict.get(held, "/AA"))
    if isinstance(happens, DictionaryObject):
        yield from map(_resolved, dict.values(happens))


def _leads_out(action: object) -> bool:
    """Whether *action*, or one that follows it, opens an address; very many hide something."""
    waiting, looked_at = [action], 0
    while waiting and looked_at < _ACTIONS_AT_MOST:
        each = waiting.pop()
        looked_at += 1
        if isinstance(each, ArrayObject):
            waiting += [_resolved(one) for one in list.__iter__(each)]
        elif isinstance(each, DictionaryObject):
            if str(dict.get(each, "/S")) == "/URI":
                return True
            waiting.append(_resolved(dict.get(each, "/Next")))
    return bool(waiting)


def _resolved(value: object) -> object:
    return value.get_object() if isinstance(value, PdfObject) else None


def prepare() -> None:
    """Load what the library would load later, when nothing can be opened any more."""
    writer, written = PdfWriter(), io.BytesIO()
    writer.add_blank_page(72, 72)
    writer.write(written)
    read(written.getvalue(), Orders())
