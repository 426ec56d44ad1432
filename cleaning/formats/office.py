"""Word, Excel and PowerPoint (Office Open XML): properties, authors, times of changes, paths.

What was written stays, comments and tracked changes included; who wrote them does not. A document
that holds other files, macros or a signature is left as it is: what they hold cannot be cleaned.
"""

import re
from dataclasses import replace

from cleaning.formats import xml, zipped
from cleaning.formats.base import Cannot, Found, Limits
from cleaning.formats.zipped import Members, Writing

MIME = "application/vnd.openxmlformats-officedocument"
_TYPES = "[Content_Types].xml"
_MAIN = ("word/", "xl/", "ppt/")
# The names of parts are the same in any case: ours are in lower case.
_PROPERTIES = {
    "docprops/core.xml": '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006'
    '/metadata/core-properties"/>',
    "docprops/app.xml": '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    'extended-properties"/>',
    "docprops/custom.xml": '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/'
    'custom-properties"/>',
}  # fmt: skip
_TOLD_BY_PROPERTIES = {
    "author": ("creator", "lastModifiedBy", "Company", "Manager"),
    "time": ("created", "modified", "lastPrinted"),
    "device": ("Application", "AppVersion", "Template"),
    "history": ("revision", "TotalTime"),
    "comment": ("title", "subject", "keywords", "description", "category"),
}
_DROPPED = {
    "docprops/thumbnail": "thumbnail",
    "customxml/": "comment",
    "xl/printersettings/": "device",
    "ppt/changesinfos/": "history",
    "ppt/revisioninfo": "history",
    "xl/revisions/": "history",
    "word/printersettings": "device",
    "ppt/printersettings": "device",
    "docmetadata/": "comment",
}
_KINDS_DROPPED = {
    "/thumbnail": "thumbnail", "/customXml": "comment", "/printerSettings": "device",
    "/changesInfo": "history", "/revisionInfo": "history", "/attachedTemplate": "author",
    "/revisionHeaders": "history", "/usernames": "author", "/classificationlabels": "comment",
}  # fmt: skip
_FONTS = (".odttf", ".fntdata", ".ttf")
_DOCUMENTS = (".docx", ".xlsx", ".pptx")
_FIELDS = {"instrText", "delInstrText"}
_RULES = xml.Rules(
    drops={
        "rsids": "history", "docId": "history", "revisionPtr": "history", "absPath": "author",
        "attachedTemplate": "author", "proofState": "history", "fileVersion": "device",
        "printerSettings": "device", "customWorkbookViews": "author", "customSheetViews": "author",
        "mailMerge": "author", "docVars": "comment", "alternateUrls": "author",
        "securityDescriptor": "author",
    },
    strips={
        "rsidR": "history", "rsidRPr": "history", "rsidRDefault": "history", "rsidP": "history",
        "rsidDel": "history", "rsidSect": "history", "rsidTr": "history", "date": "time",
        "dateUtc": "time", "dT": "time", "dt": "time", "refreshedBy": "author",
        "refreshedDate": "time", "refreshedDateIso": "time", "securityDescriptor": "author",
    },
    blanks={
        "author": "author", "initials": "author", "userId": "author", "providerId": "author",
        "userName": "author", "lastModifiedBy": "author",
    },
    is_private=lambda element, attributes: _is_programs_note(element, attributes),
    rewrites=lambda element, name, value: _attribute(element, name, value),
    texts=lambda element, words: _without_paths(words) if element in _FIELDS else None,
)  # fmt: skip
_PATH = re.compile(r"^(file:|[A-Za-z]:\\|\\\\|/Users/|/home/|(\.\./)+(Users|home)/)")
_TOKEN = re.compile(r'"[^"]*"?|[^\s"]+')
_INSIDE = re.compile(r"[A-Za-z]:\\|\\\\\w|/(?:Users|home)/\w")
_REACHES_OUT = {"connection", "dbPr", "textPr", "webPr", "olapPr"}
"""Elements by which a workbook gets data from elsewhere."""
_PICTURE_FILE = re.compile(r"[\\/]|\.(jpe?g|png|gif|tiff?|heic|webp)$", re.IGNORECASE)
_NO_TIME = "2000-01-01T00:00:00.000"  # where the schema asks for one


def matches(data: bytes) -> bool:
    return data.startswith(zipped.ZIP) and _TYPES.encode() in data


def clean(data: bytes, limits: Limits) -> tuple[Found, bytes]:
    """See formats."""
    return _document(data, limits, deeper=1)


def check(data: bytes, limits: Limits) -> None:
    """See formats."""
    members = Members(data, limits)
    words = [f"{word}>".encode() for names in _TOLD_BY_PROPERTIES.values() for word in names]
    properties = [name for name in members.names if name.lower() in _PROPERTIES]
    zipped.check_members(members, properties, words)
    for name in members.names:
        if name.endswith((".xml", ".rels", ".vml")):
            told, _ = _member(name, members.read(name), limits, deeper=0)
            if told:
                raise Cannot("unsure")


