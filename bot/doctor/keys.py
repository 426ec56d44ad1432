"""Keys: the server's own, and the roster of officers with the recovery recipient."""

from collections.abc import Iterator
from datetime import date

from bot import roster as rosters
from bot.auditing import audit_key
from bot.config_sections import Config
from bot.doctor.clocks import clocks
from bot.doctor.database import Inside
from bot.doctor.findings import Finding
from bot.errors import Misconfigured, RosterUnusable, ServerKeyUnusable
from bot.pins import KEY_CHECK, STRETCH_COST, compare
from bot.server_key import ServerKey
from bot.signed_files import Seen
from sealing.roster import Roster, days_left


def server_key(config: Config, inside: Inside) -> Iterator[Finding]:
    """Look whether the key can be read, is guarded, and is the one the database began with."""
    try:
        key = ServerKey.read(config.server_key, is_credential=config.secrets.is_credential)
        compare(
            inside.settings.get(KEY_CHECK),
            inside.settings.get(STRETCH_COST),
            key,
            config.limits.stretch_cost,
        )
    except ServerKeyUnusable as error:
        yield _said("server key", error)
    except Misconfigured as error:
        yield _said("receipts", error)
    else:
        yield Finding.ok("server key", "can be read, and by its owner only.")
        yield Finding.ok(
            "audit trail",
            f"its days are signed with the key {audit_key(key).verify_key}. Consoles keep the "
            "first that they see; auditors may compare it.",
        )


def roster(config: Config, inside: Inside, today: date) -> Iterator[Finding]:
    """Look whether the roster is signed, not rolled back, fresh, and serves every centre."""
    try:
        trusted = rosters.read(config.roster, Seen.of(rosters.KIND, inside.settings.get)).roster
    except RosterUnusable as error:
        yield _said("roster", error)
        yield Finding.problem(
            "recovery", "without a roster there is no recovery recipient.",
            "The admin makes one off the server: saisaat-console recovery make.",
        )  # fmt: skip
        return
    left = days_left(trusted, today)
    yield Finding.ok(
        "roster",
        f"version {trusted.version}, signed by the admin, {len(trusted.officers)} officers, "
        f"{max(left, 0)} days left.",
    )
    yield Finding.ok("recovery", "every tip is also sealed to the recovery recipient.")
    yield from _alarms(config, trusted, today)
    yield from clocks(config, trusted)


def _alarms(config: Config, trusted: Roster, today: date) -> Iterator[Finding]:
    is_quiet = True
    for alarm in rosters.alarms(trusted, config.centres, today, config.roster.warn_days):
        is_quiet = is_quiet and alarm.event != "centre_without_officers"
        make = Finding.problem if alarm.is_problem else Finding.warning
        yield make("roster", alarm.says, alarm.fix)
    if is_quiet:
        yield Finding.ok("centres", "every centre has an officer who can read its tips.")


def _said(check: str, error: Exception) -> Finding:
    """Divide what *error* says into what is wrong and, after the first sentence, what to do."""
    wrong, _, fix = str(error).partition(". ")
    return Finding.problem(check, wrong.rstrip(".") + ".", fix)
