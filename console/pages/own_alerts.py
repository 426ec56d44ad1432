"""The part of the settings page about one's alerts: where, when, and adding a place.

A link or a code is shown in the answer to its form, never in an address; the link leads to the two
platforms only (`answers.AlertLink`), and its picture is drawn here.
"""

import segno
from markupsafe import Markup

from console import alerting, present
from console.errors import ConsoleError, Mistaken
from console.office import Office
from console.pages.part import Part, Said, Shown
from console.pages.window import Form, Window


async def _shown(window: Window, office: Office) -> Shown:
    try:
        found = await office.desk.alerts()
    except ConsoleError as error:
        return {"problem": present.explain_on_page(window.words, error)}
    begin, _, end = (found.hours or "").partition("-")
    return {
        "problem": "",
        "places": found.places,
        "channels": [each for each in alerting.CHANNELS if each in found.channels],
        "chats": alerting.CHATS,
        "said": alerting.say_quiet(window.words, found),
        "breaks_quiet": found.breaks_quiet,
        "mode": _mode(found.hours, found.days or ()),
        "begin": begin or "20:00",
        "end": end or "07:00",
        "days": alerting.DAYS,
        "quiet_days": found.days or (),
    }


def _mode(hours: str | None, days: tuple[str, ...]) -> str:
    if hours is None:
        return alerting.USUAL
    return "own" if hours or days else alerting.NEVER


async def _link(window: Window, office: Office, form: Form) -> Said:
    """A link for a chat, and its QR code."""
    channel = form.get("channel", "")
    if channel not in alerting.CHATS:
        raise Mistaken("alerts.bad_channel", known=", ".join(alerting.CHATS))
    made = await office.desk.alert_link(channel, window.words.language)
    drawn = segno.make(made.link, error="m", micro=False).svg_inline(
        scale=5, border=3, dark="#000", light="#fff"
    )
    shown = {"link": made.link, "qr": Markup(drawn), "minutes": made.expires_s // 60}  # noqa: S704  # drawn by segno out of an address of known form
    return Said(shown={**shown, "channel": channel})


async def _mail(window: Window, office: Office, form: Form) -> Said:
    """Mail a code to an address."""
    address = form.get("address", "").strip()
    if not address:
        raise Mistaken("alerts.address_missing")
    mailed = await office.desk.alert_mail(address, window.words.language)
    return Said(shown={"address": address, "minutes": mailed.expires_s // 60})


async def _confirm(window: Window, office: Office, form: Form) -> Said:
    """The code that the mail said."""
    code = form.get("code", "").strip()
    if not code:
        raise Mistaken("alerts.no_code", address="")
    await office.desk.confirm_alert_mail(code)
    return Said("alerts.added_page")


async def _quiet(window: Window, office: Office, form: Form) -> Said:
    mode = form.get("mode", "")
    is_own = mode == "own"
    begin, end = form.get("begin", ""), form.get("end", "")
    hours = alerting.NEVER if is_own and not (begin or end) else f"{begin}-{end}"
    await alerting.set_quiet(
        office,
        hours=hours if is_own else mode,
        days=[day for day in alerting.DAYS if form.get(f"day_{day}")] if is_own else None,
        breaks_quiet=form.get("urgent") == "yes",
        language=window.words.language,
    )
    return Said("alerts.kept")


async def _test(window: Window, office: Office, form: Form) -> Said:
    await alerting.test(office)
    return Said("alerts.tested_page")


async def _remove(window: Window, office: Office, form: Form) -> Said:
    await alerting.remove(office, form.get("place", "-") or "-")
    return Said("alerts.removed")


ALERTS = Part(
    _shown,
    {
        "link": _link,
        "mail": _mail,
        "confirm": _confirm,
        "quiet": _quiet,
        "test": _test,
        "remove": _remove,
    },
)
