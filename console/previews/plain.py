"""Bytes that are plain text, as text. Pure.

UTF-8; UTF-16 where it says so (a byte order mark); and what Thai machines wrote before them
(TIS-620, as Windows has it: code page 874).
"""

import codecs
import unicodedata

_MARKED = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_THAI = "cp874"
_THAI_SHARE = 0.3
_CUT_AT_MOST = 4
_CONTROLS = frozenset(chr(c) for c in range(32)) - {"\t", "\n", "\r", "\f", "\x1a"}


def text_of(data: bytes) -> str | None:
    """The text that *data* is, or begins; None when it is none. What is not a letter of its
    encoding at the very end may be half of one: it is left out.
    """
    if not data:
        return None
    for mark, encoding in _MARKED:
        if data.startswith(mark):
            return _plain(data[len(mark) :].decode(encoding, "replace"))
    if b"\0" in data:
        return None
    for cut in range(_CUT_AT_MOST):
        try:
            return _plain(data[: len(data) - cut].decode("utf-8"))
        except UnicodeDecodeError as error:
            if error.start < len(data) - _CUT_AT_MOST:
                break
    return _thai(data)


def prepare() -> None:
    """Load the encodings, for when nothing can be opened any more."""
    for _, encoding in _MARKED:
        codecs.lookup(encoding)
    codecs.lookup(_THAI)


def _thai(data: bytes) -> str | None:
    """Any bytes decode somehow in an encoding of 256 letters: what has no Thai in it is no text."""
    try:
        text = data.decode(_THAI)
    except UnicodeDecodeError:
        return None
    letters = [c for c in text if not c.isspace()]
    thai = sum("\u0e01" <= c <= "\u0e5b" for c in letters)
    if any(unicodedata.category(c) in ("Cn", "Co") for c in set(letters)):
        return None
    return _plain(text) if letters and thai >= _THAI_SHARE * len(letters) else None


def _plain(text: str) -> str | None:
    return None if _CONTROLS & set(text) else text
