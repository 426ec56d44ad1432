"""close, decline, refer-out, templates: how a tip ends, and prepared words."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from console import closing
from console.bodies import Body, outside
from console.calm import calm, calm_line
from console.commands.tips import (
    Despite,
    Json,
    Reason,
    ReasonFile,
    Sentence,
    TipArgument,
    WordsFile,
    given,
)
from console.endings import ENDS
from console.errors import Mistaken
from console.office import Office
from console.reply_templates import REFER_OUT, REPLY, filled, referral, templates_for
from console.results import Result, results_for
from console.shell import Shell, shell_of
from console.words import LANGUAGES

ResultOption = Annotated[
    str,
    typer.Option(
        help=", ".join(
            dict.fromkeys(each.id for status in sorted(ENDS) for each in results_for(status))
        )
        + " · ผลของเรื่อง"
    ),
]


def register(app: typer.Typer) -> None:
    app.command("close", help="close a tip with its result · ปิดเรื่องพร้อมผล")(close)
    app.command("decline", help="do not take a tip up · ไม่รับเรื่อง")(decline)
    app.command("refer-out", help="refer a tip to a body outside · ส่งต่อหน่วยงานภายนอก")(refer_out)
    app.command("templates", help="prepared words to reporters · ข้อความสำเร็จรูป")(templates)


def close(
    context: typer.Context,
    tip: TipArgument,
    result: ResultOption = "",
    reason: Reason = "",
    reason_file: ReasonFile = None,
    sentence: Sentence = "",
    sentence_file: WordsFile = None,
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)
    why, told = given(shell, reason, reason_file), given(shell, sentence, sentence_file)
    _end(shell, tip, "closed", result, why, told, despite=despite_warnings)


def decline(
    context: typer.Context,
    tip: TipArgument,
    result: ResultOption = "",
    reason: Reason = "",
    reason_file: ReasonFile = None,
    sentence: Sentence = "",
    sentence_file: WordsFile = None,
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)
    why, told = given(shell, reason, reason_file), given(shell, sentence, sentence_file)
    _end(shell, tip, "declined", result, why, told, despite=despite_warnings)


def _end(
    shell: Shell, tip: str, status: str, result: str, why: str, told: str, *, despite: bool
) -> None:
    closing.find_result(status, result)

    async def work(office: Office) -> Result:
        tip_id = await office.tip_id(tip)
        return await closing.end(
            office, tip_id, status, result, why, told, despite=despite, is_sure=despite
        )

    chosen = shell.at_work(work).name(shell.words.language)
    label = shell.words.label("status", status)
    shell.print(shell.say("close.done", status=label, result=chosen))
    shell.print(shell.say("close.reporter_next"), "dim")


def refer_out(
    context: typer.Context,
    tip: TipArgument,
    to: Annotated[str, typer.Option(help=", ".join(each.id for each in outside()) + " · หน่วยงาน")],
    reason: Reason = "",
    reason_file: ReasonFile = None,
    sentence: Annotated[
        str,
        typer.Option(
            help="what the reporter reads; left out: prepared words · ไม่ใส่ = ข้อความสำเร็จรูป"
        ),
    ] = "",
    sentence_file: WordsFile = None,
    sentence_language: Annotated[
        str, typer.Option(help="of the prepared words: th or en · ภาษาของข้อความสำเร็จรูป")
    ] = LANGUAGES[0],
    despite_warnings: Despite = False,
) -> None:
    shell = shell_of(context)
    why, told = given(shell, reason, reason_file), given(shell, sentence, sentence_file)
    body = closing.find_body(to)

    async def work(office: Office) -> Body:
        tip_id = await office.tip_id(tip)
        prepared = templates_for(shell.folder.path, REFER_OUT)
        said = told
        if not told.strip():
            said = await filled(office, tip_id, referral(prepared, body, sentence_language), body)
        return await closing.refer_out(
            office, tip_id, to, why, said, despite=despite_warnings, is_sure=despite_warnings
        )

    name = shell.at_work(work).called(shell.words.language)
    shell.print(shell.say("refer_out.done", body=name))


def templates(
    context: typer.Context,
    language: Annotated[str | None, typer.Option(help="th, en")] = None,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    if language is not None and language not in LANGUAGES:
        raise Mistaken("templates.no_language", known=", ".join(LANGUAGES))
    found = [
        each
        for use in (REPLY, REFER_OUT)
        for each in templates_for(shell.folder.path, use)
        if language in (None, each.language)
    ]
    if json:
        shell.json(
            {
                "templates": [
                    {
                        "id": each.id,
                        "language": each.language,
                        "use": each.use,
                        "title": each.title,
                        "body": each.body.strip(),
                        "is_own": each.is_own,
                    }
                    for each in found
                ]
            }
        )
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for each in found:
        own = f" · {shell.say('templates.own')}" if each.is_own else ""
        table.add_row(
            Text(each.name, style="bold"), Text(calm_line(each.title) + own), style="none"
        )
        table.add_row("", Text(calm(each.body.strip()), style="dim"))
    shell.out.print(table)
