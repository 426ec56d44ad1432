"""LINE's rich menu as data: eight tiles, one menu a language, each named after its own content.

The name ends in a hash of everything the menu is made of, picture included: whoever finds a menu of
that name on the platform need not make it again, and every other menu that begins with our prefix
is an old one. A tile posts `menu=NAME` back, which bot.channels.line reads as a command; the
language's tile also says which language its menu then shows (`menu=language&to=en`).
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.setup.fonts import Fonts
from bot.setup.picture import COLUMNS, HEIGHT, ROWS, WIDTH, draw
from bot.setup.telling import LANGUAGES, words

TILES = ("report", "follow", "member", "learn", "safety", "real_bot", "help", "language")
PREFIX = "saisaat-"
_HASH_LETTERS = 16


@dataclass(frozen=True, slots=True)
class Menu:
    """A menu as it should be: its object for the API, and its picture."""

    language: str
    name: str
    body: Mapping[str, Any]
    picture: bytes = field(repr=False)

    @property
    def alias(self) -> str:
        """The name by which the other language's tile switches to this menu."""
        return f"{PREFIX}{self.language}"


def menus(fonts: Fonts) -> tuple[Menu, ...]:
    """Return the menu of each language, the default first."""
    return tuple(_menu(language, fonts) for language in LANGUAGES)


def _menu(language: str, fonts: Fonts) -> Menu:
    said = words(language)["menu"]
    body = {
        "size": {"width": WIDTH, "height": HEIGHT},
        "selected": True,
        "chatBarText": said["bar"],
        "areas": [_area(place, tile, language, said) for place, tile in enumerate(TILES)],
    }
    picture = draw([(tile, said["picture"][tile]) for tile in TILES], fonts)
    content = json.dumps(body, sort_keys=True, ensure_ascii=False).encode() + picture
    mark = hashlib.sha256(content).hexdigest()[:_HASH_LETTERS]
    name = f"{PREFIX}{language}-{mark}"
    return Menu(language, name, {"name": name, **body}, picture)


def _area(place: int, tile: str, language: str, said: Mapping[str, Any]) -> dict[str, Any]:
    row, column = divmod(place, COLUMNS)
    left, right = (column * WIDTH // COLUMNS, (column + 1) * WIDTH // COLUMNS)
    top, bottom = (row * HEIGHT // ROWS, (row + 1) * HEIGHT // ROWS)
    return {
        "bounds": {"x": left, "y": top, "width": right - left, "height": bottom - top},
        "action": _action(tile, language, said["said"][tile]),
    }


def _action(tile: str, language: str, said: str) -> dict[str, str]:
    if tile == "language":
        other = LANGUAGES[(LANGUAGES.index(language) + 1) % len(LANGUAGES)]
        return {
            "type": "richmenuswitch",
            "label": said,
            "richMenuAliasId": f"{PREFIX}{other}",
            "data": f"menu={tile}&to={other}",
        }
    data = f"menu={tile}"
    return {"type": "postback", "label": said, "data": data, "displayText": said}
