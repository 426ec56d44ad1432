"""What goes wrong with backups; part of the tree in bot/errors.py."""

from bot.errors import Misconfigured


class BadBackup(Misconfigured):
    """This is no whole backup of this server; the text names what is wrong with which file."""
