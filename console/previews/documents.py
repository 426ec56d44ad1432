"""Office documents read as text: Word, Excel, PowerPoint, OpenDocument. Runs shut in.

No office program is asked. A member is inflated only as far as its declared size, all of them
together only as far as the orders say; XML with a document type is refused, and with it every
entity of its own. What moves, links or runs is not followed: it is text, or it is named.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from xml.parsers import expat

from console.previews.cannot import Cannot
from console.previews.orders import PAGE_ENDS, Orders

_IS_ENCRYPTED = 0x1
_PIECE = 64 * 1024
_NUMBER = re.compile(r"(\d+)\.xml$")
_FETCHING_FIELD = re.compile(r"\b(INCLUDEPICTURE|INCLUDETEXT|IMPORT|LINK|DDE|DDEAUTO)\b", re.I)
_RUNNING_FIELD = re.compile(r"\b(DDE|DDEAUTO)\b|\bQUOTE(?:\s+\d{2,3}){3}", re.I)
"""The last spells a word by the numbers of its letters: only who hides it writes it so."""
_FETCHING_FORMULA = re.compile(r"\b(WEBSERVICE|IMAGE|RTD)\s*\(", re.I)
_RUNNING_ACTION = re.compile(r"ppaction://(program|macro|ole)", re.I)
_ELSEWHERE = re.compile(r"\s*(?:[a-z][a-z0-9+.-]+:|//|\\\\)", re.I)
_FETCHED = frozenset(
    {
        *("image", "object", "object-ole", "table-source", "section-source", "plugin", "applet"),
        *("floating-frame", "fill-image", "background-image", "sound"),
    }
)
_DDE = frozenset({"dde-source", "dde-connection-decl", "ddeLink"})
_TOLD_BY_TYPE = (
    (re.compile(r"vbaproject|macrosheet|macroenabled", re.I), "macros"),
    (
        re.compile(r"/(?:oleobject|package|control|activex\w*|afchunk|subdocument)$", re.I),
        "embedded",
    ),
    (re.compile(r"/(?:webextension|connections)$", re.I), "fetches"),
)
"""By what a part is to the document, which counts for office programs; its name does not."""
_BREAKS = frozenset({"p", "h", "tr", "table-row"})
_WORDS_IN_OFFICE = frozenset({"t", "delText"})
_WORDS_IN_OPEN_DOCUMENT = frozenset({"p", "h"})
_GAPS = {"tab": "\t", "tc": "\t", "table-cell": "\t", "br": "\n", "cr": "\n", "line-break": "\n"}
_GAPS["s"] = " "
_CUT = "\f"
"""Ends the text of a page of which there is more: no XML can hold it."""


class _Members:
    """The members of an archive by name, within the orders."""

    def __init__(self, data: bytes, orders: Orders) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except (zipfile.BadZipFile, ValueError):
            raise Cannot("damaged") from None
        self._left = orders.inflated_bytes
        infos = self._zip.infolist()
        if len(infos) > orders.members:
            raise Cannot("too_large")
        if any(info.flag_bits & _IS_ENCRYPTED for info in infos):
            raise Cannot("locked")
        self.names = [info.filename for info in infos]

    def read(self, name: str) -> bytes:
        """Raises Cannot when there is more than was declared, or than the orders allow."""
        info = self._zip.getinfo(name)
        if info.file_size > self._left:
            raise Cannot("too_large")
        self._left -= info.file_size
        try:
            with self._zip.open(info) as member:
                data = member.read(info.file_size + 1)
        except (zipfile.BadZipFile, NotImplementedError, EOFError):
            # zipfile says the second of a compression that it does not know.
            raise Cannot("damaged") from None
        if len(data) != info.file_size:
            raise Cannot("damaged")
        return data

    def matching(self, pattern: str) -> list[str]:
        """Names that match, numbered ones in the order of their numbers."""
        found = [name for name in self.names if re.fullmatch(pattern, name)]
        return sorted(found, key=lambda name: int(n[1]) if (n := _NUMBER.search(name)) else 0)


def read(data: bytes, orders: Orders, kind: str) -> tuple[dict[str, Any], list[str]]:
    """The text of each page (a sheet, a slide; a letter is one page), how many there are, and the
    hazards that only its inside tells. Raises Cannot.
    """
    members, told = _Members(data, orders), set[str]()
    left, of, is_cut = orders.text_chars, 0, False
    pages: list[str] = []
    for page in _PAGES[kind](members, orders, told):
        of += 1
        if left > 0 and len(pages) < orders.pages:
            is_cut = is_cut or page.endswith(_CUT) or len(page) > left
            pages.append(page.removesuffix(_CUT)[:left].replace(PAGE_ENDS, " "))
            left -= len(page)
    told |= _hazards(members, orders)
    if is_cut and kind != "xlsx":  # a sheet's cells are told by what leads to them
        told.add("unsearched")
    is_cut = is_cut or len(pages) < of
    return {"of": of, "is_cut": is_cut, "hazards": sorted(told)}, pages


def _letter(members: _Members, orders: Orders, told: set[str]) -> Iterator[str]:
    main = members.matching(r"word/document\d*\.xml")[:1]
    more = members.matching(r"word/(?:header|footer|footnotes|endnotes|comments)\d*\.xml")
    if not main:
        raise Cannot("damaged")
    said = _Said(_WORDS_IN_OFFICE, orders, told)
    for name in (*main, *more):
        _parse(members.read(name), said, orders)
    yield said.taken()


def _slides(members: _Members, orders: Orders, told: set[str]) -> Iterator[str]:
    for name in members.matching(r"ppt/slides/slide\d+\.xml"):
        said = _Said(_WORDS_IN_OFFICE, orders, told)
        _parse(members.read(name), said, orders)
        yield said.taken()


def _sheets(members: _Members, orders: Orders, told: set[str]) -> Iterator[str]:
    shared = _Shared()
    if "xl/sharedStrings.xml" in members.names:
        _parse(members.read("xl/sharedStrings.xml"), shared, orders)
    for name in members.matching(r"xl/worksheets/sheet\d+\.xml"):
        sheet = _Sheet(shared.strings, orders, told)
        _parse(members.read(name), sheet, orders)
        yield sheet.taken()


def _open_document(turns: str = "") -> "_Pages":
    def pages(members: _Members, orders: Orders, told: set[str]) -> Iterator[str]:
        if "content.xml" not in members.names:
            raise Cannot("damaged")
        said = _Said(_WORDS_IN_OPEN_DOCUMENT, orders, told, turns)
        _parse(members.read("content.xml"), said, orders)
        yield from said.turned
        if not turns or not said.turned:
            yield said.taken()

    return pages


_Pages = Callable[[_Members, Orders, set[str]], Iterator[str]]
_PAGES: dict[str, _Pages] = {
    "docx": _letter,
    "xlsx": _sheets,
    "pptx": _slides,
    "odt": _open_document(),
    "ods": _open_document("table"),
    "odp": _open_document("page"),
}
KINDS = frozenset(_PAGES)


class _Enough(Exception):
    """More than is shown was read already."""


class _Reader:
    """What `_parse` tells of an XML document, under local names."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, words: str) -> None: ...


