"""Finds what a person gives away about themselves in passing: numbers and addresses that lead to
somebody.

Owns what counts as a phone number, a national ID, an e-mail address, a LINE ID and a bank account
in Thai and English text; the words around them are data (data/hints.toml). Refuses to know whose
they are: that is asked. Laws: pure and total, reads in time linear in the text, spans lie inside it
and never overlap, and what was redacted holds no finding.
"""

import re
import tomllib
import unicodedata
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

KINDS = ("phone", "national_id", "email", "line_id", "bank_account")
CONTACTS = frozenset({"phone", "email", "line_id"})
"""The kinds by which somebody can be reached."""

_BEFORE, _AFTER = 40, 20
_JOIN = " \u00a0\\-\u2010-\u2015\u2212.()\u200b-\u200d\u2060·_"
_NUMBER = re.compile(f"[0-9]+(?:[{_JOIN}]{{1,3}}[0-9]+)*")
_GROUP = re.compile("[0-9]+")
_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}"
)
_LINE_ID = r"(@?[A-Za-z0-9][A-Za-z0-9._-]{3,19})(?![A-Za-z0-9@])"
_ANYTHING = re.compile("[0-9A-Za-z]")
"""Numbers, addresses and ids all have some of these; most messages in Thai have none."""
_TO_PLAIN = re.compile("[^\x00-\x7f\u0e01-\u0e4e]")
_WIDE = {0xFF01 + at: 0x21 + at for at in range(94)}
_SPACES = " \u00a0\u200b"
_HOLE = "\ufffc"
_RECEIPT_DIGITS = 24
_GROUPS_READ = 1000
"""Of digits, in one text: nobody writes so many by hand, and reading them takes the loop's time."""
_DIGITS_AT_LEAST, _DIGITS_AT_MOST, _DIGITS_ABROAD = 9, 14, 13


