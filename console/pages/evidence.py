"""A file of a tip, fit for a page: a likeness, a sound, a text, or why there is nothing to see.

Files are verified whole (size, SHA-256) before anything looks at them and live in memory only. What
was made of the last few is kept, so that a sound can be heard from the middle and a page drawn anew
without asking the desk each time; all of it is forgotten when the desk is locked.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.responses import Response

from console.errors import Mistaken
from console.files import saved_as, whole
from console.office import Office, Reading, facts_of
from console.opening import open_export
from console.pages.door import FILE_POLICY
from console.previews.drawing import Drawing, Picture, Text, Walls
from console.previews.kinds import Way
from console.previews.looked import Looked, look
from console.reading import OpenedPart
from console.words import Words
from sealing import FileFacts, age

KEPT_BYTES = 64 * 1024 * 1024
_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{0,12})")
_PASSING = frozenset({"busy", "died", "too_long"})

_Name = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Book:
    """The paged file that was looked at last, so that a page is turned without the desk."""

    name: _Name
    data: bytes = field(repr=False)
    text: Text | None = field(repr=False)


class Previews:
    """The last few files that were looked at."""

    def __init__(self, drawing: Drawing | None = None) -> None:
        self._drawing = drawing or Drawing()
        self._kept: OrderedDict[tuple[_Name, int], Looked] = OrderedDict()
        self._book: _Book | None = None
        self._walls: Walls | None = None

    def __repr__(self) -> str:
        return "Previews(…)"

    async def look(
        self, office: Office, tip_id: str, facts: FileFacts, identity: age.Identity, page: int = 1
    ) -> Looked:
        """The file in *facts*, sealed to *identity*, as its *page*th page shows it. Raises
        Distrusted when it is not the one that was sent, or too big to open here.
        """
        name = (facts.blob_id, facts.sha256)
        if (name, page) in self._kept:
            self._kept.move_to_end((name, page))
            return self._kept[name, page]
        book = self._book if self._book is not None and self._book.name == name else None
        data = book.data if book else await _fetched(office, tip_id, facts, identity)
        looked = await look(self._drawing, data, page, book.text if book else None)
        if looked.kind.way in (Way.PAGED, Way.DRAWN) and looked.of > 1:
            text = looked.text if isinstance(looked.text, Text) else None
            self._book = _Book(name, data, text)
        if looked.kind.way is not Way.NOT and not _PASSING & set(looked.reasons):
            self._keep((name, page), looked)
        return looked

    async def walls(self) -> Walls:
        """What shuts in whoever looks at a file on this machine: tried once."""
        if self._walls is None:
            self._walls = await self._drawing.walls()
        return self._walls

    def forget(self) -> None:
        self._kept.clear()
        self._book = None

    def _keep(self, name: tuple[_Name, int], looked: Looked) -> None:
        self._kept[name] = looked
        while sum(each.size for each in self._kept.values()) > KEPT_BYTES:
            self._kept.popitem(last=False)


async def _fetched(office: Office, tip_id: str, facts: FileFacts, identity: age.Identity) -> bytes:
    async with office.desk.blob(tip_id, facts.blob_id) as sealed:
        return await whole(sealed, identity, facts)


async def saved(
    previews: Previews,
    office: Office,
    reading: Reading,
    part: OpenedPart,
    form: Mapping[str, str],
    words: Words,
) -> Response:
    """One file to take out, as an attachment that no browser opens: its reason is recorded first.
    Raises Mistaken without a reason, or when the file may do harm and nobody said that they know.
    """  # fmt: skip
    reason, tip_id, facts = form.get("reason", "").strip(), reading.tip.tip_id, facts_of(part)
    identity = reading.tip.identity(part.shown.sealed_to)
    if not reason:
        raise Mistaken("file.save_needs_reason")
    looked = await previews.look(office, tip_id, facts, identity)
    if looked.hazards and form.get("aware") != "yes":
        raise Mistaken("file.save_unaware")
    await open_export(office, tip_id, words.say("file.save_reason", seq=part.seq, reason=reason))
    data = await _fetched(office, tip_id, facts, identity)
    name = f"{part.seq:04}-{saved_as(facts.name, str(facts.media), looked.hazards)}"
    return Response(data, media_type="application/octet-stream", headers=_attached(name))


def _attached(name: str) -> dict[str, str]:
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    return {
        "Content-Security-Policy": FILE_POLICY,
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}",
    }


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
    if looked.sound is not None:
        return _stretch(looked.sound.data, looked.sound.mime, headers, wanted)
    if isinstance(looked.picture, Picture):
        return Response(looked.picture.webp, media_type="image/webp", headers=headers)
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
