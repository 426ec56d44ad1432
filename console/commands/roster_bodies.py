"""roster add-body, remove-body: the keys of bodies that tips can be handed over to."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from console import days
from console.admin_folder import AdminFolder
from console.bodies import shipped_bodies
from console.errors import Mistaken
from console.shell import Shell, shell_of
from sealing import BodyKey, Malformed, Roster, parse_body_recipient

KEY_FILE_AT_MOST = 16 * 1024


def register(app: typer.Typer) -> None:
    app.command("add-body", help="add another body's public key · เพิ่มกุญแจของหน่วยงานอื่น")(add)
    app.command("remove-body", help="take a body out of the draft · นำหน่วยงานออก")(remove)


def add(
    context: typer.Context,
    body: Annotated[str, typer.Argument(help="its id: nacc, police, … · รหัสหน่วยงาน")],
    card: Annotated[Path, typer.Argument(help="its public key (age1…), a file · ไฟล์กุญแจสาธารณะ")],
    th: Annotated[str | None, typer.Option(help="name in Thai · ชื่อไทย")] = None,
    en: Annotated[str | None, typer.Option(help="name in English · ชื่ออังกฤษ")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="the fingerprint was read aloud")] = False,
) -> None:
    shell = shell_of(context)
    folder = AdminFolder(shell.folder)
    folder.public_key()
    key = _body(body, card, th, en)
    name = _name(shell, key)
    shell.print(shell.say("roster.check_aloud", name=name))
    shell.print(f"    {key.fingerprint}", "bold")
    if not key.is_post_quantum:
        shell.tell(shell.say("handover.weak_key", body=name), "yellow")
    if not yes and not shell.confirm("roster.confirm"):
        raise Mistaken("roster.not_confirmed")
    draft = folder.begin(None, days.today())
    others = tuple(each for each in draft.bodies if each.id != key.id)
    try:
        draft = replace(draft, bodies=(*others, key))
    except ValueError as error:
        raise Mistaken("roster.bad_value", why=error) from None
    folder.keep_draft(draft)
    shell.print(shell.say("roster.added", name=name, path=folder.draft_path))


def remove(
    context: typer.Context, body: Annotated[str, typer.Argument(help="its id · รหัสหน่วยงาน")]
) -> None:
    shell = shell_of(context)
    folder = AdminFolder(shell.folder)
    draft = folder.begin(None, days.today())
    gone = draft.body(body)
    if gone is None:
        known = ", ".join(each.id for each in draft.bodies) or "–"
        raise Mistaken("handover.no_such_body", known=known)
    kept = tuple(each for each in draft.bodies if each.id != body)
    folder.keep_draft(replace(draft, bodies=kept))
    path = folder.draft_path
    shell.print(shell.say("roster.removed", name=_name(shell, gone), path=path))


def tell_bodies(shell: Shell, roster: Roster) -> None:
    """The bodies of *roster*, each with the digits to read aloud."""
    for body in roster.bodies:
        shell.print()
        shell.print(f"{body.id} · {_name(shell, body)}")
        shell.print(f"  {body.fingerprint}")


def bodies_json(roster: Roster) -> list[dict[str, object]]:
    return [
        {
            "body": body.id,
            "th": body.th,
            "en": body.en,
            "age": str(body.age),
            "is_post_quantum": body.is_post_quantum,
            "fingerprint": body.fingerprint,
        }
        for body in roster.bodies
    ]


def _body(body: str, card: Path, th: str | None, en: str | None) -> BodyKey:
    known = shipped_bodies().get(body)
    names = (th or (known.th if known else None), en or (known.en if known else None))
    if names[0] is None or names[1] is None:
        raise Mistaken("roster.body_unnamed", body=body)
    try:
        with card.open("rb") as file:
            text = file.read(KEY_FILE_AT_MOST).decode("utf-8")
        lines = [line.strip() for line in text.splitlines()]
        (line,) = [line for line in lines if line and not line.startswith("#")]
        return BodyKey(body, names[0], names[1], parse_body_recipient(line))
    except (OSError, Malformed, ValueError):
        raise Mistaken("roster.bad_body", path=card) from None


def _name(shell: Shell, body: BodyKey) -> str:
    return body.th if shell.words.language == "th" else body.en
