"""The console's own words: one TOML file per language, read once, the same keys in each.

A key without words, or words that want a parameter nobody gave, is an error of ours: it is
found by the tests, and here it is raised rather than shown half-filled.
"""

import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

LANGUAGES = ("th", "en")


@dataclass(frozen=True, slots=True)
class Words:
    """What the console can say in one *language*."""

    language: str
    table: Mapping[str, str]

    def say(self, key: str, /, **params: object) -> str:
        """The words of *key*. `{n:tip|tips}` stands for the first when *n* is one."""
        return _FORMAT.format(self.table[key], **params)

    def has(self, key: str) -> bool:
        return key in self.table

    def group(self, name: str) -> Mapping[str, str]:
        """The words whose keys begin with *name*, by what follows it."""
        prefix = f"{name}."
        return {
            key.removeprefix(prefix): said
            for key, said in self.table.items()
            if key.startswith(prefix)
        }

    def label(self, group: str, name: str) -> str:
        """The label of *name* in *group*, or *name* itself: data of a newer bot still shows."""
        return self.table.get(f"{group}.{name}", name)


@cache
def words_for(language: str) -> Words:
    """The words of *language*; a language that we lack falls back to Thai."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    text = files(__name__).joinpath(f"{known}.toml").read_text(encoding="utf-8")
    return Words(known, dict(_flat("", tomllib.loads(text))))


def language_of(choice: str | None, environment: Mapping[str, str]) -> str:
    """The language asked for, else that of the machine (LC_ALL, LC_MESSAGES, LANG) if it is one of
    ours, else Thai.
    """
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    asked = choice or next((environment[name] for name in names if environment.get(name)), "")
    language = asked.lower()[:2]
    return language if language in LANGUAGES else LANGUAGES[0]


@cache
def usual_steps(of: str = "tip") -> Mapping[str, tuple[str, ...]]:
    """Which statuses usually follow which, of a "tip" or of an "application"."""
    text = files(__name__).joinpath("steps.toml").read_text(encoding="utf-8")
    return {status: tuple(after) for status, after in tomllib.loads(text)[of].items()}


class _Counting(string.Formatter):
    """`str.format`, and `{n:one|many}`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if "|" not in format_spec:
            return str(super().format_field(value, format_spec))
        one, many = format_spec.split("|")
        return one if value == 1 else many


_FORMAT = _Counting()


def _flat(prefix: str, table: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        key = f"{prefix}.{name}" if prefix else name
        if isinstance(value, dict):
            yield from _flat(key, value)
        else:
            yield key, str(value)
