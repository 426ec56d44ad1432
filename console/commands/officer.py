"""init and enrol: how an officer's keys are born, and how their public half gets into the
roster.
"""

from pathlib import Path
from typing import Annotated

import typer

from console.errors import Mistaken
from console.export_folder import keep_new
from console.folder import CARD, KEYS
from console.origins import origin_of
from console.shell import shell_of
from console.trust import admin_key
from sealing import OfficerKeys, SealingError, parse_card, render_card, seal_keys


def register(app: typer.Typer) -> None:
    app.command("init", help="make the folder and keys · เริ่มใช้ สร้างกุญแจ")(init)
    app.command("enrol", help="show the enrolment card · บัตรลงทะเบียน")(enrol)


def init(
    context: typer.Context,
    desk: Annotated[str, typer.Option(help="https://…", prompt=True)],
    admin: Annotated[str, typer.Option(help="roster admin's public key, 64 hex", prompt=True)],
    name: Annotated[str, typer.Option(help="your name · ชื่อ", prompt=True)],
    generate_passphrase: Annotated[
        bool, typer.Option("--generate-passphrase", help="show a generated one · สุ่มรหัสผ่าน")
    ] = False,
) -> None:
    shell = shell_of(context)
    origin, pinned = origin_of(desk), admin_key(admin)
    try:
        keys = OfficerKeys.generate(name.strip())
    except ValueError:
        raise Mistaken("init.no_name") from None
    folder = shell.folder
    folder.make()
    passphrase = shell.new_passphrase(is_generated=generate_passphrase)
    sealed = seal_keys(keys, passphrase.reveal(), shell.log_n)
    folder.write(KEYS, sealed)
    folder.write(CARD, render_card(keys))
    folder.write_settings(desk=origin, admin=str(pinned), name=keys.name)
    shell.print(shell.say("init.done", name=keys.name, path=folder.path))
    shell.print(shell.say("init.next"))


def enrol(
    context: typer.Context,
    out: Annotated[Path | None, typer.Option(help="also save the card here")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    shell = shell_of(context)
    folder = shell.folder
    folder.settings()
    raw = folder.read(CARD)
    if raw is None:
        raw = render_card(shell.unlock())
        folder.write(CARD, raw)
    try:
        card = parse_card(raw)
    except SealingError:
        raise Mistaken("roster.bad_card", path=folder.path / CARD) from None
    saved = out or folder.path / CARD
    if out is not None:
        keep_new(out, raw)
    if json:
        shell.json(
            {
                "officer": card.id,
                "name": card.name,
                "fingerprint": card.fingerprint,
                "card": raw.decode("utf-8"),
                "path": str(saved),
            }
        )
        return
    shell.print(shell.say("enrol.card", name=card.name), "bold")
    shell.print(raw.decode("utf-8"))
    shell.print(shell.say("enrol.read_aloud"))
    shell.print(f"    {card.fingerprint}", "bold")
    shell.print(shell.say("enrol.saved", path=saved))
