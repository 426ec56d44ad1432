"""figures: how many tips, of what, from where, with what result; shown, as JSON or CSV."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from console import days
from console.answers import TreeCentre
from console.calm import calm_line
from console.errors import Mistaken, Refused
from console.export_folder import keep_new
from console.figures.asking import ask_network
from console.figures.facts import Fact, Scope, within
from console.figures.naming import measure_name, short_name
from console.figures.own import own_facts
from console.figures.periods import LAST_12, Period, parse_period, say_period
from console.figures.scopes import scopes_of
from console.figures.tables import as_csv, rows_of
from console.figures.tallies import Tally, tallies
from console.office import Office
from console.shell import Shell, shell_of


def register(app: typer.Typer) -> None:
    app.command("figures", help="how many tips, as JSON or CSV too · ตัวเลข")(figures)


def figures(
    context: typer.Context,
    of: Annotated[str | None, typer.Option(help="own | network")] = None,
    period: Annotated[str, typer.Option(help="2026-Q3, 2569, FY2027, 12m, all")] = LAST_12,
    centre: Annotated[str, typer.Option(help="one centre · ศูนย์เดียว")] = "",
    csv: Annotated[Path | None, typer.Option(help="a new file · ไฟล์ใหม่")] = None,
    json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    shell = shell_of(context)
    if of is not None and of not in set(Scope):
        raise Mistaken("figures.bad_scope")
    asked = parse_period(period, days.today())
    if asked is None:
        raise Mistaken("figures.bad_period", period=calm_line(period, 40))
    if csv is not None and csv.exists():
        raise Mistaken("export.exists", path=csv)

    async def work(office: Office) -> tuple[Scope, Sequence[Fact], dict[str, TreeCentre]]:
        open_to = scopes_of(await office.me())
        scope = open_to[0] if of is None else Scope(of)
        if scope not in open_to:
            raise Refused("figures.not_allowed")
        return scope, await _facts(office, scope, asked), dict(await office.centres())

    scope, facts, centres = shell.at_work(work)
    told = within(facts, asked, centre)
    if csv is not None:
        keep_new(csv, as_csv(told, shell.words, centres))
        shell.tell(shell.say("figures.saved", n=len(told), path=csv))
    if json:
        rows = rows_of(told, shell.words, centres)
        span = {"id": asked.id, "first": asked.first, "last": asked.last}
        shell.json({"scope": scope.value, "period": span, "rows": rows})
    elif csv is None:
        _print(shell, scope, asked, told)


async def _facts(office: Office, scope: Scope, period: Period) -> Sequence[Fact]:
    """On the command line no tip is opened for its history: the page says how long things took."""
    if scope is Scope.OWN:
        return own_facts(await office.every_row(), lambda _: None)
    network = await ask_network(office.desk, period, days.today())
    if network is None:
        raise Refused("figures.no_counters")
    return network.facts


def _print(shell: Shell, scope: Scope, period: Period, facts: Sequence[Fact]) -> None:
    shell.print(f"{shell.say(f'figures.scope_{scope.value}')} · {say_period(shell.words, period)}")
    for measure in dict.fromkeys(fact.measure for fact in facts):
        shell.out.print(Text(calm_line(measure_name(shell.words, measure)), style="bold"))
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_column(overflow="fold")
        table.add_column(justify="right")
        for each in tallies(facts, measure):
            table.add_row(
                Text(short_name(shell.words, measure, each.values)), Text(_says(shell, each))
            )
        shell.out.print(table)
    if not facts:
        shell.print(shell.say(f"figures.none_{scope.value}"))


def _says(shell: Shell, told: Tally) -> str:
    return shell.say("figures.at_least", n=f"{told.n:,}") if told.is_least else f"{told.n:,}"
