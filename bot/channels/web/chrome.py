"""The words of the page's frame: header, box, footer, notices. What the chat says is not here.

They lie in words/LANGUAGE.toml beside this file, and are checked when the app is made: every
language has every key, with the same params.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources

from handlers.effects import Param

_PARAM = re.compile(r"\{([a-z_]+)\}")


class BadFrame(Exception):
    """The frame's words cannot be served from; says which key of which language is wrong."""


class Frame:
    """The frame's words in every language of the book."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]]) -> None:
        self._texts = texts
        wrong = list(_wrong(texts))
        if wrong:
            raise BadFrame("\n".join(wrong))

    @classmethod
    def shipped(cls, languages: Iterable[str]) -> "Frame":
        """Read words/LANGUAGE.toml for each of *languages*. Raises BadFrame."""
        return cls({language: _read(language) for language in languages})

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self._texts)

    def text(self, language: str, key: str, params: Mapping[str, Param] | None = None) -> str:
        """Say *key*, filled in."""
        filled = params or {}
        return _PARAM.sub(lambda match: str(filled[match[1]]), self._texts[language][key])


def _read(language: str) -> Mapping[str, str]:
    path = resources.files("bot.channels.web") / "words" / f"{language}.toml"
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadFrame(f"words/{language}.toml is missing") from None
    return {str(key): str(text).strip("\n") for key, text in body.items()}


def _wrong(texts: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
    first = next(iter(texts))
    every = {key for language in texts for key in texts[language]}
    for language, said in texts.items():
        for key in sorted(every - said.keys()):
            yield f"words/{language}.toml lacks {key!r}"
        for key in sorted(said.keys() & texts[first].keys()):
            if set(_PARAM.findall(said[key])) != set(_PARAM.findall(texts[first][key])):
                yield f"{key!r} has other params in {language} than in {first}"
