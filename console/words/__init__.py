"""The console's own words: one TOML file per language, read once, the same keys in each.

A key without words, or words that want a parameter nobody gave, is an error of ours: it is
found by the tests, and here it is raised rather than shown half-filled.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

LANGUAGES = ("th", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """What the console can say in one *language*."""

    language: str
    table: Mapping[str, str]

    def say(self, key: str, /, **params: object) -> str:
        return self.table[key].format(**params)

    def has(self, key: str) -> bool:
        return key in self.table

    def label(self, group: str, name: str) -> str:
        """The label of *name* in *group*, or *name* itself: data of a newer bot still shows."""
        return self.table.get(f"{group}.{name}", name)


@cache
def words_for(language: str) -> Words:
    """The words of *language*; a language that we lack falls back to English."""
    known = language if language in LANGUAGES else "en"
    text = files(__name__).joinpath(f"{known}.toml").read_text(encoding="utf-8")
    return Words(known, dict(_flat("", tomllib.loads(text))))


def language_of(choice: str | None, environment: Mapping[str, str]) -> str:
    """The language asked for, else that of the machine (LC_ALL, LC_MESSAGES, LANG), else
    English.
    """
    if choice:
        return choice if choice in LANGUAGES else "en"
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if environment.get(name):
            return "th" if environment[name].lower().startswith("th") else "en"
    return "en"


def _flat(prefix: str, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{prefix}.{name}" if prefix else name
        if isinstance(value, dict):
            yield from _flat(key, value)
        else:
            yield key, str(value)
