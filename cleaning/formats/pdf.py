"""PDF: written anew from what its pages need, so that earlier versions are gone as well.

Gone: the document's properties, XMP everywhere, times and authors of remarks, programs' private
data, previews, Exif of the photos inside, objects that nothing needs any more, and whatever stands
between the objects or behind them. Left as they are: signed documents (cleaning would break
the signature), encrypted ones, and ones with files attached (which could not be cleaned).
"""

import re
from io import BytesIO
from typing import cast

import pikepdf

from cleaning.formats import jpeg
from cleaning.formats.base import Cannot, Found, Limits

MIME = "application/pdf"
_DROPPED = {
    "/Metadata": "comment", "/PieceInfo": "device", "/LastModified": "time", "/Thumb": "thumbnail",
    "/SpiderInfo": "history", "/CreatorInfo": "device", "/CreationDate": "time", "/M": "time",
    "/NM": "history",
}  # fmt: skip
_INFO = {
    "/Author": "author", "/CreationDate": "time", "/ModDate": "time", "/Creator": "device",
    "/Producer": "device",
}  # fmt: skip
_IN_TRAILER = {
    "/Root", "/Size", "/ID", "/Prev", "/XRefStm", "/Type", "/W", "/Index", "/Filter", "/Length",
    "/DecodeParms",
}  # fmt: skip
_ATTACHED = {"/EmbeddedFiles", "/EF", "/AF", "/XFA", "/RichMediaContent", "/Movie", "/Sound"}
_NAME_FILES = {"/URI", "/F", "/UF", "/Alt"}
"""Where a link to a file, or what stands for a picture, may say in whose folder it lay."""
_PATH = re.compile(
    r"^(file:|[A-Za-z]:[\\/]|\\\\|/[A-Za-z]/Users/|/Users/|/home/|(\.\./)+(Users|home)/)", re.I
)
_DEEP_AT_MOST = 60
_FIRST = re.compile(rb"\d{1,10}\s+\d{1,5}\s+obj\b")
_BETWEEN = re.compile(rb"endobj[\0\s]*+(?!\d{1,10}\s+\d{1,5}\s+obj\b|xref|trailer|startxref|\Z)")
_WORDS = re.compile(rb"%[^\r\n]*[ -~]{6}")
"""A remark of a program; the one behind the first line, which marks bytes as bytes, is shorter."""
_PACKING = {"/ObjStm", "/XRef"}


def matches(data: bytes) -> bool:
    return data.startswith(b"%PDF-")


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    with _opened(data, limits) as document:
        found = set(_properties(document))
        if _has_history(data):
            found.add("history")
        found |= _told_beside_objects(data)
        for each in document.objects:
            _walk(each, found, limits, 0)
        out = BytesIO()
        document.save(
            out,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
            fix_metadata_version=False,
        )
        if not found and _is_needed_less(document, out.getvalue(), limits):
            found.add("history")
    return frozenset(found), out.getvalue()


def check(data: bytes, limits: Limits) -> None:
    """Read it anew: no properties, no XMP, nothing that the walk would still take."""
    with _opened(data, limits) as document:
        found = set(_properties(document))
        for each in document.objects:
            _walk(each, found, limits, 0)
    if found:
        raise Cannot("unsure")


def _opened(data: bytes, limits: Limits) -> pikepdf.Pdf:
    try:
        document = pikepdf.open(BytesIO(data), attempt_recovery=False)
    except pikepdf.PasswordError:
        raise Cannot("encrypted") from None
    except (pikepdf.PdfError, ValueError):
        raise Cannot("damaged") from None
    if document.is_encrypted:
        raise Cannot("encrypted")
    if len(document.objects) > limits.objects or len(document.pages) > limits.pages:
        raise Cannot("too_large")
    return document


def _properties(document: pikepdf.Pdf) -> Found:
    """What the document's own properties tell; they are gone afterwards."""
    trailer, found = document.trailer, set[str]()
    if "/Info" in trailer:
        info = trailer["/Info"]
        keys = cast("list[str]", list(info.keys()))
        found |= {_INFO.get(key, "comment") for key in keys if str(info[key])}
        del trailer["/Info"]
    for key in set(trailer.keys()) - _IN_TRAILER:
        found.add("history")  # a program's own mark, such as a checksum of what it wrote
        del trailer[key]
    return frozenset(found)


def _has_history(data: bytes) -> bool:
    is_linear = b"/Linearized" in data[:1024]
    return data.count(b"%%EOF") > (2 if is_linear else 1)


