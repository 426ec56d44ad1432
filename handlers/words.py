"""Every word said to a reporter, by language and key.

Owns lookup and filling-in. `text` renders any param, so that a channel needs nothing else. A
missing key or param is found at start-up by `handlers.checks`; after that it raises KeyError, and
the turn fails rather than say half a sentence.
"""

import calendar
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import resources

from handlers import dates
from handlers.cards import INSTEAD
from handlers.effects import Counts, Day, Listed, Param, Word
from handlers.thai import fold, letters

LANGUAGES = ("th", "en")

_PARAM = re.compile(r"\{([a-z_]+)\}")
_POLITE_AT_MOST = 4
"""Words of politeness around one word: ขอ … หน่อยนะครับ."""
USUAL_AT_MOST = 100
"""Letters of a usual word, or a label, with the politeness around it: what is longer is neither."""


@dataclass(frozen=True, slots=True)
class Words:
    """The texts of every language, under dotted keys. *typed* are the words a person may type
    for one of the engine's controls, by control. *polite* is what people put *before* and *after*
    such a word out of politeness. *spelled* is how each of all these compares: what is not in it
    can mean no button, and most messages are told so at once. *keys* are those that every language
    has."""

    texts: Mapping[str, Mapping[str, str]]
    typed: Mapping[str, tuple[str, ...]]
    polite: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spelled: frozenset[str] = field(init=False, repr=False, compare=False)
    keys: frozenset[str] = field(init=False, repr=False, compare=False)
    _typed: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        said = (text for texts in self.texts.values() for text in texts.values())
        typed = {name: frozenset(map(spelling, words)) for name, words in self.typed.items()}
        spelled = frozenset(map(spelling, said)).union(*typed.values()) - {""}
        object.__setattr__(self, "_typed", typed)
        object.__setattr__(self, "spelled", spelled)
        keys = [frozenset(texts) for texts in self.texts.values()]
        object.__setattr__(self, "keys", frozenset.intersection(*keys) if keys else frozenset())

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.texts)

    def __contains__(self, key: str) -> bool:
        return key in self.keys

    def text(self, language: str, key: str, params: Mapping[str, Param] | None = None) -> str:
        """Say *key* in *language* with *params* filled in."""
        texts = self.texts[language]
        template = texts[key] if key in texts else texts[_instead(key)]
        filled = {name: self._say(language, value) for name, value in (params or {}).items()}
        return _PARAM.sub(lambda match: filled[match[1]], template)

    def params(self, language: str, key: str) -> frozenset[str]:
        """The params that *key* names in *language*."""
        return frozenset(_PARAM.findall(self.texts[language][key]))

    def count(self, language: str, of: Mapping[str, int]) -> str:
        """ "2 photos, 1 recording": how many parts of each media."""
        said = (
            self.text(language, f"count.{media}_{'one' if n == 1 else 'many'}", {"n": n})
            for media, n in of.items()
        )
        return self.texts[language]["count.between"].join(said)

    def _say(self, language: str, value: Param) -> str:
        match value:
            case Word(key):
                return self.text(language, key)
            case Day(iso):
                return say_day(iso, language)
            case Counts(of):
                return self.count(language, of)
            case Listed(keys):
                said = (self.text(language, key) for key in keys)
                return self.texts[language]["count.between"].join(said)
            case tuple():
                return "\n".join(self.text(language, word.key) for word in value)
        return str(value)

    def with_texts(self, more: Mapping[str, Mapping[str, str]]) -> "Words":
        """These words and those of the data: *more* is texts by key by language."""
        return Words(
            {
                language: {**texts, **more.get(language, {})}
                for language, texts in self.texts.items()
            },
            self.typed,
            self.polite,
        )

    def bare(self, key: str) -> str:
        """The `spelling` *key* without the politeness around it, where a known word or a number is
        left then: ใช่ค่ะ is ใช่, ขอข้อ 2 ครับ is 2. Any other *key* as it is."""
        if len(key) > USUAL_AT_MOST:
            return key
        left: str | None = key
        for _ in range(_POLITE_AT_MOST):
            if left in self.spelled or left is None:
                break
            left = self._one_less(left)
            if left is not None and (left in self.spelled or left.isdecimal()):
                return left
        return key

    def _one_less(self, key: str) -> str | None:
        after = [word for word in self.polite.get("after", ()) if key.endswith(word)]
        if after:
            return key.removesuffix(max(after, key=len))
        before = [word for word in self.polite.get("before", ()) if key.startswith(word)]
        return key.removeprefix(max(before, key=len)) if before else None

    def is_typed(self, name: str, key: str) -> bool:
        """Whether the `spelling` *key* is one of the usual words for *name*."""
        return key in self._typed.get(name, ())


def _instead(key: str) -> str:
    """What is said for data that is gone. Raises KeyError: *key* is a word that is missing."""
    for beginning, other in INSTEAD.items():
        if key.startswith(beginning):
            return other
    raise KeyError(key)


def spelling(text: str) -> str:
    """*text* as it is compared with what was typed: letters, marks and digits, folded."""
    return letters(fold(text))


def say_day(iso: str, language: str) -> str:
    """Say an ISO day, month or year, or two of them with a slash between, as people write it."""
    first, _, last = iso.partition("/")
    precision = {10: dates.Precision.DAY, 7: dates.Precision.MONTH, 4: dates.Precision.YEAR}
    when = dates.When(_edge(first, 1), _edge(last or first, -1), precision[len(first)])
    return dates.say_when(when, language)


def _edge(iso: str, side: int) -> date:
    """The first (1) or last (-1) day of an ISO day, month or year."""
    year, month, day = (*map(int, iso.split("-")), 0, 0)[:3]
    month = month or (1 if side == 1 else 12)
    return date(year, month, day or (1 if side == 1 else calendar.monthrange(year, month)[1]))


def shipped_words(languages: Iterable[str] = LANGUAGES) -> Words:
    """Read words/LANGUAGE.toml for each of *languages*."""
    texts: dict[str, dict[str, str]] = {}
    typed: dict[str, tuple[str, ...]] = {}
    polite: dict[str, tuple[str, ...]] = {}
    for language in languages:
        path = resources.files("handlers") / "words" / f"{language}.toml"
        body = tomllib.loads(path.read_text(encoding="utf-8"))
        for control, words in body.pop("typed", {}).items():
            typed[control] = (*typed.get(control, ()), *words)
        for place, words in body.pop("polite", {}).items():
            polite[place] = (*polite.get(place, ()), *map(spelling, words))
        texts[language] = dict(_flat(body))
    return Words(texts, typed, polite)


def _flat(body: Mapping[str, object], prefix: str = "") -> Iterable[tuple[str, str]]:
    for name, value in body.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", str(value).strip("\n")
