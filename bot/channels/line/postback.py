"""What a button of ours says when it is tapped: a choice on a screen, or an entry of the menu.

Owns the text of postback data, both ways. Law: whatever comes back is a person's (or a forger's)
word; the turn alone decides whether it still means something.
"""

from urllib.parse import parse_qsl, urlencode

from handlers.events import Choice, Command, Event, Unknown

COMMANDS = frozenset(
    {"start", "help", "cancel", "back", "edit", "language", "safety", "real_bot", "learn"}
    | {"report", "follow", "member"}
)
"""The entries a rich menu may have."""


def choice_data(screen: str, choice: str) -> str:
    """Data for the button *choice* of the screen whose nonce is *screen*."""
    return urlencode({"screen": screen, "choice": choice})


def command_data(name: str) -> str:
    """Data for an entry of the rich menu. Raises ValueError for what is no command."""
    if name not in COMMANDS:
        raise ValueError("not a command of the menu")
    return urlencode({"menu": name})


def read_data(raw_data: object) -> Event:
    """The event that *raw_data* stands for; `Unknown` when it is none of ours."""
    if not isinstance(raw_data, str):
        return Unknown()
    try:
        said = dict(parse_qsl(raw_data, strict_parsing=True, max_num_fields=4))
    except ValueError:
        return Unknown()
    if set(said) == {"screen", "choice"}:
        return Choice(said["screen"], said["choice"])
    if said.get("menu") in COMMANDS:
        return Command(said["menu"], said.get("to", ""))
    return Unknown()
