"""A file of a tip, fit for a page: a likeness, a sound, a text, or why there is nothing to see.

Files are verified whole (size, SHA-256) before anything looks at them and live in memory only. What
was made of the last few is kept, so that a sound can be heard from the middle and a page drawn anew
without asking the desk each time; all of it is forgotten when the desk is locked.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass, field

from starlette.responses import Response

from console.errors import Mistaken
from console.files import whole
from console.office import Office, Reading
from console.pages.door import FILE_POLICY
from console.previews import Drawing, FileKind, NotShown, Picture, Preview, Text, Way, kind_of
from console.reading import OpenedPart
from sealing import FileFacts, age

KEPT_BYTES = 64 * 1024 * 1024
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound as it was sent: the browser plays it, in its own sandbox, under our type."""

    data: bytes = field(repr=False)
    mime: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A verified file: what it is by its own bytes, and what there is to see or hear of it."""

    kind: FileKind
    seen: Preview | Sound

    @property
    def size(self) -> int:
        """About how much memory it takes."""
        match self.seen:
            case Sound(data=data) | Picture(webp=data):
                return len(data)
            case Text(pages=pages):
                return sum(map(len, pages))
            case _:
                return 0


class Previews:
    """The last few files that were looked at."""

    def __init__(self, drawing: Drawing | None = None) -> None:
        self._drawing = drawing or Drawing()
        self._kept: OrderedDict[tuple[str, str], Looked] = OrderedDict()

    def __repr__(self) -> str:
        return "Previews(…)"

    async def look(
        self, office: Office, tip_id: str, facts: FileFacts, identity: age.Identity
    ) -> Looked:
        """The file in *facts*, sealed to *identity*. Raises Distrusted when it is not the one that
        was sent, or too big to open here.
        """
        name = (facts.blob_id, facts.sha256)
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        async with office.desk.blob(tip_id, facts.blob_id) as sealed:
            data = await whole(sealed, identity, facts)
        kind = kind_of(data)
        seen: Preview | Sound = NotShown("not_a_kind")
        if kind.way is Way.HEARD:
            seen = Sound(data, kind.mime)
        elif kind.way is not Way.NOT:
            seen = await self._drawing.preview(data)
        looked = Looked(kind, seen)
        if not isinstance(seen, NotShown):
            self._keep(name, looked)
        return looked

    def forget(self) -> None:
        self._kept.clear()

    def _keep(self, name: tuple[str, str], looked: Looked) -> None:
        self._kept[name] = looked
        while sum(each.size for each in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)


def part_with_file(reading: Reading, seq: int) -> OpenedPart:
    """The part of that number. Raises Mistaken when it has no file."""
    part = next((part for part in reading.tip.files() if part.seq == seq), None)
    if part is None:
        raise Mistaken("file.missing")
    return part


def served(looked: Looked, wanted: str | None) -> Response:
    """The bytes for an <img> or an <audio>; *wanted* is the Range header. Raises Mistaken for what
    is neither seen nor heard.
    """
    headers = {"Content-Security-Policy": FILE_POLICY, "Content-Disposition": "inline"}
    match looked.seen:
        case Picture(webp=webp):
            return Response(webp, media_type="image/webp", headers=headers)
        case Sound(data=data, mime=mime):
            return _stretch(data, mime, headers, wanted)
        case _:
            raise Mistaken("file.not_shown")


def _stretch(data: bytes, mime: str, headers: dict[str, str], wanted: str | None) -> Response:
    """All of a sound, or the one stretch of it that a player asked for (RFC 9110, 14.2)."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    asked = _RANGE.fullmatch(wanted or "")
    if asked is None:
        return Response(data, media_type=mime, headers=headers)
    first = int(asked[1])
    last = min(int(asked[2] or len(data)), len(data) - 1)
    if first > last:
        headers["Content-Range"] = f"bytes */{len(data)}"
        return Response(b"", 416, media_type=mime, headers=headers)
    headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return Response(data[first : last + 1], 206, media_type=mime, headers=headers)
