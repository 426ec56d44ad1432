"""Sample registries of the real bots, for the tests of this room."""

from dataclasses import replace
from typing import Any

from sealing import BotChannel, RealBot, Registry, SigningKey, render_registry, sign_registry
from tests.bot.rosters import ADMIN

ONION = "http://" + "a" * 56 + ".onion"
TELEGRAM = RealBot(BotChannel.TELEGRAM, "@saisaat_test_bot", "Saisaat")
LINE = RealBot(BotChannel.LINE, "@canary", "ใสสะอาด")
REGISTRY = Registry(3, "2026-11-01", "2027-10-31", "https://chat.pacc.test", None, (TELEGRAM, LINE))


def registry(**change: Any) -> Registry:
    return replace(REGISTRY, **change)


def signed(which: Registry = REGISTRY, admin: SigningKey = ADMIN) -> bytes:
    return sign_registry(render_registry(which), admin)