class _Taking(_Reader):
    """Keeps what is shown, and stops when that is all."""

    def __init__(self, orders: Orders) -> None:
        self._left = orders.text_chars
        self._pieces: list[str] = []

    def gap(self, words: str) -> None:
        if len(words) > self._left:
            self._pieces.append(words[: self._left])
            self._pieces.append(_CUT)
            self._left = 0
            raise _Enough
        self._left -= len(words)
        self._pieces.append(words)

    def taken(self) -> str:
        said = "".join(self._pieces)
        self._pieces.clear()
        lines = "\n".join(line.rstrip(" \t") for line in said.split("\n"))
        return re.sub(r"\n{3,}", "\n\n", lines).strip("\n")


class _Said(_Taking):
    """The words inside the elements *within*, paragraphs on lines of their own, cells apart; each
    element *turns* ends a page.
    """

    def __init__(
        self, within: frozenset[str], orders: Orders, told: set[str], turns: str = ""
    ) -> None:
        super().__init__(orders)
        self.turned: list[str] = []
        self._within, self._told, self._turns = within, told, turns
        self._inside = 0
        self._in_field = False
        self._field = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in self._within:
            self._inside += 1
        self._in_field = name == "instrText"
        if name == "fldChar":  # where one field ends or another begins
            self._judge_field()
            self._field = ""
        if name == "fldSimple":
            self._told |= _told_by_field(attributes.get("instr", ""))
        self._told |= _told_by_element(name, attributes)
        if formula := attributes.get("formula"):
            self.gap(f"[{formula}] ")
        if name in _GAPS:
            self.gap(_GAPS[name])

    def end(self, name: str) -> None:
        if name in self._within:
            self._inside -= 1
        self._in_field = False
        if name in _BREAKS:
            self._judge_field()
            self.gap("\n")
        if name == self._turns:
            self.turned.append(self.taken())

    def text(self, words: str) -> None:
        if self._in_field:
            self._field = (self._field + words)[-10_000:]
        elif self._inside:
            self.gap(words)

    def _judge_field(self) -> None:
        """A field may be cut in pieces, and go on in the next paragraph."""
        self._told |= _told_by_field(self._field)


