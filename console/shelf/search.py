"""Finding words in tips: where they stand, and an excerpt. What counts as the same writing is for
`console.folding`. Pure.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from console.folding import Folded, fold, merged, places

QUERY_AT_MOST = 200
WORDS_AT_MOST = 8
AROUND = 60
ONE_BYTE_THAI = "cp874"


def words_of(query: str) -> tuple[str, ...]:
    """What all must be found for *query*; nothing for an empty one."""
    return tuple(dict.fromkeys(fold(query[:QUERY_AT_MOST]).split()))[:WORDS_AT_MOST]


@dataclass(frozen=True, slots=True)
class Packed:
    """A tip's words, as short as they can be kept: *folded* in one byte a letter where Thai and
    Latin are all there is, and what was written, compressed.
    """

    folded: bytes | str = field(repr=False)
    written: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return len(self.written) + len(self.folded) * (1 if isinstance(self.folded, bytes) else 2)

    def has(self, words: Iterable["Needle"]) -> bool:
        return all(word.is_in(self.folded) for word in words)


@dataclass(frozen=True, slots=True)
class Needle:
    """One folded word, ready to be found in either form."""

    text: str = field(repr=False)
    one_byte: bytes | None = field(repr=False)

    @classmethod
    def of(cls, word: str) -> "Needle":
        try:
            return cls(word, word.encode(ONE_BYTE_THAI))
        except UnicodeEncodeError:
            return cls(word, None)

    def is_in(self, folded: bytes | str) -> bool:
        if isinstance(folded, str):
            return self.text in folded
        return self.one_byte is not None and self.one_byte in folded

    def place(self, folded: bytes | str) -> int:
        """Where it stands first, counted in letters; -1 if nowhere."""
        if isinstance(folded, str):
            return folded.find(self.text)
        return -1 if self.one_byte is None else folded.find(self.one_byte)


def pack(text: str) -> Packed:
    folded = fold(text)
    written = zlib.compress(text.encode("utf-8", "replace"))
    try:
        return Packed(folded.encode(ONE_BYTE_THAI), written)
    except UnicodeEncodeError:
        return Packed(folded, written)


def find(query: str, texts: Mapping[str, Packed]) -> frozenset[str]:
    """The names of the *texts* in which every word of *query* stands; all of them for none."""
    needles = [Needle.of(word) for word in sorted(words_of(query), key=len, reverse=True)]
    return frozenset(name for name, packed in texts.items() if packed.has(needles))


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an excerpt; *is_hit* when it is what was searched for."""

    text: str
    is_hit: bool


def excerpt(packed: Packed, query: str) -> tuple[Piece, ...]:
    """A short piece of the text around the first word found, every hit in it marked; nothing when
    nothing is found.
    """
    words = words_of(query)
    found = [at for word in words if (at := Needle.of(word).place(packed.folded)) >= 0]
    if not found:
        return ()
    first, last = max(0, min(found) - AROUND), min(found) + 2 * AROUND
    text = zlib.decompress(packed.written).decode()
    whole = Folded.of(text, last)
    last = min(last, len(whole.folded))
    begin, end = whole.span(first, last)
    cut = text[begin:end]
    inside = Folded.of(cut)
    hits = merged(inside.span(*hit) for word in words for hit in places(inside.folded, word))
    before = (Piece("…", is_hit=False),) if begin else ()
    after = (Piece("…", is_hit=False),) if end < len(text) else ()
    return (*before, *_cut(cut, hits), *after)


def _cut(text: str, hits: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    at = 0
    for begin, end in hits:
        if begin > at:
            yield Piece(text[at:begin], is_hit=False)
        yield Piece(text[begin:end], is_hit=True)
        at = end
    if at < len(text):
        yield Piece(text[at:], is_hit=False)
