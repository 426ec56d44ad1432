"""extend: more time for a tip, told to its reporter."""

from typing import Annotated

import typer

from console.commands.tips import (
    Despite,
    Reason,
    ReasonFile,
    Sentence,
    TipArgument,
    WordsFile,
    given,
)
from console.days import say_day
from console.extending import extend
from console.office import Office
from console.shell import shell_of


def register(app: typer.Typer) -> None:
    app.command("extend", help="more time for a tip · ขยายเวลา")(extend_tip)


def extend_tip(
    context: typer.Context,
    tip: TipArgument,
    until: Annotated[str, typer.Option(help="2027-01-31 (2570-01-31) · ถึงวันที่")],
    reason: Reason = "",
    reason_file: ReasonFile = None,
    sentence: Sentence = "",
    sentence_file: WordsFile = None,
    despite_warnings: Despite = False,
) -> None:
    """Without a sentence the reporter is told the prepared one, in this program's language."""
    shell = shell_of(context)
    told = given(shell, sentence, sentence_file)
    why = given(shell, reason, reason_file)

    async def work(office: Office) -> str:
        tip_id = await office.tip_id(tip)
        return await extend(
            office, tip_id, until, why, told, words=shell.words, despite=despite_warnings
        )

    day = shell.at_work(work)
    shell.print(shell.say("extend.done", day=say_day(day, shell.words.language)))
