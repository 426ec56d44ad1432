"""Canaries: words that must be nowhere, and a search that would see them in any usual disguise.

Owns the spellings in which a word could lie in a file (encodings, escapes, digests) and the walk
through every byte of a folder, open files included. Refuses to know the program under test.

Law: a search that cannot find is worse than none, so every spelling is tested by planting it.
"""

import base64
import hashlib
import json
import os
import re
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, quote_plus

SHORTEST = 10  # bytes of a needle: anything shorter is found by chance
BLOCK = 4
_DIGESTS = ("md5", "sha1", "sha256", "sha512")


@dataclass(frozen=True, slots=True)
class Hit:
    """A canary found: whose, in which disguise, where."""

    canary: str
    spelling: str
    place: str


@dataclass(frozen=True, slots=True)
class Canaries:
    """Named words, each with every needle to look for."""

    needles: tuple[tuple[str, str, bytes], ...] = field(repr=False)

    @classmethod
    def of(
        cls,
        words: Mapping[str, str | bytes],
        *,
        ids: Iterable[str] = (),
        numbers: Iterable[int | float] = (),
    ) -> "Canaries":
        """*words* by name; each has to be long enough not to be found by chance. There may be
        hundreds of *ids*, which nobody would escape: they get the likeliest spellings only.
        *numbers* are looked for as a machine would store them."""
        needles: list[tuple[str, str, bytes]] = []
        for name, word in words.items():
            found = spellings(word)
            short = [spelling for spelling, needle in found.items() if len(needle) < SHORTEST]
            if short:
                raise ValueError(f"the canary {name} is too short: {short}")
            needles += [(name, spelling, needle) for spelling, needle in found.items()]
        for each in ids:
            needles += [("an id", name, needle) for name, needle in id_spellings(each).items()]
        for number in numbers:
            needles += [("a number", name, needle) for name, needle in in_binary(number).items()]
        return cls(tuple(needles))

    def in_bytes(self, data: bytes, place: str) -> Iterator[Hit]:
        """Every canary in *data*."""
        blocks = _blocks(data)
        for name, spelling, needle in self.needles:
            # Wherever a needle lies, it covers a whole block: few have to be looked for.
            is_absent = len(needle) >= 2 * BLOCK and blocks.isdisjoint(_covered(needle))
            if not is_absent and needle in data:
                yield Hit(name, spelling, place)

    def in_folder(self, *folders: Path, but: Path | None = None) -> list[Hit]:
        """Every canary in the bytes or the name of any file below *folders*, but not below
        *but*."""
        hits: list[Hit] = []
        for folder in folders:
            if not folder.is_dir():
                raise AssertionError(f"{folder} is not there: nothing would be searched")
            for path in sorted(folder.rglob("*")):
                if but is not None and path.is_relative_to(but):
                    continue
                hits += self.in_bytes(os.fsencode(path.relative_to(folder)), f"name of {path}")
                if path.is_symlink() or not path.is_file():
                    continue
                hits += self.in_bytes(path.read_bytes(), str(path))
                hits += self._in_attributes(path)
        return hits

    def in_open_files(self, pid: int, *, beside: Iterable[Path]) -> list[Hit]:
        """Every canary in a regular file that process *pid* holds open outside of *beside*: what
        was unlinked, or never had a name, is seen nowhere else."""
        hits: list[Hit] = []
        for number in os.listdir(f"/proc/{pid}/fd"):
            link = f"/proc/{pid}/fd/{number}"
            try:
                place = os.readlink(link)
                is_beside = any(place.startswith(f"{folder}/") for folder in beside)
                if is_beside or not os.path.isfile(link):
                    continue
                data = Path(link).read_bytes()
            except OSError:
                continue  # closed meanwhile
            hits += self.in_bytes(data, f"open file {place}")
        return hits

    def _in_attributes(self, path: Path) -> Iterator[Hit]:
        if not hasattr(os, "listxattr"):
            return  # not Linux
        for name in os.listxattr(path):
            value = os.fsencode(name) + b"=" + os.getxattr(path, name)
            yield from self.in_bytes(value, f"attribute of {path}")


