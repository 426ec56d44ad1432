"""What an officer chose for the pages: language, colours, when they lock, how long a list is.

In the folder as TOML, readable: nothing of a tip is in it. A value that is none counts as not
chosen: a page must open whatever the file says.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from console.errors import ConsoleError
from console.folder import Folder
from console.words import LANGUAGES

FILE = "pages.toml"
COLOURS = ("auto", "light", "dark")
IDLE_MINUTES = (1, 480)
PAGE_SIZES = (15, 30, 60, 100)


@dataclass(frozen=True, slots=True)
class Preferences:
    """None is what the program was started with."""

    language: str | None = None
    colours: str = "auto"
    idle_minutes: int = 15
    page_size: int = 30

    @classmethod
    def of(cls, table: Mapping[str, object]) -> "Preferences":
        """What *table* says, as far as it says something that can be."""
        usual = cls()
        language, colours = table.get("language"), table.get("colours")
        return cls(
            language=language if isinstance(language, str) and language in LANGUAGES else None,
            colours=colours if isinstance(colours, str) and colours in COLOURS else usual.colours,
            idle_minutes=_number(table, "idle_minutes", IDLE_MINUTES, usual.idle_minutes),
            page_size=_number(table, "page_size", (PAGE_SIZES[0], PAGE_SIZES[-1]), usual.page_size),
        )


def read_preferences(folder: Folder) -> Preferences:
    try:
        raw = folder.read(FILE)
        return Preferences.of({} if raw is None else tomllib.loads(raw.decode()))
    except (ConsoleError, ValueError):
        return Preferences()


def keep_preferences(folder: Folder, chosen: Preferences) -> None:
    """Raises Unreachable."""
    lines = [
        f'colours = "{chosen.colours}"',
        f"idle_minutes = {chosen.idle_minutes}",
        f"page_size = {chosen.page_size}",
    ]
    if chosen.language is not None:
        lines.append(f'language = "{chosen.language}"')
    folder.write(FILE, ("\n".join(lines) + "\n").encode())


def _number(table: Mapping[str, object], name: str, bounds: tuple[int, int], usual: int) -> int:
    found = table.get(name)
    try:
        number = int(found) if isinstance(found, int | str) else usual
    except ValueError:
        return usual
    return number if bounds[0] <= number <= bounds[1] else usual
