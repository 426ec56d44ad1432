"""recovery make, use, server-key, open: the key that opens every tip, kept offline until needed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.status import Status

from console.calm import calm_json
from console.commands.exports import say_exported
from console.errors import Mistaken
from console.export_folder import keep_new
from console.office import Office
from console.recovery import (
    OnStep,
    Regranted,
    open_export,
    open_sealed_key,
    read_list,
    read_sealed_key,
    regrant_all,
)
from console.shell import Shell, shell_of
from sealing import RecoveryKey, open_recovery, seal_recovery

KeyFile = Annotated[Path, typer.Option("--key", help="recovery key file · ไฟล์กุญแจกู้คืน")]
KeyPassphrase = Annotated[
    Path | None, typer.Option(help="file with the recovery key's passphrase (else asked)")
]
Json = Annotated[bool, typer.Option("--json")]


def make() -> typer.Typer:
    app = typer.Typer(
        help="the offline key that opens every tip · กุญแจกู้คืน",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.command("make", help="make the recovery key · สร้างกุญแจกู้คืน")(make_key)
    app.command("use", help="let current officers into tips · ออกสิทธิ์อ่านใหม่")(use)
    app.command("server-key", help="the server key out of a backup · กุญแจเครื่องจากชุดสำรอง")(
        server_key
    )
    app.command("open", help="open an exported tip · เปิดเรื่องที่นำออก")(open_tip)
    return app


def make_key(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="the new key file; FILE.pub holds its public half")],
    name: Annotated[str, typer.Option()] = "recovery",
    generate_passphrase: Annotated[bool, typer.Option("--generate-passphrase")] = False,
) -> None:
    shell = shell_of(context)
    public = file.with_name(file.name + ".pub")
    for path in (file, public):
        if path.exists():
            raise Mistaken("recovery.exists", path=path)
    key = RecoveryKey.generate(name)
    passphrase = shell.new_passphrase(is_generated=generate_passphrase)
    keep_new(file, seal_recovery(key, passphrase.reveal(), shell.log_n))
    keep_new(public, f"{key.age.recipient}\n".encode())
    shell.print(shell.say("recovery.made", path=file))
    shell.print(shell.say("recovery.public"))
    shell.print(str(public), "bold")


def use(
    context: typer.Context,
    key: KeyFile,
    key_passphrase_file: KeyPassphrase = None,
    to: Annotated[list[str] | None, typer.Option(help="officers; else each tip's centre")] = None,
    tips: Annotated[Path | None, typer.Option(help="an exported list instead of the desk")] = None,
    out: Annotated[Path | None, typer.Option(help="with --tips: where the grants go")] = None,
    unread_only: Annotated[
        bool,
        typer.Option("--unread-only", help="only tips that nobody can open · เรื่องที่ไม่มีใครเปิดได้"),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    if tips is not None and out is None:
        raise Mistaken("recovery.needs_out")
    listed = None if tips is None else read_list(tips)
    recovery = shell.open_file(
        key, "recovery.missing", open_recovery, passphrase_file=key_passphrase_file
    )

    async def work(office: Office) -> Regranted:
        return await regrant_all(
            office,
            recovery,
            chosen=to or (),
            listed=listed,
            is_dry=dry_run,
            is_unread_only=unread_only,
            on_step=on_step,
        )

    with _progress(shell) as on_step:
        done = shell.at_work(work)
    if out is not None:
        lines = "".join(calm_json(g.json()).replace("\n", "") + "\n" for g in done.grants)
        keep_new(out, lines.encode())
        shell.tell(shell.say("recovery.wrote", path=out))
    for tip_id in done.unopened:
        shell.tell(shell.say("recovery.unopened", tip=tip_id), "bold red")
    for left in done.left_out:
        why = f"recovery.{left.why}"
        shell.tell(shell.say(why, name=left.officer.name, tip=left.tip_id[:8]), "yellow")
    if json:
        shell.json(
            {
                "grants": [{"tip_id": g.tip_id, "officer": g.to.id} for g in done.grants],
                "tips": done.tips,
                "unopened": list(done.unopened),
                "left_out": [
                    {
                        "tip_id": left.tip_id,
                        "officer": left.officer.id,
                        "is_barred": left.is_barred,
                        "why": left.why,
                    }
                    for left in done.left_out
                ],
            }
        )
    elif done.grants:
        shell.print(shell.say("recovery.regranted", made=len(done.grants), tips=done.tips))
    else:
        shell.print(shell.say("recovery.nothing"))
    if dry_run:
        shell.tell(shell.say("recovery.dry"))
    if done.unopened:
        shell.tell(shell.say("recovery.failed", n=len(done.unopened)), "bold red")
        raise typer.Exit(5)


@contextmanager
def _progress(shell: Shell) -> Iterator[OnStep]:
    """A line that counts while it goes on; on a terminal only."""
    with Status("", console=shell.err) as status:

        def on_step(looked_at: int, granted: int) -> None:
            status.update(shell.say("recovery.progress", tips=looked_at, grants=granted))

        yield on_step


def server_key(
    context: typer.Context,
    backup: Annotated[Path, typer.Argument(help="a backup's folder · โฟลเดอร์ชุดสำรอง")],
    key: KeyFile,
    out: Annotated[Path, typer.Option(help="a new file for the server · ไฟล์ใหม่")],
    key_passphrase_file: KeyPassphrase = None,
) -> None:
    shell = shell_of(context)
    if out.exists():
        raise Mistaken("export.exists", path=out)
    sealed = read_sealed_key(backup)
    recovery = shell.open_file(
        key, "recovery.missing", open_recovery, passphrase_file=key_passphrase_file
    )
    keep_new(out, open_sealed_key(sealed, recovery))
    shell.print(shell.say("recovery.server_key", path=out))


def open_tip(
    context: typer.Context,
    export: Annotated[Path, typer.Argument(help="an exported tip's folder")],
    folder: Annotated[Path, typer.Argument(help="a new folder · โฟลเดอร์ใหม่")],
    key: KeyFile,
    reason: Annotated[str, typer.Option(help="why · เหตุผล")] = "",
    key_passphrase_file: KeyPassphrase = None,
    admin: Annotated[str | None, typer.Option(help="check signatures with this key")] = None,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    if not reason.strip():
        raise Mistaken("export.needs_reason")
    if folder.exists():
        raise Mistaken("export.exists", path=folder)
    recovery = shell.open_file(
        key, "recovery.missing", open_recovery, passphrase_file=key_passphrase_file
    )
    shell.tell(shell.say("export.warning"), "yellow")
    done = asyncio.run(
        open_export(
            export,
            folder,
            recovery,
            admin=admin,
            reason=reason.strip(),
            words=shell.words,
            tell=shell.tell,
        )
    )
    if not json:
        shell.print(shell.say("recovery.opened"))
    say_exported(shell, done, json=json)
