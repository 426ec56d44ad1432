"""What the reporter sent before something was taken out of it, where its key is in the tip.

Owns the three states an original can be in: shut (nobody has its key), open, and "there is a key
that does not fit". Opens words here; a file's original is opened like any file, with its own
identity. Refuses to judge what it means: that is for `checks.py` and `present.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from console.reading import OpenedPart, OpenedTip
from sealing import (
    Details,
    FileFacts,
    OriginalFile,
    OriginalKey,
    Part,
    SealedWords,
    SealingError,
    age,
    open_words,
)


@dataclass(frozen=True, slots=True)
class Opened:
    """An original that its key opens: *words*, or the facts of a *file* to be opened with
    *identity*. *is_answered*: the reporter said that it may be seen; else they never said."""

    identity: age.PQIdentity = field(repr=False)
    is_answered: bool
    words: str | None = field(default=None, repr=False)
    file: FileFacts | None = None


def has_original(part: OpenedPart) -> bool:
    return part.part is not None and part.part.original is not None


def opened_original(tip: OpenedTip, part: OpenedPart) -> Opened | None:
    """The original of *part*; None when it is shut, or its key does not fit."""
    inside = part.part
    if inside is None or inside.original is None:
        return None
    for key in _keys(tip):
        if key.of == inside.part_id and (found := _open(tip.tip_id, inside, key)) is not None:
            return found
    return None


def unfitting(tip: OpenedTip) -> Iterator[int]:
    """The numbers of the key parts that do not open what they name; a part taken back since then
    is no reason for alarm."""
    inside = {part.shown.part_id: part.part for part in tip.parts}
    for part in tip.parts:
        key = None if part.part is None else part.part.key
        if part.part is None or key is None:
            continue
        of = inside.get(key.of)
        is_gone = key.of in inside and of is None
        if not is_gone and (of is None or _open(tip.tip_id, of, key) is None):
            yield part.seq


def kept_files(tip: OpenedTip) -> Iterator[tuple[OpenedPart, Opened]]:
    """The files whose original may be seen."""
    for part in tip.files():
        original = opened_original(tip, part)
        if original is not None:
            yield part, original


def _keys(tip: OpenedTip) -> Iterator[OriginalKey]:
    for part in tip.parts:
        if part.part is not None and part.part.key is not None:
            yield part.part.key


def _open(tip_id: str, inside: Part, key: OriginalKey) -> Opened | None:
    if isinstance(inside.original, SealedWords):
        try:
            words = open_words(inside.original, key, tip_id=tip_id)
        except (SealingError, age.AgeError):
            return None
        return Opened(key.identity, key.is_answered, words)
    if isinstance(inside.original, OriginalFile) and inside.file is not None:
        return Opened(key.identity, key.is_answered, file=_facts(inside.original, inside.file))
    return None


def _facts(original: OriginalFile, cleaned: FileFacts) -> FileFacts:
    """The file as it was sent: the same name and kind, other bytes."""
    return replace(
        cleaned,
        blob_id=original.blob_id,
        size=original.size,
        sha256=original.sha256,
        details=Details.NONE,
    )
