"""Hostile text made harmless to look at: for terminals, for pages and for file names.

Whoever writes a tip chooses every character of it. Escape sequences could repaint an officer's
terminal, direction marks could show a sentence backwards, a file name could climb out of its
folder. What is changed here is changed for display only; an export keeps the words as they were
told.
"""

import json
import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files

SHOWN_AT_MOST = 20_000
NAME_AT_MOST, ENDING_AT_MOST = 80, 20

_HARMLESS = {"\n", "\t", "\u200b", "\u200c", "\u200d"}  # Thai, Khmer and emoji need the joiners


def calm(text: str) -> str:
    """*text* without a character that moves the cursor, turns the direction or hides: each becomes
    ⟨U+XXXX⟩.
    """
    plain = text.replace("\r\n", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    if plain.isascii() and plain.isprintable():
        return plain
    return "".join(c if _is_harmless(c) else f"⟨U+{ord(c):04X}⟩" for c in plain)


def calm_line(text: str, at_most: int = 200) -> str:
    """*text* on one line, calm, cut at *at_most* characters."""
    line = " ".join(calm(text).split())
    return line if len(line) <= at_most else line[: at_most - 1] + "…"


def calm_json(value: object) -> str:
    """*value* as JSON that a terminal shows safely and a parser reads back unchanged.

    Thai stays readable; what `calm` would mark is written as a JSON escape.
    """
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return "".join(c if c == "\n" or _is_harmless(c) else _escape(c) for c in text)


def safe_name(name: str | None, fallback: str) -> str:
    """A file name for this machine made of a stranger's *name*: no path, no control, no runnable
    ending.
    """
    base = re.split(r"[\\/:]", name or "")[-1]
    kept = "".join(c if c in "._- ()" or unicodedata.category(c)[0] in "LNM" else "_" for c in base)
    kept = kept.strip(" ._-")
    stem, dot, ending = kept.rpartition(".")
    if not dot:
        stem, ending = kept, ""
    stem = _cut_bytes(stem, NAME_AT_MOST) or fallback
    whole = f"{stem}.{ending[:ENDING_AT_MOST]}" if ending else stem
    # Windows forgets spaces and dots behind a name: what was cut must not end with one.
    whole = whole.rstrip(" .")
    _, dot, ending = whole.rpartition(".")
    return f"{whole}.unsafe" if dot and ending.lower() in _running_endings() else whole


@cache
def _running_endings() -> frozenset[str]:
    """By which some system runs a file, follows it, or draws it with scripts
    (data/endings.toml)."""
    told = files("console").joinpath("data/endings.toml").read_text("utf-8")
    return frozenset(tomllib.loads(told)["runs"])


def _is_harmless(character: str) -> bool:
    return character in _HARMLESS or unicodedata.category(character) not in {
        "Cc",
        "Cf",
        "Cs",
        "Co",
        "Zl",
        "Zp",
    }


def _escape(character: str) -> str:
    code = ord(character)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _cut_bytes(text: str, at_most: int) -> str:
    """File systems count bytes: a Thai letter is three."""
    return text.encode("utf-8", "replace")[:at_most].decode("utf-8", "ignore").strip()
