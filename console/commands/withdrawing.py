"""withdraw: an officer reads a tip no further."""

from typing import Annotated

import typer

from console import as_json
from console.calm import calm_line
from console.commands.tips import Despite, Json, ReasonFile, TipArgument, given
from console.errors import Mistaken
from console.office import Office
from console.shell import shell_of
from console.withdrawing import Withdrawn, withdraw


def register(app: typer.Typer) -> None:
    app.command("withdraw", help="a colleague reads no further · ถอนสิทธิ์อ่าน")(withdraw_reader)


def withdraw_reader(
    context: typer.Context,
    tip: TipArgument,
    who: Annotated[
        str, typer.Option(help="name, or id with its first 6+ digits · ชื่อหรือเลขเจ้าหน้าที่")
    ],
    reason: Annotated[
        str,
        typer.Option(help="why, for who reads on; visible in ps · เหตุผล เห็นเฉพาะเจ้าหน้าที่"),
    ] = "",
    reason_file: ReasonFile = None,
    despite_warnings: Despite = False,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    why = given(shell, reason, reason_file)
    if not why.strip():
        raise Mistaken("withdraw.needs_reason")

    async def work(office: Office) -> Withdrawn:
        return await withdraw(office, await office.tip_id(tip), who, why, despite=despite_warnings)

    out = shell.at_work(work)
    if json:
        shell.json(as_json.withdrawn_json(out))
        return
    shell.print(shell.say("withdraw.done", name=calm_line(out.name), n=len(out.readers)))
    shell.print(shell.say("withdraw.kept", name=calm_line(out.name)), "yellow")
    if out.replies_stay:
        shell.print(shell.say("withdraw.replies_stay", name=calm_line(out.name)), "yellow")
    for name in out.left_out:
        shell.tell(shell.say("withdraw.left_out", name=calm_line(name)), "yellow")
