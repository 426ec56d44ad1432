"""registry sign, show: which bots are really ours. Signed on a machine without a network; anybody
who has the admin's public key can look."""

from pathlib import Path
from typing import Annotated

import typer

from console import days, real_bots
from console.admin_folder import AdminFolder
from console.commands.roster import pinned_key
from console.errors import Mistaken
from console.folder import replace_whole, why
from console.real_bots import GOOD_FOR_DAYS, Change, Entry
from console.shell import Shell, shell_of
from sealing import Registry, VerifyKey, fingerprint, open_admin_key

_STYLES = {Change.SAME: "", Change.NEW: "bold", Change.RENAMED: "bold", Change.GONE: "yellow"}


def make() -> typer.Typer:
    app = typer.Typer(
        help="which bots are really ours · ทะเบียนบอทจริง",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.command("sign", help="sign a draft (admin, offline) · ลงนาม")(sign)
    app.command("show", help="check and show a signed registry · ตรวจและดู")(show)
    return app


def sign(
    context: typer.Context,
    draft: Annotated[Path, typer.Argument(help="from saisaat registry draft · ร่างทะเบียน")],
    out: Annotated[Path, typer.Option(help="the signed file, for the server")],
    days_good: Annotated[int, typer.Option("--days", min=1, max=3650)] = GOOD_FOR_DAYS,
    yes: Annotated[bool, typer.Option("--yes", help="every id was compared")] = False,
) -> None:
    shell = shell_of(context)
    folder = AdminFolder(shell.folder)
    folder.public_key()
    before = real_bots.signed_before(folder)
    registry = real_bots.next_registry(real_bots.read_draft(draft), before, days.today(), days_good)
    _show_head(shell, registry, before)
    for entry in real_bots.entries(registry, before):
        _show_entry(shell, entry)
    shell.print(shell.say("registry.compare"))
    if not yes and not shell.confirm("registry.confirm"):
        raise Mistaken("registry.not_confirmed")
    key = shell.open_file(folder.keys_path, "roster.admin_missing", open_admin_key)
    replace_whole(out, real_bots.sign(folder, registry, key.sign))
    expires = days.say_day(registry.expires, shell.words.language)
    shell.print(shell.say("registry.signed", version=registry.version, expires=expires, path=out))
    _show_key(shell, folder.public_key())


def show(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="a signed registry, such as /bots.txt")],
    admin: Annotated[str | None, typer.Option(help="admin's public key, 64 hex")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    shell = shell_of(context)
    key = pinned_key(shell, admin)
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise Mistaken("folder.unreadable", path=file, why=why(error)) from None
    registry = real_bots.open_signed(raw, key)
    if json:
        shell.json(_registry_json(registry, key))
        return
    _show_head(shell, registry, registry)
    for entry in real_bots.entries(registry, registry):
        _show_entry(shell, entry)
    if registry.days_left(days.today()) < 0:
        shell.tell(shell.say("registry.expired"), "yellow")
    _show_key(shell, key)


def _show_head(shell: Shell, registry: Registry, before: Registry | None) -> None:
    language = shell.words.language
    day, expires = (days.say_day(each, language) for each in (registry.day, registry.expires))
    title = shell.say("registry.title", version=registry.version, day=day, expires=expires)
    shell.print(title, "bold")
    was = (None, None) if before is None else (before.web, before.onion)
    for address, old in zip((registry.web, registry.onion), was, strict=True):
        if address is not None:
            mark = "" if address == old else shell.say("registry.new")
            shell.print(f"  {mark}{address}", "bold" if mark else "")
        elif old is not None:
            shell.print(f"  {shell.say('registry.gone')}{old}", "yellow")


def _show_entry(shell: Shell, entry: Entry) -> None:
    mark = "" if entry.change is Change.SAME else shell.say(f"registry.{entry.change}")
    bot, style = entry.bot, _STYLES[entry.change]
    shell.print(f"  {mark}{bot.channel} · {bot.id} · {bot.name}", style)
    shell.print(f"      {bot.link}", "dim")


def _show_key(shell: Shell, key: VerifyKey) -> None:
    shell.print(shell.say("registry.key"))
    shell.print(f"    {fingerprint(key.raw)}", "bold")
    shell.print(f"    {key}", "dim")


def _registry_json(registry: Registry, key: VerifyKey) -> dict[str, object]:
    return {
        "version": registry.version,
        "day": registry.day,
        "expires": registry.expires,
        "admin": str(key),
        "admin_fingerprint": fingerprint(key.raw),
        "web": registry.web,
        "onion": registry.onion,
        "bots": [
            {"channel": str(bot.channel), "id": bot.id, "name": bot.name, "link": bot.link}
            for bot in registry.bots
        ],
    }
