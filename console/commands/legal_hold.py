"""hold, unhold: a tip is not destroyed while somebody may need it."""

from pathlib import Path

import typer

from console.commands.tips import Despite, Reason, ReasonFile, TipArgument, given
from console.legal_hold import set_held
from console.office import Office
from console.shell import shell_of


def register(app: typer.Typer) -> None:
    app.command("hold", help="not to be destroyed · ระงับการทำลาย")(hold)
    app.command("unhold", help="lift that again · เลิกระงับการทำลาย")(unhold)


def hold(
    context: typer.Context,
    tip: TipArgument,
    reason: Reason = "",
    reason_file: ReasonFile = None,
    despite_warnings: Despite = False,
) -> None:
    _set_held(context, tip, reason, reason_file, despite_warnings, is_held=True)


def unhold(
    context: typer.Context,
    tip: TipArgument,
    reason: Reason = "",
    reason_file: ReasonFile = None,
    despite_warnings: Despite = False,
) -> None:
    _set_held(context, tip, reason, reason_file, despite_warnings, is_held=False)


def _set_held(
    context: typer.Context,
    tip: str,
    reason: str,
    reason_file: Path | None,
    despite: bool,
    *,
    is_held: bool,
) -> None:
    shell = shell_of(context)
    why = given(shell, reason, reason_file)

    async def work(office: Office) -> None:
        await set_held(office, await office.tip_id(tip), why, is_held=is_held, despite=despite)

    shell.at_work(work)
    shell.print(shell.say("legal_hold.done" if is_held else "legal_hold.lifted"))