@dataclass(frozen=True, slots=True)
class Found:
    """One thing found: its *kind*, and where it lies in the text."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Looked:
    """A text with every finding taken out, and the kinds that were, in the order of `KINDS`."""

    words: str = field(repr=False)
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guard:
    """Looks at words. *marks* stand for what was taken out, by kind and by language."""

    marks: Mapping[str, Mapping[str, str]]
    facts: Mapping[str, Any] = field(repr=False)
    _hints: Mapping[str, re.Pattern[str]] = field(init=False, repr=False, compare=False)
    _shapes: Mapping[str, frozenset[tuple[int, ...]]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        facts = self.facts
        lists = ("phone", "other", "person", "bank", "no_bank", "amount")
        hints = {name: _any_of(facts[f"{name}_words"]) for name in lists}
        hints["line"] = _line_pattern(facts)
        hints["mark"] = _any_of(mark for marks in self.marks.values() for mark in marks.values())
        shapes = ("mobile", "landline", "account")
        object.__setattr__(self, "_hints", hints)
        object.__setattr__(
            self,
            "_shapes",
            {name: frozenset(map(tuple, facts[f"{name}_shapes"])) for name in shapes},
        )

    def find(self, words: str) -> tuple[Found, ...]:
        """Everything found in *words*, in order, without overlaps."""
        plain = _plain(words)
        if _ANYTHING.search(plain) is None:
            return ()
        text = self._hints["mark"].sub(lambda mark: _HOLE * len(mark[0]), plain)
        found: list[Found] = []
        for one in (*_emails(text), *self._numbers(text), *self._line_ids(text)):
            if all(one.end <= other.start or other.end <= one.start for other in found):
                found.append(one)
        return tuple(sorted(found, key=lambda one: one.start))

    def redact(self, words: str, found: Iterable[Found], language: str) -> str:
        """*words* with a mark in place of each of *found*."""
        pieces, at = list[str](), 0
        for one in sorted(found, key=lambda one: one.start):
            pieces += (words[at : one.start], self.marks[language][one.kind])
            at = one.end
        return "".join((*pieces, words[at:]))

    def look(
        self, words: str, language: str, *, but: Collection[str] = frozenset()
    ) -> Looked | None:
        """*words* without what was found; None when nothing was. The kinds of *but* are let be.

        Taking one thing out moves others closer to each other's hints, so it looks again until
        nothing is found; each round takes digits or an @ away, and no mark brings any.
        """
        kinds: set[str] = set()
        while found := [one for one in self.find(words) if one.kind not in but]:
            kinds |= {one.kind for one in found}
            words = self.redact(words, found, language)
        return Looked(words, tuple(kind for kind in KINDS if kind in kinds)) if kinds else None

    # --- numbers -----------------------------------------------------------------------------

    def _numbers(self, text: str) -> Iterator[Found]:
        here, read = _Text(text, self._hints), 0
        for run in _NUMBER.finditer(text):
            if read > _GROUPS_READ:
                return
            groups = [
                (group.start() + run.start(), group.end() + run.start())
                for group in _GROUP.finditer(run[0])
            ]
            groups = groups[: _GROUPS_READ - read]
            read += len(groups) + 1
            if sum(end - start for start, end in groups) != _RECEIPT_DIGITS:
                yield from self._in_run(here, groups)

    def _in_run(self, here: "_Text", groups: list[tuple[int, int]]) -> Iterator[Found]:
        """A number begins with the run or behind white space, and ends likewise: half of a longer
        number is none. The longest reading counts."""
        at = 0
        while at < len(groups):
            last = None
            if at == 0 or _is_space(here.text, groups[at - 1][1], groups[at][0]):
                last = self._read(here, groups, at)
            if last is None:
                at += 1
                continue
            kind, end = last
            yield Found(kind, _with_plus(here.text, groups[at][0]), groups[end][1])
            at = end + 1

    def _read(
        self, here: "_Text", groups: list[tuple[int, int]], at: int
    ) -> tuple[str, int] | None:
        digits, best, start = "", None, groups[at][0]
        has_plus = _with_plus(here.text, start) != start
        for end in range(at, min(len(groups), at + _DIGITS_AT_MOST)):
            digits += here.text[slice(*groups[end])]
            if len(digits) > _DIGITS_AT_MOST:
                break
            if not (_may_be(here, digits) or has_plus):
                continue
            is_last = end + 1 == len(groups)
            if is_last or _is_space(here.text, groups[end][1], groups[end + 1][0]):
                shape = tuple(e - s for s, e in groups[at : end + 1])
                number = _Number(digits, shape, groups[at][0], groups[end][1])
                kind = self._kind(here, number)
                best = best if kind is None else (kind, end)
        return best

    def _kind(self, here: "_Text", number: "_Number") -> str | None:
        if len(number.digits) < _DIGITS_AT_LEAST:
            return None
        for kind, is_it in (
            ("national_id", _is_national_id),
            ("phone", self._is_phone),
            ("bank_account", self._is_account),
        ):
            if is_it(here, number):
                is_alone = not _is_part_of_more(here.text, number.start, number.end)
                return kind if is_alone and not here.is_amount(number.end) else None
        return None

    def _is_phone(self, here: "_Text", number: "_Number") -> bool:
        digits, shape = number.digits, number.shape
        is_abroad = _with_plus(here.text, number.start) != number.start
        national = _national(digits, is_abroad)
        if national is None:
            return is_abroad and len(digits) <= _DIGITS_ABROAD  # of another country
        if is_abroad or here.is_behind("phone", number.start):
            return True
        if len(shape) == 1 and here.is_behind("other", number.start):
            return False
        if national != digits:
            return len(shape) == 1 and len(national) == 10
        return shape in self._shapes["mobile" if len(national) == 10 else "landline"]

    def _is_account(self, here: "_Text", number: "_Number") -> bool:
        if number.shape in self._shapes["account"]:
            return True
        return 10 <= len(number.digits) <= 12 and here.is_by("bank", number.start, number.end)

    # --- LINE ----------------------------------------------------------------------------------

    def _line_ids(self, text: str) -> Iterator[Found]:
        never = self.facts["no_line_ids"]
        for match in self._hints["line"].finditer(text):
            group = next(name for name, value in match.groupdict().items() if value is not None)
            name = match[group].rstrip("._-")
            if name.casefold().lstrip("@") in never or len(name.lstrip("@")) < 4:
                continue
            is_a_word = not re.search(r"[0-9._-]", name) or not re.search(r"[A-Za-z]", name)
            if group == "plain" and is_a_word:
                continue
            yield Found("line_id", match.start(group), match.start(group) + len(name))


@dataclass(frozen=True, slots=True)
class _Number:
    """Digits that may belong together: how they are grouped, and where they lie."""

    digits: str
    shape: tuple[int, ...]
    start: int
    end: int


class _Text:
    """A text and where its hints are, each looked for once: many numbers ask for them."""

    def __init__(self, text: str, hints: Mapping[str, re.Pattern[str]]) -> None:
        self.text = text
        self._hints = hints
        self._spots: dict[str, list[int]] = {}

    def is_behind(self, hint: str, start: int) -> bool:
        """Whether *hint* stands shortly before *start*, on the same line."""
        first = self.text.rfind("\n", max(0, start - _BEFORE), start) + 1 or start - _BEFORE
        return self._is_in(hint, first, start)

    def is_by(self, hint: str, start: int, end: int) -> bool:
        """Whether *hint* stands shortly before or after, on the same line."""
        last = self.text.find("\n", end, end + _AFTER)
        return self.is_behind(hint, start) or self._is_in(
            hint, end, end + _AFTER if last < 0 else last
        )

    def is_amount(self, end: int) -> bool:
        while end < len(self.text) and self.text[end] in _SPACES:
            end += 1
        return self._hints["amount"].match(self.text, end) is not None

    def has(self, hint: str) -> bool:
        if hint not in self._spots:
            self._spots[hint] = self._found(hint)
        return bool(self._spots[hint])

    def _is_in(self, hint: str, first: int, last: int) -> bool:
        spots = self._spots[hint] if self.has(hint) else ()
        place = bisect_left(spots, first)
        return place < len(spots) and spots[place] < last

    def _found(self, hint: str) -> list[int]:
        spots = [match.start() for match in self._hints[hint].finditer(self.text)]
        if hint != "bank":
            return spots
        money = {match.start() for match in self._hints["no_bank"].finditer(self.text)}
        return [spot for spot in spots if spot not in money]


def load_guard(marks: Mapping[str, Mapping[str, str]]) -> Guard:
    """The guard with the shipped hints. *marks* are by language, then by kind."""
    shipped = resources.files("guard") / "data" / "hints.toml"
    return Guard(marks, tomllib.loads(shipped.read_text(encoding="utf-8")))


def _plain(words: str) -> str:
    """*words*, as long as before, with every script's digits and wide letters as ASCII."""
    return _TO_PLAIN.sub(_as_ascii, words)


