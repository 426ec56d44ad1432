"""original, approve: files as they were sent, for a reason; and a second officer's word."""

from pathlib import Path
from typing import Annotated

import typer

from console.calm import calm_line
from console.commands.tips import Despite, TipArgument
from console.errors import Mistaken
from console.export import save_original
from console.office import Office
from console.opening import approve as approve_opening
from console.present import say_hazards
from console.shell import shell_of


def register(app: typer.Typer) -> None:
    app.command("original", help="save a file as it was sent · บันทึกไฟล์เดิม")(original)
    app.command("approve", help="agree that a colleague opens it · เห็นชอบให้เปิดข้อมูล")(approve)


def original(
    context: typer.Context,
    tip: TipArgument,
    seq: Annotated[int, typer.Argument(help="the part's number · ลำดับของไฟล์")],
    file: Annotated[Path, typer.Argument(help="a new file · ไฟล์ใหม่")],
    reason: Annotated[str, typer.Option(help="why · เหตุผล")] = "",
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)
    if not reason.strip():
        raise Mistaken("opening.needs_reason")
    if file.exists():
        raise Mistaken("export.exists", path=file)
    shell.tell(shell.say("opening.warning"), "yellow")

    async def work(office: Office) -> tuple[str, ...]:
        tip_id = await office.tip_id(tip)
        return await save_original(office, tip_id, seq, file, reason, despite=despite_warnings)

    hazards = shell.at_work(work)
    if hazards:
        what = say_hazards(shell.words, hazards)
        shell.tell(shell.say("export.hazard", name=file.name, what=what), "bold yellow")
    shell.print(shell.say("opening.saved", path=file))


def approve(
    context: typer.Context,
    tip: TipArgument,
    opening: Annotated[
        str | None, typer.Option(help="its id, where several wait · รหัสของรายการ")
    ] = None,
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> str:
        tip_id = await office.tip_id(tip)
        approved = await approve_opening(office, tip_id, opening, despite=despite_warnings)
        return (await office.trust()).signers.name(approved.officer)

    shell.print(calm_line(shell.say("opening.approved", name=shell.at_work(work))))
