"""The errors of this room, sorted by culprit. No text carries words, codes, keys or ids.

BotError
├── BadRequest          their bytes: answered with a 4xx
├── AlteredQuarter      a stored page of figures is not the one that was published: never shown
├── Unavailable         platform, disk, database: try again later
└── Misconfigured       the operator's: says what to change; raised at start-up only
    ├── ConfigError         config.toml or an environment variable (bot.config_errors)
    ├── ServerKeyUnusable   the server key file
    ├── RosterUnusable      the roster of officers
    └── RegistryUnusable    the registry of the real bots; the bot serves without it
        └── NoRegistry          there is none
"""


class BotError(Exception):
    """Whatever this room raises on purpose."""


class BadRequest(BotError):
    """The bytes that came in are not what the protocol says."""


class AlteredQuarter(BotError):
    """What lies there of a quarter is not what this deployment published of it."""


class Unavailable(BotError):
    """The world did not answer; nothing was stored; the same call may work later."""


class Misconfigured(BotError):
    """The deployment cannot run as it is; the text says what is wrong and how to put it right."""


class ServerKeyUnusable(Misconfigured):
    """The server key file is missing, readable by others, or not a server key."""


class RosterUnusable(Misconfigured):
    """There is no roster that the pinned admin key signed, or an older one was put back."""


class RegistryUnusable(Misconfigured):
    """The registry of the real bots is not one that the pinned admin key signed, or an older one
    was put back. Commands end with it; a running bot shows no list and serves on."""


class NoRegistry(RegistryUnusable):
    """There is no registry of the real bots."""
