"""A file as it was looked at: what there is to see, hear or read of it, what was not shown and why,
and what it may do elsewhere.
"""

import asyncio
from dataclasses import dataclass, field

from console.previews.drawing import Drawing, NotShown, Picture, Text
from console.previews.glance import glance_at
from console.previews.hazards import hazards_at, in_order
from console.previews.kinds import FileKind, Way, kind_at


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound as it was sent: the browser plays it, in its own sandbox, under our type."""

    data: bytes = field(repr=False)
    mime: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that was looked at: *picture* is that of its *page*th page; what its kind does not
    have is None. *hazards*: what it may do to whoever opens it elsewhere.
    """

    kind: FileKind
    hazards: tuple[str, ...] = ()
    picture: Picture | NotShown | None = None
    text: Text | NotShown | None = None
    sound: Sound | None = None
    page: int = 1

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why something of it is not shown here, each once: `orders.REASONS`."""
        if self.kind.way is Way.NOT:
            return ("not_a_kind",)
        failed = (each for each in (self.picture, self.text) if isinstance(each, NotShown))
        return tuple(dict.fromkeys(each.reason for each in failed))

    @property
    def size(self) -> int:
        """About how much memory it takes."""
        drawn = len(self.picture.webp) if isinstance(self.picture, Picture) else 0
        read = sum(map(len, self.text.pages)) if isinstance(self.text, Text) else 0
        return drawn + read + (len(self.sound.data) if self.sound else 0)

    @property
    def of(self) -> int:
        """How many pages can be drawn."""
        return self.picture.of if isinstance(self.picture, Picture) else 1


def with_inside(kind: FileKind, hazards: tuple[str, ...], text: Text | NotShown) -> tuple[str, ...]:
    """*hazards* with those that the inside told when its *text* was read; also that it was not."""
    is_searched = isinstance(text, Text) or text.reason == "no_text" or not kind.has_inside
    return in_order((*hazards, *text.hazards, *(() if is_searched else ("unsearched",))))


async def look(drawing: Drawing, data: bytes, page: int = 1, text: Text | None = None) -> Looked:
    """The file in *data* as its *page*th page shows it. *text* is what was read of it before, so
    that turning a page reads nothing twice. Raises nothing for what *data* is.
    """
    kind, hazards = await asyncio.to_thread(_judged, data)
    match kind.way:
        case Way.HEARD:
            return Looked(kind, hazards, sound=Sound(data, kind.mime))
        case Way.DRAWN:
            return Looked(kind, hazards, picture=await drawing.picture(data, page), page=page)
        case Way.READ:
            return _read(Looked(kind, hazards), text or await drawing.text(data))
        case Way.PAGED:
            drawn, said = await asyncio.gather(
                drawing.picture(data, page), _kept(text) if text else drawing.text(data)
            )
            return _read(Looked(kind, hazards, picture=drawn, page=page), said)
        case Way.NOT:
            return Looked(kind, hazards)


def _judged(data: bytes) -> tuple[FileKind, tuple[str, ...]]:
    glance = glance_at(data)
    kind = kind_at(glance)
    return kind, hazards_at(glance, kind)


async def _kept(text: Text) -> Text:
    return text


def _read(looked: Looked, text: Text | NotShown) -> Looked:
    """With *text*, and the hazards that only the inside told."""
    hazards = with_inside(looked.kind, looked.hazards, text)
    return Looked(looked.kind, hazards, looked.picture, text, None, looked.page)
