"""LINE: what people do there becomes events, and what is said to them becomes messages.

`Line.opened(LineParts(…))` is the doorway; `command_data` is what an entry of the rich menu sends.
"""

from bot.channels.line.line import Line
from bot.channels.line.parts import LineParts, LineRules
from bot.channels.line.postback import COMMANDS, command_data

__all__ = ["COMMANDS", "Line", "LineParts", "LineRules", "command_data"]
