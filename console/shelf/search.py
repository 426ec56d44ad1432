"""Finding words in tips: what counts as the same writing, where it stands, and an excerpt.

Thai is written without spaces, so a word is found wherever its letters stand. Folded alike: case,
full-width letters, Thai and other digits, ำ typed as one sign or two, a tone typed before or after
its vowel, two เ for one แ, invisible characters, any run of white space. Pure.

Folding works piece by piece (a letter with its marks), so that a place in what was folded leads
back to the place in what was written.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

QUERY_AT_MOST = 200
WORDS_AT_MOST = 8
AROUND = 60
ONE_BYTE_THAI = "cp874"

_RING = "\u0e4d"
_OVER_AND_UNDER = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_IN_ORDER = "".join(map(chr, (0xE31, *range(0xE34, 0xE3B), *range(0xE47, 0xE4D), 0xE4E, 0xE4D)))
_MARKS = "\u0e31-\u0e3a\u0e47-\u0e4e\u0300-\u036f"
_INVISIBLE = "\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_PIECE = re.compile(
    f"[\\s{_INVISIBLE}]+|\u0e40[\u0e40{_INVISIBLE}]*|.[{_MARKS}{_INVISIBLE}]*", re.DOTALL
)
_SHORT = 16
_UNSEEN = re.compile(f"[{_INVISIBLE}]")
_SEVERAL = re.compile(f"[{_OVER_AND_UNDER}]{{2,}}")


def fold(text: str) -> str:
    """*text* as it is searched."""
    return "".join(map(_fold_piece, _PIECE.findall(text)))


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
    whole = _Mapped.of(text, last)
    last = min(last, len(whole.folded))
    begin, end = whole.span(first, last)
    cut = text[begin:end]
    inside = _Mapped.of(cut)
    hits = _merged(inside.span(*hit) for word in words for hit in _all(inside.folded, word))
    before = (Piece("…", is_hit=False),) if begin else ()
    after = (Piece("…", is_hit=False),) if end < len(text) else ()
    return (*before, *_cut(cut, hits), *after)


@dataclass(frozen=True, slots=True)
class _Mapped:
    """A text folded, and for every letter of that where its piece begins and ends in the text."""

    folded: str
    begins: list[int]
    ends: list[int]

    @classmethod
    def of(cls, text: str, at_least: int | None = None) -> "_Mapped":
        """All of *text*, or as much of its beginning as *at_least* folded letters come from."""
        folded: list[str] = []
        begins: list[int] = []
        ends: list[int] = []
        for piece in _PIECE.finditer(text):
            short = _fold_piece(piece[0])
            folded.append(short)
            begins += [piece.start()] * len(short)
            ends += [piece.end()] * len(short)
            if at_least is not None and len(ends) > at_least:
                break
        return cls("".join(folded), begins, ends)

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Where what was folded to [first:last] stands; whole pieces."""
        return self.begins[first], self.ends[last - 1]


def _all(folded: str, word: str) -> Iterator[tuple[int, int]]:
    at = folded.find(word)
    while at >= 0:
        yield at, at + len(word)
        at = folded.find(word, at + len(word))


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((begin, end))
    return merged


def _cut(text: str, hits: Sequence[tuple[int, int]]) -> Iterator[Piece]:
    at = 0
    for begin, end in hits:
        if begin > at:
            yield Piece(text[at:begin], is_hit=False)
        yield Piece(text[begin:end], is_hit=True)
        at = end
    if at < len(text):
        yield Piece(text[at:], is_hit=False)


def _fold_piece(piece: str) -> str:
    # A tower of marks is a piece of any length: nothing long stays in the cache.
    return _folded_short(piece) if len(piece) <= _SHORT else _folded(piece)


def _folded(piece: str) -> str:
    seen = _UNSEEN.sub("", piece)
    if not seen:
        return ""
    if seen.isspace():
        return " "
    plain = unicodedata.normalize("NFKC", seen).casefold()
    plain = unicodedata.normalize("NFKC", plain)
    digits = "".join(_digit(c) for c in plain)
    ordered = _SEVERAL.sub(_in_order, digits.replace("\u0e40\u0e40", "\u0e41"))
    return ordered.replace(_RING + "\u0e32", "\u0e33")


def _in_order(marks: re.Match[str]) -> str:
    """Vowel, tone, ring: in whichever order they were typed, they look the same."""
    return "".join(sorted(marks[0], key=_IN_ORDER.index))


_folded_short = lru_cache(maxsize=16384)(_folded)


def _digit(character: str) -> str:
    return str(unicodedata.decimal(character)) if character.isdecimal() else character
