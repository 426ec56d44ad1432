"""The desk: the officers' JSON API over HTTPS.

It hands out sealed bytes and takes sealed bytes; it holds no key that opens a filed tip. Whether an
officer may see a tip is asked in the query itself, so that a tip of another centre and a tip that
never was give the same answer. The doorway is `desk_app`.
"""

from bot.desk.app import DeskParts, desk_app

__all__ = ["DeskParts", "desk_app"]
