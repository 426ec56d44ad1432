"""link, unlink, links: tips about the same thing."""

from pathlib import Path
from typing import Annotated

import typer

from console import days, present
from console.calm import calm_line
from console.commands.tips import Despite, Json, ReasonFile, TipArgument, given
from console.errors import Mistaken
from console.linking import Linked, link, linked, unlink
from console.office import Office
from console.shell import Shell, shell_of
from console.trust import Trust

Reason = Annotated[
    str,
    typer.Option(
        help="why; whoever reads either tip reads it; visible in ps · เหตุผล ผู้อ่านทั้งสองเรื่องเห็น"
    ),
]
Other = Annotated[str, typer.Argument(help="the other tip · อีกเรื่อง")]


def register(app: typer.Typer) -> None:
    app.command("link", help="two tips are about the same thing · เชื่อมเรื่องเดียวกัน")(link_tips)
    app.command("unlink", help="they are not · เลิกเชื่อม")(unlink_tips)
    app.command("links", help="what a tip is linked to · เรื่องที่เชื่อมไว้")(list_links)


def link_tips(
    context: typer.Context,
    tip: TipArgument,
    other: Other,
    reason: Reason = "",
    reason_file: ReasonFile = None,
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)
    why = _reason(shell, reason, reason_file)

    async def work(office: Office) -> None:
        ids = await office.tip_id(tip), await office.tip_id(other)
        await link(office, *ids, why, despite=despite_warnings)

    shell.at_work(work)
    shell.print(shell.say("link.done"))


def unlink_tips(
    context: typer.Context,
    tip: TipArgument,
    other: Other,
    reason: Reason = "",
    reason_file: ReasonFile = None,
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)
    why = _reason(shell, reason, reason_file)

    async def work(office: Office) -> None:
        tip_id = await office.tip_id(tip)
        found = await linked(office, await office.read(tip_id))
        named = [each.link.other for each in found if each.link.other.startswith(other.lower())]
        if len(named) != 1:
            raise Mistaken("link.none")
        await unlink(office, tip_id, named[0], why, despite=despite_warnings)

    shell.at_work(work)
    shell.print(shell.say("link.undone"))


def list_links(context: typer.Context, tip: TipArgument, json: Json = False) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> tuple[tuple[Linked, ...], Trust]:
        reading = await office.read(await office.tip_id(tip))
        return await linked(office, reading), await office.trust()

    found, trust = shell.at_work(work)
    if json:
        shell.json({"links": [_as_json(each) for each in found]})
        return
    if not found:
        shell.print(shell.say("link.empty"))
    for each in found:
        title = shell.say("link.shut") if each.row is None else present.title(shell.words, each.row)
        day = days.say_day(each.link.day, shell.words.language)
        name = trust.signers.name(each.link.officer)
        shell.print(calm_line(f"{each.link.other[:8]} · {title} · {name} · {day}"))
        shell.print("  " + calm_line(each.link.reason), "dim")


def _as_json(each: Linked) -> dict[str, object]:
    return {
        "tip_id": each.link.other,
        "is_open": each.row is not None,
        "officer": each.link.officer,
        "day": each.link.day,
        "reason": each.link.reason,
    }


def _reason(shell: Shell, reason: str, file: Path | None) -> str:
    why = given(shell, reason, file)
    if not why.strip():
        raise Mistaken("link.needs_reason")
    return why
