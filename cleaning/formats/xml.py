"""XML, rewritten while it is read: some elements and attributes are left out, some texts emptied.

Names keep their prefixes as written, because office programs list prefixes inside attributes. A
document type is refused: with it come entities, and with them bombs.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from cleaning.formats.base import Cannot, Found, Limits

Attributes = Mapping[str, str]
Rewritten = tuple[str | None, str] | None
"""The value instead (None: leave the attribute out) and a label; None: let it stay."""
_SPECIAL = re.compile('[&<>"\n\r\t]')
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTES = {**_IN_TEXT, **str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})}
_DEEP_AT_MOST = 256


@lru_cache(4096)
def local(name: str) -> str:
    """*name* without its prefix."""
    return name.rpartition(":")[2]


@dataclass(frozen=True, slots=True)
class Rules:
    """What to leave out. Names are local ones; values are labels.

    *drops*: the element with all it holds. *empties*: the element's text. *strips*: the attribute.
    *blanks*: the attribute's value. *is_private* judges an element that only its attributes betray;
    *rewrites* (local element, local attribute, value) may give another value and a label; *texts*
    (local element, words) other words.
    """

    drops: Mapping[str, str] = field(default_factory=dict)
    empties: Mapping[str, str] = field(default_factory=dict)
    strips: Mapping[str, str] = field(default_factory=dict)
    blanks: Mapping[str, str] = field(default_factory=dict)
    is_private: Callable[[str, Attributes], str | None] = lambda name, attributes: None
    rewrites: Callable[[str, str, str], Rewritten] = lambda element, name, value: None
    texts: Callable[[str, str], tuple[str, str] | None] = lambda element, words: None


def rewrite(raw: bytes, rules: Rules, limits: Limits) -> tuple[Found, bytes]:
    """*raw* as UTF-8 without what *rules* leave out, and the labels of that. Raises Cannot."""
    if len(raw) > limits.xml_bytes:
        raise Cannot("too_large")
    writing = _Writing(rules)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = writing.start
    parser.EndElementHandler = writing.end
    parser.CharacterDataHandler = writing.text
    parser.ProcessingInstructionHandler = writing.instruction
    parser.CommentHandler = writing.comment
    parser.StartDoctypeDeclHandler = _refuse
    try:
        parser.Parse(raw, True)
    except (expat.ExpatError, ValueError):  # the latter for an encoding it does not know
        raise Cannot("damaged") from None
    return frozenset(writing.found), "".join(writing.pieces).encode("utf-8")


def _refuse(*_: object) -> None:
    raise Cannot("unknown")


class _Writing:
    def __init__(self, rules: Rules) -> None:
        self.found: set[str] = set()
        self.pieces = ['<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n']
        self._rules = rules
        self._open: list[str] = []
        self._dropped_at = 0
        self._emptied_at = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append(name)
        if len(self._open) > _DEEP_AT_MOST:
            raise Cannot("damaged")
        if self._dropped_at:
            return
        label = self._rules.drops.get(local(name)) or self._rules.is_private(
            local(name), attributes
        )
        if label:
            self.found.add(label)
            self._dropped_at = len(self._open)
            return
        if local(name) in self._rules.empties and not self._emptied_at:
            self._emptied_at = len(self._open)
        written = "".join(self._attribute(name, each, value) for each, value in attributes.items())
        self.pieces.append(f"<{name}{written}>")

    def end(self, name: str) -> None:
        depth = len(self._open)
        self._open.pop()
        if self._dropped_at:
            if self._dropped_at == depth:
                self._dropped_at = 0
            return
        if self._emptied_at == depth:
            self._emptied_at = 0
        self.pieces.append(f"</{name}>")

    def text(self, words: str) -> None:
        if self._dropped_at:
            return
        if self._emptied_at:
            if words.strip():
                self.found.add(self._rules.empties[local(self._open[self._emptied_at - 1])])
            return
        rewritten = self._rules.texts(local(self._open[-1]), words)
        if rewritten is not None:
            words, label = rewritten
            self.found.add(label)
        self.pieces.append(words.translate(_IN_TEXT) if _SPECIAL.search(words) else words)

    def instruction(self, target: str, words: str) -> None:
        if not self._open and not self._dropped_at:
            self.pieces.append(f"<?{target} {words}?>")

    def comment(self, words: str) -> None:
        if words.strip():
            self.found.add("comment")

    def _attribute(self, element: str, name: str, value: str) -> str:
        short, rules = local(name), self._rules
        is_declared = name == "xmlns" or name.startswith("xmlns:")
        if not is_declared:
            if short in rules.strips:
                self.found.add(rules.strips[short])
                return ""
            if short in rules.blanks:
                if value:
                    self.found.add(rules.blanks[short])
                value = ""
            rewritten = rules.rewrites(local(element), short, value)
            if rewritten is not None and rewritten[0] != value:
                self.found.add(rewritten[1])
                if rewritten[0] is None:
                    return ""
                value = rewritten[0]
        if _SPECIAL.search(value):
            value = value.translate(_IN_ATTRIBUTES)
        return f' {name}="{value}"'
