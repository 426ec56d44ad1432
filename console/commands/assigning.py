"""assign: a tip to a colleague, or from one."""

from typing import Annotated

import typer

from console.assigning import assign
from console.commands.tips import Despite, TipArgument
from console.office import Office
from console.shell import shell_of


def register(app: typer.Typer) -> None:
    app.command("assign", help="give a tip to a colleague · มอบเรื่องให้เพื่อนร่วมงาน")(assign_tip)


def assign_tip(
    context: typer.Context,
    tip: TipArgument,
    to: Annotated[str, typer.Option(help="name or id in the roster · ชื่อเจ้าหน้าที่")],
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> str:
        tip_id = await office.tip_id(tip)
        return (await assign(office, tip_id, to, despite=despite_warnings)).name

    shell.print(shell.say("assign.given", name=shell.at_work(work)))
