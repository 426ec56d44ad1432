"""Canaries: words that must be nowhere, and a search that would see them in any usual disguise.

Owns the spellings in which a word could lie in a file (encodings, escapes, digests) and the walk
through every byte of a folder, open files included. Refuses to know the program under test.

Law: a search that cannot find is worse than none, so every spelling is tested by planting it.
"""

import base64
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, quote_plus

SHORTEST = 10  # bytes of a needle: anything shorter is found by chance
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
    def of(cls, words: Mapping[str, str | bytes]) -> "Canaries":
        """*words* by name; each has to be long enough not to be found by chance."""
        needles: list[tuple[str, str, bytes]] = []
        for name, word in words.items():
            found = spellings(word)
            short = [spelling for spelling, needle in found.items() if len(needle) < SHORTEST]
            if short:
                raise ValueError(f"the canary {name} is too short: {short}")
            needles += [(name, spelling, needle) for spelling, needle in found.items()]
        return cls(tuple(needles))

    def in_bytes(self, data: bytes, place: str) -> Iterator[Hit]:
        """Every canary in *data*."""
        for name, spelling, needle in self.needles:
            if needle in data:
                yield Hit(name, spelling, place)

    def in_folder(self, *folders: Path) -> list[Hit]:
        """Every canary in the bytes or the name of any file below *folders*."""
        hits: list[Hit] = []
        for folder in folders:
            if not folder.is_dir():
                raise AssertionError(f"{folder} is not there: nothing would be searched")
            for path in sorted(folder.rglob("*")):
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
