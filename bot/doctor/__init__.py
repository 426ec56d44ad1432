"""The doctor: looks at a deployment without changing it and says in plain words what is wrong.

It reads; it never creates, repairs or migrates anything, and it may run beside a running bot. What
it says names files and keys of the configuration, never a value of a secret. LINE and Telegram are
asked when they are on; that they cannot be reached is said, and is no fault.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.config import ConfigError, load
from bot.doctor import keys, machine, places
from bot.doctor.alerts import alerts
from bot.doctor.backup import backup
from bot.doctor.cleaners import cleaners
from bot.doctor.database import look_inside
from bot.doctor.findings import Finding, State
from bot.doctor.line import line
from bot.doctor.registry import registry
from bot.doctor.retention import retention
from bot.doctor.secret_places import secret_places
from bot.doctor.telegram import telegram

__all__ = ["Finding", "State", "examine"]


def examine(path: Path, today: date) -> tuple[Finding, ...]:
    """Examine the deployment whose configuration is at *path*."""
    return tuple(_examine(path, today))


def _examine(path: Path, today: date) -> Iterator[Finding]:
    try:
        config = load(path)
    except ConfigError as error:
        for each in error.problems:
            yield Finding.problem("config", f"{each.key}: {each.problem}", each.fix)
        return
    yield Finding.ok("config", "every key is known and right.")
    yield from places.config_file(path)
    yield from places.folders(config)
    yield from secret_places(path, config)
    inside = look_inside(config.storage.database)
    yield from inside.findings
    yield from keys.server_key(config, inside)
    yield from keys.roster(config, inside, today)
    yield from retention(config, inside, today)
    yield from machine.clock(path, inside, today)
    yield from machine.disk(config)
    yield from machine.memory()
    yield from machine.addresses(config)
    yield from machine.certificate(config, today)
    yield from machine.guesses(config)
    yield from cleaners()
    yield from telegram(config)
    yield from line(config)
    yield from alerts(config)
    yield from registry(config, inside, today)
    yield from backup(config, today)
