"""assign, regrant: a tip to a colleague or from one; and all of somebody's work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from console.assigning import assign
from console.commands.tips import Despite, Json, NoConflict, TipArgument
from console.errors import Mistaken
from console.office import Office
from console.regranting import Outcome, Tally, Wish, leaver_of, regrant
from console.shell import Shell, shell_of

_GOOD = (Outcome.GIVEN, Outcome.HAD, Outcome.ASSIGNED)
_TO_LOOK_AT = (Outcome.STILL_HELD, Outcome.UNSAFE, Outcome.REFUSED)


def register(app: typer.Typer) -> None:
    app.command("regrant", help="let somebody take over · ให้คนใหม่รับงานต่อ")(regrant_tips)
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


def regrant_tips(
    context: typer.Context,
    to: Annotated[str, typer.Option(help="who takes over: name or id · ผู้รับช่วง")],
    leaver: Annotated[
        str | None, typer.Option("--from", help="who leaves: name or id · ผู้ที่ลาออก")
    ] = None,
    centre: Annotated[str | None, typer.Option(help="all tips of this centre · ทั้งศูนย์")] = None,
    guests: Annotated[
        bool,
        typer.Option("--guests", help="also tips of centres that are not theirs · รวมศูนย์อื่น"),
    ] = False,
    no_conflict: NoConflict = False,
    despite_warnings: Despite = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="only count · ลองนับก่อน")] = False,
    json: Json = False,
) -> None:
    shell = shell_of(context)
    if leaver is None and centre is None:
        raise Mistaken("regrant.which")
    tally = Tally()

    async def work(office: Office) -> None:
        trust = await office.trust()
        newcomer = trust.find(to)
        left = None if leaver is None else leaver_of(trust, leaver)
        if left == newcomer.id:
            raise Mistaken("regrant.same")
        wish = Wish(
            newcomer,
            left,
            centre,
            is_dry=dry_run,
            has_guests=guests,
            is_conflict_free=no_conflict,
            despite=despite_warnings,
        )
        with _bar(shell, tally) as step:
            await regrant(office, wish, tally, step)

    try:
        shell.at_work(work)
    except BaseException:  # also Ctrl-C: what was done is said, and the rest is for the next run
        if tally.looked_at:
            _say_tally(shell, tally, json=json)
            shell.tell(shell.say("regrant.again"), "yellow")
        raise
    _say_tally(shell, tally, json=json)
    if dry_run:
        shell.tell(shell.say("recovery.dry"))
    if tally.has(Outcome.UNSAFE):
        raise typer.Exit(5)
    if tally.has(Outcome.STILL_HELD, Outcome.REFUSED):
        raise typer.Exit(4)


@contextmanager
def _bar(shell: Shell, tally: Tally) -> Iterator[Callable[[], None]]:
    """A bar that follows *tally*."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=shell.err, transient=True) as bars:
        task = bars.add_task(shell.say("regrant.looking"), total=None)
        yield lambda: bars.update(task, completed=tally.looked_at, total=tally.total)


def _say_tally(shell: Shell, tally: Tally, *, json: bool) -> None:
    if json:
        shell.json(
            {
                "total": tally.total,
                "looked_at": tally.looked_at,
                "not_meant": tally.not_meant,
                **{str(outcome): tips for outcome, tips in tally.tips.items()},
            }
        )
        return
    shell.print(shell.say("regrant.looked_at", n=tally.looked_at, total=tally.total))
    for outcome, tips in tally.tips.items():
        if tips:
            says = shell.say(f"regrant.{outcome}", n=len(tips))
            shell.print(says, "" if outcome in _GOOD else "yellow")
        if outcome in _TO_LOOK_AT and tips:
            shell.print("    " + " ".join(tip_id[:8] for tip_id in tips))
