"""The part of the settings page about one's sign-ins at the desk: which there are, and ending
them."""

from console import present
from console.errors import ConsoleError, Mistaken
from console.office import Office
from console.pages.part import Part, Said, Shown
from console.pages.window import Form, Window


async def _shown(window: Window, office: Office) -> Shown:
    try:
        found = (await office.desk.sessions()).sessions
    except ConsoleError as error:
        return {"problem": present.explain_on_page(window.words, error)}
    return {
        "problem": "",
        "sessions": found,
        "others": [each for each in found if not each.is_this],
    }


async def _end(window: Window, office: Office, form: Form) -> Said:
    """End one of the officer's other sessions."""
    asked = form.get("session", "")
    known = (await office.desk.sessions()).sessions
    if asked not in {each.session_id for each in known if not each.is_this}:
        raise Mistaken("session.none")
    await office.desk.end_sessions(asked)
    return Said("session.ended_page")


async def _end_others(window: Window, office: Office, form: Form) -> Said:
    await office.desk.end_sessions(None)
    return Said("session.ended_others")


SESSIONS = Part(_shown, {"end": _end, "others": _end_others})
