"""How the bot presents itself: commands, descriptions and the menu button, in each language."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.telegram.rules import bad, units

Params = Mapping[str, Any]

DESCRIPTION_UNITS = 512
SHORT_DESCRIPTION_UNITS = 120
NAME_UNITS = 64
COMMANDS = 100
COMMAND_UNITS = 256


@dataclass
class Profile:
    me: dict[str, Any]
    commands: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    menu_button: dict[str, Any] = field(default_factory=lambda: {"type": "commands"})

    def knows(self, method: str) -> bool:
        return method in self._methods

    def call(self, method: str, params: Params) -> Any:
        return self._methods[method](params)

    @property
    def _methods(self) -> Mapping[str, Callable[[Params], Any]]:
        return {
            "setmycommands": self._set_commands,
            "getmycommands": lambda params: self.commands.get(_language(params), []),
            "deletemycommands": lambda params: bool(self.commands.pop(_language(params), 1)),
            "setmydescription": lambda params: _set(
                self.descriptions, params, "description", DESCRIPTION_UNITS
            ),
            "getmydescription": lambda params: {
                "description": self.descriptions.get(_language(params), "")
            },
            "setmyshortdescription": lambda params: _set(
                self.short_descriptions, params, "short_description", SHORT_DESCRIPTION_UNITS
            ),
            "getmyshortdescription": lambda params: {
                "short_description": self.short_descriptions.get(_language(params), "")
            },
            "setmyname": lambda params: _set(self.names, params, "name", NAME_UNITS),
            "getmyname": lambda params: {"name": self.names.get(_language(params), "")},
            "setchatmenubutton": self._set_menu_button,
            "getchatmenubutton": lambda _: self.menu_button,
        }

    def _set_commands(self, params: Params) -> bool:
        commands = params.get("commands")
        if not isinstance(commands, list) or len(commands) > COMMANDS:
            raise bad("wrong parameter commands in request")
        for each in commands:
            if not re.fullmatch("[a-z0-9_]{1,32}", str(each.get("command", ""))):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= units(str(each.get("description", ""))) <= COMMAND_UNITS:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[_language(params)] = commands
        return True

    def _set_menu_button(self, params: Params) -> bool:
        button = params.get("menu_button") or {"type": "default"}
        if button.get("type") not in ("commands", "web_app", "default"):
            raise bad("wrong menu button type")
        self.menu_button = button
        return True


def _set(where: dict[str, str], params: Params, name: str, at_most: int) -> bool:
    text = str(params.get(name, ""))
    if units(text) > at_most:
        raise bad(f"{name.upper()}_TOO_LONG")
    where[_language(params)] = text
    return True


def _language(params: Params) -> str:
    code = str(params.get("language_code", "") or "")
    if not re.fullmatch("|[a-z]{2}", code):
        raise bad("invalid language code specified")
    return code
