"""An alert's words: counts and clocks, in Thai or English. Pure but for reading its word lists.

A count of nothing is not said. Nothing here takes a tip, a category or a person as an argument.
"""

import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from bot.alerts.counting import Told
from bot.alerts.sending import Alert
from bot.errors import Misconfigured
from handlers.words import Words

LANGUAGES = ("th", "en")
CENTRES_AT_MOST = 18
"""Lines of one alert: as many fit into one message of every platform."""

CentreName = Callable[[str, str], str]
"""(centre, language) → how people call it."""


@dataclass(frozen=True, slots=True)
class Open:
    """What is open for an officer in one centre, as `/queue` shows it."""

    centre: str
    waiting: int
    working: int
    nearest_days: int | None = None


class Saying:
    """Says it, with the names of centres from the configuration."""

    def __init__(self, words: Words, centre_name: CentreName) -> None:
        self._words = words
        self._centre_name = centre_name

    def text(self, language: str, key: str, **params: str | int) -> str:
        """The words of *key*."""
        return self._words.text(_known(language), key, params)

    def alert(self, told: Sequence[Told], language: str) -> str:
        """One line for each centre: "Khon Kaen: 3 new, 1 urgent; nearest clock 2 days"."""
        return self._lines([(each.centre, self._counts(each, language)) for each in told], language)

    def message(self, alert: Alert, language: str | None = None) -> str:
        """What is sent of *alert*, in its own language or another."""
        language = alert.language if language is None else language
        return self.alert(alert.told, language) if alert.told else self.text(language, "test")

    def queue(self, rows: Sequence[Open], language: str) -> str:
        """What waits, centre by centre."""
        lines = [
            (
                row.centre,
                self._joined(
                    {"waiting": row.waiting, "working": row.working}, row.nearest_days, language
                ),
            )
            for row in rows
            if row.waiting or row.working
        ]
        return self._lines(lines, language) if lines else self.text(language, "queue_empty")

    def mine(self, many: int, nearest_days: int | None, language: str) -> str:
        """How many tips the officer took, and their nearest clock."""
        if not many:
            return self.text(language, "mine_none")
        return self._joined({"mine": many}, nearest_days, language)

    def _counts(self, told: Told, language: str) -> str:
        counts = {
            "new": told.new,
            "urgent": told.urgent,
            "answers": told.answers,
            "applications": told.applications,
        }
        return self._joined(counts, told.nearest_days, language)

    def _joined(self, counts: Mapping[str, int], nearest_days: int | None, language: str) -> str:
        said = self.text(language, "between").join(
            self.text(language, key, n=many) for key, many in counts.items() if many
        )
        if nearest_days is None:
            return said
        nearest = self._nearest(nearest_days, language)
        return f"{said}{self.text(language, 'before_nearest')}{nearest}" if said else nearest

    def _nearest(self, days: int, language: str) -> str:
        if days <= 0:
            return self.text(language, "nearest_today")
        if days == 1:
            return self.text(language, "nearest_tomorrow")
        return self.text(language, "nearest", n=days)

    def _lines(self, rows: Sequence[tuple[str, str]], language: str) -> str:
        lines = [
            self.text(
                language, "centre", centre=self._centre_name(centre, _known(language)), counts=said
            )
            for centre, said in rows[:CENTRES_AT_MOST]
        ]
        if len(rows) > CENTRES_AT_MOST:
            lines.append(self.text(language, "more_centres", n=len(rows) - CENTRES_AT_MOST))
        return "\n".join(lines)


def shipped_words() -> Words:
    """The word lists beside this file. Raises Misconfigured when the languages differ."""
    words = Words({language: _read(language) for language in LANGUAGES}, {})
    thai, english = (words.texts[language] for language in LANGUAGES)
    for key in thai.keys() | english.keys():
        if key not in words or words.params("th", key) != words.params("en", key):
            raise Misconfigured(f"The words of alerts differ between languages: {key!r}")
    return words


def _read(language: str) -> dict[str, str]:
    path = resources.files("bot.alerts") / "words" / f"{language}.toml"
    body = tomllib.loads(path.read_text(encoding="utf-8"))
    return {str(key): str(text) for key, text in body.items()}


def _known(language: str) -> str:
    return language if language in LANGUAGES else LANGUAGES[0]
