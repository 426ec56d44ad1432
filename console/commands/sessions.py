"""sessions list, end: where this officer is signed in, as far as the desk knows, and putting an end
to it. Every command has a session of its own while it runs."""

from typing import Annotated

import msgspec
import typer

from console import answers, days
from console.errors import Mistaken
from console.office import Office
from console.shell import shell_of

Json = Annotated[bool, typer.Option("--json")]


def make() -> typer.Typer:
    app = typer.Typer(
        help="your own sign-ins at the desk · การเข้าใช้ของคุณ",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    app.command("list", help="the sessions there are · ดูการเข้าใช้")(list_sessions)
    app.command("end", help="end one, or all others · จบการเข้าใช้")(end)
    return app


def list_sessions(context: typer.Context, json: Json = False) -> None:
    shell = shell_of(context)

    async def work(office: Office) -> answers.Sessions:
        return await office.desk.sessions()

    found = shell.at_work(work).sessions
    if json:
        shell.json({"sessions": msgspec.to_builtins(found)})
        return
    for each in found:
        since = days.say_day(each.since, shell.words.language)
        mark = f" · {shell.say('session.this')}" if each.is_this else ""
        shell.print(shell.say("session.one", id=each.session_id, since=since) + mark)


def end(
    context: typer.Context,
    session: Annotated[str | None, typer.Argument(help="its id, from: sessions list")] = None,
    every: Annotated[bool, typer.Option("--all", help="all but this one · ทั้งหมด")] = False,
) -> None:
    shell = shell_of(context)
    if (session is None) is not every:
        raise Mistaken("session.which")

    async def work(office: Office) -> int:
        if session is not None:
            known = (await office.desk.sessions()).sessions
            if session not in {each.session_id for each in known}:
                raise Mistaken("session.none")
        return await office.desk.end_sessions(session)

    shell.print(shell.say("session.ended", n=shell.at_work(work)))
