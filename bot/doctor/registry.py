"""The registry of the real bots: is there one, is it signed and fresh, does it list these bots?"""

from collections.abc import Iterator
from datetime import date
from functools import partial

from bot.config_sections import Config
from bot.doctor.database import Inside
from bot.doctor.findings import Finding
from bot.doctor.platforms import asking
from bot.errors import NoRegistry, RegistryUnusable
from bot.listing import bot_differences, bots_off, web_differences
from bot.platforms.identity import channels_on, running_bot
from bot.registry import KIND, alarms, read
from bot.signed_files import Seen
from sealing import BotChannel, Registry

CHECK = "real bots"


def registry(config: Config, inside: Inside, today: date) -> Iterator[Finding]:
    """Look at the file, then ask the platforms that are on whether it is still true."""
    try:
        trusted = read(
            config.registry.file, config.roster.admin_key, Seen.of(KIND, inside.settings.get)
        ).registry
    except NoRegistry:
        yield _none(config)
        return
    except RegistryUnusable as error:
        wrong, _, fix = str(error).partition(". ")
        yield Finding.problem(CHECK, wrong.rstrip(".") + ". People see no list.", fix)
        return
    yield Finding.ok(
        CHECK,
        f"are listed in version {trusted.version}, signed by the admin, "
        f"{max(trusted.days_left(today), 0)} days left.",
    )
    for alarm in alarms(trusted, today, config.registry.warn_days):
        yield Finding.warning(CHECK, alarm.says, alarm.fix)
    for difference in (
        *web_differences(trusted, config),
        *bots_off(trusted, channels_on(config)),
    ):
        yield Finding.problem(CHECK, f"the registry {difference.says}", difference.fix)
    for channel in channels_on(config):
        yield from asking(CHECK, partial(_compared, config, trusted, channel))


def _compared(config: Config, trusted: Registry, channel: BotChannel) -> Iterator[Finding]:
    running = running_bot(config, channel)
    differences = list(bot_differences(trusted, running))
    for each in differences:
        yield Finding.problem(CHECK, f"the registry {each.says}", each.fix)
    if not differences:
        yield Finding.ok(CHECK, f"{running.id} on {channel.value} is listed.")


def _none(config: Config) -> Finding:
    if not channels_on(config):
        return Finding.ok(CHECK, "need no registry while only the web chat is open.")
    return Finding.warning(
        CHECK, "are in no registry: nobody can tell your bot from a clone of it.",
        "Run saisaat registry draft and have the admin sign it; docs/install.md, section 5.",
    )  # fmt: skip