class _Shared(_Reader):
    """The strings that cells of a workbook name by number."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._pieces: list[str] = []
        self._is_in = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._is_in = name == "t"

    def end(self, name: str) -> None:
        self._is_in = False
        if name == "si":
            self.strings.append("".join(self._pieces))
            self._pieces.clear()

    def text(self, words: str) -> None:
        if self._is_in:
            self._pieces.append(words)


class _Sheet(_Taking):
    """Rows on lines, cells apart; a formula stands as text behind what it came to."""

    def __init__(self, strings: list[str], orders: Orders, told: set[str]) -> None:
        super().__init__(orders)
        self._strings, self._told = strings, told
        self._inside = ""
        self._type = ""
        self._value, self._formula = "", ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._inside = name
        if name == "c":
            self._type = attributes.get("t", "")
            self._value, self._formula = "", ""

    def end(self, name: str) -> None:
        self._inside = ""
        if name == "c":
            if _FETCHING_FORMULA.search(self._formula):
                self._told.add("fetches")
            formula = f" [={self._formula}]" if self._formula else ""
            self.gap(f"{self._shown()}{formula}\t")
        elif name == "row":
            self.gap("\n")

    def text(self, words: str) -> None:
        if self._inside in ("v", "t"):
            self._value += words
        elif self._inside == "f":
            self._formula += words

    def _shown(self) -> str:
        if self._type != "s":
            return self._value
        at = int(self._value) if self._value.isascii() and self._value.isdigit() else -1
        return self._strings[at] if 0 <= at < len(self._strings) else ""


class _Acting(_Reader):
    """What a part without words of its own does when the document is opened: a link to click is
    nothing of that."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = attributes.get("Type") or attributes.get("ContentType", "")
        is_outside = attributes.get("TargetMode", "").lower() == "external"
        if is_outside and not kind.endswith("/hyperlink"):
            self.told.add("fetches")
        self.told |= {hazard for pattern, hazard in _TOLD_BY_TYPE if pattern.search(kind)}
        self.told |= _told_by_element(name, attributes)


def _hazards(members: _Members, orders: Orders) -> set[str]:
    acting = _Acting()
    for name in members.matching(_ACTS):
        _parse(members.read(name), acting, orders)
    return acting.told


_ACTS = (
    r"(?i)\[content_types\]\.xml|.*\.rels|styles\.xml|xl/externallinks/.*\.xml"
    r"|ppt/slide(?:layout|master)s/[^/]*\.xml"
)


def _told_by_element(name: str, attributes: dict[str, str]) -> set[str]:
    """What an element does by itself, or under a mouse that only passes over it."""
    if name in _DDE:
        return {"script", "fetches"}
    if name in _FETCHED and _ELSEWHERE.match(attributes.get("href", "")):
        return {"fetches"}
    if name == "event-listener":  # of a slide, what it does; of anything, a macro
        action = attributes.get("action")
        runs = {"script"} if action in ("execute", "verb") else set[str]()
        return {"macros"} if action is None else runs
    found = {"script"} if _RUNNING_ACTION.match(attributes.get("action", "")) else set[str]()
    return found | ({"fetches"} if name in ("hlinkMouseOver", "hlinkHover") else set())


def _told_by_field(field: str) -> set[str]:
    found = {"fetches"} if _FETCHING_FIELD.search(field) else set[str]()
    return found | ({"script"} if _RUNNING_FIELD.search(field) else set())


def _parse(raw: bytes, reader: _Reader, orders: Orders) -> None:
    """Read *raw* into *reader*. Raises Cannot."""
    deep = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal deep
        deep += 1
        if deep > orders.deep:
            raise Cannot("damaged")
        reader.start(_local(name), {_local(each): value for each, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal deep
        deep -= 1
        reader.end(_local(name))

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _refused
    try:
        for at in range(0, len(raw), _PIECE):
            parser.Parse(raw[at : at + _PIECE], False)
        parser.Parse(b"", True)
    except _Enough:
        return
    except (expat.ExpatError, ValueError):  # the latter for an encoding it does not know
        raise Cannot("damaged") from None


def _refused(*_: object) -> None:
    """A document type brings entities, and with them bombs."""
    raise Cannot("damaged")


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def prepare() -> None:
    """Load what the standard library would load later, when nothing can be opened any more."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as document:
        document.writestr("word/document.xml", "<document><p><t>x</t></p></document>")
    read(written.getvalue(), Orders(), "docx")
