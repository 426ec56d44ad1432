"""Where and when an officer is alerted: what the command and the settings page do alike.

Alerts are counts and days only. Nothing here opens a seal or changes a tip.
"""

import re
from collections.abc import Sequence

from console.answers import Alerts
from console.errors import Mistaken
from console.office import Office
from console.words import LANGUAGES, Words

CHATS = ("telegram", "line")
CHANNELS = (*CHATS, "email")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NEVER = "none"
USUAL = "usual"
_HOURS = re.compile(r"(?:[01][0-9]|2[0-3]):(?:00|15|30|45)-(?:[01][0-9]|2[0-3]):(?:00|15|30|45)")


async def set_quiet(
    office: Office,
    *,
    hours: str | None = None,
    days: Sequence[str] | None = None,
    breaks_quiet: bool | None = None,
    language: str | None = None,
) -> None:
    """When the officer is left in peace; None leaves a wish as it is. *hours*: in quarters, such
    as "20:00-07:00", or NEVER, or USUAL (as the desk does for everybody). *days* are whole ones.
    Raises Mistaken."""
    if hours not in (None, NEVER, USUAL) and not _HOURS.fullmatch(hours or ""):
        raise Mistaken("alerts.bad_hours")
    if days is not None and (not set(days) <= set(DAYS) or len(set(days)) != len(days)):
        raise Mistaken("alerts.bad_days")
    if days is not None and hours in (None, USUAL):
        raise Mistaken("alerts.days_need_hours")
    if language not in (None, *LANGUAGES):
        raise Mistaken("alerts.bad_channel", known=", ".join(LANGUAGES))
    now = await office.desk.alerts()
    if not now.places:
        raise Mistaken("alerts.no_places")
    new_hours, new_days = now.hours, now.days or ()
    if hours is not None:
        new_hours = {NEVER: "", USUAL: None}.get(hours, hours)
        new_days = tuple(days or ())
    await office.desk.set_alert_wishes(
        {
            "hours": new_hours,
            "days": list(new_days),
            "breaks_quiet": now.breaks_quiet if breaks_quiet is None else breaks_quiet,
            "language": now.language if language is None else language,
        }
    )


async def remove(office: Office, which: str) -> None:
    """No more alerts at the place whose id begins with *which*. Raises Mistaken."""
    places = (await office.desk.alerts()).places
    found = [each.binding_id for each in places if each.binding_id.startswith(which)]
    if len(found) != 1:
        raise Mistaken("alerts.which", which=which[:40])
    await office.desk.remove_alert(found[0])


async def test(office: Office) -> int:
    """Send a test wherever the officer is alerted; to how many places. Raises Mistaken for
    none."""
    places = await office.desk.test_alerts()
    if not places:
        raise Mistaken("alerts.no_places")
    return places


def say_quiet(words: Words, found: Alerts) -> str:
    """When it is quiet, in one sentence."""
    is_usual = found.hours is None
    hours = found.usual_hours if found.hours is None else found.hours
    days = found.usual_days if found.days is None else found.days
    named = ", ".join(words.label("week_day", each) for each in days)
    whole = words.say("alerts.quiet_days", days=named) if named else ""
    said = words.say("alerts.quiet", hours=hours or "–", days=whole)
    if not hours and not named:
        said = words.say("alerts.quiet_never")
    return f"{said} {words.say('alerts.quiet_usual')}" if is_usual else said
