"""Rich menus: what LINE keeps of them, and what it refuses."""

import io
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PIL import Image, UnidentifiedImageError

from tests.fakes.line.limits import Finding, check_action, is_text

if TYPE_CHECKING:
    from tests.fakes.line.person import LinePerson

MENUS_AT_MOST = 1000
WIDTH = range(800, 2501)
HEIGHT_AT_LEAST = 250
RATIO_AT_LEAST = 1.45
AREAS_AT_MOST = 20
CHAT_BAR_UNITS = 14
NAME_UNITS = 300
IMAGE_BYTES = 1024 * 1024
_ALIAS = re.compile(r"[a-z0-9_-]{1,32}")


@dataclass
class RichMenus:
    """Every menu of the channel, its picture, its aliases, and who sees which."""

    menus: dict[str, dict[str, Any]] = field(default_factory=dict)
    images: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    default: str | None = None

    def create(self, menu: Mapping[str, Any]) -> str:
        menu_id = "richmenu-" + secrets.token_hex(16)
        self.menus[menu_id] = {**menu, "richMenuId": menu_id}
        return menu_id

    def delete(self, menu_id: str) -> None:
        del self.menus[menu_id]
        self.images.pop(menu_id, None)
        if self.default == menu_id:
            self.default = None

    def shown_to(self, person: "LinePerson") -> Mapping[str, Any] | None:
        """The menu below *person*'s chat: their own before the default."""
        for menu_id in (person.rich_menu_id, self.default):
            if menu_id is not None and menu_id in self.menus:
                return self.menus[menu_id]
        return None


def check_menu(menu: object) -> list[Finding]:
    """What LINE would refuse of a menu to be created."""
    if not isinstance(menu, dict):
        return [{"message": "Invalid", "property": ""}]
    found = list(_size(menu.get("size")))
    if not isinstance(menu.get("selected"), bool):
        found.append({"message": "May not be null", "property": "selected"})
    if not is_text(menu.get("name"), 1, NAME_UNITS):
        found.append({"message": "Length must be between 1 and 300", "property": "name"})
    if not is_text(menu.get("chatBarText"), 1, CHAT_BAR_UNITS):
        found.append({"message": "Length must be between 1 and 14", "property": "chatBarText"})
    areas = menu.get("areas")
    if not isinstance(areas, list) or len(areas) > AREAS_AT_MOST:
        return [*found, {"message": "Size must be between 0 and 20", "property": "areas"}]
    for place, area in enumerate(areas):
        found.extend(_area(area, menu.get("size"), f"areas[{place}]"))
    return found


def _size(size: object) -> list[Finding]:
    if not isinstance(size, dict):
        return [{"message": "May not be null", "property": "size"}]
    width, height = size.get("width"), size.get("height")
    is_right = (
        isinstance(width, int)
        and isinstance(height, int)
        and width in WIDTH
        and height >= HEIGHT_AT_LEAST
        and width / height >= RATIO_AT_LEAST
    )
    return [] if is_right else [{"message": "Invalid size", "property": "size"}]


def _area(area: object, size: object, at: str) -> list[Finding]:
    bounds = area.get("bounds") if isinstance(area, dict) else None
    action = area.get("action") if isinstance(area, dict) else None
    if not isinstance(bounds, dict) or not isinstance(action, dict):
        return [{"message": "May not be null", "property": at}]
    sides = [bounds.get(name) for name in ("x", "y", "width", "height")]
    numbers = [side for side in sides if isinstance(side, int) and side >= 0]
    if len(numbers) != len(sides):
        return [{"message": "Invalid bounds", "property": f"{at}.bounds"}]
    x, y, width, height = numbers
    whole = size if isinstance(size, dict) else {}
    is_inside = x + width <= whole.get("width", 0) and y + height <= whole.get("height", 0)
    outside = [] if is_inside else [{"message": "Out of bounds", "property": f"{at}.bounds"}]
    return [*outside, *check_action(action, f"{at}.action", 20, needs_label=False)]


def check_image(mime: str, raw: bytes) -> str | None:
    """Why LINE would refuse the picture of a menu."""
    if mime not in ("image/jpeg", "image/png"):
        return "Unsupported content type"
    if len(raw) > IMAGE_BYTES:
        return "The image is larger than 1 MB"
    try:
        with Image.open(io.BytesIO(raw)) as image:
            width, height, kind = image.width, image.height, image.format
    except UnidentifiedImageError:
        return "Not an image"
    if kind != {"image/jpeg": "JPEG", "image/png": "PNG"}[mime]:
        return "The content is not of its content type"
    if width not in WIDTH or height < HEIGHT_AT_LEAST or width / height < RATIO_AT_LEAST:
        return "Invalid image size"
    return None


def is_alias(text: object) -> bool:
    return isinstance(text, str) and _ALIAS.fullmatch(text) is not None
