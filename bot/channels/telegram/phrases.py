"""The channel's own words. They lie in words/LANGUAGE.toml beside this file; every language has
every key, with the same params, or the channel does not open."""

import tomllib
from collections.abc import Iterable
from importlib import resources

from bot.errors import Misconfigured
from handlers.words import Words


def shipped_phrases(languages: Iterable[str]) -> Words:
    """Read the words of each of *languages*. Raises Misconfigured."""
    words = Words({language: _read(language) for language in languages}, {})
    first = next(iter(words.languages))
    for language in words.languages:
        for key in words.texts[first].keys() | words.texts[language].keys():
            is_there = key in words
            if not is_there or words.params(first, key) != words.params(language, key):
                raise Misconfigured(f"Telegram's words differ between languages: {key!r}")
    return words


def _read(language: str) -> dict[str, str]:
    path = resources.files("bot.channels.telegram") / "words" / f"{language}.toml"
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Misconfigured(f"Telegram's words are missing in {language!r}") from None
    return {str(key): str(text).strip("\n") for key, text in body.items()}