def _blocks(data: bytes) -> set[int]:
    """*data* in blocks of four bytes, each once."""
    return set(memoryview(data)[: len(data) // BLOCK * BLOCK].cast("I"))


@lru_cache(maxsize=1 << 16)
def _covered(needle: bytes) -> frozenset[int]:
    """The blocks of which *needle* covers one, wherever it begins."""
    return frozenset(int.from_bytes(needle[at : at + BLOCK], sys.byteorder) for at in range(BLOCK))


def spellings(word: str | bytes) -> dict[str, bytes]:
    """How *word* could lie in a file, by name of the disguise. Equal ones stand once."""
    raw = word if isinstance(word, bytes) else word.encode("utf-8")
    found = {"utf-8": raw, **_armoured(raw), **_digests(raw)}
    if isinstance(word, str):
        found |= _as_text(word)
    once: dict[bytes, str] = {}
    for spelling, needle in found.items():
        once.setdefault(needle, spelling)
    return {spelling: needle for needle, spelling in once.items()}


def id_spellings(text: str) -> dict[str, bytes]:
    """How the id of a person, a message or an event would most likely be kept. Raises ValueError
    for one that could be found by chance."""
    raw = text.encode()
    if len(raw) < SHORTEST:
        raise ValueError("the id is too short")
    digest = hashlib.sha256(raw).digest()
    found = {"plain": raw, "sha256": digest, "sha256 in hex": digest.hex().encode()}
    if digits := re.search(r"(?:[0-9a-f]{2}){8,}$", text):
        found["bytes"] = bytes.fromhex(digits[0])
    return found


def in_binary(number: int | float) -> dict[str, bytes]:
    """*number* as programs and databases store it. Raises ValueError for one that could be found
    by chance (less than five bytes long)."""
    if isinstance(number, float):
        return {
            "double, little": struct.pack("<d", number),
            "double, big": struct.pack(">d", number),
        }
    if number < 2**32:
        raise ValueError("the number is too short")
    return {
        "8 bytes, little": number.to_bytes(8, "little"),
        "8 bytes, big": number.to_bytes(8, "big"),
        "as SQLite has it": number.to_bytes(6 if number < 2**47 else 8, "big"),
    }


def _as_text(word: str) -> dict[str, bytes]:
    escaped = json.dumps(word)[1:-1]
    little, big = word.encode("utf-16-le"), word.encode("utf-16-be")
    percent = quote(word, safe="")
    return {
        "utf-16-le": little,
        "utf-16-be": big,
        "utf-32-le": word.encode("utf-32-le"),
        "tis-620": word.encode("tis-620", "ignore"),
        "json": escaped.encode(),
        "json upper": _upper_hex(escaped).encode(),
        "url": percent.encode(),
        "url lower": percent.lower().encode() if percent != word else percent.encode(),
        "form": quote_plus(word, safe="").encode(),
        "every byte url": "".join(f"%{byte:02X}" for byte in word.encode()).encode(),
        "html": word.encode("ascii", "xmlcharrefreplace"),
        "html hex": "".join(f"&#x{ord(each):x};" for each in word).encode(),
        "python bytes": repr(word.encode())[2:-1].encode(),
        "doubly escaped": escaped.replace("\\", "\\\\").encode(),
        **{f"{name} of utf-16-le": each for name, each in _base64s(little).items()},
        **{f"{name} of utf-16-be": each for name, each in _base64s(big).items()},
    }


def _armoured(raw: bytes) -> dict[str, bytes]:
    return {"hex": raw.hex().encode(), "HEX": raw.hex().upper().encode(), **_base64s(raw)}


def _base64s(raw: bytes) -> dict[str, bytes]:
    """*raw* inside a longer text in base64: it may begin at any of three places in a group."""
    found: dict[str, bytes] = {}
    for before in range(3):
        whole = base64.b64encode(bytes(before) + raw)
        # Only characters that come from *raw* alone: not those shared with what stands around it.
        first = -(-before * 8 // 6)
        last = (before + len(raw)) * 8 // 6
        inner = whole[first:last]
        found[f"base64+{before}"] = inner
        found[f"base64url+{before}"] = inner.replace(b"+", b"-").replace(b"/", b"_")
    return found


def _digests(raw: bytes) -> dict[str, bytes]:
    """An unkeyed hash tells whoever guesses; so it is a disguise too."""
    found: dict[str, bytes] = {}
    for name in _DIGESTS:
        digest = hashlib.new(name, raw, usedforsecurity=False).digest()
        found[name] = digest
        found[f"{name} in hex"] = digest.hex().encode()
        found |= {f"{name} in {each}": text for each, text in _base64s(digest).items()}
    return found


def _upper_hex(escaped: str) -> str:
    """JSON's escapes with upper-case digits, as other writers make them."""
    head, *tails = escaped.split("\\u")
    return head + "".join("\\u" + tail[:4].upper() + tail[4:] for tail in tails)