def _told_beside_objects(data: bytes) -> Found:
    """Of what no reader shows: remarks of programs before the first object and behind the last one
    (some write how they were called, with the paths of files), other bytes between and behind."""
    first, last = _FIRST.search(data), data.rfind(b"endobj")
    ends = data.rfind(b"%%EOF")
    head = data[len("%PDF-1.4") : first.start() if first else None]
    found = set[str]()
    if _WORDS.search(head) or _WORDS.search(data[last : max(last, ends)]):
        found.add("device")
    if data[ends + len("%%EOF") :].strip(b"\0\t\n\f\r ") or _BETWEEN.search(data):
        found.add("comment")
    return frozenset(found)


def _is_needed_less(document: pikepdf.Pdf, written: bytes, limits: Limits) -> bool:
    """Whether *document* held objects that nothing in it leads to, such as a page as it was before
    it was changed: they are not in what was *written*."""
    with _opened(written, limits) as anew:
        return _telling(document) > _telling(anew)


def _telling(document: pikepdf.Pdf) -> int:
    """How many objects there are that could say something."""
    many = 0
    for each in document.objects:
        if isinstance(each, (pikepdf.Dictionary, pikepdf.Stream)):
            if "/Linearized" in each:
                many -= 1  # this one says where another lies that no page leads to
                continue
            many += str(each.get("/Type", "")) not in _PACKING
        elif isinstance(each, (pikepdf.Array, pikepdf.String)):
            many += 1
    return many


def _walk(each: pikepdf.Object, found: set[str], limits: Limits, deep: int) -> None:
    """Take away what hides in *each* and in what lies directly inside it."""
    if deep > _DEEP_AT_MOST:
        raise Cannot("damaged")
    if isinstance(each, pikepdf.Array):
        for inside in cast("list[pikepdf.Object]", list(each)):
            _direct(inside, found, limits, deep)
    elif isinstance(each, (pikepdf.Dictionary, pikepdf.Stream)):
        if isinstance(each, pikepdf.Stream):
            _stream(each, found)
        _dictionary(each, found)
        for key in list(each.keys()):
            _direct(each[key], found, limits, deep)


def _direct(inside: object, found: set[str], limits: Limits, deep: int) -> None:
    if isinstance(inside, pikepdf.Object) and not inside.is_indirect:
        _walk(inside, found, limits, deep + 1)


def _dictionary(each: pikepdf.Object, found: set[str]) -> None:
    keys = set(each.keys())
    kind = str(each.get("/Type", ""))
    if kind == "/Sig" or "/ByteRange" in keys:
        raise Cannot("signed")
    if keys & _ATTACHED or str(each.get("/Subtype", "")) == "/FileAttachment":
        raise Cannot("attachments")
    is_remark = "/Rect" in keys and "/Subtype" in keys
    for key in keys & set(_DROPPED):
        if key in ("/M", "/NM", "/CreationDate") and not is_remark:
            continue
        found.add(_DROPPED[key])
        del each[key]
    for key in keys & _NAME_FILES:
        value = each[key]
        if isinstance(value, pikepdf.String) and _PATH.search(str(value)):
            found.add("author")
            each[key] = re.split(r"[\\/]", str(value))[-1] or "file"
    if is_remark and "/T" in keys and str(each["/Subtype"]) != "/Widget":
        found.add("author")
        del each["/T"]


def _stream(each: pikepdf.Stream, found: set[str]) -> None:
    """A photo inside keeps its pixels and loses its Exif."""
    if str(each.get("/Type", "")) == "/Metadata":
        return  # nothing points at it any more
    names = [str(name) for name in _listed(each.get("/Filter"))]
    if names == ["/JPXDecode"]:
        raw = each.read_raw_bytes()
        if b"uuid" in raw[:65536] or b"xml " in raw[:65536]:
            raise Cannot("attachments")
    if names[-1:] == ["/DCTDecode"]:
        how = _listed(each.get("/DecodeParms")) or [None] * len(names)
        told, cleaned = jpeg.clean(_unpacked(each, names[:-1], how[:-1]), Limits())
        if told:
            found |= told
            of_photo = how[-1] if isinstance(how[-1], pikepdf.Dictionary) else None
            each.write(cleaned, filter=pikepdf.Name.DCTDecode, decode_parms=of_photo)


def _unpacked(photo: pikepdf.Stream, filters: list[str], how: list[object]) -> bytes:
    """The JPEG in *photo*, which some programs pack once more. Raises Cannot."""
    raw = photo.read_raw_bytes()
    if not filters:
        return raw
    if any(isinstance(each, pikepdf.Dictionary) for each in how):
        raise Cannot("attachments")
    with pikepdf.new() as beside:
        packed = beside.make_stream(raw, Filter=pikepdf.Array(map(pikepdf.Name, filters)))
        try:
            return packed.read_bytes()
        except pikepdf.PdfError:
            raise Cannot("attachments") from None


def _listed(value: object) -> list[object]:
    """What a dictionary holds in a place where one thing stands for a list of one."""
    if value is None:
        return []
    return list(value) if isinstance(value, pikepdf.Array) else [value]