def _document(data: bytes, limits: Limits, deeper: int) -> tuple[Found, bytes]:
    members = Members(data, limits)
    if _TYPES not in members or not any(name.startswith(_MAIN) for name in members.names):
        raise Cannot("archive")
    if any(name.startswith("_xmlsignatures/") for name in members.names):
        raise Cannot("signed")
    found = set(members.found)
    with Writing() as out:
        for name in members.names:
            label = _label_of(name)
            if label is not None:
                found.add(label)
                continue
            told, cleaned = _member(name, members.read(name), limits, deeper)
            found |= told
            out.add(name, cleaned)
        return frozenset(found), out.written()


def _label_of(part: str) -> str | None:
    """What a part that is left out tells; None for one that stays."""
    return next(
        (label for start, label in _DROPPED.items() if part.lower().startswith(start)), None
    )


def _member(name: str, raw: bytes, limits: Limits, deeper: int) -> tuple[Found, bytes]:
    if name.lower() in _PROPERTIES:
        return _properties(name.lower(), raw)
    if name == _TYPES:
        return xml.rewrite(raw, xml.Rules(is_private=_declares_dropped), limits)
    if name.endswith(".rels"):
        return xml.rewrite(raw, xml.Rules(is_private=_leads_to_dropped, rewrites=_target), limits)
    if name.endswith((".xml", ".vml")):
        is_notes = name.startswith("xl/comments")
        rules = replace(_RULES, empties={"author": "author"}) if is_notes else _RULES
        return xml.rewrite(raw, rules, limits)
    if name.endswith(_FONTS):
        return frozenset(), raw
    if name.endswith(_DOCUMENTS) and deeper and matches(raw):
        return _document(raw, limits, deeper - 1)
    return zipped.picture(raw, limits)


def _properties(name: str, raw: bytes) -> tuple[Found, bytes]:
    """Empty ones instead: whatever points at them still finds something."""
    if not re.search(rb">[^<\s]", raw):
        return frozenset(), raw if len(raw) < 1024 else _PROPERTIES[name].encode()
    found = {
        label
        for label, words in _TOLD_BY_PROPERTIES.items()
        for word in words
        if re.search(rf"[<:]{word}(\s[^>]*)?>[^<]".encode(), raw)
    }
    return frozenset(found or {"comment"}), _PROPERTIES[name].encode()


def _declares_dropped(element: str, attributes: xml.Attributes) -> str | None:
    return _label_of(attributes.get("PartName", "").removeprefix("/"))


def _leads_to_dropped(element: str, attributes: xml.Attributes) -> str | None:
    kind = attributes.get("Type", "")
    return next((label for end, label in _KINDS_DROPPED.items() if kind.endswith(end)), None)


def _target(element: str, name: str, value: str) -> xml.Rewritten:
    """A path on somebody's machine keeps its last step only."""
    if name == "Target" and _PATH.search(value):
        return _last_step(value), "author"
    return None


def _is_programs_note(element: str, attributes: xml.Attributes) -> str | None:
    """PowerPoint's tags: a name and a value, put there by whatever program. (Word has an element of
    the same name, without a name of its own.)"""
    return "comment" if element == "tag" and "name" in attributes else None


def _attribute(element: str, name: str, value: str) -> xml.Rewritten:
    if (element, name) in {("person", "displayName"), ("cmAuthor", "name"), ("author", "name")}:
        return "", "author"
    if (element, name) == ("pageSetup", "id"):  # leads to the printer's settings
        return None, "device"
    if (element, name) == ("cm", "created"):
        return _NO_TIME, "time"
    if element in ("cNvPr", "docPr") and _PICTURE_FILE.search(value):
        return "", "comment"
    if (element, name) == ("fldSimple", "instr"):
        return _without_paths(value)
    if element == "scenario" and name in ("user", "comment"):
        return "", "author"
    if (element, name) == ("dbPr", "connection"):  # a server, and who signs in there
        return "", "author"
    if element in _REACHES_OUT and _INSIDE.search(value):
        return "", "author"
    if name in ("alt", "title") and _PATH.search(value):  # of drawings as old programs write them
        return "", "author"
    return None


def _without_paths(field: str) -> tuple[str, str] | None:
    """A field's command whose paths on somebody's machine keep their last steps only: a picture
    that was pasted may still say out of which folder. None: it has no such path."""

    def shown(token: re.Match[str]) -> str:
        bare = token[0].strip('"')
        return f'"{_last_step(bare)}"' if _PATH.search(bare) else token[0]

    left = _TOKEN.sub(shown, field)
    return None if left == field else (left, "author")


def _last_step(path: str) -> str:
    return re.split(r"[\\/]", path)[-1] or "file"