def _as_ascii(found: re.Match[str]) -> str:
    character = found[0]
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    return character.translate(_WIDE)


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    # Latin hints are whole words, or "line" would be found in "online" and "tel" in "hotel".
    said = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(_spelled, said)) or r"(?!)", re.IGNORECASE)


def _spelled(word: str) -> str:
    edge = "(?<![A-Za-z])" if word[:1].isascii() and word[:1].isalpha() else ""
    return edge + re.escape(word)


def _line_pattern(facts: Mapping[str, Any]) -> re.Pattern[str]:
    ids = "|".join(map(_spelled, sorted(facts["line_id_words"], key=len, reverse=True)))
    others = "".join(f"(?<!{re.escape(word)})" for word in facts["not_line_after"])
    bare = "|".join(map(_spelled, sorted(facts["line_words"], key=len, reverse=True)))
    filler = f"[^\n@A-Za-z0-9{_HOLE}]{{0,16}}"
    named = _LINE_ID.replace("(@", "(?P<named>@", 1)
    at = _LINE_ID.replace("(@?", "(?P<at>@", 1)
    plain = _LINE_ID.replace("(@?", "(?P<plain>", 1)
    return re.compile(
        f"(?:{ids}){filler}{named}|{others}(?:{bare})(?:{filler}{at}|[ ]?[:=]?[ ]?{plain})",
        re.IGNORECASE,
    )


def _emails(text: str) -> Iterator[Found]:
    for match in _EMAIL.finditer(text):
        yield Found("email", match.start(), match.end())


def _national(digits: str, is_abroad: bool) -> str | None:
    """*digits* as dialled inside Thailand, if they are a phone number at all."""
    for prefix in ("0066", "66") if not is_abroad else ("66",):
        if digits.startswith(prefix):
            rest = digits[len(prefix) :]
            digits = rest if rest.startswith("0") else f"0{rest}"
            break
    if len(digits) == 10 and digits[:2] in ("06", "08", "09"):
        return digits
    return digits if len(digits) == 9 and digits[:2] in ("02", "03", "04", "05", "07") else None


def _may_be(here: _Text, digits: str) -> bool:
    """A quick look before a thorough one: most runs of digits are nothing."""
    if len(digits) < _DIGITS_AT_LEAST:
        return False
    if len(digits) == 13:
        return digits[0] == "0" or _has_check_digit(digits)
    return digits[0] in "06" or len(digits) == 10 or (len(digits) <= 12 and here.has("bank"))


def _is_national_id(here: _Text, number: _Number) -> bool:
    """Companies' numbers begin with 0 and are nobody's own."""
    digits = number.digits
    if len(digits) != 13 or digits[0] not in "12345678" or not _has_check_digit(digits):
        return False
    is_persons = here.is_behind("person", number.start)
    return is_persons or not here.is_behind("other", number.start)


def _has_check_digit(digits: str) -> bool:
    total = sum(int(digit) * (13 - place) for place, digit in enumerate(digits[:12]))
    return (11 - total % 11) % 10 == int(digits[12])


def _is_part_of_more(text: str, start: int, end: int) -> bool:
    """Whether digits belong to something longer: A0812345678, 0812345678/2569, 1,0812…, …78,500."""
    before, after = text[max(0, start - 5) : start], text[end : end + 5]
    is_named = re.search(r"[A-Za-z]$", before) is not None and not re.search(
        r"(?:tel|line|call|phone|mobile)$", text[max(0, start - 8) : start], re.IGNORECASE
    )
    return (
        is_named
        or re.match(r"[A-Za-z]", after) is not None
        or re.match(r"/2[05]", after) is not None
        or re.match(r",[0-9]{3}(?![0-9])|:[0-9]", after) is not None
        or re.search(r"(?<![0-9])[0-9]{1,3}[,:]$", before) is not None
    )


def _with_plus(text: str, start: int) -> int:
    """Where a number begins, with the + (and a bracket) before it."""
    at = start - 1
    while at >= 0 and start - at <= 2 and text[at] in "( ":
        at -= 1
    return at if at >= 0 and text[at] == "+" else start


def _is_space(text: str, start: int, end: int) -> bool:
    return any(character in _SPACES for character in text[start:end])
