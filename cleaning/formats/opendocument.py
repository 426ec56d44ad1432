"""LibreOffice documents (OpenDocument): metadata, previews, versions, authors, printers.

What was written stays, comments and tracked changes included; who wrote them and when does not.
"""

import re

from cleaning.formats import xml, zipped
from cleaning.formats.base import Cannot, Found, Limits
from cleaning.formats.zipped import Members, Writing

MIME = "application/vnd.oasis.opendocument"
_KIND = "mimetype"
_MANIFEST = "META-INF/manifest.xml"
_META = "meta.xml"
_NO_META = (
    b'<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    b'office:version="1.2"><office:meta/></office:document-meta>'
)
_DROPPED = {
    "Thumbnails/": "thumbnail", "Versions/": "history", "VersionList.xml": "history",
    "layout-cache": "history", "Configurations2/": "device", "meta.rdf": "history",
    "manifest.rdf": "history",
}  # fmt: skip
_TOLD_BY_META = {
    "author": ("initial-creator", "creator", "printed-by"),
    "time": ("creation-date", "date", "print-date"),
    "device": ("generator", "template"),
    "history": ("editing-cycles", "editing-duration"),
}
_PRIVATE = {
    "PrinterName": "device", "PrinterSetup": "device", "PrintFaxName": "device",
    "CurrentDatabaseDataSource": "author", "CurrentDatabaseCommand": "author",
    "EmbeddedDatabaseName": "author", "Rsid": "history", "RsidRoot": "history",
}  # fmt: skip
_PATH = re.compile(
    r"^(file:|[A-Za-z]:[\\/]|\\\\|/(Users|home)/|(\.\./)+(Users|home)/)", re.IGNORECASE
)
_FOLDERS = re.compile(r"file:/+(?:[^'\"/#]+/)+")
_RULES = xml.Rules(
    drops={"creator-initials": "author", "sender-initials": "author"},
    empties={"creator": "author", "date": "time", "date-string": "time"},
    strips={
        "rsid": "history", "paragraph-rsid": "history", "chg-author": "author",
        "chg-date-time": "time",
    },
    is_private=lambda element, attributes: _is_private(element, attributes),
    rewrites=lambda element, name, value: _without_path(name, value),
)  # fmt: skip


def matches(data: bytes) -> bool:
    return data.startswith(zipped.ZIP) and data[30:80].startswith(f"{_KIND}{MIME}".encode())


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    members = Members(data, limits)
    if _MANIFEST not in members or _KIND not in members:
        raise Cannot("damaged")
    if "META-INF/documentsignatures.xml" in members:
        raise Cannot("signed")
    if b"encryption-data" in members.read(_MANIFEST):
        raise Cannot("encrypted")
    found = set(members.found)
    with Writing() as out:
        out.add(_KIND, members.read(_KIND), is_stored=True)
        for name in members.names:
            label = _label_of(name)
            if label is not None:
                found.add(label)
            elif name != _KIND:
                told, cleaned = _member(name, members.read(name), limits)
                found |= told
                out.add(name, cleaned)
        return frozenset(found), out.written()


def check(data: bytes, limits: Limits) -> None:
    """See formats."""
    members = Members(data, limits)
    words = [f"{word}>".encode() for names in _TOLD_BY_META.values() for word in names]
    metas = [name for name in members.names if name.rpartition("/")[2] == _META]
    zipped.check_members(members, metas, words)
    for name in members.names:
        if name.endswith(".xml") and _member(name, members.read(name), limits)[0]:
            raise Cannot("unsure")


def _label_of(name: str) -> str | None:
    return next((label for start, label in _DROPPED.items() if name.startswith(start)), None)


def _member(name: str, raw: bytes, limits: Limits) -> tuple[Found, bytes]:
    if name.rpartition("/")[2] == _META:
        return _meta(raw)
    if name == _MANIFEST:
        return xml.rewrite(raw, xml.Rules(is_private=_lists_dropped), limits)
    if name.endswith(".xml"):
        return xml.rewrite(raw, _RULES, limits)
    return zipped.picture(raw, limits)


def _meta(raw: bytes) -> tuple[Found, bytes]:
    if not re.search(rb">[^<\s]", raw):
        return frozenset(), _NO_META
    found = {
        label
        for label, words in _TOLD_BY_META.items()
        for word in words
        if re.search(rf"[<:]{word}(\s[^>]*)?>".encode(), raw)
    }
    return frozenset(found or {"comment"}), _NO_META


def _is_private(element: str, attributes: xml.Attributes) -> str | None:
    if element != "config-item":
        return None
    named = (value for name, value in attributes.items() if xml.local(name) == "name")
    return _PRIVATE.get(next(named, ""))


def _without_path(name: str, value: str) -> xml.Rewritten:
    """A path on somebody's machine keeps its last step only; also inside a formula, and in the name
    of the table that it leads to."""
    if name == "href" and _PATH.search(value):
        return re.split(r"[\\/]", value)[-1] or "file", "author"
    if "file:/" in value and (left := _FOLDERS.sub("file:///", value)) != value:
        return left, "author"
    return None


def _lists_dropped(element: str, attributes: xml.Attributes) -> str | None:
    paths = [value for name, value in attributes.items() if xml.local(name) == "full-path"]
    return _label_of(paths[0]) if paths else None
